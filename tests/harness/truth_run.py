"""Programs recorded with tests/live/import_truth.py in them, and the two accounts compared."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from program import REPOSITORY
from recorded import record_with_ebpf
from site_packages import site_packages
from truth_comparison import PAUSE, TRUTH, compare_with_truth, read_truth


class TruthCase(unittest.TestCase):
    """A test with a folder in the interpreter's root; subclasses set `python`."""
    python = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(dir=self.python.root / "tmp")
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.write({"truth/sitecustomize.py": f"import {TRUTH}\n", f"truth/{PAUSE}.py": ""})
        shutil.copy(REPOSITORY / f"tests/live/{TRUTH}.py", self.scratch / "truth")
        self.truth = self.scratch / "truth.txt"

    def write(self, files):
        """Writes {path below the scratch folder: text}."""
        for name, text in files.items():
            path = self.scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def inside(self, name):
        """A file of the scratch folder, as the program sees it."""
        return str(self.python.inside(self.scratch / name))

    def environment(self, with_packages=()):
        path = [self.inside("truth"), self.inside("app")]
        if with_packages:
            site = site_packages(self.python.minor)
            for name in with_packages:
                if name not in site.modules:
                    self.skipTest(f"{name} for 3.{self.python.minor}: {site.left_out[name]}")
            path.append(str(self.python.inside(self.python.place(site.folder))))
        return {"PATH": os.environ["PATH"], "PYTHONNOUSERSITE": "1", "PYTHONPATH": ":".join(path),
                "THAW_TRUTH": str(self.python.inside(self.truth))}

    def assert_true(self, *arguments, outcomes, status=0, with_packages=(), limits=()):
        """The report of `python ARGUMENTS` says what the program says of itself.

        `outcomes` are {module: outcome} which the truth has to have, so that the test tests what it
        is meant to; a module loaded more than once has a list. `limits` are the differences that
        there are known to be, line by line: what can't be seen from outside.
        """
        command = [*self.python.command, *arguments]
        self.truth.unlink(missing_ok=True)
        recorded = record_with_ebpf(self.scratch / "truth.thaw", "--until", "exit",
                                    *self.python.options, command=command,
                                    env=self.environment(with_packages))
        self.assertEqual(recorded.status, status, recorded.stderr[-3000:])
        self.assert_happened(outcomes)
        difference = compare_with_truth(recorded.report, self.truth)
        self.assertEqual("\n".join(limits), str(difference), self.python)

    def assert_happened(self, outcomes):
        happened = {}
        for load in read_truth(self.truth):
            happened.setdefault(load.name, []).append(load.outcome)
        for name, outcome in outcomes.items():
            expected = outcome if isinstance(outcome, list) else [outcome]
            self.assertEqual(happened.get(name), expected, f"outcome of {name}")
