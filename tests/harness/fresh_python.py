"""Interpreters that nobody can know beforehand: copies made a moment ago, below names of their own.

Each maker returns a Start: what to execute, and the environment it needs. All of them write their
own import report (`PYTHONPROFILEIMPORTTIME`), also the one that only embeds Python.
"""

import os
import shutil
import subprocess
import sysconfig
import unittest
from dataclasses import dataclass, field
from pathlib import Path

import shared_python

STATIC = Path("/usr/bin/python3.11")
LIBRARY = "libpython3.11.so.1.0"
EMBEDDER = """
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words)
{
    void *library = dlopen(LIBRARY_PATH, RTLD_NOW | RTLD_GLOBAL);
    void (*begin)(int) = library ? (void (*)(int))dlsym(library, "Py_InitializeEx") : 0;
    int (*run)(const char *) =
        library ? (int (*)(const char *))dlsym(library, "PyRun_SimpleString") : 0;
    int (*end)(void) = library ? (int (*)(void))dlsym(library, "Py_FinalizeEx") : 0;
    if (!begin || !run || !end)
        return fprintf(stderr, "%s\\n", dlerror()), 3;
    begin(0);
    return run(words[count - 1]) || end();
}
"""


@dataclass
class Start:
    """A command's first word and what it needs; `-c CODE` is to follow."""
    program: Path
    environment: dict = field(default_factory=dict)


def library():
    """Debian's libpython3.11.so, or SkipTest."""
    path = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib/x86_64-linux-gnu", LIBRARY)
    found = next((one for one in (path, Path("/usr/lib/x86_64-linux-gnu", LIBRARY))
                  if one.exists()), None)
    if found is None:
        raise unittest.SkipTest(f"no {LIBRARY} here (libpython3.11)")
    return found


def static_copy(folder, name="interp"):
    """The static interpreter below a name that says nothing."""
    program = Path(folder, name)
    shutil.copy(STATIC, program)
    return Start(program)


def library_copy(folder, name=LIBRARY):
    """The shared library below a fresh path."""
    path = Path(folder, name)
    shutil.copy(library(), path)
    return path


def shared_copy(folder):
    """A program and its libpython, both fresh: the library is found by LD_LIBRARY_PATH."""
    folder = Path(folder)
    program = folder / "interp"
    shared_python.make(folder).rename(program)
    library_copy(folder)
    return Start(program, {"LD_LIBRARY_PATH": str(folder)})


def fresh_library(folder, program):
    """A program that was there, with a libpython that was not."""
    return Start(program, {"LD_LIBRARY_PATH": str(library_copy(folder).parent)})


def embedder(folder):
    """A program that is not called Python and opens a fresh libpython itself."""
    folder = Path(folder)
    program, opened = folder / "service", library_copy(folder, "libpython3.11.so")
    built = subprocess.run(["gcc", "-x", "c", "-", "-o", program, f'-DLIBRARY_PATH="{opened}"'],
                           input=EMBEDDER, text=True, stderr=subprocess.PIPE, check=False)
    if built.returncode:
        raise unittest.SkipTest(f"no C compiler for a program that embeds Python: {built.stderr}")
    return Start(program)


def make(kind, folder):
    """One of KINDS, in a new folder of its own."""
    os.makedirs(folder)
    return KINDS[kind](folder)


KINDS = {"static copy": static_copy, "shared copy": shared_copy, "embedder": embedder}
