"""The import oracle: it must read what the interpreter prints, and no difference may pass it."""

import contextlib
import io
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import importtime
from importtime import Entry, compare, compare_report, entries_of_report, entries_of_text

PYTHON = "/usr/bin/python3.11"
TEXT = """\
import time: self [us] | cumulative | imported package
import time:        10 |         10 |     json.scanner
unfinished line of the program import time:        20 |         30 |   json.decoder
words of the program
import time:         5 |          5 |   json.encoder
import time:         1 |         36 | json
import time: cached    | cached     | sys
import time:         2 |          2 | csv
"""
ENTRIES = [Entry("json", None), Entry("json.decoder", "json"),
           Entry("json.scanner", "json.decoder"), Entry("json.encoder", "json"), Entry("csv", None)]


def report(*rows):
    """A report with rows (id, parent, name, via)."""
    return {"modules": [{"id": number, "parent": parent, "name": name, "via": via, "process": 1,
                         "start_ns": number, "status": "loaded"}
                        for number, parent, name, via in rows]}


def interpreter_text(code, folder):
    return subprocess.run([PYTHON, "-I", "-X", "importtime", "-c", code, folder], check=True,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True).stderr


class Parsing(unittest.TestCase):
    def test_tree_in_order_of_start(self):
        self.assertEqual(entries_of_text(TEXT), ENTRIES)
        decoder = importtime.parse(TEXT)[0].children[0]
        self.assertEqual((decoder.self_us, decoder.total_us), (20, 30))

    def test_process_that_ended_inside_an_import(self):
        cut = "".join(TEXT.splitlines(keepends=True)[:3])
        self.assertEqual(entries_of_text(cut), [Entry("json.decoder", importtime.UNKNOWN),
                                                Entry("json.scanner", "json.decoder")])

    def test_nothing_listed(self):
        self.assertEqual(entries_of_text("no such line\n"), [])

    def test_real_interpreter(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("outer", "import outer_a, outer_b"), ("outer_a", "import inner"),
                               ("outer_b", "import inner"), ("inner", "")):
                Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
            entries = entries_of_text(interpreter_text(
                "import sys; sys.path.insert(0, sys.argv[1]); import outer", folder))
        self.assertEqual(entries[-4:], [Entry("outer", None), Entry("outer_a", "outer"),
                                        Entry("inner", "outer_a"), Entry("outer_b", "outer")])


class FromReport(unittest.TestCase):
    def test_import_module_is_taken_out(self):
        modules = report((1, None, "app", "statement"), (2, 1, "package.leaf", "import_module"),
                         (3, 2, "package", "implicit parent"), (4, 3, "csv", "statement"))
        self.assertEqual(entries_of_report(modules), [Entry("app", None), Entry("csv", "app")])
        self.assertEqual(len(entries_of_report(modules, all_modules=True)), 4)

    def test_what_importtime_leaves_out_is_what_is_taken_out(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "package").mkdir()
            for name, text in (("app.py", "import importlib\n"
                                          "importlib.import_module('package.leaf')\n"),
                               ("package/__init__.py", "import first"), ("first.py", ""),
                               ("package/leaf.py", "import second"), ("second.py", "")):
                Path(folder, name).write_text(text, encoding="utf-8")
            text = interpreter_text("import importlib, sys; sys.path.insert(0, sys.argv[1])\n"
                                    "import app", folder)
        expected = entries_of_text(text)[-3:]
        modules = report((1, None, "app", "statement"), (2, 1, "package.leaf", "import_module"),
                         (3, 2, "package", "implicit parent"), (4, 3, "first", "statement"),
                         (5, 2, "second", "statement"))
        self.assertEqual(str(compare(expected, entries_of_report(modules))),
                         "3 modules: missing 0, extra 0, wrong parent 0, order same")

    def test_implicit_parent_of_a_statement_stays(self):
        modules = report((1, None, "package.leaf", "statement"),
                         (2, 1, "package", "implicit parent"))
        self.assertEqual(len(entries_of_report(modules)), 2)

    def test_several_processes_must_be_told_apart(self):
        modules = report((1, None, "json", "statement"), (2, None, "csv", "statement"))
        modules["modules"][1]["process"] = 2
        with self.assertRaises(ValueError):
            entries_of_report(modules)
        self.assertEqual(entries_of_report(modules, process=2), [Entry("csv", None)])


class Comparing(unittest.TestCase):
    def difference(self, actual):
        comparison = compare(ENTRIES, actual)
        self.assertFalse(comparison)
        return comparison

    def test_same(self):
        self.assertTrue(compare(ENTRIES, list(ENTRIES)))

    def test_missing(self):
        self.assertEqual(self.difference(ENTRIES[:-1]).missing, ["csv below nothing"])

    def test_extra(self):
        found = self.difference([*ENTRIES, Entry("csv", "json")])
        self.assertEqual((found.extra, found.wrong_parent), (["csv below json"], []))

    def test_wrong_parent(self):
        moved = [*ENTRIES[:-1], Entry("csv", "json")]
        self.assertEqual(self.difference(moved).wrong_parent,
                         ["csv below json, expected csv below nothing"])

    def test_order(self):
        swapped = [ENTRIES[4], *ENTRIES[:4]]
        self.assertEqual(self.difference(swapped).order, ["csv where json was expected"])

    def test_unknown_parent_is_no_difference(self):
        self.assertTrue(compare([Entry("csv", importtime.UNKNOWN)], [Entry("csv", "json")]))


class CommandLine(unittest.TestCase):
    ROWS = ((1, None, "json", "statement"), (2, 1, "json.decoder", "statement"),
            (3, 2, "json.scanner", "statement"), (4, 1, "json.encoder", "statement"),
            (5, None, "csv", "statement"))

    def run_main(self, rows):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "report").write_text(json.dumps(report(*rows)), encoding="utf-8")
            Path(folder, "text").write_text(TEXT, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                status = importtime.main([f"{folder}/report", f"{folder}/text"])
        return status, output.getvalue()

    def test_exit_status_tells(self):
        self.assertEqual(self.run_main(self.ROWS)[0], 0)
        status, output = self.run_main(self.ROWS[:-1])
        self.assertEqual(status, 1)
        self.assertIn("missing: csv below nothing", output)

    def test_report_against_text(self):
        self.assertTrue(compare_report(report(*self.ROWS), TEXT))
