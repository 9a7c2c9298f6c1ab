"""What `thaw audit --top` says of starts and requests, worked out anew from what was put in."""

import math
from collections import defaultdict
from datetime import datetime, timezone

SECOND = 10**9
ROW = 10 * SECOND
Z = 1.959963984540054


def is_timed(start):
    return start["answered"] and start["complete"] and not start["further"]


def percentile(values, share):
    values = sorted(values)
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def times(values):
    def of(share, least):
        return None if len(values) < least else percentile(values, share)
    return {"count": len(values), "p50_ns": of(.5, 1), "p95_ns": of(.95, 20), "p99_ns": of(.99, 100),
            "max_ns": max(values, default=None)}


def wilson(part, whole):
    """By the roots of the quadratic equation that the interval solves."""
    if not whole:
        return None
    share = part / whole
    a, b, c = 1 + Z * Z / whole, -(2 * share + Z * Z / whole), share * share
    root = math.sqrt(max(0, b * b - 4 * a * c))
    return {"share": share, "low": (-b - root) / (2 * a), "high": (-b + root) / (2 * a)}


def day(unix_ns, zone):
    return datetime.fromtimestamp(unix_ns // SECOND, timezone.utc).astimezone(zone).date().isoformat()


def phase_sums(start):
    sums = defaultdict(int)
    for name, _, ns, counted in start["phases"]:
        sums[name, counted] += ns
    sums["unattributed", True] += start["unattributed_ns"]
    return sums


def exact_tail(before, after):
    """Probability that the ranks of after add up to so much or more: all subsets, counted by sum."""
    order = sorted([(value, 0) for value in before] + [(value, 1) for value in after])
    seen = sum(rank for rank, (_, side) in enumerate(order, 1) if side)
    ways = [defaultdict(int) for _ in range(len(after) + 1)]
    ways[0][0] = 1
    for rank in range(1, len(order) + 1):
        for taken in range(min(rank, len(after)), 0, -1):
            for total, count in ways[taken - 1].items():
                ways[taken][total + rank] += count
    all_ways = sum(ways[-1].values())
    return sum(count for total, count in ways[-1].items() if total >= seen) / all_ways


def normal_tail(before, after):
    """The same by the normal distribution, with the correction for ties and for continuity."""
    first, second = len(before), len(after)
    u = sum((b > a) + (b == a) / 2 for a in before for b in after)
    ties = defaultdict(int)
    for value in [*before, *after]:
        ties[value] += 1
    n = first + second
    variance = first * second / 12 * (n + 1 - sum(t**3 - t for t in ties.values()) / (n * (n - 1)))
    if variance == 0:
        return 1
    return math.erfc((u - first * second / 2 - .5) / math.sqrt(variance) / math.sqrt(2)) / 2


def two_sided(before, after):
    tied = len({*before, *after}) < len(before) + len(after)
    tail = normal_tail if tied or max(len(before), len(after)) > 50 else exact_tail
    return min(1, 2 * min(tail(before, after), tail(after, before)))


def holm(probabilities):
    order = sorted(range(len(probabilities)), key=lambda i: probabilities[i])
    result, most = [0] * len(probabilities), 0
    for place, i in enumerate(order):
        most = max(most, min(1, probabilities[i] * (len(order) - place)))
        result[i] = most
    return result


def replay(rows, spans, idle_ns, concurrency, ready):
    """Starts of the model: each instance by itself, with when it was used last."""
    starts, instances, begun = 0, [], None
    for row in sorted(rows, key=lambda row: row["from_unix_ns"]):
        now = row["from_unix_ns"]
        span = [one for one in spans if one[0] < now + ROW][-1]
        if span != begun:
            begun, instances = span, []
        instances = [used for used in instances if now - used <= idle_ns]
        need = math.ceil(max(row["most_all"], row["busy_ns"] / ROW) / concurrency)
        need = max(1, need) if row["requests"] or row["most_all"] else 0
        need = max(0, min(need, 1000))
        # The ready ones take the load first, whatever was used last: they are always there.
        rest = max(0, need - ready)
        instances.sort(reverse=True)
        new = max(0, rest - len(instances))
        instances = [now] * min(rest, len(instances)) + instances[rest:] + [now] * new
        if now >= span[0] + idle_ns and now < span[1]:
            starts += new
    return starts


def seen(starts, spans, idle_ns):
    return sum(not start["further"] and any(one[0] + idle_ns <= start["begin_unix_ns"] < one[1] for one in spans)
               for start in starts)
