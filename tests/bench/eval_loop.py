# SPDX-License-Identifier: Apache-2.0
"""A stranger's loop of eval() beside a recording: what it pays at first, and once the watchdog has
let go of it. Part of bench_imports.py."""

import json
import statistics
import subprocess
import time

from subject import PYTHON

MEASURE_SECONDS = 0.6
FIRST_SECONDS = 2   # the watchdog has let go long before that
SLICE, SLOW = 5000, 3
FIRST = "recorded, at first"
LOOP = """
import json, sys, time
code = compile("1", "<loop>", "eval")
for line in sys.stdin:
    end, slices = time.monotonic() + float(line), []
    while time.monotonic() < end:
        cpu = time.process_time_ns()
        for _ in range(5000):
            eval(code)
        slices.append((time.process_time_ns() - cpu) / 5000)
    print(json.dumps(slices), flush=True)
"""


class Bystander:
    def __init__(self, thaw, scratch):
        self.thaw, self.recording = thaw, f"{scratch}/eval.thaw"
        self.process = subprocess.Popen([PYTHON, "-c", LOOP], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.measure(MEASURE_SECONDS)

    def measure(self, seconds):
        """CPU per call in each slice of 5,000 calls."""
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def steady(self):
        return {"eval_ns": statistics.mean(self.measure(MEASURE_SECONDS))}

    def at_first(self):
        """The slow part of the time: the plain slices are those after the watchdog let go."""
        slices = self.measure(FIRST_SECONDS)
        slow = [one for one in slices if one > SLOW * min(slices)] or slices
        return {"eval_ns": statistics.mean(slow), "slow_ns": sum(slow) * SLICE}

    def run(self, name):
        """One round of a variant."""
        if name in ("not recorded", "control"):
            return self.steady()
        recorder = subprocess.Popen([self.thaw, "record", "-q", "--backend", "ebpf", "--until",
                                     "60s", "-o", self.recording, "--", "sleep", "60"],
                                    stdin=subprocess.DEVNULL)
        try:
            while "process.exec" not in self.text():
                time.sleep(0.01)  # looks again: there is no event to wait for
            first = self.at_first()
            return first if name == FIRST else self.steady()
        finally:
            recorder.terminate()
            recorder.wait()

    def text(self):
        return subprocess.run([self.thaw, "report", "-f", "text", self.recording],
                              capture_output=True, text=True, check=False).stdout

    def close(self):
        self.process.stdin.close()
        self.process.wait()


VARIANTS = ["not recorded", "control", FIRST, "recorded, later"]
