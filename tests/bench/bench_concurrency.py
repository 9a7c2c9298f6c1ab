# SPDX-License-Identifier: Apache-2.0
"""How many invocations ran at once, against the clocks of the handlers and the test host's log.

    make bench-concurrency      (REPEATS=3, some 2 minutes)

Sixteen requests at once to a handler that sleeps for 200 ms, over workers and threads as
FUNCTIONS_WORKER_PROCESS_COUNT and PYTHON_THREADPOOL_THREAD_COUNT say. Oracles: the handlers' own
clocks (their time, by the time from the first request to the last answer; when each one began), and
the host's log alone (N times the shortest time of a call by the same time), which is lower where a
busy machine made some calls late. thaw knows neither the numbers nor the handler.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "harness"), str(TESTS / "azure")]
RESULT = TESTS / "bench/results/concurrency.json"
CALLS = 16
TOLERANCE = 0.1
ROWS = [(1, 1, "sync"), (1, 4, "sync"), (2, 2, "sync"), (4, 1, "sync"), (2, 1, "sync"),
        (4, 2, "sync"), (1, 1, "async")]


def run(app, workers, threads, folder):
    import sleeping

    found_run = sleeping.record(app, workers, threads, CALLS, folder)
    host, truth = found_run.host, found_run.running_average()
    derived = host["load"]["derived"] or {}
    found = derived.get("running_average")
    errors = found_run.waiting_errors_ns()
    return {"truth": round(truth, 3), "truth_by_log": round(found_run.effective(), 3),
            "found": found, "error": found and round(found / truth - 1, 4),
            "capacity": host["capacity"], "most_in_flight": host["load"]["most_in_flight"],
            "waited": derived.get("waited"), "waited_longest_ns": derived.get("waited_longest_ns"),
            "waiting_error_median_ns": errors and int(statistics.median(errors)),
            "waiting_error_most_ns": max(errors, default=None),
            "saturated": derived and round(derived["saturated_ns"] / host["load"]["busy_ns"], 3),
            "further_imports_ns": host["further_imports_ns"],
            "further_imports_cpu_ns": host["further_imports_cpu_ns"]}


def describe(name, runs, expected):
    """One line of the table, and whether it holds."""
    def median(key):
        return statistics.median(one[key] or 0 for one in runs)

    errors = [abs(one["error"]) for one in runs if one["error"] is not None]
    capacities = {(one["capacity"]["status"], one["capacity"]["at_once"]) for one in runs}
    print(f"{name:10} {runs[0]['most_in_flight']:9} "
          f"{' '.join(f'{status} {at_once}' for status, at_once in capacities):12} "
          f"{median('truth'):6.2f} {median('truth_by_log'):6.2f} {median('found'):6.2f} "
          f"{100 * max(errors, default=1):7.2f} % {median('waited'):6.0f} "
          f"{median('waiting_error_median_ns') / 1e6:8.1f} ms "
          f"{max(one['waiting_error_most_ns'] or 0 for one in runs) / 1e6:8.1f} ms "
          f"{median('saturated'):6.2f}", flush=True)
    return (len(errors) == len(runs) and max(errors) <= TOLERANCE and capacities == {expected})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    os.environ["THAW_BUILD"] = parser.parse_args().build
    import sleeping

    repeats = int(os.environ.get("REPEATS", "3"))
    result = {"calls": CALLS, "load": os.getloadavg()[0], "tolerance": TOLERANCE, "rows": {}}
    holds = True
    print(f"{'':10} in flight per worker    truth by log  found worst error waited "
          "waiting's error, most  saturated")
    for workers, threads, kind in ROWS:
        app = sleeping.place(kind)
        runs = []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as folder:
                runs.append(run(app, workers, threads, folder))
        name = f"{workers}x{threads} {kind}"
        result["rows"][name] = runs
        expected = ("derived", threads) if kind == "sync" else ("at-least", CALLS)
        holds &= describe(name, runs, expected)
    result["holds"] = holds
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
