"""The library `packaging`, whose answers src/packaging is held against, installed once below
build/pythons by the pip of an environment of its own."""

import shutil

from debian_package import locked
from program import REPOSITORY
from site_packages import CACHE, pip_install, run

LOCK_FILE = REPOSITORY / "tests/live/packaging.txt"


def packaging_library():
    """(the folder that has the library, an interpreter that has pip); RuntimeError says why not."""
    words, folder = pip_install(), CACHE / "packaging"
    with locked(CACHE / "packaging.lock"):
        stamp = folder / LOCK_FILE.name
        if not stamp.exists() or stamp.read_text() != LOCK_FILE.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            result = run([*words, "--no-deps", "--require-hashes", "--only-binary=:all:",
                          "--target", str(folder), "-r", str(LOCK_FILE)])
            if result.returncode:
                raise RuntimeError(f"packaging can't be installed: {result.stderr[-200:]}")
            shutil.copyfile(LOCK_FILE, stamp)
    return folder, words[0]
