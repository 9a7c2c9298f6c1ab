# SPDX-License-Identifier: Apache-2.0
"""What do the import probes alone cost: a cold start, a warm server, a stranger's loop?

    make bench-imports     (ROUNDS=30, some 8 minutes; gunicorn comes from the package index)

1. The demo's app under `--observe imports`: paired alternating runs with an A/A control, and by
   thaw's own account. 2. Each probe: how often it is hit, what its program and the trap cost.
3. A warm HTTP server with thaw attached. 4. A loop of eval() that is not recorded, before and after
the watchdog lets go of it. Ratios are against the plain run of the same round.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
import eval_loop  # noqa: E402
import processes  # noqa: E402
import warm_server  # noqa: E402
from subject import Subject, alternate, paired, show, write  # noqa: E402

RESULT = TESTS / "bench/results/imports.json"
LINGER_SECONDS = 2  # the recording lasts beyond the app's end, for a look at its programs
UPROBES = ("python_", "loader_")


def table(title, rows, key, unit, scale):
    print(f"\n{title}")
    for name, row in rows.items():
        ratio = row[key.replace("_ns", "") + "_ratio"]
        print(f"  {name:20} {row[key] / scale:9.2f} {unit}   {show(ratio)}")


def cold_start(subject, rounds):
    """The app's CPU and wall time, and thaw's account of the same runs."""
    commands = {"untraced": subject.command, "control": subject.command,
                "imports only": subject.recorded("--observe", "imports")}
    runs = subject.alternate(commands, rounds, "imports only")
    rows, account = paired(runs, "untraced", ("cpu_ns", "wall_ns")), subject.account()
    account["share"] = (account["bpf_ns"] + account["traps_ns"]) / rows["untraced"]["cpu_ns"]
    table(f"import of the demo's app, {runs['untraced'][0]['modules']} modules, CPU", rows,
          "cpu_ns", "ms", 1e6)
    print(f"  by its own account: programs {account['bpf_ns'] / 1e6:.2f} ms + traps "
          f"{account['traps_ns'] / 1e6:.2f} ms = {account['share']:.2%} of the CPU; reader "
          f"{account['reader_cpu_ns'] / 1e6:.1f} ms, {account['events']:.0f} events, "
          f"{account['losses']:.0f} losses")
    return {"variants": rows, "account": account}


def per_hit(subject):
    """Runs and time of each program in one recording, read before it ends."""
    with processes.counted_runs():
        return count_hits(subject)


def count_hits(subject):
    subject.result.unlink(missing_ok=True)
    command = subject.recorded("--observe", "imports")
    words = command[command.index("--") + 1:]
    command[command.index("--") + 1:] = ["sh", "-c", f'"$@"; sleep {LINGER_SECONDS}', "sh", *words]
    recorder = subprocess.Popen(command, env=subject.environment, cwd=subject.app,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
    while not subject.result.exists() and recorder.poll() is None:
        time.sleep(0.05)
    time.sleep(0.2)
    own = processes.descriptors(recorder.pid, "prog_id")
    found = {program["name"]: {"runs": program.get("run_cnt", 0),
                               "ns": program.get("run_time_ns", 0) / program["run_cnt"]}
             for program in processes.bpf_objects("prog")
             if program["id"] in own and program.get("run_cnt")}
    recorder.wait()
    subject.accounts.clear()
    subject.read_account()
    hits = sum(row["runs"] for name, row in found.items() if name.startswith(UPROBES))
    trap = subject.accounts[0]["traps_ns"] / max(hits, 1)
    print(f"\nhits of one run (trap: {trap:.0f} ns more for each)")
    for name, row in sorted(found.items(), key=lambda item: -item[1]["runs"]):
        print(f"  {name:22} {row['runs']:6}   {row['ns']:7.0f} ns")
    return {"programs": found, "uprobe_hits": hits, "trap_ns": trap}


def server(subject, rounds):
    """CPU per request; None where wrk is missing."""
    if not subprocess.run(["which", "wrk"], capture_output=True, check=False).stdout:
        print("\nno wrk here: the warm server is left out")
        return None
    one = warm_server.Server(subject.thaw, subject.scratch)
    try:
        variants = warm_server.variants()
        runs = alternate(list(variants), rounds, lambda name: one.run(variants[name]))
    finally:
        one.close()
    rows = paired(runs, "not attached", ("request_ns", "interval_ns"))
    table(f"warm server ({one.name}), CPU per request", rows, "request_ns", "us", 1e3)
    return {"server": one.name, "variants": rows}


def bystander(subject, rounds):
    one = eval_loop.Bystander(subject.thaw, subject.scratch)
    try:
        runs = alternate(eval_loop.VARIANTS, rounds, one.run)
    finally:
        one.close()
    rows = paired(runs, "not recorded", ("eval_ns",))
    table("a stranger's loop of eval(), CPU per call", rows, "eval_ns", "ns", 1)
    slow = [run["slow_ns"] for run in runs[eval_loop.FIRST]]
    print(f"  it was slow for {statistics.median(slow) / 1e6:.0f} ms, at most {max(slow) / 1e6:.0f}")
    return {"variants": rows, "slow_ns": {"median": statistics.median(slow), "most": max(slow)}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    rounds = int(os.environ.get("ROUNDS", "30"))
    with tempfile.TemporaryDirectory() as scratch:
        subject = Subject(options.build, scratch)
        result = {"rounds": rounds, "load": os.getloadavg()[0]}
        result["cold_start"] = cold_start(subject, rounds)
        result["per_hit"] = per_hit(subject)
        result["server"] = server(subject, max(2, rounds // 2))
        result["bystander"] = bystander(subject, max(2, rounds // 2))
    write(RESULT, result)


if __name__ == "__main__":
    main()
