"""gunicorn, uvicorn and pytest as tests/live/servers/servers.txt locks them, in an environment of
their own below build/servers, made once."""

import shutil
import subprocess

from debian_package import locked
from program import BUILD, REPOSITORY

LOCK_FILE = REPOSITORY / "tests/live/servers/servers.txt"
FOLDER = BUILD / "servers"
PYTHON = "/usr/bin/python3.11"
PIP_OPTIONS = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--only-binary=:all:", "--no-deps"]
SECONDS = 300


def environment():
    """The environment's folder; RuntimeError says why there is none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    venv, stamp = FOLDER / "venv", FOLDER / "locked.txt"
    with locked(FOLDER / "lock"):
        if not stamp.exists() or stamp.read_text() != LOCK_FILE.read_text():
            stamp.unlink(missing_ok=True)
            run([PYTHON, "-m", "venv", "--clear", str(venv)])
            run([str(venv / "bin/python"), "-I", "-m", "pip", "install", *PIP_OPTIONS, "-r",
                 str(LOCK_FILE)])
            shutil.copyfile(LOCK_FILE, stamp)
    return venv


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    if result.returncode:
        raise RuntimeError(f"{command[0]}: {result.stderr.strip()[-300:]}")
