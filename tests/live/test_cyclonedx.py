"""The bill of materials (-f cyclonedx), judged by cyclonedx-python-lib.

Reports that no target gives are rendered by write_format.c: hostile names, licences of any form, two
versions of one name.
"""

import copy
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import locked_environments
from live_program import built
from program import REPOSITORY, run_thaw

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
GOLDEN = sorted((REPOSITORY / "tests/golden").glob("*/recording.txt"))
HOSTILE = ("two\nlines", "</script><img src=x>", "\x1b[31m", "\u202eabc", "a" * 5000, "", "%00", "..",
           "a/b@c?d#e", "\ufffd")
LICENSES = {
    "MIT": ("id", "MIT"),
    "BSD-3-Clause AND (0BSD OR Zlib)": ("expression", "BSD-3-Clause AND (0BSD OR Zlib)"),
    "GPL-3.0-or-later WITH GCC-exception-3.1": ("expression",
                                                "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "BSD": ("name", "BSD"), "MIT License": ("name", "MIT License"), "MIT AND": ("name", "MIT AND"),
    "(MIT": ("name", "(MIT"), "MIT)": ("name", "MIT)"), "AND": ("name", "AND"),
    "MIT ": ("name", "MIT "), "()": ("name", "()"), "MIT WITH MIT": ("name", "MIT WITH MIT"),
    "(MIT) WITH GCC-exception-3.1": ("name", "(MIT) WITH GCC-exception-3.1"),
    "MIT\nAND MIT": ("name", "MIT\nAND MIT"),
}


def distribution(name, version, **more):
    return {"name": name, "version": version, "location": "site", "bytes": 1, "disk_bytes": 4096,
            "files": 1, "requires": [], **more}


def report(distributions, libraries=()):
    """The full report with these instead of its own."""
    return {**copy.deepcopy(FULL), "distributions": distributions, "libraries": list(libraries)}


def components(parent):
    for component in parent.get("components", ()):
        yield component
        yield from components(component)


class CycloneDX(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.python = locked_environments.sbom_validator() / "bin/python"
        cls.program = built(cls.scratch, "write_format.c")

    def judge(self, texts):
        """What the validator makes of the documents, by their names."""
        files = {}
        for name, text in texts.items():
            path = self.scratch / f"{len(files)}.cdx.json"
            path.write_text(text, encoding="utf-8")
            files[str(path)] = name
        result = subprocess.run([self.python, "-I", REPOSITORY / "tests/live/sbom/validate.py",
                                 *files], capture_output=True, text=True, timeout=120, check=True)
        return {files[path]: verdict for path, verdict in json.loads(result.stdout).items()}

    def render(self, one):
        path = self.scratch / "report.json"
        path.write_text(json.dumps(one), encoding="utf-8")
        result = subprocess.run([self.program, "cyclonedx", path], capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.isascii())
        self.assertFalse([byte for byte in result.stdout if byte < " " and byte != "\n"])
        return result.stdout

    def assert_valid(self, texts):
        verdicts = self.judge(texts)
        for name, verdict in verdicts.items():
            with self.subTest(name):
                self.assertIsNone(verdict["error"])
                self.assertIsNone(verdict["model"])
                self.assertEqual(set(verdict["ids"].values()) - {True}, set())
                self.assertEqual(set(verdict["expressions"].values()) - {True}, set())
                document = json.loads(texts[name])
                references = [component["bom-ref"] for component in components(document)]
                self.assertEqual(len(references), len(set(references)))
                known = {*references, "target"}
                for dependency in document["dependencies"]:
                    self.assertLessEqual({dependency["ref"], *dependency["dependsOn"]}, known)
        return verdicts

    def test_reports_of_recordings_are_valid(self):
        texts, empty = {}, 0
        for recording in GOLDEN:
            result = run_thaw("report", recording, "-f", "cyclonedx")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            texts[recording.parent.name] = result.stdout
            document = json.loads(result.stdout)
            expected = json.loads((recording.parent / "expected.json").read_text(encoding="utf-8"))
            looked_for = expected["distributions"]
            found = [component for component in document["components"]
                     if component["type"] == "library"]
            self.assertEqual(len(found), len(looked_for or ()))
            if looked_for is None:
                empty += 1
                self.assertEqual(document["compositions"][0]["aggregate"], "unknown")
        self.assertGreater(empty, 0)
        self.assertGreater(len(texts), empty)
        self.assert_valid(texts)

    def test_the_full_report_is_valid_and_says_what_it_has(self):
        text = self.render(FULL)
        self.assert_valid({"full": text})
        self.assertEqual(text, self.render(FULL))  # the same bytes each time
        document = json.loads(text)
        self.assertEqual(document["metadata"]["timestamp"], FULL["run"]["started"])
        self.assertNotIn("serialNumber", document)
        self.assertEqual(document["metadata"]["component"]["name"], "app")
        pandas = document["components"][0]
        self.assertEqual((pandas["purl"], pandas["scope"]), ("pkg:pypi/pandas@3.1.1", "required"))
        self.assertEqual(pandas["licenses"][0]["license"]["id"], "BSD-3-Clause")
        self.assertIn({"name": "thaw:disk_bytes", "value": "93400000"}, pandas["properties"])

    def test_without_a_recording_there_is_no_time(self):
        text = self.render({**report([distribution("a", "1")]), "run": None, "machine": None})
        self.assertNotIn("timestamp", json.loads(text)["metadata"])
        self.assert_valid({"target alone": text})

    def test_names_are_normalised_and_encoded_in_package_urls(self):
        text = self.render(report([distribution("Zope.Interface__x", "1.0+cu118"),
                                   distribution("mine", "1", editable="/src/mine"),
                                   distribution("noversion", None)]))
        verdict = self.assert_valid({"purls": text})["purls"]["purls"]
        self.assertEqual({(one["name"], one["version"]) for one in verdict.values()},
                         {("zope-interface-x", "1.0+cu118"), ("noversion", None)})
        self.assertIn("pkg:pypi/zope-interface-x@1.0%2Bcu118", verdict)

    def test_two_versions_of_one_name(self):
        libraries = [{"path": f"{site}/x/_x.so", "distribution": "x", "needed": []}
                     for site in ("second", "first")]
        text = self.render(report([
            distribution("x", "1", location="first"), distribution("X", "2", location="second"),
            distribution("x", "1", location="third"),
            distribution("top", "1", requires=["x", "x", "absent"], direct=True)], libraries))
        self.assert_valid({"twice": text})
        document = json.loads(text)
        self.assertEqual([component["bom-ref"] for component in document["components"]],
                         ["distribution:x@1", "distribution:x@2", "distribution:x@1#2",
                          "distribution:top@1"])
        self.assertEqual([component["components"][0]["name"]
                          for component in document["components"][:2]],
                         ["first/x/_x.so", "second/x/_x.so"])
        edges = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
        self.assertEqual(edges["distribution:top@1"], ["distribution:x@1"])
        self.assertEqual(edges["target"], ["distribution:top@1"])

    def test_libraries_depend_on_each_other(self):
        needed = [{"name": "libb.so", "resolved": "site/libb.so", "reason": "runpath"},
                  {"name": "libc.so.6", "resolved": "/lib/libc.so.6", "reason": "ld.so.cache"}]
        text = self.render(report([], [
            {"path": "site/a.so", "distribution": None, "needed": needed},
            {"path": "site/libb.so", "distribution": None, "needed": []},
            {"path": "/lib/libc.so.6", "distribution": None, "outside": True}]))
        self.assert_valid({"libraries": text})
        document = json.loads(text)
        self.assertEqual([component["name"] for component in document["components"]],
                         ["site/a.so", "site/libb.so"])
        edges = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
        self.assertEqual(edges["library:site/a.so"], ["library:site/libb.so"])

    def test_licences(self):
        every = json.loads(next(self.python.parents[1].glob(
            "lib/*/site-packages/cyclonedx/schema/_res/spdx.SNAPSHOT.schema.json")).read_text())
        texts = [*LICENSES, *every["enum"]]
        text = self.render(report([distribution(f"d{i}", "1", license=one)
                                   for i, one in enumerate(texts)]))
        verdict = self.assert_valid({"licences": text})["licences"]
        self.assertGreater(len(verdict["ids"]), 80)
        for component, one in zip(json.loads(text)["components"], texts):
            choice = component["licenses"][0]
            form = choice.get("license", choice)
            if one in LICENSES:
                key, value = LICENSES[one]
                self.assertEqual(form.get(key), value, one)
            self.assertIn(one, (form.get("id"), form.get("name"), form.get("expression")))

    def test_hostile_names(self):
        distributions = [distribution(name, name, license=name, location=name, info=name,
                                      requires=list(HOSTILE)) for name in HOSTILE]
        distributions.append(distribution("b\ufffd", "1", name_bytes="b%FF"))
        libraries = [{"path": name, "distribution": name, "soname": name,
                      "needed": [{"name": name, "resolved": name, "reason": None}]}
                     for name in HOSTILE]
        text = self.render(report(distributions, libraries))
        verdict = self.assert_valid({"hostile": text})["hostile"]
        self.assertEqual(len(verdict["purls"]), 1)  # of the long one, which could be a name
        self.assertIn({"name": "thaw:name_bytes", "value": "b%FF"},
                      json.loads(text)["components"][len(HOSTILE)]["properties"])

    def test_the_validator_refuses_what_is_wrong(self):
        good = json.loads(self.render(FULL))
        broken = {}
        for name, change in {
                "type": lambda one: one["components"][0].update(type="distribution"),
                "key": lambda one: one.update(unknown=1),
                "licence": lambda one: one["components"][0].update(
                    licenses=[{"license": {"id": "BSD"}}]),
                "time": lambda one: one["metadata"].update(timestamp="yesterday"),
                "property": lambda one: one["components"][0]["properties"][0].update(value=1),
                "edges": lambda one: one["dependencies"][0].update(dependsOn=["a", "a"])}.items():
            broken[name] = copy.deepcopy(good)
            change(broken[name])
        verdicts = self.judge({name: json.dumps(one) for name, one in broken.items()})
        for name, verdict in verdicts.items():
            with self.subTest(name):
                self.assertIsNotNone(verdict["error"])


if __name__ == "__main__":
    unittest.main()
