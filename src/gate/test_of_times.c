/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/pair_test.h"
#include "base/rank_test.h"
#include "gate/test_of_times.h"

double thaw_gate_time_limit(double allowed, double median)
{
    double limit = allowed / median;

    return limit > 1 + THAW_GATE_LEAST_EFFECT ? limit : 1 + THAW_GATE_LEAST_EFFECT;
}

static bool are_positive(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] <= 0)
            return false;
    return true;
}

/* The test of both series: those before are stretched to what is allowed, or, where a time of 0 has
 * no multiple, shifted. */
static int of_series(const struct thaw_gate_times *times, double limit, double shift, double *ret)
{
    double *allowed = malloc(times->before_count * sizeof(*allowed));
    struct thaw_rank_test test;
    int code;

    if (!allowed)
        return -ENOMEM;
    for (size_t i = 0; i < times->before_count; i++)
        allowed[i] = times->before[i] * limit + shift;
    code = thaw_rank_test(allowed, times->before_count, times->after, times->after_count, &test);
    if (!code)
        *ret = test.probability;
    free(allowed);
    return code;
}

static int of_pairs(const struct thaw_gate_times *times, double limit, double *ret)
{
    double *differences = malloc(times->after_count * sizeof(*differences));
    struct thaw_pair_test test;
    int code;

    if (!differences)
        return -ENOMEM;
    for (size_t i = 0; i < times->after_count; i++)
        differences[i] = log(times->after[i] / times->before[i] / limit);
    code = thaw_pair_test(differences, times->after_count, &test);
    if (!code)
        *ret = test.probability;
    free(differences);
    return code;
}

/* By how much is an interval uncertain? Its ends are above 0. */
static double width(const struct thaw_interval *interval)
{
    return interval->high / interval->low;
}

static int add_ratio(const struct thaw_gate_times *times, struct thaw_gate_time_test *test)
{
    struct thaw_interval ratio;
    double pairs;
    int code = thaw_statistics_median_ratio(times->before, times->before_count, times->after,
                                            times->after_count, &test->ratio);

    if (code || !times->pairs)
        return code;
    code = thaw_statistics_pair_ratios(times->before, times->after, times->after_count, &ratio);
    if (!code)
        code = of_pairs(times, test->limit, &pairs);
    if (code)
        return code;
    test->by_pairs = width(&ratio) < width(&test->ratio);
    if (test->by_pairs)
        test->ratio = ratio;
    test->probability = 2 * (pairs < test->probability ? pairs : test->probability);
    test->probability = test->probability > 1 ? 1 : test->probability;
    return 0;
}

int thaw_gate_time_test(const struct thaw_gate_times *times, double allowed,
                        struct thaw_gate_time_test *ret)
{
    struct thaw_gate_time_test test = {.in_turns = times->in_turns, .pairs = times->pairs};
    double before, after;
    int code = thaw_statistics_median(times->before, times->before_count, &before);

    if (!code)
        code = thaw_statistics_median(times->after, times->after_count, &after);
    if (code)
        return code;
    test.has_ratio = are_positive(times->before, times->before_count) &&
                     are_positive(times->after, times->after_count);
    test.limit = before > 0 ? thaw_gate_time_limit(allowed, before) : 0;
    test.above = after > (before > 0 ? before * test.limit : allowed);
    code = test.has_ratio ? of_series(times, test.limit, 0, &test.probability)
                          : of_series(times, 1, allowed - before, &test.probability);
    if (!code && test.has_ratio)
        code = add_ratio(times, &test);
    if (code)
        return code;
    test.adjusted = test.probability;
    *ret = test;
    return 0;
}

/* May it be called kept, though that is not shown? */
static bool is_near(const struct thaw_gate_time_test *test)
{
    if (!test->has_ratio)
        return !test->above;
    return test->ratio.middle <= test->limit + THAW_GATE_EXCESS &&
           test->ratio.high <= test->limit + THAW_GATE_RESOLUTION;
}

enum thaw_gate_answer thaw_gate_time_answer(const struct thaw_gate_time_test *test)
{
    if (test->has_ratio && test->ratio.high <= test->limit)
        return THAW_GATE_KEPT;
    if (test->adjusted < THAW_GATE_RED && test->in_turns &&
        (test->has_ratio ? test->ratio.low > test->limit : test->above))
        return THAW_GATE_BROKEN;
    return test->adjusted >= THAW_GATE_CLEAR && is_near(test) ? THAW_GATE_KEPT
                                                              : THAW_GATE_UNDECIDED;
}

double thaw_gate_sign_probability(const double *values, size_t count, double limit)
{
    double logarithm = (double)count * log(0.5), probability = 0; /* of exactly i above */
    size_t above = 0;

    for (size_t i = 0; i < count; i++)
        above += values[i] > limit;
    for (size_t i = 0; i <= count; i++) {
        probability += i >= above ? exp(logarithm) : 0;
        logarithm += log((double)(count - i) / (double)(i + 1));
    }
    return probability > 1 ? 1 : probability;
}
