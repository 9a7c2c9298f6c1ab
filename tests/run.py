"""Runs the tests and ends with the line "N passed, N failed" (", N skipped" when there are any).

    tests/run.py [--build build] [--only PATTERN] [--programs]

What runs: the cmocka programs of tests/unit and tests/bpf (these as root where that can be had),
the fuzz targets of tests/fuzz on their corpora, and each tests/*/test_*.py in a process of its own.
Each of them prints TAP. One after the other run those that record what runs on this machine; beside
them those of BESIDE (emulated machines and a browser); and those of ANYWHERE on the CPU time that
these two leave, and on each CPU that is free. PATTERN is part of a path, or a shell pattern for all of
it; --programs leaves the Python files out. A file that needs longer than DEFAULT_TIMEOUT_SECONDS says
so in a line "TIMEOUT_SECONDS = N" (in C: #define TIMEOUT_SECONDS N).

A skip needs a reason: in C, print_message("skip: REASON\n") before skip(). With CI=true a skip is
a failure unless tests/skips.json lists its id, as [{"id": "tests/live/test_x.py::*", "reason": …}].
"""

import argparse
import contextlib
import fnmatch
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "harness"))
import elevate  # noqa: E402

DEFAULT_TIMEOUT_SECONDS = 120
# They don't record on this machine: guests, browsers, and what compares runs in pairs.
BESIDE = ("tests/kernels/", "tests/browser/", "tests/ci/", "tests/azure/test_advice_apps",
          "tests/live/test_gate_pool", "tests/live/test_loaders", "tests/live/test_prove",
          "tests/live/test_trial.py")
# They hold no time against another: they read, compute and compare, behind all others. What they
# record (test_gate) are programs of their own, of which modules and counts are looked at.
ANYWHERE = ("tests/unit/", "tests/fuzz/", "tests/golden/", "tests/harness/",
            "tests/azure/test_lint_annotations", "tests/azure/test_lint_functions",
            "tests/azure/test_prepare", "tests/live/test_audit_answers",
            "tests/live/test_audit_arrivals", "tests/live/test_audit_daemonset",
            "tests/live/test_audit_store", "tests/live/test_audit_unit",
            "tests/live/test_cyclonedx", "tests/live/test_delivery", "tests/live/test_deps.py",
            "tests/live/test_deps_hostile", "tests/live/test_diff",
            "tests/live/test_endpoint", "tests/live/test_fix", "tests/live/test_fleet",
            "tests/live/test_formats_", "tests/live/test_gate.py", "tests/live/test_help_pages",
            "tests/live/test_history", "tests/live/test_import_names",
            "tests/live/test_importtime_log",
            "tests/live/test_inventory", "tests/live/test_layouts",
            "tests/live/test_packaging_oracle", "tests/live/test_probe_golden",
            "tests/live/test_rewrite", "tests/live/test_shipped", "tests/live/test_source_",
            "tests/live/test_trial_statistics", "tests/live/test_written_reports")
# Whatever lane they are in: what others need first, and last those that need it.
FIRST = ("tests/harness/test_site_packages",)
LAST = ("tests/live/test_import_matrix", "tests/live/test_import_truth")
NICENESS, PATIENCE = 4, 5  # of those, whose own limits still hold; times their timeout
GRACE_SECONDS = 5
BROKEN_PLAN = "plan"

# "not ok 3 # SKIP name" is cmocka 1.1.5's way to say what TAP writes as "ok 3 - name # SKIP reason".
RESULT_LINE = re.compile(r"(not )?ok (\d+)(?: - (.*))?$")
CMOCKA_SKIP_LINE = re.compile(r"not ok \d+ # SKIP (.*)$")
CMOCKA_GROUP_LINE = re.compile(r"# (not )?ok - ")
PLAN_LINE = re.compile(r"1\.\.(\d+)$")
TIMEOUT_LINE = re.compile(r"^(?:#define )?TIMEOUT_SECONDS(?: =)? (\d+)", re.MULTILINE)


class Test:
    """One result; outcome is "passed", "failed" or "skipped", detail the reason or the output."""

    def __init__(self, name, outcome, detail=""):
        self.name, self.outcome, self.detail = name, outcome, detail


class Program:
    """Something that prints TAP, known by the source file it comes from."""

    def __init__(self, source, command):
        self.source, self.command = str(source), command
        self.anywhere = self.source.startswith(ANYWHERE)

    def timeout(self):
        found = TIMEOUT_LINE.search(Path(self.source).read_text(encoding="utf-8"))
        seconds = int(found[1]) if found else DEFAULT_TIMEOUT_SECONDS
        return seconds * PATIENCE if self.anywhere else seconds

    def run(self, environment):
        """Returns the list of tests, and the CPU seconds that they took."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            status, used = run_bounded(self.command, self.timeout(), environment, output, errors,
                                       NICENESS if self.anywhere else 0)
            output.seek(0)
            errors.seek(0)
            tests = parse_tap(output.read().decode(errors="replace"))
            said = errors.read().decode(errors="replace").rstrip()
        failed = [test for test in tests if test.outcome == "failed"]
        if isinstance(status, str) or (status != 0 and not failed):
            tests = [test for test in tests if test.name != BROKEN_PLAN]
            why = status if isinstance(status, str) else f"exit status {status}"
            failed = [Test("whole program", "failed", why)]
            tests += failed
        if said and failed:
            failed[-1].detail += f"\nstderr:\n{said}"
        return tests, used


def run_bounded(command, seconds, environment, output, errors, niceness):
    """Runs a command in a session of its own. Returns its exit status, or why there is none, and the
    CPU seconds of it and of all that it waited for."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   env=environment, start_new_session=True)
    except OSError as error:
        return f"cannot be started: {error}", 0.0
    if niceness:
        let_others_go_first(process.pid, niceness)
    end = os.pidfd_open(process.pid)
    try:
        in_time = select.select([end], [], [], seconds)[0]
        if not in_time:
            signal_session(process, signal.SIGTERM)
            select.select([end], [], [], GRACE_SECONDS)
    finally:
        os.close(end)
        signal_session(process, signal.SIGKILL)  # and what it left behind
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return ending(process.returncode) if in_time else f"not done after {seconds} s", \
        used.ru_utime + used.ru_stime


def let_others_go_first(session, niceness):
    os.setpriority(os.PRIO_PROCESS, session, niceness)
    with contextlib.suppress(OSError):  # sched(7): among sessions only this counts, if it is there
        Path(f"/proc/{session}/autogroup").write_text(f"{niceness}\n", encoding="ascii")


def ending(status):
    return status if status >= 0 else f"ended by {signal.Signals(-status).name}"


def signal_session(process, number):
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # gone, or root's: sudo passes signals on itself
        pass


def parse_tap(text):
    """The tests of one TAP output, plus a failed one where the output breaks its own plan."""
    tests, planned, before = [], 0, []
    for line in text.splitlines():
        plan, cmocka_skip = PLAN_LINE.match(line), CMOCKA_SKIP_LINE.match(line)
        result = RESULT_LINE.match(line)
        if plan:
            planned += int(plan[1])  # cmocka prints one plan for each group
        elif cmocka_skip:
            reason = before[-1].removeprefix("skip: ") if is_reason(before) else ""
            tests.append(skipped(cmocka_skip[1], reason))
        elif result:
            name, _, reason = (result[3] or "").partition(" # SKIP")
            if _:
                tests.append(skipped(name, reason.strip()))
            else:
                failed = bool(result[1])
                tests.append(Test(name, "failed" if failed else "passed",
                                  "\n".join(before) if failed else ""))
        elif CMOCKA_GROUP_LINE.match(line):
            pass
        elif line.startswith("# ") and tests and tests[-1].outcome == "failed":
            tests[-1].detail += "\n" + line[2:]
        else:
            before.append(line)
            continue
        before = []
    if len(tests) != planned or not tests:
        tests.append(Test(BROKEN_PLAN, "failed", f"{planned} tests planned, {len(tests)} ran\n"
                          + "\n".join(before)))
    return tests


def is_reason(lines):
    return bool(lines) and lines[-1].startswith("skip: ")


def skipped(name, reason):
    return Test(name, "skipped", reason) if reason else Test(name, "failed", "skipped, no reason")


def find_programs(build, with_python):
    """Every program of the tree, in the order in which they run."""
    root = elevate.prefix() or []
    tap = ["env", "CMOCKA_MESSAGE_OUTPUT=TAP"]
    for folder, prefix in (("unit", []), ("bpf", root)):
        for source in sorted(Path("tests", folder).glob("test_*.c")):
            yield Program(source, prefix + tap + [str(build / source.with_suffix(""))])
    for source in sorted(Path("tests/fuzz").glob("fuzz_*.c")):
        corpus = Path("tests/fuzz/corpus", source.stem.removeprefix("fuzz_"))
        yield Program(source, [str(build / source.with_suffix("")), str(corpus)])
    if with_python:
        for source in sorted(Path("tests").glob("*/test_*.py")):
            yield Program(source, [sys.executable, "-B", "tests/harness/tap_unittest.py",
                                   str(source)])


def apply_skip_rules(tests, everything_ran):
    """In CI, turns the skips that aren't listed into failures, and stale rows of the list too."""
    rows = json.loads(Path("tests/skips.json").read_text(encoding="utf-8"))
    for name, test in tests:
        allowed = any(fnmatch.fnmatchcase(name, row["id"]) for row in rows)
        if test.outcome == "skipped" and not allowed:
            test.outcome = "failed"
            test.detail = f"skipped, and not listed in tests/skips.json: {test.detail}"
            print(f"\nFAILED  {name}\n  {test.detail}")
    for row in rows:
        if everything_ran and not fnmatch.filter([name for name, _ in tests], row["id"]):
            stale = Test(row["id"], "failed", "tests/skips.json lists it, but there is no such test")
            tests.append((f"tests/skips.json::{row['id']}", stale))
            print(f"\nFAILED  {row['id']}\n  {stale.detail}")


class Lanes:
    """Programs that run one after the other: each in its lane, or in any that has become empty."""

    def __init__(self, programs):
        programs = sorted(programs, key=lambda one: one.source.startswith(LAST)
                          - one.source.startswith(FIRST))
        beside = [one for one in programs if one.source.startswith(BESIDE)]
        self.anywhere = [one for one in programs if one.anywhere]
        recording = [one for one in programs if one not in beside and not one.anywhere]
        self.lanes = [recording, beside, *[self.anywhere] * max(1, (os.cpu_count() or 1) - 2)]
        self.taking = threading.Lock()

    def take(self, lane):
        """The next program of one of the lanes; None: there is none."""
        with self.taking:
            for programs in (lane, self.anywhere):
                if programs:
                    return programs.pop(0)
        return None


def run_all(programs, environment):
    """[(id, test)] of all, in the order of the programs."""
    results, say, lanes = {}, threading.Lock(), Lanes(programs)

    def run_lane(lane):
        while program := lanes.take(lane):
            start = time.monotonic()
            found, used = program.run(environment)
            with say:
                report_program(program, found, time.monotonic() - start, used)
                results[program] = found

    threads = [threading.Thread(target=run_lane, args=(lane,), daemon=True) for lane in lanes.lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [(f"{program.source}::{test.name}", test) for program in programs
            for test in results.get(program, [Test("whole program", "failed", "did not run")])]


def report_program(program, tests, seconds, used):
    bad = [test for test in tests if test.outcome == "failed"]
    count = f"{len(tests)} test{'' if len(tests) == 1 else 's'}"
    print(f"  {'FAILED' if bad else 'ok':7} {program.source:50} {count:>10}  {seconds:6.2f} s "
          f"({used:6.2f} of CPU)", flush=True)
    for test in bad:
        print(f"\nFAILED  {program.source}::{test.name}")
        print("\n".join(f"  {line}" for line in test.detail.strip().splitlines()) + "\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--only", metavar="PATTERN")
    parser.add_argument("--programs", action="store_true", help="C programs only")
    arguments = parser.parse_args()
    os.chdir(Path(__file__).parents[1])
    elevate.ask_once()
    if os.geteuid() == 0:  # also under sudo: thaw would otherwise run commands as sudo's caller
        for name in ("SUDO_UID", "SUDO_GID", "SUDO_USER"):
            os.environ.pop(name, None)
    environment = dict(os.environ, THAW_BUILD=str(arguments.build.resolve()),
                       ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1")

    pattern = arguments.only
    tests = run_all([program for program in find_programs(arguments.build, not arguments.programs)
                     if not pattern or pattern in program.source
                     or fnmatch.fnmatch(program.source, pattern)], environment)

    if os.environ.get("CI") == "true":
        apply_skip_rules(tests, not arguments.only and not arguments.programs)
    skips = [(name, test) for name, test in tests if test.outcome == "skipped"]
    if skips:
        print("\nSkipped:")
        for name, test in skips:
            print(f"  {name}: {test.detail}")
    counts = {outcome: sum(test.outcome == outcome for _, test in tests)
              for outcome in ("passed", "failed", "skipped")}
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
