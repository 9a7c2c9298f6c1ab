"""Fetches a Debian kernel package through apt and unpacks it; nothing is installed.

A row of kernels.json names a meta package, the kernel series wanted (null: the newest) and the
suite that carries it. The version comes from apt's package index at run time: first from the
index this machine already has, then from an index of our own for the row's suite, made from the
sources this machine's apt is configured for.
"""

import contextlib
import fcntl
import functools
import json
import os
import platform
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("kernels.json")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITE_ALIASES = ("stable", "testing", "unstable", "sid")
RELEASE_FILE = re.compile(r"^'(\S+)/dists/([^/']+)/InRelease'", re.MULTILINE)
INDEX_LIFETIME_S = 24 * 3600
EXACT_DEPENDENCY = re.compile(r"\b(linux-[a-z]+-(\d[\w.+-]*)) \(= ([^)]+)\)")


class KernelUnavailable(Exception):
    """The kernel is neither cached nor to be had here; the message is one line."""


@dataclass(frozen=True)
class Package:
    """One kernel package in an index."""
    name: str
    release: str
    version: str


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel."""
    name: str
    release: str  # as uname -r says
    version: str  # of the package
    image: Path
    root: Path  # the unpacked package, with the modules
    fetched: bool  # by this call, not found in the cache


def kernel_names():
    return list(json.loads(TABLE.read_text()))


def unpacked_kernel(name, build):
    """Returns the newest kernel of the row `name`, cached below `build`/kernels."""
    row = json.loads(TABLE.read_text()).get(name)
    if row is None:
        raise ValueError(f"no kernel {name} in {TABLE}; it has {', '.join(kernel_names())}")
    cache = Path(build).absolute() / "kernels" / name
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock"):
        for index in indexes(row, cache):
            package = index.newest_package(row)
            if package is None:
                continue
            directory = cache / f"{package.name}_{package.version}"
            if directory.is_dir():
                return cached_kernel(name, directory)
            if index.download(package, directory):
                return cached_kernel(name, directory, fetched=True)
        known = [entry for entry in cache.iterdir() if entry.name.startswith("linux-image-")]
        if known:
            return cached_kernel(name, max(known, key=lambda entry: entry.stat().st_mtime))
    raise KernelUnavailable(f"kernel {name}: apt finds no {row['package']} for it (suite "
                            f"{row['suite']}) and none is cached in {cache}; connect this machine "
                            "to its Debian mirror")


def indexes(row, cache):
    """Package indexes in the order they are asked; each is made when those before failed."""
    if row["series"] is not None:
        yield PackageIndex([])
    site = debian_site()
    if site is not None:
        yield own_index(site, row["suite"], cache / "apt")


class PackageIndex:
    """An apt package index, named by the options that select it."""

    def __init__(self, options):
        self._options = ["-o", "APT::Sandbox::User=root", *options]  # files stay where we put them

    def newest_package(self, row):
        """The newest kernel package of the row's series, or None."""
        found = self._exact_dependencies(row["package"])
        if row["series"] is not None:
            prefix = row["series"] + "."
            found = [package for package in found if package.release.startswith(prefix)]
        return max(found, key=functools.cmp_to_key(compare_packages), default=None)

    def download(self, package, directory):
        """Unpacks the package into `directory`, all or nothing; returns whether it came."""
        wanted = [f"{package.name}={package.version}"]
        for part in self._exact_dependencies(wanted[0]):  # newer series: the image is one of these
            wanted.append(f"{part.name}={part.version}")
        with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
            if run_apt("apt-get", *self._options, "download", *wanted, cwd=scratch) is None:
                return False
            unpacked = Path(scratch) / "root"
            for archive in Path(scratch).glob("*.deb"):
                subprocess.run(["dpkg", "-x", archive, unpacked], check=True)
            unpacked.rename(directory)
            os.utime(directory)
        return True

    def _exact_dependencies(self, package):
        """Kernel packages of one exact version that any version of `package` depends on."""
        text = run_apt("apt-cache", *self._options, "show", package) or ""
        depends = [line for line in text.splitlines() if line.startswith("Depends: ")]
        return [Package(*match) for match in EXACT_DEPENDENCY.findall("\n".join(depends))]


def own_index(site, suite, directory):
    """An index of one suite, kept in `directory` and at most a day old when the mirror answers."""
    lists = directory / "lists"
    sources = directory / "sources.list"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    sources.write_text(f"deb [signed-by={KEYRING}] {site} {suite} main\n")
    options = ["-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
               "-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={directory}",
               "-o", "Acquire::Languages=none", "-o", "APT::Update::Error-Mode=any"]
    stamp = directory / "updated"
    if not stamp.exists() or time.time() - stamp.stat().st_mtime > INDEX_LIFETIME_S:
        if run_apt("apt-get", "-o", "APT::Sandbox::User=root", *options, "update") is not None:
            stamp.touch()
    return PackageIndex(options)


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


def compare_packages(left, right):
    for relation, order in (("lt", -1), ("gt", 1)):
        command = ["dpkg", "--compare-versions", left.version, relation, right.version]
        if subprocess.run(command, check=False).returncode == 0:
            return order
    return 0


def cached_kernel(name, directory, fetched=False):
    images = [*directory.glob("boot/vmlinuz-*"), *directory.glob("usr/lib/modules/*/vmlinuz")]
    if not images:
        raise KernelUnavailable(f"kernel {name}: no vmlinuz in {directory}; remove that directory")
    release, _, version = directory.name.removeprefix("linux-image-").partition("_")
    return Kernel(name, release, version, images[0], directory, fetched)


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
