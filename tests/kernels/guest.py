#!/usr/bin/python3.11
"""Runs a command of ours in a guest with a given Debian kernel, and gets its files back.

    guest.py --kernel 6.1 --build build --python /usr/bin/python3.11 --input build/thaw:/bin/thaw \\
        --output /tmp/r.thaw --into out -- /bin/thaw record -o /tmp/r.thaw -- python3.11 -c pass

Exit status: the command's; 77 when the kernel or QEMU can't be had here (a skip); 124 when the
command was killed at its time limit; 125 when the guest was lost or the input is wrong.
The guest has no network but loopback, no disk, and only the files it is given; busybox serves as
its shell and small tools.
"""

import argparse
import contextlib
import io
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from cpio_archive import Archive, MissingLibrary
from kernel_package import KernelUnavailable, kernel_names, unpacked_kernel
from python_root import add_python
from qemu import EMULATOR, MachineFailed, emulator_command, run_machine

SETPRIV = "/usr/bin/setpriv"  # by its path: the guest's shell prefers its own tool of this name
SKIPPED, TIMED_OUT, FAILED = 77, 124, 125
KILLED = 128 + signal.SIGKILL
ABANDONED_AFTER_S = 24 * 3600
AROUND_COMMAND_S = 60  # to boot before the command and to send the files after it
RESULT_DIRECTORY = "guest/result"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = ((EMULATOR, "qemu-system-x86"), ("busybox", "busybox-static"), ("setpriv", "util-linux"))
EMPTY_DIRECTORIES = (("/proc", 0o755), ("/sys", 0o755), ("/dev", 0o755), ("/tmp", 0o1777),
                     ("/var/tmp", 0o1777), ("/run", 0o755), ("/root", 0o700), ("/etc", 0o755))
LOCALE = Path("/usr/lib/locale/C.utf8")  # else LANG=C.UTF-8 means plain C, and Python says so
USERS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n"
GROUPS = "root:x:0:\nnogroup:x:65534:\n"


class GuestUnavailable(Exception):
    """This machine can't run the guest; the message is one line and fit for a skip."""


class GuestFailed(Exception):
    """The guest was lost, or did not hand back what was asked for."""


@dataclass(frozen=True)
class GuestResult:
    """What one run in a guest gave."""
    status: int  # of the command, as sh has it: 128 + n after signal n
    timed_out: bool
    stdout: str
    stderr: str
    kernel_log: str
    files: dict  # guest path -> path on this machine
    missing: list  # outputs that the command did not make
    kernel: object
    seconds: dict  # stage -> wall seconds


class Guest:
    """A guest to be filled with files, then run once or more; nothing is kept between runs."""

    def __init__(self, kernel, build, progress=lambda text: None):
        require_tools()
        self._progress = progress
        self._scratch = Path(build).absolute() / "kernels"
        self._seconds = {}
        progress(f"kernel {kernel}: looking for it")
        started = time.monotonic()
        try:
            self.kernel = unpacked_kernel(kernel, build)
        except KernelUnavailable as error:
            raise GuestUnavailable(str(error)) from error
        self._seconds["kernel"] = time.monotonic() - started
        self.archive = base_archive()

    init = HERE / "guest_init.sh"

    def add(self, host_path, guest_path=None):
        """Adds a file or a directory, by default at the same path as here."""
        self.archive.add(host_path, guest_path)

    def add_python(self, interpreter):
        add_python(self.archive, interpreter)

    def run(self, command, *, into, outputs=(), timeout_s=300, user=0, capabilities=None,
            environment=None, memory_mib=1024, keep=False, around=(), console_socket=None):
        """Runs `command` (a list) and returns a GuestResult; output files are put into `into`.

        `timeout_s`: whole seconds for the command; boot and files are not counted.
        `user`: numeric user to run as; it has only the `capabilities` named (as setpriv names
        them, e.g. ("bpf", "perfmon")); None leaves root everything and others nothing.
        `around`: words of this machine before QEMU's own, as `thaw record --`.
        `console_socket`: path of a socket to be made, for both ends of the guest's console.
        """
        command = with_privileges(command, user, capabilities)
        remove_abandoned(self._scratch)
        work = Path(tempfile.mkdtemp(prefix="run-", dir=self._scratch))
        try:
            image_seconds = self._write_image(work / "image", command, outputs, timeout_s,
                                              environment)
            emulator = emulator_command(self.kernel.image, work / "image", work / "console",
                                        memory_mib, console_socket)
            started = time.monotonic()
            try:
                machine = run_machine([*around, *emulator], work / "console", timeout_s + AROUND_COMMAND_S,
                                      self._progress)
            except MachineFailed as error:
                raise GuestFailed(str(error)) from error
            seconds = {**self._seconds, "image": image_seconds,
                       "machine": time.monotonic() - started,
                       "boot": machine.host_seconds["booted"],
                       "command": machine.end_uptime_s - machine.boot_uptime_s}
            timed_out = machine.status == KILLED and seconds["command"] >= timeout_s
            return self._result(machine.status, timed_out, unpacked(machine.archive), Path(into),
                                outputs, seconds)
        finally:
            if not keep:
                shutil.rmtree(work, ignore_errors=True)

    def _write_image(self, path, command, outputs, timeout_s, environment):
        started = time.monotonic()
        self._progress("building the guest's root")
        self.archive.add_bytes("/guest/command", command_script(command, environment).encode())
        self.archive.add_bytes("/guest/outputs", "".join(f"{name}\n" for name in outputs).encode())
        self.archive.add_bytes("/guest/limit", f"{timeout_s}\n".encode())
        if command[0] == SETPRIV:
            self.archive.add_file(shutil.which("setpriv"), SETPRIV)
        try:
            self.archive.add_libraries()
        except MissingLibrary as error:
            raise GuestFailed(str(error)) from error
        self.archive.write(path)
        return time.monotonic() - started

    def _result(self, status, timed_out, members, into, outputs, seconds):
        own = {name: members.get(f"{RESULT_DIRECTORY}/{name}", b"").decode(errors="replace")
               for name in ("stdout", "stderr", "dmesg")}
        files, missing = {}, []
        into.mkdir(parents=True, exist_ok=True)
        for output in outputs:
            name = output.strip("/")
            found = {member: data for member, data in members.items()
                     if member == name or member.startswith(name + "/")}
            files[output] = into / PurePosixPath(output).name
            for member, data in found.items():
                store(into, PurePosixPath(output).name + member[len(name):], data)
            if not found:
                missing.append(output)
                del files[output]
        return GuestResult(status, timed_out, own["stdout"], own["stderr"], own["dmesg"], files,
                           missing, self.kernel, seconds)


def run_in_guest(kernel, build, command, *, inputs=(), python=None, **options):
    """One run in a fresh guest: `inputs` are (host path, guest path or None), `python` an
    interpreter to take along; the other options are those of Guest.run."""
    guest = Guest(kernel, build, options.pop("progress", lambda text: None))
    if python is not None:
        guest.add_python(python)
    for host_path, guest_path in inputs:
        guest.add(host_path, guest_path)
    return guest.run(command, **options)


def remove_abandoned(scratch):
    """Removes what runs that were killed, or asked to keep it, left behind a day ago or earlier."""
    for work in scratch.glob("run-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - work.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(work, ignore_errors=True)


def require_tools():
    for tool, package in TOOLS:
        if shutil.which(tool) is None:
            raise GuestUnavailable(f"{tool} is not installed; install the package {package}")


def base_archive():
    """The init script, busybox under its tools' names, and what a program expects anywhere."""
    archive = Archive()
    for directory, mode in EMPTY_DIRECTORIES:
        archive.add_directory(directory, mode)
    archive.add_file(Guest.init, "/init")
    busybox = shutil.which("busybox")
    archive.add_file(busybox, "/usr/bin/busybox")
    tools = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for tool in tools.stdout.split():
        if tool != "busybox":
            archive.add_link(f"/usr/bin/{tool}", "busybox")
    if LOCALE.is_dir():
        archive.add(LOCALE)
    archive.add_bytes("/etc/passwd", USERS.encode())
    archive.add_bytes("/etc/group", GROUPS.encode())
    archive.add_bytes("/etc/hosts", b"127.0.0.1 localhost\n::1 localhost\n")
    return archive


def with_privileges(command, user, capabilities):
    if user == 0 and capabilities is None:
        return list(command)
    chosen = ",".join(["-all", *(f"+{name}" for name in capabilities or ())])
    identity = [] if user == 0 else [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return [SETPRIV, *identity, f"--inh-caps={chosen}", f"--ambient-caps={chosen}",
            f"--bounding-set={chosen}", *command]


def command_script(command, environment):
    values = {"PATH": SEARCH_PATH, "HOME": "/root", "LANG": "C.UTF-8", **(environment or {})}
    assignments = [f"{name}={value}" for name, value in values.items()]
    return f"cd /root\nexec env -i {shlex.join([*assignments, *command])}\n"


def unpacked(archive):
    """Regular files (path -> bytes) and directories (path -> None) of the guest's tar archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as file:
            return {member.name.strip("/"): file.extractfile(member).read() if member.isfile()
                    else None for member in file if member.isfile() or member.isdir()}
    except tarfile.TarError as error:
        raise GuestFailed(f"the guest's archive can't be read: {error}") from error


def store(into, name, data):
    path = into / name
    if not path.resolve().is_relative_to(into.resolve()):
        raise GuestFailed(f"the guest sent a file outside of its output: {name}")
    if data is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Run a command in a guest with a Debian kernel.")
    parser.add_argument("--kernel", default="6.1", choices=kernel_names())
    parser.add_argument("--build", default="build", metavar="DIR", help="cache below DIR/kernels")
    parser.add_argument("--input", action="append", default=[], metavar="PATH[:GUESTPATH]")
    parser.add_argument("--python", metavar="PATH",
                        help="interpreter to take along, with its library")
    parser.add_argument("--output", action="append", default=[], metavar="GUESTPATH")
    parser.add_argument("--into", default=".", metavar="DIR", help="where outputs are put")
    parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS",
                        help="for the command; boot and files are not counted")
    parser.add_argument("--memory", type=int, default=1024, metavar="MIB")
    parser.add_argument("--user", type=int, default=0, metavar="UID")
    parser.add_argument("--capabilities", metavar="NAME,…", help="only these, e.g. bpf,perfmon")
    parser.add_argument("--environment", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--keep", action="store_true",
                        help="keep image and console log, a day, below DIR/kernels")
    parser.add_argument("--timings", action="store_true", help="print seconds per stage")
    parser.add_argument("command", nargs="+", metavar="COMMAND")
    options = parser.parse_args(arguments)
    if not all("=" in setting for setting in options.environment):
        parser.error("--environment takes NAME=VALUE")
    return options


def terminal_progress(stream):
    """A progress function: one changing line on a terminal, nothing elsewhere."""
    shown = ""

    def show(text):
        nonlocal shown
        if text != shown:
            print(f"\r\033[K{text}", end="", file=stream, flush=True)
            shown = text

    return show if stream.isatty() else lambda text: None


def run_options(options):
    inputs = [(host, guest or None) for host, _, guest in
              (value.partition(":") for value in options.input)]
    capabilities = options.capabilities.split(",") if options.capabilities is not None else None
    progress = terminal_progress(sys.stderr)
    try:
        return run_in_guest(options.kernel, options.build, options.command, inputs=inputs,
                            python=options.python, into=options.into, outputs=options.output,
                            timeout_s=options.timeout, user=options.user, keep=options.keep,
                            capabilities=capabilities, memory_mib=options.memory,
                            environment=dict(setting.split("=", 1)
                                             for setting in options.environment),
                            progress=progress)
    finally:
        progress("")


def main(arguments):
    options = parse_arguments(arguments)
    try:
        result = run_options(options)
    except GuestUnavailable as error:
        print(f"SKIP: {error}", file=sys.stderr)
        return SKIPPED
    except (GuestFailed, OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"guest: {error}", file=sys.stderr)
        return FAILED
    sys.stdout.write(result.stdout)
    sys.stdout.flush()
    sys.stderr.write(result.stderr)
    if options.timings:
        print(", ".join(f"{stage} {value:.2f} s" for stage, value in result.seconds.items()),
              file=sys.stderr)
    for output in result.missing:
        print(f"guest: the command made no {output}", file=sys.stderr)
    if result.timed_out:
        print(f"guest: the command was killed after {options.timeout} s", file=sys.stderr)
        return TIMED_OUT
    return FAILED if result.missing and result.status == 0 else result.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
