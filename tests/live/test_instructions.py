"""Instructions of a command, counted by callgrind: the same to the digit, and one line otherwise."""

import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import live_program

PYTHON = "/usr/bin/python3.11"
TIMEOUT_SECONDS = 300
RUN_SECONDS = 120
TRIES = 20  # what records with eBPF meanwhile, in other tests, ends such a run
NOT_FOUND, FAILED, LATE, STOPPED = -2, -10, -62, -4

# Three loops of so many rounds, of two instructions each.
LOOP = """
    int main(void)
    {
        for (int round = 0; round < 3; round++)
            __asm__ volatile("mov $%d, %%%%ecx\\n1: dec %%%%ecx\\njnz 1b" ::: "ecx");
        return 0;
    }
"""


class Instructions(unittest.TestCase):
    def setUp(self):
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name).resolve()
        self.program = live_program.built(self.scratch, "count_instructions.c")

    def count(self, *command, seconds=RUN_SECONDS, stop_after=None, **options):
        """(code, figure, line)"""
        for _ in range(TRIES):
            process = subprocess.Popen([self.program, str(seconds), *command],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       **options)
            self.addCleanup(process.kill)
            if stop_after is not None:
                time.sleep(stop_after)
                process.stdin.write("x")
                process.stdin.flush()
            first = process.stdout.readline().split()
            line = process.stdout.read().strip()
            process.stdin.close()
            process.stdout.close()
            process.wait(RUN_SECONDS)
            if "met a breakpoint" not in line:
                return int(first[0]), int(first[1]), line
        raise AssertionError(f"{TRIES} tries: {line}")

    def fine(self, *command, **options):
        code, figure, line = self.count(*command, **options)
        self.assertEqual((code, line), (0, ""))
        return figure

    def loop(self, rounds):
        source = self.scratch / f"loop{rounds:06}.c"  # names of one length, which is looked at
        source.write_text(LOOP % rounds, encoding="utf-8")
        program = source.with_suffix("")
        subprocess.run([live_program.COMPILER, "-O1", "-static", "-o", program, source],
                       check=True)
        return program

    def test_are_those_that_the_program_has(self):
        few, more = self.fine(self.loop(1000)), self.fine(self.loop(101000))
        self.assertEqual(more - few, 3 * 2 * 100000)

    def test_of_python_are_the_same_to_the_digit(self):
        python = self.scratch / "python3.11"  # of which nobody has probes
        shutil.copy(PYTHON, python)
        environment = {**os.environ, "PYTHONHOME": "/usr", "PYTHONHASHSEED": "random"}
        statement = "import json; print(sorted({str(i) for i in range(99)}))"
        figures = {self.fine(python, "-c", statement, env=environment) for _ in range(3)}
        self.assertEqual(len(figures), 1, figures)
        self.assertGreater(figures.pop(), 10_000_000)

    def test_of_a_child_are_not_counted(self):
        alone = self.fine("sh", "-c", "true")
        with_child = self.fine("sh", "-c", "i=0; (while [ $i -lt 3000 ]; do i=$((i+1)); done)")
        self.assertLess(with_child, alone + 100_000)

    def test_failures_are_one_line(self):
        for command, wanted, said in (
                (["no-such-command"], NOT_FOUND, "no-such-command: no such command"),
                ([str(self.scratch / "nothing")], NOT_FOUND, "nothing: no such command"),
                (["sh", "-c", "echo broken >&2; exit 3"], FAILED, "status 3 under valgrind: broken"),
                (["sh", "-c", "kill -SEGV $$"], FAILED, "signal 11"),
                (["sh", "-c", "exec true"], FAILED, "name that program")):
            with self.subTest(command):
                code, figure, line = self.count(*command)
                self.assertEqual((code, figure), (wanted, 0), line)
                self.assertIn(said, line)
                self.assertNotIn("\n", line)

    def test_what_it_leaves_behind_ends_with_it(self):
        held = self.scratch / "held"
        os.mkfifo(held)
        self.fine("sh", "-c", f"sleep 600 <>{held} & exit 0")
        writer = None
        for _ in range(100):  # its end comes a little later
            try:
                writer = os.open(held, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                break
            os.close(writer)
            time.sleep(0.1)
        else:
            self.fail("what the command started still runs")

    def test_timeout_and_stop(self):
        begun = time.monotonic()
        code, _, line = self.count("sleep", "600", seconds=1)
        self.assertEqual((code, line), (LATE, "sleep was not done under valgrind after 1 s"))
        code, _, line = self.count("sleep", "600", stop_after=0.5)
        self.assertEqual((code, line), (STOPPED, "sleep was stopped"))
        self.assertLess(time.monotonic() - begun, 500)

    def test_without_valgrind(self):
        code, _, line = self.count("/bin/true", env={"PATH": "/nowhere"})
        self.assertEqual(code, NOT_FOUND)
        self.assertIn("install it", line)


if __name__ == "__main__":
    unittest.main()
