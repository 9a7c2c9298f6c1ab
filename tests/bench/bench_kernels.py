# SPDX-License-Identifier: Apache-2.0
"""What does thaw see on which kernel, with which rights, of which process? All combinations.

    make bench-kernels        (some 4 minutes; fetches Debian's kernels and boots each once)

Runs and their meaning: tests/kernels/rights_cases.py, which tests/kernels/test_rights.py takes the
most telling of. A cell: how it was recorded, modules seen of those the interpreter itself told of,
and the losses that the report names ("importtime": modules alone).
"""

import argparse
import json
import os
import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "kernels"), str(TESTS / "harness")]
RESULT = TESTS / "bench/results/kernels.json"


def table(results):
    """{rights: {target: cell}}"""
    rows = {}
    for (rights, target), result in results.items():
        rows.setdefault(rights, {})[target] = result.cell()
    return rows


def short_release(results):
    release = results["none", "own"].report["machine"]["kernel"]
    return ".".join(release.split(".")[:2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ.update(THAW_BUILD=options.build, THAW_RIGHTS="all")
    import test_rights
    from kernel_package import kernel_names

    kernels = {}
    for name in [*kernel_names(), None]:
        try:
            folder = test_rights.results_in_guest(name) if name else test_rights.results_here()
        except unittest.SkipTest as skip:
            print(f"{name or 'this machine'}: skipped, {skip}")
            continue
        results = test_rights.read_results(folder)
        release = short_release(results)
        kernels[f"{release} (Debian's)" if name else f"{release} (this machine)"] = table(results)
        test_rights.print_table(release, results)
    unittest.case.doModuleCleanups()
    RESULT.write_text(json.dumps(kernels, indent=1) + "\n")


if __name__ == "__main__":
    main()
