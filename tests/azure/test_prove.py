# SPDX-License-Identifier: Apache-2.0
"""Proofs of recorded function apps, with the real runtime library: what is the same and what isn't.

The times are the machine's; what is asserted of them is only that there are some.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

import advice_apps
import advice_moves
import demo
from cold_start_case import ColdStartCase

sys.path[:0] = [os.path.join(os.path.dirname(demo.HERE), "harness")]
import live_program  # noqa: E402

TIMEOUT_SECONDS = 400
SECONDS = 120

APP = textwrap.dedent("""\
    import azure.functions as func
    import decimal
    import models

    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.route(route="hello")
    def hello(req: func.HttpRequest) -> "models.Answer":
        return func.HttpResponse("hi")

    @app.route(route="work", methods=["POST"])
    def work(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(str(decimal.Decimal(1)))
    """)
MODELS = "import azure.functions\n\nAnswer = azure.functions.HttpResponse\n"


class Proofs(ColdStartCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.program = live_program.built(folder.name, "prove_runs.c")

    def recording(self, app, *arguments):
        return self.record(app, *arguments).path

    def answer(self, app, path, files, settings=None, **request):
        """files: {name: ([(line, module, bound)], new text or None for the rewriter's)}."""
        settings = settings or {}
        words = {"recording": path, "folder": os.path.realpath(app), "pairs": 1,
                 "timeout_ms": SECONDS * 1000,
                 "environment": [f"{name}={value}" for name, value in settings.items()],
                 "files": [{"name": os.path.join(app, name), "relative": name, "imports": imports,
                            **({"bytes": text} if text is not None else {})}
                           for name, (imports, text) in files.items()], **request}
        result = subprocess.run([str(self.program), json.dumps(words)], capture_output=True,
                                text=True, timeout=SECONDS * 2, check=False)
        self.assertEqual(result.stderr, "")
        found = {}
        for line in result.stdout.splitlines():
            found.update(json.loads(line))
        self.assertNotIn("error", found)
        return found

    def assert_same(self, proof):
        self.assertEqual({name: one[0] for name, one in proof["checks"].items()},
                         {"modules from the app's folder": "same", "functions": "same",
                          "bindings": "same", "type hints": "same", "attribute chains": "same",
                          "tests": "not checked"})
        self.assertGreater(proof["counts"]["modules"][0], proof["counts"]["modules"][1])
        self.assertGreater(proof["original_ns"], 0)

    def test_an_app_of_data(self):
        app = advice_apps.DATA
        folder = demo.place_own(app.name, lock=app.lock)
        moved = app.of("import numpy as np", "import pandas as pd", "import requests")
        imports = [(one.line(app), *named(one.statement)) for one in moved]
        found = self.answer(folder, self.recording(folder), {"function_app.py": (imports, None)},
                            app.settings)
        self.assert_same(found["proof"])
        self.assertEqual(found["app"]["platform"], "azure_functions")
        self.assertEqual([name for name, _ in found["app"]["entries"]], ["function_app"])
        self.assertEqual({call[0] for call in found["proof"]["calls"]},
                         {name for one in moved for name in one.into})
        # The worker's own and the app's packages are loaded from where they were.
        self.assertIn("azure_functions_runtime", found["app"]["preloaded"])

    def test_what_the_worker_makes_of_it(self):
        app = demo.place_source("prove-traps", APP, more={"models.py": MODELS})
        path = self.recording(app)
        safe, unsafe = [(2, "decimal", "decimal")], [(3, "models", "models")]
        self.assert_same(self.answer(app, path, {"function_app.py": (safe, None)})["proof"])
        moved = APP.replace("import decimal\n", "").replace(
            "    return func.HttpResponse(str(", "    import decimal\n    return func.HttpResponse("
            "str(")
        for name, imports, text in (
                ("functions", unsafe, APP.replace("import models\n", "")),
                ("functions", safe, moved.replace("def work", "def play")),
                ("bindings", safe, moved.replace('"POST"', '"PUT"')),
                ("type hints", safe, moved.replace('"models.Answer"', "None"))):
            with self.subTest(name, text=text):
                proof = self.answer(app, path, {"function_app.py": (imports, text)})["proof"]
                self.assertEqual((proof["verdict"], proof["pairs"]), ("refuted", 0))
                self.assertEqual(proof["checks"][name][0], "differs", proof["checks"])
                self.assertTrue(proof["reason"].startswith(name), proof["reason"])

    def test_model_v1(self):
        app = demo.place_own("plain-v1")
        path = self.recording(app)
        file = "receipt/print_receipt.py"
        with open(os.path.join(app, file), encoding="utf-8") as stream:
            source = stream.read()
        line = advice_moves.find_statement(source, "import requests").lineno
        imports = [(line, "requests", "requests")]
        found = self.answer(app, path, {file: (imports, None)})
        self.assert_same(found["proof"])
        self.assertEqual([name for name, _ in found["app"]["entries"]],
                         ["__app__.hello", "__app__.receipt.print_receipt"])
        bad = source.replace("import requests\n", "").replace("func.QueueMessage", '"requests.x"')
        proof = self.answer(app, path, {file: (imports, bad)})["proof"]
        self.assertEqual(proof["checks"]["functions"][0], "differs")
        self.assertIn("NameError", proof["reason"])


def named(statement):
    """(module, name bound) of `import module as name`."""
    [alias] = ast.parse(statement).body[0].names
    return alias.name, alias.asname or alias.name


if __name__ == "__main__":
    unittest.main()
