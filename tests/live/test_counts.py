"""Exact counts of processes: by eBPF and under ptrace, side by side, against a program that makes
known numbers of calls, and against strace for Python."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
import unittest
import urllib.request
from pathlib import Path

import elevate
import live_program
import strace_truth
from program import THAW, run_thaw
from recorded import RECORD_SECONDS, record, record_command, record_with_ebpf

PYTHON = "/usr/bin/python3.11"
PLAIN_USER = 65534
TIMEOUT_SECONDS = 300
BUSY_NS, LONGEST_TICK_NS = 50_000_000, 10_000_000
EXACT = ("system_calls", "files_opened", "failed_lookups", "read_bytes", "threads",
         "mapped_libraries")

# What calls.c makes, beside what every program does.
CALLS = {"files_opened": 6, "failed_lookups": 24, "read_bytes": 3 * 34, "mapped_libraries": 3}

READS = {"read", "pread64", "readv", "preadv", "preadv2"}
OPENS = {"open", "openat", "openat2"}
LOOKUPS = OPENS | {"stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2",
                   "readlink", "readlinkat"}

# Threads, a child of its own, a program, extension modules, files that are not there.
WORKLOAD = """
    import ctypes, decimal, os, sqlite3, subprocess, threading
    threads = [threading.Thread(target=os.stat, args=("/",)) for _ in range(4)]
    for thread in threads:
        thread.start()
        thread.join()
    for name in ("no-such-file", "/etc/passwd/below"):
        try:
            open(name)
        except OSError:
            pass
    child = os.fork()
    if not child:
        open("/etc/passwd").read()
        os._exit(0)
    os.waitpid(child, 0)
    subprocess.run(["cat", "/etc/hostname"], check=True, stdout=subprocess.DEVNULL)
"""

# What tracing must not change: signals, stops, kills, threads that end at any moment, orphans.
HOSTILE = """
    import os, signal, subprocess, sys, threading, time
    caught = []
    signal.signal(signal.SIGUSR1, lambda *_: caught.append(1))
    for _ in range(20):
        os.kill(os.getpid(), signal.SIGUSR1)
    assert len(caught) == 20, caught
    child = subprocess.Popen(["sleep", "1"])
    os.kill(child.pid, signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])
    assert open(f"/proc/{child.pid}/stat").read().split(")")[1].split()[0] in "Tt"
    os.kill(child.pid, signal.SIGCONT)
    assert child.wait() == 0
    children = [subprocess.Popen(["sleep", "600"]) for _ in range(8)]
    for child in children:
        child.kill()
    assert [child.wait() for child in children] == [-9] * 8
    children = []
    for _ in range(20):
        children.append(os.fork())
        if not children[-1]:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
            os._exit(7)
    assert [os.waitpid(child, 0)[1] >> 8 for child in children] == [7] * 20
    child = os.fork()
    if not child:
        threading.Thread(target=os.execv, args=("/bin/true", ["true"])).start()
        time.sleep(600)
    assert os.waitpid(child, 0)[1] == 0
    sys.exit(5)
"""

# Goes on for a while, and says how it fared.
LASTING = """
    import os, sys, time
    print("ready", os.getpid(), flush=True)
    begun = time.monotonic()
    while time.monotonic() < begun + 1.5:
        open("/dev/null").close()
    open(sys.argv[1], "w").write("done")
"""


def counted(report):
    """The counts of all processes, in the order of their start, with what they executed."""
    return [(Path(process["executable"] or "").name, process.get("counts"))
            for process in report["processes"]]


def first(recorded):
    return recorded.report["processes"][0]["counts"]


def exact(counts):
    return {key: counts[key] for key in EXACT}


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name).resolve()
        self.scratch.chmod(0o755)
        self.path = self.scratch / "recording.thaw"

    def script(self, text):
        path = self.scratch / "script.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def ptrace(self, *command, options=(), status=0):
        recorded = record(self.path, "--backend", "importtime", "--count", "--until", "exit",
                          *options, command=command, elevated=False)
        self.assertEqual(recorded.status, status, recorded.stderr)
        return recorded

    def ebpf(self, *command, status=0):
        recorded = record_with_ebpf(self.scratch / "ebpf.thaw", "--until", "exit", command=command)
        self.assertEqual(recorded.status, status, recorded.stderr)
        return recorded


class KnownCalls(Case):
    """Both ways count what the program says of itself, and the same of all that it does."""

    def setUp(self):
        super().setUp()
        self.program = live_program.built(self.scratch, "counts/calls.c")
        for name in "abc":
            (self.scratch / name).write_bytes(b"x" * 100)

    def both(self, what):
        command = self.program, what, self.scratch
        return first(self.ptrace(*command)), first(self.ebpf(*command))

    def difference(self, counts, nothing):
        return {key: counts[key] - nothing[key] for key in CALLS}

    def test_of_one_thread(self):
        nothing, calls = self.both("nothing"), self.both("calls")
        for by, before, after in zip(("ptrace", "ebpf"), nothing, calls):
            with self.subTest(by):
                self.assertEqual((after["by"], after["until"], after["threads"]), (by, "exit", 1))
                self.assertEqual(self.difference(after, before), CALLS)
        self.assertEqual(exact(nothing[0]), exact(nothing[1]))
        self.assertEqual(exact(calls[0]), exact(calls[1]))

    def test_time_on_the_cpu(self):
        for counts in self.both("busy"):
            with self.subTest(counts["by"]):  # the kernel's own may lack what came after the last tick
                self.assertGreater(counts["cpu_ns"], BUSY_NS - LONGEST_TICK_NS)

    def test_are_as_many_as_strace_saw(self):
        log = self.scratch / "strace.txt"
        subprocess.run(["strace", "-f", "-o", log, self.program, "calls", self.scratch],
                       check=True, timeout=RECORD_SECONDS)
        lines = [line for line in log.read_text().splitlines()
                 if "+++" not in line and "---" not in line]
        for counts in self.both("calls"):
            self.assertEqual(counts["system_calls"], len(lines) - 1, counts["by"])  # execve

    def test_begin_anew_with_a_program(self):
        calls, executed = self.both("calls"), self.both("exec")
        for once, twice in zip(calls, executed):
            with self.subTest(once["by"]):
                self.assertEqual(self.difference(twice, once), dict.fromkeys(CALLS, 0))

    def test_of_all_threads(self):
        nothing, threads = self.both("nothing"), self.both("threads")
        for before, after in zip(nothing, threads):
            with self.subTest(after["by"]):
                self.assertEqual(after["threads"], 4)
                self.assertEqual(self.difference(after, before),
                                 {**{key: 4 * value for key, value in CALLS.items()},
                                  "mapped_libraries": 3})

    def test_of_a_child_are_its_own(self):
        nothing = self.both("nothing")
        for before, recorded in zip(nothing, (self.ptrace(self.program, "fork", self.scratch),
                                              self.ebpf(self.program, "fork", self.scratch))):
            with self.subTest(before["by"]):
                (_, parent), (_, child) = counted(recorded.report)
                self.assertEqual(self.difference(parent, before), dict.fromkeys(CALLS, 0))
                self.assertEqual({key: child[key] for key in CALLS}, CALLS)
                self.assertEqual((child["threads"], child["until"]), (1, "exit"))


class Python(Case):
    def truth(self, *command):
        """What strace saw of the first process and all its threads."""
        log = self.scratch / "strace.txt"
        subprocess.run(["strace", "-f", "-qq", "-e", "signal=none", "-o", log, *command],
                       check=True, timeout=RECORD_SECONDS, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        calls = list(strace_truth.whole_calls(log.read_text()))
        process, threads = {calls[0][0]}, 1
        for _, name, arguments, result in calls:
            if name in ("clone", "clone3") and "CLONE_THREAD" in arguments and result != "?":
                process.add(result)
                threads += 1
        return self.sums([call for call in calls if call[0] in process], threads)

    def sums(self, calls, threads):
        def failed(result):
            return result.startswith("-") or result == "?"
        return {
            "files_opened": sum(name in OPENS and not failed(result)
                                for _, name, _, result in calls),
            "read_bytes": sum(int(result) for _, name, _, result in calls
                              if name in READS and not failed(result)),
            "threads": threads,
        }

    def test_of_a_program_of_threads_and_children(self):
        script = self.script(WORKLOAD)
        truth = self.truth(PYTHON, script)
        for recorded in (self.ptrace(PYTHON, script), self.ebpf(PYTHON, script)):
            processes = counted(recorded.report)
            counts = processes[0][1]
            with self.subTest(counts["by"]):
                self.assertEqual({key: counts[key] for key in truth}, truth)
                self.assertEqual([name for name, _ in processes if name == "cat"], ["cat"])
                for _, child in processes:
                    self.assertEqual(child["by"], counts["by"])
                    self.assertEqual(child["until"], "exit")

    def test_both_ways_agree(self):
        script = self.script(WORKLOAD)
        keys = [key for key in EXACT if key != "system_calls"]  # threads wait for each other
        sides = [[(name, {key: counts[key] for key in keys})
                  for name, counts in counted(recorded.report) if counts]
                 for recorded in (self.ptrace(PYTHON, script), self.ebpf(PYTHON, script))]
        self.assertEqual(*[[counts for _, counts in side] for side in sides])
        self.assertGreater(sides[0][0][1]["mapped_libraries"], 5)

    def test_import_report_goes_on_under_ptrace(self):
        script = self.script("import json, sys; print('said', file=sys.stderr); import decimal")
        recorded = self.ptrace(PYTHON, script)
        self.assertIn("said\n", recorded.stderr)
        self.assertNotIn("import time", recorded.stderr)
        self.assertLessEqual({"json", "decimal"},
                             {module["name"] for module in recorded.report["modules"]})
        self.assertIs(recorded.report["run"]["counting"], True)
        self.assertTrue(any("_decimal" in library["path"] and library["loaded"]
                            for library in recorded.report["libraries"]))


class Tracing(Case):
    def test_changes_nothing_that_the_command_sees(self):
        script = self.script(HOSTILE)
        report = self.ptrace(PYTHON, script, status=5).report
        self.assertEqual(report["processes"][0]["counts"]["until"], "exit")
        self.assertEqual([name for name, counts in counted(report) if name == "true"], ["true"])

    def start(self, *options, command):
        recorder = subprocess.Popen(
            record_command(self.path, "--backend", "importtime", "--count", *options,
                           command=command),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(recorder.communicate)
        self.addCleanup(recorder.kill)
        ready, pid = recorder.stdout.readline().split()
        self.assertEqual(ready, "ready")
        return recorder, int(pid)

    def tracer_of(self, pid):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("TracerPid:")[1].split()[0])

    def wait_for(self, path):
        deadline = time.monotonic() + RECORD_SECONDS
        while not path.exists() or path.read_text() != "done":
            self.assertLess(time.monotonic(), deadline, "the command never came to its end")
            time.sleep(0.02)

    def test_a_killed_recorder_leaves_the_command_running(self):
        script, done = self.script(LASTING), self.scratch / "done"
        for _ in range(3):
            recorder, pid = self.start(command=[PYTHON, script, done])
            self.assertNotEqual(self.tracer_of(pid), 0)
            recorder.kill()
            recorder.wait(RECORD_SECONDS)
            self.wait_for(done)
            done.unlink()

    def test_ends_with_the_recording(self):
        script, done = self.script(LASTING), self.scratch / "done"
        recorder, pid = self.start("--keep-running", "--until", "300ms",
                                   command=[PYTHON, script, done])
        self.assertEqual(recorder.wait(RECORD_SECONDS), 0)
        if Path(f"/proc/{pid}").exists() and not done.exists():
            self.assertEqual(self.tracer_of(pid), 0)
        self.wait_for(done)
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        counts = report["processes"][0]["counts"]
        self.assertEqual((counts["by"], counts["until"]), ("ptrace", "duration"))
        self.assertGreater(counts["files_opened"], 0)

    def test_interrupt_is_the_commands_too(self):
        recorder, _ = self.start(command=[PYTHON, self.script(
            "import os, time; print('ready', os.getpid(), flush=True); time.sleep(600)")])
        recorder.send_signal(signal.SIGINT)
        self.assertEqual(recorder.wait(RECORD_SECONDS), 0)
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        self.assertEqual(report["processes"][0]["counts"]["until"], "interrupted")

    def test_status_of_a_command_that_can_not_run(self):
        recorded = record(self.path, "--backend", "importtime", "--count",
                          command=["no-such-command-here"], elevated=False)
        self.assertEqual(recorded.status, 127)
        recorded = record(self.path, "--backend", "importtime", "--count", elevated=False,
                          command=["sh", "-c", "kill -KILL $$"])
        self.assertEqual(recorded.status, 128 + signal.SIGKILL)

    def test_needs_no_privilege(self):
        if os.geteuid() != 0:
            self.skipTest("the other tests of this class are those of a plain user")
        program = self.scratch / "thaw"  # a plain user may not look into every build folder
        shutil.copy(THAW, program)
        self.scratch.chmod(0o777)
        result = subprocess.run(
            [program, "record", "-q", "--backend", "importtime", "--count", "-o", self.path, "--",
             PYTHON, "-c", "import json"], user=PLAIN_USER, group=PLAIN_USER, extra_groups=[],
            env={"PATH": os.environ["PATH"], "HOME": "/"}, cwd=self.scratch, capture_output=True,
            text=True, timeout=RECORD_SECONDS, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        self.assertEqual(report["processes"][0]["counts"]["by"], "ptrace")
        self.assertGreater(report["processes"][0]["counts"]["files_opened"], 10)

    def test_where_it_is_refused_one_line_says_so(self):
        refuse = live_program.built(self.scratch, "counts/refuse_ptrace.c")
        result = subprocess.run(
            [refuse, *record_command(self.path, "--backend", "importtime", "--count",
                                     command=[PYTHON, "-c", "import json; raise SystemExit(4)"])],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RECORD_SECONDS,
            check=False)
        self.assertEqual(result.returncode, 4)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("nothing is counted", result.stderr)
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        self.assertIn("json", {module["name"] for module in report["modules"]})
        counts = report["processes"][0]["counts"]
        self.assertEqual((counts["by"], counts["system_calls"]), ("proc", None))
        self.assertNotIn("counting", report["run"])
        self.assertIn(("process.counts", "failed"),
                      {(probe["name"], probe["status"])
                       for probe in report["probes"]})


class Servers(Case):
    def test_counting_ends_with_the_first_reply(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        recorder = subprocess.Popen(
            record_command(self.path, "--watch", "300ms", prefix=elevate.prefix_or_skip(),
                           command=[PYTHON, "-m", "http.server", "--bind", "127.0.0.1", port]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(recorder.communicate)
        self.addCleanup(recorder.kill)
        deadline = time.monotonic() + RECORD_SECONDS
        while recorder.poll() is None:
            self.assertLess(time.monotonic(), deadline)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).read()
            except OSError:
                time.sleep(0.05)
        if recorder.returncode == 125:
            self.skipTest("eBPF is refused here, even to root")
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        counts = report["processes"][0]["counts"]
        self.assertEqual((counts["by"], counts["until"]), ("ebpf", "first-reply"))
        self.assertGreater(counts["files_opened"], 0)


class Without(Case):
    def test_times_alone(self):
        recorded = record(self.path, "--backend", "importtime", elevated=False,
                          command=[PYTHON, "-c", "sum(range(3000000))"])
        counts = first(recorded)
        self.assertEqual((counts["by"], counts["until"]), ("proc", "exit"))
        self.assertEqual({key: counts[key] for key in EXACT}, dict.fromkeys(EXACT))
        self.assertGreater(counts["cpu_ns"], 10_000_000)
        self.assertNotIn("counting", recorded.report["run"])

    def test_only_imports_observed(self):
        recorded = record_with_ebpf(self.path, "--observe", "imports", command=["true"])
        self.assertNotIn("counts", recorded.report["processes"][0])


if __name__ == "__main__":
    unittest.main()
