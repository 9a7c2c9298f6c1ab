# SPDX-License-Identifier: Apache-2.0
"""What recordings say of a virtual environment's use (`thaw deps --recording`), of real wheels.

The truth is what strace saw of the same program (files opened), what the program read in
/proc/self/maps (shared objects mapped), and its audit events and sys.modules (code executed).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from importlib.util import cache_from_source
from pathlib import Path

import elevate
import report_rules
from program import BUILD, REPOSITORY, run_thaw
from recorded import RECORD_SECONDS, Recorded, record, record_command
from site_packages import site_packages

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

TIMEOUT_SECONDS = 600
VALIDATOR = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-report-1.schema.json").read_text()))
PYTHON = "/usr/bin/python3.11"
WAIT_SECONDS = 50
SLEEP_NS = 20_000_000
INCOMPLETE = 3  # --strict's exit code

# Tops of the distributions that are taken over; sqlalchemy is never imported.
TAKEN = ("numpy", "numpy.libs", "requests", "urllib3", "idna", "certifi", "charset_normalizer",
         "sqlalchemy")

MAIN = """
import sys
executed = []
def heed(event, arguments):
    if event == "exec" and getattr(arguments[0], "co_name", "") == "<module>":
        executed.append(arguments[0].co_filename)
sys.addaudithook(heed)
import json, os
import numpy, requests, stale, missing
for module in list(sys.modules.values()):
    spec = getattr(module, "__spec__", None)
    executed += [spec.origin] if spec and spec.origin else []
told = {"maps": open("/proc/self/maps").read(), "executed": executed}
with open(sys.argv[1] + ".part", "w") as stream:
    json.dump(told, stream)
os.rename(sys.argv[1] + ".part", sys.argv[1])
if len(sys.argv) > 2:
    import time
    time.sleep(float(sys.argv[2]))
"""

CODE_ENDS = (".so", ".py", ".pyc")
LOOKED_UP = re.compile(r'\b(?:open|openat|stat|lstat|newfstatat)\((?:AT_FDCWD, )?"([^"]+)".* = -1 ENO')
OPENED = re.compile(r'\bopen(?:at)?\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+)[^)]*\) = \d+')


def put(folder, name, version, files):
    """A small distribution, as pip would leave it."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    record = [f"{path},," for path in (*files, f"{info.name}/METADATA", f"{info.name}/RECORD")]
    (info / "RECORD").write_text("\n".join(record) + "\n")
    for path, text in files.items():
        (folder / path).write_text(text)


def stem(path):
    """A module's path without what follows its name: ".py", ".cpython-311-….so"."""
    folder, name = os.path.split(path)
    return os.path.join(folder, name.partition(".")[0])


def make_environment(root):
    """A virtual environment with real wheels, and three of our own: one without bytecode, one with
    stale bytecode, one that a .pth file imports at each start."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", "--symlinks", root], check=True,
                   stdin=subprocess.DEVNULL)
    site = root / "lib/python3.11/site-packages"
    source = site_packages(11).folder
    for entry in source.iterdir():
        top = entry.name.partition("-")[0].lower().replace("-", "_")
        if entry.name in TAKEN or (entry.suffix == ".dist-info" and top in TAKEN):
            shutil.copytree(entry, site / entry.name, symlinks=True, copy_function=os.link)
    put(site, "starter", "1", {"starter.py": "import time\ntime.sleep(0.02)\n",
                               "starter.pth": "import starter\n"})
    put(site, "stale", "1", {"stale.py": "value = 1\n"})
    put(site, "missing", "1", {"missing.py": "value = 2\n"})
    return site


class Use(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        elevate.prefix_or_skip()
        if not shutil.which("strace"):
            raise unittest.SkipTest("needs strace")
        scratch = tempfile.TemporaryDirectory(dir=BUILD)
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name).resolve()
        cls.root = cls.scratch / "venv"
        cls.site = make_environment(cls.root)
        cls.main = cls.scratch / "app" / "main.py"
        cls.main.parent.mkdir()
        cls.main.write_text(MAIN)
        cls.python = cls.root / "bin/python"
        cls.run_app("warm.json", write=True)
        (cls.site / "__pycache__/missing.cpython-311.pyc").unlink()
        os.utime(cls.site / "stale.py", (1, 1))
        cls.recorded = cls.record()
        cls.told = json.loads((cls.scratch / "recorded.json").read_text())
        cls.strace_log = cls.strace()
        cls.opened = cls.opened_files()
        cls.report = cls.deps(cls.root, "--recording", cls.recorded.path)

    @classmethod
    def environment(cls, write=False):
        words = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        return words if write else {**words, "PYTHONDONTWRITEBYTECODE": "1"}

    @classmethod
    def run_app(cls, name, *prefix, write=False):
        subprocess.run([*map(str, prefix), cls.python, cls.main, cls.scratch / name], check=True,
                       env=cls.environment(write), stdin=subprocess.DEVNULL, timeout=WAIT_SECONDS)

    @classmethod
    def record(cls):
        """Until the app has told what it sees of itself: it still runs then, with its mappings."""
        path, told = cls.scratch / "recording.thaw", cls.scratch / "recorded.json"
        words = [f"{name}={value}" for name, value in cls.environment().items()]
        command = record_command(path, command=[cls.python, cls.main, told, RECORD_SECONDS],
                                 prefix=[*elevate.prefix(), "env", *words])
        recorder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, start_new_session=True)
        until = time.monotonic() + WAIT_SECONDS
        while not told.exists() and time.monotonic() < until and recorder.poll() is None:
            time.sleep(0.05)
        recorder.send_signal(signal.SIGINT)
        output, errors = recorder.communicate(timeout=RECORD_SECONDS)
        result = subprocess.CompletedProcess(command, recorder.returncode, output, errors)
        recorded = Recorded(result, path)
        if not told.exists():
            raise AssertionError(f"the app told nothing: {errors}")
        if recorded.report["run"]["backend"] != "ebpf":
            raise unittest.SkipTest("eBPF is refused here, even to root")
        return recorded

    @classmethod
    def strace(cls):
        """Which paths were opened or looked up, as strace writes it."""
        log = cls.scratch / "strace.txt"
        cls.run_app("traced.json", "strace", "-f", "-qq", "-s", "4096", "-e",
                    "trace=open,openat,stat,lstat,newfstatat", "-e", "signal=none", "-o", log)
        return log.read_text()

    @classmethod
    def opened_files(cls):
        """Regular files of the environment that were opened for reading."""
        found = set()
        for path, flags in OPENED.findall(cls.strace_log):
            whole = Path(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            if "O_DIRECTORY" not in flags and "O_WRONLY" not in flags and whole.is_file() \
                    and not whole.is_symlink() and whole.is_relative_to(cls.root):
                found.add(whole)
        return found

    @classmethod
    def deps(cls, target, *options):
        result = run_thaw("deps", "--json", *options, target)
        if result.returncode:
            raise AssertionError(f"thaw deps: {result.returncode} {result.stderr}")
        return json.loads(result.stdout)

    def stage(self, name, report=None):
        return next(stage for stage in (report or self.report)["use"]["stages"]
                    if stage["stage"] == name)

    def package(self, name):
        return next(one for one in self.report["distributions"] if one["name"].lower() == name)

    def owned(self, paths, *tops):
        """Those of paths that are in these folders (or are these files) of site-packages."""
        return {path for path in paths if path.is_relative_to(self.site)
                and path.relative_to(self.site).parts[0] in tops}

    def mapped(self):
        """Shared objects of the environment whose code the program had mapped, as it saw it."""
        found = set()
        for line in self.told["maps"].splitlines():
            words = line.split(maxsplit=5)
            if len(words) == 6 and "x" in words[1] and ".so" in words[5] \
                    and Path(words[5]).is_relative_to(self.root):
                found.add(Path(words[5]))
        return found

    def used(self):
        """Files of the environment that code came from, without its own shared objects."""
        found = set()
        for origin in map(Path, self.told["executed"]):
            if not origin.is_relative_to(self.root) or origin.suffix != ".py":
                continue
            compiled = origin.parent == self.site and origin.stem in ("stale", "missing")
            found.add(origin if compiled else Path(cache_from_source(origin)))
        return found

    def sizes(self, paths):
        return sum(path.stat().st_size for path in paths)

    def test_the_report_is_whole(self):
        self.assertEqual([error.message for error in VALIDATOR.iter_errors(self.report)], [])
        self.assertEqual(report_rules.problems(self.report), [])
        self.assertTrue(self.report["complete"], self.report["losses"])
        recording = self.report["use"]["recordings"][0]
        self.assertTrue(recording["whole"])
        self.assertEqual((recording["match"], recording["root"]), ("path", str(self.root)))
        self.assertEqual((recording["not_found"], recording["other_size"],
                          recording["other_time"], recording["relative"]), (0, 0, 0, 0))

    def test_opened(self):
        opened = self.stage("opened")
        self.assertGreater(len(self.opened), 100)
        self.assertEqual(opened["files"], len(self.opened))
        self.assertEqual(opened["bytes"], self.sizes(self.opened))

    def test_opened_of_each_package(self):
        for name, tops in (("numpy", ("numpy", "numpy.libs")), ("requests", ("requests",)),
                           ("urllib3", ("urllib3",)), ("sqlalchemy", ("sqlalchemy",))):
            self.assertEqual(self.package(name)["opened_bytes"],
                             self.sizes(self.owned(self.opened, *tops)), name)

    def test_mapped(self):
        mapped = self.mapped()
        self.assertGreater(len(mapped), 5)
        stage = self.stage("mapped")
        self.assertEqual((stage["files"], stage["bytes"]), (len(mapped), self.sizes(mapped)))
        self.assertEqual((stage["library_files"], stage["library_bytes"]),
                         (stage["files"], stage["bytes"]))
        self.assertEqual(self.package("numpy")["mapped_bytes"],
                         self.sizes(self.owned(mapped, "numpy", "numpy.libs")))

    def test_libraries_loaded(self):
        own = [library for library in self.report["libraries"] if not library.get("outside")]
        self.assertGreater(len(own), len(self.mapped()))
        loaded = {self.root / library["path"] for library in own if library["loaded"]}
        self.assertEqual(loaded, self.mapped())
        self.assertTrue(any(not library["loaded"] for library in own))

    def test_resident(self):
        resident, mapped = self.stage("resident"), self.stage("mapped")
        self.assertEqual(resident["files"], mapped["files"])
        self.assertGreater(resident["bytes"], 0)
        self.assertLessEqual(resident["bytes"], mapped["bytes"])

    def test_used(self):
        stage, used = self.stage("used"), self.used()
        self.assertGreater(len(used), 100)
        self.assertEqual(stage["files"] - stage["library_files"], len(used))
        self.assertEqual(stage["bytes"] - stage["library_bytes"], self.sizes(used))
        self.assertLessEqual(stage["library_bytes"], self.stage("resident")["library_bytes"])
        self.assertGreater(stage["library_files"], 0)

    def test_each_stage_is_part_of_the_one_before(self):
        shipped, opened, mapped, resident, used = self.report["use"]["stages"]
        for less, more in ((opened, shipped), (mapped, opened), (resident, mapped),
                           (used, opened)):
            for key in ("files", "bytes", "library_files", "library_bytes"):
                self.assertLessEqual(less[key], more[key], f"{less['stage']} {key}")

    def test_packages_that_were_never_touched(self):
        self.assertEqual(self.package("sqlalchemy")["used_in"], 0)
        self.assertFalse(self.package("sqlalchemy")["used"])
        for name in ("numpy", "requests", "urllib3", "starter", "missing"):
            self.assertEqual(self.package(name)["used_in"], 1, name)

    def test_import_times(self):
        modules = self.report["modules"]
        requests = self.package("requests")
        top = next(module for module in modules if module["name"] == "requests")
        self.assertEqual(requests["import_total_ns"], top["total_ns"])
        self.assertLess(requests["import_ns"], requests["import_total_ns"])
        self.assertEqual(self.package("numpy")["import_ns"],
                         sum(module["self_ns"] for module in modules
                             if module["distribution"] == "numpy"))
        self.assertGreaterEqual(self.package("starter")["import_ns"], SLEEP_NS)

    def test_bytecode(self):
        rows = {row["state"]: row for row in self.report["use"]["bytecode"]}
        self.assertEqual({state: row["modules"] for state, row in rows.items()},
                         {"stale": 1, "missing": 1})
        self.assertTrue(all(row["ns"] > 0 for row in rows.values()))

    def test_path_files(self):
        files = {Path(row["path"]).name: row for row in self.report["use"]["path_files"]}
        starter = files["starter.pth"]
        self.assertEqual(starter["modules"], 1)
        self.assertGreaterEqual(starter["openings"], 1)
        self.assertGreaterEqual(starter["ns"], SLEEP_NS)

    def test_small_files(self):
        """Of what importlib.import_module() loads the reading is not recorded."""
        small = self.report["use"]["small_files"]
        unread = {cache_from_source(module["path"]) for module in self.report["modules"]
                  if module["via"] == "import_module" and module["path"]}
        code = [path for path in self.opened if path.suffix in (".py", ".pyc")
                and str(path) not in unread and path.stat().st_size <= 65536]
        self.assertEqual(small["files"], len(code))
        self.assertEqual(small["bytes"], self.sizes(code))
        self.assertGreater(small["open_ns"] + small["read_ns"], 0)

    def test_failed_lookups(self):
        """Of modules that importlib.import_module() loads they are not recorded."""
        unseen = {stem(module["path"]) for module in self.report["modules"]
                  if module["via"] == "import_module" and module["path"]}
        expected = Counter()
        for path in LOOKED_UP.findall(self.strace_log):
            module = Path(path)
            if module.suffix not in CODE_ENDS or "__pycache__" in module.parts \
                    or ".." in module.parts or stem(path) in unseen \
                    or not module.is_relative_to(self.site):
                continue
            package = module.name.startswith("__init__.")
            expected[str(module.parent.parent if package else module.parent)] += 1
        self.assertGreater(len(expected), 2)
        rows = [row for row in self.report["use"]["search_folders"]
                if row["lookups_failed"] and Path(row["path"]).is_relative_to(self.root)]
        self.assertEqual({row["path"]: row["lookups_failed"] for row in rows}, expected)
        self.assertTrue(all(row["ns"] > 0 for row in rows))

    def test_a_recording_that_was_cut_short(self):
        """What it has not may still have been used: of that nothing is said."""
        path = self.scratch / "cut.thaw"
        whole = Path(self.recorded.path).read_bytes()
        path.write_bytes(whole[:len(whole) // 5])
        report = self.deps(self.root, "--recording", path)
        recording = report["use"]["recordings"][0]
        self.assertEqual((report["complete"], recording["complete"], recording["whole"]),
                         (False, False, False))
        self.assertTrue(report["losses"])
        seen = {one["name"]: one["used_in"] for one in report["distributions"]
                if "used_in" in one}
        self.assertLess(seen.items(), {one["name"]: one["used_in"]
                                       for one in self.report["distributions"]}.items())
        self.assertEqual(set(seen.values()), {1})
        self.assertEqual([one["name"] for one in report["distributions"]
                          if ("used" in one) != (one["name"] in seen)], [])
        self.assertNotIn("SQLAlchemy", seen)
        own = [one for one in report["libraries"] if not one["outside"]]
        self.assertTrue(any(one.get("loaded") for one in own))
        self.assertEqual([one["path"] for one in own if one.get("loaded") is False], [])
        self.assertEqual(run_thaw("deps", "--json", "--strict", self.root, "--recording", path
                                  ).returncode, INCOMPLETE)
        shown = run_thaw("deps", self.root, "--recording", path, "--view", "use").stdout
        self.assertIn("What seems untouched may have been used", " ".join(shown.split()))
        self.assertNotIn("SQLAlchemy", shown)
        self.assertNotIn("sqlalchemy", shown)
        summary = run_thaw("deps", self.root, "--recording", path)
        self.assertRegex(" ".join((summary.stdout + summary.stderr).split()),
                         "(?i)cut short|damaged|incomplete|lost something|not closed")

    def test_a_target_recorded_elsewhere(self):
        copy = self.scratch / "copy"
        shutil.copytree(self.root, copy, symlinks=True, copy_function=os.link)
        report = self.deps(copy, "--recording", self.recorded.path)
        recording = report["use"]["recordings"][0]
        self.assertEqual((recording["match"], recording["root"]), ("name", str(self.root)))
        self.assertEqual(report["use"]["stages"], self.report["use"]["stages"])

    def test_a_recording_of_something_else(self):
        empty = self.scratch / "other"
        (empty / "pkg").mkdir(parents=True)
        (empty / "pkg/__init__.py").write_text("")
        result = run_thaw("deps", "--json", "--recording", self.recorded.path, empty)
        self.assertEqual(json.loads(result.stdout)["use"]["recordings"][0]["match"], "none")
        self.assertIn("hardly any of its files", result.stderr)

    def test_a_recording_as_target(self):
        report = self.deps(self.recorded.path)
        self.assertEqual(report["target"]["kind"], "recording")
        read = report["target"]["folders_read"]
        self.assertTrue(any(self.site.is_relative_to(folder) for folder in read), read)
        self.assertTrue(any(self.main.is_relative_to(folder) for folder in read), read)
        names = {one["name"].lower(): one for one in report["distributions"]}
        self.assertEqual(names["numpy"]["used_in"], 1)
        self.assertEqual(names["sqlalchemy"]["used_in"], 0)

    def test_two_recordings(self):
        report = self.deps(self.root, "--recording", self.recorded.path, "--recording",
                           self.recorded.path)
        self.assertEqual(report["use"]["stages"], self.report["use"]["stages"])
        numpy = next(one for one in report["distributions"] if one["name"] == "numpy")
        self.assertEqual(numpy["used_in"], 2)
        self.assertEqual(numpy["import_ns"], self.package("numpy")["import_ns"])

    def test_without_privilege_hardly_anything_is_known(self):
        """CPython's own report of imports has no files: nothing may be called unused."""
        path = self.scratch / "importtime.thaw"
        record(path, "--backend", "importtime", "--until", "exit", elevated=False,
               command=[self.python, self.main, self.scratch / "importtime.json"],
               env=self.environment())
        report = self.deps(self.root, "--recording", path)
        for name in ("opened", "mapped", "resident", "used"):
            self.assertIsNone(self.stage(name, report)["bytes"], name)
        self.assertEqual([one["name"] for one in report["distributions"] if "used_in" in one], [])
        self.assertIsNone(report["use"]["small_files"])
        self.assertIsNone(report["use"]["path_files"])

    def test_the_view(self):
        shown = run_thaw("deps", self.root, "--recording", self.recorded.path, "--view", "use")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for words in ("opened", "resident", "SQLAlchemy", "starter.pth", "bytecode missing"):
            self.assertIn(words, shown.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
