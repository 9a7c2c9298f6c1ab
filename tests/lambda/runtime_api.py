# SPDX-License-Identifier: Apache-2.0
"""Our Runtime API server, a stand-in for AWS's: starts a runtime as Lambda does and invokes it.

It serves the Runtime API's routes (2018-06-01) to the process it starts, and writes down when it
did what, one JSON object a line, with "time_ns" (CLOCK_BOOTTIME) and "event":
  spawned    the runtime was started; "pid", "attempt"
  request    one came in, dated by its first byte; "method", "path", "end_ns" (its last byte)
  answer     one goes out, dated just before it is sent; "status", "path" of the request, "id" of
             the invocation that is in it
  killed     the runtime's init took longer than --init-limit; "pid"
  exited     "pid", "status" (negative: a signal's number)

What Lambda does and this does, too: an init that fails or takes too long is begun anew once, within
the first invocation, then without the limit. Exit status: 0 all invocations were answered (an error is
an answer), 3 init failed twice, 4 the runtime ended before it had answered.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop:7"
EXIT_INIT_FAILED, EXIT_NOT_ANSWERED = 3, 4
WAIT_SECONDS = 30  # for anything a runtime has to do: no run needs a tenth of it


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Log:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def write(self, event, time_ns=None, **fields):
        line = json.dumps({"time_ns": time_ns or now_ns(), "event": event, **fields})
        with self.lock:
            self.file.write(line + "\n")


class Environment:
    """What the routes and the main thread share: one runtime at a time."""

    def __init__(self, options, log):
        self.options, self.log = options, log
        self.changed = threading.Condition()
        self.ready = self.failed = self.gone = False
        self.given = self.answered = 0
        self.idle = self.ended = False

    def note(self, **values):
        with self.changed:
            for name, value in values.items():
                setattr(self, name, value)
            self.changed.notify_all()

    def wait(self, condition, seconds):
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def next_event(self):
        """The id of the next invocation; None: there is none, and none will come."""
        with self.changed:
            self.ready = True
            self.changed.notify_all()
            if self.given < self.options.invocations:
                if self.given == 1 and self.options.gate:
                    open(self.options.gate, encoding="utf-8").close()
                self.given += 1
                return f"8476a536-e9f4-11e8-9739-{self.given:012d}"
            self.idle = True
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.ended, WAIT_SECONDS)
            return None


class Routes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    environment = None

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # the runtime was ended

    def parse_request(self):
        self.begun_ns = now_ns()
        return super().parse_request()

    def read_body(self):
        size = int(self.headers.get("Content-Length", 0))
        self.rfile.read(size)
        self.environment.log.write("request", self.begun_ns, method=self.command, path=self.path,
                                   end_ns=now_ns() if size else self.begun_ns)

    def answer(self, status, body=b"", request_id=None):
        self.environment.log.write("answer", status=status, path=self.path, id=request_id)
        self.send_response_only(status)
        if request_id:
            self.send_header("Content-Type", "application/json")
            self.send_header("Lambda-Runtime-Aws-Request-Id", request_id)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 30000))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.read_body()
        if self.path == API + "/restore/next":
            time.sleep(self.environment.options.restore_after)
            self.answer(200)
        elif self.path == API + "/invocation/next":
            request_id = self.environment.next_event()
            if request_id:
                self.answer(200, self.environment.options.event.encode(), request_id)
            self.close_connection = not request_id
        else:
            self.answer(404)

    def do_POST(self):
        self.read_body()
        if self.path.startswith(API + "/invocation/"):
            self.answer(202)
            self.environment.note(answered=self.environment.answered + 1)
        elif self.path == API + "/init/error":
            self.answer(202)
            self.environment.note(failed=True)
        else:
            self.answer(404)

    def log_message(self, *_):  # as the base class wants it
        pass


def start_runtime(options, log, port, attempt):
    environment = {**os.environ, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
                   "LAMBDA_TASK_ROOT": options.app, "AWS_LAMBDA_FUNCTION_NAME": "shop",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    if options.snapstart:
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "snap-start"
    process = subprocess.Popen([options.python, "-m", "awslambdaric", options.handler],
                               cwd=options.app, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    log.write("spawned", pid=process.pid, attempt=attempt)
    return process


def watch(environment, process):
    """Notes when the process is gone."""
    process.wait()
    environment.note(gone=True)


def init(environment, port, attempt):
    """One try of an init: (process, whether it got ready)."""
    options, log = environment.options, environment.log
    environment.note(failed=False, gone=False)
    process = start_runtime(options, log, port, attempt)
    threading.Thread(target=watch, args=(environment, process), daemon=True).start()
    limit = options.init_limit if attempt == 1 and options.init_limit else WAIT_SECONDS
    if not environment.wait(
            lambda: environment.ready or environment.failed or environment.gone, limit):
        log.write("killed", pid=process.pid)
        process.send_signal(signal.SIGKILL)
    if not environment.ready:
        log.write("exited", pid=process.pid, status=process.wait(WAIT_SECONDS))
    return process, environment.ready


def run(options):
    environment = Environment(options, Log(options.log))
    handler = type("RoutesOfRun", (Routes,), {"environment": environment})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for attempt in (1, 2):
        process, ready = init(environment, server.server_port, attempt)
        if ready:
            break
    else:
        return EXIT_INIT_FAILED
    environment.wait(lambda: environment.idle or environment.gone, WAIT_SECONDS)
    environment.note(ended=True)
    process.terminate()
    environment.log.write("exited", pid=process.pid, status=process.wait(WAIT_SECONDS))
    return 0 if environment.answered == options.invocations else EXIT_NOT_ANSWERED


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--app", required=True, help="the runtime's working directory")
    add("--log", required=True)
    add("--python", default=sys.executable)
    add("--handler", default="app.handler")
    add("--event", default='{"items": [1, 2.5]}')
    add("--invocations", type=int, default=1)
    add("--gate", help="the second invocation comes when someone opens this FIFO to write")
    add("--init-limit", type=float, default=0, help="seconds; 0: none")
    add("--snapstart", action="store_true", help="the runtime asks to be restored before it works")
    add("--restore-after", type=float, default=0.05, help="seconds until it is")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
