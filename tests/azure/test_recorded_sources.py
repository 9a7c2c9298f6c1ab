# SPDX-License-Identifier: Apache-2.0
"""A recorded cold start knows who imports what, and what the user's file does with its imports."""

import json
import os
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 300
IMPORTS_LEAST = 3000  # pandas and numpy alone have more


def rows(recorded, kind):
    """The events of one kind as dictionaries; numbers that are 0 and empty texts are not there."""
    found = []
    for line in recorded.text.splitlines():
        words = line.split(" ", 2)
        if len(words) == 3 and words[1] == kind:
            found.append(fields(words[2]))
    return found


def fields(text):
    """name=value … with JSON's texts and lists, or numbers."""
    found, decoder = {}, json.JSONDecoder()
    while text:
        name, _, text = text.partition("=")
        value, end = decoder.raw_decode(text)
        found[name], text = value, text[end:].lstrip()
    return found


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.app = demo.place_own("analyze")
        folder = demo.temporary_folder()
        cls.addClassCleanup(folder.cleanup)
        owner = demo.as_owner()
        environment = dict(os.environ)
        if owner:
            environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
        command = demo.host_command(cls.app, os.path.join(folder.name, "host.log"), "--once",
                                    "--invoke", "analyze")
        cls.recorded = record_with_ebpf(os.path.join(folder.name, "recording.thaw"), "--until",
                                        "exit", command=command, env=environment)
        if cls.recorded.status:
            raise AssertionError(cls.recorded.stderr)
        cls.own = os.path.join(os.path.realpath(cls.app), "function_app.py")

    def test_statements_of_the_app(self):
        statements = {row["bound"]: row for row in rows(self.recorded, "inventory.statement")}
        self.assertEqual({row["file"] for row in statements.values()}, {self.own})
        self.assertEqual({bound: row["use"] for bound, row in statements.items()}, {
            "io": "functions", "json": "functions", "logging": "functions", "os": "module",
            "func": "module", "np": "functions", "pd": "annotation", "requests": "functions"})
        self.assertEqual(statements["requests"]["functions"], ["fetch"])
        self.assertEqual(statements["requests"]["module"], "requests")
        self.assertEqual(statements["np"]["functions"], ["summarise"])

    def test_definitions_of_the_app(self):
        definitions = {row["name"]: row for row in rows(self.recorded, "inventory.definition")}
        self.assertEqual(set(definitions), {"<module>", "summarise", "analyze", "fetch"})
        self.assertEqual(definitions["fetch"]["decorators"], ["app.route"])
        self.assertIn("requests", definitions["fetch"]["references"])
        self.assertNotIn("requests", definitions["analyze"]["references"])
        self.assertIn("summarise", definitions["analyze"]["references"])

    def test_imports_of_all_modules(self):
        imports = rows(self.recorded, "inventory.import")
        bodies = {row["file"] for row in rows(self.recorded, "body.begin") if "file" in row}
        self.assertGreater(len(imports), IMPORTS_LEAST)
        self.assertLessEqual({row["file"] for row in imports}, bodies)
        own = {(row["module"], row["line"]) for row in imports if row["file"] == self.own}
        self.assertEqual(own, {("io", 1), ("json", 2), ("logging", 3), ("os", 4),
                               ("azure.functions", 6), ("numpy", 7), ("pandas", 8),
                               ("requests", 9)})
        numpy = [row for row in imports if row.get("module", "").partition(".")[0] == "numpy"
                 and "/pandas/" in row["file"]]
        self.assertGreater(len(numpy), 50)  # none of which a probe sees: numpy is loaded by then

    def test_nothing_is_missing(self):
        self.assertEqual([row for row in rows(self.recorded, "loss")
                          if row["cause"] == "sources-not-read"], [])


if __name__ == "__main__":
    unittest.main()
