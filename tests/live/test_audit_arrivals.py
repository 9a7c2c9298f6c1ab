"""`thaw audit --top --arrivals`: requests from a log, put beside what a store has of starts."""

import csv
import io
import json
import random
import shutil
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

import audit_oracle as oracle
import audits
import live_program
from audits import BEGIN, SECOND, arrivals, start, watched
from program import REPOSITORY, run_thaw

SCHEMA = REPOSITORY / "reports/schema/thaw-audit-1.schema.json"
DAY = 86400
SPANS = [(0, 100_000), (103_000, 3 * DAY)]  # of audits.random_store()


def rows_of(requests):
    """[(at, seconds or None)] by 10 s: in flight at once is tried at each time one comes, and begins a row."""
    known = [(at, at + (seconds or 0)) for at, seconds in requests]
    edges = {at for at, _ in known}
    for at, end in known:
        edges |= set(range(at - at % oracle.ROW + oracle.ROW, end, oracle.ROW))
    rows = {}
    for edge in sorted(edges):
        begin = edge - edge % oracle.ROW
        row = rows.setdefault(begin, {"from_unix_ns": begin, "requests": 0, "most_all": 0, "busy_ns": 0})
        row["requests"] = sum(begin <= at < begin + oracle.ROW for at, _ in known)
        flying = sum(at <= edge < end for at, end in known)
        if not any(at == edge and end > at for at, end in known):
            flying += any(at == edge for at, _ in known)
        elif any(at == edge and end == at for at, end in known):
            flying = max(flying, 1)
        row["most_all"] = max(row["most_all"], flying)
    for row in rows.values():
        begin = row["from_unix_ns"]
        row["busy_ns"] = sum(max(0, min(end, begin + oracle.ROW) - max(at, begin)) for at, end in known)
    return [rows[begin] for begin in sorted(rows)]


def asked_at(one):
    return one["begin_unix_ns"] + (one["phases"][-1][1] if one["phases"] else 0)


class ArrivalsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = live_program.built(cls.folder, "starts_add.c")
        cls.items = audits.random_store(11)
        cls.store = cls.folder / "random.sqlite"
        result = audits.add(cls.program, cls.store, cls.items)
        assert result.returncode == 0, result.stderr

    def run_top(self, *arguments, store=None, **options):
        return run_thaw("audit", "--top", "--store", store or self.store, *arguments, **options)

    def answers(self, *arguments, **options):
        result = self.run_top("--json", *arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        answers = json.loads(result.stdout)
        try:
            from jsonschema import Draft202012Validator
        except ModuleNotFoundError:
            return answers
        Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(answers)
        return answers

    def write(self, text, name="requests.csv"):
        path = self.folder / name
        path.write_text(text, encoding="utf-8", newline="")
        return path


class Replayed(ArrivalsCase):
    """Against the same worked out in Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        generator = random.Random(5)
        cls.given = {}
        for app, count, least in (("orders", 400, -3000), ("dark", 200, 30_000)):
            requests = []
            for at in sorted(generator.uniform(least, 2.5 * DAY) for _ in range(count)):
                burst = generator.choice((1, 1, 1, 4))
                for _ in range(burst):
                    ns = BEGIN * SECOND + int((at + generator.uniform(0, 3)) * 1000) * 10**6
                    requests.append((ns, int(generator.expovariate(1 / 4000)) * 10**6 if app == "orders" else None))
            cls.given[app] = requests
        lines = [(at, f"{at // SECOND}.{at % SECOND // 10**6:03},{app},"
                      f"{'' if seconds is None else seconds / SECOND}")
                 for app, rows in cls.given.items() for at, seconds in rows]
        generator.shuffle(lines)
        cls.path = cls.folder / "requests.csv"
        cls.path.write_text("time,app,seconds\r\n" + "".join(f"{line}\r\n" for _, line in lines), encoding="utf-8",
                            newline="")

    def counted(self, app):
        """Rows and cold requests by the rows' times, and the spans, of what both have seen."""
        begin = min(at for at, _ in self.given[app])
        end = max(at for at, _ in self.given[app])
        covered = begin - begin % oracle.ROW, end - end % oracle.ROW + oracle.ROW
        spans = [(max((BEGIN + one) * SECOND, covered[0]), min((BEGIN + other) * SECOND, covered[1]))
                 for one, other in SPANS]
        rows = [row for row in rows_of(self.given[app])
                if any(one < row["from_unix_ns"] + oracle.ROW and row["from_unix_ns"] < other for one, other in spans)]
        starts = [item["start"] for item in self.items if "start" in item and item["start"]["app"] == app]
        cold = [asked_at(one) for one in starts if one["answered"]
                and any(begin <= asked_at(one) < end for begin, end in spans)]
        return rows, cold, spans, starts

    def test_figures(self):
        plain = {app["name"]: app for app in self.answers()["apps"]}
        answers = self.answers("--arrivals", self.path)
        apps = {app["name"]: app for app in answers["apps"]}
        for name in ("mail", "etl"):
            self.assertEqual(apps[name], plain[name])
        taken = left = 0
        for name, given in self.given.items():
            with self.subTest(name):
                rows, cold, spans, starts = self.counted(name)
                requests, count = apps[name]["requests"], sum(row["requests"] for row in rows)
                taken, left = taken + count, left + len(given) - count
                self.assertEqual((requests["source"], requests["measured"]), ("file", "yes"))
                self.assertEqual((requests["count"], requests["cold"]), (count, len(cold)))
                share = oracle.wilson(len(cold), count)
                for key in ("share", "low", "high"):
                    self.assertAlmostEqual(requests["cold_share"][key], share[key], places=5)
                self.assertEqual(requests["busy_ns"], sum(row["busy_ns"] for row in rows) if name == "orders" else None)
                self.assertEqual(apps[name]["limit"], plain[name]["limit"])
                self.assertEqual([sum(day[key] or 0 for day in apps[name]["days"]) for key in ("requests", "cold")],
                                 [count, len(cold)])
                self.check_warm(apps[name]["keep_warm"], rows, spans, starts,
                                max(item["arrivals"]["most_at_once"] for item in self.items
                                    if item.get("arrivals", {}).get("app") == name))
        self.assertGreater(left, 0)
        file = answers["arrivals_file"]
        self.assertEqual((file["file"], file["requests"], file["apps_taken"]), (str(self.path), taken + left, 2))
        self.assertEqual((file["requests_taken"], file["requests_left_out"], file["unknown_apps"]), (taken, left, 0))
        times = [at for given in self.given.values() for at, _ in given]
        self.assertEqual((file["first_ns"], file["last_ns"]), (min(times), max(times)))

    def check_warm(self, warm, rows, spans, starts, most):
        idle = 600 * SECOND
        seen = oracle.seen(starts, spans, idle)
        modelled = {many: oracle.replay(rows, spans, idle, many, 0) for many in range(1, most + 1)}
        best = min(modelled, key=lambda many: (abs(modelled[many] - seen), many))
        self.assertEqual((warm["simulated"], warm["seen"], warm["concurrency"], warm["modelled"]),
                         (True, seen, best, modelled[best]))
        self.assertEqual(warm["counted_ns"], sum(max(0, end - begin - idle) for begin, end in spans))
        for number, ready in enumerate(warm["ready"], 1):
            self.assertEqual(ready["starts"], oracle.replay(rows, spans, idle, best, number))

    def test_shown(self):
        for form in ("summary", "markdown", "html"):
            text = " ".join(self.run_top("--arrivals", self.path, "-f", form).stdout.split())
            self.assertRegex(text.replace("\\", "").replace("`", ""), r"requests of 2 apps are those of "
                             r"\S*requests.csv: [\d,]+ while "
                             r"thaw watched, [\d,]+ others are left out; as many are taken to be cold as starts")
        rows = csv.DictReader(io.StringIO(self.run_top("--arrivals", self.path, "-f", "csv").stdout))
        self.assertEqual({(row["app"], row["requests_from"]) for row in rows},
                         {("orders", "file"), ("dark", "file"), ("mail", "store"), ("etl", "store")})

    def test_time_asked_for(self):
        since, until = "2026-10-24T10:00:00Z", "2026-10-25T10:00:00Z"
        answers = self.answers("--arrivals", self.path, "--since", since, "--until", until, "--app", "orders")
        begin, end, (gap, after) = (*((BEGIN + hours * 3600) * SECOND for hours in (10, 34)),
                                    ((BEGIN + at) * SECOND for at in (SPANS[0][1], SPANS[1][0])))
        self.assertEqual(answers["apps"][0]["requests"]["count"],
                         sum(begin <= at < end and not gap <= at < after for at, _ in self.given["orders"]))
        self.assertEqual(answers["arrivals_file"]["apps_taken"], 1)


class Files(ArrivalsCase):
    def test_standard_input(self):
        with self.write(f"time,app\n{BEGIN + 5},mail\n", "input.csv").open(encoding="utf-8") as stream:
            file = self.answers("--arrivals", "-", stdin=stream)["arrivals_file"]
        self.assertEqual((file["file"], file["requests"], file["requests_taken"]), ("standard input", 1, 1))

    def test_unknown_apps(self):
        path = self.write("time,app\n" + "".join(f"{BEGIN + i},x{i}\x1b[31m\n" for i in range(30)), "unknown.csv")
        file = self.answers("--arrivals", path)["arrivals_file"]
        self.assertEqual((file["unknown_apps"], len(file["unknown"]), file["apps_taken"]), (30, 20, 0))
        text = self.run_top("--arrivals", path).stdout
        self.assertIn("names 30 apps of which the store has nothing", " ".join(text.split()))
        self.assertNotIn("\x1b", text)
        self.assertEqual(self.answers("--arrivals", path, "--app", "mail")["arrivals_file"]["unknown_apps"], 0)

    def test_not_watched(self):
        """Requests of another time say nothing of these starts."""
        path = self.write(f"time,app\n{BEGIN - DAY},mail\n{BEGIN - DAY + 60},mail\n", "before.csv")
        answers = self.answers("--arrivals", path)
        [mail] = [app for app in answers["apps"] if app["name"] == "mail"]
        self.assertEqual((mail["requests"]["measured"], mail["requests"]["count"], mail["requests"]["cold_share"]),
                         ("no", None, None))
        self.assertEqual(mail["keep_warm"], {
            "simulated": False, "why_not": "the file has no request in the time that was watched"})
        self.assertEqual(answers["arrivals_file"]["requests_left_out"], 2)

    def test_unmeasured_is_measured(self):
        """What it is for: a store whose kernel could not count requests."""
        store = self.folder / "dark.sqlite"
        items = [watched(0, 7200)]
        for at in range(0, 7200, 10):
            items.append(arrivals("a", at, requests=0, most_all=0, most_at_once=0, busy_ns=0, measured=False))
        items += [start("a", at) for at in (1000, 4000, 6500)]
        self.assertEqual(audits.add(self.program, store, items).returncode, 0)
        self.assertEqual(self.answers(store=store)["apps"][0]["requests"]["cold_share"], None)
        times = [at - 2 + i for at in (1000, 4000, 6500) for i in range(10)]
        path = self.write("time,app,seconds\n" + "".join(f"{BEGIN + at},a,0.5\n" for at in [30, *times, 7199]),
                          "dark.csv")
        [app] = self.answers("--arrivals", path, store=store)["apps"]
        self.assertEqual((app["requests"]["count"], app["requests"]["cold"]), (32, 3))
        warm = app["keep_warm"]
        self.assertEqual((warm["simulated"], warm["fits"], warm["seen"], warm["modelled"]), (True, True, 3, 4))

    def test_refused(self):
        bad = self.write("time,app\n1,a\nyesterday,a\n", "bad.csv")
        for arguments, words in ((("--arrivals", bad), f"{bad}:3: 'yesterday' is no time"),
                                 (("--arrivals", self.folder / "none.csv"), "none.csv: No such file"),
                                 (("--arrivals", self.folder), "Is a directory"),
                                 (("--arrivals", self.store), f"{self.store}:1: "),
                                 (("--arrivals", bad, "-o", bad), "would overwrite the file of requests")):
            with self.subTest(arguments):
                result = self.run_top(*arguments)
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (2, "", 1))
                self.assertIn(words, result.stderr)
        result = run_thaw("audit", "--store", self.folder / "new", "--arrivals", bad)
        self.assertEqual((result.returncode, (self.folder / "new").exists()), (2, False))
        self.assertIn("--arrivals says what --top is to show; --top is missing", result.stderr)

    def shown(self, begin, end):
        """A command of --help, as it stands there."""
        text = run_thaw("audit", "--help").stdout
        at = text.index(begin)
        return text[at:text.index(end, at) + len(end)]

    def run_shell(self, command, **options):
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.folder, text=True, check=True,
                              capture_output=True, timeout=10, **options).stdout

    def test_access_log(self):
        log = self.folder / "access.log"
        log.write_text("".join(
            f'203.0.113.{i} - - [{datetime.fromtimestamp(BEGIN + 60 * i, timezone.utc):%d/%b/%Y:%H:%M:%S} +0000] '
            f'"GET /[x]:/ HTTP/1.1" 200 5 "-" "a: [b]"\n' for i in range(10)), encoding="utf-8")
        made = self.run_shell(self.shown("sed 's", "time,app'"))
        self.assertEqual(made, "time,app\n" + "".join(f"{BEGIN + 60 * i},orders\n" for i in range(10)))

    @unittest.skipUnless(shutil.which("jq"), "jq is not installed")
    def test_application_insights(self):
        table = {"tables": [{"name": "PrimaryResult",
                             "columns": [{"name": "time"}, {"name": "app"}, {"name": "seconds"}],
                             "rows": [["2026-10-24T00:00:05.1234567Z", "mail", 1e-05],
                                      ["2026-10-24T00:01:05Z", "mail", 0.25]]}]}
        made = self.run_shell(self.shown("jq -r", "@csv'"), input=json.dumps(table))
        file = self.answers("--arrivals", self.write(made, "insights.csv"))["arrivals_file"]
        self.assertEqual((file["requests"], file["requests_taken"]), (2, 2))


if __name__ == "__main__":
    unittest.main()
