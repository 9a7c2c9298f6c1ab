"""What `thaw diff` says of two series of times, by other means than thaw's: counting all ways."""

import itertools


def probability(before, after):
    """Two-sided, by all ways to choose which values are those before; without ties."""
    def pairs(first, second):
        return sum(b > a for a in first for b in second)
    values = [*before, *after]
    seen = pairs(before, after)
    extreme = all_ways = 0
    for chosen in itertools.combinations(range(len(values)), len(before)):
        first = [values[i] for i in chosen]
        second = [values[i] for i in range(len(values)) if i not in chosen]
        all_ways += 1
        extreme += pairs(first, second) >= max(seen, len(before) * len(after) - seen)
    return min(1, 2 * extreme / all_ways)


def adjusted(probabilities):
    """As Benjamini and Hochberg: the share of false ones at which each would be the last taken."""
    order = sorted(range(len(probabilities)), key=lambda i: probabilities[i], reverse=True)
    least, result = 1, [None] * len(probabilities)
    for rank, i in zip(range(len(order), 0, -1), order):
        least = min(least, probabilities[i] * len(order) / rank)
        result[i] = least
    return result
