/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "audit/arrivals.h"
#include "base/array.h"
#include "chaos_malloc.h"

#define SECOND 1000000000ll
#define MS 1000000ll
#define NOON (1700000000 * SECOND) /* a multiple of 10 s */

/* What was handed on; texts are copied as they don't last. */
struct taken {
    THAW_ARRAY(struct thaw_arrivals) rows;
    char apps[64][32];
    size_t most; /* then it fails */
};

static int take_row(void *context, const struct thaw_arrivals *arrivals, struct thaw_error *error)
{
    struct taken *taken = context;
    struct thaw_arrivals *row;

    (void)error;
    if (taken->rows.count >= taken->most)
        return -ENOSPC;
    row = thaw_array_add(&taken->rows);
    *row = *arrivals;
    row->app = strcpy(taken->apps[taken->rows.count - 1], arrivals->app);
    assert_int_equal(row->from_unix_ns % (int64_t)THAW_ARRIVALS_NS, 0);
    return 0;
}

static struct thaw_arrivals_book *open_book(void)
{
    struct thaw_arrivals_book *book = NULL;

    assert_int_equal(thaw_arrivals_open(&book, NULL), 0);
    return book;
}

static void flush(struct thaw_arrivals_book *book, struct taken *taken, int64_t unix_ns)
{
    taken->most = 64;
    assert_int_equal(thaw_arrivals_flush(book, unix_ns, take_row, taken, NULL), 0);
}

static void message(struct thaw_arrivals_book *book, const char *app, uint32_t pid,
                    const char *type, const char *invocation, int64_t at_ns)
{
    struct thaw_event event = {.kind = THAW_EVENT_MESSAGE,
                               .time_ns = (uint64_t)at_ns,
                               .pid = pid,
                               .message = {.type = type,
                                           .last_ns = (uint64_t)at_ns,
                                           .outgoing = strstr(type, "Response") != NULL,
                                           .invocation_id = invocation,
                                           .function_id = "f"}};

    assert_int_equal(thaw_arrivals_message(book, app, &event, NOON + at_ns, NULL), 0);
}

static void begin(struct thaw_arrivals_book *book, uint32_t pid, const char *id, int64_t at_ns)
{
    message(book, "a", pid, "InvocationRequest", id, at_ns);
}

static void end(struct thaw_arrivals_book *book, uint32_t pid, const char *id, int64_t at_ns)
{
    message(book, "a", pid, "InvocationResponse", id, at_ns);
}

static void look(struct thaw_arrivals_book *book, uint32_t pid, uint64_t requests,
                 uint64_t in_flight, uint64_t most, int64_t at_ns)
{
    struct thaw_arrivals_look one = {.process = pid,
                                     .requests = requests,
                                     .busy_ns = requests * 5 * MS,
                                     .in_flight = in_flight,
                                     .most_in_flight = most};

    assert_int_equal(thaw_arrivals_looked(book, "a", &one, NOON + at_ns, NULL), 0);
}

static void messages_are_counted(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};

    (void)state;
    begin(book, 1, "i-1", 1 * SECOND);
    begin(book, 1, "i-2", 2 * SECOND);
    begin(book, 2, "i-3", 2 * SECOND);
    message(book, "a", 1, "RpcLog", "", 2 * SECOND);
    look(book, 9, 1000, 5, 5, 2 * SECOND); /* their host's */
    end(book, 1, "i-1", 3 * SECOND);
    end(book, 1, "i-2", 3 * SECOND);
    end(book, 2, "i-3", 4 * SECOND);
    end(book, 2, "unseen", 4 * SECOND);
    begin(book, 1, "i-4", 11 * SECOND);
    end(book, 1, "i-4", 21 * SECOND);
    flush(book, &taken, NOON + 15 * SECOND);
    assert_int_equal(taken.rows.count, 0); /* starts are told late */
    flush(book, &taken, NOON + 45 * SECOND);
    assert_int_equal(taken.rows.count, 3);
    assert_string_equal(taken.rows.items[0].app, "a");
    assert_int_equal(taken.rows.items[0].from_unix_ns, NOON);
    assert_int_equal(taken.rows.items[0].requests, 3);
    assert_int_equal(taken.rows.items[0].busy_ns, 5 * SECOND);
    assert_int_equal(taken.rows.items[0].most_at_once, 2);
    assert_int_equal(taken.rows.items[0].most_all, 3);
    assert_int_equal(taken.rows.items[0].processes, 2);
    assert_int_equal(taken.rows.items[0].limit_looks, 0);
    assert_true(taken.rows.items[0].measured);
    assert_int_equal(taken.rows.items[1].requests, 1);
    assert_int_equal(taken.rows.items[1].busy_ns, 0);
    assert_int_equal(taken.rows.items[2].requests, 0);
    assert_int_equal(taken.rows.items[2].busy_ns, 10 * SECOND);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 3);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static void looks_are_counted(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};

    (void)state;
    look(book, 1, 0, 0, 0, SECOND); /* idle: no row */
    flush(book, &taken, NOON + 30 * SECOND);
    assert_int_equal(taken.rows.count, 0);
    look(book, 1, 100, 2, 7, 31 * SECOND);
    look(book, 2, 50, 3, 4, 31 * SECOND);
    look(book, 1, 110, 0, 2, 32 * SECOND);
    thaw_arrivals_left(book, 2);
    look(book, 1, 120, 1, 1, 33 * SECOND);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 1);
    assert_int_equal(taken.rows.items[0].requests, 170);
    assert_int_equal(taken.rows.items[0].busy_ns, 170 * 5 * MS);
    assert_int_equal(taken.rows.items[0].most_at_once, 7);
    assert_int_equal(taken.rows.items[0].most_all, 5);
    assert_int_equal(taken.rows.items[0].processes, 2);
    look(book, 1, 7, 0, 1, 61 * SECOND); /* another process with that pid */
    look(book, 1, 7, 0, 0, 62 * SECOND);
    flush(book, &taken, NOON + 100 * SECOND);
    assert_int_equal(taken.rows.count, 2);
    assert_int_equal(taken.rows.items[1].requests, 7);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static struct thaw_start start_of(uint32_t pid, bool answered, int64_t end_ns)
{
    static const struct thaw_start_phase phases[] = {
        {.name = "worker", .begin_ns = 0, .ns = 900 * MS, .counted = true},
        {.name = "first-invocation", .begin_ns = 900 * MS, .ns = 100 * MS, .counted = true}};

    return (struct thaw_start){.identity = {.app = "a"},
                               .process = pid,
                               .begin_unix_ns = NOON + end_ns - SECOND,
                               .end_unix_ns = NOON + end_ns,
                               .phases = phases,
                               .phase_count = 2,
                               .answered = answered};
}

static void cold(struct thaw_arrivals_book *book, uint32_t pid, bool answered, int64_t end_ns)
{
    struct thaw_start start = start_of(pid, answered, end_ns);

    assert_int_equal(thaw_arrivals_cold(book, &start, NULL), 0);
}

static void another_name_counts_from_there_on(void **state)
{
    const struct thaw_arrivals_look later = {.process = 1, .requests = 103};
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};

    (void)state;
    look(book, 1, 100, 0, 1, SECOND);
    assert_int_equal(thaw_arrivals_looked(book, "b", &later, NOON + 2 * SECOND, NULL), 0);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 2);
    assert_int_equal(taken.rows.items[0].requests + taken.rows.items[1].requests, 103);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static void requests_that_waited_for_a_start_are_cold(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};

    (void)state;
    /* A worker: three came before its first answer, one behind it. */
    begin(book, 1, "i-1", 8 * SECOND);
    begin(book, 1, "i-2", 9 * SECOND);
    begin(book, 1, "i-3", 11 * SECOND);
    end(book, 1, "i-2", 12 * SECOND);
    begin(book, 1, "i-4", 13 * SECOND);
    cold(book, 1, true, 12 * SECOND);
    cold(book, 9, false, 12 * SECOND);
    /* One that ran before: nothing of it is cold. */
    begin(book, 2, "i-5", 14 * SECOND);
    end(book, 2, "i-5", 14 * SECOND);
    /* A server, whose requests are counted elsewhere. */
    cold(book, 3, true, 21 * SECOND);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 3);
    assert_int_equal(taken.rows.items[0].cold, 2);
    assert_int_equal(taken.rows.items[1].cold, 1);
    assert_int_equal(taken.rows.items[1].requests, 3);
    assert_int_equal(taken.rows.items[2].cold, 1);
    /* Too late for its own row: into the first that is still open. */
    begin(book, 4, "i-6", 61 * SECOND);
    cold(book, 3, true, 20 * SECOND);
    flush(book, &taken, NOON + 100 * SECOND);
    assert_int_equal(taken.rows.count, 5);
    assert_int_equal(taken.rows.items[3].cold, 1);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static void what_is_lost_is_not_measured(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};

    (void)state;
    begin(book, 1, "i-1", SECOND);
    thaw_arrivals_lost(book, "");
    begin(book, 1, "i-2", 11 * SECOND);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 2);
    assert_false(taken.rows.items[0].measured);
    assert_true(taken.rows.items[1].measured);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static void what_was_not_taken_is_kept(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {.most = 1};

    (void)state;
    begin(book, 1, "i-1", SECOND);
    begin(book, 1, "i-2", 11 * SECOND);
    assert_int_equal(thaw_arrivals_flush(book, NOON + 60 * SECOND, take_row, &taken, NULL),
                     -ENOSPC);
    assert_int_equal(taken.rows.count, 1);
    flush(book, &taken, NOON + 60 * SECOND);
    assert_int_equal(taken.rows.count, 2);
    assert_int_equal(taken.rows.items[1].from_unix_ns, NOON + 10 * SECOND);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

/* Two threads, calls of 100 ms, six at a time: four of them wait. */
static void the_threads_limit_is_derived(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};
    char id[16];

    (void)state;
    for (int64_t second = 0; second < 40; second++) {
        for (int64_t i = 0; i < 6; i++) {
            snprintf(id, sizeof(id), "%d-%d", (int)second, (int)i);
            begin(book, 1, id, second * SECOND + i * MS);
        }
        for (int64_t i = 0; i < 6; i++) {
            snprintf(id, sizeof(id), "%d-%d", (int)second, (int)i);
            end(book, 1, id, second * SECOND + (i / 2 + 1) * 100 * MS + i % 2 * MS);
        }
        flush(book, &taken, NOON + second * SECOND);
    }
    begin(book, 1, "last", 41 * SECOND);
    flush(book, &taken, NOON + 80 * SECOND);
    assert_int_equal(taken.rows.items[0].limit_looks, 0);
    assert_in_range(taken.rows.items[3].limit_looks, 8, 10);
    assert_int_equal(taken.rows.items[3].at_limit, taken.rows.items[3].limit_looks);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static void all_is_bounded(void **state)
{
    struct thaw_arrivals_book *book = open_book();
    struct taken taken = {0};
    char name[32];

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "app-%u", i);
        message(book, name, i + 1, "InvocationRequest", name, SECOND);
    }
    for (uint32_t i = 0; i < 10000; i++) /* never answered */
        begin(book, 1, "x", SECOND);
    for (int64_t i = 0; i < 1000; i++) /* nobody flushes */
        begin(book, 1, "x", i * 100 * SECOND);
    taken.most = 0;
    assert_int_equal(thaw_arrivals_flush(book, NOON, take_row, &taken, NULL), 0);
    thaw_array_free(&taken.rows);
    thaw_arrivals_free(book);
}

static int count_row(void *context, const struct thaw_arrivals *arrivals, struct thaw_error *error)
{
    (void)arrivals;
    (void)error;
    ++*(size_t *)context;
    return 0;
}

static void memory_that_is_short_is_said(void **state)
{
    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arrivals_book *book = NULL;
        struct thaw_start start = start_of(1, true, 2 * SECOND);
        struct thaw_event event = {
            .kind = THAW_EVENT_MESSAGE,
            .time_ns = 1,
            .pid = 1,
            .message = {.type = "InvocationRequest", .invocation_id = "i", .function_id = "f"}};
        size_t rows = 0;
        int code = thaw_arrivals_open(&book, NULL);

        if (!code)
            code = thaw_arrivals_message(book, "a", &event, NOON, NULL);
        if (!code)
            code = thaw_arrivals_cold(book, &start, NULL);
        if (!code)
            code = thaw_arrivals_flush(book, NOON + 60 * SECOND, count_row, &rows, NULL);
        chaos_malloc_pause();
        assert_true(chaos_malloc_failed() ? code == -ENOMEM : code == 0 && rows == 1);
        thaw_arrivals_free(book);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted),
        cmocka_unit_test(looks_are_counted),
        cmocka_unit_test(another_name_counts_from_there_on),
        cmocka_unit_test(requests_that_waited_for_a_start_are_cold),
        cmocka_unit_test(what_is_lost_is_not_measured),
        cmocka_unit_test(what_was_not_taken_is_kept),
        cmocka_unit_test(the_threads_limit_is_derived),
        cmocka_unit_test(all_is_bounded),
        cmocka_unit_test(memory_that_is_short_is_said),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
