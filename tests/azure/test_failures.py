# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is said in one line, with the exit status that --help lists."""
import os
import re
import select
import signal
import subprocess
import unittest

import demo

ENDS_ITSELF = "import os\nos._exit(7)\n"
IS_KILLED = "import os\nos.kill(os.getpid(), 9)\n"
NEVER_READY = "import threading\nthreading.Event().wait()\n"
NO_FUNCTION = """
import azure.functions as func
app = func.FunctionApp()

@app.timer_trigger(schedule="0 0 * * * *", arg_name="timer")
def tidy(timer: func.TimerRequest) -> None:
    pass
"""
RAISES = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="broken")
def broken(req: func.HttpRequest) -> str:
    raise LookupError("no such customer")

@app.route(route="unwell")
def unwell(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("unwell", status_code=503)
"""


class Failures(unittest.TestCase):
    def fails(self, app, status, pattern, *arguments):
        """The host ends with `status` and one line that matches `pattern`; returns the run."""
        run = demo.run_host(app, *arguments)
        self.assertEqual(run.status, status, run.errors)
        self.assertEqual(run.errors.count("\n"), 1, run.errors)
        self.assertRegex(run.errors, "^test host: " + pattern)
        if run.log:
            self.assertEqual(len(run.log.events("exited")), len(run.log.events("spawned")))
        return run

    def test_bad_annotation_takes_the_app_down(self):
        run = self.fails(demo.place_own("bad-annotation"), 4,
                         r"the worker rejected the app .*NameError: name 'pd' is not defined")
        response, = run.log.messages(kind="WorkerInitResponse")
        self.assertEqual(response["status"], "Failure")
        self.assertEqual(response["text"], "NameError: name 'pd' is not defined")

    def test_missing_module(self):
        run = self.fails(demo.place_own("missing-module"), 4,
                         r".*ModuleNotFoundError: No module named 'not_in_requirements'")
        response, = run.log.messages(kind="WorkerInitResponse")
        self.assertIn("Current sys.path: ", response["text"])

    def test_missing_module_in_placeholder_mode(self):
        run = self.fails(demo.place_own("missing-module"), 4,
                         r".*\(FunctionEnvironmentReloadResponse\).*'not_in_requirements'",
                         "--mode", "placeholder")
        response, = run.log.messages(kind="WorkerInitResponse")
        self.assertEqual(response["status"], "Success")

    def test_a_function_of_model_v1_that_lacks_a_module(self):
        trigger = '{"bindings": [{"type": "httpTrigger", "name": "req"}, ' \
                  '{"type": "http", "direction": "out", "name": "$return"}]}'
        app = demo.place_files("one-lacks", {
            "lacks/__init__.py": "import not_deployed\n", "lacks/function.json": trigger,
            "works/__init__.py": "def main(req):\n    return 'it does'\n",
            "works/function.json": trigger})
        self.fails(app, 4, "the worker could not load lacks: ModuleNotFoundError: No module named "
                           "'not_deployed'", "--invoke", "lacks")
        run = demo.run_host(app, "--invoke", "works")
        self.assertEqual((run.status, run.output), (0, "HTTP 200\nit does\n"), run.errors)

    def test_a_function_of_model_v1_that_cannot_be_read(self):
        for text, pattern in (("{", "JSONDecodeError"), ("[]", "AttributeError"),
                              ('{"bindings": [{"name": "req"}]}', "KeyError: 'type'")):
            app = demo.place_files("unreadable", {"hello/function.json": text})
            self.fails(app, 4, f"cannot read .*/hello/function.json: {pattern}")

    def test_worker_ends_in_init(self):
        self.fails(demo.place_source("ends-itself", ENDS_ITSELF), 3,
                   r"the worker \(pid \d+\) ended with status 7 before WorkerInitResponse$")

    def test_worker_is_killed_in_init(self):
        self.fails(demo.place_source("is-killed", IS_KILLED), 3,
                   r"the worker \(pid \d+\) was ended by SIGKILL before WorkerInitResponse$")

    def test_worker_never_connects(self):
        self.fails(demo.place_own("plain"), 3,
                   r"the worker \(pid \d+\) ended with status 0 before StartStream$",
                   "--python", "/bin/true")

    def test_worker_does_not_answer(self):
        self.fails(demo.place_source("never-ready", NEVER_READY), 5,
                   r"no answer within 1 s: worker \d+ owes WorkerInitResponse$", "--timeout", "1")

    def test_no_http_function(self):
        self.fails(demo.place_source("no-http", NO_FUNCTION), 4,
                   r"the app has no HTTP function; HTTP functions: none$")
        self.fails(demo.place_own("plain"), 4,
                   r"the app has no HTTP function nope; HTTP functions: hello, version$",
                   "--invoke", "nope")

    def test_failing_functions(self):
        app = demo.place_source("raises", RAISES)
        self.fails(app, 6, r"broken failed: LookupError: no such customer$")
        run = self.fails(app, 6, r"unwell answered with HTTP status 503$", "--invoke", "unwell")
        self.assertEqual(run.output, "HTTP 503\nunwell\n")

    def test_missing_files(self):
        app = demo.place_own("plain")
        self.fails(os.path.join(demo.DEMO, "nowhere"), 2, r"no such file: .*/nowhere ")
        self.fails(app, 2, r"no such file: /nowhere/worker.py ", "--worker", "/nowhere/worker.py")


class Ends(unittest.TestCase):
    """Without --once the host stays, and its workers never outlive it."""

    def start(self, folder):
        log_path = os.path.join(folder, "host.log")
        command = demo.host_command(demo.place_own("plain"), log_path)
        host = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **demo.as_owner())
        self.addCleanup(host.communicate)
        self.addCleanup(host.kill)
        self.assertEqual(host.stdout.readline(), "HTTP 200\n")
        worker, = demo.Log(log_path).events("spawned")
        return host, worker["pid"], log_path

    def test_a_signal_ends_host_and_worker(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number), demo.temporary_folder() as folder:
                host, pid, log_path = self.start(folder)
                host.send_signal(number)
                self.assertEqual(host.wait(demo.RUN_SECONDS), 0, host.stderr.read())
                log = demo.Log(log_path)
                self.assertEqual(log.events("stopping")[0]["reason"], f"signal {int(number)}")
                self.assertEqual(log.events("exited")[0]["pid"], pid)

    def test_the_worker_ends_when_the_host_is_killed(self):
        with demo.temporary_folder() as folder:
            host, pid, _ = self.start(folder)
            worker = os.pidfd_open(pid)
            self.addCleanup(os.close, worker)
            host.kill()
            ended, _, _ = select.select([worker], [], [], demo.RUN_SECONDS)
            self.assertEqual(ended, [worker])


class Help(unittest.TestCase):
    def test_help_lists_every_exit_status(self):
        demo.place_own("plain")
        result = subprocess.run([demo.VENV_PYTHON, demo.HOST, "--help"], capture_output=True,
                                text=True, check=True)
        listed = re.findall(r"^  (\d)  ", result.stdout, re.MULTILINE)
        self.assertEqual(listed, ["0", "2", "3", "4", "5", "6"])


if __name__ == "__main__":
    unittest.main()
