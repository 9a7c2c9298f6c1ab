# SPDX-License-Identifier: Apache-2.0
"""What a recorded cold start waited for, where the app itself says what that was."""

import json
import unittest

import demo
from cold_start_case import ColdStartCase

TIMEOUT_SECONDS = 120
# The worst that make bench-wire measured for the test host with a whole worker (p99).
LATEST_LOG_NS = 5_200_000

# Waits for one child, does not wait for another one, nor for what a thread of its own imports.
APP = """
import json, subprocess, sys, threading, time
import azure.functions as func

def now():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

def aside():
    import unittest.mock
    import xml.dom.minidom

thread = threading.Thread(target=aside)
thread.start()
beside = subprocess.Popen(["sleep", "0.02"])
began = now()
waited = subprocess.Popen(["sleep", "0.2"])
waited.wait()
ended = now()
thread.join()
beside.wait()
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="told")
def told(req: func.HttpRequest) -> str:
    return json.dumps({"waited": waited.pid, "beside": beside.pid, "began": began, "ended": ended})
"""


class CriticalPath(ColdStartCase):
    def test_it_goes_through_what_the_app_waited_for(self):
        recorded = self.record(demo.place_source("waits", APP))
        told = json.loads(recorded.stdout.splitlines()[1])
        report = recorded.report
        pids = {process["id"]: process["pid"] for process in report["processes"]}
        track = next(track for track in report["tracks"] if track["headline"])
        path = track["critical_path"]

        children = [step for step in path if step["waited_for"] == "child"]
        self.assertEqual([pids[step["process"]] for step in children], [told["waited"]], path)
        child, = children
        self.assertGreater(child["start_ns"], told["began"])
        self.assertLess(child["end_ns"], told["ended"])
        # Most of the app's wait is that child's life; the rest is its start and its reaping.
        self.assertGreater(child["end_ns"] - child["start_ns"], 200_000_000)
        name, = [module["name"] for module in report["modules"] if module["id"] == child["module"]]
        self.assertEqual(name, "function_app")
        self.assertIn(told["beside"], [pids[one["process"]] for one in track["beside"]])
        self.assert_no_gap(track, path)
        self.assert_turns(track, path)

    def assert_no_gap(self, track, path):
        ends = [track["start_ns"], *(step["end_ns"] for step in path)]
        self.assertEqual([step["start_ns"] for step in path], ends[:-1])
        self.assertEqual(ends[-1], track["end_ns"])

    def assert_turns(self, track, path):
        """As the host's log has it: who owes an answer is waited for, in between it is the host.

        The log is written some milliseconds after a message was there, so that the middle of a
        short turn may be another one's by then: such a turn only has to have its step.
        """
        turns, owed, since = {True: 0, False: 0}, 0, None
        for line in self.log.events("message"):
            if not line["type"].endswith(("Request", "Response")):
                continue
            until = line["time_ns"]
            if since and until < track["end_ns"]:
                middle_ns, is_long = (since + until) // 2, until - since > 4 * LATEST_LOG_NS
                first, last = (middle_ns, middle_ns) if is_long else (since, until)
                steps = [step for step in path
                         if step["start_ns"] <= last and step["end_ns"] > first]
                expected = {"worker", "child"} if owed else {"host", "outside"}
                self.assertTrue(expected & {step["waited_for"] for step in steps}, (line, steps))
                turns[owed > 0] += 1
            owed += 1 if line["type"].endswith("Request") else -1
            since = until
        self.assertGreaterEqual(min(turns.values()), 3, turns)


if __name__ == "__main__":
    unittest.main()
