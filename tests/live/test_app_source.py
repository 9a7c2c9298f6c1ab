"""The reader of an app's source, by every Python of this machine, on small apps."""

import functools
import unittest

import source_helper
from app_source import Answer, question, run

pythons = functools.cache(source_helper.pythons)  # asks thaw, and that once is enough

HEAD = "import azure.functions as func\napp = func.FunctionApp()\n"
ROUTE = HEAD + "@app.route()\n"
DURABLE = "import azure.durable_functions as df\napp = df.DFApp()\n"


class Cases(unittest.TestCase):
    version = None

    def each(self, files, entry="function_app.py", handlers=()):
        """An answer from each Python; files: {name: source}, or the source of function_app.py."""
        if not isinstance(files, dict):
            files = {"function_app.py": files}
        for self.version, executable in pythons():
            yield Answer(executable, files, entry, handlers)

    def _formatMessage(self, message, standard):
        return super()._formatMessage(f"Python {self.version}: {message or ''}", standard)

    def check_calls(self, body, expected, head="", tail="", function="f", keyword="def"):
        source = head + ROUTE + f"{keyword} f(req):\n" + "".join(
            f"    {line}\n" for line in body.splitlines()) + tail
        for answer in self.each(source):
            self.assertEqual(answer.calls(function), expected)


class Functions(Cases):
    def test_names_bindings_and_places(self):
        source = (HEAD + "QUEUE = 'q'\n\n@app.function_name('Named')\n@app.route(route='a/{id}',\n"
                  "           methods=['GET', func.HttpMethod.POST],\n"
                  "           auth_level=func.AuthLevel.ANONYMOUS)\n"
                  "@app.queue_output(arg_name='out', queue_name=QUEUE, connection=name())\n"
                  "@app.retry(strategy='fixed_delay', max_retry_count='3', delay_interval='1')\n"
                  "async def handler(req: func.HttpRequest, out: func.Out[str]) -> str:\n    pass\n")
        for answer in self.each(source):
            self.assertEqual(list(answer.functions), ["Named"])
            told = answer.functions["Named"]
            self.assertEqual(told["row"], [0, 11, 1, "Named", 1, 0, "app", 5, "handler", 0,
                                           "fixed_delay", 3, 10, 2])
            self.assertEqual(told["bindings"], [
                [6, 2, 8, "httpTrigger", 1, "req", "", "a/{id}", ["get", "post"], "anonymous", "",
                 ""],
                [6, 2, 8, "http", 2, "$return", "", "", [], "", "", ""],
                [9, 2, 9, "queue", 2, "out", None, "", [], "", "", "q"]])
            self.assertEqual(told["parameters"], {"req": ("func.HttpRequest", ""),
                                                  "out": ("func.Out[str]", "")})

    def test_columns_are_characters(self):
        source = HEAD + "@app.route()\ndef f(ä, req: 'Ünknown' = 1): pass\n"
        for answer in self.each(source):
            rows = {row[2]: row[:2] for row in answer.of("parameter")}
            self.assertEqual(rows, {"ä": [4, 7], "req": [4, 10]})
            self.assertEqual(answer.rejected(), {"f": ["ä", "req"]})

    def test_retry_that_is_not_known(self):
        source = HEAD + "@app.timer_trigger('t', '%S%')\n@app.retry(strategy=S, max_retry_count=N)\n" \
            "def f(t): pass\n@app.timer_trigger('t', 'x')\n@app.retry('exponential_backoff', -1)\n" \
            "def g(t): pass\n"
        for answer in self.each(source):
            self.assertEqual(answer.functions["f"]["row"][10:12], [None, None])
            self.assertEqual(answer.functions["g"]["row"][10:12], ["exponential_backoff", -1])
            self.assertEqual(answer.functions["f"]["bindings"][0][10], "%S%")

    def test_timers_at_startup(self):
        source = HEAD + "@app.timer_trigger('t', 'x', run_on_startup=True)\ndef f(t): pass\n" \
            "@app.timer_trigger('t', 'x', run_on_startup=False)\ndef g(t): pass\n" \
            "@app.schedule('t', 'x', True)\ndef h(t): pass\n" \
            "@app.generic_trigger('t', type='timerTrigger', runOnStartup='true')\ndef i(t): pass\n"
        for answer in self.each(source):
            flags = {name: one["bindings"][0][4] for name, one in answer.functions.items()}
            self.assertEqual(flags, {"f": 5, "g": 1, "h": 5, "i": 5})

    def test_durable_kinds(self):
        source = DURABLE + (
            "@app.orchestration_trigger(context_name='context')\ndef o(context):\n    yield 1\n"
            "@app.activity_trigger(input_name='x')\ndef a(x: int): pass\n"
            "@app.entity_trigger(context_name='context')\ndef e(context): pass\n"
            "@app.orchestration_trigger('ctx')\ndef wrong(ctx): yield\n"
            "@app.route()\n@app.durable_client_input(client_name='client')\n"
            "async def start(req, client): await client.start_new('o')\n")
        for answer in self.each(source):
            kinds = {name: (one["row"][5], one["row"][7]) for name, one in answer.functions.items()}
            self.assertEqual(kinds, {"o": (1, 6), "a": (2, 4), "e": (3, 4), "wrong": (1, 6),
                                     "start": (0, 5)})
            self.assertEqual(answer.rejected(), {"wrong": ["ctx"]})

    def test_what_durable_does_to_annotations(self):
        """As azure-functions-durable 1.7.0 and the worker had it: an orchestrator's and an entity's
        are not looked at, a client's become str."""
        source = DURABLE + (
            "from typing import Optional\n"
            "@app.orchestration_trigger('context')\ndef o(context: 'Missing') -> 'Missing': yield\n"
            "@app.entity_trigger('context')\ndef e(context: int): pass\n"
            "@app.entity_trigger('ctx')\ndef e2(ctx): pass\n"
            "@app.activity_trigger('x')\ndef a(x: dict) -> Optional[str]: pass\n"
            "@app.activity_trigger('x')\ndef a2(y): pass\n"
            "@app.activity_trigger('x')\ndef a3(x: Optional[dict]): pass\n"
            "@app.activity_trigger('context')\ndef a4(context): pass\n"
            "@app.route()\n@app.durable_client_input('client')\n"
            "async def c(req, client: df.DurableOrchestrationClient): pass\n"
            "@app.route()\n@app.durable_client_input('client')\n"
            "async def c2(req, client: 'Missing'): pass\n")
        for answer in self.each(source):
            self.assertEqual(answer.rejected(), {"e2": ["ctx"], "a2": ["y", "x"], "a3": ["x"]})

    def test_web_apps(self):
        source = ("import azure.functions as func\nfrom fastapi import FastAPI\nweb = FastAPI()\n"
                  "app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ADMIN)\n")
        for answer in self.each(source):
            told = answer.functions["http_app_func"]
            self.assertEqual(told["row"][5:8], [4, "app", 5])
            self.assertEqual(told["bindings"][0][6], "/{*route}"[:0] + "")
            self.assertEqual(told["bindings"][0][7], "/{*route}")
            self.assertEqual(answer.of("app"), [[0, 4, 7, "app", "AsgiFunctionApp", "admin", 1]])

    def test_other_decorators(self):
        """One beneath the app's makes the signature unknown; a Flask app is none."""
        source = HEAD + ("import flask, tools\nweb = flask.Flask(__name__)\n"
                         "@app.route()\n@tools.logged\ndef f(request): pass\n"
                         "@tools.logged\n@app.route()\ndef g(request): pass\n"
                         "@web.route('/x')\ndef h(): pass\n")
        for answer in self.each(source):
            self.assertEqual(set(answer.functions), {"f", "g"})
            self.assertEqual(answer.rejected(), {"g": ["request", "req"]})


class Registration(Cases):
    def registered(self, files, expected, every):
        for answer in self.each(files):
            self.assertEqual(answer.registered(), set(expected))
            self.assertEqual(set(answer.functions), set(every))

    def blueprint(self, name):
        return ("import azure.functions as func\nbp = func.Blueprint()\n"
                f"@bp.route()\ndef {name}(req): pass\n")

    def test_blueprints_of_other_files(self):
        files = {"a.py": self.blueprint("one"), "pkg/__init__.py": "from .b import bp as inner\n",
                 "pkg/b.py": self.blueprint("two"), "c.py": self.blueprint("three"),
                 "function_app.py": HEAD + "from a import bp\nimport pkg\n"
                 "app.register_functions(bp)\napp.register_blueprint(pkg.inner)\n"}
        self.registered(files, {"one", "two"}, {"one", "two", "three"})

    def test_in_a_loop(self):
        files = {"a.py": self.blueprint("one"), "b.py": self.blueprint("two"),
                 "function_app.py": HEAD + "import a\nfrom b import bp\n"
                 "for each in (a.bp, bp):\n    app.register_functions(each)\n"}
        self.registered(files, {"one", "two"}, {"one", "two"})
        files["function_app.py"] = HEAD + "import a, b\nALL = [a.bp, b.bp]\n" \
            "for each in ALL:\n    app.register_functions(each)\n"
        self.registered(files, {"one", "two"}, {"one", "two"})

    def test_app_of_another_file(self):
        files = {"core.py": ROUTE + "def one(req): pass\n", "function_app.py": "from core import app\n",
                 "left.py": ROUTE + "def two(req): pass\n"}
        self.registered(files, {"one"}, {"one", "two"})
        files["function_app.py"] = "from core import *\n"
        self.registered(files, {"one"}, {"one", "two"})

    def test_made_by_a_function(self):
        files = {"function_app.py": "import azure.functions as func\ndef make():\n"
                 "    made = func.FunctionApp()\n    return made\napp = make()\n"
                 "@app.route()\ndef f(req): pass\n"}
        self.registered(files, {"f"}, {"f"})

    def test_two_files_of_one_name(self):
        files = {"a.py": "import one\n", "a/__init__.py": "import two\n"}
        for answer in self.each(files):
            self.assertEqual([row[3] for row in answer.of("import")], ["one", "two"])

    def test_without_the_entry(self):
        self.registered({"other.py": ROUTE + "def f(req): pass\n"}, set(), {"f"})


class Calls(Cases):
    def test_names(self):
        self.check_calls("requests.get('u')\nr.post('u')\nget('u')\nfrom os import path\n"
                         "path.exists('x')\nunknown.get()\nimport a.b\na.b.c()\nlen('x')\nopen('x')",
                         ["requests.get", "requests.post", "requests.get", "os.path.exists", "a.b.c",
                          "open"], "import requests, requests as r\nfrom requests import get\n")

    def test_what_variables_were_assigned(self):
        head = "import requests\ns = requests.Session()\nlazy = None\n"
        self.check_calls("s.get('u')\nt = requests.Session()\nt.post('u')\nt = 5\nt.put()\n"
                         "requests.Session().head('u').json()\nglobal lazy\nlazy = requests.Session()\n"
                         "lazy.get()",
                         ["requests.Session.get", "requests.Session", "requests.Session.post",
                          "requests.Session", "requests.Session.head", "requests.Session.head.json",
                          "requests.Session K", "requests.Session.get"], head)

    def test_parameters_of_known_types(self):
        """Those of azure.functions itself are not told."""
        source = ROUTE + ("def f(req: func.HttpRequest, q: 'Optional[redis.Redis]'):\n"
                          "    req.get_json()\n    q.get('x')\n    return func.HttpResponse('')\n")
        for answer in self.each("import redis\nfrom typing import Optional\n" + source):
            self.assertEqual(answer.calls("f"), ["redis.Redis.get"])

    def test_environment(self):
        source = ROUTE + "def f(req):\n    os.environ['A']\n    os.environ['B'] = 'x'\n" \
            "    os.environ.get('C', 'AccountKey=" + "k3" * 30 + "')\n    os.getenv('D')\n"
        for answer in self.each("import os\n" + source):
            self.assertEqual(answer.calls("f"), ["os.environ.__getitem__", "os.environ.get",
                                                 "os.getenv"])
            self.assertEqual(answer.literals(), [])

    def test_flags(self):
        self.check_calls("await x.a()\nfor i in x.b():\n    x.c()\n    with x.d() as d:\n        d.e()\n"
                         "while x.g():\n    pass\n[x.h() for _ in x.i()]\n"
                         "await asyncio.to_thread(x.j, x.k())\n"
                         "loop.run_in_executor(None, lambda: x.m())",
                         ["x.a AN", "x.b N", "x.c LN", "x.d LNW", "x.d.e LN", "x.g LN", "x.i N",
                          "x.h LN", "asyncio.to_thread AN", "x.j NH", "x.k NH", "x.m NH"],
                         "import x, asyncio\n", keyword="async def")

    def test_what_only_handlers_call(self):
        """A function is as it is called on the usual way, when that is so at all."""
        self.check_calls("try:\n    x.a()\nexcept x.b():\n    x.c()\n    both()\n    only()\n"
                         "    def later():\n        x.i()\nelse:\n    x.d()\nfinally:\n    x.e()\n"
                         "both()",
                         ["x.a", "x.b E", "x.c E", "x.d", "x.e", "x.f via both", "x.g via only E",
                          "x.h via deeper E"],
                         "import x\n", "def both():\n    x.f()\ndef only():\n    x.g()\n    deeper()\n"
                         "def deeper():\n    x.h()\n")

    def test_what_is_kept(self):
        source = "import functools, x\nfrom functools import cache\n" + ROUTE + (
            "def f(req):\n    global client\n    client = x.a(x.b())\n    local = x.c()\n"
            "    req.client = x.d()\n    kept['e'] = x.e()\n    first()\n    second()\n"
            "    third()\n"
            "@functools.lru_cache(maxsize=None)\ndef first():\n    made = x.g()\n    return made\n"
            "@cache\ndef second():\n    return x.h()\n"
            "@x.cached_badly()\ndef third():\n    return x.i()\n")
        for answer in self.each(source):
            self.assertEqual(sorted(one for one in answer.calls("f") if one[:2] == "x."), [
                "x.a K", "x.b K", "x.c", "x.d K", "x.e K", "x.g via first K", "x.h via second K",
                "x.i via third"])

    def test_functions_of_the_app(self):
        files = {"function_app.py": "import shared.util as util\nfrom shared import again\n" + ROUTE +
                 "async def f(req):\n    def inner():\n        requests.get('u')\n    import requests\n"
                 "    inner()\n    again()\n    util.Service().run()\n    for _ in '':\n"
                 "        util.deep()\n    never = lambda: 1\n",
                 "shared/__init__.py": "from .util import helper as again\n",
                 "shared/util.py": "import requests, time\n"
                 "class Service:\n    def __init__(self):\n        self.s = requests.Session()\n"
                 "    def run(self):\n        self.s.get('u')\n        self.other()\n"
                 "    def other(self):\n        helper()\n"
                 "def helper():\n    time.sleep(2)\n    helper()\n"
                 "def deep():\n    client().get('x')\ndef client():\n    return requests.Session()\n"
                 "def unused():\n    time.sleep(9)\n"}
        for answer in self.each(files):
            self.assertEqual(sorted(answer.calls("f")), sorted([
                "requests.get via inner", "time.sleep via helper",
                "requests.Session via Service.__init__ K", "requests.Session.get via Service.run",
                "requests.Session.get via deep L", "requests.Session via client L"]))
            seconds = [row[7] for row in answer.of("call") if row[3] == "time.sleep"]
            self.assertEqual(seconds, [2.0])

    def test_at_import(self):
        files = {"function_app.py": HEAD + "import used\nimport time\ntime.sleep(1)\n"
                 "if __name__ == '__main__':\n    time.sleep(2)\n"
                 "class C:\n    x = used.load()\n",
                 "used.py": "import requests\nrequests.get('u')\ndef load():\n    requests.put('u')\n",
                 "script.py": "import requests\nrequests.post('u')\n"}
        for answer in self.each(files):
            self.assertEqual(sorted(answer.calls()), [
                "requests.get", "requests.put via load", "time.sleep"])

    def test_durable(self):
        source = DURABLE + (
            "import random, datetime\n@app.orchestration_trigger(context_name='context')\n"
            "def o(context: df.DurableOrchestrationContext):\n"
            "    yield context.call_activity('a', '" + "ü" * 50 + "')\n"
            "    yield context.task_all([context.call_activity('b') for _ in range(3)])\n"
            "    random.random()\n    datetime.datetime.now()\n"
            "    return (yield from helper(context))\n"
            "def helper(c: df.DurableOrchestrationContext):\n    yield c.create_timer(1)\n")
        context = "azure.durable_functions.DurableOrchestrationContext."
        for answer in self.each(source):
            self.assertEqual(answer.calls("o"), [
                context + "call_activity Y", context + "task_all Y", context + "call_activity YL",
                "random.random", "datetime.datetime.now", context + "create_timer via helper Y"])
            self.assertEqual(answer.of("call")[0][8], 100)


    def test_clients_and_entities(self):
        source = DURABLE + (
            "@app.route()\n@app.durable_client_input(client_name='client')\n"
            "async def start(req, client: str):\n    await client.start_new('o')\n"
            "@app.entity_trigger(context_name='context')\ndef e(context):\n    context.set_state(1)\n")
        for answer in self.each(source):
            self.assertEqual(answer.calls("start"), [
                "azure.durable_functions.DurableOrchestrationClient.start_new AN"])
            self.assertEqual(answer.calls("e"), [
                "azure.durable_functions.DurableEntityContext.set_state"])


class Handlers(Cases):
    def test_first_model(self):
        files = {"a/__init__.py": "from ..shared import work\nimport azure.functions as func\n"
                 "async def main(req: func.HttpRequest, x: 'Missing'):\n    work.go()\n",
                 "shared/work.py": "import requests\ndef go():\n    requests.get('u')\n",
                 "o/__init__.py": "import azure.durable_functions as df\n"
                 "def flow(context):\n    yield context.call_activity('a')\n"
                 "main = df.Orchestrator.create(flow)\n"}
        handlers = ["a/__init__.py:main", "o/__init__.py:main", "o/__init__.py:nothing"]
        for answer in self.each(files, "", handlers):
            self.assertEqual(list(answer.functions), handlers[:2])
            first, second = (answer.functions[name]["row"] for name in handlers[:2])
            self.assertEqual(first[4:10], [0, 0, "", 5, "main", 0])
            self.assertEqual(second[4:10], [0, 1, "", 6, "main", 2])
            self.assertEqual(answer.calls(handlers[0]), ["requests.get via go"])
            self.assertEqual(answer.rejected(), {handlers[0]: ["x"]})

    def test_lambda(self):
        files = {"src/app.py": "import boto3\ndef main(event, context):\n    boto3.client('s3')\n",
                 "src/pkg/two.py": "def go(event, context): open('x')\n"}
        for handlers in (["app.main", "src/pkg/two.go"], ["src/app.main", "pkg.two.go"]):
            for answer in self.each(files, "", handlers):
                first, second = handlers
                self.assertEqual(answer.functions[first]["row"][4], 2)
                self.assertEqual(answer.calls(first), ["boto3.client"])
                self.assertEqual(answer.calls(second), ["open"])
        for answer in self.each({"x.py": "def lambda_handler(event, context): pass\n"}, ""):
            self.assertEqual(list(answer.functions), ["lambda_handler"])
        for answer in self.each({"function_app.py": HEAD, "x.py": "def lambda_handler(e, c): 1\n"}):
            self.assertEqual(list(answer.functions), [])


class Annotations(Cases):
    def test_names_that_are_not_there(self):
        source = ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd\n"
                  "    import numpy\nelse:\n    numpy = None\n" + HEAD +
                  "@app.route()\ndef a(req: 'pd.X'): pass\n@app.route()\ndef b(req: 'numpy.X'): pass\n"
                  "@app.route()\ndef c(req: 'list[Missing]'): pass\n"
                  "@app.route()\ndef d(req) -> 'pd.X': pass\n"
                  "def outer():\n    import json\n"
                  "    @app.timer_trigger('t', 'x')\n    def e(t: 'json.X'): pass\n"
                  "    @app.timer_trigger('t', 'x')\n    def g(t: json.X): pass\n")
        for answer in self.each(source):
            self.assertEqual(answer.rejected(), {"a": ["req"], "c": ["req"], "d": ["return"],
                                                 "e": ["t"]})
        for answer in self.each("from __future__ import annotations\n" + source):
            self.assertEqual(answer.rejected(), {"a": ["req"], "c": ["req"], "d": ["return"],
                                                 "e": ["t"], "g": ["t"]})

    def test_imports_for_types_only_are_none(self):
        source = "import typing\nif typing.TYPE_CHECKING:\n    import pandas\nimport os.path\n" \
            "from .a import b\ndef f():\n    from x.y import z\n"
        for answer in self.each(source):
            self.assertEqual([row[1:] for row in answer.of("import")], [
                [1, 1, "typing", 0], [4, 1, "os.path", 0], [5, 1, ".a", 0], [7, 5, "x.y", 1]])


class Secrets(Cases):
    KEY = "q7Zk3" * 17 + "x=="  # 88 characters
    FOUND = (
        ("'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=KEY;'", "storage-key", "X"),
        ("'KEY'", "storage-key", "X"),
        ("'AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=KEY;'", "cosmos-key", "X"),
        ("{'CosmosKey': 'KEY'}", "cosmos-key", "CosmosKey"),
        ("dict(AWS_SECRET_ACCESS_KEY='Zk3q7/Zk3q7Zk3q7Zk3q7Zk3+q7Zk3q7Zk3q7Zk3')", "token",
         "AWS_SECRET_ACCESS_KEY"),
        ("'host=db.internal user=app password=Zk3q7Zk9x dbname=orders'", "password", "X"),
        ("f\"user={user} dbname=orders password='Zk3q7Zk9x'\"", "password", ""),
        ("'https://a.azurewebsites.net/api/f?code=" + "Zk3q7" * 11 + "%3D%3D'", "signed-url", "X"),
        ("base + '/api/f?a=1&code=" + "Zk3q7" * 11 + "=='", "signed-url", ""),
        ("'Endpoint=sb://n.servicebus.windows.net/;SharedAccessKey=q7Zk3q7Zk3q7Zk3q7Zk3abc='",
         "shared-key", "X"),
        ("'https://a.blob.core.windows.net/c?sv=2020&sig=q7Zk3%2Bq7Zk3q7Zk3q7Zk3abc'", "signed-url",
         "X"),
        ("'postgresql://app:Zk3q7Zk9@db.internal/x'", "signed-url", "X"),
        ("'Server=db;User Id=sa;Password=Zk3q7Zk9;'", "password", "X"),
        ("'ghp_" + "a1B2" * 9 + "'", "token", "X"),
        ("'AKIAQ7ZK3Q7ZK3Q7ZK3Q'", "token", "X"),
        ("'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'", "token", "X"),
        ("{'db_password': 'Zk3q7Zk9!'}", "password", "db_password"),
        ("connect(api_key='Zk3q7Zk9aa')", "password", "api_key"),
    )
    CLEAN = (
        "'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=<your key>;'",
        "'UseDevelopmentStorage=true'", "'AccountKey=' + key", "f'AccountKey={key};'",
        "'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u=='",
        "'https://a.blob.core.windows.net/container/file.txt'", "'postgresql://user:password@db/x'",
        "'postgresql://app:Zk3q7Zk9@localhost/x'", "'Server=db;Password={};'.format(p)",
        "'AccountKey=%s;' % key", "connect(password='changeme1')", "connect(password=secret)",
        "connect(password='PASSWORD_SETTING')", "connect(token='my-token-name')",
        "connect(secret='a text with words 1')", "{'password': 'short1'}",
        "{'example': {'password': 'Zk3q7Zk9!'}}", "{'examples': [{'password': 'Zk3q7Zk9!'}]}",
        "'sk-learn is a library of models'", "'/subscriptions/1b2c3d4e-0000/resourceGroups/r'",
        "'host=localhost user=app password=Zk3q7Zk9x'", "'host=db password=<password>'",
        "'host=db user=app password=%s' % given", "f'host={host} user=app password={given} port=1'",
        "'host=db user=postgres password=postgres'", "'host=db password=:password'",
        "'the password=Zk3q7Zk9x is wrong'", "'AccountEndpoint=https://localhost:8081/;AccountKey=C2y6yDjf"
        "5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==;'",
        "'https://login.example/callback?code=0.AX4Zk3q7Zk3q7Zk3q7'",
        "'https://a.azurewebsites.net/api/f?code=<key of the function, that is long enough>'",
        "dict(AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')",
        "dict(token='/var/run/secrets/tokens/Orders-2024-01/of-app')", "os.environ['DB_PASSWORD']",
        "dict(key='raw/3f2a9c1e4b5d6f7a8b9c0d1e2f3a4b5c')",
        "os.environ.get('SECRET_KEY', 'Zk3q7/Zk3q7Zk3q7Zk3q7Zk3+q7Zk3q7Zk3q7Zk3')",
        "b'AccountKey'", "connect(token_url='https://login.example/x1')",
    )

    def test_found(self):
        source = "".join(f"X = {text}\n".replace("KEY'", self.KEY + "'").replace(
            "KEY;", self.KEY + ";") for text, _, _ in self.FOUND)
        for answer in self.each(source):
            self.assertEqual(answer.literals(), [(line, shape, name) for line, (_, shape, name)
                                                 in enumerate(self.FOUND, 1)])
            self.assertNotIn("Zk3", str(answer.rows))

    def test_clean(self):
        source = "".join(f"x = {text}\n" for text in self.CLEAN)
        for answer in self.each(source):
            self.assertEqual(answer.literals(), [])

    def test_of_a_binding(self):
        """Where a setting's name belongs: it is found, and not told as the name."""
        text = f"AccountName=a;AccountKey={self.KEY};"
        source = HEAD + f"@app.queue_trigger('m', 'q', connection='{text}')\ndef f(m): pass\n"
        for answer in self.each(source):
            self.assertEqual(answer.literals(), [(3, "storage-key", "connection")])
            self.assertIsNone(answer.functions["f"]["bindings"][0][6])
            self.assertNotIn("Zk3", str(answer.rows))

    def test_where_they_stand(self):
        source = ("password = 'Zk3q7Zk9'\nclass C:\n    api_key: str = 'Zk3q7Zk8'\n"
                  "def f(secret='Zk3q7Zk7'):\n    self.token = 'Zk3q7Zk6'\n    d['pwd'] = 'Zk3q7Zk5'\n")
        for answer in self.each(source):
            self.assertEqual(sorted(answer.literals()), [
                (1, "password", "password"), (3, "password", "api_key"), (4, "password", "secret"),
                (5, "password", "token"), (6, "password", "pwd")])


class Problems(Cases):
    BROKEN = {
        "syntax": (b"x = 1\ndef f(:\n", "syntax", 2),
        "latin": (b"x = 1\ny = '\xe4'\n", "malformed", 2),
        "nul": (b"x = 1\n\0\n", "malformed", 2),
        "utf16": ("\ufeffx = 1\n".encode("utf-16-le"), "malformed", 1),
        "binary": (bytes(range(256)) * 8, "malformed", 1),
        "indent": (b"if x:\npass\n", "syntax", 2),
    }

    def test_they_are_told_and_the_others_are_read(self):
        files = {name + ".py": source for name, (source, _, _) in self.BROKEN.items()}
        files["function_app.py"] = ROUTE + "def f(req): open('x')\n"
        for answer in self.each(files):
            self.assertEqual(answer.problems(), [(name + ".py", kind, line) for name, (_, kind, line)
                                                 in self.BROKEN.items()])
            self.assertEqual(answer.calls("f"), ["open"])

    def test_other_encodings_that_say_so(self):
        sources = (b"# coding: latin-1\nx = '\xe4'\nimport os\n", b"\xef\xbb\xbfimport os\n",
                   b"import os\r\n", b"\x0cimport os\n", b"")
        for answer in self.each({f"{i}.py": source for i, source in enumerate(sources)}):
            self.assertEqual(answer.problems(), [])
            self.assertEqual([row[0] for row in answer.of("import")], [0, 1, 2, 3])

    def test_nesting(self):
        """Whatever the interpreter makes of it: an answer, with a problem, or a crash that names the
        file; never another file's loss without a word."""
        for source in ("x = " + "(" * 5000 + ")" * 5000, "x = " + "-" * 100000 + "1",
                       "x = " + "+".join(["a"] * 50000), "x = a" + ".b" * 50000,
                       "x = a" + "()" * 20000, "".join(" " * i + "if x:\n" for i in range(99))):
            files = {"deep.py": source, "function_app.py": ROUTE + "def f(req): open('x')\n"}
            for version, executable in pythons():
                with self.subTest(version=version, source=source[:20]):
                    result = run(executable, files)
                    if result.returncode == 0:
                        self.assertIn(b'"open",0,', result.stdout)
                        self.assertTrue(result.stdout.endswith(b'["end"]\n'))
                    else:
                        self.assertTrue(result.stdout.endswith(b'["file","deep.py"]\n'))

    def test_hostile_names(self):
        name = "a\n\"\\\x1b[31m\u202e.py"
        source = "import azure.functions as func\napp = func.FunctionApp()\n" \
            "@app.function_name('a\\n\\x00\\ud800\\u202e')\n@app.route(route='" + "x" * 5000 + \
            "')\ndef f(req): pass\n"
        for answer in self.each({name: source, b"\xff\xfe.py": "import os\n"}, name):
            self.assertEqual(answer.files, [name, "\ufffd\ufffd.py"])
            self.assertEqual(list(answer.functions), ["a\n??\u202e"])
            self.assertEqual(len(answer.functions["a\n??\u202e"]["bindings"][0][7]), 1000)

    def test_question_without_files(self):
        for _, executable in pythons():
            reader, end = run(executable, {}, asked=question({})).stdout.splitlines()
            self.assertRegex(reader, rb'^\["reader","3\.[0-9]+"\]$')
            self.assertEqual(end, b'["end"]')


class Manifests(Cases):
    FILES = {
        "pyproject.toml": "[project]\nrequires-python = '>=3.10'\ndependencies = ['a', 'b>1']\n",
        "uv.lock": "requires-python = '>=3.11'\n[[package]]\nname = 'a'\n[[package]]\nname = 'b'\n",
        "old/pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.9'\na = '1'\n",
        "poetry.lock": "[[package]]\nname = 'a'\n[metadata]\npython-versions = '^3.9'\n",
        "Pipfile": "[packages]\na = '*'\n[requires]\npython_version = '3.11'\n",
        "Pipfile.lock": '{"_meta": {"requires": {"python_version": "3.11"}}, "default": {"a": {}}}',
    }

    def test_what_they_say(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = Answer(executable, self.FILES)
                told = {answer.files[row[0]]: row[1:] for row in answer.of("manifest")}
                self.assertEqual(set(told), set(self.FILES))
                self.assertEqual(told["Pipfile.lock"], [1, "==3.11.*", 1])
                if version < (3, 11):
                    self.assertEqual({row[1] for row in answer.problems()}, {"cut"})
                    continue
                self.assertEqual(answer.problems(), [])
                self.assertEqual(told["pyproject.toml"], [0, ">=3.10", 2])
                self.assertEqual(told["uv.lock"], [1, ">=3.11", 2])
                self.assertEqual(told["old/pyproject.toml"], [0, "^3.9", 1])
                self.assertEqual(told["poetry.lock"], [1, "^3.9", 1])
                self.assertEqual(told["Pipfile"], [0, "==3.11.*", 1])

    def test_broken_ones(self):
        files = {"pyproject.toml": "[project]\nx = \n", "uv.lock": b"\xff", "Pipfile.lock": "[",
                 "poetry.lock": "package = 3\n"}
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = Answer(executable, files)
                if version >= (3, 11):
                    self.assertEqual(answer.problems(), [
                        ("pyproject.toml", "malformed", 2), ("uv.lock", "malformed", 0),
                        ("Pipfile.lock", "malformed", 0)])


if __name__ == "__main__":
    unittest.main()
