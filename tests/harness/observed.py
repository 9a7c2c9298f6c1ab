"""The machine observed by tests/live/observe_dump.c, for tests of what `thaw audit` sees."""

import contextlib
import json
import os
import re
import select
import subprocess
import time
import unittest
from pathlib import Path

import elevate
import live_program
from program import run_thaw

ANSWER_SECONDS = 30
LOOK_SECONDS = 0.05
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*",?)*\]|-?\d+)')


class Event(dict):
    """One event of the text form: its fields, and what stands before them."""

    def __init__(self, line):
        time_ns, self.kind, *_ = line.split(" ", 2)
        self.time_ns = int(time_ns)
        super().__init__({name: json.loads(value) for name, value in FIELD.findall(line)})

    def __getattr__(self, name):
        return self.get(name)


class Observation:
    """observe_dump under way: tell() it what to do, and ask it for events()."""

    def __init__(self, folder, program):
        self.path = Path(folder) / "observed.thaw"
        self.process = subprocess.Popen([*elevate.prefix_or_skip(), program, self.path, str(os.getpid())],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, bufsize=0)
        self.waiting = b""  # what it has said beyond the last line
        try:
            self.line()
        except EOFError as refusal:
            raise unittest.SkipTest(f"observing is refused here, even to root: {refusal}") from None

    def line(self):
        while b"\n" not in self.waiting:
            if not select.select([self.process.stdout], [], [], ANSWER_SECONDS)[0]:
                raise TimeoutError("observe_dump does not answer")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise EOFError(self.process.communicate()[1].decode())
            self.waiting += more
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line.decode()

    def tell(self, words):
        """One command of observe_dump.c; returns its lines."""
        self.process.stdin.write(f"{words}\n".encode())
        return list(iter(self.line, "done"))

    def state(self):
        """{"events": 12, …, "loss": {cause: count}, "missing": [words]}"""
        state = {"loss": {}, "missing": []}
        for line in self.tell("state"):
            name, value = line.split(" ", 1)
            if name == "missing":
                state["missing"].append(value)
            elif name == "loss":
                cause, count = value.split()
                state["loss"][cause] = int(count)
            else:
                state[name] = int(value)
        return state

    def requests(self, process):
        """{"requests": 3, …} of a process, None: they are not counted."""
        words = " ".join(self.tell(f"requests {process}")).split()
        return dict(zip(words[::2], map(int, words[1::2]), strict=True)) if words else None

    def events(self, *processes):
        """All events up to now, or those of these processes."""
        self.tell("drain")
        text = run_thaw("report", "-f", "text", str(self.path)).stdout
        events = [Event(line) for line in text.splitlines() if re.match(r"\d+ ", line)]
        return [event for event in events if not processes or event.pid in processes]

    def until(self, wanted, *processes):
        """The events as soon as one is wanted; it fails when none comes."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            events = self.events(*processes)
            if any(wanted(event) for event in events):
                return events
            time.sleep(LOOK_SECONDS)  # there is no event to wait for: the recording is polled
        raise AssertionError(f"no such event among {len(events)}")

    @property
    def report(self):
        self.tell("drain")
        return json.loads(run_thaw("report", "--json", str(self.path)).stdout)

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(ANSWER_SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()


def built(folder):
    return live_program.built(folder, "observe_dump.c",
                              (*live_program.PACKAGES, *live_program.CAPTURE),
                              live_program.CAPTURE_LIBRARIES)
