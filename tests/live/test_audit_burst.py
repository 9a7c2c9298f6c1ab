"""A burst of starts, twenty at a time: each is in the store once, as it was.

Each of them tells what is true of it. Ten minutes of it, and what it costs: `make bench-audit`.
"""

import sys
import tempfile
import unittest

import audit_daemon
import audit_store
import elevate
import start_load
from audit_faults import ALL, stored

TIMEOUT_SECONDS = 120
SECONDS, PER_MINUTE, AT_ONCE = 5, 1000, 20


class Burst(unittest.TestCase):
    def test_every_start_is_told(self):
        elevate.prefix_or_skip()
        with tempfile.TemporaryDirectory() as folder:
            pythons = start_load.Pythons(folder)
            with audit_daemon.Daemon.or_skip(folder, ALL) as daemon:
                load = pythons.run(folder, SECONDS, PER_MINUTE, AT_ONCE, AT_ONCE)
                self.assertEqual(load.failed, 0)
                verdict = stored(daemon, load.truths)
                self.assertTrue(verdict.good(), str(verdict))
                self.assertEqual(verdict.incomplete, 0, str(verdict))
                ids = daemon.bpf_ids()
                self.assertTrue(all(ids.values()), ids)
            self.assertEqual(audit_daemon.left_behind(ids), {})
            self.assertEqual(audit_store.integrity(daemon.store), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
