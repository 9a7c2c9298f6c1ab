import datetime
import decimal
import unittest
from fractions import Fraction

import definitions


class Definitions(unittest.TestCase):
    def test_values(self):
        self.assertAlmostEqual(definitions.TYPICAL_KG, 1.85)
        self.assertAlmostEqual(definitions.spread([1, 3]), 1)
        self.assertEqual(definitions.WAREHOUSES["north"].version, 5)
        self.assertRegex(definitions.label("http://localhost"), "^[0-9a-f-]{36}$")
        self.assertEqual(definitions.nearest_colour(0.26), 1)
        self.assertEqual(definitions.closest("parcle", ["letter", "parcel"]), ["parcel"])

    def test_money(self):
        self.assertEqual(definitions.total([100.0, 200.0]), 357.0)
        self.assertEqual(definitions.shares(Fraction(1, 2), 2), [Fraction(1, 4)] * 2)
        self.assertEqual(definitions.Parcel(decimal.Decimal("1.26")).rounded(),
                         decimal.Decimal("1.3"))

    def test_files(self):
        self.assertEqual(definitions.read_tariff("[letter]\nprice=1\n")["letter"]["price"], "1")
        self.assertIsNone(definitions.read_tariff("price=1\n"))
        self.assertEqual(definitions.Archive.kinds["folder"], b"5")
        self.assertFalse(definitions.is_archive(__file__))

    def test_days(self):
        late = datetime.datetime(2026, 1, 1, 23, 30, tzinfo=datetime.timezone.utc)
        self.assertEqual(definitions.local_day(late), datetime.date(2026, 1, 2))
        self.assertTrue(definitions.known_zone("Europe/Berlin"))
