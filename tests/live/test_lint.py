"""thaw lint, as a program: what it reads, says, and ends with, on small apps that are made here."""

import json
import os
import re
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

OK, FINDING, USAGE, INCOMPLETE, FAILED = 0, 1, 2, 3, 125
GOLDEN = REPOSITORY / "tests/golden"
SCHEMA = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-lint-1.schema.json").read_text()))
FORMATS = ("summary", "json", "markdown", "junit", "sarif", "gitlab", "github")
KEY = "b2hubyE" + "Qm9i" * 19 + "Zg=="  # of a storage account's form
HOST = """{
  // the host takes comments, and the comma at the end
  "version": "2.0",
  "functionTimeout": "00:05:00",
  "extensionBundle": {
    "id": "Microsoft.Azure.Functions.ExtensionBundle",
    "version": "[4.0.0, 5.0.0)"
  },
}
"""
APP = """import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route(route="orders")
async def orders(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("ok")
"""


BICEP = """resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'app'
  kind: 'functionapp,linux'
  properties: {
    serverFarmId: plan.id
  }
}
"""


def found(result):
    return {one["id"]: one for one in json.loads(result.stdout)["findings"]}


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.app = self.root / "app"
        self.app.mkdir()
        self.write("host.json", HOST)
        self.write("function_app.py", APP)
        self.write("requirements.txt", "azure-functions==1.24.0\n")

    def write(self, name, text):
        path = self.app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def lint(self, *options, code=None, app="app", **run):
        result = run_thaw("lint", app, *options, cwd=self.root, **run)
        if code is not None:
            self.assertEqual((result.returncode, result.stderr), (code, ""))
        return result

    def document(self, *options, code=OK, **run):
        """The JSON document, judged by its schema."""
        document = json.loads(self.lint("--json", *options, code=code, **run).stdout)
        self.assertEqual([error.message for error in SCHEMA.iter_errors(document)], [])
        return document

    def joined(self, result):
        """What it says, whatever the width."""
        return " ".join(result.stdout.split())

    def complaint(self, *options, app="app"):
        """The one line of wrong usage."""
        result = self.lint(*options, app=app)
        self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertTrue(result.stderr.startswith("thaw lint: "))
        return result.stderr


class Checking(Lint):
    def test_a_good_app_has_no_error(self):
        document = self.document("--plan", "flex", "--python", "3.12")
        self.assertEqual([one for one in document["findings"] if one["severity"] == "error"], [])
        self.assertTrue(document["complete"])
        app = document["app"]
        self.assertEqual((app["platform"]["value"], app["plan"]["value"], app["python"]["value"],
                          app["functions"], app["has_source"]),
                         ("azure_functions", "flex", "3.12", 1, True))
        self.assertLessEqual({"host.json", "function_app.py", "requirements.txt"},
                             set(document["read"]))
        self.assertFalse(set(document["checked"]) & {one["id"] for one in document["unchecked"]})

    def test_an_error_has_line_and_column(self):
        self.write("host.json", HOST.replace("00:05:00", "00:15:00"))
        one = found(self.lint("--plan", "consumption", "--json"))["timeout-beyond-plan"]
        self.assertEqual((one["severity"], one["location"]["file"], one["location"]["line"],
                          one["location"]["column"]), ("error", "host.json", 4, 3))
        self.assertTrue(one["sources"][0]["url"].startswith("https://"))
        text = self.lint("--plan", "consumption", code=FINDING).stdout
        self.assertRegex(text, r"(?m)^app/host\.json:4:3: error: .*\[timeout-beyond-plan\]$")

    def test_the_folder_is_the_current_one_by_itself(self):
        here = run_thaw("lint", "--json", cwd=self.app)
        self.assertEqual(here.returncode, OK)
        self.assertEqual(json.loads(here.stdout)["app"]["path"], ".")
        self.assertEqual({one["id"] for one in json.loads(here.stdout)["findings"]},
                         {one["id"] for one in self.document()["findings"]})

    def test_a_zip_is_read_as_it_is_deployed(self):
        with zipfile.ZipFile(self.root / "app.zip", "w") as package:
            for path in self.app.iterdir():
                package.write(path, path.name)
        document = self.document(app="app.zip")
        self.assertTrue(document["app"]["is_zip"])
        self.assertEqual(document["app"]["functions"], 1)

    def test_what_is_not_known_is_not_checked(self):
        ids = {one["id"] for one in self.document()["unchecked"]}
        self.assertTrue(ids)
        with_plan = {one["id"] for one in self.document("--plan", "flex")["unchecked"]}
        self.assertLess(with_plan, ids)

    def test_what_a_recording_would_tell_is_one_line(self):
        text = self.lint("-f", "markdown").stdout
        lines = [line for line in text.splitlines() if line.startswith("- a rec")]
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith("- a recording of this app (--recording)"))

    def test_what_more_may_be_given(self):
        self.assertIn("--plan PLAN, --settings FILE, --template FILE (", self.joined(self.lint()))
        (self.root / "main.bicep").write_text(BICEP)
        text = self.joined(self.lint("--template", "main.bicep"))
        self.assertIn("more can be told by", text)
        self.assertNotIn("--template FILE", text)
        for path in self.app.iterdir():
            path.unlink()
        self.write("main.py", "def lambda_handler(event, context):\n    return event\n")
        text = self.joined(self.lint())
        self.assertIn("--template FILE", text)
        self.assertNotIn("--plan PLAN", text)
        self.assertNotIn("--settings FILE", text)

    def test_no_form_names_itself_for_more(self):
        self.assertIn("-f markdown lists them", self.joined(self.lint()))
        for form in ("markdown", "sarif"):
            text = self.joined(self.lint("-f", form))
            self.assertIn("lack what they need", text)
            self.assertNotIn("-f markdown", text)

    def test_places_in_evidence_are_as_those_of_findings(self):
        self.write("function_app.py", APP + APP.split("app = ")[1].split("\n", 1)[1].replace(
            "def orders", "def again"))
        (self.root / "main.bicep").write_text(BICEP)
        options = ("--template", "main.bicep")
        self.assertIn("orders (function_app.py:",
                      " ".join(found(self.lint("--json", *options))["route-twice"]["evidence"]))
        text = self.joined(self.lint(*options))
        self.assertIn("orders (app/function_app.py:", text)
        self.assertIn("plan flex (main.bicep:", text)  # the user's own, as it was named
        self.assertIn("orders (app/function_app.py:", self.lint("-f", "markdown", *options).stdout)
        here = run_thaw("lint", cwd=self.app)
        self.assertIn("orders (function_app.py:", self.joined(here))

    def test_no_word_is_broken(self):
        long = "services/" + "a_name_that_is_long/" * 5
        for path in list(self.app.iterdir()):
            self.write(long + path.name, path.read_text())
        text = self.lint("--width", "80", app="app/" + long).stdout
        self.assertIn(f"\n    (app/{long}function_app.py:7)\n", text)

    def test_an_empty_folder_is_no_app(self):
        (self.root / "empty").mkdir()
        document = self.document(app="empty", code=1)
        self.assertEqual([one["id"] for one in document["findings"]], ["no-app-found"])

    def test_an_app_of_another_language_is_told_as_one(self):
        (self.root / "other/hello").mkdir(parents=True)
        (self.root / "other/host.json").write_text('{"version": "2.0"}')
        (self.root / "other/hello/function.json").write_text(
            '{"bindings": [{"type": "httpTrigger", "name": "req", "authLevel": "anonymous"}]}')
        (self.root / "other/hello/index.js").write_text("module.exports = () => 1;")
        document = self.document(app="other")
        self.assertEqual([one["id"] for one in document["findings"]], ["not-a-python-app"])
        self.assertEqual(document["unchecked"], [])

    def test_two_runs_are_the_same(self):
        self.assertEqual(self.lint("--json").stdout, self.lint("--json").stdout)

    def test_an_app_of_no_platform(self):
        for path in self.app.iterdir():
            path.unlink()
        self.write("main.py", "def receive(event, context):\n    return event\n")
        document = self.document()
        self.assertIsNone(document["app"]["platform"]["value"])
        self.assertTrue(document["complete"])
        self.write("main.py", "print(1)\n")
        document = self.document(code=FINDING)
        self.assertEqual([one["id"] for one in document["findings"]], ["no-app-found"])

    def test_a_recording_is_joined(self):
        recording = GOLDEN / "effects/recording.txt"
        document = self.document("--recording", recording)
        self.assertEqual(document["recording"]["name"], str(recording))
        report = self.root / "report.json"
        self.assertEqual(run_thaw("report", recording, "--json", "-o", report).returncode, OK)
        again = self.document("--recording", "report.json")
        self.assertEqual({one["id"] for one in again["unchecked"]},
                         {one["id"] for one in document["unchecked"]})
        self.assertEqual(again["recording"]["cold_start_ns"], document["recording"]["cold_start_ns"])


class Endings(Lint):
    def test_fail_on(self):
        self.write("thaw.json", json.dumps({"suppress": [
            {"id": "duplicate-key", "reason": "…", "until": "2020-01-31"}]}))
        document = self.document()  # a note at least
        counts = document["counts"]
        self.assertTrue(counts["notes"])
        self.lint("--fail-on", "error", code=FINDING if counts["errors"] else OK)
        self.lint("--fail-on", "warning",
                  code=FINDING if counts["errors"] + counts["warnings"] else OK)
        self.lint("--fail-on", "note", code=FINDING)
        self.write("host.json", HOST.replace("00:05:00", "00:15:00"))
        self.lint("--plan", "consumption", code=FINDING)
        self.lint("--plan", "consumption", "--fail-on", "never", code=OK)

    def test_what_could_not_be_read_is_incomplete(self):
        for name, text in (("host.json", "{,}"), ("orders/function.json", "["),
                           ("other.py", "def f(:\n")):
            with self.subTest(name):
                self.write(name, text)
                result = self.lint("--json")
                self.assertEqual(result.returncode, FINDING)
                one = found(result)["file-malformed"]
                self.assertEqual(one["location"]["file"], name)
                self.lint("--fail-on", "never", code=INCOMPLETE)
                self.assertFalse(self.document("--fail-on", "never", code=INCOMPLETE)["complete"])
                self.assertIn("INCOMPLETE: ", self.lint().stdout)
                (self.app / name).unlink()
                self.write("host.json", HOST)

    def test_a_folder_instead_of_a_file(self):
        (self.app / "host.json").unlink()
        (self.app / "host.json").mkdir()
        result = self.lint("--json", "--fail-on", "never")
        self.assertEqual(result.returncode, INCOMPLETE)
        self.assertIn("not-all-read", found(result))

    def test_without_an_interpreter(self):
        result = self.lint("--json", "--interpreter", self.root / "no-python", "--fail-on", "never")
        self.assertEqual(result.returncode, INCOMPLETE)
        self.assertFalse(json.loads(result.stdout)["app"]["has_source"])

    def test_wrong_usage(self):
        (self.root / "broken.json").write_text("{")
        (self.root / "list.json").write_text("[1]")
        for options, said in (
                (("--disable", "duplicate-kez"), "did you mean 'duplicate-key'?"),
                (("--disable", "zzzzzz"), "`thaw explain list` names them"),
                (("--profile", "slow"), "`--profile list` names them"),
                (("--plan", "Y1"), "consumption"),
                (("-f", "sarf"), "did you mean 'sarif'?"),
                (("--config", "none.json"), "none.json"),
                (("--config", "broken.json"), "broken.json:1"),
                (("--settings", "none.json"), "none.json"),
                (("--settings", "list.json"), "list.json"),
                (("--template", "none.bicep"), "none.bicep"),
                (("--recording", "none.thaw"), "none.thaw"),
                (("--settings", "list.json", "-o", "list.json"), "list.json")):
            with self.subTest(options):
                self.assertIn(said, self.complaint(*options))
        self.assertIn("no-app", self.complaint(app="no-app"))
        self.assertIn("list.json", self.complaint(app="list.json"))
        self.assertEqual(self.lint("app").returncode, USAGE)  # two operands

    def test_the_report_of_a_target_is_no_recording(self):
        report = self.root / "target.json"
        self.assertEqual(run_thaw("deps", self.app, "--json", "-o", report).returncode, OK)
        self.assertIn("nothing was seen to run", self.complaint("--recording", report))

    def test_what_is_no_version_of_python(self):
        for word in ("abc", "3", "3.", "3.x", "py3.12", "3.12.", "3.12.x", "4.1", "3.123", ""):
            self.assertIn("is no version of Python such as 3.12", self.complaint("--python", word))
        for word in ("2.7", "3.9", "3.12.4"):
            self.document("--python", word, "--fail-on", "never")

    def test_what_can_not_be_written(self):
        result = self.lint("-o", "/dev/full", "-q")
        self.assertEqual(result.returncode, FAILED)
        self.assertEqual(len(result.stderr.splitlines()), 1)


class Configuration(Lint):
    def configure(self, text, name="thaw.json"):
        return self.write(name, json.dumps(text))

    def test_thaw_json_says_how_and_the_command_line_wins(self):
        self.write("host.json", HOST.replace('"version": "2.0",', '"version": "2.0", "version": "2.0",'))
        self.configure({"lint": {"plan": "flex", "python": "3.12", "profile": "ci",
                                 "fail_on": "warning", "disable": ["requirements-not-hashed"]}})
        document = self.document(code=FINDING)
        self.assertEqual(document["app"]["plan"]["value"], "flex")
        self.assertEqual(document["app"]["python"]["value"], "3.12")
        self.assertEqual(document["profile"]["name"], "ci")
        self.assertEqual(document["counts"]["notes"], 0)
        self.assertEqual(document["disabled"], ["requirements-not-hashed"])
        self.assertEqual((document["app"]["plan"]["reason"], document["app"]["python"]["reason"]),
                         ("thaw.json", "thaw.json"))
        document = self.document("--plan", "premium", "--python", "3.11", "--profile", "production",
                                 "--fail-on", "never", "--disable", "duplicate-key")
        self.assertEqual(document["app"]["plan"]["value"], "premium")
        self.assertEqual(document["app"]["python"]["value"], "3.11")
        self.assertEqual((document["app"]["plan"]["reason"], document["app"]["python"]["reason"]),
                         ("--plan", "--python"))
        self.assertEqual(set(document["disabled"]), {"requirements-not-hashed", "duplicate-key"})

    def test_what_is_no_version_or_plan_in_thaw_json(self):
        for member, words in (("python", ("abc", "3", "4.1", "3.12.x")), ("plan", ("abc", ""))):
            for word in words:
                self.configure({"lint": {member: word}})
                self.assertIn(member, self.complaint())
        self.configure({"lint": {"python": "3.12.4"}})
        self.assertEqual(self.document("--fail-on", "never")["app"]["python"]["value"], "3.12")

    def test_files_are_beside_thaw_json(self):
        (self.app / "deployed").mkdir()
        self.write("deployed/settings.json",
                   json.dumps([{"name": "FUNCTIONS_EXTENSION_VERSION", "value": "~3"}]))
        self.configure({"lint": {"settings": ["deployed/settings.json"]}})
        one = found(self.lint("--json"))["runtime-version"]
        self.assertEqual((one["location"]["file"], one["location"]["named"]),
                         ("app/deployed/settings.json", True))

    def test_where_thaw_json_is_looked_for(self):
        at_root = self.root / "thaw.json"
        at_root.write_text(json.dumps({"lint": {"profile": "quick"}}))
        self.assertEqual(self.document()["profile"]["name"], "quick")
        self.configure({"lint": {"profile": "ci"}})
        self.assertEqual(self.document()["profile"]["name"], "ci")
        self.assertEqual(self.document("--config", "thaw.json")["profile"]["name"], "quick")

    def test_suppressed_findings_have_their_reasons(self):
        self.write("host.json", HOST.replace("00:05:00", "00:15:00"))
        entry = {"id": "timeout-beyond-plan", "reason": "moves to Flex", "file": "host.json"}
        self.configure({"suppress": [entry, {"id": "lazy-import", "reason": "of the report"}]})
        document = self.document("--plan", "consumption")
        one, = document["suppressed"]
        self.assertEqual((one["finding"]["id"], one["reason"], one["until"]),
                         ("timeout-beyond-plan", "moves to Flex", None))
        self.assertNotIn("unused-suppression", {one["id"] for one in document["findings"]})
        self.configure({"suppress": [{**entry, "file": "other.json"}]})
        document = self.document("--plan", "consumption", code=FINDING)
        self.assertEqual(document["suppressed"], [])
        self.assertIn("unused-suppression", {one["id"] for one in document["findings"]})
        self.configure({"suppress": [{**entry, "until": "2020-01-01"}]})
        self.lint("--plan", "consumption", code=FINDING)

    def test_profiles_are_listed(self):
        listed = self.lint("--profile", "list", code=OK).stdout
        self.assertEqual([line.split()[0] for line in listed.splitlines()],
                         ["production", "ci", "quick"])


class Outputs(Lint):
    def test_several_at_once(self):
        options = [word for form in FORMATS for word in ("-f", form, "-o", f"out.{form}")]
        result = self.lint(*options, "-q", code=OK)
        self.assertEqual(result.stdout, "")
        for form in FORMATS:
            self.assertTrue((self.root / f"out.{form}").exists(), form)
        self.assertEqual(json.loads((self.root / "out.json").read_text()), self.document())
        self.assertIn("app: ", self.lint("-f", "json", "-o", "again.json", code=OK).stdout)
        listed = self.lint("-f", "list", code=OK).stdout
        self.assertEqual([line.split()[0] for line in listed.splitlines()], list(FORMATS))

    def test_no_value_of_a_setting_is_told(self):
        secrets = (KEY, "hunter2hunter2", "ghp_" + "a1B2" * 9)
        connection = f"DefaultEndpointsProtocol=https;AccountName=acc;AccountKey={KEY};" \
                     "EndpointSuffix=core.windows.net"
        self.write("local.settings.json", json.dumps(
            {"IsEncrypted": False, "Values": {"AzureWebJobsStorage": connection,
                                              "TOKEN": secrets[2]}}))
        self.write("function_app.py", APP + f"\nCONNECTION = '{connection}'\n"
                                            f"password = '{secrets[1]}'\nTOKEN = '{secrets[2]}'\n")
        (self.root / "settings.json").write_text(json.dumps(
            [{"name": "AzureWebJobsStorage", "value": connection},
             {"name": "DATABASE", "value": f"Server=s;User=u;Password={secrets[1]}"},
             {"name": "TOKEN", "value": secrets[2]}]))
        options = ("--settings", "settings.json", "--plan", "premium", "--fail-on", "never")
        ids = {one["id"] for one in self.document(*options)["findings"]}
        self.assertLessEqual({"secret-in-settings", "secret-in-source"}, ids)
        for form in FORMATS:
            text = self.lint(*options, "-f", form, code=OK).stdout
            for secret in secrets:
                self.assertNotIn(secret, text, form)

    def test_hostile_names(self):
        hostile = "a\n::error::b\x1b[31m<img src=x>\u202e"
        (self.app / hostile).mkdir()
        (self.app / hostile / "function.json").write_text("{")
        (self.app / os_bytes(b"not-utf-8-\xff")).mkdir()
        (self.app / os_bytes(b"not-utf-8-\xff") / "function.json").write_text("{")
        self.write("local.settings.json", json.dumps({"Values": {hostile: "x"}}))
        document = self.document(code=FINDING)
        files = {one["location"]["file"] for one in document["findings"] if one["location"]}
        self.assertIn(f"{hostile}/function.json", files)
        for form in FORMATS:
            with self.subTest(form):
                text = self.lint("-f", form, code=FINDING).stdout
                self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]")
                self.assertNotRegex(text, r"(?m)^::error::b")
                self.assertNotIn("<img", text if form == "junit" else "")

    def test_the_example_is_by_the_schema(self):
        example = json.loads((GOLDEN / "full_lint.json").read_text(encoding="utf-8"))
        self.assertEqual([error.message for error in SCHEMA.iter_errors(example)], [])
        for key in ("app", "counts", "facts", "findings", "suppressed"):
            wrong = {name: value for name, value in example.items() if name != key}
            self.assertTrue(list(SCHEMA.iter_errors(wrong)), key)
        printed = run_thaw("schema", "lint")
        self.assertEqual(json.loads(printed.stdout), SCHEMA.schema)


class Words(unittest.TestCase):
    def rules(self):
        """(id, severity, area) of all rules."""
        lines = run_thaw("explain", "list").stdout.splitlines()
        found_in = (re.fullmatch(r"(\S+) +(\S+) .+ \(lint, ([a-z-]+)\)", line) for line in lines)
        return [match.groups() for match in found_in if match]

    def test_each_rule_has_a_page(self):
        rules = self.rules()
        self.assertGreater(len(rules), 50)
        for rule, severity, area in rules:
            with self.subTest(rule):
                result = run_thaw("explain", rule)
                self.assertEqual((result.returncode, result.stderr), (OK, ""))
                self.assertTrue(result.stdout.startswith(f"{rule} ({severity}, lint: {area})\n"))
                self.assertIn("\nChecked by `thaw lint` when there is:\n", result.stdout)
                self.assertIn(f'"id": "{rule}"', result.stdout)
                long = [line for line in result.stdout.splitlines() if len(line) > 80]
                self.assertEqual([line for line in long if not line.startswith("  ")], [])  # code

    def test_the_schema_of_thaw_json_has_all_rules(self):
        schema = json.loads(run_thaw("schema", "configuration").stdout)
        self.assertEqual(schema["$defs"]["lint_rule"]["enum"],
                         sorted(rule for rule, _, _ in self.rules()))

    def test_rules_are_offered(self):
        result = run_thaw("help", "completion", "bash")
        self.assertIn("timeout-beyond-plan", result.stdout)


class Hook(unittest.TestCase):
    def test_the_hook_of_pre_commit(self):
        """Read as the flat list of texts that it is: no reader of YAML is needed for it."""
        lines = (REPOSITORY / ".pre-commit-hooks.yaml").read_text().splitlines()
        lines = [line for line in lines if not line.startswith("#")]
        hook = dict(re.fullmatch(r"[- ] (\w+): (.+)", line).groups() for line in lines)
        self.assertEqual((hook["id"], hook["language"], hook["pass_filenames"]),
                         ("thaw-lint", "system", "false"))
        files = re.compile(hook["files"])
        for name in ("host.json", "api/orders/function.json", "requirements-dev.txt", "infra/main.bicep",
                     "function_app.py", "template.yaml", "Dockerfile", "main.tf.json"):
            self.assertTrue(files.search(name), name)
        for name in ("README.md", "my_host.json", "package.json", "a.pyc", "requirements.txt.bak"):
            self.assertFalse(files.search(name), name)
        program, *words = hook["entry"].split()
        arguments = json.loads(re.sub(r"[^\[\], ]+", lambda match: f'"{match[0]}"', hook["args"]))
        self.assertEqual(program, "thaw")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "host.json").write_text(HOST)
            result = subprocess.run([THAW, *words, *arguments], cwd=folder, capture_output=True,
                                    text=True, timeout=60, check=False)
            self.assertEqual((result.returncode, result.stderr), (OK, ""))
            Path(folder, "host.json").write_text("{")
            result = subprocess.run([THAW, *words, *arguments], cwd=folder, capture_output=True,
                                    text=True, timeout=60, check=False)
            self.assertEqual(result.returncode, FINDING)


class Job(Lint):
    """reports/ci/lint.sh, as CI jobs start it."""

    def job(self, **variables):
        return subprocess.run([REPOSITORY / "reports/ci/lint.sh"], cwd=self.root, timeout=60,
                              env={**os.environ, "THAW_PROGRAM": THAW, "THAW_APP": "app",
                                   **variables},
                              capture_output=True, text=True, check=False)

    def test_all_outputs(self):
        summary = self.root / "summary.md"
        result = self.job(THAW_PLAN="flex", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary)
        self.assertEqual((result.returncode, result.stderr), (OK, ""))
        names = {"comment.md", "lint.json", "lint.sarif", "junit.xml", "gitlab.json",
                 "annotations.txt"}
        self.assertEqual({path.name for path in (self.root / "thaw-lint").iterdir()}, names)
        self.assertEqual(summary.read_text(), (self.root / "thaw-lint/comment.md").read_text())
        document = json.loads((self.root / "thaw-lint/lint.json").read_text())
        self.assertEqual(document["app"]["plan"]["value"], "flex")
        stop, *quiet = result.stdout.splitlines()
        token = stop.removeprefix("::stop-commands::")
        after = quiet[quiet.index(f"::{token}::") + 1:]
        self.assertEqual(after, (self.root / "thaw-lint/annotations.txt").read_text().splitlines())

    def test_the_status_is_lints(self):
        self.write("host.json", HOST.replace("00:05:00", "00:15:00"))
        self.assertEqual(self.job(THAW_PLAN="consumption").returncode, FINDING)
        self.assertEqual(self.job(THAW_PLAN="consumption", THAW_FAIL_ON="never").returncode, OK)
        self.assertEqual(self.job(THAW_PLAN="none").returncode, USAGE)
        self.assertEqual(list((self.root / "thaw-lint").iterdir()), [])  # no old ones
        self.assertEqual(self.job(THAW_APP="--help").returncode, USAGE)


def os_bytes(name):
    return name.decode("utf-8", "surrogateescape")


if __name__ == "__main__":
    unittest.main()
