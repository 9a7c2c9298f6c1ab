"""The report of many odd programs against what each says of its own imports (import_truth.py).

Every other program on a static interpreter, the others on a shared one: where its code lies changes
how it is probed, which each program shows. `make check-full` (THAW_ALL_PYTHONS=1) takes all programs
on every interpreter that can be had. The tests are in truth_ways.py, truth_ends.py and truth_stacks.py.
"""

import os
import unittest

import import_matrix
from debian_python import debian_pythons
from pythons import machine_pythons
from truth_ends import Ends
from truth_stacks import Stacks
from truth_ways import Lazy, Ways

TIMEOUT_SECONDS = 1200
CASES = (Ways, Ends, Stacks)


def interpreter_of_build(build):
    """The oldest of this machine that is "static" or "shared"."""
    for python in machine_pythons():
        if python.build == build:
            return python
    raise unittest.SkipTest(f"no {build} interpreter on this machine")


def bound(name, cases, find):
    """The test class with an interpreter, which is looked for when the tests run."""
    def set_up(cls):
        cls.python = find()
    return type(name, (cases,), {"setUpClass": classmethod(set_up)})


def chosen():
    """(name, how to find the interpreter, test classes, which of a class's tests)"""
    if not os.environ.get("THAW_ALL_PYTHONS"):
        for first, build in enumerate(("static", "shared")):
            yield build, lambda build=build: interpreter_of_build(build), CASES, slice(first, None, 2)
        yield "debian_3_15", lambda: debian_pythons(15)[0], (Lazy,), slice(None)
        return
    for python, _ in import_matrix.all_pythons():
        if python:
            classes = (*CASES, Lazy) if python.minor >= 15 else CASES
            yield f"{python.version}_{python.build}", lambda python=python: python, classes, slice(None)


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for name, find, classes, which in chosen():
        for cases in classes:
            suite.addTests([*loader.loadTestsFromTestCase(
                bound(f"{cases.__name__}_{name}", cases, find))][which])
    return suite


if __name__ == "__main__":
    unittest.main()
