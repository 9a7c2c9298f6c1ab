# SPDX-License-Identifier: Apache-2.0
"""Recordings of a handler that sleeps, with all its calls at once; each call says when it ran.

Two oracles: the handlers' own clocks, and what the host's log alone tells of equal calls.
"""
import os

import demo
from recorded import record_with_ebpf

SECONDS = 0.2
SOURCE = """
import asyncio
import time
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

@app.route(route="nap")
{keyword}def nap(req: func.HttpRequest, context: func.Context) -> str:
    begin = now_ns()
    {sleep}({seconds})
    return f"ran {{context.invocation_id}} {{begin}} {{now_ns()}}"
"""
KINDS = {"sync": {"keyword": "", "sleep": "time.sleep"},
         "async": {"keyword": "async ", "sleep": "await asyncio.sleep"}}


def place(kind):
    return demo.place_source(f"nap-{kind}", SOURCE.format(seconds=SECONDS, **KINDS[kind]))


class Run:
    """A recording's report, its only host's concurrency, and what really happened."""

    def __init__(self, recorded, log):
        self.report, self.stderr = recorded.report, recorded.stderr
        self.host, = self.report["concurrency"]["hosts"]
        words = [line.split() for line in recorded.stdout.splitlines() if line.startswith("ran ")]
        self.ran = {line[1]: (int(line[2]), int(line[3])) for line in words}
        messages = [line for line in log.messages()
                    if line["type"] in ("InvocationRequest", "InvocationResponse")]
        self.requests = {line["invocation_id"]: line["time_ns"] for line in messages
                         if line["type"] == "InvocationRequest"}
        self.responses = {line["invocation_id"]: line["time_ns"] for line in messages
                          if line["type"] == "InvocationResponse"}
        self.makespan_ns = max(self.responses.values()) - min(self.requests.values())

    def running_average(self):
        """By the handlers' clocks: their time, by the time in which there was something to do."""
        return sum(end - begin for begin, end in self.ran.values()) / self.makespan_ns

    def effective(self):
        """By the log: the shortest time of one call, times all, by the time of all."""
        times = [self.responses[key] - self.requests[key] for key in self.responses]
        return len(times) * min(times) / self.makespan_ns

    def waiting_errors_ns(self):
        """By how much each call's waiting is off, by the handlers' clocks."""
        derived = {call["invocation_id"]: call["waited_ns"]
                   for call in self.report["invocations"] if "waited_ns" in call}
        return [abs(derived[key] - (self.ran[key][0] - self.requests[key])) for key in derived]


def record(app, workers, threads, calls, folder, options=(), host_options=("--once",)):
    log_path = os.path.join(folder, "host.log")
    path = os.path.join(folder, "recording.thaw")
    owner = demo.as_owner()
    environment = dict(os.environ)
    if owner:
        environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
        os.chown(folder, owner["user"], owner["group"])
    command = demo.host_command(app, log_path, *host_options, "--together", "--workers", workers,
                                "--threads", threads, "--invocations", calls, "--at-once", calls)
    recorded = record_with_ebpf(path, *(options or ("--until", "exit")), command=command,
                                env=environment)
    if recorded.status:
        raise RuntimeError(recorded.stderr)
    return Run(recorded, demo.Log(log_path))
