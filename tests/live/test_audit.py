"""`thaw audit` as a daemon: what it sees of starts, reloads, its end, a second one, a full disk, and that
no secret comes out of it."""

import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import audit_store
import elevate
import otlp_sink
from audit_daemon import Daemon, Refused, free_port
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 120
PYTHON = "/usr/bin/python3.11"
SECONDS = 30
DEMO = BUILD / "demo"
HOST = Path(__file__).parents[1] / "azure/host/test_host.py"
OK, USAGE, FAILED = 0, 2, 125
FOUR = 1 << 39 | 1 << 38 | 1 << 19 | 1 << 2  # CAP_BPF, PERFMON, SYS_PTRACE, DAC_READ_SEARCH

SERVER = """
import http.server, os, sys
import {module}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = {module}.ANSWER.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""

CLIENT = """
import sys, urllib.request
url, body, header = sys.argv[1:]
request = urllib.request.Request(url, data=body.encode(), headers={"Authorization": header})
print(end=urllib.request.urlopen(request, timeout=10).read().decode())
"""


def until(check, what):
    """Looks until check() is true, as there is no event to wait for."""
    deadline = time.monotonic() + SECONDS
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"never: {what}")
        time.sleep(0.05)


def python(code="import json"):
    """The process that a start was, among those of whatever else runs on this machine."""
    with subprocess.Popen([PYTHON, "-I", "-c", code], stdin=subprocess.DEVNULL) as process:
        if process.wait(SECONDS):
            raise AssertionError(f"{code}: {process.returncode}")
    return process.pid


class Audit(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def daemon(self, *options, **more):
        try:
            daemon = Daemon(self.folder, *options, **more)
        except Refused as refused:
            if "eBPF" in str(refused):
                self.skipTest(f"eBPF is refused here: {refused}")
            raise
        self.addCleanup(daemon.process.wait)
        self.addCleanup(daemon.process.terminate)
        return daemon

    def config(self, audit):
        path = self.folder / "thaw.json"
        path.write_text(json.dumps({"audit": audit}) if isinstance(audit, dict) else audit)
        return path

    def starts(self, store, *processes):
        return [start for start in audit_store.starts(store) if start["process"] in processes]

    def kept(self, store, *processes):
        until(lambda: len(self.starts(store, *processes)) >= len(processes), "starts are kept")


class Running(Audit):
    def test_a_start_is_kept_and_counted(self):
        daemon = self.daemon("--all-python")
        self.assert_rights(daemon.pid)
        process = python("import json, decimal")
        self.kept(daemon.store, process)
        page = daemon.page().decode()
        self.assertIn("thaw_cold_starts_total{", page)
        self.assertIn('thaw_events_lost_total{cause="ring-buffer-full"} 0', page)
        self.assertEqual(daemon.metric("thaw_system_calls_refused_total"), 0, daemon.said())
        self.assertEqual(daemon.page("/healthz"), b"ok\n")
        second = subprocess.run([*elevate.prefix(), THAW, "audit", "--store", daemon.store],
                                capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(second.returncode, FAILED)
        self.assertEqual(second.stderr.count("\n"), 1, second.stderr)
        self.assertIn(str(daemon.store), second.stderr)
        self.assertEqual(daemon.stop(), OK)
        starts = self.starts(daemon.store, process)
        self.assertEqual([(start["complete"], start["program"]) for start in starts],
                         [(1, os.path.realpath(PYTHON))])
        self.assertEqual(audit_store.integrity(daemon.store), [])

    def test_what_servers_are_asked_that_were_there_before_is_counted(self):
        port = free_port()
        with subprocess.Popen([PYTHON, "-I", "-m", "http.server", "--bind", "127.0.0.1", str(port)],
                              cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as server:
            self.addCleanup(server.kill)
            url = f"http://127.0.0.1:{port}/"
            until(lambda: not subprocess.run(["curl", "-s", "-o", "/dev/null", url],
                                             check=False).returncode, "the server answers")
            daemon = self.daemon()
            if not daemon.metric("thaw_requests_counted"):
                return  # before Linux 6.3: test_executions.c and doctor tell
            for _ in range(3):
                subprocess.run(["curl", "-s", "-o", "/dev/null", url], check=True)
            time.sleep(1.5)  # a look each second
            self.assertEqual(daemon.stop(), OK)
            server.kill()
        rows = audit_store.ask(daemon.store, "SELECT sum(requests) AS requests, sum(cold) AS cold"
                               " FROM arrivals JOIN word ON word.id = app_word"
                               f" WHERE text LIKE '%{self.folder.name}'")
        self.assertEqual(rows, [{"requests": 3, "cold": 0}])

    def assert_rights(self, process):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        for right in ("CapEff", "CapPrm"):
            self.assertEqual(int(status[right], 16), FOUR)
        for right in ("CapInh", "CapAmb", "CapBnd"):
            self.assertEqual(int(status[right], 16), 0)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

    def test_what_is_under_way_is_given_up_at_the_end(self):
        daemon = self.daemon("--all-python")
        waiting = subprocess.Popen([PYTHON, "-I", "-c", "input()"], stdin=subprocess.PIPE)
        try:
            python()  # told later than that one's begin
            until(lambda: daemon.metric("thaw_starts_open") >= 1, "a start is under way")
            self.assertEqual(daemon.stop(), OK)
        finally:
            waiting.kill()
            waiting.communicate()
        start, = self.starts(daemon.store, waiting.pid)
        self.assertEqual((start["complete"], start["incomplete"]), (0, "thaw ended"))

    def test_a_bad_configuration_leaves_what_was(self):
        config = self.config({"node": "one"})
        daemon = self.daemon("--all-python", "--config", config)
        config.write_text('{"audit": {"node": "two", "store": "/elsewhere"}}')
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: daemon.metric("thaw_config_reloads_total") == 1, "a reload")
        until(lambda: daemon.heard(b"RELOADING=1"), "it says that it reads")
        until(lambda: daemon.heard(b"READY=1"), "it says that it has read")
        config.write_text('{"audit": {"nodes": "three"}}')
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: daemon.metric("thaw_config_reload_failures_total") == 1, "a refusal")
        self.assertIn("the configuration was read again", daemon.said())
        self.assertIn(f"{config}:1:12: unknown key 'nodes'", daemon.said())
        self.kept(daemon.store, python())

    def test_a_full_disk_loses_nothing_that_has_room(self):
        mounted = self.folder / "small"
        mounted.mkdir()
        script = f'mount -t tmpfs -o size=2m tmpfs {mounted} && exec "$@"'
        daemon = self.daemon("--all-python", store=mounted / "audit.db",
                             before=("unshare", "--mount", "sh", "-c", script, "sh"))
        inside = Path(f"/proc/{daemon.pid}/root{mounted}")
        store = audit_store.Inside(daemon.pid, daemon.store)
        self.addCleanup(store.close)
        processes = [python()]
        self.kept(store, *processes)
        with open(inside / "full", "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
        processes += [python() for _ in range(3)]
        until(lambda: daemon.metric("thaw_store_failing") == 1, "the store fails")
        (inside / "full").unlink()
        self.kept(store, *processes)
        until(lambda: daemon.metric("thaw_store_failing") == 0, "the store fails no more")
        self.assertEqual(daemon.metric("thaw_store_dropped_total"), 0)
        self.assertIn("the store takes starts again", daemon.said())


class Worker(Audit):
    def test_a_functions_worker_is_kept_with_its_phases(self):
        if not (DEMO / "wwwroot/function_app.py").exists():
            self.skipTest(f"there is no {DEMO}: make demo-files")
        daemon = self.daemon()
        host = subprocess.run([DEMO / "venv/bin/python", HOST, "--once"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(host.returncode, 0, host.stderr)
        counted = re.compile(r'^thaw_cold_starts_total\{app="([^"]*wwwroot)",'
                             r'platform="azure_functions",answered="true"\} 1$', re.MULTILINE)
        until(lambda: counted.search(daemon.page().decode()), "the start is counted")
        page = daemon.page().decode()
        app = counted.search(page)[1]
        phases = set(re.findall(r'^thaw_cold_start_phase_duration_seconds_count'
                                rf'\{{app="{app}",phase="([^"]*)"\}} 1$', page, re.MULTILINE))
        self.assertLessEqual({"worker", "import", "ready", "first-invocation"}, phases)


class Secrets(Audit):
    """Each is looked for as it is, in base64 at each of its alignments, and in hexadecimal."""

    secrets = {name: f"{name}-s3cr3t-9f27" for name in
               ("argument", "environment", "body", "header", "answer", "payload", "folder", "script",
                "collector", "path")}

    def forms(self, secret):
        text = secret.encode()
        yield text
        yield text.hex().encode()
        yield text.hex().upper().encode()
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + text)
            yield coded[4 if shift else 0:len(coded) - 4]

    def start_server(self):
        app = self.folder / self.secrets["folder"]
        app.mkdir()
        module = "planted_s3cr3t_module"
        (app / f"{module}.py").write_text(
            f'ANSWER = "{self.secrets["answer"]}"\nPAYLOAD = "{self.secrets["payload"]}"\n')
        port = free_port()
        script = app / f"{self.secrets['script']}.py"
        script.write_text(SERVER.format(module=module, port=port))
        server = subprocess.Popen([PYTHON, script, f"--password={self.secrets['argument']}"], cwd=app,
                                  stdin=subprocess.DEVNULL,
                                  env={"PASSWORD": self.secrets["environment"]})
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        return server.pid, port

    def ask(self, port):
        """By a process of its own: what started a server is not taken for somebody who asks it."""
        words = [f"http://127.0.0.1:{port}/{self.secrets['path']}", self.secrets["body"],
                 self.secrets["header"]]

        def answered():
            asking = subprocess.run([PYTHON, "-I", "-c", CLIENT, *words], stdin=subprocess.DEVNULL,
                                    capture_output=True, text=True, timeout=SECONDS, check=False)
            return asking.stdout == self.secrets["answer"]

        until(answered, "the server answers")

    def outputs(self, daemon, sink, page):
        """name -> bytes of all that came out of it; what it was given is left out."""
        for file in self.folder.glob("audit.*"):
            if file.suffix != ".key":
                yield file.name, file.read_bytes()
        yield "page", page
        for one in sink.requests():
            yield "request", json.dumps({**one, "headers": None}).encode()
        yield "top", run_thaw("audit", "--top", "--json", "--store", daemon.store).stdout.encode()

    def test_are_found_nowhere(self):
        headers = self.folder / "headers"
        headers.write_text(f"x-key: {self.secrets['collector']}\n")
        headers.chmod(0o600)
        with otlp_sink.running(self.folder) as sink:
            config = self.config({"redact": ["paths", "names", "modules"], "imports_from": "0ms",
                                  "deliver": {"url": sink.url, "headers_file": str(headers),
                                              "metrics_every": "1s"}})
            daemon = self.daemon("--config", config)
            process, port = self.start_server()
            self.ask(port)
            self.kept(daemon.store, process)
            until(lambda: sink.starts() and sink.points(), "the start is delivered")
            page = daemon.page()
            self.assertEqual(daemon.stop(), OK)
            self.assertEqual([one["headers"]["x-key"] for one in sink.requests()][:1],
                             [self.secrets["collector"]])
            self.assertEqual(sink.errors(), [])
            outputs = list(self.outputs(daemon, sink, page))
        key = (self.folder / "audit.db.key").read_bytes()
        self.assertEqual((self.folder / "audit.db.key").stat().st_mode & 0o777, 0o600)
        for name, secret in {**self.secrets, "module": "planted_s3cr3t"}.items():
            for form in self.forms(secret):
                for output, data in outputs:
                    self.assertNotIn(form, data, f"{name} in {output}")
        for output, data in outputs:
            self.assertNotIn(key, data, output)
            self.assertNotIn(key.hex().encode(), data, output)


class Options(unittest.TestCase):
    """What needs no rights."""

    def test_what_does_not_go_together_is_said(self):
        for words, wanted in (
                ((), "--store FILE, --listen ADDRESS"),
                (("--otlp", "http://a:1"), "--otlp needs --store FILE"),
                (("--store", "s", "--otlp", "http://u:p@a"), "without user and password"),
                (("--store", "s", "--split", "10s"), "--split takes two durations"),
                (("--store", "s", "--split", "1min/2min"), "a tenth of the time"),
                (("--store", "s", "--redact", "paths,arguments"), "--redact takes"),
                (("--store", "s", "--platform", "heroku"), "there is no platform 'heroku'"),
                (("--store", "s", "--since", "7d"), "--top"),
                (("--config", "/nonexistent"), "/nonexistent")):
            with self.subTest(words=words):
                result = run_thaw("audit", *words, "--check-config")
                self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(wanted, result.stderr)

    def test_a_configuration_is_checked_and_nothing_made(self):
        with tempfile.TemporaryDirectory() as folder:
            config, store = Path(folder, "thaw.json"), Path(folder, "store")
            config.write_text(json.dumps({"audit": {"store": str(store), "redact": ["names"]}}))
            result = run_thaw("audit", "--config", config, "--check-config")
            self.assertEqual((result.returncode, result.stderr), (OK, ""))
            self.assertEqual(os.listdir(folder), ["thaw.json"])

    def test_files_with_secrets_that_everybody_may_read_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            headers = Path(folder, "headers")
            headers.write_text("Authorization: s3cr3t\n")
            headers.chmod(0o644)
            config = Path(folder, "thaw.json")
            config.write_text(json.dumps({"audit": {"deliver": {
                "url": "http://a:1", "headers_file": str(headers)}}}))
            words = ("audit", "--store", f"{folder}/s", "--config", config, "--check-config")
            result = run_thaw(*words)
            self.assertEqual(result.returncode, USAGE)
            self.assertIn("chmod o-rw", result.stderr)
            headers.chmod(0o600)
            self.assertEqual(run_thaw(*words).returncode, OK)
            headers.write_text("s3cr3t\n")
            result = run_thaw(*words)
            self.assertEqual((result.returncode, result.stderr.count("s3cr3t")), (USAGE, 0))
            self.assertIn(f"{headers}:1: ", result.stderr)


if __name__ == "__main__":
    unittest.main()
