# SPDX-License-Identifier: Apache-2.0
"""Do predicted savings come true? thaw's retained cost against runs without the imports.

    make bench-retained        (ROUNDS=9, some 6 minutes; the Azure SDKs come from the package index)

For each app and each set of its imports: the share of the app's import cost that thaw predicts from
one recording (`thaw report --what-if lazy=…`), and the share of CPU that is really gone when the
statements are gone: paired, alternating runs up to the end of the import, whole program included,
with an A/A control. GC is no module's own in the prediction; it is in the truth.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
RESULT = TESTS / "bench/results/retained.json"
PYTHON = "/usr/bin/python3.11"
RUN_SECONDS = 120

APPS = {
    "tables": {
        "packages": ["azure-functions==1.26.0", "pandas==3.1.1", "numpy==2.4.6",
                     "requests==2.34.2"],
        "imports": {"numpy": "import numpy", "pandas": "import pandas",
                    "requests": "import requests"},
        "sets": ["numpy", "pandas", "requests", "pandas,numpy", "pandas,numpy,requests"],
    },
    "azure-sdks": {
        "packages": ["azure-functions==1.26.0", "azure-storage-blob==12.31.1",
                     "azure-identity==1.27.0", "azure-cosmos==4.17.1"],
        "imports": {"azure.storage.blob": "from azure.storage.blob import BlobServiceClient",
                    "azure.identity": "from azure.identity import DefaultAzureCredential",
                    "azure.cosmos": "from azure.cosmos import CosmosClient"},
        "sets": ["azure.cosmos", "azure.storage.blob", "azure.identity",
                 "azure.cosmos,azure.identity", "azure.cosmos,azure.storage.blob",
                 "azure.storage.blob,azure.identity",
                 "azure.cosmos,azure.storage.blob,azure.identity"],
    },
}

END = """
import os, time
with open(os.environ["THAW_BENCH_RESULT"], "w") as file:
    file.write(str(time.process_time_ns()))
"""


class App:
    def __init__(self, name, thaw, scratch, cache):
        self.recipe, self.thaw = APPS[name], thaw
        self.folder = Path(scratch) / name
        self.folder.mkdir()
        self.packages = Path(cache) / name
        self.result = self.folder / "result"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
                            "PYTHONPATH": str(self.packages), "OPENBLAS_NUM_THREADS": "1",
                            "THAW_BENCH_RESULT": str(self.result)}
        if not (self.packages / "azure").exists():
            subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--only-binary=:all:",
                            "--target", str(self.packages), *self.recipe["packages"]],
                           stdin=subprocess.DEVNULL, check=True)

    def script(self, without):
        """The app less the imports of a set; one file each, so that each has its own truth."""
        lines = ["import azure.functions"]
        lines += [line for name, line in self.recipe["imports"].items() if name not in without]
        path = self.folder / f"app_{'_'.join(sorted(without)).replace('.', '_') or 'whole'}.py"
        path.write_text("\n".join(lines) + END)
        return path

    def run(self, script):
        subprocess.run([PYTHON, script.name], cwd=self.folder, env=self.environment,
                       stdin=subprocess.DEVNULL, timeout=RUN_SECONDS, check=True)
        return int(self.result.read_text())

    def record(self):
        recording = self.folder / "recording.thaw"
        subprocess.run([self.thaw, "record", "-q", "--backend", "ebpf", "--until", "exit", "-o",
                        str(recording), "--", PYTHON, self.script(()).name], cwd=self.folder,
                       env=self.environment, stdin=subprocess.DEVNULL, check=True)
        return recording

    def predict(self, recordings, names):
        """Median share of the imports' cost over some recordings."""
        shares = []
        for recording in recordings:
            output = subprocess.run([self.thaw, "report", "--json", "--what-if", f"lazy={names}",
                                     str(recording)], capture_output=True, check=True).stdout
            answer = json.loads(output)
            shares.append(answer["ns"] / answer["imports_ns"])
        return statistics.median(shares)


def bootstrap(values, rounds=2000):
    """95 % interval of the median."""
    source = random.Random(20261123)
    medians = sorted(statistics.median(source.choices(values, k=len(values)))
                     for _ in range(rounds))
    return medians[int(rounds * 0.025)], medians[int(rounds * 0.975)]


def bench_app(name, thaw, scratch, cache, rounds):
    app = App(name, thaw, scratch, cache)
    sets = {names: app.script(names.split(",")) for names in app.recipe["sets"]}
    variants = {"whole": app.script(()), "control": app.script(()), **sets}
    for script in variants.values():
        app.run(script)
    recordings = []
    for number in range(5):
        recording = app.record()
        kept = recording.with_name(f"recording{number}.thaw")
        recording.rename(kept)
        recordings.append(kept)
    ratios = {variant: [] for variant in variants if variant != "whole"}
    order = random.Random(20261123)
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{name}: round {number + 1} of {rounds}", end="", file=sys.stderr)
        times = {variant: app.run(variants[variant])
                 for variant in order.sample(sorted(variants), len(variants))}
        for variant in ratios:
            ratios[variant].append(1 - times[variant] / times["whole"])
    rows = {}
    low, high = bootstrap(ratios["control"])
    print(f"\n{name}: share of cost gone; A/A control {statistics.median(ratios['control']):+.3f} "
          f"({low:+.3f}..{high:+.3f})")
    for names in sets:
        low, high = bootstrap(ratios[names])
        predicted = app.predict(recordings, names)
        inside = low - 0.05 <= predicted <= high + 0.05
        rows[names] = {"predicted": predicted, "measured": statistics.median(ratios[names]),
                       "low": low, "high": high, "inside": inside}
        print(f"  {names:50} predicted {predicted:6.3f}  measured "
              f"{rows[names]['measured']:6.3f} ({low:.3f}..{high:.3f}) "
              f"{'inside +-5 points' if inside else 'OUTSIDE'}")
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    thaw = str(Path(options.build).resolve() / "thaw")
    cache = Path(options.build).resolve() / "bench-packages"
    cache.mkdir(exist_ok=True)
    rounds = int(os.environ.get("ROUNDS", "9"))
    result = {"rounds": rounds}
    with tempfile.TemporaryDirectory() as scratch:
        for name in APPS:
            result[name] = bench_app(name, thaw, scratch, cache, rounds)
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
