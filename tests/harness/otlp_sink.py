"""A stand-in for an OpenTelemetry Collector on loopback, as none can be had here: it takes OTLP/HTTP
in JSON, reads it by the protocol's own messages (otlp_read) and writes a line of JSON for each
request.

    with otlp_sink.running(folder) as sink:
        ... sink.url ... sink.spans() ... sink.points() ...

Run by itself it is the server: otlp_sink.py FILE [PORT], which prints its address. A line is {"path",
"bytes", "headers", "time_ns", "resources"}, or with "error" instead of resources: what was refused,
with 400.
"""

import contextlib
import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import otlp_read

MOST_BYTES = 64 << 20
KINDS = {"/v1/traces": "traces", "/v1/metrics": "metrics"}
SECONDS = 10


class Sink:
    """What the other process was sent so far."""

    def __init__(self, file, url, pid):
        self.file, self.url, self.pid = file, url, pid

    def requests(self):
        lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def errors(self):
        return [one["error"] for one in self.requests() if "error" in one]

    def spans(self):
        """Each with its resource's attributes as "resource"."""
        return self._all("/v1/traces", "spans")

    def points(self):
        """The same of metrics; the last request's are the latest."""
        return self._all("/v1/metrics", "points")

    def starts(self):
        return [span for span in self.spans() if span["name"] == "cold start"]

    def _all(self, path, key):
        return [{**item, "resource": resource["resource"]} for one in self.requests()
                if one["path"] == path for resource in one.get("resources", ())
                for item in resource[key]]


@contextlib.contextmanager
def running(folder, port=0):
    """A sink that lives in a process of its own; RuntimeError where its readers can't be had."""
    from locked_environments import trace_readers

    file = Path(folder, "otlp.jsonl")
    server = subprocess.Popen([trace_readers() / "bin/python", "-I", __file__, file, str(port)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        yield Sink(file, server.stdout.readline().strip(), server.pid)
    finally:
        server.terminate()
        try:
            server.wait(SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # head and body in one segment

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= MOST_BYTES:
            self.close_connection = True
            return self.answer(413, {})
        body = self.rfile.read(length)
        line = {"path": self.path, "bytes": length, "time_ns": time.time_ns(),
                "headers": {key.lower(): value for key, value in self.headers.items()}}
        try:
            if self.headers.get("Content-Type") != "application/json":
                raise ValueError(f"Content-Type {self.headers.get('Content-Type')}")
            line["resources"] = getattr(otlp_read, KINDS[self.path])(body.decode("utf-8"))
        except Exception as error:  # whatever the readers refuse a body with
            line["error"] = f"{type(error).__name__}: {error}"
        self.server.note(line)
        return self.answer(400 if "error" in line else 200, {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, file, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.file = file

    def note(self, line):
        """One write each, so that lines of several connections don't mix."""
        self.file.write((json.dumps(line) + "\n").encode())


def main(file, port="0"):
    with open(file, "ab", buffering=0) as stream, Server(stream, int(port)) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
