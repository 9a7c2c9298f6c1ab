"""Files for viewers, opened in the viewers themselves: speedscope reads -f speedscope, chrome-trace and
folded, Perfetto reads -f chrome-trace. What each says of a file is compared with the JSON report.
"""

import copy
import json
import subprocess
import sys
import unittest
from collections import Counter

import report_lanes
import trace_apps
import webdriver
from live_program import built
from program import REPOSITORY, run_thaw
from recorded import record
from shown_text import shown

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
GOLDEN = ("greenlets", "two-workers", "failed-and-retried", "importtime", "threads")
HOSTILE = ("two\nlines", "</script><img src=x onerror=alert(1)>", "\x1b[31m", "\u202eabc", "a" * 240,
           "a;b c 7", "{\"name\": 1}", "漢字")
APP = "import json, decimal, asyncio, email.message\ntry:\n    import not_there\nexcept ImportError: pass\n"

browser = scratch = reports = program = None


def setUpModule():
    global browser, scratch, reports, program
    browser, scratch = webdriver.for_module(flags=webdriver.ALONE)
    program = built(scratch, "write_format.c")
    reports = {"nested": {**copy.deepcopy(FULL), "modules": report_lanes.nested(600, 12)},
               "hostile": hostile(), "now": recorded_now(),
               **{name: report_of(REPOSITORY / f"tests/golden/{name}/recording.txt")
                  for name in GOLDEN}}


def hostile():
    report = {**copy.deepcopy(FULL), "modules": report_lanes.nested(len(HOSTILE), 3)}
    for module, name in zip(report["modules"], HOSTILE):
        module.update(name=name, file=name, path=name, distribution=name)
    report["modules"][-1].update(name="b\ufffd", name_bytes="b%FF")
    report["processes"][1].update(role=HOSTILE[1], executable=HOSTILE[0])
    report["losses"][0]["cause"] = HOSTILE[1]
    return report


def recorded_now():
    app = scratch / "app.py"
    app.write_text(APP)
    recorded = record(scratch / "now.thaw", "--backend", "auto", command=[sys.executable, app],
                      elevated=False)
    assert recorded.status == 0, recorded.stderr
    return recorded.report


def report_of(path):
    result = run_thaw("report", path, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def written(report, form, name):
    """The file of a report in a format."""
    source, path = scratch / "report.json", scratch / name
    source.write_text(json.dumps(report), encoding="utf-8")
    result = subprocess.run([program, form, source], capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    path.write_bytes(result.stdout)
    return path


def stretches(report):
    """{(pid, tid or None of a stack): Counter of (names from the outermost on, ns)} of what nests."""
    result = {}
    for (process, tid, strand), roots in report_lanes.lanes(report).items():
        wrong = report_lanes.do_not_nest(roots)
        lane = report_lanes.process_of(report, process)["pid"], None if strand else tid
        of_lane = result.setdefault(lane, Counter())
        for one, above in report_lanes.walk(roots):
            if one.module["id"] not in wrong:
                of_lane[(*(report_lanes.label_of(each.module) for each in above
                           if each.module["id"] not in wrong),
                         report_lanes.label_of(one.module)), one.module["total_ns"]] += 1
    return result


def by_stack(profile, frames):
    """Counter of (names of a profile's frames from the outermost on, its units)."""
    result, open_ = Counter(), []
    for event in profile["events"]:
        if event["type"] == "O":
            open_.append((frames[event["frame"]]["name"], event["at"]))
        else:
            names = tuple(name for name, _ in open_)
            result[names, event["at"] - open_.pop()[1]] += 1
    return result


class Speedscope(unittest.TestCase):
    app = None

    def setUp(self):
        if self.app is None:
            Speedscope.app = trace_apps.Speedscope(browser, scratch)

    def opened(self, report, form, name):
        """speedscope's own form of a file; it complained of nothing and asked nobody for anything."""
        path = written(report, form, name)
        exported, console = self.app.read(path)
        self.assertEqual(console, [])
        self.assertEqual([address for address in browser.requests()
                          if not address.startswith(("file:", "data:", "blob:"))], [])
        return json.loads(path.read_text()) if form == "speedscope" else None, exported

    def test_its_own_form(self):
        for name, report in reports.items():
            with self.subTest(name):
                file, exported = self.opened(report, "speedscope", "own.json")
                self.check_schema(file)
                self.assertEqual(exported["name"], file["name"])
                self.assertEqual([one["name"] for one in exported["profiles"]],
                                 [one["name"] for one in file["profiles"]])
                frames = exported["shared"]["frames"]
                found = sum((by_stack(one, frames) for one in exported["profiles"]
                             if one["name"].startswith("imports of ")), Counter())
                self.assertEqual(found, sum(stretches(report).values(), Counter()))
                self.assertLessEqual({shown(module, "path" if module["path"] else "file")
                                      for module in report["modules"] if module["file"]},
                                     {frame.get("file") for frame in frames})

    def check_schema(self, file):
        """The required members and their types, by the schema in speedscope's package."""
        definitions = self.app.schema["definitions"]
        for form, values in (("FileFormat.File", [file]), ("FileFormat.Frame", file["shared"]["frames"]),
                             ("FileFormat.EventedProfile", file["profiles"]),
                             ("OpenFrameEvent", [event for one in file["profiles"]
                                                 for event in one["events"] if event["type"] == "O"])):
            for value in values:
                self.assertLessEqual(set(definitions[form]["required"]), set(value))
                self.assertLessEqual(set(value), set(definitions[form]["properties"]))
        self.assertEqual(file["$schema"],
                         definitions["FileFormat.File"]["properties"]["$schema"]["const"])
        self.assertLessEqual({one["unit"] for one in file["profiles"]},
                             set(definitions["FileFormat.ValueUnit"]["enum"]))

    def test_chrome_traces(self):
        """It shows an event's arguments behind its name; of its times it keeps microseconds."""
        for name, report in reports.items():
            with self.subTest(name):
                _, exported = self.opened(report, "chrome-trace", "trace.json")
                frames = [{"name": frame["name"].split(' {"id":')[0]}
                          for frame in exported["shared"]["frames"]]
                found = Counter()
                for profile in exported["profiles"]:
                    if ": phases" not in profile["name"] and "waited for" not in profile["name"]:
                        found.update({(stack, round(us * 1000)): count for (stack, us), count
                                      in by_stack(profile, frames).items()})
                self.assertEqual(found, sum(stretches(report).values(), Counter()))

    def test_folded_stacks(self):
        for name, report in reports.items():
            with self.subTest(name):
                path = written(report, "folded", "folded.txt")
                exported, console = self.app.read(path)
                self.assertEqual(console, [])
                expected = Counter()
                for line in path.read_text(encoding="utf-8").splitlines():
                    stack, _, count = line.rpartition(" ")
                    for depth in range(1, stack.count(";") + 2):
                        expected[tuple(stack.split(";")[:depth])] += int(count)
                found = Counter()
                for profile in exported["profiles"]:
                    for (stack, units), count in by_stack(
                            profile, exported["shared"]["frames"]).items():
                        found[stack] += units * count
                self.assertEqual(+found, +expected)


class Perfetto(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.app = trace_apps.Perfetto(browser)
        cls.addClassCleanup(cls.app.close)

    def test_its_trace_processor_says_what_the_report_says(self):
        for name in ("now", "hostile", GOLDEN[0]):  # it takes seconds to open one
            report = reports[name]
            with self.subTest(name):
                text = written(report, "chrome-trace", "trace.json").read_text(encoding="utf-8")
                self.check(report, json.loads(text), self.app.query(
                    text,
                    stretches="select s.name, s.ts, s.dur, s.depth, p.pid, t.tid, s.id, s.parent_id,"
                              " s.category from slice s join thread_track k on s.track_id = k.id"
                              " join thread t using (utid) join process p using (upid)",
                    beside="select s.name, s.ts, s.dur, s.category from slice s"
                           " where s.track_id not in (select id from thread_track)",
                    processes="select pid, name from process where name is not null",
                    threads="select t.tid, t.name from thread t where t.name is not null",
                    selves="select extract_arg(arg_set_id, 'args.id'),"
                           " extract_arg(arg_set_id, 'args.self_ns') from slice"
                           " where category = 'import' and dur >= 0",
                    problems="select name, value from stats where value > 0 and"
                             " severity in ('error', 'data_loss')"))

    def check(self, report, trace, tables):
        self.assertEqual(tables["problems"], [])
        origin = trace["otherData"]["origin_ns"]
        pids = {process["pid"] for process in report["processes"]}
        self.assertLessEqual(pids, {pid for pid, _ in tables["processes"]})
        self.check_imports(report, tables, origin)
        for track in report["tracks"]:
            self.assertIn(("cold start", track["start_ns"] - origin,
                           track["end_ns"] - track["start_ns"]),
                          [tuple(row[:3]) for row in tables["stretches"]])
        for call in report["invocations"]:
            length = -1 if call["end_ns"] is None else call["end_ns"] - call["start_ns"]
            self.assertIn((call["start_ns"] - origin, length, "invocation"),
                          [tuple(row[1:]) for row in tables["beside"]])

    def check_imports(self, report, tables, origin):
        rows = {row[6]: row for row in tables["stretches"] if row[8] == "import"}
        rows = {key: row for key, row in rows.items() if row[2] >= 0}
        found = {}
        for name, start, length, depth, pid, tid, _, parent, _ in rows.values():
            stack = [name]
            while parent is not None:
                stack.insert(0, rows[parent][0])
                parent = rows[parent][7]
            self.assertEqual(depth, len(stack) - 1)
            of_lane = found.setdefault((pid, tid if tid < 1 << 30 else None), Counter())
            of_lane[tuple(stack), length] += 1
        effects = Counter((pid, tid) for _, _, length, _, pid, tid, _, _, category
                          in tables["stretches"] if category == "effect")
        self.assertEqual(found, stretches(report), effects)
        selves = dict(tables["selves"])
        for module in report["modules"]:
            self.assertEqual(selves.get(module["id"]), module["self_ns"])
        starts = Counter(row[1] + origin for row in rows.values())
        beside = Counter(start + origin for _, start, _, category in tables["beside"]
                         if category == "import")
        self.assertEqual(starts + beside,
                         Counter(module["start_ns"] for module in report["modules"]))


if __name__ == "__main__":
    unittest.main()
