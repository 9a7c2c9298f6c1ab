/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "start_moves.h"

/* When a start is over, of workers, of servers, and of what was there before. */

/* --- time --- */

static void a_server_that_nobody_asks_is_told(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    feed_listen(&feed, 20, 2 * SECOND);
    feed_tick(&feed, 100 * SECOND);
    assert_int_equal(feed.told.count, 0);
    feed_tick(&feed, 400 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_false(feed.told.items[0]->answered);
    assert_string_equal(feed.told.items[0]->ended, "no first reply was seen within 300 s");
    assert_int_equal(feed.started.count, 1);
    start_feed_close(&feed);
}

static void what_serves_nobody_is_forgotten(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    feed_tick(&feed, 400 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(feed.forgotten.count, 1);
    assert_int_equal(feed_counts(&feed).passed_by, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* It waits for its first invocation, and then has the phases that it always had. */
static void a_ready_worker_has_time(void **state)
{
    struct thaw_recording *recording = start_feed_golden("v2-metadata-indexing");
    struct start_feed feed;
    size_t waits = 0;

    (void)state;
    feed_open(&feed, PLATFORMS);
    while (recording->events[waits].kind != THAW_EVENT_MESSAGE ||
           strcmp(recording->events[waits].message.type, "InvocationRequest"))
        waits++;
    start_feed_recording(&feed, &(struct thaw_recording){recording->events, .count = waits}, 0, 0);
    for (uint64_t hour = 1; hour < 24; hour++)
        feed_tick(&feed, hour * 3600 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(feed_counts(&feed).open, 1);
    start_feed_recording(&feed,
                         &(struct thaw_recording){recording->events + waits,
                                                  .count = recording->count - waits},
                         24 * 3600 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->modules, 5);
    assert_true(feed.told.items[0]->answered);
    assert_true(feed.told.items[0]->complete);
    start_feed_close(&feed);
    thaw_recording_free(recording);
}

/* Of two workers one is asked at once, the other one an hour later. */
static void each_worker_is_told_when_it_has_answered(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 10, 7, SECOND);
    feed_worker(&feed, 11, 2 * SECOND);
    feed_worker(&feed, 12, 3 * SECOND);
    feed_invoke(&feed, 11, 4 * SECOND);
    assert_int_equal(feed.told.count, 0);
    feed_tick(&feed, 7 * SECOND);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->process, 11);
    assert_int_equal(feed_counts(&feed).open, 1);
    feed_tick(&feed, 3000 * SECOND);
    feed_invoke(&feed, 11, 3001 * SECOND);
    feed_invoke(&feed, 12, 3600 * SECOND);
    feed_tick(&feed, 3610 * SECOND);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[1]->process, 12);
    assert_true(feed.told.items[1]->answered);
    assert_true(feed.told.items[1]->further);
    assert_true(feed.told.items[1]->complete);
    assert_int_equal(feed.told.items[1]->modules, 1);
    assert_int_equal(feed.started.count, 3);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* Nobody needs a placeholder's own imports, which it may hold for hours. */
static void a_placeholder_that_waits_is_small(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    for (uint64_t i = 0; i < 2000; i++)
        feed_import(&feed, 20, "a.module", SECOND + 10000 + i * 1000, 500);
    feed_message(&feed, 20, "StartStream", true, 3 * SECOND);
    assert_true(feed_counts(&feed).bytes > 60000);
    feed_tick(&feed, 400 * SECOND);
    assert_in_range(feed_counts(&feed).bytes, 1, 2000);
    assert_int_equal(feed_counts(&feed).left_out, 0);
    start_feed_close(&feed);
}

/* --- servers --- */

static void a_reply_to_itself_is_none(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    feed_listen(&feed, 20, 2 * SECOND);
    feed_answer(&feed, 20, 1, 3 * SECOND, 20);
    assert_int_equal(feed.started.count, 0);
    feed_answer(&feed, 20, 2, 5 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    assert_int_equal(feed.told.items[0]->end_unix_ns, 5 * SECOND + 2000);
    assert_string_equal(feed.told.items[0]->trace, "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(feed.told.items[0]->span, "b7ad6b7169203331");
    start_feed_close(&feed);
}

/* A supervisor that looks whether its server is well. */
static void one_above_may_ask(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 10, 7, SECOND);
    feed_execute(&feed, 20, 10, 2 * SECOND);
    feed_listen(&feed, 20, 3 * SECOND);
    feed_answer(&feed, 20, 1, 4 * SECOND, 10);
    assert_int_equal(feed.told.count, 1);
    assert_true(feed.told.items[0]->answered);
    start_feed_close(&feed);
}

/* An hour in which nobody asks is none of its start. */
static void a_servers_wait_is_not_counted(void **state)
{
    struct start_feed feed;
    const struct thaw_start *start;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    feed_listen(&feed, 20, 2 * SECOND);
    feed_import(&feed, 20, "late", 2 * SECOND + 1000, SECOND);
    feed_answer(&feed, 20, 1, 200 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    start = feed.told.items[0];
    assert_int_equal(start->total_ns, 2 * SECOND + 1000 + 2000);
    assert_string_equal(start->phases[start->phase_count - 2].name, "pool");
    assert_false(start->phases[start->phase_count - 2].counted);
    start_feed_close(&feed);
}

/* A day later the server replaces one of its workers: its own start is none of that. */
static void a_worker_that_is_replaced_is_further(void **state)
{
    struct start_feed feed;
    uint64_t later_ns = 86400 * SECOND;

    (void)state;
    feed_open(&feed, PLATFORMS);
    feed_execute(&feed, 20, 7, SECOND);
    feed_listen(&feed, 20, 2 * SECOND);
    feed_take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                         .time_ns = 2 * SECOND + 1,
                                         .pid = 21,
                                         .process_fork = {.parent = 20}});
    feed_answer(&feed, 21, 1, 3 * SECOND, 0);
    assert_int_equal(feed.told.count, 1);
    feed_finish(&feed, 21, later_ns);
    feed_take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                         .time_ns = later_ns,
                                         .pid = 22,
                                         .process_fork = {.parent = 20}});
    feed_import(&feed, 22, "json", later_ns + 10000, 500);
    feed_answer(&feed, 22, 1, later_ns + SECOND, 0);
    assert_int_equal(feed.told.count, 2);
    assert_int_equal(feed.told.items[1]->process, 22);
    assert_true(feed.told.items[1]->further);
    assert_true(feed.told.items[1]->answered);
    assert_true(feed.told.items[1]->complete);
    assert_string_equal(feed.told.items[1]->identity.python, "3.11.2");
    assert_int_equal(feed.told.items[1]->begin_unix_ns, later_ns);
    assert_int_equal(feed.told.items[1]->modules, 1);
    start_feed_close(&feed);
}

/* What runs already has started, and so have the processes that it forks. */
static void what_was_there_is_no_start(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, ALL);
    feed_present(&feed, 20);
    feed_listen(&feed, 20, 51 * SECOND);
    feed_answer(&feed, 20, 1, 52 * SECOND, 0);
    assert_int_equal(feed_counts(&feed).seen, 0);
    feed_take(&feed, (struct thaw_event){.kind = THAW_EVENT_PROCESS_FORK,
                                         .time_ns = 53 * SECOND,
                                         .pid = 22,
                                         .process_fork = {.parent = 20}});
    feed_import(&feed, 22, "json", 53 * SECOND + 10000, 500);
    feed_finish(&feed, 22, 54 * SECOND);
    assert_int_equal(feed.told.count, 0);
    assert_int_equal(feed_counts(&feed).passed_by, 1);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* Nobody tells of the end of what is no Python. */
static void other_programs_hold_nothing_up(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, ALL);
    feed_execute(&feed, 20, 7, SECOND);
    feed_begin(&feed, 21, 20, 2 * SECOND);
    feed_finish(&feed, 20, 3 * SECOND);
    assert_int_equal(feed.told.count, 1);
    start_feed_check_empty(&feed);
    for (uint32_t pid = 30; pid < 40; pid++) { /* of a server that runs for long */
        feed_execute(&feed, 22, 7, 4 * SECOND);
        feed_listen(&feed, 22, 4 * SECOND + 5000);
        feed_begin(&feed, pid, 22, 5 * SECOND);
    }
    feed_tick(&feed, 20 * SECOND);
    feed_finish(&feed, 22, 21 * SECOND);
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

/* But not the programs that it executes, over and over. */
static void what_was_there_starts_others(void **state)
{
    struct start_feed feed;

    (void)state;
    feed_open(&feed, ALL);
    feed_present(&feed, 20);
    for (uint64_t i = 0; i < 5; i++) {
        feed_execute(&feed, 21, 20, (60 + i) * SECOND);
        feed_import(&feed, 21, "json", (60 + i) * SECOND + 10000, 500);
        feed_finish(&feed, 21, (60 + i) * SECOND + 20000);
    }
    assert_int_equal(feed.told.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(feed.told.items[i]->process, 21);
        assert_int_equal(feed.told.items[i]->modules, 1);
        assert_true(feed.told.items[i]->complete);
    }
    start_feed_check_empty(&feed);
    start_feed_close(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_nobody_asks_is_told),
        cmocka_unit_test(what_serves_nobody_is_forgotten),
        cmocka_unit_test(a_ready_worker_has_time),
        cmocka_unit_test(each_worker_is_told_when_it_has_answered),
        cmocka_unit_test(a_placeholder_that_waits_is_small),
        cmocka_unit_test(a_reply_to_itself_is_none),
        cmocka_unit_test(one_above_may_ask),
        cmocka_unit_test(a_servers_wait_is_not_counted),
        cmocka_unit_test(a_worker_that_is_replaced_is_further),
        cmocka_unit_test(what_was_there_is_no_start),
        cmocka_unit_test(other_programs_hold_nothing_up),
        cmocka_unit_test(what_was_there_starts_others),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
