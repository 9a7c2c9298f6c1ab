# SPDX-License-Identifier: Apache-2.0
"""A worker's cold start as `thaw audit` sees it: all messages, and the caller's trace."""

import os
import subprocess
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import observed  # noqa: E402

TIMEOUT_SECONDS = 180
# So long that what stands behind it is not among the bytes that are copied of a warm worker.
BODY_BYTES = 20000
TRACE_PARENT = "00-[0-9a-f]{32}-0000000000000001-00"  # as the test host makes them


class Observed(unittest.TestCase):
    def setUp(self):
        self.folder = demo.temporary_folder()
        self.addCleanup(self.folder.cleanup)
        self.log_path = os.path.join(self.folder.name, "host.log")
        self.observation = observed.Observation(self.folder.name,
                                                observed.built(self.folder.name))
        self.addCleanup(self.observation.close)

    def run_host(self, *arguments):
        """The only worker's id, and its messages as the host's log has them."""
        command = demo.host_command(demo.place_own("plain"), self.log_path, "--once", *arguments)
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=demo.RUN_SECONDS, check=False, **demo.as_owner())
        self.assertEqual(result.returncode, 0, result.stderr)
        return [(line["direction"], line["type"], line["bytes"])
                for line in demo.Log(self.log_path).events("message")]

    def test_messages_and_the_callers_trace(self):
        told = self.run_host("--large", BODY_BYTES, "--invocations", 3)
        self.observation.until(lambda event: event.kind == "message"
                               and event.type == "InvocationResponse")
        events = self.observation.events()
        messages = [event for event in events if event.kind == "message"]
        seen = [("to-host" if event.outgoing else "to-worker", event.type, event.bytes)
                for event in messages]
        self.assertEqual(sorted(seen), sorted(told))
        first, *others = [event for event in messages if event.type == "InvocationRequest"]
        self.assertRegex(first.trace_parent or "", TRACE_PARENT)
        self.assertEqual(len(others), 2)  # of these there is what lies among their first bytes
        (role,) = {event.pid for event in events
                   if event.kind == "process.role" and event.role == "worker"}
        self.assertEqual({event.pid for event in messages}, {role})
        self.assertNotIn("file.open", {event.kind for event in events})


if __name__ == "__main__":
    unittest.main()
