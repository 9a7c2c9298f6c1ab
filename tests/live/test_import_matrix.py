"""Every supported Python of this machine, and Debian's 3.13 to 3.15, static and shared: all
packages in one process, against -X importtime of the same run. `make bench-matrix` tries each
alone.
"""

import sys
import unittest

from debian_python import debian_pythons
from import_matrix import compare_imports, prepare
from pythons import machine_pythons

TIMEOUT_SECONDS = 600  # the first run fetches Pythons and packages
FEWEST_MODULES = 100  # so that nothing is compared with nothing


class ImportMatrix(unittest.TestCase):
    def assert_exact(self, pythons):
        for python in pythons:
            with self.subTest(str(python)):
                site = prepare(python)
                comparison = compare_imports(python, site, site.modules)
                print(f"{python}: {comparison}; without {site.left_out or 'nothing'}",
                      file=sys.stderr)
                self.assertGreater(comparison.expected, FEWEST_MODULES)
                self.assertTrue(comparison, str(comparison))

    def test_pythons_of_this_machine(self):
        pythons = machine_pythons()
        self.assertTrue(pythons)  # this one is among them
        self.assert_exact(pythons)

    def test_debian_3_13(self):
        self.assert_exact(debian_pythons(13))

    def test_debian_3_14(self):
        self.assert_exact(debian_pythons(14))

    def test_debian_3_15(self):
        self.assert_exact(debian_pythons(15))


if __name__ == "__main__":
    unittest.main()
