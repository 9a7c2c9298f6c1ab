"""wrk, the HTTP load generator, from Debian's package of it, unpacked and not installed."""

import functools
import os
import re
import shutil
import subprocess

from debian_package import PackageIndex, unpacked
from program import BUILD

CACHE = BUILD / "wrk"
PACKAGES = ["wrk", "libluajit-5.1-2"]
LIBRARIES = "usr/lib/x86_64-linux-gnu"
ANSWERED = re.compile(r"(\d+) requests in ([\d.]+)s")
SPARE_SECONDS = 30


@functools.cache
def command():
    """(program, its environment); None where it can't be had."""
    if installed := shutil.which("wrk"):
        return installed, dict(os.environ)
    found = unpacked(CACHE, "wrk-", [("wrk-1", PackageIndex([]), PACKAGES)])
    if found is None:
        return None
    environment = {**os.environ, "LD_LIBRARY_PATH": str(found[0] / LIBRARIES)}
    return str(found[0] / "usr/bin/wrk"), environment


def load(url, seconds, connections=8):
    """Requests answered in so many seconds; 0: nobody answers."""
    program, environment = command()
    result = subprocess.run([program, "-t", "1", "-c", str(connections), "-d", f"{seconds}s", url],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                            env=environment, timeout=seconds + SPARE_SECONDS)
    found = ANSWERED.search(result.stdout)
    return int(found[1]) if found else 0
