# SPDX-License-Identifier: Apache-2.0
"""Are the effects of real libraries right? A table: package, kind, how many thaw and strace saw.

    make bench-effects        (some minutes; packages are fetched by the first run)

Each row is one process that imports one package under strace under thaw: both see the same run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "harness"))
RESULT = TESTS / "bench/results/effects.json"

PYTHON, MINOR = "/usr/bin/python3.11", 11
# What does things on being imported: probes of IPv6, `uname`, threads, entropy, sockets.
MODULES = ["asyncio", "multiprocessing.resource_tracker", "uuid", "cryptography.x509", "ssl",
           "numpy", "pandas", "matplotlib.pyplot", "requests", "azure.functions",
           "azure.storage.blob", "azure.identity", "sqlalchemy"]


def measure(module, packages, folder):
    """(counts by thaw, counts by strace, {module: effects} of thaw), or why not."""
    import recorded
    import strace_truth

    truth = folder / "strace"
    words = strace_truth.command(truth, PYTHON, "-c", strace_truth.marked(), module)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages),
                   "HOME": str(folder), "MPLCONFIGDIR": str(folder)}
    run = recorded.record_with_ebpf(folder / "effects.thaw", "--until", "exit", command=words,
                                    env=environment)
    if run.status:
        return run.stderr.strip().splitlines()[-1]
    report = run.report
    # The folder is another one each time: called "~", as it is the home, a result stays the same.
    by_module = {item["name"]: [f"{effect['kind']} {effect['detail'] or ''}".strip()
                                .replace(str(folder), "~") for effect in item["effects"]]
                 for item in report["modules"] if item["effects"]}
    return (strace_truth.counts_of_report(report, [module]),
            strace_truth.counts(strace_truth.effects(truth.read_text())), by_module)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("modules", nargs="*", default=MODULES)
    arguments = parser.parse_args()
    os.environ["THAW_BUILD"] = arguments.build
    import site_packages

    site = site_packages.site_packages(MINOR)
    packages = site_packages.CACHE / f"effects-3.{MINOR}"
    if not packages.is_dir():
        why = site_packages.install(MINOR, packages, ["cryptography"])
        if why:
            print(f"cryptography: {why}", file=sys.stderr)
    rows, wrong = [], 0
    print(f"{'package':34}{'thaw':>6}{'strace':>8}  by kind")
    for module in arguments.modules:
        with tempfile.TemporaryDirectory() as scratch:
            measured = measure(module, f"{site.folder}:{packages}", Path(scratch))
        if isinstance(measured, str):
            print(f"{module:34}not imported: {measured}")
            continue
        seen, truth, by_module = measured
        wrong += seen != truth
        kinds = ", ".join(f"{kind} {seen[kind]}" if seen[kind] == truth[kind]
                          else f"{kind} {seen[kind]} NOT {truth[kind]}"
                          for kind in sorted(seen | truth))
        print(f"{module:34}{sum(seen.values()):6}{sum(truth.values()):8}  {kinds}")
        rows.append({"module": module, "thaw": dict(seen), "strace": dict(truth),
                     "by_module": by_module})
    version = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True)
    RESULT.write_text(json.dumps({"python": version.stdout.split()[1],
                                  "kernel": platform.release(), "cpus": os.cpu_count(),
                                  "rows": rows}, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
