"""What processes a test left behind, as /proc tells it."""

import contextlib
import ctypes
import json
import os
import subprocess
import time
from pathlib import Path

import elevate

BPF_CALL, BPF_ENABLE_STATS = 321, 32  # bpf(2) on x86-64, include/uapi/linux/bpf.h
LOOK_SECONDS = 0.01


def everyone():
    """pids of now."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def read(pid, name):
    """/proc/PID/NAME, empty when the process is gone or not ours to see."""
    try:
        return Path("/proc", str(pid), name).read_bytes()
    except OSError:
        return b""


def state(pid):
    """R, S, D, T, Z, …; empty when it is gone."""
    return read(pid, "stat").rpartition(b") ")[2][:1].decode()


def children(pid):
    return [int(child) for child in read(pid, f"task/{pid}/children").split()]


def with_variable(name, value):
    """pids whose environment has it: a tree finds itself again, also after its root has died."""
    wanted = f"{name}={value}".encode()
    return [pid for pid in everyone()
            if wanted in read(pid, "environ").split(b"\0") and state(pid) != "Z"]


def named(name):
    return [pid for pid in everyone() if read(pid, "comm").strip() == name.encode()]


def wait_until(true, seconds):
    """Whether it came true in time; looks again and again, as there is nothing to wait for."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


@contextlib.contextmanager
def counted_runs():
    """While it lasts the kernel counts runs and run times of BPF programs (72 ns a run, measured);
    OSError where it may not be asked to."""
    attributes = ctypes.create_string_buffer(128)  # zeros: type BPF_STATS_RUN_TIME
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(BPF_CALL, BPF_ENABLE_STATS, attributes, len(attributes))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "BPF_ENABLE_STATS")
    try:
        yield
    finally:
        os.close(descriptor)


def bpf_objects(kind):
    """What `bpftool KIND show` lists: [{"id", "name", …}]."""
    result = subprocess.run([*elevate.prefix_or_skip(), "/usr/sbin/bpftool", kind, "show", "-j"],
                            capture_output=True, text=True, check=True)
    return json.loads(result.stdout or "[]")


def descriptors(pid, key):
    """The numbers of one kind that a process's descriptors stand for: prog_id, link_id, map_id."""
    found = set()
    try:
        entries = list(os.scandir(f"/proc/{pid}/fdinfo"))
    except OSError:
        return found
    for entry in entries:
        for line in read(pid, f"fdinfo/{entry.name}").decode(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name == key:
                found.add(int(value))
    return found


def ownerless_programs(names):
    """Programs of these names that no process has open: nobody would ever take them away."""
    owned = set()
    listed = {program["id"]: program["name"] for program in bpf_objects("prog")
              if program.get("name") in names}
    if listed:
        for pid in everyone():
            owned |= descriptors(pid, "prog_id")
    return {number: name for number, name in listed.items() if number not in owned}
