"""The templates of reports/ci, executed as GitHub's and GitLab's runners do, in a clean root, by a
plain user, on the example beside this file: a green change, a red one, and hostile names.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness"), str(HERE.parent / "kernels")]
import ci_root  # noqa: E402
import github_action  # noqa: E402
import locked_environments  # noqa: E402
from program import REPOSITORY  # noqa: E402

TIMEOUT_SECONDS = 600
TEMPLATES = REPOSITORY / "reports/ci"
ACTION = "/opt/thaw/reports/ci/github"
THAW = "/opt/thaw/build/thaw"
MARKER = "<!-- thaw:gate -->\n"
# By this a shell that takes a name for words would leave a file.
HOSTILE = ("$(touch${IFS}/tmp/pwned)", "`touch${IFS}/tmp/pwned`", "x;touch${IFS}/tmp/pwned",
           "x'||touch${IFS}/tmp/pwned||'", 'x"&&touch${IFS}/tmp/pwned&&"', "x|touch${IFS}/tmp/pwned")
MISSING = ("--upload-pack=touch /tmp/pwned", "x\n::error::forged", "::set-output name=x::y", "../..",
           "-x", "$(touch /tmp/pwned)", "%0A::error::forged")
# Makes the repository of a change, whose origin has the base as main and by hostile names.
PREPARE = """
git init -q -b main origin && cp -r /example/. origin && cd origin && git add -A && git commit -qm base
for name; do git branch -- "$name"; done
cd .. && git clone -q origin app && cd app && git checkout -q -b change
git apply "/patches/$CHANGE" && git commit -qam change
"""


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = locked_environments.format_judges() / "bin/python"

    def test_nothing_is_pasted_into_a_script(self):
        for path in (TEMPLATES / "github/action.yml", TEMPLATES / "github/workflow.yml",
                     TEMPLATES / "github/lint/action.yml"):
            document = github_action.load(self.python, path)
            jobs = [document["runs"]] if "runs" in document else document["jobs"].values()
            for step in (step for job in jobs for step in job["steps"]):
                with self.subTest(path.name, step=step.get("name", step.get("uses"))):
                    self.assertNotIn("${{", step.get("run", ""))
                    self.assertNotIn("set -x", step.get("run", ""))
                    self.assertTrue("run" in step or "@" in step["uses"])
                    self.assertEqual("run" in step, "shell" in step)

    def test_the_workflow_gives_what_the_action_takes(self):
        workflow = github_action.load(self.python, TEMPLATES / "github/workflow.yml")
        self.assertNotIn("pull_request_target", workflow["true"])  # YAML 1.1 takes "on" for it
        for job, folder in (("gate", "github"), ("lint", "github/lint")):
            path = TEMPLATES / folder / "action.yml"
            action = github_action.load(self.python, path)
            own, = [step for step in workflow["jobs"][job]["steps"]
                    if f"/reports/ci/{folder}@" in step["uses"]]
            self.assertLessEqual(set(own["with"]), set(action["inputs"]))
            for name, one in action["inputs"].items():
                self.assertIn(f"inputs.{name}", path.read_text(), name)
                self.assertTrue(one["description"])

    def test_scripts_are_for_any_shell(self):
        for path in sorted(TEMPLATES.rglob("*.sh")):
            for shell in ("dash", "bash --posix"):
                subprocess.run([*shell.split(), "-n", path], check=True, timeout=60)
            self.assertTrue(os.access(path, os.X_OK), path)

    def test_gitlab(self):
        template = github_action.load(self.python, TEMPLATES / "gitlab/thaw.gitlab-ci.yml")
        job = template[".thaw-gate"]
        self.assertEqual(job["allow_failure"], {"exit_codes": [4]})
        self.assertEqual(job["variables"]["THAW_FAIL_ON_INCONCLUSIVE"], "true")
        self.assertEqual(set(job["artifacts"]["reports"]), {"junit", "codequality"})
        job = template[".thaw-lint"]
        self.assertNotIn("allow_failure", job)
        self.assertEqual(set(job["artifacts"]["reports"]), {"junit", "codequality"})


class InRoot(unittest.TestCase):
    """Jobs in a root of their own."""

    @classmethod
    def setUpClass(cls):
        cls.why_not = ci_root.why_not()
        if cls.why_not:
            return
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.python = locked_environments.format_judges() / "bin/python"
        cls.root = ci_root.make(Path(scratch.name, "root"), HERE / "packages.txt")
        for name, source in (("example", HERE / "example"), ("patches", HERE)):
            subprocess.run(["cp", "-r", source, cls.root / name], check=True, timeout=60)
        cls.action = github_action.load(cls.python, TEMPLATES / "github/action.yml")
        cls.number = 0

    def setUp(self):
        if self.why_not:
            self.skipTest(self.why_not)

    def enter(self, words, environment, directory="/job"):
        return ci_root.run(self.root, words, environment, directory)

    def checkout(self, change, branches=()):
        """A new checkout of the change; its folder in the root."""
        type(self).number += 1
        folder = self.root / f"job/{self.number}"
        folder.mkdir()
        os.chown(folder, ci_root.USER, ci_root.USER)
        result = self.enter(["sh", "-ec", PREPARE, "sh", *branches], {"CHANGE": change},
                            f"/job/{self.number}")
        self.assertEqual(result.returncode, 0, result.stderr)
        return folder / "app"

    def gate(self, app, given=None, more=None, **github):
        """The action's steps on a checkout: the gate's result, and those of all steps."""
        files = {name: f"/job/{self.number}/{name}"
                 for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV")}
        github = {"base_ref": "main", "action_path": ACTION, "token": "secret-of-action", **github}
        given = {"thaw": THAW, "config": "functions/thaw.json", "comment": "false", **(given or {})}
        context = github_action.Context(
            github_action.inputs_of(self.action, given, github, app), github, app)
        results = []
        for step, script, variables in github_action.steps_to_run(self.action, context):
            environment = {**files, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "owner/name",
                           **variables, **(more or {})}
            results.append(self.enter(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], environment,
                f"/job/{self.number}/app"))
            self.assert_clean(results[-1])
        return results[0], results

    def assert_clean(self, result):
        """No name was run, no secret shown, nothing left behind."""
        self.assertFalse((self.root / "tmp/pwned").exists())
        for text in (result.stdout, result.stderr):
            self.assertNotIn("secret-of", text)
        self.assertEqual(list((self.root / "tmp").iterdir()), [])

    def annotations(self, result):
        """The commands that GitHub would run: not those between stop and its token."""
        found, token = [], None
        for line in result.stdout.splitlines():
            if token:
                token = None if line.strip() == f"::{token}::" else token
            elif line.strip().startswith("::stop-commands::"):
                token = line.strip().removeprefix("::stop-commands::")
                self.assertGreater(len(token), 30)
            elif line.strip().startswith("::"):
                found.append(line)
        self.assertIsNone(token)
        return found

    def output(self, app, name):
        return (app / "thaw-gate" / name).read_text(encoding="utf-8")

    def unit_tests(self):
        return self.enter([".venv/bin/python", "-m", "unittest"], {}, f"/job/{self.number}/app/functions")


class Changes(InRoot):
    def test_green(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(self.annotations(result),
                         ["::notice title=thaw gate::the budgets are kept"])
        comment = self.output(app, "comment.md")
        self.assertTrue(comment.startswith(f"{MARKER}## PASS: "), comment)
        self.assertEqual((app.parent / "GITHUB_STEP_SUMMARY").read_text(), comment)
        self.assertEqual((app.parent / "GITHUB_OUTPUT").read_text(), "verdict=pass\n")
        self.assertEqual(json.loads(self.output(app, "gate.sarif"))["runs"][0]["results"], [])
        self.assertEqual(json.loads(self.output(app, "gitlab.json")), [])
        tests = self.unit_tests()
        self.assertEqual(tests.returncode, 0, tests.stderr)

    def test_red(self):
        app = self.checkout("red.patch")
        result, _ = self.gate(app, {"runs": "3"})
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        lines = (app / "functions/function_app.py").read_text().splitlines()
        number = lines.index("import requests") + 1
        found = self.annotations(result)
        at_import = [one for one in found
                     if one.startswith(f"::error file=functions/function_app.py,line={number},title=FAIL")]
        self.assertTrue(any("modules loaded" in one for one in at_import), found)
        self.assertTrue(any("requests is imported by" in one for one in at_import), found)
        self.assertTrue(any(one.startswith("::error file=functions/requirements.txt,line=2,")
                            for one in found), found)
        self.assertIn("a budget is broken", found[-1])
        comment = self.output(app, "comment.md")
        self.assertTrue(comment.startswith(f"{MARKER}## FAIL: "), comment)
        self.assertIn("requests 2.", comment)
        self.assertIn(f"functions/function_app.py:{number}", comment)
        self.assertEqual((app.parent / "GITHUB_STEP_SUMMARY").read_text(), comment)
        self.assertEqual((app.parent / "GITHUB_OUTPUT").read_text(), "verdict=fail\n")
        self.check_outputs(app, number)
        tests = self.unit_tests()
        self.assertEqual(tests.returncode, 0, tests.stderr)

    def check_outputs(self, app, number):
        """By readers that know nothing of thaw."""
        copies = {name: app / f"thaw-gate/{name}" for name in ("gate.sarif", "junit.xml")}
        copies["gitlab"] = app / "thaw-gate/issues.gitlab"
        copies["gitlab"].write_text(self.output(app, "gitlab.json"))
        result = subprocess.run([self.python, "-I", REPOSITORY / "tests/live/formats/judge.py",
                                 *copies.values()], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=120, check=True)
        for path, verdict in json.loads(result.stdout).items():
            self.assertIsNone(verdict["error"], path)
        run, = json.loads(self.output(app, "gate.sarif"))["runs"]
        places = {(place["artifactLocation"]["uri"], place["region"]["startLine"])
                  for one in run["results"]
                  for place in [one["locations"][0]["physicalLocation"]]}
        self.assertLessEqual({("functions/function_app.py", number), ("functions/requirements.txt", 2)}, places)

    def test_gitlab(self):
        app = self.checkout("red.patch")
        template = github_action.load(self.python, TEMPLATES / "gitlab/thaw.gitlab-ci.yml")
        job = template[".thaw-gate"]
        self.enter(["sh", "-ec", "git init -q -b main thaw && cp -r /opt/thaw/reports thaw && cd thaw "
                    "&& git add -A && git commit -qm thaw"], {}, f"/job/{self.number}")
        given = {"CI_BUILDS_DIR": f"/job/{self.number}", "CI_JOB_ID": "7",
                 "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
        variables = {**job["variables"], "THAW_PROGRAM": THAW, "THAW_RUNS": "3",
                     "THAW_CONFIG": "functions/thaw.json",
                     "THAW_REPOSITORY": f"file:///job/{self.number}/thaw"}
        for name, value in variables.items():
            for other, text in given.items():
                value = value.replace(f"${other}", text)
            variables[name] = value
        result = self.enter(["sh", "-ec", "\n".join(job["before_script"] + job["script"])],
                            variables, f"/job/{self.number}/app")
        self.assert_clean(result)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("thaw gate: a budget is broken", result.stdout)
        self.assertNotIn("::", result.stdout)
        issues = json.loads(self.output(app, "gitlab.json"))
        self.assertIn("functions/function_app.py", [one["location"]["path"] for one in issues])


class Endings(InRoot):
    """What becomes of exit statuses, by a program that tells its words and ends."""

    def ends_with(self, status):
        program = self.root / "job/ends_with"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*"\nexit {status}\n')
        program.chmod(0o755)
        return "/job/ends_with"

    def test_statuses(self):
        app = self.checkout("green.patch")
        for status, given, left, level, words in (
                (0, {}, 0, "notice", "kept"),
                (1, {}, 1, "error", "broken"),
                (2, {}, 2, "error", "can't be used"),
                (3, {}, 3, "error", "incomplete"),
                (4, {}, 0, "warning", "noise"),
                (4, {"fail-on-inconclusive": "true"}, 4, "error", "noise"),
                (125, {}, 125, "error", "thaw failed")):
            with self.subTest(status, given=given):
                result, _ = self.gate(app, {"thaw": self.ends_with(status), "install": "none",
                                            **given}, base_ref="")
                self.assertEqual(result.returncode, left, result.stderr)
                line, = self.annotations(result)
                self.assertTrue(line.startswith(f"::{level} title=thaw gate::"), line)
                self.assertIn(words, line)
                self.assertTrue(self.output(app, "comment.md").startswith(MARKER))

    def test_hostile_branches(self):
        app = self.checkout("green.patch", HOSTILE)
        for name in HOSTILE:
            with self.subTest(name):
                result, _ = self.gate(app, {"thaw": self.ends_with(0), "install": "none"},
                                      base_ref=name)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertRegex(result.stdout, r"\ngate --config functions/thaw.json --base /tmp/\S+/base -f ")

    def test_branches_that_are_not_there(self):
        app = self.checkout("green.patch")
        for name in MISSING:
            with self.subTest(name):
                result, _ = self.gate(app, {"thaw": self.ends_with(0)}, base_ref=name)
                self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
                found = self.annotations(result)
                self.assertEqual(len(found), 1, found)
                self.assertIn("THAW_BASE_REF", found[0])
                self.assertIn("no verdict", self.output(app, "comment.md"))

    def test_a_program_that_is_not_there(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app, {"thaw": "/nowhere/thaw", "install": "none"}, base_ref="")
        self.assertEqual(result.returncode, 127)
        self.assertIn("not found", self.annotations(result)[0])

    def test_what_is_measured_gets_no_tokens(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app, {"thaw": self.ends_with(0), "install": "env; echo ::error::x"},
                              base_ref="")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("HOME=", result.stdout)
        self.assertNotIn("GITHUB_ENV", result.stdout)
        self.assertEqual(len(self.annotations(result)), 1)

    def test_an_installation_that_fails(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app, {"thaw": self.ends_with(0), "install": "exit 7"}, base_ref="")
        self.assertEqual(result.returncode, 2)
        self.assertIn("could not be installed", self.annotations(result)[0])

    def test_budgets_that_are_not_there(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app, {"thaw": self.ends_with(0), "config": "no.json"}, base_ref="")
        self.assertEqual(result.returncode, 2)
        self.assertIn("thaw gate --init", self.annotations(result)[0])

    def test_the_comment(self):
        """By a gh that tells what it was asked; it knows of the comments that GH_COMMENTS names."""
        app = self.checkout("green.patch")
        gh = self.root / "usr/bin/gh"
        gh.write_text('#!/bin/sh\ncase "$*" in *--jq*) printf "%s" "$GH_COMMENTS"; exit;; esac\n'
                      'printf "%s\\n" "$*"\nexit "${GH_STATUS:-0}"\n')
        gh.chmod(0o755)
        self.addCleanup(gh.unlink)
        for pull, comments, status, told in (
                (7, "", 0, "POST repos/owner/name/issues/7/comments"),
                (7, "12\n13\n", 0, "PATCH repos/owner/name/issues/comments/12"),
                (7, "", 1, "::warning title=thaw gate::the comment could not be written"),
                ("", "", 0, "no pull request to comment on"),
                ("7;x", "", 0, "no pull request to comment on")):
            with self.subTest(pull=pull, comments=comments):
                result, results = self.gate(
                    app, {"thaw": self.ends_with(0), "install": "none", "comment": "true"},
                    base_ref="", event={"pull_request": {"number": pull}},
                    more={"GH_COMMENTS": comments, "GH_STATUS": str(status)})
                self.assertEqual((result.returncode, results[1].returncode), (0, 0))
                self.assertIn(told, results[1].stdout)
                if told.startswith("P"):
                    self.assertIn("--field body=@/tmp/thaw-comment.", results[1].stdout)

    def test_a_comment_is_thaws_own_or_none(self):
        """What was measured can put something else in its place."""
        app = self.checkout("green.patch")
        gh = self.root / "usr/bin/gh"
        gh.write_text('#!/bin/sh\nprintf "gh was called\\n"\n')
        gh.chmod(0o755)
        self.addCleanup(gh.unlink)
        for words in ("echo secret-of-file >x; ln -s x comment.md", "echo '# x' >comment.md",
                      "printf '<!-- thaw:gate -->x\\n' >comment.md"):
            with self.subTest(words):
                result = self.enter(
                    ["sh", "-ec", f"rm -f comment.md; {words}; exec sh {ACTION}/comment.sh"],
                    {"THAW_COMMENT": "comment.md", "THAW_PULL_REQUEST": "7",
                     "GITHUB_REPOSITORY": "owner/name"}, f"/job/{self.number}/app")
                self.assert_clean(result)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("nothing is written", result.stdout)
                self.assertNotIn("gh was called", result.stdout)

    def test_what_is_given_becomes_words(self):
        app = self.checkout("green.patch")
        result, _ = self.gate(app, {
            "thaw": self.ends_with(0), "install": "none", "target": "functions", "runs": "4",
            "backend": "importtime", "command": "python3 -c 'import x'; $(touch /tmp/pwned)"},
            base_ref="")
        self.assertRegex(result.stdout, r"\ngate --config functions/thaw.json --runs 4 --backend "
                         r"importtime -f markdown .* functions -- sh -c python3 -c 'import x'; \$\(t")

    def test_a_history_that_is_too_short(self):
        app = self.checkout("green.patch")
        made = self.enter(["sh", "-ec", "git clone -q --depth 1 file://$PWD/app shallow && rm -rf app "
                           "&& git clone -q --bare origin app && mv shallow whole && mv app bare && "
                           "mv whole app && cd app && git remote set-url origin file://$PWD/../bare"],
                          {}, f"/job/{self.number}")
        self.assertEqual(made.returncode, 0, made.stderr)
        result, _ = self.gate(app, {"thaw": self.ends_with(0), "install": "none"})
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertIn("fetch-depth: 0", self.annotations(result)[0])


if __name__ == "__main__":
    unittest.main()
