"""What thaw sees with fewer rights than root's, and whether it names what it then can't see.

rights_cases.py makes the runs, in guests of Debian's kernels and on this machine. Oracle: the
interpreter's own report (-X importtime) of the recorded run. 6.12 has fewer of the runs, but with each
of the rights; Debian's newest, which does what 6.12 and this machine's do, has none but in
`make check-full` (THAW_RIGHTS=all), which makes all on each kernel. A table of all comes on stderr:

    tests/harness/tap_unittest.py tests/kernels/test_rights.py
"""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import elevate
import importtime
import rights_cases
from guest import GuestUnavailable, run_in_guest
from program import BUILD, THAW, run_thaw

TIMEOUT_SECONDS = 1800  # the first run fetches the kernels

HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3.11"
RUN_SECONDS = 500
WHICH = os.environ.get("THAW_RIGHTS")
FAILED = 125
LEAST_MODULES = 50  # of any case: not empty against empty
LINKS = (6, 6)  # Linux that attaches to programs without CAP_SYS_ADMIN
OTHERS = ("other-user", "other-root", "container")
ALWAYS_TRIED = ("type information (BTF)", "tracing programs", "socket tracepoints",
                "disassembler (capstone)")
FALLBACK_LINES = 3
# What attaching to what runs already always loses; the sources: thaw asks their own interpreter.
LATE = {"interpreter-late", "start-not-seen", "files-elsewhere"}
GUEST_SCRIPT = f"cp /bin/thaw /tmp/thaw && {PYTHON} -B /root/rights_cases.py /tmp/thaw {PYTHON} " \
               "/tmp/out"


@functools.cache
def scratch_folder():
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    os.chmod(folder.name, 0o755)
    return Path(folder.name)


class Result:
    """What one case left."""

    def __init__(self, folder):
        self.folder = folder
        self.status = int((folder / "status").read_text())
        self.text = (folder / "text").read_text()
        self.said = [line for line in (folder / "stderr").read_text().splitlines()
                     if line.startswith("thaw")]

    @functools.cached_property
    def report(self):
        """None where nothing was recorded."""
        if not (self.folder / "r/recording.thaw").exists():
            return None
        result = run_thaw("report", "--json", self.folder / "r/recording.thaw")
        if result.returncode != 0:
            raise AssertionError(f"report of {self.folder}: {result.stderr}")
        return json.loads(result.stdout)

    @property
    def backend(self):
        return self.report["run"]["backend"] if self.report else "refused"

    @functools.cached_property
    def comparison(self):
        """With what the target told; without it, or without a report, nothing is the same."""
        if not self.report:
            return importtime.Comparison(0, ["everything"], [], [], [])
        comparison = importtime.compare_report(self.report, self.text)
        if self.folder.name == "container":  # recorded from before the mark on
            comparison.extra.clear()
        return comparison

    @property
    def causes(self):
        return {loss["cause"] for loss in self.report["losses"]}

    def cell(self):
        """A few words for the table."""
        if not self.report:
            return f"refused ({self.status})"
        seen = self.comparison.expected - len(self.comparison.missing)
        words = f"{self.backend} {seen}/{self.comparison.expected}"
        if self.backend == "importtime":
            words = f"importtime {len(self.report['modules'])}"
        return words + ("" if self.report["complete"] else ", " + "+".join(sorted(self.causes)))


def read_results(folder, which):
    return {(rights.name, target): Result(folder / rights.name / target)
            for rights in rights_cases.ALL for target in rights.targets(which)}


def read_doctors(folder):
    return {rights: json.loads((folder / rights.name / "doctor.json").read_text())
            for rights in rights_cases.ALL}


def results_in_guest(kernel, which):
    inputs = [(THAW, "/bin/thaw"), (HERE / "rights_cases.py", "/root/rights_cases.py"),
              (shutil.which("setpriv"), rights_cases.SETPRIV)]
    try:
        result = run_in_guest(kernel, BUILD, ["sh", "-c", f"{GUEST_SCRIPT} {which}"], python=PYTHON,
                              inputs=inputs, outputs=["/tmp/out"], timeout_s=RUN_SECONDS,
                              into=scratch_folder() / kernel)
    except GuestUnavailable as error:
        raise unittest.SkipTest(str(error)) from error
    if result.status != 0 or result.missing:
        raise AssertionError(f"cases in the guest: status {result.status}\n{result.stderr}")
    return result.files["/tmp/out"]


def results_here(which):
    prefix = elevate.prefix_or_skip()
    doctor = subprocess.run([*prefix, THAW, "doctor", "--json"], stdout=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL, timeout=RUN_SECONDS, check=True)
    if refusal := json.loads(doctor.stdout)["refusal"]:
        raise unittest.SkipTest(f"eBPF is refused here, even to root: {refusal}")
    folder = scratch_folder() / "here"
    shutil.copy(THAW, scratch_folder() / "thaw")  # the build's folder may be closed to others
    result = subprocess.run([*prefix, PYTHON, "-B", HERE / "rights_cases.py",
                             scratch_folder() / "thaw", PYTHON, folder, which], text=True,
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=RUN_SECONDS,
                            check=False)
    if result.returncode != 0:
        raise AssertionError(f"cases here: status {result.returncode}\n{result.stderr}")
    if prefix:  # the recordings are root's
        subprocess.run([*prefix, "chown", "-R", f"{os.getuid()}", folder], check=True)
    return folder


def print_table(release, results):
    """Lines that a reader of TAP takes for comments."""
    print(f"# Linux {release}")
    for (rights, target), result in results.items():
        print(f"#   {rights:14}{target:12}{result.cell()}", flush=True)


class Rights:
    """The tests; a subclass names the kernel."""

    kernel = None  # a row of kernels.json, None: this machine's
    which = "telling"

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(THAW):
            raise unittest.SkipTest(f"{THAW} is not built")
        which = WHICH or cls.which
        folder = results_in_guest(cls.kernel, which) if cls.kernel else results_here(which)
        cls.results = read_results(folder, which)
        cls.doctors = read_doctors(folder)
        cls.plain = (folder / "plain").read_text()
        release = cls.results["none", "own"].report["machine"]["kernel"]
        version = tuple(map(int, re.match(r"(\d+)\.(\d+)", release).groups()))
        cls.links = version >= LINKS
        print_table(release, cls.results)

    def for_each(self, check, *rights, targets=rights_cases.TARGETS):
        """check(target, result) for those of the cases that ran, each a subtest."""
        chosen = [(name, target) for name, target in self.results
                  if name in rights and target in targets]
        self.assertTrue(chosen)
        for name, target in chosen:
            with self.subTest(rights=name, target=target):
                check(target, self.results[name, target])

    def assert_whole(self, target, result):
        """Everything from the mark on, and only the time before the recording as a loss."""
        self.assertEqual((result.status, result.said), (0, []))
        self.assertEqual(result.backend, "ebpf")
        self.assertGreater(result.comparison.expected, LEAST_MODULES)
        self.assertTrue(result.comparison, str(result.comparison))
        process = result.report["processes"][-1]
        self.assertIsNotNone(process["python"], process)
        if target == "own":
            self.assertEqual((result.report["losses"], result.report["complete"]), ([], True))
            self.assertEqual(process["coverage"], "from start")
        else:
            self.assertLessEqual(result.causes, LATE)
            self.assertEqual(process["coverage"], "late")
            self.assertFalse(result.report["complete"])

    def assert_fallback(self, result, missing):
        """thaw records with CPython's own report instead, and says what is missing."""
        self.assertEqual((result.status, result.backend), (0, "importtime"))
        self.assertEqual(len(result.said), FALLBACK_LINES, result.said)
        self.assertIn(missing, result.said[0])
        expected = {entry.name for entry in importtime.entries_of_text(self.plain)}
        seen = {module["name"] for module in result.report["modules"]}
        self.assertGreater(len(expected), LEAST_MODULES)
        self.assertEqual(expected - seen, set())

    def assert_refused(self, result, missing):
        """One line that names what is missing, and no recording."""
        self.assertEqual((result.status, result.report), (FAILED, None))
        self.assertEqual(len(result.said), 1, result.said)
        self.assertIn(missing, result.said[0])

    def assert_seen_with_links(self, target, result):
        """Whole; before uprobe multi links that takes CAP_SYS_ADMIN, and thaw says so."""
        if self.links:
            self.assert_whole(target, result)
        elif target == "own":
            self.assert_fallback(result, "CAP_SYS_ADMIN")
        else:
            self.assert_refused(result, "CAP_SYS_ADMIN")

    def assert_named(self, _, result):
        if not self.links:
            self.assert_refused(result, "CAP_SYS_ADMIN")
            return
        losses = result.report["losses"] if result.report else []
        self.assertIn("CAP_SYS_PTRACE",
                      " ".join([*result.said, *(loss["what"] for loss in losses)]))

    def assert_next_step(self, target, result):
        if target == "own":
            self.assert_fallback(result, "CAP_BPF and CAP_PERFMON")
        else:
            self.assert_refused(result, "CAP_BPF and CAP_PERFMON")

    def assert_not_silent(self, _, result):
        if result.backend == "ebpf" and not result.comparison:
            self.assertFalse(result.report["complete"], str(result.comparison))
            self.assertNotEqual(result.report["losses"], [])

    def test_root_sees_its_own_and_others(self):
        self.for_each(self.assert_whole, "root")

    def test_admin_does_on_every_kernel(self):
        self.for_each(self.assert_whole, "two-and-admin", targets=["own"])

    def test_two_capabilities_do_for_ones_own(self):
        self.for_each(self.assert_seen_with_links, "two", "two-of-file", targets=["own"])

    def test_four_capabilities_do_for_others(self):
        self.for_each(self.assert_seen_with_links, "four")

    def test_what_two_capabilities_do_not_reach_is_named(self):
        self.for_each(self.assert_named, "two", "two-of-file", targets=OTHERS)

    def test_without_any_the_next_step_is_said(self):
        self.for_each(self.assert_next_step, "none", targets=["own", "other-user"])

    def test_doctor_says_what_recording_does(self):
        for rights, doctor in self.doctors.items():
            with self.subTest(rights=rights.name):
                result = next(result for (name, _), result in self.results.items()
                              if name == rights.name)
                self.assertEqual(doctor["ebpf"], result.backend == "ebpf", doctor["refusal"])
                held = {capability["name"] for capability in doctor["capabilities"]
                        if capability["held"]}
                if rights.user:
                    self.assertEqual(held, {f"CAP_{name.upper()}" for name in rights.held()})
                for feature in doctor["features"]:
                    self.assert_feature(doctor, rights, feature)

    def assert_feature(self, doctor, rights, feature):
        """What could not be tried is not said to be missing, and what helps nobody not advised."""
        tried = feature["name"] in ALWAYS_TRIED or bool(rights.user == 0 or rights.held())
        self.assertEqual(feature["works"] is not None, tried, feature)
        self.assertEqual(bool(feature["remedy"]), feature["works"] is False, feature)
        if not doctor["ebpf"]:
            self.assertNotIn("nothing", feature["without"])

    def test_nothing_is_silently_incomplete(self):
        self.for_each(self.assert_not_silent, *(rights.name for rights in rights_cases.ALL))


class Here(Rights, unittest.TestCase):
    pass


class Debian61(Rights, unittest.TestCase):
    kernel = "6.1"


class Debian612(Rights, unittest.TestCase):
    kernel, which = "6.12", "few"


if WHICH == "all":
    class Newest(Rights, unittest.TestCase):
        kernel = "newest"


if __name__ == "__main__":
    unittest.main()
