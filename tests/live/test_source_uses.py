"""What the source helper says of single files, on every Python from 3.8 on that is here."""

import tempfile
import unittest
from pathlib import Path

from source_helper import ask, pythons, run_isolated
from source_snippets import SNIPPETS

TIMEOUT_SECONDS = 300


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, source):
        """Writes a file with the folders above it; returns its path as text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return str(path)


class Snippets(Folder):
    def test_all(self):
        self.assertEqual(len({name for name, *_ in SNIPPETS}), len(SNIPPETS))
        for version, executable in pythons():
            rows = [row for row in SNIPPETS if row[1] <= version]
            paths = [self.write(f"{name}/file_{name}.py", source) for name, _, source, _ in rows]
            answer = ask(executable, paths)
            self.assertEqual(answer.rows[-1], ["end"])
            for file, (name, _, _, wanted) in enumerate(rows):
                with self.subTest(version=version, snippet=name):
                    self.check(answer, file, wanted)

    def check(self, answer, file, wanted):
        self.assertIsNone(answer.failure(file))
        told = answer.statements(file)
        self.assertEqual(sorted(told), sorted(wanted))
        for bound, (use, functions, detail) in wanted.items():
            self.assertEqual((told[bound].use, told[bound].functions), (use, functions), bound)
            if detail is not None:
                self.assertEqual(told[bound].detail, detail, bound)


class Rows(Folder):
    def test_statements_say_what_was_written(self):
        path = self.write("app.py", "import os.path\nfrom ..a.b import (\n    c as d,\n    e\n)\n"
                                    "from . import f\nimport g as h\n"
                                    "def use(): return os.path.join, os.sep, d(), h.i.j\n")
        for version, executable in pythons():
            answer = ask(executable, [path])
            rows = {name: (one.line, one.end_line, one.level, one.module, one.name)
                    for name, one in answer.statements(0).items()}
            self.assertEqual(rows, {
                "os": (1, 1, 0, "os.path", ""), "d": (2, 5, 2, "a.b", "c"),
                "e": (2, 5, 2, "a.b", "e"), "f": (6, 6, 1, "", "f"), "h": (7, 7, 0, "g", "")})
            self.assertEqual(answer.statements(0)["os"].attributes, ["path.join", "sep"])
            self.assertEqual(answer.statements(0)["h"].attributes, ["i.j"])
            self.assertEqual(answer.imports(0), {
                (0, "os.path", ()): 1, (2, "a.b", ("c", "e")): 2, (1, "", ("f",)): 6,
                (0, "g", ()): 7})

    def test_definitions_name_all_they_may_reach(self):
        source = ("import a\nfrom b import c\nLIMIT = helper()\n"
                  "@app.route('/x')\n@wrap\nasync def handler(req, n=LIMIT):\n"
                  "    local = req.body.text\n    def inner(): return deep(local)\n"
                  "    from late import later\n    return inner, a.b.c, c\n"
                  "class Client(Base):\n    size = first()\n"
                  "    def get(self): return self.find(x)\n"
                  "    class Part:\n        def go(self): return getattr(y, 'z')\n")
        path = self.write("app.py", source)
        for version, executable in pythons():
            told = ask(executable, [path]).definitions(0)
            self.assertEqual(list(told), ["<module>", "handler", "Client", "Client.get",
                                          "Client.Part", "Client.Part.go"])
            self.assertEqual([row[1] for row in told.values()],
                             ["module", "async function", "class", "function", "class", "function"])
            self.assertEqual(told["<module>"][2], ["Base", "LIMIT", "app", "first",
                                                    "helper", "route", "wrap"])
            self.assertEqual(told["handler"], (6, "async function", [
                "LIMIT", "a", "app", "b", "body", "c", "deep", "late", "later", "route", "text",
                "wrap"], ["app.route", "wrap"], 0, ["LIMIT", "a", "app", "deep", "wrap"]))
            self.assertEqual(told["Client"][2], ["Base", "find", "first", "getattr", "x", "y"])
            self.assertEqual(told["Client.get"][2:], (["find", "x"], [], 0, ["x"]))
            self.assertEqual([told[name][4] for name in told], [0, 0, 1, 0, 1, 1])

    def test_decorators_may_be_any_expression(self):
        path = self.write("app.py", "@(x or y)\ndef f(): pass\n@z[0].w\nclass C: pass\n")
        for version, executable in pythons():
            if version >= (3, 9):  # PEP 614
                told = ask(executable, [path]).definitions(0)
                self.assertEqual(told["f"][2:], (["x", "y"], [""], 0, ["x", "y"]))
                self.assertEqual(told["C"][2:], (["w", "z"], [""], 0, ["z"]))

    def test_modules_are_only_scanned(self):
        path = self.write("module.py", "import a\nif TYPE_CHECKING:\n    import b\n"
                                       "class C:\n    from d import e, f\n    import a\n"
                                       "def g():\n    import h\n")
        for version, executable in pythons():
            answer = ask(executable, [path], letter="m")
            self.assertEqual(answer.imports(0), {(0, "a", ()): 1, (0, "d", ("e", "f")): 5})
            self.assertEqual({row[0] for row in answer.rows}, {"import", "scanned", "end"})

    def test_standard_library_is_not_the_users(self):
        for version, executable in pythons():
            library = run_isolated(executable, "import json; print(json.__file__)").strip()
            answer = ask(executable, [library])
            self.assertEqual(answer.statements(0), {})
            self.assertTrue(answer.imports(0))
            self.assertEqual(answer.of("read", 0), [[]])


if __name__ == "__main__":
    unittest.main()
