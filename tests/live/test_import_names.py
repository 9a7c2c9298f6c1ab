"""Imported names that are read from source as text, against Python's own syntax trees: the standard
library, and packages that are installed for the tests."""

import ast
import os
import subprocess
import sysconfig
import tempfile
import unittest
import warnings
from pathlib import Path

from live_program import built
from site_packages import site_packages

FEWEST = 1200
LONGEST_NAME = 255
STEP = 6  # each so many-th file of the packages


def python_files(top):
    for folder, folders, names in os.walk(top):
        folders.sort()
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def names_in(tree):
    """The names in the statements' order, which is that of the text."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += ((alias.lineno, alias.col_offset, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node.lineno, node.col_offset, node.module))
            found += ((alias.lineno, alias.col_offset, f"{node.module}.{alias.name}?")
                      for alias in node.names if alias.name != "*")
    return [name for _, _, name in sorted(found) if len(name.rstrip("?")) <= LONGEST_NAME]


def syntax_tree(path):
    """None: this Python can't read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(Path(path).read_bytes())
        except (SyntaxError, ValueError, RecursionError):
            return None


class ImportNames(unittest.TestCase):
    def test_names_are_those_of_the_syntax_trees(self):
        packages = list(python_files(site_packages(11).folder))
        files = [*python_files(sysconfig.get_path("stdlib")), *packages[::STEP]]
        with tempfile.TemporaryDirectory() as folder:
            program = built(folder, "import_names_dump.c")
            text = subprocess.run([program], input="\n".join(files), capture_output=True,
                                  encoding="utf-8", errors="surrogateescape", timeout=100,
                                  check=True).stdout
        compared, imported = 0, 0
        lines = text.removesuffix("\n").split("\n")
        self.assertEqual([line.split("\t")[0] for line in lines], files)
        for path, *names in (line.split("\t") for line in lines):
            tree = syntax_tree(path)
            if tree is not None:
                compared += 1
                imported += len(names)
                self.assertEqual(names, names_in(tree), path)
        self.assertGreater(compared, FEWEST)
        self.assertGreater(imported, 4 * FEWEST)


if __name__ == "__main__":
    unittest.main()
