"""What tests/live/dlopen_audit.c wrote: when each dlopen had mapped and relocated, and when its
constructors were done; and the totals that the dynamic linker itself tells with
LD_DEBUG=statistics.

glibc (2.36, 2.43) prints those totals at the program's start and end only, nothing for a dlopen,
and times for the start alone: so they check how many relocations there were, not how long they took.
"""

import re
import struct
import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path

from program import REPOSITORY

SOURCE = REPOSITORY / "tests/live/dlopen_audit.c"
RECORD = struct.Struct("<QII112s")
MOST_RECORDS = 16384
START, SEARCH, OPEN, MAPPED, BEGIN, END = range(1, 7)
STATISTICS_LINE = re.compile(r"\s*\d+:\s+(\w[\w ]{0,60}): (\d{1,18})(?: cycles.*)?$")
MOST_LINES = 1000


@dataclass
class Event:
    ns: int
    tid: int
    kind: int
    name: str


@dataclass
class Dlopen:
    """One dlopen that opened something; nested ones, from a constructor, are part of it.

    mapped_ns is the linker's word that all is mapped. Newer ones than 2.36 (2.41 and 2.43 were
    seen) give it behind the relocation, a microsecond before relocated_ns.
    """
    name: str
    begin_ns: int
    relocated_ns: int
    end_ns: int
    mapped_ns: int = None

    @property
    def map_ns(self):
        return self.relocated_ns - self.begin_ns

    @property
    def constructors_ns(self):
        return self.end_ns - self.relocated_ns


def build(folder):
    """The audit library, or SkipTest where it can't be made."""
    library = Path(folder, "dlopen_audit.so")
    built = subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library,
                            SOURCE], stderr=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        raise unittest.SkipTest(f"no audit library can be built here: {built.stderr[-300:]}")
    return library


def environment(library, path):
    """What makes a program write its dlopens to a path that is not there yet."""
    return {"LD_AUDIT": str(library), "THAW_DLOPEN_TRUTH": str(path)}


def read_events(path):
    """The events in the order they were written; ValueError if the file was too small for all."""
    data = Path(path).read_bytes()[:MOST_RECORDS * RECORD.size]
    events = []
    for ns, tid, kind, name in RECORD.iter_unpack(data[:len(data) // RECORD.size * RECORD.size]):
        if kind:
            events.append(Event(ns, tid, kind, name.partition(b"\0")[0].decode(errors="replace")))
    if len(events) == MOST_RECORDS:
        raise ValueError(f"{path}: more events than there is room for")
    return events


def dlopen_of(events):
    """The first dlopen among a thread's events, or None when nothing was opened, or when what was
    opened has no constructors that tell where its relocation ended."""
    opened = next((number for number, event in enumerate(events) if event.kind == OPEN), None)
    if opened is None:
        return None
    begin = next((event for event in reversed(events[:opened]) if event.kind == SEARCH),
                 events[opened])
    first = last = mapped = None
    depth = 0
    for event in events[opened:]:
        if event.kind == SEARCH and last and not depth:
            break  # the next dlopen
        if event.kind == MAPPED and not first:
            mapped = event.ns
        elif event.kind == BEGIN:
            first, depth = first or event, depth + 1
        elif event.kind == END:
            last, depth = event, depth - 1
    if not first or not last:
        return None
    return Dlopen(events[opened].name, begin.ns, first.ns, last.ns, mapped)


def dlopens_within(events, intervals):
    """[Dlopen or None] for each (tid, begin, end): the dlopen that began in it, and in none of the
    intervals inside it."""
    result = []
    for tid, begin, end in intervals:
        inner = [(low, high) for other, low, high in intervals
                 if other == tid and begin <= low and high <= end and (low, high) != (begin, end)]
        result.append(dlopen_of([event for event in events
                                 if event.tid == tid and begin <= event.ns <= end
                                 and not any(low <= event.ns <= high for low, high in inner)]))
    return result


def linker_statistics(text):
    """{label: number} of what LD_DEBUG=statistics printed; a label's last number counts."""
    found = {}
    for line in text.splitlines()[:MOST_LINES]:
        match = STATISTICS_LINE.match(line)
        if match:
            found[match[1]] = int(match[2])
    return found
