"""The schema of thaw.json, judged by an independent validator, and files that are right or wrong.

Whether thaw's own reader accepts the same files is tests/unit/test_configuration_schema.c's to say.
"""

import json
import unittest

from program import REPOSITORY

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-configuration-1.schema.json").read_text())
CASES = json.loads((REPOSITORY / "tests/unit/data/configuration/cases.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def schemas(schema=SCHEMA):
    """Each schema there is, those inside of others too."""
    yield schema
    for value in schema.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from schemas(inner)


class ConfigurationSchema(unittest.TestCase):
    def test_is_a_schema(self):
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(SCHEMA["$schema"], "https://json-schema.org/draft/2020-12/schema")

    def test_every_object_is_closed_and_every_key_described(self):
        objects = [schema for schema in schemas() if schema.get("type") == "object"]
        self.assertEqual(len(objects), 13)
        for schema in objects:
            self.assertIs(schema["additionalProperties"], False)
            for key, member in schema["properties"].items():
                with self.subTest(key):
                    self.assertTrue(member["description"].endswith("."), member)

    def test_every_name_that_is_referred_to_is_there(self):
        named = {schema["$ref"].removeprefix("#/$defs/") for schema in schemas() if "$ref" in schema}
        self.assertEqual(named, set(SCHEMA["$defs"]))

    def test_cases(self):
        for case in CASES:
            with self.subTest(case["what"]):
                errors = [error.message for error in VALIDATOR.iter_errors(case["configuration"])]
                accepted = case["accepted"] or case.get("only_by_parser", False)
                self.assertEqual(not errors, accepted, errors)

    def test_the_first_case_has_every_key(self):
        def keys(value):
            for inner in value.values() if isinstance(value, dict) else value:
                if isinstance(inner, (dict, list)):
                    yield from keys(inner)
            yield from value if isinstance(value, dict) else ()

        known = {key for schema in schemas() if schema.get("type") == "object"
                 for key in schema["properties"]}
        self.assertEqual(known - set(keys(CASES[0]["configuration"])), set())


if __name__ == "__main__":
    unittest.main()
