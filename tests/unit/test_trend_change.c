/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "trend/change.h"

enum { noise_series = 200, most_values = 1200 };

static uint64_t state_of_random;

/* splitmix64, then Box and Muller: the same on every machine. */
static double uniform(void)
{
    uint64_t mixed = state_of_random += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    return ((double)(mixed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    double radius = sqrt(-2 * log(uniform()));

    return radius * cos(6.283185307179586 * uniform());
}

/* A time of about 1 s with noise of a spread, one in ten twice as far off, as runners are. */
static double noisy(double level, double spread)
{
    double value = level * exp(spread * normal());

    return uniform() < 0.1 ? value * (1 + spread * 3 * uniform()) : value;
}

static thaw_change_list found(const double *values, size_t count)
{
    thaw_change_list list = {0};

    assert_int_equal(thaw_changes_find(values, count, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        const struct thaw_change *change = &list.items[i];

        assert_true(change->begin < change->at && change->at < change->end && change->end <= count);
        assert_true(change->probability >= 0 && change->probability < THAW_CHANGE_LEVEL);
        assert_true(!i || list.items[i - 1].at == change->begin);
        assert_true(i + 1 == list.count || list.items[i + 1].at == change->end);
    }
    return list;
}

static void noise_shows_no_change(void **state)
{
    static const size_t lengths[] = {13, 20, 40, 100, 250};
    double values[most_values];
    size_t wrong = 0;

    (void)state;
    state_of_random = 11;
    for (size_t i = 0; i < noise_series; i++) {
        size_t count = lengths[i % 5];

        for (size_t j = 0; j < count; j++)
            values[j] = noisy(1e9, i % 2 ? 0.05 : 0.3);
        thaw_change_list list = found(values, count);

        wrong += list.count > 0;
        thaw_array_free(&list);
    }
    assert_true(wrong <= 2); /* 1 in 100 is what is promised */
}

static void a_step_is_found_where_it_is(void **state)
{
    double values[40];
    size_t near = 0, exact = 0;

    (void)state;
    state_of_random = 12;
    for (size_t i = 0; i < 100; i++) {
        size_t at = 10 + i % 21; /* at least 10 on each side */
        bool up = i % 4 != 0;

        for (size_t j = 0; j < 40; j++)
            values[j] = noisy(j < at ? 1e9 : up ? 1.3e9 : 0.7e9, 0.05);
        thaw_change_list list = found(values, 40);

        assert_true(list.count >= 1);
        for (size_t j = 0; j < list.count; j++) {
            const struct thaw_change *change = &list.items[j];

            if (change->at + 1 < at || change->at > at + 1)
                continue;
            near++;
            exact += change->at == at;
            assert_int_equal(change->up, up);
            assert_true(up ? change->ratio.low > 1.15 && change->ratio.high < 1.5
                           : change->ratio.low > 0.6 && change->ratio.high < 0.85);
        }
        thaw_array_free(&list);
    }
    assert_true(near >= 99);
    assert_true(exact >= 90);
}

static void up_and_down_again_are_two(void **state)
{
    double values[60];

    (void)state;
    state_of_random = 13;
    for (size_t j = 0; j < 60; j++)
        values[j] = noisy(j >= 20 && j < 40 ? 1.5e9 : 1e9, 0.03);
    thaw_change_list list = found(values, 60);

    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].at, 20);
    assert_true(list.items[0].up);
    assert_int_equal(list.items[1].at, 40);
    assert_false(list.items[1].up);
    thaw_array_free(&list);
}

static void what_needs_no_test(void **state)
{
    double same[50], zeros[20] = {0}, few[THAW_CHANGE_LEAST_VALUES];
    thaw_change_list list;

    (void)state;
    for (size_t i = 0; i < 50; i++)
        same[i] = 5;
    list = found(same, 50);
    assert_int_equal(list.count, 0);
    list = found(same, 0);
    assert_int_equal(list.count, 0);
    for (size_t i = 0; i < 20; i++)
        zeros[i] = i < 10 ? 0 : (double)(1 + i); /* no ratio: all before are 0 */
    list = found(zeros, 20);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].at, 10);
    assert_true(list.items[0].ratio.coverage == 0);
    assert_true(list.items[0].before == 0);
    thaw_array_free(&list);
    for (size_t i = 0; i < THAW_CHANGE_LEAST_VALUES; i++)
        few[i] = (i < 6 ? 1 : 2) + (double)i / 1000;
    list = found(few, THAW_CHANGE_LEAST_VALUES); /* the least that can be told */
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].at, 6);
    thaw_array_free(&list);
    list = found(few, THAW_CHANGE_LEAST_VALUES - 1);
    assert_int_equal(list.count, 0);
}

/* More values than are looked at: what is before them is left out. */
static void long_series_are_cut(void **state)
{
    double values[most_values];
    thaw_change_list list;

    (void)state;
    state_of_random = 14;
    for (size_t i = 0; i < most_values; i++)
        values[i] = noisy(i < 100 ? 9e9 : i < 700 ? 1e9 : 1.2e9, 0.03);
    list = found(values, most_values);
    assert_int_equal(list.count, 1);
    assert_in_range(list.items[0].at, 699, 701);
    assert_int_equal(list.items[0].begin, most_values - THAW_CHANGE_VALUES_MAX);
    assert_int_equal(list.items[0].end, most_values);
    thaw_array_free(&list);
}

static void memory_that_is_short_is_told(void **state)
{
    double values[20];

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (size_t i = 0; i < 20; i++)
        values[i] = (double)(i < 10 ? 10 + i : 30 + i);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        thaw_change_list list = {0};
        int code = thaw_changes_find(values, 20, &list);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_array_free(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_shows_no_change),     cmocka_unit_test(a_step_is_found_where_it_is),
        cmocka_unit_test(up_and_down_again_are_two), cmocka_unit_test(what_needs_no_test),
        cmocka_unit_test(long_series_are_cut),       cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
