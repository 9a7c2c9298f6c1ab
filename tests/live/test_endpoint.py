"""The page of metrics over HTTP: by what readers it is understood (prometheus_client, promtool), and
who can't keep it from answering others: those who talk slowly, nonsense, too much or never."""

import contextlib
import http.client
import json
import os
import random
import re
import socket
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import fleet_engines
import live_program
import locked_environments
from program import REPOSITORY

OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
PLACES, PLACES_EACH, PATIENCE_SECONDS = 64, 16, 5  # src/export/endpoint.c
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: thaw\r\n\r\n"
HELLO = b"GET /healthz HTTP/1.0\r\n\r\n"


class EndpointCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = live_program.built(cls.folder, "serve_metrics.c")

    def serve(self, address="127.0.0.1:0"):
        served = fleet_engines.Served(self.program, address)
        self.addCleanup(served.end)
        self.assertTrue(served.address, "it does not listen")
        return served

    def ends_well(self, served):
        status, output, errors = served.end()
        self.assertEqual((status, errors), (0, ""))
        return int(re.match(r"(\d+) requests", output)[1])

    def refused(self, address):
        result = subprocess.run([self.program, address], stdin=subprocess.DEVNULL, text=True,
                                capture_output=True, timeout=10, check=False)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1)
        return result.stderr


def connected(address, source="127.0.0.1"):
    """A socket to "127.0.0.1:port", from another address of the loopback where one is given."""
    host, _, port = address.rpartition(":")
    return socket.create_connection((host or "127.0.0.1", int(port)), timeout=10,
                                    source_address=(source, 0))


def asked(address, bytes_sent, source="127.0.0.1"):
    """All that is answered, until the connection is closed; b"" where it was just closed."""
    with connected(address, source) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(bytes_sent)
        return received(connection)
    return b""


def received(connection):
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            answer += piece
    return answer


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


class Page(EndpointCase):
    def get(self, served, path="/metrics", method="GET", accept=None):
        host, _, port = served.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.request(method, path, headers={"Accept": accept} if accept else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def test_prometheus_client_reads_it(self):
        status, headers, text = self.get(self.serve(), accept="application/openmetrics-text")
        self.assertEqual((status, headers["Content-Type"]), (200, OPEN_METRICS))
        page = self.folder / "page"
        page.write_text(text, encoding="utf-8")
        python = locked_environments.trace_readers() / "bin/python"
        result = subprocess.run([python, "-I", REPOSITORY / "tests/live/traces/read.py",
                                 "openmetrics", page], capture_output=True, check=True, timeout=60)
        families = json.loads(result.stdout)[str(page)]
        self.assertEqual({name: (one["type"], one["unit"]) for name, one in families.items()},
                         {"thaw_scrapes": ("counter", ""), "thaw_build": ("info", ""),
                          "thaw_cold_start_seconds": ("histogram", "seconds"),
                          "thaw_name": ("gauge", "")})
        self.assertEqual([(labels["name"], value) for _, labels, value
                          in families["thaw_name"]["samples"]],
                         [("orders", 0), ("two\\x0alines", 1), ("quote\" and \\", 2),
                          ("\\xff\\xfe", 3), ("漢字", 4), ("\\x1b[31m", 5), ("", 6), ("a\\nb", 7)])
        buckets = {labels["le"]: value for name, labels, value
                   in families["thaw_cold_start_seconds"]["samples"] if name.endswith("_bucket")}
        self.assertEqual(buckets, {"0.25": 0, "0.5": 3, "1.0": 8, "2.0": 10, "4.0": 10, "+Inf": 11})

    def test_promtool_finds_no_fault(self):
        status, headers, text = self.get(self.serve(), accept="text/plain;version=0.0.4")
        self.assertEqual((status, headers["Content-Type"]), (200, PLAIN))
        result = fleet_engines.promtool("check", "metrics", stdin=text)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_paths_and_methods(self):
        served = self.serve()
        page = self.get(served)
        for path, method, status in (("/metrics?from=x", "GET", 200), ("/healthz", "GET", 200),
                                     ("/", "GET", 404), ("/metrics/", "GET", 404),
                                     ("/metrics/../healthz", "GET", 404), ("//metrics", "GET", 404),
                                     ("/%6detrics", "GET", 200), ("/METRICS", "GET", 404),
                                     ("/metrics", "POST", 405), ("/healthz", "DELETE", 405),
                                     ("/metrics", "TRACE", 405), ("/metrics", "OPTIONS", 405),
                                     ("/x", "PUT", 404)):
            with self.subTest(f"{method} {path}"):
                found, headers, text = self.get(served, path, method)
                self.assertEqual(found, status)
                self.assertEqual(headers.get("Allow"), "GET, HEAD" if status == 405 else None)
                self.assertEqual(set(headers) - {"Allow"},
                                 {"Date", "Connection", "Content-Type", "Content-Length"})
                self.assertNotRegex(text if status != 200 else "", r"(?i)microhttpd|\d\.\d|home|tmp")
        found, headers, text = self.get(served, method="HEAD")
        self.assertEqual((found, text), (200, ""))
        self.assertEqual(headers["Content-Length"], page[1]["Content-Length"])

    def test_health(self):
        served = self.serve()
        self.assertEqual(self.get(served, "/healthz")[::2], (200, "ok\n"))
        served.say("the store is full")
        fleet_engines.eventually(lambda: self.get(served, "/healthz")[0] == 503)
        self.assertEqual(self.get(served, "/healthz")[2], "the store is full\n")
        self.assertEqual(self.get(served)[0], 200)
        served.say("")
        fleet_engines.eventually(lambda: self.get(served, "/healthz")[0] == 200)

    def test_it_is_made_again(self):
        served = self.serve()
        self.get(served)
        fleet_engines.eventually(lambda: "thaw_scrapes_total{app=\"orders\"} 2" in self.get(served)[2])


class Addresses(EndpointCase):
    def test_forms(self):
        for address, shown in (("127.0.0.1:0", r"127\.0\.0\.1:\d+"), ("[::1]:0", r"\[::1\]:\d+"),
                               (":0", r":\d+")):
            with self.subTest(address):
                if address.startswith("[") and not Path("/proc/net/if_inet6").exists():
                    continue
                served = self.serve(address)
                self.assertRegex(served.address, f"^{shown}$")
                host = "::1" if address.startswith("[") else "127.0.0.1"
                with socket.create_connection((host, int(served.address.rpartition(":")[2])),
                                              timeout=10) as connection:
                    connection.sendall(HELLO)
                    self.assertTrue(received(connection).endswith(b"ok\n"))
                self.assertIn("Address already in use", self.refused(served.address))

    def test_bad_ones(self):
        for address in ("", "9479", "localhost:9479", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                        "127.0.0.1:-1", "127.0.0.1:http", "::1:9479", "[::1:9479", "[127.0.0.1:1",
                        "unix:relative", "unix:/" + "a" * 200, "256.0.0.1:80", "http://[::1]:1",
                        "a" * 300 + ":1"):
            with self.subTest(address):
                self.assertIn("can't listen at", self.refused(address))
        self.assertRegex(self.refused("192.0.2.1:1"), "192.0.2.1:1: Cannot assign requested address")

    def test_unix_socket(self):
        path = self.folder / "metrics"
        self.addCleanup(path.unlink, missing_ok=True)
        old = os.umask(0o077)
        try:
            served = self.serve(f"unix:{path}")
        finally:
            os.umask(old)
        self.assertEqual(served.address, f"unix:{path}")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o660)
        self.assertTrue(self.hello(path).endswith(b"ok\n"))
        self.assertIn("Address already in use", self.refused(f"unix:{path}"))
        self.assertTrue(self.hello(path).endswith(b"ok\n"))
        served.process.kill()  # leaves the file behind
        served.process.wait()
        self.assertTrue(path.exists())
        served = self.serve(f"unix:{path}")
        self.assertTrue(self.hello(path).endswith(b"ok\n"))
        self.ends_well(served)
        self.assertFalse(path.exists())
        path.write_text("mine")
        self.assertIn("File exists", self.refused(f"unix:{path}"))
        self.assertEqual(path.read_text(), "mine")
        self.assertIn("No such file", self.refused(f"unix:{self.folder}/no/metrics"))

    @staticmethod
    def hello(path):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(path))
            connection.sendall(HELLO)
            return received(connection)


class Hostile(EndpointCase):
    """Others come from addresses of their own: 127.0.0.2 and so on are this machine as well."""

    def well(self, served, source="127.0.0.250"):
        self.assertTrue(asked(served.address, REQUEST, source).startswith(b"HTTP/1.1 200 OK"))

    def test_nonsense(self):
        served, chance = self.serve(), random.Random(12)
        cases = [b"\0" * 4096, b"\r\n" * 4096, b"GET", b"GET /metrics\r\n\r\n",
                 b"GET /metrics HTTP/9.9\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET " + b"/" * 100000 + b" HTTP/1.1\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 100000 + b"\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: " + b"a,;q=" * 3000 + b"\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 9999,
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                 b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
                 b"GET /%00metrics HTTP/1.1\r\nHost: x\r\n\r\n", REQUEST * 50]
        for _ in range(200):
            data = bytearray(REQUEST + b"Accept: application/openmetrics-text;version=1.0.0\r\n\r\n")
            for _ in range(chance.randrange(1, 12)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            cases.append(bytes(data))
        cases += [chance.randbytes(chance.randrange(1, 3000)) for _ in range(100)]
        for case in cases:
            with connected(served.address) as connection, contextlib.suppress(OSError):
                connection.sendall(case)
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.1)  # the rest of a line may be waited for
                answer = received(connection)
                if answer and status_of(answer) != 200:  # its own words, none of the request's
                    self.assertNotIn(b"microhttpd", answer.lower())
        self.well(served)
        self.ends_well(served)

    def test_too_much(self):
        served = self.serve()
        for head, status in ((b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\n\r\n", {413, 414, 431}),
                             (REQUEST[:-2] + b"A: " + b"b" * 60000 + b"\r\n\r\n", {413, 414, 431})):
            answer = asked(served.address, head)
            self.assertIn(status_of(answer), {None, *status})
        self.assertEqual(status_of(asked(served.address, b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
                                         b"Content-Length: 1000000000\r\n\r\n")), 405)
        self.well(served)

    def test_slow_ones_from_many_addresses(self):
        """All places are taken; others are answered all the same."""
        served = self.serve()
        slow = []
        for number in range(PLACES * 2):
            connection = connected(served.address, f"127.0.1.{1 + number // PLACES_EACH}")
            self.addCleanup(connection.close)
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
            slow.append(connection)
        self.well(served)
        self.ends_well(served)

    def test_one_address_has_places_of_its_own(self):
        """...and a connection an end, however it is kept busy."""
        served = self.serve()
        slow = [connected(served.address) for _ in range(PLACES)]
        for connection in slow:
            self.addCleanup(connection.close)
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET /metrics HTTP/1.1\r\n")
        self.well(served)
        ended = set()
        deadline = time.monotonic() + 4 * PATIENCE_SECONDS
        while len(ended) < len(slow) and time.monotonic() < deadline:
            time.sleep(0.2)
            for connection in set(slow) - ended:
                try:
                    connection.sendall(b"a: b\r\n")
                    if not connection.recv(1, socket.MSG_DONTWAIT):
                        ended.add(connection)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    ended.add(connection)
            self.well(served)
        self.assertEqual(len(ended), len(slow))
        self.well(served, "127.0.0.1")

    def test_one_after_another(self):
        served = self.serve()
        for number in range(10000):
            if number % 100 == 0:
                self.well(served)
            with connected(served.address) as connection:
                if number % 2:
                    connection.sendall(b"GET /healthz HT")
        self.well(served)
        self.assertEqual(self.ends_well(served), 101)

    def test_who_does_not_read(self):
        served = self.serve()
        for number in range(PLACES_EACH):
            connection = connected(served.address)
            self.addCleanup(connection.close)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.sendall(REQUEST * 20)
            if number % 2:
                connection.shutdown(socket.SHUT_WR)
        self.well(served)
        self.ends_well(served)


if __name__ == "__main__":
    unittest.main()
