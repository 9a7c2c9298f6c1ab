/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "starts_fixture.h"
#include "store/words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct thaw_starts_question all = {0};

static void what_is_added_is_read(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_start later = starts_start_at("orders", 20), earlier = starts_start_at("", 10);
    struct thaw_arrivals arrivals = starts_arrivals_at("only-warm", 30);
    struct thaw_stored_starts stored;

    (void)state;
    earlier.answered = earlier.complete = false;
    earlier.further = true;
    earlier.incomplete = "events were lost";
    earlier.ended = "killed by signal 9";
    earlier.phase_count = earlier.import_count = 0;
    earlier.total_ns = INT64_MAX;
    earlier.trace[0] = earlier.span[0] = '\0';
    starts_add(database, &later);
    starts_add(database, &earlier);
    starts_add_arrivals(database, &arrivals);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.starts.count, 2);
    starts_check_equal(&stored.starts.items[0], &earlier);
    starts_check_equal(&stored.starts.items[1], &later);
    assert_int_equal(stored.left_out, 0);
    assert_int_equal(stored.arrivals.count, 1);
    assert_string_equal(stored.arrivals.items[0].app, "only-warm");
    assert_int_equal(stored.arrivals.items[0].from_unix_ns, arrivals.from_unix_ns);
    assert_int_equal(stored.arrivals.items[0].requests, 17);
    assert_int_equal(stored.arrivals.items[0].cold, 2);
    assert_int_equal(stored.arrivals.items[0].busy_ns, 123456789);
    assert_int_equal(stored.arrivals.items[0].most_at_once, 3);
    assert_int_equal(stored.arrivals.items[0].most_all, 5);
    assert_int_equal(stored.arrivals.items[0].processes, 2);
    assert_int_equal(stored.arrivals.items[0].limit_looks, 10);
    assert_int_equal(stored.arrivals.items[0].at_limit, 1);
    assert_true(stored.arrivals.items[0].measured);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static void a_question_narrows_it(void **state)
{
    static const int64_t from = STARTS_BEGIN;
    static const struct {
        struct thaw_starts_question question;
        size_t starts, arrivals;
        int64_t left_out;
    } rows[] = {
        {{0}, 6, 6, 0},
        {{.app = "a"}, 3, 3, 0},
        {{.app = "none"}, 0, 0, 0},
        {{.app = ""}, 0, 0, 0},
        {{.since_unix_ns = from + 20 * STARTS_SECOND}, 2, 2, 0},
        {{.until_unix_ns = from + 20 * STARTS_SECOND}, 4, 4, 0},
        {{.app = "b",
          .since_unix_ns = from + 10 * STARTS_SECOND,
          .until_unix_ns = from + 20 * STARTS_SECOND},
         1,
         1,
         0},
        {{.most = 4}, 4, 6, 2},
    };
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);

    (void)state;
    for (int64_t i = 2; i >= 0; i--) {
        for (int j = 0; j < 2; j++) {
            struct thaw_start start = starts_start_at(j ? "b" : "a", i * 10);
            struct thaw_arrivals arrivals = starts_arrivals_at(j ? "b" : "a", i * 10);

            starts_add(database, &start);
            starts_add_arrivals(database, &arrivals);
        }
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct thaw_stored_starts stored = starts_asked(database, &rows[i].question);

        assert_int_equal(stored.starts.count, rows[i].starts);
        assert_int_equal(stored.arrivals.count, rows[i].arrivals);
        assert_int_equal(stored.left_out, rows[i].left_out);
        if (rows[i].left_out) /* the latest are there */
            assert_int_equal(stored.starts.items[0].end_unix_ns, from + 10 * STARTS_SECOND);
        thaw_stored_starts_free(&stored);
    }
    thaw_database_close(database);
}

static void what_is_out_of_bounds_is_not_added(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *database = history_opened(path, true);
    struct thaw_start good = starts_start_at("a", 0), start = good;
    struct thaw_arrivals arrivals = starts_arrivals_at("a", 0);
    struct thaw_start_import import = {"m", 0, 0, 0, 2, false};
    struct thaw_error error = {0};

    (void)state;
    start.begin_unix_ns = -1;
    history_check_refused(thaw_starts_add(database, &start, &error), -EINVAL, &error, path, "1970");
    start = good;
    start.total_ns = UINT64_MAX;
    history_check_refused(thaw_starts_add(database, &start, &error), -EINVAL, &error, path, "2^63");
    start = good;
    start.phase_count = 257;
    history_check_refused(thaw_starts_add(database, &start, &error), -EINVAL, &error, path, "256");
    start = good;
    start.imports = &import;
    start.import_count = 1;
    history_check_refused(thaw_starts_add(database, &start, &error), -EINVAL, &error, path,
                          "parent");
    arrivals.from_unix_ns++;
    history_check_refused(thaw_arrivals_add(database, &arrivals, &error), -EINVAL, &error, path,
                          "whole 10 s");
    arrivals = starts_arrivals_at("a", 0);
    arrivals.at_limit = arrivals.limit_looks + 1;
    history_check_refused(thaw_arrivals_add(database, &arrivals, &error), -EINVAL, &error, path,
                          "more than all");
    arrivals = starts_arrivals_at("a", 0);
    arrivals.cold = arrivals.requests + 1; /* the request itself is counted in the next row */
    assert_int_equal(thaw_arrivals_add(database, &arrivals, &error), 0);
    thaw_database_close(database);
    database = history_opened(path, false);
    history_check_refused(thaw_starts_add(database, &good, &error), -EROFS, &error, path,
                          "reading");
    thaw_database_close(database);
}

/* A whole character less rather than half of one. */
static void long_texts_are_cut(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_start start;
    struct thaw_stored_starts stored;
    char text[5001];

    (void)state;
    for (size_t i = 0; i < 5000; i += 2)
        memcpy(text + i, i ? "\xc3\xa9" : "xy", 2);
    text[5000] = '\0';
    start = starts_start_at(text + 1, 0); /* "y", then characters of two bytes */
    start.identity.control_group = text;
    starts_add(database, &start);
    stored = starts_asked(database, &all);
    assert_int_equal(strlen(stored.starts.items[0].identity.app), 1023 + strlen("…"));
    assert_string_equal(stored.starts.items[0].identity.app + 1021, "\xc3\xa9…");
    assert_int_equal(strlen(stored.starts.items[0].identity.control_group), 4096 + strlen("…"));
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static void times_that_were_watched_grow_together(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_stored_starts stored;
    static const struct thaw_watched rows[] = {
        {0, 10, 1}, {10, 20, 0}, {25000000000 - 10, 26000000000, 0}, {26000000000, 26000000001, 2}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(thaw_watched_add(database, &rows[i], NULL), 0);
    assert_int_equal(thaw_watched_add(database, &(struct thaw_watched){5, 4, 0}, NULL), -EINVAL);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.watched.count, 2);
    assert_int_equal(stored.watched.items[0].until_unix_ns, 20);
    assert_int_equal(stored.watched.items[0].lost, 1);
    assert_int_equal(stored.watched.items[1].until_unix_ns, 26000000001);
    assert_int_equal(stored.watched.items[1].lost, 2);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static void a_second_one_is_refused(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *first = history_opened(path, true), *second = history_opened(path, true);
    struct thaw_start start = starts_start_at("a", 0);
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(thaw_database_hold(first, &error), 0);
    assert_int_equal(thaw_database_hold(first, &error), 0);
    history_check_refused(thaw_database_hold(second, &error), -EBUSY, &error, path, "another");
    thaw_database_close(second);
    starts_add(first, &start);
    thaw_database_close(first);
    second = history_opened(path, true);
    assert_int_equal(thaw_database_hold(second, &error), 0);
    thaw_database_close(second);
}

/* What was undone is not believed to be there. */
static void words_that_were_undone_are_added_again(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_start start = starts_start_at("a", 0);
    struct thaw_stored_starts stored;

    (void)state;
    assert_int_equal(thaw_database_begin(database, NULL), 0);
    starts_add(database, &start);
    assert_int_equal(thaw_database_end(database, -ECANCELED, NULL), -ECANCELED);
    assert_int_equal(thaw_database_begin(database, NULL), 0);
    starts_add(database, &start);
    assert_int_equal(thaw_database_end(database, 0, NULL), 0);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.starts.count, 1);
    starts_check_equal(&stored.starts.items[0], &start);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static void what_is_read_is_bounded(void **state)
{
    static const struct {
        const char *sql, *words;
    } rows[] = {
        {"UPDATE start SET parts = x''", "phases and imports that are none"},
        {"UPDATE start SET parts = x'0000ff'", "phases and imports that are none"},
        {"UPDATE start SET parts = x'ffffffffffffffffffff7f'", "phases and imports that are none"},
        {"UPDATE start SET parts = x'8102'", "phases and imports that are none"},
        {"UPDATE start SET parts = x'0001010000000200'", "whose parent is none"},
        {"UPDATE start SET parts = x'016300000000'", "a name that is not in it"},
        {"UPDATE start SET parts = zeroblob(2000000)", "larger than 1 MiB"},
        {"UPDATE start SET begin_ns = -1", "a number that can't be"},
        {"UPDATE start SET answered = 2", "a number that can't be"},
        {"UPDATE start SET process = 1 << 32", "a number that can't be"},
        {"UPDATE start SET pod = CAST(zeroblob(5000) AS TEXT)", "longer than 4 KiB"},
        {"DELETE FROM word", "a name that is not in it"},
        {"UPDATE arrivals SET cold = -1", "a number that can't be"},
        {"UPDATE arrivals SET from_ns = 5", "no whole 10 s"},
        {"DROP TABLE arrivals", "no such table"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[16];
        const char *path;
        struct thaw_database *database;
        struct thaw_start start = starts_start_at("a", 0);
        struct thaw_arrivals arrivals = starts_arrivals_at("a", 0);
        struct thaw_stored_starts stored = {0};
        struct thaw_error error = {0};

        snprintf(name, sizeof(name), "s%zu", i);
        path = scratch_path(&history_scratch, name);
        database = history_opened(path, true);
        starts_add(database, &start);
        starts_add_arrivals(database, &arrivals);
        thaw_database_close(database);
        history_run_sql(path, rows[i].sql);
        database = history_opened(path, false);
        history_check_refused(thaw_starts_read(database, &all, &stored, &error), -EINVAL, &error,
                              path, rows[i].words);
        thaw_stored_starts_free(&stored);
        thaw_database_close(database);
    }
}

/* A history of before there were starts. */
static void an_older_file_is_read_and_brought_up(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_start start = starts_start_at("a", 0);
    struct thaw_database *database = NULL;
    struct thaw_stored_starts stored;
    struct thaw_store_state store;
    struct thaw_history history;

    (void)state;
    assert_int_equal(thaw_database_open_steps(path, true, thaw_database_steps, 1, &database, NULL),
                     0);
    history_add(database, 1);
    thaw_database_close(database);
    database = history_opened(path, false);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.starts.count, 0);
    assert_int_equal(thaw_store_state(database, &store, NULL), 0);
    assert_int_equal(store.starts, 0);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
    database = history_opened(path, true);
    starts_add(database, &start);
    thaw_database_close(database);
    database = history_opened(path, false);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.starts.count, 1);
    assert_int_equal(thaw_store_state(database, &store, NULL), 0);
    assert_int_equal(store.starts, 1);
    assert_true(store.bytes > 4096);
    history = history_asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 1);
    thaw_history_free(&history);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static void memory_that_is_short_is_told(void **state)
{
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_start start = starts_start_at("a", 0);

    (void)state;
    if (!chaos_malloc_works())
        skip();
    thaw_database_close(history_opened(path, true));
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        static const struct thaw_starts_bounds bounds = {0};
        struct thaw_database *database = NULL;
        struct thaw_stored_starts stored = {0};
        struct thaw_error error = {0};
        int code = thaw_database_open(path, true, &database, &error);

        if (!code)
            code = thaw_starts_add(database, &start, &error);
        if (!code)
            code = thaw_starts_read(database, &all, &stored, &error);
        if (!code)
            code = thaw_starts_trim(database, &bounds, &error);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_stored_starts_free(&stored);
        thaw_database_close(database);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, history_set_up, history_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_read),
        TEST(a_question_narrows_it),
        TEST(what_is_out_of_bounds_is_not_added),
        TEST(long_texts_are_cut),
        TEST(times_that_were_watched_grow_together),
        TEST(a_second_one_is_refused),
        TEST(words_that_were_undone_are_added_again),
        TEST(what_is_read_is_bounded),
        TEST(an_older_file_is_read_and_brought_up),
        TEST(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
