"""The report's schema: judged by an independent validator, and reports judged by the schema.

full_report.json holds every key the schema knows, once at least; broken copies of it must be
refused. The validator is Debian's python3-jsonschema.
"""

import copy
import json
import tempfile
import unittest
from pathlib import Path

import report_rules
import schema_walk
from program import REPOSITORY, THAW, run_thaw
from schema_walk import object_schemas, places

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

HERE = Path(__file__).parent
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-report-1.schema.json").read_text())
FULL = json.loads((HERE / "full_report.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

# Bytes that are not UTF-8, escapes, a bidirectional mark, markup, a long name.
RECORDING = r"""thaw-recording-text 1
1_000_000 session.begin backend="ebpf" cpus=2 command=["python3","\xff\x80.py","</script>"] \
 until="exit" platform="auto" realtime_ns=1795402800000000000 tool_version="0.1.0"
1_000_001 probe name="python.find_and_load" target="/opt/\xfe" status="failed" reason="\x1b[31m"
1_100_000 process.fork pid=7 tid=7 parent=1
1_200_000 process.exec pid=7 tid=7 executable="/opt/\xe2\x82/python3.11"
1_300_000 interpreter pid=7 tid=7 executable="/opt/\xe2\x82/python3.11" version="3.11"
2_000_000 import.begin pid=7 tid=7 name="m\xfc\u202e" stack=1000
2_100_000 body.begin pid=7 tid=7 name="m\xfc\u202e" file="/srv/m\xfc.py" stack=900
2_200_000 import.begin pid=7 tid=7 name="LONG" stack=800
2_500_000 import.end pid=7 tid=7 stack=800 failed=1
3_000_000 import.end pid=7 tid=7 stack=1000
4_000_000 loss cause="\xff" count=3 what="two\nlines"
9_000_000 process.exit pid=7 tid=7 code=1
9_900_000 session.end reason="exit" exit_status=1
""".replace(" \\\n", "").replace("LONG", "a" * 240)


def errors(report):
    return [f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in VALIDATOR.iter_errors(report)]


def changed(path, change):
    """Of the full report."""
    return schema_walk.changed(FULL, path, change)


def golden_reports():
    return sorted(HERE.glob("*/expected.json"))


def golden_recordings():
    return sorted(path for path in HERE.glob("*/recording*") if path.is_file())


class Schema(unittest.TestCase):
    def test_is_a_schema(self):
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(SCHEMA["$schema"], "https://json-schema.org/draft/2020-12/schema")

    def test_every_object_is_closed(self):
        for name, schema in object_schemas(SCHEMA, "report"):
            with self.subTest(name):
                self.assertIs(schema["additionalProperties"], False)
                self.assertLessEqual(set(schema["required"]), set(schema["properties"]))

    def test_every_property_is_documented(self):
        for name, schema in object_schemas(SCHEMA, "report"):
            self.assertTrue(schema["description"])
            for key, property_schema in schema["properties"].items():
                with self.subTest(f"{name}.{key}"):
                    description = property_schema["description"]
                    self.assertTrue(description.endswith("."), description)
                    unit = {"ns": r"\bns\b", "bytes": r"(?i)\bbytes\b"}.get(key.split("_")[-1])
                    if unit:
                        self.assertRegex(description, unit)

    def test_parts_and_waits_have_names(self):
        """The terminal and the page take them from here; a longer one would be cut at 80 columns."""
        members = [SCHEMA["$defs"][name]["properties"] for name in ("wait", "waits")]
        titles = [member["title"] for group in members for member in group.values()]
        self.assertEqual(len(set(titles)), len(titles))
        self.assertLessEqual(max(map(len, titles)), 22)

    def test_program_prints_it(self):
        self.need_program()
        self.assertEqual(json.loads(run_thaw("schema").stdout), SCHEMA)

    def need_program(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")


class FullReport(unittest.TestCase):
    def test_is_valid(self):
        self.assertEqual(errors(FULL), [])
        self.assertEqual(report_rules.problems(FULL), [])

    def test_has_every_key(self):
        seen = {path[-1] for path, _ in places(FULL) if path}
        known = {key for _, schema in object_schemas(SCHEMA, "report") for key in schema["properties"]}
        self.assertEqual(known - seen, set())

    def test_unknown_keys_are_refused(self):
        def add(container, key):
            container[key]["unknown_key"] = 1

        self.assertTrue(errors({**FULL, "unknown_key": 1}))
        for path, value in places(FULL):
            if path and isinstance(value, dict):
                with self.subTest(path):
                    self.assertTrue(errors(changed(path, add)))

    def test_wrong_types_are_refused(self):
        def replace(container, key):
            container[key] = {"wrong": 1} if not isinstance(container[key], dict) else 1

        for path, _ in places(FULL):
            if path:
                with self.subTest(path):
                    self.assertTrue(errors(changed(path, replace)))

    def test_missing_required_keys_are_refused(self):
        for key in SCHEMA["required"]:
            with self.subTest(key):
                self.assertTrue(errors(changed((key,), lambda container, one: container.pop(one))))
        for name, path in (("module", ("modules", 0)), ("track", ("tracks", 0)),
                           ("phase", ("tracks", 0, "phases", 1, "children", 0)),
                           ("process", ("processes", 1)), ("split", ("modules", 0, "split")),
                           ("probe", ("probes", 0)), ("invocation", ("invocations", 0))):
            for key in SCHEMA["$defs"][name]["required"]:
                with self.subTest(f"{name}.{key}"):
                    self.assertTrue(errors(changed((*path, key),
                                                   lambda container, one: container.pop(one))))

    def test_bad_values_are_refused(self):
        for path, value in (
                (("schema",), "thaw-report/2"), (("modules", 0, "self_ns"), -1),
                (("modules", 0, "id"), 0), (("modules", 0, "status"), "good"),
                (("modules", 0, "kind"), ""), (("run", "started"), "yesterday"),
                (("run", "command_bytes"), ["%zz"]), (("machine", "cpu_limit"), 0),
                (("tracks", 0, "total_ns"), 1.5), (("tracks", 0, "phases", 0, "name"), "Host!"),
                (("tracks", 0, "phases", 0, "confidence"), "sure")):
            with self.subTest(path):
                self.assertTrue(errors(changed(path, lambda container, key, value=value:
                                               container.__setitem__(key, value))))


class Rules(unittest.TestCase):
    """Each rule of report_rules must be able to fail."""

    BREAKS = (
        ("unique and ascending", ("modules", 2, "id"), 2),
        ("there is no 9 in processes", ("tracks", 0, "process"), 9),
        ("there is no 7 in modules", ("findings", 0, "modules"), [7]),
        ("is not before it", ("modules", 1, "parent"), 2),
        ("starts 1 ns before it may", ("tracks", 0, "phases", 1, "start_ns"), 91005999999),
        ("after what it is part of",
         ("tracks", 0, "phases", 1, "children", 2, "end_ns"), 91268000001),
        ("ends before it starts", ("tracks", 0, "phases", 4, "end_ns"), 91636999999),
        ("is below worker", ("tracks", 0, "phases", 1, "children", 0, "name"), "import.x"),
        ("total_ns is 735000001", ("tracks", 0, "total_ns"), 735000001),
        ("unattributed_ns are", ("tracks", 0, "phases", 0, "counted"), False),
        ("0 of 1 are the headline", ("tracks", 0, "headline"), False),
        ("split sums to", ("modules", 1, "split", "execute_ns"), 1),
        ("self_ns is more than total_ns", ("modules", 2, "self_ns"), 80000001),
        ("total_ns less children", ("modules", 2, "total_ns"), 79000000),
        ("starts before its parent", ("modules", 1, "start_ns"), 91287000000),
        ("ends after its parent", ("modules", 2, "start_ns"), 91600000000),
        ("its code does not start within it", ("modules", 1, "body_start_ns"), 1),
        ("not in order of start_ns", ("modules", 0, "start_ns"), 91999000000),
        ("execs are not in order", ("processes", 0, "execs"), [91000000002, 91000000001]),
        ("do not go together", ("processes", 1, "exit"), None),
        ("both or neither", ("processes", 1, "exit", "code"), 0),
        ("ends before it starts", ("invocations", 0, "end_ns"), 1),
        ("there is no 9 in tracks",
         ("concurrency", "hosts", 0, "workers", 0, "track"), 9),
        ("less in flight", ("concurrency", "hosts", 0, "load", "busy_ns"), 114800001),
        ("what ran and what waited", ("concurrency", "hosts", 0, "load", "derived", "waited_ns"), 1),
        ("more ran than", ("concurrency", "hosts", 0, "load", "derived", "most_running"), 2),
        ("invocations of the host", ("concurrency", "hosts", 0, "load", "invocations"), 2),
        ("derived without a capacity", ("concurrency", "hosts", 0, "capacity", "at_once"), None),
        ("does not add up", ("durable", "instances", 0, "divided", "outside_ns"), 1),
        ("more replays", ("durable", "instances", 0, "replays"), 2),
        ("more activities in", ("durable", "instances", 0, "batches", 0, "seen"), 1),
        ("starts before its first", ("invocations", 0, "start_ns"), 91639000001),
        ("native: 13 samples, of libraries", ("native", "samples"), 13),
        ("of functions and unattributed 13", ("native", "other_functions_samples"), 2),
        ("samples are not 1 ns", ("native", "libraries", 0, "time_ns"), 1),
        ("more samples in the kernel", ("native", "functions", 0, "kernel_samples"), 11),
        ("there is no 9 in modules", ("native", "libraries", 0, "modules", 0, "module"), 9),
        ("complete, but there are losses", ("complete",), True),
        ("there is no 9 in processes", ("virtual_machines", 0, "process"), 9),
        ("virtual machine 1: total_ns is", ("virtual_machines", 0, "total_ns"), 1),
        ("guest's track 1: total_ns is",
         ("virtual_machines", 0, "guest", "tracks", 0, "total_ns"), 1),
        ("steps are not in order", ("virtual_machines", 0, "steps", 0, "time_ns"), 91900000000),
        ("more marks are listed", ("virtual_machines", 0, "port_marks"), 0),
        ("without its monitor", ("virtual_machines", 0, "running"), False),
        ("works with KVM without KVM", ("virtual_machines", 0, "kvm"), False),
        ("is not what", ("run", "command_bytes"), ["test-host", "--app", "caf%FF%FF"]),
        ("is UTF-8", ("run", "command"), None),
    )

    def test_each_rule_can_fail(self):
        def both(container, key):
            container.update(command=["a"], command_bytes=["a"])

        for expected, path, value in self.BREAKS:
            with self.subTest(expected):
                report = changed(path, both if value is None and path[-1] == "command" else
                                 lambda container, key, value=value:
                                 container.__setitem__(key, value))
                self.assertIn(expected, "\n".join(report_rules.problems(report)))

    def test_another_answer_before_the_headlines(self):
        report = copy.deepcopy(FULL)
        report["tracks"].append({**FULL["tracks"][0], "id": 2, "headline": False,
                                 "end_ns": FULL["tracks"][0]["end_ns"] - 1})
        self.assertIn("another one answered before it", "\n".join(report_rules.problems(report)))

    def test_two_first_invocations(self):
        report = {**FULL, "invocations": FULL["invocations"] * 2}
        self.assertIn("2 first invocations", "\n".join(report_rules.problems(report)))


class Reports(unittest.TestCase):
    def assert_good(self, report):
        self.assertEqual(errors(report), [])
        self.assertEqual(report_rules.problems(report), [])

    def test_expected_ones(self):
        if not golden_reports():
            self.skipTest("there is no tests/golden/*/expected.json")
        for path in golden_reports():
            with self.subTest(path.parent.name):
                self.assert_good(json.loads(path.read_text(encoding="utf-8")))

    def test_made_now(self):
        self.need_program()
        if not golden_recordings():
            self.skipTest("there is no tests/golden/*/recording*")
        for path in golden_recordings():
            with self.subTest(path.parent.name):
                self.assert_good(self.report_of(path))

    def test_hostile_names(self):
        self.need_program()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "recording.txt"
            path.write_text(RECORDING, encoding="utf-8")
            report = self.report_of(path)
            lines = run_thaw("report", path, "-f", "summary", "--color", "never", text=False).stdout
        self.assert_good(report)
        self.assertEqual(report["run"]["command_bytes"], ["python3", "%FF%80.py", "</script>"])
        self.assertEqual([module["name"] for module in report["modules"]],
                         ["m\ufffd\u202e", "a" * 240])
        self.assertEqual(report["modules"][0]["name_bytes"], "m%FC%E2%80%AE")
        self.assertFalse([byte for byte in lines if byte < 32 and byte != 10], lines)
        self.assertNotIn("\u202e".encode(), lines)

    def report_of(self, path):
        result = run_thaw("report", path, "-f", "json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.isascii())
        return json.loads(result.stdout)

    def need_program(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")


if __name__ == "__main__":
    unittest.main()
