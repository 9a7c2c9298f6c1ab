"""The built program, for tests: its path and a bounded way to run it."""

import os
import subprocess
from pathlib import Path

BUILD = Path(os.environ.get("THAW_BUILD", "build")).resolve()
THAW = str(BUILD / "thaw")
REPOSITORY = Path(__file__).parents[2]


def run_thaw(*arguments, timeout=60, text=True, **options):
    """Runs thaw with stdin empty; stdout and stderr are captured unless options say otherwise."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **options}
    return subprocess.run([THAW, *map(str, arguments)], timeout=timeout, text=text, **options)
