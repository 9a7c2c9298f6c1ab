"""What `thaw audit` has stored, read by SQLite's own program, held against the truth of starts."""

import collections
import json
import os
import subprocess
import time
from dataclasses import dataclass, field

SQLITE = "sqlite3"
READ_SECONDS = 60
SLACK_NS = 2_000_000
CLOCKS_NS = 300_000  # the two are read one after the other
COLUMNS = ("process", "begin_ns", "end_ns", "total_ns", "unattributed_ns", "answered", "complete",
           "incomplete", "modules", "modules_failed", "imports_ns", "control_group", "container",
           "app", "program", "python")


class Inside:
    """A store in the mount namespace of a process, also once that has ended."""

    def __init__(self, process, path):
        self.path, self.namespace = str(path), open(f"/proc/{process}/ns/mnt", "rb")

    def __str__(self):
        return self.path

    @property
    def prefix(self):
        return ["nsenter", f"--mount=/proc/{os.getpid()}/fd/{self.namespace.fileno()}"]

    def close(self):
        self.namespace.close()


def ask(store, question):
    """Rows, each {column: value}."""
    result = subprocess.run([*getattr(store, "prefix", ()), SQLITE, "-readonly", "-json", "-bail",
                             str(store), question],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                            timeout=READ_SECONDS)
    return json.loads(result.stdout or "[]")


def starts(store, since_unix_ns=0):
    """All starts, by their end."""
    return ask(store, f"""
        SELECT {", ".join("start." + name for name in COLUMNS[:-3])}, app.text AS app,
               program.text AS program, python.text AS python
        FROM start JOIN word AS app ON app.id = app_word
        JOIN word AS program ON program.id = program_word
        JOIN word AS python ON python.id = python_word
        WHERE start.end_ns >= {since_unix_ns} ORDER BY start.end_ns, start.id""")


def integrity(store):
    """What SQLite finds wrong with the file, [] nothing."""
    rows = ask(store, "PRAGMA integrity_check") + ask(store, "PRAGMA foreign_key_check")
    return [row for row in rows if row != {"integrity_check": "ok"}]


def unix_offset_ns():
    """UNIX time less CLOCK_BOOTTIME."""
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    unix = time.time_ns()
    return unix - (before + time.clock_gettime_ns(time.CLOCK_BOOTTIME)) // 2


@dataclass
class Verdict:
    starts: int = 0
    stored: int = 0
    lost: list = field(default_factory=list)    # not in the store
    twice: list = field(default_factory=list)
    wrong: list = field(default_factory=list)   # says it is complete, and is not what was true
    incomplete: int = 0                         # says that it is not complete
    reasons: collections.Counter = field(default_factory=collections.Counter)
    modules: int = 0
    late_ns: list = field(default_factory=list)  # how far its end is behind its own last line

    def good(self):
        return not (self.lost or self.twice or self.wrong)

    def row(self):
        return {"starts": self.starts, "stored": self.stored, "lost": len(self.lost),
                "twice": len(self.twice), "wrong": len(self.wrong), "incomplete": self.incomplete,
                "reasons": dict(self.reasons), "modules": self.modules,
                "late_ns": sorted(map(abs, self.late_ns))[len(self.late_ns) // 2:][:1],
                "examples": (self.lost + self.twice + self.wrong)[:5]}

    def __str__(self):
        return json.dumps(self.row(), indent=1)


def judge(truths, rows, offset_ns=0):
    """Holds the store's rows against what is true of each start (start_load.Truth); offset_ns: how
    far the daemon's clock was ahead of ours."""
    verdict, offset = Verdict(), unix_offset_ns() + offset_ns
    found = rows_of(truths, rows, offset)
    for truth in truths:
        verdict.starts += 1
        verdict.modules += truth.imports
        mine = found[truth.number]
        if not mine:
            verdict.lost.append(f"start {truth.number} (pid {truth.pid})")
        elif len(mine) > 1:
            verdict.twice.append(f"start {truth.number} (pid {truth.pid}): {len(mine)} rows")
        else:
            verdict.stored += 1
            verdict.late_ns.append(mine[0]["end_ns"] - offset - truth.last_ns)
            judge_row(verdict, truth, mine[0], offset)
    return verdict


def rows_of(truths, rows, offset):
    """{number of a start: its rows}: of its pid, begun before the next one of that pid."""
    by_pid, found = collections.defaultdict(list), {truth.number: [] for truth in truths}
    for truth in sorted(truths, key=lambda one: one.before_ns):
        by_pid[truth.pid].append(truth)
    for row in rows:
        begun = row["begin_ns"] - offset
        mine = [truth for truth in by_pid[row["process"]] if truth.before_ns <= begun + CLOCKS_NS]
        if mine and begun <= mine[-1].end_ns + SLACK_NS:
            found[mine[-1].number].append(row)
    return found


def judge_row(verdict, truth, row, offset):
    if not row["complete"]:
        verdict.incomplete += 1
        verdict.reasons[row["incomplete"]] += 1
        return
    wrong = differences(truth, row, offset)
    if wrong:
        verdict.wrong.append(f"start {truth.number} (pid {truth.pid}): {'; '.join(wrong)}")


def differences(truth, row, offset):
    """Times must lie where they can only lie: it begins with its exec, ends with its last import
    or with itself. Imports must be as many as the interpreter lists."""
    begin, end = row["begin_ns"] - offset, row["end_ns"] - offset
    told = []
    # Its parent goes on a moment before its exec is over, and may be told of it first.
    if not truth.before_ns - SLACK_NS <= begin <= (truth.first_ns or truth.end_ns) + SLACK_NS:
        told.append(f"begins {(begin - truth.before_ns) / 1e6:.1f} ms behind its fork")
    if not (truth.first_ns or truth.before_ns) <= end <= truth.end_ns + SLACK_NS:
        told.append(f"ends {(end - truth.last_ns) / 1e6:.1f} ms behind its last line, "
                    f"{(end - truth.end_ns) / 1e6:.1f} behind its end")
    if abs(row["total_ns"] - (end - begin)) > SLACK_NS:
        told.append(f"total {row['total_ns']} ns from {begin} to {end}")
    if row["modules"] != truth.imports:
        told.append(f"{row['modules']} modules, not {truth.imports}")
    if row["imports_ns"] > row["total_ns"]:
        told.append("imports longer than all of it")
    return told
