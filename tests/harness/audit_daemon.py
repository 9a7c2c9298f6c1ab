"""`thaw audit` as a running daemon, from outside: what it says, costs, holds and leaves behind."""

import os
import re
import signal
import socket
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

import elevate
import processes
from program import THAW

READY_SECONDS = 60  # it loads, and attaches to every interpreter that is there, on a busy machine
END_SECONDS = 20
LOOK_SECONDS = 0.05
TICKS_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
KINDS = {"prog": "prog_id", "map": "map_id", "link": "link_id"}  # bpftool's word: fdinfo's


class Refused(Exception):
    """It did not come up; what it said."""

    def skip(self):
        """SkipTest where the kernel lets nobody watch, else the failure that it is."""
        if "Operation not permitted" in str(self):
            raise unittest.SkipTest("eBPF is refused here") from self
        raise self


class Daemon:
    """Started when made, and ready unless it is not waited for; `with` ends it."""

    def __init__(self, folder, *options, store=True, listen=True, before=(), wait=True,
                 environment=None):
        self.folder = Path(folder)
        self.store = self.folder / "audit.db" if store is True else store
        self.errors = self.folder / "audit.err"
        command = [*elevate.prefix_or_skip(), *before, THAW, "audit"]
        if self.store:
            command += ["--store", str(self.store)]
        self.port = free_port() if listen else None
        if listen:
            command += ["--listen", f"127.0.0.1:{self.port}"]
        self.command = [*command, *map(str, options)]
        self.environment = {**os.environ, **(environment or {})}
        self.process = self.notified = None
        self.start()
        if wait:
            self.wait_until_ready()

    @classmethod
    def or_skip(cls, *options, **more):
        try:
            return cls(*options, **more)
        except Refused as refused:
            return refused.skip()

    def start(self):
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(str(path))
        self.notified.settimeout(LOOK_SECONDS)
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                env={**self.environment, "NOTIFY_SOCKET": str(path)})

    def wait_until_ready(self):
        """It told systemd (us) that it is: from here on nothing is missed."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.heard(b"READY=1"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise Refused(self.said()[-2000:])
        self.notified.close()  # a socket that nobody reads would fill

    def heard(self, wanted):
        try:
            return wanted in self.notified.recv(4096).split(b"\n")
        except TimeoutError:
            return False

    def said(self):
        return self.errors.read_text(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    # --- its end ---

    def stop(self):
        """As systemd stops it; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            self.notified.close()

    def kill(self):
        self.process.kill()
        self.notified.close()
        return self.process.wait()

    # --- what it says ---

    def page(self, path="/metrics", accept="application/openmetrics-text"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}",
                                         headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def told(self, name):
        """{labels: value} of a metric's samples that are not 0."""
        found = {}
        for line in self.page().decode().splitlines():
            if match := re.match(r"%s(?:{(.*)})? (\S+)" % name, line):
                if float(match[2]):
                    found[match[1] or ""] = float(match[2])
        return found

    def metric(self, name):
        """The sum of a metric's samples, whatever their labels."""
        return sum(self.told(name).values())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- what it costs ---

    def cpu_ns(self):
        """Of all its threads, also those that have ended; to 10 ms."""
        fields = processes.read(self.pid, "stat").rpartition(b") ")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICKS_NS

    def fine_cpu_ns(self):
        """Of the threads that it has, to the nanosecond."""
        threads = list(Path(f"/proc/{self.pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)

    def memory(self):
        """{"rss", "pss", "anonymous", "most"} in bytes."""
        rollup = sizes(processes.read(self.pid, "smaps_rollup"))
        status = sizes(processes.read(self.pid, "status"))
        return {"rss": rollup["Rss"], "pss": rollup["Pss"], "anonymous": rollup["Anonymous"],
                "most": status["VmHWM"]}

    # --- what it holds in the kernel ---

    def bpf_ids(self):
        """{"prog", "map", "link": ids of what it has open}."""
        return {kind: processes.descriptors(self.pid, key) for kind, key in KINDS.items()}

    def programs(self):
        """{name: [runs, ns]} of its programs; needs processes.counted_runs()."""
        own, found = processes.descriptors(self.pid, "prog_id"), {}
        for program in processes.bpf_objects("prog"):
            if program["id"] in own:
                row = found.setdefault(program.get("name", "?"), [0, 0])
                row[0] += program.get("run_cnt", 0)
                row[1] += program.get("run_time_ns", 0)
        return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def sizes(text):
    """{"Rss": bytes} of lines like "Rss:   1234 kB"."""
    found = {}
    for line in text.decode(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            found[name] = int(value[:-3]) * 1024
    return found


def left_behind(ids, seconds=5):
    """Which of these (bpf_ids()) the kernel still has; their release takes a moment."""
    left = {}

    def gone():
        left.clear()
        for kind, own in ids.items():
            if still := own & {entry["id"] for entry in processes.bpf_objects(kind)}:
                left[kind] = sorted(still)
        return not left

    processes.wait_until(gone, seconds)
    return left
