"""What is read of a target against du, the file system, importlib.metadata, zipfile and Python's own
judgement of bytecode. The target is an environment of real wheels and copies of it."""

import csv
import json
import os
import py_compile
import resource
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock
import zipfile
from importlib import _bootstrap_external, metadata, util
from pathlib import Path

from live_program import built
from program import REPOSITORY, run_thaw
from site_packages import site_packages

MEMORY_BYTES = 1 << 30
MINOR = 11
LARGE_BYTES = 100_000
PATHS_MAX = 3  # of a list's files that are not as it says, the first


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = built(cls.folder, "shipped_dump.c")
        found = site_packages(MINOR)
        if not {"numpy", "pandas"} <= set(found.modules):
            raise unittest.SkipTest(f"no packages: {found.left_out}")
        cls.target = cls.folder / "venv"
        cls.site = cls.target / f"lib/python3.{MINOR}/site-packages"
        shutil.copytree(found.folder, cls.site, symlinks=True, copy_function=os.link)
        (cls.target / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
        cls.told = cls.report(cls.target)

    @classmethod
    def report(cls, target):
        result = run_thaw("deps", "--json", target, preexec_fn=limit_memory)
        if result.returncode:
            raise AssertionError(f"thaw deps {target}: {result.stderr}")
        return json.loads(result.stdout)

    @classmethod
    def files(cls, target):
        """path -> (owner, kind, bytes, disk bytes, again); names as the bytes they are."""
        run = subprocess.run([cls.program, target], check=True, timeout=60, capture_output=True)
        return {os.fsdecode(path.encode("latin-1")): rest for path, *rest in json.loads(run.stdout)}

    def test_totals_are_those_of_du(self):
        for target in (self.target, self.site, REPOSITORY / "tests"):
            with self.subTest(str(target)):
                du = subprocess.run(["du", "-s", "-B1", target], check=True, capture_output=True,
                                    text=True, timeout=60)
                told = self.told if target == self.target else self.report(target)
                self.assertEqual(told["totals"]["disk_bytes"], int(du.stdout.split()[0]))
                self.assertEqual(told["faults"], [])

    def test_files_are_those_of_the_file_system(self):
        expected, inodes = {}, set()
        for path in sorted(self.target.rglob("*")):
            status = path.lstat()
            if path.is_file() and not path.is_symlink():
                expected[str(path.relative_to(self.target))] = status
                inodes.add((status.st_ino, status.st_size))
        found = self.files(self.target)
        self.assertEqual(set(found), set(expected))
        for path, (_, _, size, disk, again) in found.items():
            if not again:
                self.assertEqual((size, disk),
                                 (expected[path].st_size, expected[path].st_blocks * 512), path)
        self.assertEqual((self.told["totals"]["files"], self.told["totals"]["bytes"]),
                         (len(expected), sum(size for _, size in inodes)))

    def test_distributions_are_those_of_importlib_metadata(self):
        expected = sorted((each.metadata["Name"], each.version)
                          for each in metadata.distributions(path=[str(self.site)]))
        self.assertGreater(len(expected), 2)
        self.assertEqual(sorted((each["name"], each["version"])
                                for each in self.told["distributions"]), expected)

    def test_each_file_has_the_owner_its_record_names(self):
        owners = {}
        for each in metadata.distributions(path=[str(self.site)]):
            name, listed, absent, changed = each.metadata["Name"], 0, [], []
            with open(each._path / "RECORD", newline="", encoding="utf-8") as record:
                for row in csv.reader(record):
                    path = Path(os.path.normpath(self.site / row[0]))
                    listed += 1
                    if row[0].startswith("../../") and not path.exists():
                        # pip --target moves bin and its like: into the target, or nowhere
                        path = Path(os.path.normpath(self.site / row[0].removeprefix("../../")))
                        if row[0].startswith("../../bin/") and not path.exists():
                            continue
                    if not path.is_relative_to(self.target):
                        continue
                    if not path.exists():
                        absent.append(str(path.relative_to(self.target)))
                    elif row[2] and path.stat().st_size != int(row[2]):
                        changed.append(str(path.relative_to(self.target)))
                    owners[str(path)] = name
                    if path.suffix == ".py":
                        owners.update((str(cached), name) for cached in
                                      (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
            [told] = [one for one in self.told["distributions"] if one["name"] == name]
            record = told["record"]
            self.assertEqual((record["listed"], record["absent"], record["changed"]),
                             (listed, len(absent), len(changed)), name)
            self.assertEqual((record["absent_paths"], record["changed_paths"]),
                             (absent[:PATHS_MAX], changed[:PATHS_MAX]), name)
        found = {str(self.target / path): rest[0] for path, rest in self.files(self.target).items()}
        for path, owner in found.items():
            info = Path(path).parent.name.endswith(".dist-info")
            if not info or path in owners:
                self.assertEqual(owner, owners.get(path), path)

    def test_a_zip_is_what_zipfile_says(self):
        archive = self.folder / "layer.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
            for path in self.site.rglob("*"):  # large files would only take time
                if path.stat().st_size < LARGE_BYTES or path.name == "RECORD":
                    opened.write(path, path.relative_to(self.site))
        told = self.report(archive)
        with zipfile.ZipFile(archive) as opened:
            expected = {each.filename: (each.file_size, each.compress_size)
                        for each in opened.infolist() if not each.is_dir()}
        found = self.files(archive)
        self.assertEqual({path: tuple(rest[2:4]) for path, rest in found.items()}, expected)
        self.assertEqual(told["target"]["kind"], "zip")
        self.assertEqual(told["totals"]["disk_bytes"], archive.stat().st_blocks * 512)
        self.assertEqual([(one["name"], one["version"], one["record"]["listed"])
                          for one in told["distributions"]],
                         [(one["name"], one["version"], one["record"]["listed"])
                          for one in self.told["distributions"]])

    def test_members_that_are_not_to_be_trusted(self):
        archive = self.folder / "hostile.zip"
        with zipfile.ZipFile(archive, "w") as opened, unittest.mock.patch("warnings.warn"):
            for name in ("../up", "a/../../up", "twice", "twice", "\u00fc.py", "line\nend",
                         "back\\slash", "d/", "d/x"):
                opened.writestr(name, name)
            opened.writestr(zipfile.ZipInfo("/abs"), "x")
        self.assertEqual(sorted(self.files(archive)), ["d/x", "line\nend", "twice", "\u00fc.py"])
        self.assertEqual(sorted(fault["path"] for fault in self.report(archive)["faults"]),
                         sorted(["../up", "a/../../up", "twice", "back\\slash", "/abs"]))

    def states_by_python(self, sources):
        """What importlib's own functions make of each __pycache__ file."""
        for source in sources:
            cached = Path(util.cache_from_source(str(source)))
            if not cached.exists():
                yield "foreign" if list(cached.parent.glob(f"{source.stem}.cpython-*")) else "missing"
                continue
            data, status = cached.read_bytes(), source.stat()
            try:
                flags = _bootstrap_external._classify_pyc(data, source.stem, {"path": ""})
                if not flags & 1:
                    _bootstrap_external._validate_timestamp_pyc(
                        data, int(status.st_mtime), status.st_size, source.stem, {})
                yield "fresh"
            except EOFError:
                yield "damaged"
            except ImportError as error:
                stale = "stale" in str(error)
                yield "stale" if stale else "foreign" if data[2:4] == b"\r\n" else "damaged"

    def test_bytecode_is_judged_as_python_does(self):
        site = self.folder / f"health/lib/python3.{MINOR}/site-packages"
        site.mkdir(parents=True)
        (site / "one-1.dist-info").mkdir()
        (site / "one-1.dist-info/RECORD").write_text("")
        modes = list(py_compile.PycInvalidationMode)
        for number in range(60):
            source = site / f"module{number}.py"
            source.write_text("x = 1\n" * (number + 1))
            cached = Path(py_compile.compile(source, invalidation_mode=modes[number % 3]))
            if number % 10 == 4:
                cached.write_bytes(cached.read_bytes()[:number % 16])
            elif number % 10 == 5:
                cached.write_bytes(b"\x00\x00" + cached.read_bytes()[2:])
            elif number % 10 == 6:
                cached.rename(cached.with_name(cached.name.replace(str(MINOR), "8")))
            elif number % 10 == 7:
                cached.unlink()
            elif number % 2:
                os.utime(source, (1000, 1000))
        sources = sorted(site.glob("*.py"))
        expected = list(self.states_by_python(sources))
        found = self.report(self.folder / "health")["bytecode_health"]
        counts = {state: row["files"] for state, row in found["states"].items()}
        self.assertEqual(counts, {state: expected.count(state) for state in
                                  ("fresh", "stale", "missing", "foreign", "damaged")})
        self.assertTrue(all(counts.values()), counts)
        self.assertGreater(found["by_hash"], 0)
        self.assertGreater(found["by_time"], 0)
        bad = {str(source.relative_to(self.folder / "health")): source.stat().st_size
               for source, state in zip(sources, expected) if state != "fresh"}
        self.assertEqual(found["examples"], sorted(bad, key=bad.get, reverse=True)[:20])

    def test_bytecode_of_real_wheels(self):
        files = self.files(self.target)
        sources = [path for path in self.site.rglob("*.py")
                   if files[str(path.relative_to(self.target))][1] == "python"]
        expected = list(self.states_by_python(sources))
        self.assertEqual({state: row["files"] for state, row in
                          self.told["bytecode_health"]["states"].items() if row["files"]},
                         {state: expected.count(state) for state in set(expected)})

    def test_the_interpreter_is_that_of_the_environment(self):
        python = self.told["target"]["python"]
        self.assertEqual((python["version"], python["full_version"], python["evidence"]),
                         ("3.11", "3.11.2", "pyvenv.cfg"))
        self.assertEqual(python["machine"], os.uname().machine)
        self.assertEqual(self.report(self.site)["target"]["python"]["version"], "3.11")


if __name__ == "__main__":
    unittest.main()
