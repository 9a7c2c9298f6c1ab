"""Using the HTML report: by keyboard, by search, by sorting, by links; with many modules."""

import json
import unittest

import costs
import page as pages
import webdriver
from page import ms
from program import REPOSITORY

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
APP, PANDAS, NUMPY = FULL["modules"]
CAPTION = "Modules of worker, pid 4117"

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


class UseTest(unittest.TestCase):
    def open(self, report=FULL, fragment=""):
        path = scratch / f"{self.id()}.html"
        path.write_text(pages.fill(report), encoding="utf-8")
        self.page = pages.Page(browser, path, fragment)
        self.addCleanup(self.assert_quiet)
        return self.page

    def assert_quiet(self):
        self.assertEqual(browser.console(), [])

    def names(self):
        return [row[0]["text"].lstrip("▾▸·") for row in self.page.tables()[CAPTION]["rows"]]

    def selected(self):
        return self.page.texts("#module h3")


class Icicle(UseTest):
    def setUp(self):
        self.open()
        browser.run("document.querySelector('.icicle canvas').focus()")

    def press(self, *keys):
        browser.press(*keys)
        self.page.settle()

    def said(self):
        return self.page.text(".icicle .said")

    def path(self):
        return self.page.texts(".icicle .path button")

    def test_arrows_walk(self):
        walk = [("ArrowDown", "import: 3 imports"), ("ArrowDown", "function_app: 349.0 ms"),
                ("ArrowDown", "pandas: 290.0 ms"), ("ArrowDown", "numpy: ≤ 80.0 ms"),
                ("ArrowDown", "numpy: ≤ 80.0 ms"), ("ArrowUp", "pandas: 290.0 ms"),
                ("ArrowLeft", "pandas: 290.0 ms"), ("ArrowRight", "pandas: 290.0 ms"),
                ("ArrowUp", "function_app: 349.0 ms")]
        for key, words in walk:
            self.press(key)
            self.assertTrue(self.said().startswith(words), (key, self.said()))
        self.assertEqual(browser.run("return document.querySelector('.icicle .said').ariaLive"), "polite")

    def test_siblings(self):
        report = {**FULL, "modules": [APP, PANDAS, {**NUMPY, "parent": 1}]}
        self.open(report)
        browser.run("document.querySelector('.icicle canvas').focus()")
        self.press("ArrowDown", "ArrowDown", "ArrowDown")
        self.assertIn("pandas:", self.said())
        self.press("ArrowRight")
        self.assertIn("numpy:", self.said())
        self.press("ArrowLeft")
        self.assertIn("pandas:", self.said())

    def test_enter_zooms_escape_resets(self):
        self.press("ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        self.assertEqual(self.path(), ["worker, pid 4117", "import", "function_app", "pandas"])
        self.press("ArrowUp")
        self.assertIn("pandas:", self.said(), "the walk stays within what is shown")
        self.press("Escape")
        self.assertEqual(self.path(), ["worker, pid 4117"])

    def test_space_selects(self):
        self.press("ArrowDown", "ArrowDown", "Space")
        self.assertEqual(self.selected(), ["function_app"])
        self.assertEqual(browser.run("return location.hash"), "#module-1")

    def test_a_click_selects_a_second_one_zooms(self):
        click = """const canvas = document.querySelector(".icicle canvas"), box = canvas.getBoundingClientRect();
            canvas.dispatchEvent(new MouseEvent("click", {bubbles: true,
                clientX: box.left + 20, clientY: box.top + 18 + 19 * 2 + 8}));"""
        browser.run(click)
        self.page.settle()
        self.assertEqual(self.selected(), ["function_app"])
        browser.run(click)
        self.page.settle()
        self.assertEqual(self.path()[-1], "function_app")

    def test_boxes_have_the_colours_of_their_owners(self):
        colors = browser.run("""const canvas = document.querySelector(".icicle canvas");
            const {data} = canvas.getContext("2d").getImageData(canvas.width - 8, 0, 1, canvas.height);
            return [18 + 19 * 2 + 3, 18 + 19 + 3].map((y) => [...data.slice(4 * y, 4 * y + 4)])""")
        self.assertEqual(colors[0], [0xe2, 0x77, 0x31, 255])
        self.assertNotEqual(colors[1], colors[0])

    def test_it_is_reached_by_tab(self):
        self.open()
        for _ in range(90):
            browser.press("Tab")
            if browser.run("return document.activeElement.tagName") == "CANVAS":
                return
        self.fail("90 tabs do not lead to it")


class Tree(UseTest):
    def press(self, *keys):
        browser.press(*keys)
        self.page.settle()

    def test_arrows_open_and_close(self):
        self.open()
        self.assertEqual(self.names(), ["import", "function_app", "pandas"])
        browser.run("document.querySelector('[role=treegrid] tbody tr').focus()")
        self.press("ArrowDown", "ArrowDown", "ArrowRight")
        self.assertEqual(self.names(), ["import", "function_app", "pandas", "numpy"])
        self.press("ArrowRight")
        self.assertIn("numpy", browser.run("return document.activeElement.textContent"))
        self.press("ArrowLeft", "ArrowLeft")
        self.assertEqual(self.names(), ["import", "function_app", "pandas"])
        self.press("Enter")
        self.assertEqual(self.selected(), ["pandas"])
        self.press("Home", "ArrowLeft")
        self.assertEqual(self.names(), ["import"])

    def test_levels_are_told(self):
        self.open()
        self.assertEqual(browser.run("""return [...document.querySelectorAll("[role=treegrid] tbody tr")]
            .map((row) => [row.ariaLevel, row.ariaExpanded])"""),
                         [["1", "true"], ["2", "true"], ["3", "false"]])

    def sort_by(self, title):
        browser.run("""[...document.querySelectorAll("[role=treegrid] th button")]
            .find((one) => one.textContent.endsWith(arguments[0])).click()""", title)
        self.page.settle()

    def test_sorting_a_list(self):
        self.open()
        self.page.press_button("List")
        self.assertEqual(self.names(), ["function_app", "pandas", "numpy"])
        self.sort_by("Self (ms)")
        self.assertEqual(self.names(), ["pandas", "numpy", "function_app"])
        self.sort_by("Self (ms)")
        self.assertEqual(self.names(), ["function_app", "numpy", "pandas"])
        self.sort_by("Module")
        self.assertEqual(self.names(), ["function_app", "numpy", "pandas"])
        self.assertEqual(browser.run("""return [...document.querySelectorAll("[role=treegrid] th")]
            .map((one) => one.ariaSort).filter((one) => one && one !== "none")"""), ["ascending"])
        self.sort_by("Retained (ms)")
        self.assertEqual(self.names()[0], "function_app", "what was not measured comes last")

    def test_search(self):
        self.open()
        for text, found, rows in (("numpy", 1, ["import", "function_app", "pandas", "numpy"]),
                                  ("NUMPY", 1, None), ("bytecode", 2, None), ("app.py", 1, None),
                                  ("nowhere", 0, []), ("", None, ["import", "function_app", "pandas"])):
            with self.subTest(text):
                self.page.search(text)
                words = self.page.text("#imports [role=status]")
                self.assertEqual(words, "" if found is None else
                                 f"{found} module{'' if found == 1 else 's'} of 3")
                if rows is not None:
                    self.assertEqual(self.names(), rows)

    def test_failed_modules_are_found(self):
        self.open({**FULL, "modules": [APP, PANDAS, {**NUMPY, "status": "failed"}]})
        self.page.search("failed")
        self.assertEqual(self.names()[-1], "numpyfailed")


class Links(UseTest):
    def test_to_a_module(self):
        self.open(fragment="#module-3")
        self.assertEqual(self.selected(), ["numpy"])
        self.assertIn("numpy", self.names(), "the tree is open down to it")

    def test_from_a_finding_to_its_module(self):
        self.open()
        browser.click("#first a")
        self.page.settle()
        self.assertEqual(self.selected(), ["pandas"])
        self.assertTrue(browser.run("""const box = document.getElementById("module").getBoundingClientRect();
            return box.top < innerHeight && box.bottom > 0"""), "it is in sight")

    def test_from_a_module_to_its_package(self):
        self.open(fragment="#module-2")
        browser.click("#module a[href^='#package-']")
        self.assertEqual(browser.run("return document.querySelector(':target').cells[0].textContent"),
                         "pandas")

    def test_of_two_packages_with_one_name(self):
        other = {**FULL["distributions"][0], "location": "/elsewhere"}
        self.open({**FULL, "distributions": [other, *FULL["distributions"]]}, "#module-2")
        self.assertEqual(browser.run("return document.querySelector('#module a[href^=\"#package\"]').hash"),
                         "#package-1")

    def test_to_nothing(self):
        self.open(fragment="#module-999")
        self.assertEqual(self.selected(), [])

    def test_every_link_leads_somewhere(self):
        self.open(fragment="#module-2")
        lost = browser.run("""return [...document.querySelectorAll("a")].map((one) => one.hash)
            .filter((hash) => !hash.startsWith("#module-") && !document.querySelector(hash.split("?")[0]))""")
        self.assertEqual(lost, [])

    def test_module_detail(self):
        self.open(fragment="#module-1")
        text = self.page.text("#module")
        for words in ("349.0 ms", "59.0 ms", "On the CPU (ms)331.0", "Disk wait (ms)11.0", "your app",
                      "/srv/app/function_app.py", "finding and set-up 0.09 ms", "compiling source 0.7 ms"):
            self.assertIn(words, text)
        self.open(fragment="#module-2")
        self.assertIn("thread: OpenBLAS worker in numpy", self.page.text("#module"))
        self.assertNotIn("compiling", self.page.text("#module"))
        self.assertIn("sleep: 10.0 ms, failed: EINTR, perhaps more", self.page.text("#module"))

    def test_files_of_a_module(self):
        self.open(fragment="#module-1")
        text = self.page.text("#module")
        for words in ("Minor faults3", "Major faults1", "-4.1 kB", "1.2 kB", "8.2 kB",
                      "4 paths, 1 not there", "in 2 folders, in this order",
                      "stale: of another state of the source; compiled anew, and written"):
            self.assertIn(words, text)
        self.assertEqual(self.page.texts("#module ol li"), ["/srv/app", "/srv/app/.python_packages/lib/site-packages"])
        self.assertEqual(self.page.texts("#module details ul li"), ["/srv/app/function_app.so"])
        self.open(fragment="#module-3")
        for words in ("Looked for at", "Bytecode", "faults", "Read", "Memory"):
            self.assertNotIn(words, self.page.text("#module"), "not measured: not shown as 0")

    def test_parts_of_a_module(self):
        self.open(fragment="#module-1")
        expected = costs.spent([APP])
        self.assertEqual(len(expected), len(costs.PARTS))
        costs.check_spent_table(self, self.page.tables()["Parts of this import"], expected)
        self.assertEqual(len(browser.run("return [...document.querySelectorAll('#module .strip > svg rect')]")),
                         len(costs.PARTS) - 1, "of garbage collections there is no time here")
        self.open(fragment="#module-2")
        self.assertNotIn("Parts of this import", self.page.tables())

    def test_a_chain_of_folders_that_never_ends(self):
        folders = [{**one, "after": 3 - one["id"]} for one in FULL["search_folders"]]
        self.open({**FULL, "search_folders": folders}, "#module-1")
        self.assertEqual(len(self.page.texts("#module ol li")), 2)


class Effects(UseTest):
    def effects(self, effects, **changes):
        self.open({**FULL, "modules": [APP, {**PANDAS, "effects": effects}, NUMPY], **changes})
        return self.page.text("#effects")

    def test_equal_ones_are_folded(self):
        sleep = {"kind": "sleep", "detail": None, "module": 2, "process": 2, "time_ns": 91_300_000_000,
                 "duration_ns": 2_000_000}
        text = self.effects([sleep, {**sleep, "duration_ns": 3_000_000}, sleep])
        self.assertIn("sleep: 7.0 ms, 3 times", text)
        self.assertNotIn("4 times", text)

    def test_those_of_another_process(self):
        text = self.effects([{"kind": "connect", "detail": "10.0.0.1:80", "module": 2, "process": 1,
                              "time_ns": 91_300_000_000, "error": "EINPROGRESS"}])
        self.assertIn("connect: 10.0.0.1:80, in progress (in process 4100, which it started)", text)

    def test_many(self):
        many = [{"kind": "write", "detail": f"/tmp/{number}", "module": 2, "time_ns": 91_300_000_000}
                for number in range(30)]
        text = self.effects(many)
        self.assertIn("and 6 more lines", text)
        self.assertEqual(len(self.page.texts("#effects .did li")), 30)

    def test_what_can_not_be_seen(self):
        probe = {"name": "effects.setenv", "target": "libc.so.6", "status": "failed", "how": None,
                 "reason": "no such symbol", "without": "environment variables that modules set"}
        text = self.effects([], probes=[probe])
        self.assertIn("No module did anything but define names", text)
        self.assertIn("environment variables that modules set: no such symbol", text)

    def test_not_observed(self):
        modules = [{key: value for key, value in one.items() if key != "effects"} for one in FULL["modules"]]
        probe = {"name": "effects.calls", "target": "sys_exit", "status": "missing", "how": None,
                 "reason": "no tracepoints here", "without": "effects"}
        self.open({**FULL, "modules": modules, "probes": [probe]})
        self.assertIn("Effects were not observed: no tracepoints here", self.page.text("#effects"))


class Costs(UseTest):
    def test_native_code_was_not_sampled(self):
        probe = {"name": "native.sample", "target": "cpu-clock", "status": "failed", "how": None,
                 "reason": "no permission", "without": "native time"}
        self.open({**FULL, "native": None, "probes": [probe]})
        self.assertEqual(self.page.text("#native"),
                         "Native codeNative code was not sampled in this recording: no permission.")

    def test_nothing_measured_is_no_zero(self):
        keys = ("cpu_ns", "wait", "waits", "faults", "memory_bytes", "disk_bytes", "read_bytes", "gc_ns")
        modules = [{key: value for key, value in one.items() if key not in keys} for one in FULL["modules"]]
        self.open({**FULL, "modules": modules})
        self.assertEqual(self.page.tables()["Parts of imports"]["heads"], ["Part", "Time (ms)", "Share"])
        text = self.page.text("#spent")
        self.assertIn("Not measured: on the CPU (ms), disk wait (ms), run queue (ms), sleep (ms)", text)
        self.assertIn("not measured: time in loading libraries: no such symbol", text)
        self.assertNotIn("What it was doing", text)
        self.assertNotIn("garbage collections 0", text)
        self.assertNotIn("Faults", self.page.texts("#imports [role=group] button"))

    def test_columns_are_chosen_by_keyboard(self):
        self.open()
        choice = "[...document.querySelectorAll('#imports [role=group] button')].find((one) => one.textContent === 'Faults')"
        browser.run(f"{choice}.focus()")
        browser.press("Space")
        self.page.settle()
        self.assertEqual(browser.run(f"return {choice}.ariaPressed"), "true")
        self.assertIn("Minor faults", self.page.tables()[CAPTION]["heads"])
        self.page.press_button("List")
        browser.run("""[...document.querySelectorAll("[role=treegrid] th button")]
            .find((one) => one.textContent.endsWith("Minor faults")).click()""")
        self.page.settle()
        self.assertEqual(self.names()[0], "function_app", "what was measured comes first")
        browser.run(f"{choice}.click()")
        self.page.settle()
        self.assertNotIn("Minor faults", self.page.tables()[CAPTION]["heads"])
        self.assertEqual(self.names(), ["function_app", "pandas", "numpy"], "without it, by total")


class Many(UseTest):
    def test_ten_thousand_modules(self):
        report = pages.synthetic(FULL, 10_000, 20)
        self.open(report)
        self.page.press_button("List")
        table = self.page.tables()[CAPTION]
        self.assertEqual(len(table["rows"]), pages.PAGE_ROWS)
        self.assertEqual(table["rows"][0][1]["text"], ms(report["modules"][0]["total_ns"]))
        self.assertIn("100 of 10,000 rows are shown", self.page.text("#imports"))
        self.page.press_button("Show 100 more")
        self.assertEqual(len(self.page.tables()[CAPTION]["rows"]), 2 * pages.PAGE_ROWS)
        self.page.search("package7.")
        self.assertEqual(self.page.text("#imports [role=status]"), "200 modules of 10,000")

    def test_a_very_deep_tree(self):
        self.open(pages.synthetic(FULL, 3000, 3000), "#module-3000")
        self.assertEqual(self.selected(), ["package0.module3000"])
        browser.run("document.querySelector('.icicle canvas').focus()")
        browser.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        self.page.settle()
        self.assertEqual(len(self.page.texts(".icicle .path button")), 5)
        self.assertEqual(self.page.too_wide(), [])

    def test_no_time_at_all(self):
        modules = [{**one, "total_ns": 0, "self_ns": 0, "split": {"unattributed_ns": 0}}
                   for one in FULL["modules"]]
        self.open({**FULL, "modules": modules})
        self.assertEqual(self.names(), ["import", "function_app", "pandas"])


if __name__ == "__main__":
    unittest.main()
