"""Recordings made for tests: runs `thaw record` as root where that can be had, and reads them."""

import functools
import json
import os
import subprocess
import unittest

import elevate
from program import THAW, run_thaw

RECORD_SECONDS = 60  # no recording of a test needs a tenth of it


class Recorded:
    """What a finished `thaw record` left: status, stdout, stderr, path, and its report."""

    def __init__(self, result, path):
        self.status, self.stdout, self.stderr = result.returncode, result.stdout, result.stderr
        self.path = str(path)

    @functools.cached_property
    def report(self):
        result = run_thaw("report", "--json", self.path)
        if result.returncode:
            raise AssertionError(f"report of {self.path}: {result.stderr}\n{self.stderr}")
        return json.loads(result.stdout)

    @property
    def text(self):
        """The recording's own events, one a line."""
        return run_thaw("report", "-f", "text", self.path).stdout


def record_command(path, *options, command, prefix=()):
    return [*prefix, THAW, "record", "--quiet", "-o", str(path), *map(str, options), "--",
            *map(str, command)]


def record(path, *options, command, elevated=True, **subprocess_options):
    """Records command into path. elevated: as root, or the test is skipped."""
    prefix = elevate.prefix_or_skip() if elevated else []
    environment = subprocess_options.pop("env", None)
    if environment is not None and prefix:
        prefix = [*prefix, "env", *(f"{name}={value}" for name, value in environment.items())]
    result = subprocess.run(record_command(path, *options, command=command, prefix=prefix),
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=RECORD_SECONDS, env=environment, check=False,
                            **subprocess_options)
    return Recorded(result, path)


def record_with_ebpf(path, *options, command, **subprocess_options):
    """The same, skipped where eBPF is refused even to root."""
    recorded = record(path, "--backend", "auto", *options, command=command, **subprocess_options)
    if os.path.exists(path) and recorded.report["run"]["backend"] != "ebpf":
        raise unittest.SkipTest("eBPF is refused here, even to root: "
                                + recorded.stderr.partition("\n")[0])
    return recorded



def interpreters():
    """What `thaw doctor` finds: [{"executable", "library", "version", "works", …}]."""
    return json.loads(run_thaw("doctor", "--json").stdout)["interpreters"]
