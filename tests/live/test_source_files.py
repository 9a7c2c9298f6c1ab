"""The source helper on several files at once, on bytecode, and on files made to break it."""

import os
import shutil
import subprocess
import unittest

from source_helper import ask, pythons
from test_source_uses import Folder

TIMEOUT_SECONDS = 300
HELPERS = "import pandas as pd\nimport numpy as np\ndef f(): return pd, np\n"


class SeveralFiles(Folder):
    """What other files of the user take from helpers.py, which imports pd and np."""

    def told(self, executable, others, asked=()):
        """What is said of helpers.py; others: {name: source}, of which those asked are executed."""
        paths = [self.write("app/pkg/helpers.py", HELPERS)]
        for name, source in others.items():
            path = self.write("app/" + name, source)
            if name in asked:
                paths.append(path)
        answer = ask(executable, paths)
        shutil.rmtree(self.folder / "app")
        self.assertEqual([row for row in answer.rows if row[0] == "failed"], [])
        return {bound: (one.use, one.detail) for bound, one in answer.statements(0).items()}

    def check(self, sources, pd, np=None):
        inside = ("functions", "first used at line 3")
        for version, executable in pythons():
            for source in sources:
                with self.subTest(version=version, source=source):
                    told = self.told(executable, {"main.py": source}, ["main.py"])
                    self.assertEqual(told["pd"], ("exported", pd) if pd else inside)
                    self.assertEqual(told["np"], ("exported", np) if np else inside)

    def test_imported(self):
        self.check(["from pkg.helpers import pd\n", "from helpers import pd as x\n",
                    "from .pkg.helpers import pd\n"], "imported in main.py at line 1")
        self.check(["def f():\n    from app.pkg.helpers import pd\n"],
                   "imported in main.py at line 2")

    def test_everything_imported(self):
        self.check(["from pkg.helpers import *\n"], "imported with * in main.py at line 1",
                   "imported with * in main.py at line 1")

    def test_read(self):
        self.check(["import pkg.helpers\nx = pkg.helpers.pd.read()\n",
                    "import pkg.helpers as h\ndef f(): return h.pd\n",
                    "from pkg import helpers\nhelpers.pd = None\n",
                    "from .pkg import helpers as h\nh.pd.x = 1\n"], "used in main.py at line 2")

    def test_patched(self):
        self.check(["import mock\n@mock.patch('pkg.helpers.pd')\ndef f(): pass\n",
                    "import mock\nmock.patch('app.pkg.helpers.pd.read')\n",
                    "from pkg import helpers\nmock.patch.object(helpers, 'pd')\n",
                    "import helpers as h\ngetattr(h, 'pd')\n"], "named in main.py at line 2")

    def test_of_other_files(self):
        self.check(["from other.helpers2 import pd\n", "import pandas as pd\nx = pd.helpers\n",
                    "from helpers.more import pd\n", "from ..helpers import pd\n",
                    "x = 'helpers', 'pd', 'x.helpers'\n", "from pkg.helpers import f\n"], None)

    def test_files_that_were_not_executed(self):
        test = "from unittest import mock\nmock.patch('helpers.pd')\n"
        look = "from helpers import np\n"
        for version, executable in pythons():
            others = {"pkg/tests/test_one.py": test, "pkg/env/pyvenv.cfg": "",
                      "pkg/broken.py": look + "("}
            others.update({name: look for name in (
                "pkg/.venv/x.py", "pkg/env/y.py", "pkg/lib/site-packages/z.py", "pkg/notes.txt",
                "pkg/node_modules/n.py", "beside.py")})
            with self.subTest(version=version):
                told = self.told(executable, others)
                self.assertEqual(told["pd"], ("exported", "named in test_one.py at line 2"))
                self.assertEqual(told["np"][0], "functions")

    def test_too_much_to_look_into_is_taken_for_a_look(self):
        version, executable = pythons()[-1]
        big = "x = 'helpers'\n" + "# and no more than that\n" * 20000
        others = {f"pkg/big_{number}.py": big for number in range(6)}
        told = self.told(executable, others)
        self.assertRegex(told["pd"][1], r"^\d files not looked into$")
        self.assertEqual(told["pd"][0], "exported")


class Bytecode(Folder):
    def compiled(self, executable, source, target):
        subprocess.run([executable, "-I", "-c", "import py_compile, sys\n"
                        "print(py_compile.compile(sys.argv[1], *sys.argv[2:], doraise=True))",
                        source, *target], check=True, capture_output=True)

    def test_bytecode_is_read_and_not_the_source(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                path = self.write(f"{version[1]}/m.py", "import abcd\n")
                self.compiled(executable, path, [])
                self.write(f"{version[1]}/m.py", "import efgh\n")  # of the same size
                self.assertEqual(ask(executable, [path], "m").imports(0), {(0, "abcd", ()): 1})

    def test_bytecode_of_another_source_is_not_read(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                path = self.write(f"{version[1]}/m.py", "import abcd\n")
                self.compiled(executable, path, [])
                self.write(f"{version[1]}/m.py", "import longer\n")
                self.assertEqual(ask(executable, [path], "m").imports(0), {(0, "longer", ()): 1})

    def test_bytecode_without_a_source(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                path = self.write(f"{version[1]}/m.py", "from a import b\n")
                self.compiled(executable, path, [path + "c"])
                os.unlink(path)
                told = ask(executable, [path, path + "c"], "m")
                self.assertEqual(told.imports(0), {(0, "a", ("b",)): 1})
                self.assertEqual(told.imports(1), {(0, "a", ("b",)): 1})

    def test_bytecode_of_another_python(self):
        for version, executable in pythons():
            path = self.write("m.py", "import a\n")
            cached = self.write(f"__pycache__/m.cpython-{version[0]}{version[1]}.pyc", b"\0" * 4096)
            with self.subTest(version=version):
                told = ask(executable, [path, cached], "m")
                self.assertEqual(told.imports(0), {(0, "a", ()): 1})
                self.assertEqual(told.failure(1), "OSError")

    def test_broken_bytecode(self):
        for version, executable in pythons():
            path = self.write(f"{version[1]}/m.py", "import a\n")
            self.compiled(executable, path, [])
            cached = next((self.folder / str(version[1]) / "__pycache__").iterdir())
            cached.write_bytes(cached.read_bytes()[:-20])
            with self.subTest(version=version):
                told = ask(executable, [path], "m")
                self.assertIn(told.failure(0), ("EOFError", "ValueError", "TypeError"))
                self.assertEqual(told.rows[-1], ["end"])


class Hostile(Folder):
    def failures(self, sources):
        """[(version, {name: why})] for files with these contents, all asked at once."""
        paths = {name: self.write(f"{name}/{name}.py", source) for name, source in sources.items()}
        for version, executable in pythons():
            answer = ask(executable, list(paths.values()))
            self.assertEqual(answer.rows[-1], ["end"])
            yield version, {name: answer.failure(file) for file, name in enumerate(paths)}

    def test_sources_that_do_not_compile(self):
        wanted = {"syntax": ("x = 1\nimport a b\n", ["SyntaxError at line 2"]),
                  "indent": ("if x:\nimport a\n", ["IndentationError at line 2"]),
                  "tabs": ("if x:\n\tif y:\n        z\n\tw\n", ["TabError at line 3",
                                                                    "IndentationError at line 3"]),
                  "zero": (b"import a\0b\n", ["ValueError", "SyntaxError",
                                               "SyntaxError at line 1"]),
                  "bytes": (b"import a\nx = '\xff\xfe'\n", ["SyntaxError", "SyntaxError at line 2",
                                                            "SyntaxError at line 1"]),
                  "encoding": ("# coding: no-such\n", ["SyntaxError", "SyntaxError at line 1"]),
                  "good": ("import a\n", [None])}
        for version, told in self.failures({name: row[0] for name, row in wanted.items()}):
            for name, why in told.items():
                with self.subTest(version=version, name=name):
                    self.assertIn(why, wanted[name][1])

    def test_deep_expressions_end_nothing(self):
        deep = {"add": "x = " + "+".join(["a"] * 150000), "minus": "x = " + "-" * 20000 + "a",
                "call": "x = a" + "()" * 100000, "brackets": "x = " + "[" * 90 + "]" * 90,
                "else": "if a: pass\n" + "elif a: pass\n" * 20000,
                "attribute": "x = a" + ".b" * 100000, "not": "x = " + "not " * 20000 + "a"}
        allowed = (None, "RecursionError", "MemoryError", "SyntaxError", "SyntaxError at line 1")
        for version, told in self.failures(dict(deep, good="import a\n")):
            with self.subTest(version=version):
                self.assertIsNone(told.pop("good"))
                for name, why in told.items():
                    self.assertIn(why, allowed, name)

    def test_names_without_end_are_left_out(self):
        name = "n" * 5000
        path = self.write("app.py", f"import {name}, a\nimport b as {name}x\n"
                                    f"def f(): return {name}, a, " + ", ".join(
                                        f"name_{i:06}" for i in range(30000)) + "\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = ask(executable, [path])
                self.assertEqual(list(answer.statements(0)), ["a"])
                _, _, references, _, dynamic, bare = answer.definitions(0)["f"]
                self.assertEqual(dynamic, 1)
                self.assertTrue(5000 < len(references) < 20000, len(references))
                self.assertLess(max(len(str(row)) for row in answer.rows), 1 << 20)

    def test_what_is_no_file(self):
        fifo = str(self.folder / "fifo.py")
        os.mkfifo(fifo)
        large = self.write("large.py", b"")
        os.truncate(large, 100 << 20)
        link = str(self.folder / "loop.py")
        os.symlink(link, link)
        paths = [fifo, str(self.folder), large, link, "/dev/zero", "/nowhere/x.py"]
        for version, executable in pythons():
            for letter in "mo":
                with self.subTest(version=version, letter=letter):
                    answer = ask(executable, paths, letter)
                    why = [answer.failure(file) for file in range(len(paths))]
                    self.assertEqual(why[2:], ["OSError"] * 3 + ["FileNotFoundError"])
                    self.assertIn(why[0], ("OSError",))
                    self.assertIn(why[1], ("OSError", "IsADirectoryError"))

    def test_paths_of_any_bytes(self):
        names = [b"line\nbreak.py", b"latin-\xe9.py", "ünï.py".encode(), b'quote".py', b"o.py"]
        paths = []
        for name in names:
            paths.append(os.fsencode(self.folder) + b"/" + name)
            with open(paths[-1], "wb") as file:
                file.write(b"import a\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = ask(executable, paths)
                for file in range(len(paths)):
                    self.assertEqual(list(answer.statements(file)), ["a"])

    def test_a_long_file(self):
        lines = ["import os", "import a.b as ab"]
        for number in range(750):
            lines += [f"def function_{number}(x):", f"    value = ab.call_{number}(x) + {number}",
                      "    return [value for value in os.environ]", ""]
        path = self.write("long.py", "\n".join(lines))
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = ask(executable, [path])
                self.assertEqual(len(lines), 3002)
                self.assertEqual(len(answer.statements(0)["ab"].functions), 750)
                self.assertEqual(len(answer.definitions(0)), 751)


if __name__ == "__main__":
    unittest.main()
