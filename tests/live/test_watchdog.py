"""A loop of eval() is left alone after a second; what that costs the recording is said.

Probes are in files, so bystanders pay for them, too. That they stop paying is seen at the number of
times that the kernel ran the probe's program, not at anybody's speed.
"""

import collections
import json
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import elevate
import fresh_python
import importtime
import processes
import starts
from program import run_thaw
from recorded import record_command, record_with_ebpf

TIMEOUT_SECONDS = 300
PYTHON = "/usr/bin/python3.11"
BODY = "python_body_call"
LOOP_SECONDS = 20  # at most: it is ended when the test has seen enough
SAMPLE_SECONDS = 0.3
NOISE = 3000       # hits of a sample that come from others on the machine; the loop makes 30,000
WAIT_SECONDS = 15
MODULES = 1200
CHILDREN, CHILD_MODULES = 50, 10
AT_ONCE = 2

EVAL_LOOP = """
import time
code, end = compile("1", "<loop>", "eval"), time.monotonic() + %s
while time.monotonic() < end:
    for _ in range(1000):
        eval(code)
"""
IMPORTS = """
import sys, time
sys.path.insert(0, %r)
for number in range(%d):
    __import__(f"tiny{number}")
    time.sleep(0.001)
"""
FORKS = """
import os, sys, time
sys.path.insert(0, %r)
for _ in range(%d):
    child = os.fork()
    if not child:
        for number in range(%d):
            __import__(f"tiny{number}")
            time.sleep(0.001)
        os._exit(0)
    os.waitpid(child, 0)
"""


class Watchdog(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.path = self.scratch / "recording.thaw"

    def loop(self):
        """A stranger that runs the same interpreter and does nothing but eval()."""
        process = subprocess.Popen([PYTHON, "-c", EVAL_LOOP % (LOOP_SECONDS * 3)],
                                   stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def tiny_modules(self):
        """A folder with modules in it that take no time, compiled."""
        folder = self.scratch / "modules"
        folder.mkdir()
        for number in range(MODULES):
            (folder / f"tiny{number}.py").touch()
        subprocess.run([PYTHON, "-m", "compileall", "-q", folder], check=True)
        return str(folder)

    def record(self, *command, options=()):
        recorded = record_with_ebpf(self.path, "--until", "exit", *options, command=command)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        return recorded, recorded.report

    def assert_no_stranger(self, report, stranger):
        self.assertNotIn(stranger.pid, {process["pid"] for process in report["processes"]})


class Bystander(Watchdog):
    def hits(self, before):
        """How often the program has run that is probed by the recording begun last."""
        own = [program for program in processes.bpf_objects("prog")
               if program.get("name") == BODY and program["id"] not in before]
        return max(own, key=lambda program: program["id"]).get("run_cnt", 0) if own else 0

    def sample(self, before):
        first = self.hits(before)
        time.sleep(SAMPLE_SECONDS)
        return self.hits(before) - first

    def test_is_released(self):
        try:
            with processes.counted_runs():
                self.assert_released()
        except PermissionError as error:
            self.skipTest(f"runs of BPF programs can't be counted here: {error}")

    def assert_released(self):
        before = {program["id"] for program in processes.bpf_objects("prog")}
        stranger = self.loop()
        recorder = subprocess.Popen(
            record_command(self.path, "--until", "exit", "--backend", "ebpf",
                           command=["sleep", LOOP_SECONDS], prefix=elevate.prefix_or_skip()),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(recorder.wait)
        self.addCleanup(recorder.terminate)
        begun = processes.wait_until(
            lambda: self.hits(before) > NOISE or recorder.poll() is not None, WAIT_SECONDS)
        if not begun or recorder.poll() is not None:
            self.skipTest("eBPF is refused here")
        self.assertTrue(processes.wait_until(lambda: self.sample(before) < NOISE, WAIT_SECONDS),
                        "the loop still hits the probes")
        self.assertIsNone(stranger.poll())  # and it runs
        self.assertIsNone(recorder.poll())
        self.assertLess(self.sample(before), NOISE)  # for good

    def test_imports_of_the_recorded_go_on(self):
        stranger = self.loop()
        code = IMPORTS % (self.tiny_modules(), MODULES)
        recorded, report = self.record(PYTHON, "-X", "importtime", "-c", code)
        comparison = importtime.compare_report(report, recorded.stderr)
        self.assertGreater(comparison.expected, MODULES)
        self.assertFalse(comparison.extra or comparison.order, str(comparison))
        self.assertLess(len(comparison.missing), MODULES // 2)
        if comparison.missing:
            self.assertTrue(starts.is_marked(report["processes"][0], report["losses"]),
                            f"{comparison}"[:300] + json.dumps(report["losses"]))
            self.assertFalse(report["complete"])
        names = {module["name"] for module in report["modules"]}
        self.assertIn(f"tiny{MODULES - 1}", names)  # attached to again
        self.assert_no_stranger(report, stranger)

    def test_children_without_exec(self):
        stranger = self.loop()
        code = FORKS % (self.tiny_modules(), CHILDREN, CHILD_MODULES)
        _, report = self.record(PYTHON, "-c", code)
        counts = collections.Counter(module["process"] for module in report["modules"])
        children = [process for process in report["processes"] if process["parent"]]
        self.assertEqual(len(children), CHILDREN)
        unsaid = [(child["id"], counts[child["id"]]) for child in children
                  if counts[child["id"]] < CHILD_MODULES
                  and not starts.is_marked(child, report["losses"])]
        self.assertEqual(unsaid, [], "children with modules missing, and nothing says so")
        self.assert_no_stranger(report, stranger)

    def many_starts(self, *options):
        self.loop()
        begun = [fresh_python.Start(PYTHON)] * 50
        _, report = self.record(*starts.driver(self.scratch, begun, AT_ONCE), options=options)
        texts = starts.truths(self.scratch)
        self.assertEqual(len(texts), len(begun))
        return report, starts.judge(report, texts)

    def test_starts_while_it_runs(self):
        _, verdict = self.many_starts()
        self.assertEqual(verdict.unsaid + verdict.wrong, [], str(verdict))
        self.assertEqual(verdict.said, verdict.incomplete, str(verdict))

    def test_held_starts_while_it_runs(self):
        """What was withdrawn can be held: only who ran at that moment lacks something."""
        report, verdict = self.many_starts("--hold")
        self.assertEqual(verdict.unsaid + verdict.wrong, [], str(verdict))
        self.assertEqual(verdict.said, verdict.incomplete, str(verdict))
        late = [process for process in report["processes"] if process["coverage"] == "late"]
        self.assertLessEqual(len(late), AT_ONCE, str(verdict))


class Traced(Watchdog):
    def test_its_loss_is_said(self):
        code = f"import json\n{EVAL_LOOP % 3}\nimport decimal"
        _, report = self.record(PYTHON, "-c", code)
        process = next(process for process in report["processes"] if process["python"])
        withdrawn = [loss for loss in report["losses"] if loss["cause"] == "probes-withdrawn"]
        self.assertEqual([loss["process"] for loss in withdrawn], [process["id"]])
        self.assertFalse(report["complete"])
        names = {module["name"] for module in report["modules"]}
        self.assertLessEqual({"json", "json.decoder", "site"}, names)
        self.assertNotIn("decimal", names)
        summary = run_thaw("report", self.path).stdout
        self.assertIn("withdrawn", summary)

    def test_many_imports_are_no_reason(self):
        code = IMPORTS.replace("time.sleep(0.001)", "pass") % (self.tiny_modules(), MODULES)
        recorded, report = self.record(PYTHON, "-X", "importtime", "-c", code)
        self.assertEqual(report["losses"], [])
        comparison = importtime.compare_report(report, recorded.stderr)
        self.assertTrue(comparison, str(comparison)[:500])


if __name__ == "__main__":
    sys.exit(unittest.main())
