"""Runs a program with tests/live/split_truth.py and dlopen_audit.c in it."""

import shutil
from pathlib import Path

import dlopen_truth
from program import REPOSITORY
from split_comparison import TRUTH, read_truth


class Files:
    """A folder with the oracle and with what it writes."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / f"tests/live/{TRUTH}.py", self.folder)
        (self.folder / "sitecustomize.py").write_text(f"import {TRUTH}\n", encoding="utf-8")
        self.library = dlopen_truth.build(self.folder)
        self.truth, self.dlopens = self.folder / "truth.json", self.folder / "dlopens"

    def environment(self, search_path, usage=False):
        """Variables for a Python that imports from those folders."""
        return {"PYTHONPATH": ":".join([str(self.folder), *map(str, search_path)]),
                "THAW_SPLIT_TRUTH": str(self.truth), "THAW_SPLIT_USAGE": str(int(usage)),
                "PYTHONNOUSERSITE": "1"}

    def command(self, python, *variables):
        """The words that start the interpreter with the auditor, and with nothing of the last run;
        what starts it, thaw among others, is to run without."""
        self.truth.unlink(missing_ok=True)
        self.dlopens.unlink(missing_ok=True)
        audited = dlopen_truth.environment(self.library, self.dlopens)
        return ["env", *(f"{name}={value}" for name, value in audited.items()), *variables,
                *python]

    def read(self):
        return read_truth(self.truth, self.dlopens)
