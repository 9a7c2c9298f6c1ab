"""Garbage collections during imports, against gc.callbacks in the process itself, with every
interpreter of this machine: each one that the process tells of was recorded once. Their generations
are only the process's: recordings have none."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import elevate
from pythons import loading_for_each_python
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
LEAST = 30  # collections that the modules below cause at least

# In which order callbacks (M) and recorded begins and ends (B, E) come: up to 3.12 a collection is
# told before it begins. The function that is probed from 3.13 on tells by itself, and is also called
# where it then finds nothing to do; CPython's own probes (USDT) lie behind its telling.
TOLD_BEFORE = "(MBE)*"
TOLD_INSIDE = "(MBE)*|(BM?E)*"

# Imported by main.py, so that an import is open all the time. The callback marks its collection in
# the recording by a file that is not there.
APP = """
import gc
gc.disable()
begun = []
def note(phase, info):
    if phase != "start":
        return
    try:
        open("/nowhere/collection-%d-%d" % (len(begun), info["generation"]))
    except OSError:
        begun.append(info["generation"])
import marker_begin
gc.set_threshold(50, 3, 3)
gc.callbacks.append(note)
gc.enable()
import bodies
import constants
import asked
try:
    import failing
except ValueError:
    pass
import json.decoder, decimal, email.message
gc.disable()
gc.callbacks.remove(note)
import marker_end
"""
MAIN = """
import json, app
print(json.dumps(app.begun))
"""
MODULES = {
    "marker_begin": "", "marker_end": "",
    # Garbage of the code's own, in cycles; and while a module below is loaded.
    "bodies": "for _ in range(500):\n    cycle = []\n    cycle.append(cycle)\nimport inner\n",
    "inner": "kept = [[number] for number in range(2000)]\n",
    # Code objects and tuples: collections come while bytecode is unmarshalled.
    "constants": "".join(f"def f{i}(a, b=({i}, 'x', None)):\n    return (a, {i}, 's{i}')\n"
                         for i in range(400)),
    "asked": "import gc\ngc.collect(0)\ngc.collect(1)\ngc.collect()\n",
    "failing": "import gc\ngc.collect()\nraise ValueError\n",
}


class Collections(unittest.TestCase):
    """Subclasses set `find`, which gives the interpreter."""
    find = None

    def setUp(self):
        self.python = self.find()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, text in (*MODULES.items(), ("app", APP), ("main", MAIN)):
            (self.folder / f"{name}.py").write_text(text)

    def record(self, name):
        recorded = record_with_ebpf(
            self.folder / f"{name}.thaw", "--until", "exit", *self.python.options,
            command=[*self.python.command, self.folder / "main.py"],
            env={"PATH": "/usr/bin:/bin", "PYTHONPYCACHEPREFIX": str(self.folder / "cache")})
        self.assertEqual(recorded.status, 0, recorded.stderr[-2000:])
        return recorded

    def between_markers(self, recorded):
        """Lines of events from the end of marker_begin to the begin of marker_end."""
        lines = recorded.text.splitlines()
        first, last = (next(i for i, line in enumerate(lines)
                            if ' import.begin ' in line and f'name="{name}"' in line)
                       for name in ("marker_begin", "marker_end"))
        return lines[first:last]

    def assert_order(self, lines, told):
        """Each collection was told once and recorded once."""
        order, marks = "", []
        for line in lines:
            if marked := re.search(r' file\.open .*"/nowhere/collection-(\d+)-(\d+)"', line):
                order += "M"
                marks.append(tuple(map(int, marked.groups())))
            elif kind := re.match(r"\S+ gc\.(begin|end) ", line):
                order += {"begin": "B", "end": "E"}[kind.group(1)]
        self.assertEqual(marks, list(enumerate(told)))
        expected = TOLD_BEFORE if self.python.minor < 13 else TOLD_INSIDE
        self.assertTrue(re.fullmatch(expected, order), order)

    def compare(self, recorded):
        """The report and the events; None where the report says that none could be seen."""
        told = json.loads(recorded.stdout.splitlines()[-1])
        self.assertGreater(len(told), LEAST)
        report = recorded.report
        probe = [row for row in report["probes"] if row["name"] == "python.gc"]
        self.assertTrue(probe, "no row of python.gc")
        if not any(row["status"] == "attached" for row in probe):
            self.assertTrue(all(row["reason"] and row["without"] for row in probe), probe)
            self.assertTrue(all(process["gc"] is None for process in report["processes"]))
            self.assertFalse(any("gc_ns" in module for module in report["modules"]))
            self.assertNotIn(" gc.begin ", recorded.text)
            return None, None
        lines = self.between_markers(recorded)
        self.assert_order(lines, told)
        return report, lines

    def test_all_are_seen(self):
        """Modules are compiled."""
        elevate.prefix_or_skip()
        report, _ = self.compare(self.record("first"))
        if not report:
            return
        modules = {module["name"]: module for module in report["modules"]}
        for name in ("bodies", "inner", "asked", "failing"):
            self.assertGreater(modules[name]["gc_ns"], 0, name)
        for module in modules.values():
            self.assertLessEqual(module["gc_ns"] + module["self_ns"], module["total_ns"])

    def test_all_are_seen_while_bytecode_is_unmarshalled(self):
        elevate.prefix_or_skip()
        self.record("first")
        report, lines = self.compare(self.record("second"))
        if not report:
            return
        modules = {module["name"]: module for module in report["modules"]}
        self.assertEqual(modules["constants"]["bytecode"]["status"], "used")
        kinds = [line.split()[1] for line in lines if " file.open " not in line]
        inside = [pair for pair in zip(kinds, kinds[1:]) if pair == ("unmarshal.begin", "gc.begin")]
        self.assertTrue(inside, "no collection came while bytecode was unmarshalled")


load_tests = loading_for_each_python(Collections)


if __name__ == "__main__":
    unittest.main()
