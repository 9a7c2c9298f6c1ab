# SPDX-License-Identifier: Apache-2.0
"""What `thaw audit` must not slow down: programs that start all the time, cold starts of Python, a
warm HTTP server, a warm worker of Azure Functions. Part of bench_audit.py.

Each load has a unit (an exec, a start, a request, an invocation); measure() makes some in several
short windows, and tells how many and what CPU one took of the processes that did it, in the window
that was least disturbed. Needs tests/azure and tests/harness on the path.
"""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import debian_wrk
import locked_environments
import processes
import start_load

WARM_SECONDS = 30
WINDOWS, WINDOW_SECONDS = 4, 0.25
LOOK_SECONDS = 0.1
JUST_ANSWER = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello\\n" * 20})
"""
ANSWER_WSGI = """
import json

def app(environ, start_response):
    body = json.dumps({"path": environ["PATH_INFO"], "numbers": list(range(50))}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


def quietest(windows):
    """What others do on the machine only ever adds: the window in which one took least."""
    best = min(windows, key=lambda one: one["each_ns"])
    return {**best, "count": sum(one["count"] for one in windows)}


def cpu_of(pids):
    """In ns, of all threads they have."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += int(processes.read(pid, f"task/{thread.name}/schedstat").split()[0])
    return total


def family(pid):
    """It and its children."""
    return [pid, *processes.children(pid)]


class Execs:
    """A program that does nothing, executed over and over."""
    unit = "exec"

    def __init__(self, per_second, program=None):
        self.per_second = per_second
        self.command = [program or start_load.built("no_op")]
        pace = f"{per_second} a second" if per_second else "flat out"
        self.name = f"vfork+exec of {'a no-op' if program is None else program}, {pace}"

    def measure(self):
        return quietest([self.window() for _ in range(WINDOWS)])

    def window(self):
        load = start_load.run([self.command], WINDOW_SECONDS, per_minute=self.per_second * 60)
        return {"count": load.starts, "each_ns": load.each_ns,
                "interval_ns": load.wall_ns / max(load.starts, 1)}

    def close(self):
        pass


class Starts(Execs):
    """Cold starts of Python, twenty at a time."""
    unit = "start"
    AT_ONCE, GROUPS = 20, 2

    def __init__(self, folder):
        self.name = "cold starts of Python, 20 at a time"
        self.pythons, self.folder = start_load.Pythons(folder), folder

    def measure(self):
        return quietest([self.window() for _ in range(self.GROUPS)])

    def window(self):
        load = self.pythons.run(self.folder, 60, 0, self.AT_ONCE, self.AT_ONCE, self.AT_ONCE)
        return {"count": load.starts, "each_ns": load.each_ns,
                "interval_ns": load.wall_ns / max(load.starts, 1)}


class Server:
    """A warm HTTP server under wrk, eight connections."""
    unit = "request"
    WINDOWS = 2  # of a second, which is as short as wrk goes

    def __init__(self, folder, kind):
        self.folder = Path(folder, kind)
        self.folder.mkdir()
        (self.folder / "asgi.py").write_text(JUST_ANSWER)
        (self.folder / "wsgi.py").write_text(ANSWER_WSGI)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        python = str(locked_environments.servers() / "bin/python")
        command = {"uvicorn": [python, "-m", "uvicorn", "--no-access-log", "--log-level", "error",
                               "--port", str(self.port), "asgi:app"],
                   "gunicorn": [python, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{self.port}",
                                "wsgi:app"]}[kind]
        self.name = f"warm {kind} under wrk"
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not processes.wait_until(lambda: self.load(1), WARM_SECONDS):
            self.close()
            raise RuntimeError(f"{kind} does not answer")

    def load(self, seconds):
        return debian_wrk.load(f"http://127.0.0.1:{self.port}/", seconds)

    def measure(self):
        return quietest([self.window() for _ in range(self.WINDOWS)])

    def window(self):
        pids = family(self.process.pid)
        before = cpu_of(pids)
        count = self.load(1)
        return {"count": count, "each_ns": (cpu_of(pids) - before) / max(count, 1),
                "interval_ns": 1e9 / max(count, 1)}

    def close(self):
        self.process.terminate()
        self.process.wait()


class Worker:
    """A warm worker of Azure Functions and its host, one invocation after the other."""
    unit = "invocation"
    INVOCATIONS = 100_000_000

    def __init__(self, folder):
        import demo

        self.name = "warm Functions worker and test host"
        self.output = Path(folder, "worker.out")
        app = demo.place_own("plain")
        command = [demo.VENV_PYTHON, demo.HOST, "--app", app, "--invocations",
                   str(self.INVOCATIONS), "--timeout", "3600"]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.DEVNULL, **demo.as_owner())
        if not processes.wait_until(lambda: self.answered_bytes() > 10_000, WARM_SECONDS):
            self.close()
            raise RuntimeError("the worker does not answer")
        first = self.output.read_bytes()[:4096].split(b"HTTP 200\n")
        self.reply_bytes = len(b"HTTP 200\n") + len(first[1])

    def answered_bytes(self):
        return self.output.stat().st_size

    def measure(self):
        return quietest([self.window() for _ in range(WINDOWS)])

    def window(self):
        pids = family(self.process.pid)
        cpu, size, begin = cpu_of(pids), self.answered_bytes(), time.monotonic_ns()
        time.sleep(WINDOW_SECONDS)
        count = max(1, (self.answered_bytes() - size) // self.reply_bytes)
        return {"count": count, "each_ns": (cpu_of(pids) - cpu) / count,
                "interval_ns": (time.monotonic_ns() - begin) / count}

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def busy_ns():
    """CPU that the whole machine has used, to 10 ms."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
