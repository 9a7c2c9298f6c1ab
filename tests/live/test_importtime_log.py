"""`thaw report --from importtime` of real logs, against two other readers of them: our own of the
tests (tests/harness/importtime.py) and tuna's. And of what is no log."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import importtime
import locked_environments
import pythons
from program import run_thaw

TIMEOUT_SECONDS = 120
NS_PER_US = 1000
PROGRAM = """
import sys
print("of its own", file=sys.stderr)
import asyncio, json, xml.dom.minidom, sqlite3
print("half a line", end=" ", file=sys.stderr, flush=True)
import decimal
try:
    import not_there.at_all
except ImportError:
    pass
"""
THREADS = """
import threading
names = ["asyncio", "xml.dom.minidom", "sqlite3", "email.message", "http.server", "unittest.mock"]
barrier = threading.Barrier(len(names))
def load(name):
    barrier.wait()
    __import__(name)
threads = [threading.Thread(target=load, args=(name,)) for name in names]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
CHILD = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import json"], check=True)
"""
TUNA = """
import json, sys
from tuna._import_profile import read_import_profile
print(json.dumps(read_import_profile(sys.argv[1])))
"""


def log_of(command, program, folder, options=("-X", "importtime"), **environment):
    """What a Python wrote to standard error, as a file."""
    path = Path(folder) / "importtime.log"
    with open(path, "wb") as log:
        subprocess.run([*command, *options, "-c", program], stdin=subprocess.DEVNULL, stderr=log,
                       stdout=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=True,
                       env={**os.environ, **environment})
    return path


def report_of(log, *options, **run_options):
    run = run_thaw("report", "--from", "importtime", log, "--json", *options, **run_options)
    if run.returncode:
        raise AssertionError(f"exit status {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)


def figures(report):
    """(name, total, self) of each module in the order of its start, in microseconds."""
    return [(module["name"], module["total_ns"] // NS_PER_US, module["self_ns"] // NS_PER_US)
            for module in report["modules"]]


def adds_up(one):
    """Whether the log has all lines of an import, with times that are each other's sum."""
    rest = one.total_us - sum(child.total_us for child in one.children)
    return (not one.orphan and rest >= -len(one.children)
            and abs(max(rest, 0) - max(one.self_us, 0)) <= len(one.children) + 1)


def by_tuna(log):
    """Entries and times of their own as tuna has them: siblings from the last to the first."""
    python = locked_environments.trace_readers() / "bin/python"
    run = subprocess.run([python, "-I", "-c", TUNA, log], capture_output=True, check=True, text=True,
                         timeout=TIMEOUT_SECONDS)

    def walk(node, parent):
        for child in reversed(node.get("children", ())):
            yield child["text"][0], parent, round(child["value"] * 1e6)
            yield from walk(child, child["text"][0])

    return list(walk(json.loads(run.stdout), None))


class Log(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def read_as(self, reader, log):
        report = report_of(log)
        self.assertEqual(report["losses"], [])
        self.assertTrue(report["complete"])
        self.assertEqual(report["tracks"], [])
        self.assertFalse(any(module["timed"] for module in report["modules"]))
        reader(report, log)

    def check_own_reading(self, report, log):
        listed = list(importtime.walk(importtime.parse(log.read_text(encoding="utf-8"))))
        self.assertGreater(len(listed), 50)
        comparison = importtime.compare_report(report, log.read_text(encoding="utf-8"))
        self.assertTrue(comparison, comparison)
        by_log = {(one.name, one.total_us): one for one in listed}
        for name, total, own in figures(report):
            there = by_log[name, total]
            self.assertAlmostEqual(own, there.self_us, delta=len(there.children) + 2, msg=name)

    def check_tunas_reading(self, report, log):
        names = {module["id"]: module["name"] for module in report["modules"]}
        ours = [(module["name"], names.get(module["parent"]), module["self_ns"] // NS_PER_US)
                for module in report["modules"]]
        theirs = by_tuna(log)
        self.assertEqual([entry[:2] for entry in ours], [entry[:2] for entry in theirs])
        children = {}
        for _, parent, _ in theirs:
            children[parent] = children.get(parent, 0) + 1
        for (name, _, own), (_, _, their_own) in zip(ours, theirs):
            self.assertAlmostEqual(own, their_own, delta=children.get(name, 0) + 2, msg=name)

    def test_each_python(self):
        """The option and the variable write the same form on every version."""
        for python in pythons.machine_pythons():
            if python.root != Path("/"):
                continue
            with self.subTest(str(python)):
                log = log_of(python.command, PROGRAM, self.folder)
                self.read_as(self.check_own_reading, log)
            with self.subTest(f"{python}, by its environment"):
                log = log_of(python.command, "import json", self.folder, (),
                             PYTHONPROFILEIMPORTTIME="1")
                self.assertIn("json.decoder", [name for name, _, _ in figures(report_of(log))])

    def test_as_tuna_reads_it(self):
        """It passes over lines that don't begin as the report's do: a program that writes none."""
        log = log_of(["/usr/bin/python3.11"], "import asyncio, xml.dom.minidom", self.folder)
        self.read_as(self.check_tunas_reading, log)

    def test_what_stands_between_is_counted(self):
        log = log_of(["/usr/bin/python3.11"], PROGRAM, self.folder)
        passed = [item["what"] for item in report_of(log)["not_visible"] if "other line" in item["what"]]
        self.assertEqual(passed, ["1 other line of the log"])

    def test_standard_input(self):
        log = log_of(["/usr/bin/python3.11"], PROGRAM, self.folder)
        with open(log, "rb") as stream:
            piped = report_of("-", stdin=stream)
        self.assertEqual(figures(piped), figures(report_of(log)))

    def test_threads(self):
        """Whatever they make of it: what is complete adds up by the log's own lines."""
        log = log_of(["/usr/bin/python3.11"], THREADS, self.folder)
        report = report_of(log)
        listed = list(importtime.walk(importtime.parse(log.read_text(encoding="utf-8"))))
        self.assertEqual(len(report["modules"]), len(listed))
        self.assertEqual(report["complete"], all(map(adds_up, listed)), report["losses"])

    def test_a_child_on_the_same_standard_error(self):
        log = log_of(["/usr/bin/python3.11"], CHILD, self.folder, (), PYTHONPROFILEIMPORTTIME="1")
        report = report_of(log)
        self.assertEqual(len(report["processes"]), 2)
        names = [{module["name"] for module in report["modules"] if module["process"] == number}
                 for number in (1, 2)]
        self.assertIn("subprocess", names[0])
        self.assertIn("json", names[1])
        self.assertTrue({"site"} <= names[0] & names[1])
        self.assertTrue(any("several wrote at once" in item["what"]
                            for item in report["not_visible"]))

    def test_every_form(self):
        """Nothing is special about such a report: each form and view is written, but those that need
        to know when that was."""
        log = log_of(["/usr/bin/python3.11"], PROGRAM, self.folder)
        for option in ("-f", "--view"):
            rows = run_thaw("report", option, "list").stdout.splitlines()
            for name in (row.split()[0] for row in rows):
                with self.subTest(f"{option} {name}"):
                    run = run_thaw("report", "--from", "importtime", log, option, name)
                    if run.returncode and "when the recording was made" in run.stderr:
                        continue
                    self.assertEqual((run.returncode, run.stderr), (0, ""))
                    self.assertTrue(run.stdout)

    def test_a_log_that_is_taken_for_a_recording(self):
        log = log_of(["/usr/bin/python3.11"], "pass", self.folder)
        run = run_thaw("report", log)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("read it with --from importtime", run.stderr)

    def test_what_is_no_log(self):
        """One line and exit code 2."""
        empty, binary, large = (self.folder / name for name in ("empty", "binary", "large"))
        empty.touch()
        binary.write_bytes(bytes(range(256)) * 64)
        large.touch()
        os.truncate(large, 1 << 30)
        log = log_of(["/usr/bin/python3.11"], "pass", self.folder)
        for arguments, words in (
                ([empty], "is empty"), ([binary], "has no line of an import report"),
                ([large], "larger than the 64 MiB"), ([self.folder], "is a folder"),
                ([self.folder / "none"], "No such file"), (["-"], "standard input is empty"),
                ([log, "--what-if", "lazy=json"], "needs a recording"),
                ([log, "--guest", log], "needs a recording"),
                ([log, "--proof", log], "needs a recording")):
            with self.subTest(arguments):
                run = run_thaw("report", "--from", "importtime", *arguments)
                self.assertEqual((run.returncode, run.stdout), (2, ""))
                self.assertEqual(run.stderr.count("\n"), 1)
                self.assertIn(words, run.stderr)


if __name__ == "__main__":
    unittest.main()
