"""The HTML page of a comparison: what it shows is what the JSON has, of cold starts, of targets, of both;
by keyboard, narrow and dark, with very many modules, with hostile names.
"""

import base64
import copy
import json
import re
import shutil
import unittest
from pathlib import Path

import compared
import page as pages
import test_hostile
import test_look
import webdriver
from page import DIFF_TEMPLATE, MARKUP, ms, shown
from program import REPOSITORY, THAW, run_thaw

TIMEOUT_SECONDS = 300
GOLDEN = REPOSITORY / "tests/golden/diff"
FULL = compared.FULL
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-diff-1.schema.json").read_text())
MOST_ELEMENTS = 12_000  # on a page with 10,000 modules

VERDICTS = {"slower": "slower", "faster": "faster", "same": "within noise"}
REASONS = {"single-run": "one run on a side", "too-few-runs": "too few runs", "came": "came", "went": "went",
           "no-first-reply": "no run with a first reply", "absent": "not there", "untested": "not tested"}
BADGES = {"slower": "Slower", "faster": "Faster", "same": "Within noise", "unknown": "Not told from noise"}
CHANGES = {"status": "ends otherwise", "kind": "another kind", "bytes": "another size", "time": "another time",
           "modules": "other modules", "version": "another version", "size": "another size", "build": "another build"}
OWNERS = {"app": "your app", "package": "installed package", "worker": "platform's worker", "stdlib": "standard library"}
FATE_COLORS = {"came": "failed", "longer": "orange", "went": "blue", "shorter": "teal", "moved": "violet",
               "changed": "gold", "same": "unknown"}
COUNTS = ("modules", "app_modules", "extensions", "compiled", "failed", "packages", "libraries", "opened_bytes",
          "lookups", "failed_lookups")

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def recording(name):
    """A recording in text form."""
    return next(one for one in sorted((REPOSITORY / "tests/golden" / name).iterdir()) if one.name.startswith("recording"))


def open_diff(diff, fragment="", change=lambda html: html, seconds=20):
    path = scratch / "diff.html"
    path.write_text(change(pages.fill(diff, template=DIFF_TEMPLATE)), encoding="utf-8")
    return pages.Page(browser, path, fragment, seconds)


def column(table, head):
    index = table["heads"].index(head)
    return [row[index] for row in table["rows"]]


def texts(table, head):
    return [cell["text"] for cell in column(table, head)]


def figures(table, head):
    return [cell["values"][0] if cell["values"] else None for cell in column(table, head)]


def unfold(page):
    while browser.run("""const closed = [...document.querySelectorAll("details:not([open])")];
            for (const one of closed) one.open = true;
            return closed.length"""):
        page.settle()


def all_shown(of, key):
    """A list of texts as the page shows them."""
    raw = of.get(f"{key}_bytes")
    return [shown({"x": text} if raw is None else {"x": text, "x_bytes": raw[i]}, "x")
            for i, text in enumerate(of[key])]


def signed(value, form):
    return "0" if value == 0 else ("−" if value < 0 else "+") + form(abs(value))


def duration(ns):
    return f"{ms(ns)} ms" if ns < 10e9 else f"{pages.fixed(ns / 1e9, 2)} s"


def verdict(measure):
    return REASONS[measure["reason"]] if measure["verdict"] == "unknown" else VERDICTS[measure["verdict"]]


def place(importer):
    return "–" if importer is None else shown(importer, "file") + ("" if importer["line"] is None else f":{importer['line']}")


def fate(before, after, change):
    if change in ("came", "went", "moved"):
        return change
    difference = (after or 0) - (before or 0)
    if abs(difference) >= max(1e6, 0.1 * (before or 0)):
        return "longer" if difference > 0 else "shorter"
    return change


class DiffTest(unittest.TestCase):
    def assert_quiet(self, page):
        self.assertEqual(browser.console(), [])
        asked = [url for url in browser.requests() if not url.startswith("data:,")]
        self.assertEqual(asked, [page.path.resolve().as_uri()])

    def assert_measures(self, table, measures, prefix=""):
        def title(word):
            return f"{prefix} {word} (ms)" if prefix else f"{word.capitalize()} (ms)"
        for word, key in (("before", "before_ns"), ("after", "after_ns"), ("change", "change_ns")):
            values = [one[key] for one in measures]
            self.assertEqual(figures(table, title(word)) if title(word) in table["heads"] else [None] * len(values), values)
        self.assertEqual(texts(table, "More than noise?"), [verdict(one) for one in measures])


class Contents(DiffTest):
    """Compares what is shown with the comparison behind it."""

    def check(self, diff, page=None):
        page = page or open_diff(diff)
        unfold(page)
        tables = page.tables()
        cold = diff["cold_start"]
        self.check_head(page, diff)
        if cold:
            self.check_phases(tables, cold)
            self.check_modules(page, tables, cold)
            self.check_packages(tables, cold)
            self.check_counts(tables, cold)
            self.check_runs(page, diff)
            self.check_imports(page, cold)
        self.assertEqual("Modules of both, by their path" in tables, bool(cold))
        self.check_target(tables, diff)
        self.assert_quiet(page)

    def check_head(self, page, diff):
        head, cold = page.text("header"), diff["cold_start"]
        numbers = diff["totals"]["disk_bytes"]
        measure = cold and cold["total_ns"]
        change = measure["change_ns"] if cold else numbers["change"]
        if cold and None in (measure["before_ns"], measure["after_ns"]):
            self.assertIn("no worker started", page.text("h1"))
            self.assertEqual("neither" in page.text("h1"), measure["change_ns"] is None)
            self.assertEqual(page.texts(".causes"), [])
        elif change:
            self.assertEqual(page.value("h1 data"), change)
        if cold and measure["change_ns"] and measure["ratio"]:
            self.assertIn(BADGES[measure["verdict"]], head)
            self.assertIn(f"{measure['ratio']['low'] * 100 - 100:+.1f}".replace("-", "−"), head)
        elif cold and page.texts(".verdict b"):
            self.assertIn(page.texts(".verdict b")[0], ("The same", BADGES[measure["verdict"]]))
        elif change and not cold:
            self.assertIn("Larger" if change > 0 else "Smaller", head)
        self.check_warnings(page, diff)
        for side in ("before", "after"):
            self.assertIn(shown(diff[side], "name"), page.texts("dl.facts")[0])

    def check_warnings(self, page, diff):
        alerts = page.texts(".alerts")[0] if page.texts(".alerts") else ""
        for one in diff.get("not_compared", ()):
            self.assertIn(pages.escape(one["why"]), page.text(".not-compared"))
        for one in (diff["cold_start"] or {}).get("unlike", ()):
            for side in ("before", "after"):
                self.assertIn(f"{'; '.join(all_shown(one, side))} {side}", alerts)
        any_answer = any(run["answered"] for side in ("before", "after") for run in diff[side].get("runs", ()))
        for title, side in (("Before", diff["before"]), ("After", diff["after"])):
            for run in side.get("runs", ()):
                if not run["used"]:
                    self.assertIn(f"not used for times ({run['reason']})", alerts)
                self.assertEqual(shown(run, "name") in alerts,
                                 not run["used"] or not run["complete"] or (any_answer and run["answered"] is False))
        total = (diff["cold_start"] or {}).get("total_ns")
        if total and total["change_ns"] and None not in (total["before_ns"], total["after_ns"]):
            self.assertEqual("no first reply was seen" in page.text("h1"), not any_answer)
            self.assertEqual(f"side {title.lower()} (" in alerts and "incomplete: what it lacks" in alerts,
                             not side["complete"] and not side.get("runs"))
        self.assertEqual("incomplete" in alerts, any(
            not all(run["complete"] for run in side["runs"]) if side.get("runs") else not side["complete"]
            for side in (diff["before"], diff["after"])))
        came = sum(one["change"] == "came" for key in ("conflicts", "missing", "foreign", "duplicates")
                   for one in diff[key] or ())
        self.assertEqual("came" in alerts, came > 0)
        self.assertEqual(bool(alerts), bool(came or (diff["cold_start"] or {}).get("unlike")
                                            or not all(diff[one]["complete"] for one in ("before", "after"))
                                            or any(diff[one]["faults"] for one in ("before", "after"))))

    def check_phases(self, tables, cold):
        self.assertEqual("Phases before and after" in tables, bool(cold["phases"]))
        if not cold["phases"]:
            return
        table = tables["Phases before and after"]
        rest = cold["unattributed_ns"]
        sums = [rest] if (rest["before_ns"] or 0) + (rest["after_ns"] or 0) else []
        self.assert_measures(table, [*(one["ns"] for one in cold["phases"]), *sums, cold["total_ns"]])
        for cell, phase in zip(texts(table, "Phase"), cold["phases"]):
            self.assertTrue(cell.startswith(shown(phase, "name")), cell)
            self.assertEqual("not counted" in cell, not phase["counted"])
            if phase["change"] != "same":
                self.assertIn(phase["change"], cell)
        longest = max(one["ns"][key] or 0 for one in cold["phases"] for key in ("before_ns", "after_ns"))
        widths = browser.run("""return [...document.querySelectorAll(".pair svg")].map((one) =>
            [...one.querySelectorAll("rect")].map((rect) => parseFloat(rect.getAttribute("width"))))""")
        for found, phase in zip(widths, cold["phases"]):
            for width, key in zip(found, ("before_ns", "after_ns")):
                self.assertAlmostEqual(width, 100 * (phase["ns"][key] or 0) / longest, places=6)

    def check_modules(self, page, tables, cold):
        modules = cold["modules"]
        self.assertEqual("Modules that changed" in tables, bool(modules))
        if not modules:
            return
        table = tables["Modules that changed"]
        self.assertEqual(texts(table, "Module"), [shown(one, "name") for one in modules])
        self.assertEqual(texts(table, "What"), [CHANGES.get(one["change"], one["change"]) for one in modules])
        self.assertEqual(figures(table, "With all it imports (ms)"),
                         [(one["total_ns"]["after"] or 0) - (one["total_ns"]["before"] or 0) for one in modules])
        self.assert_measures(table, [one["self_ns"] for one in modules], "By itself")
        if any(one["below"] for one in modules):
            self.assertEqual(figures(table, "With it"), [one["below"] or None for one in modules])
        if any(one["importer"] for one in modules):
            self.assertEqual(texts(table, "Asked for by"), [place(one["importer"]) for one in modules])
        for words, one in zip(texts(table, "Through"), modules):
            self.assertTrue(words.endswith(" → ".join(all_shown(one, "chain")) or "–"), words)
        self.assertEqual(texts(table, "Package"), [
            shown(one, "distribution") if one["distribution"] is not None else OWNERS.get(one["owner"], "unknown")
            for one in modules])
        for words, one in zip(texts(table, "Differs in") if "Differs in" in table["heads"] else [], modules):
            for key in ("status", "kind", "bytecode", "parent") if one["before"] and one["after"] else ():
                before, after = (one[side][key] for side in ("before", "after"))
                self.assertEqual(f"{before or '–'} → {after or '–'}" in words, before != after, (key, words))
        self.assertIn(f"{cold['modules_same']} module", page.texts("#modules")[0])

    def check_packages(self, tables, cold):
        packages = cold["packages"]
        self.assertEqual("Packages whose modules changed" in tables, bool(packages))
        if not packages:
            return
        table = tables["Packages whose modules changed"]
        self.assertEqual(texts(table, "Package"), [
            shown(one, "name") if one["name"] is not None else OWNERS.get(one["owner"], "unknown") for one in packages])
        self.assertEqual(texts(table, "What"), [CHANGES.get(one["change"], one["change"]) for one in packages])
        for head, key in (("Modules before", "before"), ("Modules after", "after")):
            self.assertEqual(figures(table, head), [one["modules"][key] for one in packages])
        self.assert_measures(table, [one["self_ns"] for one in packages])

    def check_counts(self, tables, cold):
        rows = [cold["counts"][key] for key in COUNTS]
        self.check_numbers(tables["Counts before and after"],
                           [one for one in rows if one["before"] is not None or one["after"] is not None])
        self.assertEqual("Further workers before and after" in tables, bool(cold["tracks"]))
        if cold["tracks"]:
            self.assert_measures(tables["Further workers before and after"], [one["total_ns"] for one in cold["tracks"]])

    def check_numbers(self, table, rows):
        for head, key in (("Before", "before"), ("After", "after"), ("Change", "change")):
            self.assertEqual(figures(table, head) if head in table["heads"] else [None] * len(rows), [one[key] for one in rows])

    def check_runs(self, page, diff):
        total = diff["cold_start"]["total_ns"]
        if len(total["before_runs"]) < 2 and len(total["after_runs"]) < 2:
            self.assertEqual(page.texts("#runs"), [])
            return
        measures = self.choices(diff["cold_start"])
        self.assertEqual(len(page.texts("#runs option")), len(measures))
        for index, measure in enumerate(measures):
            browser.run("""const list = document.querySelector("#runs select");
                list.value = arguments[0];
                list.dispatchEvent(new Event("change"));""", str(index))
            unfold(page)
            self.check_sample_runs(page, diff, measure, index == 0)

    def choices(self, cold):
        every = [cold["total_ns"], cold["imports_ns"], cold["unattributed_ns"], *(one["ns"] for one in cold["phases"]),
                 *(one["self_ns"] for one in cold["packages"]), *(one["self_ns"] for one in cold["modules"][:30])]
        return [one for one in every if max(len(one["before_runs"]), len(one["after_runs"])) > 1
                and {*one["before_runs"], *one["after_runs"]} != {None}]

    def check_sample_runs(self, page, diff, measure, is_total):
        dots = browser.run("""return [...document.querySelectorAll("#runs .sample:not(.axis)")].map((one) => [
            Number(one.querySelector("data")?.value ?? NaN),
            [...one.querySelectorAll("rect:not(.median):not(.interval)")].map((dot) =>
                [parseFloat(dot.getAttribute("x")), dot.getAttribute("rx") === "0", dot.textContent]),
            one.querySelectorAll(".interval").length])""")
        every = []
        for (middle, found, intervals), side in zip(dots, ("before", "after")):
            runs = [one for one in diff[side]["runs"] if one["used"]]
            amounts = measure[f"{side}_runs"]
            every += [(at, amount) for (at, *_), amount in zip(found, [one for one in amounts if one is not None])]
            self.assertEqual(middle, measure[f"{side}_ns"])
            self.assertEqual([text.startswith(f"{shown(run, 'name')}, {duration(amount)}") for (_, _, text), (run, amount) in zip(
                found, [(run, amount) for run, amount in zip(runs, amounts) if amount is not None])], [True] * len(found))
            self.assertEqual(len(found), sum(one is not None for one in amounts))
            self.assertEqual([outlier for _, outlier, _ in found], [is_total and run["outlier"] for run, amount in zip(runs, amounts)
                                                                    if amount is not None])
            self.assertEqual(intervals, int(side == "after" and measure["ratio"] is not None))
        self.assertEqual([at for at, _ in sorted(every, key=lambda one: one[1])], sorted(at for at, _ in every), "on one axis")
        table = next(table for caption, table in page.tables().items() if caption.startswith("Runs: "))
        self.assertEqual(figures(table, "Took"), measure["before_runs"] + measure["after_runs"])

    def check_imports(self, page, cold):
        tree = cold["tree"]
        caption = "Modules of both, by their path"
        page.more(caption)
        table = page.tables()[caption]
        names = all_shown(tree, "name")
        self.assertCountEqual(texts(table, "Module"), names + ["all processes"] * (tree["parent"].count(-1) > 1))
        expected = [[names[index], fate(before, after, change), before, after, (after or 0) - (before or 0)]
                    for index, (change, before, after) in enumerate(zip(tree["change"], tree["before_total_ns"], tree["after_total_ns"]))]
        found = [list(row) for row in zip(*(of(table, head) if head in table["heads"] else [None] * len(table["rows"]) for of, head in (
            (texts, "Module"), (texts, "What"), (figures, "Before (ms)"), (figures, "After (ms)"), (figures, "Change (ms)"))))]
        self.assertCountEqual([row for row in found if row[0] != "all processes"], expected)

    def check_target(self, tables, diff):
        for caption, key, name in (("Packages that changed", "distributions", "name"), ("Shared libraries that changed", "libraries", "path"),
                                   ("Folders that changed", "folders", "path"), ("Requirements that came or went", "requirements", "text")):
            rows = diff[key]
            self.assertEqual(caption in tables, bool(rows), caption)
            if not rows:
                continue
            table = tables[caption]
            self.assertEqual([cell[0]["text"] for cell in table["rows"]], [shown(one, name) or "." for one in rows])
            change = {"distributions": "disk_bytes_change", "libraries": "bytes_change", "folders": "disk_bytes_change"}.get(key)
            if change and "Change" in table["heads"]:
                self.assertEqual(figures(table, "Change"), [one[change] for one in rows])
            if key != "folders":
                self.assertEqual(texts(table, "What"), [CHANGES.get(one["change"], one["change"]) for one in rows])
        self.check_why(tables, diff)
        problems = [one for key in ("conflicts", "missing", "foreign", "duplicates") for one in diff[key] or ()]
        self.assertEqual("Problems that came or went" in tables, bool(problems))
        if problems:
            self.assertEqual(texts(tables["Problems that came or went"], "What"), [one["change"] for one in problems])
        totals = diff["totals"]
        rows = [totals["disk_bytes"], *(one["disk_bytes"] for one in totals["kinds"].values()), totals["app"]["disk_bytes"],
                totals["unowned"]["disk_bytes"], totals["bytes"], totals["files"], totals["directories"]]
        rows += [compared.numbers(diff["before"][key], diff["after"][key]) for key in ("distributions", "libraries")]
        rows = [one for one in rows if one["before"] is not None or one["after"] is not None]
        self.assertEqual("Totals" in tables, bool(rows))
        if rows:
            self.check_numbers(tables["Totals"], rows)

    def check_why(self, tables, diff):
        for one, words in zip(diff["distributions"] or (), texts(tables.get("Packages that changed", {"heads": ["Asked for by"], "rows": []}), "Asked for by")
                              if any(one["why"] for one in diff["distributions"] or ()) else ()):
            self.assertEqual(words, " → ".join(all_shown(one, "why")) if one["why"] else "–")

    def test_every_key(self):
        self.check(FULL)

    def test_targets_alone(self):
        self.check(compared.of_targets())

    def test_cold_starts_alone(self):
        self.check(compared.of_cold_starts())

    def test_one_run_each(self):
        diff = compared.single_runs()
        self.check(diff)
        self.assertIn("With one run on a side (1 and 1 run)", browser.run("return document.querySelector('.verdict').textContent"))
        self.assertEqual(browser.run("""return [...document.querySelectorAll("#phases tr")].filter((row) =>
            row.textContent.includes("one run") && row.querySelector(".bad, .good")).length"""), 0, "not told, not coloured")

    def test_verdicts(self):
        for word, reason, badge in (("slower", None, "Slower"), ("faster", None, "Faster"), ("same", None, "Within noise"),
                                    ("unknown", "too-few-runs", "Not told from noise")):
            diff = compared.of_cold_starts()
            diff["cold_start"]["total_ns"].update(verdict=word, reason=reason)
            page = open_diff(diff)
            self.assertEqual(page.texts(".verdict b"), [badge])
            self.assertEqual("too few" in page.text(".verdict").lower(), reason is not None)

    def test_golden_comparisons(self):
        paths = sorted(GOLDEN.glob("*/expected.json"))
        self.assertGreater(len(paths), 5)
        for path in paths:
            diff = json.loads(path.read_text(encoding="utf-8"))
            for side in ("before", "after"):  # which the golden files leave out
                diff[side].setdefault("name", side)
            with self.subTest(path.parent.name):
                self.check(diff)

    def test_what_the_program_writes(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")
        before, after = scratch / "before", scratch / "after"
        for folder, recordings in ((before, ("suggestions", "suggestions")), (after, ("suggestions", "native-code"))):
            folder.mkdir()
            for number, name in enumerate(recordings):
                shutil.copy(recording(name), folder / f"{number}.thaw")
        for sides in ((recording("suggestions"), recording("two-workers")), (recording("worker-killed"), recording("virtual-machine")),
                      (before, after), (recording("effects"), recording("effects"))):
            path, output = scratch / "written.html", scratch / "written.json"
            for form, file in (("html", path), ("json", output)):
                result = run_thaw("diff", *sides, "-f", form, "-o", file)
                self.assertEqual(result.returncode, 0, result.stderr)
            with self.subTest(sides):
                self.check(json.loads(output.read_text(encoding="utf-8")), pages.Page(browser, path))

    def test_nothing_changed(self):
        page = open_diff(compared.nothing_changed())
        self.assertEqual(page.text("h1"), "Nothing changed")
        self.assertEqual(page.texts(".alerts"), [])
        self.assertEqual(browser.run("return document.title"), "Nothing changed")
        targets = {**compared.of_targets(), **{key: [] for key in compared.LISTS}, "not_compared": []}
        targets["totals"]["disk_bytes"] = compared.numbers(5, 5)
        self.assertEqual(open_diff(targets).text("h1"), "Nothing changed")

    def test_made_up_comparisons_are_valid(self):
        try:
            from jsonschema import Draft202012Validator
        except ImportError:
            self.skipTest("no module jsonschema (Debian: python3-jsonschema)")
        validator = Draft202012Validator(SCHEMA)
        for diff in (compared.of_targets(), compared.of_cold_starts(), compared.single_runs(), compared.nothing_changed(), compared.large(100)):
            self.assertEqual([f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(diff)], [])


class Charts(DiffTest):
    """The icicle: by keyboard and pointer, its colours, its sizes, its search, links into it."""

    READ = """const canvas = document.querySelector("canvas"), style = getComputedStyle(canvas);
        const [x, y] = arguments;
        const [r, g, b] = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
        const name = (name) => style.getPropertyValue(`--${name}`).trim();
        const hex = "#" + [r, g, b].map((one) => one.toString(16).padStart(2, "0")).join("");
        return arguments[2].filter((one) => name(one) === hex);"""

    def said(self, page):
        page.settle()
        return page.text(".said")

    def test_keyboard(self):
        page = open_diff(FULL)
        browser.run("document.querySelector('canvas').focus()")
        self.assertEqual(self.said(page), "worker: longer, +220.0 ms with all it imports (300.0 ms → 520.0 ms), 8 imports below it")
        browser.press("ArrowDown", "ArrowDown", "ArrowDown")
        self.assertTrue(self.said(page).startswith("numpy: came, +140.0 ms with all it imports (not there → 140.0 ms)"))
        browser.press("Enter")
        page.settle()
        self.assertEqual(page.texts("nav.path button"), ["worker", "function_app", "pandas", "numpy"])
        browser.press("Space")
        page.settle()
        self.assertEqual(page.texts("#module h3"), ["numpy came"])
        detail = page.text("#module")
        for words in ("– → 140.0 ms", "function_app.py:4", "worker → function_app → pandas → numpy"):
            self.assertIn(words, detail)
        browser.press("Escape")
        page.settle()
        self.assertEqual(page.texts("nav.path button"), ["worker"])

    def test_colours_and_sizes(self):
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            self.addCleanup(browser.prefer, "light")
            page = open_diff(FULL)
            width = browser.run("return document.querySelector('canvas').width")
            tree = FULL["cold_start"]["tree"]
            for by, weigh in (("after", lambda b, a: a or 0), ("before", lambda b, a: b or 0), ("the larger of both", lambda b, a: max(a or 0, b or 0))):
                page.press_button(by)
                weights = [weigh(b, a) for b, a in zip(tree["before_total_ns"], tree["after_total_ns"])]
                for index in range(len(weights) - 1, 0, -1):
                    parent = tree["parent"][index]
                    weights[parent] = max(weights[parent], sum(
                        weights[one] for one, above in enumerate(tree["parent"]) if above == parent))
                start = [0] * len(weights)
                nexts = [0] * len(weights)
                for index in range(1, len(weights)):
                    parent = tree["parent"][index]
                    start[index] = nexts[index] = start[parent] + nexts[parent] - start[parent]
                    nexts[parent] += weights[index]
                    depth = 0
                    above = index
                    while tree["parent"][above] >= 0:
                        above, depth = tree["parent"][above], depth + 1
                    pixels = weights[index] * width / weights[0]
                    if pixels < 8:
                        continue
                    expected = FATE_COLORS[fate(tree["before_total_ns"][index], tree["after_total_ns"][index], tree["change"][index])]
                    found = browser.run(self.READ, int(start[index] * width / weights[0] + pixels) - 3, 18 + 19 * depth + 1,
                                        [*FATE_COLORS.values(), "page"])
                    self.assertEqual(found, [expected], (scheme, by, tree["name"][index]))

    def test_search(self):
        page = open_diff(FULL)
        page.search("numpy")
        self.assertEqual(page.text("#imports [role=status]"), "3 found")
        page.search("")
        self.assertEqual(page.text("#imports [role=status]"), "")

    def test_tables_are_searched_and_narrowed(self):
        diff = compared.large(300)
        page = open_diff(diff)
        modules = diff["cold_start"]["modules"]
        came = [one["name"] for one in modules if one["change"] == "came"]
        page.press_button(f"came {len(came)}")
        page.more("Modules that changed")
        self.assertEqual(texts(page.tables()["Modules that changed"], "Module"), came)
        browser.run("""const input = document.querySelector("#modules input");
            input.value = arguments[0];
            input.dispatchEvent(new InputEvent("input", {bubbles: true}));""", came[0])
        page.settle()
        self.assertEqual(set(texts(page.tables()["Modules that changed"], "Module")), {name for name in came if came[0] in name})

    def test_the_topmost_alone(self):
        diff = copy.deepcopy(FULL)
        diff["cold_start"]["modules"] *= 3
        page = open_diff(diff)
        topmost = [one for one in diff["cold_start"]["modules"] if one["top"] or one["change"] not in ("came", "went")]
        self.assertLess(len(topmost), len(diff["cold_start"]["modules"]))
        page.press_button(f"only the topmost {len(topmost)}")
        self.assertEqual(texts(page.tables()["Modules that changed"], "Module"), [shown(one, "name") for one in topmost])

    def test_the_address_holds_how_it_is_shown(self):
        page = open_diff(FULL)
        page.press_button("before")
        page.search("numpy")
        browser.wait("return location.hash.includes('size=before') && location.hash.includes('search=numpy')")
        address = browser.run("return location.hash")
        page = open_diff(FULL, address)
        self.assertEqual(page.texts("#imports [aria-pressed=true]"), ["before"])
        self.assertEqual(page.text("#imports [role=status]"), "3 found")
        for head in browser.run("return [...document.querySelectorAll('#modules th button')].map((one) => one.textContent)"):
            if head.startswith("By itself change"):
                page.press_button(head)
        changes = figures(page.tables()["Modules that changed"], "By itself change (ms)")
        self.assertEqual(changes, sorted(changes, reverse=True))
        browser.wait("return location.hash.includes('sort')")
        page = open_diff(FULL, browser.run("return location.hash"))
        self.assertEqual(figures(page.tables()["Modules that changed"], "By itself change (ms)"), changes)

    def test_the_address_holds_the_zoom(self):
        page = open_diff(FULL)
        browser.run("document.querySelector('canvas').focus()")
        browser.press("ArrowDown", "ArrowDown", "Enter")
        browser.wait("return location.hash.includes('zoom=node-2')")
        page = open_diff(FULL, browser.run("return location.hash"))
        self.assertEqual(page.texts("nav.path button"), ["worker", "function_app", "pandas"])

    def test_back_leads_to_what_was_picked_before(self):
        page = open_diff(FULL)
        for name in ("pandas", "numpy"):
            browser.run("""[...document.querySelectorAll("#imports td, #imports th")].find((one) =>
                one.textContent === arguments[0]).querySelector("button").click()""", name)
            page.settle()
        self.assertEqual(page.texts("#module h3"), ["numpy came"])
        browser.run("history.back()")
        browser.wait("return document.querySelector('#module h3').textContent === 'pandas longer'")

    def test_links(self):
        page = open_diff(FULL, "#node-7")
        page.settle()
        self.assertEqual(page.texts("#module h3"), ["json moved"])
        self.assertIn("worker → function_app → json", page.text("#module button"))
        browser.run("document.querySelector('#module button').click()")
        page.settle()
        self.assertIn("worker → function_app → json", page.text("#module dl"))
        self.assertEqual(browser.run("return location.hash"), "#node-8")
        browser.run("document.querySelector('header a[href^=\"#change-\"]').click()")
        self.assertTrue(browser.wait("return document.querySelector('tr:target')"))
        for link in browser.run("return [...document.querySelectorAll('nav.sections a')].map((one) => one.hash)"):
            self.assertTrue(browser.run("return !!document.querySelector(arguments[0] + ' h2')", link), link)

    def test_a_link_to_a_row_far_below(self):
        diff = compared.large(3000)
        last = len(diff["cold_start"]["modules"]) - 1
        self.assertGreater(last, pages.PAGE_ROWS)
        page = open_diff(diff, f"#change-{last}")
        self.assertTrue(browser.wait("return document.querySelector('tr:target')"))
        self.assertEqual(page.text("tr:target th"), diff["cold_start"]["modules"][last]["name"])

    def test_very_many_modules(self):
        page = open_diff(compared.large(10_000))
        self.assertLess(browser.run("return document.getElementsByTagName('*').length"), MOST_ELEMENTS)
        page.search("module77")
        self.assertIn("found", page.text("#imports [role=status]"))
        self.assert_quiet(page)

    def test_a_deep_tree(self):
        diff = compared.large(3000)
        tree = diff["cold_start"]["tree"]
        tree["parent"] = [index - 1 for index in range(len(tree["parent"]))]
        page = open_diff(diff, "#node-2999")
        page.settle()
        self.assertIn(tree["name"][2999], page.text("#module h3"))

    def test_several_processes(self):
        diff = compared.of_cold_starts()
        tree = diff["cold_start"]["tree"]
        tree["parent"][8] = -1
        page = open_diff(diff)
        self.assertEqual(page.texts("nav.path button"), ["all processes"])
        self.assertIn("306.0 ms → 520.0 ms", page.text(".said"))


class Look(DiffTest):
    def tearDown(self):
        browser.prefer("light")
        browser.resize(1280, 900)

    def diffs(self):
        yield "full", FULL
        yield "targets", compared.of_targets()
        yield "one run each", compared.single_runs()
        yield "nothing", compared.nothing_changed()

    def test_contrast(self):
        for scheme in ("light", "dark"):
            for name, diff in ("full", FULL), ("one run each", compared.single_runs()):
                browser.prefer(scheme)
                page = open_diff(diff, "#node-3")
                unfold(page)
                found = browser.run(test_look.CONTRASTS, list(FATE_COLORS.values()))
                self.assertGreater(len(found["texts"]), 150)
                self.assertEqual(max(found["page"]) < 48, scheme == "dark")
                with self.subTest(f"{name}, {scheme}"):
                    self.assertEqual([one for one in found["texts"] if one[1] < (
                        test_look.LEAST_LARGE_TEXT if one[2] else test_look.LEAST_TEXT)], [])
                    self.assertEqual([one for one in found["shapes"] if one[1] < test_look.LEAST_GRAPHIC], [])

    def test_no_page_scrolls_to_the_side(self):
        for name, diff in self.diffs():
            page = open_diff(diff, "#node-3")
            unfold(page)
            for width in (360, 800, 1280, 3840):
                with self.subTest(f"{name}, {width} px"):
                    browser.resize(width, 900)
                    page.settle()
                    self.assertEqual(page.too_wide(), [])

    def test_semantics(self):
        page = open_diff(FULL, "#node-3")
        unfold(page)
        heads, ids, nameless, tables = browser.run("""return [
            [...document.querySelectorAll("h1,h2,h3,h4")].map((one) => +one.tagName[1]),
            [...document.querySelectorAll("[id]")].map((one) => one.id),
            [...document.querySelectorAll("button, a, select, input, canvas")]
                .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML),
            [...document.querySelectorAll("table")].filter((table) => !table.caption?.textContent ||
                [...table.querySelectorAll("tbody tr")].some((row) => row.cells[0].scope !== "row")).length]""")
        self.assertEqual(heads.count(1), 1)
        self.assertTrue(all(after <= before + 1 for before, after in zip(heads, heads[1:])))
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(nameless, [])
        self.assertEqual(tables, 0)
        self.assertEqual(browser.run("return [document.documentElement.lang, document.title]"),
                         ["en", "+395 ms, 809 ms → 1.20 s (+48.8 %) from start to first reply"])

    def test_prints(self):
        open_diff(FULL)
        data = base64.b64decode(browser.command("Page.printToPDF")["data"])
        self.assertTrue(data.startswith(b"%PDF"))
        self.assertLessEqual(len(re.findall(rb"/Type\s*/Page\b", data)), 8)


class Hostile(test_hostile.Harmless):
    def diff(self, data):
        diff = test_hostile.hostile_report(data, FULL, SCHEMA)
        tree = diff["cold_start"]["tree"]
        for key in ("name", "packages", "owner"):  # columns, of one length
            for form in (key, f"{key}_bytes"):
                if form in tree:
                    tree[form] = tree[form] * len(FULL["cold_start"]["tree"][key])
        return diff

    def test_names(self):
        for name, data in test_hostile.HOSTILE.items():
            with self.subTest(name):
                diff = self.diff(data)
                page = open_diff(diff, "#node-3")
                unfold(page)
                self.assert_harmless(browser, page)
                self.assert_shown(page, diff)
                browser.resize(360, 800)
                self.addCleanup(browser.resize, 1280, 900)
                self.assertEqual(page.too_wide()[:3], [])

    def test_names_from_recordings(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")
        sides = []
        for side, name in (("before", "markup"), ("after", "bytes")):
            text = "".join(chr(byte) if 0x20 <= byte <= 0x7e and byte not in b'"\\' else f"\\x{byte:02x}"
                           for byte in test_hostile.HOSTILE[name])
            sides.append(scratch / f"{side}.txt")
            sides[-1].write_text(test_hostile.RECORDING.replace("NAME", text), encoding="utf-8")
        path = scratch / "written.html"
        result = run_thaw("diff", *sides, "-f", "html", "-o", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        page = pages.Page(browser, path)
        unfold(page)
        self.assert_harmless(browser, page)
        table = page.tables()["Modules that changed"]
        self.assertEqual(dict(zip(texts(table, "What"), texts(table, "Module"))), {
            word: pages.escape(test_hostile.HOSTILE[name].decode(errors="surrogateescape"))
            for word, name in (("went", "markup"), ("came", "bytes"))})

    def assert_shown(self, page, diff):
        """The very characters, or their escapes, in places that have a text of their own."""
        cold, tables = diff["cold_start"], page.tables()
        name = shown(cold["modules"][0], "name")
        self.assertEqual(page.texts("#module h3"), [f"{name} came"])
        for caption, text in (("Modules that changed", name), ("Packages that changed", shown(diff["distributions"][0], "name")),
                              ("Shared libraries that changed", shown(diff["libraries"][0], "path")),
                              ("Requirements that came or went", shown(diff["requirements"][0], "text")),
                              ("Folders that changed", shown(diff["folders"][0], "path") or "."),
                              ("Modules of both, by their path", shown({"x": cold["tree"]["name"][3], **(
                                  {"x_bytes": cold["tree"]["name_bytes"][3]} if "name_bytes" in cold["tree"] else {})}, "x"))):
            self.assertEqual(tables[caption]["rows"][0][0]["text"], text, caption)
        browser.run("document.querySelector('canvas').focus()")
        page.settle()
        self.assertTrue(page.texts(".said")[0].startswith(f"{name}: came"), page.texts(".said"))
        self.assertIn(shown(diff["before"], "name"), page.texts(".brand")[0])
        self.assertIn(shown(diff["after"]["runs"][-1], "name"), page.texts(".alerts")[0])

    def test_defences(self):
        """The policy alone keeps what is not escaped from running; without it the test notices."""
        for change, expected in ((lambda html: html, None),
                                 (lambda html: re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", html), 1)):
            path = scratch / "defences.html"
            path.write_text(change(pages.fill(self.diff(MARKUP.encode()), False, DIFF_TEMPLATE)), encoding="utf-8")
            browser.open(path)
            browser.wait("return document.readyState === 'complete'")
            self.assertEqual(browser.run("return window.harmed ?? null"), expected)
        browser.console()


class Failures(DiffTest):
    def test_blank_pages_are_noticed(self):
        for change in (lambda html: "<!doctype html><title>x</title><body><div id=page></div>",
                       lambda html: html.replace("sha256-", "sha256-x", 1)):
            with self.assertRaisesRegex(AssertionError, "blank"):
                open_diff(FULL, change=change, seconds=1)
        self.assertTrue(browser.console(), "the policy must have refused the script")

    def test_what_can_t_be_shown_is_said(self):
        page = pages.Page(browser, DIFF_TEMPLATE)
        self.assertIn("empty", page.notice())
        self.assert_quiet(page)
        page = open_diff(FULL, change=lambda html: html.replace('{"schema"', '{"schema', 1))
        self.assertIn("can't be shown", page.notice())
        page = open_diff({**FULL, "schema": "thaw-report/1"})
        self.assertIn("thaw-diff/1", page.notice())


if __name__ == "__main__":
    unittest.main()
