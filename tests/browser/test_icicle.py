"""How the icicle and the treemap of packages can be set, what they then show, and that the address holds it."""

import json
import unittest

import page as pages
import webdriver
from program import REPOSITORY

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
APP, PANDAS, NUMPY = FULL["modules"]
AXIS, ROW = 18, 19  # px, as in icicle_layout.ts
OWNER_COLORS = {"app": "e27731", "package": "4b99d7"}
CAPTION = "Modules of worker, pid 4117"

# Of a row of boxes the colours at points, and what is drawn of them.
READ = """
const shown = document.querySelector(arguments[0]), {width, height} = shown;
const context = new OffscreenCanvas(width, height).getContext("2d");
context.drawImage(shown, 0, 0);
const {data} = context.getImageData(0, 0, width, height);
return arguments[1].map(([x, y]) => {
    const at = 4 * (Math.min(Math.round(x * width), width - 1) + width * y);
    return data[at + 3] ? [...data.slice(at, at + 3)].map((one) => one.toString(16).padStart(2, "0")).join("") : "";
});
"""

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


class SetTest(unittest.TestCase):
    def open(self, report=FULL, fragment=""):
        path = scratch / f"{self.id()}.html"
        path.write_text(pages.fill(report), encoding="utf-8")
        self.page = pages.Page(browser, path, fragment)
        self.addCleanup(lambda: self.assertEqual(browser.console(), []))
        return self.page

    def hash(self, part):
        """Waits until the address has a part, or has none."""
        browser.wait("return location.hash.includes(arguments[0])" if part else "return !location.hash.includes('?')", part)
        return browser.run("return location.hash")

    def press(self, chart, *keys):
        browser.run("document.querySelector(arguments[0]).focus()", f".{chart} canvas")
        browser.press(*keys)
        self.page.settle()

    def said(self, chart="icicle"):
        return self.page.text(f".{chart} .said")

    def down(self, chart="icicle"):
        return self.page.texts(f".{chart} [role=group] [aria-pressed=true], #{chart} [role=group] [aria-pressed=true]")


class Icicle(SetTest):
    def colors(self, level, *shares):
        y = AXIS + level * ROW + 3
        return browser.run(READ, ".icicle canvas", [[share, y] for share in shares])

    def edge(self, level, color):
        """Where the boxes of a colour end, as a share of the width."""
        steps = [number / 400 for number in range(400)]
        return max((share for share, found in zip(steps, self.colors(level, *steps)) if found == color), default=None)

    def test_total(self):
        self.open()
        self.assertEqual(self.down(), ["Modules", "Total", "Whose"])
        self.assertAlmostEqual(self.edge(3, OWNER_COLORS["package"]), PANDAS["total_ns"] / APP["total_ns"], delta=.01)

    def test_self(self):
        self.open()
        self.page.press_button("Self")
        sums = PANDAS["self_ns"] + NUMPY["self_ns"]
        self.assertAlmostEqual(self.edge(3, OWNER_COLORS["package"]), sums / (sums + APP["self_ns"]), delta=.01)
        self.assertIn("its own time", self.page.text(".icicle"))

    def test_retained(self):
        modules = [APP, {**PANDAS, "retained_ns": 100_000_000}, NUMPY]
        self.open({**FULL, "modules": modules})
        self.page.press_button("Retained")
        self.assertAlmostEqual(self.edge(3, OWNER_COLORS["package"]), 1e8 / APP["retained_ns"], delta=.01)
        without = [{key: value for key, value in one.items() if key != "retained_ns"} for one in FULL["modules"]]
        self.open({**FULL, "modules": without})
        self.assertNotIn("Retained", self.page.texts(".icicle [role=group] button"))

    def test_packages(self):
        """A package within itself is one box; what it imports of others is below it."""
        inner = {**NUMPY, "id": 4, "parent": 2, "name": "pandas.core", "distribution": "pandas", "total_ns": 100_000_000,
                 "self_ns": 40_000_000}
        report = {**FULL, "modules": [APP, PANDAS, inner, {**NUMPY, "parent": 4}]}
        self.open(report)
        self.page.press_button("Packages")
        self.press("icicle", "ArrowDown", "ArrowDown")
        self.assertTrue(self.said().startswith("your app: 349.0 ms"), self.said())
        self.press("icicle", "ArrowDown")
        own_ms = (PANDAS["self_ns"] + inner["self_ns"]) / 1e6
        self.assertTrue(self.said().startswith("pandas: 290.0 ms"), self.said())
        self.assertIn(f"{own_ms:,.1f} ms by itself, 2 modules", self.said())
        self.press("icicle", "ArrowDown")
        self.assertTrue(self.said().startswith("numpy: 80.0 ms"), self.said())
        self.assertTrue(self.said().endswith("1 module"), self.said())
        self.press("icicle", "Escape")
        self.assertIn("4 imports", self.said())

    def test_packages_that_are_found(self):
        self.open()
        self.page.press_button("Packages")
        before = self.colors(3, .1)
        self.page.search("numpy")
        self.assertNotEqual(self.colors(3, .1), before, "pandas is paler")
        self.page.search("pandas")
        self.assertEqual(self.colors(3, .1), before)

    def test_colours_of_parts_and_waits(self):
        self.open()
        self.page.press_button("Largest part")
        self.assertEqual(self.colors(2, .98), ["e27731"], "executing Python code")
        legend = self.page.texts(".icicle ul.row li")
        self.assertIn("executing Python code", legend)
        self.page.press_button("CPU or wait")
        self.assertEqual(self.colors(2, .98), ["7d9b82"], "on the CPU")
        waiting = {**APP, "waits": {"execute": {"io_ns": 50_000_000}}}
        self.open({**FULL, "modules": [waiting, PANDAS, NUMPY]}, "#imports?color=wait")
        self.assertEqual(self.colors(2, .98), ["d0747a"], "disk wait")
        self.assertIn("disk wait", self.page.texts(".icicle ul.row li"))
        without = [{key: value for key, value in one.items() if key != "waits"} for one in FULL["modules"]]
        self.open({**FULL, "modules": without})
        self.assertNotIn("CPU or wait", self.page.texts(".icicle [role=group] button"))


class Address(SetTest):
    def test_settings_of_the_icicle(self):
        self.open()
        self.page.press_button("Packages")
        self.page.press_button("Self")
        self.page.press_button("Largest part")
        fragment = self.hash("color=part")
        self.assertIn("by=package", fragment)
        self.assertIn("size=self", fragment)
        self.open(fragment=fragment)
        self.assertEqual(self.down(), ["Packages", "Self", "Largest part"])
        for button in ("Modules", "Total", "Whose"):
            self.page.press_button(button)
        self.hash("")

    def test_zoom(self):
        self.open()
        self.press("icicle", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        fragment = self.hash("zoom=module-2")
        self.open(fragment=fragment)
        self.assertEqual(self.page.texts(".icicle .path button")[-1], "pandas")
        self.open(fragment="#imports?zoom=module-999")
        self.assertEqual(self.page.texts(".icicle .path button"), ["worker, pid 4117"])

    def test_search_list_and_order(self):
        self.open()
        self.page.search("pan")
        self.page.press_button("List")
        browser.run("""[...document.querySelectorAll("[role=treegrid] th button")]
            .find((one) => one.textContent.endsWith("Self (ms)")).click()""")
        self.page.settle()
        fragment = self.hash("sort+modules")
        self.assertIn("search=pan", fragment)
        self.open(fragment=fragment)
        self.assertEqual(browser.run("return document.querySelector('#imports input[type=search]').value"), "pan")
        self.assertEqual([row[0]["text"] for row in self.page.tables()[CAPTION]["rows"]], ["pandas"])
        self.assertEqual(browser.run("""return [...document.querySelectorAll("[role=treegrid] th")]
            .filter((one) => one.ariaSort === "descending").map((one) => one.textContent)"""), ["↓ Self (ms)"])

    def test_order_of_another_table(self):
        other = {**FULL["distributions"][0], "name": "aaa", "bytes": 1, "import_ns": 1}
        report = {**FULL, "distributions": [*FULL["distributions"], other]}
        self.open(report)
        browser.run("""[...document.querySelectorAll("#packages th button")]
            .find((one) => one.textContent.endsWith("Package")).click()""")
        self.page.settle()
        fragment = self.hash("Package")
        self.open(report, fragment)
        self.assertEqual([row[0]["text"] for row in self.page.tables()["Installed packages"]["rows"]], ["aaa", "pandas"])

    def test_a_module_by_its_name(self):
        self.open(fragment="#module=numpy?size=self")
        self.assertEqual(self.page.texts("#module h3"), ["numpy"])
        self.assertIn("Self", self.down())
        self.open(fragment="#module=constructor")
        self.assertEqual(self.page.texts("#module h3"), [])

    def test_back_and_forth(self):
        self.open(fragment="#imports?size=self")
        browser.run("document.querySelector('[role=treegrid] tbody tr[data-key=module-1]').click()")
        self.page.settle()
        self.hash("module-1")
        browser.run("document.querySelector('#first a[href^=\"#module\"]').click()")
        self.page.settle()
        self.assertEqual(self.page.texts("#module h3"), ["pandas"])
        self.assertIn("Self", self.down(), "a link leaves views as they are")
        self.page.press_button("Total")
        self.hash("")
        browser.run("history.back()")
        self.hash("size=self")
        self.page.settle()
        self.assertEqual(self.page.texts("#module h3"), ["function_app"])
        self.assertIn("Self", self.down())
        browser.run("history.forward()")
        self.hash("")
        self.page.settle()
        self.assertEqual(self.page.texts("#module h3"), ["pandas"])
        self.assertIn("Total", self.down())

    def test_from_a_package_to_its_modules(self):
        self.open()
        browser.run("document.querySelector('#packages td a[href*=\"search=\"]').click()")
        self.page.settle()
        self.assertEqual(browser.run("return document.querySelector('#imports input[type=search]').value"), "pandas")
        self.assertIn("pandas", [row[0]["text"].lstrip("▾▸·") for row in self.page.tables()[CAPTION]["rows"]])
        self.assertTrue(browser.wait("""const {top} = document.querySelector("#imports").getBoundingClientRect();
            return top >= 0 && top < innerHeight"""), "it is in sight")

    def test_nonsense(self):
        self.open(fragment="#imports?size=constructor&by=__proto__&color=constructor&process=77&zoom=%00&bytes=valueOf&time=~&x=%")
        self.assertEqual(len(self.page.tables()[CAPTION]["rows"]), 3)


class Bytes(SetTest):
    """Of a recording's packages, which need no target."""

    PACKAGES = [{**FULL["distributions"][0], "name": name, "bytes": size, "loaded_bytes": loaded, "resident_bytes": None}
                for name, size, loaded in (("big", 9_000_000, 1_000_000), ("small", 2_000_000, 1_500_000), ("odd", 10, 0))]

    def setUp(self):
        packages = [{key: value for key, value in one.items() if key not in ("opened_bytes", "resident_bytes", "used_bytes")}
                    for one in self.PACKAGES]
        self.report = {**FULL, "distributions": packages, "totals": None, "use": None}
        del self.report["target"], self.report["use"]

    def parts(self):
        table = self.page.tables()["Bytes of installed packages"]
        return {row[0]["text"].rpartition(" ")[0]: row[1]["values"][0] for row in table["rows"]}

    def test_each_measure(self):
        self.open(self.report)
        self.assertEqual(self.page.texts("#bytes [role=group] button"), ["Shipped", "Opened", "Never opened"])
        for button, figure in (("Shipped", lambda one: one["bytes"]), ("Opened", lambda one: one["loaded_bytes"]),
                               ("Never opened", lambda one: one["bytes"] - one["loaded_bytes"])):
            with self.subTest(button):
                self.page.press_button(button)
                expected = {one["name"]: figure(one) for one in self.PACKAGES if figure(one)}
                self.assertEqual(self.parts(), expected)
                self.assertEqual(self.page.texts("#bytes ul.row li"), [button])
        fragment = self.hash("bytes=unopened")
        self.open(self.report, fragment)
        self.assertEqual(self.parts()["small"], 500_000)

    def test_nothing_to_divide(self):
        self.open({**self.report, "distributions": []})
        self.assertEqual(self.page.texts("#bytes"), [])


if __name__ == "__main__":
    unittest.main()
