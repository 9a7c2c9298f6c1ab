"""systemd as Debian has it, unpacked and not installed, with the libraries that it needs."""

import functools
import os
import subprocess
import unittest
from pathlib import Path

from debian_package import PackageIndex, unpacked
from program import BUILD

CACHE = BUILD / "systemd"
# Of Debian 12: what `systemd` needs and a small machine may lack.
PACKAGES = ("systemd", "libsystemd-shared", "libsystemd0", "libapparmor1", "libaudit1", "libacl1",
            "libblkid1", "libcap-ng0", "libcap2", "libcrypt1", "libgcrypt20", "libgpg-error0",
            "libip4tc2", "libkmod2", "liblz4-1", "liblzma5", "libmount1", "libpam0g",
            "libpcre2-8-0", "libseccomp2", "libselinux1", "libssl3", "libzstd1", "zlib1g")


@functools.cache
def root():
    """The folder that they are unpacked in; SkipTest where they can't be had."""
    found = unpacked(CACHE, "systemd_", offers())
    if found is None:
        raise unittest.SkipTest(f"apt finds no package systemd and none is cached in {CACHE}")
    return found[0]


def offers():
    index = PackageIndex([])
    for version in index.versions("systemd")[:1]:
        yield f"systemd_{version}", index, PACKAGES


def library_folders():
    return [folder for folder in (root() / name / "x86_64-linux-gnu" for name in ("lib", "usr/lib"))
            if folder.is_dir()]


def analyze(*arguments):
    """systemd-analyze's result."""
    folders = library_folders()
    folders += [folder / "systemd" for folder in folders]
    return subprocess.run([root() / "usr/bin/systemd-analyze", *map(str, arguments)],
                          env={**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders)),
                               "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False)


def files(*names):
    """(path in a machine, path here) of files of it, with the links on the way kept as such."""
    for name in names:
        found = root() / name.lstrip("/")
        if not found.exists() and not found.is_symlink():
            found = root() / "usr" / name.lstrip("/")
        yield Path("/usr" + name if not name.startswith("/usr") else name), found


def libraries():
    """The same of all shared libraries there are."""
    for folder in library_folders():
        for file in sorted([*folder.glob("*.so*"), *folder.glob("systemd/*.so")]):
            yield Path("/usr/lib") / file.relative_to(folder.parent), file
