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

#include "history_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const third[] = {"ALTER TABLE gate ADD COLUMN more TEXT NOT NULL DEFAULT 'm'",
                                    NULL};
static const char *const broken[] = {"CREATE TABLE half (i INTEGER)", "CREATE TABLE gate (i)",
                                     NULL};

static void an_older_file_is_brought_up_to_date(void **state)
{
    const char *path = scratch_path(&history_scratch, "h");
    const struct thaw_database_step three[] = {thaw_database_steps[0],
                                               thaw_database_steps[1],
                                               {third}};
    const struct thaw_database_step four[] = {three[0], three[1], three[2], {broken}};
    struct thaw_database *database = history_opened(path, true);
    struct thaw_error error = {0};
    int64_t number = 0;

    (void)state;
    history_add(database, 1);
    thaw_database_close(database);
    database = NULL;
    history_check_refused(thaw_database_open_steps(path, true, four, 4, &database, &error), -EINVAL,
                          &error, path, "gate");
    database =
        history_opened(path,
                       true); /* nothing of the step that failed was kept, nor of that before */
    assert_int_equal(thaw_database_ask(database, "PRAGMA user_version", &number, NULL), 0);
    assert_int_equal(number, THAW_DATABASE_VERSION);
    assert_int_equal(thaw_database_ask(database,
                                       "SELECT count(*) FROM sqlite_schema WHERE name = 'half'",
                                       &number, NULL),
                     0);
    assert_int_equal(number, 0);
    thaw_database_close(database);
    for (int write = 1; write >= 0; write--) {
        assert_int_equal(thaw_database_open_steps(path, write, three, 3, &database, &error), 0);
        assert_int_equal(thaw_database_ask(database, "SELECT count(*) FROM gate WHERE more = 'm'",
                                           &number, NULL),
                         0);
        assert_int_equal(number, 1);
        thaw_database_close(database);
    }
    history_check_open_refused(path, false, -EINVAL, "version 3 of the file");
    history_check_open_refused(path, true, -EINVAL, "version 3 of the file");
}

static void other_files_are_left_alone(void **state)
{
    static const char text[] =
        "{\"this\": \"is no database, but long enough to be looked at as one,"
        " as its header alone has 100 bytes\"}";
    const char *path = scratch_write_text(&history_scratch, "text", text);
    char kept[sizeof(text)] = "";
    FILE *file;

    (void)state;
    for (int write = 0; write < 2; write++)
        history_check_open_refused(path, write, -EINVAL, "no history");
    file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(kept, 1, sizeof(kept), file), sizeof(text) - 1);
    fclose(file);
    assert_string_equal(kept, text);
    path = scratch_path(&history_scratch, "other");
    history_run_sql(path, "CREATE TABLE t (i)");
    for (int write = 0; write < 2; write++)
        history_check_open_refused(path, write, -EINVAL, "another program's");
    history_check_open_refused(scratch_path(&history_scratch, "missing"), false, -ENOENT,
                               "No such file");
    history_check_open_refused(scratch_folder(&history_scratch, "folder"), true, -EINVAL,
                               "no file");
    history_check_open_refused("/dev/null", true, -EINVAL, "no file");
    path = scratch_path(&history_scratch, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    history_check_open_refused(path, false, -EINVAL, "no file");
    history_check_open_refused(scratch_path(&history_scratch, "text/below"), true, -ENOTDIR, "");
}

static void an_empty_file_is_an_empty_history(void **state)
{
    const char *path = scratch_write(&history_scratch, "h", "", 0);
    struct thaw_database *database = history_opened(path, false);
    struct thaw_history history = history_asked(database, &(struct thaw_history_question){0});

    (void)state;
    assert_int_equal(history.entries.count, 0);
    thaw_history_free(&history);
    thaw_database_close(database);
    database = history_opened(path, true);
    history_add(database, 1);
    thaw_database_close(database);
}

static void a_name_that_means_something_to_sqlite_is_a_file(void **state)
{
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20?#.sqlite",
                                        "caf\xe9"};
    char folder[4096];

    (void)state;
    assert_non_null(getcwd(folder, sizeof(folder)));
    assert_int_equal(chdir(history_scratch.path), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct thaw_database *database = history_opened(names[i], true);
        struct thaw_history history;

        history_add(database, 1);
        thaw_database_close(database);
        database = history_opened(names[i], false);
        history = history_asked(database, &(struct thaw_history_question){0});
        assert_int_equal(history.entries.count, 1);
        thaw_history_free(&history);
        thaw_database_close(database);
    }
    assert_int_equal(chdir(folder), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, history_set_up, history_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_older_file_is_brought_up_to_date),
        TEST(other_files_are_left_alone),
        TEST(an_empty_file_is_an_empty_history),
        TEST(a_name_that_means_something_to_sqlite_is_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
