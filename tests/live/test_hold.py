"""`--hold`: interpreters that nobody can know beforehand, whole from their first import on; and
whatever becomes of thaw, nothing that it held stays stopped."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path

import elevate
import fresh_python
import processes
import shared_python
import starts
from recorded import Recorded, record_command, record_with_ebpf

TIMEOUT_SECONDS = 600
PYTHON = "/usr/bin/python3.11"
STARTS, AT_ONCE = 12, 4
KILLS, STOPS = 10, 3
END_SECONDS = 60  # far more than all that is left to run needs
TREE = "THAW_TEST_TREE"
PROGRAMS = {"python_find_call", "python_body_call", "process_exec", "process_fork", "process_exit",
            "syscalls_enter", "syscalls_exit", "loader_dlopen_call"}

# Starts what it is given and prints how each state change of a child was told to its parent.
PARENT = """
import os, sys
print(os.getpid())
children = {os.posix_spawn(one, [one, "-c", "import json"], os.environ) for one in sys.argv[1:]}
while children:
    told = os.waitid(os.P_ALL, 0, os.WEXITED | os.WSTOPPED | os.WCONTINUED)
    print(told.si_pid, told.si_code)
    if told.si_code not in (os.CLD_STOPPED, os.CLD_CONTINUED):
        children.discard(told.si_pid)
"""


class Hold(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def folder(self):
        return Path(tempfile.mkdtemp(dir=self.scratch))

    def record(self, begun, *options, at_once=20):
        """Records these starts; the report and what it is worth."""
        folder = self.folder()
        recorded = record_with_ebpf(folder / "recording.thaw", "--until", "exit", *options,
                                    command=starts.driver(folder, begun, at_once))
        self.assertEqual(recorded.status, 0, recorded.stderr)
        texts = starts.truths(folder)
        self.assertEqual(len(texts), len(begun))
        report = recorded.report
        verdict = starts.judge(report, texts)
        self.assertGreater(verdict.expected, 50 * len(begun), "starts failed")
        return report, verdict


class Unknown(Hold):
    """Without --hold they are late; then it says so."""

    def assert_honest(self, begun):
        report, verdict = self.record(begun)
        self.assertEqual(verdict.unsaid + verdict.wrong, [], str(verdict))
        self.assertEqual(verdict.said, verdict.incomplete, str(verdict))
        if verdict.incomplete:
            self.assertFalse(report["complete"])

    def test_every_kind(self):
        for kind in fresh_python.KINDS:
            with self.subTest(kind):
                self.assert_honest([fresh_python.make(kind, self.folder() / "new")])

    def test_many_of_one_at_once(self):
        self.assert_honest([fresh_python.static_copy(self.folder())] * 20)

    def test_many_at_once(self):
        self.assert_honest([fresh_python.static_copy(self.folder()) for _ in range(20)])


class Held(Hold):
    """With it they are whole."""

    def assert_whole(self, begun, *options):
        report, verdict = self.record(begun, "--hold", *options)
        self.assertEqual((verdict.missing, verdict.marked, verdict.wrong), (0, 0, []), str(verdict))
        # Twenty at once beside other tests may leave no room for records of mapped code. That is
        # told, and concerns the names of samples alone.
        self.assertEqual([loss for loss in report["losses"] if loss["cause"] != "mappings-lost"],
                         [])
        self.assertEqual(report["complete"], not report["losses"])

    def test_every_kind(self):
        for kind in fresh_python.KINDS:
            with self.subTest(kind):
                self.assert_whole([fresh_python.make(kind, self.folder() / "new")])

    def test_fresh_library_of_a_known_program(self):
        program = shared_python.make(self.folder())
        self.assert_whole([fresh_python.fresh_library(self.folder(), program)])

    def test_many_of_one_at_once(self):
        self.assert_whole([fresh_python.static_copy(self.folder())] * 20)

    def test_many_libraries_at_once(self):
        self.assert_whole([fresh_python.make("embedder", self.folder() / "new")] * 10)

    def test_many_at_once(self):
        kinds = [*fresh_python.KINDS] * 7
        self.assert_whole([fresh_python.make(kind, self.folder() / "new") for kind in kinds])

    def test_imports_only(self):
        for kind in fresh_python.KINDS:
            with self.subTest(kind):
                self.assert_whole([fresh_python.make(kind, self.folder() / "new")],
                                  "--observe", "imports")

    def test_a_file_that_was_another_program_before(self):
        program = self.folder() / "job"
        script = (f"cp /bin/true {program}; {program}; cat {PYTHON} > {program}; "
                  f"exec {program} -X importtime -c 'import json'")
        recorded = record_with_ebpf(self.scratch / "r.thaw", "--until", "exit", "--hold",
                                    command=["sh", "-c", script])
        self.assertIn("json", {module["name"] for module in recorded.report["modules"]})


class Bystanders(Hold):
    """Who is not recorded is not stopped."""

    def parent(self, count):
        copies = [str(fresh_python.static_copy(self.folder()).program) for _ in range(count)]
        return [PYTHON, "-c", PARENT, *copies, PYTHON]

    def told(self, text):
        """The pids of a parent and its children, and what it was told of these."""
        first, *lines = text.splitlines()
        pids, codes = {int(first)}, set()
        for line in lines:
            pid, code = map(int, line.split())
            pids.add(pid)
            codes.add(code)
        return pids, codes

    def test_only_the_traced_tree_is_stopped(self):
        command = record_command(self.scratch / "r.thaw", "--until", "exit", "--hold",
                                 command=self.parent(6), prefix=elevate.prefix_or_skip())
        recorder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
        others = set()
        while recorder.poll() is None:
            run = subprocess.run(self.parent(3), stdout=subprocess.PIPE, text=True, check=True)
            pids, codes = self.told(run.stdout)
            self.assertEqual(codes, {os.CLD_EXITED})
            others |= pids
        output, errors = recorder.communicate()
        report = Recorded(subprocess.CompletedProcess([], 0, output, errors),
                          self.scratch / "r.thaw").report
        if report["run"]["backend"] != "ebpf":
            self.skipTest("eBPF is refused here")
        mine, codes = self.told(output)
        self.assertTrue(codes & {os.CLD_STOPPED, os.CLD_CONTINUED}, "nothing was held: no test")
        recorded = {process["pid"] for process in report["processes"]}
        self.assertEqual(recorded, mine)
        self.assertFalse(recorded & others)


class Ended(Hold):
    """thaw dies or hangs while interpreters start."""

    def setUp(self):
        super().setUp()
        if os.geteuid():
            self.skipTest("sends signals to thaw, which runs as root")
        self.begun = [fresh_python.static_copy(self.folder()) for _ in range(STARTS)]
        self.random = random.Random(20261128)

    def start(self):
        """A recorder on its way; everything it starts bears its mark."""
        folder, mark = self.folder(), uuid.uuid4().hex
        command = record_command(folder / "recording.thaw", "--until", "exit", "--hold",
                                 "--backend", "ebpf",
                                 command=starts.driver(folder, self.begun, AT_ONCE))
        recorder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True,
                                    env={**os.environ, TREE: mark})
        self.addCleanup(recorder.stderr.close)
        self.addCleanup(self.end_tree, mark)
        return folder, mark, recorder

    def end_tree(self, mark):
        for pid in processes.with_variable(TREE, mark):
            os.kill(pid, signal.SIGKILL)

    def assert_all_ended(self, folder, mark, but=()):
        """The targets ran on to their end, as if nobody had watched."""
        left = []

        def ended():
            left[:] = [pid for pid in processes.with_variable(TREE, mark) if pid not in but]
            return not left

        processes.wait_until(ended, END_SECONDS)
        self.assertEqual({pid: (processes.state(pid), processes.read(pid, "cmdline"))
                          for pid in left}, {})
        return [text for text in starts.truths(folder).values() if "email.message" in text]

    def seconds_undisturbed(self):
        """How long a whole recording takes here and now."""
        begin = time.monotonic()
        _, _, recorder = self.start()
        self.assertEqual(recorder.wait(), 0)
        return time.monotonic() - begin

    def test_killed_at_any_moment(self):
        whole, most = 0, max(1.5, self.seconds_undisturbed())
        for _ in range(KILLS):
            folder, mark, recorder = self.start()
            moment = self.random.uniform(0.05, most)
            try:
                recorder.wait(moment)
            except subprocess.TimeoutExpired:
                recorder.kill()
            recorder.wait()
            complete = self.assert_all_ended(folder, mark)
            self.assertIn(len(complete), (0, STARTS), f"killed after {moment:.2f} s")
            whole += len(complete) == STARTS
            self.assertTrue(processes.wait_until(
                lambda: not processes.ownerless_programs(PROGRAMS), END_SECONDS))
        self.assertGreater(whole, KILLS // 4, "killed too early to be a test")

    def test_stopped_at_any_moment(self):
        missed = 0
        for _ in range(STOPS):
            folder, mark, recorder = self.start()
            self.assertTrue(processes.wait_until(lambda: any((folder / "out").iterdir()) or
                                                 recorder.poll() is not None, END_SECONDS))
            moment = self.random.uniform(0, 0.3)
            try:
                recorder.wait(moment)
            except subprocess.TimeoutExpired:
                recorder.send_signal(signal.SIGSTOP)
            keepers = [pid for pid in processes.named("thaw-keeper")
                       if pid in processes.with_variable(TREE, mark)]
            complete = self.assert_all_ended(folder, mark, but=[recorder.pid, *keepers])
            self.assertEqual(len(complete), STARTS)
            recorder.send_signal(signal.SIGCONT)
            self.assertEqual(recorder.wait(END_SECONDS), 0)
            self.assert_all_ended(folder, mark)  # its keeper as well
            missed += self.assert_missed_is_said(folder)
        print(f"modules missed in {STOPS} recordings: {missed}", file=sys.stderr)

    def assert_missed_is_said(self, folder):
        result = subprocess.CompletedProcess([], 0, "", "")
        report = Recorded(result, folder / "recording.thaw").report
        verdict = starts.judge(report, starts.truths(folder))
        self.assertEqual(verdict.unsaid, [], f"{verdict}\n{json.dumps(report['losses'], indent=1)}")
        self.assertEqual(verdict.said, verdict.incomplete, str(verdict))
        return verdict.missing


if __name__ == "__main__":
    unittest.main()
