"""Runs one unittest file and prints TAP: tap_unittest.py tests/live/test_cli.py

The file's own folder and tests/harness are importable. What tests and their children print to
stdout goes to stderr, so that stdout holds nothing but TAP. THAW_BUILD names the build folder.
"""

import importlib.util
import os
import sys
import unittest
from pathlib import Path

MODULE = "test_file"


class TapResult(unittest.TestResult):
    """One TAP line for each test, and one for each failing subtest."""

    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.count = 0

    def say(self, good, test, note="", detail=""):
        self.count += 1
        name = test if isinstance(test, str) else test.id()
        name = " ".join(name.replace(f"{MODULE}.", "").replace("#", "_").split())
        print("ok" if good else "not ok", self.count, "-", name + note, file=self.stream)
        for line in detail.splitlines():
            print("#", line, file=self.stream)
        self.stream.flush()

    def say_exception(self, test, error):
        self.say(False, test, detail=self._exc_info_to_string(error, test))

    def addSuccess(self, test):
        self.say(True, test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say_exception(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.say_exception(test, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(True, test, f" # SKIP {' '.join(reason.split())}")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.say_exception(subtest, error)

    def addExpectedFailure(self, test, error):
        self.say(True, test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.say(False, test, detail="marked as an expected failure, but it passed")


def load(path):
    sys.path[:0] = [str(path.parent), str(Path(__file__).parent)]
    spec = importlib.util.spec_from_file_location(MODULE, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def main():
    stream = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    result = TapResult(stream)
    try:
        suite = load(Path(sys.argv[1]).resolve())
    except unittest.SkipTest as skip:
        result.addSkip("whole file", str(skip))
    else:
        suite.run(result)
    print(f"1..{result.count}", file=stream, flush=True)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
