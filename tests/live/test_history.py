"""`thaw history`: since which commit is it worse; and the store under it: two writers at once, kill -9,
damage, full disks. SQLite's own program is the oracle of whether a file is whole."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from html.parser import HTMLParser
from pathlib import Path

import histories
import live_program
from histories import entry, value
from program import REPOSITORY, THAW, run_thaw

TIMEOUT_SECONDS = 600
KILLS = 20
NOBODY = 65534
SCHEMA = json.loads((REPOSITORY / "reports/schema/thaw-history-1.schema.json").read_text())


class HistoryCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shared = Path(folder.name)
        cls.program = live_program.built(cls.shared, "history_add.c")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.store = self.folder / "history.sqlite"

    def add(self, entries, path=None):
        result = histories.add(self.program, path or self.store, entries)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def history(self, *arguments, path=None, **options):
        result = run_thaw("history", path or self.store, *arguments, **options)
        self.assertEqual((result.returncode, len(result.stderr)), (0, 0), result.stderr)
        return result.stdout

    def json(self, *arguments):
        return json.loads(self.history("--json", *arguments))

    def refused(self, result, *words, code=2):
        self.assertEqual((result.returncode, result.stdout), (code, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def check_whole(self):
        self.assertEqual(oracle(self.store, "PRAGMA integrity_check; PRAGMA foreign_key_check;"), "ok\n")


def oracle(path, sql):
    program = shutil.which("sqlite3")
    if program is None:
        raise unittest.SkipTest("no sqlite3 (Debian: sqlite3)")
    return subprocess.run([program, path, sql], text=True, capture_output=True, timeout=60,
                          check=True).stdout


def small(number, **more):
    return entry(number, [value("modules", "exact", [311.0] * 3),
                          value("total_time", "timed", [1e9 + number])], **more)


class FirstBad(HistoryCase):
    def series(self, metric, *arguments):
        [one] = self.json("--metric", metric, *arguments)["series"]
        return one

    def test_exact_step(self):
        counts = [311] * 5 + [310] + [311] * 4 + [330] * 3 + [891] * 2
        verdicts = ["pass"] * 11 + ["fail"] * 4
        self.add(entry(i, [value("modules", "exact", [count] * 3)], verdict=verdict, commit=f"{i:x}" * 40)
                 for i, (count, verdict) in enumerate(zip(counts, verdicts)))
        series = self.series("modules")
        self.assertEqual([(step["entry"], step["before"], step["value"], step["change"])
                          for step in series["steps"]],
                         [(6, 311, 310, -1), (7, 310, 311, 1), (11, 311, 330, 19), (14, 330, 891, 561)])
        # The 11th passed with 330: bad is what is above that.
        self.assertEqual(series["first_bad"],
                         {"entry": 14, "value": 891, "good": {"entry": 11, "value": 330}})
        self.assertEqual((series["latest"], series["change"], series["least"], series["most"],
                          series["direction"], series["changes"]), (891, 0, 310, 891, "up", []))
        shown = self.history(env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.assertRegex(shown, r"modules +891 +=")
        self.assertIn("▁██", shown)
        flat = " ".join(shown.split())
        self.assertIn("modules: 330 to 891 (+561) with dddddddddddd (2026-10-04, main)", flat)
        self.assertIn("above what last passed since then", flat)

    def test_only_what_is_above_from_then_on(self):
        for counts, bad in (([5, 9, 5, 9], 4), ([5, 9, 9, 9], 2), ([5, 9, 9, 5], None)):
            with self.subTest(counts):
                path = self.folder / f"{counts}"
                self.add((entry(i, [value("modules", "exact", [count])], verdict="fail" if i else "pass")
                          for i, count in enumerate(counts)), path=path)
                [series] = json.loads(self.history("--json", path=path))["series"]
                self.assertEqual((series["first_bad"] or {}).get("entry"), bad)

    def test_nothing_passed(self):
        self.add(entry(i, [value("modules", "exact", [i])], verdict="fail") for i in range(3))
        self.assertIsNone(self.series("modules")["first_bad"])

    def test_a_slower_time(self):
        wrong = 0
        for seed in range(20):
            at, generator = 8 + seed, histories.generator(seed)
            path = self.folder / f"{seed}"
            self.add((entry(i, [value("total_time", "timed",
                                      histories.noisy(generator, 1.3e9 if i >= at else 1e9))])
                      for i in range(40)), path=path)
            [series] = json.loads(self.history("--json", path=path))["series"]
            bad = (series["first_bad"] or {"entry": 0})["entry"]
            if abs(bad - (at + 1)) > 1:
                wrong += 1
                continue
            [change] = [one for one in series["changes"] if one["entry"] == bad]
            self.assertEqual(change["direction"], "up")
            self.assertLess(change["ratio"]["low"], change["ratio"]["high"])
            self.assertGreater(change["ratio"]["low"], 1.15)
            self.assertLess(change["ratio"]["high"], 1.5)
        self.assertEqual(wrong, 0)

    def test_noise(self):
        """100 series of nothing but noise, all in one history: a change in at most one."""
        generators = [histories.generator(1000 + seed) for seed in range(100)]
        self.add(entry(i, [value("total_time", "timed", histories.noisy(generator, 1e9, 0.15, 5),
                                 module=f"m{number}") for number, generator in enumerate(generators)])
                 for i in range(60))
        series = self.json()["series"]
        self.assertEqual(len(series), 100)
        self.assertLessEqual(sum(bool(one["changes"] or one["first_bad"]) for one in series), 1)
        self.assertIn("no change told from noise", self.history())

    def test_too_few(self):
        self.add(entry(i, [value("total_time", "timed", [1e9 * (1 + i // 6)] * 3)]) for i in range(12))
        self.assertEqual(self.series("total_time")["direction"], "unknown")
        self.assertIn("too few gates", self.history())

    def test_like_is_put_beside_like(self):
        """Another interpreter is another series, another machine is for times alone."""
        keys = [{}, {"machine": "another"}, {"interpreter": "3.12"}, {"kernel": "6.9"}, None]
        for number, more in enumerate(keys):
            key = "no JSON" if more is None else json.dumps({**histories.KEY, **more})
            self.add([small(number, key=key)])
        series = self.json()["series"]
        self.assertEqual(sorted((one["metric"], [point["entry"] for point in one["points"]])
                                for one in series),
                         [("modules", [1, 2, 4]), ("modules", [3]), ("modules", [5]),
                          ("total_time", [1, 4]), ("total_time", [2]), ("total_time", [3]),
                          ("total_time", [5])])

    def test_what_changed_with_it(self):
        self.add([small(0), entry(1, [value("modules", "exact", [400])], key=json.dumps(
            {**histories.KEY, "lock_file": "requirements.txt:xxh128:1"}))])
        self.assertEqual(self.series("modules")["steps"][0]["differing_keys"], ["lock_file"])
        self.assertIn("the lock file changed with it", " ".join(self.history().split()))


class Asked(HistoryCase):
    def test_options(self):
        self.add([small(0), small(1, branch="dev"), small(2, name="other"), small(3)])
        self.add([entry(4, [value("modules", "exact", [7], distribution="pandas"),
                            value("phase_time", "timed", [7], phase="import")])])
        for arguments, entries, series in (
                ([], [1, 2, 3, 4, 5], 6), (["--branch", "dev"], [2], 2), (["--name", "other"], [3], 2),
                (["--last", "1"], [5], 2), (["--last", "2", "--branch", "main"], [4, 5], 4),
                (["--metric", "modules"], [1, 2, 3, 4, 5], 3),
                (["--metric", "modules", "--distribution", ""], [1, 2, 3, 4, 5], 2),
                (["--distribution", "pandas"], [1, 2, 3, 4, 5], 1),
                (["--phase", "import", "--module", ""], [1, 2, 3, 4, 5], 1),
                (["--branch", "none"], [], 0)):
            with self.subTest(arguments):
                history = self.json(*arguments)
                self.assertEqual([one["id"] for one in history["entries"]], entries)
                self.assertEqual(len(history["series"]), series)
                for form in ("summary", "markdown", "html", "csv"):
                    self.history(*arguments, "-f", form)
        self.assertIn("None of them has a value of what was asked for", self.history("--metric", "modul"))

    def test_by_the_schema(self):
        try:
            from jsonschema import Draft202012Validator
        except ModuleNotFoundError:
            self.skipTest("no module jsonschema (Debian: python3-jsonschema)")
        Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual(json.loads(run_thaw("schema", "history").stdout), SCHEMA)
        generator = histories.generator(3)
        self.add(entry(i, [value("modules", "exact", [311 if i < 20 else 891]),
                           value("system_calls", "counted", [5000, 5001]),
                           value("total_time", "timed", histories.noisy(generator, 2e9 if i > 15 else 1e9))],
                       verdict="pass" if i < 20 else "fail") for i in range(30))
        self.add([entry(30, [value("modules", "exact", [1], module="caf\xe9")], name="\xff", commit="",
                        branch="", verdict="", key="")])
        history = self.json()
        self.assertEqual(list(Draft202012Validator(SCHEMA).iter_errors(history)), [])
        self.assertEqual([(one["metric"], bool(one["first_bad"])) for one in history["series"]],
                         [("modules", False), ("modules", True), ("system_calls", False),
                          ("total_time", True)])
        self.assertEqual(history["entries"][-1]["name_bytes"], "%FF")
        for broken in ({"schema": "thaw-history/2"}, {"removed": -1}, {"more": 1}):
            self.assertNotEqual(list(Draft202012Validator(SCHEMA).iter_errors({**history, **broken})), [])

    def test_default_file(self):
        state = self.folder / "state"
        home = {"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"]}
        for environment, path in (({**home, "XDG_STATE_HOME": str(state)}, state / "thaw/history.sqlite"),
                                  ({**home, "XDG_STATE_HOME": "relative"},
                                   self.folder / "home/.local/state/thaw/history.sqlite"),
                                  (home, self.folder / "home/.local/state/thaw/history.sqlite")):
            self.refused(run_thaw("history", env=environment), str(path), "no history yet",
                         "thaw gate --history")
            self.add([small(1)], path=path)
            self.assertEqual(run_thaw("history", env=environment).returncode, 0)
            shutil.rmtree(path.parent)
        self.refused(run_thaw("history", env={"PATH": "/usr/bin"}), "XDG_STATE_HOME")

    def test_usage(self):
        self.add([small(1)])
        before = self.store.read_bytes()
        self.refused(run_thaw("history", self.store, "-o", self.store), "would overwrite")
        self.refused(run_thaw("history", self.store, "--json", "-f", "csv"), "exclude each other")
        self.refused(run_thaw("history", self.store, "-f", "jsn"), "did you mean 'json'")
        self.refused(run_thaw("history", self.store, "--last", "0"), "last")
        self.refused(run_thaw("history", self.store, "-o", "/dev/full"), code=125)
        self.assertIn("markdown", run_thaw("history", "-f", "list").stdout)
        self.assertEqual(self.store.read_bytes(), before)

    def test_reading_leaves_nothing_behind(self):
        self.add([small(1)])
        before = self.store.read_bytes()
        self.history()
        self.assertEqual([path.name for path in self.folder.iterdir()], ["history.sqlite"])
        self.assertEqual(self.store.read_bytes(), before)
        self.assertEqual(self.store.stat().st_mode & 0o7777, 0o600)


# What it does to a terminal, HTML, SQL, Markdown, a spreadsheet; Latin-1 is no UTF-8.
HOSTILE = ["\x1b]0;title\x07\x1b[31m", "</title><script>alert(1)</script>", "'; DROP TABLE gate; --",
           "a|b `c` **d** @everyone #1 ![x](http://x.invalid/y)", "=HYPERLINK(\"http://x.invalid\")",
           "line\nbreak\r\n", "caf\xe9 \xff", "\" onload=\"alert(1)", "&lt;b&gt; <!-- -->", "-1", "@a",
           "x" * 5000]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.policy, self.style = [], [], None, ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if ("http-equiv", "Content-Security-Policy") in attributes:
            self.policy = dict(attributes)["content"]

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        self.style += data if self.tags and self.tags[-1] == "style" else ""


class Hostile(HistoryCase):
    def setUp(self):
        super().setUp()
        for number, name in enumerate(HOSTILE):
            self.add([entry(number * 2 + more, [
                value(name, "exact", [1 + more], module=name, distribution=name, phase=name)],
                name=name, commit=name, branch=name, verdict=name,
                key=json.dumps({**histories.KEY, "interpreter": name})) for more in range(2)])

    def check_plain(self, text, but=""):
        self.assertEqual({character for character in text
                          if not character.isprintable() and character not in "\n" + but}, set())

    def test_terminal(self):
        for locale in ("C", "C.UTF-8"):
            shown = self.history(env={**os.environ, "LC_ALL": locale})
            self.check_plain(shown)
            self.assertIn("\\x1b]0;title\\x07", "".join(shown.split()))
            if locale == "C":
                self.assertTrue(shown.isascii())

    def test_json(self):
        history = json.loads(self.history("--json"))
        self.assertEqual([one["name"] for one in history["entries"]][::2],
                         [name.replace("\xe9", "\ufffd").replace("\xff", "\ufffd") for name in HOSTILE])
        self.assertIn("caf%E9%20%FF", {one.get("name_bytes") for one in history["entries"]})

    def test_html(self):
        text = self.history("-f", "html")
        self.check_plain(text)
        page = Page(text)
        self.assertLessEqual({tag.lstrip("/") for tag in page.tags}, {
            "html", "head", "meta", "title", "link", "style", "body", "main", "h1", "h2", "h3", "p", "ul",
            "li", "section", "dl", "div", "dt", "dd", "caption", "svg", "line", "polyline", "circle", "text",
            "details", "summary", "table", "thead", "tbody", "tr", "th", "td"})
        self.assertEqual([name for name, _ in page.attributes if name.startswith("on")], [])
        self.assertEqual([value for name, value in page.attributes if name in ("href", "src")], ["data:,"])
        digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
        self.assertIn(f"style-src 'sha256-{digest}'", page.policy)
        self.assertIn("default-src 'none'", page.policy)
        self.assertNotIn("unsafe", page.policy)

    def test_markdown(self):
        text = self.history("-f", "markdown")
        self.check_plain(text)
        self.assertTrue(text.startswith("<!-- thaw:history -->\n"))
        self.assertLessEqual(len(text), 65536)
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.split("\n", 1)[1])
        for piece in ("<script", "<!--", "@everyone", "![", "http:"):
            self.assertNotIn(piece, outside)
        rows = [line for line in text.split("\n") if line.startswith("| ")]
        for row in rows:
            self.assertEqual(len(re.findall(r"(?<!\\)\|", row)), 7, row)

    def test_csv(self):
        text = self.history("-f", "csv", text=False).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), 2 * len(HOSTILE))
        self.check_plain(text, "\r")
        for row in rows:
            for name, cell in row.items():
                self.assertNotIn(cell[:1], tuple("=+-@"), name)
        self.assertEqual({row["value"] for row in rows}, {"1", "2"})


class Store(HistoryCase):
    def test_two_writers_at_once(self):
        """From the first moment, in which the file is made."""
        writers = [subprocess.Popen([self.program, self.store], stdin=subprocess.PIPE, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        text = [histories.lines(small(i, commit=f"{number}-{i}") for i in range(30)) for number in range(4)]
        for writer, lines in zip(writers, text):
            writer.stdin.write(lines)
            writer.stdin.flush()
        for writer in writers:
            _, errors = writer.communicate(timeout=120)
            self.assertEqual((writer.returncode, errors), (0, ""))
        self.check_whole()
        commits = {one["commit"] for one in self.json()["entries"]}
        self.assertEqual(commits, {f"{number}-{i}" for number in range(4) for i in range(30)})

    def test_kill(self):
        """What was said to be kept is there after a kill -9, and nothing of what was not is half so."""
        generator, kept = histories.generator(7), 0
        lines = histories.lines(entry(i, [value(f"m{j}", "exact", [i] * 20) for j in range(40)])
                                for i in range(3000)).encode()
        (self.folder / "lines").write_bytes(lines)
        for _ in range(KILLS):
            with open(self.folder / "lines", "rb") as source:
                writer = subprocess.Popen([self.program, self.store], stdin=source,
                                          stdout=subprocess.PIPE)
                said = len(writer.stdout.readline()) > 0
                time.sleep(generator.uniform(0, 0.1))
                writer.send_signal(signal.SIGKILL)
                said += writer.stdout.read().count(b"added\n")
                writer.stdout.close()
                self.assertEqual(writer.wait(timeout=60), -signal.SIGKILL)
            # First thaw, which finds it as it was left; then SQLite's program.
            count = len(self.json("--metric", "none")["entries"])
            self.check_whole()
            self.assertIn(count - kept, (said, said + 1))
            kept = count
            self.assertEqual(oracle(self.store, "SELECT DISTINCT n FROM (SELECT count(*) n FROM gate_value"
                                                " GROUP BY gate)"), "40\n")

    def test_damage(self):
        self.add(small(i) for i in range(200))
        whole = self.store.read_bytes()
        generator, refused = histories.generator(5), 0
        for number in range(60):
            damaged = bytearray(whole)
            if number % 3 == 0:
                at = generator.randrange(0, len(whole), 4096)
                damaged[at:at + 4096] = generator.randbytes(4096)
            elif number % 3 == 1:
                at = generator.randrange(len(whole) - 64)
                damaged[at:at + 64] = generator.randbytes(64)
            else:
                del damaged[generator.randrange(1, len(whole)):]
            self.store.write_bytes(damaged)
            result = run_thaw("history", self.store)
            if result.returncode != 0:
                self.refused(result, str(self.store))
                refused += 1
                added = histories.add(self.program, self.store, [small(1)])
                if added.returncode:
                    self.assertEqual(added.stderr.count("\n"), 1)
                    self.assertEqual(self.store.read_bytes(), damaged)
            for suffix in ("-wal", "-shm"):
                self.store.with_name(self.store.name + suffix).unlink(missing_ok=True)
        self.assertGreater(refused, 30)

    def test_file_size_limit(self):
        self.add([small(0)])
        limit = self.store.stat().st_size + 200_000

        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        result = histories.add(self.program, self.store, (small(i) for i in range(1, 5000)),
                               preexec_fn=limited, restore_signals=False)
        self.check_full(result)

    def test_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        (self.folder / "small").mkdir()
        self.store = self.folder / "small/history.sqlite"
        mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", self.folder / "small"]
        if subprocess.run(mount, capture_output=True, timeout=60, check=False).returncode != 0:
            self.skipTest("no tmpfs can be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.folder / "small"], check=True, timeout=60)
        result = histories.add(self.program, self.store, (small(i) for i in range(20000)))
        self.check_full(result, "no space is left")

    def check_full(self, result, *words):
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for word in (str(self.store), *words):
            self.assertIn(word, result.stderr)
        said = result.stdout.count("added\n")
        self.assertGreater(said, 0)
        self.assertIn(len(self.json()["entries"]), (said, said + 1))
        self.check_whole()

    def test_locked(self):
        self.add([small(0)])
        holder = sqlite3.connect(self.store, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN IMMEDIATE")
        self.assertEqual(len(self.json()["entries"]), 1)  # readers don't wait for writers
        result = histories.add(self.program, self.store, [small(1)])
        self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")), (1, "", 1))
        self.assertIn("another program has held it", result.stderr)
        holder.execute("COMMIT")
        self.add([small(1)])
        self.assertEqual(len(self.json()["entries"]), 2)

    def test_without_rights(self):
        if os.geteuid() != 0:
            self.skipTest("becoming somebody else needs root")

        def nobody():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        self.add([small(0)])
        self.folder.chmod(0o755)
        for program, name in ((THAW, "thaw"), (self.program, "add")):  # where others may run them
            shutil.copy(program, self.folder / name)

        def shown():
            return subprocess.run([self.folder / "thaw", "history", self.store], preexec_fn=nobody, text=True,
                                  capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        before = self.store.read_bytes()
        self.refused(shown(), "Permission denied")
        self.store.chmod(0o644)  # a read-only file in a folder that can't be written
        self.assertIn("1 gate", shown().stdout)
        for path, words in ((self.store, "read-only"), (self.folder / "new.sqlite", "Permission denied"),
                            (self.folder / "new/new.sqlite", "Permission denied")):
            result = histories.add(self.folder / "add", path, [small(1)], preexec_fn=nobody)
            self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)
            self.assertIn(words, result.stderr)
        self.assertEqual(self.store.read_bytes(), before)

    def test_without_sqlite(self):
        """thaw loads it when it is needed: all else works without."""
        self.add([small(0)])
        (self.folder / "empty.c").write_text("")
        subprocess.run([live_program.COMPILER, "-shared", "-o", self.folder / "libsqlite3.so.0",
                        self.folder / "empty.c"], check=True, timeout=60)
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.folder)}
        self.refused(run_thaw("history", self.store, env=environment), "libsqlite3.so.0 is not installed")
        self.assertEqual(run_thaw("version", env=environment).returncode, 0)
        result = histories.add(self.program, self.folder / "new", [small(1)], env=environment)
        self.assertEqual((result.returncode, (self.folder / "new").exists()), (1, False))

    def test_other_files(self):
        text = self.folder / "text"
        text.write_text("no history " * 200, encoding="utf-8")
        self.refused(run_thaw("history", text), str(text), "no history")
        other = self.folder / "other"
        oracle(other, "CREATE TABLE gate (i)")
        self.refused(run_thaw("history", other), "another program's")
        self.refused(run_thaw("history", self.folder), "no file")
        (self.folder / "empty").touch()
        self.assertIn("no gate", self.history(path=self.folder / "empty"))
        self.add([small(0)])
        oracle(self.store, "PRAGMA user_version = 99")
        self.refused(run_thaw("history", self.store), "later thaw")
        before = self.store.read_bytes()
        result = histories.add(self.program, self.store, [small(1)])
        self.assertIn("later thaw", result.stderr)
        self.assertEqual(self.store.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
