"""C programs of the live tests, linked with the library that is tested."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from program import BUILD, REPOSITORY

COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
PACKAGES = ("libelf", "jansson", "libxxhash", "smartcols")  # as in the Makefile
BUILD_SECONDS = 60


CAPTURE = ("libbpf", "libcap-ng")  # packages of programs that look at the machine themselves
CAPTURE_LIBRARIES = ("-lunwind-x86_64",)


def built(folder, name, packages=PACKAGES, libraries=()):
    """tests/live/NAME as a program in the folder; SkipTest without a C compiler or the library."""
    if COMPILER is None:
        raise unittest.SkipTest("no C compiler")
    if not LIBRARY.exists():
        raise unittest.SkipTest(f"{LIBRARY} is not built")
    program = Path(folder, Path(name).stem)
    options = subprocess.run(["pkg-config", "--libs", *packages], check=True, text=True,
                             capture_output=True, timeout=BUILD_SECONDS).stdout.split()
    subprocess.run([COMPILER, "-std=gnu17", "-D_GNU_SOURCE", f"-I{REPOSITORY}/include",
                    f"-I{REPOSITORY}/src", "-o", program, REPOSITORY / "tests/live" / name,
                    LIBRARY, *options, *libraries, "-lm"], check=True, timeout=BUILD_SECONDS)
    return program
