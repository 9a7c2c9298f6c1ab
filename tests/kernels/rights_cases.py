#!/usr/bin/python3.11
"""Runs thaw with each set of rights on each kind of target; must run as root, here or in a guest.

    rights_cases.py THAW PYTHON FOLDER [all|telling|few]

Leaves FOLDER/RIGHTS/TARGET/{status,stderr,text,r/recording.thaw} and FOLDER/RIGHTS/doctor.json;
"telling" are the most telling runs, "few" those with each of the rights at least once. THAW is a copy that anybody may execute. `text`
is what the target's interpreter told of its imports (-X importtime), from the moment on that a
recording could have seen them all.
"""

import contextlib
import os
import shutil
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SETPRIV = "/usr/bin/setpriv"
OTHER_USER = 1000
LIMIT_S = 180
LOOK_S = 0.05  # between looks at a recording: there is no event to wait for
KNOWN_S = 3  # until an interpreter that can be looked at has been
STATEMENT = "import json, asyncio"
MARK = "from here on"
WAITING = f"""
import sys
print("up", flush=True)
sys.stdin.readline()
print("{MARK}", file=sys.stderr, flush=True)
{STATEMENT}
"""
# Another file at the interpreter's path than the one that thaw finds there: as in a container.
CONTAINER = 'mount --bind "$0" "$1" && read go && exec "$@"'

UNUSED = shutil.ignore_patterns("test", "tests", "config-*", "*-packages", "ensurepip", "lib2to3",
                                "idlelib", "tkinter", "pydoc_data", "unittest", "distutils")
FILE_CAPABILITIES = struct.pack("<5I", 0x02000001, 0, 0, 3 << (38 - 32), 0)  # as setcap stores them


@dataclass(frozen=True)
class Rights:
    """Who runs thaw; `capabilities` None: all that the user has."""
    name: str
    user: int
    capabilities: tuple = None
    of_file: bool = False  # the program's, given by setcap
    telling: tuple = ()
    few: tuple = ()

    def targets(self, which):
        return {"all": TARGETS, "telling": self.telling, "few": self.few}[which]

    def held(self):
        """Names of the capabilities that somebody who is not root gets."""
        return ("bpf", "perfmon") if self.of_file else self.capabilities or ()

    def words(self):
        """What makes a command run with these rights."""
        if self.user == 0:
            return []
        words = [SETPRIV, f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        if self.of_file:
            return words
        chosen = ",".join(["-all", *(f"+{name}" for name in self.capabilities)])
        return [*words, f"--inh-caps={chosen}", f"--ambient-caps={chosen}",
                f"--bounding-set={chosen}"]


TARGETS = ("own", "other-user", "other-root", "container")
NOBODY = 65534
ALL = (
    Rights("root", 0, telling=("container",), few=("container",)),
    Rights("two", NOBODY, ("bpf", "perfmon"), telling=TARGETS, few=("other-root",)),
    Rights("two-of-file", NOBODY, of_file=True, telling=("own",), few=("own",)),
    Rights("four", NOBODY, ("bpf", "perfmon", "sys_ptrace", "dac_read_search"),
           telling=("other-root", "container"), few=("container",)),
    Rights("two-and-admin", NOBODY, ("bpf", "perfmon", "sys_admin"), telling=("own",), few=("own",)),
    Rights("none", NOBODY, (), telling=("own", "other-user"), few=("own", "other-user")),
)


def with_rights(thaw, rights):
    return [*rights.words(), f"{thaw}-with-capabilities" if rights.of_file else str(thaw)]


class Case:
    """One run of thaw: rights and target."""

    def __init__(self, thaw, rights, folder):
        self.thaw = with_rights(thaw, rights)
        self.folder = folder
        self.recording = folder / "r" / "recording.thaw"
        self.recording.parent.mkdir(parents=True)
        os.chown(self.recording.parent, rights.user, rights.user)

    def keep(self, status, stderr, text):
        (self.folder / "status").write_text(str(status))
        (self.folder / "stderr").write_text(stderr)
        (self.folder / "text").write_text(text)

    def events(self):
        return subprocess.run([self.thaw[-1], "report", "-f", "text", self.recording], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout

    def size(self):
        return self.recording.stat().st_size if self.recording.exists() else None

    def wait_for(self, kinds, recorder, seconds):
        """Until the recording holds an event of one of the kinds. It is read only when it has grown:
        an emulated CPU has other things to do."""
        deadline, looked_at = time.monotonic() + seconds, None
        while True:
            if (size := self.size()) != looked_at:
                looked_at = size
                if any(f" {kind} " in self.events() for kind in kinds):
                    return
            if recorder.poll() is not None or time.monotonic() > deadline:
                return
            time.sleep(LOOK_S)

    def record(self, python):
        """thaw starts the target itself."""
        result = subprocess.run([*self.thaw, "record", "-q", "-o", self.recording, "--", python,
                                 "-X", "importtime", "-c", STATEMENT], timeout=LIMIT_S, text=True,
                                stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.keep(result.returncode, result.stderr, result.stderr)

    def attach(self, target):
        """The target waits, in its interpreter or before it, for lines on its standard input."""
        command = [*self.thaw, "attach", "-q", "-o", self.recording, "--limit", f"{LIMIT_S}s",
                   "--pid", str(target.process.pid)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as recorder:
            self.wait_for(["session.begin"], recorder, LIMIT_S)  # stored when all is attached
            target.go_on()
            if not target.started:
                self.wait_for(["interpreter", "loss"], recorder, KNOWN_S)
            text = target.finish()
            stderr = recorder.communicate(timeout=LIMIT_S)[1]
        self.keep(recorder.returncode, stderr, text)


class Target:
    """A Python of somebody else; `started`: it is in its interpreter already."""

    def __init__(self, command, started, **options):
        self.started = started
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        **options)
        if started:
            self.wait_until_up()

    def wait_until_up(self):
        if self.process.stdout.readline() != "up\n":
            raise RuntimeError(f"the target did not start: {self.process.stderr.read()}")

    def go_on(self):
        if not self.started:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
            self.wait_until_up()

    def finish(self):
        """Lets it import; what it told of that."""
        return self.process.communicate("go\n", timeout=LIMIT_S)[1].partition(MARK)[2]


def libraries(python):
    """Paths of the loader and the libraries it needs, as it tells them (ldd is not in a guest)."""
    told = subprocess.run([python], env={"LD_TRACE_LOADED_OBJECTS": "1"}, capture_output=True,
                          text=True, check=True).stdout
    return [word for word in told.split() if word.startswith("/")]


def make_root(folder, python):
    """A root of its own for one interpreter: a copy, into which only its owner may look."""
    library = Path(os.path.dirname(os.__file__))
    shutil.copytree(library, folder / str(library).lstrip("/"), ignore=UNUSED)
    for path in [python, *libraries(python)]:
        copy = folder / str(path).lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    for directory in (folder / "usr", *filter(Path.is_dir, (folder / "usr").rglob("*"))):
        os.chown(directory, OTHER_USER, OTHER_USER)
    os.chmod(folder / "usr", 0o700)
    os.chown(folder / python.lstrip("/"), OTHER_USER, OTHER_USER)
    os.chmod(folder / python.lstrip("/"), 0o700)
    return folder


def become_other(root):
    os.chroot(root)
    os.chdir("/")
    os.setgroups([])
    os.setgid(OTHER_USER)
    os.setuid(OTHER_USER)


def start(name, python, root):
    words = [python, "-X", "importtime", "-c", WAITING]
    if name == "container":
        return Target(["unshare", "-m", "sh", "-c", CONTAINER, f"{root}.python", *words],
                      started=False)
    if name == "other-root":
        return Target(words, started=True, preexec_fn=lambda: become_other(root))
    return Target(words, started=True, preexec_fn=lambda: become_other("/"))


def run(thaw, rights, target_name, python, folder):
    case = Case(thaw, rights, folder / rights.name / target_name)
    if target_name == "own":
        case.record(python)
        return
    target = start(target_name, python, folder / "other")
    with contextlib.closing(target.process.stdin):
        try:
            case.attach(target)
        finally:
            target.process.kill()
            target.process.wait()


def ask_doctor(thaw, rights, folder):
    folder.mkdir()
    with open(folder / "doctor.json", "w", encoding="utf-8") as file:
        subprocess.run([*with_rights(thaw, rights), "doctor", "--json"], stdin=subprocess.DEVNULL,
                       stdout=file, timeout=LIMIT_S, check=True)


def main(thaw, python, folder, which="telling"):
    folder = Path(folder)
    folder.mkdir(parents=True)
    shutil.copy(thaw, f"{thaw}-with-capabilities")
    os.setxattr(f"{thaw}-with-capabilities", "security.capability", FILE_CAPABILITIES)
    make_root(folder / "other", python)
    shutil.copy2(python, folder / "other.python")
    plain = subprocess.run([python, "-X", "importtime", "-c", STATEMENT], capture_output=True,
                           text=True, check=True)
    (folder / "plain").write_text(plain.stderr)
    try:
        for rights in ALL:
            ask_doctor(thaw, rights, folder / rights.name)
            for target_name in rights.targets(which):
                run(thaw, rights, target_name, python, folder)
    finally:
        shutil.rmtree(folder / "other")
        os.unlink(folder / "other.python")


if __name__ == "__main__":
    main(*sys.argv[1:])
