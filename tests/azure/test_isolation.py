# SPDX-License-Identifier: Apache-2.0
"""User code that imports what the worker has imported gets its own import, in the same process.

The oracle is the interpreter's own list of imports (PYTHONPROFILEIMPORTTIME).
"""
import json
import os
import re
import subprocess
import unittest

import demo

IMPORTS_WORKERS_PACKAGES = """
import json
import azure.functions as func
import google.protobuf.message
import grpc

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="files")
def files(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps([google.protobuf.message.__file__, grpc.__file__]))
"""
PROFILE = {"PYTHONPROFILEIMPORTTIME": "1"}
NO_ISOLATION = {"PYTHON_ISOLATE_WORKER_DEPENDENCIES": "0"}


def times_imported(run, module):
    return len(re.findall(rf"^import time: .*\| +{re.escape(module)}$", run.errors, re.MULTILINE))


class Isolation(unittest.TestCase):
    def start(self, name, settings, *arguments):
        """(run, files): the user's app has a copy of protobuf of its own, and none of grpc."""
        app = demo.place_source(name, IMPORTS_WORKERS_PACKAGES, settings)
        own = os.path.join(app, demo.USER_PACKAGES, "google")
        if not os.path.isdir(own):
            copy = ["cp", "-r", os.path.join(demo.WORKER_FOLDER, "google"), own]
            subprocess.run(copy, check=True, **demo.as_owner())
        run = demo.run_host(app, *arguments)
        self.assertEqual(run.status, 0, run.errors)
        return run, json.loads(run.output.splitlines()[1]), app

    def test_isolated(self):
        run, (protobuf, grpc), app = self.start("isolated", PROFILE)
        self.assertTrue(protobuf.startswith(f"{app}/"), protobuf)
        self.assertTrue(grpc.startswith(demo.WORKER_FOLDER), grpc)
        for module in ("google.protobuf.message", "grpc"):
            self.assertEqual(times_imported(run, module), 2, module)
        self.assertEqual(times_imported(run, "azure.functions"), 1)

    def test_not_isolated(self):
        run, (protobuf, _), _ = self.start("not-isolated", {**PROFILE, **NO_ISOLATION})
        self.assertTrue(protobuf.startswith(demo.WORKER_FOLDER), protobuf)
        for module in ("google.protobuf.message", "grpc"):
            self.assertEqual(times_imported(run, module), 1, module)

    def test_a_worker_from_the_pool_imports_the_runtime_again(self):
        # The settings arrive with the customer; the interpreter reads this one when it starts.
        os.environ.update(PROFILE)
        self.addCleanup(os.environ.pop, "PYTHONPROFILEIMPORTTIME")
        run, (protobuf, _), app = self.start("from-pool", {}, "--mode", "placeholder")
        self.assertTrue(protobuf.startswith(f"{app}/"), protobuf)
        for module in ("azure_functions_runtime", "azure.functions"):
            self.assertEqual(times_imported(run, module), 2, module)
        self.assertEqual(times_imported(run, "grpc"), 3)  # the host, the worker, the user


if __name__ == "__main__":
    unittest.main()
