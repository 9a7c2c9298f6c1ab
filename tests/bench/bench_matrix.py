# SPDX-License-Identifier: Apache-2.0
"""Are the imports right on every Python and for every package? A table: version, build, package.

    make bench-matrix        (some 4 minutes; Pythons and packages are fetched by the first run)

Each cell is one recorded process that imports one package, against what `-X importtime` says in the
same run: "ok 599" is exact, with 599 modules; "-2 +1 ~3 order" is two missing, one extra, three
with another parent, and another order; "." is a package that the version does not import.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "harness"))
RESULT = TESTS / "bench/results/matrix.json"


def describe(comparison):
    if comparison:
        return f"ok {comparison.expected}"
    counts = (("-", comparison.missing), ("+", comparison.extra), ("~", comparison.wrong_parent))
    words = [f"{sign}{len(lines)}" for sign, lines in counts if lines]
    return " ".join(words + (["order"] if comparison.order else []))


def cell(python, site, module):
    """(text, difference or None)"""
    import import_matrix

    if module not in site.modules:
        return ".", site.left_out.get(module)
    try:
        comparison = import_matrix.compare_imports(python, site, [module])
    except import_matrix.NotRecorded as failure:
        return "FAILED", str(failure)
    return describe(comparison), None if comparison else str(comparison)


def row(python):
    import import_matrix

    site = import_matrix.prepare(python)
    cells = {module: cell(python, site, module) for module in import_matrix.MODULES}
    return {"version": python.version, "build": python.build,
            "cells": {module: text for module, (text, _) in cells.items()},
            "differences": {module: why for module, (_, why) in cells.items() if why}}


def print_table(rows):
    modules = list(rows[0]["cells"])
    widths = [max(len(name), 9) for name in modules]
    print(f"{'version':18}{'build':8}" + "  ".join(map(str.ljust, modules, widths)))
    for entry in rows:
        cells = map(str.ljust, entry["cells"].values(), widths)
        print(f"{entry['version']:18}{entry['build']:8}" + "  ".join(cells))
    for entry in rows:
        for module, why in entry["differences"].items():
            print(f"\n{entry['version']} {entry['build']} {module}: {why}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    os.environ["THAW_BUILD"] = parser.parse_args().build
    import import_matrix

    rows, missing = [], []
    for python, reason in import_matrix.all_pythons():
        if reason:
            missing.append(reason)
            continue
        if sys.stderr.isatty():
            print(f"\r{python}\033[K", end="", file=sys.stderr)
        rows.append(row(python))
    print_table(rows)
    print("\n".join(missing))
    kernel = ".".join(platform.release().split(".")[:2])
    result = {"kernel": kernel, "rows": rows, "missing": missing}
    RESULT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
