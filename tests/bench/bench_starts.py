# SPDX-License-Identifier: Apache-2.0
"""A thousand starts of Python, twenty at a time: is every module there, and if not, does it say so?

    make bench-starts      (STARTS=1000, some 5 minutes)

Each run records one driver that starts known and unknown interpreters in turn: the static program,
a program with a libpython, and fresh copies of both and of a program that embeds Python, each of
them used five times. Every start writes its own import report; the recording is held against it.
"""

import argparse
import collections
import json
import os
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "harness")]
RESULT = TESTS / "bench/results/starts.json"
AT_ONCE = 20
USES = 5  # of each fresh copy
RUN_SECONDS = 400
RING_FULL = "ring-buffer-full"


def known(folder):
    import fresh_python
    import shared_python

    return [fresh_python.Start(fresh_python.STATIC), fresh_python.Start(shared_python.make(folder))]


def mixed(folder, count):
    """Every second one is unknown; those of one copy come one after the other."""
    import fresh_python

    begun, kinds = known(folder), list(fresh_python.KINDS)
    old, new = begun, []
    for number in range(count // 2 // USES):
        kind = kinds[number % len(kinds)]
        new += [fresh_python.make(kind, folder / f"new/{number}")] * USES
    return [start for pair in zip(new, old * len(new)) for start in pair]


def run(way, options, choose, count):
    """One recording of all starts; a row of the table."""
    import starts

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        begun = choose(folder, count)
        command = starts.driver(folder, begun, AT_ONCE)
        begin = time.monotonic()
        report = way(folder, command, ["--python", str(folder / "python3.11"), *options],
                     RUN_SECONDS)
        seconds = time.monotonic() - begin
        verdict = starts.judge(report, starts.truths(folder))
        size = (folder / "recording.thaw").stat().st_size
    losses = collections.Counter()
    for loss in report["losses"]:
        losses[loss["cause"]] += loss["count"]
    return {"starts": verdict.starts, "modules": verdict.expected, "missing": verdict.missing,
            "incomplete": verdict.incomplete, "said": verdict.said,
            "said_in_general": verdict.said_in_general, "not_said": len(verdict.unsaid),
            "marked": verdict.marked, "wrong": len(verdict.wrong),
            "events": report["run"]["cost"]["events"], "events_lost": losses[RING_FULL],
            "losses": losses, "complete": report["complete"], "recording_bytes": size,
            "seconds": round(seconds, 1), "reader_cpu_ns": report["run"]["cost"]["reader_cpu_ns"],
            "not_said_examples": verdict.unsaid[:5], "wrong_examples": verdict.wrong[:3]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    import starts

    count = int(os.environ.get("STARTS", "1000"))
    rows = [("record, known", starts.record, [], lambda folder, n: (known(folder) * n)[:n]),
            ("record, mixed", starts.record, [], mixed),
            ("record --hold, mixed", starts.record, ["--hold"], mixed),
            ("attach, mixed", starts.attach, [], mixed),
            ("attach --hold, mixed", starts.attach, ["--hold"], mixed)]
    result = {"at_once": AT_ONCE, "load": os.getloadavg()[0], "runs": {}}
    print(f"{'':22} starts modules missing incomplete  said not said marked wrong lost   s")
    for name, way, added, choose in rows:
        row = result["runs"][name] = run(way, added, choose, count)
        print(f"{name:22} {row['starts']:6} {row['modules']:7} {row['missing']:7} "
              f"{row['incomplete']:10} {row['said']:5} {row['not_said'] + row['said_in_general']:8} "
              f"{row['marked']:6} {row['wrong']:5} {row['events_lost']:4} {row['seconds']:5.1f}",
              flush=True)
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
