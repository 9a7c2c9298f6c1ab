"""Compares a report's modules with what tests/live/import_truth.py wrote in the same run.

In the report, the program's time before import_truth was loaded does not count: from each
new program image, and from a module named PAUSE on, until import_truth's end.
"""

from dataclasses import dataclass, field
from pathlib import Path

from importtime import describe, occurrences

TRUTH, PAUSE = "import_truth", "import_truth_pause"
STATUS = {"loaded": "loaded", "failed": "failed", "notfound": "not-found", None: "unfinished"}


@dataclass
class Load:
    """One load; `parents` are the right ones, None for the top."""
    name: str
    parents: list
    tid: int
    outcome: str = None  # None: still open when the process ended
    exception: str = None

    @property
    def parent(self):
        return self.parents[0]


@dataclass
class Difference:
    """What the report says other than the truth, each a list of lines; false if nothing."""
    missing: list = field(default_factory=list)
    extra: list = field(default_factory=list)
    wrong_parent: list = field(default_factory=list)
    wrong_status: list = field(default_factory=list)
    order: list = field(default_factory=list)

    def __bool__(self):
        return any(vars(self).values())

    def __str__(self):
        return "\n".join(f"{kind.replace('_', ' ')}: {line}"
                         for kind, lines in vars(self).items() for line in lines)


def read_truth(path):
    """The loads in the order they began."""
    loads = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        word, number, *rest = line.split("\t")
        if word == "begin":
            name, parents, tid = rest
            loads[number] = Load(name, [None if parent == "-" else parent
                                        for parent in parents.split("|")], int(tid))
        else:
            loads[number].outcome, loads[number].exception = rest
    return list(loads.values())


def read_report(report):
    """The loads of a report, in the order they began, as far as the truth has them."""
    by_id = {module["id"]: module for module in report["modules"]}
    statuses = {status: outcome for outcome, status in STATUS.items()}
    windows = {process["id"]: process_windows(process, report) for process in report["processes"]}
    seen = sorted((module for module in report["modules"]
                   if is_compared(module, windows[module["process"]])),
                  key=lambda module: (module["start_ns"], module["id"]))
    ids = {module["id"] for module in seen}
    return [Load(module["name"], [parent_name(module, by_id, ids)], module["tid"],
                 statuses[module["status"]]) for module in seen]


def process_windows(process, report):
    """[(from, to)]: the times in which import_truth was at work."""
    marks = [(time, False) for time in process["execs"]]
    for module in report["modules"]:
        if module["process"] == process["id"] and module["name"] in (TRUTH, PAUSE):
            marks.append((module["start_ns"] + module["total_ns"], module["name"] == TRUTH))
    marks.sort()
    ends = [time for time, _ in marks[1:]] + [float("inf")]
    return [(time, end) for (time, starts), end in zip(marks, ends) if starts]


def is_compared(module, windows):
    return module["name"] != "__main__" and any(start < module["start_ns"] < end
                                                for start, end in windows)


def parent_name(module, by_id, ids):
    """The nearest import above that is compared too: the program itself is not, nor is `site`."""
    parent = by_id.get(module["parent"])
    while parent is not None and parent["id"] not in ids:
        parent = by_id.get(parent["parent"])
    return parent and parent["name"]


def by_thread(loads):
    threads = {}
    for load in loads:
        threads.setdefault(load.tid, []).append(load)
    return threads


def compare_with_truth(report, path):
    """Returns the Difference of a report to the truth in a file."""
    truth, seen = by_thread(read_truth(path)), by_thread(read_report(report))
    difference = Difference()
    for tid in sorted({*truth, *seen}):
        compare_thread(truth.get(tid, []), seen.get(tid, []), difference)
    return difference


def compare_thread(truth, seen, difference):
    expected, actual = occurrences(truth), occurrences(seen)
    for key, (load, _) in expected.items():
        if key not in actual:
            difference.missing.append(f"{describe(load)} ({STATUS[load.outcome]})")
            continue
        found = actual[key][0]
        if found.parent not in load.parents:
            difference.wrong_parent.append(
                f"{describe(found)}, expected {' or '.join(str(name) for name in load.parents)}")
        if found.outcome != load.outcome:
            difference.wrong_status.append(f"{load.name} {STATUS[found.outcome]}, expected "
                                           f"{STATUS[load.outcome]} ({load.exception})")
    difference.extra += [describe(load) for key, (load, _) in actual.items() if key not in expected]
    common = [[key for key in source if key in expected and key in actual]
              for source in (expected, actual)]
    difference.order += [f"{there[0]} where {here[0]} was expected"
                         for here, there in zip(*common) if here != there][:1]
