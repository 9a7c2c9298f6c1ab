"""`thaw deps` of a conda environment whose Python packages are real wheels.

conda's own packages can't be had where these tests run: the files in conda-meta and the native
package's file are made here, as conda's documentation has them. What is installed is asked of
importlib.metadata, which files a wheel has of its RECORD.
"""

import importlib.metadata
import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path

from program import run_thaw
from site_packages import site_packages

MINOR = 11
SITE = f"lib/python3.{MINOR}/site-packages"


class CondaEnvironment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        found = site_packages(MINOR)
        if "pandas" not in found.modules:
            raise unittest.SkipTest(f"pandas can't be installed: {found.left_out.get('pandas')}")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.target = Path(folder.name) / "environment"
        shutil.copytree(found.folder, cls.target / SITE, symlinks=True, copy_function=os.link)
        (cls.target / "lib/libblas.so.3").write_text("no ELF file")
        (cls.target / "bin").mkdir()
        (cls.target / "bin/of-numpy").write_text("of conda only")
        cls.installed = list(importlib.metadata.distributions(path=[str(cls.target / SITE)]))
        for each in cls.installed:
            name = each.metadata["Name"]
            files = [f"{SITE}/{file}" for file in each.files if not str(file).startswith("..")]
            more = ["bin/of-numpy"] if name == "numpy" else []
            cls.put_package(name.lower(), each.version, files + more, "python",
                            *["libblas 3.*"] * (name == "numpy"), *["numpy >=1"] * (name == "pandas"))
        cls.put_package("libblas", "3.9.0", ["lib/libblas.so.3"])
        cls.put_package("python", f"3.{MINOR}.2", ["lib/gone.so"], "__glibc >=2.17")
        cls.report = json.loads(run_thaw("deps", "--json", cls.target).stdout)
        cls.told = {one["name"]: one for one in cls.report["distributions"]}

    @classmethod
    def put_package(cls, name, version, files, *depends):
        folder = cls.target / "conda-meta"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}-{version}-0.json").write_text(json.dumps({
            "build": "0", "build_number": 0, "channel": "https://conda.example/main/linux-64",
            "depends": depends, "files": files, "license": "MIT", "name": name, "version": version,
            "paths_data": {"paths": [{"_path": path, "path_type": "hardlink"} for path in files],
                           "paths_version": 1}}))

    def test_each_distribution_is_there_once(self):
        expected = [(each.metadata["Name"], each.version) for each in self.installed]
        self.assertEqual(
            sorted((one["name"], one["version"]) for one in self.report["distributions"]),
            sorted([*expected, ("libblas", "3.9.0"), ("python", f"3.{MINOR}.2")]))
        self.assertEqual([one for one in self.report["conflicts"] if one["kind"] in ("twice", "file")], [])

    def test_files_that_only_conda_lists_have_an_owner(self):
        blas = self.target / "lib/libblas.so.3"
        [lists] = (self.target / "conda-meta").glob("libblas-*.json")
        self.assertEqual((self.told["libblas"]["files"], self.told["libblas"]["bytes"]),
                         (2, blas.stat().st_size + lists.stat().st_size))
        self.assertEqual(self.told["python"]["record"]["absent"], 1)
        self.assertEqual(self.report["totals"]["app"]["files"], 0)

    def test_why_goes_through_what_conda_asks_for(self):
        self.assertEqual(self.told["libblas"]["required_by"], ["numpy"])
        self.assertEqual(self.told["libblas"]["why"][-2:], ["numpy", "libblas"])
        self.assertEqual(self.told["numpy"]["required_by"].count("pandas"), 1)
        self.assertEqual(set(self.told["python"]["required_by"]),
                         {each.metadata["Name"] for each in self.installed})

    def test_a_bill_of_materials_names_whose_they_are(self):
        components = json.loads(run_thaw("deps", "-f", "cyclonedx", self.target).stdout)["components"]
        urls = {one["name"]: one.get("purl") for one in components}
        self.assertEqual(urls["libblas"], "pkg:conda/libblas@3.9.0")
        self.assertTrue(urls["numpy"].startswith("pkg:pypi/numpy@"))


if __name__ == "__main__":
    unittest.main()
