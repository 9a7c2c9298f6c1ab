# SPDX-License-Identifier: Apache-2.0
"""How exact are a Lambda runtime's messages, and so its phases? thaw against the server's own log.

    make bench-lambda      (RUNS=40 cold starts, some 60 s)

Oracle: our Runtime API server stamps a request (CLOCK_BOOTTIME) when its first line is read and when
its last byte is, and an answer just before it sends it. thaw stamps the runtime's system calls. The
server's own work and the way between lie in the difference, which bounds thaw's error. Messages are
matched one to one, by type, id and order.
"""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("lambda", "azure", "harness")]

RESULT = TESTS / "bench/results/lambda.json"
INVOCATIONS = 20


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def one_run(cold_start, record_with_ebpf, number):
    """(missing, extra, {what: [ns]}) of a cold start; every second one goes on for a while."""
    with cold_start.demo.temporary_folder() as folder:
        log_path = os.path.join(folder, "server.log")
        arguments = ["--invocations", INVOCATIONS if number % 2 else 1]
        recorded = record_with_ebpf(os.path.join(folder, "recording.thaw"), "--until", "exit",
                                    command=cold_start.command("good", log_path, *arguments),
                                    env=cold_start.environment())
        if recorded.status:
            raise SystemExit(recorded.stderr)
        seen = list(cold_start.messages_of(recorded))
        told = list(cold_start.Log(log_path).messages())
    values = {"request": [], "answer": []}
    if [message[:2] for message in seen] != [message[:2] for message in told]:
        missing = sum(message[:2] not in [one[:2] for one in seen] for message in told)
        return max(missing, 1), max(len(seen) - len(told) + missing, 0), values
    for (_, _, first_ns, last_ns), (_, _, line) in zip(seen, told):
        if line["event"] == "answer":
            values["answer"].append(first_ns - line["time_ns"])
        else:
            values["request"].append(last_ns - line["end_ns"])
    return 0, 0, values


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    import cold_start
    from recorded import record_with_ebpf

    cold_start.prepare()
    runs = int(os.environ.get("RUNS", "40"))
    result = {"cold_starts": runs, "missing": 0, "extra": 0}
    all_values = {"request": [], "answer": []}
    for number in range(runs):
        if sys.stderr.isatty():
            print(f"\rcold start {number + 1} of {runs}", end="", file=sys.stderr)
        missing, extra, values = one_run(cold_start, record_with_ebpf, number)
        result["missing"] += missing
        result["extra"] += extra
        for what, found in values.items():
            all_values[what] += found
    result["messages"] = sum(map(len, all_values.values()))
    print(f"\n{runs} cold starts, {result['messages']} messages: {result['missing']} missing, "
          f"{result['extra']} extra")
    for what, values in all_values.items():
        result[what] = {"median_ns": statistics.median(values),
                        "p99_ns": quantile(values, 0.99 if what == "answer" else 0.01),
                        "min_ns": min(values), "max_ns": max(values)}
        print(f"  {what:8} thaw minus server, ms: " + ", ".join(
            f"{name.removesuffix('_ns')} {value / 1e6:+.3f}"
            for name, value in result[what].items()))
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
