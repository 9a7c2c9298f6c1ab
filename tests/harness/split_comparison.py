"""Compares how a report splits the modules' times with what tests/live/split_truth.py (and
dlopen_audit.c) wrote in the same run.

    split_comparison.py REPORT.json TRUTH.json [DLOPENS]     prints the table

Compared are the modules that both have. A module asked for by import_module() is left out: what
comes before its code is its caller's.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import dlopen_truth

TRUTH = "split_truth"
TOLERANCE, LEAST_NS = 0.15, 200_000

# Part of a report -> the parts that the truth has of it.
PARTS = {
    "find_ns": ("find_spec", "set_up", "builtin"),
    "read_ns": ("read",),
    "unmarshal_ns": ("unmarshal",),
    "compile_ns": ("compile",),
    "write_ns": ("dump", "write"),
    "map_ns": ("map",),
    "constructors_ns": ("constructors",),
    "init_ns": ("init", "exec_extension"),
    "execute_ns": ("execute",),
    "unattributed_ns": ("after",),
}
# What the instrumentation's calls of a part cost: name in the truth's overhead.
COSTS = {"find_spec": "timed", "read": "read", "unmarshal": "timed", "compile": "timed",
         "write": "timed", "create": "create", "exec_extension": "timed", "execute": "timed"}

USAGE = {"cpu_ns": lambda module: module.get("cpu_ns"),
         "minor": lambda module: (module.get("faults") or {}).get("minor"),
         "major": lambda module: (module.get("faults") or {}).get("major")}


@dataclass
class Row:
    """A part, summed over the modules compared; `thaw_ns` is None if the report has it nowhere."""
    part: str
    thaw_ns: int = None
    truth_ns: int = 0
    differing: int = 0  # modules by more than the tolerance
    truth_off_ns: int = 0  # so much of the truth may be its own cost

    @property
    def ratio(self):
        return self.thaw_ns / self.truth_ns if self.truth_ns and self.thaw_ns is not None else None

    @property
    def differs(self):
        """Beyond the tolerance in all, by more than a module's least."""
        return self.thaw_ns is None and self.truth_ns > LEAST_NS or differ(
            self.thaw_ns or 0, self.truth_ns)


@dataclass
class Comparison:
    rows: list
    compared: int = 0
    left_out: int = 0
    only_truth: list = field(default_factory=list)
    only_report: list = field(default_factory=list)
    differing: int = 0  # modules with some part beyond the tolerance
    worst: list = field(default_factory=list)  # (difference, module, part, thaw, truth)

    def row(self, part):
        return next(row for row in self.rows if row.part == part)

    def __str__(self):
        lines = [f"{'part':16} {'thaw ms':>9} {'truth ms':>9} {'ratio':>7}  modules beyond"]
        for row in self.rows:
            lines.append(f"{row.part:16} {milliseconds(row.thaw_ns)} {milliseconds(row.truth_ns)} "
                         f"{'      -' if row.ratio is None else f'{row.ratio:7.3f}'}  "
                         f"{row.differing:6}{'  > 15 %' if row.differs else ''}")
        lines.append(f"{self.compared} modules compared, {self.differing} with a part that is off by "
                     f"more than 15 % and 0.2 ms; {self.left_out} by import_module left out, "
                     f"{len(self.only_truth)} in the truth alone, {len(self.only_report)} in the "
                     "report alone")
        return "\n".join(lines)


def milliseconds(ns):
    return "        -" if ns is None else f"{ns / 1e6:9.2f}"


def differ(thaw_ns, truth_ns):
    off = abs(thaw_ns - truth_ns)
    return off > LEAST_NS and off > TOLERANCE * truth_ns


def read_truth(path, dlopens=None):
    """The truth with each load's `create` made into map, constructors and init.

    Without a file of dlopens, or where a library doesn't tell, it all stays init, and the load has
    no "dlopen".
    """
    truth = json.loads(Path(path).read_text(encoding="utf-8"))
    intervals = [(load["tid"], *create) for load in truth["loads"] for create in load["creates"]]
    events = dlopen_truth.read_events(dlopens) if dlopens else []
    found = dict(zip(intervals, dlopen_truth.dlopens_within(events, intervals)))
    for load in truth["loads"]:
        parts, opened = load["parts"], [found[load["tid"], begin, end]
                                        for begin, end in load["creates"]]
        parts["init"] = parts.pop("create", 0)
        load["dlopens"] = [one for one in opened if one]
        for one in load["dlopens"]:
            for part, spent in (("map", one.map_ns), ("constructors", one.constructors_ns)):
                parts[part] = parts.get(part, 0) + spent
                parts["init"] -= spent
    return truth


def truth_split(load, with_gc=False):
    """{part of a report: ns}; with_gc puts collections back into what they fell into."""
    parts = Counter(load["parts"])
    if with_gc:
        for part, spent in load["gc_in"].items():
            parts["init" if part == "create" else part] += spent
    return {part: sum(parts[name] for name in names) for part, names in PARTS.items()}


def keyed(entries):
    """{(thread, name, how many times before): entry} in the order given."""
    seen, result = Counter(), {}
    for entry in entries:
        key = entry["tid"], entry["name"]
        result[(*key, seen[key])] = entry
        seen[key] += 1
    return result


def report_modules(report):
    """The modules that began when the truth was at work, as keyed() has them."""
    loaders = [module for module in report["modules"] if module["name"] == TRUTH]
    if not loaders:
        raise ValueError("the truth was not loaded in this recording")
    at_work = {module["process"]: module["start_ns"] + module["total_ns"] for module in loaders}
    return keyed(sorted((module for module in report["modules"]
                         if module["name"] != "__main__"
                         and module["start_ns"] > at_work.get(module["process"], float("inf"))),
                        key=lambda module: (module["start_ns"], module["id"])))


def compare(report, truth):
    """The Comparison of a report with read_truth()'s answer."""
    ours, theirs = report_modules(report), keyed(
        load for load in truth["loads"] if load["end_ns"])
    rows = {part: Row(part) for part in (*PARTS, "gc_ns")}
    result = Comparison(list(rows.values()))
    has_gc = any(module.get("gc_ns") is not None for module in ours.values())
    for key, load in theirs.items():
        if load["asked"] == "import_module":
            result.left_out += 1
        elif key not in ours:
            result.only_truth.append(load["name"])
        else:
            add_module(rows, result, ours[key], load, has_gc)
    result.only_report = [key[1] for key in ours if key not in theirs]
    result.worst.sort(reverse=True)
    add_cost(rows, truth)
    return result


def add_module(rows, result, module, load, has_gc):
    split = dict(module.get("split") or {}, gc_ns=module.get("gc_ns"))
    expected = dict(truth_split(load, not has_gc), gc_ns=load["parts"].get("gc", 0))
    off = 0
    for part, truth_ns in expected.items():
        thaw_ns, row = split.get(part), rows[part]
        row.truth_ns += truth_ns
        if thaw_ns is not None:
            row.thaw_ns = (row.thaw_ns or 0) + thaw_ns
        if differ(thaw_ns or 0, truth_ns):
            row.differing += 1
            off += 1
            result.worst.append((abs((thaw_ns or 0) - truth_ns), load["name"], part, thaw_ns,
                                 truth_ns))
    result.compared += 1
    result.differing += bool(off)


def compare_usage(report, truth):
    """{what: (thaw, truth)} summed over the loads that nothing else imports; thaw's is None where
    the report doesn't have it, the truth's where it was run without usage."""
    ours, rows = report_modules(report), {}
    pairs = [(ours[key], load) for key, load in keyed(truth["loads"]).items()
             if key in ours and load["parent"] is None and load["asked"] == "statement"]
    for what, of_report in USAGE.items():
        told = [(of_report(module), load["usage"][what]) for module, load in pairs
                if "usage" in load]
        seen = [thaw for thaw, _ in told if thaw is not None]
        rows[what] = (sum(seen) if seen else None, sum(true for _, true in told) if told else None)
    return rows


def add_cost(rows, truth):
    """So much may each part of the truth be the truth's own work, or push off to its neighbours."""
    for part, names in PARTS.items():
        for name in names:
            cost = truth["overhead"].get(COSTS.get(name))
            if cost:
                rows[part].truth_off_ns += round(cost["whole_ns"] * truth["calls"].get(name, 0))


def main(arguments):
    if len(arguments) not in (2, 3):
        print("usage: split_comparison.py REPORT.json TRUTH.json [DLOPENS]", file=sys.stderr)
        return 2
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    comparison = compare(report, read_truth(*arguments[1:]))
    print(comparison)
    for _, name, part, thaw_ns, truth_ns in comparison.worst[:20]:
        print(f"  {name:50} {part:16} {milliseconds(thaw_ns)} {milliseconds(truth_ns)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
