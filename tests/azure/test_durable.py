# SPDX-License-Identifier: Apache-2.0
"""Orchestrations of the real Durable Functions package against the test host's own log."""

import os
import sys
import tempfile
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

STORAGE_MS = 20


class Durable(unittest.TestCase):
    def record(self, orchestrator, *arguments):
        app = demo.place_own("durable", lock="durable")
        owner = demo.as_owner()
        environment = dict(os.environ)
        with tempfile.TemporaryDirectory() as folder:
            if owner:
                environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
                os.chown(folder, owner["user"], owner["group"])
            log_path = os.path.join(folder, "host.log")
            command = demo.host_command(app, log_path, "--once", "--durable", orchestrator,
                                        "--storage-ms", STORAGE_MS, *arguments)
            recorded = record_with_ebpf(os.path.join(folder, "recording.thaw"), "--until", "exit",
                                        command=command, env=environment)
            self.assertEqual(recorded.status, 0, recorded.stderr)
            self.log = demo.Log(log_path)
            with open(recorded.path, "rb") as file:
                self.recording = file.read()
            report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        durable = report["durable"]
        self.assertEqual((durable["unknown_executions"], durable["unknown_activities"]), (0, 0))
        self.messages = {(line["type"], line["invocation_id"]): line
                         for line in self.log.messages() if line.get("invocation_id")}
        return report, durable

    def told(self, event, instance=None):
        return [line for line in self.log.events(event) if instance in (None, line["instance"])]

    def assert_like_the_log(self, found, instance):
        """Numbers are the log's exactly; times are to be its times, as near as two clocks get."""
        executions = self.told("orchestrator", instance)
        activities = self.told("activity", instance)
        requests = [self.messages["InvocationRequest", line["invocation_id"]]
                    for line in executions]
        self.assertEqual(found["executions"], len(executions))
        self.assertEqual(found["replays"], len(executions) - 1)
        self.assertEqual(found["history"], max(line["events"] for line in executions))
        self.assertEqual(found["request_bytes"], sum(line["bytes"] for line in requests))
        self.assertEqual(found["activities"], len(activities))
        self.assertEqual(sum(batch["seen"] for batch in found["batches"]), len(activities))
        # At least what storage took lies outside: once for each answer that led to a request.
        self.assertGreater(found["divided"]["outside_ns"], STORAGE_MS * 1000000)

    def test_a_chain_of_three(self):
        report, durable = self.record("chain")
        roles = {one["name"]: (one["role"], one["invocations"]) for one in durable["functions"]}
        self.assertEqual(roles, {"chain": ("orchestrator", 4), "work": ("activity", 3)})
        instance, = durable["instances"]
        self.assert_like_the_log(instance, "instance-0001")
        self.assertEqual([batch["scheduled"] for batch in instance["batches"]], [1, 1, 1])
        # Two waits of storage for each activity, one after the other.
        self.assertGreaterEqual(instance["divided"]["outside_ns"], 6 * STORAGE_MS * 1000000)
        self.assertNotIn(b"instance-0001", self.recording)
        self.assertEqual({call.get("instance") for call in report["invocations"]}, {1})

    def test_fan_outs_of_five_over_two_workers(self):
        _, durable = self.record("fan_out", "--orchestrations", 2, "--workers", 2, "--threads", 2)
        self.assertEqual(len(durable["instances"]), 2)
        order = list(dict.fromkeys(line["instance"] for line in self.told("orchestrator")))
        for found, instance in zip(durable["instances"], order):
            self.assert_like_the_log(found, instance)
            batch, = found["batches"]
            self.assertEqual((batch["scheduled"], batch["seen"]), (5, 5))
            self.assertLessEqual(batch["most_running"] or 0, batch["most_in_flight"])
            # Half of them went to the worker that was still starting.
            self.assertEqual(batch["cold"], self.cold(instance))
            self.assertGreater(batch["cold"], 0)
            self.assertGreater(batch["cold_longest_ns"], 0)

    def cold(self, instance):
        """Activities at a worker that had not loaded its functions when they were scheduled, and
        had answered nothing when they came."""
        first = self.told("orchestrator", instance)[0]
        scheduled_ns = self.messages["InvocationResponse", first["invocation_id"]]["time_ns"]
        found = 0
        for line in self.told("activity", instance):
            messages = self.log.messages(line["worker"])
            loaded_ns = max(one["time_ns"] for one in messages
                            if one["type"] == "FunctionLoadResponse")
            answered_ns = min(one["time_ns"] for one in messages
                              if one["type"] == "InvocationResponse")
            came_ns = self.messages["InvocationRequest", line["invocation_id"]]["time_ns"]
            found += scheduled_ns < loaded_ns and came_ns < answered_ns
        return found


if __name__ == "__main__":
    unittest.main()
