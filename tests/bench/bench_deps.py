# SPDX-License-Identifier: Apache-2.0
"""How long does `thaw deps` take? Warm, alternating runs beside du, libtree, lddtree, pip list, pipdeptree.

    make bench-deps        (ROUNDS=21, some 5 minutes; peers come from Debian and the package index)

Trees: environments with pandas, numpy, requests, and with scipy, scikit-learn, matplotlib, as pip
makes them. A ratio is against `du -s` of the same round; du once more is the A/A control. What
shared objects and their closure cost is told by the run without them (`--no-libraries`) of the same
round, and held against libtree over the same files. Last, 50,000 files in 250 distributions that
require each other in one cycle. What is printed is held against du and readelf, too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "harness")]

RESULT = TESTS / "bench/results/deps.json"
PYTHON = "/usr/bin/python3.11"
TREES = {"pandas+numpy+requests": ["pandas", "numpy", "requests"],
         "scipy+scikit-learn+matplotlib": ["scipy", "scikit-learn", "matplotlib"]}
DEBIAN = ["libtree", "pax-utils", "python3-pyelftools"]
SLOW_ROUNDS = 3
CYCLE, FILES_EACH = 250, 200
RUN_SECONDS = 300
NS_PER_MS = 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    os.environ["THAW_BUILD"] = options.build
    rounds = int(os.environ.get("ROUNDS", "21"))
    place = Path(options.build).resolve() / "deps"
    thaw = str(Path(options.build).resolve() / "thaw")
    result = {"rounds": rounds, "trees": {}}
    peers = debian_peers(place)
    for name, packages in TREES.items():
        result["trees"][name] = measure(thaw, environment(place, packages), peers, rounds)
        show_tree(name, result["trees"][name])
    with tempfile.TemporaryDirectory(dir=place) as scratch:
        make_cycle(Path(scratch))
        result["cycle"] = measure_cycle(thaw, scratch, rounds)
    show_cycle(result["cycle"])
    result["load"] = os.getloadavg()[0]
    write(RESULT, result)


# --- what is run ----------------------------------------------------------------------------------


def debian_peers(place):
    """The folder that libtree and lddtree were unpacked into; None when they can't be had."""
    from debian_package import PackageIndex, unpacked

    found = unpacked(place / "peers", "peers-", [("peers-1", PackageIndex([]), DEBIAN)])
    return found[0] if found else None


def environment(place, packages):
    """A virtual environment with these packages and pipdeptree's own outside of it."""
    folder = place / "-".join(packages)
    if not (folder / "complete").exists():
        call([PYTHON, "-m", "venv", "--clear", str(folder)])
        call([str(folder / "bin/python"), "-m", "pip", "install", "-q",
              "--disable-pip-version-check", *packages])
        (folder / "complete").touch()
    depends = place / "pipdeptree"
    if not depends.exists():
        call([str(folder / "bin/python"), "-m", "pip", "install", "-q",
              "--disable-pip-version-check", "--target", str(depends), "pipdeptree"])
    return folder


def call(command):
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True, timeout=RUN_SECONDS)


def shared_objects(tree):
    """What readelf takes for ELF: named as a shared object, and begins as one."""
    found = []
    for path in sorted(tree.rglob("*.so*")):
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(str(path))
    return found


def variants(thaw, tree, objects, peers):
    """Name -> (command, environment); those after None in only a few rounds."""
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    quick = {"du -s": (["du", "-s", str(tree)], plain),
             "control": (["du", "-s", str(tree)], plain),
             "find -type f": (["find", str(tree), "-type", "f"], plain),
             "thaw deps": ([thaw, "deps", str(tree)], plain),
             "thaw deps --no-libraries": ([thaw, "deps", "--no-libraries", str(tree)], plain),
             "thaw deps --json": ([thaw, "deps", "--json", str(tree)], plain)}
    slow = {"pip list": ([str(tree / "bin/python"), "-m", "pip", "list",
                          "--disable-pip-version-check"], plain),
            "pipdeptree": ([str(tree / "bin/python"), "-m", "pipdeptree"],
                           {**plain, "PYTHONPATH": str(tree.parent / "pipdeptree")})}
    if peers:
        quick["libtree"] = ([str(peers / "usr/bin/libtree"), *objects], plain)
        slow["libtree -vvv -p"] = ([str(peers / "usr/bin/libtree"), "-vvv", "-p", *objects], plain)
        slow["lddtree, each"] = (["sh", "-c", 'for one; do "$0" "$one"; done',
                                  str(peers / "usr/bin/lddtree"), *objects],
                                 {**plain, "PATH": "/usr/bin:/bin",
                                  "PYTHONPATH": str(peers / "usr/lib/python3/dist-packages")})
        slow["ldd, each"] = (["sh", "-c", 'for one; do ldd "$one"; done', "ldd", *objects], plain)
    return quick, slow


def run(command, environment):
    """Wall time, CPU time and the most memory of a command."""
    with open(os.devnull, "r+b") as null:
        begin = time.monotonic_ns()
        child = subprocess.Popen(command, env=environment, stdin=null, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
        end = time.monotonic_ns()
    child.returncode = os.waitstatus_to_exitcode(status)
    return {"wall_ns": end - begin, "cpu_ns": int((usage.ru_utime + usage.ru_stime) * 1e9),
            "memory_kib": usage.ru_maxrss, "status": child.returncode}


# --- what is measured -----------------------------------------------------------------------------


def measure(thaw, tree, peers, rounds):
    from subject import alternate, median_interval, paired

    objects = shared_objects(tree)
    quick, slow = variants(thaw, tree, objects, peers)
    for command, values in {**quick, **slow}.values():
        run(command, values)  # once unmeasured: the page cache is warm
    runs = alternate(list(quick), rounds, lambda name: run(*quick[name]))
    row = {"objects": len(objects), "variants": paired(runs, "du -s", ("wall_ns", "cpu_ns")),
           "answers": answers(thaw, tree, objects)}
    row["variants"]["thaw deps"]["memory_kib"] = max(one["memory_kib"] for one in runs["thaw deps"])
    parts = [whole["wall_ns"] - without["wall_ns"] for whole, without
             in zip(runs["thaw deps"], runs["thaw deps --no-libraries"])]
    row["closure_ns"] = median_interval(parts)
    if "libtree" in runs:
        row["closure_to_libtree"] = median_interval(
            [part / one["wall_ns"] for part, one in zip(parts, runs["libtree"])])
    both = {"thaw deps": quick["thaw deps"], **slow}
    slow_runs = alternate(list(both), SLOW_ROUNDS, lambda name: run(*both[name]))
    row["slow"] = paired(slow_runs, "thaw deps", ("wall_ns",))
    return row


def answers(thaw, tree, objects):
    """What thaw says, held against du and readelf."""
    report = json.loads(subprocess.run([thaw, "deps", "--json", str(tree)], capture_output=True,
                                       check=True).stdout)
    disk = int(subprocess.run(["du", "-s", "-B1", str(tree)], capture_output=True, text=True,
                              check=True).stdout.split()[0])
    needed = {str(tree / library["path"]): [one["name"] for one in library["needed"]]
              for library in report["libraries"] if not library["outside"]}
    told = subprocess.run(["readelf", "-d", "-W", *objects], capture_output=True, text=True,
                          check=True).stdout
    truth, current = {path: [] for path in objects}, objects[0]
    for line in told.splitlines():
        if line.startswith("File: "):
            current = line.removeprefix("File: ")
        elif "(NEEDED)" in line:
            truth[current].append(line.split("[")[1].rstrip("]"))
    return {"files": report["totals"]["files"], "distributions": len(report["distributions"]),
            "disk_bytes": report["totals"]["disk_bytes"], "disk_bytes_of_du": disk,
            "needed_equal": sum(needed.get(path) == names for path, names in truth.items()),
            "needed_in_all": len(truth)}


def make_cycle(folder):
    """Distributions that each require the next, the last one the first."""
    for number in range(CYCLE):
        name, after = f"member{number}", f"member{(number + 1) % CYCLE}"
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
                                       f"Requires-Dist: {after}>=1\n")
        paths = [f"{name}/part{part}/module{one}.py" for part in range(4)
                 for one in range(FILES_EACH // 4)]
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text("x = 1\n")
        (info / "RECORD").write_text("".join(f"{path},,6\n" for path in paths)
                                     + f"{info.name}/METADATA,,\n{info.name}/RECORD,,\n")


def measure_cycle(thaw, folder, rounds):
    from subject import alternate, paired

    plain = {"PATH": os.environ["PATH"]}
    commands = {"du -s": (["du", "-s", folder], plain), "thaw deps": ([thaw, "deps", folder], plain)}
    for command, values in commands.values():
        run(command, values)
    runs = alternate(list(commands), rounds, lambda name: run(*commands[name]))
    return {"files": CYCLE * (FILES_EACH + 2), "distributions": CYCLE,
            "variants": paired(runs, "du -s", ("wall_ns",)),
            "statuses": sorted({one["status"] for one in runs["thaw deps"]}),
            "memory_kib": max(one["memory_kib"] for one in runs["thaw deps"])}


# --- what is shown --------------------------------------------------------------------------------


def show_tree(name, row):
    from subject import show

    said = row["answers"]
    print(f"\n{name}: {said['files']} files, {said['distributions']} distributions, "
          f"{row['objects']} shared objects")
    for variant, times in row["variants"].items():
        print(f"  {variant:28}{times['wall_ns'] / NS_PER_MS:8.1f} ms  to du: "
              f"{show(times['wall_ratio'])}")
    print(f"  shared objects and closure {row['closure_ns']['median'] / NS_PER_MS:10.1f} ms"
          + (f"  to libtree: {show(row['closure_to_libtree'])}" if "closure_to_libtree" in row
             else "  (no libtree to be had)"))
    for variant, times in row["slow"].items():
        print(f"  {variant:28}{times['wall_ns'] / NS_PER_MS:8.1f} ms  to thaw deps: "
              f"{times['wall_ratio']['median']:.2f}")
    print(f"  on disk: thaw {said['disk_bytes']}, du {said['disk_bytes_of_du']}; DT_NEEDED equal to "
          f"readelf's in {said['needed_equal']} of {said['needed_in_all']}; "
          f"most memory {row['variants']['thaw deps']['memory_kib'] / 1024:.0f} MiB")


def show_cycle(row):
    from subject import show

    times = row["variants"]["thaw deps"]
    print(f"\none cycle: {row['files']} files, {row['distributions']} distributions\n  thaw deps "
          f"{times['wall_ns'] / NS_PER_MS:.0f} ms, to du: {show(times['wall_ratio'])}, most memory "
          f"{row['memory_kib'] / 1024:.0f} MiB, exit statuses {row['statuses']}")


def write(path, result):
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
