"""Interpreters behind other roots: chroot, mount namespaces, overlays, containers, deleted files.

The path that such a process gives for its interpreter leads to another file here, which is there
on purpose. Exact modules prove that the right one is probed: probes in the file of the same path
would see nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import elevate
import fresh_python
import importtime
import other_root
import shared_python
from program import THAW, run_thaw
from recorded import record_with_ebpf

TIMEOUT_SECONDS = 300
WAIT_SECONDS = 30
PYTHON = other_root.PYTHON
CODE = "import json, email.message, _asyncio, _queue, _ctypes"
# Files behind another root are not looked at; mounts that ended with the process took its with them.
FILES = {"files-elsewhere", "sources-not-read"}
EXTENSIONS = {"_asyncio", "_ctypes"}
WORDS = [PYTHON, "-X", "importtime", "-c", CODE]
WAITING = "import sys; print('up', flush=True); sys.stdin.read(); import json, _asyncio"


# crun takes no mixture of both versions of control groups, which is none of its business here.
PLAIN_GROUPS = "umount -R -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup"


def mounted(script, *words):
    """A command with mounts of its own, which end with it."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", script + '; exec "$@"', "sh",
            *map(str, words)]


class OtherRoot(unittest.TestCase):
    def setUp(self):
        elevate.prefix_or_skip()
        if os.geteuid():
            self.skipTest("makes roots and mounts")
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.path = self.scratch / "recording.thaw"

    def root(self, program=fresh_python.STATIC):
        root = other_root.make(self.scratch / "root", program)
        self.assertTrue(other_root.starts_here(root))
        return root

    def shared(self):
        return shared_python.make(self.scratch)

    def record(self, command, *options):
        recorded = record_with_ebpf(self.path, "--until", "exit", *options, command=command)
        self.assertEqual(recorded.status, 0, recorded.stderr[-1000:])
        return recorded, recorded.report

    def interpreter(self, report):
        """The process that imported, and its interpreter as last told."""
        process = next(process for process in report["processes"] if process["python"])
        told = [one for one in report["interpreters"] if one["process"] == process["id"]]
        return process, told[-1]

    def assert_exact(self, command, *options):
        recorded, report = self.record(command, *options)
        process, interpreter = self.interpreter(report)
        comparison = importtime.compare_report(report, recorded.stderr, process["id"])
        self.assertGreater(comparison.expected, 60)
        self.assertTrue(comparison, str(comparison)[:800])
        self.assertEqual(process["coverage"], "from start")
        self.assertEqual([loss for loss in report["losses"] if loss["cause"] not in FILES], [])
        self.assert_extensions(report)
        return interpreter

    def assert_extensions(self, report):
        """dlopen of that root's own C library is seen."""
        modules = {module["name"]: module for module in report["modules"]}
        for name in EXTENSIONS:
            self.assertEqual(modules[name]["kind"], "extension", name)
            split = modules[name]["split"]  # one that is there already is not mapped again
            self.assertGreater(split.get("map_ns", split.get("dlopen_ns", 0)), 0, name)

    def assert_honest(self, command, *options):
        recorded, report = self.record(command, *options)
        process, _ = self.interpreter(report)
        comparison = importtime.compare_report(report, recorded.stderr, process["id"])
        if comparison.missing:
            self.assertEqual(process["coverage"], "late", str(comparison)[:300])
            self.assertFalse(report["complete"])


class Chroot(OtherRoot):
    def test_static(self):
        interpreter = self.assert_exact(["chroot", self.root(), *WORDS], "--hold")
        self.assertEqual(interpreter["library"], PYTHON)

    def test_shared_where_this_machine_has_a_static_one(self):
        interpreter = self.assert_exact(["chroot", self.root(self.shared()), *WORDS], "--hold")
        self.assertEqual(Path(interpreter["library"]).name, fresh_python.LIBRARY)

    def test_what_is_here_at_the_same_path_is_not_read(self):
        root = self.root()
        here = self.scratch / "app" / "thing.py"
        inside = Path(f"{root}{here}")
        for path, text in (here, "import xml.dom.minidom\n" * 99), (inside, "import json\n"):
            path.parent.mkdir(parents=True)
            path.write_text(text)
        _, report = self.record(["chroot", root, PYTHON, here])
        process, _ = self.interpreter(report)
        self.assertIn(("files-elsewhere", process["id"]),
                      {(loss["cause"], loss["process"]) for loss in report["losses"]})
        text = subprocess.run([THAW, "report", "-f", "text", self.path], capture_output=True, text=True,
                              check=True).stdout
        self.assertNotIn("minidom", text)
        self.assertFalse([line for line in text.splitlines()
                          if " inventory.file " in line and str(here) in line])

    def test_late_is_said(self):
        self.assert_honest(["chroot", self.root(), *WORDS])

    def test_known_by_who_runs_there(self):
        """A root that some process lives in is looked into before anything starts."""
        root = self.root(self.shared())
        tenant = subprocess.Popen(["chroot", str(root), PYTHON, "-c", WAITING],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(tenant.communicate)
        self.addCleanup(tenant.kill)
        self.assertEqual(tenant.stdout.readline(), b"up\n")
        self.assert_exact(["chroot", root, *WORDS])


class Namespace(OtherRoot):
    def bound(self, program):
        """Another program at the path where this machine has its Python."""
        return mounted(f"mount --bind {program} {PYTHON}", *WORDS)

    def test_another_static_one_at_the_same_path(self):
        copy = fresh_python.static_copy(self.scratch).program
        interpreter = self.assert_exact(self.bound(copy), "--hold")
        self.assertEqual(interpreter["library"], PYTHON)

    def test_a_shared_one_at_the_same_path(self):
        interpreter = self.assert_exact(self.bound(self.shared()), "--hold")
        self.assertEqual(Path(interpreter["library"]).name, fresh_python.LIBRARY)

    def test_another_library_at_the_same_path(self):
        library = fresh_python.library()
        script = f"mount --bind {fresh_python.library_copy(self.scratch)} {library}"
        program = self.shared()
        self.assert_exact(mounted(script, program, *WORDS[1:]), "--hold")

    def test_late_is_said(self):
        self.assert_honest(self.bound(fresh_python.static_copy(self.scratch).program))
        self.assert_honest(self.bound(self.shared()))

    def test_pivot_root(self):
        root = self.root(self.shared())
        script = f"mount --bind {root} {root}; cd {root}; pivot_root . old"
        self.assert_exact(mounted(script, *WORDS), "--hold")

    def overlay(self, program):
        root, top = self.root(program), self.scratch / "top"
        for name in ("upper", "work", "merged"):
            (top / name).mkdir(parents=True)
        script = (f"mount -t overlay overlay -o lowerdir={root},upperdir={top}/upper,"
                  f"workdir={top}/work {top}/merged")
        probe = subprocess.run(mounted(script, "true"), capture_output=True, text=True)
        if probe.returncode:
            self.skipTest(f"no overlay here: {probe.stderr.strip()}")
        return mounted(script, "chroot", str(top / "merged"), *WORDS)

    def test_overlay_static(self):
        self.assert_exact(self.overlay(fresh_python.STATIC), "--hold")

    def test_overlay_shared(self):
        self.assert_exact(self.overlay(self.shared()), "--hold")

    def test_overlay_late_is_said(self):
        self.assert_honest(self.overlay(fresh_python.STATIC))


class Container(OtherRoot):
    def bundle(self, root):
        """A bundle as crun wants it, with as little around the process as will do."""
        if not shutil.which("crun"):
            self.skipTest("crun is not installed")
        folder = root.parent
        subprocess.run(["crun", "spec"], cwd=folder, check=True)
        config = json.loads((folder / "config.json").read_text())
        config["root"] = {"path": str(root), "readonly": False}
        config["process"].update(args=WORDS, terminal=False)
        config["linux"]["namespaces"] = [{"type": "mount"}, {"type": "pid"}]
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] == "/proc"]
        config["linux"].pop("resources", None)
        config.pop("hostname", None)
        (folder / "config.json").write_text(json.dumps(config))
        command = mounted(PLAIN_GROUPS, "crun", "--cgroup-manager=disabled", "run", "--bundle",
                          str(folder), f"thaw-test-{os.getpid()}")
        probe = subprocess.run(command, capture_output=True, text=True, check=False)
        if probe.returncode:
            self.skipTest(f"crun does not run here: {probe.stderr[-200:]}")
        return command

    def test_held(self):
        self.assert_exact(self.bundle(self.root(self.shared())), "--hold")


class Running(OtherRoot):
    """attach --pid to what waits, and imports from then on."""

    def wait_for(self, command, **options):
        process = subprocess.Popen(list(map(str, command)) + ["-c", WAITING],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"up\n")
        return process

    def attach(self, process):
        recorder = subprocess.Popen([THAW, "attach", "-q", "-o", str(self.path), "--limit", "60s",
                                     "--pid", str(process.pid)], stdin=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
        self.addCleanup(recorder.wait)
        self.addCleanup(recorder.kill)
        deadline = time.monotonic() + WAIT_SECONDS
        while "process.present" not in run_thaw("report", "-f", "text", self.path).stdout:
            if recorder.poll() is not None or time.monotonic() > deadline:
                self.skipTest("attaching takes eBPF, which is refused here")
            time.sleep(0.02)  # looks again: there is no event to wait for
        process.stdin.close()
        self.assertEqual(recorder.wait(WAIT_SECONDS), 0)
        return json.loads(run_thaw("report", "--json", self.path).stdout)

    def assert_rest_is_seen(self, process):
        report = self.attach(process)
        modules = {module["name"]: module for module in report["modules"]}
        self.assertLessEqual({"json", "json.decoder", "_asyncio"}, set(modules))
        self.assertNotIn("site", modules)
        self.assertEqual(modules["_asyncio"]["kind"], "extension")
        self.assertGreater(modules["_asyncio"]["split"]["dlopen_ns"], 0)
        self.assertFalse(report["complete"])
        return report

    def test_in_another_root(self):
        self.assert_rest_is_seen(self.wait_for(["chroot", self.root(self.shared()), PYTHON]))

    def test_deleted_interpreter(self):
        program = fresh_python.static_copy(self.scratch).program
        process = self.wait_for([program])
        program.unlink()
        self.assert_rest_is_seen(process)

    def test_replaced_interpreter(self):
        """Another file has its name, as after an upgrade."""
        program = fresh_python.static_copy(self.scratch).program
        process = self.wait_for([program])
        program.unlink()
        shutil.copy(self.shared(), program)
        self.assert_rest_is_seen(process)

    def test_deleted_library(self):
        start = fresh_python.shared_copy(self.scratch)
        process = self.wait_for([start.program], env={**os.environ, **start.environment})
        Path(self.scratch, fresh_python.LIBRARY).unlink()
        self.assert_rest_is_seen(process)

    def test_deleted_in_another_root(self):
        root = self.root()
        process = self.wait_for(["chroot", root, PYTHON])
        (root / PYTHON[1:]).unlink()
        self.assert_rest_is_seen(process)


if __name__ == "__main__":
    sys.exit(unittest.main())
