"""Histories made for tests: entries as tests/live/history_add.c takes them, which adds them as
`thaw gate` does."""

import json
import random
import subprocess

SECOND_NS = 10**9
DAY_NS = 86400 * SECOND_NS
FIRST_NS = 1_790_000_000 * SECOND_NS
KEY = {"interpreter": "3.11", "architecture": "x86_64", "backend": "ebpf", "kernel": "6.1.0",
       "machine": "a processor, 2 CPUs", "lock_file": "requirements.txt:xxh128:0"}
UNITS = {"exact": "count", "counted": "count", "timed": "ns"}


def value(metric, kind, samples, **more):
    return {"metric": metric, "class": kind, "unit": UNITS[kind], "samples": samples, **more}


def entry(number, values, **more):
    return {"time_ns": FIRST_NS + number * DAY_NS, "name": "function_app",
            "commit": f"{number:040x}", "branch": "main", "verdict": "pass",
            "key": json.dumps(KEY), "values": values, **more}


def lines(entries):
    return "".join(json.dumps(one) + "\n" for one in entries)


def add(program, path, entries, **options):
    return subprocess.run([program, path], input=lines(entries), text=True, capture_output=True,
                          timeout=120, **options)


def noisy(generator, level, spread=0.05, runs=15):
    """Times of one gate: what disturbs one run of it disturbs all, and one gate in ten is far off."""
    level *= generator.lognormvariate(0, spread)
    if generator.random() < 0.1:
        level *= 1 + 3 * spread * generator.random()
    return [level * generator.lognormvariate(0, 0.03) for _ in range(runs)]


def generator(seed):
    return random.Random(seed)
