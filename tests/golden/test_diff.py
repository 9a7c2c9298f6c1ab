"""Golden tests of `thaw diff`: two reports in, the comparison out.

Each folder of diff/ is a case: case.json says what it is about and which keys its two reports have
beside those of EMPTY; expected.json is the comparison, without the side's names. THAW_GOLDEN_UPDATE=1
rewrites it: read the difference before committing it, it is an answer worked out by hand.
"""

import copy
import json
import os
import re
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

HERE = Path(__file__).parent
UPDATE = os.environ.get("THAW_GOLDEN_UPDATE") == "1"
SCHEMAS = REPOSITORY / "reports/schema"
REPORT = Draft202012Validator(json.loads((SCHEMAS / "thaw-report-1.schema.json").read_text()))
SCHEMA = json.loads((SCHEMAS / "thaw-diff-1.schema.json").read_text())
DIFF = Draft202012Validator(SCHEMA)
FULL = json.loads((HERE / "full_report.json").read_text(encoding="utf-8"))
LISTS = ("requirements", "distributions", "libraries", "missing", "duplicates", "conflicts",
         "foreign", "folders")
OPPOSITE = {"came": "went", "went": "came", "before": "after", "after": "before"}

# What a report of a target without anything in it has.
EMPTY = {
    "schema": "thaw-report/1", "tool": {"name": "thaw", "version": "0.1.0"}, "complete": True,
    "losses": [], "not_visible": [], "machine": None, "run": None, "processes": [], "tracks": [],
    "modules": [], "invocations": [], "findings": [],
    "target": {"path": "app", "kind": "app", "signs": [], "sites": ["site"], "folders_read": [],
               "python": {"version": "3.11", "full_version": None, "implementation": "cpython",
                          "machine": "x86_64", "machine_assumed": False, "executable": None,
                          "evidence": "assumed"}},
    "totals": {"bytes": 0, "disk_bytes": 0, "files": 0, "directories": 1, "links": 0, "special": 0,
               "kinds": {}, "unowned": {"files": 0, "bytes": 0, "disk_bytes": 0},
               "app": {"files": 0, "bytes": 0, "disk_bytes": 0}},
    "folders": [], "distributions": [], "requirements": [], "conflicts": [], "foreign": [],
    "libraries": [], "duplicates": [], "faults": [], "faults_more": 0, "limits": [],
    "path_files": [],
}

# What the items of a case need not say.
DEFAULTS = {
    "distributions": {"version": "1", "location": "site", "files": 1, "requires": [], "why": []},
    "requirements": {"file": "requirements.txt", "name": None, "applies": True, "unreadable": False,
                     "pinned": False, "hashed": False, "installed": None, "satisfied": True,
                     "constraint": False},
    "conflicts": {"distribution": None, "other": None, "where": None},
    "foreign": {"distribution": None},
    "libraries": {"distribution": None, "build_id": None, "outside": False, "needed": []},
    "duplicates": {"winner": None},
    "folders": {"distribution": None, "files": 1},
}


def report_of(part):
    """A whole report; disk_bytes are bytes where nothing else is said."""
    report = copy.deepcopy(EMPTY)
    for key, value in part.items():
        if isinstance(value, dict) and isinstance(report.get(key), dict):
            report[key].update(value)
        elif key in DEFAULTS and isinstance(value, list):
            report[key] = [{**DEFAULTS[key], **item} for item in value]
        else:
            report[key] = value
    for key in ("distributions", "folders"):
        for item in report[key] if isinstance(report[key], list) else ():
            item.setdefault("disk_bytes", item["bytes"])
    return {key: value for key, value in report.items() if value != "absent"}


def in_order(value):
    return json.dumps(value, sort_keys=True)


def mirrored(diff):
    """What the comparison is the other way round, but for the order of lists and for what takes one
    side's word: the name, the reason."""
    def turn(value):
        if isinstance(value, list):
            return sorted((turn(item) for item in value), key=in_order)
        if not isinstance(value, dict):
            return value
        turned = {}
        for key, item in value.items():
            if key in ("name", "path", "why", "direct", "required_by", "cause", "text", "file",
                       "line", "wanted_by",
                       "distribution") or key.endswith("name_bytes"):
                continue
            if key.endswith("change") and isinstance(item, int):
                item = -item
            turned[{"before": "after", "after": "before"}.get(key, key)] = \
                OPPOSITE.get(item, item) if isinstance(item, str) else turn(item)
        return turned
    return turn(diff)


def plain(value):
    """The same without turning, for comparing."""
    if isinstance(value, list):
        return sorted((plain(item) for item in value), key=in_order)
    if not isinstance(value, dict):
        return value
    return {key: plain(item) for key, item in value.items()
            if key not in ("name", "path", "why", "direct", "required_by", "cause", "text", "file",
                           "line", "wanted_by", "distribution") and not key.endswith("name_bytes")}


def sorted_keys(value):
    return json.loads(json.dumps(value, sort_keys=True))


class Diffs(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not Path(THAW).exists():
            raise unittest.SkipTest(f"{THAW} is not built")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name)

    def write(self, name, report):
        path = self.scratch / name
        path.write_text(json.dumps(report), encoding="utf-8")
        return path

    def diff(self, before, after):
        result = run_thaw("diff", self.write("before.json", before),
                          self.write("after.json", after), "--json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.isascii())
        diff = json.loads(result.stdout)
        self.assertEqual([f"{list(error.path)}: {error.message[:200]}"
                          for error in DIFF.iter_errors(diff)], [])
        for side in ("before", "after"):
            self.assertEqual(diff[side].pop("name"), str(self.scratch / f"{side}.json"))
            for run in diff[side]["runs"]:
                self.assertEqual(run.pop("name"), str(self.scratch / f"{side}.json"))
        return diff

    def shown(self, before, after, *options):
        result = run_thaw("diff", self.write("before.json", before),
                          self.write("after.json", after), "--color", "never", *options, text=False)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertFalse([byte for byte in result.stdout if byte < 32 and byte != 10])
        text = result.stdout.decode()
        self.assertNotIn("\u202e", text)
        return text


class Golden(Diffs):
    def check(self, case):
        parts = json.loads((case / "case.json").read_text(encoding="utf-8"))
        self.assertTrue(parts.pop("about"))
        before, after = report_of(parts.pop("before")), report_of(parts.pop("after"))
        lines = parts.pop("shown", [])
        self.assertEqual(parts, {})
        for report in (before, after):
            self.assertEqual([f"{list(error.path)}: {error.message[:200]}"
                              for error in REPORT.iter_errors(report)], [])
        diff = self.diff(before, after)
        expected = case / "expected.json"
        if UPDATE:
            expected.write_text(json.dumps(diff, indent=1) + "\n", encoding="utf-8")
        self.assertEqual(sorted_keys(diff), sorted_keys(json.loads(expected.read_text())))
        self.assertEqual(sorted_keys(plain(self.diff(after, before))), sorted_keys(mirrored(diff)))
        text = re.sub(r" +", " ", self.shown(before, after))
        for line in lines:
            self.assertIn(line, text)


def add_case(case):
    def test(self):
        self.check(case)
    setattr(Golden, f"test_{case.name.replace('-', '_')}", test)


for case_file in sorted(HERE.glob("diff/*/case.json")):
    add_case(case_file.parent)


class Rules(Diffs):
    def test_a_report_is_like_itself(self):
        """All that is told of one report and itself is that nothing changed."""
        for path in (HERE / "full_report.json", *sorted(HERE.glob("*/expected.json"))):
            with self.subTest(path.parent.name):
                report = json.loads(path.read_text(encoding="utf-8"))
                diff = self.diff(report, report)
                for key in LISTS:
                    self.assertFalse(diff[key], key)
                if report["distributions"] is not None:
                    self.assertEqual(diff["distributions_same"], len(report["distributions"]))
                else:
                    self.assertIsNone(diff["distributions"])

    def test_top_limits_the_lists_of_the_terminal(self):
        many = [{"name": f"d{i:02}", "bytes": 4096 * (i + 1)} for i in range(40)]
        after = report_of({"distributions": many})
        self.assertEqual(len(self.diff(EMPTY, after)["distributions"]), 40)
        for options, rows in (((), 15), (("--top", "3"), 3), (("--top", "100"), 40)):
            text = self.shown(EMPTY, after, *options)
            self.assertEqual(len(re.findall(r"(?m) came +d\d\d", text)), rows)
            self.assertEqual("further distributions" in text, rows < 40)
        self.assertRegex(self.shown(EMPTY, after, "--top", "1"), r"came +d39")

    def test_what_is_no_report_is_one_line(self):
        good = self.write("good.json", EMPTY)
        cases = {
            "no-json": ("{", "line 1"), "other": ('{"schema": "sarif/2"}', "reads thaw-report/1"),
            "none": ('{"a": 1}', 'no "schema"'),
            "twice": ('{"schema": "thaw-report/1", "schema": "thaw-report/1"}', "duplicate"),
            "deep": ('{"schema": ' + "[" * 5000, "line 1"),
            "nul": ('{"schema": "thaw-report/1\\u0000"}', "line 1"),
            "many": ('{"schema": [' + "1," * 3_000_001 + "1]}", "too large"),
        }
        for key, value in (("distributions", 1), ("distributions", [1]), ("libraries", {}),
                           ("totals", []), ("complete", "yes"), ("faults_more", -1),
                           ("faults_more", 1.5), ("target", None), ("folders", [{}]),
                           ("distributions", [{"name": "a"}]), ("tool", None),
                           ("totals", {"bytes": 1})):
            cases[f"{key} {value}"] = (json.dumps({**EMPTY, key: value}), key)
        long_key = {**EMPTY["totals"], "kinds": {"\x1b[31m": {"files": 1, "bytes": 1,
                                                              "disk_bytes": 1}}}
        cases["kind"] = (json.dumps({**EMPTY, "totals": long_key}), "kinds")
        for name, (text, expected) in cases.items():
            with self.subTest(name):
                path = self.scratch / "bad.json"
                path.write_text(text, encoding="utf-8")
                for operands in ((path, good), (good, path)):
                    result = run_thaw("diff", *operands)
                    self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                    self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                    self.assertIn(expected, result.stderr)

    def test_what_is_not_there_is_one_line(self):
        good = self.write("good.json", EMPTY)
        os.mkfifo(self.scratch / "fifo.json")
        for other in (self.scratch / "absent", self.scratch / "fifo.json", "/dev/null"):
            with self.subTest(str(other)):
                result = run_thaw("diff", good, other, timeout=20)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        result = run_thaw("diff", good)
        self.assertEqual(result.returncode, 2)

    def test_output_goes_to_a_file(self):
        good = self.write("good.json", EMPTY)
        result = run_thaw("diff", good, good, "--json", "-o", self.scratch / "out.json")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(json.loads((self.scratch / "out.json").read_text())["schema"],
                         "thaw-diff/1")
        self.assertEqual(run_thaw("diff", good, good, "-o", "/dev/full").returncode, 125)


class Schema(unittest.TestCase):
    def objects(self):
        yield "diff", SCHEMA
        for name, schema in SCHEMA["$defs"].items():
            if schema["type"] == "object":
                yield name, schema

    def test_is_a_schema_that_the_program_prints(self):
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(json.loads(run_thaw("schema", "diff").stdout), SCHEMA)
        self.assertEqual(run_thaw("schema", "dif").returncode, 2)

    def test_every_object_is_closed_and_documented(self):
        for name, schema in self.objects():
            with self.subTest(name):
                self.assertIs(schema["additionalProperties"], False)
                self.assertLessEqual(set(schema["required"]), set(schema["properties"]))
                for key, one in schema["properties"].items():
                    self.assertTrue(one["description"].endswith("."), key)
                    if key.split("_")[-1] == "bytes":
                        self.assertRegex(one["description"], r"(?i)\bbytes\b")

    def test_every_key_is_in_some_case(self):
        seen = set()

        def walk(value):
            for item in value.values() if isinstance(value, dict) else value:
                if isinstance(item, (dict, list)):
                    walk(item)
            if isinstance(value, dict):
                seen.update(value)
        # what only sets of trials and further workers have is in full_diff.json, and made and
        # compared in test_cold_diff.py
        for path in (*HERE.glob("diff/*/expected.json"), *HERE.glob("cold-diff/*/expected.json"),
                     HERE / "full_diff.json"):
            walk(json.loads(path.read_text(encoding="utf-8")))
        known = {key for _, schema in self.objects() for key in schema["properties"]}
        self.assertEqual(known - seen, set())


if __name__ == "__main__":
    unittest.main()
