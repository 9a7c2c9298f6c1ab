"""Comparisons made up: of cold starts with very many modules, of the same thing, of targets alone."""

import copy
import json

from program import REPOSITORY

FULL = json.loads((REPOSITORY / "tests/golden/full_diff.json").read_text(encoding="utf-8"))

LISTS = ("requirements", "distributions", "libraries", "missing", "duplicates", "conflicts", "foreign", "folders")


def numbers(before, after):
    return {"before": before, "after": after,
            "change": None if before is None or after is None else after - before}


def without_numbers(of):
    """The same keys with nothing known."""
    if isinstance(of, dict) and of.keys() == {"before", "after", "change"}:
        return numbers(None, None)
    return {key: without_numbers(value) for key, value in of.items()}


def of_targets():
    """Every key of what is shipped, no cold start."""
    diff = copy.deepcopy(FULL)
    diff["cold_start"] = None
    for side in ("before", "after"):
        diff[side].update(of="target", runs=[], path="/srv/app", kind="app", complete=True, faults=0)
    return diff


def of_cold_starts():
    """Nothing is known of what is shipped."""
    diff = copy.deepcopy(FULL)
    diff["totals"] = {**without_numbers(diff["totals"]), "kinds": {}}
    diff.update({key: None for key in LISTS}, distributions_same=None, libraries_same=None)
    return diff


def measure(before, after):
    """A time of one run each."""
    reason = "came" if before is None else "went" if after is None else "single-run"
    return {"before_ns": before, "after_ns": after, "change_ns": (after or 0) - (before or 0), "ratio": None,
            "probability": None, "adjusted": None, "verdict": "unknown", "reason": reason,
            "before_runs": [], "after_runs": []}


def single_runs():
    """One run each: no difference in time can be told from noise."""
    diff = of_cold_starts()
    cold = diff["cold_start"]
    cold["method"].update(before_runs=1, after_runs=1, test=None, correction=None, phases=0, modules=0, packages=0)
    for of in [cold[key] for key in ("total_ns", "unattributed_ns", "imports_ns")]:
        of.update(measure(of["before_ns"], of["after_ns"]))
    for one in cold["phases"]:
        one["ns"].update(measure(one["ns"]["before_ns"], one["ns"]["after_ns"]))
    for key, member in (("modules", "self_ns"), ("packages", "self_ns"), ("tracks", "total_ns")):
        for one in cold[key]:
            one[member].update(measure(one[member]["before_ns"], one[member]["after_ns"]))
    for side in ("before", "after"):
        diff[side].update(of="recording", runs=[one for one in diff[side]["runs"] if one["used"]][:1])
    return diff


def nothing_changed():
    """The same recording twice, of a target that is the same."""
    diff = single_runs()
    cold = diff["cold_start"]
    same = copy.deepcopy(diff["before"])
    diff.update(after=same, not_compared=[], cold_start=cold)
    diff.update({key: [] for key in LISTS}, distributions_same=2, libraries_same=1)
    cold.update(unlike=[], modules=[], packages=[], tracks=[], modules_same=4)
    for of in [cold[key] for key in ("total_ns", "unattributed_ns", "imports_ns")]:
        of.update(measure(of["before_ns"], of["before_ns"]))
    cold["phases"] = [{**one, "change": "same", "ns": measure(one["ns"]["before_ns"], one["ns"]["before_ns"])}
                      for one in cold["phases"] if one["ns"]["before_ns"] is not None]
    cold["counts"] = {key: numbers(one["before"], one["before"]) for key, one in cold["counts"].items()}
    tree = cold["tree"]
    kept = [index for index, count in enumerate(tree["before_count"]) if count]
    place = {old: new for new, old in enumerate(kept)} | {-1: -1}
    for key, column in tree.items():
        if not key.startswith("packages"):
            tree[key] = [column[index] for index in kept]
    tree.update(parent=[place[one] for one in tree["parent"]], partner=[-1] * len(kept), change=["same"] * len(kept),
                after_count=tree["before_count"], after_total_ns=tree["before_total_ns"],
                after_self_ns=tree["before_self_ns"])
    return diff


def large(count):
    """A tree of so many modules, of which every third came, every fifth went and the rest is longer or the same."""
    diff = of_cold_starts()
    cold = diff["cold_start"]
    each = 4_000_000_000 // count
    tree = {key: [] for key in cold["tree"] if not key.endswith("_bytes")} | {"packages": ["first", "second"]}
    fates = [None] * (count + 1)
    for number in range(count + 1):
        parent = -1 if number == 0 else 0 if number % 40 == 1 else number - 1 if number % 40 < 12 else number - number % 12
        parent = max(parent, 0) if number else -1
        above = fates[parent] if parent >= 0 else None
        fate = above if above in ("came", "went") else \
            "same" if number == 0 else "came" if number % 33 == 7 else "went" if number % 55 == 9 else "same"
        fates[number] = fate
        before = None if fate == "came" else each
        after = None if fate == "went" else each * (2 if number % 7 == 0 else 1)
        for key, value in (("parent", parent), ("name", "worker" if number == 0 else f"package{number % 50}.module{number}"),
                           ("change", fate), ("partner", -1), ("before_count", int(before is not None)),
                           ("after_count", int(after is not None)), ("before_self_ns", before), ("after_self_ns", after),
                           ("before_total_ns", before), ("after_total_ns", after), ("package", number % 3 - 1),
                           ("owner", "package")):
            tree[key].append(value)
    for key in ("before_total_ns", "after_total_ns"):
        for number in range(count, 0, -1):
            parent = tree["parent"][number]
            if tree[key][number] is not None and tree[key][parent] is not None:
                tree[key][parent] += tree[key][number]
    cold["tree"] = tree
    kinds = {"came": "came", "went": "went", "same": "time"}
    template = next(one for one in cold["modules"] if one["change"] == "came")
    cold["modules"] = [{
        **template, "change": kinds[fates[number]], "name": tree["name"][number], "node": number, "top": True, "below": 0,
        "before": None if fates[number] == "came" else {**template["after"], "total_ns": each, "self_ns": each},
        "after": None if fates[number] == "went" else {**template["after"], "total_ns": each, "self_ns": each},
        "self_ns": measure(tree["before_self_ns"][number], tree["after_self_ns"][number]),
        "total_ns": numbers(tree["before_total_ns"][number], tree["after_total_ns"][number]),
        "chain": ["function_app", tree["name"][number]]}
        for number in range(1, count + 1) if fates[number] != "same" or number % 7 == 0]
    return diff
