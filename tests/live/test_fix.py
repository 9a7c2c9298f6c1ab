"""`thaw fix` on an app whose recording suggests imports: what it writes, applies and refuses."""

import ctypes
import errno
import json
import os
import platform
import stat
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import run_thaw
from rewriter import write_recording
from source_helper import pythons

TIMEOUT_SECONDS = 300
OK, USAGE, INCOMPLETE, FAILED = 0, 2, 3, 125
APP = b"""import json\r
import decimal  # exact\r
from fractions import (\r
    Fraction,  # a/b\r
)\r
import pkg.prices\r
\r
\r
def handler(event, context):\r
    return json.dumps(event)\r
\r
\r
def price():\r
    return decimal.Decimal(1), Fraction(1, 2), pkg.prices.all_prices()\r
"""
PRICES = b"""import statistics


def all_prices():
    return statistics.mean([1, 2, 3])
"""
LOADED = (("json", "decimal", "fractions"), ("statistics",))


def exchange_nothing():
    """In a child: from here on renameat2(RENAME_EXCHANGE) fails as on NFS and 9p (seccomp(2))."""
    number = {"x86_64": 316, "aarch64": 276}[platform.machine()]
    load, equal, answer, allowed = 0x20, 0x15, 0x06, 0x7fff0000
    no_new_privileges, set_filter, filter_mode = 38, 22, 2
    data = b"".join(struct.pack("=HBBI", *row) for row in (
        (load, 0, 0, 0), (equal, 0, 3, number),     # seccomp_data.nr
        (load, 0, 0, 48), (equal, 0, 1, 2),         # its args[4]: RENAME_EXCHANGE
        (answer, 0, 0, 0x00050000 | errno.EINVAL), (answer, 0, 0, allowed)))
    rows = ctypes.create_string_buffer(data, len(data))
    program = ctypes.create_string_buffer(struct.pack("HP", len(data) // 8, ctypes.addressof(rows)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(set_filter, filter_mode, program):
        os._exit(99)


class App(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name).resolve()
        self.root = self.scratch / "app"
        (self.root / "pkg").mkdir(parents=True)
        self.app, self.prices = self.root / "app.py", self.root / "pkg/prices.py"
        self.app.write_bytes(APP)
        self.prices.write_bytes(PRICES)
        _, self.python = pythons()[-1]
        self.record()

    def record(self, starting=()):
        self.recording = write_recording(self.scratch / "recording.txt", self.root, self.python,
                                         dict(zip((self.app, self.prices), LOADED)), starting)

    def fix(self, *options, code=OK, text=True, **more):
        result = run_thaw("fix", self.recording, *options, text=text, **more)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def contents(self):
        return [path.read_bytes() for path in (self.app, self.prices)]

    def assert_untouched(self):
        self.assertEqual(self.contents(), [APP, PRICES])
        self.assertEqual(sorted(os.listdir(self.root)), ["app.py", "pkg"])

    def price(self):
        text = "import app; print(app.price(), app.handler(1, 2))"
        return subprocess.run([self.python, "-B", "-c", text], cwd=self.root, capture_output=True,
                              text=True, check=True).stdout


class Diff(App):
    def test_git_and_patch_take_it_and_apply_does_the_same(self):
        before = self.price()
        diff = self.fix(text=False).stdout
        self.assert_untouched()
        made = []
        for tool in (["git", "apply", "-"], ["git", "apply", "-R", "-"],
                     ["patch", "-p1", "--batch"], ["patch", "-p1", "-R", "--batch"]):
            subprocess.run(tool, input=diff, cwd=self.root, check=True, capture_output=True)
            made.append(self.contents())
        self.assertEqual(made[0], made[2])
        self.assertEqual([made[1], made[3]], [[APP, PRICES]] * 2)
        self.record()
        self.assertEqual(self.fix("--apply").stdout, "")
        self.assertEqual(self.contents(), made[0])
        self.assertEqual(self.price(), before)
        lines = made[0][0].decode().split("\r\n")
        self.assertEqual([line for line in lines if line.startswith("import")],
                         ["import json"])
        self.assertIn("    from fractions import Fraction  # a/b", lines)

    def test_words_name_each_import(self):
        words = self.fix().stderr.splitlines()
        self.assertEqual(sorted(words), [
            "thaw fix: app.py:2: decimal moves into price()",
            "thaw fix: app.py:3: Fraction moves into price()",
            "thaw fix: app.py:6: pkg moves into price()",
            "thaw fix: pkg/prices.py:1: statistics moves into all_prices()"])

    def test_one_suggestion_alone(self):
        for only, line in (("decimal", 2), ("app.py:2", 2), (f"{self.app}:3", 3), ("fractions", 3)):
            with self.subTest(only=only):
                told = json.loads(self.fix("--json", "--only", only).stdout)
                self.assertEqual([row["line"] for row in told["imports"]], [line])
        for nothing in ("json", "app.py:1", "pp.py:2", "decim", "other.py:2"):
            with self.subTest(only=nothing):
                result = self.fix("--only", nothing, code=USAGE)
                self.assertEqual(result.stdout, "")
                self.assertIn(nothing, result.stderr)

    def test_what_needs_a_look_moves_only_when_named(self):
        self.record(starting=("decimal",))
        told = self.fix()
        self.assertIn("app.py:2: stays unless --only names it: ", told.stderr)
        self.assertIn("thread", told.stderr)
        self.assertNotIn("-import decimal", told.stdout)
        self.assertIn("-import statistics", told.stdout)
        told = json.loads(self.fix("--json").stdout)
        self.assertEqual([(row["file"], row["line"]) for row in told["passed_over"]],
                         [(str(self.app), 2)])
        self.assertNotIn(2, [row["line"] for row in told["imports"] if row["file"] == str(self.app)])
        self.assertIn("-import decimal", self.fix("--only", "decimal").stdout)

    def test_json_says_all(self):
        told = json.loads(self.fix("--json").stdout)
        self.assertEqual((told["root"], told["applied"]), (str(self.root), False))
        self.assertEqual([row for row in told["imports"] if row["line"] == 2], [{
            "file": str(self.app), "line": 2, "module": "decimal", "name": "decimal",
            "form": "function", "functions": ["price"], "note": None, "refused": None,
            "reason": None, "reason_line": None, "getter": None}])
        self.assertEqual("".join(row["difference"] for row in told["files"]),
                         self.fix(text=False).stdout.decode())
        self.assertTrue(json.loads(self.fix("--json", "--apply").stdout)["applied"])

    def test_diff_into_a_file(self):
        path = self.scratch / "lazy.diff"
        self.assertEqual(self.fix("-o", path).stdout, "")
        self.assertEqual(path.read_bytes(), self.fix(text=False).stdout)


class Refused(App):
    def test_a_file_that_changed_since(self):
        self.app.write_bytes(APP + b"# more\r\n")
        result = self.fix("--apply", code=USAGE)
        self.assertIn("app.py:2: decimal stays: it has changed since the recording", result.stderr)
        self.assertEqual(self.app.read_bytes(), APP + b"# more\r\n")

    def test_a_file_of_the_same_size_touched_since(self):
        os.utime(self.app, ns=(1, 1))
        self.assertIn("changed since", self.fix(code=USAGE).stderr)

    def test_a_file_that_is_gone(self):
        self.app.unlink()
        self.assertIn("it is gone", self.fix("--apply", code=USAGE).stderr)

    def test_links_lead_nowhere(self):
        outside = self.scratch / "outside.py"
        self.app.rename(outside)
        self.app.symlink_to(outside)
        result = self.fix("--apply", code=USAGE)
        self.assertIn("symbolic link", result.stderr)
        self.assertTrue(self.app.is_symlink())
        self.assertEqual(outside.read_bytes(), APP)

    def test_a_linked_folder_leads_nowhere(self):
        text = self.recording.read_text()
        (self.root / "link").symlink_to(self.scratch)
        (self.scratch / "app.py").write_bytes(APP)
        self.recording.write_text(text.replace(f'"{self.app}"', f'"{self.root}/link/app.py"'))
        self.assertIn("symbolic link", self.fix("--apply", "--root", self.root, code=USAGE).stderr)
        self.recording.write_text(text.replace(f'"{self.app}"', f'"{self.root}/../app.py"'))
        self.assertIn("stays: it", self.fix("--apply", "--root", self.root, code=USAGE).stderr)
        self.assertEqual((self.scratch / "app.py").read_bytes(), APP)

    def test_nothing_outside_of_the_root(self):
        result = self.fix("--apply", "--root", self.root / "pkg", code=USAGE)
        self.assertIn("outside of the app's folder", result.stderr)
        self.assertEqual(self.app.read_bytes(), APP)
        self.assertIn("missing", self.fix("--root", self.root / "missing", code=USAGE).stderr)

    def test_a_recording_without_edges(self):
        text = self.recording.read_text().splitlines(keepends=True)
        self.recording.write_text("".join(row for row in text if "inventory.import" not in row))
        self.fix(code=INCOMPLETE)

    def test_an_interpreter_that_gives_no_answer(self):
        text = self.recording.read_text()
        self.recording.write_text(text.replace(f'"{self.python}"', '"/bin/true"'))
        self.assertIn("/bin/true", self.fix("--apply", code=USAGE).stderr)
        self.assert_untouched()

    def test_all_or_nothing(self):
        """What can't be written in one folder leaves the other file as it was."""
        if os.geteuid() == 0:
            changed = subprocess.run(["chattr", "+i", str(self.prices)], capture_output=True)
            undo = ["chattr", "-i", str(self.prices)]
        else:
            changed = subprocess.run(["chmod", "555", str(self.root / "pkg")], capture_output=True)
            undo = ["chmod", "755", str(self.root / "pkg")]
        if changed.returncode:
            raise unittest.SkipTest("no file here can be kept from root")
        try:
            files = json.loads(self.fix("--json").stdout)["files"]
            self.assertEqual(len(files), 2)
            self.fix("--apply", code=FAILED)
            self.assert_untouched()
            self.fix("--apply", code=FAILED, preexec_fn=exchange_nothing)
        finally:
            subprocess.run(undo, check=True)
        self.assert_untouched()


class Applied(App):
    def test_mode_and_owner_stay(self):
        self.app.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(self.app, 0, 12345)
        before = self.app.stat()
        self.fix("--apply")
        after = self.app.stat()
        self.assertNotEqual(self.app.read_bytes(), APP)
        self.assertEqual([stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid],
                         [0o755, before.st_uid, before.st_gid])
        self.assertEqual(sorted(os.listdir(self.root)), ["app.py", "pkg"])
        self.assertEqual(os.listdir(self.root / "pkg"), ["prices.py"])

    def test_where_files_cannot_change_places(self):
        os.utime(self.app, (1, 1))
        self.record()
        before = self.price()
        wanted = subprocess.run(["patch", "-p1", "--binary", "-o", "-", "app.py"], cwd=self.root,
                                input=self.fix("--only", "app.py:2", text=False).stdout,
                                capture_output=True, check=True).stdout
        self.fix("--apply", "--only", "app.py:2", preexec_fn=exchange_nothing)
        self.assertEqual(self.app.read_bytes(), wanted)
        self.assertNotEqual(wanted, APP)
        self.assertEqual(self.price(), before)
        self.assertEqual(sorted(set(os.listdir(self.root)) - {"__pycache__"}), ["app.py", "pkg"])


if __name__ == "__main__":
    unittest.main()
