"""Starts at a given pace (tests/bench/start_load.c), and what is true of each: told by who started
it and, in Python, by the started one itself.
"""

import collections
import functools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import importtime
from program import BUILD, REPOSITORY

COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
COMPILE_SECONDS = 60
SPARE_SECONDS = 120
PYTHON = "/usr/bin/python3.11"

# A started one writes a line to descriptor 3: pid, first and last instant of its own code
# (CLOCK_BOOTTIME), how many modules there are.
CHILD = """
import time; begin = time.clock_gettime_ns(7)
import sys, os
%s
end = time.clock_gettime_ns(7)
os.write(3, b"%%d %%d %%d %%d\\n" %% (os.getpid(), begin, end, len(sys.modules)))
"""
PROGRAMS = ("import json, asyncio", "import json", "import asyncio, decimal",
            "import email.message",
            "try: import not_there\nexcept ImportError: import json, asyncio")


@dataclass
class Truth:
    """One start. Times are CLOCK_BOOTTIME in ns."""
    number: int
    pid: int
    before_ns: int    # it had not been forked
    executed_ns: int  # it had executed its program
    end_ns: int       # it had ended
    status: int
    cpu_us: int
    first_ns: int = 0  # of its own code
    last_ns: int = 0
    modules: int = 0   # in its sys.modules
    imports: int = 0   # that its interpreter says it made (-X importtime, another run of the same)


@dataclass
class Load:
    starts: int
    failed: int
    wall_ns: int
    cpu_ns: int
    truths: list

    @property
    def each_ns(self):
        return self.cpu_ns / max(self.starts, 1)


@functools.cache
def built(name):
    """tests/bench/NAME.c as a program below $THAW_BUILD."""
    program, source = BUILD / "bench" / name, REPOSITORY / f"tests/bench/{name}.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        options = ["-static", "-nostdlib"] if name == "no_op" else ["-D_GNU_SOURCE"]
        subprocess.run([COMPILER, "-std=gnu17", "-O2", *options, "-o", program, source], check=True,
                       timeout=COMPILE_SECONDS)
    return str(program)


class Running:
    """Starts commands by turns for so long; of truths (a folder) their lines are read back."""

    def __init__(self, commands, seconds, per_minute=0, group=1, at_once=1, truths=None,
                 count=0):
        self.truths, self.seconds = truths, seconds
        told, own = "-", os.open(os.devnull, os.O_WRONLY)
        if truths:
            told = str(Path(truths, "started"))
            os.close(own)
            own = os.open(Path(truths, "told"),
                          os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
        words = [built("start_load"), per_minute, group, at_once, int(seconds * 1000), count, told]
        for command in commands:
            words += ["--", *command]
        try:
            self.process = subprocess.Popen(
                ["sh", "-c", f'exec "$@" 3>&{own}', "sh", *map(str, words)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, pass_fds=[own])
        finally:
            os.close(own)

    def wait(self):
        output, _ = self.process.communicate(timeout=self.seconds + SPARE_SECONDS)
        if self.process.returncode:
            raise RuntimeError(f"start_load ended with {self.process.returncode}")
        starts, failed, wall_ns, cpu_ns = map(int, output.split())
        return Load(starts, failed, wall_ns, cpu_ns,
                    read_truths(self.truths) if self.truths else [])

    def stop(self):
        """Before its time: no more starts."""
        self.process.terminate()
        return self.wait()


def run(commands, seconds, **pace):
    return Running(commands, seconds, **pace).wait()


def read_truths(folder):
    truths = [Truth(*map(int, line.split()))
              for line in Path(folder, "started").read_text().splitlines()]
    read_told(Path(folder, "told"), truths)
    return sorted(truths, key=lambda truth: truth.number)


def read_told(path, truths):
    """Adds what they told of themselves."""
    found = collections.defaultdict(list)  # a pid may come again
    for truth in truths:
        found[truth.pid].append(truth)
    for line in path.read_text().splitlines():
        pid, first, last, modules = map(int, line.split())
        for truth in found[pid]:
            if truth.before_ns <= first <= truth.end_ns:
                truth.first_ns, truth.last_ns, truth.modules = first, last, modules


class Pythons:
    """Commands that start Python, and how many imports each of them makes."""

    def __init__(self, folder, programs=PROGRAMS, python=PYTHON):
        self.commands = [[python, "-c", CHILD % program] for program in programs]
        self.expected = [self.listed(command, folder) for command in self.commands]

    @staticmethod
    def listed(command, folder):
        """(modules in its sys.modules, imports) as the interpreter lists them."""
        path = Path(folder, "listed")
        text = subprocess.run(["sh", "-c", f'exec "$@" 3> "{path}"', "sh", command[0], "-X",
                               "importtime", *command[1:]], stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=True).stderr
        return int(path.read_text().split()[3]), len(importtime.entries_of_text(text))

    def begin(self, folder, seconds, per_minute, group, at_once, count=0):
        return Running(self.commands, seconds, per_minute, group, at_once, truths=folder,
                       count=count)

    def run(self, *pace):
        return self.complete(self.begin(*pace).wait())

    def complete(self, load):
        """A load of them; each truth knows its imports."""
        for truth in load.truths:
            modules, imports = self.expected[truth.number % len(self.expected)]
            if truth.status == 0 and modules != truth.modules:
                raise AssertionError(f"start {truth.number} has {truth.modules} modules, not "
                                     f"{modules}: another program than the one that was listed")
            truth.imports = imports
        return load
