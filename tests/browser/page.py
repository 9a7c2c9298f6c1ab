"""A report's page in a browser: opening it, what stands on it, and how it writes figures and texts."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from program import REPOSITORY, run_thaw
from shown_text import escape, shown
from webdriver import WebDriverError

TEMPLATE = REPOSITORY / "reports/dist/report.html"
DIFF_TEMPLATE = REPOSITORY / "reports/dist/diff.html"
DATA_BEGIN = '<script type="application/json" id="data">'
PAGE_ROWS = 100  # rows of a table before "Show 100 more" is asked for

# Every table: its caption, its headers, and of each cell the text and the exact figures in it.
READ_TABLES = """
return [...document.querySelectorAll("table")].map((table) => ({
  caption: table.caption.textContent,
  heads: [...table.tHead.rows[0].cells].map((cell) => cell.textContent.replace(/[↓↑] /, "")),
  rows: [...table.querySelectorAll(":scope > tbody > tr")].map((row) => [...row.cells].map((cell) => ({
    text: cell.textContent,
    values: [...cell.querySelectorAll("data")].map((one) => Number(one.value)),
  }))),
}));
"""


def fill(report, escaped=True, template=TEMPLATE):
    """A page with a report in it, by the rule of src/report/html.c (or without its escapes)."""
    data = json.dumps(report, separators=(",", ":"), ensure_ascii=escaped)
    if escaped:
        for character in "<>&":
            data = data.replace(character, f"\\u{ord(character):04x}")
    before, after = template.read_text(encoding="utf-8").split(DATA_BEGIN)
    return before + DATA_BEGIN + data + after


def render(recording, path):
    """Writes the page of a recording, or log, as `thaw report` makes it; returns its JSON report."""
    command = ["report", recording, *(["--from", "importtime"] if str(recording).endswith(".log") else [])]
    result = run_thaw(*command, "-f", "html", "-o", path)
    if result.returncode:
        raise AssertionError(result.stderr)
    return json.loads(run_thaw(*command, "--json").stdout)


class Page:
    """An open page. Raises AssertionError when it shows nothing."""

    def __init__(self, browser, path, fragment="", seconds=20):
        self.browser, self.path = browser, Path(path)
        browser.console(), browser.requests()  # forget what other pages did
        browser.open(path, fragment)
        self.assert_shown(seconds)
        self.settle()

    def assert_shown(self, seconds):
        try:
            self.browser.wait("return document.querySelector('main[aria-busy=false], .notice')", seconds=seconds)
        except WebDriverError:
            pass  # said below
        found = self.browser.run("""
            const box = document.getElementById("page")?.getBoundingClientRect();
            return [document.body.innerText.trim().length, box ? box.height : 0,
                    document.querySelectorAll("main section").length];""")
        length, height, sections = found
        if length < 20 or height < 15 or not (sections or self.notice()):
            raise AssertionError(f"{self.path}: the page is blank ({found})")

    def notice(self):
        """What is said instead of a report."""
        return self.browser.run("return document.querySelector('.notice')?.textContent ?? ''")

    def tables(self):
        """Caption -> table; captions are unique on a page."""
        found = self.browser.run(READ_TABLES)
        tables = {table["caption"]: table for table in found}
        if len(tables) != len(found):
            raise AssertionError(f"captions occur twice: {[table['caption'] for table in found]}")
        return tables

    def texts(self, selector):
        return self.browser.run("return [...document.querySelectorAll(arguments[0])]"
                                ".map((one) => one.textContent)", selector)

    def text(self, selector):
        return " ".join(self.texts(selector)[0].split())

    def value(self, selector):
        """The exact figure behind a shown one."""
        return self.browser.run("return Number(document.querySelector(arguments[0]).value)", selector)

    def more(self, caption):
        """Asks for more rows of a table until there are no more."""
        while self.browser.run("""
                const table = [...document.querySelectorAll("table")]
                    .find((one) => one.caption.textContent === arguments[0]);
                const button = table.parentElement.nextElementSibling?.querySelector("button");
                if (!button?.textContent.startsWith("Show ") || button.closest("[hidden]")) return false;
                button.click();
                return true;""", caption):
            self.settle()

    def too_wide(self):
        """What makes the page itself scroll to the side."""
        return self.browser.run("""
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")].filter((one) =>
                one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll > *, nav > *"))
                .map((one) => `${one.tagName}.${one.getAttribute("class")} ${one.textContent.slice(0, 40)}`);""")

    def settle(self):
        """Waits until what was just asked for is on the page: rendered (after a frame), and the
        chart drawn at the width it has now (after another)."""
        self.browser.run("""return new Promise((done) =>
            requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => done()))));""")
        self.browser.wait("""const canvas = document.querySelector("canvas");
            return !canvas || canvas.width === canvas.parentElement.clientWidth;""")

    def press_button(self, text):
        self.browser.run("""[...document.querySelectorAll("button")]
            .find((one) => one.textContent === arguments[0]).click();""", text)
        self.settle()

    def choose(self, index):
        """Another process for the icicle and the tree."""
        self.browser.run("""const list = document.querySelector("#imports select");
            list.value = String(arguments[0]);
            list.dispatchEvent(new Event("change", {bubbles: true}));""", index)
        self.settle()

    def search(self, text):
        self.browser.run("""const input = document.querySelector("#imports input[type=search]");
            input.value = arguments[0];
            input.dispatchEvent(new InputEvent("input", {bubbles: true}));""", text)
        self.settle()


# --- figures and texts as the page writes them ---

def fixed(value, digits):
    """JavaScript's toFixed(), with thousands apart."""
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(value).quantize(step, ROUND_HALF_UP):,}"


def ms(ns):
    value = ns / 1e6
    if ns == 0:
        return "0"
    if abs(value) >= 0.1:
        return fixed(value, 1)
    return "<0.01" if abs(value) < 0.005 else fixed(value, 2)


def share(part, whole):
    percent = 100 * part / whole
    return "<0.1 %" if 0 < percent < 0.05 else f"{Decimal(percent).quantize(Decimal('.1'), ROUND_HALF_UP)} %"


def size(number):
    unit = 0
    while number >= 999.5 and unit < 4:
        number, unit = number / 1000, unit + 1
    return f"{fixed(number, 1).replace(',', '') if unit else number} {('B', 'kB', 'MB', 'GB', 'TB')[unit]}"


# --- reports made up ---

MARKUP = "</script><script>window.harmed=1</script><img src=x onerror='window.harmed=1'>"

def synthetic(base, count, depth):
    """The report with that many modules instead: trees of the given depth below one module."""
    modules, stack = [], []
    whole_ns = 4_000_000_000
    start_ns = base["tracks"][0]["phases"][-1]["start_ns"]
    for number in range(1, count + 1):
        if len(stack) >= depth:
            del stack[1:]
        owner = ("app", "package", "stdlib", "worker")[number % 4 if stack else 0]
        parent = stack[-1] if stack else None
        modules.append({
            "id": number, "parent": parent, "name": f"package{number % 50}.module{number}",
            "kind": "bytecode", "via": "statement", "file": f"package{number % 50}/module{number}.py",
            "path": f"/srv/app/package{number % 50}/module{number}.py",
            "distribution": f"package{number % 50}", "owner": owner, "process": 2, "tid": 4117,
            "timed": True, "start_ns": start_ns + number, "body_start_ns": None, "total_ns": 0,
            "self_ns": whole_ns // count, "status": "loaded", "end_inferred": False,
            "split": {"find_ns": whole_ns // count // 4, "execute_ns": whole_ns // count // 2,
                      "unattributed_ns": whole_ns // count - whole_ns // count // 4
                      - whole_ns // count // 2},
            "cpu_ns": 0, "wait": {"io_ns": 0, "runqueue_ns": 0, "sleep_ns": 0},
            "faults": {"minor": 9, "major": 1}, "memory_bytes": 4096, "disk_bytes": 0,
            "opened_bytes": 900, "read_bytes": 900, "bytecode": {"status": "used", "written": False},
            "waits": {"find": {"io_ns": 1000}, "execute": {"minor_faults": 9, "major_faults": 1}},
            "effects": [{"kind": "write", "detail": f"/tmp/{number % 7}", "module": number,
                         "process": 2, "tid": 4117, "time_ns": start_ns + number}] * (number % 3)})
        stack.append(number)
    for module in reversed(modules):
        module["total_ns"] += module["self_ns"]
        if module["parent"]:
            modules[module["parent"] - 1]["total_ns"] += module["total_ns"]
    return {**base, "modules": modules, "findings": []}
