# SPDX-License-Identifier: Apache-2.0
"""The app's functions as thaw lint reads them, against what a real start tells the host: names,
bindings, routes, methods and who may call them."""
import json
import os
import sys
import unittest

import demo

sys.path.insert(0, os.path.join(os.path.dirname(demo.HERE), "harness"))
from app_source import Answer  # noqa: E402
from program import run_thaw  # noqa: E402

TIMEOUT_SECONDS = 180
ENTRY = """\
import azure.functions as func

from orders import blueprint as orders
from shared.routes import make
import reports
import lost

KINDS = {"queue": "incoming"}
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(orders)
app.register_blueprint(reports.bp)
app.register_functions(make())


@app.function_name("first")
@app.route("hello/{name}", methods=["GET", func.HttpMethod.POST])
def hello(req: func.HttpRequest) -> str:
    return "ok"


@app.route(auth_level=func.AuthLevel.ADMIN, trigger_arg_name="asked", binding_arg_name="answer")
@app.queue_output(arg_name="later", queue_name="later", connection="Store")
@app.function_name(name="second")
def other(asked, later: func.Out[str], answer: func.Out[str]) -> None:
    answer.set("ok")


@app.timer_trigger(schedule="0 */5 * * * *", arg_name="timer")
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:05")
def tidy(timer: func.TimerRequest) -> None:
    pass


def plain(req):
    return "nobody's"
"""
ORDERS = """\
import azure.functions as func

blueprint = func.Blueprint()
QUEUE = "orders"


@blueprint.queue_trigger("message", queue_name=QUEUE, connection="Store")
@blueprint.blob_input(arg_name="found", path="in/{queueTrigger}", connection="Store")
@blueprint.blob_output(arg_name="made", path="out/{rand-guid}", connection="Store")
def take(message: func.QueueMessage, found: str, made: func.Out[str]) -> None:
    made.set(found)


@blueprint.route(route="orders", auth_level="function")
async def list_orders(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("ok")
"""
REPORTS = """\
from azure.functions import Blueprint, DocumentList, HttpRequest

bp = Blueprint()


@bp.cosmos_db_trigger(arg_name="changed", connection="Cosmos", database_name="d",
                      container_name="c")
def follow(changed: DocumentList) -> None:
    pass


@bp.generic_trigger(arg_name="req", type="httpTrigger", route="raw")
@bp.generic_output_binding(arg_name="$return", type="http")
def raw(req: HttpRequest) -> str:
    return "ok"
"""
ROUTES = """\
import azure.functions as func


def make():
    bp = func.Blueprint()

    @bp.route(route="made")
    def made(req: func.HttpRequest) -> str:
        return "ok"

    return bp
"""
LOST = """\
import azure.functions as func

bp = func.Blueprint()


@bp.route(route="lost")
def lost(req: func.HttpRequest) -> str:
    return "ok"
"""
FILES = {"orders.py": ORDERS, "reports.py": REPORTS, "shared/__init__.py": "",
         "shared/routes.py": ROUTES, "lost.py": LOST}
OWN = ("plain", "durable", "advice-nothing")
COMPARED = ("route", "schedule", "connection", "methods", "authLevel")


def by_worker(run):
    """{name: [binding]} of what the host was told; each as (type, direction, name, details)."""
    told, = run.log.events("functions")
    return {one["name"]: sorted(map(as_told, one["bindings"])) for one in told["functions"]}


def as_told(binding):
    details = {key: binding[key] for key in COMPARED if binding.get(key)}
    if "methods" in details:
        details["methods"] = [one.lower() for one in details["methods"]]
    if "authLevel" in details:
        details["authLevel"] = details["authLevel"].lower()
    out = binding["direction"] in (1, "OUT", "out")
    return binding["type"], "out" if out else "in", binding["name"], json.dumps(details)


def by_thaw(answer):
    levels = {(row[0], row[3]): row[5] for row in answer.of("app")}
    found = {}
    for name, one in answer.functions.items():
        if name not in answer.registered():
            continue
        rows = []
        for _, _, _, kind, flags, parameter, connection, route, methods, auth, schedule, _ in \
                one["bindings"]:
            is_http = kind == "httpTrigger"
            details = {"route": (route or name) if is_http else route, "schedule": schedule,
                       "connection": connection, "methods": methods,
                       "authLevel": is_http and (auth or levels[one["row"][0], one["row"][6]])}
            rows.append((kind, "out" if flags & 2 else "in", parameter,
                         json.dumps({key: details[key] for key in COMPARED if details[key]})))
        found[name] = sorted(rows)
    return found


def sources(folder):
    found = {}
    for directory, below, names in os.walk(folder):
        below[:] = [one for one in below if not one.startswith((".", "__"))]
        for name in names:
            if name.endswith(".py"):
                with open(os.path.join(directory, name), "rb") as file:
                    found[os.path.relpath(os.path.join(directory, name), folder)] = file.read()
    return found


class Functions(unittest.TestCase):
    maxDiff = None

    def compare(self, app, *arguments, entry="function_app.py"):
        run = demo.run_host(app, *arguments)
        self.assertEqual(run.status, 0, run.errors)
        answer = Answer(demo.VENV_PYTHON, sources(app), entry)
        self.assertEqual(by_thaw(answer), by_worker(run))
        return answer

    def test_blueprints(self):
        app = demo.place_files("blueprints", {"function_app.py": ENTRY, **FILES})
        answer = self.compare(app, "--invoke", "list_orders")
        self.assertEqual(set(answer.functions) - answer.registered(), {"lost"})
        found = [one for one in json.loads(run_thaw("lint", app, "--json").stdout)["findings"]
                 if one["id"] == "blueprint-not-registered"]
        self.assertEqual([(one["location"]["file"], one["location"]["line"]) for one in found],
                         [("lost.py", 3)])

    def test_another_entry(self):
        app = demo.place_files("another-entry", {
            "main_app.py": ENTRY, **FILES, "local.settings.json": json.dumps(
                {"Values": {"PYTHON_SCRIPT_FILE_NAME": "main_app.py"}})})
        self.compare(app, "--invoke", "made", entry="main_app.py")
        document = json.loads(run_thaw("lint", app, "--json").stdout)
        self.assertEqual([one["location"]["file"] for one in document["findings"]
                          if one["id"] == "blueprint-not-registered"], ["lost.py"])

    def test_a_second_app_takes_both_away(self):
        own = "\n\nflows = func.FunctionApp()\n"
        lent = "import azure.functions as func\n\napp = func.FunctionApp()\n"
        for name, files in (("two", {"function_app.py": ENTRY + own}),
                            ("lent", {"function_app.py": "import lent\n" + ENTRY +
                                                         "\n\nflows = lent.app\n",
                                      "lent.py": lent})):
            with self.subTest(name):
                app = demo.place_files(f"apps-{name}", {**FILES, **files})
                run = demo.run_host(app)
                self.assertEqual(run.status, 4, run.errors)
                self.assertIn("More than one FunctionApp", run.errors)
                result = run_thaw("lint", app, "--json")
                self.assertEqual([one["severity"] for one in json.loads(result.stdout)["findings"]
                                  if one["id"] == "several-apps"], ["error"])

    def test_own_apps(self):
        for name in OWN:
            with self.subTest(name):
                arguments = ("--durable", "chain") if name == "durable" else ()
                app = demo.place(os.path.join(demo.HERE, "apps", name), f"functions-{name}",
                                 lock="durable" if arguments else "app")
                self.compare(app, *arguments)


if __name__ == "__main__":
    unittest.main()
