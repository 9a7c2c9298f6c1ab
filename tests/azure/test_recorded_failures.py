# SPDX-License-Identifier: Apache-2.0
"""What went wrong in a recorded cold start is named: what the app lacks, what the worker owed."""

import unittest

import demo
from cold_start_case import ColdStartCase

TIMEOUT_SECONDS = 120

IS_KILLED = "import os\nos.kill(os.getpid(), 9)\n"
NEEDS_HELPER = """
try:
    import not_needed_after_all
except ImportError:
    pass
import helper
"""
HELPER = "import json\nimport not_deployed\n"


class Failures(ColdStartCase):
    def failures(self, app, *arguments, status=4):
        recorded = self.record(app, *arguments, status=status)
        report = recorded.report
        modules = {module["id"]: module["name"] for module in report["modules"]}
        return [(failure["message"], failure["status"], failure["failure"],
                 modules.get(failure["module"])) for failure in report["failures"]], report

    def test_a_bad_annotation(self):
        failures, report = self.failures(demo.place_own("bad-annotation"))
        self.assertEqual(failures, [("WorkerInitResponse", "failure", "NameError", None)])
        self.assertIn("takes the whole app with it", report["failures"][0]["meaning"])

    def test_what_was_not_deployed(self):
        app = demo.place_source("lacks", NEEDS_HELPER, more={"helper.py": HELPER})
        for mode, message in (("v2", "WorkerInitResponse"),
                              ("placeholder", "FunctionEnvironmentReloadResponse")):
            with self.subTest(mode):
                failures, _ = self.failures(app, "--mode", mode)
                self.assertEqual(
                    failures, [(message, "failure", "ModuleNotFoundError", "not_deployed")])

    def test_a_worker_that_is_killed(self):
        failures, report = self.failures(demo.place_source("is-killed", IS_KILLED), status=3)
        self.assertEqual(failures, [("WorkerInitResponse", "unanswered", None, None)])
        request, = self.log.messages(kind="WorkerInitRequest")
        ended, = self.log.events("exited")
        # The host learns of the end a little later than the kernel.
        self.assertLess(report["failures"][0]["waited_ns"], ended["time_ns"] - request["time_ns"])


if __name__ == "__main__":
    unittest.main()
