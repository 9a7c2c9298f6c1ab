"""The same program records the same modules on this machine's kernel and on Debian's 6.1.

Oracle on each: what the interpreter itself prints in the recorded run (-X importtime).
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
from guest import GuestUnavailable, run_in_guest
from importtime import compare, compare_report, entries_of_report
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 300  # the first run fetches the kernel

PYTHON = "/usr/bin/python3.11"
TARGET = [PYTHON, "-X", "importtime", "-c", "import json, asyncio, email, http.server"]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def read_report(recording):
    result = run_thaw("report", "--json", recording)
    if result.returncode != 0:
        raise AssertionError(f"report of {recording}: {result.stderr}")
    return json.loads(result.stdout)


class SameModules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.path.exists(THAW):
            raise unittest.SkipTest(f"{THAW} is not built")
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.guest_report, cls.guest_text = cls.record_in_guest()

    @classmethod
    def record_in_guest(cls):
        try:
            result = run_in_guest("6.1", BUILD, ["/bin/thaw", "record", "-o", "/tmp/r.thaw", "--",
                                                 *TARGET],
                                  inputs=[(THAW, "/bin/thaw")], python=PYTHON, timeout_s=240,
                                  outputs=["/tmp/r.thaw"], into=cls.scratch,
                                  environment=ENVIRONMENT)
        except GuestUnavailable as error:
            raise unittest.SkipTest(str(error)) from error
        if result.status != 0 or result.missing:
            raise AssertionError(f"record in the guest: status {result.status}\n{result.stderr}")
        return read_report(result.files["/tmp/r.thaw"]), result.stderr

    def record_here(self):
        recording = self.scratch / "here.thaw"
        settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        command = ["env", *settings, THAW, "record", "-o", recording, "--", *TARGET]
        result = subprocess.run([*elevate.prefix_or_skip(), *command], cwd=self.scratch, timeout=60,
                                env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        return read_report(recording), result.stderr

    def assert_same(self, comparison):
        self.assertGreater(comparison.expected, 100)  # not empty against empty
        self.assertTrue(comparison, str(comparison))

    def test_guest_recorded_by_ebpf(self):
        self.assertEqual(self.guest_report["run"]["backend"], "ebpf")
        self.assertEqual(self.guest_report["losses"], [])
        self.assertTrue(self.guest_report["machine"]["kernel"].startswith("6.1."))

    def test_guest_against_its_interpreter(self):
        self.assert_same(compare_report(self.guest_report, self.guest_text))

    def test_guest_against_this_machine(self):
        here, text = self.record_here()
        if here["run"]["backend"] != "ebpf":
            self.skipTest(f"this machine records by {here['run']['backend']} only")
        self.assert_same(compare_report(here, text))
        self.assert_same(compare(entries_of_report(here, all_modules=True),
                                 entries_of_report(self.guest_report, all_modules=True)))
