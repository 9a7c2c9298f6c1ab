"""`thaw audit --top`: each answer worked out anew from what was put into the store."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import statistics
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import audit_oracle as oracle
import audits
import live_program
from audits import BEGIN, SECOND, arrivals, start, watched
from program import REPOSITORY, run_thaw

SCHEMA = REPOSITORY / "reports/schema/thaw-audit-1.schema.json"
ZONE = "Europe/Berlin"
ENVIRONMENT = {**os.environ, "TZ": ZONE, "LC_ALL": "C.UTF-8"}


class AuditCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shared = Path(folder.name)
        cls.program = live_program.built(cls.shared, "starts_add.c")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.store = self.folder / "audit.sqlite"

    def add(self, items, *bounds):
        result = audits.add(self.program, self.store, items, *bounds)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def top(self, *arguments, store=None, **options):
        options = {"env": ENVIRONMENT, **options}
        result = run_thaw("audit", "--top", "--store", store or self.store, *arguments, **options)
        self.assertEqual((result.returncode, len(result.stderr)), (0, 0), result.stderr)
        return result.stdout

    def json(self, *arguments, **options):
        answers = json.loads(self.top("--json", *arguments, **options))
        self.check_schema(answers)
        return answers

    def check_schema(self, answers):
        try:
            from jsonschema import Draft202012Validator
        except ModuleNotFoundError:
            return
        Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(answers)


class Figures(AuditCase):
    """Of a store made up at random."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items = audits.random_store(11)
        cls.path = cls.shared / "random.sqlite"
        result = audits.add(cls.program, cls.path, cls.items)
        assert result.returncode == 0, result.stderr
        text = run_thaw("audit", "--top", "--store", cls.path, "--json", env=ENVIRONMENT).stdout
        cls.answers = json.loads(text)
        cls.apps = {app["name"]: app for app in cls.answers["apps"]}
        cls.starts, cls.rows = {}, {}
        for item in cls.items:
            for kind, into in (("start", cls.starts), ("arrivals", cls.rows)):
                if kind in item:
                    into.setdefault(item[kind]["app"], []).append(item[kind])
        for rows in cls.starts.values():
            rows.sort(key=lambda one: one["end_unix_ns"])

    def near(self, found, expected, places=6):
        if isinstance(expected, dict):
            self.assertEqual(found.keys(), expected.keys())
            for key, value in expected.items():
                self.near(found[key], value, places)
        elif isinstance(expected, float):
            tolerance = 0.51 if abs(expected) > 1000 else 10**-places  # ns are whole
            self.assertAlmostEqual(found, expected, delta=tolerance)
        else:
            self.assertEqual(found, expected)

    def test_schema(self):
        self.check_schema(self.answers)

    def test_counts_and_totals(self):
        waited = {name: sum(one["total_ns"] for one in rows) for name, rows in self.starts.items()}
        self.assertEqual(list(self.apps), sorted(waited, key=waited.get, reverse=True))
        for name, rows in self.starts.items():
            app, timed = self.apps[name], [one for one in rows if oracle.is_timed(one)]
            self.assertEqual(app["starts"], {
                "seen": len(rows), "answered": sum(one["answered"] for one in rows),
                "incomplete": sum(not one["complete"] for one in rows),
                "further": sum(one["further"] for one in rows), "timed": len(timed)})
            self.near(app["total"], oracle.times([one["total_ns"] for one in timed]))
            self.near(app["further_total"], oracle.times(
                [one["total_ns"] for one in rows if one["answered"] and one["complete"] and one["further"]]))
            for function in app["functions"]:
                own = [one for one in rows if one["function"] == function["name"]]
                self.assertEqual(function["starts"], len(own))
                self.near(function["total"], oracle.times([one["total_ns"] for one in own
                                                           if oracle.is_timed(one)]))

    def test_phases(self):
        for name, rows in self.starts.items():
            timed = [one for one in rows if oracle.is_timed(one)]
            sums = [oracle.phase_sums(one) for one in timed]
            whole = sum(one["total_ns"] for one in timed)
            self.assertEqual([phase["name"] for phase in self.apps[name]["phases"]],
                             ["host", "pool", "worker", "import", "unattributed"])
            counted = 0
            for phase in self.apps[name]["phases"]:
                values = [one[phase["name"], phase["counted"]] for one in sums]
                self.near(phase["time"], oracle.times(values))
                counted += phase["share"] or 0
                self.near(phase["share"], sum(values) / whole if phase["counted"] else None)
            self.assertAlmostEqual(counted, 1, places=5)

    def test_days(self):
        zone = ZoneInfo(ZONE)
        for name, rows in self.starts.items():
            dates = {oracle.day(one["end_unix_ns"], zone) for one in rows}
            dates |= {oracle.day(row["from_unix_ns"], zone) for row in self.rows[name]}
            self.assertEqual([day["date"] for day in self.apps[name]["days"]], sorted(dates))
            for day in self.apps[name]["days"]:
                own = [one for one in rows if oracle.day(one["end_unix_ns"], zone) == day["date"]]
                asked = [row for row in self.rows[name]
                         if oracle.day(row["from_unix_ns"], zone) == day["date"] and row["measured"]]
                self.assertEqual(day["starts"], len(own))
                self.near(day["total"], oracle.times([one["total_ns"] for one in own if oracle.is_timed(one)]))
                requests, cold = (sum(row[key] for row in asked) for key in ("requests", "cold"))
                self.assertEqual((day["requests"], day["cold"]), (requests, cold) if asked else (None, None))
                self.near(day["cold_share"], oracle.wilson(cold, requests) if asked else None, 5)
        hours = {day["date"]: day["watched_ns"] / SECOND / 3600 for day in self.answers["days"]}
        # Berlin is two hours ahead until the 25th, which has 25 hours, then one; the gap is on the 25th.
        self.assertAlmostEqual(hours["2026-10-24"], 22)
        self.assertAlmostEqual(hours["2026-10-25"], 25 - 3000 / 3600)
        self.assertAlmostEqual(hours["2026-10-26"], 24)
        self.assertAlmostEqual(hours["2026-10-27"], 1)
        self.assertEqual(self.answers["watched"], {"ns": (3 * 86400 - 3000) * SECOND, "of_ns": 3 * 86400 * SECOND,
                                                   "times": 2, "events_lost": 3})

    def test_requests_and_limits(self):
        for name, rows in self.rows.items():
            requests, limit = self.apps[name]["requests"], self.apps[name]["limit"]
            if name == "dark":
                self.assertEqual((requests["measured"], requests["count"], requests["cold_share"]),
                                 ("no", None, None))
            else:
                count, cold = (sum(row[key] for row in rows) for key in ("requests", "cold"))
                self.assertEqual((requests["measured"], requests["count"], requests["cold"]), ("yes", count, cold))
                self.near(requests["cold_share"], oracle.wilson(cold, count), 5)
            looks, at_limit = (sum(row[key] for row in rows) for key in ("limit_looks", "at_limit"))
            self.assertEqual((limit["looks"], limit["at_limit"]), (looks, at_limit))
            self.assertEqual(limit["verdict"], "seen" if at_limit else "never" if looks else "unknown")
            self.assertEqual(limit["most_in_process"], max(row["most_at_once"] for row in rows))
            self.assertEqual(limit["most_in_app"], max(row["most_all"] for row in rows))

    def test_deploys(self):
        probabilities, found = [], []
        for name in self.apps:
            deploy = self.apps[name]["deploy"]
            if name == "dark":  # its files are not known
                self.assertIsNone(deploy)
                continue
            timed = [one for one in self.starts[name] if oracle.is_timed(one)]
            before = [one for one in timed if one["deployment"] == f"{name}-0"][::-1]
            after = [one for one in timed if one["deployment"] == f"{name}-1"]
            self.assertEqual((deploy["by"], deploy["before"], deploy["after"]), ("files", f"{name}-0", f"{name}-1"))
            self.assertEqual((deploy["starts_before"], deploy["starts_after"]), (len(before), len(after)))
            self.assertEqual(deploy["first_start_ns"], after[0]["begin_unix_ns"])
            for comparison in deploy["comparisons"]:
                sides = [[one["total_ns"] if comparison["phase"] is None
                          else oracle.phase_sums(one)[comparison["phase"], True] for one in side]
                         for side in (before, after)]
                self.near(comparison["before"], {"count": len(sides[0]),
                                                 "median_ns": float(statistics.median(sides[0]))})
                self.near(comparison["after"], {"count": len(sides[1]),
                                                "median_ns": float(statistics.median(sides[1]))})
                if min(map(len, sides)) < 8:
                    self.assertEqual(comparison["verdict"], "too_few")
                    continue
                probabilities.append(oracle.two_sided(*sides))
                found.append(comparison)
                self.assertAlmostEqual(comparison["ratio"]["middle"],
                                       statistics.median(sides[1]) / statistics.median(sides[0]), places=5)
                self.assertLess(comparison["ratio"]["low"], comparison["ratio"]["middle"])
                self.assertGreater(comparison["ratio"]["high"], comparison["ratio"]["middle"])
        self.assertEqual(self.answers["tests"]["count"], len(found))
        self.assertGreater(len(found), 4)
        for comparison, own, corrected in zip(found, probabilities, oracle.holm(probabilities)):
            self.assertAlmostEqual(comparison["probability"], own, delta=own * 1e-6 + 1e-12)
            self.assertAlmostEqual(comparison["corrected_probability"], corrected, delta=corrected * 1e-6 + 1e-12)
            way = "slower" if comparison["after"]["median_ns"] > comparison["before"]["median_ns"] else "faster"
            self.assertEqual(comparison["verdict"], way if corrected < .01 else "no_difference_shown")
        verdicts = {one["phase"]: one["verdict"] for one in self.apps["orders"]["deploy"]["comparisons"]}
        self.assertEqual((verdicts[None], verdicts["import"], verdicts["host"]),
                         ("slower", "slower", "no_difference_shown"))

    def test_modules(self):
        for name, scope in [*((name, [name]) for name in self.apps), (None, list(self.apps))]:
            rows = [one for app in scope for one in self.starts[app]]
            times = {}
            for number, one in enumerate(rows):
                for module, _, total, own, _, failed in one["imports"]:
                    entry = times.setdefault(module, {"by": {}, "self": 0, "failed": 0, "apps": {}})
                    entry["by"][number] = entry["by"].get(number, 0) + total
                    entry["self"] += own
                    entry["failed"] += failed
                    entry["apps"][one["app"]] = entry["apps"].get(one["app"], 0) + total
            whole = sum(one["imports_ns"] for one in rows)
            found = self.apps[name]["modules"] if name else self.answers["modules"]
            order = sorted(times, key=lambda module: -sum(times[module]["by"].values()))
            self.assertEqual([module["name"] for module in found], order)
            for module in found:
                entry = times[module["name"]]
                self.near(module["total"], oracle.times(list(entry["by"].values())))
                self.assertEqual((module["sum_ns"], module["self_sum_ns"], module["failed"]),
                                 (sum(entry["by"].values()), entry["self"], entry["failed"]))
                self.near(module["share"], sum(entry["by"].values()) / whole)
                self.assertEqual(module["imported_by"], {"function_app": None}.get(
                    module["name"], module["name"].rpartition(".")[0] or "function_app"))
                if not name:
                    self.assertEqual((module["apps"], module["worst_app"]),
                                     (len(entry["apps"]), max(entry["apps"], key=entry["apps"].get)))

    def test_keep_warm(self):
        spans = [(0, 100_000), (103_000, 3 * 86400)]
        spans = [((BEGIN + one) * SECOND, (BEGIN + other) * SECOND) for one, other in spans]
        for idle in (600, 1800):
            answers = self.json("--idle", f"{idle}", store=self.path) if idle != 600 else self.answers
            for app in answers["apps"]:
                warm, rows = app["keep_warm"], self.rows[app["name"]]
                if app["name"] == "dark":
                    self.assertEqual(warm, {"simulated": False, "why_not": "requests were not measured"})
                    continue
                seen = oracle.seen(self.starts[app["name"]], spans, idle * SECOND)
                self.assertEqual(warm["seen"], seen)
                most = max(row["most_at_once"] for row in rows)
                modelled = {many: oracle.replay(rows, spans, idle * SECOND, many, 0)
                            for many in range(1, most + 1)}
                best = min(modelled, key=lambda many: (abs(modelled[many] - seen), many))
                self.assertEqual((warm["concurrency"], warm["modelled"]), (best, modelled[best]))
                self.assertEqual(warm["fits"], 2 / 3 <= modelled[best] / seen <= 3 / 2)
                self.assertEqual(warm["counted_ns"], (3 * 86400 - 3000 - 2 * idle) * SECOND)
                mean = statistics.fmean(one["total_ns"] for one in self.starts[app["name"]] if oracle.is_timed(one))
                for number, ready in enumerate(warm["ready"], 1):
                    left = oracle.replay(rows, spans, idle * SECOND, best, number)
                    avoided = modelled[best] - left
                    self.assertEqual((ready["instances"], ready["starts"], ready["avoided"]), (number, left, avoided))
                    self.near(ready["waiting_avoided_ns"], float(round(avoided * mean)))
                    self.assertEqual(ready["ready_ns"], number * warm["counted_ns"])
                self.assertTrue(warm["ready"][-1]["starts"] == 0 or len(warm["ready"]) == 8)

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.top("-f", "csv", store=self.path, text=False).decode(),
                                               newline="")))
        self.assertEqual(len(rows), sum(len(app["days"]) for app in self.apps.values()))
        for row in rows:
            [day] = [day for day in self.apps[row["app"]]["days"] if day["date"] == row["date"]]
            self.assertEqual((int(row["starts"]), int(row["timed"])), (day["starts"], day["total"]["count"]))
            for key in ("p50_ns", "p95_ns"):
                self.assertEqual(row[key], "" if day["total"][key] is None else str(day["total"][key]))
            self.assertEqual(row["cold_requests"], "" if day["cold"] is None else str(day["cold"]))

    def test_summary(self):
        text = self.top(store=self.path)
        flat = " ".join(text.split())
        self.assertIn("254 cold starts of 4 apps, 2026-10-24 to 2026-10-27", flat)
        self.assertIn("3 events were lost", flat)
        self.assertRegex(flat, r"- orders is slower since 2026-10-26 \d\d:\d\d: p50 ")
        self.assertLess(text.index("slower since"), text.index("Cold starts by app"))
        self.assertIn("Not simulated, as requests or starts were not measured: dark.", flat)
        self.assertIn("Never seen, at one look a second: mail.", flat)
        self.assertIn("Not known: etl, dark.", flat)
        self.assertLessEqual(max(map(len, text.split("\n"))), 80)


class Questions(AuditCase):
    def test_rolled_back(self):
        """The starts of the version that came back are not mixed with those it had before."""
        self.add([*(start("a", i, deployment="1") for i in range(10)),
                  *(start("a", 100 + i, deployment="2", total_ns=2 * SECOND) for i in range(10)),
                  *(start("a", 200 + i, deployment="1") for i in range(12))])
        [app] = self.json()["apps"]
        self.assertEqual((app["deploy"]["before"], app["deploy"]["after"]), ("2", "1"))
        self.assertEqual((app["deploy"]["starts_before"], app["deploy"]["starts_after"]), (10, 12))
        self.assertEqual(app["deploy"]["comparisons"][0]["verdict"], "faster")

    def test_times(self):
        self.add(start("a", i * 3600) for i in range(24))
        rows = (("2026-10-24", "2026-10-25", 22), ("2026-10-24 04:00", "2026-10-24T06:00", 2),
                ("2026-10-24T04:00:00Z", "2026-10-24 06:00:00Z", 2), ("2026-10-24 04:00:01", None, 21))
        for since, until, count in rows:
            with self.subTest(since=since):
                answers = self.json("--since", since, *(["--until", until] if until else []))
                self.assertEqual(answers["starts"]["seen"], count)
        deploy = self.json("--deploy", "2026-10-24 08:00")["apps"][0]["deploy"]
        self.assertEqual((deploy["by"], deploy["before"], deploy["starts_before"], deploy["starts_after"]),
                         ("date", None, 7, 17))
        self.assertEqual(self.json("--app", "a", "--since", "2027-01-01")["apps"], [])
        self.assertIn("no cold start", self.top("--since", "1min"))

    def test_refused(self):
        self.add([start("a", 0)])
        for arguments, words in ((("--since", "yesterday"), "--since takes a time"),
                                 (("--since", "2026-02-30"), "--since takes a time"),
                                 (("--until", "2026-10-24", "--since", "2026-10-24"), "is not after"),
                                 (("-f", "jsn"), "did you mean 'json'"),
                                 (("--app", "b"), "has no starts of 'b'"),
                                 (("-f", "csv", "--json"), "exclude each other"),
                                 (("-o", self.store), "would overwrite the store"),
                                 (("--store", self.folder / "none"), "there is no store")):
            with self.subTest(arguments):
                result = run_thaw("audit", "--top", "--store", self.store, *arguments)
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (2, "", 1))
                self.assertIn(words, result.stderr)
        result = run_thaw("audit", "--store", self.folder / "new", "--app", "a")
        self.assertEqual((result.returncode, (self.folder / "new").exists()), (2, False))
        self.assertIn("--top is missing", result.stderr)

    def test_history(self):
        """A store without gates is answered; a history without starts is as it was."""
        self.add([start("a", i) for i in range(3)])
        self.assertEqual(run_thaw("history", self.store, env=ENVIRONMENT).stdout, self.top())
        self.assertEqual(json.loads(run_thaw("history", self.store, "--json", env=ENVIRONMENT).stdout)["schema"],
                         "thaw-audit/1")
        self.assertEqual(json.loads(run_thaw("history", self.store, "--json", "--metric", "modules",
                                             env=ENVIRONMENT).stdout)["schema"], "thaw-history/1")

    def test_bounds(self):
        """What was removed is not taken for time in which nothing started."""
        items = []
        for i in range(400):
            items += [start("a", i * 100), arrivals("a", i * 100), watched(i * 100, i * 100 + 100), None]
        self.add(items, 50, 1 << 29)
        answers = self.json()
        self.assertEqual((answers["starts"]["seen"], answers["removed"]["starts"]), (50, 350))
        self.assertAlmostEqual(answers["watched"]["ns"] / SECOND, 5000, delta=101)
        self.assertIn("350 earlier starts are no longer kept", " ".join(self.top().split()))


# What it does to a terminal, HTML, SQL, Markdown, a spreadsheet.
HOSTILE = ["\x1b]0;title\x07\x1b[31m", "</title><script>alert(1)</script>", "'; DROP TABLE start; --",
           "a|b `c` **d** @everyone #1 ![x](http://x.invalid/y)", "=HYPERLINK(\"http://x.invalid\")",
           "line\nbreak\r\n", "\u202egnp.exe", "\" onload=\"alert(1)", "&lt;b&gt; <!-- -->", "-1", "@a", "x" * 5000]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.policy, self.style = [], [], None, ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if ("http-equiv", "Content-Security-Policy") in attributes:
            self.policy = dict(attributes)["content"]

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        self.style += data if self.tags and self.tags[-1] == "style" else ""


class Hostile(AuditCase):
    def setUp(self):
        super().setUp()
        self.add([item for number, name in enumerate(HOSTILE) for item in (
            *(start(name, number * 100 + i, function=name, platform=name, python=name, worker=name,
                    deployment=f"{name}{i // 8}", incomplete=name, complete=i != 3,
                    total_ns=SECOND * (1 + i // 8),
                    phases=[[name, 0, SECOND - 50_000_000, True]],
                    imports=[[name, 0, 5, 5, 0, False], [name + "2", 0, 5, 5, 1, True]]) for i in range(20)),
            arrivals(name, number * 100, at_limit=3))])

    def check_plain(self, text, but=""):
        self.assertEqual({character for character in text
                          if not character.isprintable() and character not in "\n" + but}, set())

    def test_terminal(self):
        for locale in ("C", "C.UTF-8"):
            for more in ((), ("--app", HOSTILE[0])):
                shown = self.top(*more, env={**ENVIRONMENT, "LC_ALL": locale})
                self.check_plain(shown)
                self.assertIn("\\x1b]0;tit", "".join(shown.split()))
                if locale == "C":
                    self.assertTrue(shown.isascii())

    def test_json(self):
        names = {app["name"] for app in self.json()["apps"]}
        self.assertEqual(names, {*HOSTILE[:-1], "x" * 1024 + "…"})

    def test_html(self):
        text = self.top("-f", "html")
        self.check_plain(text)
        page = Page(text)
        self.assertLessEqual({tag.lstrip("/") for tag in page.tags}, {
            "html", "head", "meta", "title", "link", "style", "body", "main", "h1", "h2", "p", "ul", "li",
            "div", "table", "thead", "tbody", "tr", "th", "td"})
        self.assertEqual([name for name, _ in page.attributes if name.startswith("on")], [])
        self.assertEqual([value for name, value in page.attributes if name in ("href", "src")], ["data:,"])
        digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
        self.assertIn(f"style-src 'sha256-{digest}'", page.policy)
        self.assertIn("default-src 'none'", page.policy)
        self.assertNotIn("unsafe", page.policy)

    def test_markdown(self):
        text = self.top("-f", "markdown")
        self.check_plain(text)
        self.assertTrue(text.startswith("<!-- thaw:audit -->\n"))
        self.assertLessEqual(len(text), 65536)
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.split("\n", 1)[1])
        for piece in ("<script", "<!--", "@everyone", "![", "http:"):
            self.assertNotIn(piece, outside)
        width = None
        for line in text.split("\n"):
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
            self.assertIn(cells, (cells if width is None else width, None), line)
            width = cells

    def test_csv(self):
        text = self.top("-f", "csv", text=False).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), len(HOSTILE))
        self.check_plain(text, "\r")
        for row in rows:
            for name, cell in row.items():
                self.assertNotIn(cell[:1], tuple("=+-@"), name)


if __name__ == "__main__":
    unittest.main()
