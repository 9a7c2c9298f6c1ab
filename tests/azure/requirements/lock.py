# SPDX-License-Identifier: Apache-2.0
"""Pins what .in files ask for, those beside this one or those given: NAME.in -> NAME.txt, with hashes.

Run it by the Python that the packages are for, with pip in reach, on the machine they are for:
    /usr/bin/python3.11 -m venv VENV && VENV/bin/python lock.py [NAME.in ...]
It asks pip, in a dry run, what it would install from where pip is configured to look: wheels only,
one hash each, no addresses. Nothing is installed.
"""
import json
import os
import re
import subprocess
import sys

NAMES = ("host", "worker", "runtime", "app", "durable", "advice-ai", "advice-azure", "advice-orm")
OPTIONS = {"runtime": ["--no-deps", "--ignore-requires-python"], "formats": ["--no-deps"]}
HEAD = """\
# Made by lock.py from {name}.in; don't edit. Wheels for Python {major}.{minor} on x86-64 Linux.
"""


def resolve(path, options):
    """What pip would install for the requirements file `path`."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--report", "-",
               "--ignore-installed", "--only-binary=:all:", *options, "-r", path]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["install"]


def lock_lines(packages):
    for package in packages:
        metadata = package["metadata"]
        name = re.sub(r"[-_.]+", "-", metadata["name"]).lower()
        digest = package["download_info"]["archive_info"]["hashes"]["sha256"]
        yield f"{name}=={metadata['version']} --hash=sha256:{digest}\n"


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    for path in sys.argv[1:] or [os.path.join(folder, name + ".in") for name in NAMES]:
        folder, name = os.path.dirname(path), os.path.basename(path).removesuffix(".in")
        packages = resolve(path, OPTIONS.get(name, []))
        head = HEAD.format(name=name, major=sys.version_info.major, minor=sys.version_info.minor)
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as file:
            file.write(head + "".join(sorted(lock_lines(packages))))
        print(f"{name}.txt: {len(packages)} packages")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"lock.py: pip failed with status {error.returncode}, see above")
