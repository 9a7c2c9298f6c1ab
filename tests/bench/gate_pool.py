# SPDX-License-Identifier: Apache-2.0
"""The apps that bench_gate.py gates, and recordings of their starts: a pool, from which trials are
drawn. It is made with both cores busy, as a CI runner's neighbours would keep them.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON = "/usr/bin/python3.11"
SECONDS = 600
SHARES = (5, 10, 25)  # percent that the slower apps take longer
# Pairs of the unchanged app and itself; of it and a slower one; where counts decide.
PAIRS = {"unchanged": 60, "slower": 30, "unlazied": 8}

SOURCE = '''\
import json
import logging

import azure.functions as func
import requests
{imports}
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
{work}

@app.route(route="mean", methods=["POST"])
def mean(req: func.HttpRequest) -> func.HttpResponse:
    import numpy

    values = req.get_json()
    logging.info("%d values", len(values))
    return func.HttpResponse(json.dumps(float(numpy.mean(values))))


@app.route(route="rates")
def rates(req: func.HttpRequest) -> func.HttpResponse:
    reply = requests.get("https://rates.example/latest", timeout=5)
    return func.HttpResponse(reply.text, status_code=reply.status_code)
'''
WORK = "for number in range({count}):\n    number * number\n"
CALIBRATE = '''
import time
begin = time.process_time_ns()
import function_app
spent = time.process_time_ns() - begin
count, begin = 400_000, time.process_time_ns()
exec(compile("for number in range(400_000):\\n    number * number\\n", "<work>", "exec"), {})
print(spent, (time.process_time_ns() - begin) / count)
'''
BUDGETS = {
    "budgets": [
        {"metric": "modules", "max_increase": 0},
        {"metric": "shipped_disk_bytes", "max_increase": 0},
        {"metric": "distributions", "max_increase": 0},
        {"metric": "libraries", "max_increase": 0},
        {"metric": "bytecode_stale", "max_increase": 0},
        {"metric": "import_time", "max_increase": "0%"},
    ],
    "gate": {"across": ["lock_file"], "unmeasured": "warning"},
}


def write_app(folder, source):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "function_app.py").write_text(source)
    (folder / "host.json").write_text('{"version": "2.0"}\n')
    (folder / "thaw.json").write_text(json.dumps(BUDGETS, indent=1) + "\n")
    return folder


class Pool:
    """Apps below `folder`, their recordings below `folder`/pool.

    source: of the app, with {imports} and {work} in it; unlazied: the import that one app makes at
    once and the others later.
    """

    def __init__(self, build, folder, packages, source=SOURCE, unlazied="import numpy"):
        self.thaw = str(Path(build).resolve() / "thaw")
        self.folder, self.packages = Path(folder), packages
        self.source, self.unlazied = source, unlazied
        self.environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                            "PYTHONPATH": packages, "LC_ALL": "C.UTF-8"}
        self.command = [PYTHON, "-c", "import function_app"]
        self.stamp = self.folder / "complete.json"

    def app(self, name):
        return self.folder / "apps" / name

    def recordings(self, name):
        return self.folder / "pool" / name

    def run(self, words, folder, check=True):
        result = subprocess.run(words, cwd=folder, env=self.environment, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=SECONDS, check=False)
        if check and result.returncode:
            raise SystemExit(f"{' '.join(map(str, words))}: {result.stderr[-2000:]}")
        return result

    def write_apps(self):
        """The unchanged app and the changed ones; how much work makes it 5 % slower."""
        plain = write_app(self.app("plain"), self.source.format(imports="", work=""))
        write_app(self.app("unlazied"), self.source.format(imports=f"{self.unlazied}\n", work=""))
        self.run(self.command, plain)  # bytecode
        told = [self.run([PYTHON, "-c", CALIBRATE], plain).stdout.split() for _ in range(9)]
        spent, each = (sorted(float(row[column]) for row in told)[4] for column in (0, 1))
        for share in SHARES:
            work = WORK.format(count=round(spent * share / 100 / each))
            write_app(self.app(f"slower-{share}"), self.source.format(imports="", work=work))
        return {"import_cpu_ms": spent / 1e6}

    def record(self, name, other, pairs):
        """Recordings of the plain app and another one in alternation, into NAME/first, /second."""
        folder = self.recordings(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        start = ["env", "-C", str(self.app("plain")), *self.command]
        second = ["env", "-C", str(self.app(other)), *self.command]
        self.run([self.thaw, "record", "-q", "--backend", "importtime", "--runs", str(pairs),
                  "--warmup", "1", "-o", str(folder), "--", *start, ":::", *second],
                 self.folder)

    def make(self, pairs=PAIRS, shares=SHARES):
        """All of it, with every core busy; taken as it is where it is there already."""
        if self.stamp.exists() and os.environ.get("POOL") != "new":
            return json.loads(self.stamp.read_text())
        shutil.rmtree(self.folder, ignore_errors=True)
        told = self.write_apps()
        load = [subprocess.Popen([PYTHON, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
                for _ in range(os.cpu_count())]
        try:
            self.record("unchanged", "plain", pairs["unchanged"])
            self.record("unlazied", "unlazied", pairs["unlazied"])
            for share in shares:
                self.record(f"slower-{share}", f"slower-{share}", pairs["slower"])
        finally:
            for process in load:
                process.kill()
                process.wait()
        for share in shares:
            self.record(f"quiet-slower-{share}", f"slower-{share}", pairs["slower"])
        self.stamp.write_text(json.dumps(told))
        return told

    def draw(self, name, pairs, seed, scratch):
        """Two folders with so many pairs of the pool's, in the order in which they were made."""
        source = self.recordings(name)
        numbers = sorted(path.name for path in (source / "first").glob("*.thaw"))
        chosen = sorted(random.Random(seed).sample(numbers, pairs))
        for side in ("first", "second"):
            folder = Path(scratch) / side
            folder.mkdir()
            for number in chosen:
                os.link(source / side / number, folder / number)
        return Path(scratch) / "second", Path(scratch) / "first"
