/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/pair_test.h"
#include "chaos_malloc.h"
#include "base/holm.h"
#include "gate/test_of_times.h"

/* Is a gate of times red for nothing, and does it see what there is? Drawn from noise like that of
 * a machine whose CPUs are busy; the generator's seeds are fixed. */

enum { most_runs = 40, most_budgets = 10 };

struct source {
    uint64_t state;
    double load; /* what the machine's other work slows down */
    double load_change;
    double load_most;
    double noise;
    double bursts;     /* share of runs that meet what has nothing to do with their neighbours, */
    double burst_most; /* and by how much it slows them down */
};

/* splitmix64 */
static double uniform(struct source *source)
{
    uint64_t mixed = source->state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((mixed ^ (mixed >> 31)) >> 11) / 9007199254740992.0;
}

static double normal(struct source *source)
{
    double size = sqrt(-2 * log(1 - uniform(source)));

    return size * cos(6.283185307179586 * uniform(source));
}

/* Of 500 ms; the load goes on from run to run until it changes. */
static double draw(struct source *source, double factor)
{
    double burst = 1;

    if (uniform(source) < source->load_change)
        source->load = uniform(source) < 0.5 ? 0 : source->load_most * uniform(source);
    if (uniform(source) < source->bursts)
        burst += source->burst_most * uniform(source);
    return 5e8 * factor * burst * exp(source->load + source->noise * normal(source));
}

/* Of a single machine without load; CV 25 % in each run by itself; load that comes and goes; both.
 */
static const struct source quiet = {.noise = 0.05};
static const struct source noisy = {.noise = 0.25};
static const struct source loaded = {.noise = 0.08, .load_change = 0.08, .load_most = 0.6};
static const struct source worst = {
    .noise = 0.1, .load_change = 0.15, .load_most = 0.7, .bursts = 0.1, .burst_most = 1};

/* More to do than CPUs to do it: half of the runs wait for one, and take up to 2.5 times as long.
 */
static const struct source crowded = {.noise = 0.1, .bursts = 0.5, .burst_most = 1.5};

struct outcome {
    size_t red, inconclusive;
};

/* So many gates of so many budgets that know nothing of one another (which real ones do). */
static struct outcome simulate(const struct source *like, size_t runs, size_t budgets,
                               double factor, double allowed, size_t gates)
{
    struct source source = *like;
    struct outcome outcome = {0};

    source.state = 20261129;
    for (size_t gate = 0; gate < gates; gate++) {
        struct thaw_gate_time_test tests[most_budgets];
        double *probabilities[most_budgets];
        bool red = false, inconclusive = false;

        for (size_t i = 0; i < budgets; i++) {
            double before[most_runs], after[most_runs], median;
            const struct thaw_gate_times times = {before, after, runs, runs, true, true};

            for (size_t run = 0; run < runs; run++) {
                if (run % 2)
                    after[run] = draw(&source, factor);
                before[run] = draw(&source, 1);
                if (run % 2 == 0)
                    after[run] = draw(&source, factor);
            }
            assert_int_equal(thaw_statistics_median(before, runs, &median), 0);
            assert_int_equal(thaw_gate_time_test(&times, median * allowed, &tests[i]), 0);
            probabilities[i] = &tests[i].adjusted;
        }
        thaw_holm_adjust(probabilities, budgets);
        for (size_t i = 0; i < budgets; i++) {
            enum thaw_gate_answer answer = thaw_gate_time_answer(&tests[i]);

            red |= answer == THAW_GATE_BROKEN;
            inconclusive |= answer == THAW_GATE_UNDECIDED;
        }
        outcome.red += red;
        outcome.inconclusive += inconclusive && !red;
    }
    print_message("%zu runs, %zu budgets, %.2f times: %zu red, %zu inconclusive of %zu\n", runs,
                  budgets, factor, outcome.red, outcome.inconclusive, gates);
    return outcome;
}

/* Sanitizers look at memory, not at chance: a part of the gates is enough for them. */
#ifdef __SANITIZE_ADDRESS__
enum { unchanged_gates = 60 };
#else
enum { unchanged_gates = 400 };
#endif

/* In 2,000 gates one may be by chance; less than one gate of 200 is asked for. */
static void unchanged_code_is_not_red(void **state)
{
    static const struct source *const sources[] = {&quiet, &noisy, &loaded, &worst, &crowded};

    size_t red = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        struct outcome outcome = simulate(sources[i], 15, 1, 1, 1, unchanged_gates);

        red += outcome.red;
        assert_in_range(outcome.inconclusive, 0, unchanged_gates / 10);
    }
    assert_in_range(red, 0, 1);
}

/* Ten budgets are not red ten times as often. So many that know nothing of one another, as real
 * ones do, need more runs where the noise is in each run by itself. */
static void nor_with_ten_budgets(void **state)
{
    struct outcome outcome = simulate(&loaded, 15, 10, 1, 1, 60);

    (void)state;
    assert_int_equal(outcome.red, 0);
    assert_in_range(outcome.inconclusive, 0, 6);
    outcome = simulate(&noisy, 15, 10, 1, 1, 60);
    assert_int_equal(outcome.red, 0);
    outcome = simulate(&noisy, 30, 10, 1, 1, 60);
    assert_int_equal(outcome.red, 0);
    assert_in_range(outcome.inconclusive, 0, 6);
}

static void what_is_slower_is_seen(void **state)
{
    (void)state;
    assert_in_range(simulate(&quiet, 15, 1, 1.2, 1, 100).red, 99, 100);
    assert_in_range(simulate(&loaded, 30, 1, 1.2, 1, 100).red, 90, 100);
    assert_in_range(simulate(&loaded, 15, 1, 1.5, 1, 100).red, 90, 100);
    assert_in_range(simulate(&noisy, 30, 1, 1.5, 1, 100).red, 90, 100);
    /* what is allowed is not red, though it is slower */
    assert_int_equal(simulate(&quiet, 15, 1, 1.2, 1.25, 100).red, 0);
}

/* Too few runs for so much noise: half of it is not told, which is no pass. */
static void what_drowns_seldom_passes(void **state)
{
    struct outcome outcome = simulate(&noisy, 15, 1, 1.5, 1, 100);

    (void)state;
    assert_in_range(outcome.red + outcome.inconclusive, 90, 100);
}

static void fill(double *values, size_t count, double from, double step)
{
    for (size_t i = 0; i < count; i++)
        values[i] = from + step * (double)i;
}

static enum thaw_gate_answer answer(const double *before, const double *after, size_t count,
                                    double allowed, bool in_turns)
{
    const struct thaw_gate_times times = {before, after, count, count, in_turns, in_turns};
    struct thaw_gate_time_test test;

    assert_int_equal(thaw_gate_time_test(&times, allowed, &test), 0);
    return thaw_gate_time_answer(&test);
}

static void limits(void **state)
{
    double before[12], after[12];

    (void)state;
    fill(before, 12, 100, 0.5);
    fill(after, 12, 150, 0.5);
    assert_int_equal(answer(before, after, 12, 110, true), THAW_GATE_BROKEN);
    /* the same, not in turns: another load of the machine explains it */
    assert_int_equal(answer(before, after, 12, 110, false), THAW_GATE_UNDECIDED);
    assert_int_equal(answer(before, after, 12, 170, true), THAW_GATE_KEPT);
    assert_int_equal(answer(before, after, 12, 170, false), THAW_GATE_KEPT);
    /* 3 % more where nothing is allowed: less than can be told */
    fill(after, 12, 103, 0.5);
    assert_int_equal(answer(before, after, 12, 100, true), THAW_GATE_KEPT);
    fill(after, 12, 108, 0.5);
    assert_int_equal(answer(before, after, 12, 100, true), THAW_GATE_BROKEN);
}

static void without_a_ratio(void **state)
{
    double before[12] = {0}, after[12];

    (void)state;
    fill(after, 12, 100, 1);
    assert_int_equal(answer(before, after, 12, 0, true), THAW_GATE_BROKEN);
    assert_int_equal(answer(before, after, 12, 1000, true), THAW_GATE_KEPT);
    assert_int_equal(answer(before, before, 12, 0, true), THAW_GATE_KEPT);
    assert_int_equal(answer(before, after, 12, 0, false), THAW_GATE_UNDECIDED);
}

static void signs(void **state)
{
    double values[15];

    (void)state;
    fill(values, 15, 1, 1);
    assert_float_equal(thaw_gate_sign_probability(values, 15, 0), pow(0.5, 15), 1e-12);
    assert_float_equal(thaw_gate_sign_probability(values, 15, 1), 16 * pow(0.5, 15), 1e-12);
    assert_float_equal(thaw_gate_sign_probability(values, 15, 15), 1, 1e-9);
    assert_float_equal(thaw_gate_sign_probability(values, 6, 0), 0.015625, 1e-12);
}

/* The example of Holm's paper's kind, worked out by hand. */
static void correction(void **state)
{
    double p[] = {0.04, 0.01, 0.03, 0.9};
    double *const all[] = {&p[0], &p[1], &p[2], &p[3]};
    double *copy[] = {all[0], all[1], all[2], all[3]};

    (void)state;
    thaw_holm_adjust(copy, 4);
    assert_float_equal(p[1], 0.04, 1e-12);
    assert_float_equal(p[2], 0.09, 1e-12);
    assert_float_equal(p[0], 0.09, 1e-12); /* never less than one before it */
    assert_float_equal(p[3], 0.9, 1e-12);
    p[0] = p[1] = p[2] = p[3] = 0.6;
    thaw_holm_adjust(copy, 4);
    assert_float_equal(p[3], 1, 1e-12);
    thaw_holm_adjust(copy, 0);
}

/* Oracle: R's wilcox.test(x, y, paired = TRUE, alternative = "greater") of the example in its
 * manual (Hollander and Wolfe 1973): V = 40, p-value = 0.01953. */
static void pairs_of_the_manual(void **state)
{
    static const double x[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double y[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    double differences[9];
    struct thaw_pair_test test;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        differences[i] = x[i] - y[i];
    assert_int_equal(thaw_pair_test(differences, 9, &test), 0);
    assert_float_equal(test.sum, 40, 0);
    assert_float_equal(test.probability, 0.01953125, 1e-9);
    assert_true(test.exact);
}

static void pairs_at_the_edges(void **state)
{
    static double many[THAW_PAIR_TEST_EXACT_MAX + 1], differences[] = {1, 1, 1, 1, 0};
    static const double endless[] = {1, INFINITY};
    struct thaw_pair_test test;
    double counted;

    (void)state;
    /* ties share their ranks, and what is the same is left out: (1/2)^4 */
    assert_int_equal(thaw_pair_test(differences, 5, &test), 0);
    assert_float_equal(test.probability, 0.0625, 1e-12);
    assert_float_equal(test.sum, 10, 0);
    fill(differences, 5, 0, 0);
    assert_int_equal(thaw_pair_test(differences, 5, &test), 0);
    assert_float_equal(test.probability, 1, 0);
    assert_int_equal(thaw_pair_test(differences, 0, &test), -EDOM);
    assert_int_equal(thaw_pair_test(endless, 2, &test), -EDOM);
    assert_int_equal(thaw_pair_test(differences, THAW_PAIR_TEST_PAIRS_MAX + 1, &test), -E2BIG);
    /* counted and by the normal distribution alike, where one becomes the other */
    for (size_t i = 0; i < THAW_PAIR_TEST_EXACT_MAX + 1; i++)
        many[i] = (i % 5 < 3 ? 1.0 : -1.0) * (double)(i + 1);
    assert_int_equal(thaw_pair_test(many, THAW_PAIR_TEST_EXACT_MAX, &test), 0);
    assert_true(test.exact);
    counted = test.probability;
    assert_in_range(counted * 1e6, 1000, 50000);
    assert_int_equal(thaw_pair_test(many, THAW_PAIR_TEST_EXACT_MAX + 1, &test), 0);
    assert_false(test.exact);
    assert_float_equal(test.probability, counted, 0.004); /* one pair more */
}

static void short_memory(void **state)
{
    double before[12], after[12];
    const struct thaw_gate_times times = {before, after, 12, 12, true, true};
    struct thaw_gate_time_test test;

    (void)state;
    if (!chaos_malloc_works())
        skip();
    fill(before, 12, 100, 0.5);
    fill(after, 12, 120, 0.5);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int code = thaw_gate_time_test(&times, 100, &test);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unchanged_code_is_not_red),
        cmocka_unit_test(nor_with_ten_budgets),
        cmocka_unit_test(what_is_slower_is_seen),
        cmocka_unit_test(what_drowns_seldom_passes),
        cmocka_unit_test(limits),
        cmocka_unit_test(without_a_ratio),
        cmocka_unit_test(signs),
        cmocka_unit_test(correction),
        cmocka_unit_test(pairs_of_the_manual),
        cmocka_unit_test(pairs_at_the_edges),
        cmocka_unit_test(short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
