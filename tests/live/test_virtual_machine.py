"""A virtual machine from the outside: a monitor of ours, and QEMU with KVM up to its first KVM_RUN.

Oracles: what the monitor itself stamps before and after each call (tiny_vmm.c), on the clock of the
recording; strace's record of QEMU's calls, made in the same run.
"""

import functools
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 120
KVM = "/dev/kvm"
MONITOR = REPOSITORY / "tests/live/tiny_vmm.c"
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
QEMU = "qemu-system-x86_64"
QEMU_SECONDS = "1.5"  # of which it takes a fifth to its first KVM_RUN

# Name of a step -> what strace calls it; the first of each is compared.
CALLS = {"open": r'openat\(.*"/dev/kvm"', "create": r"ioctl\(.*KVM_CREATE_VM",
         "memory": r"ioctl\(.*KVM_SET_USER_MEMORY_REGION", "vcpu": r"ioctl\(.*KVM_CREATE_VCPU",
         "run": r"ioctl\(.*KVM_RUN"}
STRACE_LINE = re.compile(r"(?P<tid>\d+) +(?P<seconds>\d+)\.(?P<fraction>\d{6}) (?P<call>.*)")


def need_kvm():
    if not os.access(KVM, os.R_OK | os.W_OK):
        raise unittest.SkipTest(f"{KVM} is not to be had here")


@functools.cache
def recorded_monitor():
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    monitor = Path(folder.name) / "monitor"
    subprocess.run([COMPILER, "-O2", "-Wall", "-o", monitor, MONITOR], check=True)
    recorded = record_with_ebpf(f"{folder.name}/r.thaw", "--until", "exit", command=[monitor])
    if recorded.status:
        raise AssertionError(recorded.stderr)
    return recorded


class Machine(unittest.TestCase):
    def setUp(self):
        need_kvm()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def the_machine(self, recorded):
        report = recorded.report
        self.assertEqual(report["losses"], [])
        self.assertEqual(len(report["virtual_machines"]), 1)
        machine = report["virtual_machines"][0]
        monitor = next(one for one in report["processes"] if one["id"] == machine["process"])
        self.assertEqual(monitor["role"], "monitor")
        return machine, monitor


class TinyMonitor(Machine):
    """Three marks and a halt: as the fixture is made, always the same."""

    @property
    def recorded(self):
        return recorded_monitor()

    def stamps(self, recorded):
        """(name, before, after) of each call, by the monitor's own clock."""
        rows = [line.split() for line in recorded.stdout.splitlines()]
        return [(name, int(before), int(after)) for name, before, after, _ in rows]

    def test_every_step_is_within_the_monitors_own_stamps(self):
        machine, _ = self.the_machine(self.recorded)
        stamps = self.stamps(self.recorded)
        runs = [stamp for stamp in stamps if stamp[0] == "run"]
        self.assertEqual(len(runs), 4)
        # What each run of the guest led to: three marks, then the halt.
        expected = [stamp for stamp in stamps if stamp[0] != "run"] + [
            ("run", *runs[0][1:]), *(("mark", *stamp[1:]) for stamp in runs[:3]),
            ("halt", *runs[3][1:])]
        self.assertEqual([step["what"] for step in machine["steps"]],
                         [name for name, _, _ in expected])
        for step, (name, before, after) in zip(machine["steps"], expected):
            with self.subTest(name):
                self.assertLessEqual(before, step["time_ns"])
                self.assertLessEqual(step["time_ns"], after)

    def test_what_it_is_made_of(self):
        machine, monitor = self.the_machine(self.recorded)
        self.assertTrue(machine["kvm"])
        self.assertEqual((machine["processors"], machine["memory_bytes"]), (1, 0x10000))
        self.assertEqual([(step["value"], step["bytes"], step["port"])
                          for step in machine["steps"] if step["what"] == "mark"],
                         [(ord(mark), 1, 0xe9) for mark in "KIX"])
        self.assertEqual((machine["port_accesses"], machine["port_marks"], machine["exits"]),
                         (3, 3, 4))
        self.assertEqual([phase["name"] for phase in machine["phases"]],
                         ["start", "create", "guest", "exit"])
        self.assertTrue(all(phase["confidence"] == "observed" for phase in machine["phases"]))
        self.assertEqual(machine["start_ns"], monitor["execs"][-1])
        self.assertEqual(machine["end_ns"], monitor["end_ns"])
        self.assertEqual(machine["unattributed_ns"], 0)

    def test_probes_are_told_where_there_is_a_monitor(self):
        with_monitor = {probe["name"] for probe in self.recorded.report["probes"]}
        without = record_with_ebpf(self.scratch / "w.thaw", command=["true"]).report
        self.assertLessEqual({"vm.ports", "vm.exits"}, with_monitor)
        self.assertEqual({probe["name"] for probe in without["probes"]
                          if probe["name"].startswith("vm.")}, set())
        self.assertNotIn("virtual_machines", without)


class QemuWithKvm(Machine):
    def setUp(self):
        super().setUp()
        for tool in (QEMU, "strace"):
            if not shutil.which(tool):
                self.skipTest(f"{tool} is not installed")

    def calls(self, log):
        """Step -> (tid, earliest, latest) in ns of the wall clock, of the first call of its kind.

        strace stamps a call when it begins; it is over before the thread's next line."""
        found, pending = {}, {}
        for line in log.read_text().splitlines():
            match = STRACE_LINE.match(line)
            if not match:
                continue
            tid = int(match["tid"])
            ns = int(match["seconds"]) * 10 ** 9 + int(match["fraction"]) * 1000
            for name in pending.pop(tid, ()):
                found[name] = (tid, found[name][1], ns + 1000)
            for name, call in CALLS.items():
                if name not in found and re.match(call, match["call"]):
                    found[name] = (tid, ns, None)
                    pending.setdefault(tid, []).append(name)
        return found

    def test_the_way_to_the_first_instruction(self):
        log = self.scratch / "strace.log"
        # It would go on for ever; timeout(1) ends it, by its pid.
        recorded = record_with_ebpf(
            self.scratch / "r.thaw", "--until", "exit",
            command=["strace", "-f", "-ttt", "-e", "trace=openat,ioctl", "-o", log,
                     "timeout", "-s", "KILL", QEMU_SECONDS, QEMU, "-machine", "pc", "-accel", "kvm", "-m", "64", "-smp", "2", "-display", "none",
                     "-nodefaults"])
        machine, _ = self.the_machine(recorded)
        run = recorded.report["run"]
        begin = re.search(r"^(\d+) session\.begin .*realtime_ns=(\d+)", recorded.text, re.MULTILINE)
        offset_ns = int(begin[2]) - int(begin[1])
        calls = self.calls(log)
        self.assertEqual(set(calls), set(CALLS), run)
        first = {}
        for step in machine["steps"]:
            first.setdefault(step["what"], step)
        for name, (tid, earliest, latest) in calls.items():
            with self.subTest(name):
                self.assertEqual(first[name]["tid"], tid)
                self.assertLessEqual(earliest, first[name]["time_ns"] + offset_ns + 1000)
                if latest is not None:  # else it was the thread's last call
                    self.assertLessEqual(first[name]["time_ns"] + offset_ns, latest)
        self.assertEqual(machine["processors"], 2)
        self.assertEqual([phase["name"] for phase in machine["phases"]][:3],
                         ["start", "create", "guest"])
        self.assertGreaterEqual(machine["port_accesses"], machine["port_marks"])


if __name__ == "__main__":
    unittest.main()
