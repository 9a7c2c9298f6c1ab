"""Each rule of lint is listed wherever it has to be."""

import json
import re
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LINT = REPOSITORY / "src/lint"


def text(name):
    return (LINT / name).read_text(encoding="utf-8")


class Rules(unittest.TestCase):
    def defined(self):
        return [name for path in sorted((LINT / "rules").glob("*.c"))
                for name in re.findall(r"^const struct thaw_lint_rule (thaw_rule_\w+) = {",
                                       path.read_text(encoding="utf-8"), re.MULTILINE)]

    def test_each_is_declared_once_and_in_the_table_once(self):
        defined = sorted(self.defined())
        self.assertGreater(len(defined), 5)
        self.assertEqual(defined, sorted(set(defined)))
        self.assertEqual(sorted(re.findall(r"^extern const struct thaw_lint_rule (\w+);$",
                                           text("rules.h"), re.MULTILINE)), defined)
        self.assertEqual(sorted(re.findall(r"&(thaw_rule_\w+),", text("rule_table.c"))), defined)

    def test_each_name_is_its_id(self):
        schema = json.loads((REPOSITORY / "reports/schema/thaw-configuration-1.schema.json")
                            .read_text(encoding="utf-8"))
        self.assertEqual(sorted(name.removeprefix("thaw_rule_").replace("_", "-")
                                for name in self.defined()),
                         schema["$defs"]["lint_rule"]["enum"])

    def test_the_schema_of_findings_has_all_areas(self):
        schema = json.loads((REPOSITORY / "reports/schema/thaw-lint-1.schema.json")
                            .read_text(encoding="utf-8"))
        areas = re.search(r"areas\[\] = {(.*?)NULL", text("rule_table.c"), re.DOTALL)[1]
        for name in ("finding", "unchecked"):
            self.assertEqual(schema["$defs"][name]["properties"]["area"]["enum"],
                             re.findall(r'"([a-z-]+)"', areas))


if __name__ == "__main__":
    unittest.main()
