"""thaw explain, and what a thaw.json suppresses."""

import json
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY, run_thaw

GOLDEN = REPOSITORY / "tests/golden"
EFFECTS = GOLDEN / "effects/recording.txt"  # one finding: a.b starts a process
OK, USAGE = 0, 2


def kinds():
    """Findings of reports; rules of lint, which are named behind them, are test_lint.py's."""
    return [line.split()[0] for line in run_thaw("explain", "list").stdout.splitlines()
            if " (lint, " not in line]


def suppressing(**entry):
    return json.dumps({"suppress": [entry]})


class Explain(unittest.TestCase):
    def test_each_kind_has_a_page_that_fits_80_columns(self):
        self.assertEqual(kinds(), sorted(set(kinds())))
        for kind in kinds():
            with self.subTest(kind):
                result = run_thaw("explain", kind)
                self.assertEqual((result.returncode, result.stderr), (OK, ""))
                self.assertTrue(result.stdout.startswith(f"{kind} ("))
                for part in ("\nSaving: ", "\nHow to change it: ", "\nLooked for when",
                             f'"id": "{kind}"'):
                    self.assertIn(part, result.stdout)
                self.assertEqual([line for line in result.stdout.splitlines() if len(line) > 80], [])

    def test_pages_name_only_kinds_that_there_are(self):
        for kind in kinds():
            words = run_thaw("explain", kind).stdout.split("thaw explain ")[1:]
            for other in words:
                self.assertIn(other.split()[0].strip(").,`"), kinds())

    def test_an_unknown_kind_is_refused_with_the_closest(self):
        for typed, said in (("lazy-imprt", "did you mean 'lazy-import'?"),
                            ("zzz", "`thaw explain list` names them")):
            result = run_thaw("explain", typed)
            self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
            self.assertEqual(len(result.stderr.splitlines()), 1)
            self.assertIn(said, result.stderr)

    def test_the_schema_names_all_kinds(self):
        schema = json.loads(run_thaw("schema").stdout)
        text = schema["$defs"]["finding"]["properties"]["id"]["description"]
        self.assertEqual(text.partition("more: ")[2].rstrip(".").split(", "), kinds())

    def test_each_finding_of_a_golden_report_has_a_page(self):
        seen = set()
        for path in GOLDEN.glob("*/expected.json"):
            report = json.loads(path.read_text(encoding="utf-8"))
            seen |= {one["id"] for one in report["findings"] or ()}
            seen |= {one["id"] for one in report.get("not_looked_for", ())}
        self.assertTrue(seen)
        self.assertLessEqual(seen, set(kinds()))


class Suppression(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.config = self.folder / "thaw.json"

    def report(self, text, *options, recording=EFFECTS):
        self.config.write_text(text, encoding="utf-8")
        return run_thaw("report", recording, "--config", self.config, *options)

    def ids(self, text):
        report = json.loads(self.report(text, "--json").stdout)
        return ([one["id"] for one in report["findings"]],
                [(one["finding"]["id"], one["reason"], one["until"])
                 for one in report.get("suppressed", ())])

    def test_what_is_suppressed_is_listed_with_its_reason(self):
        self.assertEqual(self.ids("{}"), (["process-at-import"], []))
        for entry in ({}, {"module": "a"}, {"file": "b.py"}, {"until": "9999-12-31"}):
            with self.subTest(entry):
                text = suppressing(id="process-at-import", reason="is needed", **entry)
                until = entry.get("until")
                self.assertEqual(self.ids(text), ([], [("process-at-import", "is needed", until)]))

    def test_what_does_not_fit_suppresses_nothing(self):
        for entry in ({"module": "other"}, {"file": "z.py"}, {"until": "2001-01-01"}):
            with self.subTest(entry):
                text = suppressing(id="process-at-import", reason="is needed", **entry)
                self.assertEqual(self.ids(text), (["process-at-import"], []))

    def test_the_summary_counts_it(self):
        self.assertIn("thaw explain process-at-import", self.report("{}").stdout)
        summary = self.report(suppressing(id="process-at-import", reason="is needed")).stdout
        self.assertIn("1 suppressed by thaw.json", summary)
        self.assertNotIn("starts a process", summary)

    def test_the_summary_has_a_line_for_each_of_the_first(self):
        line = '1_013_200_000 effect pid=20 tid=20 what="lookup" detail="host" stack=6000\n'
        text = EFFECTS.read_text(encoding="utf-8")
        text = text.replace("1_013_200_000 effect", f"{line}1_013_200_000 effect")
        recording = self.folder / "recording.txt"
        recording.write_text(text, encoding="utf-8")
        summary = self.report("{}", recording=recording).stdout.partition("Suggestions\n")[2]
        self.assertIn("- b.py: a.b starts a process while it is imported\n", summary)
        self.assertIn("More: thaw explain process-at-import\n", summary)
        self.assertIn("- b.py: a.b uses the network while it is imported (thaw explain",
                      " ".join(summary.split("\n")))

    def test_a_wrong_file_is_refused_in_one_line(self):
        for text, said in (("{", "thaw.json:1:1: "),
                           ('{"suppress": [{"id": "lazy-import"}]}', "reason is missing")):
            result = self.report(text)
            self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(said, result.stderr)
        missing = run_thaw("report", EFFECTS, "--config", self.folder / "none.json")
        self.assertEqual((missing.returncode, missing.stdout), (USAGE, ""))
        self.assertIn("No such file", missing.stderr)

    def test_the_apps_own_file_is_found(self):
        """Beside the app's first module, also when it was recorded elsewhere."""
        recording = self.folder / "recording.txt"
        text = EFFECTS.read_text(encoding="utf-8").replace('"/app', f'"{self.folder}')
        recording.write_text(text, encoding="utf-8")
        before = json.loads(run_thaw("report", recording, "--json").stdout)
        self.config.write_text(suppressing(id="process-at-import", reason="is needed"))
        after = json.loads(run_thaw("report", recording, "--json").stdout)
        self.assertEqual([len(before["findings"]), len(after["findings"])], [1, 0])
        self.assertEqual(len(after["suppressed"]), 1)


if __name__ == "__main__":
    unittest.main()
