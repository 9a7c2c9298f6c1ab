"""`thaw record --runs`: the runs, their order, cold caches, what ends them, and what is written.

That a run is cold is looked at by the command itself, by mincore(2) before it imports its own
package; the residue that thaw tells is held against the same.
"""

import csv
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import cold
from program import REPOSITORY, THAW, run_thaw

TIMEOUT_SECONDS = 300
TRIAL_SECONDS = 120
PYTHON = "/usr/bin/python3.11"
USAGE, INCOMPLETE, NOT_EXECUTABLE, NOT_FOUND = 2, 3, 126, 127
PACKAGE_MODULES = 12

# Tells how much of its own package is in memory, then reads it.
COLD_APP = """
import json, sys
sys.path.insert(0, {harness!r})
import cold, pathlib
folder = pathlib.Path(__file__).parent / "payload"
files = sorted(str(path) for path in folder.rglob("*.py*"))
left = [cold.resident(path) for path in files]
with open({log!r}, "a") as log:
    print(json.dumps([sum(pages for pages, _ in left), sum(of for _, of in left)]), file=log)
import payload
"""

# Counts its own starts, and does something else in some of them.
COUNTED = """
import os, pathlib, sys, time
path = pathlib.Path({log!r})
starts = len(path.read_text()) + 1 if path.exists() else 1
path.write_text("x" * starts)
import json
if starts == {special}:
    {action}
"""


class Trials(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(dir="/var/tmp")  # /tmp may have no disk below it
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.folder = self.scratch / "runs"
        self.log = self.scratch / "log"

    def command(self, *options, words, prefix=(), backend="importtime"):
        return [*prefix, THAW, "record", "--backend", backend, "--quiet", "-o", str(self.folder),
                *map(str, options), "--", *map(str, words)]

    def record(self, *options, words=(PYTHON, "-c", "import json"), status=0, **more):
        environment = {name: value for name, value in os.environ.items()
                       if name != "PYTHONDONTWRITEBYTECODE"}
        subprocess_options = {"env": environment, "cwd": self.scratch}
        for name in ("user", "group", "extra_groups"):
            if name in more:
                subprocess_options[name] = more.pop(name)
        result = subprocess.run(self.command(*options, words=words, **more),
                                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=TRIAL_SECONDS, **subprocess_options)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def results(self):
        return json.loads((self.folder / "trials.json").read_text())

    def runs(self, command=0):
        return self.results()["commands"][command]["runs"]

    def recordings(self, folder=None):
        return sorted(path.name for path in (folder or self.folder).glob("[0-9]*.thaw"))

    def report(self, path):
        result = run_thaw("report", "--json", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def metric(self, name, command=0):
        return next(metric for metric in self.results()["commands"][command]["metrics"]
                    if metric["metric"] == name)

    def special(self, start, action):
        """A command that does something else in its start of that number."""
        script = self.scratch / "app.py"
        script.write_text(COUNTED.format(log=str(self.log), special=start, action=action))
        return [PYTHON, script]


class Runs(Trials):
    def test_each_is_a_recording_and_tells_which_it_is(self):
        self.record("--runs", 3, "--warmup", 1)
        self.assertEqual(self.recordings(), ["001.thaw", "002.thaw", "003.thaw"])
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["001.thaw", "002.thaw", "003.thaw", "trials.json"])
        for number, name in enumerate(self.recordings(), 1):
            run = self.report(self.folder / name)["run"]
            self.assertEqual(run["trial"], {"number": number, "of": 3})
            self.assertIs(run["cold"], False)
        self.assertEqual([(run["number"], run["warmup"], run["end"]) for run in self.runs()],
                         [(1, True, "ok"), (1, False, "ok"), (2, False, "ok"), (3, False, "ok")])
        for run in self.runs():
            self.assertGreater(run["wall_ns"], 0)
            self.assertGreater(run["cpu_ns"], 0)

    def test_figures_are_those_of_the_reports(self):
        self.record("--runs", 3)
        reports = [self.report(self.folder / name) for name in self.recordings()]
        self.assertEqual(self.metric("total_time")["samples"],
                         [report["tracks"][0]["total_ns"] for report in reports])
        modules = self.metric("modules")
        self.assertEqual(modules["samples"], [len(report["modules"]) for report in reports])
        self.assertEqual(modules["value"]["least"], modules["value"]["most"])
        self.assertEqual(self.metric("total_time")["value"]["median"],
                         sorted(self.metric("total_time")["samples"])[1])

    def test_a_single_recording_has_neither(self):
        """Nor is what stands between two commands anything but a word of the one."""
        path = self.scratch / "single.thaw"
        result = run_thaw("record", "--backend", "importtime", "-q", "-o", path, "--", PYTHON,
                          "-c", "import sys; sys.exit(sys.argv[1:] != [':::', 'x'])", ":::", "x")
        self.assertEqual(result.returncode, 0, result.stderr)
        run = self.report(path)["run"]
        self.assertNotIn("trial", run)
        self.assertNotIn("cold", run)

    def test_what_commands_print_is_not_shown(self):
        result = self.record("--runs", 2, "--json",
                             words=["sh", "-c", "echo out; echo err >&2"])
        self.assertEqual(json.loads(result.stdout), self.results())
        self.assertNotIn("err", result.stderr)

    def test_diff_takes_a_folder_of_runs(self):
        self.record("--runs", 2)
        result = run_thaw("diff", self.folder, self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("(2 recordings,", result.stdout)

    def test_counts_come_from_a_run_of_their_own(self):
        self.record("--runs", 2, "--count")
        self.assertEqual(self.recordings(), ["001.thaw", "002.thaw"])
        counting = [run for run in self.runs() if run["counting"]]
        self.assertEqual([run["file"] for run in counting], [".counting.thaw"])
        told = [metric for metric in self.results()["commands"][0]["metrics"]
                if metric["metric"] == "system_calls" and metric["value"]]
        self.assertEqual(len(told), 1)
        self.assertTrue(told[0]["counting"])
        self.assertGreater(told[0]["value"]["median"], 100)


class TwoCommands(Trials):
    def test_take_turns(self):
        self.record("--runs", 4, words=[PYTHON, "-c", "import json", ":::", PYTHON, "-c",
                                        "import json, decimal"])
        started = []
        for folder in ("first", "second"):
            self.assertEqual(len(self.recordings(self.folder / folder)), 4)
            for name in self.recordings(self.folder / folder):
                run = self.report(self.folder / folder / name)["run"]
                started.append((run["started"], folder[0] + name[2]))
        self.assertEqual([name for _, name in sorted(started)],
                         ["f1", "s1", "s2", "f2", "f3", "s3", "s4", "f4"])
        results = self.results()
        self.assertEqual([command["folder"] for command in results["commands"]],
                         ["first", "second"])
        verdicts = {row["metric"]: row["verdict"] for row in results["comparison"]}
        self.assertEqual(verdicts["modules"], "higher")
        self.assertIn(verdicts["total_time"], ("higher", "lower", "same", "inconclusive"))

    def test_diff_compares_them(self):
        self.record("--runs", 2, words=[PYTHON, "-c", "import json", ":::", PYTHON, "-c",
                                        "import json, decimal"])
        result = run_thaw("diff", self.folder / "first", self.folder / "second", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('"decimal"', result.stdout)


class Cold(Trials):
    def make_app(self):
        package = self.scratch / "app" / "payload"
        package.mkdir(parents=True)
        names = [f"part{number}" for number in range(PACKAGE_MODULES)]
        for name in names:
            (package / f"{name}.py").write_text("".join(
                f"def function_{number}(): return '{name} {number}'\n" for number in range(800)))
        (package / "__init__.py").write_text(f"from . import {', '.join(names)}\n")
        script = self.scratch / "app" / "main.py"
        script.write_text(COLD_APP.format(harness=str(Path(cold.__file__).parent),
                                          log=str(self.log)))
        if cold.evict(str(package / "part0.py"))[0]:
            self.skipTest("files in /var/tmp can't be put out of memory")
        return [PYTHON, script]

    def seen(self):
        """(pages in memory, pages) of the package as each run began."""
        return [tuple(json.loads(line)) for line in self.log.read_text().splitlines()]

    def check(self, backend):
        app = self.make_app()
        self.record("--runs", 3, "--cold", words=app, backend=backend)
        seen = self.seen()
        self.assertEqual(len(seen), 4)  # one to warm up, though none was asked for
        for left, pages in seen[1:]:
            self.assertEqual(left, 0)
            self.assertGreater(pages, 2 * PACKAGE_MODULES)  # bytecode, too
        runs = [run for run in self.runs() if not run["warmup"]]
        for run in runs:
            self.assertGreater(run["cold"]["files"], 2 * PACKAGE_MODULES)
            self.assertGreater(run["cold"]["bytes"], run["cold"]["left_bytes"])
            self.assertFalse(run["cold"]["cut"])
            share = run["cold"]["left_bytes"] / run["cold"]["bytes"]
            self.assertIs(run["cold"]["too_much"], share > 0.05)
        self.assertIsNone(self.runs()[0]["cold"])  # of the warm-up
        for name in self.recordings():
            self.assertIs(self.report(self.folder / name)["run"]["cold"], True)

    def test_without_ebpf(self):
        self.check("importtime")

    def test_with_ebpf(self):
        self.check_ebpf()
        self.check("ebpf")
        report = self.report(self.folder / "002.thaw")
        read = [module["disk_bytes"] for module in report["modules"]
                if module["name"].startswith("payload.")]
        self.assertEqual(len(read), PACKAGE_MODULES)
        self.assertTrue(all(read), read)  # from the disk

    def check_ebpf(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        doctor = run_thaw("doctor")
        if "eBPF works here" not in doctor.stdout:
            self.skipTest("eBPF is refused here, even to root")

    def test_warm_runs_find_all_in_memory(self):
        app = self.make_app()
        self.record("--runs", 2, "--warmup", 1, words=app)
        for left, pages in self.seen()[1:]:
            self.assertGreaterEqual(left, .98 * pages)  # a busy machine may drop one
        self.assertTrue(all(run["cold"] is None for run in self.runs()))

    def test_nobody_elses_file_is_touched(self):
        app = self.make_app()
        # The folder that the command runs in is the app's: hence a file beside it.
        outside = tempfile.NamedTemporaryFile(dir="/var/tmp")
        self.addCleanup(outside.close)
        outside.write(b"x" * 100000)
        outside.flush()
        self.record("--runs", 1, "--cold", words=app)
        left, pages = cold.resident(outside.name)
        self.assertEqual(left, pages)

    def test_a_mapped_file_is_residue(self):
        app = self.make_app()
        held = self.scratch / "app" / "payload" / "held.bin"
        held.write_bytes(b"x" * 20_000_000)
        holder = subprocess.Popen(
            [PYTHON, "-c", "import mmap, os, sys, time\n"
             "file = os.open(sys.argv[1], os.O_RDONLY)\nos.fsync(file)\n"
             "view = mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ)\n"
             "sum(view[::4096]); print('mapped', flush=True); time.sleep(600)", str(held)],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(holder.communicate)
        self.addCleanup(holder.kill)
        self.assertEqual(holder.stdout.readline(), "mapped\n")
        self.record("--runs", 1, "--cold", words=app)
        found = self.runs()[-1]["cold"]
        self.assertGreaterEqual(found["left_bytes"], 20_000_000)
        self.assertEqual(found["largest"], str(held))
        self.assertIs(found["too_much"], True)

    def test_what_is_not_ours_is_unknown(self):
        """A plain user is not told what of the interpreter's files is in memory."""
        if os.geteuid() != 0:
            self.skipTest("becomes another user, which needs root")
        nobody = pwd.getpwnam("nobody")
        binary = shutil.copy(THAW, self.scratch / "thaw")
        os.chmod(self.scratch, 0o777)
        result = subprocess.run(
            [binary, "record", "--backend", "importtime", "-q", "-o", "runs", "--runs", "1",
             "--cold", "--", PYTHON, "-c", "import json"], cwd=self.scratch, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TRIAL_SECONDS,
            user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        self.assertEqual(result.returncode, 0, result.stderr)
        found = self.runs()[-1]["cold"]
        self.assertGreater(found["unknown_files"], 100)
        self.assertGreater(found["unknown_bytes"], 1_000_000)
        self.assertLess(found["left_bytes"], found["unknown_bytes"])  # not taken for left


class Ends(Trials):
    def test_a_command_that_fails_at_once_ends_the_trial(self):
        result = self.record("--runs", 3, status=7, words=[
            PYTHON, "-c", "import json, sys; print('last words'); sys.exit(7)"])
        self.assertIn("run 1: the command ended with status 7: last words", result.stderr)
        self.assertEqual(self.recordings(), ["001.thaw"])
        self.assertEqual(self.runs()[0]["end"], "crashed")
        self.assertIs(self.results()["complete"], False)

    def test_a_later_crash_does_not(self):
        result = self.record("--runs", 3, status=INCOMPLETE, words=self.special(
            2, "os.kill(os.getpid(), 11)"))
        self.assertIn("run 2: the command was ended by signal 11", result.stderr)
        self.assertEqual([(run["end"], run["exit_status"]) for run in self.runs()],
                         [("ok", 0), ("crashed", 128 + 11), ("ok", 0)])
        self.assertEqual(self.metric("modules")["runs"], [1, 3])
        self.assertIs(self.results()["complete"], True)

    def test_a_run_that_never_ends_is_ended_by_the_limit(self):
        result = self.record("--runs", 3, "--limit", "3s", status=INCOMPLETE,
                             words=self.special(2, "time.sleep(600)"))
        self.assertIn("run 2: the command was not done after 3 s (--limit)", result.stderr)
        self.assertEqual([run["end"] for run in self.runs()], ["ok", "timed-out", "ok"])

    def test_a_command_that_never_ends_ends_the_trial(self):
        self.record("--runs", 3, "--limit", "1s", status=INCOMPLETE, words=["sleep", "600"])
        self.assertEqual([run["end"] for run in self.runs()], ["timed-out"])

    def test_what_can_not_be_run_leaves_nothing(self):
        for words, status in ((["no-such-command-here"], NOT_FOUND),
                              (["/etc/passwd"], NOT_EXECUTABLE)):
            with self.subTest(words):
                result = self.record("--runs", 2, status=status, words=words)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertFalse(self.folder.exists())

    def interrupted(self, number, signalled, *options):
        """Stops a trial while its second run sleeps; returns what thaw said."""
        words = self.special(2, "time.sleep(600)")
        recorder = subprocess.Popen(self.command("--runs", 50, *options, words=words),
                                    cwd=self.scratch,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(recorder.communicate)
        self.addCleanup(recorder.kill)
        deadline = time.monotonic() + TRIAL_SECONDS
        while not self.log.exists() or len(self.log.read_text()) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        signalled(recorder.pid, number)
        self.assertEqual(recorder.wait(TRIAL_SECONDS), INCOMPLETE)
        return recorder.stderr.read()

    def check_interrupted(self, said):
        self.assertIn("stopped: 1 of 50 runs are done", said)
        self.assertEqual([run["end"] for run in self.runs()], ["ok", "interrupted"])
        self.assertEqual(self.recordings(), ["001.thaw"])
        aside = self.report(self.folder / ".interrupted.thaw")
        self.assertIs(aside["recording"]["finished"], True)
        sleepers = subprocess.run(["pgrep", "-f", str(self.scratch / "app.py")],
                                  capture_output=True, text=True).stdout
        self.assertEqual(sleepers, "")

    def test_ctrl_c_keeps_what_was_made(self):
        self.check_interrupted(self.interrupted(signal.SIGINT, os.killpg))

    def test_sigterm_to_thaw_alone_does_too(self):
        self.check_interrupted(self.interrupted(signal.SIGTERM, os.kill))

    def test_preparation_that_ignores_signals_ends_all_the_same(self):
        said = self.interrupted(signal.SIGTERM, os.kill, "--prepare",
                                f"trap '' TERM; echo x >>{self.log}; echo x >>{self.log}; exec sleep 600")
        self.assertIn("stopped: 0 of 50 runs are done", said)

    def test_results_survive_a_kill(self):
        words = self.special(2, "time.sleep(2)")
        recorder = subprocess.Popen(self.command("--runs", 50, words=words), cwd=self.scratch,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
        self.addCleanup(recorder.communicate)
        deadline = time.monotonic() + TRIAL_SECONDS
        while not self.log.exists() or len(self.log.read_text()) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        recorder.kill()
        recorder.wait(TRIAL_SECONDS)
        self.assertEqual([run["end"] for run in self.runs()], ["ok"])

    def test_prepare_comes_before_each_run(self):
        self.record("--runs", 2, "--warmup", 1, "--prepare", f"echo x >>{self.log}; echo shown")
        self.assertEqual(self.log.read_text(), "x\n" * 3)

    def test_prepare_that_fails_ends_the_trial(self):
        result = self.record("--runs", 3, "--prepare",
                             f"echo x >>{self.log}; test $(wc -l <{self.log}) -lt 2", status=USAGE)
        self.assertIn("what prepares a run ended with status 1", result.stderr)
        self.assertEqual([run["end"] for run in self.runs()], ["ok"])

    def test_nothing_is_overwritten(self):
        self.record("--runs", 1)
        before = (self.folder / "trials.json").read_bytes()
        result = self.record("--runs", 1, status=USAGE)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("is not empty", result.stderr)
        self.assertEqual((self.folder / "trials.json").read_bytes(), before)

    def test_usage(self):
        for options, words in (
                (("--cold",), ["true"]), (("--warmup", 1), ["true"]),
                (("--export-json", "x"), ["true"]),
                (("--runs", 1), ["true", ":::"]), (("--runs", 1), [":::", "true"]),
                (("--runs", 1), ["a", ":::", "b", ":::", "c"]), (("--runs", 0), ["true"]),
                (("--runs", 1, "--keep-running"), ["true"]), (("--runs", 1, "--boot"), ["true"])):
            with self.subTest(options=options, words=words):
                result = self.record(*options, words=words, status=USAGE)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertFalse(self.folder.exists())


class Rights(Trials):
    def test_under_sudo_all_is_the_callers(self):
        """Its recordings, what they come to, and what prepares them."""
        if os.geteuid() != 0:
            self.skipTest("needs root")
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.scratch, 0o777)
        environment = {**os.environ, "SUDO_UID": str(nobody.pw_uid),
                       "SUDO_GID": str(nobody.pw_gid)}
        result = subprocess.run(
            self.command("--runs", 2, "--cold", "--prepare", f"id -un >>{self.log}",
                         "--export-csv", self.scratch / "out.csv",
                         words=[PYTHON, "-c", "import json, os; assert os.getuid()"],
                         backend="auto"),
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            cwd=self.scratch, timeout=TRIAL_SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(set(self.log.read_text().split()), {"nobody"})
        for path in (self.folder, self.scratch / "out.csv", *self.folder.iterdir()):
            self.assertEqual(path.stat().st_uid, nobody.pw_uid, path)


class Exports(Trials):
    def test_are_read_by_others(self):
        files = {form: self.scratch / f"out.{form}" for form in ("json", "csv", "markdown")}
        self.record("--runs", 3, "--warmup", 1,
                    *(word for form, path in files.items() for word in (f"--export-{form}", path)),
                    words=[PYTHON, "-c", "import json", ":::", PYTHON, "-c", "import decimal"])
        self.assertEqual(json.loads(files["json"].read_text()), self.results())
        with open(files["csv"], newline="") as stream:
            rows = list(csv.DictReader(stream))
        self.assertEqual(len(rows), 8)
        for row in rows:
            runs = self.runs(int(row["command"]) - 1)
            run = next(run for run in runs if str(run["number"]) == row["number"]
                       and str(run["warmup"]).lower() == row["warmup"])
            self.assertEqual(int(row["wall_ns"]), run["wall_ns"])
            self.assertEqual(row["file"], run["file"] or "")
            self.assertEqual(row["modules"] == "", run["warmup"])
        times = [int(row["total_time"]) for row in rows
                 if row["command"] == "2" and row["total_time"]]
        self.assertEqual(times, self.metric("total_time", 1)["samples"])
        markdown = files["markdown"].read_text()
        self.assertTrue(markdown.startswith("<!-- thaw:trials -->\n"))
        tables = [line for line in markdown.splitlines() if line.startswith("|:---")]
        self.assertEqual(len(tables), 3)

    def test_results_are_as_their_schema_says(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("needs python3-jsonschema")
        self.record("--runs", 3, "--cold")
        schema = json.loads(run_thaw("schema", "trials").stdout)
        self.assertEqual(schema, json.loads(
            (REPOSITORY / "reports/schema/thaw-trials-1.schema.json").read_text()))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(self.results(), schema)


if __name__ == "__main__":
    unittest.main()
