"""Checks what may include what, which folders there are, and the sizes of files and functions.

Prints file:line for each violation and fails when there is one. To let a room include another one,
change the table below; a new folder needs its row. OVERSIZE is the lead's: each row has its reason.
"""

import os
import re
import sys
from pathlib import Path

KNOWLEDGE = {"native", "platform", "python", "packaging", "inventory"}
MIDDLE = {"recording", "timeline", "analysis"}

# Room of src/ -> rooms whose headers it may include. All may include base and their own.
# Stages know only earlier stages; capture and timeline meet in the recording alone.
ROOMS = {
    "base": set(),
    "native": set(),
    "platform": set(),
    "packaging": set(),
    "python": {"native"},
    "inventory": {"native", "python", "packaging"},
    "capture": KNOWLEDGE,
    "recording": KNOWLEDGE,
    "timeline": KNOWLEDGE | {"recording"},
    "shipped": KNOWLEDGE,
    "project": KNOWLEDGE | {"shipped"},
    "analysis": KNOWLEDGE | {"recording", "timeline"},
    "report": KNOWLEDGE | MIDDLE,
    "compare": {"report"},
    "gate": {"report"},
    "lint": {"packaging", "platform", "report"},
    "configuration": {"gate", "inventory", "packaging", "audit", "lint"},
    "trial": KNOWLEDGE | MIDDLE | {"capture", "report"},
    "export": {"platform", "report", "store"},
    "store": set(),
    "trend": {"store", "report"},
    "audit": KNOWLEDGE | MIDDLE | {"capture", "report", "export", "store"},
    "cli": KNOWLEDGE | MIDDLE | {"shipped", "project", "capture", "report", "compare", "gate",
            "lint",
            "configuration", "trial", "export", "store", "trend",
            "audit"},
}

# Public header of include/thaw/ -> rooms that must not include it (kernel records stay in capture,
# and no stage knows a later one).
PUBLIC_CLOSED_TO = {
    "kernel_account.h": {"timeline", "analysis", "report", "export", "store"},
    "vm_kernel.h": {"timeline", "analysis", "report", "export", "store"},
    "event.h": {"timeline", "analysis", "report", "export", "store"},
    "openings.h": {"timeline", "analysis", "report", "export", "store"},
    "timeline.h": {"capture", "recording"},
    "shipped.h": {"capture", "recording", "timeline"},
    "project.h": {"capture", "recording", "timeline", "shipped", "analysis", "report"},
    "use.h": {"capture", "recording", "timeline", "shipped"},
    "report.h": {"capture", "recording", "timeline", "shipped", "analysis"},
}
PUBLIC_OPEN_TO_BPF = {"event.h", "kernel_account.h", "openings.h", "probe_cookie.h",
                      "python_layout.h", "vm_kernel.h"}

# System header -> rooms that may include it. "bpf" is the folder of that name.
LIBRARIES = [
    (r"bpf/", {"capture", "bpf"}),
    (r"linux/bpf\.h", {"capture", "bpf"}),
    (r"(libelf|gelf|elfutils/.*|libunwind.*)\.h", {"native"}),
    (r"capstone/.*\.h", {"native"}),
    (r"zip\.h", {"shipped"}),
    (r"yaml\.h", {"project"}),
    (r"sqlite3\.h", {"store"}),
    (r"(curl/.*|microhttpd)\.h", {"export"}),
    (r"seccomp\.h", {"audit"}),
    (r"libsmartcols\.h", {"report", "cli"}),
]

TOP_LEVEL = {"Makefile", "src", "bpf", "include", "reports", "tests", "README.md", "LICENSE"}
HIDDEN = {".git", ".gitignore", ".clang-format", ".ci", ".pre-commit-hooks.yaml"}
FOLDERS = {
    "include": {"thaw"},
    "bpf": set(),
    "src": set(ROOMS),
    "reports": {"schema", "src", "dist", "fleet", "ci", "node_modules"},
    "tests": {"unit", "golden", "bpf", "live", "kernels", "fuzz", "browser", "bench", "azure",
              "lambda", "ci", "harness", "setup", "lint"},
}

MAXIMUM_FILE_LINES = 500
MAXIMUM_FUNCTION_LINES = 80
OVERSIZE = {  # "path" or "path:function's first line of code" -> reason
    "tests/unit/test_recording_kinds.c:static struct place member_of(enum thaw_event_kind kind)":
        "one line for each kind of event: the compiler names the one that is missing",
}

INCLUDE_LINE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE_LINE.match(line)
        if found:
            yield number, found[1] == "<", found[2]


def system_include_fault(room, header):
    for pattern, rooms in LIBRARIES:
        if re.match(pattern, header) and room not in rooms:
            return f"<{header}> belongs to {' and '.join(sorted(rooms))}"
    return None


def public_include_fault(room, name):
    if not Path("include/thaw", name).exists():
        return f"there is no include/thaw/{name}"
    if room == "bpf" and name not in PUBLIC_OPEN_TO_BPF:
        return f'bpf must not include "thaw/{name}"'
    if room in PUBLIC_CLOSED_TO.get(name, ()):
        return f'{room} must not include "thaw/{name}"'
    return None


def own_include_fault(room, header):
    """What is wrong with #include "header" in a file of that room ("public" and "bpf" are two)."""
    folder, _, name = header.rpartition("/")
    if folder == "thaw":
        return public_include_fault(room, name)
    if room == "bpf":
        return None if Path("bpf", header).exists() else f'bpf has no "{header}"'
    if room == "public":
        return f'a public header must not include "{header}"'
    folder = folder.partition("/")[0]  # a room may be divided
    if folder not in ROOMS or not Path("src", header).exists():
        return f'"{header}" is neither thaw/… nor a header of a room (room/file.h)'
    if folder not in ROOMS[room] | {room, "base"}:
        return f'{room} must not include "{header}"'
    return None


def include_faults(room, path):
    for number, is_system, header in includes(path):
        fault = (system_include_fault if is_system else own_include_fault)(room, header)
        if fault:
            yield f"{path}:{number}: {fault}"


def size_faults(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > MAXIMUM_FILE_LINES and str(path) not in OVERSIZE:
        yield f"{path}:{len(lines)}: longer than {MAXIMUM_FILE_LINES} lines"
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            name = f"{path}:{lines[start - 2].strip()}"
            if number - start > MAXIMUM_FUNCTION_LINES and name not in OVERSIZE:
                yield f"{path}:{start}: function of {number - start} lines, " \
                      f"{MAXIMUM_FUNCTION_LINES} are allowed"
            start = None


def folder_faults():
    for name in sorted(os.listdir(".")):
        allowed = HIDDEN if name.startswith(".") else TOP_LEVEL | {"build"}
        if name not in allowed:
            yield f"{name}:1: not part of the top level"
    for parent, allowed in FOLDERS.items():
        for child in sorted(Path(parent).iterdir()):
            if child.is_dir() and child.name not in allowed | {"__pycache__"}:
                yield f"{child}:1: unknown folder"


def room_of(path):
    """The room whose rules a file follows, or None (tests may include everything)."""
    first = path.parts[0]
    return {"src": path.parts[1], "include": "public", "bpf": "bpf"}.get(first)


def main():
    os.chdir(Path(__file__).parents[2])
    faults = list(folder_faults())
    files = sorted(path for top in ("src", "include", "bpf", "tests")
                   for path in Path(top).rglob("*.[chS]"))
    for path in files:
        room = room_of(path)
        if room in ROOMS or room in ("public", "bpf"):
            faults += include_faults(room, path)
        elif room:
            faults.append(f"{path}:1: not in a room of src/")
        faults += size_faults(path)
    print("\n".join(faults) or f"layers: {len(files)} files, nothing to complain of")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
