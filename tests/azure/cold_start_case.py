# SPDX-License-Identifier: Apache-2.0
"""Recording a cold start of the test host and its worker, with the host's own log beside it."""

import json
import os
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from recorded import record_with_ebpf  # noqa: E402


class ColdStartCase(unittest.TestCase):
    def record(self, app, *arguments, status=0):
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
        self.assertEqual(recorded.status, status, recorded.stderr)
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
