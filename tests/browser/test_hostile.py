"""Names that have broken pages, in every text of a report: shown exactly, and harmless."""

import copy
import json
import re
import unittest
from pathlib import Path

import costs
import page as pages
import webdriver
from page import MARKUP, shown
from program import REPOSITORY, THAW
from shown_text import NOT_PLAIN

TIMEOUT_SECONDS = 300
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-report-1.schema.json").read_text())
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))

HOSTILE = {
    "markup": MARKUP.encode(),
    "attribute": b"\" onmouseover=\"window.harmed=1\" x='",
    "comment": b"<!--<script>",
    "entity": b"&lt;b&gt; &amp; &#x202e;",
    "escapes": b"\x1b[31mred\x1b[0m\x07 \x9b31m",
    "direction": "evil\u202egnp.py \u2066x\u2069 \u200f".encode(),
    "lines": "two\nlines\r\tand\u2028three\u2029four".encode(),
    "bytes": b"bad\xff\xc3(name \xed\xa0\x80 cut\xe2\x82",
    "long": b"n" * 240,
    "wide": "漢字 naïve 👩‍🚀".encode(),
    "template": b"${window.harmed=1} {{1+1}} %STYLE% $& \\u003c",
    "prototype": b"__proto__",
    "constructor": b"constructor",
    "nothing": b"",
}

RECORDING = r"""thaw-recording-text 1
1_000_000 session.begin backend="ebpf" cpus=2 command=["python3","NAME"] until="exit" \
 platform="auto" realtime_ns=1795402800000000000 tool_version="0.1.0"
1_100_000 process.fork pid=7 tid=7 parent=1
1_200_000 process.exec pid=7 tid=7 executable="/opt/NAME"
1_300_000 interpreter pid=7 tid=7 executable="/opt/NAME" version="3.11"
2_000_000 import.begin pid=7 tid=7 name="NAME" stack=1000
3_000_000 import.end pid=7 tid=7 stack=1000
4_000_000 loss cause="NAME" count=3 what="NAME"
9_000_000 process.exit pid=7 tid=7 code=1
9_900_000 session.end reason="exit" exit_status=1
""".replace(" \\\n", "")

browser = scratch = None


def setUpModule():
    global browser, scratch
    browser, scratch = webdriver.for_module()


def text_members(schema):
    """Definition -> the names of its texts from outside, and of its lists of them."""
    for name, definition in schema["$defs"].items():
        for pattern, value in definition.get("patternProperties", {}).items():
            if definition["properties"]:  # else any name may be there
                keys = re.fullmatch(r"\^\(([a-z_|]+)\)_bytes\$", pattern)[1].split("|")
                yield name, keys, value["$ref"].endswith("texts_bytes")


def put(of, key, data, is_list):
    """The bytes as the text of a member, as the program writes them (thaw_values_set_text)."""
    text = data.decode(errors="replace").replace("\0", "\ufffd")
    raw = "".join(chr(byte) if 0x21 <= byte <= 0x7e and byte != 0x25 else f"%{byte:02X}"
                  for byte in data)
    of[key] = [text] if is_list else text
    of.pop(f"{key}_bytes", None)
    if text.encode() != data:
        of[f"{key}_bytes"] = [raw] if is_list else raw


def hostile_report(data, full=FULL, root=SCHEMA):
    """The full report with the bytes in every text of it."""
    report = copy.deepcopy(full)
    texts = {name: [] for name in root["$defs"]}
    for name, keys, is_list in text_members(root):
        texts[name] += [(key, is_list) for key in keys]

    def fill(value, schema):
        schema = schema.get("oneOf", [schema])[0]
        name = schema.get("$ref", "").split("/")[-1]
        definition = root["$defs"].get(name, schema)
        if isinstance(value, dict):
            for key, item in list(value.items()):
                fill(item, definition.get("properties", {}).get(key, {}))
            for key, is_list in texts.get(name, []):
                if value.get(key) is not None:
                    put(value, key, data, is_list)
        elif isinstance(value, list):
            for item in value:
                fill(item, definition.get("items", {}))

    fill(report, root)
    return report


class Harmless(unittest.TestCase):
    def assert_harmless(self, browser, page):
        """Nothing ran, nothing was asked for, nothing is on the page but what it is made of."""
        self.assertEqual(browser.console(), [])
        self.assertEqual([url for url in browser.requests() if not url.startswith("data:,")],
                         [page.path.resolve().as_uri()])
        self.assertEqual(browser.run("""return [window.harmed ?? null, document.scripts.length,
            document.querySelectorAll("img, iframe, object, link[rel=stylesheet]").length,
            document.querySelectorAll("[style], [onerror], [onmouseover]").length,
            Object.prototype.toString.call(Object.prototype)]"""),
                         [None, 2, 0, 0, "[object Object]"])
        markup = browser.run("return document.getElementById('page').outerHTML")
        self.assertEqual(sorted(set(NOT_PLAIN.findall(markup))), [])


class Hostile(Harmless):
    def check(self, data):
        report = hostile_report(data)
        path = scratch / "hostile.html"
        path.write_text(pages.fill(report), encoding="utf-8")
        page = pages.Page(browser, path)
        page.browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
        page.browser.run("document.querySelector('[role=treegrid] tbody tr[data-key^=module]').click()")
        page.settle()
        self.assert_said(page, report)
        self.assert_harmless(browser, page)
        self.assert_shown(page, report)
        browser.resize(360, 800)
        self.addCleanup(browser.resize, 1280, 900)
        self.assertEqual(page.too_wide()[:3], [])

    def assert_shown(self, page, report):
        """The very characters, or their escapes, in every place that has a text of its own."""
        module, package = report["modules"][0], report["distributions"][0]
        tables = page.tables()
        for caption, value in (
                ("Installed packages", shown(package, "name")),
                ("Shared libraries", shown(report["libraries"][0], "path")),
                ("Calls of functions", shown(report["invocations"][0], "function")),
                ("Costliest imports", shown(module, "name")),
                ("Probes", shown(report["probes"][0], "name"))):
            self.assertEqual(tables[caption]["rows"][0][0]["text"].removesuffix("failed"), value, caption)
        for selector, value in (("#module h3", shown(module, "name")),
                                ("#finding-0 h3", shown(report["findings"][0], "title"))):
            self.assertEqual(page.texts(selector), [value])
        self.assert_costs_shown(page, tables, report)
        self.assertIn(shown(report["losses"][0], "what"), page.texts("#coverage")[0])
        self.assertIn(shown(report["failures"][0], "message"), page.texts(".alerts")[0])

    def assert_said(self, page, report):
        """Charts are mere text to whoever can't see them: of an import, a phase, a package."""
        module = report["modules"][0]
        browser.run("document.querySelector('.icicle canvas').focus()")
        for _ in range(3):
            browser.press("ArrowDown")
        page.settle()
        self.assertIn(f"{shown(module, 'name')}: ", page.texts(".icicle .said")[0])
        page.press_button("Packages")
        browser.run("document.querySelector('.tracks canvas').focus()")
        browser.press("ArrowDown", "ArrowDown", "ArrowDown")
        page.settle()
        said = page.texts(".tracks .said")[0]
        self.assertIn(" ms, from ", said)
        self.assertEqual(NOT_PLAIN.findall(said), [])
        browser.press("0")
        page.press_button("Modules")
        browser.run("document.querySelector('[role=treegrid] tbody tr[data-key^=module]').click()")
        page.settle()

    def assert_costs_shown(self, page, tables, report):
        """Effects, native code, where a module was looked for."""
        module, native = report["modules"][0], report["native"]
        effect = report["modules"][1]["effects"][0]
        self.assertIn(f"{shown(effect, 'kind')}: {shown(effect, 'detail')}", page.texts("#effects td.did")[0])
        self.assertEqual(tables["Native libraries"]["rows"][0][-1]["text"],
                         shown(native["libraries"][0], "path"))
        self.assertEqual(tables["Native functions"]["rows"][0][0]["text"],
                         costs.function_name(native["functions"][0]))
        self.assertEqual(tables["Native calls"]["rows"][0][0]["text"],
                         costs.path_text(native["stacks"]["paths"][0]["frames"]))
        self.assertEqual(page.texts("#module ol li"), [shown(one, "path") for one in report["search_folders"]])
        lookups = module["lookups"]
        failed = {"path": lookups["failed_paths"][0]}
        if "failed_paths_bytes" in lookups:
            failed["path_bytes"] = lookups["failed_paths_bytes"][0]
        self.assertEqual(page.texts("#module details ul li"), [shown(failed, "path")])

    def test_names(self):
        for name, data in HOSTILE.items():
            with self.subTest(name):
                self.check(data)

    def test_names_from_a_recording(self):
        if not Path(THAW).exists():
            self.skipTest(f"{THAW} is not built")
        for name, data in HOSTILE.items():
            if not data:
                continue
            with self.subTest(name):
                text = "".join(chr(byte) if 0x20 <= byte <= 0x7e and byte not in b'"\\'
                               else f"\\x{byte:02x}" for byte in data)
                recording = scratch / "recording.txt"
                recording.write_text(RECORDING.replace("NAME", text), encoding="utf-8")
                report = pages.render(recording, scratch / "recorded.html")
                page = pages.Page(browser, scratch / "recorded.html")
                self.assert_harmless(browser, page)
                self.assertEqual(page.tables()["Costliest imports"]["rows"][0][0]["text"],
                                 pages.escape(data.decode(errors="surrogateescape")))
                self.assertEqual(shown(report["modules"][0], "name"),
                                 pages.escape(data.decode(errors="surrogateescape")))


class Defences(unittest.TestCase):
    """Each of the two defences holds alone, and without both the test notices."""

    def harmed(self, change):
        path = scratch / "defences.html"
        path.write_text(change(pages.fill(hostile_report(MARKUP.encode()), escaped=False)),
                        encoding="utf-8")
        browser.console()
        browser.open(path)
        browser.wait("return document.readyState === 'complete'")
        harmed = browser.run("return window.harmed ?? null")
        return harmed, browser.console()

    def without_policy(self, html):
        changed = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", html)
        self.assertNotEqual(changed, html)
        return changed

    def test_without_both(self):
        harmed, _ = self.harmed(self.without_policy)
        self.assertEqual(harmed, 1)

    def test_policy_alone(self):
        harmed, said = self.harmed(lambda html: html)
        self.assertIsNone(harmed)
        self.assertIn("Content Security Policy", "\n".join(said))

    def test_escapes_alone(self):
        path = scratch / "escaped.html"
        path.write_text(self.without_policy(pages.fill(hostile_report(MARKUP.encode()))),
                        encoding="utf-8")
        pages.Page(browser, path)
        self.assertIsNone(browser.run("return window.harmed ?? null"))


if __name__ == "__main__":
    unittest.main()
