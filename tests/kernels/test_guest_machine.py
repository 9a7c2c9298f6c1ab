"""The machine as a stock Debian 6.1 guest shows it: its boot, its signs, its control groups (version 2),
and its calendar, which is set forth and back while something is recorded.

Oracles: the guest's own log, /proc/uptime, cpu.stat and CLOCK_BOOTTIME as the recorded processes read
them.
"""

import json
import re
import tempfile
import unittest
from pathlib import Path

from guest import Guest, GuestUnavailable
from program import BUILD, THAW, run_thaw
import report_rules

PYTHON = "/usr/bin/python3.11"
TICK_S = 0.01  # of /proc/uptime
SLEW = 5e-4    # the most by which two of the kernel's clocks may part

TIMEOUT_SECONDS = 500  # the first run fetches the kernel

# Marks the log beside a reading of the clock, then records Python in a group with half a CPU.
SCRIPT = r"""
set -e
cat /proc/uptime; echo "<6>clock-mark" >/dev/kmsg; cat /proc/uptime
echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
mkdir -p /sys/fs/cgroup/outer/inner
echo 50000 100000 >/sys/fs/cgroup/outer/cpu.max
echo $$ >/sys/fs/cgroup/outer/cgroup.procs
thaw record -q --backend importtime -o /tmp/r.thaw -- python3.11 -I -S -c '
import sys, time
def counted():
    return open("/sys/fs/cgroup/outer/cpu.stat").read().split()
first, begun = counted(), time.process_time()
while time.process_time() < begun + 0.4:
    pass
print("first", *first)
print("last", *counted())
'
echo after $(cat /sys/fs/cgroup/outer/cpu.stat)
echo $$ >/sys/fs/cgroup/cgroup.procs
thaw record -q --backend ebpf --until exit -o /tmp/s.thaw -- python3.11 -I -S -c '
import time
def tell():
    print("step", time.clock_gettime_ns(time.CLOCK_BOOTTIME))
def step(seconds):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    tell()
tell()
import json
step(86400)
import decimal
step(-3 * 86400)
import fractions
step(2 * 86400)
'
"""


def counted(words):
    return {name: int(value) for name, value in zip(words[::2], words[1::2])}


class GuestMachine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            guest = Guest("6.1", BUILD)
        except GuestUnavailable as error:
            raise unittest.SkipTest(str(error)) from error
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        guest.add(THAW, "/usr/bin/thaw")
        guest.add_python(PYTHON)
        cls.result = guest.run(["sh", "-c", SCRIPT], into=Path(scratch.name), timeout_s=400,
                               outputs=["/tmp/r.thaw", "/tmp/s.thaw"])
        if cls.result.status:
            raise AssertionError(cls.result.stdout + cls.result.stderr)
        cls.lines = cls.result.stdout.splitlines()
        report = run_thaw("report", "--json", cls.result.files["/tmp/r.thaw"])
        cls.report = json.loads(report.stdout)
        cls.boot = {one["what"]: one for one in cls.report["machine"]["boot"]}

    def test_report_is_sound(self):
        self.assertEqual(report_rules.problems(self.report), [])
        self.assertEqual(self.report["machine"]["kernel_log"], "read")
        self.assertIs(self.report["machine"]["resumed_from_snapshot"], False)

    def test_init_was_executed_when_the_log_says_on_the_clock_of_the_report(self):
        def logged(text):
            return float(re.search(rf"\[\s*([0-9.]+)\] {text}", self.result.kernel_log)[1])

        before, after = (float(line.split()[0]) for line in self.lines[:2])
        mark, executed = logged("clock-mark"), logged(r"Run /init as init process")
        instant = self.boot["init-executed"]
        # The log's clock lags behind the report's: by as much as at the mark, but for their rates.
        off_s = instant["uncertainty_ns"] / 1e9 + TICK_S + SLEW * after
        self.assertGreaterEqual(instant["at_ns"] / 1e9, executed + before - mark - off_s)
        self.assertLessEqual(instant["at_ns"] / 1e9, executed + after - mark + off_s)
        self.assertLess(self.boot["init-forked"]["at_ns"], instant["at_ns"])
        self.assertLess(instant["at_ns"] / 1e9, before)

    def test_the_calendar_moves_nothing(self):
        steps = [int(line.split()[1]) for line in self.lines if line.startswith("step ")]
        report = json.loads(run_thaw("report", "--json", self.result.files["/tmp/s.thaw"]).stdout)
        self.assertEqual(report["run"]["backend"], "ebpf")
        self.assertEqual(report_rules.problems(report), [])
        self.assertTrue(report["complete"], report["losses"])
        begins = {module["name"]: module["start_ns"] for module in report["modules"]}
        ends = {module["name"]: module["start_ns"] + module["total_ns"]
                for module in report["modules"]}
        self.assertEqual(len(steps), 4)
        for before, name, after in zip(steps, ("json", "decimal", "fractions"), steps[1:]):
            self.assertLess(before, begins[name])
            self.assertLess(ends[name], after)
        worker, = report["tracks"]
        self.assertLess(worker["total_ns"], steps[-1] - report["run"]["start_ns"])

    def test_emulator_is_told_by_several_signs(self):
        machine = self.report["machine"]
        self.assertEqual(machine["hypervisor"], "qemu-tcg")
        self.assertLessEqual({"cpuid:TCGTCGTCGTCG", "dmi sys_vendor:QEMU", "acpi oem:BOCHS"},
                             set(machine["signs"]))
        self.assertIs(machine["container"], False)
        self.assertNotIn("acpi device:VMGENCTR", machine["signs"])

    def test_throttling_is_that_of_the_group_with_the_limit(self):
        words = {line.split()[0]: counted(line.split()[1:]) for line in self.lines[2:]
                 if not line.startswith("step ")}
        self.assertEqual(self.report["machine"]["cpu_limit"], 0.5)
        cpu = self.report["tracks"][0]["cpu"]
        self.assertEqual((cpu["limit"], cpu["control_group"]), (0.5, "/sys/fs/cgroup/outer"))
        inside_us = words["last"]["throttled_usec"] - words["first"]["throttled_usec"]
        self.assertGreater(inside_us, 0)  # else nothing was tested
        self.assertLessEqual(inside_us * 1000, cpu["throttled_ns"])
        self.assertLessEqual(cpu["throttled_ns"], words["after"]["throttled_usec"] * 1000)
        self.assertLessEqual(words["last"]["nr_throttled"] - words["first"]["nr_throttled"],
                             cpu["throttled_periods"])
        self.assertLessEqual(cpu["throttled_periods"], words["after"]["nr_throttled"])
        self.assertIsNone(cpu["waits_unknown"])
        self.assertGreater(cpu["cpu_wait_ns"], 0)
