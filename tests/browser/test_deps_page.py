"""The HTML report of a target: what it shows is what the JSON has; by keyboard, narrow and dark, with
very many rows, with hostile names; beside a recording, too.
"""

import base64
import copy
import json
import os
import re
import unittest
from pathlib import Path

import page as pages
import shipped
import test_hostile
import test_look
import webdriver
from page import shown
from program import THAW, run_thaw

TIMEOUT_SECONDS = 300
APP = shipped.app()
JOINED = shipped.joined(APP)
ALONE = shipped.without_recording(shipped.FULL)  # every key that a target has
MANY = 10_000
MOST_ELEMENTS = 12_000  # on a page with that many rows in each list
MOST_PART_ROWS = 14
OF_RECORDINGS = {"timeline", "critical-path", "spent", "imports", "effects", "native", "findings", "calls",
                 "processes", "coverage", "use", "target"}

# What shifted without anybody having done anything (web-vitals: Cumulative Layout Shift).
SHIFTS = """
const done = arguments[0];
return new Promise((done) => {
  const found = [];
  new PerformanceObserver((list) => found.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(found.filter((one) => !one.hadRecentInput)
      .map((one) => [one.value, one.sources.map(({node}) => node?.nodeName ?? "").join()])), 50);
});
"""

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def open_report(report, fragment=""):
    path = scratch / "report.html"
    path.write_text(pages.fill(report), encoding="utf-8")
    return pages.Page(browser, path, fragment)


def column(table, head):
    index = table["heads"].index(head)
    return [row[index] for row in table["rows"]]


def texts(table, head):
    return [cell["text"] for cell in column(table, head)]


def figures(table, head):
    return [cell["values"][0] if cell["values"] else None for cell in column(table, head)]


def is_missing(needed):
    """Nothing was found: what was found and is of no use has a reason."""
    return needed["resolved"] is None and needed["reason"] is None


def faint_rows(caption):
    """The first cells of the rows that are faint."""
    return browser.run("""const table = [...document.querySelectorAll("table")]
            .find((one) => one.caption.textContent === arguments[0]);
        return [...table.querySelectorAll(":scope > tbody > tr.faint")].map((row) => row.cells[0].textContent)""", caption)


def unfold():
    """Opens every fold, and those that come with it."""
    while browser.run("""const closed = [...document.querySelectorAll("details:not([open])")];
            for (const one of closed) one.open = true;
            return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(closed.length), 20)));"""):
        pass


class DepsTest(unittest.TestCase):
    def assert_quiet(self, page):
        self.assertEqual(browser.console(), [])
        asked = [url for url in browser.requests() if not url.startswith("data:,")]
        self.assertEqual(asked, [page.path.resolve().as_uri()])


class Contents(DepsTest):
    """Compares what is shown of a target with the report behind it."""

    def check(self, report, page=None):
        page = page or open_report(report)
        self.check_head(page, report)
        unfold()
        tables = page.tables()
        self.check_packages(tables, report)
        self.check_libraries(tables, report)
        self.check_lists(page, tables, report)
        self.check_treemap(page, report)
        self.assert_quiet(page)

    def check_head(self, page, report):
        target, totals = report["target"], report["totals"]
        place = "#target" if report["run"] else "header"
        text = page.text(place)
        self.assertEqual(page.value(f"{place} data"), totals["disk_bytes"])
        self.assertIn(shown(target, "path"), text)
        kinds = [(kind, one["disk_bytes"]) for kind, one in totals["kinds"].items() if one["disk_bytes"]]
        self.assertCountEqual(
            browser.run("""return [...document.querySelectorAll(`${arguments[0]} .strip li`)].map((one) =>
                [one.querySelector("bdi").textContent, Number(one.querySelector("data").value)])""", place),
            [list(one) for one in kinds])
        facts = page.texts(f"{place} dl")[0]
        python = target["python"]
        for words in (target["kind"].replace("-", " "), python["full_version"] or python["version"],
                      f"by {python['evidence']}", f"{totals['files']:,} files", ", ".join(target["signs"]),
                      ", ".join(target["sites"]), f"App{pages.size(totals['app']['disk_bytes'])}"):
            self.assertIn(words, facts)
        alerts = page.text(f"{place} .alerts") if page.texts(f"{place} .alerts") else ""
        expected = {
            "Over a limit": [one["what"] for one in report["limits"] if one["exceeded"]],
            "Missing libraries": sorted({one["name"] for library in report["libraries"]
                                         for one in library["needed"] if is_missing(one)}),
            "Conflicts": [one["what"] for one in report["conflicts"]],
            "Files of another platform": [one["path"] for one in report["foreign"]],
            "Faults": [one["path"] for one in report["faults"]]}
        for title, words in expected.items():
            self.assertEqual(title in alerts, bool(words), title)
            for word in words[:5]:
                self.assertIn(word, alerts)
        waste = page.text(f"{place} .finding") if page.texts(f"{place} .finding") else ""
        for title, sizes in (
                ("Libraries shipped again", [one["waste_bytes"] for one in report["duplicates"]]),
                ("Libraries to strip", [one["strip_bytes"] for one in report["libraries"]
                                        if one.get("strip_bytes") and not one["outside"]])):
            self.assertEqual(title in waste, bool(sizes), title)
            self.assertIn(f"{pages.size(sum(sizes))} in {len(sizes)}" if sizes else "", waste)

    def check_packages(self, tables, report):
        packages = report["distributions"]
        table = tables["Installed packages"]
        rows = {row[0]["text"]: index for index, row in enumerate(table["rows"])}
        self.assertCountEqual(rows, [shown(one, "name") for one in packages])
        for one in packages:
            def cell(head, of, row=rows[shown(one, "name")]):
                return of(table, head)[row]
            for head, key in (("Size", "bytes"), ("On disk", "disk_bytes"), ("Goes with it", "exclusive_bytes"),
                              ("Opened", "opened_bytes"), ("Used", "used_bytes"), ("Used in", "used_in")):
                if key in one:
                    self.assertEqual(cell(head, figures), one[key], (one["name"], head))
            self.assertEqual(cell("Why", texts), pages.escape(" → ".join(one["why"])) or "–")
            unmet = [each for each in one["requirements"]
                     if each["unreadable"] or each["applies"] and not each["satisfied"]]
            if one["requirements"]:
                words = cell("Requirements", texts)
                self.assertTrue(words.startswith(f"{len(one['requirements'])}" + (
                    f", {len(unmet)} not met" if unmet else "")), words)
                for each in one["requirements"]:
                    said = "can't be read" if each["unreadable"] else "does not apply here" if not each["applies"] else \
                        "not installed" if each["installed"] is None else \
                        each["installed"] + ("" if each["satisfied"] else " does not fit")
                    self.assertIn(f"{shown(each, 'text')}: {said}", words)
            record = one["record"]
            words = cell("RECORD", texts)
            self.assertIn(f"{record['listed']:,} file", words)
            for key, said in (("absent", "not there"), ("changed", "changed"), ("outside", "outside")):
                self.assertEqual(f"{record[key]} {said}" in words, record[key] > 0)
            for path in record.get("absent_paths", []) + record.get("changed_paths", []):
                self.assertIn(pages.escape(path), words)
            if any(each["editable"] for each in packages):
                outside = ", not shipped: it is outside" * one["editable_outside"]
                self.assertEqual(cell("Editable", texts), (one["editable"] or "–") + outside)
            if any(each["misfit"] for each in packages):
                self.assertEqual(cell("Does not fit", texts), one["misfit"] or "–")

    def check_libraries(self, tables, report):
        libraries = report["libraries"]
        if not libraries:
            self.assertNotIn("Shared libraries", tables)
            return
        table = tables["Shared libraries"]
        self.assertCountEqual(
            zip(texts(table, "Library"), figures(table, "Size"), figures(table, "Strip saves")),
            [(one["path"], one["bytes"], one["strip_bytes"]) for one in libraries])
        needs = dict(zip(texts(table, "Library"), texts(table, "Needs")))
        for one in libraries:
            lost = sum(map(is_missing, one["needed"]))
            self.assertTrue(needs[one["path"]].startswith(
                f"{len(one['needed'])}" + (f", {lost} not found" if lost else "")))
            for each in one["needed"]:
                if is_missing(each):
                    self.assertIn(f"{each['name']}: not found", needs[one["path"]])
                    continue
                words = f"{each['name']}: {each['resolved'] or '–'}, {each['reason']}"
                if each["owner"]:
                    words += f": {each['owner']}"
                if each["only_by"]:
                    words += f", only when loaded by {each['only_by']}"
                self.assertIn(words, needs[one["path"]])
        wanted = {}
        for one in libraries:
            for each in one["needed"]:
                if is_missing(each):
                    wanted.setdefault(each["name"], []).append(one["path"])
        if wanted:
            self.assertEqual(dict(zip(texts(tables["Missing libraries"], "Missing"),
                                      texts(tables["Missing libraries"], "Wanted by"))),
                             {name: ", ".join(paths) for name, paths in wanted.items()})
        self.assertEqual("Missing libraries" in tables, bool(wanted))
        unsafe = [", ".join(words) for words in (
            [word for word, key in (("writable code", "writable_code"), ("executable stack", "executable_stack"))
             if one[key]] for one in libraries) if words]
        self.assertCountEqual([one for one in texts(table, "Unsafe") if one != "–"]
                              if "Unsafe" in table["heads"] else [], unsafe)

    def check_lists(self, page, tables, report):
        for caption, key, columns in (
                ("Limits", "limits", {"What it limits": "what", "Size": "bytes", "Limit": "limit_bytes"}),
                ("Conflicts", "conflicts", {"What": "what", "Package": "distribution", "Other": "other",
                                            "Installed": "installed"}),
                ("Files of another platform", "foreign", {"File": "path", "Built": "why", "Package": "distribution"}),
                ("Requirements", "requirements", {"Requirement": "text", "Installed": "installed"}),
                ("Libraries shipped again", "duplicates", {"Library": "key", "Alike in": "kind",
                                                           "Waste": "waste_bytes", "In use": "winner"}),
                (".pth files", "path_files", {"File": "path", "Folders": "folders", "Code": "code"}),
                ("Faults", "faults", {"Path": "path", "What": "what"})):
            rows = report[key]
            self.assertEqual(caption in tables, bool(rows), caption)
            for head, member in columns.items() if rows else ():
                values = [one[member] for one in rows]
                of = figures if isinstance(values[0], int) else texts
                if of is texts:
                    values = ["–" if one is None else pages.escape(one) for one in values]
                self.assertEqual(of(tables[caption], head), values)
        self.assertEqual(texts(tables["Faults"], "In the figures") if report["faults"] else [],
                         ["yes" if not one["unread"] else "not all of the folder" if one["folder"] else "not all"
                          for one in report["faults"]])
        for one, kept, source in zip(report["limits"], *(
                texts(tables["Limits"], head) for head in ("Kept", "Source") if report["limits"])):
            self.assertEqual(kept == "yes", not one["exceeded"])
            self.assertEqual(source, f"{one['source']}, {one['dated']}")
        requests = [one for one in report["requirements"] if not one["constraint"]]
        if requests:
            self.assertIn(f"{sum(not one['pinned'] for one in requests)} not pinned, "
                          f"{sum(not one['hashed'] for one in requests)} without a hash", page.text("#requirements"))
        states = {state: one["files"] for state, one in report["bytecode_health"]["states"].items() if one["files"]}
        costs = {one["state"]: (one["modules"], one["ns"]) for one in (report.get("use") or {}).get("bytecode") or ()}
        self.assertEqual("Bytecode" in tables, bool(states or costs))
        if states or costs:
            table = tables["Bytecode"]
            self.assertEqual({state: number for state, number in zip(texts(table, "State"), figures(table, "Sources"))
                              if number is not None}, states)
            self.assertEqual({state: found for state, *found in zip(texts(table, "State"), *(
                figures(table, head) for head in ("Modules", "Cost (ms)"))) if found != [None, None]} if costs else {},
                             {state: list(found) for state, found in costs.items()})
            for example in report["bytecode_health"]["examples"]:
                self.assertIn(example, page.texts("#bytecode")[0])

    def parts(self, page):
        """The table beside the treemap: its caption, and what each part takes."""
        caption, table = next((caption, table) for caption, table in page.tables().items()
                              if caption.startswith("Bytes of "))
        sizes = "On disk" if "On disk" in table["heads"] else "Size"
        return caption.removeprefix("Bytes of "), dict(zip(texts(table, "Part"), figures(table, sizes)))

    def check_treemap(self, page, report):
        packages = sorted(report["distributions"], key=lambda one: -one["disk_bytes"])
        page.press_button("By kind")
        top, parts = self.parts(page)
        self.assertEqual(top, report["target"]["path"])
        if len(packages) < MOST_PART_ROWS - 2:
            self.assertEqual(sum(parts.values()), report["totals"]["disk_bytes"])
        for one in packages[:3]:
            label = f"{shown(one, 'name')} {one['version']}"
            self.assertEqual(parts[label], one["disk_bytes"])
            page.press_button(label)
            self.assertEqual(self.parts(page), (label, {
                kind: amount["disk_bytes"] for kind, amount in one["kinds"].items() if amount["disk_bytes"]}))
            page.press_button(top)
        page.press_button("By folder")
        top, parts = self.parts(page)
        self.assertEqual(sum(parts.values()), report["totals"]["disk_bytes"], "the rest is a part of its own")
        if report.get("use"):
            page.press_button("By use")
            top, parts = self.parts(page)
            for one in sorted(packages, key=lambda one: -one["bytes"])[:3]:
                label = f"{one['name']} {one['version']}"
                self.assertEqual(parts[label], one["bytes"])
                page.press_button(label)
                expected = {"used": one["used_bytes"], "opened, not used": one["opened_bytes"] - one["used_bytes"],
                            "never opened": one["bytes"] - one["opened_bytes"]}
                self.assertEqual(self.parts(page), (label, {key: value for key, value in expected.items() if value}))
                page.press_button(top)

    def test_an_app(self):
        self.check(APP)

    def test_every_key(self):
        self.check(ALONE)

    def test_beside_a_recording(self):
        self.check(JOINED)
        page = open_report(JOINED)
        tables = page.tables()
        stages = JOINED["use"]["stages"]
        self.assertEqual(list(zip(texts(tables["Stages of use"], "Stage"),
                                  figures(tables["Stages of use"], "Size"))),
                         [(one["stage"], one["bytes"]) for one in stages])
        self.assertEqual(texts(tables["Stages of use"], "Share")[1],
                         pages.share(stages[1]["bytes"], stages[0]["bytes"]))
        untouched = [one for one in JOINED["distributions"] if one["used_in"] == 0]
        self.assertTrue(untouched)
        self.assertCountEqual(texts(tables["Packages never touched"], "Package"), [one["name"] for one in untouched])
        self.assertIn("recording.thaw", page.text("#use"))
        self.assertEqual(texts(tables["Modules looked for in vain"], "Folder"), ["/srv/app"])
        ids = set(browser.run("return [...document.querySelectorAll('main > section')].map((one) => one.id)"))
        self.assertLessEqual(OF_RECORDINGS, ids)

    def test_a_target_read_now(self):
        """What the program writes of a virtual environment, one with names that nobody should have."""
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")
        root = scratch / "app"
        site = root / "lib/python3.11/site-packages"
        for name, requires in (("first", "second>=2"), ("second", "</script><b>"), ("third", "")):
            info = site / f"{name}-1.0.dist-info"
            info.mkdir(parents=True)
            (site / f"{name}.py").write_text("x = 1\n" * 5000, encoding="utf-8")
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {requires}\n" if requires else ""),
                encoding="utf-8")
            (info / "RECORD").write_text(f"{name}.py,,30000\n{name}-1.0.dist-info/METADATA,,\ngone.py,,\n", encoding="utf-8")
        (root / "pyvenv.cfg").write_text("version = 3.11.7\n", encoding="utf-8")
        hostile = os.fsencode(site) + b"/two\nlines\xff<script>"
        os.mkdir(hostile)
        Path(os.fsdecode(hostile), "large.bin").write_bytes(bytes(200_000))
        path = scratch / "now.html"
        for form, output in (("html", path), ("json", scratch / "now.json")):
            result = run_thaw("deps", root, "-f", form, "-o", output)
            self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads((scratch / "now.json").read_text(encoding="utf-8"))
        page = pages.Page(browser, path)
        self.check(report, page)
        page.press_button("By folder")
        for folder in ("lib", "python3.11", "site-packages"):
            page.press_button(folder)
        self.assertIn("two\\x0alines\\xff<script>", self.parts(page)[1])

    def test_what_is_made_up_is_a_report(self):
        try:
            from jsonschema import Draft202012Validator
        except ImportError:
            self.skipTest("no module jsonschema (Debian: python3-jsonschema)")
        validator = Draft202012Validator(test_hostile.SCHEMA)
        for report in (APP, JOINED, ALONE, shipped.large(3)):
            self.assertEqual([f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(report)], [])

    def test_without_a_recording_nothing_of_one(self):
        page = open_report(APP)
        ids = set(browser.run("return [...document.querySelectorAll('main > section')].map((one) => one.id)"))
        self.assertEqual(ids & OF_RECORDINGS, set())
        links = browser.run("return [...document.querySelectorAll('nav.sections a')].map((one) => one.hash.slice(1))")
        self.assertCountEqual(links, ids)
        self.assertEqual(browser.run("return document.title"),
                         f"{pages.size(APP['totals']['disk_bytes'])} on disk in /srv/app")
        self.assertNotIn("Not measured", browser.run("return document.body.innerText"))
        self.assertEqual(page.texts("[class=faint]:is(tr)"), [])

    def test_what_has_nothing_to_say_is_not_there(self):
        clean = {**APP, "faults": [], "conflicts": [], "foreign": [], "requirements": [], "duplicates": [],
                 "path_files": [], "limits": [], "libraries": []}
        page = open_report(clean)
        ids = browser.run("return [...document.querySelectorAll('main > section')].map((one) => one.id)")
        self.assertCountEqual(ids, ["bytes", "packages", "libraries", "bytecode"])
        self.assertIn("Nothing is missing", page.text("header"))
        self.assertEqual(page.texts(".alerts, .finding"), [])

    def test_use_that_is_not_known(self):
        report = {**JOINED, "distributions": [
            {key: value for key, value in one.items() if key not in ("opened_bytes", "used_bytes")}
            for one in JOINED["distributions"]]}
        page = open_report(report)
        page.press_button("scipy 1.14.1")
        self.assertEqual(self.parts(page)[1], {"not known": APP["distributions"][2]["bytes"]})

    def test_use_of_which_only_the_openings_are_known(self):
        report = {**JOINED, "distributions": [
            {key: value for key, value in one.items() if key != "used_bytes"} for one in JOINED["distributions"]]}
        page = open_report(report)
        one = report["distributions"][0]
        page.press_button("pandas 2.2.3")
        self.assertEqual(self.parts(page)[1], {"opened": one["opened_bytes"],
                                               "never opened": one["bytes"] - one["opened_bytes"]})

    def test_what_is_not_known_is_not_no(self):
        """Some used, some not, and some of which no recording says it."""
        report = copy.deepcopy(JOINED)
        for index, one in enumerate(report["libraries"]):
            one |= ({"loaded": True, "loaded_in": 1}, {"loaded": False, "loaded_in": 0}, {})[index % 3]
        for one in report["distributions"][::4]:
            del one["used"], one["used_in"], one["used_bytes"]
        page = open_report(report)
        tables = page.tables()
        for caption, section, word, key, number, name in (
                ("Installed packages", "#packages", "imported", "used", "used_in", "name"),
                ("Shared libraries", "#libraries", "loaded", "loaded", "loaded_in", "path")):
            all_of = report["distributions" if key == "used" else "libraries"]
            counts = [sum(one.get(key) is flag for one in all_of) for flag in (True, False, None)]
            self.assertNotIn(0, counts)
            self.assertIn("{}: {} yes, {} no (faint), {} not known".format(word, *counts), page.text(section))
            self.assertCountEqual(faint_rows(caption), [one[name] for one in all_of if one.get(key) is False])
            head = "Used in" if key == "used" else "Loaded in"
            self.assertEqual(dict(zip((row[0]["text"] for row in tables[caption]["rows"]), texts(tables[caption], head))),
                             {one[name]: str(one[number]) if number in one else "–" for one in all_of})
        self.assertNotIn(report["distributions"][0]["name"], texts(tables["Packages never touched"], "Package"))
        for one in report["distributions"]:
            one.pop("used", None)
        self.assertIn(f"imported: {len(report['distributions'])} not known", open_report(report).text("#packages"))
        self.assertEqual(faint_rows("Installed packages"), [])

    def test_bytecode_that_cost_time(self):
        """In every state: each that recordings met or that lies there has its row."""
        report = copy.deepcopy(JOINED)
        for state, files in (("foreign", 3), ("damaged", 2)):
            report["bytecode_health"]["states"][state] = {"files": files, "source_bytes": files * 1000}
        report["use"]["bytecode"] = [{"state": state, "modules": number, "ns": number * 1_000_000} for number, state in
                                     enumerate(("stale", "missing", "rejected", "unreadable"), 1)]
        self.check(report)
        self.assertEqual(set(texts(open_report(report).tables()["Bytecode"], "State")),
                         {"fresh", "stale", "missing", "foreign", "damaged", "rejected", "unreadable"})
        report["use"]["bytecode"] = None
        self.assertIn("cost was not observed", open_report(report).text("#use"))

    def test_recordings_that_do_not_agree(self):
        report = copy.deepcopy(JOINED)
        one = report["use"]["recordings"][0]
        one |= {"whole": False, "not_found": 1203, "other_size": 2, "other_time": 5, "relative": 7}
        report["use"]["recordings"] += [
            {**one, "path": "whole", "whole": True, "match": "path", "root": None, "not_found": 0, "other_size": 0,
             "other_time": 0, "relative": 0}, {**one, "path": "stranger", "match": "none", "root": None}]
        report["use"]["search_folders_more"] = 1042
        page = open_report(report)
        first, second, third = page.texts("#use li")
        for words in ("matched by names below /home/site/wwwroot", "1,203 files not in the target", "2 of another size",
                      "5 changed since", "7 openings by relative paths can't be placed",
                      "not whole: what seems untouched may have been used"):
            self.assertIn(words, first)
            self.assertNotIn(words, second)
        self.assertIn("of another target: nothing of it counts", third)
        lookups = page.tables()["Modules looked for in vain"]
        self.assertEqual(figures(lookups, "Modules"), [report["use"]["search_folders"][0]["modules_passed"]])
        self.assertIn("1,042 more are not listed", page.text("#lookups"))

    def test_libraries_that_were_not_looked_at(self):
        clean = {**APP, "faults": [], "conflicts": [], "foreign": [], "limits": []}
        self.assertNotIn("Fits", open_report({**clean, "libraries": None}).text("header"))
        for report in (clean, APP):
            page = open_report({**report, "libraries": None})
            for section in ("header", "#libraries"):
                self.assertIn("Shared objects were not looked at", page.text(section))
                self.assertNotIn("Nothing is", page.text(section))
        self.assertNotIn("not looked at", open_report(APP).text("header"))

    def test_a_target_of_nothing(self):
        empty = {"files": 0, "bytes": 0, "disk_bytes": 0}
        page = open_report({**APP, "distributions": [], "libraries": [], "folders": [],
                            "totals": {**empty, "disk_bytes": 4096, "directories": 1, "links": 0, "special": 0,
                                       "kinds": {}, "unowned": empty, "app": empty}})
        self.assertIn("No installed package", page.text("#packages"))
        self.assertEqual(self.parts(page), ("/srv/app", {"/srv/app": 4096}))
        self.assert_quiet(page)


class Treemap(DepsTest):
    def setUp(self):
        self.page = open_report(APP)
        browser.run("document.querySelector('.treemap canvas').focus()")

    def press(self, *keys):
        browser.press(*keys)
        self.page.settle()

    def said(self):
        return self.page.text(".treemap .said")

    def path(self):
        return self.page.texts(".treemap .path button")

    def test_keys(self):
        for key, words in (("ArrowDown", "scipy 1.14.1: "), ("ArrowRight", "pandas 2.2.3: "),
                           ("ArrowDown", "pandas 2.2.3, native: "), ("ArrowRight", "pandas 2.2.3, tests: "),
                           ("ArrowUp", "pandas 2.2.3: "), ("ArrowLeft", "scipy 1.14.1: "),
                           ("ArrowLeft", "scipy 1.14.1: "), ("ArrowUp", "/srv/app: ")):
            self.press(key)
            self.assertTrue(self.said().startswith(words), (key, self.said()))
        self.assertEqual(browser.run("return document.querySelector('.treemap .said').ariaLive"), "polite")
        self.press("ArrowDown", "Enter")
        self.assertEqual(self.path(), ["/srv/app", "scipy 1.14.1"])
        self.assertIn(pages.size(APP["distributions"][2]["disk_bytes"]), self.said())
        self.press("Escape")
        self.assertEqual(self.path(), ["/srv/app"])

    def test_a_click_zooms(self):
        browser.run("""const canvas = document.querySelector(".treemap canvas"), box = canvas.getBoundingClientRect();
            canvas.dispatchEvent(new MouseEvent("click", {bubbles: true, clientX: box.left + 40, clientY: box.top + 60}))""")
        self.page.settle()
        self.assertEqual(self.path(), ["/srv/app", "scipy 1.14.1"])

    def test_boxes_have_the_colours_and_areas_of_their_parts(self):
        """Of each colour there are as many pixels as its kinds have bytes, but for lines and labels."""
        colors = browser.run("""const canvas = document.querySelector(".treemap canvas");
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const found = {};
            for (let i = 0; i < data.length; i += 4) {
                const key = [...data.slice(i, i + 3)].map((one) => one.toString(16).padStart(2, "0")).join("");
                found[key] = (found[key] ?? 0) + 1;
            }
            return found""")
        whole, pixels = APP["totals"]["disk_bytes"], sum(colors.values())
        for kind, color in (("native", "e27731"), ("python", "4b99d7"), ("tests", "d0747a")):
            part = APP["totals"]["kinds"][kind]["disk_bytes"] / whole
            self.assertLess(colors[color] / pixels, part)
            self.assertGreater(colors[color] / pixels, part * 0.75, kind)


class Links(DepsTest):
    def test_every_link_leads_somewhere(self):
        for report in (APP, JOINED):
            open_report(report)
            self.assertEqual(browser.run("""return [...document.querySelectorAll("a")].map((one) => one.hash)
                .filter((hash) => !hash.startsWith("#module-") && !document.querySelector(hash))"""), [])

    def test_a_chain_leads_to_rows(self):
        open_report(APP)
        browser.run("[...document.querySelectorAll('#packages tr td a')].find((one) => one.textContent === 'pandas').click()")
        self.assertEqual(browser.run("return document.querySelector(':target').cells[0].textContent"), "pandas")


class Many(DepsTest):
    """Very many rows of everything: paged, and links lead to rows that are not shown yet."""

    def test_many(self):
        page = open_report(shipped.large(MANY))
        self.assertLess(browser.run("return document.querySelectorAll('*').length"), MOST_ELEMENTS)
        for caption in ("Installed packages", "Shared libraries", "Missing libraries", "Faults"):
            self.assertIn(len(page.tables()[caption]["rows"]), (1, pages.PAGE_ROWS), caption)
        browser.run("location.hash = '#package-5000'")
        found = browser.wait("return document.querySelector('tr:target')?.cells[0].textContent")
        self.assertEqual(found, "package-5000")
        browser.run("document.querySelector('[aria-label=\"Shared libraries\"] details').open = true")
        unfolded = browser.wait("return document.querySelector('[aria-label=\"Shared libraries\"] details li')?.textContent")
        self.assertEqual(unfolded, "y.so: not found")
        self.assert_quiet(page)


class Look(DepsTest):
    def tearDown(self):
        browser.prefer("light")
        browser.resize(1280, 900)

    def test_contrasts(self):
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            open_report(JOINED)
            unfold()
            found = browser.run(test_look.CONTRASTS)
            self.assertGreater(len(found["texts"]), 500)
            self.assertEqual([text for text in found["texts"] if text[1] < (
                test_look.LEAST_LARGE_TEXT if text[2] else test_look.LEAST_TEXT)], [])
            self.assertEqual([shape for shape in found["shapes"] if shape[1] < test_look.LEAST_GRAPHIC], [])

    def test_no_page_scrolls_to_the_side(self):
        page = open_report(APP)
        unfold()
        for width in (360, 600, 1000, 1280, 3840):
            browser.resize(width, 900)
            page.settle()
            self.assertEqual(page.too_wide(), [], width)
            self.assertEqual(*browser.run("""const canvas = document.querySelector("canvas");
                return [canvas.width, canvas.parentElement.clientWidth]"""))

    def test_nothing_shifts(self):
        for width in (360, 1280):
            browser.resize(width, 900)
            open_report(APP)
            self.assertEqual(browser.run(SHIFTS), [], width)

    def test_semantics(self):
        open_report(APP)
        heads = browser.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map((one) => +one.tagName[1])")
        self.assertEqual(heads.count(1), 1)
        for before, after in zip(heads, heads[1:]):
            self.assertLessEqual(after, before + 1)
        self.assertEqual(browser.run("""return [...document.querySelectorAll("button, a, summary, canvas")]
            .filter((one) => !(one.ariaLabel || one.textContent.trim())).map((one) => one.outerHTML)"""), [])
        ids = browser.run("return [...document.querySelectorAll('[id]')].map((one) => one.id)")
        self.assertEqual(len(ids), len(set(ids)))

    def test_prints(self):
        open_report(APP)
        data = base64.b64decode(browser.command("Page.printToPDF")["data"])
        self.assertTrue(data.startswith(b"%PDF"))
        self.assertLessEqual(len(re.findall(rb"/Type\s*/Page\b", data)), 12)


class Hostile(test_hostile.Harmless):
    """Names that have broken pages in every text of a target's report."""

    def test_names(self):
        for name in ("markup", "direction", "lines", "bytes", "prototype", "nothing"):
            with self.subTest(name):
                data = test_hostile.HOSTILE[name]
                report = shipped.without_recording(test_hostile.hostile_report(data))
                page = open_report(report)
                unfold()
                self.assert_harmless(browser, page)
                tables = page.tables()
                value = shown(report["distributions"][0], "name")
                self.assertEqual(page.texts("header h1 bdi"), [shown(report["target"], "path")])
                for caption, head in (("Installed packages", "Package"), ("Shared libraries", "Library"),
                                      ("Conflicts", "What"), ("Files of another platform", "Built"),
                                      ("Requirements", "Requirement"), ("Libraries shipped again", "In use"),
                                      (".pth files", "Package"), ("Faults", "What")):
                    self.assertEqual(texts(tables[caption], head), [value], caption)
                browser.resize(360, 800)
                self.addCleanup(browser.resize, 1280, 900)
                self.assertEqual(page.too_wide()[:3], [])


if __name__ == "__main__":
    unittest.main()
