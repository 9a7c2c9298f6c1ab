# SPDX-License-Identifier: Apache-2.0
"""Is every message there, and how exact are its times? thaw against two oracles.

    make bench-wire        (STARTS=1000 cold starts of a bare gRPC worker, RUNS=20 of a whole one)

Host's log: the test host stamps each message with CLOCK_BOOTTIME just before gRPC takes it (to the
worker) or just after gRPC hands it over (to the host), in Python. Its own work and both processes'
waiting for a CPU lie between that and the worker's system calls, which thaw stamps: a difference is
an upper bound of thaw's error, and on a busy machine mostly the machine's.
System calls: wire_stamps.c in the worker's process stamps and keeps what each call moved; messages
are found again in those bytes. What is left of a difference is thaw's own.

Messages are matched one to one, by worker, direction and order. Of those up to 64 KiB the median
and the 99th percentile are held against what is promised; of longer ones both ends are.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]

import wire_stamps

RESULT = TESTS / "bench/results/wire.json"
ROW = 25  # cold starts in one recording
SMALL_BYTES = 64 << 10
MEDIAN_NS, P99_NS = 300_000, 1_000_000


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def seen_messages(text):
    """{pid: [(direction, type, bytes, first byte, last byte)]} of a recording's text form."""
    messages = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[1] != "message":
            continue
        fields = dict(word.split("=", 1) for word in words[2:] if "=" in word)
        direction = "to-host" if fields.get("outgoing") == "1" else "to-worker"
        messages.setdefault(int(fields["pid"]), []).append(
            (direction, json.loads(fields["type"]), int(fields["bytes"]), int(words[0]),
             int(fields["last_ns"])))
    return messages


def told_messages(log):
    """The same from the host's log, by its workers' pids; it has one time for each."""
    pids = {line["worker"]: line["pid"] for line in log.events("spawned")}
    messages = {}
    for line in log.events("message"):
        messages.setdefault(pids[line["worker"]], []).append(
            (line["direction"], line["type"], line["bytes"], line["time_ns"], line["time_ns"]))
    return messages


def stamped_messages(folder):
    """The same from the system calls, without types."""
    return {int(path.name): [(message.direction, None, *message[1:])
                             for message in wire_stamps.read(path)]
            for path in Path(folder).iterdir()}


class Comparison:
    """thaw's messages against an oracle's: how many were not there, and what their times differ."""

    def __init__(self, name):
        self.name, self.missing, self.extra, self.messages = name, 0, 0, 0
        self.small = {"to-host": [], "to-worker": []}
        self.large_first, self.large_last = [], []

    def add(self, seen, told):
        for pid in set(seen) | set(told):
            for direction in self.small:
                ours = [message for message in seen.get(pid, []) if message[0] == direction]
                theirs = [message for message in told.get(pid, []) if message[0] == direction]
                self.missing += max(0, len(theirs) - len(ours))
                self.extra += max(0, len(ours) - len(theirs))
                for pair in zip(ours, theirs):
                    self.add_pair(direction, *pair)

    def add_pair(self, direction, mine, its):
        if mine[2] != its[2] or its[1] not in (None, mine[1]):
            self.missing, self.extra = self.missing + 1, self.extra + 1
            return
        self.messages += 1
        if mine[2] > SMALL_BYTES:
            self.large_first.append(mine[3] - its[3])
            self.large_last.append(mine[4] - its[4])
        else:
            end = 4 if direction == "to-host" else 3
            self.small[direction].append(mine[end] - its[end])

    def result(self):
        absolute = [abs(value) for values in self.small.values() for value in values]
        result = {"messages": self.messages, "missing": self.missing, "extra": self.extra,
                  "small": summary(absolute), "small_signed": {
                      direction: summary(values) for direction, values in self.small.items()},
                  "large_first": summary(self.large_first), "large_last": summary(self.large_last)}
        if absolute:
            result["small"]["as_promised"] = (result["small"]["median_ns"] <= MEDIAN_NS
                                              and result["small"]["p99_ns"] <= P99_NS)
        return result

    def print(self):
        result = self.result()
        print(f"  {self.name}: {self.messages} messages, {self.missing} missing, "
              f"{self.extra} extra")
        for name in ("small", "large_first", "large_last"):
            print(f"    {name:12} ms: " + ", ".join(
                f"{key.removesuffix('_ns')} {value / 1e6:.4f}"
                for key, value in result[name].items() if key.endswith("_ns"))
                + f" ({result[name].get('count', 0)})")


def summary(values):
    if not values:
        return {}
    return {"count": len(values), "median_ns": statistics.median(values),
            "p99_ns": quantile(values, 0.99), "p1_ns": quantile(values, 0.01),
            "min_ns": min(values), "max_ns": max(values)}


def record(demo, folder, command, environment):
    from recorded import record_with_ebpf
    recorded = record_with_ebpf(os.path.join(folder, "recording.thaw"), "--until", "exit",
                                command=command, env={**os.environ, **environment})
    if recorded.status:
        raise SystemExit(recorded.stderr)
    losses = recorded.report["losses"]
    return seen_messages(recorded.text), demo.Log(os.path.join(folder, "host.log")), losses


def whole_starts(demo, runs):
    """Cold starts of the thin worker with Microsoft's runtime and an app."""
    app, against_log = demo.place_own("plain"), Comparison("host's log")
    for number in range(runs):
        progress(f"whole cold start {number + 1} of {runs}")
        with demo.temporary_folder() as folder:
            arguments = ["--invocations", 20] if number % 2 else []
            seen, log, _ = record(demo, folder, demo.host_command(
                app, os.path.join(folder, "host.log"), "--once", *arguments), {})
            against_log.add(seen, told_messages(log))
    return {"cold_starts": runs, "host_log": against_log.result()}, [against_log]


def bare_starts(demo, starts, build):
    """Cold starts of a worker that is a gRPC client and nothing else."""
    library = os.path.join(os.path.abspath(build), "wire_stamps.so")
    wire_stamps.build(library, str(TESTS / "bench/wire_stamps.c"))
    app = demo.place_own("plain")
    against_log, against_calls = Comparison("host's log"), Comparison("system calls")
    host_alone, losses = Comparison("host's log against system calls"), []
    for done in range(0, starts, ROW):
        progress(f"bare cold start {done + 1} of {starts}")
        with demo.temporary_folder() as folder:
            stamps = os.path.join(folder, "stamps")
            os.mkdir(stamps)
            os.chmod(stamps, 0o777)
            seen, log, lost = record(demo, folder, [
                demo.VENV_PYTHON, TESTS / "bench/wire_host.py", min(ROW, starts - done), "--app",
                app, "--worker", TESTS / "azure/worker/bare_worker.py", "--invocations", 3, "--log",
                os.path.join(folder, "host.log")],
                {"WIRE_STAMPS": library, "WIRE_STAMPS_FOLDER": stamps,
                 "BARE_WORKER_PACKAGES": demo.WORKER_FOLDER})
            losses += lost
            told, called = told_messages(log), stamped_messages(stamps)
            against_log.add(seen, told)
            against_calls.add(seen, called)
            host_alone.add({pid: [(way, None, *rest) for way, _, *rest in messages]
                            for pid, messages in called.items()},
                           {pid: [(way, None, *rest) for way, _, *rest in messages]
                            for pid, messages in told.items()})
    return {"cold_starts": starts, "host_log": against_log.result(),
            "system_calls": against_calls.result(),
            "host_log_against_system_calls": host_alone.result(),
            "losses": sorted({loss["cause"] for loss in losses})}, [
                against_log, against_calls, host_alone]


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    import demo

    started = time.monotonic()
    result = {}
    for name, function, arguments in (
            ("bare", bare_starts, (int(os.environ.get("STARTS", "1000")), options.build)),
            ("whole", whole_starts, (int(os.environ.get("RUNS", "20")),))):
        result[name], comparisons = function(demo, *arguments)
        print(f"\n{name} worker, {result[name]['cold_starts']} cold starts")
        for comparison in comparisons:
            comparison.print()
    result["load"] = os.getloadavg()[1]
    result["seconds"] = round(time.monotonic() - started)
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
