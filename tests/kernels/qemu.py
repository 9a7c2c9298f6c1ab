"""One run of a virtual machine under QEMU's own CPU emulation, and the protocol of its init script.

The kernel's console goes to a file. The second serial line carries guest_init.sh's messages.
"""

import hashlib
import os
import re
import selectors
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

EMULATOR = "qemu-system-x86_64"
# clearcpuid=cx16: 3 of 41 boots of 6.12 died in the allocator right after cmpxchg16b, with flags no
# processor sets (QEMU 7.2.22); 0 of 59 with the kernel's way around that instruction.
# no_timer_check: on a busy machine the timer does not tick while the kernel waits for it, and 6.1
# panics ("IO-APIC + timer doesn't work!").
KERNEL_OPTIONS = ("console=ttyS0 loglevel=5 panic=-1 oops=panic reboot=t random.trust_cpu=on "
                  "mitigations=off nokaslr clearcpuid=cx16 no_timer_check")
EVENT = re.compile(rb"(booted|ended|result) ([^\n]*)\n")
CAUSE = re.compile(r"Kernel panic|BUG: |Oops: |Out of memory|RIP: 0010:|Initramfs unpacking failed")
CONSOLE_TAIL_LINES = 15
EXIT_WAIT_S = 10


class MachineFailed(Exception):
    """The guest ended, or was ended, without handing back its result."""


@dataclass
class MachineRun:
    """What came over the serial line."""
    status: int = None  # of the command, as sh has it; None until it ended
    archive: bytes = None  # compressed tar archive, checksum verified
    boot_uptime_s: float = None
    end_uptime_s: float = None
    host_seconds: dict = field(default_factory=dict)  # event -> seconds since QEMU's start


def emulator_command(kernel_image, archive, console, memory_mib, console_socket=None):
    """QEMU without devices but two serial lines; setpriv ends it when its parent dies.

    console: a file; console_socket: a socket that it makes for whoever wants to talk there, too.

    thread=single: with one thread for each CPU of the guest, 2 of 34 runs died of an int3 that the
    kernel had replaced already (text patching, as attaching to a tracepoint does; QEMU 7.2.22).
    """
    return ["setpriv", "--pdeathsig", "KILL", EMULATOR,
            "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", "max", "-smp", "2",
            "-m", str(memory_mib), "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-kernel", str(kernel_image), "-initrd", str(archive),
            "-append", KERNEL_OPTIONS, *console_options(console, console_socket),
            "-chardev", "stdio,id=messages,signal=off", "-serial", "chardev:messages"]


def console_options(console, socket):
    if socket is None:
        return ["-serial", f"file:{console}"]
    return ["-chardev", f"socket,id=console,path={socket},server=on,wait=off,logfile={console}",
            "-serial", "chardev:console"]


def run_machine(command, console, timeout_s, progress=lambda text: None):
    """Starts QEMU, waits for its end, and returns what the guest sent."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        run = receive(process.stdout, started, started + timeout_s, progress)
        if None not in (run.archive, run.status, run.boot_uptime_s):
            wait_for_end(process)
            return run
        explain_failure(process, run, Path(console), timeout_s)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def receive(stream, started, deadline, progress):
    """Reads messages until the archive is whole, the stream ends or the deadline passes."""
    run = MachineRun()
    received = bytearray()
    expected = None  # size and checksum, once announced
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while (now := time.monotonic()) < deadline:
            progress(state_of(run, expected, now - started))
            if not selector.select(min(1.0, deadline - now)):
                continue
            chunk = os.read(stream.fileno(), 1 << 16)
            if not chunk:
                break
            received += chunk
            while expected is None and (match := EVENT.search(received)):
                expected = take_event(run, match[1].decode(), match[2].decode(errors="replace"),
                                      time.monotonic() - started)
                del received[:match.end()]
            if expected is not None and len(received) >= expected[0]:
                run.archive = verified(bytes(received[:expected[0]]), expected[1])
                run.host_seconds["received"] = time.monotonic() - started
                break
    return run


def take_event(run, name, value, seconds):
    """Notes one message; returns size and checksum if it announces the archive."""
    run.host_seconds[name] = seconds
    words = value.split()
    try:
        if name == "booted":
            run.boot_uptime_s = float(words[0])
        elif name == "ended":
            run.end_uptime_s, run.status = float(words[0]), int(words[1])
        else:
            return int(words[0]), words[1]
    except (ValueError, IndexError) as error:
        raise MachineFailed(f"the guest sent a broken message: {name} {value}") from error
    return None


def verified(archive, checksum):
    if hashlib.sha256(archive).hexdigest() != checksum:
        raise MachineFailed("the guest's files came damaged over the serial line")
    return archive


def state_of(run, expected, seconds):
    if expected is not None:
        return "receiving files"
    if run.status is not None:
        return "command ended"
    return f"running, {seconds:.0f} s" if run.boot_uptime_s else f"booting, {seconds:.0f} s"


def wait_for_end(process):
    try:
        process.wait(EXIT_WAIT_S)
    except subprocess.TimeoutExpired:
        pass  # the result is here; the caller ends the machine


def explain_failure(process, run, console, timeout_s):
    """Raises MachineFailed with how far the guest came and the last lines it printed."""
    try:
        process.wait(0.5)
        reason = f"QEMU ended with status {process.returncode}"
        if process.returncode != 0:
            reason += ": " + process.stderr.read().decode(errors="replace").strip()
    except subprocess.TimeoutExpired:
        reason = f"no result after {timeout_s} s"
    if run.status is not None:
        stage = f"after the command ended with status {run.status}"
    else:
        stage = "while the command ran" if run.boot_uptime_s is not None else "before it had booted"
    lines = console.read_text(errors="replace").splitlines() if console.exists() else []
    causes = [line for line in lines[:-CONSOLE_TAIL_LINES] if CAUSE.search(line)]
    raise MachineFailed("\n".join([f"guest lost {stage}: {reason}; its console's last lines:",
                                   *causes[:5], *lines[-CONSOLE_TAIL_LINES:]]))
