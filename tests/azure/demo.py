# SPDX-License-Identifier: Apache-2.0
"""For tests: the prepared demo below $THAW_BUILD, more apps beside it, runs of the test host.

Root in somebody else's clone ($THAW_OWNER, UID:GID) prepares and runs all this as that owner.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = os.path.join(os.path.abspath(os.environ.get("THAW_BUILD", "build")), "demo")
VENV_PYTHON = os.path.join(DEMO, "venv/bin/python")
HOST = os.path.join(HERE, "host/test_host.py")
WORKER_FOLDER = os.path.join(DEMO, "azure-functions-host/workers/python/3.11/LINUX/X64")
USER_PACKAGES = ".python_packages/lib/site-packages"
RUN_SECONDS = 60  # no run needs a tenth of it; a test that hangs ends


def as_owner():
    """subprocess options that make a child the clone's owner."""
    owner = os.environ.get("THAW_OWNER", "none")
    if os.geteuid() or owner in ("", "none"):
        return {}
    user, group = map(int, owner.split(":"))
    return {"user": user, "group": group, "extra_groups": []}


def prepare(*arguments):
    """Runs prepare.py; an app's packages are installed once and take about 20 s."""
    return subprocess.run([sys.executable, "-B", os.path.join(HERE, "prepare.py"), *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          **as_owner())


def place(app, name=None, lock="app"):
    """Makes $THAW_BUILD/demo/apps/NAME from an app's folder and returns its path."""
    wwwroot = os.path.join(DEMO, "apps", name or os.path.basename(app))
    for arguments in ([], ["--app", app, "--wwwroot", wwwroot, "--lock", lock]):
        if arguments or not os.path.isdir(os.path.join(DEMO, "wwwroot")):
            result = prepare("--build", DEMO, *arguments)
            if result.returncode:
                raise RuntimeError(result.stderr)
    return wwwroot


def place_own(name, lock="app"):
    """The same for one of tests/azure/apps."""
    return place(os.path.join(HERE, "apps", name), lock=lock)


def place_source(name, source, settings=None, more=None):
    """The same for an app that is only this function_app.py (and more: {file: text}), with these
    app settings."""
    return place_files(name, {
        "function_app.py": source, "local.settings.json": json.dumps({"Values": settings or {}}),
        **(more or {})})


def place_files(name, files):
    """The same for an app of these files, {path in it: text}, and a host.json."""
    with tempfile.TemporaryDirectory() as app:
        os.chmod(app, 0o755)
        for path, text in {"host.json": '{"version": "2.0"}', **files}.items():
            target = os.path.join(app, path)
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
        return place(app, name)


class Log:
    """The host's log, in the order of its times."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.as_written = [json.loads(line) for line in file]
        self.lines = sorted(self.as_written, key=lambda line: line["time_ns"])

    def events(self, name):
        return [line for line in self.lines if line["event"] == name]

    def messages(self, worker=None, kind=None):
        """All but the worker's logs, which come in between at any time."""
        return [line for line in self.events("message")
                if line["type"] != "RpcLog" and worker in (None, line["worker"])
                and kind in (None, line["type"])]


class Run:
    """A finished run: status, output, errors (text) and log."""

    def __init__(self, status, output, errors, log_path):
        self.status, self.output, self.errors = status, output, errors
        self.log = Log(log_path) if os.path.exists(log_path) else None


def host_command(app, log_path, *arguments):
    return [VENV_PYTHON, HOST, "--app", app, "--log", log_path, *map(str, arguments)]


def run_host(app, *arguments):
    """One cold start: the host with --once, until it ends."""
    with temporary_folder() as folder:
        log_path = os.path.join(folder, "host.log")
        result = subprocess.run(host_command(app, log_path, "--once", *arguments),
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=RUN_SECONDS, check=False, **as_owner())
        return Run(result.returncode, result.stdout, result.stderr, log_path)


def temporary_folder():
    """A temporary folder that what runs as the owner may write to."""
    folder = tempfile.TemporaryDirectory()
    owner = as_owner()
    if owner:
        os.chown(folder.name, owner["user"], owner["group"])
    return folder
