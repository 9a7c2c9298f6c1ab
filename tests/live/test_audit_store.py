"""The store of `thaw audit`: kill -9, full disks, damage, readers meanwhile. SQLite's own program is the
oracle of whether a file is whole."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import audits
import live_program
from audits import arrivals, start, watched
from program import run_thaw

KILLS = 6


def batch(number):
    """What a second brings: three starts with their requests."""
    return [*(start(f"app{i}", number, total_ns=number + 1, worker=f"{number}-{i}") for i in range(3)),
            arrivals("app0", number * 10), watched(number * 10, number * 10 + 10), None]


class Store(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.program = live_program.built(folder.name, "starts_add.c")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.store = self.folder / "audit.sqlite"

    def oracle(self, sql):
        program = shutil.which("sqlite3")
        if program is None:
            self.skipTest("no sqlite3 (Debian: sqlite3)")
        return subprocess.run([program, self.store, sql], text=True, capture_output=True, timeout=60,
                              check=True).stdout

    def check_whole(self):
        self.assertEqual(self.oracle("PRAGMA integrity_check"), "ok\n")

    def answers(self):
        result = run_thaw("audit", "--top", "--json", "--store", self.store)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def test_kill(self):
        """What was said to be kept is there after a kill -9, and of the rest nothing is half so."""
        generator, kept = random.Random(3), 0
        text = audits.lines(item for number in range(2000) for item in batch(number)).encode()
        (self.folder / "lines").write_bytes(text)
        for _ in range(KILLS):
            with open(self.folder / "lines", "rb") as source:
                writer = subprocess.Popen([self.program, self.store], stdin=source, stdout=subprocess.PIPE)
                said = len(writer.stdout.readline()) > 0
                time.sleep(generator.uniform(0, .1))
                writer.send_signal(signal.SIGKILL)
                said += writer.stdout.read().count(b"kept\n")
                writer.stdout.close()
                self.assertEqual(writer.wait(timeout=60), -signal.SIGKILL)
            answers = self.answers()
            self.check_whole()
            starts = answers["starts"]["seen"]
            self.assertEqual(starts % 3, 0)
            self.assertIn(starts // 3 - kept, (said, said + 1))
            kept = starts // 3
        self.assertEqual(self.oracle("SELECT count(*) FROM arrivals"), f"{kept}\n")

    def test_readers_meanwhile(self):
        """Each sees a whole state, none waits, and the writer is not kept from writing."""
        items = [item for number in range(800) for item in batch(number)]
        results = []
        writer = threading.Thread(target=lambda: results.append(audits.add(self.program, self.store, items)))
        writer.start()
        seen = []
        while writer.is_alive():
            if self.store.exists() and self.store.stat().st_size:
                seen.append(self.answers()["starts"]["seen"])
            time.sleep(.02)
        writer.join()
        self.assertEqual((results[0].returncode, results[0].stderr), (0, ""))
        self.assertEqual(seen, sorted(seen))
        self.assertEqual({count % 3 for count in seen}, {0})
        self.assertEqual(self.answers()["starts"]["seen"], 2400)

    def test_second_writer(self):
        first = subprocess.Popen([self.program, self.store], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)
        first.stdin.write(audits.lines(batch(0)))
        first.stdin.flush()
        self.assertEqual(first.stdout.readline(), "kept\n")
        second = audits.add(self.program, self.store, batch(1))
        self.assertEqual((second.returncode, second.stderr.count("\n")), (1, 1))
        self.assertIn("another `thaw audit` adds to it", second.stderr)
        self.assertEqual(self.answers()["starts"]["seen"], 3)
        first.kill()
        first.communicate(timeout=60)
        self.assertEqual(audits.add(self.program, self.store, batch(1)).returncode, 0)
        self.assertEqual(self.answers()["starts"]["seen"], 6)

    def check_full(self, result, *words):
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1), result.stderr)
        for word in (str(self.store), *words):
            self.assertIn(word, result.stderr)
        said = result.stdout.count("kept\n")
        self.assertGreater(said, 0)
        self.assertIn(self.answers()["starts"]["seen"] // 3, (said, said + 1))
        self.check_whole()

    def test_file_size_limit(self):
        self.assertEqual(audits.add(self.program, self.store, batch(0)).returncode, 0)
        limit = self.store.stat().st_size + 200_000

        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        items = [item for number in range(1, 3000) for item in batch(number)]
        self.check_full(audits.add(self.program, self.store, items, preexec_fn=limited, restore_signals=False))
        # There is room again.
        self.assertEqual(audits.add(self.program, self.store, batch(9000)).returncode, 0)

    def test_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        (self.folder / "small").mkdir()
        self.store = self.folder / "small/audit.sqlite"
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.folder / "small"]
        if subprocess.run(mount, capture_output=True, timeout=60, check=False).returncode != 0:
            self.skipTest("no tmpfs can be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.folder / "small"], check=True, timeout=60)
        items = [item for number in range(5000) for item in batch(number)]
        self.check_full(audits.add(self.program, self.store, items), "no space is left")

    def test_bounds(self):
        """However much comes, the file and what is beside it stay below the bound."""
        items = [item for number in range(2000) for item in batch(number)]
        most = []

        def look():
            most.append(sum(path.stat().st_size for path in (self.store, Path(f"{self.store}-wal"))
                            if path.exists()))
        writer = threading.Thread(target=audits.add, args=(self.program, self.store, items, 0, 1 << 20))
        writer.start()
        while writer.is_alive():
            look()
            time.sleep(.005)
        writer.join()
        self.assertLess(max(most), 1 << 20)
        answers = self.answers()
        self.assertEqual(answers["starts"]["seen"] + answers["removed"]["starts"], 6000)
        self.assertGreater(answers["starts"]["seen"], 1000)

    def test_app(self):
        self.assertEqual(audits.add(self.program, self.store, batch(0)).returncode, 0)

        def asked(*words):
            result = run_thaw("audit", "--top", "--json", "--store", self.store, *words)
            return result.returncode, result.stderr, json.loads(result.stdout or "null")
        code, complaint, _ = asked("--app", "ap1")
        self.assertEqual((code, complaint.count("\n")), (2, 1), complaint)
        self.assertIn("has no starts of 'ap1' (did you mean 'app1'?)", complaint)
        code, _, answers = asked("--app", "app1")
        self.assertEqual((code, answers["starts"]["seen"]), (0, 1))
        code, _, answers = asked("--app", "app1", "--until", "2001-01-01")  # it is known, just not then
        self.assertEqual((code, answers["starts"]["seen"]), (0, 0))

    def test_damage(self):
        self.assertEqual(audits.add(self.program, self.store, [item for number in range(50)
                                                               for item in batch(number)]).returncode, 0)
        whole, generator, refused = self.store.read_bytes(), random.Random(5), 0
        for number in range(40):
            damaged = bytearray(whole)
            at = generator.randrange(len(whole) - 4096)
            if number % 2:
                damaged[at:at + 256] = generator.randbytes(256)
            else:
                del damaged[at:]
            self.store.write_bytes(damaged)
            result = run_thaw("audit", "--top", "--store", self.store)
            if result.returncode:
                self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1), result.stderr)
                self.assertIn(str(self.store), result.stderr)
                refused += 1
            for suffix in ("-wal", "-shm"):
                Path(f"{self.store}{suffix}").unlink(missing_ok=True)
        self.assertGreater(refused, 20)


if __name__ == "__main__":
    unittest.main()
