"""What `thaw audit` must survive: kill -9, a full disk, a clock that is set. Each of these returns
a row {"problems": [lines], …figures}; no problems: it survived. Short and long forms differ in
numbers.
"""

import contextlib
import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import time
import unittest
from pathlib import Path

import audit_store
import elevate
import processes
import start_load
from audit_daemon import END_SECONDS, Daemon, left_behind
from program import REPOSITORY, run_thaw

PYTHON = "/usr/bin/python3.11"
ALL = "--all-python"
STORED_SECONDS = 10
COMMIT_NS = 2_500_000_000  # what is older has been committed: it is done once a second
SECOND_NS = 1_000_000_000


def differing(one, other):
    """How many bytes, quickly where there are few."""
    if one == other:
        return 0
    if len(one) <= 64:
        return sum(left != right for left, right in zip(one, other))
    middle = len(one) // 2
    return differing(one[:middle], other[:middle]) + differing(one[middle:], other[middle:])


class Target:
    """A warm process of a Python of its own that works on; what thaw must not change of it."""

    SCRIPT = "import sys, json\nfor line in sys.stdin: print(len(json.dumps([line])), flush=True)"

    def __init__(self, folder):
        program = Path(folder, "python3")
        shutil.copy(PYTHON, program)
        self.process = subprocess.Popen([program, "-c", self.SCRIPT], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "PYTHONHOME": "/usr"})
        self.ask()

    def ask(self):
        self.process.stdin.write("hello\n")
        self.process.stdin.flush()
        return self.process.stdout.readline() == "11\n"

    def changed_bytes(self):
        """Of its interpreter's code, how many differ from the file's: breakpoints."""
        program = os.path.realpath(f"/proc/{self.process.pid}/exe")
        changed = 0
        with open(program, "rb") as file, open(f"/proc/{self.process.pid}/mem", "rb") as memory:
            for line in Path(f"/proc/{self.process.pid}/maps").read_text().splitlines():
                fields = line.split(None, 5)
                if len(fields) < 6 or fields[5] != program or "x" not in fields[1]:
                    continue
                begin, end = (int(bound, 16) for bound in fields[0].split("-"))
                file.seek(int(fields[2], 16))
                memory.seek(begin)
                changed += differing(file.read(end - begin), memory.read(end - begin))
        return changed

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


def stored(daemon, truths, seconds=STORED_SECONDS, every=0.1, **judging):
    """The verdict once all of them are in the store, or it has been waited for."""
    verdicts = []

    def there():
        time.sleep(every if verdicts else 0)  # looks again: there is no event to wait for
        verdicts.append(audit_store.judge(truths, audit_store.starts(daemon.store), **judging))
        return not verdicts[-1].lost

    processes.wait_until(there, seconds)
    return verdicts[-1]


def hold(problems, verdict, what):
    """Adds what is wrong with a verdict."""
    if not verdict.good() or verdict.incomplete:
        problems.append(f"{what}: {verdict}")


def asked(store):
    """What is wrong with the answers that the store gives."""
    result = run_thaw("audit", "--top", "--store", store)
    problems = [] if result.returncode == 0 else [f"--top: {result.returncode} {result.stderr}"]
    return problems + [f"integrity: {row}" for row in audit_store.integrity(store)]


# --- kill -9 --------------------------------------------------------------------------------------


class Kills:
    """Daemons on one store that are killed one after the other, at random moments under load."""

    def __init__(self, folder, seed):
        self.folder, self.order, self.problems = Path(folder), random.Random(seed), []
        self.pythons = start_load.Pythons(folder, start_load.PROGRAMS[:2])
        self.load = self.pythons.begin(folder, 600, 240, 4, 20)
        self.target, self.whole, self.killed_ready = Target(folder), [], 0
        self.probed = 0  # kills at which the target had breakpoints: the check can see them

    def one(self, number, lives):
        """Killed within so many seconds: of its readiness, or every third time of its start."""
        ready = number % 3 != 2
        daemon = Daemon(self.folder, ALL, wait=ready)
        begin = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        time.sleep(self.order.uniform(0, 1) * lives if lives < 2 else lives)
        daemon.process.send_signal(signal.SIGSTOP)  # our own: so that nothing is missed of it
        ids, end = daemon.bpf_ids(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self.probed += self.target.changed_bytes() > 0
        daemon.kill()
        self.killed_ready += ready
        if ready:
            self.whole.append((begin, end - COMMIT_NS))
        if left := left_behind(ids):
            self.problems.append(f"kill {number}: left in the kernel: {left}")
        if not self.target.ask():
            self.problems.append(f"kill {number}: the target does not answer")

    def after(self, number):
        targets = [self.target.process.pid, *processes.children(self.load.process.pid)]
        if stopped := [pid for pid in targets if processes.state(pid) in ("T", "t")]:
            self.problems.append(f"kill {number}: stopped: {stopped}")
        if (self.folder / "audit.db").exists():  # else it was killed before it had made one
            self.problems += [f"kill {number}: {line}" for line in
                              asked(self.folder / "audit.db")]

    def left_in_target(self):
        """Whoever else holds probes on this machine may have put them there."""
        if not any(processes.descriptors(pid, "link_id") for pid in processes.everyone()):
            self.problems.append("breakpoints are left in the target")

    def kept(self, truths):
        """Those of the starts that must have been committed before a kill."""
        return [truth for truth in truths
                if any(begin < truth.before_ns and truth.end_ns < end for begin, end in self.whole)]


def kills(folder, rounds, lives=0.7, long_lives=4, long_every=10, seed=1):
    one = Kills(folder, seed)
    try:
        for number in range(rounds):
            long = number % long_every == 0
            one.one(number, long_lives if long else lives)
            one.after(number)
        truths = one.pythons.complete(one.load.stop()).truths
        if not processes.wait_until(lambda: not one.target.changed_bytes(), STORED_SECONDS):
            one.left_in_target()
        restarted(one, folder)
    finally:
        one.target.close()
    if failed := [truth.status for truth in truths if truth.status]:
        one.problems.append(f"targets that failed: {failed}")
    verdict = audit_store.judge(one.kept(truths), audit_store.starts(one.folder / "audit.db"))
    if verdict.lost or verdict.twice or verdict.wrong:
        one.problems.append(f"what had been committed: {verdict}")
    return {"problems": one.problems, "kills": rounds, "ready": one.killed_ready,
            "probed": one.probed, "starts": len(truths), "committed": verdict.row()}


def restarted(one, folder):
    """It starts again on the same store and counts on."""
    with Daemon(folder, ALL) as daemon:
        before = len(audit_store.starts(daemon.store))
        load = one.pythons.run(folder, 1, 600, 10, 10)
        hold(one.problems, stored(daemon, load.truths), "after the last kill")
        if len(audit_store.starts(daemon.store)) < before + load.starts:
            one.problems.append("what was stored before is gone")
        ids = daemon.bpf_ids()
    if left := left_behind(ids):
        one.problems.append(f"left in the kernel after its end: {left}")


# --- a full disk ----------------------------------------------------------------------------------


def full_disk(folder, megabytes=4, starts=20):
    """The store is on a small disk that others fill, and clear again."""
    folder, problems = Path(folder), []
    disk = folder / "disk"
    disk.mkdir()
    mount = ["unshare", "-m", "--propagation", "private", "sh", "-ec",
             f'mount -t tmpfs -o size={megabytes}m tmpfs "{disk}"; exec "$@"', "sh"]
    if subprocess.run([*elevate.prefix_or_skip(), *mount, "true"], check=False).returncode:
        raise unittest.SkipTest("no tmpfs can be mounted here")
    pythons = start_load.Pythons(folder, start_load.PROGRAMS[:2])
    with Daemon(folder, ALL, store=disk / "audit.db", before=mount) as daemon:
        with contextlib.closing(audit_store.Inside(daemon.pid, daemon.store)) as daemon.store:
            row = fill_and_clear(daemon, pythons, folder, starts, problems)
            daemon.stop()
            problems += [f"integrity: {wrong}" for wrong in audit_store.integrity(daemon.store)]
    return {"problems": problems, **row}


def fill_and_clear(daemon, pythons, folder, starts, problems):
    def some(what, stored_all=True):
        load = pythons.run(folder, max(1, starts // 20), 1200, 20, 20)
        if load.failed:
            problems.append(f"{what}: targets failed")
        if stored_all:
            hold(problems, stored(daemon, load.truths), what)
        return load.truths

    some("before")
    filler = Path(f"/proc/{daemon.pid}/root{daemon.store}").with_name("filler")
    fill(filler)
    meanwhile = some("while it is full", stored_all=False)
    failing = processes.wait_until(lambda: daemon.metric("thaw_store_failing"), 5)
    if not failing:
        problems.append("thaw_store_failing never said so")
    if daemon.process.poll() is not None:
        problems.append(f"it ended: {daemon.said()[-300:]}")
    filler.unlink()
    some("after")
    lost = len(stored(daemon, meanwhile, 1).lost)
    dropped = daemon.metric("thaw_store_dropped_total")
    if lost > dropped:
        problems.append(f"{lost} starts are lost, {dropped:.0f} are said to be")
    if not processes.wait_until(lambda: not daemon.metric("thaw_store_failing"), 5):
        problems.append("thaw_store_failing is still set")
    return {"meanwhile": len(meanwhile), "lost": lost, "dropped": dropped,
            "said": daemon.said().count("\n")}


def fill(path):
    """Until nothing fits any more."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                pass


# --- the clock ------------------------------------------------------------------------------------


class Clock:
    """CLOCK_REALTIME of a daemon, which is set while it runs (tests/live/stepped_clock.c)."""

    def __init__(self, folder):
        compiler = start_load.COMPILER
        if compiler is None:
            raise unittest.SkipTest("no C compiler")
        self.library, self.path = Path(folder, "clock.so"), Path(folder, "clock")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-D_GNU_SOURCE", "-o", self.library,
                        REPOSITORY / "tests/live/stepped_clock.c"], check=True, timeout=60)
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(self.library), "STEPPED_CLOCK": str(self.path)}

    def step(self, seconds):
        self.page[:] = struct.pack("q", seconds * SECOND_NS)


def clock_steps(folder, steps=(0, 3600, -7200, 0)):
    """Starts between steps of the clock: each has the time that was set when it began."""
    if shutil.which("sqlite3") is None:
        raise unittest.SkipTest("no sqlite3")
    problems, clock = [], Clock(folder)
    pythons = start_load.Pythons(folder, start_load.PROGRAMS[:2])
    with Daemon(folder, ALL, environment=clock.environment) as daemon:
        for seconds in steps:
            clock.step(seconds)
            time.sleep(1.2)  # it looks once a second
            load = pythons.run(folder, 1, 300, 5, 5)
            verdict = stored(daemon, load.truths, offset_ns=seconds * SECOND_NS)
            hold(problems, verdict, f"{seconds:+d} s")
        changes = sum(one != other for one, other in zip((0, *steps), steps))
        told = daemon.metric("thaw_clock_steps_total")
        if told != changes:
            problems.append(f"{told} steps told of {changes}")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.wait(END_SECONDS)
        problems += asked(daemon.store)
    return {"problems": problems, "steps": list(steps), "told": told}
