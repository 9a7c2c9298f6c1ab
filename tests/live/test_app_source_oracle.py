"""What the reader of sources says of functions, against Microsoft's libraries: azure.functions makes
the functions, the worker's own indexing takes or rejects them."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import app_source_cases
from app_source import Answer
from program import BUILD, REPOSITORY

VENV_PYTHON = BUILD / "demo/venv/bin/python"
WORKER = BUILD / "demo/azure-functions-host/workers/python/3.11/LINUX/X64"
ORACLE = REPOSITORY / "tests/live/app_source_oracle.py"
APPS = REPOSITORY / "tests/azure/apps"
ASK_SECONDS = 120
# What the reader leaves open: a class of a library, which might be one that the binding takes.
LEFT_OPEN = ("req: decimal.Decimal",)
CONNECTIONS = ("connection", "connectionStringSetting")
PATHS = ("path", "queueName", "topicName", "eventHubName", "containerName", "tableName", "topic",
         "commandText")


def real(folder):
    """{name: function} as the libraries have it."""
    result = subprocess.run([VENV_PYTHON, "-B", ORACLE], cwd=folder, capture_output=True, text=True,
                            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(WORKER)},
                            timeout=ASK_SECONDS, check=False)
    if result.returncode:
        raise AssertionError(result.stderr[-3000:])
    told = json.loads(result.stdout)
    if not told["checked"]:
        raise AssertionError("the worker's runtime is not there to ask")
    return {one["name"]: one for one in told["functions"]}


def first(binding, keys):
    return next((binding[key] for key in keys if key in binding), "")


def as_told(name, binding):
    """A binding of function.json as the reader tells it."""
    kind = binding["type"]
    path = first(binding, PATHS)
    if kind in ("sql", "mysql") and binding["direction"] == "IN":
        path = ""  # a command, not what it is on
    if kind == "serviceBusTrigger" and "subscriptionName" in binding:
        path += f"/Subscriptions/{binding['subscriptionName']}"
    route = binding.get("route", "")
    return (kind, binding["direction"], binding["name"], first(binding, CONNECTIONS),
            "" if route == name else route, [one.lower() for one in binding.get("methods", [])],
            binding.get("schedule", ""), path)


def told(own, row):
    _, _, _, kind, flags, name, connection, route, methods, _, schedule, path = row
    return (kind, "OUT" if flags & 2 else "IN", name, connection, "" if route == own else route,
            methods, schedule, path)


class Oracle(unittest.TestCase):
    def check(self, source, left_open=()):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "function_app.py").write_text(source, encoding="utf-8")
            functions = real(folder)
        answer = Answer(VENV_PYTHON, {"function_app.py": source})
        self.assertEqual(set(answer.functions), set(functions))
        self.assertEqual(answer.registered(), set(functions))
        rejected = {name for name, one in functions.items() if one["rejected"]}
        self.assertEqual(rejected - set(left_open), set(answer.rejected()),
                         [functions[name]["rejected"] for name in
                          rejected ^ set(answer.rejected())])
        for name, one in functions.items():
            with self.subTest(function=name):
                self.assertCountEqual([as_told(name, row) for row in one["bindings"]],
                                      [told(name, row) for row in answer.functions[name]["bindings"]])
        return rejected

    def test_cases(self):
        """Two hundred functions that the worker takes or rejects."""
        cases = list(app_source_cases.cases())
        left = [f"case_{number}" for number, case in enumerate(cases)
                if any(one in case for one in LEFT_OPEN)]
        for future in (False, True):
            rejected = self.check(app_source_cases.source(future), left)
            self.assertGreater(len(rejected), 60)
            self.assertGreater(len(cases) - len(rejected), 60)

    def test_the_app_that_one_function_takes_down(self):
        source = (APPS / "bad-annotation/function_app.py").read_text(encoding="utf-8")
        self.assertEqual(self.check(source), {"report"})

    def test_plain_apps(self):
        for name in ("plain", "analyze"):
            folder = APPS / name
            files = {path.name: path.read_bytes() for path in folder.glob("*.py")}
            answer = Answer(VENV_PYTHON, files)
            self.assertEqual(answer.rejected(), {}, name)
            self.assertTrue(answer.registered(), name)


if __name__ == "__main__":
    unittest.main()
