"""A hundred starts, twenty at a time: every process is whole, or the report says that it is not.

The thousand are in tests/bench/bench_starts.py; what they found once is kept here small.
"""

import sys
import tempfile
import unittest
from pathlib import Path

import elevate
import fresh_python
import shared_python
import starts
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
STARTS, AT_ONCE, COPIES = 100, 20, 5
RUN_SECONDS = 120


class Starts(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        record_with_ebpf(self.scratch / "probe.thaw", command=["true"])  # or the test is skipped
        self.shared = shared_python.make(self.scratch)
        self.known = [fresh_python.Start(fresh_python.STATIC), fresh_python.Start(self.shared)]

    def unknown(self):
        return [fresh_python.make(kind, self.scratch / f"{kind} {number}")
                for kind in fresh_python.KINDS for number in range(COPIES)]

    def judge(self, way, different, *options):
        begun = (different * STARTS)[:STARTS]
        command = starts.driver(self.scratch, begun, AT_ONCE)
        report = way(self.scratch, command, ["--python", str(self.shared), *options], RUN_SECONDS)
        texts = starts.truths(self.scratch)
        self.assertEqual(len(texts), STARTS)
        verdict = starts.judge(report, texts)
        self.assertGreater(verdict.expected, 50 * STARTS)
        self.assertEqual(verdict.unsaid + verdict.wrong, [], str(verdict))
        self.assertEqual(verdict.said, verdict.incomplete, str(verdict))
        return report, verdict

    def assert_whole(self, judged):
        report, verdict = judged
        self.assertEqual((verdict.missing, verdict.marked), (0, 0), str(verdict))
        self.assertEqual([loss for loss in report["losses"] if loss["process"]], [])

    def test_known(self):
        self.assert_whole(self.judge(starts.record, self.known))

    def test_known_of_a_driver_that_runs_already(self):
        self.assert_whole(self.judge(starts.attach, self.known))

    def test_unknown(self):
        report, verdict = self.judge(starts.record, self.known + self.unknown())
        self.assertEqual(report["complete"], not verdict.marked)

    def test_unknown_held(self):
        self.assert_whole(self.judge(starts.record, self.known + self.unknown(), "--hold"))

    def test_unknown_held_of_a_driver_that_runs_already(self):
        self.assert_whole(self.judge(starts.attach, self.known + self.unknown(), "--hold"))


if __name__ == "__main__":
    sys.exit(unittest.main())
