"""The page of a comparison against the comparison behind it."""

import unittest

import compared
import page as pages
from page import DIFF_TEMPLATE, ms, shown

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


def write(diff, path, change=lambda html: html):
    """The page of a comparison."""
    path.write_text(change(pages.fill(diff, template=DIFF_TEMPLATE)), encoding="utf-8")
    return path


def column(table, head):
    index = table["heads"].index(head)
    return [row[index] for row in table["rows"]]


def texts(table, head):
    return [cell["text"] for cell in column(table, head)]


def figures(table, head):
    return [cell["values"][0] if cell["values"] else None for cell in column(table, head)]


def unfold(page):
    while page.browser.run("""const closed = [...document.querySelectorAll("details:not([open])")];
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
    """Compares what is shown with the comparison behind it."""

    def assert_quiet(self, page):
        self.assertEqual(page.browser.console(), [])
        asked = [url for url in page.browser.requests() if not url.startswith("data:,")]
        self.assertEqual(asked, [page.path.resolve().as_uri()])

    def assert_measures(self, table, measures, prefix=""):
        def title(word):
            return f"{prefix} {word} (ms)" if prefix else f"{word.capitalize()} (ms)"
        for word, key in (("before", "before_ns"), ("after", "after_ns"), ("change", "change_ns")):
            values = [one[key] for one in measures]
            self.assertEqual(figures(table, title(word)) if title(word) in table["heads"] else [None] * len(values), values)
        self.assertEqual(texts(table, "More than noise?"), [verdict(one) for one in measures])

    def check(self, diff, page):
        unfold(page)
        tables = page.tables()
        cold = diff["cold_start"]
        self.check_head(page, diff)
        if cold:
            self.check_phases(page, tables, cold)
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

    def check_phases(self, page, tables, cold):
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
        counted = [one for one in cold["phases"] if one["counted"]]
        longest = max([one["ns"][key] or 0 for one in counted for key in ("before_ns", "after_ns")], default=0)
        widths = page.browser.run("""return [...document.querySelectorAll(".pair svg")].map((one) =>
            [...one.querySelectorAll("rect")].map((rect) => parseFloat(rect.getAttribute("width"))))""")
        self.assertEqual(len(widths), len(counted) + len(sums))
        for found, phase in zip(widths, counted):
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
            page.browser.run("""const list = document.querySelector("#runs select");
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
        dots = page.browser.run("""return [...document.querySelectorAll("#runs .sample:not(.axis)")].map((one) => [
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
