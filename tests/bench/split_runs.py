# SPDX-License-Identifier: Apache-2.0
"""`import pandas` recorded with the oracle of the split in it, warm, with cold files and without any
bytecode: what thaw says of each part beside what the program says. Needs tests/harness on the path.
"""

import re
import shutil
import statistics
import subprocess
from pathlib import Path

import cold
import split_comparison
import split_truth_run
from pythons import machine_pythons
from recorded import record_with_ebpf
from site_packages import site_packages
from subject import undisturbed

MODULE = "pandas"
MINORS = (8, 11, 13)
TIMED = f"import time; t = time.perf_counter_ns(); import {MODULE}; print(time.perf_counter_ns() - t)"
ASK_FOLDERS = "import sysconfig; print(sysconfig.get_path('stdlib'))"
WAITS = ("io_ns", "runqueue_ns", "sleep_ns", "minor_faults", "major_faults")


class Case:
    """An interpreter with its packages, and how to record it."""

    def __init__(self, python, folder):
        self.python = python
        site = site_packages(python.minor)
        self.why_not = site.left_out.get(MODULE)
        if self.why_not:
            return
        site.usable_by(python, [MODULE])
        self.site, self.name = site.folder, f"{python.version} {python.build}"
        self.recording = Path(folder, f"{python.version}.thaw")
        self.files = split_truth_run.Files(Path(folder, f"truth {python.version} {python.build}"))

    def run(self, **variables):
        """(report, truth) of one recording."""
        recorded = record_with_ebpf(
            self.recording, "--until", "exit", *self.python.options,
            command=[*self.files.command(self.python.command), "-c", f"import {MODULE}"],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
                 **self.files.environment([self.site], usage=True), **variables})
        if recorded.status:
            raise SystemExit(f"{self.name}: {recorded.stderr[-1000:]}")
        return recorded.report, self.files.read()

    def disturbed(self):
        """How many times as long an import takes with the oracle in it, without any recording."""
        with_oracle = self.files.environment([self.site], usage=True)
        plain = {"PYTHONPATH": str(self.site)}
        times = [int(subprocess.run([*command, "-c", TIMED], env={"PATH": "/usr/bin:/bin", **words},
                                    capture_output=True, text=True, check=True).stdout)
                 for command, words in ((self.files.command(self.python.command), with_oracle),
                                        (self.python.command, plain))]
        return times[0] / times[1]

    def run_warm(self):
        return (*undisturbed(self.run), None)

    def run_cold(self):
        """Not tried again when disturbed: that would not be cold any more."""
        left = self.evict()
        return (*self.run(), left)

    def run_without_bytecode(self):
        """It is looked for, and written, where there is none."""
        folder = self.files.folder / "bytecode"
        shutil.rmtree(folder, ignore_errors=True)
        return (*self.run(PYTHONPYCACHEPREFIX=str(folder)), None)

    def evict(self):
        """(pages left, pages) of the packages, the standard library and the interpreter."""
        answer = subprocess.run([*self.python.command, "-c", ASK_FOLDERS], capture_output=True,
                                text=True, check=True)
        library, program = Path(answer.stdout.strip()), Path(self.python.command[-1])
        objects = [program, *program.parents[1].glob("lib/libpython3*.so*")]
        left = pages = 0
        for path in {*self.site.rglob("*"), *library.rglob("*"), *objects}:
            if path.is_file() and not path.is_symlink() and path.stat().st_size:
                mine, size = cold.evict(path)
                left, pages = left + mine, pages + size
        return left, pages


def cases(folder):
    """The interpreters that have the packages; says which don't."""
    for python in machine_pythons():
        if python.minor in MINORS:
            case = Case(python, folder)
            if case.why_not:
                print(f"{python}: left out, no {MODULE}: {case.why_not}")
            else:
                yield case


def middle(values):
    """The median of what there is, None of nothing."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def part_rows(comparisons, truths):
    """{part: medians of its rows}, with what the truth's is made of."""
    rows = {}
    for number, first in enumerate(comparisons[0].rows):
        mine = [comparison.rows[number] for comparison in comparisons]
        rows[first.part] = {
            "thaw_ns": middle(row.thaw_ns for row in mine),
            "truth_ns": middle(row.truth_ns for row in mine),
            "ratio": middle(row.ratio for row in mine),
            "differs": middle(int(row.differs) for row in mine) > 0.5,
            "modules_differing": middle(row.differing for row in mine),
            "truth_cost_ns": middle(row.truth_off_ns for row in mine)}
    for part, names in split_comparison.PARTS.items():
        sums = {name: middle(sum(load["parts"].get(name, 0) for load in truth["loads"])
                             for truth in truths) for name in names}
        rows[part]["made_of"] = {name: spent for name, spent in sums.items() if spent}
    return rows


def wait_rows(reports):
    """{part: {what: median over the runs of the sum over all modules}}."""
    sums = []
    for report in reports:
        one = {}
        for module in report["modules"]:
            for part, waits in module.get("waits", {}).items():
                row = one.setdefault(part, dict.fromkeys(WAITS, 0))
                for what in WAITS:
                    row[what] += waits.get(what, 0)
        sums.append(one)
    parts = sorted({part for one in sums for part in one})
    return {part: {what: middle(one.get(part, {}).get(what, 0) for one in sums) for what in WAITS}
            for part in parts}


def queued(report, process):
    """The main thread's waits for a CPU; the truth's has some outside of the imports, too."""
    begin, end = process["begin"]["runqueue_ns"], process["end"]["runqueue_ns"]
    told = [module["wait"]["runqueue_ns"]
            for module in split_comparison.report_modules(report).values()
            if "wait" in module and module["name"] == MODULE]
    return sum(told) if told else None, None if begin is None else end - begin


def usage_rows(pairs):
    """What thaw and the program say of CPU, faults and the disk, medians."""
    rows = [split_comparison.compare_usage(report, truth) for report, truth in pairs]
    for row, (report, truth) in zip(rows, pairs):
        process = truth["process"]
        begin, end = process["begin"]["disk_bytes"], process["end"]["disk_bytes"]
        told = [module["disk_bytes"] for module in split_comparison.report_modules(report).values()
                if "disk_bytes" in module and module["name"] == MODULE]
        row["disk_bytes"] = (sum(told) if told else None,
                             None if begin is None else end - begin)
        row["runqueue_ns"] = queued(report, process)
    return {what: {"thaw": middle(row[what][0] for row in rows),
                   "truth": middle(row[what][1] for row in rows)} for what in rows[0]}


def measure(case, runs):
    """All that is said of an interpreter's runs, [(report, truth, pages left or None)]."""
    pairs = [(report, truth) for report, truth, _ in runs]
    comparisons = [split_comparison.compare(report, truth) for report, truth in pairs]
    walls = [sum(load["end_ns"] - load["start_ns"] for load in truth["loads"]
                 if load["name"] == MODULE and load["end_ns"]) for _, truth in pairs]
    result = {"python": case.name, "runs": len(runs), 
              "parts": part_rows(comparisons, [truth for _, truth in pairs]),
              "usage": usage_rows(pairs), "waits": wait_rows([report for report, _ in pairs]),
              "wall_ns": middle(walls),
              "modules": middle(comparison.compared for comparison in comparisons),
              "modules_differing": middle(comparison.differing for comparison in comparisons),
              "losses": middle(len(report["losses"]) for report, _ in pairs),
              "overhead": pairs[0][1]["overhead"]}
    if runs[0][2]:
        result["pages_left"], result["pages"] = (max(left[at] for *_, left in runs)
                                                 for at in (0, 1))
    return result


def show_ms(ns):
    return f"{'-':>9}" if ns is None else f"{ns / 1e6:9.2f}"


def show(result):
    residue = (f"; {result['pages_left']} of {result['pages']} pages left after evicting"
               if "pages" in result else "")
    oracle = (f"; {result['oracle_ratio']:.3f} times as long by the oracle alone"
              if "oracle_ratio" in result else "")
    print(f"\nimport {MODULE}, {result['python']}: {result['wall_ns'] / 1e6:.0f} ms, "
          f"{result['modules']:.0f} modules, {result['runs']} runs, {result['losses']:.0f} losses"
          f"{residue}{oracle}\n  {'part':16} {'thaw ms':>9} {'truth ms':>9} {'ratio':>7}  "
          f"{'modules > 15 %':>14}  {'truth own cost':>14}")
    for part, row in result["parts"].items():
        ratio = f"{'-':>7}" if row["ratio"] is None else f"{row['ratio']:7.3f}"
        print(f"  {part:16} {show_ms(row['thaw_ns'])} {show_ms(row['truth_ns'])} {ratio}  "
              f"{row['modules_differing']:14.0f}  {show_ms(row['truth_cost_ns'])} ms   "
              f"{'> 15 %' if row['differs'] else ''}")
        if row["differs"] and len(row.get("made_of", ())) > 1:
            print(f"{'':18}{'':10}" + ", ".join(
                f"{name} {spent / 1e6:.2f}" for name, spent in row["made_of"].items()))
    for what, row in result["usage"].items():
        scale = 1e6 if re.search("_ns$|_bytes$", what) else 1
        thaw = "-" if row["thaw"] is None else f"{row['thaw'] / scale:.1f}"
        truth = "-" if row["truth"] is None else f"{row['truth'] / scale:.1f}"
        unit = {"cpu_ns": "ms", "runqueue_ns": "ms", "disk_bytes": "MB"}.get(what, "faults")
        print(f"  {what:16} {thaw:>9} {truth:>9}  {unit}")
    if result["waits"]:
        print(f"  {'waits of':16} {'disk ms':>9} {'queue ms':>9} {'sleep ms':>9} {'minor':>7} "
              f"{'major':>7}")
    for part, row in result["waits"].items():
        print(f"  {part:16} {show_ms(row['io_ns'])} {show_ms(row['runqueue_ns'])} "
              f"{show_ms(row['sleep_ns'])} {row['minor_faults']:7.0f} {row['major_faults']:7.0f}")


def run_all(folder, rounds):
    """{how: [of each interpreter]}; they take turns."""
    chosen, result = list(cases(folder)), {}
    few = max(1, rounds // 5)
    for title, run, number in (("warm", Case.run_warm, max(1, rounds * 2 // 5)),
                               ("cold", Case.run_cold, few),
                               ("without bytecode", Case.run_without_bytecode, few)):
        runs = {case.name: [] for case in chosen}
        for _ in range(number):
            for case in chosen:
                runs[case.name].append(run(case))
        print(f"\n--- {title}")
        result[title] = [measure(case, runs[case.name]) for case in chosen]
        if run is Case.run_warm:
            for case, one in zip(chosen, result[title]):
                one["oracle_ratio"] = middle(case.disturbed() for _ in range(number))
        for one in result[title]:
            show(one)
    return result
