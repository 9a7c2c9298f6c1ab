"""Native code of imports: samples of real interpreters, against what is known of the code they run."""

import json
import math
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import elevate
import report_rules
from program import THAW, run_thaw
from pythons import Python
from recorded import record, record_with_ebpf
from site_packages import site_packages

TIMEOUT_SECONDS = 600
WAIT_SECONDS = 30
PYTHON = "/usr/bin/python3.11"
LZMA = Path("/lib/x86_64-linux-gnu/liblzma.so.5")  # the interpreter itself has none of it
MANY = 100  # samples: enough that shares mean something

# A module whose import spends its time in one library, and says how much CPU it took.
BURN = """
import sys, time, zlib
begin = time.thread_time()
data = bytes(range(256)) * 4096
while time.thread_time() - begin < 0.4:
    zlib.compress(data, 9)
print("cpu", time.thread_time() - begin, file=sys.stderr)
"""

# A module that works in a library of its own, and puts another file of that name in its place.
REPLACE = """
import ctypes, os, shutil, time
library = ctypes.CDLL(LIBRARY)
data, begin = bytes(1 << 20), time.thread_time()
while time.thread_time() - begin < 0.3:
    library.lzma_crc32(data, ctypes.c_size_t(len(data)), 0)
if NEWER:
    os.replace(NEWER, LIBRARY)
"""


def text_of(path):
    return run_thaw("report", "-f", "text", path).stdout


def view_of(path):
    return run_thaw("report", path, "--view", "native").stdout


class Native(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.scratch.chmod(0o755)
        self.path = self.scratch / "recording.thaw"
        (self.scratch / "burn.py").write_text(BURN)
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.scratch),
                            "PYTHONDONTWRITEBYTECODE": "1"}

    def assert_sampled(self, report):
        """Returns the report's native part, which must hold something and agree with itself."""
        self.assertEqual(report_rules.problems(report), [])
        rows = {probe["name"]: probe for probe in report["probes"]}
        if rows["native.sample"]["status"] == "missing":
            self.skipTest(rows["native.sample"]["reason"])
        self.assertEqual(rows["native.sample"]["status"], "attached", rows["native.sample"])
        self.assertGreater(report["native"]["samples"], 0)
        return report["native"]

    def record(self, *options, statement, environment=None, python=PYTHON):
        return record_with_ebpf(self.path, "--until", "exit", *options,
                                command=[python, "-c", statement],
                                env=environment or self.environment)

    def assert_burnt(self, report, cpu):
        """The module's CPU time, as it measured it, stands in the library that took it."""
        native = self.assert_sampled(report)
        module = next(module for module in report["modules"] if module["name"] == "burn")
        zlib = native["libraries"][0]
        self.assertIn("libz.so", zlib["path"])
        self.assertEqual(zlib["modules"][0]["module"], module["id"])
        samples = sum(share["samples"] for library in native["libraries"]
                      for share in library["modules"] if share["module"] == module["id"])
        expected = cpu * 1e9 / native["period_ns"]
        # Six standard errors, and what a module's import takes beside what it measures.
        self.assertLess(abs(samples - expected), 6 * math.sqrt(expected) + 0.1 * expected)
        self.assertGreater(zlib["samples"], 0.8 * expected)
        functions = {function["library"] for function in native["functions"][:3]}
        self.assertIn(zlib["path"], functions)
        self.assertTrue(native["functions"][0]["whole"])

    def test_time_stands_in_the_library_and_module_that_took_it(self):
        recorded = self.record(statement="import burn")
        cpu = float(recorded.stderr.split("cpu ")[1].split()[0])
        self.assert_burnt(recorded.report, cpu)
        view = view_of(self.path)
        self.assertIn("libz.so", view)
        self.assertIn("burn", view)

    def test_a_process_that_ran_before(self):
        child = subprocess.Popen([PYTHON, "-c", "input(); import burn"], stdin=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(child.kill)
        recorder = subprocess.Popen([*elevate.prefix_or_skip(), THAW, "attach", "-q", "-o",
                                     str(self.path), "--limit", "60s", "--pid", str(child.pid)],
                                    stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(recorder.kill)
        deadline = time.monotonic() + WAIT_SECONDS
        while "process.present" not in text_of(self.path):
            if recorder.poll() is not None or time.monotonic() > deadline:
                self.skipTest("attaching takes eBPF, which is refused here")
            time.sleep(0.02)  # looks again: there is no event to wait for
        errors = child.communicate("go\n", timeout=WAIT_SECONDS)[1]
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        recorder.stderr.close()
        report = json.loads(run_thaw("report", "--json", self.path).stdout)
        self.assert_burnt(report, float(errors.split("cpu ")[1].split()[0]))

    def test_packages_with_native_code(self):
        site = site_packages(11)
        if "numpy" not in site.modules or "pandas" not in site.modules:
            self.skipTest(f"not to be installed here: {site.left_out}")
        environment = site.environment(Python(11, "", "", (PYTHON,)))
        # Bytecode is there after the first time, so that the second is about native code.
        self.record(statement="import numpy, pandas", environment=environment)
        report = self.record(statement="import numpy, pandas", environment=environment).report
        native = self.assert_sampled(report)
        self.assertGreater(native["samples"], MANY)
        self.assertLess(native["unattributed_samples"], 0.02 * native["samples"])
        self.assertLess(native["outside_samples"], 0.05 * native["samples"])
        owners = {library["distribution"] for library in native["libraries"]}
        self.assertTrue(owners & {"numpy", "pandas"}, owners)
        places = {Path(library["path"]).name for library in native["libraries"]}
        self.assertLessEqual({"python3.11", "libc.so.6"}, places)
        whole = sum(function["samples"] for function in native["functions"] if function["whole"])
        self.assertGreater(whole, 0.9 * native["samples"])
        self.assertIn("_PyEval_EvalFrameDefault",
                      {function["name"] for function in native["functions"]})

    def of_own_library(self, newer):
        """The report, and of it a library's row and functions, in whose place newer was put."""
        library = self.scratch / "libown.so"
        shutil.copy(LZMA, library)
        constants = f"LIBRARY, NEWER = {str(library)!r}, {str(newer)!r}\n"
        (self.scratch / "work.py").write_text(constants.replace("'None'", "None") + REPLACE)
        self.scratch.chmod(0o777)  # it is another user who replaces the file
        report = self.record("--stacks", statement="import work").report
        native = self.assert_sampled(report)
        row = next(row for row in native["libraries"] if row["path"] == str(library))
        self.assertGreater(row["samples"], MANY)
        functions = [function for function in native["functions"]
                     if function["library"] == str(library)]
        losses = {loss["cause"]: loss for loss in report["losses"]}
        return native["stacks"], functions, losses

    @unittest.skipUnless(LZMA.exists(), f"no {LZMA}")
    def test_a_library_that_was_replaced_names_nothing(self):
        newer = self.scratch / "newer.so"
        shutil.copy(LZMA, newer)
        stacks, functions, losses = self.of_own_library(newer)
        self.assertEqual({function["name"] for function in functions}, {None})
        self.assertIn("libown.so was replaced after it was mapped", losses["file-replaced"]["what"])
        self.assertEqual(losses["file-replaced"]["count"], 1)
        self.assertGreater(losses["stacks-replaced"]["count"], MANY)
        self.assertLessEqual(losses["stacks-replaced"]["count"], stacks["broken"])

    @unittest.skipUnless(LZMA.exists(), f"no {LZMA}")
    def test_a_library_that_stayed_is_named(self):
        stacks, functions, losses = self.of_own_library(None)
        self.assertTrue(any(function["whole"] for function in functions), functions)
        self.assertFalse({"file-replaced", "stacks-replaced"} & set(losses), losses)
        self.assertGreater(stacks["complete"], MANY)

    def test_children_have_their_parents_code(self):
        statement = ("import zlib, os\n"
                     "if os.fork() == 0: import burn\n"
                     "else: os.wait()\n")
        native = self.assert_sampled(self.record(statement=statement).report)
        self.assertIn("libz.so", native["libraries"][0]["path"])

    def test_stacks_lead_from_the_library_to_the_interpreter(self):
        folder = self.scratch / "tmp"
        folder.mkdir(mode=0o777)
        secret = "k7c2v9q4" * 4  # in the environment, so at the top of every copied stack
        recorded = self.record("--stacks", statement="import burn",
                               environment={**self.environment, "TMPDIR": str(folder),
                                            "SECRET": secret})
        report = recorded.report
        native = self.assert_sampled(report)
        stacks = native["stacks"]
        count = stacks["complete"] + stacks["truncated"] + stacks["probed"] + stacks["broken"]
        self.assertLessEqual(count, native["samples"])
        self.assertGreater(count, 0.95 * native["samples"])
        self.assertGreater(stacks["complete"], 0.9 * count)
        path = stacks["paths"][0]
        module = next(module for module in report["modules"] if module["name"] == "burn")
        self.assertEqual(path["modules"][0]["module"], module["id"])
        libraries = [Path(frame["library"]).name for frame in path["frames"]]
        self.assertTrue(libraries[0].startswith("libz.so"), libraries)
        self.assertEqual(libraries[-1], "python3.11")
        self.assertIn("libz", view_of(self.path))
        self.assertNotIn(secret.encode(), self.path.read_bytes())
        self.assertEqual(list(folder.iterdir()), [])

    def test_what_the_program_does_itself_is_not_sampled(self):
        statement = ("import time\n"
                     "while time.thread_time() < .5: pass\n"
                     "import burn\n"
                     "while time.thread_time() < 1.5: pass\n")
        native = self.assert_sampled(self.record(statement=statement).report)
        self.assertGreater(native["samples"], MANY)
        self.assertLess(native["outside_samples"], 0.05 * native["samples"])

    def test_left_out(self):
        report = self.record("--observe", "imports", statement="import json").report
        self.assertIsNone(report["native"])
        row = next(probe for probe in report["probes"] if probe["name"] == "native.sample")
        self.assertEqual((row["status"], row["reason"]),
                         ("missing", "left out, as --observe imports asks"))
        self.assertIn("left out", view_of(self.path))

    def test_without_rights(self):
        recorded = record(self.path, "--until", "exit", "--backend", "importtime",
                          command=[PYTHON, "-c", "import json"], elevated=False)
        report = recorded.report
        self.assertIsNone(report["native"])
        row = next(probe for probe in report["probes"] if probe["name"] == "native.sample")
        self.assertEqual(row["status"], "missing")
        self.assertIn(row["reason"], view_of(self.path).replace("\n", " "))


if __name__ == "__main__":
    unittest.main()
