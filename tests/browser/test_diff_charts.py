"""The charts of a comparison's page, its address, and how it looks: by keyboard, narrow and dark, on paper, with
very many modules.
"""

import base64
import copy
import re
import unittest

import compared
import differences
import page as pages
import test_look
import webdriver
from compared import FULL
from differences import FATE_COLORS, DiffTest, fate, figures, texts, unfold
from page import shown

TIMEOUT_SECONDS = 300
MOST_ELEMENTS = 12_000  # on a page with 10,000 modules

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def open_diff(diff, fragment="", change=lambda html: html, seconds=20):
    return pages.Page(browser, differences.write(diff, scratch / "diff.html", change), fragment, seconds)


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


if __name__ == "__main__":
    unittest.main()
