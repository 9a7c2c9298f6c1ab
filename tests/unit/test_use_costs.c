/* SPDX-License-Identifier: Apache-2.0 */
/* What a target's use cost, by recordings (src/analysis/use_imports.c and others); the folders that
 * a recording names (use_folders.c). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/use_folders.h"
#include "chaos_malloc.h"
#include "use_fixture.h"

/* --- times --- */

static void import_times_are_own_and_dragged_in(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = use_join("/srv/app");
    assert_int_equal(use->distributions[IS_PK].modules, 2);
    assert_int_equal(use->distributions[IS_PK].import_ns, 800);
    assert_int_equal(use->distributions[IS_PK].import_total_ns, 1000); /* pk._ext is in pk */
    assert_int_equal(use->distributions[IS_COMPILED].import_ns, 200);
    assert_int_equal(use->distributions[IS_COMPILED].import_total_ns, 200);
}

static void missing_bytecode_costs_reading_and_compiling(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = use_join("/srv/app");
    assert_true(use->lookups_known);
    assert_int_equal(use->bytecode_count, 1);
    assert_int_equal(use->bytecode[0].state, THAW_MODULE_BYTECODE_MISSING);
    assert_int_equal(use->bytecode[0].modules, 1);
    /* found at 1615 (the bytecode is looked for: not reading), source read 1630 to 1650 */
    assert_int_equal(use->bytecode[0].ns, 1700 - 1630);
}

static const struct thaw_use_search *search(const char *path)
{
    for (size_t i = 0; i < joined.use->search_count; i++)
        if (!strcmp(joined.use->searches[i].path, path))
            return &joined.use->searches[i];
    return NULL;
}

static void failed_lookups_belong_to_the_folder_that_was_searched(void **state)
{
    const struct thaw_use_search *row;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use_join("/srv/app");
    row = search("/srv/app/" SITE "pk");
    assert_non_null(row);
    assert_int_equal(row->lookups_failed, 2);
    assert_int_equal(row->ns, 4 + 2);
    assert_int_equal(row->modules_passed, 0);
    row = search("/srv/app/wrong"); /* a package is looked for one folder deeper */
    assert_non_null(row);
    assert_int_equal(row->lookups_failed, 1);
    assert_int_equal(row->ns, 10);
    assert_int_equal(row->modules_passed, 2);
    assert_null(search("/srv/app/" SITE)); /* nothing was looked for there in vain */
    assert_int_equal(joined.use->search_count, 2);
}

static void small_files_cost_opening_and_reading(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = use_join("/srv/app");
    assert_true(use->small.known);
    assert_int_equal(use->small.files, 2); /* bytecode of pk, source of compiled */
    assert_int_equal(use->small.bytes, 380);
    assert_int_equal(use->small.open_ns, 20 + 10);
    assert_int_equal(use->small.read_ns, 20 + 10);
}

/* --- .pth --- */

#define PATH_FILE "/srv/app/" SITE "other.pth"

/* os is imported before any .pth, not.pth opened by what other.pth imports. */
#define SITE_MODULE                                                                                \
    "300 import.begin name=\"site\" stack=2000\n"                                                  \
    "310 body.begin name=\"site\" file=\"<frozen site>\" stack=1990\n"                             \
    "320 import.begin name=\"os\" stack=1800\n"                                                    \
    "330 import.end stack=1800\n"                                                                  \
    "400 file.open path=\"" PATH_FILE "\" result=3 stack=1700 bytes=20\n"                          \
    "420 import.begin name=\"other\" stack=1800\n"                                                 \
    "421 file.open path=\"/srv/app/" SITE "not.pth\" result=3 stack=1700\n"                        \
    "425 body.begin name=\"other\" file=\"/srv/app/" SITE "other/__init__.py\" stack=1790\n"       \
    "430 import.begin name=\"below\" stack=1600\n"                                                 \
    "450 import.end stack=1600\n"                                                                  \
    "460 import.end stack=1800\n"                                                                  \
    "500 file.open path=\"/elsewhere/plain.pth\" result=3 stack=1700 bytes=20\n"                   \
    "600 file.open path=\"" PATH_FILE "\" result=3 stack=1700 bytes=20\n"                          \
    "650 import.begin name=\"sitecustomize\" stack=1800\n"                                         \
    "660 import.end stack=1800 failed=1\n"                                                         \
    "700 import.end stack=2000\n"

static void path_files_cost_what_their_lines_import(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN SITE_MODULE IMPORTS("/srv/app/"));
    use = use_join("/srv/app");
    assert_int_equal(use->path_file_count, 2);
    assert_string_equal(use->path_files[0].path, SITE "other.pth");
    assert_int_equal(use->path_files[0].openings, 2);
    assert_int_equal(use->path_files[0].modules, 1);
    assert_int_equal(use->path_files[0].ns, 60);
    assert_string_equal(use->path_files[1].path, "/elsewhere/plain.pth");
    assert_int_equal(use->path_files[1].openings, 1);
    assert_int_equal(use->path_files[1].ns, 0);
}

/* --- the folders of a recording --- */

static void a_recording_names_its_folders(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_texts folders;
    struct thaw_error error = {0};
    bool elsewhere;

    (void)state;
    use_record(TIMELINE_WORKER REPLY IMPORTS(
        "/srv/app/") "295 message type=\"FunctionLoadRequest\" directory=\"/srv/app\"\n"
                     "9100 inventory.distribution name=\"pk\" location=\"/srv/app/" SITE "\"\n"
                     "299 body.begin pid=9 tid=9 name=\"__main__\" file=\"/opt/host/host.py\" "
                     "own=1\n"
                     "9100 inventory.distribution name=\"azure\" location=\"/opt/worker\"\n"
                     "9100 inventory.distribution name=\"evil\" location=\"/\"\n"
                     "9100 inventory.distribution name=\"evil\" location=\"here\"\n"
                     "9100 inventory.distribution name=\"sys\" location=\"/opt/worker2\"\n");
    assert_int_equal(
        thaw_use_folders(joined.fixtures[0].timeline, &arena, &folders, &elsewhere, &error), 0);
    assert_int_equal(folders.count, 3);
    assert_string_equal(folders.items[0], "/opt/worker");
    assert_string_equal(folders.items[1], "/opt/worker2");
    assert_string_equal(folders.items[2], "/srv/app");
    assert_null(folders.items[3]);
    assert_false(elsewhere);
    thaw_arena_free(&arena);
}

static void folders_of_another_root_are_not_this_machines(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_texts folders;
    struct thaw_error error = {0};
    bool elsewhere;

    (void)state;
    use_record(TIMELINE_WORKER "250 interpreter executable=\"/py\" other_root=1\n" REPLY
                               "295 message type=\"FunctionLoadRequest\" directory=\"/srv/app\"\n");
    assert_int_equal(
        thaw_use_folders(joined.fixtures[0].timeline, &arena, &folders, &elsewhere, &error), 0);
    assert_int_equal(folders.count, 0);
    assert_true(elsewhere);
    thaw_arena_free(&arena);
}

/* --- short memory --- */

static void each_allocation_may_fail(enum chaos_malloc_mode mode)
{
    size_t failures = 0;

    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use_record(TIMELINE_WORKER FILES_SEEN SITE_MODULE IMPORTS("/elsewhere/"));
    for (chaos_malloc_begin(mode); chaos_malloc_more();) {
        const struct thaw_use_place place = {.directory = "/srv/app"};
        struct thaw_use *use = NULL;
        struct thaw_error error = {0};
        int result =
            thaw_use_build(&use_shipped, &place, joined.sources, joined.count, &use, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        assert_int_equal(use == NULL, result < 0);
        failures += chaos_malloc_failed();
        thaw_use_free(use);
    }
    assert_true(failures > 20);
}

static void one_allocation_fails(void **state)
{
    (void)state;
    if (!chaos_malloc_works())
        skip();
    each_allocation_may_fail(CHAOS_ONE);
}

static void all_allocations_fail_from_one_on(void **state)
{
    (void)state;
    if (!chaos_malloc_works())
        skip();
    each_allocation_may_fail(CHAOS_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(import_times_are_own_and_dragged_in, use_end),
        cmocka_unit_test_teardown(missing_bytecode_costs_reading_and_compiling, use_end),
        cmocka_unit_test_teardown(failed_lookups_belong_to_the_folder_that_was_searched, use_end),
        cmocka_unit_test_teardown(small_files_cost_opening_and_reading, use_end),
        cmocka_unit_test_teardown(path_files_cost_what_their_lines_import, use_end),
        cmocka_unit_test_teardown(a_recording_names_its_folders, use_end),
        cmocka_unit_test_teardown(folders_of_another_root_are_not_this_machines, use_end),
        cmocka_unit_test_teardown(one_allocation_fails, use_end),
        cmocka_unit_test_teardown(all_allocations_fail_from_one_on, use_end),
    };

    return cmocka_run_group_tests_name("use costs", tests, NULL, NULL);
}
