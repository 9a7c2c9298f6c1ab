# SPDX-License-Identifier: Apache-2.0
"""thaw lint joined with recordings of real cold starts: what each of its rules makes of them."""
import json
import os
import shutil
import sys
import unittest

import demo
from cold_start_case import ColdStartCase

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from program import run_thaw  # noqa: E402

TIMEOUT_SECONDS = 180
CALLS = 6
# Durable's packages have OpenTelemetry among them.
SOURCE = """import time

import opentelemetry.sdk.trace
import azure.functions as func

import prices

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route(route="nap")
def nap(req: func.HttpRequest) -> str:
    time.sleep(0.1)
    return prices.told()
"""
PRICES = "def told():\n    return 'ok'\n"
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [{"type": "Microsoft.Web/sites", "apiVersion": "2024-04-01", "name": "orders",
                   "kind": "functionapp,linux", "properties": {"functionAppConfig": {
                       "runtime": {"name": "python", "version": "3.12"},
                       "scaleAndConcurrency": {"maximumInstanceCount": 40, "instanceMemoryMB": 2048,
                                               "triggers": {"http": {"perInstanceConcurrency": 8}}},
                   }}}]}
JOINED = {"concurrency-not-reached", "init-near-limit-of-plan", "init-indexing-moved-imports",
          "setting-not-in-effect", "worker-end-of-life", "instrumentation-costs-more"}


# A quick machine imports OpenTelemetry in less time than lint speaks of, which is 50 ms.
TOLD_MS = 60


def agents_ms(report):
    """Of all modules that OpenTelemetry's are, or are imported by, in the app's own import."""
    below, total = set(), 0
    for module in report["modules"]:
        if module["parent"] in below or (module["distribution"] or "").startswith("opentelemetry"):
            below.add(module["id"])
            total += module["self_ns"]
    return total / 1e6


class Joined(ColdStartCase):
    def setUp(self):
        folder = demo.temporary_folder()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.app = os.path.join(self.folder, "app")

    def place(self):
        """The app in a place of its own, and where it runs: there, it has its packages."""
        placed = demo.place(os.path.join(demo.HERE, "apps/durable"), "lint-recorded",
                            lock="durable")
        os.mkdir(self.app)
        for name, text in (("function_app.py", SOURCE), ("prices.py", PRICES)):
            for folder in (placed, self.app):
                self.write(os.path.join(folder, name), text)
        shutil.copy(os.path.join(placed, "host.json"), self.app)
        return placed

    def write(self, path, text):
        """Anew: what stands there may belong to somebody else."""
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def settings(self, **values):
        """A file of them, as the platform exports them."""
        exported = [{"name": name, "value": value, "slotSetting": False}
                    for name, value in values.items()]
        return self.write(os.path.join(self.folder, "settings.json"), json.dumps(exported))

    def lint(self, recording, *arguments, app=None):
        """{id: finding} of what joins the two."""
        result = run_thaw("lint", app or self.app, "--json", "--fail-on", "never", "--recording",
                          recording, *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        document = json.loads(result.stdout)
        self.unchecked = {one["id"] for one in document["unchecked"]}
        return {one["id"]: one for one in document["findings"]
                if one["id"] in JOINED | {"recording-of-another-app"}}

    def titles(self, *arguments, **options):
        return {key: one["title"] for key, one in self.lint(*arguments, **options).items()}

    def test_calls_that_wait_for_each_other(self):
        recorded = self.record(self.place(), "--invoke", "nap", "--together", "--threads", 1,
                               "--invocations", CALLS, "--at-once", CALLS)
        self.check_settings(recorded)
        self.check_template(recorded)
        self.check_end_of_life(recorded)
        self.check_another_app(recorded)

    def check_settings(self, recorded):
        settings = self.settings(PYTHON_THREADPOOL_THREAD_COUNT="4",
                                 PYTHON_ENABLE_INIT_INDEXING="1",
                                 FUNCTIONS_WORKER_PROCESS_COUNT="1")
        found = self.titles(recorded.path, "--settings", settings, "--plan", "flex")
        self.assertEqual(found.pop("concurrency-not-reached"),
                         "4 invocations at once are promised of each worker, 1 ran")
        self.assertRegex(found.pop("init-indexing-moved-imports"),
                         r"^PYTHON_ENABLE_INIT_INDEXING has moved \d+\.\d\d s of imports into the "
                         r"worker's init$")
        told = {"instrumentation-costs-more"} if agents_ms(recorded.report) > TOLD_MS else set()
        if told or "instrumentation-costs-more" in found:
            self.assertRegex(found.pop("instrumentation-costs-more"),
                             r"^observing the app takes \d+ ms of the start, all else of the app "
                             r"\d+ ms$")
        self.assertEqual(found, {})
        settings = self.settings(PYTHON_THREADPOOL_THREAD_COUNT="1",
                                 PYTHON_ENABLE_INIT_INDEXING="0")
        found = self.titles(recorded.path, "--settings", settings, "--plan", "flex")
        self.assertLessEqual(told, set(found))
        self.assertLessEqual(set(found), {"instrumentation-costs-more"})
        self.assertEqual(self.unchecked & JOINED, set())

    def check_template(self, recorded):
        template = self.write(os.path.join(self.folder, "main.json"), json.dumps(TEMPLATE))
        found = self.lint(recorded.path, "--template", template)
        one = found["concurrency-not-reached"]
        self.assertEqual((one["title"], os.path.basename(one["location"]["file"])),
                         ("8 invocations at once are promised of an instance, 1 ran", "main.json"))
        self.assertRegex(found["setting-not-in-effect"]["title"],
                         r"^Python 3\.12 is deployed, 3\.11\.\d+ was recorded$")

    def check_end_of_life(self, recorded):
        """The same start, had it been one of an older Python."""
        report = json.loads(json.dumps(recorded.report))
        for process in report["processes"]:
            if process["role"] == "worker":
                process["python"] = "3.9.18"
        path = self.write(os.path.join(self.folder, "report.json"), json.dumps(report))
        self.assertRegex(self.titles(path)["worker-end-of-life"],
                         r"^the recorded worker's Python 3\.9\.18 ended on 20\d\d-\d\d-\d\d$")

    def check_another_app(self, recorded):
        other = os.path.join(demo.HERE, "apps/plain")
        found = self.lint(recorded.path, "--plan", "flex", app=other)
        self.assertEqual(set(found), {"recording-of-another-app"})
        self.assertEqual(self.unchecked & JOINED, JOINED)

    def test_a_worker_from_the_pool(self):
        recorded = self.record(self.place(), "--invoke", "nap", "--mode", "placeholder",
                               "--pool-seconds", "0.2")
        settings = self.settings(PYTHON_ENABLE_INIT_INDEXING="1")
        found = self.titles(recorded.path, "--settings", settings)
        self.assertIn("into the worker's change from the pool to the app",
                      found["init-indexing-moved-imports"])
        self.assertNotIn("setting-not-in-effect", found)


if __name__ == "__main__":
    unittest.main()
