# SPDX-License-Identifier: Apache-2.0
"""Lays out the demo below --build as Azure does, from the locked packages:

  venv/                                            the test host's interpreter and packages
  azure-functions-host/workers/python/3.11/LINUX/X64/   the thin worker and the worker's packages
  standby/wwwroot/                                 the app folder of a worker without a customer
  wwwroot/                                         the app, the user's packages in .python_packages
  packages/NAME/                                   other packages, of requirements/NAME.txt (--lock)

What is there and unchanged is left alone, except the app's and the worker's own files, which are
copied anew each time. Writes nothing outside --build. Needs only the standard library.
"""
import argparse
import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER_FOLDER = "azure-functions-host/workers/python/3.11/LINUX/X64"
USER_PACKAGES = ".python_packages/lib/site-packages"
WORKER_FILES = ("worker/worker.py", "worker/thin_worker/__init__.py",
                "worker/thin_worker/__main__.py", "worker/thin_worker/start.py",
                "worker/thin_worker/dependencies.py", "worker/thin_worker/dispatcher.py")
PROTOCOL_FILES = ("protocol/function_rpc.py", "protocol/function_rpc.proto")

# Every lock file names all packages with their hashes: nothing is left for pip to resolve.
PIP_OPTIONS = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--only-binary=:all:", "--no-deps"]
# azure-functions-runtime and -v1 declare Python 3.13 but run on 3.11: ignored for these alone.
EXTRA_OPTIONS = {"runtime": ["--ignore-requires-python"]}


class Failure(Exception):
    """One line for the user."""


class Builder:
    def __init__(self, build, python):
        self.build = build
        self.python = python
        self.temporary = os.path.join(build, "tmp")

    def path(self, *parts):
        return os.path.join(self.build, *parts)

    # --- what is there already ---

    def stamp(self, name, locks):
        """(file, text): the file holds the text when `name` was made from these lock files."""
        recipe = (self.python, PIP_OPTIONS, EXTRA_OPTIONS)
        digest = hashlib.sha256(repr(recipe).encode())
        for lock in locks:
            with open(lock_path(lock), "rb") as file:
                digest.update(file.read())
        return self.path("stamps", name), digest.hexdigest()

    def make(self, name, locks, target, action):
        """Runs `action` unless the stamp says that `target` is up to date; then sets the stamp."""
        path, wanted = self.stamp(name, locks)
        if os.path.isdir(target) and read(path) == wanted:
            return
        started = time.monotonic()
        say(f"demo: installing {name} …")
        remove(path)
        remove(target)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.makedirs(self.temporary, exist_ok=True)
        try:
            action()
        finally:
            remove(self.temporary)
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
        say(f"demo: {name} ready after {time.monotonic() - started:.1f} s")

    # --- making it ---

    def run(self, command, what):
        # TMPDIR keeps pip's intermediate files on the same disk and inside --build.
        environment = {**os.environ, "TMPDIR": self.temporary, "PIP_USER": "0"}
        environment.pop("PYTHONPATH", None)
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                check=False)
        if result.returncode:
            raise Failure(f"{what} failed with status {result.returncode}: {reason(result.stderr)}")

    def install(self, lock, target=None):
        """The packages of a lock file, by the venv's pip; pip compiles them to bytecode."""
        command = [self.path("venv/bin/python"), "-I", "-m", "pip", "install", *PIP_OPTIONS,
                   *EXTRA_OPTIONS.get(lock, []), "-r", lock_path(lock)]
        if target:
            command += ["--target", target]
        self.run(command, f"pip install of {os.path.relpath(lock_path(lock))}")

    def make_venv(self):
        self.run([self.python, "-m", "venv", self.path("venv")], f"{self.python} -m venv")
        self.install("host")

    def make_worker(self):
        folder = self.path(WORKER_FOLDER)
        self.install("worker", folder)
        self.install("runtime", folder)

    def all_packages(self):
        self.make("the test host's packages", ["host"], self.path("venv"), self.make_venv)
        worker = self.path(WORKER_FOLDER)
        self.make("the worker's packages", ["worker", "runtime"], worker, self.make_worker)
        self.app_packages("app")

    def packages_folder(self, lock):
        """The .python_packages that apps with these packages get."""
        return self.path("wwwroot" if lock == "app" else f"packages/{lock}", ".python_packages")

    def packages_name(self, lock):
        return "the app's packages" if lock == "app" else f"{lock} packages"

    def app_packages(self, lock):
        packages = os.path.join(os.path.dirname(self.packages_folder(lock)), USER_PACKAGES)
        self.make(self.packages_name(lock), [lock], packages, lambda: self.install(lock, packages))

    def place_worker(self):
        """Our part of the worker, compiled like the rest when it changed."""
        changed = False
        for name in WORKER_FILES + PROTOCOL_FILES:
            folder = "thin_worker" if name in PROTOCOL_FILES else ""
            target = self.path(WORKER_FOLDER, folder, *name.split("/")[1:])
            if not same(os.path.join(HERE, name), target):
                copy(os.path.join(HERE, name), target)
                changed = True
        if changed:
            package = self.path(WORKER_FOLDER, "thin_worker")
            self.run([self.python, "-m", "compileall", "-q", package], "compiling the thin worker")
        os.makedirs(self.path("standby/wwwroot"), exist_ok=True)

    def place_app(self, app, wwwroot, lock):
        """The app's files in `wwwroot`, replacing all but the packages there."""
        os.makedirs(wwwroot, exist_ok=True)
        for name in os.listdir(wwwroot):
            if name != ".python_packages":
                remove(os.path.join(wwwroot, name))
        for name in os.listdir(app):
            if name not in (".python_packages", "__pycache__"):
                copy(os.path.join(app, name), os.path.join(wwwroot, name))
        packages = os.path.join(wwwroot, ".python_packages")
        first = self.packages_folder(lock)
        if os.path.realpath(packages) == os.path.realpath(first):
            return
        version = read(self.stamp(self.packages_name(lock), [lock])[0])
        if read(os.path.join(packages, "stamp")) != version:
            remove(packages)  # a second app has the same packages: the same files, linked
            shutil.copytree(first, packages, copy_function=os.link)
            with open(os.path.join(packages, "stamp"), "w", encoding="utf-8") as file:
                file.write(version)


def lock_path(name):
    return os.path.join(HERE, "requirements", name + ".txt")


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def same(path, other):
    return os.path.exists(other) and filecmp.cmp(path, other, shallow=False)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def copy(source, target):
    if os.path.isdir(source):
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def reason(text):
    """The line of pip's or venv's complaint that says most."""
    if "NewConnectionError" in text or "(from versions: none)" in text:
        return "the package index can't be reached; is there a network?"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1]


def say(text):
    print(text, file=sys.stderr, flush=True)


def check_python(python):
    """Fails unless `python` is what the lock files were made for and can make a venv."""
    program = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([python, "-c", program], capture_output=True, text=True,
                                check=False)
    except OSError as error:
        raise Failure(f"{python} can't be run ({error.strerror}); install the package python3.11")
    if result.returncode:
        raise Failure(f"{python} can't make virtual environments; install the package "
                      "python3.11-venv")
    if result.stdout.strip() != "3.11":
        raise Failure(f"{python} is Python {result.stdout.strip()}; the packages are for 3.11")


def prepare(build, python, app, wwwroot, packages):
    if not os.path.isfile(os.path.join(app, "host.json")):
        raise Failure(f"{app} is no function app: it has no host.json")
    builder = Builder(build, python)
    os.makedirs(build, exist_ok=True)
    lock = open(builder.path("lock"), "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)  # let go when this process ends
    if read(builder.stamp("the test host's packages", ["host"])[0]) is None:
        check_python(python)
    builder.all_packages()
    builder.place_worker()
    if packages != "app":
        builder.app_packages(packages)
    builder.place_app(app, wwwroot or builder.path("wwwroot"), packages)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIR", help="where all this goes")
    parser.add_argument("--python", default="/usr/bin/python3.11", metavar="PATH")
    parser.add_argument("--app", default=os.path.join(HERE, "apps/analyze"), metavar="DIR")
    parser.add_argument("--wwwroot", metavar="DIR",
                        help="place the app there instead; its packages are linked, not installed")
    parser.add_argument("--lock", default="app", metavar="NAME",
                        help="with the packages of requirements/NAME.txt; needs --wwwroot")
    options = parser.parse_args()
    if options.lock != "app" and not options.wwwroot:
        parser.error("--lock needs --wwwroot")
    try:
        prepare(os.path.abspath(options.build), options.python, os.path.abspath(options.app),
                options.wwwroot and os.path.abspath(options.wwwroot), options.lock)
    except (Failure, OSError) as error:
        say(f"prepare.py: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
