"""The HTML page of a comparison: what it shows is what the JSON has, of cold starts, of targets, of both;
with hostile names; and nothing else happens.
"""

import json
import re
import shutil
import unittest
from pathlib import Path

import compared
import differences
import page as pages
import test_hostile
import webdriver
from compared import FULL
from differences import DiffTest, texts, unfold
from page import DIFF_TEMPLATE, MARKUP, shown
from program import REPOSITORY, THAW, run_thaw

TIMEOUT_SECONDS = 300
GOLDEN = REPOSITORY / "tests/golden/diff"
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-diff-1.schema.json").read_text())

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def recording(name):
    """A recording in text form."""
    return next(one for one in sorted((REPOSITORY / "tests/golden" / name).iterdir()) if one.name.startswith("recording"))


def open_diff(diff, fragment="", change=lambda html: html, seconds=20):
    return pages.Page(browser, differences.write(diff, scratch / "diff.html", change), fragment, seconds)


class Contents(DiffTest):
    def test_every_key(self):
        self.check(FULL, open_diff(FULL))

    def test_targets_alone(self):
        diff = compared.of_targets()
        self.check(diff, open_diff(diff))

    def test_cold_starts_alone(self):
        diff = compared.of_cold_starts()
        self.check(diff, open_diff(diff))

    def test_one_run_each(self):
        diff = compared.single_runs()
        self.check(diff, open_diff(diff))
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
                for number, run in enumerate(diff[side]["runs"]):
                    run.setdefault("name", f"{number}.thaw")
            with self.subTest(path.parent.name):
                self.check(diff, open_diff(diff))

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
