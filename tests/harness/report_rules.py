#!/usr/bin/python3.11
"""What must hold in every JSON report beyond its schema: ids, sums, order, texts.

    report_rules.py REPORT.json     prints what is wrong; exit status 1 if anything is

In a test: self.assertEqual(report_rules.problems(report), []).
"""

import json
import re
import sys
from collections import defaultdict

PERCENT_BYTE = re.compile(rb"%([0-9A-F]{2})")


def problems(report):
    """One line for each broken rule. The report must be valid against its schema."""
    found = []
    for rule in RULES:
        found += rule(report)
    return found


def duration(span):
    return span["end_ns"] - span["start_ns"]


def by_id(report, key):
    return {item["id"]: item for item in report[key]}


def ids_are_ascending(report):
    for key in ("processes", "tracks", "modules"):
        ids = [item["id"] for item in report[key]]
        if ids != sorted(set(ids)) or (ids and ids[0] < 1):
            yield f"{key}: ids are not unique and ascending"


def references(report):
    """(where, what it refers to, id) of everything that refers to something."""
    for process in report["processes"]:
        yield f"process {process['id']}: parent", "processes", process["parent"]
    for track in report["tracks"]:
        yield f"track {track['id']}: process", "processes", track["process"]
        yield f"track {track['id']}: retry_of", "tracks", track.get("retry_of")
    for machine in report.get("virtual_machines", ()):
        yield f"virtual machine {machine['id']}: process", "processes", machine["process"]
    for module in report["modules"]:
        where = f"module {module['id']}"
        yield f"{where}: parent", "modules", module["parent"]
        yield f"{where}: process", "processes", module["process"]
        for importer in module.get("importers", ()):
            yield f"{where}: importers", "modules", importer
        for effect in module.get("effects", ()):
            yield f"{where}: effects", "modules", effect["module"]
            yield f"{where}: effects", "processes", effect.get("process")
    for number, call in enumerate(report["invocations"]):
        yield f"invocation {number}: track", "tracks", call["track"]
    for host in report.get("concurrency", {"hosts": ()})["hosts"]:
        yield "concurrency: host", "processes", host["host"]
        for worker in host["workers"]:
            yield "concurrency: process", "processes", worker["process"]
            yield "concurrency: track", "tracks", worker["track"]
    native = report.get("native") or {"libraries": (), "stacks": None}
    for item in native["libraries"]:
        for share in item["modules"]:
            yield f"native {item['path']}: modules", "modules", share["module"]
    for path in native["stacks"]["paths"] if native["stacks"] else ():
        for share in path["modules"]:
            yield "native: stacks: modules", "modules", share["module"]
    for key in ("losses", "interpreters", "failures"):
        for number, item in enumerate(report.get(key, ())):
            yield f"{key} {number}: process", "processes", item.get("process")
    for number, finding in enumerate(report["findings"] or ()):
        for module in finding.get("modules", ()):
            yield f"finding {number}: modules", "modules", module


def ids_refer_to_something(report):
    known = {key: by_id(report, key) for key in ("processes", "tracks", "modules")}
    for where, key, number in references(report):
        if number is not None and number not in known[key]:
            yield f"{where}: there is no {number} in {key}"


def parents_come_first(report):
    for key in ("processes", "modules"):
        for item in report[key]:
            if item["parent"] is not None and item["parent"] >= item["id"]:
                yield f"{key} {item['id']}: its parent {item['parent']} is not before it"


def spans_follow_one_another(spans, start_ns, end_ns, where):
    for span in spans:
        here = f"{where}, {span['name']}"
        if duration(span) < 0:
            yield f"{here}: ends before it starts"
        if span["start_ns"] < start_ns:
            yield f"{here}: starts {start_ns - span['start_ns']} ns before it may"
        if span["end_ns"] > end_ns:
            yield f"{here}: ends {span['end_ns'] - end_ns} ns after what it is part of"
        start_ns = max(start_ns, span["end_ns"])
        yield from spans_follow_one_another(span.get("children", ()), span["start_ns"],
                                            span["end_ns"], here)


def tracks_and_machines(report):
    """(what to call it, it) of everything that has phases."""
    for track in report["tracks"]:
        yield f"track {track['id']}", track
    for machine in report.get("virtual_machines", ()):
        where = f"virtual machine {machine['id']}"
        yield where, machine
        for track in (machine["guest"] or {"tracks": ()})["tracks"]:
            yield f"{where}, guest's track {track['id']}", track


def phases_follow_one_another(report):
    for where, track in tracks_and_machines(report):
        phases = track["phases"]
        start_ns = track.get("start_ns", phases[0]["start_ns"] if phases else 0)
        end_ns = track.get("end_ns", phases[-1]["end_ns"] if phases else 0)
        if end_ns < start_ns:
            yield f"{where}: ends before it starts"
        boot = [phase for phase in phases if phase["end_ns"] <= start_ns
                and phase["name"] in ("vm", "pool") and not phase.get("counted", True)]
        yield from spans_follow_one_another(boot, float("-inf"), start_ns, where)
        yield from spans_follow_one_another(phases[len(boot):], start_ns, end_ns, where)


def throttling_is_sound(report):
    for track in report["tracks"]:
        cpu = track.get("cpu")
        if cpu and (cpu["throttled_ns"] is None) != (cpu["throttling_unknown"] is not None):
            yield f"track {track['id']}: throttled_ns and throttling_unknown do not go together"
        if cpu and (cpu["cpu_wait_ns"] is None) != (cpu["waits_unknown"] is not None):
            yield f"track {track['id']}: cpu_wait_ns and waits_unknown do not go together"


def children_are_named_after_their_parent(report):
    def check(phase):
        for child in phase.get("children", ()):
            if not child["name"].startswith(phase["name"] + "."):
                yield f"phase {child['name']}: is below {phase['name']}"
            yield from check(child)

    for _, track in tracks_and_machines(report):
        for phase in track["phases"]:
            yield from check(phase)


def tracks_sum_exactly(report):
    for where, track in tracks_and_machines(report):
        counted = sum(duration(phase) for phase in track["phases"] if phase["counted"])
        total = counted + track["unattributed_ns"]
        if track["total_ns"] != total:
            yield (f"{where}: total_ns is {track['total_ns']}, its counted phases and "
                   f"unattributed_ns are {total}")


def machines_are_sound(report):
    for machine in report.get("virtual_machines", ()):
        where = f"virtual machine {machine['id']}"
        times = [step["time_ns"] for step in machine["steps"]]
        if times != sorted(times):
            yield f"{where}: its steps are not in order"
        marks = sum(step["what"] == "mark" for step in machine["steps"])
        if machine.get("port_marks") is not None and machine["port_marks"] < marks:
            yield f"{where}: more marks are listed than were counted"
        if machine["running"] == (process_ended(report, machine["process"])):
            yield f"{where}: runs on without its monitor, or ended before it"
        if machine["steps"] and not machine["kvm"]:
            yield f"{where}: works with KVM without KVM"


def process_ended(report, number):
    return any(process["id"] == number and process["end_ns"] is not None
               for process in report["processes"])


def one_track_is_the_headline(report):
    headlines = [track for track in report["tracks"] if track["headline"]]
    if len(headlines) != (1 if report["tracks"] else 0):
        yield f"tracks: {len(headlines)} of {len(report['tracks'])} are the headline"
    answered = [track["end_ns"] for track in report["tracks"] if track.get("answered")]
    for track in headlines:
        if answered and (not track.get("answered") or track["end_ns"] > min(answered)):
            yield f"track {track['id']}: is the headline, but another one answered before it"


def modules_sum_exactly(report):
    children_ns = defaultdict(int)
    modules = by_id(report, "modules")
    for module in report["modules"]:
        parent = modules.get(module["parent"])
        if parent and thread_of(parent) == thread_of(module):
            children_ns[parent["id"]] += module["total_ns"]
    for module in report["modules"]:
        where = f"module {module['id']} ({module['name']})"
        rest_ns = module["total_ns"] - children_ns[module["id"]] - module.get("gc_ns", 0)
        if module["self_ns"] > module["total_ns"]:
            yield f"{where}: self_ns is more than total_ns"
        if module.get("timed", True) and module["self_ns"] != rest_ns:
            yield f"{where}: self_ns is {module['self_ns']}, total_ns less children and gc_ns {rest_ns}"
        if sum(module["split"].values()) != module["self_ns"]:
            yield f"{where}: split sums to {sum(module['split'].values())}, not to self_ns"


def thread_of(module):
    return module["process"], module["tid"], module.get("strand", 0)


def modules_are_inside_their_parents(report):
    modules = by_id(report, "modules")
    for module in report["modules"]:
        where = f"module {module['id']} ({module['name']})"
        end_ns = module["start_ns"] + module["total_ns"]
        body_ns = module.get("body_start_ns")
        if body_ns is not None and not module["start_ns"] <= body_ns <= end_ns:
            yield f"{where}: its code does not start within it"
        parent = modules.get(module["parent"])
        if not parent or thread_of(parent) != thread_of(module) or not module.get("timed", True):
            continue
        if module["start_ns"] < parent["start_ns"]:
            yield f"{where}: starts before its parent"
        if end_ns > parent["start_ns"] + parent["total_ns"]:
            yield f"{where}: ends after its parent"


def modules_are_in_order(report):
    starts = [module["start_ns"] for module in report["modules"]]
    if starts != sorted(starts):
        yield "modules: not in order of start_ns"


def processes_are_sound(report):
    for process in report["processes"]:
        where = f"process {process['id']}"
        if process["execs"] != sorted(process["execs"]):
            yield f"{where}: execs are not in order"
        if (process["end_ns"] is None) != (process["exit"] is None):
            yield f"{where}: end_ns and exit do not go together"
        if process["end_ns"] is not None and process["end_ns"] < process["start_ns"]:
            yield f"{where}: ends before it starts"
        if process["exit"] and (process["exit"]["code"] is None) == (
                process["exit"]["signal"] is None):
            yield f"{where}: ended by both or neither of exit and signal"


def invocations_are_sound(report):
    cold = defaultdict(int)
    for number, call in enumerate(report["invocations"]):
        if call["end_ns"] is not None and call["end_ns"] < call["start_ns"]:
            yield f"invocation {number}: ends before it starts"
        cold[call["track"]] += call["cold"]
    for track, count in cold.items():
        if track is not None and count > 1:
            yield f"track {track}: has {count} first invocations"


def complete_means_complete(report):
    recording = report.get("recording")
    if not report["complete"]:
        return
    if report["losses"]:
        yield "complete, but there are losses"
    if recording and (not recording["finished"] or recording["defect"]):
        yield "complete, but the recording was cut off or is damaged"


def native_sums_exactly(report):
    native = report.get("native")
    if not native:
        return
    parts = sum(library["samples"] for library in native["libraries"])
    if native["samples"] != parts + native["unattributed_samples"]:
        yield f"native: {native['samples']} samples, of libraries and unattributed {parts}"
    parts = sum(function["samples"] for function in native["functions"])
    parts += native["other_functions_samples"] + native["unattributed_samples"]
    if native["samples"] != parts:
        yield f"native: {native['samples']} samples, of functions and unattributed {parts}"
    stacks = native["stacks"]
    for item in [native, *native["libraries"], *native["functions"],
                 *(stacks["paths"] if stacks else ())]:
        if item["time_ns"] != item["samples"] * native["period_ns"]:
            yield f"native: {item['samples']} samples are not {item['time_ns']} ns"
        if item.get("kernel_samples", 0) > item["samples"]:
            yield "native: more samples in the kernel than there are"


def objects_of(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from objects_of(item)


def raw_bytes_explain_their_text(report):
    """`x_bytes` is there only beside an x that has U+FFFD for what is not UTF-8 in it."""
    for item in objects_of(report):
        for key, raw in item.items():
            if not key.endswith("_bytes") or raw is None or isinstance(raw, int):
                continue
            text = item.get(key.removesuffix("_bytes"))
            raws, texts = (raw, text) if isinstance(raw, list) else ([raw], [text])
            decoded = [PERCENT_BYTE.sub(lambda byte: bytes.fromhex(byte[1].decode()),
                                        one.encode()) for one in raws]
            if [one.decode(errors="replace") for one in decoded] != texts:
                yield f"{key}: {raw!r} is not what {text!r} was made of"
            if all(is_utf8(one) for one in decoded):
                yield f"{key}: {raw!r} is UTF-8, it needs no second form"


def is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def effects_are_in_order(report):
    for module in report["modules"]:
        times = [effect["time_ns"] for effect in module.get("effects", ()) if "time_ns" in effect]
        if times != sorted(times):
            yield f"module {module['id']}: its effects are not in order of time"


def loads_are_sound(report):
    """A host's numbers are those of its workers; what runs is in flight."""
    for host in report.get("concurrency", {"hosts": ()})["hosts"]:
        workers = [worker["load"] for worker in host["workers"]]
        for load in (host["load"], *workers):
            derived = load["derived"]
            if load["in_flight_ns"] < load["busy_ns"]:
                yield "concurrency: less in flight than there was anything in flight"
            if derived and derived["running_ns"] + derived["waited_ns"] != load["in_flight_ns"]:
                yield "concurrency: what ran and what waited is not what was in flight"
            if derived and derived["most_running"] > load["most_in_flight"]:
                yield "concurrency: more ran than were in flight"
        for key in ("invocations", "unanswered", "in_flight_ns"):
            if host["load"][key] != sum(load[key] for load in workers):
                yield f"concurrency: {key} of the host is not that of its workers"
        if (host["capacity"]["at_once"] is None) != (host["load"]["derived"] is None):
            yield "concurrency: derived without a capacity, or the reverse"


def orchestrations_are_sound(report):
    """An instance's invocations are in the report, and its time adds up."""
    durable = report.get("durable", {"instances": ()})
    numbers = [one["instance"] for one in durable["instances"]]
    if numbers != sorted(set(numbers)):
        yield "durable: instances are not in order"
    for one in durable["instances"]:
        here = f"durable: instance {one['instance']}"
        if one["divided"] and sum(one["divided"].values()) != one["end_ns"] - one["start_ns"]:
            yield f"{here}: what its time went into does not add up"
        if one["replays"] > one["executions"] or one["replays_ns"] > one["executions_ns"]:
            yield f"{here}: more replays than executions"
        if sum(batch["seen"] for batch in one["batches"]) > one["activities"]:
            yield f"{here}: more activities in batches than there are"
        calls = [call for call in report["invocations"] if call.get("instance") == one["instance"]]
        if calls and min(call["start_ns"] for call in calls) > one["start_ns"]:
            yield f"{here}: starts before its first invocation"


RULES = [ids_are_ascending, ids_refer_to_something, parents_come_first, phases_follow_one_another,
         throttling_is_sound, children_are_named_after_their_parent, tracks_sum_exactly,
         machines_are_sound, one_track_is_the_headline,
         modules_sum_exactly, modules_are_inside_their_parents, modules_are_in_order,
         processes_are_sound, effects_are_in_order, invocations_are_sound, loads_are_sound, orchestrations_are_sound, complete_means_complete,
         native_sums_exactly, raw_bytes_explain_their_text]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        found = problems(json.load(file))
    print("\n".join(found) or "nothing wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
