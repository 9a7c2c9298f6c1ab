"""Reports of what a target ships, made up: an app with packages, and one with very many."""

import copy
import json

from program import REPOSITORY

FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))

OF_A_RECORDING = ("processes", "tracks", "modules", "invocations", "losses", "not_visible")
SITE = ".python_packages/lib/site-packages"
KINDS = ("native", "python", "bytecode", "data", "tests", "docs", "stubs", "headers", "metadata")

# Name, version, files, bytes of each kind, what it requires, the folders below its own.
PACKAGES = (
    ("pandas", "2.2.3", 2900, (24e6, 9e6, 11e6, 0.4e6, 14e6, 0, 0.1e6, 0.2e6, 0.1e6),
     ("numpy", "python-dateutil", "pytz", "tzdata"), {"_libs": .5, "core": .2, "tests": .2}),
    ("numpy", "2.1.0", 1400, (21e6, 5e6, 6e6, 0.1e6, 8e6, 0, 0.6e6, 1.2e6, 0.1e6),
     (), {"_core": .4, "lib": .2, "tests": .1}),
    ("scipy", "1.14.1", 1900, (71e6, 9e6, 9e6, 0.6e6, 16e6, 0.1e6, 0.3e6, 0.8e6, 0.1e6),
     ("numpy",), {"special": .2, "sparse": .3, "optimize": .2}),
    ("scikit-learn", "1.5.2", 1700, (22e6, 7e6, 7e6, 3e6, 6e6, 0, 0, 0.1e6, 0.1e6),
     ("numpy", "scipy", "joblib", "threadpoolctl"), {"ensemble": .2, "datasets": .2}),
    ("joblib", "1.4.2", 240, (0, .8e6, .9e6, .1e6, .6e6, 0, 0, 0, 2e4), (), {}),
    ("threadpoolctl", "3.5.0", 8, (0, 5e4, 5e4, 0, 0, 0, 0, 0, 1e4), (), {}),
    ("python-dateutil", "2.9.0", 40, (0, .3e6, .3e6, .2e6, 0, 0, 0, 0, 2e4), ("six",), {}),
    ("six", "1.16.0", 8, (0, 4e4, 4e4, 0, 0, 0, 0, 0, 1e4), (), {}),
    ("pytz", "2024.2", 620, (0, .1e6, .1e6, 2.5e6, 0, 0, 0, 0, 2e4), (), {}),
    ("tzdata", "2024.2", 610, (0, 1e3, 1e3, 2.4e6, 0, 0, 0, 0, 2e4), (), {}),
    ("requests", "2.32.3", 60, (0, .3e6, .3e6, 0, 0, 0, 0, 0, 2e4),
     ("urllib3", "certifi", "idna", "charset-normalizer"), {}),
    ("urllib3", "2.2.3", 80, (0, .5e6, .5e6, 0, 0, 0, 0, 0, 2e4), (), {}),
    ("certifi", "2024.8.30", 12, (0, 1e4, 1e4, .3e6, 0, 0, 0, 0, 1e4), (), {}),
    ("idna", "3.10", 30, (0, .4e6, .3e6, 0, 0, 0, 0, 0, 1e4), (), {}),
    ("charset-normalizer", "3.4.0", 40, (.3e6, .2e6, .2e6, 0, 0, 0, 0, 0, 2e4), (), {}),
)
ASKED_FOR = {"pandas": 1, "scikit-learn": 2, "requests": 3}


def amount(files, number):
    """On disk in whole blocks of 4 KiB, about half a block more for each file."""
    return {"files": files, "bytes": int(number), "disk_bytes": (int(number) // 4096 + files // 2 + 1) * 4096}


def total(amounts):
    amounts = list(amounts)
    return {key: sum(one[key] for one in amounts) for key in ("files", "bytes", "disk_bytes")}


def distribution(name, version, files, kinds, requires, chain):
    of = {kind: amount(max(1, int(files * number / sum(kinds))), number)
          for kind, number in zip(KINDS, kinds) if number}
    size = total(of.values())
    return {
        "name": name, "version": version, "location": SITE, "installer": "pip", **size,
        "exclusive_bytes": size["bytes"], "exclusive_disk_bytes": size["disk_bytes"],
        "info": f"{SITE}/{name}-{version}.dist-info", "license": "BSD-3-Clause", "editable": None, "editable_outside": False,
        "tags": ["cp311-cp311-manylinux_2_17_x86_64"], "misfit": None,
        "direct": name in ASKED_FOR, "imported_by_app": name in ASKED_FOR, "why": chain,
        "required_by": [f"requirements.txt:{ASKED_FOR[name]}"] if name in ASKED_FOR else [chain[-2]],
        "requires": list(requires),
        "requirements": [{"text": f"{one}>=1", "name": one, "extra": None, "applies": True,
                          "unreadable": False, "installed": "2.0", "satisfied": True}
                         for one in requires],
        "kinds": of, "record": {"state": "present", "listed": size["files"], "absent": 0,
                                "changed": 0, "outside": 0}}


def chains():
    """The shortest chain to each package."""
    requires = {name: more for name, _, _, _, more, _ in PACKAGES}
    found = {name: [f"requirements.txt:{line}", name] for name, line in ASKED_FOR.items()}
    queue = list(found)
    for name in queue:
        for other in requires[name]:
            if other not in found:
                found[other] = [*found[name], other]
                queue.append(other)
    return found


def without_recording(report):
    """The part of a report that a target alone has."""
    report = {key: copy.deepcopy(value) for key, value in report.items()
              if key not in ("use", "native", "concurrency", "durable", "virtual_machines", "recording",
                             "probes", "interpreters", "failures", "search_folders")}
    for key in OF_A_RECORDING:
        report[key] = []
    for one in report["distributions"]:
        for key in ("used", "used_in", "opened_bytes", "mapped_bytes", "resident_bytes", "used_bytes",
                    "import_ns", "import_total_ns", "loaded_bytes", "modules"):
            one.pop(key, None)
    for one in report["libraries"]:
        for key in ("loaded", "loaded_in", "resident_bytes", "dlopen_ns", "constructors_ns"):
            one.pop(key, None)
    return {**report, "machine": None, "run": None, "complete": True, "findings": []}


def library(path, number, needed, **more):
    return {"path": f"{SITE}/{path}", "soname": path.rpartition("/")[2], "build_id": "a1b2",
            "bytes": int(number), "debug_bytes": 0, "symbol_bytes": int(number * .03),
            "relocations": int(number / 2000), "needed": needed, "duplicate_of": None,
            "distribution": path.partition("/")[0].partition(".")[0], "type": "shared", "outside": False,
            "machine": "x86_64", "rpath": None, "runpath": "$ORIGIN", "strip_bytes": int(number * .03),
            "sections": [{"name": ".text", "bytes": int(number * .7)}], "constructors": 3,
            "writable_code": False, "executable_stack": False, **more}


def needed(name, resolved, reason="runpath", owner=None, only_by=None):
    return {"name": name, "resolved": resolved, "reason": reason if resolved else None, "owner": owner,
            "only_by": only_by}


def app():
    """An app with fifteen packages; its sums are sums."""
    why = chains()
    packages = [distribution(name, version, files, kinds, requires, why[name])
                for name, version, files, kinds, requires, _ in PACKAGES]
    packages[3] |= {"editable": "/src/scikit-learn", "editable_outside": True}
    packages[4] |= {"editable": f"{SITE}/../src/joblib", "editable_outside": False}
    packages[0]["record"] |= {"absent": 4, "changed": 1, "absent_paths": [f"{SITE}/pandas/{name}.py" for name in "abc"],
                              "changed_paths": [f"{SITE}/pandas/<b>\n"]}
    own, unowned = amount(9, 2.4e6), amount(4, 61e3)
    kinds = {kind: total(one["kinds"][kind] for one in packages if kind in one["kinds"]) for kind in KINDS}
    kinds["data"] = total([kinds["data"], own])
    kinds["docs"] = total([kinds["docs"], unowned])
    whole = total([*packages, own, unowned])
    folders = [("", None, total([*packages, own, unowned])), (SITE, "scipy", total([*packages, unowned]))]
    for one, (*_, below) in zip(packages, PACKAGES):
        size = {key: one[key] for key in ("files", "bytes", "disk_bytes")}
        path = f"{SITE}/{one['name']}"
        folders.append((path, one["name"], size))
        folders += [(f"{path}/{name}", one["name"], {key: int(value * part) for key, value in size.items()})
                    for name, part in below.items()]
    libc = needed("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6", "ld.so.cache")
    gfortran = f"{SITE}/scipy.libs/libgfortran-040039e1.so.5.0.0"
    blas = f"{SITE}/scipy.libs/libscipy_openblas-c128ec02.so"
    libraries = [
        library("scipy.libs/libscipy_openblas-c128ec02.so", 23e6, [needed("libgfortran-040039e1.so.5.0.0", gfortran), libc]),
        library("scipy.libs/libgfortran-040039e1.so.5.0.0", 2.8e6, [needed("libquadmath-96973f99.so.0.0.0", None), libc]),
        library("numpy.libs/libscipy_openblas64_-ff651d7f.so", 25e6, [needed("libgfortran-040039e1.so.5.0.0", gfortran, "already loaded", only_by=blas), libc]),
        library("numpy.libs/libgfortran-040039e1.so.5.0.0", 2.8e6,
                [libc, {**needed("libm.so.6", None), "reason": "other machine"}],  # there, but of no use
                writable_code=True, executable_stack=True),
        library("scipy/linalg/_fblas.cpython-311-x86_64-linux-gnu.so", 6e5,
                [needed("libscipy_openblas-c128ec02.so", blas, "rpath", owner=f"{SITE}/scipy/linalg/_fblas.so"), libc],
                type="extension", executable_stack=True),
        {**library("x", 2e6, []), "path": "/lib/x86_64-linux-gnu/libc.so.6", "outside": True, "distribution": None,
         "strip_bytes": 0},
    ]
    requirements = [{"file": "requirements.txt", "line": line, "text": f"{name}>=1", "name": name,
                     "applies": True, "unreadable": False, "pinned": False, "hashed": False, "constraint": False,
                     "installed": next(one["version"] for one in packages if one["name"] == name),
                     "satisfied": True} for name, line in ASKED_FOR.items()]
    limits = [{**FULL["limits"][0], "bytes": whole["bytes"], "exceeded": whole["bytes"] > FULL["limits"][0]["limit_bytes"]}]
    report = {
        **FULL, "faults": [*FULL["faults"],
                           {"path": "libx.so", "what": "its RUNPATH leads out", "unread": False, "folder": False},
                           {"path": "private", "what": "Permission denied", "unread": True, "folder": True}],
        "distributions": packages, "libraries": libraries, "requirements": requirements,
        "totals": {**whole, "disk_bytes": whole["disk_bytes"] + 900 * 4096, "directories": 900,
                   "links": 4, "special": 0, "kinds": {kind: one for kind, one in kinds.items() if one["files"]},
                   "unowned": unowned, "app": own},
        "folders": [{"path": path, "distribution": owner, **size} for path, owner, size in folders],
        "duplicates": [{"kind": "soname", "key": "libgfortran.so.5", "paths": [libraries[1]["path"], libraries[3]["path"]],
                        "waste_bytes": 2_800_000, "winner": "each its own"}],
        "limits": limits}
    return without_recording(report)


def joined(report):
    """The same with what a recording says of its use: every third package was never touched."""
    report = {**copy.deepcopy(FULL), **{key: copy.deepcopy(value) for key, value in report.items()
                                        if key not in OF_A_RECORDING + ("machine", "run", "findings", "complete")}}
    for index, one in enumerate(report["distributions"]):
        used = index % 3 < 2
        one |= {"used": used, "used_in": int(used), "opened_bytes": one["bytes"] // 2 * used,
                "mapped_bytes": one["bytes"] // 4 * used, "resident_bytes": one["bytes"] // 5 * used,
                "used_bytes": one["bytes"] // 3 * used}
    sizes = {stage: sum(one["bytes" if stage == "shipped" else f"{stage}_bytes"] for one in report["distributions"])
             for stage in ("shipped", "opened", "mapped", "resident", "used")}
    report["use"]["stages"] = [{"stage": stage, "files": None, "bytes": size, "library_files": None,
                                  "library_bytes": None} for stage, size in sizes.items()]
    return report


def large(count):
    """As many packages, each required by the one before, with as many libraries, folders and faults."""
    report = app()
    packages = [distribution(f"package-{number}", "1.0", 12, (9e3, 4e4 + number, 3e4, 0, 1e4, 0, 0, 0, 2e3),
                             (f"package-{number + 1}",), ["requirements.txt:1", f"package-{number}"])
                for number in range(count)]
    whole = total(packages)
    folders = [{"path": "", "distribution": None, **whole}, {"path": SITE, "distribution": None, **whole}]
    folders += [{"path": f"{SITE}/package_{number}", "distribution": one["name"],
                 **{key: one[key] for key in ("files", "bytes", "disk_bytes")}}
                for number, one in enumerate(packages)]
    paths = [f"{SITE}/package_{number}/x.so" for number in range(count)]
    libraries = [library(f"package_{number}/x.so", 9e3 + number,
                         [needed("y.so", None), needed("x.so", paths[(number + 1) % count])])
                 for number in range(count)]
    faults = [{"path": f"{SITE}/{number}", "what": "truncated ELF file", "unread": True,
               "folder": False} for number in range(count)]
    return {**report, "distributions": packages, "folders": folders, "libraries": libraries, "faults": faults,
            "totals": {**report["totals"], **whole, "kinds": {}, "app": amount(0, 0), "unowned": amount(0, 0)}}
