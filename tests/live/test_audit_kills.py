"""`thaw audit` goes on: killed at any moment, on a full disk, when the clock is set; or not, where it
was told to end at a loss.

Fifty kills, and more starts, are in tests/bench/bench_audit_faults.py.
"""

import signal
import subprocess
import sys
import tempfile
import unittest

import audit_daemon
import audit_faults
import audit_store
import elevate
import processes

TIMEOUT_SECONDS = 120
KILLS, STARTS, STEPS = 3, 20, (3600, -7200)
ENDED_AT_LOSS, END_SECONDS = 3, 30
# More imports than fit into the ring: none is found.
FLOOD = """
import sys
sys.meta_path.clear()
for _ in range(120000):
    try:
        import nowhere
    except ImportError:
        pass
"""


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

    def flooded(self, *options):
        """A daemon that was not there to read while more came than there is room for; of a start
        before it, how many are stored by then."""
        daemon = audit_daemon.Daemon.or_skip(self.folder, audit_faults.ALL, *options)
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.kill())
        subprocess.run([audit_faults.PYTHON, "-c", "import json"], check=True, timeout=60)
        self.assertTrue(processes.wait_until(lambda: audit_store.starts(daemon.store), END_SECONDS))
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            subprocess.run([audit_faults.PYTHON, "-W", "ignore", "-c", FLOOD], check=True,
                           timeout=60)
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        return daemon

    def test_loss_ends_it(self):
        daemon = self.flooded("--on-loss", "fail")
        self.assertEqual(daemon.process.wait(END_SECONDS), ENDED_AT_LOSS, daemon.said())
        self.assertRegex(daemon.said(), r"\d+ events were lost")
        self.assertFalse(audit_store.integrity(daemon.store))
        self.assertTrue(audit_store.starts(daemon.store))

    def test_loss_is_counted(self):
        daemon = self.flooded()
        self.assertTrue(processes.wait_until(
            lambda: daemon.told("thaw_events_lost_total"), END_SECONDS), daemon.said())
        self.assertEqual(daemon.stop(), 0)

    def test_clock(self):
        self.survives(audit_faults.clock_steps, STEPS)


if __name__ == "__main__":
    sys.exit(unittest.main())
