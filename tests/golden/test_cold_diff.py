"""Golden tests of `thaw diff` of cold starts: recordings in text form in, the comparison out.

Each folder of cold-diff/ is a case: before.txt and after.txt are recordings; expected.json is the
comparison, without the sides' names. THAW_GOLDEN_UPDATE=1 rewrites it: read the difference before
committing it. Sets of trials are written here, with times of which the answers are worked out by a
few lines of Python.
"""

import html
import json
import os
import re
import statistics
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw
from rank_oracle import adjusted, probability

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

HERE = Path(__file__).parent
UPDATE = os.environ.get("THAW_GOLDEN_UPDATE") == "1"
DIFF = Draft202012Validator(
    json.loads((REPOSITORY / "reports/schema/thaw-diff-1.schema.json").read_text()))
CASES = sorted(HERE.glob("cold-diff/*/before.txt"))
MS = 1_000_000

# What a function app's worker says before and after its file is imported.
BEGIN = r"""thaw-recording-text 1
1 session.begin cpus=2 tool_version="0.1.0" backend="ebpf" command=["host"] directory="/" KEYS
100 process.exec pid=9 tid=9 executable="/host"
200 process.fork pid=1 tid=1 parent=9
210 process.exec pid=1 tid=1 executable="/py"
210 process.role pid=1 tid=1 role="worker" platform="azure_functions" directory="/w"
210 interpreter pid=1 tid=1 executable="/py" version="3.11.2" coverage="from start"
1_000_000 connect pid=1 tid=1 connection=1
1_100_000 message pid=1 tid=1 type="StartStream" outgoing=1 last_ns=1_100_000 connection=1
1_200_000 message pid=1 tid=1 type="WorkerInitRequest" directory="/app" last_ns=1_200_000 connection=1
"""
ANSWER = (
    ("message", 'type="WorkerInitResponse" outgoing=1 status="success" last_ns={0} connection=1'),
    ("function", 'function_id="f" name="hello" directory="/app"'),
    ("message", 'type="InvocationRequest" function_id="f" invocation_id="i" last_ns={0} '
                'connection=1'),
)


class Writer:
    """A recording of a function app whose modules take the times that are asked for."""

    def __init__(self, keys=""):
        self.text = BEGIN.replace("KEYS", keys)
        self.now = 2 * MS
        self.stack = 8000

    def event(self, kind, words):
        self.text += f"{self.now} {kind} pid=1 tid=1 {words}\n"

    def module(self, name, own_ns, children=(), first=False, failed=False):
        """children: of the same arguments. Half of its own time is before them, half after."""
        stack = self.stack
        self.stack -= 100
        file = f"/app/{name}.py" if first else f"/site/{name.replace('.', '/')}.py"
        if first:
            self.event("body.begin", f'name="{name}" file="{file}" stack={stack} own=1')
        else:
            self.event("import.begin", f'name="{name}" stack={stack}')
            if not failed:
                self.event("body.begin", f'file="{file}" stack={stack - 50}')
        self.now += own_ns // 2
        for child in children:
            self.module(*child)
        self.now += own_ns - own_ns // 2
        if first:
            self.event("body.end", f"stack={stack}")
        else:
            self.event("import.end", f"stack={stack}" + (" failed=1" if failed else ""))
        self.stack = stack

    def end(self, answered=True, invocation_ns=9 * MS):
        for kind, words in ANSWER if answered else ():
            self.now += 100_000
            self.event(kind, words.format(self.now))
        if answered:
            self.now += invocation_ns
            self.event("message", 'type="InvocationResponse" outgoing=1 invocation_id="i" '
                                  f'status="success" last_ns={self.now} connection=1')
        self.now += MS
        self.text += f'{self.now} session.end reason="first-reply" exit_status=-1\n'
        return self.text


def app(times, keys="", answered=True):
    """times: name -> own time of what function_app imports."""
    writer = Writer(keys)
    writer.module("function_app", 10 * MS, [(name, ns) for name, ns in times.items()], True)
    return writer.end(answered)


class ColdStarts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not Path(THAW).exists():
            raise unittest.SkipTest(f"{THAW} is not built")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name)

    def folder(self, name, recordings):
        path = self.scratch / name
        path.mkdir()
        for number, text in enumerate(recordings, 1):
            (path / f"{number}.thaw").write_bytes(text.encode("utf-8", "surrogateescape"))
        return path

    def diff(self, before, after, *options):
        result = run_thaw("diff", before, after, "--json", *options)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.isascii())
        diff = json.loads(result.stdout)
        self.assertEqual([f"{list(error.path)}: {error.message[:200]}"
                          for error in DIFF.iter_errors(diff)], [])
        self.check_tree(diff["cold_start"])
        return diff

    def check_tree(self, cold):
        """What must hold of every tree."""
        tree = cold["tree"]
        columns = {key: column for key, column in tree.items() if not key.startswith("packages")}
        self.assertEqual({len(column) for column in columns.values()}, {len(tree["name"])})
        for place, parent in enumerate(tree["parent"]):
            self.assertLess(parent, place)
            if tree["change"][place] in ("came", "went") and parent >= 0:
                side = "before" if tree["change"][place] == "came" else "after"
                self.assertIsNone(tree[f"{side}_total_ns"][place])
            partner = tree["partner"][place]
            if partner >= 0:
                self.assertEqual(tree["name"][partner], tree["name"][place])
        for module in cold["modules"]:
            self.assertEqual(tree["name"][module["node"]], module["name"])
            self.assertEqual(module["chain"][-1], module["name"])


class Golden(ColdStarts):
    def check(self, case):
        before, after = case / "before.txt", case / "after.txt"
        diff = self.diff(before, after)
        for side in ("before", "after"):
            self.assertEqual(diff[side].pop("name"), str(case / f"{side}.txt"))
            for run in diff[side]["runs"]:
                self.assertEqual(run.pop("name"), str(case / f"{side}.txt"))
        expected = case / "expected.json"
        if UPDATE:
            expected.write_text(json.dumps(diff, indent=1) + "\n", encoding="utf-8")
        self.assertEqual(diff, json.loads(expected.read_text(encoding="utf-8")))

    def test_turned_round(self):
        """What came went, and what grew shrank."""
        turned = {"came": "went", "went": "came"}
        for path in CASES:
            with self.subTest(path.parent.name):
                one = self.diff(path, path.with_name("after.txt"))["cold_start"]
                other = self.diff(path.with_name("after.txt"), path)["cold_start"]
                self.assertEqual(one["total_ns"]["change_ns"], -other["total_ns"]["change_ns"])
                self.assertEqual(
                    sorted((m["name"], m["change"]) for m in one["modules"]),
                    sorted((m["name"], turned.get(m["change"], m["change"]))
                           for m in other["modules"]))
                self.assertEqual(
                    sorted(zip(one["tree"]["name"], one["tree"]["before_self_ns"]), key=str),
                    sorted(zip(other["tree"]["name"], other["tree"]["after_self_ns"]), key=str))

    def test_full_example_is_valid(self):
        full = json.loads((HERE / "full_diff.json").read_text(encoding="utf-8"))
        self.assertEqual([error.message[:200] for error in DIFF.iter_errors(full)], [])


def add_case(case):
    def test(self):
        self.check(case)
    setattr(Golden, f"test_{case.name.replace('-', '_')}", test)


for case_file in CASES:
    add_case(case_file.parent)


class Itself(ColdStarts):
    def test_a_recording_is_like_itself(self):
        for path in (HERE / "full_report.json", *sorted(HERE.glob("*/recording.txt"))):
            with self.subTest(path.parent.name):
                diff = self.diff(path, path)
                cold = diff["cold_start"]
                self.assertEqual((cold["modules"], cold["packages"], cold["unlike"]), ([], [], []))
                self.assertIn(cold["total_ns"]["change_ns"], (0, None))
                self.assertLessEqual(set(cold["tree"]["change"]), {"same"})
                if path.parent.name == "two-workers":
                    self.assertEqual([(track["number"], track["change"],
                                       track["total_ns"]["before_ns"]) for track in cold["tracks"]],
                                     [(1, "same", 250 * MS)])
                reason = diff["before"]["runs"][0]["reason"]
                self.assertEqual(reason is None, path.parent.name != "cut-recording", reason)
                for phase in cold["phases"]:
                    self.assertEqual((phase["change"], phase["ns"]["change_ns"]),
                                     ("same", None if reason else 0))
                self.assertEqual([numbers for numbers in cold["counts"].values()
                                  if numbers["change"]], [])

    def test_its_report_says_the_same(self):
        """A report that was written to a file is as good as its recording."""
        for case in CASES:
            files = []
            for name in ("before.txt", "after.txt"):
                files.append(self.scratch / f"{name}.json")
                result = run_thaw("report", case.parent / name, "--json", "-o", files[-1])
                self.assertEqual(result.returncode, 0, result.stderr)
            of_files = self.diff(*files)
            of_recordings = self.diff(case, case.with_name("after.txt"))
            self.assertEqual(of_files["cold_start"], of_recordings["cold_start"])
            self.assertEqual({run["name"] for side in ("before", "after")
                              for run in of_files[side]["runs"]}, {str(path) for path in files})


class Trials(ColdStarts):
    # own times of modules in each run, ms; no two of one series are the same
    BEFORE = {"slow": [50, 51, 52, 53, 54, 55], "even": [20, 23, 21, 26, 22, 25],
              "fast": [40, 41, 42, 43, 44, 45], "gone": [5, 6, 7, 8, 9, 10]}
    AFTER = {"slow": [70, 71, 72, 73, 74, 75], "even": [24, 19, 27, 18, 28, 17],
             "fast": [30, 31, 32, 33, 34, 35], "new": [15, 16, 17, 18, 19, 29]}

    def runs(self, series):
        return [app({name: times[i] * MS + i for name, times in series.items()})
                for i in range(6)]

    def test_medians_tests_and_correction(self):
        diff = self.diff(self.folder("before", self.runs(self.BEFORE)),
                         self.folder("after", self.runs(self.AFTER)))
        cold = diff["cold_start"]
        self.assertEqual((diff["before"]["of"], diff["after"]["of"]), ("trials", "trials"))
        self.assertEqual((cold["method"]["before_runs"], cold["method"]["after_runs"]), (6, 6))
        modules = {module["name"]: module for module in cold["modules"]}
        self.assertEqual({name: (module["change"], module["self_ns"]["verdict"])
                          for name, module in modules.items()},
                         {"slow": ("time", "slower"), "fast": ("time", "faster"),
                          "new": ("came", "unknown"), "gone": ("went", "unknown")})
        self.assertEqual(cold["modules_same"], 2)  # even, function_app
        # function_app takes the same in each: all values tie
        expected = adjusted([probability(self.BEFORE[name], self.AFTER[name])
                             for name in ("slow", "even", "fast")] + [1])
        self.assertEqual(cold["method"]["modules"], 4)
        for name, p in zip(("slow", "even", "fast"), expected):
            if name == "even":
                continue
            measure = modules[name]["self_ns"]
            self.assertAlmostEqual(measure["adjusted"], p, places=5)
            for side, series in (("before", self.BEFORE), ("after", self.AFTER)):
                values = [ms * MS + i for i, ms in enumerate(series[name])]
                self.assertEqual(measure[f"{side}_runs"], values)
                self.assertAlmostEqual(measure[f"{side}_ns"], statistics.median(values), delta=1)
            self.assertAlmostEqual(
                measure["ratio"]["middle"],
                statistics.median(measure["after_runs"]) / statistics.median(
                    measure["before_runs"]), places=5)
            self.assertLess(measure["ratio"]["low"], measure["ratio"]["middle"])
            self.assertGreater(measure["ratio"]["high"], measure["ratio"]["middle"])
        self.check_total(cold)

    def check_total(self, cold):
        def total(series, i):
            return sum(times[i] * MS + i for times in series.values())
        rest = cold["total_ns"]["before_runs"][0] - total(self.BEFORE, 0)
        self.assertEqual(cold["total_ns"]["before_runs"],
                         [rest + total(self.BEFORE, i) for i in range(6)])
        self.assertEqual(cold["total_ns"]["after_runs"],
                         [rest + total(self.AFTER, i) for i in range(6)])
        self.assertAlmostEqual(
            cold["total_ns"]["probability"],
            probability(cold["total_ns"]["before_runs"], cold["total_ns"]["after_runs"]), places=5)
        self.assertEqual(cold["total_ns"]["probability"], cold["total_ns"]["adjusted"])

    def test_the_same_runs_are_within_noise(self):
        """Whatever is tested: two halves of one series differ by nothing but chance."""
        series = {f"m{i:02}": [20 + (i * 7 + j * 13) % 11 for j in range(12)] for i in range(40)}
        runs = [app({name: times[j] * MS + j for name, times in series.items()})
                for j in range(12)]
        diff = self.diff(self.folder("before", runs[::2]), self.folder("after", runs[1::2]))
        cold = diff["cold_start"]
        self.assertEqual([m for m in cold["modules"]
                          if m["self_ns"]["verdict"] in ("slower", "faster")], [])
        self.assertEqual(cold["total_ns"]["verdict"], "same")
        self.assertEqual(cold["method"]["modules"], 30)

    def test_too_few_runs_say_so(self):
        for count, verdict, reason in ((1, "unknown", "single-run"), (3, "unknown", "too-few-runs"),
                                       (4, "slower", None)):
            with self.subTest(count):
                before = self.folder(f"b{count}", [app({"m": 20 * MS + i}) for i in range(count)])
                after = self.folder(f"a{count}", [app({"m": 90 * MS + i}) for i in range(count)])
                total = self.diff(before, after)["cold_start"]["total_ns"]
                self.assertEqual((total["verdict"], total["reason"]), (verdict, reason))
                text = run_thaw("diff", before, after, "--color", "never").stdout
                words = {1: "one run each: not told from noise", 3: "too few runs to tell it",
                         4: "more than noise"}[count]
                self.assertIn(words, " ".join(text.split()))

    def test_runs_without_a_reply_are_left_out_and_named(self):
        before = self.folder("before", [app({"m": 20 * MS + i}) for i in range(5)])
        after = self.folder("after", [app({"m": 20 * MS + i}) for i in range(4)] +
                            [app({"m": 1}, answered=False)])
        diff = self.diff(before, after)
        last = diff["after"]["runs"][-1]
        self.assertEqual((last["name"], last["used"], last["reason"], last["answered"]),
                         (str(after / "5.thaw"), False, "no first reply was seen", False))
        self.assertEqual(diff["cold_start"]["method"]["after_runs"], 4)
        self.assertEqual(diff["cold_start"]["total_ns"]["verdict"], "same")
        for output in ("summary", "markdown"):
            text = " ".join(run_thaw("diff", before, after, "-f", output).stdout.split())
            self.assertIn("after, 1 of 5 runs left out of the times, no first reply", text)
            self.assertIn("5.thaw", text)

    def test_recordings_that_were_cut_off_have_no_times(self):
        runs = [app({"m": 20 * MS + i}, answered=False) for i in range(4)]
        before, after = self.folder("before", runs), self.folder("after", runs)
        for path in after.iterdir():
            report = json.loads(run_thaw("report", path, "--json").stdout)
            report.update(complete=False)
            report["recording"]["finished"] = False
            path.unlink()
            path.with_suffix(".json").write_text(json.dumps(report))
        diff = self.diff(before, after)
        self.assertEqual({(run["used"], run["reason"]) for run in diff["after"]["runs"]},
                         {(False, "its recording was cut off")})
        self.assertEqual(diff["cold_start"]["total_ns"]["verdict"], "unknown")
        text = " ".join(run_thaw("diff", before, after).stdout.split())
        self.assertIn("after, 4 of 4 runs left out of the times, cut off", text)
        self.assertTrue(text.startswith("The totals can't be compared"), text)

    def test_outliers_are_marked_and_kept(self):
        times = [20, 21, 22, 23, 24, 400]
        before = self.folder("before", [app({"m": ms * MS}) for ms in times])
        after = self.folder("after", [app({"m": (ms + 1) * MS}) for ms in range(20, 26)])
        diff = self.diff(before, after)
        self.assertEqual([run["outlier"] for run in diff["before"]["runs"]], [False] * 5 + [True])
        self.assertEqual(len(diff["cold_start"]["total_ns"]["before_runs"]), 6)

    def test_other_machines_are_told(self):
        before = self.folder("before", [app({"m": MS}), app({"m": MS + 1})])
        after = self.folder("after", [app({"m": MS}).replace("cpus=2", "cpus=8"),
                                      app({"m": MS}).replace("cpus=2", "cpus=4")])
        unlike = self.diff(before, after)["cold_start"]["unlike"]
        self.assertEqual(unlike, [{"what": "cpus", "before": ["2"], "after": ["8", "4"]}])
        text = run_thaw("diff", before, after).stdout
        self.assertIn("not alike: cpus: 2 before, 8 and 4 after", text)

    def test_order_of_runs_is_that_of_numbers(self):
        folder = self.folder("many", [app({"m": MS * (i + 1)}) for i in range(11)])
        names = [Path(run["name"]).name for run in self.diff(folder, folder)["before"]["runs"]]
        self.assertEqual(names, [f"{i}.thaw" for i in range(1, 12)])


class Folders(ColdStarts):
    def test_reports_and_proofs_may_lie_beside(self):
        one = app({"m": MS})
        folder = self.folder("runs", [one, one])
        run_thaw("report", folder / "1.thaw", "--json", "-o", folder / "3.json")
        (folder / "1.thaw.proof.json").write_text("{}")
        (folder / ".hidden").write_text("x")
        self.assertEqual(len(self.diff(folder, folder)["before"]["runs"]), 3)

    def test_a_folder_that_could_be_both(self):
        folder = self.folder("mixed", [app({"m": MS}), app({"m": MS})])
        (folder / "function_app.py").write_text("import json\n")
        result = run_thaw("diff", folder, folder, "--json")
        self.assertEqual(json.loads(result.stdout)["before"]["of"], "target")
        self.assertIn("--trials", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 2)  # one for each side
        self.assertEqual(self.diff(folder, folder, "--trials")["before"]["of"], "trials")

    def test_bad_folders_are_one_line(self):
        good = self.folder("good", [app({"m": MS})])
        empty = self.scratch / "empty"
        empty.mkdir()
        broken = self.folder("broken", ["thaw-recording-text 1\nnonsense\n"])
        target = self.folder("target", [app({"m": MS})])
        run_thaw("deps", empty, "--json", "-o", target / "t.json")
        for folder, options, words in ((empty, ("--trials",), "no recordings"),
                                       (broken, (), "1.thaw"), (target, (), "t.json")):
            with self.subTest(folder.name):
                for sides in ((good, folder), (folder, good)):
                    result = run_thaw("diff", *sides, *options)
                    self.assertEqual((result.returncode, result.stdout), (2, ""))
                    self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                    self.assertIn(words, result.stderr)

    def test_a_recording_and_a_target(self):
        recording = self.folder("r", [app({"m": MS})]) / "1.thaw"
        report = self.scratch / "r.json"
        run_thaw("report", recording, "--json", "-o", report)
        app_folder = self.scratch / "app"
        app_folder.mkdir()
        (app_folder / "function_app.py").write_text("import json\n")
        result = run_thaw("diff", report, app_folder, "--json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        diff = json.loads(result.stdout)
        self.assertEqual([error.message for error in DIFF.iter_errors(diff)], [])
        self.assertIsNone(diff["cold_start"])
        self.assertIn(("cold-start", "after"), [(item["what"], item["missing"])
                                                for item in diff["not_compared"]])
        self.assertIn("not compared: cold-start", run_thaw("diff", report, app_folder).stdout)

    def test_usage(self):
        one = self.folder("r", [app({"m": MS})]) / "1.thaw"
        for words in ((one,), (one, one, one), (one, one, "-f", "nonsense"),
                      (one, one, "--json", "-f", "html")):
            result = run_thaw("diff", *words)
            self.assertEqual((result.returncode, result.stdout), (2, ""), words)
        self.assertEqual(run_thaw("diff", "-f", "list").stdout.split()[0], "json")


class Hostile(ColdStarts):
    # not UTF-8, a bidirectional mark, the end of a script, Markdown's own, an escape, a long one
    NAMES = ("m\udcff\u202e", "</script><img src=x onerror=alert(1)>", "`|@you``#1\\n```", "\x1b[31m",
             "a" * 240, "*b* [c](http://x) &lt; $d$ :e:", "\\u0000")

    def recordings(self):
        def quoted(name):
            return "".join(
                character if " " <= character <= "~" and character not in '"\\'
                else "".join(f"\\x{byte:02x}" for byte in
                             character.encode("utf-8", "surrogateescape")) for character in name)
        return (self.folder("before", [app({"m": MS})]) / "1.thaw",
                self.folder("after", [app({quoted(name): 5 * MS for name in self.NAMES})]) /
                "1.thaw")

    def test_names_in_every_format(self):
        before, after = self.recordings()
        diff = self.diff(before, after)
        came = {module["name"] for module in diff["cold_start"]["modules"]
                if module["change"] == "came"}
        self.assertEqual(len(came), len(self.NAMES))
        raw = [module["name_bytes"] for module in diff["cold_start"]["modules"]
               if "name_bytes" in module]
        self.assertEqual(raw, ["m%FF%E2%80%AE"])
        for output in ("summary", "markdown", "html"):
            with self.subTest(output):
                result = run_thaw("diff", before, after, "-f", output, "--color", "never",
                                  text=False)
                self.assertEqual((result.returncode, result.stderr), (0, b""))
                self.assertFalse([b for b in result.stdout if b < 32 and b not in (9, 10, 13)])
                text = result.stdout.decode("utf-8")
                self.assertNotIn("\u202e", text)
        page = run_thaw("diff", before, after, "-f", "html").stdout
        data = re.search(r'id="data">(.*?)</script>', page, re.S).group(1)
        self.assertEqual(json.loads(data)["cold_start"], diff["cold_start"])
        self.assertNotIn("<img src=x", page)

    def test_markdown_shows_them_and_means_nothing(self):
        text = run_thaw("diff", *self.recordings(), "-f", "markdown").stdout
        rows = [line for line in text.splitlines() if line.startswith("| ") and "came" in line]
        self.assertEqual(len(rows), len(self.NAMES))
        for row in rows:
            self.assertEqual(len(re.split(r"(?<!\\)\|", row)), 6, row)
        self.assertIn("onerror", html.unescape(text))
        text = re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        self.assertNotIn("<img", outside)
        self.assertNotIn("@you", outside)

    def test_a_comment_fits(self):
        many = {f"{'x' * 200}{i}": MS + i for i in range(900)}
        before = self.folder("before", [app({"m": MS})]) / "1.thaw"
        after = self.folder("after", [app(many)]) / "1.thaw"
        for top in ("15", "1000"):
            text = run_thaw("diff", before, after, "-f", "markdown", "--top", top).stdout
            self.assertLessEqual(len(text.encode()), 65536)
            self.assertIn("Cold start", text)
            self.assertEqual("Left out" in text, top == "1000")


if __name__ == "__main__":
    unittest.main()
