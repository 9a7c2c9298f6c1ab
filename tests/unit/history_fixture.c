/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "history_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct scratch history_scratch;

int history_set_up(void **state)
{
    (void)state;
    scratch_make(&history_scratch);
    return 0;
}

int history_tear_down(void **state)
{
    (void)state;
    scratch_remove(&history_scratch);
    return 0;
}

static const double modules[] = {311, 311, 311}, times[] = {1.5e9, 1.25e9, 0, 9007199254740992.0};

const struct thaw_history_value history_values[HISTORY_VALUES] = {
    {"modules", "", "", "", "exact", "count", modules, COUNT(modules)},
    {"modules", "", "pandas", "", "exact", "count", modules, 1},
    {"phase_time", HISTORY_LATIN_1, "", "import", "timed", "ns", times, COUNT(times)},
    {"threads", "", "", "", "counted", "count", NULL, 0},
};

struct thaw_history_entry history_entry_at(int64_t time_ns)
{
    return (struct thaw_history_entry){.time_ns = time_ns,
                                       .name = HISTORY_LATIN_1,
                                       .commit = "0123abcd",
                                       .branch = "main",
                                       .key = "{\"interpreter\":\"3.11\"}",
                                       .verdict = "pass",
                                       .values = history_values,
                                       .value_count = HISTORY_VALUES};
}

struct thaw_database *history_opened(const char *path, bool write)
{
    struct thaw_error error = {0};
    struct thaw_database *database = NULL;

    if (thaw_database_open(path, write, &database, &error) != 0)
        fail_msg("%s", error.message);
    return database;
}

void history_add(struct thaw_database *database, int64_t time_ns)
{
    struct thaw_history_entry entry = history_entry_at(time_ns);
    struct thaw_error error = {0};

    if (thaw_history_add(database, &entry, &error) != 0)
        fail_msg("%s", error.message);
}

struct thaw_history history_asked(struct thaw_database *database,
                                  const struct thaw_history_question *question)
{
    struct thaw_history history = {0};
    struct thaw_error error = {0};

    if (thaw_history_read(database, question, &history, &error) != 0)
        fail_msg("%s", error.message);
    return history;
}

/* One line that names the file, and the code. */
void history_check_refused(int code, int expected, const struct thaw_error *error, const char *path,
                           const char *words)
{
    assert_int_equal(code, expected);
    assert_int_equal(error->code, expected);
    assert_non_null(strstr(error->message, path));
    assert_null(strchr(error->message, '\n'));
    if (!strstr(error->message, words))
        fail_msg("'%s' is not in: %s", words, error->message);
}

void history_check_open_refused(const char *path, bool write, int expected, const char *words)
{
    struct thaw_database *database = NULL;
    struct thaw_error error = {0};
    int code = thaw_database_open(path, write, &database, &error);

    history_check_refused(code, expected, &error, path, words);
    assert_null(database);
}

/* Runs SQL as somebody else could, without this program's bounds. */
void history_run_sql(const char *path, const char *sql)
{
    sqlite3_stmt *statement;
    sqlite3 *handle;

    assert_int_equal(thaw_sqlite_load(), 0);
    assert_int_equal(thaw_sqlite.sqlite3_open_v2(path, &handle,
                                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    assert_int_equal(thaw_sqlite.sqlite3_prepare_v3(handle, sql, -1, 0, &statement, NULL),
                     SQLITE_OK);
    while (thaw_sqlite.sqlite3_step(statement) == SQLITE_ROW)
        ;
    assert_int_equal(thaw_sqlite.sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(thaw_sqlite.sqlite3_close_v2(handle), SQLITE_OK);
}
