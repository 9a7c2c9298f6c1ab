"""The same program records the same modules on Debian's kernels as on this machine's.

Oracle on each: what the interpreter itself prints in the recorded run (-X importtime). One boot of
each kernel also serves the deepest imports, and what `thaw doctor` says there.
"""

import functools
import json
import os
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
import importtime
from guest import GuestUnavailable, run_in_guest
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 1000  # the first run fetches the kernels

PYTHON = "/usr/bin/python3.11"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
DEPTH = 200  # far beyond the kernel's 64 pending returns of a thread
RUN_SECONDS = 400

SCRIPT = """
record() {{
    name=$1; shift
    {thaw} record -q $options -o "$name.thaw" -- {python} -X importtime "$@" 2>"$name.text" || exit 1
}}
mkdir -p {into} && cd {into}
options=--stacks
record modules -c 'import json, asyncio, email, http.server'
options=
record deep {chain}/main.py
{thaw} doctor >doctor.text && {thaw} doctor --json >doctor.json
"""


def make_chain(folder):
    """A script that imports a module that imports a module … DEPTH times."""
    folder.mkdir()
    (folder / "main.py").write_text("import sys\nsys.setrecursionlimit(100 * "
                                    f"{DEPTH})\nimport level_1\n")
    for level in range(1, DEPTH + 1):
        (folder / f"level_{level}.py").write_text(
            f"import level_{level + 1}\n" if level < DEPTH else "")
    return folder


class Results:
    """What SCRIPT left in a folder."""

    def __init__(self, folder, kernel_log=""):
        self.folder, self.kernel_log = folder, kernel_log

    @functools.cache
    def report(self, name):
        result = run_thaw("report", "--json", self.folder / f"{name}.thaw")
        if result.returncode != 0:
            raise AssertionError(f"report of {name}: {result.stderr}")
        return json.loads(result.stdout)

    def text(self, name):
        return (self.folder / f"{name}.text").read_text()

    @functools.cached_property
    def doctor(self):
        return json.loads((self.folder / "doctor.json").read_text())

    def entries(self, name):
        return importtime.entries_of_report(self.report(name), all_modules=True)


@functools.cache
def scratch_folder():
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    return Path(folder.name)


@functools.cache
def chain():
    return make_chain(scratch_folder() / "chain")


@functools.cache
def results_here():
    into = scratch_folder() / "here"
    script = SCRIPT.format(thaw=shlex.quote(THAW), python=PYTHON, into=into, chain=chain())
    settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    result = subprocess.run([*elevate.prefix_or_skip(), "env", "-i", *settings, "sh", "-c", script],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, timeout=RUN_SECONDS, check=False)
    if result.returncode != 0:
        raise AssertionError(f"record here: {result.stderr}")
    return Results(into)


@functools.cache
def results_in_guest(kernel):
    script = SCRIPT.format(thaw="/bin/thaw", python=PYTHON, into="/tmp/out", chain="/root/chain")
    try:
        result = run_in_guest(kernel, BUILD, ["sh", "-c", script], python=PYTHON,
                              inputs=[(THAW, "/bin/thaw"), (chain(), "/root/chain")],
                              outputs=["/tmp/out"], into=scratch_folder() / kernel,
                              timeout_s=RUN_SECONDS, environment=ENVIRONMENT)
    except GuestUnavailable as error:
        raise unittest.SkipTest(str(error)) from error
    if result.status != 0 or result.missing:
        raise AssertionError(f"record in the guest: status {result.status}\n{result.stderr}")
    return Results(result.files["/tmp/out"], result.kernel_log)


class SameModules:
    """The tests; a subclass says where the results come from."""

    slowness = ("mappings-lost",)  # causes of losses that CPUs beside other tests may have

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(THAW):
            raise unittest.SkipTest(f"{THAW} is not built")
        cls.results = cls.get_results()
        backend = cls.results.report("modules")["run"]["backend"]
        if cls is Here and backend != "ebpf":
            raise unittest.SkipTest(f"this machine records by {backend} only")

    def assert_whole(self, name, expected):
        report = self.results.report(name)
        self.assertEqual(report["run"]["backend"], "ebpf")
        comparison = importtime.compare_report(report, self.results.text(name))
        self.assertGreater(comparison.expected, expected)  # not empty against empty
        self.assertTrue(comparison, str(comparison))
        self.assertEqual([loss for loss in report["losses"] if loss["cause"] not in self.slowness],
                         [])
        self.assertEqual(report["complete"], not report["losses"])
        return report

    def test_modules_against_the_interpreter(self):
        self.assert_whole("modules", 100)

    def test_native_code_is_sampled(self):
        report = self.results.report("modules")
        native = report["native"]
        self.assertGreater(native["samples"], 20)
        self.assertLess(native["unattributed_samples"], 0.05 * native["samples"])
        stacks = native["stacks"]
        whole = stacks["complete"] + stacks["probed"]
        lost = sum(loss["count"] for loss in report["losses"]
                   if loss["cause"] == "mappings-lost" and loss["cause"] in self.slowness)
        self.assertGreater(whole + lost, 0.9 * native["samples"])
        self.assertIsNone(self.results.report("deep")["native"]["stacks"])

    def test_every_end_of_a_deep_chain_is_seen(self):
        report = self.assert_whole("deep", DEPTH)
        self.assertEqual([module["name"] for module in report["modules"] if module["end_inferred"]],
                         [])

    def test_times_of_a_deep_chain(self):
        """An end that is only inferred is late by all the ends around it: up to 14 times here."""
        told = {listed.name: listed.total_us
                for listed in importtime.walk(importtime.parse(self.results.text("deep")))}
        errors = sorted(abs(module["total_ns"] / 1000 / told[module["name"]] - 1)
                        for module in self.results.report("deep")["modules"]
                        if module["name"].startswith("level_"))
        self.assertEqual(len(errors), DEPTH)
        self.assertLess(errors[DEPTH * 95 // 100], 0.05)  # the rest may have been interrupted

    def test_doctor(self):
        doctor = self.results.doctor
        self.assertTrue(doctor["ebpf"], doctor["refusal"])
        self.assertTrue(all(capability["held"] for capability in doctor["capabilities"]))
        text = " ".join(self.results.text("doctor").split())
        for feature in doctor["features"]:
            self.assertIn(f"{feature['name']} {'works' if feature['works'] else 'missing'}", text)
            self.assertEqual(bool(feature["without"] and feature["remedy"]), not feature["works"],
                             feature)


class InGuest(SameModules):
    slowness = ("mappings-lost", "sources-not-read")

    @classmethod
    def get_results(cls):
        return results_in_guest(cls.kernel)

    def test_same_modules_as_here(self):
        here = results_here()
        if here.report("modules")["run"]["backend"] != "ebpf":
            self.skipTest("eBPF is refused here, even to root")
        for name in ("modules", "deep"):
            comparison = importtime.compare(here.entries(name), self.results.entries(name))
            self.assertTrue(comparison, str(comparison))

    def test_kernel_is_that_one_and_has_no_complaint(self):
        release = self.results.report("modules")["machine"]["kernel"]
        self.assertTrue(release.startswith(self.release), release)
        self.assertNotRegex(self.results.kernel_log, "BUG:|Oops|WARNING:")

    def test_doctor_names_what_this_kernel_lacks(self):
        missing = {feature["name"]: feature["remedy"]
                   for feature in self.results.doctor["features"] if not feature["works"]}
        self.assertEqual(missing, self.missing)
        self.assertEqual(self.results.doctor["way"], self.way)


class Here(SameModules, unittest.TestCase):
    @staticmethod
    def get_results():
        return results_here()


class Debian61(InGuest, unittest.TestCase):
    kernel, release, way = "6.1", "6.1.", "perf uprobe"
    missing = {"socket tracepoints": "Linux 6.3 or later",
               "uprobe multi links": "Linux 6.6 or later"}


class Debian612(InGuest, unittest.TestCase):
    kernel, release, way = "6.12", "6.12.", "uprobe multi"
    missing = {}


class Newest(InGuest, unittest.TestCase):
    kernel, release, way = "newest", "", "uprobe multi"
    missing = {}


if __name__ == "__main__":
    unittest.main()
