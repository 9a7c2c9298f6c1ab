"""The oracle of the split itself (split_truth.py, dlopen_audit.c), without thaw: what it says of
modules of which that is known beforehand, with every interpreter of this machine."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import dlopen_truth
import split_app
import split_truth_run
from pythons import loading_for_each_python
from split_comparison import read_truth, truth_split

TIMEOUT_SECONDS = 300
FROM_BYTECODE = ("fresh", "hashed", "hash_checked")
FROM_SOURCE = ("stale", "rejected", "hash_stale", "missing", "unwritten", "folder_instead",
               "denied", "in_read_only", "found_late")
NOT_WRITTEN = ("unwritten",)


class SplitTruth(unittest.TestCase):
    find = None

    @classmethod
    def setUpClass(cls):
        cls.python = cls.find()
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        folder = Path(scratch.name)
        cls.no_extension = split_app.make(cls.python, folder / "app")
        cls.files = split_truth_run.Files(folder / "truth")
        cls.statistics = folder / "statistics"
        environment = cls.files.environment(split_app.search_path(folder / "app"), usage=True)
        result = subprocess.run(
            [*split_app.without_override(cls.files.command(
                cls.python.command, "LD_DEBUG=statistics", f"LD_DEBUG_OUTPUT={cls.statistics}")),
             str(folder / "app/main.py")], env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        if result.returncode:
            raise AssertionError(result.stderr[-2000:])
        cls.truth = read_truth(cls.files.truth, cls.files.dlopens)
        cls.loads = {load["name"]: load for load in cls.truth["loads"]}
        cls.splits = {name: truth_split(load) for name, load in cls.loads.items()}

    def test_sums(self):
        """The parts of a load and of those below it fill its time exactly."""
        below = {}
        for load in self.truth["loads"]:
            below.setdefault(load["parent"], []).append(load)
        for load in self.truth["loads"]:
            inner = sum(child["end_ns"] - child["start_ns"] for child in below.get(load["name"], ())
                        if load["start_ns"] < child["start_ns"] < load["end_ns"])
            self.assertEqual(sum(load["parts"].values()) + inner, load["end_ns"] - load["start_ns"],
                             load["name"])

    def test_from_bytecode(self):
        for name in FROM_BYTECODE:
            for part in ("find_ns", "read_ns", "unmarshal_ns", "execute_ns"):
                self.assertGreater(self.splits[name][part], 0, f"{name} {part}")
            self.assertEqual(self.splits[name]["compile_ns"], 0, name)

    def test_from_source(self):
        for name in FROM_SOURCE:
            for part in ("find_ns", "read_ns", "compile_ns", "execute_ns"):
                self.assertGreater(self.splits[name][part], 0, f"{name} {part}")
            self.assertEqual(self.splits[name]["unmarshal_ns"], 0, name)
            self.assertEqual(self.splits[name]["write_ns"] == 0, name in NOT_WRITTEN, name)

    def test_builtin(self):
        self.assertEqual([part for part, spent in self.splits[split_app.BUILTIN].items() if spent],
                         ["find_ns", "unattributed_ns"])

    def test_not_found(self):
        self.assertEqual([part for part, spent in self.splits["nowhere"].items() if spent],
                         ["find_ns"])

    def test_extension(self):
        if self.no_extension:
            self.skipTest(self.no_extension)
        known, = self.loads["known"]["dlopens"]
        self.assertEqual(Path(known.name).name, "known.so")
        self.assertLess(known.begin_ns, known.mapped_ns)
        self.assertLess(known.mapped_ns, known.relocated_ns)
        split = self.splits["known"]
        self.assertGreaterEqual(split["constructors_ns"], split_app.CONSTRUCTOR_NS)
        self.assertGreaterEqual(split["init_ns"], split_app.EXEC_NS)
        self.assertGreater(split["map_ns"], 0)

    def test_relocations_as_the_linker_counts_them(self):
        if self.no_extension:
            self.skipTest(self.no_extension)
        text = "".join(path.read_text() for path in
                       self.statistics.parent.glob(f"{self.statistics.name}.*"))
        totals = dlopen_truth.linker_statistics(text)
        self.assertGreaterEqual(totals["final number of relocations"]
                                - totals["number of relocations"], split_app.RELOCATIONS)

    def test_usage(self):
        usage = {name: load["usage"] for name, load in self.loads.items()}
        self.assertGreaterEqual(usage["burning"]["cpu_ns"], split_app.BURN_NS * 99 // 100)
        self.assertGreaterEqual(usage["touching"]["minor"], split_app.FRESH_PAGES)
        sleeping = self.loads["sleeping"]
        self.assertLess(usage["sleeping"]["cpu_ns"], sleeping["end_ns"] - sleeping["start_ns"])
        self.assertGreaterEqual(self.splits["sleeping"]["execute_ns"], split_app.SLEEP_NS)

    def test_failed_and_threaded(self):
        for name in ("failing", "in_thread", "joining"):
            self.assertGreaterEqual(self.splits[name]["execute_ns"], split_app.SLEEP_NS, name)
        self.assertNotEqual(self.loads["in_thread"]["tid"], self.loads["joining"]["tid"])

    def test_overhead_is_told(self):
        for name in ("timed", "read", "create", "load", "gc"):
            self.assertGreater(self.truth["overhead"][name]["whole_ns"], 0, name)
        self.assertEqual(self.truth["calls"]["load"], len(self.truth["loads"]))


load_tests = loading_for_each_python(SplitTruth)


if __name__ == "__main__":
    unittest.main()
