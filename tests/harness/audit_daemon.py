"""`thaw audit` as a running daemon, from outside: what it says, costs, holds and leaves behind."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import elevate
import processes
from program import THAW

READY_SECONDS = 20  # it attaches to every interpreter that is there
END_SECONDS = 20
LOOK_SECONDS = 0.05
TICKS_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
KINDS = {"prog": "prog_id", "map": "map_id", "link": "link_id"}  # bpftool's word: fdinfo's


class Refused(Exception):
    """It did not come up; what it said."""


class Daemon:
    """Started when made, ready when made; `with` ends it."""

    def __init__(self, folder, *options, store=True, listen=True, before=()):
        self.folder = Path(folder)
        self.store = self.folder / "audit.db" if store is True else store
        self.errors = self.folder / "audit.err"
        command = [*elevate.prefix_or_skip(), *before, THAW, "audit"]
        if self.store:
            command += ["--store", str(self.store)]
        if listen:
            command += ["--listen", "127.0.0.1:0" if listen is True else listen]
        self.command = [*command, *map(str, options)]
        self.process = None
        self.start()

    def start(self):
        """The daemon told systemd (us) that it is ready: from here on nothing is missed."""
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(path))
            notified.settimeout(LOOK_SECONDS)
            with open(self.errors, "ab") as errors:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                    env={**os.environ, "NOTIFY_SOCKET": str(path)})
            deadline = time.monotonic() + READY_SECONDS
            while not self.heard(notified, b"READY=1"):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise Refused(self.said()[-2000:])

    @staticmethod
    def heard(notified, wanted):
        try:
            return wanted in notified.recv(4096).split(b"\n")
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

    def kill(self):
        self.process.kill()
        return self.process.wait()

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
