"""Runs of an app as it is and as it would be: the user's tree stays as it was to the byte.

As root and as a plain user, in an overlay and in a copy. What a command sees and what it may do it
tells itself; what the tree was like before and after is read here.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
import live_program

TIMEOUT_SECONDS = 300
PYTHON = "/usr/bin/python3.11"
SECONDS = 60
PLAIN_USER = 65534  # nobody: the tests' user, when that is root, can't be the plain one
HOSTILE = "an app,upperdir=x:y\\z\n'\"\u00e9 \t$(x)"

# What a command tells: where it is, what it read, who it is.
TELL = """
import json, os, sys
sys.path.insert(0, os.getcwd())
import main, helper.part
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print(json.dumps({"cwd": os.getcwd(), "main": [main.VALUE, main.__file__, main.__cached__],
                  "part": [helper.part.VALUE, helper.part.__file__],
                  "uid": os.getuid(), "effective": status["CapEff"].strip(),
                  "no_new": status["NoNewPrivs"].strip(),
                  "mounted": os.path.ismount(".")}))
"""
POINT = """
import os
descriptor = int(os.environ["THAW_TRIAL_FD"])
sum(range(1000000))
os.write(descriptor, b".")
os.read(descriptor, 1)
sum(range(3000000))
os.write(descriptor, b"main.py")
"""


@functools.cache
def program():
    """Built once, where everybody can run it."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    os.chmod(folder, 0o755)
    return live_program.built(folder, "trial_runs.c")


def tree(folder):
    """All that can be seen of a folder without changing it; access times change by reading."""
    seen = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = (os.readlink(path) if path.is_symlink()
                   else path.read_bytes() if path.is_file() else None)
        seen[str(path)] = (status.st_mode, status.st_uid, status.st_gid, status.st_ino,
                           status.st_nlink, status.st_mtime_ns, status.st_ctime_ns, content)
    return seen


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Case(unittest.TestCase):
    """One way for one user; the classes below say which."""
    copy = False
    root = False

    def setUp(self):
        self.program = program()
        self.prefix = elevate.prefix_or_skip() if self.root else []
        self.as_user = {}
        if not self.root and os.geteuid() == 0:
            self.as_user = {"user": PLAIN_USER, "group": PLAIN_USER, "extra_groups": []}
        if not self.copy:
            self.skip_without(["unshare", "-m"] if self.root else ["unshare", "-U", "-m"])
        self.scratch = Path(tempfile.mkdtemp())
        self.addCleanup(subprocess.run, [*self.prefix, "rm", "-rf", self.scratch], check=True)
        os.chmod(self.scratch, 0o755)
        self.temporary = self.scratch / "temporary"
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        self.app = self.scratch / "app"

    def skip_without(self, around):
        """Skips when a command can't be run inside of that one."""
        if shutil.which("unshare") is None:
            self.skipTest("needs unshare (util-linux)")
        if subprocess.run([*self.prefix, *around, "true"], capture_output=True, timeout=SECONDS,
                          check=False, **self.as_user).returncode:
            self.skipTest("a namespace is refused here")

    def make_app(self, app=None, owner=True):
        app = app or self.app
        (app / "helper").mkdir(parents=True)
        (app / "main.py").write_text("VALUE = 'original'\n")
        (app / "helper/part.py").write_text("VALUE = 'part of it'\n")
        (app / "helper/__init__.py").touch()
        packages = app / ".python_packages/lib/site-packages/packed"
        packages.mkdir(parents=True)
        (packages / "__init__.py").write_text("VALUE = 'packed'\n")
        if owner and self.as_user:
            for path in [app, *app.rglob("*")]:
                os.lchown(path, PLAIN_USER, PLAIN_USER)
        return app

    def words(self, command, **request):
        request = {"app": str(self.app), "command": command, "copy": self.copy, "runs": 1,
                   "timeout_ms": SECONDS * 1000, **request}
        return [*self.prefix, "env", f"TMPDIR={self.temporary}", "PATH=/usr/bin:/bin",
                str(self.program), json.dumps(request)]

    def ask(self, command, **request):
        """The lines of the program's answer, by their name."""
        result = subprocess.run(self.words(command, **request), capture_output=True, text=True,
                                timeout=SECONDS * 2, check=False, **self.as_user)
        self.assertEqual(result.stderr, "")
        self.assertIn(result.returncode, (0, 1), result)
        return self.answers(result.stdout)

    def answers(self, text):
        found = {"run": [], "pair": []}
        for line in text.splitlines():
            for name, value in json.loads(line).items():
                if name in ("run", "pair"):
                    found[name].append(value)
                else:
                    found[name] = value
        if "sandbox" in found:
            self.assertEqual(found["sandbox"]["way"] == "copy", self.copy, found["sandbox"])
        return found

    @contextlib.contextmanager
    def untouched(self):
        """The app, the mounts and the temporary folder are the same before and after."""
        before, mounts = tree(self.app), Path("/proc/self/mountinfo").read_text()
        yield
        self.assertEqual(tree(self.app), before)
        self.assertEqual(Path("/proc/self/mountinfo").read_text(), mounts)
        self.assertEqual(os.listdir(self.temporary), [])

    def tell(self, **request):
        answer = self.ask([PYTHON, "-c", TELL], **request)
        self.assertNotIn("error", answer)
        for run in answer["run"]:
            self.assertEqual((run["end"], run["status"]), ("exited", 0), run["output"])
        return [json.loads(run["output"]) for run in answer["run"]]

    def assert_seen(self, told, value):
        where = told["cwd"] if self.copy else os.path.realpath(self.app)
        self.assertEqual(told["cwd"], where)
        self.assertEqual(told["main"][:2], [value, f"{where}/main.py"])
        self.assertEqual(told["part"], ["part of it", f"{where}/helper/part.py"])
        self.assertEqual(told["mounted"], not self.copy)
        if self.copy:
            self.assertTrue(where.startswith(f"{self.temporary}/thaw-trial-"), where)


class SandboxCases(Case):
    def test_the_change_is_seen_and_the_tree_is_untouched(self):
        self.make_app()
        with self.untouched():
            told, again = self.tell(changes=[["main.py", "VALUE = 'changed'\n"]], runs=2)
        self.assert_seen(told, "changed")
        self.assertEqual(told, again)
        self.assertEqual(told["no_new"], "1")
        if not self.root:
            self.assertEqual(told["effective"], "0" * 16)
            self.assertEqual(told["uid"], self.as_user.get("user", os.getuid()))

    def test_as_it_is(self):
        self.make_app()
        with self.untouched():
            [told] = self.tell(changes=[["main.py", None]])
        self.assert_seen(told, "original")

    def test_what_a_command_does_to_the_tree_is_not_done(self):
        self.make_app()
        script = ("set -e; rm -r helper; echo more >>main.py; mkdir -p new/folder; chmod 700 .; "
                  "touch -d 2001-01-01 main.py; ln -s / new/link; mv main.py other.py; "
                  "mkdir shut; touch shut/file; chmod 500 shut; ls")
        with self.untouched():
            answer = self.ask(["sh", "-c", script], runs=1)
        self.assertEqual(answer["run"][0]["output"].split(), ["new", "other.py", "shut"])

    def test_names_that_options_would_choke_on(self):
        for name in (HOSTILE, "a,b", "a:b", "a\\b", " a ", "\n"):
            with self.subTest(name=name):
                self.app = self.make_app(self.scratch / "names" / name)
                with self.untouched():
                    [told] = self.tell(changes=[["main.py", "VALUE = 'changed'\n"]])
                self.assert_seen(told, "changed")

    def test_an_app_that_nobody_may_write_to(self):
        """Not even its owner, and for a plain user root's: bytecode of a change is written."""
        self.make_app(owner=False)
        for path in [*self.app.rglob("*"), self.app]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.addCleanup(subprocess.run, ["chmod", "-R", "u+w", self.app], check=False)
        script = "import main; print(main.VALUE, __import__('os').path.exists(main.__cached__))"
        with self.untouched():
            answer = self.ask([PYTHON, "-c", script], runs=2,
                              changes=[["main.py", "VALUE = 'changed'\n"]])
        self.assertEqual([run["output"] for run in answer["run"]], ["changed True\n"] * 2)

    def test_links(self):
        """Within the app, out of it, by a whole path, and one to the next."""
        self.make_app()
        outside = self.scratch / "outside"
        outside.mkdir()
        (outside / "far.py").write_text("VALUE = 'far'\n")
        (self.app / "near.py").symlink_to("helper/../main.py")
        (self.app / "helper/up.py").symlink_to("../near.py")
        (self.app / "helper/far.py").symlink_to("../../outside/far.py")
        (self.app / "whole.py").symlink_to(self.app.resolve() / "main.py")
        (self.app / "shared").symlink_to(outside)
        (self.app / "lost.py").symlink_to("nowhere/at/all")
        script = ("import near, helper.up, helper.far, whole, shared.far; print(near.VALUE, "
                  "helper.up.VALUE, helper.far.VALUE, whole.VALUE, shared.far.VALUE)")
        before = tree(outside)
        with self.untouched():
            answer = self.ask([PYTHON, "-B", "-c", script],
                              changes=[["main.py", "VALUE = 'changed'\n"]])
        self.assertEqual(answer["run"][0]["output"], "changed changed far changed far\n")
        self.assertEqual(tree(outside), before)

    def test_stale_bytecode_is_not_taken(self):
        """Same size, and the time of the original: CPython would take the original's bytecode."""
        self.make_app()
        compiled = [PYTHON, "-m", "compileall", "-q", "--invalidation-mode"]
        for mode in ("timestamp", "unchecked-hash"):
            with self.subTest(mode=mode):
                subprocess.run([*compiled, mode, "-f", self.app / "main.py"], check=True)
                with self.untouched():
                    told, again = self.tell(changes=[["main.py", "VALUE = 'o-r-g-n-'\n"]], runs=2)
                self.assertEqual([told["main"][0], again["main"][0]], ["o-r-g-n-"] * 2)

    def test_the_changed_file_is_compiled_once(self):
        self.make_app()
        script = "import os, main; print(os.stat(main.__cached__).st_mtime_ns)"
        answer = self.ask([PYTHON, "-c", script], runs=3,
                          changes=[["main.py", "VALUE = 'changed'\n"]])
        self.assertEqual(len({run["output"] for run in answer["run"]}), 1, answer["run"])

    def test_new_files(self):
        self.make_app()
        with self.untouched():
            answer = self.ask([PYTHON, "-c", "import extra.deep.new as it; print(it.VALUE)"],
                              changes=[["extra/deep/new.py", "VALUE = 'new'\n"]])
        self.assertEqual(answer["run"][0]["output"], "new\n")

    def test_what_is_no_file_below_the_app_is_refused(self):
        self.make_app()
        (self.app / "linked").symlink_to("helper")
        for path in ("../outside.py", "/etc/passwd", "", "a//b", "./main.py", "helper/..",
                     "helper", "linked/part.py", "x" * 5000):
            with self.subTest(path=path), self.untouched():
                answer = self.ask(["true"], changes=[[path, "x"]])
                self.assertLess(answer["error"]["code"], 0)
                self.assertNotIn("\n", answer["error"]["message"])
                self.assertEqual(answer["run"], [])

    def test_no_app(self):
        for path in (self.scratch / "none", "/", self.program):
            self.app = path
            answer = self.ask(["true"])
            self.assertIn(str(path), answer["error"]["message"])
            self.assertEqual(os.listdir(self.temporary), [])


class RunCases(Case):
    def test_figures_are_those_up_to_the_point(self):
        self.make_app()
        [run] = self.ask([PYTHON, "-c", POINT])["run"]
        self.assertTrue(run["told"], run)
        self.assertEqual(run["report"], "main.py")
        self.assertGreater(run["cpu_ns"], 0)
        self.assertLess(run["cpu_ns"], run["whole_cpu_ns"])
        self.assertLess(run["wall_ns"], run["whole_wall_ns"])
        self.assertGreater(run["minor_faults"], 0)

    def test_without_a_point_they_are_those_up_to_the_end(self):
        self.make_app()
        [run] = self.ask([PYTHON, "-c", "sum(range(100000))"])["run"]
        self.assertFalse(run["told"])
        self.assertEqual(run["cpu_ns"], run["whole_cpu_ns"])
        self.assertEqual(run["wall_ns"], run["whole_wall_ns"])

    def test_a_crash(self):
        self.make_app()
        script = "import os; print('a last\\tword', flush=True); open('x', 'w'); os.abort()"
        with self.untouched():
            [run] = self.ask([PYTHON, "-c", script])["run"]
        self.assertEqual((run["end"], run["status"]), ("signalled", signal.SIGABRT))
        self.assertEqual(run["check_message"],
                         "it was ended by signal 6 (Aborted); it printed last: a last\\x09word")

    def test_a_failure(self):
        self.make_app()
        [run] = self.ask(["sh", "-c", "echo first; echo why >&2; exit 7"])["run"]
        self.assertEqual(run["check_message"], "it ended with status 7; it printed last: why")

    def test_no_such_command(self):
        self.make_app()
        with self.untouched():
            missing = self.ask(["no-such-command"])["error"]
            refused = self.ask(["/etc/passwd"])["error"]
        self.assertIn("no-such-command: no such command", missing["message"])
        self.assertIn("/etc/passwd: can't be executed", refused["message"])

    def test_a_timeout(self):
        self.make_app()
        with self.untouched():
            [run] = self.ask(["sh", "-c", "echo pid $$; exec sleep 600"], timeout_ms=500)["run"]
        self.assertEqual(run["end"], "timed out")
        self.assertIn("was not done after", run["check_message"])
        self.assertFalse(Path("/proc", run["output"].split()[1]).exists())

    def test_somebody_who_holds_the_pipes_is_not_waited_for(self):
        self.make_app()
        with self.untouched():
            [run] = self.ask(["sh", "-c", "sleep 20 & echo $!"])["run"]
        self.assertEqual(run["end"], "exited")
        self.assertLess(run["whole_wall_ns"], 15e9)
        subprocess.run([*self.prefix, "kill", run["output"].strip()], check=True, **self.as_user)

    def test_much_of_everything_is_bounded(self):
        self.make_app()
        script = POINT + "\nprint('x' * 300000 + 'end')\nos.write(descriptor, b'y' * (1 << 22))"
        [run] = self.ask([PYTHON, "-c", script])["run"]
        self.assertEqual(run["output"], "x" * (2048 - 4) + "end\n")
        self.assertEqual(len(run["report"]), 1 << 20)
        self.assertTrue(run["report_cut"])

    def test_the_environment(self):
        self.make_app()
        script = "env | sort | grep -c 'PYTHONDONT\\|PYTHONPYCACHE\\|THAW_TRIAL_FD'; cat; id -u"
        words = self.words(["sh", "-c", script])
        place = words.index("env") + 1
        words[place:place] = ["PYTHONDONTWRITEBYTECODE=1", "PYTHONPYCACHEPREFIX=/x"]
        result = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS,
                                check=True, **self.as_user)
        self.assertEqual(self.answers(result.stdout)["run"][0]["output"].split()[0], "1")


class PairCases(Case):
    def test_the_order_changes_with_each_pair(self):
        self.make_app()
        log = self.scratch / "log"
        log.touch()
        log.chmod(0o666)
        script = f"printf %.1s $SIDE >>{log}; cat main.py"
        with self.untouched():
            answer = self.ask(["sh", "-c", script], pairs=4, warm=True,
                              changes=[["main.py", "changed"]])
            self.assertEqual(log.read_text(), "oc" + "occooc" + "co")
            log.write_text("")
            again = self.ask(["sh", "-c", script], pairs=5, had=3, changes=[["main.py", "changed"]])
        self.assertEqual(log.read_text(), "cooc")
        self.assertEqual([pair["number"] for pair in answer["pair"]], [0, 1, 2, 3])
        self.assertEqual([pair["number"] for pair in again["pair"]], [3, 4])
        self.assertEqual(answer["pair"][-1]["left_ns"], 0)
        self.assertGreater(answer["pair"][0]["left_ns"], 0)
        for pair in answer["pair"] + again["pair"]:
            self.assertEqual(pair["original"]["output"], "VALUE = 'original'\n")
            self.assertEqual(pair["changed"]["output"], "changed")
        self.assertFalse(answer["stopped"])

    def test_enough(self):
        self.make_app()
        answer = self.ask(["true"], pairs=9, enough=2)
        self.assertEqual(len(answer["pair"]), 2)
        self.assertFalse(answer["stopped"])

    def test_a_side_that_fails_ends_it(self):
        self.make_app()
        with self.untouched():
            answer = self.ask(["sh", "-c", 'test "$SIDE" = original || { echo no; exit 3; }'],
                              pairs=2)
        self.assertEqual(answer["error"]["message"],
                         "the changed app's run ended with status 3; it printed last: no")
        self.assertEqual(answer["pair"], [])

    def test_ctrl_c_keeps_what_is_done(self):
        self.make_app()
        script = f"test -e {self.scratch}/ready && exec sleep 600; exit 0"
        with self.untouched():
            process = subprocess.Popen(self.words(["sh", "-c", script], pairs=1000),
                                       stdout=subprocess.PIPE, text=True, **self.as_user)
            self.addCleanup(process.kill)
            lines = [process.stdout.readline(), process.stdout.readline()]
            (self.scratch / "ready").touch()
            # From now on each run sleeps: the last pair is under way, or about to be.
            subprocess.run([*self.prefix, "kill", "-INT", str(self.running(process))], check=True,
                           **self.as_user)
            rest, _ = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 0)
        answer = self.answers("".join(lines) + rest)
        self.assertTrue(answer["stopped"])
        self.assertGreater(len(answer["pair"]), 0)
        self.assertTrue(all(pair["changed"]["end"] == "exited" for pair in answer["pair"]))

    def running(self, process):
        """The program itself, below what runs it as root."""
        pid = process.pid
        while Path(f"/proc/{pid}/comm").read_text().strip() != self.program.name:
            [pid] = children(pid)
        return pid


class RootSandbox(SandboxCases):
    root = True

    def test_the_command_can_be_another_user_s(self):
        """As under sudo: what it writes is not root's, and no capability is left."""
        self.make_app(owner=False)
        with self.untouched():
            [told] = self.tell(uid=PLAIN_USER, changes=[["main.py", "VALUE = 'changed'\n"]])
        self.assert_seen(told, "changed")
        self.assertEqual((told["uid"], told["effective"]), (PLAIN_USER, "0" * 16))


class RootOverlaySandbox(RootSandbox):
    pass


class RootCopySandbox(RootSandbox):
    copy = True


class RootRun(RunCases):
    root = True


class RootPair(PairCases):
    root = True


class PlainSandbox(SandboxCases):
    pass


class PlainRun(RunCases):
    pass


class PlainPair(PairCases):
    pass


class PlainCopySandbox(SandboxCases):
    copy = True

    def test_the_original_s_modules_are_told(self):
        self.make_app()
        packed = ".python_packages/lib/site-packages/packed/__init__.py"
        fine = self.ask(["true"], files=[str(self.app / packed), os.__file__, "/no/such/file"])
        wrong = self.ask(["true"], files=[os.__file__, str(self.app / "helper/part.py")])
        self.assertNotIn("error", fine)
        self.assertIn(f"{self.app.resolve()}/helper/part.py was taken from the original",
                      wrong["error"]["message"])

    def test_packages_are_links(self):
        self.make_app()
        script = ("test -L .python_packages/lib/site-packages/packed/__init__.py && "
                  "test ! -L main.py && test ! -L helper && echo so")
        with self.untouched():
            answer = self.ask(["sh", "-c", script])
        self.assertEqual(answer["run"][0]["output"], "so\n")


class PlainCopyPair(PairCases):
    copy = True


class RefusedCases(Case):
    """Where no overlay is to be had the copy is taken, and the reason is said."""
    copy = True

    def assert_copied(self, around, reason):
        self.skip_without(around)
        words = self.words(["true"], copy=False)
        place = words.index("env")
        words[place:place] = around
        result = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=True,
                                **self.as_user)
        answer = self.answers(result.stdout)
        self.assertIn(reason, answer["sandbox"]["why"])
        self.assertEqual(answer["run"][0]["status"], 0)


class Refused(RefusedCases):
    def test_no_more_namespaces(self):
        self.make_app()
        with self.untouched():
            self.assert_copied(["unshare", "-U", "--map-root-user", "sh", "-c",
                                'echo 0 >/proc/sys/user/max_mnt_namespaces && exec "$@"', "sh"],
                               "namespace is refused")


class HiddenMount(RefusedCases):
    root = True

    def test_a_mount_below_the_app(self):
        self.make_app()
        (self.app / "a mount").mkdir()
        self.assert_copied(["unshare", "-m", "sh", "-c",
                            f'mount -t tmpfs none "{self.app}/a mount" && exec "$@"', "sh"],
                           "another file system is mounted below it")


def load_tests(loader, _, __):
    """All but the base classes."""
    suite = unittest.TestSuite()
    for value in list(globals().values()):
        if isinstance(value, type) and issubclass(value, Case) and not value.__subclasses__():
            suite.addTests(loader.loadTestsFromTestCase(value))
    return suite


if __name__ == "__main__":
    unittest.main()
