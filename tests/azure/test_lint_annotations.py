# SPDX-License-Identifier: Apache-2.0
"""Which functions indexing rejects: what thaw lint says, against Microsoft's own code, which is the
judge of every binding with every form of annotation; and a start of the worker with what is left.
"""
import json
import os
import re
import subprocess
import sys
import unittest

import demo
from annotation_matrix import HEAD

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from app_source import Answer  # noqa: E402
from program import run_thaw  # noqa: E402

TIMEOUT_SECONDS = 240
MATRIX = os.path.join(demo.HERE, "annotation_matrix.py")
FIRST = "@app.route()\ndef first(req: func.HttpRequest) -> str:\n    return 'ok'\n"
# What thaw lint leaves open: classes that it doesn't know, which might inherit from what is taken,
# and triggers of previews, which take more with each version.
LEFT_OPEN = re.compile(r": Text\)|warmup\.WarmUpContext|@app\.(connector|mcp_\w+)_trigger")
# Of each kind one, as public apps have them: (trigger, handler, what the worker says).
REJECTED = (
    ("activity_trigger(input_name='order')", "def work(order: dict[str, Any]) -> str:",
     r"binding order has invalid non-type annotation dict\[str, typing.Any\]"),
    ("cosmos_db_trigger(arg_name='found', connection='C', database_name='d', container_name='c')",
     "def work(found: list[dict[str, Any]]) -> None:",
     r"binding found has invalid non-type annotation list\[dict\[str, typing.Any\]\]"),
    ("warm_up_trigger('warmup')", "def work(warmup: func.WarmUpContext) -> None:",
     "module 'azure.functions' has no attribute 'WarmUpContext'"),
)


def app_of(head, functions):
    return head + FIRST + "\n\n" + "\n\n".join(functions)


class Annotations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.durable = demo.place(os.path.join(demo.HERE, "apps/durable"), "lint-annotations",
                                 lock="durable")

    def matrix(self, *arguments):
        packages = os.path.join(self.durable, demo.USER_PACKAGES)
        result = subprocess.run(
            [demo.VENV_PYTHON, "-B", MATRIX, *arguments], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{packages}:{demo.WORKER_FOLDER}"},
            timeout=demo.RUN_SECONDS, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def place(self, source):
        """In place of the durable app's own function_app.py, which has the packages."""
        path = os.path.join(self.durable, "function_app.py")
        os.unlink(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        return self.durable

    def check(self, matrix):
        """Returns the functions that the worker has to take."""
        functions, head = matrix["functions"], matrix["head"]
        answer = Answer(demo.VENV_PYTHON, {"function_app.py": app_of(head, functions.values())})
        self.assertEqual(set(answer.functions), {"first", *functions})
        rejected = {name for name, why in matrix["rejected"].items() if why}
        told = answer.rejected()
        self.assertEqual({functions[name]: told[name] for name in set(told) - rejected}, {})
        missed = [functions[name] for name in rejected - set(told)
                  if not LEFT_OPEN.search(functions[name])]
        self.assertEqual(missed, [])
        taken = {name: text for name, text in functions.items() if name not in rejected}
        self.assertGreater(len(told), 5000)
        self.assertGreater(len(taken), 500)
        return taken

    def test_every_binding_with_every_annotation(self):
        matrix = self.matrix()
        taken = self.check(matrix)
        self.check(self.matrix("future"))
        run = demo.run_host(self.place(app_of(matrix["head"], taken.values())), "--invoke", "first")
        self.assertEqual((run.status, run.output), (0, "HTTP 200\nok\n"), run.errors)
        told, = run.log.events("functions")
        self.assertEqual({one["name"] for one in told["functions"]}, {"first", *taken})

    def test_one_function_takes_the_app_down(self):
        for trigger, handler, why in REJECTED:
            with self.subTest(handler):
                lines = f"@app.{trigger}\n{handler}\n    pass\n"
                app = self.place(app_of("from __future__ import annotations\n" + HEAD, [lines]))
                run = demo.run_host(app, "--invoke", "first")
                self.assertEqual(run.status, 4, run.errors)
                self.assertRegex(run.errors, why)
                document = json.loads(run_thaw("lint", app, "--json").stdout)
                found = [one for one in document["findings"]
                         if one["id"] == "annotation-rejected"]
                self.assertEqual([one["severity"] for one in found], ["error"])
                with open(os.path.join(app, "function_app.py"), encoding="utf-8") as file:
                    line = file.read().splitlines()[found[0]["location"]["line"] - 1]
                self.assertEqual(line, handler)


if __name__ == "__main__":
    unittest.main()
