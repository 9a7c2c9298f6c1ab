# SPDX-License-Identifier: Apache-2.0
"""Which modules vanish when imports are deferred: `thaw report --what-if` against sys.modules.

A program of many ways to import is recorded once. Then, without thaw, it is run with some of its
imports moved into a function that nobody calls: what is no longer in sys.modules when the program's
end is reached is the truth. Entries that no import made (an alias put there by hand, Cython's own)
are not counted.
"""

import json
import os
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

from program import run_thaw
from pythons import machine_pythons
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 600
RUN_SECONDS = 60

# A package with an alias of another one's modules (as requests.packages is), submodules taken by
# name, relative imports, a cycle, import_module, optional and never executed imports.
PACKAGES = {
    "ring/__init__.py": "from . import first\nfrom ring.first import ONE\n",
    "ring/first.py": "ONE = 1\nfrom . import second\n",
    "ring/second.py": "import ring.first\n",
    "toolbox/__init__.py": "VERSION = '1'\n",
    "toolbox/saw.py": "import decimal\n",
    "toolbox/drill.py": "from .bits import small, large\n",
    "toolbox/bits/__init__.py": "",
    "toolbox/bits/small.py": "class Bit:\n    import fractions\n",
    "toolbox/bits/large.py": "from ..saw import decimal\n",
    "vendor/__init__.py": "import ring, toolbox.saw\nfrom . import parts\n",
    "vendor/parts/__init__.py": """
        import sys
        for name in ('ring', 'toolbox', 'toolbox.saw'):
            __import__(name)
            sys.modules['vendor.parts.' + name] = sys.modules[name]
    """,
    "client/__init__.py": """
        import vendor.parts.toolbox.saw
        from vendor.parts.ring import first
        try:
            import surely_not_there
        except ImportError:
            import colorsys
    """,
    "loader/__init__.py": """
        import importlib
        import typing
        plug = importlib.import_module('.plug', __name__)
        if typing.TYPE_CHECKING:
            import turtle
        def later():
            import tkinter
    """,
    "loader/plug.py": "import csv\nimport ring.second\n",
    # Handlers that were needed, and those that were not; what only a program does.
    "careful/__init__.py": """
        try:
            import toolbox.saw
        except ImportError:
            import sqlite3
        try:
            import surely_not_there
        except ImportError:
            import bz2
        try:
            int('1')
        except ValueError:
            import ring
        if __name__ == '__main__':
            import csv
    """,
    # Its names are loaded when somebody asks for them (PEP 562).
    "shelf/__init__.py": """
        import importlib
        def __getattr__(name):
            if name != 'Book':
                raise AttributeError(name)
            value = importlib.import_module('.book', __name__).Book
            globals()[name] = value
            return value
    """,
    "shelf/book.py": "import wave\nclass Book:\n    pass\n",
    "reader/__init__.py": "import shelf\nclass Mine(shelf.Book):\n    pass\n",
    "scholar/__init__.py": "from shelf import Book\n",
    # Its package loads it, while it is being loaded.
    "nest/__init__.py": "from nest import branch\n",
    "nest/branch.py": "import nest.egg\n",
    "nest/egg.py": "import netrc\n",
    "data/__init__.py": "import sqlite3, ctypes, xml.etree.ElementTree\n",
    "web/__init__.py": "import http.client, urllib.request\nfrom email.mime import text\n",
    "spaces/inner/leaf.py": "import bz2\n",  # a namespace package
}

IMPORTS = {
    "ring": "import ring",
    "toolbox": "from toolbox import saw, drill",
    "client": "import client as c",
    "loader": "import loader",
    "data": "import data",
    "web": "import web",
    "spaces": "import spaces.inner.leaf",
    "decimal": "import decimal",
    "sqlite3": "import sqlite3",
    "concurrent": "from concurrent.futures import thread, process",
    "urllib": "import urllib.parse",
    "careful": "import careful",
    "reader": "import reader",
    "scholar": "import scholar",
    "nest.egg": "import nest.egg",
}

SETS = [["ring"], ["toolbox", "decimal"], ["client", "data"], ["loader", "ring"], ["web"],
        ["spaces", "concurrent"], ["urllib", "web", "sqlite3"], ["ring", "client"],
        ["toolbox", "client", "decimal", "loader", "ring"],
        ["data", "sqlite3"], ["spaces"], ["loader"], ["ring", "client", "loader"], ["reader"],
        ["reader", "scholar"], ["nest.egg"],
        [name for name in IMPORTS if name != "web"], list(IMPORTS)]

# An entry is marked when an import of just that name made it.
END = """
import sys, os
with open(os.environ["THAW_TRUTH"], "w") as file:
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        made = spec is not None and spec.name == name
        file.write(name + (" made" if made else " put") + "\\n")
"""


class Truth(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        site = self.folder / "site-packages"  # what lies there is none of the user's files
        for path, code in PACKAGES.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(textwrap.dedent(code), encoding="utf-8")
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site),
                            "THAW_TRUTH": str(self.folder / "modules.txt")}

    def script(self, moved):
        path = self.folder / f"program{len(list(self.folder.glob('program*')))}.py"
        lines = [line for name, line in IMPORTS.items() if name not in moved]
        inside = ["def never_called():"] + [f"    {IMPORTS[name]}" for name in moved] + ["    pass"]
        path.write_text("\n".join(lines + inside) + END, encoding="utf-8")
        return path

    def modules(self, python, moved):
        subprocess.run([*python.command, self.script(moved)], env=self.environment, check=True,
                       stdin=subprocess.DEVNULL, timeout=RUN_SECONDS)
        lines = Path(self.environment["THAW_TRUTH"]).read_text(encoding="utf-8").splitlines()
        return dict(line.split() for line in lines)

    def predicted(self, recording, *questions):
        result = run_thaw("report", "--json", "--what-if", ",".join(questions), recording)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        answer = json.loads(result.stdout)
        self.assertEqual(answer["modules"], len(answer["vanished"]))
        return set(answer["vanished"])

    def check(self, python):
        recorded = record_with_ebpf(self.folder / "program.thaw", "--until", "exit",
                                    *python.options, env=self.environment,
                                    command=[*python.command, self.script(())])
        self.assertEqual(recorded.status, 0, recorded.stderr)
        before = self.modules(python, ())
        for names in SETS:
            with self.subTest(python=str(python), lazy=names):
                gone = before.keys() - self.modules(python, names).keys()
                predicted = self.predicted(recorded.path, "lazy=" + ",".join(names))
                made = {name for name in gone if before[name] == "made"}
                self.assertEqual(predicted - (gone - made), made)

    def test_vanished_modules(self):
        for python in machine_pythons():
            self.check(python)


if __name__ == "__main__":
    unittest.main()
