"""C functions that are found by a table of names, in every interpreter of this machine: against its
symbols where it has them, and by what a recording shows of modules read from bytecode and written
to it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
from program import BUILD, REPOSITORY
from pythons import ask, loading_for_each_python
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
READELF = shutil.which("readelf")
LIBRARY = BUILD / "libthaw.a"
NAMES = ("marshal_loads", "marshal_dumps")
LANDING_BYTES = 4  # endbr64, which is skipped
ASK_OBJECT = ("import os, sys; print(next((line.split()[-1] for line in open('/proc/self/maps') "
              "if 'libpython3' in line), os.path.realpath(sys.executable)))")
# What is loaded from source files or their bytecode, as the program itself says.
STATEMENT = """
import json, sys
print(json.dumps([name for name, module in sys.modules.items() if name != "__main__" and
                  type(getattr(module, "__loader__", None)).__name__ == "SourceFileLoader"]))
"""


def symbol_offsets(path):
    """{function: offset in the file} of those functions that the object has symbols of."""
    text = subprocess.run([READELF, "-lsW", path], capture_output=True, text=True, timeout=60,
                          env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, check=True).stdout
    segments = [[int(word, 16) for word in found]
                for found in re.findall(r"^ +LOAD +(\S+) (\S+) \S+ (\S+)", text, re.MULTILINE)]
    found = {}
    for address, name in re.findall(r": ([0-9a-f]+) +\d+ FUNC .* (marshal_\w+)(?:\.(?!cold)\S+)?$",
                                    text, re.MULTILINE):
        for offset, start, length in segments:
            if name in NAMES and 0 <= int(address, 16) - start < length:
                found[name] = int(address, 16) - start + offset
    return found


class Methods(unittest.TestCase):
    """Subclasses set `find`, which gives the interpreter."""
    find = None

    def setUp(self):
        self.python = self.find()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def table_offsets(self, path):
        if not COMPILER or not LIBRARY.exists():
            self.skipTest("no C compiler, or libthaw.a is not built")
        program = self.folder / "methods"
        built = subprocess.run(
            [COMPILER, "-std=gnu17", "-D_GNU_SOURCE", f"-I{REPOSITORY}/include",
             f"-I{REPOSITORY}/src", "-o", program, REPOSITORY / "tests/live/python_methods.c",
             LIBRARY, "-lelf", "-lcapstone"], capture_output=True, text=True, timeout=60,
            check=False)
        self.assertEqual(built.returncode, 0, built.stderr)
        found = subprocess.run([program, path], capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(found.returncode, 0, found.stderr)
        return {name: int(offset) for name, offset in map(str.split, found.stdout.splitlines())}

    def test_functions_are_those_of_their_symbols(self):
        path = ask(self.python.command[0], ASK_OBJECT)[0]
        by_table = self.table_offsets(path)
        for name in NAMES:
            self.assertGreater(by_table[name], 0, f"{name} was not found in {path}")
        self.assertNotEqual(*by_table.values())
        if not READELF:
            self.skipTest("no readelf (binutils)")
        by_symbol = symbol_offsets(path)
        if not by_symbol:
            self.skipTest(f"{path} has no symbols of its static functions")
        self.assertEqual(set(by_symbol), set(NAMES))
        for name in NAMES:
            self.assertIn(by_table[name] - by_symbol[name], (0, LANDING_BYTES), name)

    def record(self, name):
        """Modules of a run by name, and which of them the program says came from files."""
        recorded = record_with_ebpf(
            self.folder / f"{name}.thaw", "--until", "exit", *self.python.options,
            command=[*self.python.command, "-S", "-c", STATEMENT],
            env={"PATH": "/usr/bin:/bin", "PYTHONPYCACHEPREFIX": str(self.folder / "cache")})
        self.assertEqual(recorded.status, 0, recorded.stderr[-2000:])
        return recorded, {module["name"]: module for module in recorded.report["modules"]}

    def test_bytecode_is_marshalled_and_unmarshalled(self):
        elevate.prefix_or_skip()
        recorded, modules = self.record("first")
        names = json.loads(recorded.stdout.splitlines()[-1])
        self.assertIn("json.decoder", names)
        events = recorded.text
        self.assertEqual(len(re.findall(r" marshal\.begin ", events)), len(names))
        for name in names:
            self.assertEqual(modules[name]["bytecode"], {"status": "missing", "written": True}, name)
            self.assertGreater(modules[name]["split"].get("write_ns", 0), 0, name)
            self.assertNotIn("unmarshal_ns", modules[name]["split"], name)
        recorded, modules = self.record("second")
        self.assertEqual(json.loads(recorded.stdout.splitlines()[-1]), names)
        events = recorded.text
        self.assertEqual(len(re.findall(r" marshal\.begin ", events)), 0)
        self.assertEqual(len(re.findall(r" unmarshal\.begin ", events)), len(names))
        for name in names:
            self.assertEqual(modules[name]["bytecode"], {"status": "used", "written": False}, name)
            self.assertGreater(modules[name]["split"].get("unmarshal_ns", 0), 0, name)


load_tests = loading_for_each_python(Methods)


if __name__ == "__main__":
    unittest.main()
