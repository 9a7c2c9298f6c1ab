# SPDX-License-Identifier: Apache-2.0
"""What moving imports really saves in the apps of tests/azure/advice_apps.py, without thaw.

    python3.11 -B tests/bench/advice_truth.py [--build build] [--pairs 9] [APP …]

Some 5 minutes on a quiet machine for all apps. For each import that may move: how many modules
fewer are loaded at the end of the app's import (exact; one run). For each set of the table also the
share of CPU that is gone, start of the interpreter included and none of its exit: rounds of original,
original again (the control) and all sets, each in another order; the median of the ratios within a
round and its 95 % interval. Other apps' results in results/advice-truth.json are kept.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
RESULT = TESTS / "bench/results/advice-truth.json"
ORIGINAL, CONTROL = "original", "control"

# Loads nothing before the app but what every interpreter has (time and the like are built in), and
# what it is told to.
PROGRAM = """
import os, sys, time
sys.path[:1] = []
preloaded = list(filter(None, os.environ["THAW_BENCH_PRELOADED"].split(",")))
if preloaded:
    import importlib
    folders = os.environ["THAW_BENCH_WORKER"].split(":")
    sys.path[:0] = folders
    for name in preloaded:
        try:
            importlib.import_module(name)
        except ImportError:  # a module that only its package can make
            pass
    del sys.path[:len(folders)]
sys.path.append(os.getcwd())
before = time.process_time_ns()
import function_app
end = time.process_time_ns()
with open(os.environ["THAW_BENCH_RESULT"], "w") as file:
    file.write("%d %d\\n" % (end, end - before))
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        file.write("%s\\t%s\\t%s\\n" % (name, getattr(module, "__file__", None) or "",
                                       spec.name if spec else ""))
os._exit(0)
"""


class Run:
    """What one import of the app in that folder told of itself."""

    def __init__(self, app, folder, preloaded=()):
        import advice_runs

        result = Path(folder).with_suffix(".result")
        environment = {**advice_runs.environment(app), "THAW_BENCH_RESULT": str(result),
                       "THAW_BENCH_PRELOADED": ",".join(preloaded),
                       "THAW_BENCH_WORKER": ":".join(advice_runs.WORKER)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the copy's own bytecode is warm, too
        subprocess.run([advice_runs.PYTHON, "-c", PROGRAM], cwd=folder, env=environment,
                       stdin=subprocess.DEVNULL, timeout=advice_runs.RUN_SECONDS, check=True)
        first, *lines = result.read_text(encoding="utf-8").splitlines()
        self.cpu_ns, self.import_cpu_ns = map(int, first.split())
        rows = [line.split("\t") for line in lines]
        self.modules = {name: path for name, path, _ in rows}
        # What an import of that name made: neither aliases nor what extensions put there by hand.
        self.made = {name for name, _, spec in rows if name == spec}
        self.check_files(folder)

    def check_files(self, folder):
        """Every module that the copy has a file for came from the copy."""
        for name, path in self.modules.items():
            here = os.path.join(os.path.realpath(folder), f"{name}.py")
            if os.path.exists(here) and os.path.realpath(path) != here:
                raise SystemExit(f"{name} was loaded from {path}, not from {here}")


class Folders:
    """Copies of the app with choices of its imports moved, one each, warmed by a first run."""

    def __init__(self, app, scratch, preloaded=()):
        self.app, self.scratch, self.preloaded, self.first = app, scratch, preloaded, {}

    def add(self, name, imports):
        import advice_moves

        folder = os.path.join(self.scratch, str(len(self.first)))
        advice_moves.copy_app(self.app.folder, folder, imports)
        self.take(name, folder)

    def take(self, name, folder):
        """A folder that somebody else has made of the app."""
        Run(self.app, folder, self.preloaded)
        self.first[name] = (folder, Run(self.app, folder, self.preloaded))

    def modules_gone(self, name):
        whole, mine = self.first[ORIGINAL][1].modules, self.first[name][1].modules
        return len(whole.keys() - mine.keys())

    def made_gone(self, name):
        return len(self.first[ORIGINAL][1].made - self.first[name][1].modules.keys())

    def run(self, name):
        return Run(self.app, self.first[name][0], self.preloaded)


def interval(ratios):
    from bench_retained import bootstrap

    low, high = bootstrap(ratios)
    return {"median": statistics.median(ratios), "low": low, "high": high}


def shares(runs, name, key):
    """The share that is gone, of each round."""
    return interval([1 - getattr(mine, key) / getattr(whole, key)
                     for mine, whole in zip(runs[name], runs[ORIGINAL])])


def label(one):
    return f"{one.file}: {one.statement}"


def measure(app, pairs):
    import advice_apps
    import demo
    import subject

    demo.place_own(app.name, lock=app.lock)
    with tempfile.TemporaryDirectory() as scratch:
        folders = Folders(app, scratch)
        folders.add(ORIGINAL, ())
        folders.add(CONTROL, ())
        for name, statements in app.sets.items():
            folders.add(name, app.of(*statements))
        movable = [one for one in app.imports if one.verdict != advice_apps.NO]
        for one in movable:
            folders.add(label(one), (one,))
        runs = subject.alternate([ORIGINAL, CONTROL, *app.sets], pairs, folders.run)
        whole = runs[ORIGINAL]
        return {
            "modules": len(folders.first[ORIGINAL][1].modules),
            "cpu_ns": statistics.median(run.cpu_ns for run in whole),
            "import_cpu_ns": statistics.median(run.import_cpu_ns for run in whole),
            "pairs": pairs,
            "control": shares(runs, CONTROL, "cpu_ns"),
            "singles": {label(one): {"modules": folders.modules_gone(label(one)),
                                     "verdict": one.verdict} for one in movable},
            "sets": {name: {"statements": [label(one) for one in app.of(*statements)],
                            "modules": folders.modules_gone(name),
                            "cpu": shares(runs, name, "cpu_ns"),
                            "import_cpu": shares(runs, name, "import_cpu_ns")}
                     for name, statements in app.sets.items()}}


def show(app, truth):
    print(f"\n{app.name}: {truth['modules']} modules, {truth['cpu_ns'] / 1e6:.0f} ms of CPU; "
          f"A/A control {truth['control']['median']:+.3f} "
          f"({truth['control']['low']:+.3f}..{truth['control']['high']:+.3f})")
    for name, row in truth["sets"].items():
        print(f"  {name:24} {row['modules']:4} modules, {row['modules'] / truth['modules']:6.1%}; "
              f"CPU {row['cpu']['median']:6.3f} "
              f"({row['cpu']['low']:+.3f}..{row['cpu']['high']:+.3f})")
    for name, row in truth["singles"].items():
        if row["modules"]:
            print(f"    alone {row['modules']:4} modules: {name} [{row['verdict']}]")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("apps", nargs="*", metavar="APP")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = str(Path(options.build).resolve())
    import advice_apps
    import subject

    chosen = [app for app in advice_apps.APPS if not options.apps or app.name in options.apps]
    if len(chosen) < len(set(options.apps)):
        parser.error(f"apps are {', '.join(app.name for app in advice_apps.APPS)}")
    for app in chosen:
        truth = measure(app, options.pairs)
        show(app, truth)
        kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        subject.write(RESULT, {**kept, app.name: truth})


if __name__ == "__main__":
    main()
