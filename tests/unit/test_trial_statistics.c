/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "base/rank_test.h"
#include "trial/proof_rule.h"

/* The figures expected here are those of scipy 1.17.1 and numpy 2.4.6; tests/live/test_trial_oracle
 * has an oracle that runs. */
#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

static const double nine[] = {0.91, 0.88, 0.97, 0.93, 0.85, 0.90, 0.89, 0.94, 1.60};

static void quartiles_are_those_of_numpy(void **state)
{
    static const double even[] = {4, 1, 3, 2};
    struct thaw_quartiles quartiles;
    double median;

    (void)state;
    assert_int_equal(thaw_statistics_quartiles(even, COUNT(even), &quartiles), 0);
    assert_float_equal(quartiles.low, 1.75, 1e-12);
    assert_float_equal(quartiles.median, 2.5, 1e-12);
    assert_float_equal(quartiles.high, 3.25, 1e-12);
    assert_int_equal(thaw_statistics_quartiles(nine, 1, &quartiles), 0);
    assert_float_equal(quartiles.low, 0.91, 0);
    assert_float_equal(quartiles.high, 0.91, 0);
    assert_int_equal(thaw_statistics_median(nine, COUNT(nine), &median), 0);
    assert_float_equal(median, 0.91, 0);
}

static void outliers_are_counted(void **state)
{
    size_t outliers;

    (void)state;
    assert_int_equal(thaw_statistics_outliers(nine, COUNT(nine), &outliers), 0);
    assert_int_equal(outliers, 1);
    assert_int_equal(thaw_statistics_outliers(nine, COUNT(nine) - 1, &outliers), 0);
    assert_int_equal(outliers, 0);
}

/* Of 9 values the second to the eighth: 1 - 2 (1 + 9) / 512 (scipy.stats.binom.cdf(1, 9, .5)). */
static void an_interval_says_what_it_covers(void **state)
{
    struct thaw_interval interval;

    (void)state;
    assert_int_equal(thaw_statistics_median_interval(nine, COUNT(nine), &interval), 0);
    assert_float_equal(interval.low, 0.88, 0);
    assert_float_equal(interval.middle, 0.91, 0);
    assert_float_equal(interval.high, 0.97, 0);
    assert_float_equal(interval.coverage, 0.9609375, 1e-12);
    assert_int_equal(thaw_statistics_median_interval(nine, 5, &interval), 0);
    assert_float_equal(interval.low, 0.85, 0);
    assert_float_equal(interval.high, 0.97, 0);
    assert_float_equal(interval.coverage, 0.9375, 1e-12);
    assert_int_equal(thaw_statistics_median_interval(nine, 1, &interval), 0);
    assert_float_equal(interval.coverage, 0, 0);
}

static void a_bootstrap_repeats_itself(void **state)
{
    struct thaw_interval first, second;

    (void)state;
    assert_int_equal(thaw_statistics_bootstrap(nine, COUNT(nine), &first), 0);
    assert_int_equal(thaw_statistics_bootstrap(nine, COUNT(nine), &second), 0);
    assert_float_equal(first.low, 0.88, 0); /* exactly: P(median <= 0.88) = 0.030 */
    assert_float_equal(first.high, 0.97, 0);
    assert_memory_equal(&first, &second, sizeof(first));
    assert_int_equal(thaw_statistics_bootstrap(nine, 1, &first), 0);
    assert_float_equal(first.low, 0.91, 0);
    assert_float_equal(first.high, 0.91, 0);
}

/* What disturbs both of a pair cancels out. */
static void ratios_are_made_by_pair(void **state)
{
    static const double original[] = {100, 200, 400, 100, 100}, changed[] = {80, 160, 320, 80, 80};
    struct thaw_interval ratio;

    (void)state;
    assert_int_equal(thaw_statistics_pair_ratios(original, changed, COUNT(original), &ratio), 0);
    assert_float_equal(ratio.low, 0.8, 1e-12);
    assert_float_equal(ratio.middle, 0.8, 1e-12);
    assert_float_equal(ratio.high, 0.8, 1e-12);
}

/* All of one side is a half larger: whatever is drawn, so is its median. */
static void ratios_are_of_medians(void **state)
{
    static const double same[] = {2, 2, 2}, other[] = {3, 3, 3, 3}, wide[] = {1, 3, 9};
    struct thaw_interval ratio;

    (void)state;
    assert_int_equal(thaw_statistics_median_ratio(same, 3, other, 4, &ratio), 0);
    assert_float_equal(ratio.low, 1.5, 1e-12);
    assert_float_equal(ratio.middle, 1.5, 1e-12);
    assert_float_equal(ratio.high, 1.5, 1e-12);
    assert_int_equal(thaw_statistics_median_ratio(wide, 3, same, 3, &ratio), 0);
    assert_float_equal(ratio.low, 2.0 / 9, 1e-12);
    assert_float_equal(ratio.middle, 2.0 / 3, 1e-12);
    assert_float_equal(ratio.high, 2.0, 1e-12);
}

static void what_is_no_number_is_refused(void **state)
{
    const double wrong[] = {1, NAN, 2}, endless[] = {1, INFINITY}, zero[] = {1, 0}, one[] = {1, 1};
    struct thaw_quartiles quartiles;
    struct thaw_interval interval;
    struct thaw_rank_test test;
    struct thaw_noise noise;

    (void)state;
    assert_int_equal(thaw_statistics_quartiles(wrong, 3, &quartiles), -EDOM);
    assert_int_equal(thaw_statistics_quartiles(wrong, 0, &quartiles), -EDOM);
    assert_int_equal(thaw_statistics_bootstrap(endless, 2, &interval), -EDOM);
    assert_int_equal(thaw_statistics_median_interval(endless, 2, &interval), -EDOM);
    assert_int_equal(
        thaw_statistics_median_interval(one, THAW_STATISTICS_VALUES_MAX + 1, &interval), -E2BIG);
    assert_int_equal(thaw_statistics_pair_ratios(zero, one, 2, &interval), -EDOM);
    assert_int_equal(thaw_statistics_pair_ratios(one, zero, 2, &interval), -EDOM);
    assert_int_equal(thaw_statistics_pair_ratios(one, one, 0, &interval), -EDOM);
    assert_int_equal(thaw_statistics_median_ratio(zero, 2, one, 2, &interval), -EDOM);
    assert_int_equal(thaw_statistics_median_ratio(one, 2, one, 0, &interval), -EDOM);
    assert_int_equal(thaw_statistics_noise_of_series(one, 1, 0.1, 31, &noise), -EDOM);
    assert_int_equal(thaw_rank_test(one, 2, wrong, 3, &test), -EDOM);
    assert_int_equal(thaw_rank_test(one, 0, one, 2, &test), -EDOM);
}

static void a_noisy_machine_is_told(void **state)
{
    static const double quiet[] = {0.99, 1.01, 1.0, 0.98, 1.02, 1.0, 1.01, 0.99, 1.0},
                        loud[] = {0.7, 1.3, 1.0, 0.8, 1.2, 1.0, 1.4, 0.6, 1.0},
                        biased[] = {1.1, 1.11, 1.12, 1.1, 1.11, 1.13, 1.1, 1.12, 1.11},
                        series[] = {100, 101, 99, 100, 102, 100, 99, 100, 101, 100};
    struct thaw_noise noise;

    (void)state;
    assert_int_equal(thaw_statistics_noise(quiet, COUNT(quiet), 0.10, 31, &noise), 0);
    assert_false(noise.too_noisy || noise.biased);
    assert_float_equal(noise.spread, 0.02 / 1.3489795003921634, 1e-12);
    assert_float_equal(noise.width, 0.01308, 1e-4);
    assert_int_equal(thaw_statistics_noise(loud, COUNT(loud), 0.10, 31, &noise), 0);
    assert_true(noise.too_noisy && !noise.biased);
    assert_int_equal(thaw_statistics_noise(biased, COUNT(biased), 0.10, 31, &noise), 0);
    assert_true(noise.biased && !noise.too_noisy);
    assert_int_equal(thaw_statistics_noise_of_series(series, COUNT(series), 0.10, 31, &noise), 0);
    assert_false(noise.too_noisy || noise.biased);
}

static void alike_is_not_larger(void **state)
{
    static const double same[] = {5, 5, 5}, low[] = {1, 2, 3}, high[] = {4, 5, 6};
    struct thaw_rank_test test;

    (void)state;
    assert_int_equal(thaw_rank_test(same, 3, same, 3, &test), 0);
    assert_float_equal(test.u, 4.5, 0);
    assert_float_equal(test.probability, 1, 0);
    assert_false(test.exact);
    assert_int_equal(thaw_rank_test(low, 3, high, 3, &test), 0);
    assert_float_equal(test.u, 9, 0);
    assert_float_equal(test.probability, 1.0 / 20, 1e-12);
    assert_true(test.exact);
    assert_int_equal(thaw_rank_test(high, 3, low, 3, &test), 0);
    assert_float_equal(test.probability, 1, 1e-12);
}

static struct thaw_interval between(double low, double high)
{
    return (struct thaw_interval){low, (low + high) / 2, high, THAW_STATISTICS_COVERAGE};
}

static void pairs_are_wanted_while_undecided(void **state)
{
    struct thaw_interval narrow = between(0.20, 0.28), wide = between(0.20, 0.31),
                         around = between(-0.01, 0.02), worse = between(-0.05, -0.01);

    (void)state;
    assert_true(thaw_proof_wants_more(&narrow, 8, &thaw_proof_rule));
    assert_false(thaw_proof_wants_more(&narrow, 9, &thaw_proof_rule));
    assert_true(thaw_proof_wants_more(&wide, 9, &thaw_proof_rule));
    assert_true(thaw_proof_wants_more(&around, 30, &thaw_proof_rule));
    assert_false(thaw_proof_wants_more(&around, 31, &thaw_proof_rule));
    assert_false(thaw_proof_wants_more(&worse, 9, &thaw_proof_rule));
}

static void a_verdict_follows_the_interval(void **state)
{
    struct thaw_proof_rule promised = thaw_proof_rule;
    struct thaw_interval ratio = between(0.90, 0.96), saving = thaw_proof_saving(&ratio),
                         around = between(-0.01, 0.02), worse = between(-0.05, 0);

    (void)state;
    promised.least = 0.15;
    assert_float_equal(saving.low, 0.04, 1e-12);
    assert_float_equal(saving.high, 0.10, 1e-12);
    assert_int_equal(thaw_proof_verdict(&saving, 9, &thaw_proof_rule), THAW_VERDICT_PROVED);
    assert_int_equal(thaw_proof_verdict(&saving, 8, &thaw_proof_rule), THAW_VERDICT_INCONCLUSIVE);
    assert_int_equal(thaw_proof_verdict(&saving, 9, &promised), THAW_VERDICT_REFUTED);
    assert_int_equal(thaw_proof_verdict(&around, 31, &thaw_proof_rule), THAW_VERDICT_INCONCLUSIVE);
    assert_int_equal(thaw_proof_verdict(&around, 31, &promised), THAW_VERDICT_REFUTED);
    assert_int_equal(thaw_proof_verdict(&worse, 9, &thaw_proof_rule), THAW_VERDICT_REFUTED);
    assert_string_equal(thaw_verdict_name(THAW_VERDICT_REFUTED), "refuted");
}

static void memory_that_is_short_is_told(void **state)
{
    static const double original[] = {3, 1, 2}, changed[] = {4, 6, 5};

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_interval ratio;
        int result = thaw_statistics_pair_ratios(original, changed, 3, &ratio);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_interval ratio;
        int result = thaw_statistics_median_ratio(original, 3, changed, 3, &ratio);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_rank_test test;
        int result = thaw_rank_test(original, 3, changed, 3, &test);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quartiles_are_those_of_numpy),
        cmocka_unit_test(outliers_are_counted),
        cmocka_unit_test(an_interval_says_what_it_covers),
        cmocka_unit_test(a_bootstrap_repeats_itself),
        cmocka_unit_test(ratios_are_made_by_pair),
        cmocka_unit_test(ratios_are_of_medians),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_noisy_machine_is_told),
        cmocka_unit_test(alike_is_not_larger),
        cmocka_unit_test(pairs_are_wanted_while_undecided),
        cmocka_unit_test(a_verdict_follows_the_interval),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
