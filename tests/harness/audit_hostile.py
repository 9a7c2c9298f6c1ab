"""What strange processes must not do to `thaw audit`: thousands of containers, names made to break
what they are written into, processes that die at once, programs that nobody has seen before, pids
that come again. Rows as in audit_faults.py.
"""

import contextlib
import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import unittest
import uuid
from pathlib import Path

import audit_store
import locked_environments
import processes
import start_load
from audit_daemon import Daemon
from audit_faults import ALL, PYTHON, hold, stored
from program import run_thaw

QUICK_PYTHON = [PYTHON, "-I", "-S", "-c", "pass"]
SETTLED_SECONDS = 10
RESIDENT_BYTES = 64 << 20
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
# Read by Prometheus' own library; exits with an error, or prints all names of samples.
READ_PAGE = """
import sys
from prometheus_client.openmetrics import parser
for family in parser.text_string_to_metric_families(sys.stdin.buffer.read().decode()):
    for sample in family.samples: print(sample.name)
"""


@contextlib.contextmanager
def running(folder, daemon):
    """That daemon, or one of its own."""
    if daemon:
        yield daemon
    else:
        with Daemon(folder, ALL) as own:
            yield own


# --- containers -----------------------------------------------------------------------------------


def unified():
    """Where cgroup v2 is mounted; SkipTest where none may be made."""
    for line in Path("/proc/mounts").read_text().splitlines():
        fields = line.split()
        if fields[2] == "cgroup2" and os.access(fields[1], os.W_OK) and os.geteuid() == 0:
            return Path(fields[1])
    raise unittest.SkipTest("no control groups that this user may make")


@contextlib.contextmanager
def containers(count):
    """So many control groups as Kubernetes and containerd name them: {container id: folder}."""
    top = unified() / f"thaw-test-{os.getpid()}"
    found = {}
    try:
        for _ in range(count):
            pod, container = str(uuid.uuid4()), uuid.uuid4().hex + uuid.uuid4().hex
            folder = (top / f"kubepods.slice/kubepods-pod{pod.replace('-', '_')}.slice"
                      / f"cri-containerd-{container}.scope")
            folder.mkdir(parents=True)
            found[container] = folder
        yield found
    finally:
        for folder in sorted(top.glob("**"), key=lambda path: -len(path.parts)):
            processes.wait_until(lambda folder=folder: removed(folder), 2)


def removed(folder):
    """Processes that have ended stay in theirs for a moment."""
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def many_containers(folder, count, seconds=SETTLED_SECONDS, daemon=None):
    """One short start in each: every one is stored, with its own container, also one that is gone
    before anybody can look at it."""
    problems, begun = [], time.time_ns()
    with running(folder, daemon) as daemon, containers(count) as made:
        script = 'echo $$ > "$0/cgroup.procs"; exec "$@"'
        subprocess.run(["xargs", "-P", "8", "-I", "{}", "sh", "-c", script, "{}", *QUICK_PYTHON],
                       input="\n".join(map(str, made.values())), text=True, check=True)

        def containers_stored():
            rows = audit_store.ask(daemon.store, "SELECT container, count(*) AS n FROM start "
                                                 "WHERE container <> '' GROUP BY container")
            return {row["container"]: row["n"] for row in rows}

        processes.wait_until(lambda: len(containers_stored()) >= count, seconds)
        found, memory, page = containers_stored(), daemon.memory(), daemon.page()
        starts = len(audit_store.starts(daemon.store, begun))
        if starts < count:
            problems.append(f"{count - starts} of {count} starts are not told")
        if lost := set(made) - set(found):
            problems.append(f"{len(lost)} of {count} containers are not told")
        if twice := [name for name in made if found.get(name, 1) > 1]:
            problems.append(f"{len(twice)} containers are told more than once")
        if memory["most"] > RESIDENT_BYTES:
            problems.append(f"{memory['most'] >> 20} MiB resident")
        if len(page) > 1 << 20:
            problems.append(f"{len(page)} bytes of metrics")
    return {"problems": problems, "containers": count, "told": len(set(made) & set(found)),
            "page_bytes": len(page), **memory}


# --- names ----------------------------------------------------------------------------------------


NASTY = b'a"} 1\nthaw_evil_total 9 \x1b[31m\x1b]0;owned\x07\\\xff\xfe\'; DROP TABLE start;--'
MODULE = 'm"} 1\nthaw_evil_total 9 \x1b[31m\\ \u202e\';--'


def nasty_starts(folder):
    """Commands, and the folders that they are run in."""
    place = os.path.join(os.fsencode(folder), NASTY[:40].replace(b"/", b"_"))
    os.mkdir(place)
    program = os.path.join(place, b"py" + NASTY.replace(b"/", b"_"))
    shutil.copy(PYTHON, program)
    Path(os.fsdecode(place), f"{MODULE}.py").touch()
    load = f"import importlib; importlib.import_module({MODULE!r})"
    missing = f"import importlib\ntry: importlib.import_module({MODULE!r} + 'x' * 3000)\n" \
              "except ImportError: pass"
    rename = "import ctypes; ctypes.CDLL(None).prctl(15, b'\"}\\n\\x1b[31m\\xff', 0, 0, 0)"
    environment = {**os.environ, "PYTHONHOME": "/usr"}
    return [([PYTHON, "-c", load], place, {**os.environ, "PYTHONPATH": os.fsdecode(place)}),
            ([PYTHON, "-c", missing], place, None), ([PYTHON, "-c", rename], place, None),
            ([program, "-c", "import json"], place, environment),
            ([PYTHON, "-c", "import json", *[NASTY] * 40, b"x" * 4096], place, None)]


def nasty_names(folder, daemon=None):
    problems = []
    reader = locked_environments.trace_readers() / "bin/python"
    with running(folder, daemon) as daemon:
        pids = []
        for command, place, environment in nasty_starts(folder):
            process = subprocess.Popen(command, cwd=place, env=environment,
                                       stdin=subprocess.DEVNULL)
            pids.append(process.pid)
            if process.wait(10):
                problems.append(f"a target failed: {command}")

        def told():
            return {row["process"] for row in audit_store.starts(daemon.store)} & set(pids)

        if not processes.wait_until(lambda: len(told()) == len(pids), SETTLED_SECONDS):
            problems.append(f"{len(told())} of {len(pids)} are stored")
        page = daemon.page()
        problems += [f"the page: {line!r}" for line in page.split(b"\n") if CONTROL.search(line)]
        read = subprocess.run([reader, "-c", READ_PAGE], input=page, capture_output=True,
                              check=False, timeout=30)
        if read.returncode or b"evil" in b" ".join(read.stdout.split()):
            problems.append(f"the page is read otherwise: {read.stderr[-300:]}")
        problems += answers(daemon.store)
    if bad := CONTROL.search(daemon.errors.read_bytes()):
        problems.append(f"a control character in its messages: {bad}")
    return {"problems": problems, "starts": len(pids)}


def answers(store):
    """What is wrong with the bytes of `--top` and its JSON."""
    problems = []
    for options in ([], ["--json"]):
        result = run_thaw("audit", "--top", "--store", store, *options, text=False)
        if result.returncode:
            problems.append(f"--top: {result.returncode} {result.stderr}")
        if bad := CONTROL.search(result.stdout):
            problems.append(f"--top {options} writes a control character: {bad}")
        try:
            text = result.stdout.decode()
            json.loads(text) if options else None
        except ValueError as error:
            problems.append(f"--top {options}: {error}")
    return problems


# --- processes that are not there for long --------------------------------------------------------


def dying(folder, count, at_once=20, daemon=None):
    """Starts that are killed, that are refused by the interpreter, that end without a word."""
    problems, pythons = [], start_load.Pythons(folder, start_load.PROGRAMS[:2])
    ends = [[PYTHON, "--no-such-option"], [PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"],
            [PYTHON, "-c", "import os; os._exit(3)"], [PYTHON, "-c", "import not_there"]]
    with running(folder, daemon) as daemon:
        begun = time.time_ns()
        load = start_load.run([["/bin/sh", "-c", f"exec 2> /dev/null {shlex.join(end)}"]
                               for end in ends],
                              60, per_minute=60 * 60 * at_once, group=at_once, at_once=at_once,
                              truths=folder, count=count)
        unlike(problems, daemon, load.truths, begun)
        good = pythons.run(folder, 1, 600, 10, 10)
        hold(problems, stored(daemon, good.truths), "behind them")
        settled(problems, daemon)
    return {"problems": problems, "starts": load.starts}


def unlike(problems, daemon, truths, begun):
    """Every one of them is told once, however it ended."""
    by_pid = {}

    def told():
        by_pid.clear()
        for row in audit_store.starts(daemon.store, begun):
            by_pid.setdefault(row["process"], []).append(row)
        return all(truth.pid in by_pid for truth in truths)

    if not processes.wait_until(told, SETTLED_SECONDS):
        lost = [truth.number % 4 for truth in truths if truth.pid not in by_pid]
        problems.append(f"{len(lost)} of {len(truths)} are not told; of each kind "
                        f"{[lost.count(kind) for kind in range(4)]}")
    if twice := [pid for pid, rows in by_pid.items() if len(rows) > 1]:
        problems.append(f"told more than once: {len(twice)}")


def settled(problems, daemon):
    """No more starts are open than there are Pythons, and it is no larger than it may be."""
    def pythons():
        return sum(processes.read(pid, "comm").startswith(b"python") for pid in
                   processes.everyone())

    if not processes.wait_until(lambda: daemon.metric("thaw_starts_open") <= pythons(),
                                SETTLED_SECONDS):
        problems.append(f"{daemon.metric('thaw_starts_open')} starts are still open")
    if daemon.memory()["most"] > RESIDENT_BYTES:
        problems.append(f"{daemon.memory()['most'] >> 20} MiB resident")
    if daemon.process.poll() is not None:
        problems.append(f"it ended: {daemon.said()[-300:]}")


def changing_files(folder, count, daemon=None):
    """Programs that are executed once and are another file the next time."""
    problems, pythons = [], start_load.Pythons(folder, start_load.PROGRAMS[:2])
    source, program = start_load.built("no_op"), Path(folder, "once")
    with running(folder, daemon) as daemon:
        cpu, begin = daemon.fine_cpu_ns(), time.monotonic_ns()
        for number in range(count):
            shutil.copy(source, f"{program}{number}")
            subprocess.run([f"{program}{number}"], check=True)
            os.unlink(f"{program}{number}")
        seconds = (time.monotonic_ns() - begin) / 1e9
        share = (daemon.fine_cpu_ns() - cpu) / 1e9 / seconds
        good = pythons.run(folder, 1, 600, 10, 10)
        hold(problems, stored(daemon, good.truths), "behind them")
        settled(problems, daemon)
    if share > 0.25 and seconds > 1:  # it may look at the first of them
        problems.append(f"{share:.0%} of a core for files that are executed once")
    return {"problems": problems, "programs": count, "daemon_share": share,
            "per_second": count / seconds}


FORKS = """
import os, time
for generation in range(%d):
    os.fork()
time.sleep(0.3)
"""


def fork_tree(folder, generations, daemon=None):
    """2 to the power of so many processes that come of one."""
    problems, pythons = [], start_load.Pythons(folder, start_load.PROGRAMS[:2])
    with running(folder, daemon) as daemon:
        begun = time.time_ns()
        process = subprocess.Popen([PYTHON, "-c", FORKS % generations], start_new_session=True)
        process.wait(30)
        processes.wait_until(lambda: not in_session(process.pid), 30)
        good = pythons.run(folder, 1, 600, 10, 10)
        hold(problems, stored(daemon, good.truths), "behind them")
        settled(problems, daemon)
        rows = [row for row in audit_store.starts(daemon.store, begun)
                if row["process"] == process.pid]
        if len(rows) != 1:
            problems.append(f"{len(rows)} rows of the first of them")
    return {"problems": problems, "processes": 2 ** generations}


def in_session(session):
    fields = (processes.read(pid, "stat").rpartition(b") ")[2].split()
              for pid in processes.everyone())
    return [one for one in fields if len(one) > 3 and int(one[3]) == session]


# --- a pid that comes again -----------------------------------------------------------------------


class Clone(ctypes.Structure):
    """clone3(2)'s arguments, as far as set_tid (include/uapi/linux/sched.h)."""
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls",
        "set_tid", "set_tid_size")]


CLONE3 = 435


def clone_as(pid, command):
    """A child with that pid, which executes the command; SkipTest where that is not allowed."""
    wanted = ctypes.c_int(pid)
    arguments = Clone(exit_signal=signal.SIGCHLD, set_tid=ctypes.addressof(wanted), set_tid_size=1)
    libc = ctypes.CDLL(None, use_errno=True)
    child = libc.syscall(CLONE3, ctypes.byref(arguments), ctypes.sizeof(arguments))
    if child == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    if child < 0:
        raise unittest.SkipTest(f"no pid can be chosen here: {os.strerror(ctypes.get_errno())}")
    return child


def free_pid():
    """One that nobody has, far from those that are given next."""
    most = int(Path("/proc/sys/kernel/pid_max").read_text())
    taken = set(processes.everyone())
    return next(pid for pid in range(most - 100, 300, -1) if pid not in taken)


def same_pid(folder, count, daemon=None):
    """Starts with one and the same pid, one after the other: each is told by itself."""
    problems, pid, truths = [], free_pid(), []
    pythons = start_load.Pythons(folder, start_load.PROGRAMS[:2])
    with running(folder, daemon) as daemon:
        for number in range(count):
            before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            with told_to(Path(folder, "told"), number == 0):
                clone_as(pid, pythons.commands[number % 2])
            _, status = os.waitpid(pid, 0)
            end = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            truths.append(start_load.Truth(number, pid, before, end, end, status, 0))
        start_load.read_told(Path(folder, "told"), truths)
        for truth in truths:
            truth.imports = pythons.expected[truth.number % 2][1]
            truth.executed_ns = truth.first_ns
        hold(problems, stored(daemon, truths), "one pid")
    return {"problems": problems, "starts": count, "pid": pid}


@contextlib.contextmanager
def told_to(path, anew):
    """Descriptor 3 is that file meanwhile."""
    kept = os.dup(3) if os.path.exists("/proc/self/fd/3") else None
    own = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | (os.O_TRUNC if anew else 0))
    if own == 3:
        os.set_inheritable(3, True)
    else:
        os.dup2(own, 3)
        os.close(own)
    try:
        yield
    finally:
        if kept is None:
            os.close(3)
        else:
            os.dup2(kept, 3)
            os.close(kept)
