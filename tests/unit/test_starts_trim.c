/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "starts_fixture.h"

static const struct thaw_starts_question all = {0};

static int64_t asked(struct thaw_database *database, const char *sql)
{
    int64_t number = -1;

    assert_int_equal(thaw_database_ask(database, sql, &number, NULL), 0);
    return number;
}

static void trim(struct thaw_database *database, const struct thaw_starts_bounds *bounds)
{
    struct thaw_error error = {0};

    if (thaw_starts_trim(database, bounds, &error) != 0)
        fail_msg("%s", error.message);
}

/* So many starts, each with an import of its own; all in one transaction. */
static void add_many(struct thaw_database *database, int64_t from, int64_t count)
{
    assert_int_equal(thaw_database_begin(database, NULL), 0);
    for (int64_t i = from; i < from + count; i++) {
        struct thaw_start start = starts_start_at("a", i);
        char name[32], text[3000];
        struct thaw_start_import import = {.name = name};

        snprintf(name, sizeof(name), "import_%lld", (long long)i);
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        start.imports = &import;
        start.import_count = 1;
        start.identity.control_group = text;
        starts_add(database, &start);
    }
    assert_int_equal(thaw_database_end(database, 0, NULL), 0);
}

static void the_oldest_go_and_are_counted(void **state)
{
    static const struct thaw_starts_bounds bounds = {.starts = 10, .arrivals = 3};
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_stored_starts stored;

    (void)state;
    add_many(database, 0, 25);
    for (int64_t i = 0; i < 5; i++) {
        struct thaw_arrivals arrivals = starts_arrivals_at("warm", i * 10);

        starts_add_arrivals(database, &arrivals);
    }
    trim(database, &bounds);
    trim(database, &bounds);
    stored = starts_asked(database, &all);
    assert_int_equal(stored.starts.count, 10);
    assert_int_equal(stored.starts.items[0].end_unix_ns, STARTS_BEGIN + 15 * STARTS_SECOND);
    assert_int_equal(stored.starts_removed, 15);
    assert_int_equal(stored.arrivals.count, 3);
    assert_int_equal(stored.arrivals.items[0].from_unix_ns, STARTS_BEGIN + 20 * STARTS_SECOND);
    assert_int_equal(stored.arrivals_removed, 2);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

/* Words go some time after the last start that named them, and those of what is kept never. */
static void words_go_with_their_starts(void **state)
{
    static const struct thaw_starts_bounds bounds = {.starts = 100};
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "s"), true);
    struct thaw_arrivals arrivals = starts_arrivals_at("only-warm", 0);
    struct thaw_stored_starts stored;

    (void)state;
    starts_add_arrivals(database, &arrivals);
    for (int64_t i = 0; i < 5; i++) {
        add_many(database, i * 1000, 1000);
        trim(database, &bounds);
        assert_in_range(asked(database, "SELECT count(*) FROM start"), 100, 1100);
    }
    assert_in_range(asked(database, "SELECT count(*) FROM word"), 5000, 6000);
    arrivals.from_unix_ns += 10 * STARTS_SECOND;
    starts_add_arrivals(database, &arrivals);
    trim(database, &(struct thaw_starts_bounds){.starts = 100, .arrivals = 1});
    trim(database, &(struct thaw_starts_bounds){.starts = 100, .arrivals = 1});
    trim(database, &(struct thaw_starts_bounds){.starts = 100, .arrivals = 1});
    assert_in_range(asked(database, "SELECT count(*) FROM word"), 100, 2500);
    stored = starts_asked(database, &all); /* each name is there */
    assert_int_equal(stored.starts.count, 100);
    assert_string_equal(stored.starts.items[99].imports[0].name, "import_4999");
    assert_string_equal(stored.arrivals.items[0].app, "only-warm");
    thaw_stored_starts_free(&stored);
    add_many(database, 4999, 1);
    stored = starts_asked(database, &all);
    starts_check_equal(&stored.starts.items[100], &stored.starts.items[99]);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
}

static int64_t size_of(const char *path)
{
    char log[512];
    struct stat status = {0}, log_status = {0};

    snprintf(log, sizeof(log), "%s-wal", path);
    assert_int_equal(stat(path, &status), 0);
    if (stat(log, &log_status) != 0)
        log_status.st_size = 0;
    return status.st_size + log_status.st_size;
}

static void the_file_stays_within_its_bytes(void **state)
{
    static const struct thaw_starts_bounds bounds = {.bytes = 2 << 20}, less = {.bytes = 1 << 20};
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *database = history_opened(path, true);
    struct thaw_stored_starts stored;

    (void)state;
    assert_int_equal(thaw_database_hold(database, NULL), 0);
    for (int64_t i = 0; i < 60; i++) {
        add_many(database, i * 20, 20); /* 65 KB, as a second brings at most */
        trim(database, &bounds);
        assert_in_range(size_of(path), 1, bounds.bytes);
    }
    stored = starts_asked(database, &all);
    assert_in_range(stored.starts.count, 200, 500);
    assert_int_equal(stored.starts.count + (size_t)stored.starts_removed, 1200);
    assert_int_equal(stored.starts.items[stored.starts.count - 1].end_unix_ns,
                     STARTS_BEGIN + 1199 * STARTS_SECOND);
    thaw_stored_starts_free(&stored);
    for (int i = 0; i < 60; i++) /* of a reload */
        trim(database, &less);
    assert_in_range(size_of(path), 1, less.bytes);
    thaw_database_close(database);
}

/* Who reads for long keeps what is written in the log. */
static void a_reader_that_stays_stops_it_for_a_while(void **state)
{
    static const struct thaw_starts_bounds bounds = {.bytes = 1 << 20};
    const char *path = scratch_path(&history_scratch, "s");
    struct thaw_database *database = history_opened(path, true), *reader;
    struct thaw_start start = starts_start_at("a", 0);
    struct thaw_error error = {0};
    int code = 0;
    int64_t i;

    (void)state;
    assert_int_equal(thaw_database_hold(database, NULL), 0);
    add_many(database, 0, 1);
    reader = history_opened(path, false);
    assert_int_equal(thaw_database_run(reader, "BEGIN", NULL), 0);
    assert_int_equal(asked(reader, "SELECT count(*) FROM start"), 1);
    for (i = 1; !code && i < 100; i++) {
        add_many(database, i * 20, 20);
        code = thaw_starts_trim(database, &bounds, &error);
    }
    history_check_refused(code, -EBUSY, &error, path, "reading it for too long");
    history_check_refused(thaw_starts_add(database, &start, &error), -ENOSPC, &error, path,
                          "another program's reading");
    assert_int_equal(asked(reader, "SELECT count(*) FROM start"), 1);
    assert_int_equal(thaw_database_run(reader, "COMMIT", NULL), 0);
    thaw_database_close(reader);
    for (i = 0; i < 40; i++)
        trim(database, &bounds);
    starts_add(database, &start);
    trim(database, &bounds);
    assert_in_range(size_of(path), 1, bounds.bytes);
    thaw_database_close(database);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, history_set_up, history_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_oldest_go_and_are_counted),
        TEST(words_go_with_their_starts),
        TEST(the_file_stays_within_its_bytes),
        TEST(a_reader_that_stays_stops_it_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
