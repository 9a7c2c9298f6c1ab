"""Packages for a CPython version, installed once below build/pythons/site-3.X, by the pip of
another, which lies in an environment of its own beside them.

Only wheels are taken. What has none for the version is left out, and said.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from debian_package import locked
from program import BUILD

CACHE = BUILD / "pythons"
PIP_PYTHON, PIP_MINOR = "/usr/bin/python3.11", 11
SETUPTOOLS = "setuptools>=70.1"  # makes wheels without the package of that name
PIP_SECONDS = 300
WARM_SECONDS = 120

# Module -> distribution it comes with.
DISTRIBUTIONS = {"azure.functions": "azure-functions", "numpy": "numpy", "pandas": "pandas",
                 "requests": "requests", "azure.storage.blob": "azure-storage-blob",
                 "azure.identity": "azure-identity", "sqlalchemy": "sqlalchemy",
                 "matplotlib.pyplot": "matplotlib", "greenlet": "greenlet"}

# Versions that get all of them; to fetch, unpack and compile them for each takes minutes. The others
# get the few (with THAW_ALL_PYTHONS all get all).
WITH_ALL = (PIP_MINOR, 14)
FEW = ("azure.functions", "numpy", "requests", "greenlet")
NOT_FOR_IT = "only with THAW_ALL_PYTHONS=1"

# pip holds the conditions of a dependency against its own version: what only older ones need.
BEFORE_3_10 = ("importlib-resources", "zipp")

TRY = """
import sys
for name in sys.argv[1:]:
    try:
        __import__(name)
    except Exception as error:
        print(name, type(error).__name__, error)
"""


@dataclass
class Site:
    """What is installed for a version; `left_out` has a reason for every module that isn't."""
    folder: Path
    modules: list
    left_out: dict = field(default_factory=dict)

    def environment(self, python):
        """Variables for an interpreter that imports from it."""
        inside = str(python.inside(python.place(self.folder)))
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": inside,
                "MPLCONFIGDIR": f"{inside}/.matplotlib"}

    def usable_by(self, python, modules):
        """Imports them once, so that their bytecode is written; returns the site with those that
        could be imported."""
        wanted = [name for name in modules if name in self.modules or name not in DISTRIBUTIONS]
        result = subprocess.run([*python.command, "-c", TRY, *wanted], stdin=subprocess.DEVNULL,
                                env=self.environment(python), capture_output=True, text=True,
                                timeout=WARM_SECONDS, check=True)
        failed = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
        return Site(self.folder, [name for name in wanted if name not in failed],
                    {**{name: why for name, why in self.left_out.items() if name in modules},
                     **failed})


def distributions(minor):
    """{module: distribution} that a version gets, where there are wheels."""
    if minor in WITH_ALL or os.environ.get("THAW_ALL_PYTHONS"):
        return DISTRIBUTIONS
    return {module: DISTRIBUTIONS[module] for module in FEW}


def site_packages(minor):
    """The packages for CPython 3.minor, installed now if they weren't before."""
    folder, stamp = CACHE / f"site-3.{minor}", CACHE / f"site-3.{minor}.json"
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / f"site-3.{minor}.lock"):
        state = json.loads(stamp.read_text()) if stamp.exists() else {}
        wanted = distributions(minor)
        if state.get("wanted") != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            left_out = install_all(minor, folder, wanted)
            state = {"wanted": wanted, "left_out": left_out}
            if len(left_out) < len(wanted):  # else there is no package index: ask again
                stamp.write_text(json.dumps(state, indent=1))
    left_out = {**{module: NOT_FOR_IT for module in DISTRIBUTIONS if module not in wanted},
                **state["left_out"]}
    return Site(folder, [name for name in DISTRIBUTIONS if name not in left_out], left_out)


def install_all(minor, folder, wanted):
    """Installs what has wheels; returns {module: why not} for the rest."""
    folder.mkdir()
    needed_besides = BEFORE_3_10 if minor < 10 else ()
    if install(minor, folder, [*wanted.values(), *needed_besides]) is None:
        return {}
    left_out = {}
    for module, distribution in wanted.items():
        why = install(minor, folder, [distribution], "--dry-run")
        if why is not None:
            left_out[module] = why
    install(minor, folder, [distribution for module, distribution in wanted.items()
                            if module not in left_out] + [*needed_besides])
    return left_out


def pip_install():
    """The words before what is to be installed; makes the environment with pip and setuptools."""
    environment = CACHE / "pip"
    words = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "--no-compile",
             "--disable-pip-version-check"]
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / "pip.lock"):
        if not (environment / "complete").exists():
            run([PIP_PYTHON, "-m", "venv", "--clear", str(environment)]).check_returncode()
            if run([*words, SETUPTOOLS]).returncode == 0:
                (environment / "complete").touch()
    return words


def run(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PIP_SECONDS, check=False)


def install(minor, folder, distributions, *options):
    """Returns None, or why pip could not.

    A wheel's Requires-Python would be held against pip's own interpreter; for a newer one the tags
    decide alone.
    """
    if minor > PIP_MINOR:
        options = (*options, "--ignore-requires-python")
    result = run([*pip_install(), *options, "--target", str(folder), "--python-version",
                  f"3.{minor}", "--implementation", "cp", "--only-binary=:all:", *distributions])
    if result.returncode == 0:
        return None
    errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR: ")]
    return errors[-1].removeprefix("ERROR: ") if errors else result.stderr[-200:]
