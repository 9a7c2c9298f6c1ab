# SPDX-License-Identifier: Apache-2.0
"""The demo's host and worker do a whole cold start, in the real order, and the log tells it all."""
import json
import unittest

import demo

TO_WORKER, TO_HOST = "to-worker", "to-host"

START = [
    (TO_HOST, "StartStream"),
    (TO_WORKER, "WorkerInitRequest"),
    (TO_HOST, "WorkerInitResponse"),
]
RELOAD = [
    (TO_WORKER, "FunctionEnvironmentReloadRequest"),
    (TO_HOST, "FunctionEnvironmentReloadResponse"),
]
METADATA = [
    (TO_WORKER, "FunctionsMetadataRequest"),
    (TO_HOST, "FunctionMetadataResponse"),
]
LOAD_TWO = [(TO_WORKER, "FunctionLoadRequest")] * 2 + [(TO_HOST, "FunctionLoadResponse")] * 2
INVOKE = [(TO_WORKER, "InvocationRequest"), (TO_HOST, "InvocationResponse")]

REPORT_MODULES = """
import json, sys
import azure.functions as func
import requests

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="files")
def files(req: func.HttpRequest) -> func.HttpResponse:
    names = ("azure.functions", "requests", "grpc", "azure_functions_runtime", "thin_worker")
    import grpc, azure_functions_runtime
    return func.HttpResponse(json.dumps({name: sys.modules[name].__file__ for name in names}))
"""

MEET = """
import threading
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
both_here = threading.Barrier(2)

@app.route(route="meet")
def meet(req: func.HttpRequest) -> str:
    both_here.wait(30)
    return "met"
"""


def directions_and_types(messages):
    return [(line["direction"], line["type"]) for line in messages]


class ColdStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.analyze = demo.place_own("analyze")
        cls.plain = demo.place_own("plain")

    def start(self, app, *arguments):
        run = demo.run_host(app, *arguments)
        self.assertEqual(run.status, 0, run.errors)
        self.assertEqual(run.errors, "")
        return run

    def test_analyze(self):
        run = self.start(self.analyze)
        status, body = run.output.splitlines()
        self.assertEqual(status, "HTTP 200")
        answer = json.loads(body)
        self.assertEqual(answer["rows"], 9)
        self.assertEqual(answer["revenue"]["tea"], 1360.0)
        self.assertEqual(answer["region"], "north")  # from local.settings.json
        self.assertEqual(directions_and_types(run.log.messages()),
                         START + METADATA + LOAD_TWO + INVOKE)

    def test_the_users_csv_is_what_is_analyzed(self):
        body = "product,month,units,price\nrice,2026-01,10,2.5\n"
        run = self.start(self.analyze, "--body", body)
        self.assertEqual(json.loads(run.output.splitlines()[1])["revenue"], {"rice": 25.0})
        run = self.start(self.analyze, "--body", "no such columns\n1\n")
        self.assertTrue(run.output.startswith("HTTP 400\n"), run.output)

    def test_plain(self):
        run = self.start(self.plain, "--body", "Ada")
        self.assertEqual(run.output, "HTTP 200\nHello, Ada!\n")
        run = self.start(self.plain, "--invoke", "version")
        self.assertEqual(run.output, "HTTP 200\n1.26.0\n")

    def test_placeholder(self):
        run = self.start(self.plain, "--mode", "placeholder")
        self.assertEqual(run.output, "HTTP 200\nHello, world!\n")
        self.assertEqual(directions_and_types(run.log.messages()),
                         START + RELOAD + METADATA + LOAD_TWO + INVOKE)

    def test_model_v1(self):
        app = demo.place_own("plain-v1")
        for mode, more in (("v2", []), ("placeholder", RELOAD)):
            with self.subTest(mode):
                run = self.start(app, "--mode", mode, "--body", "Ada")
                self.assertEqual(run.output, "HTTP 200\nHello, Ada!\n")
                self.assertEqual(directions_and_types(run.log.messages()),
                                 START + more + METADATA + LOAD_TWO + INVOKE)
        run = self.start(app, "--workers", "2")
        self.assertEqual(run.output, "HTTP 200\nHello, world!\n" * 2)

    def test_one_exec_outside_azure(self):
        run = self.start(self.plain, "--environment", "local")
        self.assertEqual(directions_and_types(run.log.messages()),
                         START + METADATA + LOAD_TWO + INVOKE)

    def test_two_workers(self):
        run = self.start(self.plain, "--workers", "2", "--invocations", "5")
        self.assertEqual(run.output.count("HTTP 200\nHello, world!\n"), 5)
        first, second = [line["worker"] for line in run.log.events("spawned")]
        self.assertEqual(directions_and_types(run.log.messages(first)),
                         START + METADATA + LOAD_TWO + INVOKE * 3)
        self.assertEqual(directions_and_types(run.log.messages(second)),
                         START + LOAD_TWO + INVOKE * 2)
        functions = [[line["function_id"] for line in run.log.messages(worker, kind)]
                     for worker in (first, second)
                     for kind in ("FunctionLoadRequest", "FunctionLoadResponse")]
        self.assertTrue(all(ids == functions[0] for ids in functions), functions)

    def test_calls_at_once_run_at_once(self):
        app = demo.place_source("meet", MEET)
        run = self.start(app, "--threads", "2", "--invocations", "2", "--at-once", "2")
        self.assertEqual(run.output, "HTTP 200\nmet\n" * 2)

    def test_large_body(self):
        run = self.start(self.analyze, "--large", "5000000")
        self.assertEqual(json.loads(run.output.splitlines()[1])["rows"], 9)
        request, = run.log.messages(kind="InvocationRequest")
        self.assertGreater(request["bytes"], 5000000)

    def test_worker_status(self):
        run = self.start(self.plain, "--status", "--invocations", "2")
        kinds = [line["type"] for line in run.log.messages()]
        self.assertGreaterEqual(kinds.count("WorkerStatusRequest"), 1)
        self.assertIn("WorkerStatusResponse", kinds)

    def test_user_and_worker_have_their_own_packages(self):
        app = demo.place_source("files", REPORT_MODULES)
        files = json.loads(self.start(app).output.splitlines()[1])
        for name in ("azure.functions", "requests"):
            self.assertTrue(files[name].startswith(f"{app}/{demo.USER_PACKAGES}/"), files[name])
        for name in ("grpc", "azure_functions_runtime", "thin_worker"):
            self.assertTrue(files[name].startswith(demo.WORKER_FOLDER + "/"), files[name])


class HostLog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_ = demo.run_host(demo.place_own("plain"))
        cls.log = cls.run_.log

    def test_process_events_are_in_order(self):
        events = [line["event"] for line in self.log.lines if line["event"] != "message"]
        self.assertEqual(events, ["process-start", "main", "listening", "spawning", "spawned",
                                  "functions", "first-reply", "stopping", "exited"])
        start, main = self.log.events("process-start")[0], self.log.events("main")[0]
        self.assertLess(main["time_ns"] - start["time_ns"], 5_000_000_000)
        spawned, exited = self.log.events("spawned")[0], self.log.events("exited")[0]
        self.assertEqual((spawned["pid"], spawned["worker"]), (exited["pid"], exited["worker"]))

    def test_messages_stand_in_the_order_of_their_times(self):
        times = [line["time_ns"] for line in self.log.as_written if line["event"] == "message"]
        self.assertEqual(times, sorted(times))
        self.assertLess(self.log.events("spawned")[0]["time_ns"], times[0])
        self.assertLess(times[-1], self.log.events("first-reply")[0]["time_ns"])

    def test_every_message_says_what_it_is(self):
        for line in self.log.events("message"):
            self.assertGreater(line["bytes"], 0, line)
            self.assertIn(line["direction"], (TO_WORKER, TO_HOST), line)
            if line["type"].endswith("Response"):
                self.assertEqual(line["status"], "Success", line)
            if line["type"].startswith("FunctionLoad"):
                self.assertRegex(line["function_id"], "^[0-9a-f-]{36}$")
        request, = self.log.messages(kind="InvocationRequest")
        response, = self.log.messages(kind="InvocationResponse")
        self.assertEqual(request["invocation_id"], response["invocation_id"])
        loaded = [line["function_id"] for line in self.log.messages(kind="FunctionLoadRequest")]
        self.assertIn(request["function_id"], loaded)

    def test_the_workers_own_words_are_there(self):
        texts = [line["text"] for line in self.log.events("message") if line["type"] == "RpcLog"]
        self.assertTrue(any("Successfully indexed function app." in text for text in texts), texts)


if __name__ == "__main__":
    unittest.main()
