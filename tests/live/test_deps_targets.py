# SPDX-License-Identifier: Apache-2.0
"""The kinds of targets that people ship, made here of real wheels: what `thaw deps` takes each for,
against du and the file system, and folders that Python can't write bytecode to, against Python.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

from program import THAW, run_thaw
from site_packages import site_packages

PYTHON = "/usr/bin/python3.11"
PACKAGES = ("requests", "idna", "urllib3", "certifi", "charset_normalizer")
LAYER = "python/lib/python3.11/site-packages"
DIST_PACKAGES = "usr/lib/python3/dist-packages"
NOBODY = 65534
TIMEOUT_SECONDS = 60


def put_packages(folder, names=PACKAGES):
    """Wheels as pip installed them; the files are links, which no test writes to."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in site_packages(11).folder.iterdir():
        top = entry.name.partition("-")[0]
        if top in names and (entry.name == top or entry.suffix == ".dist-info"):
            shutil.copytree(entry, folder / entry.name, copy_function=os.link)


def disk_bytes(path):
    return int(subprocess.run(["du", "-s", "-B1", path], check=True, capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS).stdout.split()[0])


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


class Targets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if "requests" not in site_packages(11).modules:
            raise unittest.SkipTest("no package index to install wheels from")
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.layer = cls.scratch / "layer"
        put_packages(cls.layer / LAYER)
        cls.app = cls.scratch / "app"
        put_packages(cls.app)
        (cls.app / "lambda_function.py").write_text("import requests\n")

    def report(self, target):
        result = run_thaw("deps", "--json", target)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def assert_sizes(self, report, target):
        expected = files(target)
        self.assertGreater(len(expected), 0)
        totals = report["totals"]
        self.assertEqual(totals["disk_bytes"], disk_bytes(target))
        self.assertEqual((totals["files"], totals["bytes"]),
                         (len(expected), sum(path.stat().st_size for path in expected)))
        self.assertEqual(totals["directories"],
                         1 + sum(path.is_dir() for path in target.rglob("*")))

    def assert_kind(self, report, kind, sites, names=PACKAGES):
        self.assertEqual((report["target"]["kind"], report["target"]["sites"]), (kind, sites))
        self.assertEqual({one["name"].replace("-", "_") for one in report["distributions"]},
                         set(names))
        self.assertEqual(report["faults"], [])

    def assert_limits(self, report, platform):
        """Of the sizes that platforms set, only one platform's."""
        self.assertEqual({one["platform"] for one in report["limits"]} - {""}, {platform})

    def zipped(self, folder):
        archive = self.scratch / f"{folder.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
            for path in files(folder):
                opened.write(path, path.relative_to(folder))
        return archive

    def test_a_layer(self):
        report = self.report(self.layer)
        self.assert_kind(report, "layer", [LAYER])
        self.assert_sizes(report, self.layer)
        self.assert_limits(report, "aws_lambda")
        self.assertEqual(report["target"]["python"]["version"], "3.11")
        self.assertEqual(report["totals"]["app"]["files"], 0)

    def test_a_flat_app(self):
        report = self.report(self.app)
        self.assert_kind(report, "app", [""])
        self.assert_sizes(report, self.app)
        self.assert_limits(report, "aws_lambda")
        own = report["totals"]["unowned"]  # the app's folder is one of the import path
        self.assertEqual((own["files"], own["bytes"]),
                         (1, (self.app / "lambda_function.py").stat().st_size))
        self.assertEqual({one["name"] for one in report["distributions"]
                          if one["imported_by_app"]}, {"requests"})

    def test_a_container(self):
        root = self.scratch / "root"
        put_packages(root / DIST_PACKAGES, ["idna"])
        (root / "etc").mkdir()
        (root / "etc/os-release").write_text("ID=debian\nVERSION_ID=12\n")
        (root / "app").mkdir()
        (root / "app/main.py").write_text("import idna\n")
        report = self.report(root)
        self.assert_kind(report, "container-root", [DIST_PACKAGES], ["idna"])
        self.assert_sizes(report, root)
        self.assertTrue(report["distributions"][0]["imported_by_app"])
        self.assertEqual(report["totals"]["app"]["files"], 2)  # all but what is in the import path
        self.assertTrue(report["limits"])

    def test_zips(self):
        for folder, site in ((self.layer, LAYER), (self.app, "")):
            with self.subTest(folder.name):
                archive = self.zipped(folder)
                report = self.report(archive)
                self.assert_kind(report, "zip", [site])
                self.assert_limits(report, "aws_lambda")
                with zipfile.ZipFile(archive) as opened:
                    members = opened.infolist()
                totals = report["totals"]
                self.assertEqual((totals["files"], totals["bytes"], totals["disk_bytes"]),
                                 (len(members), sum(one.file_size for one in members),
                                  disk_bytes(archive)))
                unzipped = self.report(folder)
                self.assertEqual(report["target"]["signs"], unzipped["target"]["signs"])
                for key in ("name", "version", "why", "imported_by_app", "files", "bytes", "record"):
                    self.assertEqual([one[key] for one in report["distributions"]],
                                     [one[key] for one in unzipped["distributions"]], key)


    def test_packages_without_metadata(self):
        """Layers are made small by leaving out .dist-info: the folder stays one of the import path."""
        for name, inside in (("slim", LAYER), ("plain", "lib/python3.11/site-packages")):
            with self.subTest(inside):
                target = self.scratch / name
                put_packages(target / inside, ["idna"])
                shutil.rmtree(next((target / inside).glob("*.dist-info")))
                if name == "plain":
                    (target / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
                report = self.report(target)
                self.assert_kind(report, "layer" if name == "slim" else "virtual-environment",
                                 [inside], [])
                self.assertEqual(report["totals"]["unowned"]["files"], len(files(target / inside)))
                self.assertEqual(sum(row["files"] for row in
                                     report["bytecode_health"]["states"].values()),
                                 len([*target.rglob("*.py")]))

    def test_a_zip_of_an_app_without_metadata(self):
        app = self.scratch / "bare"
        put_packages(app, ["idna"])
        shutil.rmtree(next(app.glob("*.dist-info")))
        (app / "lambda_function.py").write_text("import idna\n")
        states = self.report(self.zipped(app))["bytecode_health"]["states"]
        self.assertEqual(sum(row["files"] for row in states.values()), len([*app.rglob("*.py")]))


class Unwritable(unittest.TestCase):
    """Root may write everywhere: where root runs the tests, nobody runs thaw and Python."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.scratch.chmod(0o755)
        self.target = self.scratch / "environment"
        self.site = self.target / "lib/python3.11/site-packages"
        (self.site / "one-1.dist-info").mkdir(parents=True)
        (self.target / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
        self.is_root = os.geteuid() == 0

    def put(self, name, mode, compiled=False):
        folder = self.site / name
        folder.mkdir()
        (folder / "__init__.py").write_text("value = 1\n")
        if compiled:
            subprocess.run([PYTHON, "-m", "compileall", "-q", folder], check=True)
        self.give(folder, mode)
        return folder

    def give(self, folder, mode):
        if self.is_root:
            os.chown(folder, NOBODY, NOBODY)
        folder.chmod(mode)
        self.addCleanup(folder.chmod, 0o755)

    def health(self):
        """What thaw says as the user that Python is to run as."""
        program = self.scratch / "thaw"  # nobody may not look into every build folder
        shutil.copy(THAW, program)
        result = self.run_as_user(program, "deps", "--json", self.target)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)["bytecode_health"]

    def run_as_user(self, *command):
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.is_root else {}
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS, check=False, cwd="/", **user)

    def test_folders_that_bytecode_cannot_be_written_to(self):
        missing = [self.put("open", 0o755), self.put("closed", 0o555), self.put("shut", 0o555)]
        self.put("compiled", 0o555, compiled=True)
        stale = self.put("stale", 0o755, compiled=True)  # only its __pycache__ is closed
        os.utime(stale / "__init__.py", (1, 1))
        (stale / "__pycache__").chmod(0o555)
        health = self.health()
        before = next((stale / "__pycache__").iterdir()).read_bytes()
        self.run_as_user(PYTHON, "-m", "compileall", "-q", self.site)
        unwritten = [folder for folder in missing if not (folder / "__pycache__").exists()]
        self.assertEqual(len(unwritten), 2)
        self.assertEqual(next((stale / "__pycache__").iterdir()).read_bytes(), before)
        self.assertEqual(health["unwritable"], len(unwritten) + 1)
        self.assertEqual({state: row["files"] for state, row in health["states"].items()
                          if row["files"]}, {"fresh": 1, "stale": 1, "missing": 3})

    def test_a_folder_that_distributions_share_counts_once(self):
        for name in ("one", "two", "three"):
            (self.site / f"{name}.py").write_text("value = 1\n")
            self.put(f"{name}_pkg", 0o755)
            info = self.site / f"{name}-1.dist-info"
            info.mkdir(exist_ok=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
            (info / "RECORD").write_text(f"{name}.py,,\n{name}_pkg/__init__.py,,\n")
        self.give(self.site, 0o555)
        self.assertEqual(self.health()["unwritable"], 1)


if __name__ == "__main__":
    unittest.main()
