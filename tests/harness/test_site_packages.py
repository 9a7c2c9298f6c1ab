"""The packages that the matrices of Pythons import are there, before what records needs them.

Fetching, unpacking and compiling them takes minutes in a new clone, and nothing of it is measured.
"""

import unittest

from debian_python import SUITES, debian_pythons
from import_matrix import ALWAYS, MODULES, prepare
from pythons import machine_pythons
from site_packages import DISTRIBUTIONS

TIMEOUT_SECONDS = 600


class SitePackages(unittest.TestCase):
    def assert_prepared(self, pythons):
        self.assertTrue(pythons)
        for python in pythons:
            with self.subTest(str(python)):
                site = prepare(python)
                self.assertLessEqual(set(ALWAYS), set(site.modules))
                self.assertEqual(set(site.modules) | set(site.left_out), set(MODULES))
                self.assertTrue(set(site.modules) & set(DISTRIBUTIONS), site.left_out)

    def test_pythons_of_this_machine(self):
        self.assert_prepared(machine_pythons())


def add_suite(minor):
    def test(self):
        self.assert_prepared(debian_pythons(minor))
    setattr(SitePackages, f"test_debian_3_{minor}", test)


for suite_minor in SUITES:
    add_suite(suite_minor)


if __name__ == "__main__":
    unittest.main()
