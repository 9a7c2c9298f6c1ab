"""Ways to come by modules: how the program is started, where its modules lie, who asks for them."""

import subprocess
import zipfile

from site_packages import pip_install
from truth_run import TruthCase

LOADED = "loaded"
PACKAGE = {"app/package/__init__.py": "import json\n",
           "app/package/__main__.py": "from package import helper\nimport wave\n",
           "app/package/helper.py": "from . import sibling\n",
           "app/package/sibling.py": "import fractions\n",
           "app/package/sub/__init__.py": "", "app/package/sub/leaf.py": "import colorsys\n"}
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "tiny"
version = "1.0"
"""
AT_A_PATH = '[tool.setuptools.packages.find]\nwhere = ["src"]\n'
BY_A_FINDER = '[tool.setuptools]\npackages = ["tiny"]\npackage-dir = {tiny = "src/tiny"}\n'
IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
"""
# Not loaded at the start; those an interpreter lacks or has the other way round do no harm.
BUILTINS = ["xxsubtype", "_tracemalloc", "_string", "_symtable", "_sre", "_statistics"]
EXTENSIONS = ["_json", "termios", "resource", "mmap", "_lsprof", "_queue", "_bz2", "_decimal"]


# importlib.import_module calls nothing that can be seen until a module's own code begins: packages
# above it come before, not inside; without code there is nothing to see.
OF_A_SUBMODULE = ["wrong parent: package.sub below nothing, expected package.sub.leaf",
                  "wrong parent: package below nothing, expected package.sub",
                  "order: package where package.sub.leaf was expected"]
OF_AN_ARCHIVE = ["wrong parent: package below nothing, expected package.helper",
                 "wrong parent: zlib below nothing, expected package",
                 "order: zlib where package.helper was expected"]
OF_A_NAMESPACE = ["missing: space below space.one (loaded)"]
OF_NOTHING = ["missing: nosuch below nothing (not-found)",
              "missing: nosuch.sub below nothing (failed)",
              "missing: nosuch below nosuch.sub (not-found)",
              "missing: json.nosuch below nothing (not-found)",
              "wrong parent: json below nothing, expected json.nosuch"]


class Ways(TruthCase):
    def test_package_run_as_main(self):
        self.write(PACKAGE)
        self.assert_true("-m", "package", outcomes={"package": LOADED, "package.helper": LOADED,
                                                    "package.sibling": LOADED, "wave": LOADED})

    def write_archive(self):
        with zipfile.ZipFile(self.scratch / "app.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in PACKAGE.items():
                archive.writestr(name.removeprefix("app/"), text)
            archive.writestr("__main__.py", "import package.sub.leaf\n")

    def test_modules_in_an_archive(self):
        self.write_archive()
        code = "import sys; sys.path.insert(0, sys.argv[1]); import package.helper"
        self.assert_true("-c", code, self.inside("app.zip"),
                         outcomes={"package": LOADED, "package.helper": LOADED})

    def test_archive_run_as_main(self):
        self.write_archive()
        self.assert_true(self.inside("app.zip"), outcomes={"package": LOADED,
                                                           "package.sub.leaf": LOADED})

    def test_namespace_packages(self):
        self.write({"app/space/one.py": "import space.inner.two\n",
                    "other/space/inner/two.py": "import space.inner\n"})
        code = "import sys; sys.path.append(sys.argv[1]); import space.one; from space import inner"
        self.assert_true("-c", code, self.inside("other"),
                         outcomes={"space": LOADED, "space.inner": LOADED,
                                   "space.inner.two": LOADED})

    def install_editable(self, style):
        """Installs a project by `pip install -e`; returns the folder its .pth file lies in."""
        self.write({"project/pyproject.toml": PROJECT + style,
                    "project/src/tiny/__init__.py": "import tiny.inner\n",
                    "project/src/tiny/inner.py": "import wave\n"})
        command = [*pip_install(), "--no-index", "--no-deps", "--no-build-isolation", "--prefix",
                   str(self.scratch / "prefix"), "-e", str(self.scratch / "project")]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=60, check=False)
        if result.returncode != 0:
            self.skipTest(f"pip install -e: {result.stderr.strip().splitlines()[-1]}")
        folder, = self.scratch.glob("prefix/lib/python*/site-packages")
        for path in [*folder.glob("*.pth"), *folder.glob("*.py")]:  # paths as the program sees them
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(str(self.scratch), self.inside("")), encoding="utf-8")
        return folder

    def assert_editable(self, style, **outcomes):
        folder = self.install_editable(style).relative_to(self.scratch)
        code = "import site, sys; site.addsitedir(sys.argv[1]); import tiny"
        self.assert_true("-c", code, self.inside(folder),
                         outcomes={"tiny": LOADED, "tiny.inner": LOADED, **outcomes})

    def test_editable_at_a_path(self):
        self.assert_editable(AT_A_PATH)

    def test_editable_by_a_finder(self):
        self.assert_editable(BY_A_FINDER, __editable___tiny_1_0_finder=LOADED)

    def test_frozen_modules_off(self):
        self.assert_true("-X", "frozen_modules=off", "-c", "import json, runpy",
                         outcomes={"json": LOADED, "runpy": LOADED})

    def test_isolated_without_site(self):
        self.write(PACKAGE)
        code = ("import sys; sys.path[:0] = sys.argv[1:]; import import_truth\n"
                "import json, package.helper")
        self.assert_true("-I", "-S", "-c", code, self.inside("truth"), self.inside("app"),
                         outcomes={"json": LOADED, "package.helper": LOADED})

    def test_optimised_bytecode(self):
        self.write(PACKAGE)
        for _ in range(2):  # compiled, then read
            self.assert_true("-OO", "-c", "import package.helper, decimal",
                             outcomes={"package.helper": LOADED, "decimal": LOADED})

    def test_import_module_of_source(self):
        self.write(PACKAGE)
        code = ("from importlib import import_module as get\n"
                "get('wave'), get('wave')\nimport wave")
        self.assert_true("-c", code, outcomes={"wave": LOADED})

    def test_import_module_of_a_submodule(self):
        self.write(PACKAGE)
        code = ("from importlib import import_module as get\n"
                "get('package.sub.leaf'), get('.sibling', 'package'), get('package.helper')")
        self.assert_true("-c", code,
                         outcomes={"package.sub.leaf": LOADED, "package.sub": LOADED,
                                   "package": LOADED, "json": LOADED, "package.sibling": LOADED},
                         limits=OF_A_SUBMODULE)

    def test_import_module_of_an_archive(self):
        self.write_archive()
        code = ("import sys; sys.path.insert(0, sys.argv[1]); import importlib\n"
                "importlib.import_module('package.helper')")
        self.assert_true("-c", code, self.inside("app.zip"), outcomes={"package.helper": LOADED},
                         limits=OF_AN_ARCHIVE)

    def test_import_module_of_a_namespace_package(self):
        self.write({"app/space/one.py": "import wave\n"})
        code = "import importlib; importlib.import_module('space.one')"
        self.assert_true("-c", code, outcomes={"space": LOADED, "space.one": LOADED},
                         limits=OF_A_NAMESPACE)

    def test_import_module_of_builtins(self):
        self.assert_true("-c", IMPORT_EACH, *BUILTINS, outcomes={"_symtable": LOADED})

    def test_import_module_of_extensions(self):
        self.assert_true("-c", IMPORT_EACH, *EXTENSIONS, outcomes={"_lsprof": LOADED})

    def test_import_module_of_nothing(self):
        self.assert_true("-c", IMPORT_EACH, "nosuch", "nosuch.sub", "json.nosuch",
                         outcomes={"nosuch": ["notfound", "notfound"], "nosuch.sub": "failed",
                                   "json.nosuch": "notfound", "json": LOADED},
                         limits=OF_NOTHING)


class Lazy(TruthCase):
    """Lazy imports, which 3.15 brought."""

    def assert_lazy(self, code, *options, **outcomes):
        self.write(PACKAGE)
        self.assert_true(*options, "-c", code, outcomes=outcomes)

    def test_module_used_later(self):
        self.assert_lazy("lazy import json\nimport wave\njson.dumps(1)", json=LOADED, wave=LOADED)

    def test_submodule_used_later(self):
        self.assert_lazy("lazy from package import sibling, sub\nimport wave\nsibling.fractions",
                         **{"package.sibling": LOADED, "wave": LOADED})

    def test_everything_lazy(self):
        self.assert_lazy("import asyncio\nasyncio.run(asyncio.sleep(0))", "-X", "lazy_imports=all",
                         asyncio=LOADED)

    def test_name_that_is_none(self):
        code = "lazy from package import nosuch\ntry:\n    nosuch\nexcept ImportError:\n    pass"
        self.assert_lazy(code, package=LOADED)
