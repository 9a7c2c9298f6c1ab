"""`thaw diff` of two real environments, against importlib.metadata, os.stat and du.

They are what pip made of the lock files in tests/live/diff: jinja2 is there in two versions, flask
came with what it needs, simplejson went.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from importlib import metadata
from pathlib import Path

import locked_environments
from program import REPOSITORY, run_thaw

TIMEOUT_SECONDS = 300
SITE = ".venv/lib/python3.11/site-packages"
REQUIREMENTS = {"before": ["jinja2==3.1.4", "simplejson", "six"],
                "after": ["six", "jinja2==3.1.6", "flask"]}


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(app):
    """Normalised name -> version, space on the disk and number of its files."""
    found = {}
    for distribution in metadata.distributions(path=[str(app / SITE)]):
        places = {os.path.realpath(file.locate()) for file in distribution.files}
        files = [os.lstat(place) for place in places if os.path.isfile(place)]
        found[normalised(distribution.name)] = (
            distribution.version, sum(file.st_blocks * 512 for file in files), len(files))
    return found


def libraries(app):
    """What a library is called without the interpreter's tag -> its size."""
    return {str(path.relative_to(app / SITE)).partition(".cpython-")[0]: path.stat().st_size
            for path in (app / SITE).rglob("*.so")}


class Diff(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.apps = {}
        for name, lines in REQUIREMENTS.items():
            app = cls.apps[name] = Path(folder.name) / name
            shutil.copytree(locked_environments.small_environment(name), app / ".venv", symlinks=True)
            (app / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        cls.scratch = Path(folder.name)

    def diff(self, *operands):
        result = run_thaw("diff", *operands, "--json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def by_name(self, diff):
        return {normalised(one["name"]): one for one in diff["distributions"]}

    def test_distributions(self):
        before, after = installed(self.apps["before"]), installed(self.apps["after"])
        diff = self.diff(self.apps["before"], self.apps["after"])
        found = self.by_name(diff)
        same = {name for name in before if after.get(name) == before[name]}
        self.assertEqual(diff["distributions_same"], len(same))
        self.assertEqual(set(found), (set(before) | set(after)) - same)
        for name, change in found.items():
            with self.subTest(name):
                self.assertEqual(change["change"], "went" if name not in after else
                                 "came" if name not in before else "version")
                for side, facts in (("before", before), ("after", after)):
                    if name not in facts:
                        self.assertIsNone(change[side])
                        continue
                    self.assertEqual((change[side]["version"], change[side]["disk_bytes"],
                                      change[side]["files"]), facts[name])
                self.assertEqual(change["disk_bytes_change"],
                                 after.get(name, (0, 0))[1] - before.get(name, (0, 0))[1])
        weights = [abs(one["disk_bytes_change"]) for one in diff["distributions"]]
        self.assertEqual(weights, sorted(weights, reverse=True))
        self.assertIn("six", same)

    def test_what_brought_it(self):
        found = self.by_name(self.diff(self.apps["before"], self.apps["after"]))
        flask = {"kind": "requirement", "text": "flask", "file": "requirements.txt", "line": 3}
        for name in ("flask", "werkzeug", "click", "itsdangerous", "blinker"):
            with self.subTest(name):
                self.assertEqual(found[name]["cause"], flask)
                self.assertEqual(found[name]["why"][0], "requirements.txt:3")
                self.assertEqual(normalised(found[name]["why"][-1]), name)
        self.assertEqual(found["jinja2"]["cause"]["text"], "jinja2==3.1.6")
        self.assertEqual(found["simplejson"]["cause"],
                         {"kind": "requirement", "text": "simplejson", "file": "requirements.txt",
                          "line": 2})
        text = run_thaw("diff", *self.apps.values(), "--color", "never").stdout
        self.assertRegex(text, r"came +[Ff]lask \S+\n +brought by flask in requirements.txt:3\n")

    def test_totals_are_those_of_du(self):
        totals = self.diff(self.apps["before"], self.apps["after"])["totals"]
        sizes = [int(subprocess.run(["du", "-s", "-B1", app], capture_output=True, check=True,
                                    text=True).stdout.split()[0]) for app in self.apps.values()]
        self.assertEqual(totals["disk_bytes"], {"before": sizes[0], "after": sizes[1],
                                                "change": sizes[1] - sizes[0]})
        for key in ("bytes", "files"):
            self.assertEqual(sum(kind[key]["change"] for kind in totals["kinds"].values()),
                             totals[key]["change"])

    def test_libraries(self):
        before, after = libraries(self.apps["before"]), libraries(self.apps["after"])
        self.assertTrue(before and after)
        changes = {}
        for change in self.diff(self.apps["before"], self.apps["after"])["libraries"]:
            if not change["outside"]:
                place = change["path"].removeprefix(SITE + "/").partition(".cpython-")[0]
                changes[place] = (change["change"], change["bytes_change"])
        expected = {}
        for name in {*before, *after}:
            if name not in after:
                expected[name] = ("went", -before[name])
            elif name not in before:
                expected[name] = ("came", after[name])
            elif before[name] != after[name]:
                expected[name] = ("size", after[name] - before[name])
        built = {name for name, (change, _) in changes.items() if change == "build"}
        self.assertEqual({name: one for name, one in changes.items() if name not in built}, expected)
        self.assertLessEqual(built, {name for name in before if before[name] == after.get(name)})

    def test_reports_and_targets_are_the_same(self):
        for name, app in self.apps.items():
            run_thaw("deps", app, "--json", "-o", self.scratch / f"{name}.json", check=True)
        whole = self.diff(self.apps["before"], self.apps["after"])
        for operands in ((self.scratch / "before.json", self.scratch / "after.json"),
                         (self.scratch / "before.json", self.apps["after"])):
            diff = self.diff(*operands)
            self.assertEqual([diff[side].pop("name") for side in ("before", "after")],
                             [str(one) for one in operands])
            self.assertEqual(diff, {key: {name: item for name, item in value.items()
                                          if name != "name"} if key in ("before", "after") else value
                                    for key, value in whole.items()})

    def test_a_target_and_itself_do_not_differ(self):
        diff = self.diff(self.apps["after"], self.apps["after"])
        for key in ("requirements", "distributions", "libraries", "missing", "conflicts", "foreign",
                    "duplicates", "folders"):
            self.assertEqual(diff[key], [], key)
        self.assertEqual(diff["distributions_same"], len(installed(self.apps["after"])))

    def test_the_same_packages_elsewhere_and_zipped(self):
        """The place of site-packages does not matter: a zip of an app has the same distributions."""
        path = self.scratch / "app.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            site = self.apps["after"] / SITE
            for file in sorted(site.rglob("*")):
                if file.is_file():
                    archive.write(file, Path(".python_packages/lib/site-packages")
                                  / file.relative_to(site))
        diff = self.diff(self.apps["after"], path)
        self.assertEqual({one["change"] for one in diff["distributions"]} - {"size"}, set())
        self.assertEqual([one for one in diff["libraries"] if not one["outside"]], [])
        self.assertIn("zip", run_thaw("diff", self.apps["after"], path).stdout)

    def test_a_bill_of_materials_of_it_is_valid(self):
        result = run_thaw("deps", self.apps["after"], "-f", "cyclonedx", "-o",
                          self.scratch / "after.cdx.json")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        judged = subprocess.run([locked_environments.sbom_validator() / "bin/python", "-I",
                                 REPOSITORY / "tests/live/sbom/validate.py",
                                 self.scratch / "after.cdx.json"], capture_output=True, text=True,
                                timeout=60, check=True)
        verdict = next(iter(json.loads(judged.stdout).values()))
        self.assertEqual((verdict["error"], verdict["model"]), (None, None))
        expected = {(name, version) for name, (version, *_) in
                    installed(self.apps["after"]).items()}
        self.assertEqual({(one["name"], one["version"]) for one in verdict["purls"].values()},
                         expected)
        document = json.loads((self.scratch / "after.cdx.json").read_text())
        edges = {one["ref"].partition("@")[0]: one["dependsOn"] for one in document["dependencies"]}
        self.assertEqual({one.partition("@")[0] for one in edges["distribution:flask"]},
                         {f"distribution:{name}" for name in
                          ("blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug")})


if __name__ == "__main__":
    unittest.main()
