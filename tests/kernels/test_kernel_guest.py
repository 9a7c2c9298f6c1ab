"""The guest harness itself: a stock Debian 6.1 kernel boots, runs a command, gives files back."""

import hashlib
import os
import tempfile
import unittest
from pathlib import Path

from guest import Guest, GuestFailed, GuestUnavailable
from importtime import Entry, entries_of_text
from program import BUILD

TIMEOUT_SECONDS = 1000  # the first run fetches the kernel

PYTHON = "/usr/bin/python3.11"
PROBE = r"""
set -e
uname -r
test -s /sys/kernel/btf/vmlinux
test -e /sys/kernel/tracing/available_events
test -e /sys/fs/cgroup/cgroup.procs
grep -q ' /sys/fs/bpf bpf ' /proc/mounts
cp /root/input /tmp/output
mkdir /tmp/tree && echo leaf >/tmp/tree/leaf
python3.11 -X importtime -c 'import json'
exit 3
"""


class KernelGuest(unittest.TestCase):
    def setUp(self):
        try:
            self.guest = Guest("6.1", BUILD)
        except GuestUnavailable as error:
            self.skipTest(str(error))
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def run_script(self, script, **options):
        return self.guest.run(["sh", "-c", script], into=self.scratch / "out", timeout_s=400,
                              **options)

    def test_python_runs_and_files_come_back_whole(self):
        content = os.urandom(200_000)
        (self.scratch / "input").write_bytes(content)
        self.guest.add(self.scratch / "input", "/root/input")
        self.guest.add_python(PYTHON)
        result = self.run_script(PROBE, outputs=["/tmp/output", "/tmp/tree", "/tmp/none"])
        self.assertEqual(result.status, 3, result.stderr)
        self.assertTrue(result.stdout.startswith("6.1."), result.stdout)
        self.assertEqual(result.stdout.strip(), self.guest.kernel.release)
        self.assertIn(Entry("json.scanner", "json.decoder"), entries_of_text(result.stderr))
        self.assertEqual(hashlib.sha256(result.files["/tmp/output"].read_bytes()).digest(),
                         hashlib.sha256(content).digest())
        self.assertEqual((result.files["/tmp/tree"] / "leaf").read_text(), "leaf\n")
        self.assertEqual(result.missing, ["/tmp/none"])
        self.assertNotRegex(result.kernel_log, "BUG:|Oops|WARNING:")

    def test_privileges_can_be_taken_away(self):
        result = self.run_script("id -u; grep CapEff /proc/self/status", user=65534,
                                 capabilities=("bpf", "perfmon"))
        # CAP_PERFMON is 38, CAP_BPF is 39 (include/uapi/linux/capability.h).
        self.assertEqual(result.stdout.split(), ["65534", "CapEff:", f"{3 << 38:016x}"],
                         result.stderr)

    def test_panic_is_said(self):
        with self.assertRaisesRegex(GuestFailed, "while the command ran(.|\n)*Kernel panic"):
            self.run_script("echo c >/proc/sysrq-trigger")

    def test_command_is_ended_at_its_limit(self):
        result = self.guest.run(["sh", "-c", "echo before; exec sleep 1000"],
                                into=self.scratch, timeout_s=5)
        self.assertTrue(result.timed_out)
        self.assertEqual(result.stdout, "before\n")
