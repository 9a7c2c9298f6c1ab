"""Golden tests: a recording in text form in, the JSON report out.

Each folder here is a case: recording.txt (its first lines say what it is about), or importtime.log
for what `python -X importtime` wrote, and expected.json.
THAW_GOLDEN_UPDATE=1 rewrites every expected.json from what thaw says now; read the difference
before committing it: a golden file is an answer worked out by hand, not a dump.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "harness"))
import report_rules  # noqa: E402

THAW = Path(os.environ.get("THAW_BUILD", HERE.parents[1] / "build")) / "thaw"
UPDATE = os.environ.get("THAW_GOLDEN_UPDATE") == "1"
MOST_DIFFERENCES = 40
LOG = "importtime.log"
TIMEOUT_SECONDS = 300
CASES = sorted([*HERE.glob("*/recording.txt"), *HERE.glob(f"*/{LOG}")])


def report_of(recording):
    """The report of a file, which is named as its folder sees it: the report of a log has the name."""
    options = ["--from", "importtime"] if recording.name == LOG else []
    run = subprocess.run([THAW, "report", recording.name, "--json", *options], capture_output=True,
                         text=True, timeout=60, cwd=recording.parent)
    if run.returncode != 0:
        raise AssertionError(f"thaw report: exit status {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def name_of(item):
    """What a person would call an item of a list: "[412 pandas]" is found faster than "[411]"."""
    if not isinstance(item, dict):
        return ""
    return "".join(f" {item[key]}" for key in ("name", "cause", "what") if item.get(key))


def differences(expected, actual, place="report"):
    """Lines "place: expected …, got …", for each value that differs."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in expected.keys() | actual.keys():
            here = f"{place}.{key}"
            if key not in actual:
                yield f"{here}: expected {json.dumps(expected[key])}, is missing"
            elif key not in expected:
                yield f"{here}: not expected, is {json.dumps(actual[key])}"
            else:
                yield from differences(expected[key], actual[key], here)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{place}: expected {len(expected)} items, got {len(actual)}"
        for i, (left, right) in enumerate(zip(expected, actual)):
            yield from differences(left, right, f"{place}[{i}{name_of(left)}]")
    elif expected != actual or type(expected) is not type(actual):
        yield f"{place}: expected {json.dumps(expected)}, got {json.dumps(actual)}"


class Golden(unittest.TestCase):
    def check(self, recording):
        case = recording.parent
        actual = report_of(recording)
        expected = case / "expected.json"
        self.assertEqual(report_rules.problems(actual), [])
        if UPDATE:
            expected.write_text(json.dumps(actual, indent=1, ensure_ascii=False) + "\n",
                                encoding="utf-8")
        found = sorted(differences(json.loads(expected.read_text(encoding="utf-8")), actual))
        if found:
            rest = len(found) - MOST_DIFFERENCES
            lines = found[:MOST_DIFFERENCES] + ([f"… and {rest} more"] if rest > 0 else [])
            self.fail(f"{case.name}: {len(found)} differences\n" + "\n".join(lines))

    def test_text_form_gives_the_same_report(self):
        """A recording written as text and read back is the same recording."""
        for recording in CASES:
            options = ["--from", "importtime"] if recording.name == LOG else []
            with self.subTest(recording.parent.name):
                text = subprocess.run([THAW, "report", recording.name, "-f", "text", *options],
                                      capture_output=True, check=True, timeout=60,
                                      cwd=recording.parent).stdout
                copy = Path(self.folder.name) / "copy.txt"
                copy.write_bytes(text)
                self.assertEqual(list(differences(report_of(recording), report_of(copy))), [])

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)


def add_case(recording):
    def test(self):
        self.check(recording)
    setattr(Golden, f"test_{recording.parent.name.replace('-', '_')}", test)


for recording_file in CASES:
    add_case(recording_file)


if __name__ == "__main__":
    unittest.main()
