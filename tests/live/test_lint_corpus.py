# SPDX-License-Identifier: Apache-2.0
"""`thaw lint` on the corpus in tests/lint: of each case what has to be said, and nothing else."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

import lint_corpus  # noqa: E402
from program import run_thaw  # noqa: E402


class Corpus(unittest.TestCase):
    def test_every_rule_has_both_kinds(self):
        by_rule = {}
        for case in lint_corpus.cases():
            by_rule.setdefault(case.rule, set()).add(case.speaks)
        self.assertEqual([], [rule for rule, kinds in by_rule.items() if kinds != {True, False}])

    def test_every_rule_of_thaw_is_in_it(self):
        self.assertEqual(sorted(rules_of_thaw()), sorted({c.rule for c in lint_corpus.cases()}))

    def test_nothing_is_said_of_the_app_they_begin_with(self):
        self.assertEqual([], self.findings(lint_corpus.Case("", "base")))

    def test_cases(self):
        for case in lint_corpus.cases():
            with self.subTest(case=str(case)):
                self.assertEqual(([], []), lint_corpus.judge(case, self.findings(case)))

    def findings(self, case):
        with tempfile.TemporaryDirectory() as folder:
            case.make(Path(folder))
            return lint_corpus.findings_of(case, Path(folder))


# No app alone makes these speak: a report of a real recording has to be joined, or time to pass.
# Unit tests have their cases (test_lint_recording.c, test_lint_lambda.c, test_lint_core.c).
BEYOND_AN_APP = {
    "concurrency-not-reached": "a recording under load",
    "facts-expired": "the day after which thaw's facts are old",
    "init-indexing-moved-imports": "a recording",
    "init-near-limit-of-plan": "a recording",
    "instrumentation-costs-more": "a recording",
    "lambda-init": "a recording",
    "recording-of-another-app": "a recording",
    "setting-not-in-effect": "a recording",
    "worker-end-of-life": "a recording",
}


def rules_of_thaw():
    """Ids of lint's rules, as `thaw explain list` has them, but those beyond an app."""
    listed = run_thaw("explain", "list").stdout.splitlines()
    rules = {line.split()[0] for line in listed if "(lint, " in line}
    assert set(BEYOND_AN_APP) < rules, set(BEYOND_AN_APP) - rules
    return rules - set(BEYOND_AN_APP)
