"""What is read of a target against du, the file system, importlib.metadata, zipfile and Python's own
judgement of bytecode. The target is an environment of real wheels and copies of it."""

import csv
import json
import os
import py_compile
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock
import zipfile
from importlib import _bootstrap_external, metadata, util
from pathlib import Path

from program import BUILD, REPOSITORY
from site_packages import site_packages

COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
MEMORY_KIB = 1 << 20
MINOR = 11
LARGE_BYTES = 100_000


@unittest.skipUnless(COMPILER, "no C compiler")
@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is not built")
class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = cls.folder / "dump"
        subprocess.run([COMPILER, "-std=gnu17", "-D_GNU_SOURCE", f"-I{REPOSITORY}/include",
                        f"-I{REPOSITORY}/src", "-o", cls.program,
                        REPOSITORY / "tests/live/shipped_dump.c", LIBRARY, "-lelf", "-ljansson",
                        "-lxxhash", "-lzip"], check=True, timeout=60)
        found = site_packages(MINOR)
        if not {"numpy", "pandas"} <= set(found.modules):
            raise unittest.SkipTest(f"no packages: {found.left_out}")
        cls.target = cls.folder / "venv"
        cls.site = cls.target / f"lib/python3.{MINOR}/site-packages"
        shutil.copytree(found.folder, cls.site, symlinks=True, copy_function=os.link)
        (cls.target / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
        cls.told = cls.dump(cls.target)

    @classmethod
    def dump(cls, *target):
        """All but the 1 GiB it may have is left to it."""
        run = subprocess.run(["bash", "-c", f'ulimit -v {MEMORY_KIB}; exec "$@"', "bash",
                              cls.program, *target], check=True, timeout=60, capture_output=True)
        return json.loads(run.stdout)

    @staticmethod
    def files(told):
        """path -> (owner, kind, bytes, disk bytes, again); names as the bytes they are."""
        return {os.fsdecode(path.encode("latin-1")): rest for path, *rest in told["files"]}

    def test_totals_are_those_of_du(self):
        for target in (self.target, self.site, REPOSITORY / "tests"):
            with self.subTest(str(target)):
                du = subprocess.run(["du", "-s", "-B1", target], check=True, capture_output=True,
                                    text=True, timeout=60)
                told = self.told if target == self.target else self.dump(target)
                self.assertEqual(told["target"]["total"][2], int(du.stdout.split()[0]))
                self.assertEqual(told["faults"], [])

    def test_files_are_those_of_the_file_system(self):
        expected, inodes = {}, set()
        for path in sorted(self.target.rglob("*")):
            status = path.lstat()
            if path.is_file() and not path.is_symlink():
                expected[str(path.relative_to(self.target))] = status
                inodes.add((status.st_ino, status.st_size))
        found = self.files(self.told)
        self.assertEqual(set(found), set(expected))
        for path, (_, _, size, disk, again) in found.items():
            if not again:
                self.assertEqual((size, disk),
                                 (expected[path].st_size, expected[path].st_blocks * 512), path)
        self.assertEqual(self.told["target"]["total"][:2],
                         [len(expected), sum(size for _, size in inodes)])

    def test_distributions_are_those_of_importlib_metadata(self):
        expected = sorted((each.metadata["Name"], each.version)
                          for each in metadata.distributions(path=[str(self.site)]))
        self.assertGreater(len(expected), 2)
        self.assertEqual(sorted((each["name"], each["version"])
                                for each in self.told["distributions"]), expected)

    def test_each_file_has_the_owner_its_record_names(self):
        owners = {}
        for each in metadata.distributions(path=[str(self.site)]):
            name, listed, absent = each.metadata["Name"], 0, 0
            with open(each._path / "RECORD", newline="", encoding="utf-8") as record:
                for row in csv.reader(record):
                    path = Path(os.path.normpath(self.site / row[0]))
                    listed += 1
                    if not path.is_relative_to(self.target):
                        continue
                    absent += not path.exists()
                    owners[str(path)] = name
                    if path.suffix == ".py":
                        owners.update((str(cached), name) for cached in
                                      (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
            [told] = [one for one in self.told["distributions"] if one["name"] == name]
            self.assertEqual((told["listed"], told["absent"], told["changed"]),
                             (listed, absent, 0), name)
        found = {str(self.target / path): rest[0] for path, rest in self.files(self.told).items()}
        names = [one["name"] for one in self.told["distributions"]]
        for path, owner in found.items():
            info = Path(path).parent.name.endswith(".dist-info")
            if not info or path in owners:
                self.assertEqual(None if owner is None else names[owner], owners.get(path), path)

    def test_a_zip_is_what_zipfile_says(self):
        archive = self.folder / "layer.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
            for path in self.site.rglob("*"):  # large files would only take time
                if path.stat().st_size < LARGE_BYTES or path.name == "RECORD":
                    opened.write(path, path.relative_to(self.site))
        told = self.dump(archive)
        with zipfile.ZipFile(archive) as opened:
            expected = {each.filename: (each.file_size, each.compress_size)
                        for each in opened.infolist() if not each.is_dir()}
        found = self.files(told)
        self.assertEqual({path: tuple(rest[2:4]) for path, rest in found.items()}, expected)
        self.assertEqual(told["target"]["kind"], "zip")
        self.assertEqual(told["target"]["total"][2], archive.stat().st_blocks * 512)
        self.assertEqual([(one["name"], one["version"], one["listed"])
                          for one in told["distributions"]],
                         [(one["name"], one["version"], one["listed"])
                          for one in self.told["distributions"]])

    def test_members_that_are_not_to_be_trusted(self):
        archive = self.folder / "hostile.zip"
        with zipfile.ZipFile(archive, "w") as opened, unittest.mock.patch("warnings.warn"):
            for name in ("../up", "a/../../up", "twice", "twice", "\u00fc.py", "line\nend",
                         "back\\slash", "d/", "d/x"):
                opened.writestr(name, name)
            opened.writestr(zipfile.ZipInfo("/abs"), "x")
        told = self.dump(archive)
        self.assertEqual(sorted(self.files(told)), ["d/x", "line\nend", "twice", "\u00fc.py"])
        self.assertEqual(sorted(path for path, _ in told["faults"]),
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
        found = self.dump(self.folder / "health")["bytecode"]
        self.assertEqual(found["states"], {state: expected.count(state) for state in
                                           ("fresh", "stale", "missing", "foreign", "damaged")})
        self.assertTrue(all(found["states"].values()), found)
        self.assertGreater(found["by_hash"], 0)
        self.assertGreater(found["by_time"], 0)
        bad = {str(source.relative_to(self.folder / "health")): source.stat().st_size
               for source, state in zip(sources, expected) if state != "fresh"}
        self.assertEqual(found["examples"], sorted(bad, key=bad.get, reverse=True)[:20])

    def test_bytecode_of_real_wheels(self):
        files = self.files(self.told)
        sources = [path for path in self.site.rglob("*.py")
                   if files[str(path.relative_to(self.target))][1] == "python"]
        expected = list(self.states_by_python(sources))
        self.assertEqual({state: count for state, count in
                          self.told["bytecode"]["states"].items() if count},
                         {state: expected.count(state) for state in set(expected)})

    def test_the_interpreter_is_that_of_the_environment(self):
        python = self.told["target"]["python"]
        self.assertEqual((python["version"], python["full_version"], python["evidence"]),
                         ("3.11", "3.11.2", "pyvenv.cfg"))
        self.assertEqual(python["machine"], os.uname().machine)
        self.assertEqual(self.dump(self.site)["target"]["python"]["version"], "3.11")


if __name__ == "__main__":
    unittest.main()
