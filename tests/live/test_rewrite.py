"""What the rewriter makes of each construct, on every Python from 3.8 on that is here, held against
what CPython itself says of the result, and its diffs against git and patch."""

import ast
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import debian_python
from program import REPOSITORY
from rewrite_snippets import SNIPPETS
from rewriter import parts, rewrite, rewrite_by, script
from source_helper import pythons

TIMEOUT_SECONDS = 600
HERE = Path(__file__).parent
RUN_SECONDS = 60
SCRIPT_BYTES_MAX = 131071  # execve(2), MAX_ARG_STRLEN


def imports_of(path):
    """[(line, module, name bound)] of all imports that are not in a function or class."""
    try:
        waiting = [ast.parse(path.read_bytes())]
    except SyntaxError:
        return [(1, "json", "json")]
    found = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = "" if alias.name == "*" else alias.asname or (
                    alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0])
                module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
                if module != "__future__":
                    found.append((node.lineno, module, name))
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return sorted(found)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, name, source):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def ask(self, executable, names, form="auto"):
        """Asks for all imports of these files."""
        paths = [self.folder / name for name in names]
        return rewrite(executable, self.folder, {path: imports_of(path) for path in paths}, form)

    def python(self, executable, *arguments, **options):
        return subprocess.run([executable, "-B", *map(str, arguments)], capture_output=True,
                              text=True, timeout=RUN_SECONDS, check=False, **options)

    def json_of(self, executable, *arguments):
        result = self.python(executable, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def put(self, answer):
        for path, (data, _) in answer.changed.items():
            path.write_bytes(data)


class Snippets(Folder):
    def test_all(self):
        self.assertEqual(len({name for name, *_ in SNIPPETS}), len(SNIPPETS))
        for version, executable in pythons():
            chosen = [row for row in SNIPPETS if row[1] <= version]
            paths = [self.write(f"file_{number}/subject.py", source)
                     for number, (_, _, source, _, _) in enumerate(chosen)]
            answer = self.ask(executable, paths, "function")
            for path, (name, _, _, expected, new) in zip(paths, chosen):
                with self.subTest(version=version, snippet=name):
                    self.check_verdicts(answer, path, expected, new)
            self.check_results(version, executable, answer)

    def check_verdicts(self, answer, path, expected, new):
        moved = answer.of(answer.moved, path)
        told = {name: form for name, (form, *_) in moved.items()}
        told.update({name: kind for name, (kind, *_) in answer.of(answer.refused, path).items()})
        self.assertEqual(told, expected)
        self.assertEqual(path in answer.changed, bool(moved))
        if new is not None:
            self.assertEqual(answer.changed[path][0],
                             new if isinstance(new, bytes) else new.encode())

    def check_results(self, version, executable, answer):
        """The old and the new files, each by programs that know neither rewriter nor rules."""
        pairs = []
        for path, (data, _) in answer.changed.items():
            pairs.append([str(path), str(self.write(path.with_name("changed.py"), data)),
                          sorted(answer.of(answer.moved, path))])
        faults = self.json_of(executable, HERE / "rewrite_oracle.py", json.dumps(pairs))
        old, new = (self.json_of(executable, HERE / "rewrite_run.py", *[pair[at] for pair in pairs])
                    for at in (0, 1))
        self.assertGreater(len(pairs), 25)
        for pair, fault, (names, hints, result), after in zip(pairs, faults, old, new):
            with self.subTest(version=version, path=pair[0]):
                self.assertEqual(fault, [])
                self.assertEqual(after, [[name for name in names if name not in pair[2]], hints,
                                         result])


class StandardLibrary(Folder):
    """Files that nobody wrote for this: whatever moves, the rest of the file stays as it is."""

    STEP = 15  # each so many-th file
    MOVED_LEAST = 60

    def copies(self, executable):
        library = self.python(executable, "-c", "import os; print(os.path.dirname(os.__file__))")
        files = [path for path in sorted(Path(library.stdout.strip()).rglob("*.py"))
                 if not {"test", "tests", "site-packages", "dist-packages"} & set(path.parts)]
        for number, path in enumerate(files[::self.STEP]):
            yield self.write(f"{number}/file_{number}.py", path.read_bytes())

    def test_all_else_stays(self):
        for version, executable in {pythons()[0], pythons()[-1]}:
            with self.subTest(version=version):
                answer = self.ask(executable, list(self.copies(executable)), "function")
                self.assertGreater(len(answer.moved), self.MOVED_LEAST)
                self.assertEqual([row for row in answer.refused.values()
                                  if row[0] in ("check", "unreadable", "layout")], [])
                pairs = [[str(path), str(self.write(path.with_suffix(".new"), data)),
                          sorted(answer.of(answer.moved, path))]
                         for path, (data, _) in answer.changed.items()]
                self.assertEqual(self.json_of(executable, HERE / "rewrite_oracle.py",
                                              json.dumps(pairs)), [[]] * len(pairs))


class Whole(Folder):
    def test_the_script_fits_into_one_argument(self):
        self.assertLess(len(script().encode()), SCRIPT_BYTES_MAX)
        self.assertEqual(parts()[-1], REPOSITORY / "src/python/source_rewrite.py")

    def test_files_that_are_none_of_python_stay(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                for data in (b"import json\ndef f(:\n", b"import json\n\0", b"\xff\xfeimport json\n",
                             b"# coding: nonsense\nimport json\n"):
                    path = self.write("app.py", data)
                    answer = rewrite(executable, self.folder, {path: [(1, "json", "json")]})
                    self.assertEqual((answer.moved, answer.changed), ({}, {}))
                    self.assertEqual(len(answer.refused), 1)

    def test_what_is_no_longer_there_is_refused(self):
        path = self.write("app.py", "import json\nimport decimal\n\ndef use():\n"
                                    "    return json.dumps(1)\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = rewrite(executable, self.folder, {path: [
                    (2, "json", "json"), (1, "decimal", "json"), (9, "x", "x")]})
                self.assertEqual([kind for kind, *_ in answer.refused.values()], ["changed"] * 3)
                self.assertEqual(answer.changed, {})

    def test_a_client_made_at_loading_gets_a_getter_to_write(self):
        path = self.write("app.py", "from decimal import Context\n\nclient = Context(\n    prec=5)\n"
                                    "def use():\n    return client.prec\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = self.ask(executable, ["app.py"])
                self.assertEqual(answer.refused[path, 1, "Context"],
                                 ("module", "module level at line 3", 3))
                self.assertEqual(answer.changed, {})
                written = "import functools\n" + answer.getters[path, 1, "Context"] + \
                    "\nassert get_client() is get_client()\nprint(get_client().prec)\n"
                self.assertEqual(self.python(executable, "-c", written).stdout, "5\n")

    def test_async_functions_are_told_of(self):
        path = self.write("app.py", "import json\nasync def go():\n    return json.dumps(1)\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = self.ask(executable, ["app.py"], "function")
                form, functions, note = answer.of(answer.moved, path)["json"]
                self.assertEqual((form, functions), ("function", ["go"]))
                self.assertIn("event loop", note)


PATCHED = """import json
from decimal import Decimal


def use():
    return json.dumps(1), Decimal


def name_of():
    return json.__name__
"""
PATCHING = """import unittest
from unittest import mock
import app


class Test(unittest.TestCase):
    def test_patch(self):
        with mock.patch("app.json") as fake:
            fake.dumps.return_value = "faked"
            self.assertEqual(app.use()[0], "faked")
        self.assertEqual(app.use()[0], "1")

    def test_patch_object(self):
        with mock.patch.object(app, "Decimal", None):
            self.assertIsNone(app.use()[1])
        self.assertIsNotNone(app.use()[1])

    def test_assignment(self):
        before = app.json
        app.json = mock.Mock()
        app.json.__name__ = "mine"
        self.assertEqual(app.name_of(), "mine")
        app.json = before
        self.assertEqual(app.name_of(), "json")

    def test_from(self):
        from app import json
        self.assertIs(json, app.json)
        with self.assertRaises(AttributeError):
            app.nonsense
"""


class OtherFiles(Folder):
    def run_tests(self, executable):
        result = self.python(executable, "-m", "unittest", "test_app", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr.count("\nRan 4 tests")

    def loaded(self, executable, module, name):
        text = f"import sys; before = set(sys.modules); import {module}; print('{name}' in sys.modules)"
        return self.python(executable, "-c", text, cwd=self.folder).stdout.strip() == "True"

    def test_patched_names_stay_attributes(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                self.write("app.py", PATCHED)
                self.write("test_app.py", PATCHING)
                self.assertEqual(self.run_tests(executable), 1)
                self.assertTrue(self.loaded(executable, "app", "decimal"))
                answer = self.ask(executable, ["app.py"], "function")
                self.assertEqual({name: form for (*_, name), (form, *_) in answer.moved.items()},
                                 {"json": "getattr", "Decimal": "getattr"})
                self.put(answer)
                self.assertEqual(self.run_tests(executable), 1)
                self.assertFalse(self.loaded(executable, "app", "decimal"))

    def test_reexports_wait_for_those_who_take_them(self):
        for version, executable in pythons():
            with self.subTest(version=version):
                helpers = self.write("helpers.py", "import decimal\n")
                self.write("app.py", "\nfrom helpers import decimal\n\ndef use():\n"
                                     "    return decimal.Decimal(1)\n")
                alone = self.ask(executable, ["helpers.py"], "function")
                self.assertEqual(alone.refused[helpers, 1, "decimal"][0], "exported")
                both = rewrite(executable, self.folder, {
                    path: imports_of(path) for path in (helpers, self.folder / "app.py")}, "function")
                self.assertEqual(sorted(form for form, *_ in both.moved.values()),
                                 ["function", "getattr"])
                self.assertEqual(len(both.changed), 2)
                self.put(both)
                self.assertFalse(self.loaded(executable, "app", "decimal"))
                used = self.python(executable, "-c", "import app; print(app.use())", cwd=self.folder)
                self.assertEqual(used.stdout, "1\n")

    def test_star_imports_by_others_hold_it(self):
        path = self.write("app.py", "import json\n\ndef use():\n    return json.dumps(1)\n")
        self.write("other.py", "from app import *\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                self.assertEqual(self.ask(executable, ["app.py"]).refused[path, 1, "json"][0], "exported")


class Lazy(Folder):
    SOURCE = '"""Doc."""\nimport json, os  # two\nfrom decimal import (\n    Decimal,  # exact\n' \
             '    Context,\n)\nhere = os.sep\n\n\ndef use():\n    return json.dumps(1), Decimal(1)\n'

    def test_lazy_imports_need_a_python_that_has_them(self):
        path = self.write("app.py", "import json\n\ndef use():\n    return json.dumps(1)\n")
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = self.ask(executable, ["app.py"], "lazy")
                if version < (3, 15):
                    self.assertEqual(answer.refused[path, 1, "json"][0], "version")
                    continue
                changed = answer.changed[path][0]
                self.assertEqual(changed, b"lazy import json\n\ndef use():\n    return json.dumps(1)\n")

    def test_lazy_modules_are_listed_where_all_of_a_module_may_wait(self):
        path = self.write("app.py", self.SOURCE)
        for version, executable in pythons():
            with self.subTest(version=version):
                answer = self.ask(executable, ["app.py"], "lazy-modules")
                self.assertEqual([name for *_, name in answer.moved], ["json"])
                self.assertEqual({name: kind for (*_, name), (kind, *_) in answer.refused.items()},
                                 {"os": "module", "Decimal": "lazy", "Context": "unused"})
                data = answer.changed[path][0]
                self.assertEqual(data, self.SOURCE.replace(
                    "import json", '__lazy_modules__ = ["json"]\nimport json').encode())
                changed = self.write("changed.py", data)
                before, after = self.json_of(executable, HERE / "rewrite_run.py", path, changed)
                self.assertEqual(before, after)


class Newest(unittest.TestCase):
    """CPython 3.15 has what waits by itself."""

    LAZY = '"""Doc."""\nimport os  # two\nlazy import json\nlazy from decimal import (\n' \
           "    Decimal,  # exact\n    Context,\n)\nhere = os.sep\n\n\ndef use():\n" \
           "    return json.dumps(1), Decimal(1), Context\n"
    LOOK = "import sys; sys.path.insert(0, {!r}); import app; " \
           "print(*(name in sys.modules for name in ('json', 'decimal')), app.use()[0])"

    def test_debian_3_15(self):
        python = debian_python.debian_pythons(15)[0]
        source = Lazy.SOURCE.replace("Decimal(1)", "Decimal(1), Context")
        with tempfile.TemporaryDirectory(dir=python.root / "tmp") as folder:
            path = Path(folder) / "app.py"
            for form, wanted in (("auto", self.LAZY), ("lazy-modules", source.replace(
                    "import json", '__lazy_modules__ = ["json", "decimal"]\nimport json'))):
                with self.subTest(form=form):
                    path.write_text(source)
                    asked = {path: imports_of(path)}
                    answer = rewrite_by(python.command, python.inside, python.inside(folder), asked,
                                        form)
                    self.assertEqual(answer.changed[path][0].decode(), wanted)
                    path.write_text(wanted)
                    look = self.LOOK.format(str(python.inside(folder)))
                    result = subprocess.run([*python.command, "-B", "-c", look], check=True,
                                            capture_output=True, text=True, timeout=RUN_SECONDS)
                    self.assertEqual(result.stdout, "False False 1\n")


class Diffs(Folder):
    """git and patch make of the old files what the rewriter says."""

    NAMES = ("app.py", "pack age/mod ule.py", "t\u00e4st/\u4e2d.py", 'quo"te/back\\slash.py',
             "deep/er/x.py")
    SOURCES = ("import json\r\n\r\ndef use():\r\n\treturn json.dumps(1)\r\n",
               "import json\ndef use():\n    return json.dumps(1)",
               "def use():\n    return json.dumps(1)\n\nimport json",
               '# -*- coding: latin-1 -*-\nimport json\ndef use():\n    return json.dumps("\xe4")\n'
               .encode("latin-1"))

    def check_all(self, tool):
        """Each content under each name; all diffs as one."""
        _, executable = pythons()[-1]
        paths = [self.write(f"{number}/{name}", source) for name in self.NAMES
                 for number, source in enumerate(self.SOURCES)]
        answer = self.ask(executable, paths, "function")
        self.assertEqual(sorted(answer.changed), sorted(paths))
        diff = b"".join(text for _, text in answer.changed.values())
        result = subprocess.run(tool, input=diff, cwd=self.folder, capture_output=True,
                                timeout=RUN_SECONDS, check=False)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        for path, (data, _) in answer.changed.items():
            self.assertEqual(path.read_bytes(), data, path)

    def test_git_applies_them(self):
        self.check_all(["git", "apply", "--whitespace=nowarn", "-"])

    def test_patch_applies_them(self):
        self.check_all(["patch", "-p1", "--batch"])


if __name__ == "__main__":
    unittest.main()
