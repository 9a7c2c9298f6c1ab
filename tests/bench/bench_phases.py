# SPDX-License-Identifier: Apache-2.0
"""What does recording cost the first reply, and does anything of it stay behind?

    make bench-phases      (ROUNDS=25, some 8 minutes)

Paired, alternating runs of the test host and its worker, untraced, untraced once more (the A/A
control), and under `thaw record`, which ends with the first reply. Oracle: the test host's own log.

- First reply: from the host's start to it, of the demo's app (pandas, numpy, requests).
- Warm calls: 4,000 of a function that does next to nothing, one after the other. The first 1,000
  fall into the time in which thaw reads what it needs and closes its recording, on another core if
  there is one; of the last 1,000 each began after it had. Their medians and 99th percentiles.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]
import demo  # noqa: E402
from subject import alternate, paired, show, write  # noqa: E402

RESULT = TESTS / "bench/results/phases.json"
RUN_SECONDS = 120
END_BYTES = 1000
WARM, PART = 4000, 1000


class Host:
    """Runs of the test host with one app, untraced or recorded."""

    def __init__(self, build, app, *arguments):
        self.thaw = str(Path(build).resolve() / "thaw")
        self.app, self.arguments = app, arguments

    def run(self, recorded):
        """(the host's log, when the recording was closed or None), in ns of CLOCK_BOOTTIME."""
        with demo.temporary_folder() as folder:
            log, recording = os.path.join(folder, "host.log"), os.path.join(folder, "it.thaw")
            command = demo.host_command(self.app, log, "--once", *self.arguments)
            owner, environment = demo.as_owner(), dict(os.environ)
            if recorded:
                command = [self.thaw, "record", "-q", "--backend", "ebpf", "--keep-running", "--until",
                           "first-reply", "-o", recording, "--", *command]
                if owner:
                    environment.update(SUDO_UID=str(owner["user"]), SUDO_GID=str(owner["group"]))
                owner = {}
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           timeout=RUN_SECONDS, check=True, env=environment, **owner)
            return self.ended(log), closed_ns(recording) if recorded else None

    @staticmethod
    def ended(path):
        """The log, once the host has ended: it outlives the recording."""
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            with open(path, "rb") as file:  # its end only: this must not disturb what is measured
                file.seek(max(0, os.stat(path).st_size - END_BYTES))
                end = file.read()
            if b'"exited"' in end and end.endswith(b"\n"):
                return demo.Log(path)
            time.sleep(0.5)
        raise SystemExit(f"the host did not end within {RUN_SECONDS} s")


def closed_ns(recording):
    """When it was written last: a file's times are CLOCK_REALTIME's."""
    offset = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_REALTIME)
    return os.stat(recording).st_mtime_ns + offset


def first_reply(host, variant):
    log, _ = host.run(variant == "thaw")
    start, = log.events("process-start")
    reply, = log.events("first-reply")
    return {"reply_ns": reply["time_ns"] - start["time_ns"]}


def quantile(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


def warm_calls(host, variant):
    log, closed = host.run(variant == "thaw")
    begins, calls = {}, []
    for line in log.messages():
        if line["type"] == "InvocationRequest":
            begins[line["invocation_id"]] = line["time_ns"]
        elif line["type"] == "InvocationResponse":
            begin = begins[line["invocation_id"]]
            calls.append((begin, line["time_ns"] - begin))
    last = [took for begin, took in calls[-PART:] if closed is None or begin > closed]
    first = [took for _, took in calls[1:PART + 1]]  # the very first one is the cold one
    if len(last) < PART:
        raise SystemExit("thaw had not closed its recording before the last 1,000 calls began")
    return {"closing_ns": statistics.median(first), "closing_p99_ns": quantile(first, 0.99),
            "warm_ns": statistics.median(last), "warm_p99_ns": quantile(last, 0.99)}


def measure(what, host, rounds, keys):
    for variant in ("untraced", "thaw"):
        what(host, variant)  # once unmeasured
    runs = alternate(["untraced", "control", "thaw"], rounds,
                     lambda variant: what(host, variant))
    return paired(runs, "untraced", keys)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    rounds = int(os.environ.get("ROUNDS", "25"))
    cold = Host(options.build, demo.place_own("analyze"), "--invoke", "analyze")
    warm = Host(options.build, demo.place_own("plain"), "--invocations", WARM + 1)
    result = {
        "rounds": rounds,
        "first_reply": measure(first_reply, cold, rounds, ("reply_ns",)),
        "warm_calls": measure(warm_calls, warm, rounds,
                              ("closing_ns", "closing_p99_ns", "warm_ns", "warm_p99_ns")),
        "load": os.getloadavg()[0],
    }
    print(f"\n{rounds} rounds, load {result['load']:.1f}; ratio to the untraced run of the round: "
          "median [quartiles]")
    for title, rows, key in (
            ("first reply", result["first_reply"], "reply"),
            ("1,000 calls while thaw closes, median", result["warm_calls"], "closing"),
            ("  99th percentile", result["warm_calls"], "closing_p99"),
            ("1,000 calls afterwards, median", result["warm_calls"], "warm"),
            ("  99th percentile", result["warm_calls"], "warm_p99")):
        print(f"  {title:38} untraced {rows['untraced'][key + '_ns'] / 1e6:8.3f} ms   A/A "
              f"{show(rows['control'][key + '_ratio'])}   thaw "
              f"{show(rows['thaw'][key + '_ratio'])}")
    write(RESULT, result)


if __name__ == "__main__":
    main()
