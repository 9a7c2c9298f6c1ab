# SPDX-License-Identifier: Apache-2.0
"""What does recording cost the app? Paired, alternating runs beside other tools, with an A/A control.

    make bench-cost        (ROUNDS=25, some 4 minutes; py-spy comes from the package index)

Subject: the import of the demo's function_app (pandas, numpy, requests, azure.functions), up to its
end; a worker never pays for the interpreter's exit. CPU and wall are the subject's own, told by
itself: what tracing adds in its context counts, the tracer's own CPU is told apart. Every round
runs every variant once, in another order; a ratio is against the untraced run of its round.
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
RESULT = TESTS / "bench/results/cost.json"
PYTHON = "/usr/bin/python3.11"
RUN_SECONDS = 120

SUBJECT = """
import json, os, sys, time
begin = time.monotonic_ns()
import function_app
end = time.monotonic_ns()
with open(os.environ["THAW_BENCH_RESULT"], "w") as file:
    json.dump({"cpu_ns": time.process_time_ns(), "wall_ns": end - begin,
               "modules": len(sys.modules)}, file)
os._exit(0)
"""


def median_interval(values):
    """Median and quartiles."""
    ordered = sorted(values)
    quartiles = statistics.quantiles(ordered, n=4)
    return {"median": statistics.median(ordered), "low": quartiles[0], "high": quartiles[2]}


class Bench:
    def __init__(self, build, scratch):
        import demo

        self.thaw = str(Path(build).resolve() / "thaw")
        self.scratch = Path(scratch)
        self.app = demo.place_own("analyze")
        self.result = self.scratch / "result.json"
        packages = os.path.join(self.app, demo.USER_PACKAGES)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.scratch),
                            "PYTHONPATH": f"{packages}:{self.app}",
                            "THAW_BENCH_RESULT": str(self.result)}
        self.spy = self.install_spy()
        self.accounts = []

    def install_spy(self):
        """py-spy into a folder of its own; None when it can't be had."""
        folder = self.scratch / "py-spy"
        result = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--target", str(folder),
                                 "py-spy"], stdin=subprocess.DEVNULL, capture_output=True,
                                check=False)
        program = folder / "bin/py-spy"
        return str(program) if result.returncode == 0 and program.exists() else None

    def command(self, variant):
        subject = [PYTHON, "-c", SUBJECT]
        recording = str(self.scratch / "bench.thaw")
        commands = {
            "untraced": subject,
            "control": subject,
            "thaw": [self.thaw, "record", "-q", "--backend", "ebpf", "--until", "exit", "-o",
                     recording, "--", *subject],
            "importtime": [PYTHON, "-X", "importtime", "-c", SUBJECT],
            "strace -f": ["strace", "-f", "-o", "/dev/null", *subject],
            "py-spy -r 100": [self.spy, "record", "-r", "100", "-f", "raw", "-o",
                              str(self.scratch / "spy.txt"), "--", *subject],
        }
        return commands[variant]

    def variants(self):
        names = ["untraced", "control", "thaw", "importtime", "strace -f"]
        return names + (["py-spy -r 100"] if self.spy else [])

    def run(self, variant):
        self.result.unlink(missing_ok=True)
        with open(self.scratch / "stderr", "wb") as errors:
            subprocess.run(self.command(variant), env=self.environment, cwd=self.app,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                           timeout=RUN_SECONDS, check=False)
        if not self.result.exists():
            raise SystemExit(f"{variant}: no result; "
                             + (self.scratch / "stderr").read_text(errors="replace")[-500:])
        if variant == "thaw":
            report = json.loads(subprocess.run(
                [self.thaw, "report", "--json", str(self.scratch / "bench.thaw")],
                capture_output=True, check=True).stdout)
            self.accounts.append({**report["run"]["cost"], "losses": len(report["losses"])})
        return json.loads(self.result.read_text())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    rounds = int(os.environ.get("ROUNDS", "25"))
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options.build, scratch)
        names = bench.variants()
        for name in names:
            bench.run(name)  # once unmeasured: bytecode and page cache are warm
        bench.accounts.clear()
        runs = {name: [] for name in names}
        order = random.Random(20261123)
        for number in range(rounds):
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr)
            for name in order.sample(names, len(names)):
                runs[name].append(bench.run(name))
    result = {"rounds": rounds, "load": os.getloadavg()[0], "variants": {}}
    print(f"\n{rounds} rounds, import of the demo's app, {runs['untraced'][0]['modules']} modules; "
          f"load {result['load']:.1f}\nratio to the untraced run of the round: "
          "median [quartiles]")
    for name in names:
        row = {}
        for key in ("cpu_ns", "wall_ns"):
            row[key] = statistics.median(run[key] for run in runs[name])
            row[key.replace("_ns", "_ratio")] = median_interval(
                [mine[key] / plain[key] for mine, plain in zip(runs[name], runs["untraced"])])
        result["variants"][name] = row
        cpu, wall = row["cpu_ratio"], row["wall_ratio"]
        print(f"  {name:14} CPU {row['cpu_ns'] / 1e6:7.1f} ms  {cpu['median']:.3f} "
              f"[{cpu['low']:.3f}..{cpu['high']:.3f}]   wall {row['wall_ns'] / 1e6:7.1f} ms  "
              f"{wall['median']:.3f} [{wall['low']:.3f}..{wall['high']:.3f}]")
    account = {key: statistics.median(entry[key] or 0 for entry in bench.accounts)
               for key in ("bpf_ns", "traps_ns", "reader_cpu_ns", "events", "losses")}
    result["account"] = account
    plain = result["variants"]["untraced"]["cpu_ns"]
    inside = account["bpf_ns"] + account["traps_ns"]
    print(f"thaw by its own account (medians): programs {account['bpf_ns'] / 1e6:.2f} ms + traps "
          f"{account['traps_ns'] / 1e6:.2f} ms = {inside / plain:.1%} of the app's CPU, reader "
          f"{account['reader_cpu_ns'] / 1e6:.1f} ms, {account['events']:.0f} events, "
          f"{account['losses']:.0f} losses")
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
