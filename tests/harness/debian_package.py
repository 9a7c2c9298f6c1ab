"""Fetches Debian packages through apt and unpacks them; nothing is installed.

The version comes from apt's package index at run time: this machine's own, or one of our own for
another suite, made from the sources this machine's apt is configured for. What was unpacked stays
in a cache and serves again, also when the mirror is out of reach.
"""

import contextlib
import fcntl
import functools
import os
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITE_ALIASES = ("stable", "testing", "unstable", "sid")
RELEASE_FILE = re.compile(r"^'(\S+)/dists/([^/']+)/InRelease'", re.MULTILINE)
INDEX_LIFETIME_S = 24 * 3600


class PackageIndex:
    """An apt package index, named by the options that select it."""

    def __init__(self, options):
        self._options = ["-o", "APT::Sandbox::User=root", *options]  # files stay where we put them

    def show(self, package):
        """The records of every version of the package that the index has; "" for none."""
        return run_apt("apt-cache", *self._options, "show", package) or ""

    def versions(self, package):
        """Versions of the package, the newest first."""
        found = re.findall(r"^Version: (\S+)$", self.show(package), re.MULTILINE)
        return sorted(found, key=functools.cmp_to_key(compare_versions), reverse=True)

    def download(self, packages, directory):
        """Unpacks the packages into `directory`, all or nothing; returns whether they came."""
        with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
            if run_apt("apt-get", *self._options, "download", *packages, cwd=scratch) is None:
                return False
            unpacked = Path(scratch) / "root"
            for archive in Path(scratch).glob("*.deb"):
                subprocess.run(["dpkg", "-x", archive, unpacked], check=True)
            unpacked.rename(directory)
            os.utime(directory)
        return True


def unpacked(cache, prefix, offers):
    """Returns (directory, whether it was fetched now), or None when nothing is to be had.

    `offers` gives (name of the directory, index, packages) in the order of preference; where none
    of them comes, the newest directory of `cache` whose name begins with `prefix` serves.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock"):
        for name, index, packages in offers:
            directory = cache / name
            if directory.is_dir():
                return directory, False
            if index.download(packages, directory):
                return directory, True
        known = [entry for entry in cache.iterdir() if entry.name.startswith(prefix)]
        if known:
            return max(known, key=lambda entry: entry.stat().st_mtime), False
    return None


def own_index(suite, directory):
    """An index of one suite, kept in `directory` and at most a day old when the mirror answers.

    What is installed here is not part of it. None where apt has no Debian site.
    """
    site = debian_site()
    if site is None:
        return None
    lists = directory / "lists"
    sources = directory / "sources.list"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    sources.write_text(f"deb [signed-by={KEYRING}] {site} {suite} main\n")
    options = ["-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
               "-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={directory}",
               "-o", "Dir::State::status=/dev/null",
               "-o", "Acquire::Languages=none", "-o", "APT::Update::Error-Mode=any"]
    stamp = directory / "updated"
    if not stamp.exists() or time.time() - stamp.stat().st_mtime > INDEX_LIFETIME_S:
        if run_apt("apt-get", "-o", "APT::Sandbox::User=root", *options, "update") is not None:
            stamp.touch()
    return PackageIndex(options)


@functools.cache
def debian_site():
    """The address this machine's apt has for Debian's main archive, or None.

    Other archives may use Debian's code names too; the main one also carries the updates.
    """
    try:
        codename = platform.freedesktop_os_release().get("VERSION_CODENAME")
    except OSError:
        return None
    found = RELEASE_FILE.findall(run_apt("apt-get", "update", "--print-uris") or "")
    sites = [site for site, suite in found if suite in (codename, *SUITE_ALIASES)]
    return max(sites, key=lambda site: (site, f"{codename}-updates") in found, default=None)


def run_apt(*command, cwd=None):
    """Output of an apt command in the C locale, or None when it fails or apt is not here."""
    try:
        result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False,
                                env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError:
        return None
    return result.stdout if result.returncode == 0 else None


def compare_versions(left, right):
    for relation, order in (("lt", -1), ("gt", 1)):
        command = ["dpkg", "--compare-versions", left, relation, right]
        if subprocess.run(command, check=False).returncode == 0:
            return order
    return 0


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
