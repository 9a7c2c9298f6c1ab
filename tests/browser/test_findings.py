"""Suggestions and their proofs on the HTML report in Debian's Chromium."""

import copy
import json
import unittest

import findings
import page as pages
import webdriver
from page import MARKUP
from program import REPOSITORY
from shown_text import NOT_PLAIN

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
FINDING = FULL["findings"][0]

PROOF = {
    "imports": [{"file": "function_app.py", "line": 3, "module": "pandas"}],
    "verdict": "proved", "reason": "the interval of what is saved is above 0 and all checks are the same",
    "pairs": 9, "original_ns": 731_000_000,
    "share": {"low": 0.241, "middle": 0.283, "high": 0.312},
    "wall": {"low": 0.192, "middle": 0.291, "high": 0.388},
    "counts": [{"name": "modules", "original": 1891, "changed": 303},
               {"name": "module files", "original": 700, "changed": 251}],
    "checks": [{"name": "functions", "result": "same", "detail": ""},
               {"name": "tests", "result": "not checked", "detail": "no command was given"}],
    "calls": [{"function": "analyze", "file": "function_app.py", "line": 12, "ns": 231_000_000, "modules": 588}],
    "diff": "--- a/function_app.py\n-import pandas\n+    import pandas\n", "way": "overlay", "made_at_ns": 1_795_402_800_000_000_000,
}

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def finding(changes=None, **proof):
    """The full report's finding with a proof that has these members instead."""
    made = {**copy.deepcopy(FINDING), "proof": {**copy.deepcopy(PROOF), **proof}, **(changes or {})}
    if made["saving"]:
        made["saving"]["proof"] = made["proof"]["verdict"]
    return made


def open_findings(*all_findings):
    report = {**FULL, "findings": list(all_findings)}
    path = scratch / "report.html"
    path.write_text(pages.fill(report), encoding="utf-8")
    return pages.Page(browser, path), report


class Findings(unittest.TestCase):
    def check(self, *all_findings):
        page, report = open_findings(*all_findings)
        findings.check(self, page, report)
        self.assertEqual(browser.console(), [])
        return page

    def test_proved(self):
        self.check(finding())

    def test_refuted(self):
        page = self.check(finding(
            verdict="refuted", reason="2 type hints differ", share={"low": -0.061, "middle": -0.012, "high": 0.024},
            checks=[{"name": "type hints", "result": "differs", "detail": "analyze() lost \"pd.DataFrame\""}]))
        self.assertEqual(page.texts("#finding-0 dd .bad"), ["differs"])

    def test_inconclusive_before_any_pair(self):
        self.check(finding(verdict="inconclusive", reason="it was stopped before the first pair", pairs=0,
                           original_ns=0, share=dict.fromkeys(PROOF["share"], 0), wall=dict.fromkeys(PROOF["wall"], 0),
                           counts=[], checks=[], calls=[]))

    def test_a_proof_without_a_prediction(self):
        self.check(finding({"saving": None, "first_calls": []}, pairs=1))

    def test_first_calls_of_many(self):
        calls = [{"function": f"Handlers.call{number}", "file": f"api/part{number}.py", "line": None,
                  "ns": 1_000_000 * number, "modules": number} for number in range(8, 0, -1)]
        page = self.check(finding({"first_calls": calls[1:]}, calls=calls[:3]))
        page.more(f"First calls: {FINDING['title']}")
        self.assertEqual(len(page.tables()[f"First calls: {FINDING['title']}"]["rows"]), len(calls))

    def test_several(self):
        other = {**finding({"title": "requests is not needed before the first call of fetch()"}), "proof": None}
        self.check(finding(), other)

    def test_verdicts_are_told_apart_without_colours(self):
        page = self.check(*(finding({"title": f"finding {verdict}"}, verdict=verdict)
                            for verdict in findings.VERDICTS))
        self.assertEqual(page.texts("#findings .verdict b"), list(findings.VERDICTS.values()))

    def test_hostile_texts_of_a_proof(self):
        hostile = MARKUP + " \u202e\x1b[31m"
        call = {**PROOF["calls"][0], "function": hostile, "file": hostile}
        page = self.check(finding(
            {"title": hostile, "reasons": [hostile], "first_calls": [call]}, reason=hostile, calls=[call],
            diff=f"-{hostile}\n+{hostile}\n",
            counts=[{**PROOF["counts"][0], "name": hostile}],
            checks=[{"name": hostile, "result": "differs", "detail": hostile}]))
        self.assertEqual(browser.run("return [window.harmed ?? null, document.scripts.length, document.images.length]"),
                         [None, 2, 0])
        self.assertIsNone(NOT_PLAIN.search(browser.run("return document.getElementById('page').outerHTML")))
        browser.resize(360, 800)
        self.addCleanup(browser.resize, 1280, 900)
        page.settle()
        self.assertEqual(page.too_wide(), [])


class WhatChecksNotice(unittest.TestCase):
    """Another figure, word or place than the report's is found."""

    def test_wrong_pages(self):
        page, report = open_findings(finding())
        shown = report["findings"][0]
        for key, wrong in (("verdict", "refuted"), ("reason", "another"), ("pairs", 10), ("original_ns", 731_100_000),
                           ("share", {**PROOF["share"], "low": 0.231}), ("wall", {**PROOF["wall"], "high": 0.4}),
                           ("counts", PROOF["counts"][:1]), ("checks", PROOF["checks"][1:]), ("calls", []),
                           ("diff", "-import numpy\n")):
            with self.subTest(key), self.assertRaises(AssertionError):
                findings.check(self, page, {**report, "findings": [{**shown, "proof": {**PROOF, key: wrong}}]})
        with self.assertRaises(AssertionError):
            findings.check(self, page, {**report, "findings": [{**shown, "reasons": []}]})


if __name__ == "__main__":
    unittest.main()
