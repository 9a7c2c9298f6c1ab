"""How tests come to root: as they are when root runs them, else through sudo without asking."""

import functools
import os
import shutil
import subprocess
import unittest


@functools.cache
def prefix():
    """Words to put before a command so that it runs as root, or None when that can't be had."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        probe = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if probe.returncode == 0:
            return ["sudo", "-n"]
    return None


def prefix_or_skip():
    """The same for a test that can't do without; raises SkipTest."""
    words = prefix()
    if words is None:
        raise unittest.SkipTest("needs root, and sudo is not to be had without a password")
    return words


def ask_once():
    """Lets sudo ask for its password now, on the terminal, so that later uses need not."""
    if prefix() is None and shutil.which("sudo") and os.isatty(0) and os.isatty(2):
        print("Some tests need root (eBPF); without it they are skipped.", flush=True)
        subprocess.run(["sudo", "-v"])
        prefix.cache_clear()
