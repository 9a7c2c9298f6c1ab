"""The comparison with a program's own account: what it has to notice, and what it leaves out."""

import tempfile
import unittest
from pathlib import Path

from truth_comparison import PAUSE, TRUTH, compare_with_truth

LINES = """\
begin 1 outer - 7
begin 2 inner outer 7
begin 3 threaded -|outer 8
end 3 loaded -
begin 4 nosuch inner 7
end 4 notfound ModuleNotFoundError
end 2 failed OSError
begin 5 killed outer 7
"""
MODULES = [(1, None, "site", 7, "loaded"), (2, 1, TRUTH, 7, "loaded"),
           (3, 1, "outer", 7, "unfinished"), (4, 3, "inner", 7, "failed"),
           (5, None, "threaded", 8, "loaded"), (6, 4, "nosuch", 7, "not-found"),
           (7, 3, "killed", 7, "unfinished")]


def report(rows, execs=(0,)):
    """A report with rows (id, parent, name, thread, status); a module begins at 10 * id."""
    return {"processes": [{"id": 1, "execs": list(execs)}],
            "modules": [{"id": number, "parent": parent, "name": name, "tid": tid, "status": status,
                         "process": 1, "start_ns": 10 * number, "total_ns": 1}
                        for number, parent, name, tid, status in rows]}


class Comparison(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.truth = Path(scratch.name, "truth.txt")
        self.write(LINES)

    def write(self, lines):
        self.truth.write_text(lines.replace(" ", "\t"), encoding="utf-8")

    def compare(self, rows, **options):
        return compare_with_truth(report(rows, **options), self.truth)

    def changed(self, number, **values):
        names = ("id", "parent", "name", "tid", "status")
        return [tuple({**dict(zip(names, row)), **values}.values()) if row[0] == number else row
                for row in MODULES]

    def test_the_same(self):
        self.assertFalse(self.compare(MODULES), str(self.compare(MODULES)))

    def test_another_right_parent(self):
        self.assertFalse(self.compare(self.changed(5, parent=3)))

    def test_missing(self):
        self.assertTrue(self.compare(MODULES[:-1]).missing)

    def test_extra(self):
        self.assertTrue(self.compare([*MODULES, (9, None, "more", 7, "loaded")]).extra)

    def test_wrong_parent(self):
        self.assertTrue(self.compare(self.changed(6, parent=3)).wrong_parent)

    def test_wrong_status(self):
        self.assertTrue(self.compare(self.changed(7, status="loaded")).wrong_status)

    def test_wrong_thread(self):
        difference = self.compare(self.changed(5, tid=9))
        self.assertTrue(difference.missing and difference.extra)

    def test_wrong_order(self):
        self.assertTrue(self.compare(self.changed(7, id=2.5)).order)

    def test_times_without_truth_do_not_count(self):
        rows = [*MODULES, (8, None, PAUSE, 7, "loaded"), (9, None, "codecs", 7, "loaded")]
        self.write(LINES + f"begin 6 {PAUSE} - 7\nend 6 loaded -\n")
        self.assertFalse(self.compare(rows))
        rows = [*MODULES, (9, None, "codecs", 7, "loaded")]
        self.write(LINES)
        self.assertFalse(self.compare(rows, execs=(0, 85)))


if __name__ == "__main__":
    unittest.main()
