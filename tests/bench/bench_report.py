# SPDX-License-Identifier: Apache-2.0
"""How long does a report of 10,000 modules take, and how much memory?

    make bench-report        (RUNS=11, some 2 minutes)

Besides, each once more: an app whose 10,000 modules are all its own, of which each import might wait;
and a log of `-X importtime` with 40,000 imports.

A recording of a real interpreter that imports 10,000 generated modules: 100 distributions, each a
tree of 100 modules three wide, and one file of the app's own that imports them all. Then `thaw
report` writes JSON and the page from it, at once and each by itself: wall-clock and CPU time, and the
largest resident size that the kernel counted (wait4). The runs alternate. Asked for: JSON and HTML in
0.3 s and 100 MB.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "harness")]

import elevate  # noqa: E402

RESULT = TESTS / "bench/results/report.json"
PYTHON = "/usr/bin/python3.11"
DISTRIBUTIONS, MODULES, WIDTH = 100, 100, 3
RECORD_SECONDS = 120
LOGGED = 40_000
HEAD = "import time: self [us] | cumulative | imported package\n"
ASKED = {"seconds": 0.3, "megabytes": 100}


def write_distribution(site, name):
    package = site / name
    package.mkdir()
    names = [f"module_{number:03}" for number in range(MODULES - 1)]
    for place, module in enumerate(names):
        below = names[WIDTH * place + 1:WIDTH * place + WIDTH + 1]
        package.joinpath(f"{module}.py").write_text(
            "".join(f"from . import {one}\n" for one in below)
            + "import json, os, sys\n\n\n"
            + f"def function_{place}(value):\n    return value + {place}\n\n\n"
            + f"class Class{place}:\n    value = {place}\n", encoding="utf-8")
    package.joinpath("__init__.py").write_text(f"from . import {names[0]}\n", encoding="utf-8")
    facts = site / f"{name}-1.0.dist-info"
    facts.mkdir()
    facts.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
                                          encoding="utf-8")
    facts.joinpath("INSTALLER").write_text("pip\n", encoding="utf-8")
    files = sorted(path.relative_to(site) for path in package.iterdir())
    facts.joinpath("RECORD").write_text("".join(f"{path},,\n" for path in files), encoding="utf-8")


def make_app(folder):
    """The words that run an app with that many modules."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    site = folder / "venv/lib/python3.11/site-packages"
    names = [f"distribution_{number:03}" for number in range(DISTRIBUTIONS)]
    for name in names:
        write_distribution(site, name)
    main = folder / "app/main.py"
    main.parent.mkdir()
    main.write_text("".join(f"import {name}\n" for name in names), encoding="utf-8")
    return [str(folder / "venv/bin/python"), str(main)]


def make_own(folder):
    """The same with all modules beside the script."""
    (folder / "own").mkdir()
    names = [f"own_{number:03}" for number in range(DISTRIBUTIONS)]
    for name in names:
        write_distribution(folder / "own", name)
    main = folder / "own/main.py"
    main.write_text("".join(f"import {name}\n" for name in names), encoding="utf-8")
    return [PYTHON, str(main)]


def record(thaw, command, path):
    subprocess.run(command, check=True, timeout=RECORD_SECONDS)  # writes bytecode
    prefix = elevate.prefix() or []
    subprocess.run([*prefix, thaw, "record", "-q", "--until", "exit", "-o", path, "--", *command],
                   check=True, stdin=subprocess.DEVNULL, timeout=RECORD_SECONDS)
    if prefix:
        subprocess.run([*prefix, "chown", str(os.getuid()), path], check=True)


def measured(command):
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: status {process.returncode}")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "megabytes": usage.ru_maxrss * 1024 / 1e6}


def spread(values):
    return {"median": round(statistics.median(values), 3), "low": round(min(values), 3),
            "high": round(max(values), 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    thaw = parser.parse_args().build / "thaw"
    runs = int(os.environ.get("RUNS", "11"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recording, page, report = (folder / name for name in ("r.thaw", "r.html", "r.json"))
        record(thaw, make_app(folder), recording)
        json_words, html_words = ["-f", "json", "-o", report], ["-f", "html", "-o", page]
        ways = {"JSON and HTML at once": [*json_words, *html_words],
                "the same once more": [*json_words, *html_words],  # A/A
                "JSON": json_words, "HTML": html_words}
        found = {way: [] for way in ways}
        for _ in range(runs):
            for way, words in ways.items():
                found[way].append(measured([thaw, "report", recording, *words]))
        own, log = folder / "own.thaw", folder / "flat.log"
        record(thaw, make_own(folder), own)
        log.write_text(HEAD + "".join(f"import time: {5:9d} | {5:10d} | m{number}\n"
                                      for number in range(LOGGED)), encoding="utf-8")
        others = {"JSON, all modules the app's own": [own],
                  f"JSON, a log of {LOGGED} imports": ["--from", "importtime", log]}
        for way, words in others.items():
            found[way] = [measured([thaw, "report", *words, "-f", "json", "-o", folder / "other.json"])
                          for _ in range(runs)]
        made = json.loads(report.read_text(encoding="utf-8"))
        events = subprocess.run([thaw, "report", recording, "-f", "text"], check=True,
                                stdout=subprocess.PIPE).stdout.count(b"\n") - 1
        result = {"runs": runs, "load": os.getloadavg()[0], "modules": len(made["modules"]),
                  "events": events, "complete": made["complete"], "asked": ASKED,
                  "bytes": {path.suffix[1:]: path.stat().st_size
                            for path in (recording, report, page)},
                  "ways": {way: {key: spread([one[key] for one in all_of_it])
                                 for key in all_of_it[0]} for way, all_of_it in found.items()}}
    print(f"{result['modules']} modules, {events} events, "
          f"{'complete' if result['complete'] else 'INCOMPLETE'}, {runs} runs of each")
    for way, figures in result["ways"].items():
        print(f"  {way}")
        for key, value in figures.items():
            print(f"    {key:12} {value['median']:8} ({value['low']} to {value['high']})")
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
