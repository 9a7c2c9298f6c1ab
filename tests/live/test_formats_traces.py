"""The formats for tools that read traces, profiles and metrics, as these tools read them: tuna,
OpenTelemetry's protocol messages, prometheus_client, Python's csv; and by the rules of each format's
document. Perfetto and speedscope are asked in tests/browser/test_traces.py.

Reports that no recording gives are rendered by write_format.c.
"""

import copy
import csv
import io
import json
import math
import subprocess
import tempfile
import unittest
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import importtime
import locked_environments
import report_lanes
from live_program import built
from program import REPOSITORY, run_thaw
from shown_text import shown

TIMEOUT_SECONDS = 300
FULL = json.loads((REPOSITORY / "tests/golden/full_report.json").read_text(encoding="utf-8"))
GOLDEN = sorted((REPOSITORY / "tests/golden").glob("*/recording.txt"))
FORMATS = ("chrome-trace", "speedscope", "folded", "importtime", "otlp", "openmetrics", "csv")
USAGE = 2
HOSTILE = ("two\nlines", "</script><img src=x>", "\x1b[31m", "\u202eabc", "a" * 240, "", "=1+1",
           "a;b | c 7", "  indented", "'quoted\"", "\ufffd", "%00\\x20", "漢字", "a,b\r\n@c")
STARTED = "2026-11-23T03:00:00.000Z"


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = Path(folder.name)
        cls.python = locked_environments.trace_readers() / "bin/python"
        cls.program = built(cls.scratch, "write_format.c")
        cls.reports = {"full": FULL, "hostile": hostile(), "large": large(), "failed": failed(),
                       **{path.parent.name: report_of(path) for path in GOLDEN}}

    def render(self, report, form):
        path = self.scratch / "report.json"
        path.write_text(json.dumps(report), encoding="utf-8")
        result = subprocess.run([self.program, form, path], capture_output=True, timeout=60,
                                check=False)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return result.stdout.decode("utf-8")

    def each(self, form, check, change=lambda report: report):
        """Checks what a format makes of every report; {name: text}, {name: report}."""
        texts, reports = {}, {}
        for name, report in self.reports.items():
            with self.subTest(name):
                reports[name] = change(report)
                texts[name] = self.render(reports[name], form)
                check(reports[name], texts[name])
        return texts, reports

    def read(self, kind, texts):
        """What the readers make of texts, by their names."""
        files = {}
        for name, text in texts.items():
            path = self.scratch / f"{kind}-{len(files)}"
            path.write_bytes(text.encode("utf-8"))
            files[str(path)] = name
        result = self.ask(kind, *files)
        return {files[path]: made for path, made in result.items()}

    def ask(self, *arguments):
        result = subprocess.run([self.python, "-I", REPOSITORY / "tests/live/traces/read.py",
                                 *arguments], capture_output=True, text=True, timeout=120,
                                check=True)
        return json.loads(result.stdout)

    # --- importtime ---

    def test_tuna_reads_the_report_s_tree(self):
        texts, reports = self.each("importtime", self.check_importtime)
        imports = 0
        for name, (root, _, tree) in self.read("importtime", texts).items():
            with self.subTest(name):
                process = report_lanes.main_process(reports[name])
                expected = [tuna_node(one) for lane, roots in
                            report_lanes.lanes(reports[name]).items()
                            if lane[0] == process for one in roots]
                self.assertEqual((root, sorted(map(in_microseconds, tree))),
                                 ("main", sorted(expected)))
                imports += bool(expected)
        self.assertGreater(imports, 10)

    def check_importtime(self, report, text):
        lines = text.splitlines()
        self.assertEqual(lines[0], "import time: self [us] | cumulative | imported package")
        self.assertEqual(lines[-1].startswith("thaw: incomplete recording"), not report["complete"])
        for line in lines[1:len(lines) - (not report["complete"])]:
            self.assertRegex(line, r"^import time: [ \d]{8,}\d \| [ \d]{9,}\d \| *\S+")
        nest = not any(report_lanes.do_not_nest(roots)
                       for roots in report_lanes.lanes(report).values())
        for one in importtime.walk(importtime.parse(text)):
            self.assertFalse(one.orphan)
            below = sum(child.total_us for child in one.children)
            if nest:  # each is rounded up
                self.assertLessEqual(abs(one.total_us - one.self_us - below), len(one.children) + 1)

    def test_thaw_reads_it_back(self):
        """Trees and totals; own times are then told from totals in whole microseconds."""
        log = self.scratch / "log"
        for name in ("full", "large", "suggestions", "threads"):
            with self.subTest(name):
                texts = [self.render(self.reports[name], "importtime")]
                for _ in range(2):
                    log.write_text(texts[-1], encoding="utf-8")
                    result = run_thaw("report", "--from", "importtime", log, "-f", "importtime")
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
                    texts.append(result.stdout)
                trees = [[(one.name, one.total_us, one.parent and one.parent.name)
                          for one in importtime.walk(importtime.parse(text))] for text in texts]
                self.assertEqual(trees[1], trees[0])
                self.assertEqual(texts[2], texts[1])

    # --- folded ---

    def test_folded_stacks_are_those_of_the_tree(self):
        def check(report, text):
            stacks = Counter()
            for line in text.splitlines():
                stack, _, count = line.rpartition(" ")
                self.assertNotIn(" ", stack)
                stacks[stack] += int(count)
            self.assertEqual(stacks.pop("[incomplete_recording]", None),
                             None if report["complete"] else 0)
            self.assertEqual(stacks, expected_stacks(report))
        self.each("folded", check)

    # --- csv ---

    def test_csv_has_what_the_json_has(self):
        def check(report, text):
            self.assertNotRegex(text.replace("\r\n", ""), r"[\r\n]")
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
            self.assertEqual(len(rows), len(report["modules"]))
            for row, module in zip(rows, report["modules"]):
                for column, cell in row.items():
                    self.assertEqual(cell, csv_cell(module, column), column)
                    self.assertNotRegex(cell, r"^[=+@]|^-(?!\d+$)")
        self.each("csv", check)

    # --- chrome-trace ---

    def test_traces_follow_the_trace_event_format(self):
        def check(report, text):
            trace = json.loads(text)
            self.assertEqual(trace["displayTimeUnit"], "ms")
            self.assertEqual(trace["otherData"]["complete"], report["complete"])
            check_events(self, trace["traceEvents"])
        self.each("chrome-trace", check)

    def test_traces_have_every_import_at_its_time(self):
        beside = set()

        def check(report, text):
            trace = json.loads(text, parse_float=Decimal)  # as it stands there
            origin = trace["otherData"]["origin_ns"]
            found = {event["args"]["id"]: event for event in trace["traceEvents"]
                     if event.get("cat") == "import" and event["ph"] in "Xb"}
            wrong = set().union(*(report_lanes.do_not_nest(roots)
                                  for roots in report_lanes.lanes(report).values()), ())
            self.assertEqual(set(found), {module["id"] for module in report["modules"]})
            for module in report["modules"]:
                event = found[module["id"]]
                self.assertEqual(event["name"], report_lanes.label_of(module))
                self.assertEqual(round(event["ts"] * 1000) + origin, module["start_ns"])
                self.assertEqual(event["ph"], "b" if module["id"] in wrong else "X")
                if event["ph"] == "X":
                    self.assertEqual(round(event["dur"] * 1000), module["total_ns"])
                self.assertEqual(event["pid"],
                                 report_lanes.process_of(report, module["process"])["pid"])
                self.assertEqual(event["args"]["self_ns"], module["self_ns"])
                self.assertEqual(event["args"].get("timed", True), module.get("timed", True))
                self.assertEqual(event["args"].get("end_inferred", False), module["end_inferred"])
            beside.update(wrong)
        self.each("chrome-trace", check)
        self.assertTrue(beside)

    def test_traces_have_phases_calls_and_replies(self):
        def check(report, text):
            events = json.loads(text)["traceEvents"]
            kinds = Counter((event.get("cat"), event["ph"]) for event in events)
            shown_phases = [phase for track in report["tracks"] for phase in drawn_phases(track)]
            machines = [part for machine in report.get("virtual_machines", ())
                        for part in (machine, *(machine.get("guest") or {}).get("tracks", ()))]
            of_machines = sum(1 + len(drawn_phases(part)) for part in machines)
            stretches = len(report["tracks"]) + len(shown_phases) + of_machines
            self.assertEqual(kinds["phase", "X"], stretches)
            self.assertEqual(kinds["phase", "i"],
                             sum(track["answered"] for track in report["tracks"]))
            self.assertEqual(kinds["invocation", "b"], len(report["invocations"]))
            self.assertEqual(kinds["invocation", "e"],
                             sum(call["end_ns"] is not None for call in report["invocations"]))
            self.assertEqual(kinds["failure", "i"], len(report["failures"]))
            self.assertEqual(kinds["loss", "i"], len(report["losses"]))
        self.each("chrome-trace", check)

    # --- speedscope ---

    def test_profiles_open_and_close_in_order(self):
        def check(report, text):
            document = json.loads(text)
            frames = document["shared"]["frames"]
            self.assertLess(document["activeProfileIndex"], len(document["profiles"]))
            seen = 0
            for profile in document["profiles"]:
                at, open_ = 0, []
                for event in profile["events"]:
                    self.assertGreaterEqual(event["at"], at)
                    at = event["at"]
                    if event["type"] == "O":
                        open_.append(event["frame"])
                        seen += "file" in frames[event["frame"]]
                    else:
                        self.assertEqual(open_.pop(), event["frame"])
                self.assertEqual(open_, [])
                self.assertEqual(at, profile["endValue"] if profile["events"] else at)
            self.assertEqual(len({json.dumps(one) for one in frames}), len(frames))
            wrong = sum(len(report_lanes.do_not_nest(roots))
                        for roots in report_lanes.lanes(report).values())
            with_file = sum(bool(module.get("path") or module["file"]) for module in report["modules"])
            self.assertLessEqual(abs(with_file - seen), wrong)
        self.each("speedscope", check)

    # --- otlp ---

    def test_spans_are_taken_by_the_protocol_s_messages(self):
        def check(report, text):
            self.assertEqual(text, self.render(report, "otlp"))  # the same ids each time
        texts, reports = self.each("otlp", check, dated)
        known = self.ask("conventions")
        for name, traces in self.read("otlp", texts).items():
            with self.subTest(name):
                self.assertNotIn("error", traces)
                self.assertEqual(len(traces), len(reports[name]["tracks"]) or 1)
                ids = [span["id"] for trace in traces for span in trace["spans"]]
                self.assertEqual(len(ids), len(set(ids)))
                for trace in traces:
                    self.assertIn(trace["schema"], known["schemas"])
                    self.check_trace(reports[name], trace, set(known["names"]))

    def check_trace(self, report, trace, names):
        spans = {span["id"]: span for span in trace["spans"]}
        roots = [span for span in spans.values() if not span["parent"]]
        self.assertEqual(len(roots), 1)
        self.assertEqual(len({span["trace"] for span in spans.values()}), 1)
        offset = 1_795_402_800_000_000_000 - report["run"]["start_ns"]
        modules = {report_lanes.name_of(module): [] for module in report["modules"]}
        for module in report["modules"]:
            modules[report_lanes.name_of(module)].append(
                (module["start_ns"] + offset, module["start_ns"] + module["total_ns"] + offset,
                 2 if module["status"] == "failed" else 0))
        for span in spans.values():
            self.assertLessEqual({key for key in (*span["attributes"], *trace["resource"])
                                  if not key.startswith("thaw.")}, names)
            self.assertTrue(not span["parent"] or span["parent"] in spans)
            self.assertLessEqual(span["start"], span["end"])
            name = span["attributes"].get("thaw.module")
            if name is not None:
                self.assertIn((span["start"], span["end"], span["status"]), modules[name])
        root = roots[0]["attributes"]
        imports = sum("thaw.module" in span["attributes"] for span in spans.values())
        self.assertEqual(imports + root["thaw.imports_omitted"], root["thaw.imports"])
        self.assertEqual(root["thaw.complete"], report["complete"])
        self.assertTrue(trace["resource"]["service.name"])

    def test_without_a_date_there_are_no_spans(self):
        for recording in GOLDEN[:3]:
            result = run_thaw("report", recording, "-f", "otlp")
            self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
            self.assertEqual(len(result.stderr.splitlines()), 1)
            self.assertIn("when the recording was made", result.stderr)

    # --- openmetrics ---

    def test_metrics_are_taken_by_prometheus_client(self):
        texts, reports = self.each("openmetrics", lambda _, text: self.assertTrue(
            text.endswith("\n# EOF\n")))
        for name, families in self.read("openmetrics", texts).items():
            with self.subTest(name):
                self.assertNotIn("error", families)
                self.check_families(reports[name], families)

    def check_families(self, report, families):
        for name, family in families.items():
            self.assertTrue(name.startswith("thaw_"), name)
            self.assertTrue(family["help"], name)
            self.assertTrue(family["samples"], name)
        values = {name: family["samples"][0][2] for name, family in families.items()}
        self.assertEqual(values["thaw_complete"], report["complete"])
        lost = Counter()
        for loss in report["losses"]:
            lost[shown(loss, "cause")] += loss["count"]
        self.assertEqual({labels["cause"]: value for _, labels, value in
                          families.get("thaw_events_lost", {"samples": ()})["samples"]}, lost)
        track = report_lanes.headline_of(report)
        self.assertEqual(track is None, "thaw_cold_start_seconds" not in values)
        if track:
            self.assertTrue(math.isclose(values["thaw_cold_start_seconds"], track["total_ns"] / 1e9))
            counted = sum(value for _, labels, value in
                          families.get("thaw_phase_seconds", {"samples": ()})["samples"]
                          if labels["counted"] == "true")
            self.assertAlmostEqual(counted + values["thaw_cold_start_unattributed_seconds"],
                                   sum(phase["end_ns"] - phase["start_ns"] for phase in track["phases"]
                                       if phase["counted"]) / 1e9 + track["unattributed_ns"] / 1e9)

    # --- all of them ---

    def test_a_target_alone_has_nothing_to_be_said(self):
        app = self.scratch / "app"
        app.mkdir(exist_ok=True)
        (app / "requirements.txt").write_text("pandas==3.1.1\n")
        for form in FORMATS:
            output = self.scratch / "none"
            result = run_thaw("deps", app, "-f", form, "-o", output)
            self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
            self.assertEqual(len(result.stderr.splitlines()), 1)
            self.assertIn(f"-f {form} is about a recording", result.stderr)
            self.assertFalse(output.exists())

    def test_the_readers_refuse_what_is_wrong(self):
        wrong = {"importtime": "import time: self [us] | cumulative | imported package\n"
                               "import time:       1.5 |          2 | os\n",
                 "otlp": '{"resourceSpans": [{"scopeSpans": [{"spans": [{"named": "x"}]}]}]}',
                 "openmetrics": "# TYPE thaw_x gauge\nthaw_x one\n# EOF\n"}
        for kind, text in wrong.items():
            self.assertIn("error", self.read(kind, {"wrong": text})["wrong"], kind)


# --- reports that no recording gives ---

def report_of(recording):
    result = run_thaw("report", recording, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def dated(report):
    return {**report, "run": {**report["run"], "started": STARTED}}


def hostile():
    report = copy.deepcopy(FULL)
    report["modules"] = report_lanes.nested(len(HOSTILE) + 1, 3)
    for module, name in zip(report["modules"], HOSTILE):
        module.update(name=name, file=name, path=name, distribution=name)
    report["modules"][-1].update(name="b\ufffd", name_bytes="b%FF", distribution="b\ufffd",
                                 distribution_bytes="b%FF")
    report["losses"] = [{"cause": name, "count": 1, "what": name, "process": None} for name in HOSTILE]
    report["invocations"][0].update(function=HOSTILE[0], kind=HOSTILE[1], invocation_id=HOSTILE[2])
    for process in report["processes"]:
        process.update(executable=HOSTILE[3], role=HOSTILE[7])
    return report


def large():
    return {**copy.deepcopy(FULL), "modules": report_lanes.nested(2000, 20)}


def failed():
    """Modules of every status, on two threads and a greenlet, one of which does not nest."""
    report = copy.deepcopy(FULL)
    report["modules"] = modules = report_lanes.nested(40, 5)
    for module, status in zip(modules, ("failed", "not-found", "unfinished", "loaded") * 10):
        module["status"] = status
    for module in modules[20:30]:
        module["tid"] = 4120
    for module in modules[30:35]:
        module["strand"] = 2
    modules[38]["total_ns"] += 10_000_000
    return report


# --- what each format must say of a report ---

def microseconds(ns):
    return -(-ns // 1000)


def without(text, characters):
    return "".join(f"\\x{ord(one):02x}" if one in characters else one for one in text)


def tuna_node(one):
    """tuna's node of an import: its own time in µs, children in the order they began."""
    below = sum(child.module["total_ns"] for child in one.children)
    mark = "_(unfinished)" if one.module["status"] == "unfinished" else ""
    return [without(report_lanes.name_of(one.module), " |") + mark,
            microseconds(max(one.module["total_ns"] - below, 0)),
            [tuna_node(child) for child in one.children]]


def in_microseconds(node):
    """tuna reads from the end, so that its children stand in the other order."""
    name, seconds, children = node
    return [name, seconds and round(seconds * 1e6) or (0 if seconds == 0 else None),
            [in_microseconds(child) for child in reversed(children)]]


def expected_stacks(report):
    stacks = Counter()
    for (identity, tid, strand), roots in report_lanes.lanes(report).items():
        process = report_lanes.process_of(report, identity)
        base = [f"{without(shown(process, 'role') or 'process', ' ;')}-{process['pid']}"]
        if strand or tid != process["pid"]:
            base.append(f"thread-{tid}")
        if strand:
            base.append(f"stack-{strand}")
        for one, above in report_lanes.walk(roots):
            stack = ";".join([*base, *(folded_frame(each.module) for each in (*above, one))])
            for key, name in ((one.module["self_ns"], ""),
                              (one.module.get("gc_ns", 0), ";[garbage_collection]")):
                us = (key + 500) // 1000
                if us:
                    stacks[stack + name] += us
    return stacks


def folded_frame(module):
    status = module["status"]
    return without(report_lanes.name_of(module), " ;") + (f"_({status})" if status != "loaded" else "")


def csv_cell(module, column):
    of, _, key = column.rpartition(".")
    if of:
        module = module.get(of) or {}
    value = module.get(key)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = shown(module, key)
        return "'" + text if text[:1] and text[0] in "=+-@'" else text
    return str(value)


def drawn_phases(part):
    """Phases of a track that are drawn: none that is over when it begins."""
    def below(phases):
        for phase in phases:
            if phase["end_ns"] <= part["start_ns"] and phase["start_ns"] < part["start_ns"]:
                continue
            yield phase
            yield from below(phase["children"])
    return list(below(part["phases"]))


def check_events(case, events):
    """By the Trace Event Format's document: each kind's members; complete events of a thread nest,
    also when their ends are added up as doubles, as readers do."""
    by_lane, open_ = defaultdict(list), {}
    for event in events:
        case.assertIn(event["ph"], "XibeM")
        case.assertTrue(isinstance(event["name"], str))
        case.assertTrue(isinstance(event["pid"], int) and isinstance(event["tid"], int))
        if event["ph"] == "M":
            case.assertIn(event["name"], ("process_name", "thread_name", "process_sort_index",
                                          "thread_sort_index"))
            key = "name" if event["name"].endswith("_name") else "sort_index"
            case.assertEqual(list(event["args"]), [key])
            continue
        if event["ph"] == "X":
            case.assertGreaterEqual(min(event["ts"], event["dur"]), 0)
            by_lane[event["pid"], event["tid"]].append(event)
        elif event["ph"] == "i":
            case.assertIn(event["s"], ("g", "p", "t"))
        elif event["ph"] == "b":
            case.assertNotIn(event["id2"]["local"], open_)
            open_[event["id2"]["local"]] = event
        else:
            begun = open_[event["id2"]["local"]]
            case.assertEqual((begun["cat"], begun["name"], begun["pid"]),
                             (event["cat"], event["name"], event["pid"]))
            case.assertGreaterEqual(event["ts"], begun["ts"])
    for lane in by_lane.values():
        ends = []
        for event in lane:  # as they stand: by their start, the outer one first
            while ends and ends[-1] <= event["ts"] and ends[-1] < event["ts"] + event["dur"]:
                ends.pop()
            case.assertTrue(not ends or event["ts"] + event["dur"] <= ends[-1], event)
            ends.append(event["ts"] + event["dur"])


if __name__ == "__main__":
    unittest.main()
