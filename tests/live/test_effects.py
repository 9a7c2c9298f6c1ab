"""What modules do while they are executed: each effect once, against strace in the same run."""

import os
import shutil
import tempfile
import textwrap
import unittest
from collections import Counter
from pathlib import Path

import strace_truth
from program import BUILD, run_thaw
from recorded import interpreters, record_with_ebpf

USER_PACKAGES = BUILD / "demo/wwwroot/.python_packages/lib/site-packages"

# Modules are executed in this order; each says what is expected of it.
MODULES = {
    "thread_maker": """
        import threading, time
        def work():
            time.sleep(0.002)
            open("from-thread", "w").close()
            inner = threading.Thread(target=lambda: open("from-inner", "w").close())
            inner.start(); inner.join()
        thread = threading.Thread(target=work)
        thread.start(); thread.join()
    """,
    "process_maker": """
        import subprocess
        subprocess.run(["/bin/sh", "-c", "/bin/true; : > from-child"], check=True)
    """,
    "networker": """
        import socket
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen()
        peer = socket.socket()
        peer.connect(server.getsockname())
        six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        local = socket.socket(socket.AF_UNIX)
        try:
            local.connect("\\0nobody-listens")
        except OSError:
            pass
        for open_one in (server, peer, six, local):
            open_one.close()
    """,
    "writer": """
        import os
        os.mkdir("made")
        with open("made/file", "w") as file:
            file.write("x")
        os.rename("made/file", "made/renamed")
        os.symlink("renamed", "made/link")
        os.unlink("made/link")
        os.unlink("made/renamed")
        os.rmdir("made")
    """,
    "sleeper": """
        import time
        time.sleep(0.02)
    """,
    "handler": """
        import signal
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.getsignal(signal.SIGTERM)
    """,
    "environment": """
        import os
        os.environ["THAW_TEST_NAME"] = "a-secret-value"
        del os.environ["THAW_TEST_NAME"]
    """,
    "resolver": """
        import socket
        socket.getaddrinfo("127.0.0.1", 80)
        socket.gethostbyname_ex("localhost")
        socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    """,
    "quiet": "VALUE = 1",
    "outer": "import " + ", ".join(["thread_maker", "process_maker", "networker", "writer",
                                    "sleeper", "handler", "environment", "resolver", "quiet"]),
}


def effects_of(report, name):
    """{kind: [detail]} of the module."""
    kinds = {}
    for module in report["modules"]:
        if module["name"] == name:
            for effect in module["effects"]:
                kinds.setdefault(effect["kind"], []).append(effect["detail"])
    return kinds


def oldest_and_newest():
    """Interpreters that differ most in how they sleep and set variables."""
    found = sorted((tuple(map(int, item["version"].split(".")[:2])), item["executable"])
                   for item in interpreters() if item["works"] and item["version"])
    return dict([found[0], found[-1]]) if found else {}


class Effects(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        for name, code in MODULES.items():
            (self.folder / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")

    def record(self, python, *modules, options=(), packages="", how="__import__(name)",
               under_strace=True):
        """The report of python importing the modules, and strace's effects of the same run."""
        truth = self.folder / "strace"
        words = [python, "-c", strace_truth.marked(how), *modules]
        if under_strace:
            if not shutil.which("strace"):
                self.skipTest("strace is not installed")
            words = strace_truth.command(truth, *words)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{self.folder}:{packages}"}
        recorded = record_with_ebpf(self.folder / "effects.thaw", "--until", "exit", *options,
                                    command=words, env=environment, cwd=self.folder)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        self.text = recorded.text
        found = strace_truth.effects(truth.read_text()) if under_strace else []
        return recorded.report, found

    def assert_same_counts(self, report, truth, names, least):
        """As many of each kind as strace saw, and at least so many in all."""
        expected = strace_truth.counts(truth)
        self.assertEqual(strace_truth.counts_of_report(report, names), expected)
        self.assertGreaterEqual(sum(expected.values()), least)

    def test_each_effect_once(self):
        for version, python in oldest_and_newest().items():
            with self.subTest(version):
                self.each_effect_once(python)

    def each_effect_once(self, python):
        report, truth = self.record(python, "outer")
        self.assert_same_counts(report, truth, ["outer"], 25)
        self.assertNotIn("a-secret-value", self.text)

        threads = effects_of(report, "thread_maker")
        self.assertEqual(threads["thread"], [None, None])
        self.assertEqual(threads["write"], ["from-thread", "from-inner"])  # the grandchild's, too
        self.assertEqual(len(threads["sleep"]), 1)
        processes = effects_of(report, "process_maker")
        self.assertEqual(len(processes["process"]), 2)  # the shell, and what that started
        self.assertTrue(processes["process"][1].endswith("/true"), processes)
        self.assertIn("from-child", processes["write"])
        network = effects_of(report, "networker")
        self.assertEqual(network["socket"], ["AF_INET SOCK_STREAM", "AF_INET SOCK_STREAM",
                                             "AF_INET6 SOCK_DGRAM", "AF_UNIX SOCK_STREAM"])
        self.assertEqual(network["bind"], ["127.0.0.1:0"])
        self.assertRegex(network["connect"][0], r"^127\.0\.0\.1:\d+$")
        self.assertEqual(network["connect"][1], "@nobody-listens")
        self.assertEqual(len(network["listen"]), 1)
        self.assertEqual(effects_of(report, "writer"), {
            "mkdir": ["made"], "write": ["made/file"],
            "rename": ["made/file -> made/renamed"], "link": ["renamed -> made/link"],
            "remove": ["made/link", "made/renamed"], "rmdir": ["made"]})
        self.assertEqual(effects_of(report, "handler"),
                         {"signal": ["SIGUSR1: a handler", "SIGUSR2: ignored"]})
        self.assertEqual(effects_of(report, "environment"),
                         {"environment": ["THAW_TEST_NAME set", "THAW_TEST_NAME removed"]})
        self.assertEqual(effects_of(report, "resolver")["lookup"][0], "127.0.0.1")
        self.assertIn("localhost", effects_of(report, "resolver")["lookup"])
        self.assertIn("127.0.0.1:80", effects_of(report, "resolver")["lookup"])
        self.assertEqual(effects_of(report, "quiet"), {})
        self.assertEqual(effects_of(report, "outer"), {})
        self.check_details(report)

    def check_details(self, report):
        modules = {module["name"]: module for module in report["modules"]}
        slept, = modules["sleeper"]["effects"]
        # From 3.11 on it sleeps up to a point of time, which it fixes some time before the call.
        self.assertGreater(slept["duration_ns"], 10_000_000)
        failed = modules["networker"]["effects"]
        self.assertEqual([effect.get("error") for effect in failed
                          if effect["detail"] == "@nobody-listens"], ["ECONNREFUSED"])
        self.assertEqual(modules["sleeper"]["parent"], modules["outer"]["id"])

    def test_import_module_is_told_apart(self):
        python = next(iter(oldest_and_newest().values()))
        report, truth = self.record(python, "writer", "sleeper",
                                    how="importlib.import_module(name)")
        self.assert_same_counts(report, truth, ["writer", "sleeper"], 8)
        self.assertEqual(len(effects_of(report, "writer")["remove"]), 2)
        self.assertEqual(len(effects_of(report, "sleeper")["sleep"]), 1)

    def test_a_loop_is_bounded_and_said(self):
        (self.folder / "loop.py").write_text(
            "for i in range(1000): open('loop-file', 'w').close()", encoding="utf-8")
        python = next(iter(oldest_and_newest().values()))
        report, _ = self.record(python, "loop", under_strace=False)
        module, = (module for module in report["modules"] if module["name"] == "loop")
        told = len(module["effects"])
        self.assertIn(told, (255, 256))  # its own bytecode may be one
        self.assertEqual([i for i, effect in enumerate(module["effects"]) if "more" in effect],
                         [told - 1])
        self.assertEqual(report["losses"], [])

    def test_not_observed_is_no_empty_list(self):
        python = next(iter(oldest_and_newest().values()))
        report, _ = self.record(python, "outer", options=["--observe", "imports"],
                                under_strace=False)
        self.assertGreater(len(report["modules"]), 10)
        self.assertEqual([module["name"] for module in report["modules"] if "effects" in module],
                         [])
        view = run_thaw("report", str(self.folder / "effects.thaw"), "--view", "effects").stdout
        self.assertIn("Effects were not observed", view)

    def test_the_view_names_the_chain(self):
        python = next(iter(oldest_and_newest().values()))
        self.record(python, "outer", under_strace=False)
        view = run_thaw("report", str(self.folder / "effects.thaw"), "--view", "effects").stdout
        self.assertRegex(view, r"\nwriter (<-|←) outer\n")
        self.assertRegex(view, r"write +made/file\n")
        self.assertNotIn("\nquiet", view)

    def test_packages_of_the_demo(self):
        if not (USER_PACKAGES / "numpy").is_dir():
            self.skipTest("the demo's packages are not installed (make demo)")
        report, truth = self.record("/usr/bin/python3.11", "numpy", "requests",
                                    packages=USER_PACKAGES)
        self.assert_same_counts(report, truth, ["numpy", "requests"], 3)
        by_module = {module["name"]: Counter(effect["kind"] for effect in module["effects"])
                     for module in report["modules"] if module["effects"]}
        cores = len(os.sched_getaffinity(0))
        threads = sum(kinds["thread"] for kinds in by_module.values())
        self.assertGreaterEqual(threads, cores - 1, by_module)  # OpenBLAS's
        self.assertEqual(by_module["urllib3.util.connection"]["bind"], 1)  # is there an IPv6?


if __name__ == "__main__":
    unittest.main()
