"""`thaw audit` among strange processes: containers, hostile names, sudden deaths, pids that come again.

One daemon sees all of it. The long forms are in tests/bench/bench_audit_faults.py.
"""

import sys
import tempfile
import unittest

import audit_daemon
import audit_hostile
import elevate

TIMEOUT_SECONDS = 120
CONTAINERS, DYING, CHANGING, GENERATIONS, SAME = 60, 40, 100, 6, 5


class Strange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = scratch.name
        cls.daemon = audit_daemon.Daemon.or_skip(cls.folder, audit_hostile.ALL)
        cls.addClassCleanup(cls.daemon.stop)

    def survives(self, fault, *numbers):
        row = fault(self.folder, *numbers, daemon=self.daemon)
        self.assertEqual(row["problems"], [], row)
        self.assertIsNone(self.daemon.process.poll(), self.daemon.said())

    def test_containers(self):
        self.survives(audit_hostile.many_containers, CONTAINERS)

    def test_names(self):
        self.survives(audit_hostile.nasty_names)

    def test_dying(self):
        self.survives(audit_hostile.dying, DYING)

    def test_changing_files(self):
        self.survives(audit_hostile.changing_files, CHANGING)

    def test_forks(self):
        self.survives(audit_hostile.fork_tree, GENERATIONS)

    def test_same_pid(self):
        self.survives(audit_hostile.same_pid, SAME)


if __name__ == "__main__":
    sys.exit(unittest.main())
