"""src/packaging against the library `packaging` (and pip's reader of requirements files): thousands
of generated versions, specifiers, markers, requirements, tags and requirements files."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program import BUILD, REPOSITORY
from site_packages import CACHE, locked, pip_install, run

TIMEOUT_SECONDS = 300
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
LOCK_FILE = REPOSITORY / "tests/live/packaging.txt"
COUNT = 500  # of 26 shares; a share's questions are the same however many there are
SHOWN = 20


def packaging_library():
    """The folder of the library `packaging`, and the interpreter of the environment with pip."""
    words, folder = pip_install(), CACHE / "packaging"
    with locked(CACHE / "packaging.lock"):
        stamp = folder / LOCK_FILE.name
        if not stamp.exists() or stamp.read_text() != LOCK_FILE.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            result = run([*words, "--no-deps", "--require-hashes", "--only-binary=:all:",
                          "--target", str(folder), "-r", str(LOCK_FILE)])
            if result.returncode:
                raise unittest.SkipTest(f"packaging can't be installed: {result.stderr[-200:]}")
            shutil.copyfile(LOCK_FILE, stamp)
    return folder, words[0]


def comparable(question, answer):
    """The parts of an answer that have several spellings in one form."""
    if question[0] != "requirement" or answer is None:
        return answer
    specifiers = sorted({re.sub(r"\s", "", part) for part in answer["specifiers"].split(",")
                         if part.strip()})
    return {**answer, "extras": sorted(set(answer["extras"])), "specifiers": specifiers,
            "marker": bool(answer["marker"])}


@unittest.skipUnless(COMPILER, "no C compiler")
@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is not built")
class PackagingOracle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.program = os.path.join(folder.name, "dump")
        subprocess.run([COMPILER, "-std=gnu17", "-D_GNU_SOURCE", f"-I{REPOSITORY}/include",
                        f"-I{REPOSITORY}/src", "-o", cls.program,
                        REPOSITORY / "tests/live/packaging_dump.c", LIBRARY, "-ljansson"],
                       check=True, timeout=60)
        library, python = packaging_library()
        asked = subprocess.run([python, "-B", REPOSITORY / "tests/live/packaging_oracle.py",
                                library, str(COUNT)], check=True, text=True,
                               stdin=subprocess.DEVNULL, capture_output=True,
                               timeout=TIMEOUT_SECONDS)
        cls.cases = [json.loads(line) for line in asked.stdout.splitlines()]

    def test_every_answer_is_that_of_the_library(self):
        questions = "".join(json.dumps(question) + "\n" for question, _ in self.cases)
        result = subprocess.run([self.program], input=questions, check=True, text=True,
                                capture_output=True, timeout=TIMEOUT_SECONDS)
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(self.cases))
        wrong, counts = [], collections.Counter()
        for (question, expected), answer in zip(self.cases, answers):
            counts[question[0], json.dumps(expected) if expected in (None, True, False, -1)
                   else "text"] += 1
            if comparable(question, answer) != comparable(question, expected):
                wrong.append(f"{question}: {answer}, the library says {expected}")
        print(f"# {len(answers)} answers: " + ", ".join(
            f"{kind} {answer} {count}" for (kind, answer), count in sorted(counts.items())),
              file=sys.stderr)
        self.assertFalse(wrong, f"{len(wrong)} of {len(answers)}:\n" + "\n".join(wrong[:SHOWN]))
        # A generator that always gives the same answer would prove nothing.
        for kind, answer in (("valid", "true"), ("valid", "false"), ("compare", "0"),
                             ("fits", "true"), ("fits", "false"), ("fits", "null"),
                             ("marker", "true"), ("marker", "false"), ("marker", "null"),
                             ("requirement", "text"), ("requirement", "null"),
                             ("tag", "true"), ("tag", "false"), ("file", "text")):
            self.assertGreater(counts[kind, answer], 20, (kind, answer))


if __name__ == "__main__":
    unittest.main()
