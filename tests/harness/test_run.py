"""The runner itself: nothing that went wrong may count as passed."""

import importlib.util
import os
import select
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HARNESS = Path(__file__).parent
spec = importlib.util.spec_from_file_location("run", HARNESS.parent / "run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)


def outcomes(text):
    return [(test.name, test.outcome) for test in run.parse_tap(text)]


class Tap(unittest.TestCase):
    def test_results(self):
        self.assertEqual(outcomes("1..2\nok 1 - a\nnot ok 2 - b\n# why\n"),
                         [("a", "passed"), ("b", "failed")])
        self.assertEqual(run.parse_tap("1..1\nnoise\nnot ok 1 - b\n# why\n")[0].detail, "noise\nwhy")

    def test_skips_need_a_reason(self):
        self.assertEqual(outcomes("1..2\nok 1 - a # SKIP no BPF\nok 2 - b # SKIP\n"),
                         [("a", "skipped"), ("b", "failed")])
        # As cmocka 1.1.5 prints them.
        self.assertEqual(outcomes("1..1\nskip: no BPF\nnot ok 1 # SKIP a\n"), [("a", "skipped")])
        self.assertEqual(outcomes("1..1\nnot ok 1 # SKIP a\n"), [("a", "failed")])

    def test_broken_plans_fail(self):
        for text in ("", "1..0\n", "1..2\nok 1 - a\n", "ok 1 - a\n", "1..1\nok 1 - a\nok 2 - b\n"):
            with self.subTest(text):
                self.assertEqual(outcomes(text)[-1], (run.BROKEN_PLAN, "failed"))


class Programs(unittest.TestCase):
    def results(self, script, timeout=30):
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as source:
            source.write(f"TIMEOUT_SECONDS = {timeout}\n")
            source.flush()
            program = run.Program(source.name, ["sh", "-c", script])
            return [(test.name, test.outcome, test.detail) for test in program.run(os.environ)[0]]

    def test_exit_status_counts(self):
        self.assertEqual(self.results("echo 1..1; echo ok 1 - a"), [("a", "passed", "")])
        self.assertEqual(self.results("echo 1..1; echo ok 1 - a; exit 3")[-1],
                         ("whole program", "failed", "exit status 3"))
        self.assertEqual(self.results("echo 1..1; echo ok 1 - a; kill -SEGV $$")[-1],
                         ("whole program", "failed", "ended by SIGSEGV"))

    def test_timeout_ends_the_whole_session(self):
        results = self.results("echo 1..1; echo ok 1 - a; sleep 100 & echo $! >&2; wait", 1)
        name, outcome, detail = results[-1]
        self.assertEqual((name, outcome), ("whole program", "failed"))
        self.assertTrue(detail.startswith("not done after 1 s"), detail)
        try:
            child = os.pidfd_open(int(detail.split()[-1]))
        except ProcessLookupError:
            return  # gone already
        self.assertTrue(select.select([child], [], [], 10)[0], "the child lives on")
        os.close(child)

    def test_missing_program(self):
        with tempfile.NamedTemporaryFile(suffix=".c") as source:
            tests = run.Program(source.name, ["/nonexistent/program"]).run(os.environ)[0]
        self.assertEqual([test.outcome for test in tests], ["failed"])
        self.assertIn("cannot be started", tests[0].detail)


class Order(unittest.TestCase):
    def test_only_what_records_nothing_runs_in_any_lane(self):
        recording, emulated, others = (
            ["tests/live/test_hold.py", "tests/azure/test_wire.py"], ["tests/kernels/test_rights.py"],
            ["tests/unit/test_text.c", "tests/fuzz/fuzz_maps.c", "tests/live/test_deps.py"])
        lanes = run.Lanes([run.Program(source, []) for source in recording + emulated + others])
        first, second, third = lanes.lanes[:3]

        def taken(lane, count):
            return [lanes.take(lane).source for _ in range(count)]

        self.assertEqual(taken(second, 2), emulated + others[:1])
        self.assertEqual(taken(third, 1), others[1:2])
        self.assertEqual(taken(first, 3), recording + others[2:])
        self.assertEqual([lanes.take(lane) for lane in lanes.lanes], [None] * len(lanes.lanes))

    def test_the_rest_waits_longer_for_its_cpu(self):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as source:
            program = run.Program(source.name, [])
            usual = program.timeout()
            program.anywhere = True
            self.assertGreater(program.timeout(), usual)


class UnittestFiles(unittest.TestCase):
    def tap(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "test_x.py")
            path.write_text("import unittest\n" + text, encoding="utf-8")
            done = subprocess.run([sys.executable, "-B", HARNESS / "tap_unittest.py", path],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.returncode, [(test.name, test.outcome) for test in run.parse_tap(done.stdout)]

    def test_each_kind_of_result(self):
        status, found = self.tap(
            "class A(unittest.TestCase):\n"
            "    def test_1_good(self): print('ok 9 - noise')\n"
            "    def test_2_bad(self): self.fail('x')\n"
            "    def test_3_error(self): raise OSError\n"
            "    def test_4_skip(self): self.skipTest('no BPF')\n"
            "    def test_5_parts(self):\n"
            "        with self.subTest(n=1): self.fail('x')\n")
        self.assertEqual((status, found), (1, [
            ("A.test_1_good", "passed"), ("A.test_2_bad", "failed"), ("A.test_3_error", "failed"),
            ("A.test_4_skip", "skipped"), ("A.test_5_parts (n=1)", "failed")]))

    def test_files_that_cannot_be_loaded_or_are_empty_fail(self):
        for text in ("import nowhere_to_be_found\n", "", "raise SystemExit(0)\n"):
            with self.subTest(text):
                self.assertEqual([outcome for _, outcome in self.tap(text)[1]], ["failed"])


if __name__ == "__main__":
    unittest.main()
