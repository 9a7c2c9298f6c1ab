"""What `thaw audit` sees of a machine: starts, servers and their requests, platform workers, and
what it leaves out (src/capture/observation.h)."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import elevate
import importtime
import observed

TIMEOUT_SECONDS = 120
PYTHON = "/usr/bin/python3.11"
SECONDS = 20
TRACE_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

# A master that forks workers which accept, as gunicorn's do; each says who it is.
PREFORK = """
import os, socket, sys
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listening.bind(("127.0.0.1", int(sys.argv[1])))
listening.listen(8)
for _ in range(2):
    if os.fork():
        continue
    import json, html
    while True:
        asking, _ = listening.accept()
        with asking:
            while asking.recv(65536):
                body = b"%d" % os.getpid()
                asking.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
                               + body)
sys.stdin.read()
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def connected(port):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            asking.connect()
            return asking
        time.sleep(0.02)  # looks again: there is no event to wait for
    raise TimeoutError(f"nobody listens on {port}")


def ask(asking, **headers):
    asking.request("GET", "/", headers=headers)
    return asking.getresponse().read()


class Observing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.observation = observed.Observation(cls.scratch.name, observed.built(cls.scratch.name))
        cls.addClassCleanup(cls.observation.close)

    @staticmethod
    def kill_session(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)

    def start(self, *words):
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(process.communicate)
        self.addCleanup(self.kill_session, process.pid)
        return process

    def kinds(self, *processes):
        return [event.kind for event in self.observation.events(*processes)]

    def test_a_start_has_the_imports_that_python_reports(self):
        process = self.start(PYTHON, "-X", "importtime", "-c", "import json, asyncio, http.server")
        text = process.communicate(timeout=SECONDS)[1]
        events = self.observation.until(lambda event: event.kind == "process.exit", process.pid)
        (interpreter,) = [event for event in events if event.kind == "interpreter"]
        self.assertEqual(interpreter.coverage, "from start", interpreter)
        self.assertEqual([event.kind for event in events[:3]],
                         ["process.fork", "process.exec", "interpreter"])
        report = self.observation.report
        (row,) = [row["id"] for row in report["processes"] if row["pid"] == process.pid]
        comparison = importtime.compare_report(report, text, row)
        self.assertGreater(comparison.expected, 100)
        self.assertTrue(comparison, str(comparison))

    def test_strangers_are_not_followed(self):
        shell = self.start("/bin/sh", "-c", f"{PYTHON} -c 'import os; os.fork()'; exec /bin/true")
        shell.communicate(timeout=SECONDS)
        told = [event for event in self.observation.events() if event.pid == shell.pid]
        self.assertLessEqual({event.kind for event in told}, {"process.exec", "process.fork", "process.exit"})

    def test_a_prefork_server(self):
        port = free_port()
        master = self.start(PYTHON, "-c", PREFORK, str(port))
        asking = connected(port)
        worker = int(ask(asking, Traceparent=TRACE_PARENT, Cookie="secret"))
        events = self.observation.until(
            lambda event: event.kind == "first.bytes" and event.outgoing, worker)
        (listen,) = [event for event in self.observation.events(master.pid)
                     if event.kind == "listen"]
        self.assertEqual(listen.port, port)
        (accept,) = [event for event in events if event.kind == "accept"]
        first, reply = [event for event in events if event.kind == "first.bytes"]
        self.assertEqual((first.trace_parent, first.connection, first.port),
                         (TRACE_PARENT, accept.connection, port))
        self.assertEqual((reply.outgoing, reply.trace_parent), (1, None))
        self.assertIn("import.begin", [event.kind for event in events])
        for _ in range(9):
            ask(asking)
        counted = self.observation.requests(worker)
        self.assertEqual((counted["requests"], counted["in_flight"]), (10, 0), counted)
        self.assertGreater(counted["busy_ns"], 0)
        self.assert_counted_when_started(worker, asking)

    def assert_counted_when_started(self, worker, asking):
        self.observation.tell(f"started {worker}")
        before = len(self.kinds(worker))
        ask(asking)
        self.assertEqual(self.observation.requests(worker)["requests"], 11)
        self.assertEqual(len(self.kinds(worker)), before)
        asking.close()

    def test_one_that_is_forgotten_comes_back_when_it_executes(self):
        program = f"import sys, os; sys.stdin.readline(); import html, http.server; " \
                  f"os.execv('{PYTHON}', ['python3', '-c', 'import json'])"
        process = self.start(PYTHON, "-c", program)
        self.observation.until(lambda event: event.kind == "import.end", process.pid)
        self.observation.tell(f"forget {process.pid}")
        before = len(self.observation.events(process.pid))
        process.communicate("\n", timeout=SECONDS)
        after = self.observation.until(lambda event: event.kind == "process.exit",
                                       process.pid)[before:]
        self.assertEqual(after[0].kind, "process.exec", after[:2])
        self.assertNotIn("http.server", [event.name for event in after])
        self.assertIn("json", [event.name for event in after])

    def test_a_new_interpreter_is_attached_to_and_said_to_be_late(self):
        copy = Path(self.scratch.name) / "python3.11"
        copy.write_bytes(Path(PYTHON).read_bytes())
        copy.chmod(0o755)
        for expected in ("late", "from start"):
            process = self.start(copy, "-c", "import json")
            process.communicate(timeout=SECONDS)
            events = self.observation.until(lambda event: event.kind == "process.exit",
                                            process.pid)
            (interpreter,) = [event for event in events if event.kind == "interpreter"]
            self.assertEqual(interpreter.coverage, expected)
        self.assertIn("json", [event.name for event in events])

    def overlay(self, name, *lower):
        """A read-only overlay of these folders, as each container of an image has one."""
        target = Path(self.scratch.name) / name
        target.mkdir()
        root = elevate.prefix_or_skip()
        mounted = subprocess.run([*root, "mount", "-t", "overlay", "overlay", "-o",
                                  f"ro,lowerdir={':'.join(map(str, lower))}", target],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode:
            raise unittest.SkipTest(f"no overlay file systems here: {mounted.stderr}")
        self.addCleanup(subprocess.run, [*root, "umount", "-l", target], check=True)
        return target

    def test_containers_of_one_image_share_its_interpreter(self):
        image, empty = Path(self.scratch.name) / "image", Path(self.scratch.name) / "empty"
        image.mkdir()
        empty.mkdir()
        shutil.copy(PYTHON, image)
        for name, expected in (("first", "late"), ("second", "from start")):
            container = self.overlay(name, image, empty)
            process = self.start(container / "python3.11", "-c", "import json, html")
            process.communicate(timeout=SECONDS)
            events = self.observation.until(lambda event: event.kind == "process.exit",
                                            process.pid)
            (interpreter,) = [event for event in events if event.kind == "interpreter"]
            self.assertEqual(interpreter.coverage, expected)
        names = [event.name for event in events if event.kind == "import.begin"]
        self.assertEqual(names.count("html"), 1, "its probes are hit twice")

    def test_a_split_sees_more_while_it_lasts(self):
        def files():
            process = self.start(PYTHON, "-c", "import html.parser")
            process.communicate(timeout=SECONDS)
            events = self.observation.until(lambda event: event.kind == "process.exit",
                                            process.pid)
            return [event.kind for event in events]

        self.assertNotIn("file.open", files())
        self.observation.tell("split 1")
        self.assertIn("file.open", files())
        self.observation.tell("split 0")
        self.assertNotIn("file.open", files())

    def test_what_it_costs_and_loses_is_told(self):
        state = self.observation.state()
        self.assertGreater(state["events"], 0)
        self.assertGreater(state["bpf_ns"], 0)
        self.assertEqual(state["loss"]["ring-buffer-full"], 0)
        self.assertEqual(state["loss"]["malformed"], 0)
        self.assertEqual((state["requests_counted"], state["missing"]), (1, []))


if __name__ == "__main__":
    unittest.main()
