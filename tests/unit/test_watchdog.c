/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/watchdog.h"

#define MAP 77
#define NS_PER_S UINT64_C(1000000000)

/* The map `rates`, in place of the kernel's. */
static struct {
    struct thaw_kernel_rate key;
    uint64_t hits;
} rates[THAW_KERNEL_RATES + 1];
static size_t rate_count;
static bool vanishes; /* entries give way before they can be read */

int thaw_programs_rates(const struct thaw_programs *programs)
{
    (void)programs;
    return MAP;
}

static size_t place_of(const void *key)
{
    for (size_t i = 0; i < rate_count; i++)
        if (!memcmp(&rates[i].key, key, sizeof(rates[i].key)))
            return i;
    return rate_count;
}

int bpf_map_lookup_elem(int map, const void *key, void *value)
{
    size_t place = place_of(key);

    assert_int_equal(map, MAP);
    if (place == rate_count || vanishes)
        return -ENOENT;
    memcpy(value, &rates[place].hits, sizeof(rates[place].hits));
    return 0;
}

int bpf_map_delete_elem(int map, const void *key)
{
    size_t place = place_of(key);

    assert_int_equal(map, MAP);
    if (place == rate_count)
        return -ENOENT;
    rates[place] = rates[--rate_count];
    return 0;
}

int bpf_map_get_next_key(int map, const void *key, void *next)
{
    size_t place = key ? place_of(key) + 1 : 0;

    assert_int_equal(map, MAP);
    if (place >= rate_count)
        return -ENOENT;
    memcpy(next, &rates[place].key, sizeof(rates[place].key));
    return 0;
}

static void hit(uint32_t process, uint32_t interpreter, uint64_t hits)
{
    rates[rate_count].key = (struct thaw_kernel_rate){process, interpreter};
    rates[rate_count++].hits = hits;
}

static int begin(void **state)
{
    (void)state;
    rate_count = 0;
    vanishes = false;
    return 0;
}

/* A watchdog that looked that long ago. */
static struct thaw_watchdog watchdog_since(uint64_t ns)
{
    return (struct thaw_watchdog){.looked_ns = thaw_clock_now_ns() - ns};
}

static void who_hits_too_often_is_found(void **state)
{
    struct thaw_watchdog watchdog = watchdog_since(NS_PER_S);
    struct thaw_watchdog_finding found[4];

    (void)state;
    hit(10, 1, THAW_WATCHDOG_HITS_MOST / 2);
    hit(11, 3, THAW_WATCHDOG_HITS_MOST * 5);
    hit(12, 0, THAW_WATCHDOG_HITS_MOST * 5); /* no interpreter: not one that could be withdrawn */
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 1);
    assert_int_equal(found[0].process, 11);
    assert_int_equal(found[0].interpreter, 2);
    /* the call itself takes a moment */
    assert_true(found[0].hits_per_s > THAW_WATCHDOG_HITS_MOST * 4);
    assert_true(found[0].hits_per_s <= THAW_WATCHDOG_HITS_MOST * 5);
    assert_int_equal(rate_count, 0); /* counting begins anew */
}

/* Hits count by the time they took. */
static void a_rate_is_by_the_second(void **state)
{
    struct thaw_watchdog watchdog = watchdog_since(10 * NS_PER_S);
    struct thaw_watchdog_finding found[4];

    (void)state;
    hit(10, 1, THAW_WATCHDOG_HITS_MOST * 9);
    hit(11, 1, THAW_WATCHDOG_HITS_MOST * 20);
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 1);
    assert_int_equal(found[0].process, 11);
}

static void looks_are_at_most_twice_a_second(void **state)
{
    struct thaw_watchdog watchdog = watchdog_since(NS_PER_S / 10);
    struct thaw_watchdog_finding found[4];

    (void)state;
    hit(10, 1, THAW_WATCHDOG_HITS_MOST * 100);
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 0);
    assert_int_equal(rate_count, 1); /* it goes on counting */
    watchdog.looked_ns -= NS_PER_S;
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 1);
    hit(10, 1, THAW_WATCHDOG_HITS_MOST * 100);
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 0);
}

/* What was counted before is of an unknown time. */
static void the_first_look_finds_nothing(void **state)
{
    struct thaw_watchdog watchdog = {0};
    struct thaw_watchdog_finding found[4];

    (void)state;
    hit(10, 1, UINT64_C(1) << 40);
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 4), 0);
    assert_int_equal(rate_count, 0);
    assert_true(watchdog.looked_ns > 0);
}

static void findings_are_bounded(void **state)
{
    struct thaw_watchdog watchdog = watchdog_since(NS_PER_S);
    struct thaw_watchdog_finding found[2];

    (void)state;
    for (uint32_t i = 0; i < THAW_KERNEL_RATES + 1; i++)
        hit(i, 1, THAW_WATCHDOG_HITS_MOST * 100);
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 2), 2);
    assert_int_equal(rate_count, 1);
}

static void entries_that_gave_way_are_passed_over(void **state)
{
    struct thaw_watchdog watchdog = watchdog_since(NS_PER_S);
    struct thaw_watchdog_finding found[2];

    (void)state;
    hit(10, 1, THAW_WATCHDOG_HITS_MOST * 100);
    vanishes = true;
    assert_int_equal(thaw_watchdog_look(&watchdog, found, 2), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_hits_too_often_is_found),
        TEST(a_rate_is_by_the_second),
        TEST(looks_are_at_most_twice_a_second),
        TEST(the_first_look_finds_nothing),
        TEST(findings_are_bounded),
        TEST(entries_that_gave_way_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
