"""What lint found in the formats that CI systems read, judged by readers that know nothing of thaw
(tests/live/formats/judge.py): also with hostile names, and with more findings than anybody has.

They are rendered by write_format.c, from tests/golden/full_lint.json, which has something of
everything.
"""

import copy
import json
import re
import unittest
import xml.etree.ElementTree as ElementTree

import judged_formats
from judged_formats import ENDINGS, JudgedFormats
from program import REPOSITORY
from test_formats_findings import ALLOWED_TAGS, HOSTILE, LONGEST, Page, shown

FULL = json.loads((REPOSITORY / "tests/golden/full_lint.json").read_text(encoding="utf-8"))
# Texts of these keys are words of the document's own.
OWN_WORDS = {"schema", "severity", "area", "confidence", "kind", "fingerprint"}
WORDS = {"error": "error", "warning": "warning", "note": "notice"}
COMMAND = re.compile(
    r"::(error|warning|notice) file=([^,:]+),(?:line=(\d+),)?(?:col=(\d+),)?title=([^,:]*)::(.+)")


def replaced(value, text):
    return judged_formats.replaced(value, text, OWN_WORDS)


class Lint(JudgedFormats):
    document = "lint:"

    def check_sarif(self, lint, text, verdict):
        run, = json.loads(text)["runs"]
        self.assertTrue(text.isascii())
        told = [*lint["findings"], *(one["finding"] for one in lint["suppressed"])]
        self.assertEqual([one["level"] for one in run["results"]],
                         [one["severity"] for one in told])
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for one, finding in zip(run["results"], told):
            self.assertEqual(rules[one["ruleIndex"]], one["ruleId"])
            self.assertEqual(one["partialFingerprints"]["thaw/v1"], finding["fingerprint"])
            region = one["locations"][0]["physicalLocation"].get("region", {})
            place = finding["location"] or {}
            self.assertEqual((region.get("startLine"), region.get("startColumn")),
                             (place.get("line"), place.get("column")))
        self.assertEqual(len(verdict["records"]), len(run["results"]))

    def check_gitlab(self, lint, text, _):
        issues = json.loads(text)
        self.assertTrue(text.isascii())
        self.assertEqual([one["fingerprint"] for one in issues],
                         [one["fingerprint"] for one in lint["findings"]])

    def check_junit(self, lint, text, verdict):
        root = ElementTree.fromstring(text.encode())
        cases = list(root.iter("testcase"))
        errors = sum(one["severity"] == "error" for one in lint["findings"])
        self.assertEqual((verdict["tests"], verdict["failures"], verdict["errors"]),
                         (len(cases), errors, not lint["complete"]))
        self.assertEqual(len(list(root.iter("failure"))), errors)
        self.assertEqual(int(root.find("testsuite").get("skipped")),
                         len(lint["suppressed"]) + len(lint["unchecked"]))

    def check_markdown(self, lint, text, verdict):
        page = Page(verdict["html"])
        self.assertTrue(text.startswith("<!-- thaw:lint -->\n## "))
        self.assertLessEqual(len(text), LONGEST)
        self.assertLessEqual(set(page.tags), ALLOWED_TAGS)
        self.assertLessEqual(page.attributes, {"align"})
        self.assertEqual(page.comments, ["thaw:lint"])
        self.assertNotRegex(page.outside_code, r"@|#\d|://|www\.|:\w+:|GH-\d")
        self.assertEqual({len(row) for row in page.rows}, {4} if lint["findings"] else set())

    def check_github(self, lint, text):
        """As the runner takes a line apart."""
        lines = text.splitlines()
        self.assertEqual(len(lines), len(lint["findings"]))
        found = []
        for line in lines:
            match = COMMAND.fullmatch(line)
            self.assertIsNotNone(match, line)
            found.append(match.groups())
        self.assertEqual([one[0] for one in found],
                         [WORDS[one["severity"]] for one in lint["findings"]])
        return found

    def test_something_of_everything(self):
        green = {**FULL, "complete": True, "findings": [], "suppressed": [], "unchecked": [],
                 "counts": {"errors": 0, "warnings": 0, "notes": 0}}
        texts, verdicts = self.judged({"full": copy.deepcopy(FULL), "green": green})
        self.assertEqual(json.loads(texts["green", "gitlab"]), [])
        page = Page(verdicts["full", "markdown"]["html"])
        self.assertIn("timeout-beyond-plan", [row[3] for row in page.rows])
        found = self.check_github(FULL, self.render(FULL, "github"))
        self.assertEqual([one[1:4] for one in found], [
            ("app/orders/function.json", "4", "3"), ("app/host.json", "12", "5"),
            ("app/host.json", "20", "3"), ("settings.json", "7", "5"), ("app/", None, None),
            ("app/function_app.py", "9", None)])

    def test_hostile_names(self):
        documents = {text: replaced(FULL, text) for text in HOSTILE}
        texts, verdicts = self.judged(documents)
        usual = self.judged({"usual": replaced(FULL, "usual")})[1]["usual", "markdown"]["html"]
        for text in HOSTILE:
            with self.subTest(text):
                page = Page(verdicts[text, "markdown"]["html"])
                self.assertEqual(page.structure(), Page(usual).structure())
                if len(text) < 100:
                    self.assertIn(shown(text).split(), [row[2].split() for row in page.rows])
                for form in ENDINGS:
                    self.assertNotRegex(texts[text, form],
                                        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]")
                self.check_github(documents[text], self.render(documents[text], "github"))

    def test_many_findings(self):
        findings = [{**copy.deepcopy(FULL["findings"][1]), "fingerprint": f"{number:016x}"}
                    for number in range(1000)]
        texts, _ = self.judged({"many": {**FULL, "findings": findings}})
        self.assertIn("and 900 more", texts["many", "markdown"])
        self.assertEqual(len(self.render({**FULL, "findings": findings}, "github").splitlines()), 10)


if __name__ == "__main__":
    unittest.main()
