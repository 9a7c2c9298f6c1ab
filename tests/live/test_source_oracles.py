"""The source helper against what CPython itself says: imports from bytecode against syntax trees,
users of names against symbol tables, on the standard library and installed packages."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from program import BUILD
from source_helper import library, parts, pythons, run_isolated

TIMEOUT_SECONDS = 600
HERE = Path(__file__).parent
SCAN_STEP = 6  # each so many-th file
SCOPES_STEP = 12
EXCLUDED = {"site-packages", "dist-packages", "test", "tests", "__pycache__", "lib2to3"}
PACKAGES = BUILD / "demo/wwwroot/.python_packages"


def python_files(top):
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(set(folders) - EXCLUDED)
        for name in sorted(names):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def standard_library(executable):
    return subprocess.run([executable, "-c", "import os; print(os.path.dirname(os.__file__))"],
                          capture_output=True, text=True, check=True).stdout.strip()


def sample(executable, step):
    """Some of the standard library's files, and of the demo's packages where it was prepared."""
    files = list(python_files(standard_library(executable)))
    for site in sorted(PACKAGES.glob("lib/*")):
        files += python_files(site / "")
    return files[::step]


def run_oracle(executable, helper, oracle, files):
    text = helper + (HERE / oracle).read_text(encoding="utf-8")
    return json.loads(run_isolated(executable, text, b"".join(os.fsencode(path) + b"\0"
                                                              for path in files)))


class Oracles(unittest.TestCase):
    def test_imports_of_bytecode_are_those_of_the_syntax_tree(self):
        scan = parts()[0].read_text(encoding="utf-8")
        for version, executable in pythons():
            with self.subTest(version=version):
                compared, differences = run_oracle(executable, scan, "import_oracle.py",
                                                   sample(executable, SCAN_STEP))
                self.assertGreater(compared, 50)
                self.assertEqual(differences, [])

    def test_users_of_names_are_those_of_the_symbol_tables(self):
        for version, executable in pythons():
            if version < (3, 9):  # it can't write a syntax tree as source again
                continue
            with self.subTest(version=version):
                files, names, differences = run_oracle(executable, library(), "scope_oracle.py",
                                                       sample(executable, SCOPES_STEP))
                self.assertGreater(files, 25)
                self.assertGreater(names, 200)
                self.assertEqual(differences, [])


if __name__ == "__main__":
    unittest.main()
