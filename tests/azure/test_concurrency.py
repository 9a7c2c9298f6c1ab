# SPDX-License-Identifier: Apache-2.0
"""What ran at once, against the handlers' own clocks: they say when each of their calls ran."""

import os
import sys
import tempfile
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402
import sleeping  # noqa: E402

CALLS = 16
TOLERANCE = 0.1  # of the handlers that ran on average


class Concurrency(unittest.TestCase):
    def record(self, kind, workers, threads):
        with tempfile.TemporaryDirectory() as folder:
            run = sleeping.record(sleeping.place(kind), workers, threads, CALLS, folder)
        self.assertEqual(report_rules.problems(run.report), [])
        self.assertEqual(len(run.ran), CALLS)
        load = run.host["load"]
        self.assertEqual((load["invocations"], load["unanswered"]), (CALLS, 0))
        # All were sent at once: that many are in flight, whatever runs.
        self.assertEqual(load["most_in_flight"], CALLS)
        self.assertEqual(len(run.host["workers"]), workers)
        self.assertIsNotNone(load["derived"], run.host["capacity"])
        self.assertAlmostEqual(load["derived"]["running_average"] / run.running_average(), 1,
                               delta=TOLERANCE)
        return run

    def test_two_workers_of_two_threads(self):
        run = self.record("sync", 2, 2)
        capacity = run.host["capacity"]
        self.assertEqual((capacity["status"], capacity["at_once"], capacity["host_at_once"]),
                         ("derived", 2, 4))
        self.assertEqual(run.host["load"]["derived"]["waited"], CALLS - 4)
        first, second = run.host["workers"]
        self.assertEqual((first["further"], second["further"]), (False, True))
        self.assertEqual(run.host["further_imports_ns"], second["imports_ns"])
        self.assertEqual(second["imports_ns"], self.imports_ns(run.report, second))
        self.assertLessEqual(second["imports_cpu_ns"], second["imports_ns"])
        self.assertGreater(second["imports_cpu_ns"], 0)

    def imports_ns(self, report, worker):
        """Counted anew from the report's modules."""
        end_ns = next(track["end_ns"] for track in report["tracks"]
                      if track["id"] == worker["track"])
        return sum(module["self_ns"] + module.get("gc_ns", 0) for module in report["modules"]
                   if module["process"] == worker["process"] and module["start_ns"] < end_ns)

    def test_watching_goes_on_after_the_first_reply(self):
        with tempfile.TemporaryDirectory() as folder:
            run = sleeping.record(sleeping.place("sync"), 1, 1, 3, folder, ("--watch", "1s"),
                                  host_options=())
        self.assertEqual((run.report["run"]["until"], run.report["run"]["ended"]),
                         ("first-reply", "duration"))
        self.assertEqual(run.host["load"]["invocations"], 3)
        self.assertRegex(run.stderr, r"the first reply was seen; watching for 1 s more: meanwhile "
                                     r"each system call of this machine takes \d+ ns more")

    def test_async_handlers_have_no_limit(self):
        run = self.record("async", 1, 1)
        self.assertEqual(run.host["capacity"]["status"], "at-least")
        self.assertEqual(run.host["capacity"]["at_once"], CALLS)
        self.assertEqual(run.host["load"]["derived"]["waited"], 0)


if __name__ == "__main__":
    unittest.main()
