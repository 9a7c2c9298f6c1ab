"""The statistics of repeated runs, held against slow ways to the same figures.

Quartiles and medians are Python's own. Probabilities of ranks are counted: every way in which the
values could have been dealt to the two sides is looked at. A bootstrap of an odd number of values
has a distribution that can be written down; resamples are drawn here a second time, too, by the
published generator.
"""

import itertools
import json
import math
import random
import statistics
import subprocess
import tempfile
import unittest
from fractions import Fraction

import live_program

SEED, RESAMPLES = 20261128, 10000  # as src/base/statistics.h states them
MASK = 2**64 - 1
SECONDS = 60
SERIES = 60


def deals(values, first_count):
    """Every way to deal the values: (those of the first side, those of the second)."""
    places = range(len(values))
    for chosen in itertools.combinations(places, first_count):
        first = set(chosen)
        yield [values[i] for i in chosen], [values[i] for i in places if i not in first]


def twice_u(first, second):
    return sum(2 * (b > a) + (b == a) for a in first for b in second)


def counted_probability(first, second):
    """Of an U as large or larger, over all deals."""
    seen = twice_u(first, second)
    larger = [twice_u(*deal) >= seen for deal in deals(first + second, len(first))]
    return Fraction(sum(larger), len(larger))


def normal_probability(first, second):
    """By the normal distribution that has the mean and the variance of all deals."""
    us = [Fraction(twice_u(*deal), 2) for deal in deals(first + second, len(first))]
    spread = statistics.pstdev(map(float, us))
    if not spread:
        return 1.0
    z = (twice_u(first, second) / 2 - float(sum(us) / len(us)) - 0.5) / spread
    return 1 - statistics.NormalDist().cdf(z)


def splitmix64(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def drawn_medians(values, numbers):
    values = sorted(values)
    return [statistics.median(values[next(numbers) * len(values) >> 64] for _ in values)
            for _ in range(RESAMPLES)]


def cut(resampled, middle):
    cuts = statistics.quantiles(resampled, n=40, method="inclusive")
    return [cuts[0], middle, cuts[-1]]


def drawn_interval(values):
    return cut(drawn_medians(values, splitmix64(SEED)), statistics.median(values))


def drawn_ratio(first, second):
    numbers = splitmix64(SEED)
    below, above = drawn_medians(first, numbers), drawn_medians(second, numbers)
    return cut([b / a for a, b in zip(below, above, strict=True)],
               statistics.median(second) / statistics.median(first))


def binomial(count, share, at_least):
    return sum(math.comb(count, k) * share**k * (1 - share)**(count - k)
               for k in range(at_least, count + 1))


def median_at_most(count, rank):
    """P(the median of a resample of an odd count is among the rank smallest)."""
    return binomial(count, rank / count, (count + 1) // 2)


class Oracle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.program = live_program.built(scratch.name, "trial_statistics.c")

    def ask(self, questions):
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        result = subprocess.run([self.program], input=lines, capture_output=True, text=True,
                                timeout=SECONDS, check=True)
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(questions))
        return answers

    def asked(self, make):
        """(first, second, answer) of SERIES questions that a function makes from dice."""
        dice = random.Random(SEED)
        questions = [make(dice) for _ in range(SERIES)]
        return [(*question, answer) for question, answer
                in zip(questions, self.ask(questions), strict=True)]

    def assert_close(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected, strict=True):
            self.assertTrue(math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12),
                            f"{found} is not {expected}")


def some(dice, most=40, least=2):
    return [dice.lognormvariate(0, 0.4) for _ in range(dice.randint(least, most))]


class Quartiles(Oracle):
    def test_they_are_python_s(self):
        for first, _, answer in self.asked(lambda dice: (some(dice), [1])):
            self.assert_close(answer["quartiles"],
                              statistics.quantiles(first, n=4, method="inclusive"))

    def test_outliers_are_those_outside_of_the_fences(self):
        found = 0
        for first, _, answer in self.asked(lambda dice: (some(dice), [1])):
            low, _, high = statistics.quantiles(first, n=4, method="inclusive")
            far = 1.5 * (high - low)
            expected = sum(not low - far <= value <= high + far for value in first)
            self.assertEqual(answer["outliers"], expected)
            found += expected
        self.assertGreater(found, 0)


class Intervals(Oracle):
    def test_the_bootstrap_s_resamples(self):
        dice = random.Random(1)
        questions = [([dice.gauss(1, 0.1) for _ in range(count)], [1]) for count in (1, 2, 9, 10, 31)]
        for (first, _), answer in zip(questions, self.ask(questions), strict=True):
            expected = drawn_interval(first) if len(first) > 1 else first * 3
            self.assert_close(answer["bootstrap"][:3], expected)

    def test_a_ratio_of_medians_is_of_two_series_of_resamples(self):
        dice = random.Random(2)
        questions = [tuple([dice.gauss(1, 0.1) for _ in range(count)] for count in counts)
                     for counts in ((2, 5), (9, 9), (10, 15))]
        for (first, second), answer in zip(questions, self.ask(questions), strict=True):
            self.assert_close(answer["ratio"][:3], drawn_ratio(first, second))

    def test_the_bootstrap_s_own_distribution(self):
        """Of 9, 21 and 31 values the ends are those that the exact distribution has."""
        for count in (9, 21, 31):
            values = list(range(1, count + 1))
            ranks = [next(rank for rank in values if median_at_most(count, rank) > tail)
                     for tail in (0.025, 0.975)]
            for rank, tail in zip(ranks, (0.025, 0.975), strict=True):  # no matter of luck
                self.assertGreater(abs(median_at_most(count, rank) - tail), 0.003)
                self.assertGreater(abs(median_at_most(count, rank - 1) - tail), 0.003)
            [answer] = self.ask([(values, [1])])
            self.assertEqual([answer["bootstrap"][0], answer["bootstrap"][2]], ranks)

    def test_a_median_lies_where_coins_say(self):
        for count in (1, 2, 5, 6, 7, 9, 15, 31, 100, 1000, 1500):
            values = list(range(1, count + 1))
            [answer] = self.ask([(values, [1])])
            low, middle, high, coverage = answer["median"]
            outside = int(low) - 1
            self.assertEqual(count - high, outside)
            self.assertEqual(middle, statistics.median(values))
            missed = [Fraction(2 * sum(math.comb(count, k) for k in range(left + 1)), 2**count)
                      for left in (outside, outside + 1)]
            self.assertAlmostEqual(coverage, max(0, float(1 - missed[0])), places=9)
            self.assertTrue(count < 6 or missed[0] <= 0.05 < missed[1], f"{count}: {low}")


class Ranks(Oracle):
    def test_without_ties_they_are_counted(self):
        def make(dice):
            values = dice.sample(range(1000), dice.randint(2, 12))
            return (values[:(cut := dice.randint(1, len(values) - 1))], values[cut:])

        for first, second, answer in self.asked(make):
            rank = answer["rank"]
            self.assertTrue(rank["exact"])
            self.assertEqual(rank["u"], twice_u(first, second) / 2)
            self.assertAlmostEqual(rank["p"], float(counted_probability(first, second)), places=12)

    def test_with_ties_it_is_the_normal_distribution(self):
        def make(dice):
            first = [dice.randint(1, 4) for _ in range(dice.randint(2, 6))]
            return first, [first[0], *(dice.randint(1, 5) for _ in range(dice.randint(1, 5)))]

        for first, second, answer in self.asked(make):
            rank = answer["rank"]
            self.assertFalse(rank["exact"])
            self.assertEqual(rank["u"], twice_u(first, second) / 2)
            self.assertAlmostEqual(rank["p"], normal_probability(first, second), places=9)

    def test_long_series_agree_with_either_way(self):
        """50 and 51 values: counted and not, and hardly another probability."""
        dice = random.Random(3)
        first = [dice.gauss(0, 1) for _ in range(51)]
        second = [dice.gauss(0.3, 1) for _ in range(51)]
        counted, normal = self.ask([(first[:50], second[:50]), (first, second[:50])])
        self.assertTrue(counted["rank"]["exact"])
        self.assertFalse(normal["rank"]["exact"])
        self.assertAlmostEqual(
            counted["rank"]["p"],
            1 - statistics.NormalDist(1250, math.sqrt(2500 * 101 / 12)).cdf(
                counted["rank"]["u"] - 0.5), places=3)


if __name__ == "__main__":
    unittest.main()
