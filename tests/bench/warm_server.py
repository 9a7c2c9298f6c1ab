# SPDX-License-Identifier: Apache-2.0
"""A warm HTTP server under load, with and without thaw attached. Part of bench_imports.py.

gunicorn with one worker where the package index has it, else wsgiref; wrk (Debian) makes the load
over loopback, in rounds of two seconds. What counts is CPU per request of the server's processes.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from subject import PYTHON

ROUND_SECONDS = 2
CONNECTIONS = 8
WAIT_SECONDS = 30
APPLICATION = """
import json

def application(environ, start_response):
    body = json.dumps({"path": environ["PATH_INFO"], "numbers": list(range(50))}).encode()
    start_response("200 OK", [("Content-Type", "application/json"),
                              ("Content-Length", str(len(body)))])
    return [body]
"""
PLAIN = """
import sys, wsgiref.simple_server as simple, application
class Quiet(simple.WSGIRequestHandler):
    def log_message(self, *_): pass
simple.make_server("127.0.0.1", int(sys.argv[1]), application.application,
                   handler_class=Quiet).serve_forever()
"""
REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)s")


class Server:
    def __init__(self, thaw, scratch):
        self.thaw, self.folder = thaw, Path(scratch) / "server"
        self.folder.mkdir()
        (self.folder / "application.py").write_text(APPLICATION)
        self.recording = self.folder / "recording.thaw"
        self.port = 20000 + os.getpid() % 20000
        self.wrk = shutil.which("wrk")
        self.name, command = self.command()
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "PYTHONPATH": str(self.folder / "pip")})
        deadline = time.monotonic() + WAIT_SECONDS
        while self.load(1) == 0 and time.monotonic() < deadline:
            time.sleep(0.2)

    def command(self):
        """The server's name and how to start it."""
        found = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--target",
                                str(self.folder / "pip"), "gunicorn"], stdin=subprocess.DEVNULL,
                               capture_output=True, check=False)
        if found.returncode:
            return "wsgiref", [PYTHON, "-c", PLAIN, str(self.port)]
        return "gunicorn", [PYTHON, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{self.port}",
                            "application:application"]

    def load(self, seconds):
        """Requests answered in so many seconds."""
        result = subprocess.run([self.wrk, "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s",
                                 f"http://127.0.0.1:{self.port}/"], capture_output=True, text=True,
                                check=False)
        found = REQUESTS.search(result.stdout)
        return int(found[1]) if found else 0

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def cpu_ns(self):
        """Of all its processes; utime and stime are kept to the nanosecond in schedstat."""
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
                   for pid in self.pids())

    def measure(self):
        before = self.cpu_ns()
        requests = self.load(ROUND_SECONDS)
        return {"request_ns": (self.cpu_ns() - before) / max(requests, 1),
                "interval_ns": ROUND_SECONDS * 1e9 / max(requests, 1)}

    def run(self, options):
        """One round; options: those of `thaw attach`, None: without."""
        if options is None:
            return self.measure()
        self.recording.unlink(missing_ok=True)
        recorder = subprocess.Popen([self.thaw, "attach", "-q", "--pid", str(self.process.pid),
                                     "--until", "60s", *options, "-o", str(self.recording)],
                                    stdin=subprocess.DEVNULL)
        try:
            self.wait_for(recorder)
            return self.measure()
        finally:
            recorder.terminate()
            recorder.wait()

    def wait_for(self, recorder):
        """Until thaw is attached: it has stored by then what was there."""
        while "process.present" not in subprocess.run(
                [self.thaw, "report", "-f", "text", str(self.recording)], capture_output=True,
                text=True, check=False).stdout:
            if recorder.poll() is not None:
                raise SystemExit(f"thaw attach ended with {recorder.returncode}")
            time.sleep(0.02)

    def close(self):
        self.process.terminate()
        self.process.wait()


def variants():
    """Name -> options of `thaw attach`, None: not attached."""
    return {"not attached": None, "control": None, "imports only": ["--observe", "imports"],
            "everything": []}
