/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "start_moves.h"

/* Many starts at once and one after another, floods, and what is lost. */

/* --- many --- */

static void interleave(struct start_feed *feed, const struct thaw_recording *recording,
                       size_t trees)
{
    for (size_t i = 0; i < recording->count; i++)
        for (uint32_t tree = 0; tree < trees; tree++) {
            struct thaw_recording one = {.events = recording->events + i, .count = 1};

            start_feed_recording(feed, &one, tree, 10000 * (tree + 1));
        }
}

static void twenty_at_once_are_kept_apart(void **state)
{
    struct thaw_recording *recording = start_feed_golden("v2-init-indexing");
    struct start_feed feed;
    struct start_feed one;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_open(&one, PLATFORMS);
    start_feed_recording(&one, recording, 0, 0);
    interleave(&feed, recording, 20);
    assert_int_equal(feed.told.count, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(feed.told.items[i]->total_ns, one.told.items[0]->total_ns);
        assert_int_equal(feed.told.items[i]->modules, one.told.items[0]->modules);
        assert_int_equal(feed.told.items[i]->imports_ns, one.told.items[0]->imports_ns);
        assert_true(feed.told.items[i]->complete);
    }
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
    start_feed_close(&one);
    thaw_recording_free(recording);
}

/* The same pids over and over, as after an exit. */
static void ten_thousand_in_a_row_take_no_memory(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, ALL);
    feed.keep = false;
    for (uint64_t i = 0; i < 10000; i++) {
        uint32_t pid = 100 + (uint32_t)i % 50;
        uint64_t time_ns = (i + 1) * SECOND;

        feed_execute(&feed, pid, 7, time_ns);
        feed_import(&feed, pid, "json", time_ns + 10000, 500);
        feed_finish(&feed, pid, time_ns + 20000);
        start_feed_check_empty(&feed);
    }
    assert_int_equal(feed.trees, 10000);
    assert_int_equal(feed_counts(&feed).seen, 10000);
    assert_int_equal(feed_counts(&feed).given_up, 0);
    start_feed_close(&feed);
}

/* Forks whose end nobody tells. */
static void processes_are_bounded(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.processes = 100;
    start_feed_open(&feed, ALL, &limits);
    for (uint32_t pid = 1000; pid < 3000; pid++)
        feed_take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                             .time_ns = pid * SECOND,
                                             .pid = pid,
                                             .process_fork = {.parent = 7}});
    feed_execute(&feed, 5000, 2999, 3000 * SECOND);
    feed_finish(&feed, 5000, 3001 * SECOND);
    assert_int_equal(feed.told.count, 1);
    start_feed_close(&feed);
}

static void a_pid_that_is_used_again_is_another_process(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, ALL);
    feed_execute(&feed, 20, 7, SECOND); /* whose exit was lost */
    feed_import(&feed, 20, "json", SECOND + 10000, 500);
    feed_execute(&feed, 20, 7, 5 * SECOND);
    feed_finish(&feed, 20, 6 * SECOND);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[0]->modules, 1);
    assert_int_equal(feed.told.items[1]->modules, 0);
    assert_int_equal(feed.told.items[1]->begin_unix_ns, 5 * SECOND);
    start_feed_close(&feed);
}

/* --- bounds --- */

static void events_beyond_the_most_are_left_out(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.events = 20;
    start_feed_open(&feed, ALL, &limits);
    feed_execute(&feed, 20, 7, SECOND);
    for (uint64_t i = 0; i < 30; i++)
        feed_import(&feed, 20, "json", SECOND + 10000 + i * 1000, 500);
    feed_finish(&feed, 20, 2 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_false(feed.told.items[0]->complete);
    assert_non_null(strstr(feed.told.items[0]->incomplete, "left out"));
    assert_in_range(feed.told.items[0]->modules, 8, 10);
    assert_int_equal(feed_counts(&feed).left_out, 60 - 17);
    start_feed_close(&feed);
}

/* A host whose workers never get anywhere. */
static void a_flood_of_other_events_is_given_up(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.events = 20;
    start_feed_open(&feed, PLATFORMS, &limits);
    feed_execute(&feed, 20, 7, SECOND);
    feed_listen(&feed, 20, SECOND + 5000);
    for (uint64_t i = 0; i < 100; i++)
        feed_listen(&feed, 20, SECOND + 10000 + i);
    assert_int_equal(feed.told.count, 1);
    assert_string_equal(feed.told.items[0]->incomplete, "more happened than is kept of one start");
    assert_int_equal(feed_counts(&feed).given_up, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

static void the_oldest_is_given_up_for_room(void **state)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct start_feed feed;

    (void)state;
    limits.bytes = 16384;
    start_feed_open(&feed, ALL, &limits);
    for (uint32_t pid = 20; pid < 120; pid++) {
        feed_execute(&feed, pid, 7, pid * SECOND);
        feed_import(&feed, pid, "a.module.of.some.length", pid * SECOND + 10000, 500);
        assert_true(feed_counts(&feed).bytes <= limits.bytes);
    }
    assert_in_range(feed.told.count, 50, 99);
    for (size_t i = 0; i < feed.told.count; i++) {
        assert_int_equal(feed.told.items[i]->process, 20 + i);
        assert_false(feed.told.items[i]->complete);
        assert_non_null(strstr(feed.told.items[i]->incomplete, "no room"));
    }
    assert_int_equal(feed_counts(&feed).given_up, feed.told.count);
    start_feed_close(&feed);
}

/* --- losses --- */

static void losses_are_whose_they_are(void **state)
{
    struct start_feed feed;
    struct thaw_event loss = {.kind = THAW_EVENT_LOSS,
                              .time_ns = 2 * SECOND,
                              .pid = 20,
                              .loss = {.cause = "a", .count = 1, .what = "one of 20"}};

    (void)state;
    feed_open(&feed, ALL);
    feed_execute(&feed, 20, 7, SECOND);
    feed_execute(&feed, 21, 7, SECOND);
    feed_take(&feed, loss);
    feed_finish(&feed, 20, 3 * SECOND);
    feed_finish(&feed, 21, 3 * SECOND);
    feed_execute(&feed, 22, 7, 4 * SECOND);
    loss.pid = 0;
    loss.time_ns = 5 * SECOND;
    loss.loss.what = "somebody's";
    feed_take(&feed, loss);
    feed_finish(&feed, 22, 6 * SECOND);
    feed_execute(&feed, 23, 7, 7 * SECOND);
    feed_finish(&feed, 23, 8 * SECOND);
    assert_int_equal(feed.told.count, 4);
    assert_string_equal(feed.told.items[0]->incomplete, "one of 20");
    assert_true(feed.told.items[1]->complete);
    assert_string_equal(feed.told.items[2]->incomplete, "somebody's");
    assert_true(feed.told.items[3]->complete);
    start_feed_close(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_at_once_are_kept_apart),
        cmocka_unit_test(ten_thousand_in_a_row_take_no_memory),
        cmocka_unit_test(processes_are_bounded),
        cmocka_unit_test(a_pid_that_is_used_again_is_another_process),
        cmocka_unit_test(events_beyond_the_most_are_left_out),
        cmocka_unit_test(a_flood_of_other_events_is_given_up),
        cmocka_unit_test(the_oldest_is_given_up_for_room),
        cmocka_unit_test(losses_are_whose_they_are),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
