"""`thaw report FILE.json`: a report that was written before gives what its recording gives, or its
target, in each form and view."""

import json
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY, run_thaw

GOLDEN = REPOSITORY / "tests/golden"
# Between them: a platform's phases, suggestions, virtual machines, effects, failures.
RECORDINGS = ("v2-init-indexing", "suggestions", "virtual-machine", "effects", "lambda-init-error")
BIG_MODULES = 2000


def names(*command):
    rows = run_thaw(*command).stdout.splitlines()
    return [row.split()[0] for row in rows]


class WrittenReports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "report.json"

    def write(self, *command):
        run = run_thaw(*command, "--json", "-o", self.file)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def assert_same(self, before, again):
        """What a form can't hold it says of both, in one line."""
        runs = [run_thaw(*before), run_thaw(*again)]
        self.assertIn((runs[0].returncode, runs[0].stderr.count("\n")), {(0, 0), (2, 1)})
        self.assertEqual(*((run.returncode, run.stdout, run.stderr) for run in runs))

    def assert_refused(self, *options, words):
        run = run_thaw("report", self.file, *options)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertEqual(run.stderr.count("\n"), 1)
        self.assertIn(words, run.stderr)

    def test_of_recordings(self):
        formats = [name for name in names("report", "-f", "list") if name != "text"]
        views = names("report", "--view", "list")
        self.assertIn("html", formats)
        self.assertIn("split", views)
        for case in RECORDINGS:
            recording = GOLDEN / case / "recording.txt"
            self.write("report", recording)
            for option, name in [("-f", one) for one in formats] + [("--view", one) for one in views]:
                with self.subTest(f"{case} {option} {name}"):
                    self.assert_same(("report", recording, option, name),
                                     ("report", self.file, option, name))

    def test_of_targets(self):
        """It has the views of `thaw deps`, and begins with its summary."""
        target = self.folder / "app"
        package = target / "six-1.0.dist-info"
        package.mkdir(parents=True)
        (target / "six.py").write_text("pass\n", encoding="utf-8")
        (package / "METADATA").write_text("Name: six\nVersion: 1.0\n", encoding="utf-8")
        (package / "RECORD").write_text("six.py,,\n", encoding="utf-8")
        self.write("deps", target)
        self.assert_same(("deps", target), ("report", self.file))
        self.assert_same(("deps", target, "-f", "html"), ("report", self.file, "-f", "html"))
        views = names("deps", "--view", "list")
        self.assertIn("packages", views)
        for view in set(views) - {"why", "reverse"}:
            with self.subTest(view):
                self.assert_same(("deps", target, "--view", view),
                                 ("report", self.file, "--view", view))
        self.assertLessEqual(set(views), set(names("report", self.file, "--view", "list")))
        self.assert_refused("--view", "why", words="needs a name")

    def test_what_needs_the_recording(self):
        self.write("report", GOLDEN / "suggestions/recording.txt")
        for options in (["--what-if", "lazy=json"], ["--guest", self.file], ["-f", "text"],
                        ["--proof", self.file], ["--config", self.file]):
            with self.subTest(options):
                self.assert_refused(*options, words="needs a recording")

    def test_strict(self):
        self.write("report", GOLDEN / "lost-events/recording.txt")
        self.assertEqual(run_thaw("report", self.file, "--strict").returncode, 3)
        self.assertEqual(run_thaw("report", self.file).returncode, 0)

    def test_what_is_no_report(self):
        report = json.loads((GOLDEN / "full_report.json").read_text(encoding="utf-8"))
        for text, words in (
                ("{", "is no report of thaw"), ("{}", "has no \"schema\""),
                ('{"schema": "thaw-report/2"}', "this thaw reads thaw-report/1"),
                (json.dumps({**report, "modules": [1]}), "modules"),
                (json.dumps({**report, "modules": [{**report["modules"][0], "split": 1}]}),
                 "modules[0].split is not of type object"),
                (json.dumps({**report, "tracks": None}), "tracks is not ")):
            with self.subTest(text[:40]):
                self.file.write_text(text, encoding="utf-8")
                self.assert_refused(words=words)

    def test_many_modules(self):
        """Each form and view of two thousand is written, within the time that every run may take."""
        report = json.loads((GOLDEN / "split/expected.json").read_text(encoding="utf-8"))
        module = report["modules"][0]
        report["modules"] = [{**module, "id": number, "name": f"package{number % 97}.m{number}",
                              "parent": number - 1 if number % 3 == 0 else None}
                             for number in range(1, BIG_MODULES + 1)]
        self.file.write_text(json.dumps(report), encoding="utf-8")
        for option in ("-f", "--view"):
            for name in names("report", option, "list"):
                if name != "text":
                    run = run_thaw("report", self.file, option, name)
                    self.assertIn((run.returncode, run.stderr.count("\n")), {(0, 0), (2, 1)}, name)


if __name__ == "__main__":
    unittest.main()
