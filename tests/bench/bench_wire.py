# SPDX-License-Identifier: Apache-2.0
"""How exact are the times of messages, and so of phases? thaw against the test host's own log.

    make bench-wire        (RUNS=20 cold starts, some 40 s)

Oracle: the test host stamps each message with CLOCK_BOOTTIME just before gRPC takes it (to the
worker) or just after gRPC hands it over (to the host). thaw stamps the worker's system calls. The
host's own work lies between the two, so a difference is an upper bound of thaw's error. Messages
are matched one to one, by worker, direction and order.
"""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "azure"), str(TESTS / "harness")]

RESULT = TESTS / "bench/results/wire.json"


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
    """The same from the host's log, by its workers' pids."""
    pids = {line["worker"]: line["pid"] for line in log.events("spawned")}
    messages = {}
    for line in log.events("message"):
        messages.setdefault(pids[line["worker"]], []).append(
            (line["direction"], line["type"], line["bytes"], line["time_ns"]))
    return messages


def differences(seen, told):
    """(missing, extra, {direction: [ns]}); for messages to the host the last byte counts."""
    missing = extra = 0
    result = {"to-host": [], "to-worker": []}
    for pid in set(seen) | set(told):
        for direction, values in result.items():
            ours = [message for message in seen.get(pid, []) if message[0] == direction]
            theirs = [message for message in told.get(pid, []) if message[0] == direction]
            missing += max(0, len(theirs) - len(ours))
            extra += max(0, len(ours) - len(theirs))
            for mine, its in zip(ours, theirs):
                if mine[1:3] != its[1:3]:
                    missing += 1
                    extra += 1
                    continue
                values.append((mine[4] if direction == "to-host" else mine[3]) - its[3])
    return missing, extra, result


def one_run(demo, record_with_ebpf, app, arguments):
    with demo.temporary_folder() as folder:
        path = os.path.join(folder, "recording.thaw")
        log_path = os.path.join(folder, "host.log")
        recorded = record_with_ebpf(path, "--until", "exit", command=demo.host_command(
            app, log_path, "--once", *arguments), env=dict(os.environ))
        if recorded.status:
            raise SystemExit(recorded.stderr)
        return differences(seen_messages(recorded.text), told_messages(demo.Log(log_path)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    import demo
    from recorded import record_with_ebpf

    runs = int(os.environ.get("RUNS", "20"))
    app = demo.place_own("plain")
    missing = extra = 0
    all_values = {"to-host": [], "to-worker": []}
    for number in range(runs):
        if sys.stderr.isatty():
            print(f"\rcold start {number + 1} of {runs}", end="", file=sys.stderr)
        arguments = ["--invocations", 20] if number % 2 else []
        lost, surplus, values = one_run(demo, record_with_ebpf, app, arguments)
        missing, extra = missing + lost, extra + surplus
        for direction, found in values.items():
            all_values[direction] += found
    result = {"cold_starts": runs, "messages": sum(map(len, all_values.values())),
              "missing": missing, "extra": extra}
    print(f"\n{runs} cold starts, {result['messages']} messages: {missing} missing, {extra} extra")
    for direction, values in all_values.items():
        rows = {"median_ns": statistics.median(values), "p99_ns": quantile(values, 0.99),
                "min_ns": min(values), "max_ns": max(values),
                "median_absolute_ns": statistics.median(map(abs, values))}
        result[direction] = rows
        print(f"  {direction:10} thaw minus host, ms: " + ", ".join(
            f"{name.removesuffix('_ns')} {value / 1e6:+.3f}" for name, value in rows.items()))
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
