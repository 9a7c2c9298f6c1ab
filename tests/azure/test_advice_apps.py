# SPDX-License-Identifier: Apache-2.0
"""The apps that advice is measured on are what the table says, and so are their imports: each is
moved as if it might wait, and what a person called unsafe breaks where that was expected.
"""
import ast
import dataclasses
import json
import os
import unittest

import advice_apps
import advice_moves
import advice_runs
import demo
from advice_apps import APPS, LOOK, NO, SAFE

TIMEOUT_SECONDS = 400  # the packages of three apps may have to be installed


class App:
    """Tests of one app; a subclass below has `app`."""
    app = None

    @classmethod
    def setUpClass(cls):
        cls.wwwroot = demo.place_own(cls.app.name, lock=cls.app.lock)
        cls.original, = advice_runs.facts(cls.app, [cls.app.folder])

    def sources(self):
        """{file: text} of the app's own modules; its tests are not part of what starts."""
        found = {}
        for name in os.listdir(self.app.folder):
            if name.endswith(".py"):
                with open(os.path.join(self.app.folder, name), encoding="utf-8") as file:
                    found[name] = file.read()
        return found

    def packages(self):
        """What the app's statements name, but for its own modules."""
        nodes = [advice_moves.find_statement(self.sources()[one.file], one.statement)
                 for one in self.app.imports]
        named = {getattr(node, "module", None) or node.names[0].name for node in nodes}
        return sorted(named - {name.removesuffix(".py") for name in self.sources()})

    def test_its_own_tests_pass(self):
        self.assertEqual((self.original["failed"], self.original["text"]), ("", ""))
        self.assertGreater(self.original["tests"], 3)

    def test_functions_and_bindings(self):
        found = {name: [json.loads(binding)["type"] for binding in bindings]
                 for name, bindings in self.original["functions"].items()}
        self.assertEqual({name: sorted(types) for name, types in found.items()},
                         {name: sorted(types) for name, types in self.app.functions.items()})

    def test_a_worker_answers(self):
        function, body, answer = self.app.call
        run = demo.run_host(self.wwwroot, "--invoke", function, "--body", body)
        self.assertEqual((run.status, run.errors), (0, ""))
        self.assertEqual(run.output.splitlines(), ["HTTP 200", answer])

    def test_the_table_has_every_import(self):
        executed = [(name, ast.unparse(node)) for name, text in self.sources().items()
                    for node in advice_moves.statements(text)]
        self.assertEqual(sorted(executed),
                         sorted((one.file, one.statement) for one in self.app.imports))

    def test_verdicts_have_a_reason_and_a_place(self):
        for one in self.app.imports:
            with self.subTest(file=one.file, statement=one.statement):
                self.assertIn(one.verdict, (SAFE, LOOK, NO))
                self.assertEqual(one.verdict == SAFE, one.why == "")
                self.assertTrue(one.into or one.verdict == NO)

    def test_what_is_safe_may_move_alone_and_together(self):
        """In processes of their own: what others have loaded must not hide anything."""
        chosen = [self.app.safe()]
        with demo.temporary_folder() as scratch:
            folders = advice_runs.copies(self.app, chosen, scratch)
            for folder in folders:
                found, = advice_runs.facts(self.app, [folder])
                self.assertEqual(advice_runs.what_breaks(found, self.original), "", found["text"])
                self.assertLessEqual(set(found["modules"]), set(self.original["modules"]))
        for name, text in self.sources().items():
            mine = [one for one in self.app.safe() if one.file == name]
            bound = [bound for one in mine
                     for bound in advice_moves.bound_names(advice_moves.find_statement(
                         text, one.statement))]
            self.assertEqual(advice_moves.global_reads(advice_moves.move(text, mine), bound), [])

    def test_what_is_not_safe_breaks_as_expected(self):
        unsafe = [one for one in self.app.imports if one.verdict != SAFE
                  and one.statement != "from __future__ import annotations"]
        plain = [dataclasses.replace(one, way=advice_moves.PLAIN) for one in unsafe]
        lazily = [one for one in unsafe if one.way == advice_moves.ATTRIBUTE]
        rows = [*plain, *lazily]
        with demo.temporary_folder() as scratch:
            folders = advice_runs.copies(self.app, [[one] for one in rows], scratch)
            found = advice_runs.facts(self.app, folders, self.packages())
        for one, facts in zip(rows, found):
            expected = "" if one.way == advice_moves.ATTRIBUTE else one.breaks
            with self.subTest(file=one.file, statement=one.statement, way=one.way):
                self.assertEqual(advice_runs.what_breaks(facts, self.original), expected,
                                 facts["text"])

    def test_sets_can_be_moved(self):
        for name, statements in self.app.sets.items():
            chosen = self.app.of(*statements)
            self.assertTrue(all(one.verdict != NO for one in chosen), name)


for _app in APPS:
    _name = "".join(part.capitalize() for part in _app.name.split("-"))
    globals()[_name] = type(_name, (App, unittest.TestCase), {"app": _app})


class Requirements(unittest.TestCase):
    def test_they_are_locked(self):
        for app in APPS:
            with open(os.path.join(app.folder, "requirements.txt"), encoding="utf-8") as file:
                wanted = set(file.read().split())
            with open(os.path.join(demo.HERE, "requirements", app.lock + ".txt"),
                      encoding="utf-8") as file:
                locked = {line.partition("==")[0] for line in file}
            self.assertLessEqual(wanted, locked, app.name)


class Claims(unittest.TestCase):
    def test_more_than_is_true(self):
        app = advice_apps.TRAPS
        lines = {one.statement: one.line(app) for one in app.imports if one.file == "mailing.py"}
        patched = ("mailing.py", lines["import smtplib"])
        never = ("mailing.py", lines["import azure.functions as func"])
        problems = advice_apps.claims_too_much(app, [
            (*patched, LOOK), (*patched, SAFE), (*never, LOOK), ("mailing.py", 999, SAFE),
            ("wire.py", app.of("import io")[0].line(app), SAFE)])
        self.assertEqual([problem.partition(": ")[0] for problem in problems],
                         [f"mailing.py:{line}" for line in (patched[1], never[1], 999)])


class Nothing(unittest.TestCase):
    def test_no_module_less_is_loaded(self):
        app = advice_apps.NOTHING
        with demo.temporary_folder() as scratch:
            folder, = advice_runs.copies(app, [app.safe()], scratch)
            before, = advice_runs.facts(app, [app.folder], worker=False, tests=False)
            after, = advice_runs.facts(app, [folder], worker=False, tests=False)
        self.assertEqual(after["modules"], before["modules"])


if __name__ == "__main__":
    unittest.main()
