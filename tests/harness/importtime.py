#!/usr/bin/python3.11
"""CPython's own import report as the oracle for ours: reads `-X importtime` text into a tree and
compares it with the modules of a report.

    importtime.py REPORT.json IMPORTTIME.txt [PROCESS]    prints differences; exit 1 if any

The text lists a module after all it imported, two more spaces deep per level (CPython
Python/import.c, import_find_and_load). It lists failed and missing modules like good ones. Never
in it: modules loaded through importlib.import_module (their children appear below the nearest
listed ancestor), `__main__`, and modules whose loading had not ended when the process did.
One thread only: the interpreter counts one depth for all threads, and may take more from a module's
own time than there is.
"""

import collections
import json
import re
import sys
from dataclasses import dataclass, field

LINE = re.compile(r"import time:\s+(-?\d+) \|\s+(\d+) \| ((?:  )*)(\S.*)$", re.MULTILINE)
UNKNOWN = "(unknown)"  # parent of a module whose importer never came to be listed


@dataclass
class Import:
    """One listed import."""
    name: str
    self_us: int
    total_us: int
    parent: "Import" = None
    orphan: bool = False  # listed below a module that is not listed itself
    children: list = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """What two sources must agree on for a module; `parent` is a name, None at the top."""
    name: str
    parent: str


@dataclass
class Comparison:
    """Differences of `actual` against `expected`, each a list of lines."""
    expected: int
    missing: list
    extra: list
    wrong_parent: list
    order: list

    def __bool__(self):
        """True if both say the same."""
        return not (self.missing or self.extra or self.wrong_parent or self.order)

    def __str__(self):
        counts = (f"{self.expected} modules: missing {len(self.missing)}, extra {len(self.extra)}, "
                  f"wrong parent {len(self.wrong_parent)}, order "
                  f"{'differs' if self.order else 'same'}")
        lines = [f"{kind}: {line}" for kind, lines in
                 (("missing", self.missing), ("extra", self.extra),
                  ("wrong parent", self.wrong_parent), ("order", self.order)) for line in lines]
        return "\n".join([counts, *lines])


def parse(text):
    """Imports at the top level, in the order they began; other text in between is passed over."""
    waiting = collections.defaultdict(list)  # depth -> imports whose importer is not listed yet
    for match in LINE.finditer(text):
        depth = len(match[3]) // 2
        listed = Import(match[4].rstrip(), int(match[1]), int(match[2]))
        for deeper in sorted(level for level in waiting if level > depth):
            for child in waiting.pop(deeper):
                child.parent = listed
                child.orphan = deeper > depth + 1
                listed.children.append(child)
        waiting[depth].append(listed)
    for depth, unclaimed in waiting.items():
        for listed in unclaimed:
            listed.orphan = depth > 0
    return [listed for depth in sorted(waiting) for listed in waiting[depth]]


def walk(imports):
    """All imports in the order they began."""
    for listed in imports:
        yield listed
        yield from walk(listed.children)


def entries_of_text(text):
    """Entries of `-X importtime` text, in the order the imports began."""
    return [Entry(listed.name, UNKNOWN if listed.orphan else listed.parent and listed.parent.name)
            for listed in walk(parse(text))]


def entries_of_report(report, process=None, all_modules=False):
    """Entries of a report's modules of one process (its id; needed if several have modules).

    Modules that importtime does not list are taken out, their children hung below the nearest
    listed ancestor; `all_modules` keeps every module where the report has it.
    """
    modules = [module for module in report["modules"] if process in (None, module["process"])]
    if len({module["process"] for module in modules}) > 1:
        raise ValueError("modules of several processes: name one")
    by_id = {module["id"]: module for module in modules}
    listed = [module for module in modules if all_modules or is_listed(module, by_id)]
    listed.sort(key=lambda module: (module["start_ns"], module["id"]))
    listed_ids = {module["id"] for module in listed}
    return [Entry(module["name"], listed_parent(module, by_id, listed_ids)) for module in listed]


def is_listed(module, by_id):
    """Whether importtime lists the module."""
    if module["name"] == "__main__" or module["status"] == "unfinished":
        return False
    return not came_by_import_module(module, by_id)


def came_by_import_module(module, by_id):
    """True also for the packages above a module that was asked for by import_module: importlib
    itself then asks for them, not the interpreter."""
    if module["via"] == "import_module":
        return True
    below = by_id.get(module["parent"])
    return (module["via"] == "implicit parent" and below is not None
            and below["name"].startswith(module["name"] + ".")
            and came_by_import_module(below, by_id))


def listed_parent(module, by_id, listed_ids):
    parent = by_id.get(module["parent"])
    while parent is not None and parent["id"] not in listed_ids:
        parent = by_id.get(parent["parent"])
    return parent and parent["name"]


def compare(expected, actual):
    """Compares two lists of entries. A name that occurs n times must occur n times."""
    missing, extra, wrong_parent = [], [], []
    pairs = occurrences(expected), occurrences(actual)
    for key, (entry, _) in pairs[0].items():
        if key not in pairs[1]:
            missing.append(describe(entry))
        elif UNKNOWN != entry.parent != pairs[1][key][0].parent:
            wrong_parent.append(f"{describe(pairs[1][key][0])}, expected {describe(entry)}")
    extra = [describe(entry) for key, (entry, _) in pairs[1].items() if key not in pairs[0]]
    common = [[key for key in source if key in pairs[0] and key in pairs[1]] for source in pairs]
    order = [f"{there[0]} where {here[0]} was expected"
             for here, there in zip(*common) if here != there][:1]
    return Comparison(len(expected), missing, extra, wrong_parent, order)


def occurrences(entries):
    """(name, how many times seen before) -> (entry, index), in order."""
    seen = collections.Counter()
    result = {}
    for index, entry in enumerate(entries):
        result[entry.name, seen[entry.name]] = entry, index
        seen[entry.name] += 1
    return result


def describe(entry):
    return f"{entry.name} below {entry.parent or 'nothing'}"


def compare_report(report, text, process=None):
    """Compares a report's modules with the importtime text of the same run."""
    return compare(entries_of_text(text), entries_of_report(report, process))


def main(arguments):
    if len(arguments) not in (2, 3):
        print("usage: importtime.py REPORT.json IMPORTTIME.txt [PROCESS]", file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        report = json.load(file)
    with open(arguments[1], encoding="utf-8", errors="replace") as file:
        text = file.read()
    comparison = compare_report(report, text, int(arguments[2]) if arguments[2:] else None)
    print(comparison)
    return 0 if comparison else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
