"""The comparison of a split with the program's own: what it has to notice and what it leaves out;
and how records of dlopens are read, whole and damaged."""

import json
import tempfile
import unittest
from pathlib import Path

import dlopen_truth
import split_comparison
from dlopen_truth import BEGIN, END, MAPPED, OPEN, RECORD, SEARCH, START

MS = 1_000_000
STATISTICS = """\
     30662:\truntime linker statistics:
     30662:\t  total startup time in dynamic loader: 629860 cycles
     30662:\t            time needed for relocation: 523504 cycles (83.1%)
     30662:\t                 number of relocations: 403
     30662:\t           final number of relocations: 1381
something else: 5
"""


def load(name, start, end, asked="statement", parent=None, **parts):
    parts = {part: spent * MS for part, spent in parts.items()}
    return {"name": name, "parent": parent, "asked": asked, "tid": 7, "start_ns": start * MS,
            "end_ns": end and end * MS, "parts": parts, "gc_in": {}, "creates": []}


def module(number, name, **split):
    split = {f"{part}_ns": spent * MS for part, spent in split.items()}
    return {"id": number, "name": name, "tid": 7, "process": 1, "start_ns": number * MS,
            "total_ns": MS // 2, "split": split}


class Comparison(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.loads = [load("a", 10, 30, find_spec=3, set_up=1, read=2, execute=10),
                      load("b", 12, 20, parent="a", find_spec=1, compile=4, dump=1, write=2),
                      load("c", 40, 45, asked="import_module", execute=5),
                      load("open", 50, None, find_spec=1)]
        self.modules = [module(1, "site"), module(2, split_comparison.TRUTH),
                        module(10, "a", find=4, read=2, execute=10),
                        module(12, "b", find=1, compile=4, write=3),
                        module(40, "c", execute=9)]

    def compare(self, dlopens=None):
        path = self.folder / "truth.json"
        path.write_text(json.dumps({"loads": self.loads, "calls": {"read": 2, "find_spec": 1000},
                                    "overhead": {"timed": {"whole_ns": 700}}}))
        truth = split_comparison.read_truth(path, dlopens)
        return split_comparison.compare({"modules": self.modules}, truth)

    def differing(self, comparison):
        return [row.part for row in comparison.rows if row.differs]

    def test_the_same(self):
        comparison = self.compare()
        self.assertEqual(self.differing(comparison), [])
        self.assertEqual((comparison.compared, comparison.differing, comparison.left_out),
                         (2, 0, 1))
        self.assertEqual(comparison.row("find_ns").truth_ns, 5 * MS)
        self.assertEqual(comparison.row("write_ns").ratio, 1)
        self.assertEqual(comparison.row("find_ns").truth_off_ns, 700_000)
        self.assertEqual(comparison.only_truth, [])

    def test_beyond_the_tolerance(self):
        self.modules[2]["split"]["read_ns"] = 2 * MS * 116 // 100
        comparison = self.compare()
        self.assertEqual(self.differing(comparison), ["read_ns"])
        self.assertEqual(comparison.worst, [(320_000, "a", "read_ns", 2_320_000, 2_000_000)])
        self.modules[2]["split"]["read_ns"] = 2 * MS * 114 // 100
        self.assertEqual(self.differing(self.compare()), [])

    def test_a_part_that_the_report_lacks(self):
        del self.modules[3]["split"]["compile_ns"]
        comparison = self.compare()
        self.assertIsNone(comparison.row("compile_ns").thaw_ns)
        self.assertEqual(self.differing(comparison), ["compile_ns"])

    def test_modules_of_one_side(self):
        self.modules.append(module(60, "extra"))
        del self.modules[3]
        comparison = self.compare()
        self.assertEqual((comparison.only_truth, comparison.only_report), (["b"], ["extra"]))

    def test_before_the_truth_and_in_other_processes(self):
        self.modules += [{**module(61, "a"), "process": 2}, module(1, "b")]
        self.assertEqual(self.differing(self.compare()), [])

    def test_the_truth_must_be_there(self):
        del self.modules[1]
        with self.assertRaises(ValueError):
            self.compare()

    def test_collections_where_the_report_has_none(self):
        self.loads[0]["parts"]["gc"] = 2 * MS
        self.loads[0]["gc_in"] = {"execute": 2 * MS}
        self.modules[2]["split"]["execute_ns"] = 12 * MS
        self.assertEqual(self.differing(self.compare()), ["gc_ns"])
        for entry in self.modules:
            entry["gc_ns"] = 0
        self.modules[2]["gc_ns"] = 2 * MS
        self.assertEqual(self.differing(self.compare()), ["execute_ns"])

    def test_dlopens(self):
        self.loads[1]["creates"] = [[13 * MS, 19 * MS]]
        self.loads[1]["parts"] = {"create": 6 * MS}
        self.modules[3]["split"] = {"map_ns": 2 * MS, "constructors_ns": 3 * MS, "init_ns": MS}
        path = self.folder / "dlopens"
        write_records(path, [(13, SEARCH, "x.so"), (13, OPEN, "x.so"), (14, MAPPED, ""),
                             (15, BEGIN, "x.so"), (18, END, "x.so")])
        self.assertEqual(self.differing(self.compare(path)), [])
        self.assertEqual(self.differing(self.compare()), ["map_ns", "constructors_ns", "init_ns"])


def write_records(path, rows, tid=7):
    path.write_bytes(b"".join(RECORD.pack(at * MS, tid, kind, name.encode())
                              for at, kind, name in rows))


class Dlopens(unittest.TestCase):
    def read(self, rows, damage=lambda data: data):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "records")
            write_records(path, rows)
            path.write_bytes(damage(path.read_bytes()))
            return dlopen_truth.read_events(path)

    def test_dependencies_and_nested_ones_belong_to_it(self):
        events = self.read([(0, START, ""), (1, SEARCH, "old"), (2, SEARCH, "a"), (3, OPEN, "a"),
                            (4, SEARCH, "dep"), (5, OPEN, "dep"), (6, MAPPED, ""),
                            (8, BEGIN, "dep"), (9, SEARCH, "n"), (9, OPEN, "n"), (10, BEGIN, "n"),
                            (11, END, "n"), (12, END, "dep"), (12, BEGIN, "a"), (13, END, "a"),
                            (14, SEARCH, "next"), (15, OPEN, "next"), (16, BEGIN, "next"),
                            (17, END, "next")])
        first = dlopen_truth.dlopen_of(events)
        self.assertEqual((first.name, first.begin_ns, first.mapped_ns, first.relocated_ns,
                          first.end_ns), ("a", 2 * MS, 6 * MS, 8 * MS, 13 * MS))

    def test_intervals_inside_others(self):
        events = self.read([(1, SEARCH, "a"), (1, OPEN, "a"), (2, BEGIN, "a"), (3, END, "a"),
                            (5, SEARCH, "b"), (5, OPEN, "b"), (6, BEGIN, "b"), (7, END, "b")])
        outer, inner, other = dlopen_truth.dlopens_within(
            events, [(7, 0, 9 * MS), (7, 4 * MS, 8 * MS), (8, 0, 9 * MS)])
        self.assertEqual((outer.name, inner.name, other), ("a", "b", None))

    def test_nothing_that_tells(self):
        self.assertIsNone(dlopen_truth.dlopen_of(self.read([(1, SEARCH, "loaded already")])))
        self.assertIsNone(dlopen_truth.dlopen_of(self.read([(1, OPEN, "no constructors")])))

    def test_damage(self):
        rows = [(1, SEARCH, "a"), (2, OPEN, "b")]
        self.assertEqual(len(self.read(rows, lambda data: data[:-1])), 1)
        self.assertEqual(len(self.read(rows, lambda data: data + b"\xff" * 127)), 2)
        name = self.read(rows, lambda data: data[:16] + b"\xff" * 112 + data[128:])[0].name
        self.assertEqual(name, "\ufffd" * 112)
        with self.assertRaises(ValueError):
            self.read(rows, lambda data: data * dlopen_truth.MOST_RECORDS)

    def test_statistics(self):
        totals = dlopen_truth.linker_statistics(STATISTICS)
        self.assertEqual(totals["number of relocations"], 403)
        self.assertEqual(totals["final number of relocations"], 1381)
        self.assertEqual(totals["time needed for relocation"], 523504)
        self.assertNotIn("something else", totals)
        self.assertEqual(dlopen_truth.linker_statistics("1: " + "9" * 10000), {})


if __name__ == "__main__":
    unittest.main()
