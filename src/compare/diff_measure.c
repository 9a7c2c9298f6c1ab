/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/rank_test.h"
#include "compare/diff_cold.h"

/*
 * Is a difference more than noise? Two one-sided tests of Mann and Whitney, of which the smaller
 * probability counts twice. Of several that are tested together, the probabilities are corrected as
 * Benjamini and Hochberg did (1995): of what is then called a difference, 5 % is false on average.
 */

static uint64_t *used_values(struct thaw_cold *cold, int side, const uint64_t *all)
{
    uint64_t *values = thaw_cold_allocate(cold, cold->used[side], sizeof(*values));
    size_t count = 0;

    for (size_t i = 0; values && i < cold->counts[side]; i++)
        if (cold->runs[side][i].used)
            values[count++] = all[i];
    return values;
}

/* Those that are there, as numbers; returns how many. ret has room for all. */
static size_t present_values(const struct thaw_cold_measure *measure, int side, double *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < measure->counts[side]; i++)
        if (measure->values[side][i] != THAW_COLD_ABSENT)
            ret[count++] = (double)measure->values[side][i];
    return count;
}

void thaw_cold_measure_begin(struct thaw_cold *cold, struct thaw_cold_measure *measure,
                             const uint64_t *before, const uint64_t *after)
{
    const uint64_t *all[2] = {before, after};

    *measure = (struct thaw_cold_measure){.probability = 1, .adjusted = 1};
    for (int side = 0; side < 2; side++) {
        double *present = malloc((cold->used[side] + 1) * sizeof(*present));

        measure->values[side] = used_values(cold, side, all[side]);
        cold->differ->values.failed |= !present;
        if (present && measure->values[side]) {
            int code;

            measure->counts[side] = cold->used[side];
            code = thaw_statistics_median(present, present_values(measure, side, present),
                                          &measure->medians[side]);
            cold->differ->values.failed |= code == -ENOMEM;
            measure->present[side] = code == 0;
        }
        free(present);
    }
}

double thaw_cold_measure_size(const struct thaw_cold_measure *measure)
{
    double sizes[2];

    for (int side = 0; side < 2; side++)
        sizes[side] = measure->present[side] ? measure->medians[side] : 0;
    return sizes[0] > sizes[1] ? sizes[0] : sizes[1];
}

/* Of two whole series without a common value, as far apart as can be: the least there is. */
static double least_probability(size_t before, size_t after)
{
    double ways = 1; /* to choose which of all are those before */

    for (size_t i = 1; i <= before; i++)
        ways = ways * (double)(after + i) / (double)i;
    return 2 / ways;
}

/* More than one run on each side, and so many that they could differ by more than noise? */
static bool is_testable(const struct thaw_cold_measure *measure)
{
    return measure->present[0] && measure->present[1] && measure->counts[0] > 1 &&
           measure->counts[1] > 1;
}

static void test_one(struct thaw_cold *cold, struct thaw_cold_measure *measure)
{
    double *series[2];
    size_t counts[2];
    struct thaw_rank_test slower, faster;
    int code = 0;

    for (int side = 0; side < 2; side++) {
        series[side] = malloc((measure->counts[side] + 1) * sizeof(**series));
        cold->differ->values.failed |= !series[side];
        counts[side] = series[side] ? present_values(measure, side, series[side]) : 0;
    }
    if (!thaw_cold_failed(cold)) {
        code = thaw_rank_test(series[0], counts[0], series[1], counts[1], &slower);
        if (!code)
            code = thaw_rank_test(series[1], counts[1], series[0], counts[0], &faster);
        cold->differ->values.failed |= code == -ENOMEM;
        measure->tested = !code;
    }
    if (measure->tested) {
        double least =
            slower.probability < faster.probability ? slower.probability : faster.probability;

        measure->probability = measure->adjusted = least > 0.5 ? 1 : 2 * least;
    }
    free(series[0]);
    free(series[1]);
}

static int by_probability(const void *left, const void *right)
{
    const struct thaw_cold_measure *const *a = left, *const *b = right;

    return ((*a)->probability > (*b)->probability) - ((*a)->probability < (*b)->probability);
}

size_t thaw_cold_measure_test(struct thaw_cold *cold, struct thaw_cold_measure *const *measures,
                              size_t count)
{
    struct thaw_cold_measure **tested = calloc(count + 1, sizeof(struct thaw_cold_measure *));
    size_t tests = 0;
    double least = 1;

    cold->differ->values.failed |= !tested;
    for (size_t i = 0; i < count && !thaw_cold_failed(cold); i++) {
        if (!is_testable(measures[i]))
            continue;
        test_one(cold, measures[i]);
        if (measures[i]->tested)
            tested[tests++] = measures[i];
    }
    if (tests)
        qsort(tested, tests, sizeof(struct thaw_cold_measure *), by_probability);
    for (size_t i = tests; i-- > 0;) {
        double adjusted = tested[i]->probability * (double)tests / (double)(i + 1);

        least = adjusted < least ? adjusted : least;
        tested[i]->adjusted = least;
    }
    free(tested);
    return tests;
}

enum thaw_cold_verdict thaw_cold_measure_verdict(const struct thaw_cold_measure *measure)
{
    if (!measure->tested)
        return THAW_COLD_UNKNOWN;
    if (measure->adjusted <= THAW_COLD_LEVEL && measure->medians[0] != measure->medians[1])
        return measure->medians[0] < measure->medians[1] ? THAW_COLD_SLOWER : THAW_COLD_FASTER;
    if (measure->probability <= THAW_COLD_LEVEL ||
        least_probability(measure->counts[0], measure->counts[1]) > THAW_COLD_LEVEL)
        return THAW_COLD_UNKNOWN;
    return THAW_COLD_SAME;
}

/* Why there is no verdict, NULL: there is one. */
static const char *reason(const struct thaw_cold_measure *measure)
{
    if (!measure->counts[0] || !measure->counts[1])
        return "no-first-reply";
    if (!measure->present[0] || !measure->present[1])
        return measure->present[0] ? "went" : measure->present[1] ? "came" : "absent";
    if (measure->counts[0] < 2 || measure->counts[1] < 2)
        return "single-run";
    if (!measure->tested)
        return "untested";
    return thaw_cold_measure_verdict(measure) == THAW_COLD_UNKNOWN ? "too-few-runs" : NULL;
}

static uint64_t whole(double value)
{
    return value > 0 ? (uint64_t)(value + 0.5) : 0;
}

int64_t thaw_cold_measure_change(const struct thaw_cold_measure *measure)
{
    uint64_t before = measure->present[0] ? whole(measure->medians[0]) : 0;
    uint64_t after = measure->present[1] ? whole(measure->medians[1]) : 0;

    return thaw_differ_change(before, after);
}

/* Six decimals: a probability of few runs needs more than three. */
static void set_fine(struct thaw_cold *cold, json_t *object, const char *key, double value)
{
    thaw_values_set(thaw_cold_values(cold), object, key, json_real(round(value * 1e6) / 1e6));
}

static json_t *ratio_object(struct thaw_cold *cold, const struct thaw_cold_measure *measure)
{
    double *series[2] = {malloc((measure->counts[0] + 1) * sizeof(double)),
                         malloc((measure->counts[1] + 1) * sizeof(double))};
    struct thaw_interval ratio;
    int code = -EDOM;
    json_t *object;

    cold->differ->values.failed |= !series[0] || !series[1];
    if (series[0] && series[1])
        code =
            thaw_statistics_median_ratio(series[0], present_values(measure, 0, series[0]),
                                         series[1], present_values(measure, 1, series[1]), &ratio);
    free(series[0]);
    free(series[1]);
    cold->differ->values.failed |= code == -ENOMEM;
    if (code)
        return json_null();
    object = thaw_values_object(thaw_cold_values(cold));
    set_fine(cold, object, "low", ratio.low);
    set_fine(cold, object, "middle", ratio.middle);
    set_fine(cold, object, "high", ratio.high);
    return object;
}

static json_t *runs_of(struct thaw_cold *cold, const struct thaw_cold_measure *measure, int side)
{
    json_t *list = thaw_values_array(thaw_cold_values(cold));

    if (measure->counts[0] < 2 && measure->counts[1] < 2)
        return list;
    for (size_t i = 0; i < measure->counts[side]; i++) {
        if (measure->values[side][i] == THAW_COLD_ABSENT)
            thaw_values_append(thaw_cold_values(cold), list, json_null());
        else
            thaw_values_append_number(thaw_cold_values(cold), list, measure->values[side][i]);
    }
    return list;
}

json_t *thaw_cold_measure_object(struct thaw_cold *cold, const struct thaw_cold_measure *measure)
{
    static const char *const verdicts[] = {
        [THAW_COLD_UNKNOWN] = "unknown",
        [THAW_COLD_SAME] = "same",
        [THAW_COLD_SLOWER] = "slower",
        [THAW_COLD_FASTER] = "faster",
    };
    static const char *const keys[] = {"before_ns", "after_ns"};
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);

    for (int side = 0; side < 2; side++) {
        if (measure->present[side])
            thaw_values_set_number(values, object, keys[side], whole(measure->medians[side]));
        else
            thaw_values_set_null(values, object, keys[side]);
    }
    if (measure->present[0] || measure->present[1])
        thaw_values_set_signed(values, object, "change_ns", thaw_cold_measure_change(measure));
    else
        thaw_values_set_null(values, object, "change_ns");
    thaw_values_set(values, object, "ratio",
                    measure->tested ? ratio_object(cold, measure) : json_null());
    if (measure->tested) {
        set_fine(cold, object, "probability", measure->probability);
        set_fine(cold, object, "adjusted", measure->adjusted);
    } else {
        thaw_values_set_null(values, object, "probability");
        thaw_values_set_null(values, object, "adjusted");
    }
    thaw_values_set_text(values, object, "verdict", verdicts[thaw_cold_measure_verdict(measure)]);
    thaw_values_set_name(values, object, "reason", reason(measure));
    thaw_values_set(values, object, "before_runs", runs_of(cold, measure, 0));
    thaw_values_set(values, object, "after_runs", runs_of(cold, measure, 1));
    return object;
}
