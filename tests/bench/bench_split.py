# SPDX-License-Identifier: Apache-2.0
"""Is the split of each module's time right, warm and cold, and what does it cost?

    make bench-split       (ROUNDS=25, some 12 minutes; ROUNDS=1 tries it; py-spy comes from the
                            package index)

1. `import pandas` with several interpreters, recorded with an oracle in the program itself
(tests/live/split_truth.py, dlopen_audit.c): medians of each part, summed over the modules; marked
where they are more than 15 % apart. 2. The same with the files of the packages, the standard
library and the interpreter evicted, with what the parts waited for. 3. The same without bytecode,
which is compiled and written. 4. The demo's app under what can be observed, more and more: paired
alternating runs with an A/A control, beside other tools, and by thaw's own account. CPU is to stay
below 1.03 of the untraced run.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
from subject import Subject, alternate, paired, show, write  # noqa: E402

RESULT = TESTS / "bench/results/split.json"
MOST_CPU = 1.03


def variants_of_thaw(subject):
    """Name -> options: each thing that can be observed, the default, and stacks where there are."""
    text = subprocess.run([subject.thaw, "record", "--help"], capture_output=True, text=True,
                          check=True).stdout
    choices = re.search(r"--observe ([\w|,-]+)", text)[1].split("|")
    found = {f"thaw {choice}": ["--observe", choice] for choice in reversed(choices)}
    if "--stacks" in text:
        found["thaw stacks"] = ["--stacks"]
    return found


def cost(subject, scratch, rounds):
    import bench_cost

    options = variants_of_thaw(subject)
    commands = bench_cost.variants(subject, scratch)
    del commands["thaw"]
    commands.update({name: subject.recorded(*words) for name, words in options.items()})
    accounts = {name: [] for name in options}

    def run(name):
        told = subject.run(commands[name])
        if name in accounts:
            subject.accounts.clear()
            subject.read_account()
            accounts[name] += subject.accounts
        return told

    for name in commands:
        run(name)  # once unmeasured: bytecode and page cache are warm
    for told in accounts.values():
        told.clear()
    runs = alternate(list(commands), rounds, run)
    rows = paired(runs, "untraced", ("cpu_ns", "wall_ns"))
    for name, told in accounts.items():
        subject.accounts = told
        rows[name]["account"] = account = subject.account()
        inside = account["bpf_ns"] + account["traps_ns"] + account["calls_ns"]
        account["share"] = inside / rows["untraced"]["cpu_ns"]
    show_cost(rows, rounds, runs["untraced"][0]["modules"])
    return rows


def show_cost(rows, rounds, modules):
    print(f"\n--- cost: import of the demo's app, {modules} modules, {rounds} rounds; ratio to the "
          "untraced run of the round: median [quartiles]")
    for name, row in rows.items():
        beyond = name.startswith("thaw") and row["cpu_ratio"]["median"] > MOST_CPU
        print(f"  {name:14} CPU {row['cpu_ns'] / 1e6:7.1f} ms  {show(row['cpu_ratio'])}   wall "
              f"{row['wall_ns'] / 1e6:7.1f} ms  {show(row['wall_ratio'])}"
              f"{f'   > {MOST_CPU}' if beyond else ''}")
    for name, row in rows.items():
        if "account" in row:
            account = row["account"]
            print(f"  {name:14} by its own account: programs {account['bpf_ns'] / 1e6:.2f} ms + "
                  f"traps {account['traps_ns'] / 1e6:.2f} ms + watching calls "
                  f"{account['calls_ns'] / 1e6:.2f} ms = {account['share']:.2%} of the CPU, "
                  f"reader {account['reader_cpu_ns'] / 1e6:.1f} ms, {account['events']:.0f} "
                  f"events, {account['losses']:.0f} losses")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = str(Path(options.build).resolve())
    import split_runs  # looks at THAW_BUILD

    rounds = int(os.environ.get("ROUNDS", "25"))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        result = {"rounds": rounds, "load": os.getloadavg()[0]}
        result |= split_runs.run_all(scratch, rounds)
        result["cost"] = cost(Subject(options.build, scratch), scratch, max(2, rounds))
    write(RESULT, result)


if __name__ == "__main__":
    main()
