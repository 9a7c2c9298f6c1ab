"""musl's dynamic loader, from Debian's package of it, unpacked and not installed."""

import functools
import unittest

from debian_package import PackageIndex, unpacked
from program import BUILD

CACHE = BUILD / "musl"
PACKAGE = "musl"
LOADER = "/lib/ld-musl-x86_64.so.1"


@functools.cache
def musl():
    """(the folder with the package's files, its version); SkipTest where it can't be had."""
    found = unpacked(CACHE, f"{PACKAGE}_", offers())
    if found is None:
        raise unittest.SkipTest(f"apt finds no package {PACKAGE} and none is cached in {CACHE}")
    return found[0], found[0].name.partition("_")[2].partition("-")[0]


def offers():
    index = PackageIndex([])
    for version in index.versions(PACKAGE)[:1]:
        yield f"{PACKAGE}_{version}", index, [f"{PACKAGE}={version}"]
