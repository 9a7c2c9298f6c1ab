"""Verdicts of a gate in the formats that CI systems read, judged by readers that know nothing of thaw
(tests/live/formats/judge.py): also with hostile names, and with more checks than anybody has.

They are rendered by write_format.c, from tests/golden/full_gate.json, which has every status.
"""

import copy
import json
import re
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import judged_formats
from judged_formats import ENDINGS, JudgedFormats
from program import REPOSITORY
from test_formats_findings import ALLOWED_TAGS, HOSTILE, LONGEST, Page, shown

FULL = json.loads((REPOSITORY / "tests/golden/full_gate.json").read_text(encoding="utf-8"))
# Texts of these keys are words of the verdict's own.
OWN_WORDS = {"schema", "verdict", "status", "kind", "class", "unit", "level"}
LEVELS = {"fail": "error", "warn": "warning", "inconclusive": "warning", "unmeasured": "warning",
          "allowed": "note"}
COMMAND = re.compile(r"::(error|warning) (?:file=([^,:]+),(?:line=(\d+),)?)?title=([^,:]*)::(.+)")


def replaced(value, text):
    return judged_formats.replaced(value, text, OWN_WORDS)


def told(gate):
    return [check for check in gate["checks"] if check["status"] != "pass"]


class Gate(JudgedFormats):
    document = "gate:"

    def check_sarif(self, gate, text, verdict):
        run, = json.loads(text)["runs"]
        self.assertTrue(text.isascii())
        self.assertEqual(sorted(one["level"] for one in run["results"]),
                         sorted(LEVELS[check["status"]] for check in told(gate)))
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for one in run["results"]:
            self.assertEqual(rules[one["ruleIndex"]], one["ruleId"])
        prints = [one["partialFingerprints"]["thaw/v1"] for one in run["results"]]
        self.assertEqual(len(set(prints)), len(prints))
        self.assertEqual(len(verdict["records"]), len(run["results"]))

    def check_gitlab(self, gate, text, _):
        issues = json.loads(text)
        self.assertTrue(text.isascii())
        self.assertEqual(len(issues), sum(check["status"] != "allowed" for check in told(gate)))
        self.assertEqual(len({one["fingerprint"] for one in issues}), len(issues))

    def check_junit(self, gate, text, verdict):
        root = ElementTree.fromstring(text.encode())
        cases = list(root.iter("testcase"))
        self.assertEqual(len(cases), len(gate["checks"]))
        statuses = [check["status"] for check in gate["checks"]]
        counts = (len(cases), statuses.count("fail"), 0)
        self.assertEqual((verdict["tests"], verdict["failures"], verdict["errors"]), counts)
        self.assertEqual(len(list(root.iter("failure"))), counts[1])
        skipped = sum(one in ("inconclusive", "unmeasured", "allowed") for one in statuses)
        self.assertEqual(int(root.find("testsuite").get("skipped")), skipped)

    def check_markdown(self, gate, text, verdict):
        page = Page(verdict["html"])
        self.assertTrue(text.startswith("<!-- thaw:gate -->\n## "))
        self.assertLessEqual(len(text), LONGEST)
        self.assertLessEqual(set(page.tags), ALLOWED_TAGS)
        self.assertLessEqual(page.attributes, {"align"})
        self.assertEqual(page.comments, ["thaw:gate"])
        self.assertNotRegex(page.outside_code, r"@|#\d|://|www\.|:\w+:|GH-\d")
        self.assertLessEqual({len(row) for row in page.rows}, {6 if gate["base"] else 4})

    def check_github(self, gate, text):
        """As the runner takes a line apart."""
        lines = text.splitlines()
        self.assertEqual(len(lines), sum(check["status"] != "allowed" for check in told(gate)))
        found = []
        for line in lines:
            match = COMMAND.fullmatch(line)
            self.assertIsNotNone(match, line)
            found.append(match.groups())
        return found

    def test_every_status(self):
        first = copy.deepcopy(FULL)
        alone = {**FULL, "base": None, "checks": [{**check, "before": None, "change": None,
                                                   "share": None} for check in FULL["checks"]]}
        green = {**FULL, "verdict": "pass", "exit_code": 0,
                 "checks": [check for check in FULL["checks"] if check["status"] == "pass"]}
        texts, verdicts = self.judged({"full": first, "alone": alone, "green": green})
        self.assertEqual(json.loads(texts["green", "gitlab"]), [])
        page = Page(verdicts["full", "markdown"]["html"])
        self.assertIn(["modules loaded", "311", "891", "+580", "326", "FAIL"], page.rows)
        run, = json.loads(texts["full", "sarif"])["runs"]
        suppressed, = [one for one in run["results"] if "suppressions" in one]
        self.assertIn("torch is being replaced", suppressed["suppressions"][0]["justification"])
        found = self.check_github(FULL, self.render(FULL, "github"))
        self.assertEqual([one[:3] for one in found], [
            ("error", "function_app.py", "9"), ("error", "plots.py", "3"),
            ("warning", "thaw.json", "14"), ("warning", "thaw.json", "16"),
            ("warning", "thaw.json", "15")])

    def test_the_example_is_what_thaw_says(self):
        """full_gate.json is by the schema that verdicts are by."""
        schema = json.loads((REPOSITORY / "reports/schema/thaw-gate-1.schema.json").read_text())
        checked = subprocess.run(
            [self.python, "-I", "-c", "import json, sys, jsonschema\n"
             "jsonschema.Draft202012Validator(json.loads(sys.argv[1])).validate(json.load(sys.stdin))",
             json.dumps(schema)], input=json.dumps(FULL), capture_output=True, text=True, timeout=60,
            check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr[-1000:])
        self.assertEqual({check["status"] for check in FULL["checks"]}, {"pass", *LEVELS})

    def test_hostile_names(self):
        gates = {text: replaced(FULL, text) for text in HOSTILE}
        texts, verdicts = self.judged(gates)
        usual = Page(self.judged({"usual": replaced(FULL, "usual")})[1]["usual", "markdown"]["html"])
        for text in HOSTILE:
            with self.subTest(text):
                page = Page(verdicts[text, "markdown"]["html"])
                self.assertEqual(page.structure(), usual.structure())
                if len(text) < 100:
                    self.assertIn(shown(text).split(), [row[0].split() for row in page.rows])
                for form in ENDINGS:
                    self.assertNotRegex(texts[text, form],
                                        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]")
                found = self.check_github(gates[text], self.render(gates[text], "github"))
                path = {one[1] for one in found}
                self.assertEqual({self.unescaped(one) for one in path}, {shown(text)})

    def unescaped(self, text):
        """As the runner reads a property; a text's own % was escaped, too."""
        for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(code, character)
        return text

    def test_many_checks(self):
        checks = [{**copy.deepcopy(FULL["checks"][0]), "id": f"budget:modules:module=m{number}",
                   "title": f"modules loaded of m{number}"} for number in range(1000)]
        texts, _ = self.judged({"many": {**FULL, "checks": checks}})
        self.assertIn("and 900 more", texts["many", "markdown"])
        self.assertEqual(len(self.render({**FULL, "checks": checks}, "github").splitlines()), 10)


if __name__ == "__main__":
    unittest.main()
