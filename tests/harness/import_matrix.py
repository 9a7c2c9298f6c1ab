"""Every supported Python that can be had, with packages, against CPython's own import report.

Each run is recorded with `-X importtime`; both sources must name the same modules, with the same
parents, in the same order.
"""

import tempfile
import unittest
from pathlib import Path

from debian_python import SUITES, debian_pythons
from importtime import compare_report
from pythons import machine_pythons
from recorded import record_with_ebpf
from site_packages import DISTRIBUTIONS, site_packages

ALWAYS = ["json", "asyncio"]
MODULES = ALWAYS + [name for name in DISTRIBUTIONS if name != "greenlet"]


class NotRecorded(AssertionError):
    """The recorded program failed; the message has what it and thaw said."""


def all_pythons():
    """(Python, None) of each that is here, (None, reason) of each version that can't be had."""
    for python in machine_pythons():
        yield python, None
    for minor in SUITES:
        try:
            for python in debian_pythons(minor):
                yield python, None
        except unittest.SkipTest as skip:
            yield None, f"3.{minor}: {skip}"


def prepare(python, modules=None):
    """The site of the interpreter's version, with those of the modules that it can import."""
    return site_packages(python.minor).usable_by(python, modules or MODULES)


def compare_imports(python, site, modules):
    """Records one process that imports the modules; returns how both reports compare."""
    statement = "import " + ", ".join(modules)
    command = [*python.command, "-X", "importtime", "-c", statement]
    with tempfile.TemporaryDirectory() as scratch:
        recorded = record_with_ebpf(Path(scratch, "imports.thaw"), "--until", "exit",
                                    *python.options, command=command, env=site.environment(python))
        report = recorded.report
    if recorded.status != 0:
        raise NotRecorded(f"{python}: {statement}: status {recorded.status}\n"
                          + recorded.stderr[-2000:])
    comparison = compare_report(report, recorded.stderr)
    return comparison
