"""What lock files name, installed once below build/servers: those in tests/live/servers gunicorn,
uvicorn and pytest in an environment of their own, and a .NET runtime; that in tests/live/sbom a
validator of CycloneDX; those in tests/live/diff two small environments without pip."""

import shutil
import subprocess
from pathlib import Path

from debian_package import locked
from program import BUILD, REPOSITORY

LOCK_FILES = REPOSITORY / "tests/live/servers"
SBOM_LOCK_FILES = REPOSITORY / "tests/live/sbom"
DIFF_LOCK_FILES = REPOSITORY / "tests/live/diff"
FOLDER = BUILD / "servers"
PYTHON = "/usr/bin/python3.11"
PIP_OPTIONS = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--only-binary=:all:", "--no-deps"]
SECONDS = 300


def environment():
    """The servers' environment: its folder. RuntimeError says why there is none."""
    return made("servers", [])


def dotnet():
    """The program `dotnet` of the runtime."""
    program = made("dotnet", ["--no-compile"]) / "lib/python3.11/site-packages/dotnetcore2/bin/dotnet"
    program.chmod(0o755)
    return program


def sbom_validator():
    """The environment with the validator of CycloneDX. RuntimeError says why there is none."""
    return made("validator", [], SBOM_LOCK_FILES)


def small_environment(name):
    """The environment without pip that the lock file of tests/live/diff is of, installed by the pip
    of another one."""
    python = sbom_validator() / "bin/python"
    lock_file, venv, stamp = DIFF_LOCK_FILES / f"{name}.txt", FOLDER / name, FOLDER / f"{name}.txt"
    with locked(FOLDER / f"{name}.lock"):
        if not stamp.exists() or stamp.read_text() != lock_file.read_text():
            stamp.unlink(missing_ok=True)
            run([PYTHON, "-m", "venv", "--clear", "--without-pip", str(venv)])
            run([str(python), "-I", "-m", "pip", "--python", str(venv / "bin/python"), "install",
                 *PIP_OPTIONS, "--no-compile", "-r", str(lock_file)])
            shutil.copyfile(lock_file, stamp)
    return Path(venv)


def made(name, options, lock_files=LOCK_FILES):
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock_file, venv, stamp = lock_files / f"{name}.txt", FOLDER / name, FOLDER / f"{name}.txt"
    with locked(FOLDER / f"{name}.lock"):
        if not stamp.exists() or stamp.read_text() != lock_file.read_text():
            stamp.unlink(missing_ok=True)
            run([PYTHON, "-m", "venv", "--clear", str(venv)])
            run([str(venv / "bin/python"), "-I", "-m", "pip", "install", *PIP_OPTIONS, *options,
                 "-r", str(lock_file)])
            shutil.copyfile(lock_file, stamp)
    return Path(venv)


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    if result.returncode:
        raise RuntimeError(f"{command[0]}: {result.stderr.strip()[-300:]}")
