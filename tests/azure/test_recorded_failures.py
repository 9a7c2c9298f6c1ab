# SPDX-License-Identifier: Apache-2.0
"""What went wrong in a recorded cold start is named: what the app lacks, what the worker owed."""

import unittest

import demo
from cold_start_case import ColdStartCase

TIMEOUT_SECONDS = 120

IS_KILLED = "import os\nos.kill(os.getpid(), 9)\n"
# Ends in its init as often as its folder's file "tries" says.
TRIES = """
import os
import azure.functions as func

path = os.path.join(os.path.dirname(__file__), "tries")
with open(path) as file:
    left = int(file.read())
if left:
    with open(path, "w") as file:
        file.write(str(left - 1))
    os._exit(7)
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="tried")
def tried(req: func.HttpRequest) -> str:
    return "at last"
"""
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

    def restarted(self, tries, restarts, status=0):
        """A worker that ends in its init so often, and is started anew at most so often."""
        app = demo.place_source("tries", TRIES, more={"tries": str(tries)})
        failures, report = self.failures(app, "--restarts", str(restarts), status=status)
        self.assertEqual(failures, [("WorkerInitResponse", "unanswered", None, None)]
                         * min(tries, restarts + 1))
        ended = [process["exit"]["code"] for process in report["processes"]
                 if process["exit"] and process["exit"]["code"] == 7]
        self.assertEqual(len(ended), len(failures))
        return report

    def test_a_worker_that_is_started_anew(self):
        report = self.restarted(2, 3)
        first, second, third = report["tracks"]
        self.assertEqual([track["answered"] for track in report["tracks"]], [False, False, True])
        self.assertTrue(third["headline"])
        self.assertEqual((second["retry_of"], third["retry_of"]), (first["id"], second["id"]))
        # What the failed starts took is part of the one that answered.
        failed, = [phase for phase in third["phases"] if phase["name"] == "failed-start"]
        self.assertTrue(failed["counted"])
        self.assertLessEqual(failed["start_ns"], second["end_ns"])
        self.assertLess(first["start_ns"], failed["start_ns"])
        spawned = self.log.events("spawned")
        self.assertGreater(failed["end_ns"] - failed["start_ns"],
                           spawned[2]["time_ns"] - spawned[1]["time_ns"] - 100_000_000)

    def test_a_worker_that_ends_again_and_again(self):
        report = self.restarted(9, 3, status=3)
        self.assertEqual([track["answered"] for track in report["tracks"]], [False] * 4)


if __name__ == "__main__":
    unittest.main()
