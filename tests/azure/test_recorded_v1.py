# SPDX-License-Identifier: Apache-2.0
"""Recordings of the programming model v1: the host finds the functions, each is imported when it is
loaded, and one that can't be does not take the others away."""

import os
import sys
import unittest

import demo
from cold_start_case import ColdStartCase

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
import report_rules  # noqa: E402

TIMEOUT_SECONDS = 180
WITHIN = "FunctionLoadRequest..FunctionLoadResponse"
HELLO, RECEIPT = "__app__.hello", "__app__.receipt.print_receipt"
PRICES = "__app__.receipt.prices"
OPTIONAL = "try:\n    import not_needed_after_all\nexcept ImportError:\n    pass\n"


class ModelV1(ColdStartCase):
    def recorded_report(self, app, *arguments):
        recorded = self.record(app, *arguments)
        self.assert_same_messages(recorded)
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        self.assertTrue(report["complete"], report["losses"])
        self.functions = self.functions_told(recorded.text)
        return report

    def functions_told(self, text):
        """{name: trigger} of the recording's functions."""
        rows = (line.split() for line in text.splitlines() if " function " in line)
        fields = (dict(word.split("=", 1) for word in row[2:] if "=" in word) for row in rows)
        return {row["name"].strip('"'): row["trigger"].strip('"') for row in fields}

    def loads(self):
        """The host's own instants of the first FunctionLoadRequest and the last response."""
        return (self.log.messages(kind="FunctionLoadRequest")[0]["time_ns"],
                self.log.messages(kind="FunctionLoadResponse")[-1]["time_ns"])

    def assert_imports(self, report):
        """What the app imports, it imports while it is loaded. The host's stamp of a request is
        taken before it is written, and that of an answer after it was read."""
        track = next(track for track in report["tracks"] if track["headline"])
        self.assertTrue(track["answered"])
        imports = [phase for phase in track["phases"] if phase["name"] == "import"]
        asked, answered = self.loads()
        self.assertTrue(imports)
        for phase in imports:
            self.assertEqual((phase["within"], phase["confidence"]), (WITHIN, "observed"))
            self.assertLessEqual(asked, phase["start_ns"])
            self.assertLessEqual(phase["end_ns"], answered)
        owned = [module for module in report["modules"] if module["owner"] == "app"]
        for module in owned:
            self.assertLessEqual(imports[0]["start_ns"], module["start_ns"])
            self.assertLessEqual(module["start_ns"] + module["total_ns"], imports[-1]["end_ns"])
        return track, imports, owned

    def test_a_cold_start(self):
        report = self.recorded_report(demo.place_own("plain-v1"))
        track, imports, owned = self.assert_imports(report)
        self.assertEqual([module["name"] for module in owned], [HELLO, RECEIPT, PRICES])
        self.assertEqual([module["file"] for module in owned],
                         ["hello/__init__.py", "receipt/print_receipt.py", "receipt/prices.py"])
        self.assertIn(f"execute {HELLO}", imports[0]["evidence"])
        modules = {module["id"]: module for module in report["modules"]}
        requests = next(one for one in report["modules"] if one["name"] == "requests")
        self.assertEqual(requests["owner"], "package")
        self.assertEqual(modules[requests["parent"]]["name"], RECEIPT)
        self.assertEqual([module["owner"] for module in report["modules"]
                          if module["name"] == "azure_functions_runtime_v1"], ["worker"])
        self.assertEqual(self.functions, {"hello": "httpTrigger", "receipt": "queueTrigger"})
        self.assertEqual(report["failures"], [])
        first = report["invocations"][0]
        self.assertEqual((first["function"], first["kind"], first["status"], first["cold"]),
                         ("hello", "http", "success", True))
        phases = [phase["name"] for phase in track["phases"]]
        self.assertEqual(phases[-2:], ["ready", "first-invocation"])

    def test_a_worker_from_the_pool(self):
        report = self.recorded_report(demo.place_own("plain-v1"), "--mode", "placeholder",
                                      "--pool-seconds", "0.3")
        track, _, owned = self.assert_imports(report)
        self.assertEqual([module["name"] for module in owned], [HELLO, RECEIPT, PRICES])
        self.assertIn("specialize", [phase["name"] for phase in track["phases"]])

    def test_functions_that_lack_something(self):
        own = {}
        for path in ("hello/__init__.py", "hello/function.json"):
            with open(os.path.join(demo.HERE, "apps/plain-v1", path), encoding="utf-8") as file:
                own[path] = file.read()
        bad = {"again/__init__.py": "import not_deployed_too\n", "broken/__init__.py":
               OPTIONAL + "import json\nimport decimal\nimport not_deployed\n",
               "empty/__init__.py": OPTIONAL}
        for path in bad:
            own[path.replace("__init__.py", "function.json")] = own["hello/function.json"]
        app = demo.place_files("lacks-v1", {**own, **bad})
        report = self.recorded_report(app, "--invoke", "hello")
        modules = {module["id"]: module["name"] for module in report["modules"]}
        self.assertEqual(
            [(failure["message"], failure["status"], failure["failure"], failure["function"],
              modules.get(failure["module"])) for failure in report["failures"]],
            [("FunctionLoadResponse", "failure", "ModuleNotFoundError", "again",
              "not_deployed_too"),
             ("FunctionLoadResponse", "failure", "ModuleNotFoundError", "broken", "not_deployed"),
             ("FunctionLoadResponse", "failure", "RuntimeError", "empty", None)])
        answers = {line["function_id"]: line["status"]
                   for line in self.log.messages(kind="FunctionLoadResponse")}
        self.assertEqual(sorted(answers.values()), ["Failure"] * 3 + ["Success"])
        self.assertEqual(set(self.functions.values()), {"httpTrigger"})
        self.assertEqual((report["invocations"][0]["function"],
                          report["invocations"][0]["status"]), ("hello", "success"))


if __name__ == "__main__":
    unittest.main()
