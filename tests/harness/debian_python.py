"""CPython versions that this Debian lacks, from the packages of newer suites, each in a root of its
own: the static program python3.X, and one whose code lies in libpython3.X.so.

They run by chroot; who is not root becomes it in a user namespace first.
"""

import os
import unittest
from pathlib import Path

import shared_python
from debian_package import locked, own_index, unpacked
from program import BUILD
from pythons import Python

SUITES = {13: "trixie", 14: "unstable", 15: "unstable"}  # minor version -> the suite that has it
OF_PYTHON = ("python3.{0}", "python3.{0}-minimal", "libpython3.{0}", "libpython3.{0}-minimal",
             "libpython3.{0}-stdlib")
LIBRARIES = ("libc6", "libexpat1", "zlib1g", "libssl3t64", "libffi8", "libsqlite3-0", "libzstd1",
             "liblzma5", "libbz2-1.0", "libuuid1", "libgcc-s1", "libstdc++6")
MERGED = ("bin", "lib", "lib64", "sbin")  # links into usr/, which Debian's base-files would bring
CACHE = BUILD / "pythons"
LIBRARY_FOLDER = "usr/lib/x86_64-linux-gnu"


def debian_pythons(minor):
    """The static and the shared build of CPython 3.minor; SkipTest where it can't be had."""
    root = unpacked_root(minor)
    version = root.name.partition("_")[2]
    with locked(CACHE / f"3.{minor}.lock"):
        complete(root)
        program = make_shared_program(root, minor)
    static = f"/usr/bin/python3.{minor}"
    enter = ("chroot",) if os.geteuid() == 0 else ("unshare", "--map-root-user", "--root")
    library = root / LIBRARY_FOLDER / f"libpython3.{minor}.so.1.0"
    return [Python(minor, version, "static", (*enter, str(root), static), root,
                   root / static.lstrip("/")),
            Python(minor, version, "shared", (*enter, str(root), program), root, library)]


def unpacked_root(minor):
    """The newest packages of the suite, unpacked below build/pythons."""
    prefix = f"3.{minor}_"
    found = unpacked(CACHE, prefix, offers(minor, prefix))
    if found is None:
        raise unittest.SkipTest(f"apt finds no python3.{minor} (suite {SUITES[minor]}) and none is "
                                f"cached in {CACHE}")
    return found[0]


def offers(minor, prefix):
    """What debian_package.unpacked() may choose from: the newest version, if there is one."""
    index = own_index(SUITES[minor], CACHE / "apt" / SUITES[minor])
    names = [name.format(minor) for name in OF_PYTHON]
    for version in (index.versions(names[0]) if index else [])[:1]:
        yield prefix + version, index, [*(f"{name}={version}" for name in names), *LIBRARIES]


def complete(root):
    """What Debian's own installation makes besides the packages."""
    for name in MERGED:
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for folder in ("dev", "tmp"):
        (root / folder).mkdir(exist_ok=True)


def make_shared_program(root, minor):
    """Builds a python3.minor that runs libpython into root/usr/local/bin; its path in the root."""
    program = Path(f"/usr/local/bin/python3.{minor}")
    place = root / program.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        shared_python.make(place.parent, f"3.{minor}", root / LIBRARY_FOLDER)
    return str(program)
