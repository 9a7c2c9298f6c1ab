"""What `thaw record` does for and to the command: user, terminal, status, ends, and failures."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import elevate
from program import THAW, run_thaw
from recorded import RECORD_SECONDS, record, record_command, record_with_ebpf

TIMEOUT_SECONDS = 300
PYTHON = "/usr/bin/python3.11"
USAGE, FAILED, NOT_EXECUTABLE, NOT_FOUND = 2, 125, 126, 127

# Says that it is ready, then sleeps until somebody ends it.
SLEEPER = "import json, sys, time; print('ready', flush=True); time.sleep(600)"


class Recording(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.path = self.scratch / "recording.thaw"

    def start(self, *options, command, **subprocess_options):
        """Starts a recording and waits until the command says that it is ready."""
        prefix = elevate.prefix_or_skip()
        recorder = subprocess.Popen(
            record_command(self.path, *options, command=command, prefix=prefix),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            **subprocess_options)
        self.addCleanup(recorder.communicate)
        self.addCleanup(recorder.kill)
        self.assertEqual(recorder.stdout.readline(), "ready\n")
        return recorder

    def wait_for(self, text):
        """Reads along until the recording holds the text."""
        deadline = time.monotonic() + RECORD_SECONDS
        while text not in run_thaw("report", "-f", "text", self.path).stdout:
            self.assertLess(time.monotonic(), deadline, f"{text} never reached the recording")
            time.sleep(0.02)

    def read_report(self):
        result = run_thaw("report", "--json", self.path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)


class Status(Recording):
    def status(self, *command):
        return record(self.path, command=command, elevated=False).status

    def test_is_the_commands_own(self):
        self.assertEqual(self.status("true"), 0)
        self.assertEqual(self.status("sh", "-c", "exit 3"), 3)
        self.assertEqual(self.status("sh", "-c", "kill -TERM $$"), 128 + signal.SIGTERM)

    def test_says_when_the_command_can_not_run(self):
        recorded = record(self.path, command=["no-such-command-here"], elevated=False)
        self.assertEqual(recorded.status, NOT_FOUND)
        self.assertIn("no-such-command-here: no such command", recorded.stderr)
        self.assertEqual(self.status("/etc/passwd"), NOT_EXECUTABLE)

    def test_unwritable_output_is_one_line(self):
        output = self.scratch / "no-such-folder/recording.thaw"
        recorded = record(output, "--backend", "importtime", command=["true"], elevated=False)
        self.assertEqual(recorded.status, FAILED)
        self.assertEqual(len(recorded.stderr.splitlines()), 1, recorded.stderr)
        self.assertIn(str(output), recorded.stderr)

    def test_watching_needs_a_first_reply(self):
        for options, status in ((("--until", "exit"), USAGE), (("--until", "1s"), USAGE),
                                (("--backend", "importtime"), FAILED)):
            with self.subTest(options):
                recorded = record(self.path, "--watch", "1s", *options, command=["true"],
                                  elevated=False)
                self.assertEqual(recorded.status, status)
                self.assertEqual(len(recorded.stderr.splitlines()), 1, recorded.stderr)

    def test_output_and_errors_pass_through(self):
        for backend in ("auto", "importtime"):
            with self.subTest(backend):
                recorded = record(self.path, "--backend", backend, elevated=False,
                                  command=["sh", "-c", "echo out; echo err >&2; printf end >&2"])
                self.assertEqual(recorded.stdout, "out\n")
                self.assertTrue(recorded.stderr.endswith("err\nend"), recorded.stderr)


class Ends(Recording):
    def test_duration(self):
        recorded = record_with_ebpf(self.path, "--until", "200ms",
                                    command=[PYTHON, "-c", SLEEPER])
        self.assertEqual(recorded.status, 0, recorded.stderr)
        self.assertIn('session.end reason="duration" exit_status=-1', recorded.text)

    def test_interrupt_keeps_everything(self):
        recorder = self.start(command=[PYTHON, "-c", SLEEPER])
        recorder.send_signal(signal.SIGINT)
        self.assertEqual(recorder.wait(RECORD_SECONDS), 0)
        report = self.read_report()
        self.assertIn("json", {module["name"] for module in report["modules"]})
        self.assertEqual(report["losses"], [])

    def test_keep_running_leaves_the_command(self):
        recorder = self.start("--keep-running", "--until", "300ms",
                              command=[PYTHON, "-c", "import os, sys, time; print('ready', "
                                       "flush=True); print(os.getpid(), flush=True); "
                                       "time.sleep(600)"])
        pid = int(recorder.stdout.readline())
        self.assertEqual(recorder.wait(RECORD_SECONDS), 0)
        os.kill(pid, 0)  # still there
        subprocess.run([*elevate.prefix_or_skip(), "sh", "-c", f"kill {pid}"], check=True)

    def test_killed_thaw_leaves_the_command_and_what_was_recorded(self):
        if elevate.prefix_or_skip():
            self.skipTest("thaw's own pid is not known behind sudo")
        recorder = self.start(command=[PYTHON, "-c", SLEEPER])
        children = Path(f"/proc/{recorder.pid}/task/{recorder.pid}/children").read_text().split()
        self.wait_for('name="json"')  # has reached the file
        recorder.kill()
        recorder.wait(RECORD_SECONDS)
        self.assertEqual(len(children), 1)
        os.kill(int(children[0]), signal.SIGTERM)  # fails if it is gone
        report = self.read_report()
        self.assertFalse(report["complete"])
        self.assertIn("json", {module["name"] for module in report["modules"]})


class Users(Recording):
    def test_command_runs_as_the_user_behind_sudo(self):
        if elevate.prefix_or_skip():
            self.skipTest("runs as root without sudo: SUDO_UID is set by the test itself")
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.scratch, 0o777)
        environment = {"PATH": os.environ["PATH"], "SUDO_UID": str(nobody.pw_uid),
                       "SUDO_GID": str(nobody.pw_gid)}
        recorded = record(self.path, command=["sh", "-c", "id -u; id -g; echo $USER; touch made"],
                          env=environment, cwd=self.scratch)
        self.assertEqual(recorded.stdout.split(),
                         [str(nobody.pw_uid), str(nobody.pw_gid), "nobody"], recorded.stderr)
        for path in (self.path, self.scratch / "made"):
            self.assertEqual((path.stat().st_uid, path.stat().st_gid),
                             (nobody.pw_uid, nobody.pw_gid), path)

    def unprivileged(self):
        """Words that take every capability from a command, or skips."""
        if os.geteuid():
            return []
        if not shutil.which("setpriv"):
            self.skipTest("setpriv is missing (util-linux)")
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                "--bounding-set=-all", "--inh-caps=-all"]

    def test_without_privileges_three_lines_and_a_report(self):
        os.chmod(self.scratch, 0o777)
        command = [*self.unprivileged(), THAW, "record", "-q", "-o", str(self.path), "--",
                   PYTHON, "-c", "import json; print('done')"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=RECORD_SECONDS, cwd="/", check=False)
        self.assertEqual((result.returncode, result.stdout), (0, "done\n"), result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 3, result.stderr)
        self.assertIn("CAP_BPF", result.stderr)
        self.assertNotIn("libbpf", result.stderr)
        report = self.read_report()
        self.assertEqual(report["run"]["backend"], "importtime")
        self.assertIn("json.decoder", {module["name"] for module in report["modules"]})
        self.assertTrue(all(probe["status"] == "missing" for probe in report["probes"]))

    def test_ebpf_or_nothing_is_one_line(self):
        os.chmod(self.scratch, 0o777)
        command = [*self.unprivileged(), THAW, "record", "--backend", "ebpf", "-o",
                   str(self.path), "--", "true"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=RECORD_SECONDS, cwd="/", check=False)
        self.assertEqual(result.returncode, FAILED)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


class Backends(Recording):
    def modules(self, *options):
        recorded = record(self.path, *options, "--until", "exit",
                          command=[PYTHON, "-c", "import json, email.mime.text, unittest"])
        by_id = {module["id"]: module for module in recorded.report["modules"]}
        return recorded, [(module["name"], by_id.get(module["parent"], {}).get("name"))
                          for module in by_id.values() if module["via"] != "import_module"]

    def test_importtime_gives_the_same_tree(self):
        recorded, seen = self.modules("--backend", "auto")
        if recorded.report["run"]["backend"] != "ebpf":
            self.skipTest("eBPF is refused here, even to root")
        reported, told = self.modules("--backend", "importtime")
        self.assertEqual(reported.report["run"]["backend"], "importtime")
        self.assertEqual(sorted(seen, key=str), sorted(told, key=str))

    def test_silent_interpreter_is_a_loss(self):
        recorded = record(self.path, "--backend", "importtime", "--until", "exit",
                          command=[PYTHON, "-I", "-c", "import json, time; time.sleep(0.3)"],
                          elevated=False)
        self.assertEqual([loss["cause"] for loss in recorded.report["losses"]],
                         ["no-import-report"])


class Namespaces(Recording):
    def in_one_of_its_own(self, backend):
        """`thaw record` where the kernel's process numbers are others than its own."""
        prefix = elevate.prefix_or_skip()
        return subprocess.run(
            [*prefix, "unshare", "--pid", "--fork", "--mount-proc", THAW, "record", "--backend",
             backend, "-o", str(self.path), "--", "/usr/bin/python3.11", "-c", "import json"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def test_ebpf_is_refused(self):
        result = self.in_one_of_its_own("ebpf")
        self.assertEqual(result.returncode, 125, result.stderr)
        self.assertIn("PID namespace", result.stderr)

    def test_what_is_done_instead_is_said(self):
        result = self.in_one_of_its_own("auto")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("PID namespace", result.stderr)


class Privacy(Recording):
    def test_no_value_of_the_environment_or_argument_of_a_child_is_kept(self):
        secret = "s3cr3t-5f2a9c"
        script = self.scratch / "parent.py"
        script.write_text("import subprocess, sys\nsubprocess.run([sys.executable, '-c', "
                          f"'import json', '{secret}'], check=True)\n")
        environment = {"PATH": os.environ["PATH"], "API_KEY": secret}
        recorded = record(self.path, command=[PYTHON, str(script)], env=environment)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        self.assertNotIn(secret.encode(), self.path.read_bytes())
        self.assertNotIn(secret, json.dumps(recorded.report))


if __name__ == "__main__":
    sys.exit(unittest.main())
