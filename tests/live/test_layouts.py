"""The layout rows against CPython itself: its headers where they are installed, and every
interpreter found reading its own objects by its row.

Interpreters: see pythons.interpreter_paths(); THAW_PYTHONS names more (paths joined by ":").
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY
from pythons import interpreters

TIMEOUT_SECONDS = 300
HERE = REPOSITORY / "tests/live"
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")


def run(*command):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60)


def read_rows(text):
    rows = {}
    for line in text.splitlines():
        name, value = line.split()
        minor, _, member = name.rpartition(".")
        rows.setdefault(int(minor or 0), {})[member or name] = int(value)
    return rows


@unittest.skipUnless(COMPILER, "no C compiler")
class Layouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.interpreters = list(interpreters())
        program = cls.build("rows", REPOSITORY / "include", REPOSITORY / "src",
                            sources=[HERE / "layout_rows.c", REPOSITORY / "src/python/layouts.c"])
        cls.rows = read_rows(run(program).stdout)

    @classmethod
    def build(cls, name, *includes, sources):
        program = Path(cls.folder.name, name)
        built = run(COMPILER, "-w", *(f"-I{folder}" for folder in includes), "-o", program, *sources)
        if built.returncode:
            raise AssertionError(built.stderr)
        return program

    def supported(self):
        found = [each for each in self.interpreters if each[1] in self.rows]
        if not found:
            self.skipTest("no supported Python on this machine")
        return found

    def test_rows_agree_with_the_headers(self):
        compared = set()
        for path, minor, include in self.supported():
            if not (include / "Python.h").exists():
                continue
            with self.subTest(str(path)):
                program = self.build(f"offsets-{minor}", include,
                                     sources=[HERE / "layout_offsets.c"])
                expected = {line.split()[0]: int(line.split()[1])
                            for line in run(program).stdout.splitlines()}
                self.assertGreater(len(expected), 10)
                found = {name: self.rows[minor][name] for name in expected}
                self.assertEqual(found, expected)
                compared.add(minor)
        if not compared:
            self.skipTest("no headers of a supported Python on this machine")

    def test_interpreters_read_themselves_by_their_row(self):
        for path, minor, _ in self.supported():
            with self.subTest(str(path)):
                answer = run(path, "-I", HERE / "layout_self_reading.py",
                             json.dumps(self.rows[minor]))
                if "No module named '_ctypes'" in answer.stderr:
                    continue
                self.assertEqual((answer.returncode, answer.stderr), (0, ""))

    def test_a_wrong_row_is_noticed(self):
        path, minor, _ = self.supported()[0]
        for member in ("code_name", "text_ascii_data", "keys_indices"):
            with self.subTest(member):
                row = dict(self.rows[minor])
                row[member] += 8
                answer = run(path, "-I", HERE / "layout_self_reading.py", json.dumps(row))
                self.assertNotEqual(answer.returncode, 0)


if __name__ == "__main__":
    unittest.main()
