"""How the HTML report looks to machines: contrast, light and dark, narrow and wide, on paper."""

import base64
import json
import re
import unittest

import costs
import page as pages
import webdriver
from program import REPOSITORY

TIMEOUT_SECONDS = 300
GOLDEN = REPOSITORY / "tests/golden"
FULL = json.loads((GOLDEN / "full_report.json").read_text(encoding="utf-8"))
FULL["modules"][2]["status"] = "failed"

# WCAG 2.1, success criteria 1.4.3 (texts; disabled controls are exempt) and 1.4.11 (graphics).
LEAST_TEXT, LEAST_LARGE_TEXT, LEAST_GRAPHIC = 4.5, 3.0, 3.0

# [text, contrast, whether it is large] of every text, [what, contrast] of every filled shape.
CONTRASTS = """
const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parse = (color) => color.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const contrast = (one, other) => {
  const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};
const backgroundOf = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
  }
  return [255, 255, 255];
};
const texts = [], shapes = [];
const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || element.matches(".hidden, .hidden *, title, :disabled")) continue;
  const style = getComputedStyle(element), size = parseFloat(style.fontSize);
  const color = parse(element instanceof SVGElement ? style.fill : style.color);
  texts.push([node.data.slice(0, 40), contrast(color, backgroundOf(element)),
              size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)]);
}
// Not the swatches: the words beside one say the same.
for (const shape of document.querySelectorAll("#page svg:not(.swatch) rect"))
  shapes.push([shape.outerHTML.slice(0, 80), contrast(parse(getComputedStyle(shape).fill), backgroundOf(shape))]);
const canvas = document.querySelector(".icicle canvas"), style = getComputedStyle(canvas);
const probe = document.body.appendChild(document.createElement("i"));
const named = (name) => {
  probe.setAttribute("class", "probe");
  probe.style.color = style.getPropertyValue(`--${name}`);
  return parse(getComputedStyle(probe).color);
};
const page = backgroundOf(canvas);
for (const name of arguments[0] ?? [
  "owner-app", "owner-package", "owner-worker", "owner-stdlib", "unknown", "failed", "green", "violet",
  "teal", "slate", "orange", "blue", "pink", "rose", "gold", "lime", "brown"]) {
  texts.push([`label on ${name}`, contrast(named("on-color"), named(name)), false]);
  shapes.push([name, contrast(named(name), page)]);
}
texts.push(["label on a phase", contrast(named("ink"), named("line")), false]);
texts.push(["axis", contrast(named("faint"), page), false]);
texts.push(["lane", contrast(named("ink"), page), false]);
texts.push(["time at the pointer", contrast(named("page"), named("ink")), false]);
shapes.push(["first reply", contrast(named("good"), page)]);
probe.remove();
return {texts, shapes, page};
"""

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def open_report(report, fragment=""):
    path = scratch / "report.html"
    path.write_text(pages.fill(report), encoding="utf-8")
    return pages.Page(browser, path, fragment)


class Colours(unittest.TestCase):
    def tearDown(self):
        browser.prefer("light")

    def measure(self, scheme, report=FULL):
        browser.prefer(scheme)
        page = open_report(report, "#module-1")
        browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
        page.settle()
        found = browser.run(CONTRASTS)
        self.assertGreater(len(found["texts"]), 150)
        self.assertGreater(len(found["shapes"]), 20)
        return found

    def assert_readable(self, found):
        low = [text for text in found["texts"]
               if text[1] < (LEAST_LARGE_TEXT if text[2] else LEAST_TEXT)]
        self.assertEqual(low, [])
        self.assertEqual([shape for shape in found["shapes"] if shape[1] < LEAST_GRAPHIC], [])

    def test_light(self):
        found = self.measure("light")
        self.assertEqual(found["page"], [255, 255, 255])
        self.assert_readable(found)

    def test_dark(self):
        found = self.measure("dark")
        self.assertLess(max(found["page"]), 48)
        self.assert_readable(found)

    def test_complete_report(self):
        for scheme in ("light", "dark"):
            self.assert_readable(self.measure(scheme, {**FULL, "complete": True}))

    def test_bad_contrast_is_noticed(self):
        browser.prefer("light")
        open_report(FULL)
        browser.run("document.documentElement.style.setProperty('--faint', '#aaa')")
        self.assertTrue([text for text in browser.run(CONTRASTS)["texts"] if text[1] < LEAST_TEXT])

    def test_the_canvas_follows_the_theme(self):
        page = open_report(FULL)
        read = """const canvas = document.querySelector(".icicle canvas");
            return [...canvas.getContext("2d").getImageData(canvas.width - 8, 21, 1, 1).data]"""
        light = browser.run(read)
        browser.prefer("dark")
        page.settle()
        self.assertNotEqual(browser.run(read), light)


class Sizes(unittest.TestCase):
    def tearDown(self):
        browser.resize(1280, 900)

    def reports(self):
        yield "full", FULL
        for path in sorted(GOLDEN.glob("*/expected.json")):
            yield path.parent.name, json.loads(path.read_text(encoding="utf-8"))

    def test_no_page_scrolls_to_the_side(self):
        for name, report in self.reports():
            browser.resize(1280, 900)
            page = open_report(report, "#module-1")
            browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
            for width in (360, 600, 800, 1280, 3840):
                with self.subTest(f"{name}, {width} px"):
                    browser.resize(width, 900)
                    page.settle()
                    self.assertEqual(page.too_wide(), [])

    def test_all_columns_of_modules(self):
        page = open_report(FULL, "#module-1")
        for choice in costs.CHOICES:
            page.press_button(choice)
        self.assertGreater(len(page.tables()["Modules of worker, pid 4117"]["heads"]), 25)
        for width in (360, 1280):
            browser.resize(width, 900)
            page.settle()
            self.assertEqual(page.too_wide(), [])

    def test_the_canvas_fills_its_width(self):
        page = open_report(FULL)
        for width in (360, 1600, 3840):
            browser.resize(width, 900)
            page.settle()
            frame, canvas = browser.run("""const canvas = document.querySelector(".icicle canvas");
                return [canvas.parentElement.clientWidth, canvas.width]""")
            self.assertEqual(canvas, frame)

    def test_large_text_is_large(self):
        open_report(FULL)
        size = "return parseFloat(getComputedStyle(document.querySelector(arguments[0])).fontSize)"
        self.assertGreater(browser.run(size, "h1 data"), 3 * browser.run(size, "p"))


class Semantics(unittest.TestCase):
    def test_one_outline(self):
        open_report(FULL, "#module-1")
        heads = browser.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map((one) => +one.tagName[1])")
        self.assertEqual(heads.count(1), 1)
        for before, after in zip(heads, heads[1:]):
            self.assertLessEqual(after, before + 1)

    def test_controls_have_names(self):
        open_report(FULL)
        nameless = browser.run("""return [...document.querySelectorAll("button, a, select, input, canvas")]
            .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
            .map((one) => one.outerHTML)""")
        self.assertEqual(nameless, [])

    def test_links_lead_to_headings_in_sight(self):
        self.addCleanup(browser.resize, 1280, 900)
        for width in (360, 1280):
            browser.resize(width, 900)
            open_report(FULL)
            browser.run("document.querySelector('nav.sections a[href=\"#findings\"]').click()")
            self.assertTrue(browser.wait("""return scrollY > 0 &&
                document.querySelector("#findings h2").getBoundingClientRect().top >=
                document.querySelector("nav.sections").getBoundingClientRect().bottom"""))

    def test_tables_have_captions_and_headers(self):
        open_report(FULL)
        self.assertEqual(browser.run("""return [...document.querySelectorAll("table")].filter((table) =>
            !table.caption?.textContent || [...table.querySelectorAll("tbody tr")].some((row) =>
                row.cells[0].scope !== "row")).length"""), 0)

    def test_ids_are_unique(self):
        open_report(FULL, "#module-1")
        ids = browser.run("return [...document.querySelectorAll('[id]')].map((one) => one.id)")
        self.assertEqual(len(ids), len(set(ids)))

    def test_language_and_title(self):
        open_report(FULL)
        self.assertEqual(browser.run("return [document.documentElement.lang, document.title]"),
                         ["en", "735 ms cold start"])


class Motion(unittest.TestCase):
    def test_nothing_moves(self):
        """So there is nothing to reduce for whoever prefers that."""
        open_report(FULL)
        self.assertEqual(browser.run("""return [...document.querySelectorAll("*")].filter((one) => {
            const style = getComputedStyle(one);
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0 || style.scrollBehavior !== "auto";
        }).length"""), 0)

    def test_focus_is_seen(self):
        open_report(FULL)
        for selector in (".tracks canvas", ".icicle canvas", ".tracks button", "#imports input", "nav.sections a", ".scroll"):
            browser.run("document.querySelector(arguments[0]).focus({focusVisible: true})", selector)
            self.assertEqual(browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "solid", selector)


class Paper(unittest.TestCase):
    def test_prints(self):
        open_report(FULL)
        data = base64.b64decode(browser.command("Page.printToPDF")["data"])
        self.assertTrue(data.startswith(b"%PDF"))
        self.assertLessEqual(len(re.findall(rb"/Type\s*/Page\b", data)), 12)


if __name__ == "__main__":
    unittest.main()
