"""The schema of verdicts: judged by an independent validator, and verdicts judged by the schema.

gate_verdict.json is what tests/unit/test_gate_json.c makes; full_gate.json what formats are tested
with. The validator is Debian's python3-jsonschema.
"""

import json
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw
from schema_walk import changed, object_schemas, places

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

HERE = Path(__file__).parent
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-gate-1.schema.json").read_text())
VERDICTS = {name: json.loads((HERE / name).read_text())
            for name in ("gate_verdict.json", "full_gate.json")}
VALIDATOR = Draft202012Validator(SCHEMA)


def errors(verdict):
    return [f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in VALIDATOR.iter_errors(verdict)]


class Schema(unittest.TestCase):
    def test_is_a_schema(self):
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(SCHEMA["$schema"], "https://json-schema.org/draft/2020-12/schema")

    def test_program_prints_it(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")
        self.assertEqual(json.loads(run_thaw("schema", "gate").stdout), SCHEMA)

    def test_every_object_is_closed_and_documented(self):
        for name, schema in object_schemas(SCHEMA, "gate"):
            self.assertTrue(schema["description"])
            self.assertIs(schema["additionalProperties"], False)
            self.assertLessEqual(set(schema["required"]), set(schema["properties"]))
            for key, one in schema["properties"].items():
                with self.subTest(f"{name}.{key}"):
                    self.assertTrue(one["description"].endswith("."), one["description"])


class Verdicts(unittest.TestCase):
    def test_are_valid(self):
        for name, verdict in VERDICTS.items():
            with self.subTest(name):
                self.assertEqual(errors(verdict), [])

    def test_have_every_key_and_status(self):
        keys, statuses = set(), set()
        for verdict in VERDICTS.values():
            keys |= {path[-1] for path, _ in places(verdict) if path}
            statuses |= {check["status"] for check in verdict["checks"]}
        known = {key for _, schema in object_schemas(SCHEMA, "gate") for key in schema["properties"]}
        self.assertEqual(known - keys, set())
        self.assertEqual(statuses, set(SCHEMA["$defs"]["check"]["properties"]["status"]["enum"]))

    def test_unknown_keys_and_wrong_types_are_refused(self):
        verdict = VERDICTS["gate_verdict.json"]
        for path, value in places(verdict):
            if not path:
                continue
            with self.subTest(path):
                wrong = 1 if isinstance(value, dict) else {"wrong": 1}
                self.assertTrue(errors(changed(
                    verdict, path, lambda container, key, wrong=wrong:
                    container.__setitem__(key, wrong))))
                if isinstance(value, dict):
                    self.assertTrue(errors(changed(
                        verdict, path, lambda container, key: container[key].update(unknown=1))))

    def test_what_counts(self):
        """The verdict is that of its checks."""
        order = ("pass", "warn", "inconclusive", "unmeasured", "fail")
        for name, verdict in VERDICTS.items():
            with self.subTest(name):
                worst = max((order.index(check["status"]) for check in verdict["checks"]
                             if check["counts"]), default=0)
                self.assertEqual(verdict["verdict"], order[worst])
                self.assertEqual(verdict["exit_code"],
                                 {"fail": 1, "unmeasured": 3, "inconclusive": 4}.get(
                                     verdict["verdict"], 0))
                for check in verdict["checks"]:
                    if check["status"] == "fail" and check["kind"] == "budget":
                        self.assertTrue(any(limit["broken"] for limit in check["limits"]))


if __name__ == "__main__":
    unittest.main()
