"""Why distributions are there, and what does not go together, against pip and pipdeptree."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from dependency_oracles import canonical, pip_check, pipdeptree
from program import run_thaw
from site_packages import DISTRIBUTIONS, PIP_PYTHON, site_packages

MINOR = 11
INSIDE = "lib/python3.11/site-packages"
GONE, CHANGED, ONLY_BY_EXTRA = "certifi", "numpy", "cryptography"


class ShippedGraph(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = site_packages(MINOR)
        cls.folder = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.told = cls.report(cls.site.folder)
        cls.rows = {canonical(row["name"]): row for row in cls.told["distributions"]}

    @staticmethod
    def report(target):
        result = run_thaw("deps", "--json", target)
        if result.returncode:
            raise AssertionError(f"thaw deps {target}: {result.stderr}")
        return json.loads(result.stdout)

    def edges(self, rows):
        return {(canonical(row["name"]), canonical(one["name"])) for row in rows
                for one in row["requirements"] if one["applies"] and one["installed"]}

    def test_edges_are_those_of_pipdeptree(self):
        oracle = pipdeptree(self.site.folder)
        self.assertEqual(set(self.rows), set(oracle))
        self.assertGreater(len(oracle), 20)
        self.assertEqual(self.edges(self.rows.values()),
                         {(name, one["key"]) for name, row in oracle.items()
                          for one in row["dependencies"]})
        self.assertIn(("pyjwt", "cryptography"), self.edges(self.rows.values()))  # an extra's

    def test_each_chain_is_a_way_along_the_edges(self):
        edges = self.edges(self.rows.values())
        direct = {name for name, row in self.rows.items() if row["direct"]}
        for name, row in self.rows.items():
            chain = list(map(canonical, row["why"]))
            self.assertEqual(chain[-1], name)
            self.assertIn(chain[0], direct)
            self.assertLessEqual(set(zip(chain, chain[1:])), edges)

    def test_what_goes_with_each_is_what_pipdeptree_finds_unique(self):
        compared = 0
        direct = {name for name, row in self.rows.items() if row["direct"]}
        for name, row in pipdeptree(self.site.folder).items():
            unique = set(row["package"]["computed"]["unique_deps_names"])
            if not unique & direct:  # it does not know what was asked for
                compared += bool(unique)
                self.assertEqual(self.rows[name]["exclusive_bytes"],
                                 sum(self.rows[one]["bytes"] for one in unique | {name}), name)
        self.assertGreater(compared, 3)

    def test_direct_ones_are_those_pip_was_asked_for(self):
        asked = {DISTRIBUTIONS[module] for module in self.site.modules}
        self.assertEqual({name for name, row in self.rows.items() if row["direct"]},
                         set(map(canonical, asked)))

    def broken_environment(self):
        """An environment with what the site's distributions say of themselves: one is gone, one
        has another version, one is wanted only by an extra and gone."""
        environment = self.folder / "environment"
        subprocess.run([PIP_PYTHON, "-m", "venv", "--without-pip", environment], check=True)
        for info in self.site.folder.glob("*.dist-info"):
            shutil.copytree(info, environment / INSIDE / info.name)
        for row in self.rows.values():
            info = environment / INSIDE / Path(row["info"]).name
            if canonical(row["name"]) in (GONE, ONLY_BY_EXTRA):
                shutil.rmtree(info)
            elif canonical(row["name"]) == CHANGED:
                metadata = info / "METADATA"
                metadata.write_text(re.sub(r"(?m)^Version: .*", "Version: 1.4",
                                           metadata.read_text(encoding="utf-8"), count=1),
                                    encoding="utf-8")
        return environment

    def test_conflicts_are_those_of_pip_check(self):
        environment = self.broken_environment()
        told = self.report(environment)
        extras = {one["text"] for row in told["distributions"] for one in row["requirements"]
                  if one["extra"]}
        found, of_extras = set(), set()
        for one in told["conflicts"]:
            name = re.match(r"[\w.-]+", one["what"])[0]
            which = of_extras if one["what"] in extras else found
            which.add((one["kind"], canonical(one["distribution"]), canonical(name)))
        expected = pip_check(environment / "bin/python")
        self.assertEqual(found, expected)
        self.assertLessEqual({("missing", "requests", GONE), ("version", "pandas", CHANGED)},
                             expected)
        self.assertEqual(of_extras, {("missing", "pyjwt", ONLY_BY_EXTRA)})  # pip is silent there

    def test_a_whole_site_has_no_conflict(self):
        self.assertEqual(self.told["conflicts"], [])
        self.assertEqual(self.told["foreign"], [])


if __name__ == "__main__":
    unittest.main()
