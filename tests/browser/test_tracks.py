"""The timeline's chart: what is drawn is where the report has it; zooming, walking, picking; on paper."""

import json
import unittest

import page as pages
import webdriver
from program import REPOSITORY

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
APP, PANDAS, NUMPY = FULL["modules"]
# Of one stack of the worker's only thread, as phases are.
PLAIN = {**FULL, "modules": [{key: value for key, value in one.items() if key != "strand"} for one in FULL["modules"]]}
TRACK = FULL["tracks"][0]
ZERO_NS = TRACK["start_ns"]

CANVAS = "document.querySelector('.tracks canvas')"
ROW, AXIS, GAP, CRITICAL = 16, 20, 6, 5  # px, as in tracks_layout.ts
COLORS = {"host": "7d9b82", "worker": "9882d4", "import": "e27731", "ready": "4b99d7", "first-invocation": "cc6f9d",
          "app": "e27731", "package": "4b99d7", "stdlib": "7d9b82", "call": "cc6f9d", "not counted": "8e9398"}

# Colours of points of the canvas, as hexadecimal digits; "" where nothing is drawn.
READ = f"""
const {{width, height}} = {CANVAS};
const context = new OffscreenCanvas(width, height).getContext("2d");
context.drawImage({CANVAS}, 0, 0);
const {{data}} = context.getImageData(0, 0, width, height);
return arguments[0].map(([x, y]) => {{
    const point = [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
    return point.pop() && point.map((one) => one.toString(16).padStart(2, "0")).join("") || "";
}});
"""
POINTER = f"""
const canvas = {CANVAS}, box = canvas.getBoundingClientRect();
for (const [name, x, y, more] of arguments[0]) {{
    const Kind = name.startsWith("pointer") ? PointerEvent : name === "wheel" ? WheelEvent : MouseEvent;
    canvas.dispatchEvent(new Kind(name, {{bubbles: true, cancelable: true, clientX: box.left + x,
                                         clientY: box.top + y, pointerId: 1, ...more}}));
}}
"""

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


class TracksTest(unittest.TestCase):
    def open(self, report=PLAIN, fragment=""):
        path = scratch / f"{self.id()}.html"
        path.write_text(pages.fill(report), encoding="utf-8")
        self.page = pages.Page(browser, path, fragment)
        # No capture: these pointers are none of the browser's.
        browser.run(f"{CANVAS}?.setPointerCapture && ({CANVAS}.setPointerCapture = () => {{}})")
        self.addCleanup(lambda: self.assertEqual(browser.console(), []))
        return self.page

    def said(self):
        return self.page.text(".tracks .said")

    def press(self, *keys):
        browser.run(f"{CANVAS}.focus()")
        browser.press(*keys)
        self.page.settle()

    def pointer(self, *events):
        browser.run(POINTER, events)
        self.page.settle()

    def colors(self, points):
        return browser.run(READ, [[round(x), round(y)] for x, y in points])

    def shown(self):
        """The range that is said to be shown, in ms."""
        words = self.said().replace(",", "").split()
        self.assertEqual(words[-3:], ["ms", "are", "shown"])
        return float(words[0]), float(words[2])

    def width(self):
        return browser.run(f"return {CANVAS}.width")

    def at(self, ns, span=None):
        """Where an instant lies, in px."""
        start_ns, end_ns = span or (ZERO_NS, TRACK["end_ns"])
        return (ns - start_ns) / (end_ns - start_ns) * self.width()


class Drawn(TracksTest):
    def rows(self):
        """The middle of each row of the worker's lane, in px: what waits, phases, parts, calls, imports."""
        top = AXIS + (ROW + CRITICAL + ROW + GAP) + ROW  # below the host's lane and the title
        first = top + CRITICAL + 3  # above the labels
        return top + 1, first, first + ROW, first + 2 * ROW, first + 3 * ROW

    def test_phases_parts_calls_and_imports_lie_where_the_report_has_them(self):
        self.open()
        _, phases, parts, calls, imports = self.rows()
        whole = [(phase, phases) for phase in TRACK["phases"]]
        whole += [(part, parts) for phase in TRACK["phases"] for part in phase["children"]]
        expected = {}
        for span, y in whole:
            if self.at(span["end_ns"]) - self.at(span["start_ns"]) < 6:
                continue  # its edges are all of it
            name = span["name"].partition(".")[0] if span["counted"] else "not counted"
            expected[self.at((span["start_ns"] + span["end_ns"]) / 2), y] = COLORS[name]
        for call in FULL["invocations"]:
            expected[self.at((call["start_ns"] + call["end_ns"]) / 2), calls] = COLORS["call"]
        for level, module in enumerate((APP, PANDAS, NUMPY)):
            for part in (.3, .95):
                point = self.at(module["start_ns"] + part * module["total_ns"]), imports + level * ROW
                expected[point] = COLORS[module["owner"]]
        points = [point for point in expected if point[0] < self.width() - 4]
        self.assertGreater(len(points), 12)
        self.assertEqual(dict(zip(points, self.colors(points))), {point: expected[point] for point in points})

    def test_nothing_is_drawn_where_nothing_was(self):
        self.open()
        _, _, parts, calls, imports = self.rows()
        points = [(self.at(ZERO_NS + 430e6), parts), (self.at(ZERO_NS + 150e6), calls), (self.at(ZERO_NS + 150e6), imports)]
        self.assertEqual(set(self.colors(points)), {""})

    def test_what_the_first_reply_waited_for_is_marked(self):
        self.open()
        y = self.rows()[0]
        points = {}
        for step in TRACK["critical_path"]:
            mine = step["process"] == 2
            points[self.at((step["start_ns"] + step["end_ns"]) / 2), y] = "14181e" if mine else ""
        kept = {point: color for point, color in points.items() if point[0] < self.width() - 4}
        self.assertIn("14181e", kept.values())
        self.assertEqual(dict(zip(kept, self.colors(kept))), kept)

    def test_waits_of_an_import_are_the_width_that_they_took(self):
        self.open()
        y = self.rows()[4] - 3 + ROW - 3
        wait, at = APP["wait"], APP["start_ns"]
        points, colors = [], []
        for key, color in (("io_ns", "d0747a"), ("runqueue_ns", "a98a1f")):
            points.append((self.at(at + wait[key] / 2), y))
            colors.append(color)
            at += wait[key]
        points.append((self.at(at + 50e6), y))
        self.assertEqual(self.colors(points), [*colors, COLORS["app"]])

    def test_every_thread_has_a_lane(self):
        other = {**NUMPY, "tid": 4130, "id": 4, "start_ns": NUMPY["start_ns"] + 10**8}
        self.open({**PLAIN, "modules": [*PLAIN["modules"], other]})
        height = f"return {CANVAS}.height"
        further = browser.run(height)
        self.open()
        plain = browser.run(height)
        self.assertEqual(further - plain, ROW + CRITICAL + ROW + GAP)
        self.open(FULL)  # on another stack of the same thread
        self.assertEqual(browser.run(height) - plain, ROW + CRITICAL + GAP)

    def test_threads_that_are_not_drawn_are_counted(self):
        many = [{**NUMPY, "tid": 5000 + number, "id": 10 + number, "parent": None} for number in range(60)]
        self.open({**PLAIN, "modules": [*PLAIN["modules"], *many]})
        self.assertIn("22 further threads of which less is known are not drawn", self.page.text(".tracks"))

    def test_colours_follow_the_theme_and_paper_is_light(self):
        self.addCleanup(browser.prefer, "light")
        self.open()
        # The mark of the first reply, in colours of the page.
        size, height = browser.run(f"return [{CANVAS}.width, {CANVAS}.height]")
        page = [(size - 1, height - 3)]
        self.assertEqual(self.colors(page), ["17692f"])
        browser.prefer("dark")
        self.page.settle()
        dark = self.colors(page)
        browser.run("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(browser.run(f"return {CANVAS}.width"), 2 * size)
        self.assertEqual(self.colors([(2 * x, 2 * y) for x, y in page]), ["17692f"])
        browser.run("dispatchEvent(new Event('afterprint'))")
        self.assertEqual((browser.run(f"return {CANVAS}.width"), self.colors(page)), (size, dark))
        self.assertEqual(dark, ["7fd69a"])

    def test_nothing_to_draw(self):
        run = {**FULL["run"], "start_ns": 0, "end_ns": 0}
        self.open({**FULL, "tracks": [], "modules": [], "processes": [], "invocations": [], "run": run})
        self.assertEqual(self.page.texts(".tracks"), [])


class Used(TracksTest):
    def test_arrows_walk(self):
        self.open()
        for key, words in (("ArrowDown", "worker, pid 4117, thread 4117: "), ("ArrowLeft", "host, pid 4100, thread 4100: "),
                           ("ArrowDown", "runs: 800.0 ms"), ("ArrowUp", "host, pid 4100"), ("ArrowRight", "worker, pid 4117"),
                           ("ArrowDown", "import: 349.0 ms, from 288.0 to 637.0 ms, observed"),
                           ("ArrowLeft", "pool: 20.0 ms, from 268.0 to 288.0 ms, assumed, not counted"),
                           ("ArrowRight", "import: "), ("ArrowDown", "function_app: 349.0 ms, from 288.0 to 637.0 ms, 59.0 ms by itself"),
                           ("ArrowDown", "pandas: 290.0 ms"), ("ArrowDown", "numpy: ≤ 80.0 ms"), ("ArrowUp", "pandas: ")):
            self.press(key)
            self.assertTrue(self.said().startswith(words), (key, self.said()))
        self.assertEqual(browser.run("return document.querySelector('.tracks .said').ariaLive"), "polite")

    def test_what_is_said_of_an_import(self):
        self.open()
        self.press("ArrowDown", "ArrowDown", "ArrowDown")
        for words in ("331.0 ms on the CPU", "disk wait 11.0 ms", "run queue 6.0 ms", "sleep 1.0 ms"):
            self.assertIn(words, self.said())

    def test_keys_zoom_and_move(self):
        self.open()
        self.assertEqual(self.shown(), (0, 755.0))
        self.press("+")
        low, high = self.shown()
        self.assertAlmostEqual(high - low, 755 / 1.5, delta=.2)
        self.assertAlmostEqual((high + low) / 2, 755 / 2, delta=.2)
        browser.run(f"""{CANVAS}.dispatchEvent(new KeyboardEvent("keydown", {{key: "ArrowRight", shiftKey: true, bubbles: true}}))""")
        self.page.settle()
        self.assertGreater(self.shown()[0], low)
        self.press("-", "-", "-")
        self.assertEqual(self.shown(), (0, 800.0), "no further than there is anything")
        self.press("0")
        self.assertEqual(self.shown(), (0, 755.0))

    def test_enter_opens_and_zooms_escape_shows_all(self):
        self.open()
        self.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        self.assertEqual(self.page.texts(".tracks #module h3"), ["pandas"])
        self.assertEqual(self.page.texts(".tracks .path button"),
                         ["all", "worker, pid 4117, thread 4117", "import", "function_app", "pandas"])
        self.assertEqual(browser.run("return location.hash"), "#module-2")
        colors = self.colors([(4, AXIS + 2 * ROW + CRITICAL + GAP + ROW + CRITICAL + 4 * ROW + 3), (self.width() - 4, AXIS + 2 * ROW + CRITICAL + GAP + ROW + CRITICAL + 4 * ROW + 3)])
        self.assertEqual(colors, [COLORS["package"]] * 2, "it fills the width")
        self.press("Escape")
        self.assertEqual(self.page.texts(".tracks .path button"), ["all"])

    def test_a_click_tells_all_of_a_module_and_back_leads_back(self):
        self.open()
        y = AXIS + 2 * ROW + CRITICAL + GAP + ROW + CRITICAL + 3 * ROW + 3
        for module, level in ((APP, 0), (NUMPY, 2)):
            x = self.at(module["start_ns"] + module["total_ns"] * .9)
            self.pointer(["pointerdown", x, y + level * ROW, {}], ["pointerup", x, y + level * ROW, {}], ["click", x, y + level * ROW, {}])
            self.assertEqual(self.page.texts("#module h3"), [module["name"]])
        self.assertEqual(self.page.texts("#imports #module h3"), [], "it is told once")
        browser.run("history.back()")
        browser.wait("return location.hash === '#module-1'")
        self.page.settle()
        self.assertEqual(self.page.texts("#module h3"), ["function_app"])

    def test_dragging_zooms_and_a_double_click_resets(self):
        self.open()
        width = self.width()
        self.pointer(["pointerdown", width * .4, 60, {}], ["pointermove", width * .6, 60, {}], ["pointerup", width * .6, 60, {}],
                     ["click", width * .6, 60, {}], ["pointerleave", 0, 0, {}])
        low, high = self.shown()
        self.assertAlmostEqual(low, .4 * 755, delta=1)
        self.assertAlmostEqual(high, .6 * 755, delta=1)
        self.assertEqual(self.page.texts("#module h3"), [], "it was no click")
        self.pointer(["pointerdown", 100, 60, {}], ["pointermove", 200, 60, {"shiftKey": True, "movementX": 100}],
                     ["pointerup", 200, 60, {"shiftKey": True}], ["pointerleave", 0, 0, {}])
        self.assertLess(self.shown()[0], low)
        self.pointer(["dblclick", 300, 60, {}])
        self.assertEqual(self.shown(), (0, 755.0))

    def test_the_wheel_zooms_with_control_around_the_pointer(self):
        self.open()
        self.pointer(["wheel", self.width() / 4, 60, {"deltaY": -1, "ctrlKey": True}])
        low, high = self.shown()
        self.assertAlmostEqual(low + (high - low) / 4, 755 / 4, delta=1)
        self.assertAlmostEqual(high - low, 755 / 1.5, delta=1)
        self.pointer(["wheel", 300, 60, {"deltaY": 9}])
        self.assertEqual(self.shown(), (low, high), "else the page scrolls")

    def test_the_pointer_has_a_line_and_tells(self):
        self.open()
        x = round(self.at(ZERO_NS + 100e6))
        self.pointer(["pointermove", x, AXIS + ROW + CRITICAL + ROW + GAP + ROW + CRITICAL + 5, {}])
        self.assertTrue(self.said().startswith("worker: 262.0 ms"), self.said())
        line = self.colors([(x + shift, AXIS + ROW + CRITICAL + ROW + GAP // 2) for shift in (-1, 0, 1)])
        self.assertEqual(line.count("14181e"), 1)

    def test_buttons(self):
        self.open()
        self.page.press_button("Everything")
        self.assertEqual(self.shown(), (0, 800.0))
        self.page.press_button("Headline")
        self.assertEqual(self.shown(), (0, 755.0))
        self.page.press_button("Zoom in")
        low, high = self.shown()
        self.page.press_button("Zoom out")
        self.assertLess(high - low, self.shown()[1] - self.shown()[0])

    def test_the_address_has_what_is_shown(self):
        self.open(fragment="#timeline?time=100000~200000")
        self.assertEqual(self.shown(), (100.0, 200.0))
        self.press("0")
        browser.wait("return !location.hash.includes('?')")
        self.open(fragment="#timeline?time=what")
        self.assertEqual(self.shown(), (0, 755.0))


class Many(TracksTest):
    def test_ten_thousand_modules(self):
        report = pages.synthetic(FULL, 10_000, 20)
        self.open(report)
        self.press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown")
        self.assertIn("module1: 4,000.0 ms", self.said())


if __name__ == "__main__":
    unittest.main()
