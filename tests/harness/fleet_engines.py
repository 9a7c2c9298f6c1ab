"""Prometheus, VictoriaMetrics and vmagent as Debian has them, unpacked and not installed; each runs on
a free port of the loopback in a folder of its own and is ended by its process id.
"""

import functools
import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from debian_package import PackageIndex, unpacked
from program import BUILD

CACHE = BUILD / "fleet-engines"
READY_SECONDS, END_SECONDS, LOOK_SECONDS, ANSWER_SECONDS = 30, 15, 0.05, 60
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@functools.cache
def package(name):
    """The folder with a package's programs; SkipTest where it can't be had."""
    found = unpacked(CACHE, f"{name}_", offers(name))
    if found is None:
        raise unittest.SkipTest(f"apt finds no package {name} and none is cached in {CACHE}")
    return found[0] / "usr/bin"


def offers(name):
    index = PackageIndex([])
    for version in index.versions(name)[:1]:
        yield f"{name}_{version}", index, [f"{name}={version}"]


def promtool(*arguments, stdin="", cwd=None):
    return subprocess.run([package("prometheus") / "promtool", *map(str, arguments)], input=stdin,
                          cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def get(url, accept=None, data=None):
    """(status, text) of a page."""
    request = urllib.request.Request(url, data=data, headers={"Accept": accept} if accept else {})
    try:
        with DIRECT.open(request, timeout=ANSWER_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def eventually(true, seconds=READY_SECONDS):
    """What true() gives as soon as it is something; AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = true()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {true!r}")
        time.sleep(LOOK_SECONDS)


class Engine:
    """A server that answers at /-/ready or /health."""

    ready = "/health"

    def __init__(self, folder, command, port):
        self.folder, self.url = Path(folder), f"http://127.0.0.1:{port}"
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=folder)

    def __enter__(self):
        try:
            eventually(self.is_ready)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.process.args[0]} ended with {self.process.returncode}:\n"
                                 f"{self.log()[-3000:]}")
        try:
            return get(self.url + self.ready)[0] == 200
        except OSError:
            return False

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def api(self, path, **parameters):
        """The data of an answer of Prometheus's HTTP API, which both have."""
        query = urllib.parse.urlencode(parameters)
        status, text = get(f"{self.url}/api/v1/{path}?{query}")
        answer = json.loads(text)
        if status != 200 or answer["status"] != "success":
            raise AssertionError(f"{path} {parameters}: {status} {text[:500]}")
        return answer["data"]

    def query(self, expression, **parameters):
        """[(labels, value)] of an instant query."""
        return [(row["metric"], float(row["value"][1]))
                for row in self.api("query", query=expression, **parameters)["result"]]

    def visible(self):
        """Makes what came last something that can be asked for."""

    def usage(self):
        """(CPU seconds, resident bytes) so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        resident = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return ((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
                resident * os.sysconf("SC_PAGE_SIZE"))


class Prometheus(Engine):
    ready = "/-/ready"

    def __init__(self, folder, configuration):
        folder, port = Path(folder), free_port()
        (folder / "prometheus.json").write_text(json.dumps(configuration), encoding="utf-8")
        super().__init__(folder, [
            package("prometheus") / "prometheus", "--config.file=prometheus.json",
            "--storage.tsdb.path=data", f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage", "--log.level=warn"], port)


class VictoriaMetrics(Engine):
    def __init__(self, folder, *options):
        port = free_port()
        super().__init__(folder, [
            package("victoria-metrics") / "victoria-metrics", "-storageDataPath=data",
            f"-httpListenAddr=127.0.0.1:{port}", "-loggerLevel=WARN", "-memory.allowedBytes=64MB",
            "-search.latencyOffset=0s", "-retentionPeriod=1d", *options], port)

    def visible(self):
        get(f"{self.url}/internal/force_flush")


class ScrapingVictoriaMetrics(VictoriaMetrics):
    """One that scrapes by itself."""

    def __init__(self, folder, configuration):
        (Path(folder) / "scrape.json").write_text(json.dumps(configuration), encoding="utf-8")
        super().__init__(folder, "-promscrape.config=scrape.json",
                         "-memory.allowedBytes=1GB")


class Agent(Engine):
    """vmagent: scrapes on its own node, and sends that to one VictoriaMetrics."""

    def __init__(self, folder, configuration, to):
        folder, port = Path(folder), free_port()
        (folder / "scrape.json").write_text(json.dumps(configuration), encoding="utf-8")
        super().__init__(folder, [
            package("victoria-metrics") / "vmagent", "-promscrape.config=scrape.json",
            f"-remoteWrite.url={to.url}/api/v1/write", "-remoteWrite.tmpDataPath=queue",
            "-remoteWrite.flushInterval=200ms", f"-httpListenAddr=127.0.0.1:{port}",
            "-loggerLevel=WARN", "-memory.allowedBytes=32MB"], port)


class Served:
    """A program that serves metrics: its first line of output is where, and it ends with its input."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def end(self):
        """(status, what it said at the end, errors); again and again the same."""
        if self.process.stdin.closed:
            return self.ended
        timer = threading.Timer(END_SECONDS, self.process.kill)
        timer.start()
        output, errors = self.process.communicate()
        timer.cancel()
        self.ended = self.process.returncode, output, errors
        return self.ended
