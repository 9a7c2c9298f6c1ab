# SPDX-License-Identifier: Apache-2.0
"""Recordings of cold starts against the test host's own log: the same messages, none more."""

import json
import os
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 300
HTTP_BODY = "canary-in-the-body-71f3"


class Cold(unittest.TestCase):
    def record(self, app, *arguments):
        folder = demo.temporary_folder()
        self.addCleanup(folder.cleanup)
        self.log_path = os.path.join(folder.name, "host.log")
        path = os.path.join(folder.name, "recording.thaw")
        command = demo.host_command(app, self.log_path, "--once", *arguments)
        owner = demo.as_owner()
        environment = dict(os.environ)
        if owner:
            environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
        recorded = record_with_ebpf(path, "--until", "exit", command=command, env=environment)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        self.log = demo.Log(self.log_path)
        return recorded

    def assert_same_messages(self, recorded):
        """Type, direction, size and ids of every message, worker by worker, in order."""
        seen = {}
        for line in recorded.text.splitlines():
            words = line.split()
            if len(words) > 1 and words[1] == "message":
                fields = dict(word.split("=", 1) for word in words[2:] if "=" in word)
                direction = "to-host" if fields.get("outgoing") == "1" else "to-worker"
                kind = json.loads(fields["type"])
                seen.setdefault(fields["pid"], []).append((direction, kind, int(fields["bytes"])))
        told = {}
        for line in self.log.events("message"):
            told.setdefault(line["worker"], []).append(
                (line["direction"], line["type"], line["bytes"]))
        self.assertEqual(sorted(map(sorted, seen.values())), sorted(map(sorted, told.values())))
        return seen

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
        imported = phases[2]
        self.assertEqual(imported["within"], "WorkerInitRequest..WorkerInitResponse")
        apps = [module["name"] for module in report["modules"] if module["owner"] == "app"]
        self.assertEqual(apps, ["function_app"])
        self.assertEqual(report["invocations"][0]["function"], "analyze")

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
