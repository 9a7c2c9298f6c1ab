"""The page of a history in a browser: it loads and runs nothing, shows each value, in light and dark,
on narrow screens, with hostile names."""

import json
import unittest

import histories
import live_program
import webdriver
from histories import entry, value
from program import run_thaw

TIMEOUT_SECONDS = 300
HOSTILE = "</title><script>document.title='run'</script>\" onload=\"document.title='run'"
LEAST_TEXT, LEAST_GRAPHIC = 4.5, 3.0  # WCAG 2.1, success criteria 1.4.3 and 1.4.11

LOOK = """
const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parse = (color) => color.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const contrast = (one, other) => {
  const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
  }
  return [255, 255, 255];
};
for (const fold of document.querySelectorAll("details")) fold.open = true;
const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement, style = getComputedStyle(element);
  if (!node.data.trim() || element.localName === "title") continue;
  const color = parse(element instanceof SVGElement ? style.fill : style.color);
  texts.push([node.data.slice(0, 40), contrast(color, behind(element))]);
}
const shapes = [...document.querySelectorAll("circle, polyline, line.bad")].map((one) => {
  const style = getComputedStyle(one), color = style.stroke === "none" ? style.fill : style.stroke;
  return contrast(parse(color), behind(one));
});
return {texts, shapes, page: behind(document.body), title: document.title,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth};
"""

browser = scratch = store = None


def setUpModule():
    global browser, scratch, store
    browser, scratch = webdriver.for_module()
    program = live_program.built(scratch, "history_add.c")
    store = scratch / "history.sqlite"
    generator = histories.generator(4)
    entries = [entry(i, [value("modules", "exact", [311 if i < 20 else 891]),
                         value("modules", "exact", [i], module=HOSTILE),
                         value("total_time", "timed", histories.noisy(generator, 1.3e9 if i > 14 else 1e9))],
                     verdict="pass" if i < 20 else "fail", branch=HOSTILE) for i in range(30)]
    result = histories.add(program, store, entries)
    if result.returncode:
        raise AssertionError(result.stderr)
    result = run_thaw("history", store, "-f", "html", "-o", scratch / "page.html")
    if result.returncode:
        raise AssertionError(result.stderr)


class HistoryPage(unittest.TestCase):
    def setUp(self):
        browser.prefer("light")
        browser.resize(1280, 900)
        browser.requests()
        browser.open(scratch / "page.html")

    def test_it_loads_and_runs_nothing(self):
        self.assertEqual([address.rpartition("/")[2] for address in browser.requests()], ["page.html"])
        self.assertEqual(browser.console(), [])
        self.assertEqual(browser.run("return [document.title, document.scripts.length]"),
                         ["thaw: cold starts over time", 0])

    def test_each_value_is_a_point(self):
        history = json.loads(run_thaw("history", store, "--json").stdout)
        charts = browser.run("""return [...document.querySelectorAll("section")].map((section) => [
            [...section.querySelectorAll("circle")].map((one) => [one.textContent,
                one.getBoundingClientRect().x, one.getBoundingClientRect().y]),
            [...section.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)),
            section.querySelectorAll("line.bad").length])""")
        self.assertEqual(len(charts), len(history["series"]))
        for series, (points, rows, bad) in zip(history["series"], charts):
            values = [point["value"] for point in series["points"]]
            self.assertEqual((len(points), len(rows), bad), (30, 30, series["first_bad"] is not None))
            across = [x for _, x, _ in points]
            self.assertEqual(across, sorted(across))
            # A larger value is never below a smaller one.
            down = [y for _, _, y in points]
            order = sorted(range(30), key=lambda i: values[i])
            self.assertTrue(all(down[a] >= down[b] - 0.2 for a, b in zip(order, order[1:])))
            for number, (title, _, _) in enumerate(points):
                self.assertTrue(title.startswith(f"{number:040x}"[:12]), title)
                self.assertIn("pass" if number < 20 else "fail", title)
                self.assertIn(rows[29 - number][1], title)

    def test_light_and_dark(self):
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                browser.prefer(scheme)
                browser.open(scratch / "page.html")
                found = browser.run(LOOK)
                self.assertEqual(max(found["page"]) < 48, scheme == "dark")
                self.assertGreater(len(found["texts"]), 300)
                self.assertEqual([one for one in found["texts"] if one[1] < LEAST_TEXT], [])
                self.assertGreater(min(found["shapes"]), LEAST_GRAPHIC)

    def test_narrow_and_wide(self):
        for width in (360, 800, 1280, 3840):
            with self.subTest(width):
                browser.resize(width, 900)
                self.assertEqual(browser.run(LOOK)["wide"], 0)

    def test_semantics(self):
        heads, tables, nameless = browser.run("""return [
            [...document.querySelectorAll("h1,h2,h3")].map((one) => +one.tagName[1]),
            [...document.querySelectorAll("table")].filter((table) => !table.caption?.textContent ||
                [...table.querySelectorAll("tbody tr")].some((row) => row.cells[0].scope !== "row")).length,
            [...document.querySelectorAll("svg")].filter((one) => one.getAttribute("role") !== "img" ||
                !one.getAttribute("aria-label")).length]""")
        self.assertEqual(heads.count(1), 1)
        self.assertTrue(all(after <= before + 1 for before, after in zip(heads, heads[1:])))
        self.assertEqual((tables, nameless), (0, 0))


if __name__ == "__main__":
    unittest.main()
