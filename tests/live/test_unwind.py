"""Stacks of real interpreters: thaw's unwinder against libdwfl's, frame by frame."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import elevate
from program import BUILD, REPOSITORY
from pythons import Python, machine_pythons
from site_packages import site_packages

TIMEOUT_SECONDS = 600
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
LIBRARY = BUILD / "libthaw.a"
RUN_SECONDS = 200


@unittest.skipUnless(COMPILER, "no C compiler")
@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is not built")
class Unwind(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.oracle = os.path.join(folder.name, "oracle")
        built = subprocess.run(
            [COMPILER, "-std=gnu17", "-D_GNU_SOURCE", "-O1", f"-I{REPOSITORY}/include",
             f"-I{REPOSITORY}/src", "-o", cls.oracle, REPOSITORY / "tests/live/unwind_oracle.c",
             LIBRARY, "-lelf", "-lunwind-x86_64", "-ldw", "-lbpf", "-lcap-ng", "-lxxhash",
             "-ljansson", "-lcapstone"],
            capture_output=True, text=True, timeout=60, check=False)
        if built.returncode and "libdwfl.h" in built.stderr:
            raise unittest.SkipTest("no elfutils/libdwfl.h (Debian: libdw-dev)")
        if built.returncode:
            raise AssertionError(built.stderr)

    def compare(self, python, statement, site=None, stacks=100):
        environment = site.environment(python) if site else {"PATH": os.environ["PATH"]}
        words = elevate.prefix_or_skip()
        result = subprocess.run(
            [*words, "env", *(f"{name}={value}" for name, value in environment.items()),
             self.oracle, *python.command, "-c", statement],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS,
            check=False)
        if "perf_event_open" in result.stderr:
            self.skipTest(result.stderr.strip())
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual((found["status"], found["lost"]), (0, 0), found)
        self.assertGreater(found["stacks"], stacks)
        self.assertGreater(found["frames"], 10 * found["complete"])
        # No frame is another one; either may give up earlier than the other, in the dynamic loader.
        self.assertEqual(found["different"], 0, found)
        self.assertGreaterEqual(found["same"], 0.98 * found["stacks"], found)
        return found

    def packages(self, python):
        site = site_packages(python.minor)
        if "numpy" not in site.modules or "pandas" not in site.modules:
            self.skipTest(f"not to be installed here: {site.left_out}")
        return site

    def test_debian(self):
        python = Python(11, "", "", ("/usr/bin/python3.11",))
        found = self.compare(python, "import numpy, pandas", self.packages(python))
        self.assertGreater(found["complete"], 0.6 * found["stacks"], found)

    def test_another_build(self):
        others = [python for python in machine_pythons()
                  if python.minor == 11 and python.command != ("/usr/bin/python3.11",)]
        if not others:
            self.skipTest("no other CPython 3.11 on this machine")
        self.compare(others[0], "import numpy, pandas", self.packages(others[0]))

    def test_most_stacks_of_plain_code_are_whole(self):
        python = Python(11, "", "", ("/usr/bin/python3.11",))
        found = self.compare(python, "import time\nwhile time.thread_time() < .4: sorted(range(99))")
        self.assertGreaterEqual(found["complete"], 0.98 * found["stacks"], found)

    def test_deep_stacks_are_truncated(self):
        python = Python(11, "", "", ("/usr/bin/python3.11",))
        statement = ("import time, sys\n"
                     "sys.setrecursionlimit(10**6)\n"
                     "class Deep:\n"
                     "    def __init__(self, depth): self.depth = depth\n"
                     "    def __repr__(self):\n"  # through C, so that its stack grows
                     "        if self.depth: return repr(Deep(self.depth - 1))\n"
                     "        end = time.thread_time() + .3\n"
                     "        while time.thread_time() < end: sorted(range(99))\n"
                     "        return ''\n"
                     "repr(Deep(1500))\n")
        found = self.compare(python, statement)
        self.assertGreater(found["truncated"], 0.5 * found["stacks"], found)
        self.assertLess(found["broken"], 0.02 * found["stacks"], found)


if __name__ == "__main__":
    unittest.main()
