"""`thaw diff` of cold starts that were really recorded, against CPython's own import report.

An app is recorded several times, gets one more import, and is recorded again. Which modules came,
and below what, is compared with what `-X importtime` says of both; medians and probabilities with
what a few lines of Python make of the runs' times.
"""

import json
import statistics
import subprocess
import tempfile
import unittest
from pathlib import Path

import importtime
import recorded
from program import run_thaw
from rank_oracle import adjusted, probability

PYTHON = ["/usr/bin/python3.11", "-s", "main.py"]
RUNS = 4  # the fewest that can tell a difference from noise
FILES = {"before": "import json\nimport helper\n",
         "after": "import json\nimport helper\nimport xml.dom.minidom\n"}
HELPER = "import decimal\n\ndef work():\n    return decimal.Decimal(1)\n"


def paths(text):
    """Names from the root of every import that -X importtime lists."""
    result = set()

    def walk(one, above):
        path = (*above, one.name)
        result.add(path)
        for child in one.children:
            walk(child, path)
    for root in importtime.parse(text):
        walk(root, ())
    return result


def tree_paths(tree):
    """Path of names of every node below a role -> number of the node."""
    found, whole = {}, []
    for place, parent in enumerate(tree["parent"]):
        whole.append((*whole[parent], tree["name"][place]) if parent >= 0 else ())
        if parent >= 0:
            found[whole[-1]] = place
    return found


class ColdDiff(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.app = cls.scratch / "app"
        cls.app.mkdir()
        (cls.app / "helper.py").write_text(HELPER)

    def write_app(self, side):
        (self.app / "main.py").write_text(FILES[side])

    def oracle(self, side):
        self.write_app(side)
        result = subprocess.run([PYTHON[0], "-X", "importtime", *PYTHON[1:]], cwd=self.app,
                                capture_output=True, text=True, check=True, timeout=60)
        return paths(result.stderr)

    def compared(self, before, after):
        result = run_thaw("diff", before, after, "--json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def check_tree(self, cold):
        before, after = self.oracle("before"), self.oracle("after")
        self.assertTrue(after - before)
        tree = cold["tree"]
        found = tree_paths(tree)
        self.assertEqual({path for path, node in found.items() if tree["before_count"][node]},
                         before)
        self.assertEqual({path for path, node in found.items() if tree["after_count"][node]},
                         after)
        names = [{path[-1] for path in side} for side in (before, after)]
        came = {module["name"] for module in cold["modules"] if module["change"] == "came"}
        went = {module["name"] for module in cold["modules"] if module["change"] == "went"}
        self.assertEqual((came, went), (names[1] - names[0], names[0] - names[1]))
        top = [module for module in cold["modules"] if module["name"] == "xml.dom.minidom"][0]
        self.assertTrue(top["top"])
        self.assertEqual(top["below"], len([path for path in after - before
                                            if path[0] == "xml.dom.minidom"]) - 1)
        return top

    def check_statistics(self, cold):
        """Every measure that was tested, with its list."""
        phases = [phase["ns"] for phase in cold["phases"]] + [cold["unattributed_ns"],
                                                              cold["imports_ns"]]
        tested = [measure for measure in phases if measure["probability"] is not None]
        self.assertEqual(len(tested), cold["method"]["phases"])
        by_hand = []
        for measure in (*tested, cold["total_ns"]):
            sides = [[ns for ns in measure[key] if ns is not None]
                     for key in ("before_runs", "after_runs")]
            for key, values in zip(("before_ns", "after_ns"), sides):
                self.assertAlmostEqual(measure[key], statistics.median(values), delta=1)
            if len({*sides[0], *sides[1]}) == len(sides[0]) + len(sides[1]):
                self.assertAlmostEqual(measure["probability"], probability(*sides), places=5)
            by_hand.append(measure["probability"])
        for measure, p in zip(tested, adjusted(by_hand[:-1])):
            self.assertAlmostEqual(measure["adjusted"], p, places=5)
            moved = measure["after_ns"] - measure["before_ns"]
            expected = ("slower" if moved > 0 else "faster") if p <= 0.05 else None
            if expected and moved:
                self.assertEqual(measure["verdict"], expected)
            else:
                self.assertIn(measure["verdict"], ("same", "unknown"))

    def test_trials_of_an_app_with_one_more_import(self):
        folders = {}
        for side in FILES:
            self.write_app(side)
            folders[side] = self.scratch / side
            folders[side].mkdir()
            for number in range(RUNS):
                run = recorded.record_with_ebpf(folders[side] / f"{number}.thaw", "--observe",
                                                "imports", command=PYTHON, cwd=self.app)
                self.assertEqual(run.status, 0, run.stderr)
        diff = self.compared(folders["before"], folders["after"])
        cold = diff["cold_start"]
        self.assertEqual([len(diff[side]["runs"]) for side in FILES], [RUNS, RUNS])
        self.assertEqual(cold["unlike"], [])
        top = self.check_tree(cold)
        self.assertEqual(top["importer"], {"file": "main.py", "line": 3})
        self.check_statistics(cold)
        text = run_thaw("diff", folders["before"], folders["after"], "--color", "never").stdout
        self.assertIn("main.py:3 > xml.dom.minidom", text)
        page = run_thaw("diff", folders["before"], folders["after"], "-f", "html").stdout
        self.assertIn("xml.dom.minidom", page)

    def test_without_privileges(self):
        files = {}
        for side in FILES:
            self.write_app(side)
            files[side] = self.scratch / f"{side}-importtime.thaw"
            run = recorded.record(files[side], "--backend", "importtime", command=PYTHON,
                                  cwd=self.app, elevated=False)
            self.assertEqual(run.status, 0, run.stderr)
        cold = self.compared(files["before"], files["after"])["cold_start"]
        self.check_tree(cold)
        self.assertEqual(cold["total_ns"]["reason"], "single-run")
        text = run_thaw("diff", files["before"], files["after"]).stdout
        self.assertIn("one run each: not told", text)


if __name__ == "__main__":
    unittest.main()
