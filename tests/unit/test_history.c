/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
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
#include "history_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void what_is_added_is_read(void **state)
{
    const char *path = scratch_path(&history_scratch, "new/folder/h.sqlite");
    struct thaw_database *database = history_opened(path, true);
    struct thaw_history history;
    struct stat status;

    (void)state;
    history_add(database, 2000);
    history_add(database, 1000);
    history = history_asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 2);
    assert_int_equal(history.removed, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct thaw_history_entry *entry = &history.entries.items[i];

        assert_int_equal(entry->time_ns, (int64_t)(i + 1) * 1000);
        assert_int_equal(entry->id, 2 - (int64_t)i);
        assert_string_equal(entry->name, HISTORY_LATIN_1);
        assert_string_equal(entry->commit, "0123abcd");
        assert_string_equal(entry->branch, "main");
        assert_string_equal(entry->key, "{\"interpreter\":\"3.11\"}");
        assert_string_equal(entry->verdict, "pass");
        assert_int_equal(entry->value_count, HISTORY_VALUES);
        for (size_t j = 0; j < HISTORY_VALUES; j++) {
            assert_string_equal(entry->values[j].metric, history_values[j].metric);
            assert_string_equal(entry->values[j].module, history_values[j].module);
            assert_string_equal(entry->values[j].distribution, history_values[j].distribution);
            assert_string_equal(entry->values[j].phase, history_values[j].phase);
            assert_string_equal(entry->values[j].class, history_values[j].class);
            assert_string_equal(entry->values[j].unit, history_values[j].unit);
            assert_int_equal(entry->values[j].count, history_values[j].count);
            for (size_t k = 0; k < history_values[j].count; k++)
                assert_true(entry->values[j].samples[k] == history_values[j].samples[k]);
        }
    }
    thaw_history_free(&history);
    thaw_database_close(database);
    assert_int_equal(stat(scratch_path(&history_scratch, "new/folder/h.sqlite"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(scratch_path(&history_scratch, "new/folder"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

static void a_question_narrows_it(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "h"), true);
    struct thaw_history_entry other = history_entry_at(5);
    const struct {
        struct thaw_history_question question;
        size_t entries, values; /* values: of the last entry */
    } rows[] = {
        {{.name = "b"}, 1, 4},
        {{.name = HISTORY_LATIN_1}, 3, 4},
        {{.branch = "dev"}, 1, 4},
        {{.name = "b", .branch = "main"}, 0, 0},
        {{.most = 2}, 2, 4},
        {{.most = 9}, 4, 4},
        {{.metric = "modules"}, 4, 2},
        {{.metric = "modules", .distribution = ""}, 4, 1},
        {{.distribution = "pandas"}, 4, 1},
        {{.phase = "import", .module = HISTORY_LATIN_1}, 4, 1},
        {{.metric = "none"}, 4, 0},
        {{.metric = ""}, 4, 0},
    };

    (void)state;
    for (int i = 1; i <= 3; i++)
        history_add(database, i);
    other.name = "b";
    other.branch = "dev";
    assert_int_equal(thaw_history_add(database, &other, NULL), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct thaw_history history = history_asked(database, &rows[i].question);

        assert_int_equal(history.entries.count, rows[i].entries);
        if (rows[i].entries) {
            const struct thaw_history_entry *last =
                &history.entries.items[history.entries.count - 1];

            assert_int_equal(last->value_count, rows[i].values);
            assert_int_equal(last->time_ns,
                             rows[i].question.name == other.name || !rows[i].question.name ? 5 : 3);
        }
        thaw_history_free(&history);
    }
    thaw_database_close(database);
}

static void what_is_out_of_bounds_is_not_added(void **state)
{
    const char *path = scratch_path(&history_scratch, "h");
    struct thaw_database *database = history_opened(path, true);
    static const double bad[] = {NAN, INFINITY, -1, -INFINITY, 9007199254740994.0, 2.574e-321};
    static double many[THAW_HISTORY_SAMPLES_MAX + 1];
    char *lengthy = malloc(THAW_HISTORY_TEXT_MAX + 2);
    struct thaw_history_value value = history_values[0];
    struct thaw_history_entry entry = history_entry_at(1);
    struct thaw_error error = {0};
    struct thaw_history history;

    (void)state;
    assert_non_null(lengthy);
    memset(lengthy, 'x', THAW_HISTORY_TEXT_MAX + 1);
    lengthy[THAW_HISTORY_TEXT_MAX + 1] = '\0';
    entry.values = &value;
    entry.value_count = 1;
    value.count = 1;
    for (size_t i = 0; i < COUNT(bad); i++) {
        value.samples = &bad[i];
        history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                              "nothing was added");
    }
    value.samples = many;
    value.count = COUNT(many);
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "10,000");
    value.count = 1;
    value.metric = "";
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "no metric");
    value.metric = "m";
    value.phase = lengthy;
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "64 KiB");
    value.phase = lengthy + 1; /* the longest that is taken */
    assert_int_equal(thaw_history_add(database, &entry, &error), 0);
    entry.time_ns = -1;
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "1970");
    entry.time_ns = 0;
    entry.verdict = lengthy;
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "64 KiB");
    entry.verdict = NULL;
    entry.value_count = THAW_HISTORY_VALUES_MAX + 1;
    history_check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                          "4,096");
    history = history_asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 1);
    thaw_history_free(&history);
    thaw_database_close(database);
    database = history_opened(path, false);
    entry = history_entry_at(1);
    history_check_refused(thaw_history_add(database, &entry, &error), -EROFS, &error, path,
                          "reading");
    thaw_database_close(database);
    free(lengthy);
}

static void the_earliest_go_and_are_counted(void **state)
{
    struct thaw_database *database = history_opened(scratch_path(&history_scratch, "h"), true);
    struct thaw_history history;
    int64_t left = -1;

    (void)state;
    for (int64_t i = 0; i < 7; i++) {
        struct thaw_history_entry entry =
            history_entry_at(100 - i); /* each earlier than the last */

        if (i < 3)
            history_add(database, 100 - i);
        else
            assert_int_equal(thaw_history_add_bounded(database, &entry, 3, NULL), 0);
    }
    history = history_asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 3);
    assert_int_equal(history.removed, 4);
    assert_int_equal(history.entries.items[0].time_ns, 98);
    assert_int_equal(history.entries.items[0].value_count, HISTORY_VALUES);
    thaw_history_free(&history);
    assert_int_equal(thaw_database_ask(database, "SELECT count(*) FROM gate_value", &left, NULL),
                     0);
    assert_int_equal(left, 3 * HISTORY_VALUES); /* their values went with them */
    thaw_database_close(database);
}

static void what_is_read_is_bounded(void **state)
{
    static const struct {
        const char *sql, *words;
    } rows[] = {
        {"UPDATE gate_value SET samples = x'0102'", "no list of numbers"},
        {"UPDATE gate_value SET samples = zeroblob(80008)", "no list of numbers"},
        {"UPDATE gate_value SET samples = zeroblob(2000000)", "larger than 1 MiB"},
        {"UPDATE gate_value SET samples = x'000000000000F87F'", "not a number"}, /* NaN */
        {"UPDATE gate_value SET samples = x'000000000000F0BF'", "not a number"}, /* -1 */
        {"UPDATE gate_value SET samples = x'000000000000F07F'", "not a number"}, /* infinity */
        {"UPDATE gate_value SET phase = CAST(zeroblob(70000) AS TEXT)", "longer than 64 KiB"},
        {"UPDATE gate SET time_ns = -5", "before 1970"},
        {"INSERT INTO gate_value (gate, place, metric, module, distribution, phase, class, unit,"
         " samples) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i <"
         " 5000) SELECT 1, i, 'm', '', '', '', 'exact', 'count', x'' FROM n",
         "more than 4,096 values"},
        {"ALTER TABLE gate RENAME TO other", "no such table: gate"},
        {"ALTER TABLE gate DROP COLUMN key", "no such column"},
        {"DROP TABLE counter", "no such table: counter"},
        {"PRAGMA user_version = 0", "no version"},
        {"PRAGMA user_version = -3", "no version"},
        {"PRAGMA user_version = 3", "later thaw"},
        {"PRAGMA application_id = 5", "another program's"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[16];
        const char *path;
        struct thaw_database *database;
        struct thaw_history history = {0};
        struct thaw_error error = {0};
        int code;

        snprintf(name, sizeof(name), "h%zu", i);
        path = scratch_path(&history_scratch, name);
        database = history_opened(path, true);
        history_add(database, 7);
        thaw_database_close(database);
        history_run_sql(path, rows[i].sql);
        database = NULL;
        code = thaw_database_open(path, false, &database, &error);
        if (!code)
            code =
                thaw_history_read(database, &(struct thaw_history_question){0}, &history, &error);
        history_check_refused(code, -EINVAL, &error, path, rows[i].words);
        thaw_history_free(&history);
        thaw_database_close(database);
    }
}

/* A view in the place of a table is code in a file from outside. */
static void a_schema_from_outside_is_not_run(void **state)
{
    const char *path = scratch_path(&history_scratch, "h");
    struct thaw_database *database = history_opened(path, true);
    struct thaw_history_entry entry = history_entry_at(2);
    struct thaw_history history = {0};
    struct thaw_error error = {0};

    (void)state;
    history_add(database, 1);
    thaw_database_close(database);
    history_run_sql(path, "CREATE TRIGGER t AFTER INSERT ON gate BEGIN DELETE FROM gate; END");
    database = history_opened(path, true);
    assert_int_equal(thaw_history_add(database, &entry, &error), 0);
    history = history_asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 2);
    thaw_history_free(&history);
    thaw_database_close(database);
    history_run_sql(path, "ALTER TABLE gate RENAME TO other");
    history_run_sql(path, "CREATE VIEW gate AS SELECT * FROM other");
    database = history_opened(path, false);
    history = (struct thaw_history){0};
    history_check_refused(thaw_history_read(database, &(struct thaw_history_question){0}, &history,
                                            &error),
                          -EINVAL, &error, path, "view");
    thaw_history_free(&history);
    thaw_database_close(database);
}

static void memory_that_is_short_is_told(void **state)
{
    const char *path = scratch_path(&history_scratch, "h");
    struct thaw_history_entry entry = history_entry_at(1);

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_database *database = NULL;
        struct thaw_history history = {0};
        struct thaw_error error = {0};
        int code = thaw_database_open(path, true, &database, &error);

        if (!code)
            code = thaw_history_add(database, &entry, &error);
        if (!code)
            code =
                thaw_history_read(database, &(struct thaw_history_question){0}, &history, &error);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_history_free(&history);
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
        TEST(the_earliest_go_and_are_counted),
        TEST(what_is_read_is_bounded),
        TEST(a_schema_from_outside_is_not_run),
        TEST(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
