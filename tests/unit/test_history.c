/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
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
#include "scratch.h"
#include "store/history.h"
#include "store/statement.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LATIN_1 "caf\xe9\n<b>'; DROP TABLE gate; --" /* no UTF-8 */

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static const double modules[] = {311, 311, 311}, times[] = {1.5e9, 1.25e9, 0, 9007199254740992.0};

static const struct thaw_history_value values[] = {
    {"modules", "", "", "", "exact", "count", modules, COUNT(modules)},
    {"modules", "", "pandas", "", "exact", "count", modules, 1},
    {"phase_time", LATIN_1, "", "import", "timed", "ns", times, COUNT(times)},
    {"threads", "", "", "", "counted", "count", NULL, 0},
};

static struct thaw_history_entry entry_at(int64_t time_ns)
{
    return (struct thaw_history_entry){.time_ns = time_ns,
                                       .name = LATIN_1,
                                       .commit = "0123abcd",
                                       .branch = "main",
                                       .key = "{\"interpreter\":\"3.11\"}",
                                       .verdict = "pass",
                                       .values = values,
                                       .value_count = COUNT(values)};
}

static struct thaw_database *opened(const char *path, bool write)
{
    struct thaw_error error = {0};
    struct thaw_database *database = NULL;

    if (thaw_database_open(path, write, &database, &error) != 0)
        fail_msg("%s", error.message);
    return database;
}

static void add(struct thaw_database *database, int64_t time_ns)
{
    struct thaw_history_entry entry = entry_at(time_ns);
    struct thaw_error error = {0};

    if (thaw_history_add(database, &entry, &error) != 0)
        fail_msg("%s", error.message);
}

static struct thaw_history asked(struct thaw_database *database,
                                 const struct thaw_history_question *question)
{
    struct thaw_history history = {0};
    struct thaw_error error = {0};

    if (thaw_history_read(database, question, &history, &error) != 0)
        fail_msg("%s", error.message);
    return history;
}

/* One line that names the file, and the code. */
static void check_refused(int code, int expected, const struct thaw_error *error, const char *path,
                          const char *words)
{
    assert_int_equal(code, expected);
    assert_int_equal(error->code, expected);
    assert_non_null(strstr(error->message, path));
    assert_null(strchr(error->message, '\n'));
    if (!strstr(error->message, words))
        fail_msg("'%s' is not in: %s", words, error->message);
}

static void check_open_refused(const char *path, bool write, int expected, const char *words)
{
    struct thaw_database *database = NULL;
    struct thaw_error error = {0};
    int code = thaw_database_open(path, write, &database, &error);

    check_refused(code, expected, &error, path, words);
    assert_null(database);
}

static void what_is_added_is_read(void **state)
{
    const char *path = scratch_path(&scratch, "new/folder/h.sqlite");
    struct thaw_database *database = opened(path, true);
    struct thaw_history history;
    struct stat status;

    (void)state;
    add(database, 2000);
    add(database, 1000);
    history = asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 2);
    assert_int_equal(history.removed, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct thaw_history_entry *entry = &history.entries.items[i];

        assert_int_equal(entry->time_ns, (int64_t)(i + 1) * 1000);
        assert_int_equal(entry->id, 2 - (int64_t)i);
        assert_string_equal(entry->name, LATIN_1);
        assert_string_equal(entry->commit, "0123abcd");
        assert_string_equal(entry->branch, "main");
        assert_string_equal(entry->key, "{\"interpreter\":\"3.11\"}");
        assert_string_equal(entry->verdict, "pass");
        assert_int_equal(entry->value_count, COUNT(values));
        for (size_t j = 0; j < COUNT(values); j++) {
            assert_string_equal(entry->values[j].metric, values[j].metric);
            assert_string_equal(entry->values[j].module, values[j].module);
            assert_string_equal(entry->values[j].distribution, values[j].distribution);
            assert_string_equal(entry->values[j].phase, values[j].phase);
            assert_string_equal(entry->values[j].class, values[j].class);
            assert_string_equal(entry->values[j].unit, values[j].unit);
            assert_int_equal(entry->values[j].count, values[j].count);
            for (size_t k = 0; k < values[j].count; k++)
                assert_true(entry->values[j].samples[k] == values[j].samples[k]);
        }
    }
    thaw_history_free(&history);
    thaw_database_close(database);
    assert_int_equal(stat(scratch_path(&scratch, "new/folder/h.sqlite"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(scratch_path(&scratch, "new/folder"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

static void a_question_narrows_it(void **state)
{
    struct thaw_database *database = opened(scratch_path(&scratch, "h"), true);
    struct thaw_history_entry other = entry_at(5);
    const struct {
        struct thaw_history_question question;
        size_t entries, values; /* values: of the last entry */
    } rows[] = {
        {{.name = "b"}, 1, 4},
        {{.name = LATIN_1}, 3, 4},
        {{.branch = "dev"}, 1, 4},
        {{.name = "b", .branch = "main"}, 0, 0},
        {{.most = 2}, 2, 4},
        {{.most = 9}, 4, 4},
        {{.metric = "modules"}, 4, 2},
        {{.metric = "modules", .distribution = ""}, 4, 1},
        {{.distribution = "pandas"}, 4, 1},
        {{.phase = "import", .module = LATIN_1}, 4, 1},
        {{.metric = "none"}, 4, 0},
        {{.metric = ""}, 4, 0},
    };

    (void)state;
    for (int i = 1; i <= 3; i++)
        add(database, i);
    other.name = "b";
    other.branch = "dev";
    assert_int_equal(thaw_history_add(database, &other, NULL), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct thaw_history history = asked(database, &rows[i].question);

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
    const char *path = scratch_path(&scratch, "h");
    struct thaw_database *database = opened(path, true);
    static const double bad[] = {NAN, INFINITY, -1, -INFINITY, 9007199254740994.0};
    static double many[THAW_HISTORY_SAMPLES_MAX + 1];
    char *lengthy = malloc(THAW_HISTORY_TEXT_MAX + 2);
    struct thaw_history_value value = values[0];
    struct thaw_history_entry entry = entry_at(1);
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
        check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path,
                      "nothing was added");
    }
    value.samples = many;
    value.count = COUNT(many);
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "10,000");
    value.count = 1;
    value.metric = "";
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "no metric");
    value.metric = "m";
    value.phase = lengthy;
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "64 KiB");
    value.phase = lengthy + 1; /* the longest that is taken */
    assert_int_equal(thaw_history_add(database, &entry, &error), 0);
    entry.time_ns = -1;
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "1970");
    entry.time_ns = 0;
    entry.verdict = lengthy;
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "64 KiB");
    entry.verdict = NULL;
    entry.value_count = THAW_HISTORY_VALUES_MAX + 1;
    check_refused(thaw_history_add(database, &entry, &error), -EINVAL, &error, path, "4,096");
    history = asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 1);
    thaw_history_free(&history);
    thaw_database_close(database);
    database = opened(path, false);
    entry = entry_at(1);
    check_refused(thaw_history_add(database, &entry, &error), -EROFS, &error, path, "reading");
    thaw_database_close(database);
    free(lengthy);
}

static void the_earliest_go_and_are_counted(void **state)
{
    struct thaw_database *database = opened(scratch_path(&scratch, "h"), true);
    struct thaw_history history;
    int64_t left = -1;

    (void)state;
    for (int64_t i = 0; i < 7; i++) {
        struct thaw_history_entry entry = entry_at(100 - i); /* each earlier than the last */

        if (i < 3)
            add(database, 100 - i);
        else
            assert_int_equal(thaw_history_add_bounded(database, &entry, 3, NULL), 0);
    }
    history = asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 3);
    assert_int_equal(history.removed, 4);
    assert_int_equal(history.entries.items[0].time_ns, 98);
    assert_int_equal(history.entries.items[0].value_count, COUNT(values));
    thaw_history_free(&history);
    assert_int_equal(thaw_database_ask(database, "SELECT count(*) FROM gate_value", &left, NULL),
                     0);
    assert_int_equal(left, 3 * COUNT(values)); /* their values went with them */
    thaw_database_close(database);
}

/* Runs SQL as somebody else could, without this program's bounds. */
static void run_sql(const char *path, const char *sql)
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
        {"PRAGMA user_version = 2", "later thaw"},
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
        path = scratch_path(&scratch, name);
        database = opened(path, true);
        add(database, 7);
        thaw_database_close(database);
        run_sql(path, rows[i].sql);
        database = NULL;
        code = thaw_database_open(path, false, &database, &error);
        if (!code)
            code =
                thaw_history_read(database, &(struct thaw_history_question){0}, &history, &error);
        check_refused(code, -EINVAL, &error, path, rows[i].words);
        thaw_history_free(&history);
        thaw_database_close(database);
    }
}

/* A view in the place of a table is code in a file from outside. */
static void a_schema_from_outside_is_not_run(void **state)
{
    const char *path = scratch_path(&scratch, "h");
    struct thaw_database *database = opened(path, true);
    struct thaw_history_entry entry = entry_at(2);
    struct thaw_history history = {0};
    struct thaw_error error = {0};

    (void)state;
    add(database, 1);
    thaw_database_close(database);
    run_sql(path, "CREATE TRIGGER t AFTER INSERT ON gate BEGIN DELETE FROM gate; END");
    database = opened(path, true);
    assert_int_equal(thaw_history_add(database, &entry, &error), 0);
    history = asked(database, &(struct thaw_history_question){0});
    assert_int_equal(history.entries.count, 2);
    thaw_history_free(&history);
    thaw_database_close(database);
    run_sql(path, "ALTER TABLE gate RENAME TO other");
    run_sql(path, "CREATE VIEW gate AS SELECT * FROM other");
    database = opened(path, false);
    history = (struct thaw_history){0};
    check_refused(thaw_history_read(database, &(struct thaw_history_question){0}, &history, &error),
                  -EINVAL, &error, path, "view");
    thaw_history_free(&history);
    thaw_database_close(database);
}

static const char *const second[] = {"ALTER TABLE gate ADD COLUMN more TEXT NOT NULL DEFAULT 'm'",
                                     NULL};
static const char *const broken[] = {"CREATE TABLE half (i INTEGER)", "CREATE TABLE gate (i)",
                                     NULL};

static void an_older_file_is_brought_up_to_date(void **state)
{
    const char *path = scratch_path(&scratch, "h");
    const struct thaw_database_step two[] = {thaw_database_steps[0], {second}};
    const struct thaw_database_step three[] = {two[0], two[1], {broken}};
    struct thaw_database *database = opened(path, true);
    struct thaw_error error = {0};
    int64_t number = 0;

    (void)state;
    add(database, 1);
    thaw_database_close(database);
    database = NULL;
    check_refused(thaw_database_open_steps(path, true, three, 3, &database, &error), -EINVAL,
                  &error, path, "gate");
    database =
        opened(path, true); /* nothing of the step that failed was kept, nor of that before */
    assert_int_equal(thaw_database_ask(database, "PRAGMA user_version", &number, NULL), 0);
    assert_int_equal(number, 1);
    assert_int_equal(thaw_database_ask(database,
                                       "SELECT count(*) FROM sqlite_schema WHERE name = 'half'",
                                       &number, NULL),
                     0);
    assert_int_equal(number, 0);
    thaw_database_close(database);
    for (int write = 0; write < 2; write++) { /* also when it is only to be read */
        assert_int_equal(thaw_database_open_steps(path, write, two, 2, &database, &error), 0);
        assert_int_equal(thaw_database_ask(database, "SELECT count(*) FROM gate WHERE more = 'm'",
                                           &number, NULL),
                         0);
        assert_int_equal(number, 1);
        thaw_database_close(database);
    }
    check_open_refused(path, false, -EINVAL, "version 2 of the file");
    check_open_refused(path, true, -EINVAL, "version 2 of the file");
}

static void other_files_are_left_alone(void **state)
{
    static const char text[] =
        "{\"this\": \"is no database, but long enough to be looked at as one,"
        " as its header alone has 100 bytes\"}";
    const char *path = scratch_write_text(&scratch, "text", text);
    char kept[sizeof(text)] = "";
    FILE *file;

    (void)state;
    for (int write = 0; write < 2; write++)
        check_open_refused(path, write, -EINVAL, "no history");
    file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(kept, 1, sizeof(kept), file), sizeof(text) - 1);
    fclose(file);
    assert_string_equal(kept, text);
    path = scratch_path(&scratch, "other");
    run_sql(path, "CREATE TABLE t (i)");
    for (int write = 0; write < 2; write++)
        check_open_refused(path, write, -EINVAL, "another program's");
    check_open_refused(scratch_path(&scratch, "missing"), false, -ENOENT, "No such file");
    check_open_refused(scratch_folder(&scratch, "folder"), true, -EINVAL, "no file");
    check_open_refused("/dev/null", true, -EINVAL, "no file");
    path = scratch_path(&scratch, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    check_open_refused(path, false, -EINVAL, "no file");
    check_open_refused(scratch_path(&scratch, "text/below"), true, -ENOTDIR, "");
}

static void an_empty_file_is_an_empty_history(void **state)
{
    const char *path = scratch_write(&scratch, "h", "", 0);
    struct thaw_database *database = opened(path, false);
    struct thaw_history history = asked(database, &(struct thaw_history_question){0});

    (void)state;
    assert_int_equal(history.entries.count, 0);
    thaw_history_free(&history);
    thaw_database_close(database);
    database = opened(path, true);
    add(database, 1);
    thaw_database_close(database);
}

static void a_name_that_means_something_to_sqlite_is_a_file(void **state)
{
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20?#.sqlite",
                                        "caf\xe9"};
    char folder[4096];

    (void)state;
    assert_non_null(getcwd(folder, sizeof(folder)));
    assert_int_equal(chdir(scratch.path), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct thaw_database *database = opened(names[i], true);
        struct thaw_history history;

        add(database, 1);
        thaw_database_close(database);
        database = opened(names[i], false);
        history = asked(database, &(struct thaw_history_question){0});
        assert_int_equal(history.entries.count, 1);
        thaw_history_free(&history);
        thaw_database_close(database);
    }
    assert_int_equal(chdir(folder), 0);
}

static void memory_that_is_short_is_told(void **state)
{
    const char *path = scratch_path(&scratch, "h");
    struct thaw_history_entry entry = entry_at(1);

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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_read),
        TEST(a_question_narrows_it),
        TEST(what_is_out_of_bounds_is_not_added),
        TEST(the_earliest_go_and_are_counted),
        TEST(what_is_read_is_bounded),
        TEST(a_schema_from_outside_is_not_run),
        TEST(an_older_file_is_brought_up_to_date),
        TEST(other_files_are_left_alone),
        TEST(an_empty_file_is_an_empty_history),
        TEST(a_name_that_means_something_to_sqlite_is_a_file),
        TEST(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
