# SPDX-License-Identifier: Apache-2.0
"""Recordings of a real Lambda runtime against our Runtime API server's own log."""
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cold_start
import demo
import elevate
import report_rules
from program import THAW, run_thaw
from recorded import Recorded, record_with_ebpf

WAIT_SECONDS = 30
CANARY = "canary-in-the-event-81c4"
NEXT, EVENT = "GET /runtime/invocation/next", "200 /runtime/invocation/next"
RESPONSE, ERROR = "POST /runtime/invocation/ID/response", "POST /runtime/invocation/ID/error"
INIT_ERROR = "POST /runtime/init/error"


class ColdStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cold_start.prepare()

    def record(self, app, *arguments, options=("--until", "exit"), status=0):
        folder = demo.temporary_folder()
        self.addCleanup(folder.cleanup)
        log_path = os.path.join(folder.name, "server.log")
        recorded = record_with_ebpf(os.path.join(folder.name, "recording.thaw"), *options,
                                    command=cold_start.command(app, log_path, *arguments),
                                    env=cold_start.environment())
        self.assertEqual(recorded.status, status, recorded.stderr)
        self.log = cold_start.Log(log_path)
        self.assertEqual(report_rules.problems(recorded.report), [])
        return recorded

    def assert_same_messages(self, recorded):
        """Each message of the server's log, none more, in order; each seen when it could be."""
        told, seen = list(self.log.messages()), list(cold_start.messages_of(recorded))
        self.assertEqual([message[:2] for message in seen], [message[:2] for message in told])
        for (kind, _, first_ns, last_ns), (_, _, line) in zip(seen, told):
            if line["event"] == "request":  # sent before the server has it, its last byte too
                self.assertLess(first_ns, line["time_ns"], kind)
                self.assertLess(last_ns, line["end_ns"] + (kind == NEXT), kind)
            else:
                self.assertGreater(first_ns, line["time_ns"], kind)

    def headline(self, report):
        return next(track for track in report["tracks"] if track["headline"])

    def names(self, phases):
        return [phase["name"] for phase in phases]

    def test_a_cold_start(self):
        recorded = self.record("good")
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertTrue(report["complete"], report["losses"])
        self.assertEqual(report["run"]["platform"], "aws_lambda")
        track = self.headline(report)
        self.assertTrue(track["answered"])
        self.assertEqual(self.names(track["phases"]),
                         ["host", "worker", "import", "ready", "first-invocation"])
        _, worker, imported, ready, first = track["phases"]
        self.assertEqual(self.names(worker["children"]), ["worker.interpreter", "worker.imports"])
        self.assertEqual(imported["evidence"][0], "execute app")
        self.assertEqual(self.names(ready["children"]), ["ready.connect", "ready.wait"])
        self.assertEqual(ready["children"][1]["evidence"], [NEXT, EVENT])
        self.assertEqual(first["evidence"], [EVENT, RESPONSE])
        self.assertEqual([module["name"] for module in report["modules"]
                          if module["owner"] == "app"], ["app", "prices"])
        invocation, = report["invocations"]
        self.assertEqual((invocation["function"], invocation["status"], invocation["cold"]),
                         ("shop", "success", True))

    def test_init_fails(self):
        recorded = self.record("missing", status=3)
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertEqual([(failure["message"], failure["failure"])
                          for failure in report["failures"]],
                         [(INIT_ERROR, "Runtime.ImportModuleError")] * 2)
        self.assertEqual([(track["answered"], track["phases"][-1]["evidence"][1])
                          for track in report["tracks"]], [(False, INIT_ERROR)] * 2)
        for track in report["tracks"]:
            self.assertRegex(track["words"], "^gave up its init after .* s: "
                                             "Runtime.ImportModuleError$")
        self.assertEqual([track.get("retry_of") for track in report["tracks"]], [None, 1])
        summary = run_thaw("report", "-f", "summary", recorded.path).stdout
        self.assertIn("gave up its init after", summary)
        self.assertIn("Platform: aws_lambda (by -m awslambdaric)", summary)
        self.assertIn(("a_module_that_is_not_there", "not-found"),
                      [(module["name"], module["status"]) for module in report["modules"]])

    def test_a_handler_raises(self):
        recorded = self.record("raising")
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertTrue(self.headline(report)["answered"])
        self.assertEqual(report["invocations"][0]["status"], "failure")
        self.assertEqual(report["failures"][0]["failure"], "ValueError")
        self.assertNotIn(b"canary", open(recorded.path, "rb").read())

    def test_init_is_cut_off_and_begun_anew(self):
        recorded = self.record("slow", "--init-limit", 0.6)
        self.assert_same_messages(recorded)
        first, second = recorded.report["tracks"]
        killed, = self.log.events("killed")
        self.assertEqual((first["answered"], second["answered"]), (False, True))
        self.assertEqual(self.headline(recorded.report), second)
        self.assertGreater(first["end_ns"], killed["time_ns"])
        self.assertEqual(first["phases"][-1]["name"], "import")
        self.assertRegex(first["words"], "^was ended by signal 9 after .* before it was ready$")
        self.assertEqual(second["retry_of"], first["id"])
        self.assertEqual(self.names(second["phases"])[:3], ["host", "failed-start", "worker"])
        # the first try is part of the wait for the reply
        self.assertEqual(second["total_ns"], second["end_ns"] - second["start_ns"])
        spawned = self.log.events("spawned")[0]
        self.assertLess(second["phases"][1]["start_ns"], spawned["time_ns"])

    def test_a_snapshot_is_restored(self):
        recorded = self.record("good", "--snapstart")
        self.assert_same_messages(recorded)
        track = self.headline(recorded.report)
        self.assertEqual([(phase["name"], phase["counted"]) for phase in track["phases"]],
                         [("host", False), ("worker", False), ("pool", False),
                          ("specialize", True), ("ready", True), ("first-invocation", True)])

    def test_more_invocations_large_events_and_no_payload(self):
        event = json.dumps({"items": [1], CANARY: "x" * 100_000})
        recorded = self.record("good", "--event", event, "--invocations", 5)
        self.assert_same_messages(recorded)
        self.assertEqual([call["cold"] for call in recorded.report["invocations"]],
                         [True] + [False] * 4)
        request = [line for line in recorded.text.splitlines() if "\"200 /runtime" in line]
        self.assertIn(f"bytes={len(event)} ", request[0] + " ")
        # It is there once, as an argument of the recorded command, which the user typed.
        self.assertEqual(open(recorded.path, "rb").read().count(CANARY.encode()), 1)

    def test_until_the_first_reply(self):
        recorded = self.record("good", options=("--platform", "aws_lambda"))
        report = recorded.report
        self.assertEqual((report["run"]["ended"], report["run"]["requested_platform"]),
                         ("first-reply", "aws_lambda"))
        self.assertTrue(self.headline(report)["answered"])

    def test_another_platform_was_asked_for(self):
        recorded = self.record("good", options=("--until", "exit", "--platform",
                                                "azure_functions"))
        report = recorded.report
        self.assertEqual((report["run"]["platform"], report["run"]["requested_platform"]),
                         (None, "azure_functions"))
        self.assertEqual(list(cold_start.messages_of(recorded)), [])


class Attached(unittest.TestCase):
    def test_a_runtime_that_is_warm(self):
        cold_start.prepare()
        prefix = elevate.prefix_or_skip()
        folder = demo.temporary_folder()
        self.addCleanup(folder.cleanup)
        log_path, gate, path = (os.path.join(folder.name, name)
                                for name in ("server.log", "gate", "recording.thaw"))
        os.mkfifo(gate)
        server = self.start(cold_start.command("good", log_path, "--invocations", 4, "--gate", gate))
        self.wait_for(lambda: any(message[0] == RESPONSE
                                  for message in cold_start.Log(log_path).messages()))
        recorder = self.start([*prefix, THAW, "attach", "-q", "-o", path, "--limit", "30s",
                               "--until", "exit", "--pid", server.pid])
        runtime = cold_start.Log(log_path).events("spawned")[0]["pid"]
        self.wait_for(lambda: f"process.present pid={runtime}" in self.text(path)
                      or recorder.poll() is not None)
        if recorder.poll() is not None:
            self.skipTest("attaching takes eBPF, which is refused here")
        open(gate, "w", encoding="utf-8").close()
        self.assertEqual(server.wait(WAIT_SECONDS), 0)
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        told = [message[:2] for message in cold_start.Log(log_path).messages()]
        recorded = Recorded(subprocess.CompletedProcess([], 0, "", ""), path)
        seen = [message[:2] for message in cold_start.messages_of(recorded)]
        # followed from the first request on that it sends after thaw came
        self.assertEqual(seen, told[-len(seen):])
        self.assertEqual(seen[0][0], RESPONSE)
        report = recorded.report
        self.assertEqual([call["cold"] for call in report["invocations"]], [False] * 2)
        self.assertEqual(report["run"]["platform"], "aws_lambda")

    def start(self, command):
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def text(self, path):
        return run_thaw("report", "-f", "text", path).stdout

    def wait_for(self, condition):
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if condition():
                    return
            except (OSError, ValueError):
                pass  # the log is being written
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)  # looks again: there is no event to wait for


class Names(unittest.TestCase):
    def test_a_platform_that_is_none(self):
        for command in (["record", "--platform", "lambda", "--", "true"],
                        ["attach", "--platform", "lambda", "--all"]):
            result = run_thaw(*command)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stderr.count("\n"), 1)
            self.assertRegex(result.stderr, "--platform takes one of auto, .*aws_lambda.*, not "
                                            "'lambda'")


if __name__ == "__main__":
    unittest.main()
