"""What pip and pipdeptree say of installed distributions. pipdeptree lies in an environment of its
own below build/pythons, installed once; pip is that of site_packages.py."""

import json
import re
import subprocess
import unittest

from debian_package import locked
from site_packages import CACHE, PIP_PYTHON, pip_install, run

SECONDS = 60
MISSING = re.compile(r"(\S+) (\S+) requires (\S+), which is not installed\.")
VERSION = re.compile(r"(\S+) (\S+) has requirement (.+), but you have (\S+) (\S+)\.")


def canonical(name):
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pipdeptree(site):
    """Its JSON about a folder of the import path, as {name: its row}."""
    folder = CACHE / "pipdeptree"
    words = pip_install()
    with locked(CACHE / "pipdeptree.lock"):
        if not (folder / "complete").exists():
            result = run([*words, "--upgrade", "--target", str(folder), "pipdeptree"])
            if result.returncode:
                raise unittest.SkipTest(f"pipdeptree can't be installed: {result.stderr[-200:]}")
            (folder / "complete").touch()
    text = subprocess.run([PIP_PYTHON, "-m", "pipdeptree", "--path", str(site), "-o", "json",
                           "--computed", "unique-deps-names"], check=True, text=True,
                          capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
                          env={"PYTHONPATH": str(folder), "HOME": "/nonexistent"}).stdout
    return {row["package"]["key"]: row for row in json.loads(text)}


def pip_check(python):
    """Conflicts in an environment, as {(kind, who, requirement or name)}."""
    pip = pip_install()[0]
    result = subprocess.run([pip, "-m", "pip", "--python", str(python), "check"], text=True,
                            capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
                            check=False)
    found = set()
    for line in result.stdout.splitlines():
        missing, version = MISSING.fullmatch(line), VERSION.fullmatch(line)
        if missing:
            found.add(("missing", canonical(missing[1]), canonical(missing[3])))
        elif version:
            found.add(("version", canonical(version[1]), canonical(version[4])))
        elif line != "No broken requirements found.":
            raise AssertionError(f"pip check says: {line}")
    if bool(found) != bool(result.returncode):
        raise AssertionError(f"pip check ends with {result.returncode}: {result.stderr}")
    return found
