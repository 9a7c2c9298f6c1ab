"""`thaw report --view tree` and `--view blame` of each recording here, read back from the terminal's text
and held against the modules of its JSON report.
"""

import json
import os
import re
import unittest
from collections import Counter
from pathlib import Path

from program import run_thaw

RECORDINGS = sorted(Path(__file__).parent.glob("*/recording.txt"))
MARKS = {"failed": " (failed)", "not-found": " (not found)", "unfinished": " (unfinished)"}
PROCESS = re.compile(r"(\S+ \d+|a process that is not known): ([\d,]+) imports? in (.+)")
ROW = re.compile(r" *(-|[<\d.]+ \S+) +(-|[<\d.]+ \S+) +([>\d.]+ %|) +((?:[| ] )*)(?:[|`]-)?(\S.*)")
NUMBERS = 31  # columns before the tree


def shown(ns):
    """A duration as it is shown, of less than a day."""
    if ns is None:
        return "-"
    if ns >= 10_000_000_000:
        return f"{(ns + 5_000_000) // 10_000_000 / 100:.2f} s"
    return "<0.1 ms" if 0 < ns < 50000 else f"{(ns + 50000) // 100000 / 10:.1f} ms"


def label(module):
    return module["name"] + MARKS.get(module["status"], "")


class ImportViews(unittest.TestCase):
    def view(self, recording, name, *options):
        result = run_thaw("report", recording, "--view", name, "--top", "100000", "--width", "200",
                          *options, env={**os.environ, "LC_ALL": "C"})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def rows(self, text):
        """(process, names from the outermost module to this one, total, self) of each line."""
        process, path = None, []
        for line in text.splitlines():
            found = PROCESS.fullmatch(line)
            if found:
                process, path = found[1], []
                continue
            if not process or len(line) <= NUMBERS or not ROW.fullmatch(line):
                continue
            total, own = re.fullmatch(r" *(-|\S+ \S+) +(-|\S+ \S+)", line[:20].rstrip()).groups()
            branches = re.match(r"(?:[| ] )*(?:[|`]-)?", line[NUMBERS:])[0]
            del path[len(branches) // 2:]
            path.append(line[NUMBERS + len(branches):].partition("  ")[0])
            yield process, tuple(path), total, own

    def expected(self, report):
        modules = {module["id"]: module for module in report.get("modules") or ()}
        processes = {process["id"]: process for process in report["processes"]}
        for module in modules.values():
            process = processes.get(module["process"])
            path, above = [label(module)], module
            while (above := modules.get(above["parent"])) and above["process"] == module["process"]:
                path.insert(0, label(above))
            yield (f"{process['role'] or 'process'} {process['pid']}" if process
                   else "a process that is not known", tuple(path),
                   shown(module["total_ns"]), shown(module["self_ns"]))

    def test_the_tree_is_that_of_the_report(self):
        seen = 0
        for recording in RECORDINGS:
            with self.subTest(recording.parent.name):
                report = json.loads(run_thaw("report", recording, "--json").stdout)
                text = self.view(recording, "tree")
                rows = Counter(self.rows(text))
                self.assertEqual(rows, Counter(self.expected(report)))
                self.assertEqual("INCOMPLETE" in text, not report["complete"])
                seen += rows.total()
        self.assertGreater(seen, 50)

    def test_blame_has_every_module_of_the_first_reply(self):
        for name in ("import-module-tree", "failed-and-retried", "threads", "v1-load"):
            with self.subTest(name):
                recording = Path(__file__).parent / name / "recording.txt"
                report = json.loads(run_thaw("report", recording, "--json").stdout)
                lines = self.view(recording, "blame", "--sort", "self").partition("\n\n")[0].splitlines()
                heading = next(i for i, line in enumerate(lines) if "SELF" in line)
                column = lines[heading].index("MODULE")
                names = [line[column:].partition("  ")[0] for line in lines[heading + 1:]]
                by_self = sorted(report["modules"], key=lambda one: -(one["self_ns"] or 0))
                self.assertEqual(Counter(names), Counter(map(label, by_self)))
                own = [float(line.split()[0].lstrip("<")) for line in lines[heading + 1:]]
                self.assertEqual(own, sorted(own, reverse=True))

    def test_what_cannot_be(self):
        recording = RECORDINGS[0]
        for options in (("--sort", "disk"), ("--depth", "0"), ("--top", "0")):
            with self.subTest(options):
                result = run_thaw("report", recording, "--view", "tree", *options)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


if __name__ == "__main__":
    unittest.main()
