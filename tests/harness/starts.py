"""Many starts of Python in one traced tree, and what the recording should say of each.

The driver is a shell: `xargs` starts the given interpreters, so many at a time; every one writes
its own import report to FOLDER/out/PID. judge() then holds the report against these files: a
process whose modules are incomplete must be said to be, by its coverage or by a loss of its own.
"""

import collections
import json
import os
import shlex
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import elevate
import importtime
from program import THAW, run_thaw
from recorded import record_command

CODE = "import json, decimal, email.message"
LOOK_SECONDS = 0.02


@dataclass
class Verdict:
    """What came of all starts of one recording."""
    starts: int = 0
    expected: int = 0
    missing: int = 0
    incomplete: int = 0       # starts with modules missing
    said: int = 0             # of these: whose coverage, or a loss of theirs, says so
    said_in_general: int = 0  # of these: only a loss of the whole recording says so
    marked: int = 0           # starts that are said to be incomplete, whether they are or not
    reasons: set = field(default_factory=set)  # why they are marked
    unsaid: list = field(default_factory=list)
    wrong: list = field(default_factory=list)  # too many, below a wrong parent, in another order

    def __str__(self):
        return "\n".join([f"{self.starts} starts, {self.expected} modules, missing {self.missing}, "
                          f"incomplete {self.incomplete} (said {self.said}, in general "
                          f"{self.said_in_general}), marked {self.marked}",
                          *(f"MARKED: {reason}" for reason in sorted(self.reasons)),
                          *(f"NOT SAID: {line}" for line in self.unsaid[:20]),
                          *(f"WRONG: {line}" for line in self.wrong[:20])])


def driver(folder, begun, at_once, code=CODE):
    """The command that starts all, each a fresh_python.Start; FOLDER/out will hold the reports."""
    folder = Path(folder)
    (folder / "out").mkdir()
    (folder / "scripts").mkdir()
    for number, start in enumerate(begun):
        variables = {"PYTHONPROFILEIMPORTTIME": "1", **start.environment}
        words = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
        command = shlex.join([str(start.program), "-c", code])
        (folder / f"scripts/{number}").write_text(
            f"{' '.join(words)} exec {command} 2> {folder}/out/$$\n")
    (folder / "list").write_text("".join(f"{folder}/scripts/{number}\n"
                                         for number in range(len(begun))))
    return ["xargs", "-a", str(folder / "list"), "-n", "1", "-P", str(at_once), "sh"]


def record(folder, command, options, timeout):
    """Records the driver; returns the report."""
    path = Path(folder, "recording.thaw")
    recorder = record_command(path, "--until", "exit", "--backend", "ebpf", *options,
                              command=command, prefix=elevate.prefix_or_skip())
    subprocess.run(recorder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=timeout,
                   check=True)
    return read_report(path)


def attach(folder, command, options, timeout):
    """The same, with a driver that runs already when the recording begins."""
    path, gate = Path(folder, "recording.thaw"), Path(folder, "gate")
    os.mkfifo(gate)
    waiting = subprocess.Popen(["sh", "-c", 'read go < "$0"; exec "$@"', str(gate), *command],
                               stdin=subprocess.DEVNULL)
    recorder = subprocess.Popen([*elevate.prefix_or_skip(), THAW, "attach", "-q", "-o", str(path),
                                 "--until", "exit", "--limit", f"{timeout}s", "--pid",
                                 str(waiting.pid), *options], stdin=subprocess.DEVNULL)
    try:
        while "process.present" not in run_thaw("report", "-f", "text", path).stdout:
            if recorder.poll() is not None:
                raise RuntimeError(f"thaw attach ended with {recorder.returncode}")
            time.sleep(LOOK_SECONDS)  # looks again: there is no event to wait for
        gate.write_text("go\n")
        waiting.wait(timeout)
        if recorder.wait(timeout):
            raise RuntimeError(f"thaw attach ended with {recorder.returncode}")
    finally:
        for process in (waiting, recorder):
            process.kill()
            process.wait()
    return read_report(path)


def read_report(path):
    return json.loads(run_thaw("report", "--json", path, timeout=300).stdout)


def truths(folder):
    """pid -> import report."""
    return {int(path.name): path.read_text(errors="replace")
            for path in Path(folder, "out").iterdir()}


def is_marked(process, losses):
    """Whether the report itself says that this process may be incomplete."""
    return process["coverage"] in ("late", "refused") or any(loss["process"] == process["id"]
                                                            for loss in losses)


def judge(report, texts):
    """Holds the report's processes against their own import reports."""
    verdict, processes = Verdict(), collections.defaultdict(list)
    modules = collections.defaultdict(list)
    for process in report["processes"]:
        processes[process["pid"]].append(process)
    for module in report["modules"]:
        modules[module["process"]].append(module)
    for pid, text in sorted(texts.items()):
        found = processes[pid]
        process = found[0] if len(found) == 1 else {"id": None, "coverage": None}
        judge_start(verdict, pid, process, importtime.compare_report(
            {"modules": modules[process["id"]]}, text), report["losses"])
    return verdict


def judge_start(verdict, pid, process, comparison, losses):
    marked = is_marked(process, losses) if process["id"] else False
    verdict.starts += 1
    verdict.expected += comparison.expected
    verdict.missing += len(comparison.missing)
    verdict.marked += marked
    verdict.reasons |= {f"{loss['cause']}: {loss['what']}" for loss in losses
                        if process["id"] and loss["process"] == process["id"]}
    if not marked and (comparison.extra or comparison.wrong_parent or comparison.order):
        verdict.wrong.append(f"process {pid}: {comparison}"[:400])
    if not comparison.missing:
        return
    verdict.incomplete += 1
    verdict.said += marked
    if not marked and any(not loss["process"] for loss in losses):
        verdict.said_in_general += 1
    elif not marked:
        verdict.unsaid.append(f"process {pid}: {len(comparison.missing)} of {comparison.expected} "
                              f"missing, coverage {process['coverage']}")
