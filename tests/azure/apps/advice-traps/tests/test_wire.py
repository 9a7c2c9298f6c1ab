import plistlib
import sqlite3
import sys
import unittest

import csv
import wire


class Wire(unittest.TestCase):
    def test_there_and_back(self):
        self.assertEqual(wire.unpacked(wire.packed([1.5, 2.0])), [1.5, 2.0])
        self.assertEqual(wire.as_text([1]), "[1]")
        self.assertEqual(plistlib.loads(wire.as_any("plistlib", [1])), [1])
        self.assertEqual(wire.from_toml("prices = [1, 2]"),
                         [1, 2] if sys.version_info >= (3, 11) else None)

    def test_a_table(self):
        connection = sqlite3.connect(":memory:")
        self.addCleanup(connection.close)
        connection.execute("create table tariff (price)")
        connection.execute("insert into tariff values (6.2), (1.1)")
        self.assertEqual(wire.from_table(connection), [1.1, 6.2])

    def test_csv_of_this_region(self):
        self.assertEqual(wire.as_csv([1, 2]), "1,2\r\n")
        self.addCleanup(setattr, wire, "csv", csv)
        wire.use_semicolons()
        self.assertEqual(wire.as_csv([1, 2]), "1;2\r\n")
