"""Servers that belong to no platform, by what they say themselves (tests/live/servers/truth.py) and
by the clock of the one that asks them: real gunicorn, uvicorn, http.server, pytest, and a launcher.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import elevate
import locked_environments
import report_rules
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
SERVERS = Path(__file__).parent / "servers"
PYTHON = "/usr/bin/python3.11"
ASK_SECONDS = 50
LOOK_SECONDS = 0.02


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Client(threading.Thread):
    """Asks once, as soon as somebody listens. Before that (probe) it connects and says nothing."""

    def __init__(self, port, probe=False, connect=socket.create_connection):
        super().__init__()
        self.port, self.probe, self.connect = port, probe, connect
        self.connected_ns = self.answered_ns = None  # before the connect, after the first byte
        self.answer = b""

    def connection(self):
        deadline = time.monotonic() + ASK_SECONDS
        while time.monotonic() < deadline:
            self.connected_ns = now_ns()
            with contextlib.suppress(ConnectionRefusedError):
                return self.connect(("127.0.0.1", self.port), 30)
            time.sleep(LOOK_SECONDS)  # looks again: there is no event to wait for
        raise TimeoutError(f"nobody listens on {self.port}")

    def run(self):
        if self.probe:
            self.connection().close()
        with self.connection() as asking:
            asking.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
            self.answer = asking.recv(1)
            self.answered_ns = now_ns()
            while True:
                more = asking.recv(65536)
                if not more:
                    break
                self.answer += more

    @property
    def body(self):
        return self.answer.partition(b"\r\n\r\n")[2].split()


class Servers(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.truth_file = self.scratch / "truth"
        self.truth_file.touch()

    def record(self, *command, client=None, options=()):
        """The report of the command, which the client asks meanwhile."""
        environment = {"PATH": os.environ["PATH"], "TRUTH": str(self.truth_file),
                       "PYTHONPATH": str(SERVERS), "PYTHONDONTWRITEBYTECODE": "1"}
        if client:
            client.start()
        recorded = record_with_ebpf(self.scratch / "recording.thaw", *options, command=command,
                                    env=environment, cwd=SERVERS)
        if client:
            client.join()
        report = recorded.report
        self.assertEqual(report_rules.problems(report), [])
        self.assertEqual(report["losses"], [], recorded.stderr)
        self.truth = [json.loads(line) for line in self.truth_file.read_text().splitlines()]
        return report

    def packages(self, name):
        return str(locked_environments.servers() / "bin" / name)

    def said(self, what, pid):
        """When the process said that."""
        times = [line["time_ns"] for line in self.truth
                 if line["what"] == what and line["pid"] == pid]
        self.assertEqual(len(times), 1, f"{what} of {pid}: {self.truth}")
        return times[0]

    def headline(self, report):
        return next(track for track in report["tracks"] if track["headline"])

    def process(self, report, track):
        return next(one for one in report["processes"] if one["id"] == track["process"])

    def own_phases(self, track):
        """Without the machine's boot, which lies before the track."""
        return [phase for phase in track["phases"] if phase["end_ns"] > track["start_ns"]]

    def phases(self, track):
        return [phase["name"] for phase in self.own_phases(track)]

    def phase(self, track, name):
        found = [phase for phase in self.own_phases(track) if phase["name"] == name]
        self.assertEqual(len(found), 1, self.phases(track))
        return found[0]

    def part(self, track, phase, name):
        return next(one for one in self.phase(track, phase)["children"]
                    if one["name"] == f"{phase}.{name}")

    def assert_order(self, *instants):
        """Instants of both clocks, which are one: each not before the one before it."""
        times = [instant for _, instant in instants]
        self.assertEqual(times, sorted(times), instants)

    def assert_answered(self, report, client, body=True):
        """The first reply ended the recording; it lies within what the client saw."""
        self.assertEqual(report["run"]["ended"], "first-reply")
        self.assertEqual(report["run"]["platform"], "generic")
        track = self.headline(report)
        self.assertTrue(track["answered"])
        process = self.process(report, track)
        self.assertEqual(process["role"], "worker")
        self.assertIn(f"accepts on {client.port}", process["signs"])
        call = self.own_phases(track)[self.phases(track).index("first-invocation")]
        receive = call["children"][0]
        self.assertEqual(receive["name"], "first-invocation.receive")
        instants = [("client connects", client.connected_ns), ("accept", call["start_ns"]),
                    ("received", receive["end_ns"]), ("sent", track["end_ns"]),
                    ("client has it", client.answered_ns)]
        if body:
            self.assertEqual(int(client.body[0]), process["pid"])
            instants.insert(3, ("request", self.said("request", process["pid"])))
        self.assert_order(*instants)
        self.assertFalse(self.phase(track, "pool")["counted"])
        self.assertEqual(track["unattributed_ns"], 0)
        return track, process["pid"]

    def host(self, report, track):
        """The track's host process."""
        process = self.process(report, track)
        host = next(one for one in report["processes"] if one["id"] == process["parent"])
        self.assertEqual((host["role"], host["platform"]), ("host", "generic"))
        return host

    def gunicorn(self, *options):
        client = Client(free_port())
        report = self.record(self.packages("gunicorn"), "-w", "3", "-b", f"127.0.0.1:{client.port}",
                             "-c", str(SERVERS / "gunicorn_hooks.py"), *options,
                             "truthful_app:wsgi", client=client)
        track, pid = self.assert_answered(report, client)
        host = self.host(report, track)
        self.assertIn("gunicorn in argv", host["signs"])
        self.assertIn(f"listens on {client.port}", host["signs"])
        spawn = self.part(track, "host", "spawn")
        self.assert_order(("exec", track["start_ns"]), ("listen", spawn["start_ns"]),
                          ("when_ready", self.said("listening", host["pid"])),
                          ("fork", self.phase(track, "worker")["start_ns"]),
                          ("post_fork", self.said("forked", pid)))
        self.assert_order(("ready", self.said("ready", pid)),
                          ("waits", self.phase(track, "pool")["start_ns"]))
        return track, host, pid

    def test_gunicorn_forks_and_imports(self):
        track, _, pid = self.gunicorn()
        imported = self.phase(track, "import")
        self.assertEqual(imported["evidence"][0], "execute truthful_app")
        self.assert_order(("post_fork", self.said("forked", pid)), ("begin", imported["start_ns"]),
                          ("app begins", self.said("import-begin", pid)),
                          ("app ends", self.said("import-end", pid)), ("end", imported["end_ns"]),
                          ("post_worker_init", self.said("ready", pid)))

    def test_gunicorn_preloads(self):
        track, host, _ = self.gunicorn("--preload")
        self.assertEqual(self.phases(track)[-3:], ["worker", "pool", "first-invocation"])
        # Its configuration is a file of the user's, too, and is executed before the app.
        imported = [part for part in self.phase(track, "host")["children"]
                    if "execute truthful_app" in part["evidence"][0]]
        self.assertEqual([part["name"] for part in imported], ["host.import"])
        self.assertEqual(imported[0]["evidence"][0], "execute truthful_app, before the fork")
        self.assert_order(("begin", imported[0]["start_ns"]),
                          ("app begins", self.said("import-begin", host["pid"])),
                          ("app ends", self.said("import-end", host["pid"])),
                          ("end", imported[0]["end_ns"]),
                          ("when_ready", self.said("listening", host["pid"])))

    def test_uvicorn_after_a_probe(self):
        client = Client(free_port(), probe=True)
        report = self.record(self.packages("uvicorn"), "--port", str(client.port),
                             "truthful_app:asgi", client=client)
        track, pid = self.assert_answered(report, client)
        self.assertEqual(self.phases(track),
                         ["worker", "import", "ready", "pool", "first-invocation"])
        self.assertEqual([one["name"] for one in self.phase(track, "worker")["children"]],
                         ["worker.interpreter", "worker.imports"])
        imported = self.phase(track, "import")
        self.assert_order(("begin", imported["start_ns"]),
                          ("app begins", self.said("import-begin", pid)),
                          ("app ends", self.said("import-end", pid)), ("end", imported["end_ns"]),
                          ("startup", self.said("startup", pid)),
                          ("listens", self.part(track, "ready", "listen")["end_ns"]),
                          ("waits", self.phase(track, "pool")["start_ns"]))

    def test_uvicorn_starts_workers(self):
        client = Client(free_port())
        report = self.record(self.packages("uvicorn"), "--workers", "2", "--port",
                             str(client.port), "truthful_app:asgi", client=client)
        track, pid = self.assert_answered(report, client)
        self.assertEqual(self.host(report, track)["parent"], None)
        imported = self.phase(track, "import")
        self.assertIn("worker.interpreter",
                      [one["name"] for one in self.phase(track, "worker")["children"]])
        self.assert_order(("spawned", self.phase(track, "worker")["start_ns"]),
                          ("begin", imported["start_ns"]),
                          ("app begins", self.said("import-begin", pid)),
                          ("app ends", self.said("import-end", pid)), ("end", imported["end_ns"]))

    def test_a_module_of_pythons_own(self):
        client = Client(free_port())
        report = self.record(PYTHON, "-m", "http.server", str(client.port), "--bind", "127.0.0.1",
                             client=client)
        track, _ = self.assert_answered(report, client, body=False)
        self.assertTrue(client.answer.startswith(b"HTTP/1.0 200"))
        self.assertEqual(self.phases(track), ["worker", "pool", "first-invocation"])
        self.assertEqual(self.process(report, track)["signs"],
                         ["http.server in argv", f"listens on {client.port}",
                          f"accepts on {client.port}"])

    def test_a_launcher_of_ones_own(self):
        client = Client(free_port())
        report = self.record(PYTHON, str(SERVERS / "launcher.py"), str(client.port), client=client)
        track, pid = self.assert_answered(report, client)
        host = self.host(report, track)
        self.assert_order(("listen", self.part(track, "host", "spawn")["start_ns"]),
                          ("listens", self.said("listening", host["pid"])),
                          ("fork", self.phase(track, "worker")["start_ns"]),
                          ("forked", self.said("forked", pid)))
        # The app comes with the first request: it is cut out of that.
        self.assertEqual(self.phases(track)[-3:],
                         ["first-invocation", "import", "first-invocation"])
        late = self.phase(track, "import")
        self.assertEqual(late["evidence"][0], "execute truthful_app")
        self.assert_order(("received", self.own_phases(track)[-3]["children"][0]["end_ns"]),
                          ("begin", late["start_ns"]),
                          ("app begins", self.said("import-begin", pid)),
                          ("app ends", self.said("import-end", pid)), ("end", late["end_ns"]),
                          ("request", self.said("request", pid)))

    def test_pytest_with_a_server_of_its_own(self):
        report = self.record(self.packages("pytest"), "-q", "-p", "no:cacheprovider",
                             str(SERVERS / "own_client.py"))
        self.assertEqual((report["run"]["ended"], report["run"]["exit_status"]), ("exit", 0))
        self.assertEqual(report["run"]["platform"], None)
        track = self.headline(report)
        self.assertFalse(track["answered"])
        pid = self.process(report, track)["pid"]
        collected = self.phase(track, "import")
        self.assert_order(("begin", collected["start_ns"]),
                          ("module begins", self.said("import-begin", pid)),
                          ("module ends", self.said("import-end", pid)), ("end", collected["end_ns"]))
        self.assertIn("own_client", {module["name"] for module in report["modules"]})

    def test_a_client_in_the_same_tree(self):
        """Asks its sibling: that counts, but it is nobody for whom the recording was made."""
        port = free_port()
        ask = (f"import time, urllib.request\n"
               f"while True:\n"
               f"    try: print(urllib.request.urlopen('http://127.0.0.1:{port}/').status); break\n"
               f"    except OSError: time.sleep({LOOK_SECONDS})")
        script = (f"{PYTHON} -m http.server {port} --bind 127.0.0.1 & server=$!; "
                  f"{PYTHON} -c \"{ask}\"; kill $server; wait")
        report = self.record("sh", "-c", script)
        self.assertEqual(report["run"]["ended"], "exit")
        track = self.headline(report)
        self.assertTrue(track["answered"])
        self.assertEqual(self.phases(track), ["worker", "pool", "first-invocation"])

    def test_an_encrypted_reply_is_not_told(self):
        import ssl
        if not shutil.which("openssl"):
            self.skipTest("openssl, which makes a certificate, is not installed")
        certificate = self.scratch / "certificate"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                               "/CN=localhost", "-keyout", "-", "-out", "-"],
                              stdin=subprocess.DEVNULL, capture_output=True, check=True)
        certificate.write_bytes(made.stdout)
        context = ssl.create_default_context(cafile=certificate)
        context.check_hostname = False
        client = Client(free_port(), connect=lambda *words: context.wrap_socket(
            socket.create_connection(*words)))
        report = self.record(PYTHON, str(SERVERS / "encrypted.py"), str(client.port),
                             str(certificate), client=client)
        self.assertTrue(client.answer.startswith(b"HTTP/1.0 200"))
        self.assertEqual(report["run"]["ended"], "exit")
        track = self.headline(report)
        self.assertFalse(track["answered"])
        self.assertIn("the first reply", [item["what"] for item in report["not_visible"]])
        self.assertLess(client.connected_ns, track["end_ns"])
        self.assertLess(track["end_ns"], client.answered_ns)


if __name__ == "__main__":
    unittest.main()
