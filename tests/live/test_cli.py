"""The command line as people and scripts meet it."""

import json
import os
import pty
import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY, THAW, run_thaw

OK, USAGE, INCOMPLETE, FAILED = 0, 2, 3, 125

COLD_START = REPOSITORY / "tests/golden/v2-init-indexing/recording.txt"
RECORDING = """thaw-recording-text 1
1_000_000 session.begin backend="importtime" kernel="6.1.0" arch="x86_64" cpus=2 \
 command=["python3","app.py"] until="exit" platform="auto"
1_100_000 process.fork pid=7 tid=7 parent=1
1_200_000 process.exec pid=7 tid=7 executable="/usr/bin/python3.11"
9_000_000 process.exit pid=7 tid=7
9_900_000 session.end reason="exit"
"""


def command_names():
    """The commands that the overview lists."""
    lines = run_thaw("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines if re.match(r"  \S", line)]


class CommandLine(unittest.TestCase):
    def assert_refused(self, result, text, code=USAGE):
        """One line on stderr that holds text, nothing on stdout."""
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(text, result.stderr)
        self.assertTrue(result.stderr.startswith("thaw"), result.stderr)


class Help(CommandLine):
    def test_overview_lists_the_commands(self):
        self.assertLessEqual({"record", "report", "doctor", "schema", "version", "help"},
                             set(command_names()))
        self.assertEqual(run_thaw("--help").stdout, run_thaw("help").stdout)

    def test_each_command_has_help_that_fits_80_columns(self):
        for name in command_names():
            with self.subTest(name):
                result = run_thaw(name, "--help")
                self.assertEqual((result.returncode, result.stderr), (OK, ""))
                self.assertTrue(result.stdout.startswith(f"Usage: thaw {name} "), result.stdout)
                self.assertIn("--help", result.stdout)
                self.assertEqual([line for line in result.stdout.splitlines() if len(line) > 80], [])
                self.assertEqual(run_thaw("help", name).stdout, result.stdout)
                self.assertNotIn("(null)", result.stdout)

    def test_exit_codes_are_documented(self):
        text = run_thaw("help", "exit-codes").stdout
        for code in (0, 1, 2, 3, 4, 125, 126, 127):
            self.assertRegex(text, rf"(?m)^ +{code}  \S")

    def test_version(self):
        self.assertRegex(run_thaw("--version").stdout, r"^thaw \d+\.\d+\.\d+\n$")
        version = json.loads(run_thaw("--version", "--json").stdout)
        self.assertEqual(f"thaw {version['version']}\n", run_thaw("version").stdout)

    def test_without_command_help_goes_to_stderr(self):
        result = run_thaw()
        self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
        self.assertIn("Commands:", result.stderr)


class WrongUsage(CommandLine):
    def test_unknown_command(self):
        self.assert_refused(run_thaw("recrod"), "unknown command 'recrod' (did you mean 'record'?)")
        self.assert_refused(run_thaw("frobnicate"), "`thaw help` lists them")
        self.assert_refused(run_thaw("help", "reprot"), "did you mean 'report'?")

    def test_unknown_option_on_each_command(self):
        for name in command_names():
            with self.subTest(name):
                self.assert_refused(run_thaw(name, "--hepl"), "did you mean '--help'?")
                self.assert_refused(run_thaw(name, "--frobnicate"), "'--frobnicate'")

    def test_escapes_in_arguments_do_not_reach_the_terminal(self):
        self.assert_refused(run_thaw("\x1b[31mred\nline"), r"\x1b[31mred\x0aline")

    def test_operands(self):
        self.assert_refused(run_thaw("report"), "no recording given")
        self.assert_refused(run_thaw("report", "a", "b"), "one argument too many: 'b'")
        self.assert_refused(run_thaw("version", "x"), "one argument too many: 'x'")
        self.assert_refused(run_thaw("schema", "x"), "there is no schema of 'x'")


class Report(CommandLine):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.recording = self.folder / "recording.txt"
        self.recording.write_text(RECORDING, encoding="utf-8")

    def test_json_on_stdout_and_nothing_else(self):
        result = run_thaw("report", "--json", self.recording)
        self.assertEqual((result.returncode, result.stderr), (OK, ""))
        self.assertEqual(json.loads(result.stdout)["schema"], "thaw-report/1")
        self.assertEqual(run_thaw("report", self.recording, "-fjson").stdout, result.stdout)

    def test_output_file_is_private_and_whole(self):
        output = self.folder / "report.json"
        output.write_text("old", encoding="utf-8")
        result = run_thaw("report", self.recording, "--json", "-o", output)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (OK, "", ""))
        self.assertEqual(json.loads(output.read_text(encoding="utf-8"))["schema"], "thaw-report/1")
        self.assertEqual(stat.S_IMODE(output.stat().st_mode), 0o600)
        self.assertEqual(sorted(os.listdir(self.folder)), ["recording.txt", "report.json"])

    def test_output_through_a_link_keeps_the_link(self):
        target, link = self.folder / "target", self.folder / "link"
        target.write_text("old", encoding="utf-8")
        link.symlink_to(target)
        self.assertEqual(run_thaw("report", self.recording, "-o", link).returncode, OK)
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(target.read_text(encoding="utf-8"), "old")

    def test_output_that_fails_leaves_the_old_file(self):
        output = self.folder / "report.json"
        output.write_text("old", encoding="utf-8")
        bad = self.folder / "bad"
        bad.write_text("not a recording", encoding="utf-8")
        self.assert_refused(run_thaw("report", bad, "-o", output), "bad")
        self.assertEqual(output.read_text(encoding="utf-8"), "old")
        self.assert_refused(run_thaw("report", self.recording, "-o", self.folder), "is a folder",
                            FAILED)
        self.assert_refused(run_thaw("report", self.recording, "-o", self.folder / "no" / "x"),
                            "No such file", FAILED)

    def test_several_outputs_are_those_of_one_each(self):
        names = ("json", "html", "csv", "text")
        words = [word for name in names for word in ("-f", name, "-o", self.folder / name)]
        self.assertEqual(run_thaw("report", self.recording, *words).returncode, OK)
        for name in names:
            with self.subTest(name):
                self.assertEqual((self.folder / name).read_text(encoding="utf-8"),
                                 run_thaw("report", self.recording, "-f", name).stdout)

    def test_several_outputs_are_replaced_together_or_not_at_all(self):
        old = self.folder / "old"
        old.write_text("old", encoding="utf-8")
        self.assert_refused(run_thaw("report", self.recording, "-f", "json", "-o", old, "-f", "html",
                                     "-o", self.folder / "no" / "x"), "No such file", FAILED)
        self.assertEqual(old.read_text(encoding="utf-8"), "old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["old", "recording.txt"])

    def test_outputs_overwrite_nothing_that_is_read_nor_each_other(self):
        link, other = self.folder / "link", self.folder / "x"
        link.symlink_to(self.recording)
        for arguments, words in (
                (["-o", self.recording], "overwrite what is read"),
                (["-o", link], "overwrite what is read"),
                (["-f", "json", "-o", other, "-f", "html", "-o", other], "given twice"),
                (["-f", "json", "-f", "html", "-o", other], "each of several"),
                (["-o", other, "-o", link], "each of several"),
                (["--what-if", "lazy=a", "-f", "json"], "excludes -f"),
                (["--what-if", "lazy=a", "-o", other], "excludes -f"),
                (["--proof", self.folder / "no"], "No such file")):
            with self.subTest(arguments):
                self.assert_refused(run_thaw("report", self.recording, *arguments), words)
        self.assert_refused(run_thaw("diff", self.recording, self.recording, "-o", self.recording),
                            "overwrite what is compared")
        self.assertEqual(self.recording.read_text(encoding="utf-8"), RECORDING)

    def test_full_device(self):
        for arguments in (["report", self.recording], ["report", self.recording, "--json"],
                          ["report", self.recording, "-f", "text"], ["schema"], ["--help"],
                          ["report", "-f", "list"]):
            with self.subTest(arguments), open("/dev/full", "w") as full:
                result = run_thaw(*arguments, stdout=full)
                self.assertEqual(result.returncode, FAILED)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn("No space left on device", result.stderr)
        result = run_thaw("report", self.recording, "-o", "/dev/full")
        self.assertEqual(result.returncode, FAILED)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))

    def test_closed_stdout(self):
        for arguments in (["report", str(self.recording)], ["schema"]):
            with self.subTest(arguments):
                result = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", THAW, *arguments],
                                        stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(result.returncode, FAILED)
                self.assertIn("Bad file descriptor", result.stderr)

    def test_inputs_that_cannot_be_used(self):
        empty, noise = self.folder / "empty", self.folder / "noise"
        empty.touch()
        noise.write_bytes(os.urandom(4096))
        for path in (self.folder / "none", self.folder, empty, noise):
            with self.subTest(path.name):
                self.assert_refused(run_thaw("report", path), path.name)

    def test_formats(self):
        listed = [line.split()[0] for line in run_thaw("report", "-f", "list").stdout.splitlines()]
        self.assertLessEqual({"json", "summary", "text"}, set(listed))
        for name in listed:
            with self.subTest(name):
                result = run_thaw("report", COLD_START, "-f", name)
                self.assertEqual((result.returncode, result.stderr), (OK, ""))
                self.assertTrue(result.stdout)
        self.assert_refused(run_thaw("report", self.recording, "-f", "sumary"),
                            "did you mean 'summary'?")
        self.assert_refused(run_thaw("report", self.recording, "--json", "-f", "summary"),
                            "exclude each other")

    def test_text_form_reads_back_the_same(self):
        once, twice = self.folder / "once", self.folder / "twice"
        self.assertEqual(run_thaw("report", self.recording, "-f", "text", "-o", once).returncode, OK)
        self.assertEqual(run_thaw("report", once, "-f", "text", "-o", twice).returncode, OK)
        self.assertEqual(once.read_bytes(), twice.read_bytes())

    def test_strict_tells_incomplete_by_the_exit_code(self):
        self.assertEqual(run_thaw("report", self.recording, "--strict").returncode, OK)
        cut = self.folder / "cut"
        cut.write_text(RECORDING + 'recording finished=0 defect="cut"\n', encoding="utf-8")
        self.assertEqual(run_thaw("report", cut).returncode, OK)
        result = run_thaw("report", cut, "--strict")
        self.assertEqual(result.returncode, INCOMPLETE)
        self.assertIn("incomplete", result.stderr)
        self.assertIn("INCOMPLETE", result.stdout)

    def on_terminal(self, *arguments, **environment):
        """What thaw writes to a terminal."""
        main, other = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", **environment}
        process = subprocess.Popen([THAW, *map(str, arguments)], stdout=other, env=environment)
        os.close(other)
        parts = []
        try:
            while part := os.read(main, 65536):
                parts.append(part)
        except OSError:  # EIO: the other side is closed
            pass
        os.close(main)
        self.assertEqual(process.wait(60), OK)
        return b"".join(parts)

    def test_colour_only_where_it_is_wanted(self):
        plain = {"NO_COLOR": ""}
        report = ("report", self.recording)
        self.assertIn(b"\x1b[", self.on_terminal(*report, **plain))
        self.assertNotIn(b"\x1b[", self.on_terminal(*report, NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", self.on_terminal(*report, **plain, TERM="dumb"))
        self.assertNotIn(b"\x1b[", self.on_terminal(*report, "--color=never", **plain))
        self.assertNotIn("\x1b[", run_thaw(*report).stdout)
        self.assertIn("\x1b[", run_thaw(*report, "--color=always").stdout)


class Schema(unittest.TestCase):
    def test_prints_the_file_of_the_repository(self):
        for path in REPOSITORY.glob("reports/schema/thaw-*-1.schema.json"):
            name = path.name.split("-")[1]
            with self.subTest(name):
                self.assertEqual(run_thaw("schema", name).stdout, path.read_text(encoding="utf-8"))
        self.assertEqual(run_thaw("schema").stdout, run_thaw("schema", "report").stdout)


if __name__ == "__main__":
    unittest.main()
