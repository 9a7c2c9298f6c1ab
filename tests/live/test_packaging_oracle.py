"""src/packaging against the library `packaging`, pip's reader of requirements files and the standard
library: thousands of generated versions, specifiers, markers, requirements, tags, requirements
files, METADATA, requires.txt and RECORD."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from packaging_library import packaging_library
from program import BUILD, REPOSITORY

TIMEOUT_SECONDS = 300
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
COUNT = 1000  # of each share: 29,000 questions in all
SHOWN = 10


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
        try:
            library, python = packaging_library()
        except RuntimeError as error:
            raise unittest.SkipTest(str(error)) from None
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
