# SPDX-License-Identifier: Apache-2.0
"""Packages of recorded apps that could go: required for nothing, or loaded for little."""

import json
import os
import sys
import unittest

import advice_apps
import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from program import run_thaw  # noqa: E402
from recorded import record_with_ebpf  # noqa: E402

TIMEOUT_SECONDS = 400

APP = """
import os
import azure.functions as func
import requests

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="hello")
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")

@app.route(route="fetch")
def fetch(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(requests.get(os.environ["URL"], timeout=5).text)
"""
REQUIREMENTS = """azure-functions
pandas
numpy  # named in settings.yaml
requests
urllib3
not-installed-anywhere
"""
FILES = {"requirements.txt": REQUIREMENTS, "settings.yaml": "backend: numpy\n"}


def record(case, app, call, settings=None):
    """A recording of the app's first reply."""
    folder = demo.temporary_folder()
    case.addClassCleanup(folder.cleanup)
    owner = demo.as_owner()
    environment = dict(os.environ, **(settings or {}))
    if owner:
        environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
    command = demo.host_command(app, os.path.join(folder.name, "host.log"), "--once", *call)
    recorded = record_with_ebpf(os.path.join(folder.name, "recording.thaw"), "--until",
                                "first-reply", command=command, env=environment)
    if recorded.status:
        raise AssertionError(recorded.stderr)
    return recorded


def findings(recorded, kind):
    return [one for one in recorded.report["findings"] if one["id"] == kind]


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.app = demo.place_source("packages", APP, more=FILES)
        cls.recorded = record(cls, cls.app, ["--invoke", "hello"])

    def line_of(self, name):
        return REQUIREMENTS.splitlines().index(name) + 1

    def test_what_is_required_for_nothing(self):
        one, = findings(self.recorded, "unused-requirement")
        self.assertEqual(one["location"], {"file": os.path.join(self.app, "requirements.txt"),
                                           "line": self.line_of("pandas")})
        self.assertTrue(one["title"].startswith("pandas is required, "))
        self.assertEqual((one["risk"], one["saving"]), ("needs a look", None))
        company = [text for text in one["evidence"] if "only it requires" in text]
        self.assertIn("python-dateutil", " ".join(company))
        self.assertNotIn("numpy", " ".join(company))
        self.assertIn("pandas_plotting_backends", " ".join(one["reasons"]))

    def test_what_is_loaded_for_little(self):
        one, = findings(self.recorded, "lighter-alternative")
        self.assertEqual(one["location"]["line"],
                         APP.splitlines().index("import requests") + 1)
        self.assertIn("all that the app's files read of requests: get", one["evidence"])
        dropped = json.loads(run_thaw("report", "--json", "--what-if", "drop=requests",
                                      self.recorded.path).stdout)
        self.assertLess(0, one["saving"]["modules"])
        self.assertLessEqual(one["saving"]["modules"], len(dropped["vanished"]))
        self.assertLessEqual(one["saving"]["ns"], dropped["ns"])


class Bindings(unittest.TestCase):
    def test_a_client_for_one_item(self):
        app = advice_apps.AZURE
        wwwroot = demo.place_own(app.name, lock=app.lock)
        function, body, _ = app.call
        recorded = record(type(self), wwwroot, ["--invoke", function, "--body", body],
                          app.settings)
        # Not the blob's: it sets a content type, which no binding can.
        one, = findings(recorded, "sdk-instead-of-binding")
        self.assertEqual(one["location"]["line"], app.of(advice_apps.COSMOS)[0].line(app))
        self.assertEqual((one["risk"], one["confidence"]), ("needs a look", "low"))
        self.assertIn("read_item", " ".join(one["evidence"]))
        self.assertEqual(findings(recorded, "unused-requirement"), [])


if __name__ == "__main__":
    unittest.main()
