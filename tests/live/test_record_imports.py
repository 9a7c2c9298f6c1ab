"""The import tree against CPython's own report of the same run."""

import os
import tempfile
import unittest
from pathlib import Path

import shared_python
from importtime import compare_report
from program import BUILD
from recorded import interpreters, record_with_ebpf

TIMEOUT_SECONDS = 300

STANDARD_LIBRARY = "import json, asyncio, email.mime.text, xml.dom.minidom, http.server, unittest"
PACKAGES = "import numpy, pandas, requests, azure.functions"
USER_PACKAGES = BUILD / "demo/wwwroot/.python_packages/lib/site-packages"


class Imports(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.recording = Path(scratch.name) / "imports.thaw"

    def assert_exact(self, python, statement, modules, **options):
        """Same modules, parents and order as -X importtime says in the recorded run."""
        recorded = record_with_ebpf(self.recording, "--until", "exit",
                                    command=[python, "-X", "importtime", "-c", statement],
                                    **options)
        self.assertEqual(recorded.status, 0, recorded.stderr)
        comparison = compare_report(recorded.report, recorded.stderr)
        self.assertGreater(comparison.expected, modules)  # not empty against empty
        self.assertTrue(comparison, str(comparison))
        return recorded.report

    def one_interpreter(self, shared):
        """A supported interpreter that is a static program, or one with a libpython."""
        for found in interpreters():
            if found["works"] and ("libpython" in found["library"]) == shared:
                return found["executable"]
        if shared:
            return shared_python.make(self.recording.parent)
        self.skipTest("no interpreter that is one static program on this machine")

    def test_standard_library_static_build(self):
        report = self.assert_exact(self.one_interpreter(shared=False), STANDARD_LIBRARY, 150)
        self.assertEqual(report["losses"], [])
        self.assertTrue(report["complete"])

    def test_standard_library_shared_build(self):
        report = self.assert_exact(self.one_interpreter(shared=True), STANDARD_LIBRARY, 150)
        self.assertEqual(report["losses"], [])

    def test_packages_with_native_code(self):
        if not (USER_PACKAGES / "pandas").is_dir():
            self.skipTest("the demo's packages are not installed (make demo)")
        python = "/usr/bin/python3.11"
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(USER_PACKAGES)}
        report = self.assert_exact(python, PACKAGES, 600, env=environment)
        owners = {module["name"]: module["distribution"] for module in report["modules"]}
        self.assertEqual(owners["pandas"], "pandas")
        self.assertEqual(owners["numpy"], "numpy")
        kinds = {module["name"]: module["kind"] for module in report["modules"]}
        self.assertEqual(kinds["numpy._core._multiarray_umath"], "extension")
        self.assertEqual(kinds["pandas"], "bytecode")

    def test_import_module_is_seen_and_marked(self):
        statement = "import importlib; importlib.import_module('xml.dom.minidom')"
        report = self.assert_exact("/usr/bin/python3.11", statement, 40)
        modules = {module["name"]: module for module in report["modules"]}
        self.assertEqual(modules["xml.dom.minidom"]["via"], "import_module")
        child = modules["xml.dom.xmlbuilder"]
        self.assertEqual((child["via"], child["parent"]),
                         ("statement", modules["xml.dom.minidom"]["id"]))


if __name__ == "__main__":
    unittest.main()
