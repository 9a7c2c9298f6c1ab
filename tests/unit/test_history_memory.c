/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "history_fixture.h"

/*
 * Allocations of SQLite's own fail in turn, which chaos_malloc.h can't reach. It can do without
 * some of them; what it does with the others is told as what it is, and nothing is half kept.
 */
static sqlite3_mem_methods real;
static int countdown; /* 0: none fails */
static bool has_failed;

static bool fails(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    has_failed = true;
    return true;
}

static void *failing_malloc(int size)
{
    return fails() ? NULL : real.xMalloc(size);
}

static void *failing_realloc(void *block, int size)
{
    return fails() ? NULL : real.xRealloc(block, size);
}

static void use_failing_methods(void)
{
    sqlite3_mem_methods methods;

    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
    methods = real;
    methods.xMalloc = failing_malloc;
    methods.xRealloc = failing_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
}

/* Opens, adds and reads; how many entries there were then. */
static int try_all(const char *path, struct thaw_error *error, size_t *ret_count)
{
    static const struct thaw_history_question all = {0};
    struct thaw_history_entry entry = history_entry_at(5);
    struct thaw_database *database = NULL;
    struct thaw_history history = {0};
    int code = thaw_database_open(path, true, &database, error);

    if (!code)
        code = thaw_history_add(database, &entry, error);
    if (!code)
        code = thaw_history_read(database, &all, &history, error);
    *ret_count = history.entries.count;
    for (size_t i = 0; !code && i < history.entries.count; i++) {
        assert_int_equal(history.entries.items[i].value_count, HISTORY_VALUES);
        assert_string_equal(history.entries.items[i].name, HISTORY_LATIN_1);
    }
    thaw_history_free(&history);
    thaw_database_close(database);
    return code;
}

/* A new file each time, as making one is what takes most. */
static const char *new_file(void)
{
    scratch_remove(&history_scratch);
    scratch_make(&history_scratch);
    return scratch_path(&history_scratch, "h");
}

/* It may have failed behind the commit: then it is there, and whole. */
static void check_kept(const char *path, int code)
{
    struct thaw_database *database = history_opened(path, true);
    struct thaw_history history = history_asked(database, &(struct thaw_history_question){0});

    assert_in_range(history.entries.count, code ? 0 : 1, 1);
    if (history.entries.count)
        assert_int_equal(history.entries.items[0].value_count, HISTORY_VALUES);
    thaw_history_free(&history);
    thaw_database_close(database);
}

/* Each of the first twenty, then ever fewer. */
static void each_in_turn(void **state)
{
    size_t refused = 0, count;

    (void)state;
    for (int number = 1;; number += 1 + number / 20) {
        const char *path = new_file();
        struct thaw_error error = {0};
        int code;

        has_failed = false;
        countdown = number;
        code = try_all(path, &error, &count);
        countdown = 0;
        if (!has_failed) {
            assert_int_equal(code, 0);
            break;
        }
        if (code) {
            assert_int_equal(code, -ENOMEM);
            assert_int_equal(error.code, -ENOMEM);
            refused++;
        }
        check_kept(path, code);
    }
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_in_turn, history_set_up, history_tear_down),
    };

    use_failing_methods();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
