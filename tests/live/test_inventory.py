"""The inventory of the demo's virtual environment and app against importlib.metadata, os.stat and
the interpreter itself."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from importlib import metadata
from pathlib import Path

from packaging_library import packaging_library
from program import BUILD, REPOSITORY

TIMEOUT_SECONDS = 300
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
VENV_PYTHON = BUILD / "demo/venv/bin/python"
SITES = [BUILD / "demo/wwwroot/.python_packages/lib/site-packages",
         BUILD / "demo/venv/lib/python3.11/site-packages"]
INTERPRETER, DISTRIBUTION, FILE = 40, 41, 42
LIST_FILES = """
import sys
sys.path[:0] = sys.argv[1:]
for name in ("pandas", "numpy", "requests", "azure.functions", "grpc", "google.protobuf"):
    try:
        __import__(name)
    except ImportError:
        pass
print("\\n".join({module.__file__ for module in list(sys.modules.values())
                 if getattr(module, "__file__", None)}))
"""


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def record_paths(distribution, site):
    """The files RECORD names, inside the site; missing ones too."""
    folder = Path(distribution._path)  # importlib.metadata has no public name for it
    with open(folder / "RECORD", encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            path = Path(os.path.normpath(site / row[0]))
            if path.is_relative_to(site):
                yield path


def with_bytecode(paths):
    """The files that exist, and what lies in __pycache__ for the sources among them."""
    found = set()
    for path in paths:
        found.add(path)
        if path.suffix == ".py":
            found.update((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
    return {path for path in found if path.is_file() and not path.is_symlink()}


def required_names(distribution, version):
    """What holds for CPython of a version on this machine, by the library `packaging`."""
    sys.path.insert(0, str(packaging_library()[0]))
    try:
        from packaging.requirements import Requirement
    finally:
        sys.path.pop(0)
    environment = {"extra": "", "python_full_version": version, "implementation_version": version,
                   "python_version": ".".join(version.split(".")[:2])}
    found = map(Requirement, distribution.requires or ())
    return {normalised(each.name) for each in found
            if not each.marker or each.marker.evaluate(environment)}


@unittest.skipUnless(COMPILER, "no C compiler")
@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is not built")
@unittest.skipUnless(VENV_PYTHON.exists(), "no virtual environment of the demo (make demo)")
class Inventory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        program = os.path.join(folder.name, "dump")
        subprocess.run([COMPILER, "-std=gnu17", "-D_GNU_SOURCE", f"-I{REPOSITORY}/include",
                        f"-I{REPOSITORY}/src", "-o", program,
                        REPOSITORY / "tests/live/inventory_dump.c", LIBRARY, "-lelf", "-ljansson",
                        "-lxxhash"], check=True, timeout=60)
        cls.version = subprocess.run([VENV_PYTHON, "-c", "import sys; print(sys.version.split()[0])"],
                                     check=True, text=True, timeout=60,
                                     capture_output=True).stdout.strip()
        cls.sites = [site.resolve() for site in SITES if site.is_dir()]
        listed = subprocess.run([VENV_PYTHON, "-c", LIST_FILES, *cls.sites], check=True, text=True,
                                timeout=120, capture_output=True)
        cls.files = set(listed.stdout.split("\n")) - {""}
        dumped = subprocess.run([program, VENV_PYTHON, cls.version], input=listed.stdout, check=True, text=True,
                                timeout=60, capture_output=True)
        cls.events = {INTERPRETER: [], DISTRIBUTION: [], FILE: []}
        for line in dumped.stdout.splitlines():
            kind, _, value = line.partition(" ")
            cls.events[int(kind)].append(json.loads(value))

    def of_site(self, site):
        return [event for event in self.events[DISTRIBUTION]
                if Path(event["location"]).resolve() == site]

    def test_distributions_are_those_of_importlib_metadata(self):
        for site in self.sites:
            with self.subTest(str(site)):
                expected = {(each.metadata["Name"], each.version)
                            for each in metadata.distributions(path=[str(site)])}
                found = [(event["name"], event["version"]) for event in self.of_site(site)]
                self.assertGreater(len(expected), 2)
                self.assertEqual(set(found), expected)
                self.assertEqual(len(found), len(expected))

    def test_requirements_are_those_of_importlib_metadata(self):
        for site in self.sites:
            found = {event["name"]: set(map(normalised, event["requires"]))
                     for event in self.of_site(site)}
            for each in metadata.distributions(path=[str(site)]):
                with self.subTest(each.metadata["Name"]):
                    self.assertEqual(found[each.metadata["Name"]], required_names(each, self.version))

    def test_bytes_and_files_are_those_of_stat(self):
        for site in self.sites:
            found = {event["name"]: event for event in self.of_site(site)}
            for each in metadata.distributions(path=[str(site)]):
                with self.subTest(each.metadata["Name"]):
                    paths = with_bytecode(record_paths(each, site))
                    statuses = [path.stat() for path in paths]
                    event = found[each.metadata["Name"]]
                    self.assertEqual(event["files"], len(paths))
                    inodes = {(status.st_dev, status.st_ino): status for status in statuses}
                    self.assertEqual(event["bytes"],
                                     sum(status.st_size for status in inodes.values()))
                    self.assertEqual(event["disk_bytes"],
                                     sum(status.st_blocks * 512 for status in inodes.values()))

    def test_each_module_file_has_the_owner_its_record_names(self):
        owners = {}
        for site in self.sites:
            for each in metadata.distributions(path=[str(site)]):
                owners.update(dict.fromkeys(map(str, record_paths(each, site)),
                                            each.metadata["Name"]))
        found = {event["path"]: event["distribution"] for event in self.events[FILE]}
        expected = {path: owners.get(str(Path(path).resolve()), "") for path in self.files
                    if path.startswith("/") and Path(path).is_file()}
        self.assertEqual(found, expected)
        self.assertGreater(sum(bool(owner) for owner in found.values()), 100)

    def test_files_are_as_stat_has_them(self):
        for event in self.events[FILE]:
            status = os.stat(event["path"])
            self.assertEqual((event["bytes"], event["mtime_ns"]),
                             (status.st_size, status.st_mtime_ns), event["path"])

    def test_the_interpreter_is_told_with_its_environment(self):
        [event] = self.events[INTERPRETER]
        answer = subprocess.run([VENV_PYTHON, "-c", "import sys, json; "
                                 "print(json.dumps(sys.builtin_module_names))"],
                                check=True, text=True, capture_output=True, timeout=60)
        self.assertEqual((event["version"], event["builtins"]),
                         (self.version, json.loads(answer.stdout)))
        self.assertLessEqual({str(site) for site in self.sites},
                             {str(Path(site).resolve()) for site in event["sites"]})


if __name__ == "__main__":
    unittest.main()
