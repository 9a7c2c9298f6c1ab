"""The imports of a report by what ran them, told anew from the JSON: the oracle for formats that
show them thread by thread (src/report/import_lanes.h).
"""

from dataclasses import dataclass, field

from shown_text import shown


@dataclass
class Import:
    module: dict
    children: list = field(default_factory=list)

    @property
    def start_ns(self):
        return self.module["start_ns"]

    @property
    def end_ns(self):
        return self.module["start_ns"] + self.module["total_ns"]


def lanes(report):
    """{(process, tid, strand): imports that are below no other one of the same lane}"""
    by_id = {module["id"]: Import(module) for module in report["modules"]}
    result = {}
    for one in sorted(by_id.values(), key=lambda one: (one.start_ns, one.module["id"])):
        above = by_id.get(one.module["parent"])
        while above and (lane_of(above) != lane_of(one)):
            above = by_id.get(above.module["parent"])
        (above.children if above else result.setdefault(lane_of(one), [])).append(one)
    return result


def lane_of(one):
    return one.module["process"], one.module["tid"], one.module.get("strand", 0)


def walk(imports, above=()):
    """(import, all above it from the outermost on) of each, in the order they began."""
    for one in imports:
        yield one, above
        yield from walk(one.children, (*above, one))


def do_not_nest(imports):
    """Ids of those that begin in another one's time and end behind it, who began first being right;
    by comparing all pairs that touch."""
    order = sorted(enumerate(one for one, _ in walk(imports)),
                   key=lambda pair: (pair[1].start_ns, pair[0]))
    kept, wrong = [], set()
    for _, one in order:
        ends = [other.end_ns for other in kept if other.start_ns <= one.start_ns < other.end_ns]
        if any(one.end_ns > end for end in ends):
            wrong.add(one.module["id"])
        else:
            kept.append(one)
    return wrong


def name_of(module):
    return shown(module, "name") or "(no-name)"


def label_of(module):
    status = module["status"]
    return name_of(module) + (f" ({status})" if status != "loaded" else "")


def process_of(report, identity):
    return next(one for one in report["processes"] if one["id"] == identity)


def headline_of(report):
    return next((track for track in report["tracks"] if track["headline"]), None)


def main_process(report):
    """The headline's, else the one with the thread that imported longest; None without imports."""
    of_lanes = lanes(report)
    headline = headline_of(report)
    if headline and any(process == headline["process"] for process, _, _ in of_lanes):
        return headline["process"]
    totals = {lane: sum(one.module["total_ns"] for one in roots) for lane, roots in of_lanes.items()}
    return max(sorted(totals), key=totals.get)[0] if totals else None


def nested(count, depth, process=2, tid=4117, start_ns=91_300_000_000):
    """Modules of a report, as large as one likes: trees of a depth, times that add up exactly."""
    modules, open_ = [], []
    for number in range(1, count + 1):
        while len(open_) >= depth or (len(open_) > 1 and number % 7 == 0):
            open_.pop()
        modules.append({
            "id": number, "parent": open_[-1]["id"] if open_ else None,
            "name": f"package{number % 50}.module{number}", "kind": "bytecode", "via": "statement",
            "file": f"package{number % 50}/module{number}.py",
            "path": f"/srv/app/package{number % 50}/module{number}.py",
            "distribution": f"package{number % 50}", "owner": "package", "process": process,
            "tid": tid, "timed": True, "start_ns": 0, "body_start_ns": None, "total_ns": 0,
            "self_ns": 20_001 + number % 999, "gc_ns": 0, "retained_ns": 0, "status": "loaded",
            "end_inferred": False, "split": {"execute_ns": 1, "unattributed_ns": 0}, "cpu_ns": 0,
            "wait": {"io_ns": 0, "runqueue_ns": 0, "sleep_ns": 0},
            "faults": {"minor": 9, "major": 1}, "memory_bytes": -4096, "disk_bytes": 0,
            "opened_bytes": 900, "read_bytes": 900})
        open_.append(modules[-1])
    for module in reversed(modules):
        module["total_ns"] += module["self_ns"]
        if module["parent"]:
            modules[module["parent"] - 1]["total_ns"] += module["total_ns"]
    ends = {None: start_ns}
    for module in modules:  # right behind its brother, or half its importer's own time after it began
        module["start_ns"] = ends[module["parent"]]
        ends[module["parent"]] += module["total_ns"]
        ends[module["id"]] = module["start_ns"] + module["self_ns"] // 2
    return modules
