# SPDX-License-Identifier: Apache-2.0
"""What does recording cost the app? Paired, alternating runs beside other tools, with an A/A control.

    make bench-cost        (ROUNDS=25, some 4 minutes; py-spy comes from the package index)

Subject: the import of the demo's function_app (pandas, numpy, requests, azure.functions), up to its
end; a worker never pays for the interpreter's exit. CPU and wall are the subject's own, told by
itself: what tracing adds in its context counts, the tracer's own CPU is told apart. Every round
runs every variant once, in another order; a ratio is against the untraced run of its round.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
from subject import PROGRAM, PYTHON, Subject, paired, show, write  # noqa: E402

RESULT = TESTS / "bench/results/cost.json"


def install_spy(scratch):
    """py-spy into a folder of its own; None when it can't be had."""
    folder = Path(scratch) / "py-spy"
    result = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--target", str(folder),
                             "py-spy"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    program = folder / "bin/py-spy"
    return str(program) if result.returncode == 0 and program.exists() else None


def variants(subject, scratch):
    """Name -> command."""
    spy = install_spy(scratch)
    commands = {
        "untraced": subject.command,
        "control": subject.command,
        "thaw": subject.recorded(),
        "importtime": [PYTHON, "-X", "importtime", "-c", PROGRAM],
        "strace -f": ["strace", "-f", "-o", "/dev/null", *subject.command],
        "py-spy -r 100": [spy, "record", "-r", "100", "-f", "raw", "-o", f"{scratch}/spy.txt", "--",
                          *subject.command],
    }
    if not spy:
        del commands["py-spy -r 100"]
    return commands


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    rounds = int(os.environ.get("ROUNDS", "25"))
    with tempfile.TemporaryDirectory() as scratch:
        subject = Subject(options.build, scratch)
        commands = variants(subject, scratch)
        runs = subject.alternate(commands, rounds, "thaw")
        account = subject.account()
    rows = paired(runs, "untraced", ("cpu_ns", "wall_ns"))
    load = os.getloadavg()[0]
    print(f"\n{rounds} rounds, import of the demo's app, {runs['untraced'][0]['modules']} modules; "
          f"load {load:.1f}\nratio to the untraced run of the round: median [quartiles]")
    for name, row in rows.items():
        print(f"  {name:14} CPU {row['cpu_ns'] / 1e6:7.1f} ms  {show(row['cpu_ratio'])}   "
              f"wall {row['wall_ns'] / 1e6:7.1f} ms  {show(row['wall_ratio'])}")
    inside = account["bpf_ns"] + account["traps_ns"] + account["calls_ns"]
    print(f"thaw by its own account (medians): programs {account['bpf_ns'] / 1e6:.2f} ms + traps "
          f"{account['traps_ns'] / 1e6:.2f} ms + watching calls "
          f"{account['calls_ns'] / 1e6:.2f} ms = {inside / rows['untraced']['cpu_ns']:.1%} of the "
          f"app's CPU, reader {account['reader_cpu_ns'] / 1e6:.1f} ms, {account['events']:.0f} "
          f"events, {account['losses']:.0f} losses")
    write(RESULT, {"rounds": rounds, "load": load, "variants": rows, "account": account})


if __name__ == "__main__":
    main()
