# SPDX-License-Identifier: Apache-2.0
"""Recordings of cold starts against the test host's own log: the same messages, none more."""

import os
import sys
import unittest

import demo
from cold_start_case import ColdStartCase

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402

TIMEOUT_SECONDS = 300
HTTP_BODY = "canary-in-the-body-71f3"


class Cold(ColdStartCase):
    def test_analyze(self):
        recorded = self.record(demo.place_own("analyze"), "--invoke", "analyze")
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        self.assertTrue(report["complete"], report["losses"])
        track = next(track for track in report["tracks"] if track["headline"])
        phases = [phase for phase in track["phases"] if phase["name"] not in ("vm", "pool")]
        self.assertEqual([phase["name"] for phase in phases],
                         ["host", "worker", "import", "ready", "first-invocation"])
        self.assert_host(report, phases[0])
        imported = phases[2]
        self.assertEqual(imported["within"], "WorkerInitRequest..WorkerInitResponse")
        apps = [module["name"] for module in report["modules"] if module["owner"] == "app"]
        self.assertEqual(apps, ["function_app"])
        self.assertEqual(report["invocations"][0]["function"], "analyze")

    def assert_host(self, report, phase):
        """What the host did before its worker, against its log; it is Python, and listens."""
        parts = {part["name"]: part for part in phase["children"]}
        self.assertEqual(list(parts), ["host.interpreter", "host.imports", "host.configuration",
                                       "host.spawn"])
        times = [self.log.events("main")[0]["time_ns"],
                 parts["host.configuration"]["start_ns"], parts["host.spawn"]["start_ns"],
                 self.log.events("listening")[0]["time_ns"], phase["end_ns"],
                 self.log.events("spawned")[0]["time_ns"]]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(parts["host.imports"]["start_ns"], times[0])
        self.assertEqual(parts["host.configuration"]["evidence"][0], "open host.json")
        port = self.log.events("listening")[0]["port"]
        self.assertEqual(parts["host.spawn"]["evidence"][0], f"listen on {port}")
        host = next(one for one in report["processes"] if one["role"] == "host")
        self.assertEqual((host["platform"], host["signs"]),
                         ("azure_functions", [f"listens on {port}"]))

    def test_two_workers(self):
        recorded = self.record(demo.place_own("plain"), "--workers", 2)
        self.assertEqual(len(self.assert_same_messages(recorded)), 2)
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        self.assertEqual(len(report["tracks"]), 2)
        self.assertEqual(sum(track["headline"] for track in report["tracks"]), 1)

    def test_large_body_and_no_payload(self):
        recorded = self.record(demo.place_own("plain"), "--body", HTTP_BODY, "--large", 1 << 20)
        self.assert_same_messages(recorded)
        with open(recorded.path, "rb") as file:
            recording = file.read()
        # It is there once, as an argument of the recorded command, which the user typed.
        self.assertEqual(recording.count(HTTP_BODY.encode()), 1)

    def test_placeholder(self):
        recorded = self.record(demo.place_own("plain"), "--mode", "placeholder",
                               "--pool-seconds", "0.3")
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        phases = report["tracks"][0]["phases"]
        names = [phase["name"] for phase in phases]
        self.assertIn("specialize", names)
        own = phases[names.index("worker"):]  # the machine's own wait for its host is another one
        self.assertIn("pool", [phase["name"] for phase in own if not phase["counted"]])


if __name__ == "__main__":
    unittest.main()
