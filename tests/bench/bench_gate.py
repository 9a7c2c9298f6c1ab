# SPDX-License-Identifier: Apache-2.0
"""Does the gate flake, and what does it find? Gates of trials that are drawn from a pool of recorded
starts, and gates that are run live.

    make bench-gate        (POOL=new makes the pool anew)

The pool is made with every core busy, unprivileged (importtime). Unchanged code must not turn a gate
red, and may leave at most a tenth of them without a verdict, for times alone. One more requirement,
one import that no longer waits, one distribution with stale bytecode must turn all of them red. What
is 5, 10 or 25 % slower is found as often as it is. The truth is what was changed, which thaw is not
told; for the slower ones there is a pool without that load, too. Where valgrind is there they are gated
by instructions as well.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
from gate_pool import SHARES, Pool  # noqa: E402
from subject import write  # noqa: E402

RESULT = TESTS / "bench/results/gate.json"
RUNS, FEW_RUNS = 15, 3
UNCHANGED, CHANGED, LIVE = 200, 50, 20
VERDICTS = {0: "green", 1: "red", 2: "unusable", 3: "incomplete", 4: "inconclusive"}


class Gates:
    def __init__(self, pool):
        self.pool, self.config = pool, str(pool.app("plain") / "thaw.json")

    def gate(self, *words, folder=None):
        """One gate; its verdict and what it says of each budget."""
        result = self.pool.run([self.pool.thaw, "gate", "--json", "--config", self.config, *words],
                               folder or self.pool.folder, check=False)
        verdict = VERDICTS.get(result.returncode, f"status {result.returncode}")
        told = json.loads(result.stdout) if result.stdout.startswith("{") else {"checks": []}
        return verdict, {check["metric"]: check["status"] for check in told["checks"]}, result

    def drawn(self, name, pairs, seed):
        with tempfile.TemporaryDirectory(dir=self.pool.folder) as scratch:
            head, base = self.pool.draw(name, pairs, seed, scratch)
            return self.gate(str(head), "--base", str(base))

    def many(self, gates):
        """Runs them on every core; counts of verdicts, and of budgets that were not green."""
        verdicts, statuses, words = collections.Counter(), collections.Counter(), ""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as executor:
            for verdict, checks, result in executor.map(lambda gate: gate(), gates):
                verdicts[verdict] += 1
                statuses.update(f"{metric} {status}" for metric, status in checks.items()
                                if status in ("fail", "inconclusive"))
                if verdict not in ("green", "red", "inconclusive"):
                    words = result.stderr.strip()[-300:]
        return {"gates": len(gates), **verdicts, "budgets": dict(sorted(statuses.items())),
                **({"words": words} if words else {})}


def linked(source, target):
    """A copy of a folder whose files are the same ones (hard links)."""
    shutil.copytree(source, target, copy_function=os.link)
    return target


def distributions(packages):
    """{name of the .dist-info folder: top folders of it}."""
    found = {}
    for info in sorted(Path(packages).glob("*.dist-info")):
        tops = {line.split(",")[0].split("/")[0]
                for line in (info / "RECORD").read_text().splitlines() if "/" in line}
        found[info.name] = sorted(top for top in tops if not top.startswith("..")
                                  and top not in ("bin", "azure") and (Path(packages) / top).exists())
    return found


def requirement_gates(gates, scratch):
    """A distribution more than before: another one each time."""
    packages, found = gates.pool.packages, distributions(gates.pool.packages)
    without = {}
    for name, tops in found.items():
        target = linked(packages, Path(scratch) / f"without-{name}")
        for top in tops:
            shutil.rmtree(target / top)
        without[name] = str(target)
    order = random.Random(1)
    return [lambda name=order.choice(sorted(without)): gates.gate(packages, "--base", without[name])
            for _ in range(CHANGED)]


def stale_gates(gates, scratch):
    """The same files, but a distribution's sources are of another second than their bytecode."""
    packages = gates.pool.packages
    names = [name for name, tops in distributions(packages).items()
             if any(list((Path(packages) / top).rglob("*.pyc")) for top in tops)]
    stale = {}
    for name in names:
        target = Path(scratch) / f"stale-{name}"
        linked(packages, target)
        for top in distributions(packages)[name]:
            for source in sorted((target / top).rglob("*.py")):
                copy = source.with_suffix(".copy")
                shutil.copy2(source, copy)
                os.replace(copy, source)
                os.utime(source, ns=(0, source.stat().st_mtime_ns - 5_000_000_000))
        stale[name] = str(target)
    order = random.Random(2)
    return [lambda name=order.choice(names): gates.gate(stale[name], "--base", packages)
            for _ in range(CHANGED)]


def live_gates(gates):
    """Of the unchanged app against itself, one after the other, each with its own runs."""
    pool = gates.pool
    return [gates.gate("--backend", "importtime", "--runs", "10", "--warmup", "1",
                       "--base", str(pool.app("plain")), "--", *pool.command,
                       folder=pool.app("plain")) for _ in range(LIVE)]


def instruction_gates(gates):
    """Verdicts by callgrind; None where valgrind is not there."""
    if not shutil.which("valgrind"):
        return None
    pool = gates.pool
    config = pool.folder / "instructions.json"
    config.write_text(json.dumps({"budgets": [{"metric": "instructions", "max_increase": "1%"}]}))
    rows = {}
    for name in ("plain", *(f"slower-{share}" for share in SHARES)):
        verdict, _, result = gates.gate(
            "--config", str(config), "--instructions", "--backend", "importtime", "--runs", "1",
            "--warmup", "0", "--base", str(pool.app("plain")), "--", *pool.command,
            folder=pool.app(name))
        check = json.loads(result.stdout)["checks"][0] if result.stdout else {}
        rows[name] = {"verdict": verdict, "share": check.get("share")}
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    import demo

    app = demo.place_own("analyze")
    pool = Pool(options.build, Path(options.build).resolve() / "bench-gate",
                os.path.join(app, demo.USER_PACKAGES))
    told, rows = pool.make(), {}
    gates = Gates(pool)
    print(f"the app's import: {told['import_cpu_ms']:.0f} ms of CPU")
    with tempfile.TemporaryDirectory(dir=pool.folder) as scratch:
        wanted = {
            "unchanged": [lambda seed=seed: gates.drawn("unchanged", RUNS, seed)
                          for seed in range(UNCHANGED)],
            "one more requirement": requirement_gates(gates, scratch),
            "an import no longer waits": [lambda seed=seed: gates.drawn("unlazied", FEW_RUNS, seed)
                                          for seed in range(CHANGED)],
            "stale bytecode": stale_gates(gates, scratch),
            **{f"{share} % slower{words}": [lambda name=f"{where}slower-{share}", seed=seed:
                                            gates.drawn(name, RUNS, seed)
                                            for seed in range(CHANGED)]
               for where, words in (("", ""), ("quiet-", ", cores idle")) for share in SHARES},
        }
        for name, list_of_gates in wanted.items():
            rows[name] = gates.many(list_of_gates)
            print(f"  {name:28} {rows[name]}", flush=True)
    live = live_gates(gates)
    rows["unchanged, live"] = {"gates": len(live),
                               **collections.Counter(verdict for verdict, _, _ in live)}
    print(f"  {'unchanged, live':28} {rows['unchanged, live']}", flush=True)
    instructions = instruction_gates(gates)
    print(f"  by instructions: {instructions}")
    write(RESULT, {**told, "rows": rows, "instructions": instructions})


if __name__ == "__main__":
    main()
