"""The Pythons that tests are run with: those of this machine, and how a command for one is made."""

import os
import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path

import shared_python
from program import BUILD

SUPPORTED = range(8, 16)  # minor versions
ASK_SECONDS = 60
ASK = ("import sys, sysconfig; print(sys.version_info[0], sys.version_info[1], "
       "sysconfig.get_path('include'), bool(sysconfig.get_config_var('Py_GIL_DISABLED')))")
ASK_BUILD = ("import os, sys; print(os.path.realpath(sys.executable), sys.version.split()[0], "
             "'shared' if 'libpython3' in open('/proc/self/maps').read() else 'static')")


@dataclass(frozen=True)
class Python:
    """One interpreter; `command` starts it, in `root`."""
    minor: int
    version: str
    build: str  # "static": one program; "shared": its code lies in libpython
    command: tuple
    root: Path = Path("/")
    probed: Path = None  # the object to be probed, where thaw would not look for it

    def __str__(self):
        return f"{self.version} {self.build} {self.command[-1]}"

    @property
    def options(self):
        """What `thaw record` is told of it in advance."""
        return ["--python", str(self.probed)] if self.probed else []

    def inside(self, path):
        """The path as the interpreter sees it; it must lie in its root."""
        return "/" / Path(path).relative_to(self.root)

    def place(self, folder):
        """Brings a folder of this machine into the root, by hard links; returns its path there."""
        if self.root == Path("/"):
            return folder
        placed = self.root / "opt" / folder.name
        if not placed.exists():
            placed.parent.mkdir(exist_ok=True)
            partial = placed.with_name(f"{placed.name}.{os.getpid()}")
            subprocess.run(["cp", "-al", str(folder), str(partial)], check=True)
            partial.rename(placed)
        return placed


def ask(path, question):
    """The words that an interpreter answers with; none if it doesn't run."""
    answer = subprocess.run([str(path), "-I", "-c", question], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    return answer.stdout.split() if answer.returncode == 0 else []


def interpreter_paths():
    """python3.* in PATH, /usr/bin and /usr/local/bin, pyenv's, and those named in THAW_PYTHONS."""
    folders = [*os.get_exec_path(), "/usr/bin", "/usr/local/bin",
               *(Path.home() / ".pyenv/versions").glob("*/bin")]
    named = filter(None, os.environ.get("THAW_PYTHONS", "").split(":"))
    found = [*map(Path, named)]
    for folder in map(Path, folders):
        found += sorted(folder.glob("python3.[0-9]*"))
    return {path.resolve() for path in found
            if "-" not in path.name and os.access(path, os.X_OK)}


def interpreters():
    """(path, minor, include folder) of every CPython 3 with the GIL that can be run."""
    for path in sorted(interpreter_paths()):
        words = ask(path, ASK)
        if words and words[0] == "3" and words[3] == "False":
            yield path, int(words[1]), Path(words[2])


def machine_pythons():
    """Those of them that thaw supports, with a shared one made where none is installed.

    A script that starts one (pyenv's shims) is none itself.
    """
    found = {}
    for path, minor, _ in interpreters():
        if minor in SUPPORTED:
            program, version, build = ask(path, ASK_BUILD)
            found[program] = Python(minor, version, build, (program,))
    if all(python.build == "static" for python in found.values()):
        found.update(made_python())
    return sorted(found.values(), key=lambda python: (python.minor, python.build))


def made_python():
    """{path: a 3.11 whose code lies in a library}, if there is that library to make it with."""
    folder = BUILD / "pythons/shared-3.11"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        program = str(shared_python.make(folder))
    except unittest.SkipTest:
        return {}
    _, version, build = ask(program, ASK_BUILD)
    return {program: Python(11, version, build, (program,))}


def loading_for_each_python(cases):
    """What unittest calls as load_tests: the cases once for each Python of this machine, which they
    get from find()."""
    def load_tests(loader, _tests, _pattern):
        suite = unittest.TestSuite()
        for python in machine_pythons():
            name = f"{cases.__name__}_{python.version}_{python.build}"
            # A test is called by the module of its class: the cases', not this one's.
            bound = type(name, (cases,), {"__module__": cases.__module__,
                                          "find": staticmethod(lambda python=python: python)})
            suite.addTests(loader.loadTestsFromTestCase(bound))
        return suite
    return load_tests
