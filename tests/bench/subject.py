# SPDX-License-Identifier: Apache-2.0
"""What the benches of cost have in common: the demo's app as the subject, paired alternating runs,
and how their ratios are told. Needs tests/azure and tests/harness on the path.
"""

import functools
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import processes

PYTHON = "/usr/bin/python3.11"
RUN_SECONDS = 120
SEED = 20261123
TRIES, QUIET_LOOK_SECONDS = 3, 0.1
patience = {"seconds": 120}  # for others to be quiet, in all

# Up to the end of the imports only: a worker never pays for the interpreter's exit.
PROGRAM = """
import json, os, sys, time
begin = time.monotonic_ns()
import function_app
end = time.monotonic_ns()
with open(os.environ["THAW_BENCH_RESULT"], "w") as file:
    json.dump({"cpu_ns": time.process_time_ns(), "wall_ns": end - begin,
               "modules": len(sys.modules)}, file)
os._exit(0)
"""


class Subject:
    """The import of the demo's function_app, which tells its own CPU and wall time."""

    def __init__(self, build, scratch):
        import demo

        self.thaw = str(Path(build).resolve() / "thaw")
        self.scratch = Path(scratch)
        self.recording = str(self.scratch / "bench.thaw")
        self.app = demo.place_own("analyze")
        self.result = self.scratch / "result.json"
        packages = os.path.join(self.app, demo.USER_PACKAGES)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.scratch),
                            "PYTHONPATH": f"{packages}:{self.app}",
                            "THAW_BENCH_RESULT": str(self.result)}
        self.command = [PYTHON, "-c", PROGRAM]
        self.accounts = []  # of all recordings: run.cost, and how many losses

    def recorded(self, *options):
        """The command under `thaw record`."""
        return [self.thaw, "record", "-q", "--backend", "ebpf", "--until", "exit", *options, "-o",
                self.recording, "--", *self.command]

    def run(self, command):
        """Runs it, under whatever; what it told of itself."""
        self.result.unlink(missing_ok=True)
        with open(self.scratch / "stderr", "wb") as errors:
            subprocess.run(command, env=self.environment, cwd=self.app, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=errors, timeout=RUN_SECONDS,
                           check=False)
        if not self.result.exists():
            raise SystemExit(f"{' '.join(command)[:80]}: no result; "
                             + (self.scratch / "stderr").read_text(errors="replace")[-500:])
        return json.loads(self.result.read_text())

    def read_account(self):
        report = json.loads(subprocess.run([self.thaw, "report", "--json", self.recording],
                                           capture_output=True, check=True).stdout)
        self.accounts.append({**report["run"]["cost"], "losses": len(report["losses"])})

    def alternate(self, commands, rounds, recorded):
        """{name: [what each run told, …]}, with the accounts of the recorded ones."""
        def run(name):
            result = self.run(commands[name])
            if name == recorded:
                self.read_account()
            return result

        for name in commands:
            run(name)  # once unmeasured: bytecode and page cache are warm
        self.accounts.clear()
        return alternate(list(commands), rounds, run)

    def account(self):
        """Medians of the accounts."""
        return {key: statistics.median(entry[key] or 0 for entry in self.accounts)
                for key in ("bpf_ns", "traps_ns", "calls_ns", "reader_cpu_ns", "events", "losses")}


def undisturbed(run):
    """What run() returns, once no other thaw was there before and behind it: its probes would be in
    the plain runs, too. Taken as it is after some tries, or when all has taken long enough."""
    result = None
    for _ in range(TRIES):
        while processes.named("thaw") and patience["seconds"] > 0:
            time.sleep(QUIET_LOOK_SECONDS)  # looks again: there is no event to wait for
            patience["seconds"] -= QUIET_LOOK_SECONDS
        result = run()
        if not processes.named("thaw") or patience["seconds"] <= 0:
            break
    return result


def alternate(names, rounds, run):
    """{name: [what run(name) returned, …]}: every round runs all of them once, in another order."""
    runs, order = {name: [] for name in names}, random.Random(SEED)
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {rounds} ", end="", file=sys.stderr)
        for name in order.sample(names, len(names)):
            runs[name].append(undisturbed(functools.partial(run, name)))
    return runs


def median_interval(values):
    """Median and quartiles."""
    ordered = sorted(values)
    quartiles = statistics.quantiles(ordered, n=4)
    return {"median": statistics.median(ordered), "low": quartiles[0], "high": quartiles[2]}


def paired(runs, plain, keys):
    """{name: {key: median, key_ratio: of each run to the plain one of its round}}."""
    rows = {}
    for name, mine in runs.items():
        row = rows[name] = {}
        for key in keys:
            row[key] = statistics.median(run[key] for run in mine)
            row[key.replace("_ns", "") + "_ratio"] = median_interval(
                [one[key] / other[key] for one, other in zip(mine, runs[plain])])
    return rows


def show(ratio):
    return f"{ratio['median']:.3f} [{ratio['low']:.3f}..{ratio['high']:.3f}]"


def write(path, result):
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
