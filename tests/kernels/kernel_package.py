"""Fetches a Debian kernel package through apt and unpacks it; nothing is installed.

A row of kernels.json names a meta package, the kernel series wanted (null: the newest) and the
suite that carries it. The index this machine already has is asked first, then one of our own for
the row's suite.
"""

import functools
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from debian_package import PackageIndex, compare_versions, own_index, unpacked

TABLE = Path(__file__).with_name("kernels.json")
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
    found = unpacked(cache, "linux-image-", offers(row, cache))
    if found is None:
        raise KernelUnavailable(f"kernel {name}: apt finds no {row['package']} for it (suite "
                                f"{row['suite']}) and none is cached in {cache}; connect this "
                                "machine to its Debian mirror")
    directory, fetched = found
    return cached_kernel(name, directory, fetched)


def offers(row, cache):
    """What unpacked() may choose from; an index is made when those before it failed."""
    for index in indexes(row, cache):
        package = newest_package(index, row)
        if package is not None:
            exact = f"{package.name}={package.version}"
            parts = exact_dependencies(index, exact)  # newer series: the image is one of these
            yield (f"{package.name}_{package.version}", index,
                   [exact, *(f"{part.name}={part.version}" for part in parts)])


def indexes(row, cache):
    if row["series"] is not None:
        yield PackageIndex([])
    index = own_index(row["suite"], cache / "apt")
    if index is not None:
        yield index


def newest_package(index, row):
    """The newest kernel package of the row's series, or None."""
    found = exact_dependencies(index, row["package"])
    if row["series"] is not None:
        prefix = row["series"] + "."
        found = [package for package in found if package.release.startswith(prefix)]
    return max(found, key=functools.cmp_to_key(compare_packages), default=None)


def exact_dependencies(index, package):
    """Kernel packages of one exact version that any version of `package` depends on."""
    depends = [line for line in index.show(package).splitlines() if line.startswith("Depends: ")]
    return [Package(*match) for match in EXACT_DEPENDENCY.findall("\n".join(depends))]


def compare_packages(left, right):
    return compare_versions(left.version, right.version)


def cached_kernel(name, directory, fetched=False):
    images = [*directory.glob("boot/vmlinuz-*"), *directory.glob("usr/lib/modules/*/vmlinuz")]
    if not images:
        raise KernelUnavailable(f"kernel {name}: no vmlinuz in {directory}; remove that directory")
    release, _, version = directory.name.removeprefix("linux-image-").partition("_")
    return Kernel(name, release, version, images[0], directory, fetched)
