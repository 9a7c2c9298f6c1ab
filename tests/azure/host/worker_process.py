# SPDX-License-Identifier: Apache-2.0
"""Starts a worker with the command line and environment that the Functions host gives it."""
import json
import os
import signal
import subprocess
import sys
import threading

STOP_TIMEOUT_SECONDS = 5
MAX_MESSAGE_BYTES = 2147483647


def new_id():
    """A random id in the form the real host uses, without the cost of importing uuid."""
    digits = os.urandom(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def app_settings(app):
    """The names and values of local.settings.json, which stand in for the app's settings."""
    try:
        with open(os.path.join(app, "local.settings.json"), encoding="utf-8") as file:
            return {name: str(value) for name, value in json.load(file)["Values"].items()}
    except FileNotFoundError:
        return {}


def environment(options):
    """The worker's environment as the app's own start has it, on top of this process's."""
    values = {**os.environ, **app_settings(options.app)}
    values.update({
        "FUNCTIONS_EXTENSION_VERSION": "~4",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "FUNCTIONS_WORKER_RUNTIME_VERSION": "3.11",
        "FUNCTIONS_WORKER_PROCESS_COUNT": str(options.workers),
        "AzureWebJobsScriptRoot": options.app,
        "THIN_WORKER_USER_PACKAGES": os.path.join(options.app,
                                                  ".python_packages/lib/site-packages"),
        # Azure's image has no packages in a home folder; the developer's must not leak in.
        "PYTHONNOUSERSITE": "1",
    })
    if options.threads:
        values["PYTHON_THREADPOOL_THREAD_COUNT"] = str(options.threads)
    if options.environment == "azure":
        values["WEBSITE_INSTANCE_ID"] = "0" * 64
    if options.mode == "placeholder":
        values["CONTAINER_NAME"] = "test-host"
        values["WEBSITE_PLACEHOLDER_MODE"] = "0"
    return values


def placeholder_environment(options):
    """What a worker in the pool has before its customer is known."""
    values = environment(options)
    for name in app_settings(options.app):
        if name not in os.environ:
            values.pop(name, None)
    values.update({"WEBSITE_PLACEHOLDER_MODE": "1", "AzureWebJobsScriptRoot": options.standby})
    return values


class WorkerProcess:
    """A started worker. `on_exit(worker)` is called from a thread of its own when it ends."""

    def __init__(self, worker_id, options, port, log, on_exit):
        self.id = worker_id
        self.log = log
        self.on_exit = on_exit
        self.status = None
        pool = options.mode == "placeholder"
        log.write("spawning", worker=self.id)
        # stdout is the host's own; what the worker prints goes where its errors go. Its own
        # process group keeps a Ctrl-C for the host alone, which then ends it in order.
        self.process = subprocess.Popen(
            self.command(options, port), cwd=options.standby if pool else options.app,
            env=placeholder_environment(options) if pool else environment(options),
            stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), process_group=0)
        self.pid = self.process.pid
        log.write("spawned", worker=self.id, pid=self.pid)
        self.waiter = threading.Thread(target=self.wait, daemon=True)
        self.waiter.start()

    def command(self, options, port):
        request_id = new_id()
        return [options.python, options.worker,
                "--host", "127.0.0.1", "--port", str(port), "--workerId", self.id,
                "--requestId", request_id, "--grpcMaxMessageLength", str(MAX_MESSAGE_BYTES),
                "--functions-uri", f"http://127.0.0.1:{port}/", "--functions-worker-id", self.id,
                "--functions-request-id", request_id,
                "--functions-grpc-max-message-length", str(MAX_MESSAGE_BYTES)]

    def wait(self):
        self.status = self.process.wait()
        self.log.write("exited", worker=self.id, pid=self.pid, status=self.status)
        self.on_exit(self)

    def stop(self):
        """Ends it by its pid, gently first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.waiter.is_alive():
                break
            self.process.send_signal(number)
            self.waiter.join(STOP_TIMEOUT_SECONDS)

    def describe_end(self):
        if self.status is not None and self.status < 0:
            return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended with status {self.status}"
