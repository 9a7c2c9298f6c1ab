# SPDX-License-Identifier: Apache-2.0
"""Does thaw's advice come true? What it predicts from recordings of the apps of
tests/azure/advice_apps.py, against what `thaw prove` finds and against what is found without thaw.

    make bench-advice     (a slice of at most 15 minutes; run it again until it has all)
    python3.11 -B tests/bench/bench_advice.py [--again] [--slice SECONDS] [APP …]

Each app is recorded under the test host. For each import that thaw suggests to defer, and for each
set of the app's table: the share of the app's own import that is predicted (CPU time, without
garbage collections) and proved, the modules that are predicted and those that are really gone from
sys.modules, and the share of CPU time that is gone in our own pairs of runs, with the worker's
modules loaded beforehand as in the recording. Then the app as `thaw fix` makes it: are functions,
bindings and type hints the same, and how much faster are its import and its whole cold start (from
the host's start of the worker to the first reply, by the host's own log)? What was found is kept in
results/advice.json, step by step, with the time when; --again forgets it.
"""

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
RESULT = TESTS / "bench/results/advice.json"
SLICE_SECONDS = 14 * 60
PROVE_SECONDS = 400
RECORDINGS, PAIRS = 3, 9
POINTS, COUNT_SHARE = 0.05, 0.02  # what a prediction may be off by
ORIGINAL, FIXED = "original", "fixed"

# The function that is called in the recording needs the least of each app's imports.
CALLED = {"advice-data": ("health",), "advice-azure": ("version",), "advice-ai": ("labels",),
          "advice-orm": ("status",), "advice-blueprints": ("check", "--body", '{"order": 1}'),
          "advice-traps": ("tariffs",), "advice-nothing": ("ping",)}


class Slice:
    """Steps of one app, done or to do; what they found is kept at once."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        self.late = False

    def step(self, app, name, work):
        """What the step found, now or before; None when there is no time left for it."""
        kept = load()
        done = kept.setdefault(app.name, {})
        if name not in done:
            self.late |= time.monotonic() > self.end
            if self.late:
                return None
            if sys.stderr.isatty():
                print(f"\r{app.name}: {name}\x1b[K", end="", file=sys.stderr)
            done[name] = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                          "found": work()}
            import subject
            subject.write(RESULT, kept)
        return done[name]["found"]


def load():
    return json.loads(RESULT.read_text()) if RESULT.exists() else {}


class Thaw:
    """An app's recordings, and what thaw says of them."""

    def __init__(self, app, build):
        import demo

        self.app, self.program = app, str(Path(build).resolve() / "thaw")
        self.placed = demo.place_own(app.name, lock=app.lock)
        self.folder = Path(build).resolve() / "bench-advice"
        self.folder.mkdir(exist_ok=True)
        self.recordings = [self.folder / f"{app.name}-{number}.thaw"
                           for number in range(RECORDINGS)]

    def run(self, *words, statuses=(0,)):
        result = subprocess.run([self.program, *map(str, words)], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=PROVE_SECONDS, check=False)
        if result.returncode not in statuses:
            raise SystemExit(f"thaw {' '.join(map(str, words))}: {result.stderr[-500:]}")
        return result

    def record(self):
        import demo

        command = demo.host_command(self.placed, self.folder / "host.log", "--once", "--invoke",
                                    *CALLED[self.app.name])
        for path in self.recordings:
            self.run("record", "-q", "--backend", "ebpf", "--until", "first-reply", "-o", path,
                     "--", *command)

    def suggestions(self):
        """Of the first recording: [{word, risk}]."""
        return [{"word": f"{os.path.basename(one['location']['file'])}:{one['location']['line']}",
                 "risk": one["risk"]}
                for one in self.report()["findings"] if one["id"] == "lazy-import"]

    def report(self):
        return json.loads(self.run("report", "--json", self.recordings[0]).stdout)

    def preloaded(self):
        """What the worker had loaded before the app, in the first recording."""
        report = self.report()
        process = next(track["process"] for track in report["tracks"] if track["headline"])
        modules = [one for one in report["modules"] if one["process"] == process]
        begin = next(one["start_ns"] for one in modules if one["name"] == "function_app")
        return [one["name"] for one in modules
                if one["start_ns"] < begin and one["status"] == "loaded"]

    def predict(self, words):
        answers = [json.loads(self.run("report", "--json", "--what-if", "lazy=" + ",".join(words),
                                       path).stdout) for path in self.recordings]
        return {"share": statistics.median(one["import_share"] for one in answers),
                "shares": [one["import_share"] for one in answers],
                "modules": answers[0]["modules"]}

    def prove(self, words):
        """The trial of these imports together; false: they are not suggested."""
        options = [part for word in words for part in ("--only", word)]
        kept = self.folder / "proofs.json"
        kept.unlink(missing_ok=True)
        result = self.run("prove", "--json", "-o", kept, *options, self.recordings[0],
                          statuses=(0, 1, 2, 4))
        if not result.stdout and "no suggestion" not in result.stderr:
            raise SystemExit(f"thaw prove {words}: {result.stderr[-500:]}")
        proofs = json.loads(result.stdout)["proofs"] if result.stdout else []
        return proofs and kept_of(proofs[0])

    def fixed(self, folder):
        """A copy of the app with all that is safe moved, by patch(1); its difference."""
        text = self.run("fix", self.recordings[0], statuses=(0, 4)).stdout
        shutil.copytree(self.app.folder, folder,
                        ignore=shutil.ignore_patterns("__pycache__", ".python_packages"))
        if text:
            subprocess.run(["patch", "-s", "-p1", "-d", folder], input=text, text=True, check=True)
        return text


def kept_of(proof):
    """What of a proof is kept: no path of this machine."""
    return {**{key: proof[key] for key in ("verdict", "pairs", "original_ns", "share", "wall", "way")},
            "counts": {one["name"]: [one["original"], one["changed"]] for one in proof["counts"]},
            "checks": {one["name"]: one["result"] for one in proof["checks"]},
            "calls": {one["function"]: {"ns": one["ns"], "modules": one["modules"]}
                      for one in proof["calls"]}}


def cold_start_ns(app, placed):
    import demo

    run = demo.run_host(placed, "--invoke", *CALLED[app.name])
    spawning, = run.log.events("spawning")
    return run.log.events("first-reply")[0]["time_ns"] - spawning["time_ns"]


def cold_starts(app, thaw):
    """Times from the host's start of the worker to the first reply, as it is and fixed."""
    import demo
    import subject

    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "app")
        thaw.fixed(folder)
        placed = {ORIGINAL: thaw.placed,
                  FIXED: demo.place(folder, f"{app.name}-fixed", app.lock)}
        for path in placed.values():
            cold_start_ns(app, path)  # bytecode is warm
        runs = subject.alternate(list(placed), PAIRS, lambda name: cold_start_ns(app, placed[name]))
    return {name: statistics.median(times) for name, times in runs.items()}


def rows_of(app, suggestions):
    """{name: words}: each suggestion by itself, and each set of the table."""
    rows = {row["word"]: [row["word"]] for row in suggestions}
    for name, statements in app.sets.items():
        words = [f"{one.file}:{one.line(app)}" for one in app.of(*statements)]
        if words not in rows.values():
            rows[f"set {name}"] = words
    return rows


def imports_of(app, words):
    return [app.at(file, int(line)) for file, _, line in (word.rpartition(":") for word in words)]


def without_thaw(app, thaw, rows):
    """Modules that are gone, and our own pairs: original, original again, all rows, and fixed."""
    import advice_runs
    import advice_truth
    import subject

    with tempfile.TemporaryDirectory() as scratch:
        folders = advice_truth.Folders(app, scratch, thaw.preloaded())
        folders.add(advice_truth.ORIGINAL, ())
        folders.add(advice_truth.CONTROL, ())
        for name, words in rows.items():
            folders.add(name, imports_of(app, words))
        folder = os.path.join(scratch, FIXED)
        difference = thaw.fixed(folder)
        folders.take(FIXED, folder)
        before, = advice_runs.facts(app, [app.folder])
        after, = advice_runs.facts(app, [folder])
        runs = subject.alternate(list(folders.first), PAIRS, folders.run)
        found = {name: {"modules": folders.made_gone(name),
                        "share": advice_truth.shares(runs, name, "import_cpu_ns")}
                 for name in folders.first if name != advice_truth.ORIGINAL}
        return {"rows": found, "difference": difference,
                "breaks": advice_runs.what_breaks(after, before),
                "import_cpu_ns": statistics.median(
                    run.import_cpu_ns for run in runs[advice_truth.ORIGINAL])}


def measure(app, build, slices):
    """All that is known of the app, or None when its slice is over before."""
    thaw = Thaw(app, build)
    if slices.step(app, "suggestions", lambda: (thaw.record(), thaw.suggestions())[1]) is None:
        return None
    if not all(path.exists() for path in thaw.recordings):
        thaw.record()
    suggestions = load()[app.name]["suggestions"]["found"]
    rows = rows_of(app, suggestions)
    found = {name: {"predicted": slices.step(app, f"predicted {name}",
                                             lambda words=words: thaw.predict(words)),
                    "proved": slices.step(app, f"proved {name}",
                                          lambda words=words: thaw.prove(words))}
             for name, words in rows.items()}
    truth = slices.step(app, "without thaw", lambda: without_thaw(app, thaw, rows))
    starts = slices.step(app, "cold starts", lambda: cold_starts(app, thaw))
    return None if slices.late else (suggestions, found, truth, starts)


def show_row(name, row, truth, tally):
    """One line of the table; what it says is added up in the tally."""
    predicted, proof, own = row["predicted"], row["proved"], truth["rows"][name]
    counts = abs(predicted["modules"] - own["modules"]) <= COUNT_SHARE * own["modules"]
    tally["counts"].append(counts)
    share = proof["share"] if proof else own["share"]
    right = share["low"] - POINTS <= predicted["share"] <= share["high"] + POINTS
    tally["inside" if proof else "not suggested"].append(right)
    inside = "inside" if right else "OUTSIDE"
    proved = "not suggested: own pairs count"
    if proof:
        proved = (f"{share['middle']:6.3f} ({share['low']:+.3f}..{share['high']:+.3f}) "
                  f"{proof['verdict']}")
    print(f"  {name:28} predicted {predicted['share']:6.3f}  proved {proved:40} {inside:8}"
          f"own pairs {own['share']['median']:6.3f}  modules {predicted['modules']:4} of "
          f"{own['modules']:4} {'' if counts else 'MORE THAN 2 % OFF'}")


def right_order(found, singles):
    """(pairs of singles in the right order, pairs whose proofs' intervals lie apart)."""
    rows = [(found[name]["predicted"]["share"], found[name]["proved"]["share"])
            for name in singles if found[name]["proved"]]
    apart = [(one, other) for one, other in itertools.combinations(rows, 2)
             if one[1]["low"] > other[1]["high"] or other[1]["low"] > one[1]["high"]]
    return sum((one[0] > other[0]) == (one[1]["middle"] > other[1]["middle"])
               for one, other in apart), len(apart)


def show(app, measured, tally):
    import advice_apps

    suggestions, found, truth, starts = measured
    claims = [(*word_of(row), row["risk"]) for row in suggestions]
    unsafe = advice_apps.claims_too_much(app, claims)
    control, fixed = truth["rows"]["control"]["share"], truth["rows"][FIXED]["share"]
    right, apart = right_order(found, [row["word"] for row in suggestions])
    print(f"\n{app.name}: {truth['import_cpu_ns'] / 1e6:.0f} ms of CPU in its import; A/A control "
          f"{control['median']:+.3f} ({control['low']:+.3f}..{control['high']:+.3f})")
    for name, row in found.items():
        show_row(name, row, truth, tally)
    print(f"  fixed: import {1 / (1 - fixed['median']):.2f} x as fast, worker's start to first reply "
          f"{starts[ORIGINAL] / 1e6:.0f} to {starts[FIXED] / 1e6:.0f} ms "
          f"({starts[ORIGINAL] / starts[FIXED]:.2f} x); breaks: "
          f"{truth['breaks'] or 'nothing'}; order of singles: {right} of {apart} right; unsafe: "
          f"{'; '.join(unsafe) or 'none'}")
    tally["unsafe"] += unsafe
    tally["broken"] += [truth["breaks"]] if truth["breaks"] else []
    tally["order"].append((right, apart))


def word_of(row):
    file, _, line = row["word"].rpartition(":")
    return file, int(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--again", action="store_true", help="forget what was found before")
    parser.add_argument("--slice", type=float, default=SLICE_SECONDS, metavar="SECONDS")
    parser.add_argument("apps", nargs="*", metavar="APP")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = str(Path(options.build).resolve())
    import advice_apps
    import subject

    chosen = [app for app in advice_apps.APPS if not options.apps or app.name in options.apps]
    if len(chosen) < len(set(options.apps)):
        parser.error(f"apps are {', '.join(app.name for app in advice_apps.APPS)}")
    if options.again:
        kept = load()
        subject.write(RESULT, {name: found for name, found in kept.items()
                               if name not in {app.name for app in chosen}})
    slices = Slice(options.slice)
    tally = {"inside": [], "not suggested": [], "counts": [], "unsafe": [], "broken": [], "order": []}
    for app in chosen:
        measured = measure(app, options.build, slices)
        if measured is None:
            print(f"\n{app.name} and what follows: run it again", flush=True)
            return
        show(app, measured, tally)
    print(f"\nInside the proof's interval, 5 points wider: {sum(tally['inside'])} of "
          f"{len(tally['inside'])}; what is not suggested, inside our own pairs': "
          f"{sum(tally['not suggested'])} of {len(tally['not suggested'])}; counts within 2 %: {sum(tally['counts'])} of "
          f"{len(tally['counts'])}; order: {sum(right for right, _ in tally['order'])} of "
          f"{sum(apart for _, apart in tally['order'])} pairs; unsafe: {len(tally['unsafe'])}; "
          f"broken by fix: {len(tally['broken'])}")


if __name__ == "__main__":
    main()
