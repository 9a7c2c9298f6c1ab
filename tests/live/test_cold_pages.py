"""Names on pages that are not in memory: every file of the app and of its interpreter is evicted
between the moment when thaw looked at it and its start.

The extension that is built here has its name in the middle of a megabyte that nobody else reads:
a probe's program that cannot fetch the page has no name to tell. So this fails where the programs
do not sleep, also with warm caches.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
from pathlib import Path

import cold
import elevate
import fresh_python
import importtime
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 180
PYTHON = "/usr/bin/python3.11"
EVICT = Path(cold.__file__)
EXTENSIONS = ("_asyncio", "_queue", "_ctypes", "_multibytecodec")
PACKAGE_MODULES = 60

# Single-phase: PyModule_Create2() is probed where it begins, before it reads the name itself.
LONELY = """
#include <Python.h>
static const struct { char before[1 << 19]; char name[16]; char behind[1 << 19]; } text =
    {{1}, "lonely", {1}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = text.name, .m_size = -1};
PyMODINIT_FUNC PyInit_lonely(void) { return PyModule_Create(&definition); }
"""
APP = """
import lonely, package, json, email.message
import {extensions}
import resource
print("major faults", resource.getrusage(resource.RUSAGE_SELF).ru_majflt)
"""


class ColdPages(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        scratch = tempfile.TemporaryDirectory(dir="/var/tmp")  # /tmp may have no disk below it
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.app = self.scratch / "app"
        self.app.mkdir()
        self.make_app()

    def make_app(self):
        built = subprocess.run(
            ["gcc", "-x", "c", "-", "-shared", "-fPIC", "-I", sysconfig.get_path("include"), "-o",
             self.app / "lonely.so"], input=LONELY, text=True, stderr=subprocess.PIPE)
        if built.returncode:
            self.skipTest(f"no extension can be built here (python3.11-dev): {built.stderr[-200:]}")
        dynamic = Path(sysconfig.get_path("stdlib"), "lib-dynload")
        self.extensions = [name for name in EXTENSIONS if list(dynamic.glob(f"{name}.*.so"))]
        for name in self.extensions:
            shutil.copy(next(dynamic.glob(f"{name}.*.so")), self.app)
        package = self.app / "package"
        package.mkdir()
        names = [f"part_{number}_{'x' * number}" for number in range(PACKAGE_MODULES)]
        (package / "__init__.py").write_text("".join(f"from . import {name}\n" for name in names))
        for name in names:
            (package / f"{name}.py").write_text(f"TEXT = {name!r} * 500\n")
        (self.app / "main.py").write_text(APP.format(extensions=", ".join(self.extensions)))
        subprocess.run([PYTHON, "-m", "compileall", "-q", self.app], check=True)

    def files(self, *more):
        return [path for folder in (self.app, *more) for path in
                (sorted(folder.rglob("*")) if folder.is_dir() else [folder]) if path.is_file()]

    def record(self, start, files, *options):
        """The eviction is part of what is recorded: it comes after thaw has read the files."""
        words = " ".join(f"{name}={value}" for name, value in start.environment.items())
        script = (f"{PYTHON} {EVICT} {' '.join(map(str, files))} 2> {self.scratch}/left; "
                  f"{words} exec {start.program} -X importtime {self.app}/main.py")
        recorded = record_with_ebpf(self.scratch / "recording.thaw", "--until", "exit", *options,
                                    command=["sh", "-ec", script])
        self.assertEqual(recorded.status, 0, recorded.stderr[-500:])
        return recorded

    def assert_cold(self, recorded, files):
        """Pages were really gone, so that the app had to fetch them from the disk."""
        left = [line.split(" ", 5) for line in (self.scratch / "left").read_text().splitlines()]
        self.assertEqual(len(left), len(files))
        residue = sum(int(line[0]) for line in left)
        pages = sum(int(line[2]) for line in left)
        faults = int(recorded.stdout.rpartition("major faults ")[2])
        print(f"{residue} of {pages} pages left, {faults} major faults", file=sys.stderr)
        if residue > pages // 2:
            self.skipTest("no file system here whose pages can be evicted")
        self.assertLess(residue, pages // 10)
        self.assertGreater(faults, 0)

    def assert_exact(self, start, files, *options):
        recorded = self.record(start, files, *options)
        self.assert_cold(recorded, files)
        report = recorded.report
        app = next(process for process in report["processes"]
                   if process["executable"] == str(start.program))
        comparison = importtime.compare_report(report, recorded.stderr, app["id"])
        self.assertGreater(comparison.expected, 100)
        self.assertTrue(comparison, str(comparison)[:800])
        self.assertEqual(report["losses"], [])
        self.assertEqual(app["coverage"], "from start")
        modules = {module["name"]: module for module in report["modules"]
                   if module["process"] == app["id"]}
        for name in ("lonely", *self.extensions):
            self.assertEqual(modules[name]["kind"], "extension", name)
        self.assertIn('name="lonely" ', next(line for line in recorded.text.splitlines()
                                            if "single_phase=1" in line and "lonely" in line))

    def test_static_interpreter(self):
        start = fresh_python.static_copy(self.scratch)
        self.assert_exact(start, self.files(start.program), "--python", start.program)

    def test_static_interpreter_held(self):
        start = fresh_python.static_copy(self.scratch)
        self.assert_exact(start, self.files(start.program), "--hold")

    def test_shared_interpreter(self):
        folder = self.scratch / "python"
        folder.mkdir()
        start = fresh_python.shared_copy(folder)
        self.assert_exact(start, self.files(folder), "--hold")


if __name__ == "__main__":
    unittest.main()
