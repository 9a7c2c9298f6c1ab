"""One package of npm's registry without what it depends on, unpacked once below build/environments;
nothing of it is executed. Needs npm.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

from debian_package import locked
from locked_environments import FOLDER

SECONDS = 120

# What speedscope's own package has: its page, for a browser, and the schema of its files.
SPEEDSCOPE = ("speedscope", "1.25.0", "sha512-cpf9HWTZf1ijLXBJrk87Ve/54tnYx6rlf0gUThvn3ook6h63hLXVOQiM"
              "f44PT+XoV503cPfvfiT5gP5vojp6Ag==")


def speedscope():
    return made(*SPEEDSCOPE) / "package/dist/release"


def made(name, version, integrity):
    """The folder of a package with that hash; SkipTest without npm, RuntimeError when it won't."""
    folder = FOLDER / f"npm-{name}-{version}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with locked(FOLDER / f"npm-{name}.lock"), tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        if folder.exists():
            return folder
        archive = packed(name, version, scratch)
        if sha512(archive) != integrity:
            raise RuntimeError(f"{name} {version} is not what it was")
        unpacked = Path(scratch, "unpacked")
        with tarfile.open(archive) as opened:
            files = [one for one in opened if one.isfile()]
            if any(not one.name.startswith("package/") or ".." in one.name for one in files):
                raise RuntimeError(f"{name} {version} would be unpacked elsewhere")
            opened.extractall(unpacked, files)
        unpacked.rename(folder)
    return folder


def packed(name, version, scratch):
    npm = shutil.which("npm")
    if npm is None:
        raise unittest.SkipTest("no npm")
    result = subprocess.run([npm, "pack", "--silent", "--ignore-scripts", f"{name}@{version}"],
                            cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    if result.returncode:
        raise RuntimeError(f"npm pack {name}: {result.stderr.strip()[-300:]}")
    return Path(scratch, result.stdout.strip())


def sha512(path):
    digest = hashlib.sha512(path.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"
