# SPDX-License-Identifier: Apache-2.0
"""What `thaw audit` survives, in the long form: 50 times kill -9, 10,000 containers, and the rest.

    make bench-audit_faults     (some 8 minutes; ONLY="kill names" does these anew)

Each fault has an oracle that is not thaw's: what the started ones and their parent say, bpftool,
SQLite's own program, Prometheus' own reader. tests/live/test_audit_faults.py has the short forms.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
from subject import write  # noqa: E402

RESULT = TESTS / "bench/results/audit_faults.json"


def faults():
    """{name: (what it is, how to bring it about in a folder)}."""
    import audit_faults
    import audit_hostile

    return {
        "kill": ("kill -9 at random moments under load, 50 times",
                 lambda folder: audit_faults.kills(folder, 50)),
        "disk": ("the store's disk is full, and has room again",
                 lambda folder: audit_faults.full_disk(folder, starts=100)),
        "clock": ("the clock is set to and fro",
                  lambda folder: audit_faults.clock_steps(folder, (0, 3600, -7200, 86400, 0))),
        "containers": ("10,000 containers, a start in each",
                       lambda folder: audit_hostile.many_containers(folder, 10_000, 60)),
        "names": ("names made to break what they are written into", audit_hostile.nasty_names),
        "dying": ("1,000 starts that die at once",
                  lambda folder: audit_hostile.dying(folder, 1000)),
        "files": ("5,000 programs that are executed once",
                  lambda folder: audit_hostile.changing_files(folder, 5000)),
        "forks": ("256 processes forked of one", lambda folder: audit_hostile.fork_tree(folder, 8)),
        "pid": ("50 starts with the same pid", lambda folder: audit_hostile.same_pid(folder, 50)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    only = os.environ.get("ONLY", "").split()
    rows = json.loads(RESULT.read_text()) if only and RESULT.exists() else {}
    for name, (what, bring_about) in faults().items():
        if only and name not in only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            begin = time.monotonic()
            row = rows[name] = {"what": what, **bring_about(folder)}
            row["seconds"] = round(time.monotonic() - begin, 1)
        figures = ", ".join(f"{key} {value}" for key, value in row.items()
                            if key not in ("what", "problems", "seconds"))
        print(f"{'ok ' if not row['problems'] else 'NOT'} {what}: {figures[:300]} "
              f"({row['seconds']} s)", flush=True)
        for problem in row["problems"][:10]:
            print(f"      {problem[:1000]}", flush=True)
        write(RESULT, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
