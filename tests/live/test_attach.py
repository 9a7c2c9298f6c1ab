"""`thaw attach`: what runs already, from wherever it is, and what it starts from then on."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import elevate
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 300
USAGE, FAILED = 2, 125
WAIT_SECONDS = 30
PYTHON = "/usr/bin/python3.11"
DEMO = BUILD / "demo"
HOST = Path(__file__).parents[1] / "azure/host/test_host.py"


class Attach(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.path = self.scratch / "recording.thaw"

    def start(self, command, **options):
        """Starts a process that ends with the test."""
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, text=True, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def attach(self, *options):
        """Starts a recording and returns when it is attached: what was there is stored by then."""
        command = [*elevate.prefix_or_skip(), THAW, "attach", "-q", "-o", str(self.path),
                   "--limit", "60s", *map(str, options)]
        recorder = self.start(command)
        deadline = time.monotonic() + WAIT_SECONDS
        while "process.present" not in self.text():
            if recorder.poll() is not None or time.monotonic() > deadline:
                self.skipTest("attaching takes eBPF, which is refused here")
            time.sleep(0.02)  # looks again: there is no event to wait for
        return recorder

    def text(self):
        return run_thaw("report", "-f", "text", self.path).stdout

    def report(self):
        result = run_thaw("report", "--json", self.path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def demo_host(self, *options):
        if not (DEMO / "wwwroot/function_app.py").exists():
            self.skipTest("the demo is not prepared (make demo)")
        return [DEMO / "venv/bin/python", HOST, "--app", DEMO / "wwwroot", *options]


class Started(Attach):
    def test_worker_started_afterwards_is_whole(self):
        gate = self.scratch / "gate"
        os.mkfifo(gate)
        waiting = self.start(["sh", "-c", 'read go < "$0"; exec "$@"', gate,
                              *self.demo_host("--invoke", "analyze")],
                             stdout=subprocess.DEVNULL)
        recorder = self.attach("--pid", waiting.pid)
        gate.write_text("go\n")
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        self.assertIsNone(waiting.poll())  # left running
        report = self.report()
        track = next(track for track in report["tracks"] if track["headline"])
        self.assertTrue(track["answered"])
        names = [phase["name"] for phase in track["phases"]]
        self.assertEqual(names[1:], ["worker", "import", "ready", "first-invocation"])
        worker = next(process for process in report["processes"]
                      if process["id"] == track["process"])
        self.assertEqual(worker["coverage"], "from start")
        self.assertIn("pandas", {module["name"] for module in report["modules"]})
        waiting.send_signal(signal.SIGTERM)


class MidStream(Attach):
    def test_warm_worker(self):
        host = self.start(self.demo_host("--invocations", 100000), stdout=subprocess.PIPE)
        self.assertEqual(host.stdout.readline(), "HTTP 200\n")  # warm from here on
        recorder = self.attach("--pid", host.pid, "--until", "1s")
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        host.send_signal(signal.SIGTERM)
        host.stdout.close()
        report, text = self.report(), self.text()
        self.assertGreater(text.count('type="InvocationResponse"'), 10)
        self.assertFalse(report["complete"])
        self.assertLessEqual({"interpreter-late", "start-not-seen"},
                             {loss["cause"] for loss in report["losses"]})

    def test_imports_of_a_running_script(self):
        script = "import sys; print('up', flush=True); sys.stdin.read(); import xml.dom.minidom"
        gate, key = os.pipe()
        process = subprocess.Popen([PYTHON, "-c", script], stdin=gate, stdout=subprocess.PIPE,
                                   text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        os.close(gate)
        self.assertEqual(process.stdout.readline(), "up\n")
        recorder = self.attach("--pid", process.pid)
        os.close(key)
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        report = self.report()
        self.assertIn("xml.dom.minidom", {module["name"] for module in report["modules"]})
        self.assertNotIn("site", {module["name"] for module in report["modules"]})
        self.assertFalse(report["complete"])


class Selection(Attach):
    def refused(self, *options):
        result = run_thaw("attach", "-o", self.path, *options)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        return result

    def test_wrong_choices_are_one_line(self):
        self.assertEqual(self.refused().returncode, USAGE)
        self.assertEqual(self.refused("--pid", "4194304").returncode, USAGE)
        self.assertIn("no such", self.refused("--cgroup", "no/such/group").stderr.lower())
        self.assertIn("no container id", self.refused("--container", "web").stderr)
        self.assertIn("no process", self.refused("--container", "0123456789abcdef").stderr)
        self.assertFalse(self.path.exists())

    def test_control_group(self):
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
        folders = [Path("/sys/fs/cgroup") / controllers.replace("name=", "") / path.lstrip("/")
                   for _, controllers, path in groups]
        folder = next((folder for folder in folders if (folder / "cgroup.procs").exists()
                       and os.access(folder, os.W_OK)), None)
        if folder is None or os.geteuid():
            self.skipTest("no control group that this user may make one below")
        own = folder / f"thaw-test-{os.getpid()}"
        own.mkdir()
        self.addCleanup(own.rmdir)
        sleeper = self.start(["sleep", "600"])
        (own / "cgroup.procs").write_text(str(sleeper.pid))
        self.addCleanup(sleeper.wait)
        self.addCleanup(sleeper.kill)
        recorder = self.attach("--cgroup", own)
        sleeper.kill()
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        self.assertEqual([process["pid"] for process in self.report()["processes"]], [sleeper.pid])


if __name__ == "__main__":
    sys.exit(unittest.main())
