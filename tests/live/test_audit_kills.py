"""`thaw audit` goes on: killed at any moment, on a full disk, when the clock is set.

Fifty kills, and more starts, are in tests/bench/bench_audit_faults.py.
"""

import sys
import tempfile
import unittest

import audit_daemon
import audit_faults
import elevate

TIMEOUT_SECONDS = 120
KILLS, STARTS, STEPS = 3, 20, (3600, -7200)


class Faults(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def survives(self, fault, *numbers, **more):
        try:
            row = fault(self.folder, *numbers, **more)
        except audit_daemon.Refused as refused:
            refused.skip()
        self.assertEqual(row["problems"], [], row)

    def test_kill(self):
        self.survives(audit_faults.kills, KILLS, long_lives=0.5)

    def test_full_disk(self):
        self.survives(audit_faults.full_disk, starts=STARTS)

    def test_clock(self):
        self.survives(audit_faults.clock_steps, STEPS)


if __name__ == "__main__":
    sys.exit(unittest.main())
