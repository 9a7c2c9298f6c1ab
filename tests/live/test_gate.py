"""`thaw gate` as a pipeline meets it, without privileges: budgets of what an app ships and of its cold
start, baselines, other checkouts, and inputs that can't be used.

The app's packages are made here: a distribution is a folder, METADATA and RECORD.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

PYTHON = "/usr/bin/python3.11"
PLAIN_USER = 65534
TIMEOUT_SECONDS = 300
OK, RED, USAGE, INCOMPLETE = 0, 1, 2, 3
SITE = ".python_packages/lib/site-packages"
APP = "import json\n\n\ndef main(request):\n    return json.dumps(request)\n"
START = f"import sys; sys.path.append('app/{SITE}'); import app.function_app"
COMMAND = [PYTHON, "-c", START]
TRIALS = ("--backend", "importtime", "--runs", "2", "--warmup", "1")
# they would tell commit and branch of the one who runs the tests
CI_VARIABLES = ("GITHUB_SHA", "GITHUB_REF_NAME", "GITHUB_HEAD_REF", "CI_COMMIT_SHA",
                "CI_COMMIT_REF_NAME", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "SUDO_UID", "SUDO_GID")


def schema(name):
    return Draft202012Validator(
        json.loads((REPOSITORY / f"reports/schema/thaw-{name}-1.schema.json").read_text()))


GATE, BASELINE, CONFIGURATION = schema("gate"), schema("baseline"), schema("configuration")


def setUpModule():
    """A copy that everybody may run: the build may lie where others can't look."""
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    os.chmod(folder.name, 0o755)
    Case.thaw = shutil.copy(THAW, folder.name)


class Case(unittest.TestCase):
    thaw = THAW

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name).resolve()
        self.temporary, self.project = self.scratch / "temporary", self.scratch / "project"
        self.app = self.project / "app"
        self.temporary.mkdir()
        self.make_app(self.app)
        self.budgets = self.project / "thaw.json"
        self.baseline = self.project / "thaw-baseline.json"
        self.own()

    def make_app(self, folder):
        (folder / SITE).mkdir(parents=True)
        (folder / "function_app.py").write_text(APP)
        (folder / "requirements.txt").write_text("")
        self.distribution("small", folder=folder)

    def distribution(self, name, files=(), folder=None):
        site = (folder or self.app) / SITE
        package, info = site / name, site / f"{name}-1.0.dist-info"
        package.mkdir()
        info.mkdir()
        (package / "__init__.py").write_text("")
        for file, content in dict(files).items():
            (package / file).write_bytes(content)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        names = [*package.iterdir(), info / "METADATA", info / "RECORD"]
        (info / "RECORD").write_text("".join(f"{path.relative_to(site)},,\n" for path in names))
        with open((folder or self.app) / "requirements.txt", "a") as requirements:
            requirements.write(f"{name}\n")

    def own(self):
        """Everything is the plain user's who runs thaw."""
        if os.geteuid() == 0:
            for path in (self.scratch, *self.scratch.rglob("*")):
                os.lchown(path, PLAIN_USER, PLAIN_USER)

    def options(self, **more):
        variables = {name: value for name, value in os.environ.items() if name not in CI_VARIABLES}
        identity = {"user": PLAIN_USER, "group": PLAIN_USER, "extra_groups": []} \
            if os.geteuid() == 0 else {}
        return {"cwd": self.project, "text": True, **identity,
                "env": {**variables, "TMPDIR": str(self.temporary), "HOME": str(self.scratch),
                        "NO_COLOR": "1", **more.pop("env", {})}, **more}

    def gate(self, *words, code=OK, lines=None, **more):
        """Runs it; lines: how many there are on stderr."""
        self.own()
        result = subprocess.run([self.thaw, "gate", *map(str, words)], stdin=subprocess.DEVNULL,
                                capture_output=True, timeout=TIMEOUT_SECONDS, **self.options(**more))
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        if lines is not None:
            self.assertEqual(len(result.stderr.splitlines()), lines, result.stderr)
        return result

    def refused(self, *words, code=USAGE, **more):
        """The one line that says what is wrong; nothing is left in the folder for temporary files."""
        result = self.gate(*words, code=code, lines=1, **more)
        self.assertEqual(result.stdout, "")
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertTrue(result.stderr.startswith("thaw gate: "), result.stderr)
        return result.stderr

    def verdict(self, *words, code=OK, **more):
        gate = json.loads(self.gate(*words, "--json", code=code, **more).stdout)
        GATE.validate(gate)
        self.assertEqual(gate["exit_code"], code)
        return gate

    def check(self, gate, name):
        [check] = [one for one in gate["checks"] if one["id"] == name]
        return check

    def configure(self, **content):
        self.budgets.write_text(json.dumps(content, indent=1))
        CONFIGURATION.validate(content)

    def trial(self, *budgets, forbidden=(), allowed=(), unmeasured="error", **settings):
        """A thaw.json of the app's cold start."""
        self.configure(gate={"command": COMMAND, "unmeasured": unmeasured, **settings},
                       budgets=list(budgets), forbidden=list(forbidden), allowed=list(allowed))

    def add_import(self, *modules):
        text = "".join(f"import {module}\n" for module in modules) + APP
        (self.app / "function_app.py").write_text(text)


class Shipped(Case):
    """Nothing is run."""

    def setUp(self):
        super().setUp()
        self.configure(gate={"target": "app", "across": ["lock_file"]}, budgets=[
            {"metric": "distributions", "max_increase": 0},
            {"metric": "shipped_disk_bytes", "max": "10MB", "warn": "1MB"}])

    def test_green_red_and_warned_of(self):
        self.gate("--update")
        self.assertEqual(self.verdict()["verdict"], "pass")
        self.distribution("plotter", {"data.bin": bytes(2_000_000)})
        self.gate("--update", "--baseline", "other.json")
        gate = self.verdict(code=RED)
        self.assertEqual(gate["verdict"], "fail")
        check = self.check(gate, "budget:distributions")
        self.assertEqual((check["status"], check["change"]), ("fail", 1))
        [offender] = check["offenders"]
        self.assertEqual((offender["name"], offender["what"]), ("plotter", "came"))
        self.assertIn("requirements.txt", offender["chain"] + str(offender["file"]))
        self.assertEqual(self.check(gate, "budget:shipped_disk_bytes")["status"], "warn")
        text = self.gate(code=RED, lines=0).stdout
        self.assertIn("plotter 1.0 came", text)
        self.assertIn("thaw.json:", text)
        # with the other baseline what is left is the warning
        self.assertEqual(self.verdict("--baseline", "other.json")["verdict"], "warn")

    def test_a_subject_in_place_of_what_thaw_json_says(self):
        other = self.scratch / "other"
        self.make_app(other)
        self.distribution("second", folder=other)
        self.own()
        self.gate("--update", other)
        gate = self.verdict(other)
        self.assertEqual((gate["head"]["name"], gate["verdict"]), (str(other), "pass"))
        self.assertEqual(self.check(gate, "budget:distributions")["value"]["median"], 2)

    def test_base_is_another_checkout_or_report(self):
        base = self.scratch / "base"
        shutil.copytree(self.project, base)
        self.distribution("second")
        report = self.scratch / "base.json"
        report.write_text(run_thaw("deps", base / "app", "--json").stdout)
        for what in (base, report):
            with self.subTest(what):
                gate = self.verdict("--base", what, code=RED)
                self.assertEqual(self.check(gate, "budget:distributions")["change"], 1)
                self.assertEqual(gate["base"]["name"], str(what))

    def test_another_checkout_that_lacks_it(self):
        base = self.scratch / "base"
        base.mkdir()
        self.assertIn(f"{base}/app", self.refused("--base", base))
        # by its name it is a target itself
        gate = self.verdict("app", "--base", base, code=RED)
        self.assertEqual(self.check(gate, "budget:distributions")["change"], 1)

    def test_outputs(self):
        self.gate("--update")
        forms = ("markdown", "junit", "sarif", "gitlab", "github", "json")
        words = [word for form in forms for word in ("-f", form, "-o", self.scratch / form)]
        self.assertIn("PASS", self.gate(*words).stdout)
        for form in forms:
            self.assertTrue((self.scratch / form).exists(), form)
        self.assertEqual(self.gate(*words, "-q").stdout, "")
        self.assertEqual(self.gate("-f", "json", "-o", "-").stdout, (self.scratch / "json").read_text())
        self.assertIn("would overwrite", self.refused("-o", "thaw.json"))

    def test_history(self):
        self.gate("--update")
        history = self.scratch / "history.sqlite"
        commit = "0123456789abcdef0123456789abcdef01234567"
        self.gate("--history", history, env={"GITHUB_SHA": commit, "GITHUB_REF_NAME": "topic"})
        self.distribution("second")
        self.gate("--history", history, code=RED)
        told = json.loads(run_thaw("history", history, "--json").stdout)
        self.assertIn(commit, json.dumps(told))
        self.assertIn("topic", json.dumps(told))
        self.assertIn('"fail"', json.dumps(told))

    def test_a_history_that_can_not_be_kept_changes_no_verdict(self):
        self.gate("--update")
        history = self.scratch / "history.sqlite"
        history.write_text("no database\n" * 100)
        result = self.gate("--history", history, lines=1)
        self.assertIn("history", result.stderr)
        self.assertIn("PASS", result.stdout)
        self.assertTrue(history.read_text().startswith("no database"))


    def test_commit_and_lock_file(self):
        def git(*words):
            return subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
                                  check=True, capture_output=True, **self.options()).stdout.strip()

        self.gate("--update")
        self.assertIsNone(self.verdict()["head"]["commit"])
        git("init", "-q", "-b", "topic")
        git("add", ".")
        git("commit", "-q", "-m", "all")
        head = self.verdict()["head"]
        self.assertEqual(head["commit"], git("rev-parse", "HEAD"))
        self.assertTrue(head["key"]["lock_file"].startswith("requirements.txt:"))  # the app's
        locks = []
        for name, text in (("poetry.lock", "a"), ("uv.lock", "a"), ("uv.lock", "b")):
            (self.project / name).write_text(text)
            locks.append(self.verdict()["head"]["key"]["lock_file"])
        self.assertEqual([lock.partition(":")[0] for lock in locks], ["poetry.lock", "uv.lock", "uv.lock"])
        self.assertEqual(len({lock.partition(":")[2] for lock in locks}), 2)


class Baselines(Case):
    def setUp(self):
        super().setUp()
        self.configure(gate={"target": "app", "baseline": "thaw-baseline.json",
                             "across": ["lock_file"]},
                       budgets=[{"metric": "distributions", "max_increase": 0}])

    def test_the_same_twice(self):
        first = self.gate("--update")
        self.assertIn("is written", first.stderr)
        content, written = self.baseline.read_bytes(), self.baseline.stat().st_mtime_ns
        BASELINE.validate(json.loads(content))
        self.assertIn("left as it is", self.gate("--update", lines=1).stderr)
        self.assertEqual(self.baseline.stat().st_mtime_ns, written)
        self.baseline.unlink()
        self.gate("--update")
        self.assertEqual(self.baseline.read_bytes(), content)

    def test_what_changed_is_told(self):
        self.gate("--update")
        mode = 0o640
        self.baseline.chmod(mode)
        self.distribution("second")
        text = self.gate("--update").stdout
        self.assertRegex(text, r"distributions shipped +1 +2 +\+1\n")
        self.assertRegex(text, r"second +- +1\.0 +came\n")
        self.assertEqual(self.baseline.stat().st_mode & 0o777, mode)
        self.assertEqual(self.verdict()["verdict"], "pass")

    def test_those_that_can_not_be_used_stay(self):
        self.gate("--update")
        whole = self.baseline.read_text()
        newer = whole.replace("thaw-baseline/1", "thaw-baseline/9")
        for text, words in (("", ""), (whole[:200], ":"), ("[]", ""), (newer, "thaw-baseline/9")):
            with self.subTest(text[:20]):
                self.baseline.write_text(text)
                for command in ((), ("--update",)):
                    line = self.refused(*command)
                    self.assertIn("thaw-baseline.json", line)
                    self.assertIn(words, line)
                    self.assertEqual(self.baseline.read_text(), text)

    def test_missing(self):
        self.assertIn("--update", self.refused())
        self.assertIn("other.json", self.refused("--baseline", "other.json"))

    def test_of_something_else(self):
        self.gate("--update")
        baseline = json.loads(self.baseline.read_text())
        [entry] = baseline["entries"]
        entry["key"]["architecture"] = "aarch64"
        self.baseline.write_text(json.dumps(baseline))
        self.refused()

    def test_written_to_a_folder_that_can_not_be(self):
        self.gate("--update")
        content = self.baseline.read_bytes()
        self.distribution("second")
        self.own()
        self.project.chmod(0o555)
        self.addCleanup(self.project.chmod, 0o755)
        if os.geteuid() == 0:
            os.chown(self.project, 0, 0)
        result = subprocess.run([self.thaw, "gate", "--update"], capture_output=True,
                                **self.options())
        self.assertEqual(result.returncode, 125, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertEqual(self.baseline.read_bytes(), content)


class First(Case):
    """--init"""

    def test_its_result_passes_at_once(self):
        self.distribution("second", {"data.bin": bytes(1_000_000)})
        self.gate("--init", "app", *TRIALS, "--", *COMMAND, lines=2)
        CONFIGURATION.validate(json.loads(self.budgets.read_text()))
        BASELINE.validate(json.loads(self.baseline.read_text()))
        gate = self.verdict(*TRIALS)
        self.assertIn(gate["verdict"], ("pass", "warn"))
        self.assertEqual((gate["head"]["target"], gate["head"]["failed_runs"]), (True, 0))
        metrics = {check["metric"] for check in gate["checks"]}
        self.assertLessEqual({"modules", "shipped_disk_bytes", "distributions"}, metrics)

    def test_never_over_one_that_is_there(self):
        for text in ("{}", "broken"):
            self.budgets.write_text(text)
            self.assertIn("thaw.json", self.refused("--init", "app"))
            self.assertEqual(self.budgets.read_text(), text)

    def test_of_a_target_alone(self):
        self.gate("--init", "app")
        self.assertEqual(json.loads(self.budgets.read_text())["gate"]["target"], "app")
        self.gate(lines=0)

    def test_the_end_of_a_run_is_kept(self):
        self.gate("--init", *TRIALS, "--until", "1", "--", *COMMAND[:2],
                  f"{START}; import time; time.sleep(600)")
        written = json.loads(self.budgets.read_text())
        CONFIGURATION.validate(written)
        self.assertEqual(written["gate"]["until"], "1000ms")
        self.assertEqual(self.verdict(*TRIALS)["head"]["failed_runs"], 0)

    def test_in_another_folder(self):
        self.gate("--init", "project/app", "--config", "project/thaw.json", cwd=self.scratch)
        self.assertEqual(json.loads(self.budgets.read_text())["gate"]["target"], "app")
        self.gate("--config", "project/thaw.json", cwd=self.scratch)
        self.gate()

    def test_without_one_it_is_named(self):
        self.assertIn("--init", self.refused("app"))


class ColdStarts(Case):
    def test_exact_metrics(self):
        self.trial({"metric": "modules", "max_increase": 0})
        self.gate(*TRIALS, "--update")
        gate = self.verdict(*TRIALS)
        self.assertEqual(gate["verdict"], "pass")
        self.assertEqual(gate["head"]["runs"], 2)
        self.distribution("plotter")
        self.add_import("plotter")
        gate = self.verdict(*TRIALS, code=RED)
        check = self.check(gate, "budget:modules")
        self.assertEqual((check["status"], check["change"]), ("fail", 1))
        [offender] = check["offenders"]
        self.assertEqual(offender["name"], "plotter")
        self.assertIn("function_app.py:1", offender["chain"])
        self.assertIn("plotter", self.gate(*TRIALS, code=RED).stdout)

    def forbid(self, **allowed):
        self.add_import("xml.dom.minidom")
        self.trial(forbidden=[{"module": "xml.dom", "reason": "one endpoint reads XML"}],
                   allowed=[{"module": "xml.dom", "reason": "until it is moved", **allowed}]
                   if allowed else [])

    def test_a_forbidden_module(self):
        self.forbid()
        gate = self.verdict(*TRIALS, code=RED)
        check = self.check(gate, "forbidden:xml.dom")
        self.assertEqual(check["status"], "fail")
        self.assertIn("function_app.py:1", check["offenders"][0]["chain"])
        text = self.gate(*TRIALS, code=RED).stdout
        self.assertIn("one endpoint reads XML", " ".join(text.split()))

    def test_an_allowance(self):
        self.forbid(until="9999-12-31")
        self.assertEqual(self.check(self.verdict(*TRIALS), "forbidden:xml.dom")["status"], "allowed")

    def test_an_allowance_that_expired(self):
        self.forbid(until="2020-01-31")
        check = self.check(self.verdict(*TRIALS, code=RED), "forbidden:xml.dom")
        self.assertEqual((check["status"], check["allowed"]["expired"]), ("fail", True))

    def test_what_can_not_be_measured_is_no_pass(self):
        for unmeasured, code in (("error", INCOMPLETE), ("warning", OK)):
            with self.subTest(unmeasured):
                self.trial({"metric": "failed_imports", "max": 5}, unmeasured=unmeasured)
                gate = self.verdict(*TRIALS, code=code)
                [check] = gate["checks"]
                self.assertEqual(check["status"], "unmeasured")
                self.assertNotEqual(gate["verdict"], "pass")

    def test_recordings_that_were_kept(self):
        self.trial({"metric": "modules", "max_increase": 0})
        kept = self.scratch / "kept"
        first = self.gate(*TRIALS, "--update", "--keep", kept)
        self.assertIn(str(kept), first.stderr)
        self.assertEqual(sorted(path.name for path in (kept / "head").glob("*.thaw")
                                if path.name[0] != "."), ["001.thaw", "002.thaw"])
        self.assertEqual(self.verdict(kept / "head")["head"]["runs"], 2)
        self.assertEqual(self.verdict(kept / "head/001.thaw")["head"]["runs"], 1)
        self.add_import("xml.dom.minidom")
        gate = self.verdict(*TRIALS, "--base", kept / "head", code=RED)
        self.assertGreater(self.check(gate, "budget:modules")["change"], 3)
        self.assertIn("not empty", self.refused(*TRIALS, "--keep", kept))
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_another_checkout_in_turns(self):
        """The app tells where it runs."""
        order = self.scratch / "order"
        (self.app / "function_app.py").write_text(
            f"import os\nwith open({str(order)!r}, 'a') as file:\n"
            "    file.write(os.path.basename(os.getcwd()) + '\\n')\n" + APP)
        base = self.scratch / "base"
        shutil.copytree(self.project, base)
        self.trial({"metric": "modules", "max_increase": 0})
        self.assertEqual(self.verdict(*TRIALS, "--base", base)["verdict"], "pass")
        places = order.read_text().split()
        self.assertEqual(places.count("project"), places.count("base"))
        measured = places[2:6]  # behind the warm-up, before runs that count
        self.assertEqual(measured, ["project", "base", "base", "project"])
        (self.app / "function_app.py").write_text(
            "import xml.dom.minidom\n" + (self.app / "function_app.py").read_text())
        check = self.check(self.verdict(*TRIALS, "--base", base, code=RED), "budget:modules")
        self.assertIn("function_app.py:1", json.dumps(check["offenders"]))

    def test_keys_that_differ(self):
        self.trial({"metric": "modules", "max_increase": 0})
        self.gate(*TRIALS, "--update")
        baseline = json.loads(self.baseline.read_text())
        baseline["entries"][0]["key"]["kernel"] = "4.19.0-other"
        self.baseline.write_text(json.dumps(baseline))
        line = self.gate(*TRIALS, code=USAGE).stderr
        self.assertIn("kernel", line)
        self.assertIn("--across", line)
        self.assertEqual(self.verdict(*TRIALS, "--across", "kernel")["differing_keys"], ["kernel"])


class Grown(Case):
    def test_what_grew_is_not_laid_to_an_import_that_was_there(self):
        self.trial({"metric": "modules", "max_increase": 0})
        app = self.app / "function_app.py"
        app.write_text("import http.client\n")
        self.gate(*TRIALS, "--update")
        app.write_text("import http.client\nimport email.mime.text, email.generator\n")
        offenders = {offender["name"]: offender for offender in
                     self.verdict(*TRIALS, code=RED)["checks"][0]["offenders"]}
        self.assertEqual((offenders["email"]["what"], offenders["email"]["line"]), ("grew", None))


class Failures(Case):
    def setUp(self):
        super().setUp()
        self.trial({"metric": "modules", "max": 5000})

    def broken(self, text):
        (self.app / "function_app.py").write_text(text)

    def test_an_app_that_crashes(self):
        self.broken("raise SystemExit('no database here')\n")
        line = self.refused(*TRIALS, code=INCOMPLETE)
        self.assertIn("status 1", line)
        self.assertIn("no database here", line)

    def test_an_app_that_crashes_now_and_then(self):
        marks = self.scratch / "marks"
        self.broken(f"with open({str(marks)!r}, 'a+') as file:\n    file.write('x')\n"
                    "    file.seek(0)\n    assert len(file.read()) != 3\n")
        result = self.gate("--backend", "importtime", "--runs", "4", "--json", code=INCOMPLETE)
        self.assertIn("recordings are kept in", result.stderr)
        self.assertIn("AssertionError", result.stderr)
        gate = json.loads(result.stdout)
        self.assertEqual(gate["head"]["failed_runs"], 1)
        self.assertEqual((gate["verdict"], gate["exit_code"], result.returncode),
                         ("unmeasured", INCOMPLETE, INCOMPLETE))

    def test_an_app_that_never_answers(self):
        self.broken("import time\ntime.sleep(600)\n")
        self.assertIn("--limit", self.refused(*TRIALS, "--limit", "1s", code=INCOMPLETE))

    def test_a_server_without_an_end_that_can_be_seen(self):
        line = self.refused(*TRIALS, "--limit", "1s", "--", "sleep", "600", code=INCOMPLETE)
        self.assertIn("--until", line)

    def test_instructions_of_a_command_that_does_not_end(self):
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        self.broken("import time\ntime.sleep(7200)\n")
        result = self.gate("--backend", "importtime", "--runs", "1", "--warmup", "0", "--until", "2s",
                           "--instructions", "--limit", "60s", code=INCOMPLETE)
        self.assertIn("does not end by itself", result.stderr)

    def test_no_such_command(self):
        self.assertIn("no-such-command", self.refused(*TRIALS, "--", "no-such-command"))

    def test_a_base_that_fails(self):
        base = self.scratch / "base"
        shutil.copytree(self.project, base)
        (base / "app/function_app.py").write_text("raise SystemExit('older')\n")
        line = self.refused(*TRIALS, "--base", base, code=INCOMPLETE)
        self.assertRegex(line, f"{base}: .*status 1.*older")

    def test_preparation_that_fails(self):
        self.refused(*TRIALS, "--prepare", "exit 7", code=INCOMPLETE)

    def test_interrupted(self):
        self.broken("import time\ntime.sleep(0.2)\n")
        self.own()
        process = subprocess.Popen([self.thaw, "gate", *TRIALS[:2], "--runs", "150"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True, **self.options())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not list(self.temporary.glob("*/head/003.thaw")):
            self.assertLess(time.monotonic(), deadline, "no recordings are made")
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual((process.returncode, out), (INCOMPLETE, ""), err)
        self.assertIn("interrupted", err)
        [folder] = self.temporary.iterdir()
        self.assertIn(str(folder), err)
        self.assertGreaterEqual(self.verdict(folder / "head")["head"]["runs"], 2)

    def test_recordings_that_are_none(self):
        empty, folder = self.scratch / "empty.thaw", self.scratch / "recordings"
        empty.write_bytes(b"")
        folder.mkdir()
        (folder / "001.thaw").write_bytes(b"")
        for what in (empty, folder, self.scratch / "missing"):
            with self.subTest(what.name):
                self.assertIn(str(what), self.refused(what))

    def test_thaw_json(self):
        for text, place in (('{\n "gate": {"targt": "."}\n}\n', "thaw.json:2:"),
                            ('{"budgets": [{"metric": "modules", "max": "many"}]}', "thaw.json:1:"),
                            ('{"gate": {},\n "gate": {}}', "thaw.json:2:"), ("", "thaw.json")):
            with self.subTest(text):
                self.budgets.write_text(text)
                self.assertIn(place, self.refused("app"))

    def test_words(self):
        report = self.scratch / "report.json"
        report.write_text(run_thaw("deps", self.app, "--json").stdout)
        for words, said in (
                (("app", report), "both what is shipped"),
                (("--across", "kernl"), "did you mean 'kernel'"),
                (("--base", ".", "--baseline", "x.json"), "exclude each other"),
                (("--update", "--json"), "--update"),
                (("--init", "--base", "."), "--init"),
                (("--runs", "0"), "--runs"),
                (("-f", "nothing"), "nothing"),
                (("--until", "never"), "--until"),
                (("--",), "command is missing")):
            with self.subTest(words):
                self.assertIn(said, self.refused(*words))
        self.configure(budgets=[{"metric": "modules", "max": 1}])
        self.assertIn("nothing to measure", self.refused())
        self.configure(gate={"target": "app"})
        self.assertIn("no budgets", self.refused())
        self.configure(gate={"target": "app", "runs": 1000})
        self.assertIn("199", self.refused())

    def test_an_output_that_has_no_folder_is_told_before_anything_runs(self):
        mark = self.scratch / "ran"
        for path in ("missing/comment.md", "/proc/comment.md"):
            line = self.refused("-f", "markdown", "-o", path, "--", "touch", mark)
            self.assertIn(f"-o {path} can't be written: its folder", line)
        self.assertFalse(mark.exists())
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_lists(self):
        self.assertIn("kernel", self.gate("--across", "list").stdout)
        self.assertIn("junit", self.gate("-f", "list").stdout)


class Privileged(Case):
    """As by sudo: what is recorded is what needs root; all that is made is the caller's."""

    def setUp(self):
        super().setUp()
        if os.geteuid():
            self.skipTest("only root can be as by sudo")
        self.trial({"metric": "modules", "max_increase": 0}, {"metric": "files_opened", "max": 5000})

    def options(self, **more):
        options = super().options(**more)
        for name in ("user", "group", "extra_groups"):
            options.pop(name)
        options["env"] |= {"SUDO_UID": str(PLAIN_USER), "SUDO_GID": str(PLAIN_USER)}
        return options

    def test_files_are_the_callers(self):
        who = self.scratch / "who"
        (self.app / "function_app.py").write_text(
            f"import os\nopen({str(who)!r}, 'w').write(str(os.getuid()))\n" + APP)
        kept, history = self.scratch / "kept", self.scratch / "history.sqlite"
        try:
            self.gate("--runs", "2", "--backend", "ebpf", "--update", "--keep", kept)
        except AssertionError as error:
            if "eBPF" in str(error):
                self.skipTest(str(error))
            raise
        gate = self.verdict("--runs", "2", "--history", history)
        self.assertEqual((gate["verdict"], gate["head"]["key"]["backend"]), ("pass", "ebpf"))
        self.assertEqual(self.check(gate, "budget:files_opened")["status"], "pass")
        self.assertEqual(who.read_text(), str(PLAIN_USER))
        made = [*kept.rglob("*"), kept, history, self.baseline]
        self.assertEqual({path.stat().st_uid for path in made}, {PLAIN_USER}, made)
        self.assertEqual(list(self.temporary.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
