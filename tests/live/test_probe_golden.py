"""The golden files of tests/unit/test_python_probes.c against CPython itself: every interpreter that
is here writes a fresh one, which must expect the same, and the probes' code must read it the same.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from debian_python import SUITES, debian_pythons
from program import BUILD, REPOSITORY
from pythons import SUPPORTED, machine_pythons

TIMEOUT_SECONDS = 600  # the first run fetches Pythons
GOLDEN = REPOSITORY / "tests/golden/python"
SCRIPT = REPOSITORY / "tests/live/make_probe_golden.py"
PROBES = BUILD / "tests/unit/test_python_probes"
LARGEST_BYTES = 8192


def expectations(text):
    """What is called and said, without where it lies."""
    lines = [line for line in text.splitlines() if not line.startswith(("#", "at "))]
    return [re.sub(r"=[0-9a-f]+", "", line) for line in lines]


def fresh(python):
    """What the interpreter writes of itself; None when it was built without ctypes."""
    with open(SCRIPT, "rb") as script:
        answer = subprocess.run([*python.command, "-I", "-"], stdin=script, capture_output=True,
                                timeout=60, check=False)
    if b"No module named '_ctypes'" in answer.stderr:
        return None
    if answer.returncode:
        raise AssertionError(f"{python}: {answer.stderr.decode()}")
    return answer.stdout.decode()


def probes_read(text):
    """The output of the replay of that file, "" when all of it is as expected."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        run = subprocess.run([str(PROBES), file.name], capture_output=True, text=True, timeout=60,
                             cwd=REPOSITORY, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr


class ProbeGolden(unittest.TestCase):
    def check(self, pythons):
        for python in pythons:
            with self.subTest(str(python)):
                text = fresh(python)
                if text is None:
                    continue
                golden = Path(GOLDEN, f"3.{python.minor}.txt").read_text(encoding="utf-8")
                self.assertEqual(expectations(text), expectations(golden))
                if os.access(PROBES, os.X_OK):  # check-live alone does not build it
                    self.assertEqual(probes_read(text), "")

    def test_pythons_of_this_machine(self):
        self.check(machine_pythons())

    def test_debians(self):
        missing = []
        for minor in SUITES:
            try:
                self.check(debian_pythons(minor))
            except unittest.SkipTest as skip:
                missing.append(str(skip))
        if len(missing) == len(SUITES):
            self.skipTest("; ".join(missing))

    def test_each_version_has_a_small_file(self):
        self.assertEqual({path.name for path in GOLDEN.glob("*.txt")},
                         {f"3.{minor}.txt" for minor in SUPPORTED})
        for path in GOLDEN.glob("*.txt"):
            self.assertLess(path.stat().st_size, LARGEST_BYTES, path)


if __name__ == "__main__":
    unittest.main()
