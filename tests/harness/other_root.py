"""A root folder with a Python in it, as an image has one: nothing in it is this machine's file
where that matters (programs and libraries are copies), the standard library may be hard-linked.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import fresh_python

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels"))
from cpio_archive import MERGED_DIRECTORIES, shared_libraries  # noqa: E402

PYTHON = "/usr/bin/python3.11"  # where a root has it, whatever it is
STANDARD_LIBRARY = "/usr/lib/python3.11"
UNUSED = shutil.ignore_patterns("test", "tests", "idlelib", "tkinter", "lib2to3", "ensurepip",
                                "pydoc_data", "config-3.11-*", "dist-packages", "turtledemo")


def link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def make(folder, program=fresh_python.STATIC):
    """Fills FOLDER; `program` becomes its PYTHON."""
    root = Path(folder)
    for name in ("usr/bin", "usr/lib", "usr/lib64", "usr/sbin", "tmp", "proc", "dev", "old"):
        (root / name).mkdir(parents=True)
    for name in MERGED_DIRECTORIES:
        (root / name).symlink_to(f"usr/{name}")
    shutil.copy(program, root / PYTHON[1:])
    shutil.copytree(STANDARD_LIBRARY, root / STANDARD_LIBRARY[1:], ignore=UNUSED,
                    copy_function=link_or_copy)
    files = [program, *Path(STANDARD_LIBRARY, "lib-dynload").glob("*.so")]
    for library in shared_libraries([Path(os.path.realpath(file)) for file in files]):
        inside = root / os.path.normpath(library)[1:]
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, inside)
    return root


def starts_here(root):
    """Whether the Python of the root starts at all, by chroot."""
    result = subprocess.run(["chroot", str(root), PYTHON, "-c", "pass"], capture_output=True,
                            check=False)
    return result.returncode == 0
