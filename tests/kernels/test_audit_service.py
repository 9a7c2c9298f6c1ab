"""`thaw audit` as the unit that it comes with, under all of its limits, in a guest that systemd runs.

Oracles: systemd's word on the service, /proc, bpftool, and the start that the guest made itself. On
Debian's 6.1, where the kernel lets nobody attach to interpreters without CAP_SYS_ADMIN, the unit says so
and ends, and with that right added it does the same.
"""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from guest import Guest, GuestUnavailable
from program import BUILD, REPOSITORY, THAW
from systemd_root import add_systemd

TIMEOUT_SECONDS = 1200  # the first run fetches kernels and systemd
RUN_SECONDS = 250

HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3.11"
UNIT = REPOSITORY / "reports/fleet/thaw-audit.service"
LATE = ("libcapstone.so.4", "libsqlite3.so.0", "libmicrohttpd.so.12", "libsystemd.so.0",
        "libseccomp.so.2")
BPFTOOL = shutil.which("bpftool", path="/usr/sbin:/usr/bin")
BPF, PERFMON, SYS_PTRACE, DAC_READ_SEARCH, SYS_ADMIN = 39, 38, 19, 2, 21  # linux/capability.h
FOUR = 1 << BPF | 1 << PERFMON | 1 << SYS_PTRACE | 1 << DAC_READ_SEARCH
OPTIONS = 'THAW_AUDIT_OPTIONS="--all-python --config /etc/thaw/thaw.json"\n'
ADMIN = ("[Service]\nAmbientCapabilities=CAP_SYS_ADMIN\nCapabilityBoundingSet=CAP_SYS_ADMIN\n")


def late_libraries():
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    for name in LATE:
        found = re.search(rf"^\s{re.escape(name)} \(libc6,x86-64\) => (\S+)$", known.stdout,
                          re.MULTILINE)
        if found is None:
            raise unittest.SkipTest(f"{name} is not installed")
        yield found[1]


def run_service(kernel, drop_in):
    """The files that audit_service.sh left, name -> text; drop_in is for a second try."""
    if BPFTOOL is None:
        raise unittest.SkipTest("bpftool is not installed")
    try:
        guest = Guest(kernel, BUILD)
    except GuestUnavailable as error:
        raise unittest.SkipTest(str(error)) from error
    add_systemd(guest)
    guest.add_python(PYTHON)
    guest.add(THAW, "/usr/local/bin/thaw")
    guest.add(UNIT, "/etc/systemd/system/thaw-audit.service")
    guest.add(HERE / "audit_service.sh", "/root/audit_service.sh")
    guest.add(BPFTOOL, "/usr/bin/bpftool")
    for library in late_libraries():
        guest.add(library)
    guest.archive.add_bytes("/etc/default/thaw-audit", OPTIONS.encode())
    guest.archive.add_bytes("/etc/thaw/thaw.json", b'{"audit": {}}\n')
    if drop_in:
        guest.archive.add_bytes("/root/more.conf", drop_in.encode())
    with tempfile.TemporaryDirectory() as folder:
        result = guest.run(["sh", "/root/audit_service.sh"], outputs=["/tmp/out"],
                           timeout_s=RUN_SECONDS, into=Path(folder))
        if result.missing or result.status:
            raise AssertionError(f"status {result.status}\n{result.stderr}")
        files = {file.name: file.read_text() for file in result.files["/tmp/out"].iterdir()}
    files["stderr"] = result.stderr
    return files


def settings(text):
    return dict(line.split("=", 1) for line in text.splitlines())


def tracing(text):
    """Programs that are not systemd's own, which are about control groups."""
    return sorted(program.get("name", "") for program in json.loads(text)
                  if not program["type"].startswith("cgroup"))


class Service:
    kernel, rights, drop_in, missing = None, FOUR, None, 0

    @classmethod
    def setUpClass(cls):
        cls.files = run_service(cls.kernel, cls.drop_in)

    def metric(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.files["metrics"], re.MULTILINE)[1])

    def test_is_running_when_it_says_so(self):
        shown = settings(self.files["show"])
        self.assertEqual((shown["ActiveState"], shown["SubState"]), ("active", "running"))
        self.assertIn("0 events lost", shown["StatusText"])

    def test_has_its_rights_and_no_other(self):
        status = dict(line.split(":\t", 1) for line in self.files["status"].splitlines()
                      if ":\t" in line)
        for held in ("CapEff", "CapPrm"):
            self.assertEqual(int(status[held], 16), self.rights, held)
        for given_up in ("CapInh", "CapAmb"):
            self.assertEqual(int(status[given_up], 16), 0, given_up)
        self.assertNotEqual(status["Uid"].split()[0], "0")
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

    def test_sees_a_start(self):
        self.assertEqual(self.files["stderr"], "")
        self.assertEqual(self.metric("thaw_store_starts_total"), 1)
        self.assertEqual(self.metric("thaw_probes_missing"), self.missing)
        self.assertEqual(self.metric("thaw_requests_counted"), not self.missing)
        self.assertEqual(self.metric("thaw_system_calls_refused_total"), 0, self.files["journal"])
        top = json.loads(self.files["top"])
        self.assertEqual(sum(app["starts"]["seen"] for app in top["apps"]), 1, top)

    def test_a_clock_that_is_set_is_met(self):
        self.assertEqual(self.metric("thaw_clock_steps_total"), 1)
        self.assertIn("the wall clock was set by", self.files["journal"])

    def test_reloads_and_keeps_what_was(self):
        self.assertEqual(settings(self.files["later"])["ActiveState"], "active")
        self.assertIn("the configuration was read again", self.files["journal"])
        self.assertIn("/etc/thaw/thaw.json:1:12: unknown key 'nodes'", self.files["journal"])

    def test_ends_and_leaves_nothing(self):
        stopped = settings(self.files["stopped"])
        self.assertEqual((stopped["Result"], stopped["ExecMainStatus"], stopped["ActiveState"]),
                         ("success", "0", "inactive"))
        self.assertNotEqual(tracing(self.files["while"]), tracing(self.files["before"]))
        self.assertEqual(tracing(self.files["after"]), tracing(self.files["before"]))


class Debian612(Service, unittest.TestCase):
    kernel = "6.12"


class Debian61(Service, unittest.TestCase):
    """Where the four are not enough, and the tracepoints that count requests are not there."""
    kernel, rights, drop_in, missing = "6.1", FOUR | 1 << SYS_ADMIN, ADMIN, 2

    def test_says_what_is_missing(self):
        self.assertNotEqual(self.files["first"], "0\n")
        self.assertIn("CAP_SYS_ADMIN", self.files["first-journal"])


if __name__ == "__main__":
    unittest.main()
