"""What each module's time, waits, faults and bytes went into, for modules of which that is known
beforehand (split_app.py), with every interpreter of this machine.

Times are only held against what cannot be less: a sleep takes as long as was asked for.
"""

import tempfile
import unittest
from pathlib import Path

import elevate
import split_app
from pythons import loading_for_each_python
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 600
WAITS = ("io_ns", "runqueue_ns", "sleep_ns")
BEFORE_SLEEP_NS = 1_000_000
LOOKED_LIKE_NOTHING = ("read_ns", "unmarshal_ns", "compile_ns", "write_ns", "map_ns",
                       "constructors_ns")


class Split(unittest.TestCase):
    """One recording of the app; subclasses set `find`, which gives the interpreter."""
    find = None

    @classmethod
    def setUpClass(cls):
        elevate.prefix_or_skip()
        cls.python = cls.find()
        cls.scratch = tempfile.TemporaryDirectory(dir="/var/tmp")  # /tmp may have no disk below it
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.app = Path(cls.scratch.name, "app")
        cls.no_extension = split_app.make(cls.python, cls.app)
        cls.recorded = record_with_ebpf(
            Path(cls.scratch.name, "recording.thaw"), "--until", "exit", *cls.python.options,
            command=split_app.without_override([*cls.python.command, cls.app / "main.py"]),
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(split_app.search_path(cls.app)),
                 "PYTHONNOUSERSITE": "1"})
        cls.modules = {module["name"]: module for module in cls.recorded.report["modules"]}

    def setUp(self):
        self.assertEqual(self.recorded.status, 0, self.recorded.stderr[-2000:])

    def module(self, name):
        self.assertIn(name, self.modules)
        return self.modules[name]

    def part(self, name, part):
        """Its ns; 0 when it is absent."""
        return self.module(name)["split"].get(part, 0)

    def assert_bytecode(self, name, status, written=None):
        bytecode = self.module(name).get("bytecode")
        self.assertIsNotNone(bytecode, f"{name} has no bytecode")
        self.assertEqual(bytecode["status"], status, name)
        if written is not None:
            self.assertEqual(bytecode["written"], written, name)

    def assert_from_source(self, name, written):
        self.assertGreater(self.part(name, "read_ns"), 0, name)
        self.assertGreater(self.part(name, "compile_ns"), 0, name)
        self.assertEqual(self.part(name, "unmarshal_ns"), 0, name)
        if written:
            self.assertGreater(self.part(name, "write_ns"), 0, name)
        else:
            self.assertEqual(self.part(name, "write_ns"), 0, name)

    def extension(self):
        if self.no_extension:
            self.skipTest(self.no_extension)
        return self.module("known")

    # --- where the code came from ---

    def test_bytecode_used(self):
        for name in ("fresh", "hashed"):
            self.assert_bytecode(name, "used", False)
            for part in ("find_ns", "read_ns", "unmarshal_ns", "execute_ns"):
                self.assertGreater(self.part(name, part), 0, f"{name} {part}")
            for part in ("compile_ns", "write_ns", "map_ns", "constructors_ns", "init_ns"):
                self.assertEqual(self.part(name, part), 0, f"{name} {part}")

    def test_bytecode_used_after_a_look_at_the_source(self):
        """It has the hash of the source, which is read for that."""
        self.assert_bytecode("hash_checked", "used", False)
        self.assertGreater(self.part("hash_checked", "unmarshal_ns"), 0)
        self.assertEqual(self.part("hash_checked", "compile_ns"), 0)

    def test_bytecode_missing(self):
        self.assert_bytecode("missing", "missing", True)
        self.assert_from_source("missing", True)

    def test_bytecode_stale(self):
        for name in ("stale", "hash_stale"):
            self.assert_bytecode(name, "stale", True)
            self.assert_from_source(name, True)

    def test_bytecode_rejected(self):
        self.assert_bytecode("rejected", "rejected", True)
        self.assert_from_source("rejected", True)

    def test_bytecode_unreadable(self):
        """A folder in its place: what is written can't be put there."""
        self.assert_bytecode("folder_instead", "unreadable")
        self.assertGreater(self.part("folder_instead", "compile_ns"), 0)

    def test_bytecode_denied(self):
        self.assert_bytecode("denied", "unreadable", True)
        self.assertGreater(self.part("denied", "compile_ns"), 0)

    def test_bytecode_that_is_not_to_be_written(self):
        self.assert_bytecode("unwritten", "missing", False)
        self.assert_from_source("unwritten", False)

    def test_bytecode_in_a_read_only_folder(self):
        self.assert_bytecode("in_read_only", "missing", False)
        self.assertGreater(self.part("in_read_only", "compile_ns"), 0)
        self.assertFalse((self.app / "read_only/__pycache__").exists())

    def test_the_files_agree(self):
        cached = list((self.app / "__pycache__").iterdir())
        names = {path.name.partition(".")[0] for path in cached if path.is_file()}
        self.assertIn("missing", names)
        self.assertNotIn("unwritten", names)
        self.assertEqual(self.module("fresh")["kind"], "bytecode")

    # --- where it was looked for ---

    def searched(self, lookups):
        """The folders that were looked into, the last one first."""
        folders = {folder["id"]: folder
                   for folder in self.recorded.report["search_folders"]}
        found, folder = [], folders.get(lookups["searched"])
        while folder:
            found.append(folder["path"])
            folder = folders.get(folder["after"])
        return found

    def test_lookups(self):
        lookups = self.module("found_late").get("lookups")
        self.assertIsNotNone(lookups, "no lookups")
        failed = {str(self.app / "first/found_late" / f"__init__{suffix}")
                  for suffix in (".py", ".pyc")}
        self.assertLessEqual(failed, set(lookups["failed_paths"]))
        self.assertGreaterEqual(lookups["failed"], len(failed))
        self.assertGreater(lookups["count"], lookups["failed"])
        self.assertLessEqual({str(self.app / "first"), str(self.app / "third")},
                             set(self.searched(lookups)))

    def test_lookups_of_what_is_nowhere(self):
        nowhere = self.module("nowhere")
        self.assertEqual(nowhere["status"], "not-found")
        self.assertLessEqual(set(split_app.search_path(self.app)),
                             set(self.searched(nowhere["lookups"])))
        self.assertGreater(self.part("nowhere", "find_ns"), 0)
        for part in (*LOOKED_LIKE_NOTHING, "init_ns", "execute_ns"):
            self.assertEqual(self.part("nowhere", part), 0, part)
        self.assertNotIn("bytecode", nowhere)

    # --- parts that there are and that there are not ---

    def test_builtin(self):
        builtin = self.module(split_app.BUILTIN)
        self.assertEqual(builtin["kind"], "builtin")
        self.assertNotIn("bytecode", builtin)
        for part in (*LOOKED_LIKE_NOTHING, "execute_ns"):
            self.assertEqual(self.part(split_app.BUILTIN, part), 0, part)

    def test_extension(self):
        known = self.extension()
        self.assertNotIn("bytecode", known)
        self.assertGreater(self.part("known", "map_ns"), 0)
        self.assertGreaterEqual(self.part("known", "constructors_ns"), split_app.CONSTRUCTOR_NS)
        self.assertGreaterEqual(self.part("known", "init_ns"), split_app.EXEC_NS)
        for part in ("unmarshal_ns", "compile_ns", "write_ns", "execute_ns"):
            self.assertEqual(self.part("known", part), 0, part)

    def test_extension_waits(self):
        """A sleep's time runs from a moment before its thread leaves the CPU."""
        known = self.extension()
        constructor_ns, exec_ns = (ns - BEFORE_SLEEP_NS for ns in (split_app.CONSTRUCTOR_NS,
                                                                   split_app.EXEC_NS))
        self.assertGreaterEqual(known["waits"]["constructors"]["sleep_ns"], constructor_ns)
        self.assertGreaterEqual(known["waits"]["init"]["sleep_ns"], exec_ns)
        self.assertLessEqual(known["cpu_ns"], known["total_ns"] - constructor_ns - exec_ns)

    def test_splits_are_sums(self):
        for module in self.modules.values():
            self.assertEqual(sum(module["split"].values()), module["self_ns"], module["name"])
            self.assertTrue(all(spent >= 0 for spent in module["split"].values()), module["name"])

    # --- what it waited for ---

    def test_waits_are_sums(self):
        measured = [module for module in self.modules.values() if "wait" in module]
        self.assertGreater(len(measured), len(split_app.MODULES))
        for module in measured:
            waited = sum(module["wait"][name] for name in WAITS)
            self.assertEqual(module["cpu_ns"] + waited, module["total_ns"], module["name"])
            for part, waits in module.get("waits", {}).items():
                part_ns = module["gc_ns"] if part == "gc" else module["split"][f"{part}_ns"]
                self.assertLessEqual(sum(waits.get(name, 0) for name in WAITS), part_ns,
                                     f"{module['name']} {part}")
                self.assertTrue(all(waits.values()), f"a zero: {module['name']} {part} {waits}")

    def assert_slept(self, waits, name):
        """A thread may have to wait for a CPU after its timer was set and before it sleeps."""
        self.assertGreater(waits["sleep_ns"], 0, name)
        self.assertGreaterEqual(waits["sleep_ns"] + waits.get("runqueue_ns", 0),
                                split_app.SLEEP_NS, name)

    def test_sleep(self):
        sleeping = self.module("sleeping")
        self.assert_slept(sleeping["waits"]["execute"], "execute")
        self.assert_slept(sleeping["wait"], "total")
        self.assertLessEqual(sleeping["cpu_ns"], sleeping["total_ns"] - split_app.SLEEP_NS)

    def test_sleep_of_a_child_is_in_the_total_only(self):
        outer = self.module("outer")
        self.assert_slept(outer["wait"], "total")
        of_self = sum(waits.get("sleep_ns", 0) for waits in outer.get("waits", {}).values())
        self.assertLessEqual(of_self, outer["self_ns"])
        self.assertLessEqual(of_self + self.module("sleeping")["wait"]["sleep_ns"],
                             outer["wait"]["sleep_ns"])

    def test_sleep_of_a_module_that_fails(self):
        failing = self.module("failing")
        self.assertEqual(failing["status"], "failed")
        self.assert_slept(failing["waits"]["execute"], "failing")
        self.assertGreaterEqual(failing["split"]["execute_ns"], split_app.SLEEP_NS)

    def test_sleep_on_another_thread(self):
        """Both sleep: the one as it wants to, the other until that is done."""
        joining, in_thread = self.module("joining"), self.module("in_thread")
        self.assertNotEqual(joining["tid"], in_thread["tid"])
        for module in (joining, in_thread):
            self.assert_slept(module["waits"]["execute"], module["name"])
            self.assertLessEqual(module["cpu_ns"], module["total_ns"] - split_app.SLEEP_NS)

    def test_cpu(self):
        burning = self.module("burning")
        self.assertGreaterEqual(burning["cpu_ns"], split_app.BURN_NS)
        self.assertGreaterEqual(burning["split"]["execute_ns"], split_app.BURN_NS)

    def test_cold_file(self):
        left = int(self.recorded.stdout.partition("left ")[2].split()[0])
        if left:
            self.skipTest(f"no file system here whose pages can be evicted: {left} left")
        reading = self.module("reading")
        self.assertGreater(reading["waits"]["execute"]["io_ns"], 0)
        self.assertGreater(reading["wait"]["io_ns"], 0)
        self.assertGreaterEqual(reading["disk_bytes"], split_app.COLD_BYTES)

    def test_bytes(self):
        self.assertGreaterEqual(self.module("reading")["read_bytes"], split_app.COLD_BYTES)
        self.assertGreaterEqual(self.module("reading")["opened_bytes"], split_app.COLD_BYTES)
        cached = next((self.app / "__pycache__").glob("fresh.*.pyc"))
        self.assertGreaterEqual(self.module("fresh")["read_bytes"], cached.stat().st_size)
        self.assertGreaterEqual(self.module("fresh")["opened_bytes"], cached.stat().st_size)

    def test_page_faults(self):
        touching = self.module("touching")
        self.assertGreaterEqual(touching["faults"]["minor"], split_app.FRESH_PAGES)
        self.assertGreaterEqual(touching["waits"]["execute"]["minor_faults"],
                                split_app.FRESH_PAGES)
        self.assertGreaterEqual(touching["faults"]["major"], 0)

    def test_memory(self):
        self.assertAlmostEqual(self.module("keeping")["memory_bytes"], split_app.KEPT_BYTES,
                               delta=split_app.KEPT_BYTES // 10)


load_tests = loading_for_each_python(Split)


if __name__ == "__main__":
    unittest.main()
