"""`thaw prove`: what it tells, keeps and hides, on a small app whose imports can wait.

The recording is written by hand; what runs is real. tests/azure/test_recorded_proof.py proves a
recorded function app.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw
from rewriter import write_recording

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

TIMEOUT_SECONDS = 300
PYTHON = "/usr/bin/python3.11"
PLAIN_USER = 65534
WAIT_SECONDS = 100
PROVED, REFUTED, USAGE, INCONCLUSIVE = 0, 1, 2, 4
SECRET = "s3cret-of-nobody-else"
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-proof-1.schema.json").read_text())
APP = """\
import json
import asyncio
import xml.dom.minidom


def handler(event, context):
    return json.dumps(event)


def later():
    return asyncio.run


def parsed(text):
    return xml.dom.minidom.parseString(text)
"""
LOADED = ("json", "asyncio", "xml.dom.minidom")


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name).resolve()
        self.scratch.chmod(0o755)
        self.root, self.temporary = self.scratch / "app", self.scratch / "temporary"
        for made in (self.root, self.temporary):
            made.mkdir()
        self.temporary.chmod(0o777)
        self.app = self.root / "app.py"
        self.record(APP)

    def record(self, text):
        self.app.write_text(text)
        self.recording = write_recording(self.scratch / "recording.txt", self.root, PYTHON,
                                         {self.app: LOADED})
        self.file = Path(f"{self.recording}.proof.json")

    def variables(self, **more):
        return {**os.environ, "TMPDIR": str(self.temporary), **more}

    def prove(self, *options, code, recording=None, unkept=False):
        result = run_thaw("prove", recording or self.recording, *options, env=self.variables(),
                          timeout=WAIT_SECONDS)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertEqual("the proof is not kept" in result.stderr, unkept, result.stderr)
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual(sorted(os.listdir(self.root)), ["app.py"])
        return result

    def kept(self, path=None):
        kept = json.loads((path or self.file).read_text())
        self.assertEqual([one.message for one in Draft202012Validator(SCHEMA).iter_errors(kept)], [])
        return kept

    def moved(self, path=None):
        return [[one["module"] for one in proof["imports"]] for proof in self.kept(path)["proofs"]]

    def report(self, *options):
        result = run_thaw("report", self.recording, "--json", *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout), result.stderr


class Verdicts(Case):
    def test_proved_told_kept_and_in_the_report(self):
        told = self.prove(code=PROVED).stdout
        self.assertEqual(told.splitlines()[0], "asyncio (app.py:2), xml.dom.minidom (app.py:3)")
        self.assertIn("  Verdict     PROVED: ", told)
        for label in ("Saved", "Predicted", "Loaded", "Checked", "First calls", "Ran in"):
            self.assertIn(f"\n  {label} ", told)
        self.assertLessEqual(max(map(len, told.splitlines())), 80)
        proof, = self.kept()["proofs"]
        self.assertEqual(proof["verdict"], "proved")
        self.assertGreaterEqual(proof["pairs"], 9)
        lines = proof["diff"].splitlines()
        self.assertEqual([line for line in lines if line[0] == "-" and line[:3] != "---"],
                         ["-import asyncio", "-import xml.dom.minidom"])
        self.assertIn("+    import asyncio", lines)
        self.assertEqual({line[0] for line in lines}, set("-+@"))
        report, words = self.report()
        self.assertEqual(words, "")
        by_verdict = {one["id"]: one for one in report["findings"] if one["proof"]}
        self.assertEqual(list(by_verdict), ["lazy-import-set"])
        self.assertEqual(by_verdict["lazy-import-set"]["proof"], proof)
        self.assertEqual(by_verdict["lazy-import-set"]["saving"]["proof"], "proved")
        summary = " ".join(run_thaw("report", self.recording).stdout.split())
        self.assertIn(f"Proved by {proof['pairs']} pairs: ", summary)

    def test_json_is_what_is_kept(self):
        elsewhere = self.scratch / "elsewhere.json"
        told = json.loads(self.prove("--json", "--only", "asyncio", "--pairs", "1", "-o", elsewhere,
                                     code=INCONCLUSIVE).stdout)
        self.assertEqual(told, self.kept(elsewhere))
        self.assertFalse(self.file.exists())
        report, _ = self.report("--proof", elsewhere)
        self.assertEqual([one["saving"]["proof"] for one in report["findings"]
                          if one["imports"] == told["proofs"][0]["imports"]], ["inconclusive"])

    def test_refuted_by_the_app_s_own_tests(self):
        told = self.prove("--test", "grep -q '^import asyncio' app.py", code=REFUTED).stdout
        self.assertIn("REFUTED", told)
        report, _ = self.report()
        last = report["findings"][-1]
        self.assertEqual((last["id"], last["saving"]["proof"]), ("lazy-import-set", "refuted"))
        self.assertNotEqual(report["findings"][0]["id"], "lazy-import-set")
        fix = run_thaw("fix", self.recording)
        self.assertEqual((fix.returncode, fix.stdout), (0, ""))
        self.assertIn("a trial refuted it: tests: ", fix.stderr)
        named = run_thaw("fix", self.recording, "--only", "asyncio")
        self.assertIn("-import asyncio\n", named.stdout)

    def test_too_few_pairs_prove_nothing(self):
        result = self.prove("--pairs", "2", code=INCONCLUSIVE)
        self.assertIn("less than 9 pairs prove nothing", result.stderr)

    def test_nothing_moves(self):
        self.app.write_text(APP + "# changed\n")
        result = self.prove(code=USAGE)
        self.assertIn("it has changed since the recording", result.stderr)
        self.assertFalse(self.file.exists())


class Kept(Case):
    def test_each_by_itself_then_all(self):
        told = self.prove("--each", "--pairs", "1", "--copy", code=INCONCLUSIVE).stdout
        self.assertEqual(told.count("Verdict"), 3, told)
        self.assertIn("  Ran in      copy; ", told)
        moved = self.moved()
        self.assertEqual(sorted(moved), sorted([["asyncio"], ["xml.dom.minidom"],
                                                ["asyncio", "xml.dom.minidom"]]))
        self.assertEqual(len(moved[-1]), 2)
        first = self.kept()["proofs"]
        self.prove("--only", "app.py:3", "--pairs", "1", code=INCONCLUSIVE)
        second = self.kept()["proofs"]
        self.assertEqual(self.moved()[-1], ["xml.dom.minidom"])
        self.assertEqual([one for one in first if one in second],
                         [one for one in first if one["imports"] != second[-1]["imports"]])
        report, _ = self.report()
        self.assertEqual([one["saving"]["proof"] for one in report["findings"] if one["imports"]],
                         ["inconclusive"] * 3)

    def test_what_is_done_when_it_is_stopped(self):
        """The second trial's tests, which run in the app as it is first, wait to be stopped."""
        ran, waits = self.scratch / "ran", self.scratch / "waits"
        waits.mkdir()
        command = (f"echo >>{ran}; test $(wc -l <{ran}) -le 2 && exit 0; touch {waits}/x; "
                   "sleep 100")
        run = subprocess.Popen([THAW, "prove", self.recording, "--each", "--pairs", "1",
                                "--test", command], env=self.variables(), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with run:
            end = time.monotonic() + WAIT_SECONDS
            while not os.listdir(waits) and run.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(os.listdir(waits), ["x"])
            run.send_signal(signal.SIGINT)
            told, words = run.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(run.returncode, INCONCLUSIVE, words)
        self.assertIn("stopped: ", words)
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual(told.count("Verdict"), 2, told)
        self.assertIn("it was stopped after 0 pairs", self.kept()["proofs"][1]["reason"])
        self.assertEqual(len(self.moved()), 2)

    def test_where_it_can_t_be_written(self):
        result = self.prove("--pairs", "1", "-o", "/proc/self/nowhere/proof.json",
                            code=INCONCLUSIVE, unkept=True)
        self.assertIn("the proof is not kept: /proc/self/nowhere/proof.json", result.stderr)
        self.assertIn("Verdict", result.stdout)

    def test_of_another_recording(self):
        self.prove("--pairs", "1", code=INCONCLUSIVE)
        other = self.scratch / "other.txt"
        other.write_text(self.recording.read_text().replace(
            "session.begin", 'session.begin session="ab"', 1))
        kept = Path(f"{other}.proof.json")
        kept.write_bytes(self.file.read_bytes())
        result = run_thaw("report", other, "--json")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr.splitlines(), [
            f"thaw report: no proofs are shown: {kept}: its proofs are of another recording"])
        self.assertFalse(any(one["proof"] for one in json.loads(result.stdout)["findings"]))
        refused = self.prove("-o", self.file, recording=other, code=USAGE)
        self.assertIn("of another recording", refused.stderr)
        replaced = self.prove("--pairs", "1", recording=other, code=INCONCLUSIVE)
        self.assertIn("of another recording, and are replaced", replaced.stderr)
        self.assertEqual(self.kept(kept)["recording"]["session"], "ab")
        self.assertEqual(len(self.kept(kept)["proofs"]), 1)

    def test_what_is_no_proof_is_left_alone(self):
        self.file.write_text('{"mine": 1}')
        self.assertIn("it holds no proofs of thaw; -o FILE", self.prove(code=USAGE).stderr)
        self.assertEqual(self.file.read_text(), '{"mine": 1}')
        report, words = self.report()
        self.assertEqual(words.count("\n"), 1)
        self.assertTrue(report["findings"])

    def test_the_calling_user_runs_it_and_owns_it(self):
        if os.geteuid():
            self.skipTest("needs root")
        who = self.temporary / "who"
        self.prove_as(who)
        self.assertEqual(who.read_text(), f"{PLAIN_USER}\n")
        self.assertEqual(self.file.stat().st_uid, PLAIN_USER)

    def prove_as(self, who):
        result = run_thaw("prove", self.recording, "--pairs", "1", "--test", f"id -u >{who}",
                          env=self.variables(SUDO_UID=str(PLAIN_USER), SUDO_GID=str(PLAIN_USER)),
                          timeout=WAIT_SECONDS)
        self.assertEqual(result.returncode, INCONCLUSIVE, result.stdout + result.stderr)


class Secrets(Case):
    def setUp(self):
        super().setUp()
        self.settings = self.scratch / "settings.json"
        self.settings.write_text(json.dumps({"TOKEN": SECRET, "RETRIES": 3}))
        self.seen = self.scratch / "seen"

    def assert_hidden(self, result):
        for text in (result.stdout, result.stderr, self.file.read_text() if self.file.exists()
                     else ""):
            self.assertNotIn(SECRET[:8], text)

    def test_settings_reach_the_app_and_nobody_else(self):
        result = self.prove("--settings", self.settings, "--env", "RETRIES=4", "--test",
                            f"echo $TOKEN$RETRIES >{self.seen}; "
                            "grep -q '^import asyncio' app.py || { echo bad $TOKEN >&2; exit 1; }",
                            code=REFUTED)
        self.assertEqual(self.seen.read_text(), f"{SECRET}4\n")
        self.assertIn("bad ***", " ".join(result.stdout.split()))
        self.assert_hidden(result)

    def test_an_app_that_tells_them_as_it_fails(self):
        self.record(APP + "import os\nraise ValueError(os.environ['TOKEN'])\n")
        result = self.prove("--settings", self.settings, code=USAGE)
        self.assertIn("ValueError: ***", result.stderr)
        self.assert_hidden(result)

    def test_a_broken_file_of_settings(self):
        for text, said in ((f'{{"TOKEN": {SECRET}}}', ":1:"), (f'["{SECRET}"]', "object of texts"),
                           (f'{{"TOKEN": ["{SECRET}"]}}', "the value of TOKEN must be a text"),
                           (f'{{"A=B": "{SECRET}"}}', "'A=B' is no name")):
            with self.subTest(text):
                self.settings.write_text(text)
                result = self.prove("--settings", self.settings, code=USAGE)
                self.assertIn(said, result.stderr)
                self.assert_hidden(result)


if __name__ == "__main__":
    unittest.main()
