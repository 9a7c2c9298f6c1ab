"""The machine: its boot, its signs, its limits, and what its CPUs denied a recorded process.

Oracles: dmesg, /proc, CLOCK_* and a counter of our own (machine_oracle.c), systemd-detect-virt, and
the kernel's cpu.stat and schedstat as the recorded process itself reads them.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import elevate
import report_rules
from program import REPOSITORY, run_thaw
from recorded import RECORD_SECONDS, record, record_command, record_with_ebpf

PYTHON = "/usr/bin/python3.11"
MS = 1_000_000
SECRET = "a-value-that-must-not-be-kept"
VIRTUAL = {"kvm": {"kvm", "amazon", "google", "qemu", "oracle"}, "hyper-v": {"microsoft"},
           "vmware": {"vmware"}, "xen": {"xen"}, "qemu-tcg": {"qemu"}}


def elevated(*command):
    """Output of a command as root; its exit status must be 0."""
    return subprocess.run([*elevate.prefix_or_skip(), *command], capture_output=True, text=True,
                          check=True, timeout=RECORD_SECONDS).stdout


class Machine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.environment = {"PATH": os.environ["PATH"], "K_SERVICE": SECRET}
        cls.recorded = record_with_ebpf(cls.scratch / "recording.thaw", env=cls.environment,
                                        command=[PYTHON, "-c", "import json"])
        cls.report = cls.recorded.report
        cls.machine = cls.report["machine"]

    def instants(self, what):
        return [one for one in self.machine["boot"] if one["what"] == what]

    def instant(self, what):
        found = self.instants(what)
        self.assertEqual(len(found), 1, self.machine)
        return found[0]

    def assert_near(self, instant, ns, more_ns=0):
        self.assertLessEqual(abs(instant["at_ns"] - ns), instant["uncertainty_ns"] + more_ns,
                             instant)


class Boot(Machine):
    def log_time_ns(self, text):
        """Of the last such line of the kernel's own in dmesg, which has microseconds; None: none."""
        lines = [line for line in elevated("dmesg", "--facility", "kern").splitlines()
                 if re.match(r"\[\s*[0-9.]+\]", line)]  # a record may have several lines
        times = [round(float(line[1:line.index("]")]) * 1e9) for line in lines]
        if any(late < early - MS for early, late in zip(times, times[1:]) if late < 10 * MS):
            self.skipTest("the log's clock began anew here: test_guest_machine.py has that case")
        return next((at for at, line in zip(times[::-1], lines[::-1]) if text in line), None)

    def test_report_is_sound(self):
        self.assertEqual(report_rules.problems(self.report), [])
        at = [one["at_ns"] for one in self.machine["boot"]]
        self.assertEqual(at, sorted(at))
        # Nobody said that the machine was booted for this: the script's track begins with itself.
        self.assertFalse(self.machine["booted_for_this"])
        self.assertNotIn("vm", [phase["name"] for phase in self.report["tracks"][0]["phases"]])

    def test_timekeeping_began_where_the_clocks_differ(self):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        raw = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        # What NTP has slewed meanwhile is not in the figure of a moment ago: 500 ppm at most.
        self.assert_near(self.instant("timekeeping"), max(0, before - raw), after - before + MS)

    def test_init_was_forked_when_proc_says(self):
        if os.readlink("/proc/self/ns/pid") != "pid:[4026531836]":
            self.assertEqual(self.instants("init-forked"), [])  # pid 1 is the container's
            return
        ticks = int(Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19])
        instant = self.instant("init-forked")
        self.assertEqual(instant["at_ns"], ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK"))
        self.assertEqual(instant["uncertainty_ns"], 1_000_000_000 // os.sysconf("SC_CLK_TCK"))

    def test_init_was_executed_when_the_log_says(self):
        at_ns = self.log_time_ns(" as init process")
        if at_ns is None:
            self.assertEqual(self.instants("init-executed"), [])
        else:
            self.assert_near(self.instant("init-executed"), at_ns)

    def test_resumes_are_those_of_the_log(self):
        at_ns = self.log_time_ns("crng reseeded due to virtual machine fork")
        if at_ns is None:
            self.assertEqual(self.instants("resumed"), [])
            self.assertIsNot(self.machine.get("resumed_from_snapshot"), True)
        else:
            self.assert_near(self.instant("resumed"), at_ns)
            self.assertIs(self.machine["resumed_from_snapshot"], True)

    def test_both_figures_of_the_creation_are_told(self):
        program = self.scratch / "machine_oracle"
        subprocess.run(["gcc", "-O2", "-o", program, REPOSITORY / "tests/live/machine_oracle.c"],
                       check=True)
        before_ns, off_ns = map(int, subprocess.run([program], capture_output=True, text=True,
                                                    check=True).stdout.split())
        by_source = {one["source"]: one for one in self.instants("created")}
        counters = [one for source, one in by_source.items() if source.startswith("TSC")]
        if before_ns + off_ns >= 0 and not self.machine["suspended_ns"]:
            self.assertEqual(len(counters), 1, self.machine)
            self.assert_near(counters[0], -before_ns, off_ns)
        offset = re.search(r"kvm-clock: using sched offset of (\d+)", elevated("dmesg"))
        if offset:
            self.assertEqual(by_source["kernel log: kvm-clock was 0"]["at_ns"], -int(offset[1]))

    def test_without_the_right_to_read_it_the_log_is_said_to_be_missing(self):
        restricted = Path("/proc/sys/kernel/dmesg_restrict").read_text().strip() == "1"
        if os.geteuid() == 0 or not restricted:
            prefix = ["setpriv", "--bounding-set=-syslog", "--inh-caps=-syslog", "--ambient-caps=-all"]
        else:
            prefix = []
        if not restricted:
            self.skipTest("everybody may read the kernel's log here (kernel.dmesg_restrict=0)")
        path = self.scratch / "restricted.thaw"
        subprocess.run([*prefix, *record_command(path, "--backend", "importtime",
                                                 command=["/bin/true"])], check=True,
                       timeout=RECORD_SECONDS)
        machine = json.loads(run_thaw("report", "--json", path).stdout)["machine"]
        self.assertEqual(machine["kernel_log"], "not readable: Operation not permitted")
        self.assertNotIn("resumed_from_snapshot", machine)
        self.assertNotIn("init-executed", [one["what"] for one in machine["boot"]])
        self.assertIn("timekeeping", [one["what"] for one in machine["boot"]])

    def test_told_boot_begins_the_track(self):
        recorded = record_with_ebpf(self.scratch / "boot.thaw", "--boot",
                                    command=[PYTHON, "-c", "import json"])
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        self.assertTrue(report["machine"]["booted_for_this"])
        track = report["tracks"][0]
        counted = [phase for phase in track["phases"] if phase["counted"]]
        self.assertEqual(counted[0]["name"], "vm")
        self.assertEqual(track["start_ns"], counted[0]["start_ns"])
        executed = report["processes"][0]["execs"][0]
        self.assertEqual(counted[0]["end_ns"], executed)
        resumed = [one["at_ns"] for one in report["machine"]["boot"] if one["what"] == "resumed"]
        created = [one["at_ns"] for one in report["machine"]["boot"] if one["what"] == "created"]
        self.assertIn(track["start_ns"], resumed or [*created, 0])


class Signs(Machine):
    def test_hypervisor_is_that_of_systemd(self):
        if not shutil.which("systemd-detect-virt"):
            self.skipTest("systemd-detect-virt is not installed (Debian: systemd)")
        told = subprocess.run(["systemd-detect-virt", "--vm"], capture_output=True, text=True,
                              check=False).stdout.strip()
        if told == "none":
            self.assertIsNone(self.machine["hypervisor"])
        else:
            self.assertIn(told, VIRTUAL.get(self.machine["hypervisor"], {told}))
            self.assertIn("cpuid:hypervisor bit", self.machine["signs"])

    def test_all_signs_are_told(self):
        signs = self.machine["signs"]
        for file in ("/.dockerenv", "/run/.containerenv"):
            self.assertEqual(f"file:{file}" in signs, os.path.exists(file), file)
        for name in ("sys_vendor", "product_name"):
            path = Path("/sys/class/dmi/id", name)
            if path.exists() and path.read_text().strip():
                self.assertIn(f"dmi {name}:{path.read_text().strip()[:62]}", signs)
        generation = list(Path("/sys/bus/acpi/devices").glob("VMGENCTR:*"))
        self.assertEqual("acpi device:VMGENCTR" in signs, bool(generation))
        first = Path("/proc/1/cmdline").read_bytes().split(b"\0")
        inside = os.readlink("/proc/self/ns/pid") != "pid:[4026531836]"
        self.assertEqual("init:--firecracker-init" in signs,
                         b"--firecracker-init" in first and not inside)
        self.assertEqual("namespace:pid" in signs, inside)
        if inside:
            self.assertIs(self.machine["container"], True)

    def test_variables_of_platforms_are_told_by_name_only(self):
        signs = self.report["tracks"][0]["cpu"]["signs"]
        self.assertIn("environment:K_SERVICE", signs)
        self.assertNotIn("environment:AWS_LAMBDA_FUNCTION_NAME", signs)
        self.assertNotIn(SECRET.encode(), Path(self.recorded.path).read_bytes())


# Burns CPU time and says what the kernel counted meanwhile, as it is seen from the inside.
BURNER = """
import json, sys, time
def counted():
    lines = open(sys.argv[1]).read().split()
    return dict(zip(lines[::2], map(int, lines[1::2])))
waits = lambda: [int(word) for word in open("/proc/self/schedstat").read().split()]
first, early = counted(), waits()
begun = time.process_time()
while counted()["nr_throttled"] < first["nr_throttled"] + 3 and time.process_time() < begun + 5:
    pass
last, late = counted(), waits()
waits = [b - a for a, b in zip(early, late)]  # within thaw's readings: it may begin a little later
json.dump({"first": first, "last": last, "waits": waits}, open(sys.argv[2], "w"))
"""


class Throttled(unittest.TestCase):
    """thaw and what it records in a control group that may use a fifth of a CPU."""

    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        name = f"thaw-test-{os.getpid()}"
        first, second = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
        if (first / "cpu.cfs_quota_us").exists() or (first / "cgroup.procs").exists():
            self.group = first / name
            limit = 'echo 100000 >"$0/cpu.cfs_period_us"; echo 20000 >"$0/cpu.cfs_quota_us"'
        elif "cpu" in (second / "cgroup.subtree_control").read_text().split():
            self.group = second / name
            limit = 'echo "20000 100000" >"$0/cpu.max"'
        else:
            self.skipTest("no control group with a CPU limit can be made here")
        made = subprocess.run([*elevate.prefix_or_skip(), "sh", "-ec", f'mkdir "$0"; {limit}',
                               self.group], capture_output=True, text=True, check=False)
        if made.returncode:
            self.skipTest(f"no control group can be made here: {made.stderr.strip()}")
        self.addCleanup(elevated, "rmdir", str(self.group))

    def counted(self):
        words = (self.group / "cpu.stat").read_text().split()
        return dict(zip(words[::2], map(int, words[1::2])))

    @staticmethod
    def throttled_ns(counted):
        return counted.get("throttled_time", counted.get("throttled_usec", 0) * 1000)

    def test_throttling_and_waits_are_those_of_the_kernel(self):
        before, truth_file = self.counted(), self.scratch / "truth.json"
        command = record_command(self.scratch / "recording.thaw", "--backend", "ebpf",
                                 command=[PYTHON, "-c", BURNER, self.group / "cpu.stat",
                                          truth_file])
        started = time.monotonic_ns()
        run = subprocess.run([*elevate.prefix_or_skip(), "sh", "-c",
                              'echo $$ >"$0/cgroup.procs"; exec "$@"', self.group, *command],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=RECORD_SECONDS, check=False)
        took_ns = time.monotonic_ns() - started
        if "eBPF" in run.stderr and run.returncode:
            self.skipTest(f"eBPF is refused here, even to root: {run.stderr}")
        self.assertEqual(run.returncode, 0, run.stderr)
        after, truth = self.counted(), json.loads(truth_file.read_text())
        report = json.loads(run_thaw("report", "--json", self.scratch / "recording.thaw").stdout)
        self.assertEqual(report_rules.problems(report), [])
        self.assertEqual(report["machine"]["cpu_limit"], 0.2)
        cpu = report["tracks"][0]["cpu"]
        self.assertEqual(cpu["limit"], 0.2)
        self.assertEqual(cpu["control_group"], str(self.group))
        self.assertIsNone(cpu["throttling_unknown"])
        # thaw reads before the process begins and after it has ended, but within our readings.
        for key, name in (("periods", "nr_periods"), ("throttled_periods", "nr_throttled")):
            self.assertLessEqual(truth["last"][name] - truth["first"][name], cpu[key])
            self.assertLessEqual(cpu[key], after[name] - before[name])
        inside_ns = self.throttled_ns(truth["last"]) - self.throttled_ns(truth["first"])
        self.assertGreater(inside_ns, 0)  # else nothing was tested
        self.assertLessEqual(inside_ns, cpu["throttled_ns"])
        self.assertLessEqual(cpu["throttled_ns"],
                             self.throttled_ns(after) - self.throttled_ns(before))
        self.assertIsNone(cpu["waits_unknown"])
        self.assertLessEqual(truth["waits"][0], cpu["cpu_ns"])
        self.assertLessEqual(truth["waits"][1], cpu["cpu_wait_ns"])
        self.assertLessEqual(cpu["cpu_ns"] + cpu["cpu_wait_ns"], cpu["waits_over_ns"] + MS)
        self.assertLessEqual(cpu["waits_over_ns"], took_ns)
        summary = run_thaw("report", self.scratch / "recording.thaw").stdout
        self.assertRegex(" ".join(summary.split()),
                         r"CPU: 0\.2 of a core; throttled \S+ m?s in \d+ of \d+ periods; "
                         r"its first thread waited for a CPU \S+ m?s of \S+ m?s")


if __name__ == "__main__":
    unittest.main()
