"""Imports that end otherwise than by loading a module, and processes that end in one."""

import signal

from truth_run import TruthCase

LOADED, FAILED, NOT_FOUND, UNFINISHED = "loaded", "failed", "notfound", None
KILLED = 128 + signal.SIGKILL

TRY = """
def attempt(statement):
    try:
        exec(statement, {})
    except BaseException as error:
        print(type(error).__name__)
"""


class Ends(TruthCase):
    def assert_attempts(self, files, statements, **outcomes):
        """Each statement by itself, whatever it raises."""
        self.write({f"app/{name}": text for name, text in files.items()})
        code = TRY + "".join(f"attempt({statement!r})\n" for statement in statements)
        self.assert_true("-c", code, outcomes=outcomes)

    def test_module_that_raises(self):
        self.assert_attempts({"bad.py": "import wave\nimport worse\n",
                              "worse.py": "import json\n1 / 0\n"},
                             ["import bad", "import colorsys"],
                             bad=FAILED, worse=FAILED, wave=LOADED, colorsys=LOADED)

    def test_package_whose_submodule_raises(self):
        self.assert_attempts({"package/__init__.py": "", "package/bad.py": "raise OSError\n"},
                             ["import package.bad", "from package import bad"],
                             **{"package": LOADED, "package.bad": [FAILED, FAILED]})

    def test_package_that_raises_below_its_submodule(self):
        self.assert_attempts({"package/__init__.py": "raise OSError\n", "package/good.py": ""},
                             ["import package.good"],
                             **{"package": FAILED, "package.good": FAILED})

    def test_syntax_error(self):
        self.assert_attempts({"crooked.py": "def :\n"}, ["import crooked"], crooked=FAILED)

    def test_symbol_that_is_missing(self):
        self.assert_attempts({"wants.py": "from os import nosuch\n"},
                             ["import wants", "from os import nosuch"], wants=FAILED)

    def test_modules_that_do_not_exist(self):
        self.assert_attempts({"package/__init__.py": "", "wants.py": "import nosuch2\n"},
                             ["import nosuch", "import nosuch.sub", "import os.nosuch",
                              "import package.nosuch", "from package import nosuch",
                              "import wants"],
                             **{"nosuch": [NOT_FOUND, NOT_FOUND], "nosuch.sub": FAILED,
                                "os.nosuch": NOT_FOUND, "package": LOADED,
                                "package.nosuch": [NOT_FOUND, NOT_FOUND],
                                "wants": FAILED, "nosuch2": NOT_FOUND})

    def test_module_that_is_barred(self):
        self.assert_attempts({}, ["import sys; sys.modules['json'] = None; import json"],
                             json=NOT_FOUND)

    def test_module_that_replaces_itself(self):
        text = "import sys, types\nsys.modules[__name__] = types.ModuleType('other')\nimport wave\n"
        self.assert_attempts({"changeling.py": text}, ["import changeling", "import changeling"],
                             changeling=LOADED, wave=LOADED)

    def test_module_that_deletes_itself(self):
        self.assert_attempts({"gone.py": "import sys\ndel sys.modules[__name__]\nimport wave\n"},
                             ["import gone", "import gone"], gone=[FAILED, FAILED], wave=LOADED)

    def test_second_attempt_works(self):
        text = ("import sys\nsys.tries = getattr(sys, 'tries', 0) + 1\nimport half\n"
                "if sys.tries == 1:\n    raise RuntimeError\nimport wave\n")
        self.assert_attempts({"retried.py": text, "half.py": "import colorsys\n"},
                             ["import retried", "import retried"],
                             retried=[FAILED, LOADED], half=LOADED, wave=LOADED)

    def test_imports_in_a_circle(self):
        self.assert_attempts({"one.py": "import two\n",
                              "two.py": "import one, importlib\nimportlib.import_module('one')\n"},
                             ["import one"], one=LOADED, two=LOADED)

    def write_ending(self, statement):
        self.write({"app/outer.py": "import wave\nimport inner\nimport colorsys\n",
                    "app/inner.py": f"import json, os, signal, sys\n{statement}\n"})

    def test_exit_in_an_import(self):
        self.write_ending("sys.exit(3)")
        self.assert_true("-c", "import outer", status=3,
                         outcomes={"outer": FAILED, "inner": FAILED, "wave": LOADED})

    def test_exit_at_once_in_an_import(self):
        self.write_ending("os._exit(4)")
        self.assert_true("-c", "import outer", status=4,
                         outcomes={"outer": UNFINISHED, "inner": UNFINISHED, "wave": LOADED})

    def test_killed_in_an_import(self):
        self.write_ending("os.kill(os.getpid(), signal.SIGKILL)")
        self.assert_true("-c", "import outer", status=KILLED,
                         outcomes={"outer": UNFINISHED, "inner": UNFINISHED, "wave": LOADED})

    def test_three_execs(self):
        self.write({"app/hop.py": "import wave, os, sys\n"
                                  "left = int(sys.argv[1]) - 1\n"
                                  "os.execv(sys.executable, [sys.executable, *MAIN, str(left)])\n",
                    "app/main.py": "import json, sys, builtins\nbuiltins.MAIN = [__file__]\n"
                                   "if sys.argv[1] != '0':\n    import hop\nimport colorsys\n"})
        self.assert_true(self.inside("app/main.py"), "3",
                         outcomes={"hop": [UNFINISHED] * 3, "json": [LOADED] * 4,
                                   "wave": [LOADED] * 3, "colorsys": LOADED})
