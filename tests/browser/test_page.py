"""The HTML report in Debian's Chromium: what it shows is what the JSON has, of every golden report,
of one that has every key, of one recorded now; and nothing else happens.
"""

import json
import sys
import unittest
from pathlib import Path

import costs
import findings
import machines
import page as pages
import webdriver
from page import ms, shown
from program import REPOSITORY, THAW
from recorded import record

TIMEOUT_SECONDS = 300
GOLDEN = REPOSITORY / "tests/golden"
FULL = json.loads((GOLDEN / "full_report.json").read_text(encoding="utf-8"))

APP = """
import json, decimal
try:
    import not_there
except ImportError:
    pass
import helper
"""

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def need_program():
    if not Path(THAW).exists():
        raise unittest.SkipTest(f"{THAW} is not built")


def open_report(report, name="report"):
    path = scratch / f"{name}.html"
    path.write_text(pages.fill(report), encoding="utf-8")
    return pages.Page(browser, path)


def duration(span):
    return span["end_ns"] - span["start_ns"]


class PageTest(unittest.TestCase):
    def assert_quiet(self, page):
        """No error, no refusal, and nothing was asked for but the page itself."""
        self.assertEqual(browser.console(), [])
        asked = [url for url in browser.requests() if not url.startswith("data:,")]
        self.assertEqual(asked, [page.path.resolve().as_uri()])


class Contents(PageTest):
    """Compares everything on a page with the report behind it."""

    def check(self, page, report):
        self.check_head(page, report)
        tables = page.tables()
        self.check_timeline(tables, report)
        machines.check(self, page, tables, report)
        self.check_packages(tables, report)
        self.check_libraries(tables, report)
        self.check_runs(tables, report)
        findings.check(self, page, report)
        self.check_coverage(page, tables, report)
        costs.check(self, page, report)
        self.check_modules(page, report)
        self.assert_quiet(page)

    def check_head(self, page, report):
        head = page.text("header")
        run = report["run"]
        track = next((one for one in report["tracks"] if one["headline"]), None)
        is_log = run["backend"] == "importtime-log"
        if track:
            self.assertEqual(page.value("h1 data"), track["total_ns"])
        elif is_log and not report["complete"]:
            self.assertIn("there is no total", head)
            self.assertEqual(page.texts("h1 data"), [])
        elif run["end_ns"] > run["start_ns"]:
            self.assertEqual(page.value("h1 data"), run["end_ns"] - run["start_ns"])
        self.assertIn("Complete" if report["complete"] else "Incomplete", head)
        self.assertEqual("first reply was seen" not in head and "to the first reply" in head,
                         bool(track and track["answered"]))
        for failure in report["failures"]:
            self.assertIn(shown(failure, "message"), head)
        facts = page.text(".about")
        for text in (run["command"][0] if run["command"]
                     else report["probes"][0]["target"] if is_log else "running processes",
                     report["machine"]["kernel"] or ""):
            self.assertIn(pages.escape(text), facts)

    def check_timeline(self, tables, report):
        captions = {"Phases of the headline" if track["headline"] else f"Phases of track {track['id']}":
                    track for track in report["tracks"]}
        self.assertEqual({caption for caption in tables if caption.startswith("Phases of ")},
                         set(captions))
        for caption, track in captions.items():
            with self.subTest(caption):
                self.assertEqual([self.phase_cells(row) for row in tables[caption]["rows"]],
                                 list(self.phase_rows(track)))

    def phase_cells(self, row):
        name, _, time, share, known = (cell["text"] for cell in row)
        return name.split()[0], row[2]["values"][0], time, share, known

    def phase_rows(self, track):
        for phase in track["phases"]:
            yield self.phase_row(track, phase, phase["counted"], phase["name"])
            for child in phase["children"]:
                name = child["name"].partition(".")[2]
                yield self.phase_row(track, child, phase["counted"] and child["counted"], name)
        rest_ns = track["unattributed_ns"]
        if rest_ns:
            yield ("unattributed", rest_ns, ms(rest_ns), pages.share(rest_ns, track["total_ns"]),
                   "what is left between the phases")

    def phase_row(self, track, phase, counted, name):
        known = phase["confidence"]
        if phase["evidence"]:
            known += ": " + pages.escape(" → ".join(phase["evidence"]))
        if phase["within"] is not None:
            known += f", within {shown(phase, 'within')}"
        ns = duration(phase)
        return (name, ns, ms(ns),
                pages.share(ns, track["total_ns"]) if counted else "not counted", known)

    def column(self, table, head):
        index = table["heads"].index(head)
        return [row[index] for row in table["rows"]]

    def figures(self, table, head):
        return [cell["values"][0] if cell["values"] else None for cell in self.column(table, head)]

    def check_packages(self, tables, report):
        packages = report["distributions"] or []
        if not packages:
            self.assertNotIn("Installed packages", tables)
            return
        table = tables["Installed packages"]
        self.assertEqual(len(table["rows"]), min(len(packages), pages.PAGE_ROWS))
        if len(packages) > pages.PAGE_ROWS:
            return
        columns = [("Size", "bytes"), ("On disk", "disk_bytes"), ("Files", "files")]
        columns += [(head, key) for head, key in (
            ("Import (ms)", "import_ns"), ("Opened", "loaded_bytes"), ("Modules", "modules"),
            ("Goes with it", "exclusive_bytes")) if any(key in one for one in packages)]
        rows = zip([cell["text"] for cell in self.column(table, "Package")],
                   *(self.figures(table, head) for head, _ in columns))
        expected = [(shown(one, "name"), *(one.get(key) for _, key in columns)) for one in packages]
        self.assertCountEqual(rows, expected)
        for cell in self.column(table, "Size"):
            self.assertEqual(cell["text"], pages.size(cell["values"][0]))

    def check_libraries(self, tables, report):
        libraries = report["libraries"] or []
        if not libraries:
            self.assertNotIn("Shared libraries", tables)
            return
        table = tables["Shared libraries"]
        self.assertEqual(len(table["rows"]), min(len(libraries), pages.PAGE_ROWS))
        if len(libraries) > pages.PAGE_ROWS:
            return
        load = self.figures(table, "Load (ms)") if "Load (ms)" in table["heads"] \
            else [None] * len(libraries)
        self.assertCountEqual(
            zip((cell["text"] for cell in self.column(table, "Library")),
                self.figures(table, "Size"), load),
            [(shown(one, "path"), one["bytes"], one.get("dlopen_ns")) for one in libraries])

    def check_runs(self, tables, report):
        calls = tables.get("Calls of functions", {"rows": []})
        self.assertEqual(len(calls["rows"]), min(len(report["invocations"]), pages.PAGE_ROWS))
        if any(call["end_ns"] for call in report["invocations"]):
            self.assertEqual(self.figures(calls, "Took (ms)"),
                             [call["end_ns"] and duration(call) for call in report["invocations"]])
        processes = tables.get("Processes", {"rows": []})
        self.assertEqual([row[0]["text"] for row in processes["rows"]],
                         [str(one["pid"]) for one in report["processes"][:pages.PAGE_ROWS]])

    def check_coverage(self, page, tables, report):
        text = page.text("#coverage")
        for loss in report["losses"]:
            self.assertIn(" ".join(shown(loss, "what" if loss["what"] else "cause").split()), text)
        for item in report["not_visible"]:
            self.assertIn(" ".join(shown(item, "what").split()), text)
        probes = tables.get("Probes", {"rows": []})["rows"]
        self.assertEqual([row[0]["text"] for row in probes],
                         [shown(one, "name") for one in report["probes"]][:pages.PAGE_ROWS])
        unfinished = sum(one["status"] == "unfinished" for one in report["modules"])
        inferred = sum(one["end_inferred"] for one in report["modules"])
        self.assertEqual("at least the time shown" in text, unfinished > 0)
        self.assertEqual("at most the time shown" in text, inferred > 0)

    def check_modules(self, page, report):
        modules = report["modules"]
        if not modules:
            self.assertIn("No import was observed", page.text("#imports"))
            return
        page.press_button("List")
        choices = page.texts("#imports select option")
        self.assertEqual(len(choices), len({one["process"] for one in modules}))
        seen = []
        for index, choice in enumerate(choices):
            page.choose(index)
            caption = f"Modules of {choice.rpartition(' (')[0]}"
            page.more(caption)
            seen += [self.module_cells(row) for row in page.tables()[caption]["rows"]]
        self.assertCountEqual(seen, [self.module_row(one) for one in modules])
        costs.check_columns(self, page, report)
        page.press_button("Tree")

    def module_cells(self, row):
        return row[0]["text"], *(row[index]["values"][0] for index in (1, 2)), row[1]["text"]

    def module_row(self, module):
        status = module["status"]
        sign = "≥ " if status == "unfinished" else "≤ " if module["end_inferred"] else ""
        return (shown(module, "name") + (status if status != "loaded" else ""),
                module["total_ns"], module["self_ns"], sign + ms(module["total_ns"]))

    def test_golden_recordings(self):
        """As the program writes the page; without it, of the report that is expected of it."""
        for recording in sorted([*GOLDEN.glob("*/recording.txt"), *GOLDEN.glob("*/importtime.log")]):
            name = recording.parent.name
            with self.subTest(name):
                if Path(THAW).exists():
                    report = pages.render(recording, scratch / f"{name}.html")
                    page = pages.Page(browser, scratch / f"{name}.html")
                else:
                    report = json.loads((recording.parent / "expected.json").read_text(encoding="utf-8"))
                    page = open_report(report)
                self.check(page, report)

    def test_every_key(self):
        self.check(open_report(FULL), FULL)

    def test_recorded_now(self):
        need_program()
        app = scratch / "app"
        app.mkdir()
        (app / "main.py").write_text(APP, encoding="utf-8")
        (app / "helper.py").write_text("import csv\n", encoding="utf-8")
        recorded = record(scratch / "now.thaw", "--backend", "auto",
                          command=[sys.executable, app / "main.py"], elevated=False)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        report = pages.render(recorded.path, scratch / "now.html")
        self.assertIn("csv", [module["name"] for module in report["modules"]])
        self.check(pages.Page(browser, scratch / "now.html"), report)


class Absence(PageTest):
    """What is not in the report is not shown as 0."""

    def test_nothing_measured(self):
        report = {**FULL, "distributions": None, "libraries": None, "totals": None,
                  "findings": None, "run": {**FULL["run"], "cost": None}}
        page = open_report(report)
        for section, words in (("packages", "were not looked for"), ("findings", "Nothing was looked"),
                               ("libraries", "were not looked at"), ("coverage", "Not measured")):
            self.assertIn(words, page.text(f"#{section}"))
        self.assertEqual(page.texts("aside"), [])
        self.assert_quiet(page)

    def test_nothing_found(self):
        page = open_report({**FULL, "distributions": [], "libraries": [], "findings": []})
        for section, words in (("packages", "No installed package"), ("libraries", "No shared library"),
                               ("findings", "found nothing")):
            self.assertIn(words, page.text(f"#{section}"))

    def test_columns_that_no_row_has(self):
        package = {key: value for key, value in FULL["distributions"][0].items()
                   if key not in ("import_ns", "loaded_bytes", "opened_bytes", "exclusive_bytes")}
        page = open_report({**FULL, "distributions": [package]})
        heads = page.tables()["Installed packages"]["heads"]
        self.assertNotIn("Import (ms)", heads)
        self.assertIn("Not measured: import (ms), opened, goes with it.", page.text("#packages"))

    def test_a_figure_that_one_row_lacks(self):
        lacking = {**FULL["distributions"][0], "name": "other"}
        del lacking["import_ns"]
        page = open_report({**FULL, "distributions": [*FULL["distributions"], lacking]})
        table = page.tables()["Installed packages"]
        index = table["heads"].index("Import (ms)")
        self.assertEqual([row[index]["text"] for row in table["rows"]], ["214.0", "–"])

    def test_nothing_at_all(self):
        report = {**FULL, **{key: [] for key in ("tracks", "modules", "processes", "invocations",
                                                 "losses", "not_visible", "probes", "interpreters",
                                                 "failures", "distributions", "libraries", "findings")}}
        report["run"] = {"command": [], "started": None, "backend": None, "platform": None,
                         "until": None, "cost": None}
        report["machine"] = {"kernel": None, "arch": None, "cpus": None}
        page = open_report(report)
        self.assertIn("Nothing was recorded", page.text("h1"))
        self.assert_quiet(page)


class Failures(PageTest):
    """A page that can't show its report says so, and a blank one is noticed."""

    def page(self, change, seconds=20):
        path = scratch / "changed.html"
        path.write_text(change(pages.fill(FULL)), encoding="utf-8")
        return pages.Page(browser, path, seconds=seconds)

    def test_blank_pages_are_noticed(self):
        blank = "<!doctype html><title>x</title><body><div id=page></div>"
        with self.assertRaisesRegex(AssertionError, "blank"):
            self.page(lambda html: blank, seconds=1)
        with self.assertRaisesRegex(AssertionError, "blank"):
            self.page(lambda html: html.replace("sha256-", "sha256-x", 1), seconds=1)
        self.assertTrue(browser.console(), "the policy must have refused the script")

    def test_no_report(self):
        page = pages.Page(browser, pages.TEMPLATE)
        self.assertIn("empty", page.notice())
        self.assert_quiet(page)

    def test_broken_report(self):
        page = self.page(lambda html: html.replace('{"schema"', '{"schema', 1))
        self.assertIn("can't be shown", page.notice())

    def test_another_schema(self):
        page = self.page(lambda html: html.replace('"schema":"thaw-report/1"', '"schema":"thaw-report/2"'))
        self.assertIn("thaw-report/1", page.notice())


if __name__ == "__main__":
    unittest.main()
