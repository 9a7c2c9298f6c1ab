"""Proofs of small apps whose truth is known: what is loaded, what breaks, what a first call pays.

The recordings are written by hand; what runs is real. Counts are held against a program that imports
the same files without thaw.
"""

import atexit
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

import live_program
from source_helper import pythons

TIMEOUT_SECONDS = 600
PYTHON = "/usr/bin/python3.11"
SECONDS = 120
SECRET = "a-value-that-nobody-may-see"

COUNT = """
import sys
sys.path.insert(0, sys.argv[2])
def names():
    return {getattr(getattr(module, "__spec__", None), "name", key)
            for key, module in sys.modules.items()}
before = names()
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {"__name__": "app"})
print(len(names() - before))
"""

APP = """\
import helper
import decimal

def work():
    return decimal.Decimal(1)

if __name__ == "__main__":
    open("was_run", "w").close()
"""
MOVED = """\
import helper

def work():
    import decimal
    return decimal.Decimal(1)

if __name__ == "__main__":
    open("was_run", "w").close()
"""


@functools.cache
def program():
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return live_program.built(folder, "prove_runs.c")


def tree(folder):
    return {str(path): (path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in [folder, *sorted(folder.rglob("*"))]}


class Case(unittest.TestCase):
    copy = False

    def setUp(self):
        self.program = program()
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name).resolve()
        self.app, self.temporary = self.scratch / "app", self.scratch / "temporary"
        self.temporary.mkdir()
        self.rows = []

    def write(self, name, text):
        path = self.app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def row(self, name, line, module, bound, functions=(), taken="", level=0, attributes=()):
        """An import statement, as the inventory has it."""
        lists = json.dumps(list(functions)), json.dumps(list(attributes))
        self.rows.append(f'inventory.statement file={self.quoted(name)} line={line} level={level} '
                         f'module="{module}" name="{taken}" bound="{bound}" use="functions" '
                         f'functions={lists[0]} attributes={lists[1]}')

    def quoted(self, name):
        return json.dumps(str(self.app / name))

    def recording(self, executable=PYTHON, script="app.py", lines=()):
        lines = [f'10 session.begin tool_version="0.1.0" backend="ebpf" cpus=2 '
                 f'directory={json.dumps(str(self.app))} until="exit" platform="auto"',
                 f'20 process.exec pid=5 tid=5 executable="{executable}"',
                 f'20 interpreter pid=5 tid=5 executable="{executable}" version="3" '
                 f'coverage="from start"',
                 *lines]
        if script:
            lines.append(f'90 body.begin pid=5 tid=5 name="__main__" file={self.quoted(script)} '
                         f'stack=9000 own=1')
        lines += [f"200 {row}" for row in self.rows]
        lines.append('300 session.end reason="exit"')
        path = self.scratch / "recording.txt"
        path.write_text("\n".join(["thaw-recording-text 1", *lines, ""]), encoding="utf-8")
        return str(path)

    def words(self, files, recording=None, **request):
        """files: {name: ([(line, module, bound)], new text or None for the rewriter's)}."""
        return [str(self.program), json.dumps({
            "recording": recording or self.recording(), "folder": str(self.app),
            "timeout_ms": SECONDS * 1000, "pairs": 1, "copy": self.copy,
            "files": [{"name": str(self.app / name), "relative": name, "imports": imports,
                       **({"bytes": text} if text is not None else {})}
                      for name, (imports, text) in files.items()], **request})]

    @property
    def variables(self):
        return {**os.environ, "TMPDIR": str(self.temporary)}

    def answers(self, text):
        found = {"progress": []}
        for line in text.splitlines():
            for name, value in json.loads(line).items():
                if name == "progress":
                    found[name].append(value)
                else:
                    found[name] = value
        return found

    def prove(self, files, **request):
        before = tree(self.app)
        result = subprocess.run(self.words(files, **request), capture_output=True, text=True,
                                timeout=SECONDS * 2, check=False, env=self.variables)
        self.assertEqual(result.stderr, "")
        self.assertEqual(tree(self.app), before)
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertNotIn(SECRET, result.stdout)
        return self.answers(result.stdout)

    def proof(self, files, **request):
        answer = self.prove(files, **request)
        self.assertNotIn("error", answer)
        self.assertEqual(answer["proof"]["code"], 0)
        self.assertEqual(answer["proof"]["way"] == "copy", self.copy)
        return answer["proof"]

    def counted(self, text, executable=PYTHON):
        """How many modules the app loads with that text, without thaw."""
        path = self.scratch / "counted.py"
        path.write_text(text, encoding="utf-8")
        result = subprocess.run([executable, "-B", "-c", COUNT, str(path), str(self.app)],
                                capture_output=True, text=True, timeout=SECONDS, check=True)
        return int(result.stdout)

    def usual(self):
        self.write("app.py", APP)
        self.write("helper.py", "import csv\n")
        self.row("app.py", 2, "decimal", "decimal", ["work"])
        return {"app.py": ([(2, "decimal", "decimal")], MOVED)}


class Cases(Case):
    def test_what_vanishes_is_what_vanishes_without_thaw(self):
        proof = self.proof(self.usual())
        self.assertEqual(proof["counts"]["modules"], [self.counted(APP), self.counted(MOVED)])
        self.assertLess(*reversed(proof["counts"]["modules"]))
        self.assertEqual(proof["pairs"], 1)
        self.assertGreater(proof["original_ns"], 0)
        [[function, file, line, ns, modules]] = proof["calls"]
        self.assertEqual((function, file), ("work", str(self.app / "app.py")))
        self.assertGreater(ns, 0)
        self.assertEqual(modules, self.counted(APP) - self.counted(MOVED))
        self.assertEqual(proof["imports"], [[str(self.app / "app.py"), 2, "decimal"]])
        self.assertEqual({name: one[0] for name, one in proof["checks"].items()},
                         {"modules from the app's folder": "same", "attribute chains": "same",
                          "tests": "not checked"})

    def test_by_the_rewriter(self):
        self.usual()
        proof = self.proof({"app.py": ([(2, "decimal", "decimal")], None)})
        self.assertEqual(proof["counts"]["modules"], [self.counted(APP), self.counted(MOVED)])

    def test_nothing_vanishes(self):
        files = self.usual()
        self.write("helper.py", "import decimal\n")
        proof = self.proof(files)
        self.assertEqual((proof["verdict"], proof["pairs"]), ("refuted", 0))
        self.assertIn("nothing vanishes", proof["reason"])

    def test_a_changed_app_that_fails(self):
        self.usual()
        proof = self.proof({"app.py": ([(2, "decimal", "decimal")],
                                       MOVED + "\nraise KeyError('gone')\n")})
        self.assertEqual(proof["verdict"], "refuted")
        self.assertIn("KeyError: 'gone'", proof["reason"])

    def test_an_app_that_fails_as_it_is(self):
        files = self.usual()
        self.write("helper.py", "import os\nos.environ['NOT_GIVEN']\n")
        answer = self.prove(files)
        self.assertIn("KeyError: 'NOT_GIVEN'", answer["error"]["message"])
        self.assertIn("--env", answer["error"]["message"])
        self.assertNotIn("proof", answer)
        self.assertEqual(self.proof(files, environment=[f"NOT_GIVEN={SECRET}"])["pairs"], 1)

    def test_an_app_that_ends_itself(self):
        files = self.usual()
        self.write("helper.py", "raise SystemExit(0)\n")
        self.assertIn("ended itself", self.prove(files)["error"]["message"])

    def test_a_lost_attribute_chain(self):
        self.write("app.py", "import urllib\nimport loader\n\n"
                             "def work():\n    return loader, urllib.parse.quote('x')\n")
        self.write("loader.py", "import urllib.parse\n")
        self.row("app.py", 1, "urllib", "urllib", ["work"], attributes=["parse", "parse.quote"])
        self.row("app.py", 2, "loader", "loader", ["work"])
        files = {"app.py": ([(2, "loader", "loader")],
                            "import urllib\n\n\ndef work():\n    import loader\n"
                            "    return loader, urllib.parse.quote('x')\n")}
        proof = self.proof(files)
        self.assertEqual(proof["verdict"], "refuted")
        self.assertEqual(proof["checks"]["attribute chains"][0], "differs")
        self.assertIn("urllib.parse", proof["reason"])

    def test_a_chain_that_its_own_import_brings(self):
        self.write("app.py", "import xml.dom as dom\nimport xml.etree\n\n"
                             "def work():\n    return dom.domreg, xml.etree\n")
        self.row("app.py", 1, "xml.dom", "dom", ["work"], attributes=["domreg"])
        self.row("app.py", 2, "xml.etree", "xml", ["work"], attributes=["etree"])
        proof = self.proof({"app.py": ([(1, "xml.dom", "dom"), (2, "xml.etree", "xml")], None)})
        self.assertEqual(proof["checks"]["attribute chains"], ["same", ""])
        self.assertEqual(proof["calls"][0][0], "work")

    def test_a_first_call_that_fails(self):
        self.write("app.py", APP.replace("decimal", "once"))
        self.write("helper.py", "")
        self.write("once.py", "import os\nassert not os.path.exists('/proc/self/app-is-loaded')\n"
                              "import sys\nassert 'late' not in sys.modules\n")
        self.row("app.py", 2, "once", "once", ["work"])
        proof = self.proof({"app.py": ([(2, "once", "once")],
                                       "import helper\nimport sys\nsys.modules['late'] = sys\n\n"
                                       "def work():\n    import once\n    return once\n")})
        self.assertEqual(proof["verdict"], "refuted")
        self.assertIn("the first call of work fails", proof["reason"])
        self.assertIn("AssertionError", proof["reason"])

    def test_own_tests(self):
        files = self.usual()
        for test, result, words in (
                ("grep -q decimal app.py", "same", ""),
                ("grep -q '^import decimal' app.py", "differs", "not in the changed one"),
                ("echo why; exit 3", "not checked", "they fail in the app as it is")):
            with self.subTest(test):
                proof = self.proof(files, test=test)
                self.assertEqual(proof["checks"]["tests"][0], result)
                self.assertIn(words, proof["checks"]["tests"][1])
                self.assertEqual(proof["verdict"] == "refuted" and proof["pairs"] == 0,
                                 result == "differs")

    def test_relative_imports(self):
        self.write("pkg/__init__.py", "")
        self.write("pkg/main.py", "from . import late\nfrom .part import VALUE\n\n"
                                  "def work():\n    return late, VALUE\n")
        self.write("pkg/late.py", "import decimal\n")
        self.write("pkg/part.py", "VALUE = 1\n")
        self.row("pkg/main.py", 1, "", "late", ["work"], taken="late", level=1)
        self.row("pkg/main.py", 2, "part", "VALUE", ["work"], taken="VALUE", level=1)
        begun = [f'{time} {kind}' for time, kind in (
            (100, 'import.begin pid=5 tid=5 name="pkg" stack=8000'),
            (101, f'body.begin pid=5 tid=5 name="pkg" file={self.quoted("pkg/__init__.py")} '
                  'stack=7900'),
            (102, 'import.end pid=5 tid=5 stack=8000'),
            (103, 'import.begin pid=5 tid=5 name="pkg.main" stack=8000'),
            (104, f'body.begin pid=5 tid=5 name="pkg.main" file={self.quoted("pkg/main.py")} '
                  'stack=7900'),
            (105, 'import.end pid=5 tid=5 stack=8000'))]
        answer = self.prove({"pkg/main.py": ([(1, "", "late"), (2, "part", "VALUE")], None)},
                            recording=self.recording(script="", lines=begun))
        self.assertEqual(answer["app"]["entries"],
                         [["pkg", str(self.app / "pkg/__init__.py")],
                          ["pkg.main", str(self.app / "pkg/main.py")]])
        [[function, _, _, _, modules]] = answer["proof"]["calls"]
        self.assertEqual(function, "work")
        original, changed = answer["proof"]["counts"]["modules"]
        self.assertEqual(modules, original - changed)

    def test_what_is_guarded_is_not_run(self):
        files = self.usual()
        self.proof(files, test="test ! -e was_run")
        self.assertEqual(self.proof(files, test="test ! -e was_run")["checks"]["tests"][0], "same")

    def test_names_that_hide_the_standard_library(self):
        files = self.usual()
        self.write("json.py", "VALUE = 1\n")
        self.write("os.py", "VALUE = 1\n")
        self.write("helper.py", "import json\njson.VALUE\n")
        self.assertEqual(self.proof(files)["checks"]["modules from the app's folder"][0], "same")

    def test_no_bytecode_outside(self):
        files = self.usual()
        outside = self.scratch / "outside"
        outside.mkdir()
        (outside / "far.py").write_text("VALUE = 1\n")
        self.write("helper.py", f"import sys\nsys.path.append({str(outside)!r})\nimport far\n")
        self.assertEqual(self.proof(files)["pairs"], 1)
        self.assertEqual(os.listdir(outside), ["far.py"])

    def test_what_was_there_before_is_there(self):
        """What a worker had loaded counts for nothing; what can't be loaded any more is no fault."""
        files = self.usual()
        lines = [line for number, name in enumerate(("decimal", "no_such_thing", "x'; y\\t\"z"))
                 for line in (
                     f"{30 + number} import.begin pid=5 tid=5 name={json.dumps(name)} stack=8000",
                     f'{30 + number} import.end pid=5 tid=5 stack=8000')]
        proof = self.proof(files, recording=self.recording(lines=lines))
        self.assertEqual(proof["verdict"], "refuted")
        self.assertIn("nothing vanishes", proof["reason"])

    def test_no_way_to_load_it(self):
        files = self.usual()
        answer = self.prove(files, recording=self.recording(script=""))
        self.assertIn("it can't be told how to load it", answer["error"]["message"])

    def test_stopped(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(stop):
                self.rows.clear()
                process = subprocess.Popen(self.words(self.usual(), pairs=500), text=True,
                                           stdout=subprocess.PIPE, env=self.variables)
                self.addCleanup(process.kill)
                text = ""
                while '"pair 1 of' not in text:
                    text += process.stdout.readline()
                process.send_signal(stop)
                rest, _ = process.communicate(timeout=SECONDS)
                proof = self.answers(text + rest)["proof"]
                self.assertEqual((proof["code"], proof["verdict"]), (1, "inconclusive"))
                self.assertIn("it was stopped after", proof["reason"])
                self.assertGreater(proof["pairs"], 0)
                self.assertEqual(os.listdir(self.temporary), [])


class Overlay(Cases):
    def setUp(self):
        super().setUp()
        if shutil.which("unshare") is None or subprocess.run(
                ["unshare", *([] if os.geteuid() == 0 else ["-U"]), "-m", "true"],
                capture_output=True, timeout=SECONDS, check=False).returncode:
            self.skipTest("a namespace is refused here")


class Copy(Cases):
    copy = True

    def test_an_app_that_names_its_own_folder(self):
        files = self.usual()
        text = f"import sys\nsys.path.insert(0, {str(self.app)!r})\n"
        self.write("app.py", text + APP)
        self.rows.clear()
        self.row("app.py", 4, "decimal", "decimal", ["work"])
        answer = self.prove({"app.py": ([(4, "decimal", "decimal")], text + MOVED)})
        self.assertIn("helper.py", answer["error"]["message"])


class EachPython(Case):
    def test_each(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                self.rows.clear()
                proof = self.proof(self.usual(), recording=self.recording(executable))
                self.assertEqual(proof["counts"]["modules"],
                                 [self.counted(APP, executable), self.counted(MOVED, executable)])
                self.assertEqual(proof["calls"][0][0], "work")


del Cases

if __name__ == "__main__":
    unittest.main()
