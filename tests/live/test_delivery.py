"""Delivery to a Collector that misbehaves, on a clock of the test's own: what was promised arrives, in
order, and what didn't is counted. What arrives is read by the protocol's own messages.
"""

import base64
import email.utils
import itertools
import json
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import live_program
import locked_environments
from program import REPOSITORY

SECONDS = 20
OK = {"status": 200, "body": b"{}"}
SECRETS = ("s3cret-key", "p4ssword")


class Collector:
    """A server on loopback that answers each request as `plan` says: a function of {"path", "headers",
    "body", "processes"} that returns {"status", "headers", "body"}, or bytes to be sent as they are and
    then nothing more, or None: nothing is ever sent."""

    def __init__(self, plan=lambda request: OK, port=0, tls=None):
        self.plan, self.tls, self.requests, self.connections = plan, tls, [], 0
        self.ended = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", port), reuse_port=True)
        self.port = self.socket.getsockname()[1]
        self.open = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as link:
                while self.answer(link, link.makefile("rb")):
                    pass
        except (OSError, ValueError):
            pass

    def answer(self, link, stream):
        request = read_request(stream)
        if request is None:
            return False
        self.requests.append(request)
        planned = self.plan(request)
        request["answer"] = planned
        if planned is None:
            self.ended.wait(SECONDS)
            return False
        if isinstance(planned, bytes):
            link.sendall(planned)
            return False
        body = planned.get("body", b"")
        head = "".join(f"{name}: {value}\r\n" for name, value in
                       {"Content-Length": len(body), **planned.get("headers", {})}.items())
        link.sendall(f"HTTP/1.1 {planned['status']} x\r\n{head}\r\n".encode() + body)
        return True

    def close(self):
        if self.ended.is_set():
            return
        self.ended.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def taken(self):
        """Processes of the starts of all requests that were answered with success, in order."""
        return [process for request in self.requests for process in request["processes"]
                if isinstance(request["answer"], dict) and request["answer"]["status"] == 200]


def read_request(stream):
    line = stream.readline()
    if not line:
        return None
    headers = {}
    while (header := stream.readline().strip()):
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers["content-length"]))
    return {"path": line.split()[1].decode(), "headers": headers, "body": body,
            "processes": processes_of(json.loads(body)), "answer": None}


def processes_of(body):
    return [int(attribute["value"]["intValue"]) for resource in body.get("resourceSpans", ())
            for attribute in resource["resource"]["attributes"] if attribute["key"] == "process.pid"]


def in_seconds(seconds):
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def planned(answers):
    """Each of the answers in turn, then success."""
    rest = iter(answers)
    return lambda request: next(rest, OK)


class Driver:
    def __init__(self, program, store, settings):
        self.process = subprocess.Popen([program, store, json.dumps(settings)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={"no_proxy": "*"})
        self.said = []

    def __call__(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.said.append(line)
        return json.loads(line)

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.said.append(self.process.stderr.read())
            self.process.wait(SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()

    def kill(self):
        self.process.kill()
        self.process.wait(SECONDS)
        self.process.stdin.close()


class Deliveries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shared = Path(folder.name)
        cls.program = live_program.built(cls.shared, "delivery.c")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def collector(self, *arguments, **options):
        collector = Collector(*arguments, **options)
        self.addCleanup(collector.close)
        return collector

    def driver(self, port, **settings):
        settings = {"url": f"http://127.0.0.1:{port}", "timeout": 5000, **settings}
        driver = Driver(self.program, self.folder / "store", settings)
        self.addCleanup(driver.close)
        return driver

    def expect(self, state, **expected):
        self.assertEqual({key: state[key] for key in expected}, expected, state)

    def run_plan(self, plan, count=5, steps=range(1, 200), **settings):
        """Delivers so many starts to a Collector of that plan."""
        collector = self.collector(plan)
        driver = self.driver(collector.port, **settings)
        driver("trace", 1, count)
        for second in steps:
            state = driver("step", second)
            if not state["queued"]:
                break
        return collector, state, driver


class Taken(Deliveries):
    def test_batches_in_order_by_one_connection(self):
        collector, state, driver = self.run_plan(lambda request: OK, 50, batch=20)
        self.assertEqual(collector.taken(), list(range(1, 51)))
        self.assertEqual([len(one["processes"]) for one in collector.requests], [20, 20, 10])
        self.expect(state, delivered=50, dropped=0, refused=0, requests=3, retried=0, queued_bytes=0,
                    last_error="")
        driver("metrics", 7)
        self.expect(driver("step", 300), metrics_delivered=1, requests=4)
        self.assertEqual([one["path"] for one in collector.requests],
                         ["/v1/traces"] * 3 + ["/v1/metrics"])
        self.assertEqual(collector.connections, 1)
        self.assertEqual({one["headers"]["content-type"] for one in collector.requests},
                         {"application/json"})
        self.check_by_the_protocol(collector)

    def check_by_the_protocol(self, collector):
        files = []
        for number, request in enumerate(collector.requests):
            files.append(self.folder / f"{number}")
            files[-1].write_bytes(request["body"])
        spans, points, made_of = [], [], {}
        for into, kind, paths in ((spans, "otlp", files[:-1]), (points, "otlp_metrics", files[-1:])):
            made = read_by_protocol(kind, paths)
            made_of.update(made)
            for path in paths:
                self.assertNotIn("error", made[str(path)])
                into += [one for resource in made[str(path)] for one in resource[
                    "spans" if kind == "otlp" else "points"]]
        self.assertEqual(len({span["id"] for span in spans}), len(spans))
        roots = [span for span in spans if not span["parent"]]
        self.assertEqual({root["name"] for root in roots}, {"cold start"})
        self.assertEqual(len(roots), 50)
        self.assertEqual([(one["metric"], one["value"]) for one in points],
                         [("thaw_cold_starts_total", 7)])
        resources = [resource for path in files[:-1] for resource in made_of[str(path)]]
        names = {name for one in [*spans, *points] for name in one["attributes"]}
        names |= {name for resource in resources for name in resource["resource"]}
        known = read_by_protocol("conventions", [])
        self.assertLessEqual({name for name in names if not name.startswith("thaw.")} - {"app"},
                             set(known["names"]))
        self.assertLessEqual({resource["schema"] for resource in resources}, set(known["schemas"]))

    def test_a_body_waits_for_others(self):
        collector = self.collector()
        driver = self.driver(collector.port, linger=5000, batch=10)
        driver("trace", 1, 3)
        driver("step", 100)
        driver("trace", 4, 5)
        driver("step", 104)
        self.assertEqual(collector.requests, [])
        driver("step", 105)
        self.assertEqual([one["processes"] for one in collector.requests], [[1, 2, 3, 4, 5]])
        driver("trace", 6, 15)  # a full batch
        driver("step", 106)
        self.assertEqual(collector.taken(), list(range(1, 16)))

    def test_at_the_end_nothing_waits(self):
        collector = self.collector()
        driver = self.driver(collector.port, linger=3600000, batch=4)
        driver("trace", 1, 9)
        driver("metrics", 1)
        self.expect(driver("drain", 5000), queued=0, delivered=9, metrics_delivered=1)
        self.assertEqual(collector.taken(), list(range(1, 10)))

    def test_latest_metrics_replace_those_before(self):
        collector = self.collector(planned([{"status": 503}]))
        driver = self.driver(collector.port)
        driver("metrics", 1)
        driver("metrics", 2)
        driver("step", 1)
        driver("metrics", 3)
        self.expect(driver("step", 10), metrics_delivered=1, retried=1)
        self.assertEqual([b'"asDouble":%d.0' % value in request["body"] for value, request in
                          zip((2, 3), collector.requests)], [True, True])

    def test_refused_metrics_hold_nothing_up(self):
        collector = self.collector(lambda request: OK if "traces" in request["path"] else
                                   {"status": 400})
        driver = self.driver(collector.port)
        driver("trace", 1, 3)
        driver("metrics", 1)
        driver("step", 1)
        self.expect(driver("step", 2), delivered=3, metrics_refused=1, queued=0)

    def test_a_part_is_taken(self):
        body = json.dumps({"partialSuccess": {"rejectedSpans": "7", "errorMessage": "late"}}).encode()
        _, state, _ = self.run_plan(lambda request: {"status": 200, "body": body})
        self.expect(state, delivered=5, rejected=7)
        self.assertIn("without 7", state["last_error"])

    def test_the_address_has_a_path(self):
        collector = self.collector()
        driver = self.driver(0, url=f"http://127.0.0.1:{collector.port}/api/otlp/?tenant=7")
        driver("trace", 1, 1)
        driver("step", 1)
        self.assertEqual(collector.requests[0]["path"], "/api/otlp/v1/traces?tenant=7")


class Failing(Deliveries):
    """Faults that end: all arrives once, in order."""

    def check_all(self, collector, state, count=5, **expected):
        self.assertEqual(collector.taken(), list(range(1, count + 1)))
        self.expect(state, queued=0, queued_bytes=0, delivered=count, dropped=0, refused=0,
                    failing_since=0, **expected)

    def test_down_for_an_hour(self):
        collector = self.collector()
        port = collector.port
        collector.close()
        driver = self.driver(port)
        for second in range(1, 3601):
            if second % 6 == 0:
                driver("trace", second // 6, second // 6)
            state = driver("step", second)
        self.expect(state, queued=600, delivered=0, dropped=0, failing_since=6)
        self.assertIn("Connection refused", state["last_error"])
        self.assertTrue(60 < state["requests"] < 150, state)  # within 60 s of each other, at least 30
        collector = self.collector(port=port)
        for second in range(3601, 3661):
            state = driver("step", second)
        self.check_all(collector, state, 600)

    def test_slow(self):
        collector, state, _ = self.run_plan(planned([None]), timeout=200)
        self.check_all(collector, state, requests=2, retried=1)
        self.assertIn("Timeout was reached", state["last_error"])

    def test_a_step_never_waits(self):
        collector = self.collector(lambda request: None)
        driver = self.driver(collector.port)
        driver("trace", 1, 5)
        for second in range(1, 50):
            state = driver("begin", second)
        self.expect(state, queued=5, busy=True, delivered=0)

    def test_statuses_of_an_outage(self):
        for status in (429, 500, 502, 503, 504, 599):
            with self.subTest(status):
                self.setUp()
                collector, state, _ = self.run_plan(planned([{"status": status}] * 3))
                self.check_all(collector, state, retried=3)
                self.assertIn(f"status {status}", state["last_error"])

    def test_a_server_broken_for_an_hour(self):
        collector = self.collector(lambda request: {"status": 500, "body": b"<html>"})
        driver = self.driver(collector.port)
        driver("trace", 1, 60)
        for second in range(1, 3601):
            driver("step", second)
        collector.plan = lambda request: OK
        for second in range(3601, 3700):
            state = driver("step", second)
        self.check_all(collector, state, 60)

    def test_no_answers(self):
        for name, answer in (("nothing", b""), ("garbage", bytes(range(256)) * 8),
                             ("half a head", b"HTTP/1.1 200 OK\r\nContent-"),
                             ("half a body", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
                             ("old", b"hello\r\n"), ("no status", b"HTTP/1.1 abc\r\n\r\n"),
                             ("wait", b"HTTP/1.1 100 Continue\r\n\r\n"),
                             ("a head without end", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20000)):
            with self.subTest(name):
                self.setUp()
                collector, state, _ = self.run_plan(planned([answer, answer]))
                self.check_all(collector, state, retried=2)
                self.assertTrue(state["last_error"].isprintable())

    def test_answers_without_end(self):
        """Their status counts, whatever else is sent."""
        endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 10000000
        collector, state, _ = self.run_plan(lambda request: endless, batch=2)
        self.assertEqual([one["processes"] for one in collector.requests], [[1, 2], [3, 4], [5]])
        self.expect(state, delivered=5, retried=0, rejected=0)

    def test_retry_after(self):
        for value, least, most in (("30", 30, 31), (in_seconds(25), 12, 26), ("999999999", 900, 901),
                                   ("-5", 1, 3), ("tomorrow", 1, 3)):
            with self.subTest(value):
                self.setUp()
                collector = self.collector(planned([{"status": 429, "headers": {"Retry-After": value}}]))
                driver = self.driver(collector.port)
                driver("trace", 1, 1)
                driver("step", 1000)
                asked = next(second for second in itertools.count(1)
                             if driver("step", 1000 + second)["delivered"])
                self.assertTrue(least <= asked <= most, asked)

    def test_pauses_double_and_differ(self):
        collector = self.collector(lambda request: {"status": 503})
        driver = self.driver(collector.port, backoff_least=4000, backoff_most=64000)
        driver("trace", 1, 1)
        asked = []
        for second in range(1, 600):
            before = len(collector.requests)
            driver("step", second)
            asked += [second] * (len(collector.requests) - before)
        pauses = [later - earlier for earlier, later in zip(asked, asked[1:])]
        for pause, most in zip(pauses, [4, 8, 16, 32, 64, 64, 64, 64]):
            self.assertTrue(most / 2 <= pause <= most + 1, pauses)


class Refused(Deliveries):
    """What a Collector doesn't want is dropped and counted, and nothing else is."""

    def test_for_good(self):
        for status, word in ((302, "elsewhere"), (401, "key"), (404, "address"), (415, "JSON"),
                             (422, "422"), (100000, "")):
            with self.subTest(status):
                self.setUp()
                other = self.collector()
                where = {"Location": f"http://127.0.0.1:{other.port}/v1/traces"}
                collector = self.collector(planned([{"status": status, "headers": where}]
                                                   if status < 1000 else []))
                driver = self.driver(collector.port)
                driver("trace", 1, 5)
                driver("step", 1)
                driver("trace", 6, 6)
                state = driver("step", 2)
                refused = 5 if status < 1000 else 0
                self.expect(state, delivered=6 - refused, refused=refused, dropped=0, queued=0, retried=0)
                self.assertIn(word, state["last_error"])
                self.assertEqual(other.requests, [])

    def test_one_that_is_wrong_is_found(self):
        for status in (400, 413):
            with self.subTest(status):
                self.setUp()
                collector, state, _ = self.run_plan(
                    lambda request: {"status": status} if 7 in request["processes"] else OK, 20)
                self.assertEqual(collector.taken(), [*range(1, 7), *range(8, 21)])
                self.expect(state, delivered=19, refused=1, dropped=0, retried=0)

    def test_too_many_at_once(self):
        collector, state, _ = self.run_plan(
            lambda request: {"status": 413} if len(request["processes"]) > 3 else OK, 40)
        self.assertEqual(collector.taken(), list(range(1, 41)))
        self.expect(state, delivered=40, refused=0, retried=0)

    def test_one_that_breaks_the_server_is_found(self):
        collector, state, _ = self.run_plan(
            lambda request: {"status": 500} if 3 in request["processes"] else OK, 5,
            steps=range(1, 9000, 5))
        self.assertEqual(collector.taken(), [1, 2, 4, 5])
        self.expect(state, delivered=4, refused=1)

    def test_what_is_no_body(self):
        collector = self.collector()
        driver = self.driver(collector.port, batch=2)
        driver("bytes", 100)
        driver("trace", 1, 1)
        driver("bytes", 40)
        driver("bytes", 0)
        driver("bytes", 1000001)
        driver("trace", 2, 2)
        for second in range(1, 9):
            state = driver("step", second)
        self.assertEqual(collector.taken(), [1, 2])
        self.expect(state, delivered=2, refused=3, dropped=1, queued=0)


class Kept(Deliveries):
    def test_no_room(self):
        """The oldest go, and are counted; also those that are just under way."""
        collector = self.collector(lambda request: {"status": 503})
        driver = self.driver(collector.port, queue_bytes=50000)
        state = driver("trace", 1, 30)
        kept = state["queued"]
        self.assertTrue(5 <= kept <= 15, state)
        self.expect(state, dropped=30 - kept)
        driver("begin", 1)
        state = driver("trace", 31, 34)
        self.expect(state, queued=kept)
        self.assertLessEqual(state["queued_bytes"], 50000)
        self.expect(driver("step", 2), dropped=34 - kept, delivered=0)
        collector.plan = lambda request: OK
        self.expect(driver("step", 100), delivered=kept, dropped=34 - kept, queued=0)
        self.assertEqual(collector.taken(), list(range(35 - kept, 35)))

    def test_no_room_while_they_are_taken(self):
        go = threading.Event()
        collector = self.collector(lambda request: go.wait(SECONDS) and OK)
        driver = self.driver(collector.port, queue_bytes=50000)
        driver("trace", 1, 8)
        while not collector.requests:
            driver("begin", 1)
        driver("trace", 9, 16)
        go.set()
        driver("step", 2)
        self.expect(driver("step", 3), delivered=16, dropped=0, queued=0)

    def test_killed(self):
        """kill -9 at any moment: what was promised arrives, in order, twice at most where it had to."""
        generator, promised = random.Random(7), 0
        collector = self.collector()
        for _ in range(12):
            driver = self.driver(collector.port, batch=10)
            for number in range(1, generator.randrange(2, 15)):
                driver("trace", promised + 1, promised + 7)
                promised += 7
                driver("begin", number)
            driver.process.stdin.write(f"trace {promised + 1} {promised + 7}\nstep 100\n")
            driver.process.stdin.flush()
            time.sleep(generator.uniform(0, 0.01))  # until some moment within what these two do
            driver.kill()
            driver.close()
        driver = self.driver(collector.port)
        self.expect(driver("drain", 15000), queued=0, dropped=0, refused=0)
        first = list(dict.fromkeys(collector.taken()))
        self.assertLessEqual(set(range(1, promised + 1)), set(first))
        self.assertEqual(first, sorted(first))
        self.assertLessEqual(len(collector.taken()) - len(first), 12 * (10 + 7))
        self.check_ids(collector)

    def check_ids(self, collector):
        """A start that came twice is the same trace."""
        traces = {}
        for request in collector.requests:
            for resource in json.loads(request["body"]).get("resourceSpans", ()):
                root = resource["scopeSpans"][0]["spans"][0]
                [process] = processes_of({"resourceSpans": [resource]})
                traces.setdefault(process, set()).add((root["traceId"], root["spanId"]))
        self.assertEqual({len(ids) for ids in traces.values()}, {1})
        self.assertEqual(len(set.union(*traces.values())), len(traces))

    def test_other_settings(self):
        first, second = self.collector(lambda request: None), self.collector()
        driver = self.driver(first.port)
        driver("trace", 1, 5)
        driver("begin", 1)
        self.assertIn("http", driver("change", '{"url": "nowhere:1"}')["error"])
        driver("change", json.dumps({"url": f"http://127.0.0.1:{second.port}"}))
        self.expect(driver("step", 2), delivered=5, queued=0)
        self.assertEqual(second.taken(), [1, 2, 3, 4, 5])


class Secrets(Deliveries):
    def test_are_told_to_the_collector_alone(self):
        collector = self.collector(planned([{"status": 401}, b"", {"status": 302, "headers": {
            "Location": "http://user:p4ssword@127.0.0.1/"}}, b"p4ssword s3cret-key\r\n"]))
        driver = self.driver(0, url=f"http://user:p4ssword@127.0.0.1:{collector.port}",
                             headers=["api-key: s3cret-key"])
        for second in range(1, 20):
            driver("trace", second, second)
            driver("step", second)
        driver.close()
        self.assertEqual({one["headers"]["api-key"] for one in collector.requests}, {"s3cret-key"})
        self.assertEqual({one["headers"]["authorization"] for one in collector.requests},
                         {"Basic " + base64.b64encode(b"user:p4ssword").decode()})
        self.check_silent("\n".join(driver.said))
        store = b"".join(path.read_bytes() for path in self.folder.iterdir())
        self.check_silent(store.decode("latin-1"))

    def check_silent(self, text):
        for secret in SECRETS:
            self.assertNotIn(secret, text)

    def test_are_in_no_refusal(self):
        for settings in ({"url": "ftp://user:p4ssword@127.0.0.1"}, {"url": "user:p4ssword@collector:1"},
                         {"url": "http://user:p4ssword@[::1"}, {"url": ""}, {"url": "file:///etc/passwd"},
                         {"headers": ["s3cret-key"]}, {"headers": ["a: s3cret-key\r\nb: c"]},
                         {"headers": ["a b: s3cret-key"]}, {"batch": 0}, {"backoff_most": 1}):
            with self.subTest(settings):
                driver = self.driver(1, **settings)
                self.assertEqual(driver.process.wait(SECONDS), 1)
                told = driver.process.stderr.read()
                self.assertEqual(told.count("\n"), 1)
                self.check_silent(told)


class Certificates(Deliveries):
    def test_are_checked(self):
        program = shutil.which("openssl")
        if program is None:
            self.skipTest("no openssl (Debian: openssl)")
        certificate, key = self.folder / "certificate", self.folder / "key"
        subprocess.run([program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True, timeout=SECONDS)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        collector = self.collector(tls=tls)
        driver = self.driver(0, url=f"https://localhost:{collector.port}")
        driver("trace", 1, 5)
        state = driver("step", 1)
        self.expect(state, queued=5, retried=1)
        self.assertIn("certificate", state["last_error"])
        self.assertEqual(collector.requests, [])
        driver("change", json.dumps({"url": f"https://127.0.0.1:{collector.port}",
                                     "certificates": str(certificate)}))
        self.expect(driver("step", 100), queued=5, retried=2)  # of another name
        driver("change", json.dumps({"url": f"https://localhost:{collector.port}",
                                     "certificates": str(certificate)}))
        self.expect(driver("step", 200), queued=0, delivered=5)


def read_by_protocol(kind, paths):
    result = subprocess.run([locked_environments.trace_readers() / "bin/python", "-I",
                             REPOSITORY / "tests/live/traces/read.py", kind, *paths],
                            capture_output=True, text=True, timeout=60, check=True)
    return json.loads(result.stdout)

if __name__ == "__main__":
    unittest.main()
