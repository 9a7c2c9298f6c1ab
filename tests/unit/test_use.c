/* SPDX-License-Identifier: Apache-2.0 */
/* How far a target's files went by recordings, and where it lay (src/analysis/use_files.c,
 * use_match.c), worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "use_fixture.h"

/* --- stages --- */

static void files_go_as_far_as_they_were_seen(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use = use_join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_PATH);
    assert_int_equal(use->recordings[0].not_found, 0);
    assert_int_equal(use->recordings[0].other_size, 0);
    assert_false(use->recordings[0].replied);
    use_assert_stage(THAW_USE_SHIPPED, "10 3880 2 3000");
    /* main, bytecode of pk, _ext, liba, data, compiled */
    use_assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
    use_assert_stage(THAW_USE_MAPPED, "2 3000 2 3000");
    /* more than the file has counts as the file */
    use_assert_stage(THAW_USE_RESIDENT, "2 2600 2 2600");
    /* main, bytecode, compiled, and what was resident of _ext */
    use_assert_stage(THAW_USE_USED, "4 1080 1 600");
    use_assert_subsets();
    assert_false(use->files[PK].stages[THAW_USE_OPENED]);
    assert_true(use->files[PK_BYTECODE].stages[THAW_USE_USED]);
    assert_true(use->files[COMPILED].stages[THAW_USE_USED]);
    assert_false(use->files[DATA].stages[THAW_USE_USED]);
}

static void what_no_probe_told_is_not_known(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER "300 import.begin name=\"pk\" stack=900\n"
                               "310 body.begin name=\"pk\" file=\"/srv/app/" SITE
                               "pk/__init__.py\" stack=850\n"
                               "400 import.end stack=900\n");
    use = use_join("/srv/app");
    use_assert_stage(THAW_USE_OPENED, "unknown");
    use_assert_stage(THAW_USE_MAPPED, "unknown");
    use_assert_stage(THAW_USE_RESIDENT, "unknown");
    use_assert_stage(THAW_USE_USED, "1 200 0 0");
    assert_false(use->lookups_known);
    assert_false(use->small.known);
    assert_false(use->libraries[0].known);
    assert_int_equal(use->distributions[IS_PK].import_ns, 100);
    use_assert_subsets();
}

/* Attached to a program that ran already, or with something lost. */
static void what_was_not_seen_may_have_been_used(void **state)
{
    (void)state;
    use_record(
        TIMELINE_WORKER
        "215 interpreter executable=\"/py\" coverage=\"late\" reason=\"r\"\n" FILES_SEEN IMPORTS(
            "/srv/app/") "9999 session.end reason=\"exit\"\n");
    assert_false(use_join("/srv/app")->recordings[0].whole);
    assert_false(joined.use->untouched_known);
    use_end(NULL);
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "9000 loss cause=\"ring-buffer-full\" count=1 what=\"w\"\n"
                     "9999 session.end reason=\"exit\"\n");
    assert_false(use_join("/srv/app")->untouched_known);
    use_end(NULL);
    use_record(
        TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") "9999 session.end reason=\"exit\"\n");
    assert_true(use_join("/srv/app")->untouched_known);
}

#define ONE_LIBRARY "4000 mapping path=\"/srv/app/" SITE "pk/_ext.so\" start=4096 bytes=4096\n"

static void what_was_not_seen_may_have_been_mapped(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN ONE_LIBRARY
               "9000 loss cause=\"ring-buffer-full\" count=1 what=\"w\"\n"
               "9999 session.end reason=\"exit\"\n");
    assert_true(use_join("/srv/app")->libraries[0].known);
    assert_int_equal(joined.use->libraries[0].loaded_in, 1);
    assert_false(joined.use->libraries[1].known);
    use_end(NULL);
    use_record(TIMELINE_WORKER FILES_SEEN ONE_LIBRARY "9999 session.end reason=\"exit\"\n");
    assert_true(use_join("/srv/app")->libraries[1].known);
    assert_int_equal(joined.use->libraries[1].loaded_in, 0);
}

/* pk's data is another name of a file that counts as other's. */
static void any_name_of_an_inode_counts_where_its_bytes_do(void **state)
{
    struct thaw_shipped_file kept = use_shipped.files[DATA];
    const struct thaw_use *use;

    (void)state;
    use_shipped.files[DATA].again = true;
    use_shipped.files[DATA].first = OTHER;
    use_shipped.files[DATA].bytes = 0;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = use_join("/srv/app");
    use_shipped.files[DATA] = kept;
    use_assert_stage(THAW_USE_OPENED, "6 3540 2 3000");
    assert_int_equal(use->distributions[IS_OTHER].bytes[THAW_USE_OPENED], 60);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 0);
}

static void imports_without_files_tell_of_no_use(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER "300 import.timed name=\"pk\" depth=0 total_ns=50\n"
                               "9000 inventory.file path=\"/srv/app/main.py\" bytes=100\n"
                               "9999 session.end reason=\"exit\"\n");
    assert_int_equal(use_join("/srv/app")->recordings[0].match, THAW_USE_MATCH_PATH);
    assert_false(joined.use->modules_known);
    assert_false(joined.use->untouched_known);
    use_assert_stage(THAW_USE_USED, "unknown");
}

static void a_recording_without_imports_tells_of_no_use(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN
               "300 file.open path=\"/srv/app/main.py\" result=3 bytes=100\n");
    assert_false(use_join("/srv/app")->modules_known);
    use_assert_stage(THAW_USE_OPENED, "1 100 0 0");
    use_assert_stage(THAW_USE_USED, "unknown");
}

static void failed_openings_folders_and_writing_do_not_count(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/" SITE "other/__init__.py\" result=-13\n"
                     "2510 file.open path=\"/srv/app/" SITE "other.pth\" result=3 for_writing=1\n"
                     "2520 file.open path=\"other.pth\" result=3\n");
    assert_int_equal(use_join("/srv/app")->recordings[0].relative, 1);
    assert_false(joined.use->files[OTHER].stages[THAW_USE_OPENED]);
    assert_false(joined.use->files[OTHER_PTH].stages[THAW_USE_OPENED]);
}

/* --- the first reply --- */

static void what_comes_after_the_first_reply_does_not_count(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN REPLY IMPORTS("/srv/app/") ANSWER LATER("/srv/app/")
                   MAPPED("/srv/app/"));
    use = use_join("/srv/app");
    assert_true(use->recordings[0].replied);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 0);
    assert_int_equal(use->distributions[IS_OTHER].modules, 0);
    assert_false(use->files[OTHER].stages[THAW_USE_OPENED]);
    assert_int_equal(use->distributions[IS_PK].touched_in, 1);
    assert_true(use->distributions[IS_PK].is_used);
    use_assert_subsets();
}

static void a_library_that_came_after_the_first_reply_was_not_loaded(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN REPLY
               "300 import.begin name=\"pk\" stack=900\n"
               "310 body.begin name=\"pk\" file=\"/srv/app/" SITE "pk/__init__.py\" stack=850\n"
               "400 import.end stack=900\n" ANSWER "4000 mapping path=\"/srv/app/" SITE
               "pk/_ext.so\" start=4096 bytes=4096\n" MAPPED("/srv/app/"));
    use = use_join("/srv/app");
    assert_true(use->libraries[0].known);
    assert_int_equal(use->libraries[0].loaded_in, 0);
    assert_int_equal(use->libraries[1].loaded_in, 1); /* when it came is not known */
}

static void metadata_and_path_files_are_read_of_everything(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/" SITE
                     "other-1.dist-info/METADATA\" result=3 bytes=70\n"
                     "2510 file.open path=\"/srv/app/" SITE "other.pth\" result=3 bytes=20\n");
    use = use_join("/srv/app");
    assert_int_equal(use->distributions[IS_OTHER].bytes[THAW_USE_OPENED], 90);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 0);
    assert_false(use->distributions[IS_OTHER].is_used);
}

/* --- several recordings --- */

static void of_several_recordings_each_counts_once(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") LATER("/srv/app/")
                   MAPPED("/srv/app/"));
    use = use_join("/srv/app");
    assert_int_equal(use->distributions[IS_PK].touched_in, 2);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 1);
    assert_int_equal(use->libraries[0].loaded_in, 2);
    use_assert_stage(THAW_USE_OPENED, "7 3590 2 3000");
    assert_int_equal(use->distributions[IS_OTHER].import_ns, 30);
    use_assert_subsets();
}

/* --- libraries --- */

static void libraries_outside_are_known_by_their_build(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use = use_join("/srv/app");
    assert_int_equal(use->libraries[0].dlopen_ns, 80);
    assert_int_equal(use->libraries[0].resident_bytes, 600);
    assert_int_equal(use->libraries[1].resident_bytes, 5000);
    assert_true(use->libraries[2].known);
    assert_int_equal(use->libraries[2].loaded_in, 1);
    assert_int_equal(use->libraries[2].resident_bytes, 7);
    assert_false(use->libraries[3].known); /* it may have had another name there */
}

/* --- where the target lay --- */

static void a_target_recorded_elsewhere_is_found_by_names(void **state)
{
    const struct thaw_use *use;

    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/home/site/wwwroot/")
                   MAPPED("/home/site/wwwroot/")
               /* the worker brings a package of the same name along */
               "9100 inventory.file path=\"/opt/worker/pk/__init__.py\" bytes=200\n"
               "9100 inventory.file path=\"/home/site/wwwroot/gone.py\" bytes=9\n"
               "9100 inventory.file path=\"/home/site/wwwroot/" SITE "pk/data.json\" bytes=51\n");
    use = use_join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_NAME);
    assert_string_equal(use->recordings[0].root, "/home/site/wwwroot");
    assert_int_equal(use->recordings[0].not_found, 1);
    assert_int_equal(use->recordings[0].other_size, 1);
    assert_int_equal(use->recordings[0].other_time, 0);
    use_assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
}

static void a_zip_has_no_folder_of_its_own(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS("/var/task/"));
    assert_int_equal(use_join(NULL)->recordings[0].match, THAW_USE_MATCH_NAME);
    use_assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
}

static void another_app_is_not_taken_for_the_target(void **state)
{
    const struct thaw_use *use;

    (void)state;
    /* it has a main.py, too, and three files that the target has not */
    use_record(TIMELINE_WORKER FILES_SEEN
               "300 body.begin name=\"__main__\" file=\"/x/main.py\" stack=1000 own=1\n"
               "9100 inventory.file path=\"/x/main.py\" bytes=100\n"
               "9100 inventory.file path=\"/x/a.py\" bytes=1\n"
               "9100 inventory.file path=\"/x/b.py\" bytes=1\n"
               "9100 inventory.file path=\"/x/c.py\" bytes=1\n");
    use = use_join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_NONE);
    assert_int_equal(use->recordings[0].files, 0);
    assert_false(use->files[MAIN].stages[THAW_USE_OPENED]);
    use_assert_stage(THAW_USE_USED, "unknown");
}

static void a_target_of_several_folders_has_absolute_paths(void **state)
{
    static const char *folders[] = {"/srv/app"};
    static char absolute[] = "/srv/app/main.py";
    const char *relative = use_shipped.files[MAIN].path;
    const struct thaw_use *use;

    (void)state;
    use_shipped.folders_read = (struct thaw_texts){folders, 1};
    use_shipped.files[MAIN].path = absolute;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "9100 inventory.file path=\"/srv/application/a.py\" bytes=1\n");
    use = use_join("");
    use_shipped.files[MAIN].path = relative;
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_PATH);
    assert_true(use->files[MAIN].stages[THAW_USE_USED]);
    assert_int_equal(use->recordings[0].files, 1);
    /* the site's, which are not in the model in this test, but not /srv/application's */
    assert_int_equal(use->recordings[0].not_found, 6);
}

static const char *follow_link(void *context, const char *path)
{
    const char *link = strstr(path, "/lib64/");
    static char text[256];

    (void)context;
    snprintf(text, sizeof(text), "/srv/app/" SITE "%s", link ? link + 7 : "none");
    return link ? text : NULL;
}

/* As the virtual environments of some systems have it. */
static void links_of_the_target_are_followed(void **state)
{
    const struct thaw_use *use;

    (void)state;
    joined.follow = follow_link;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/lib64/other/__init__.py\" result=3 bytes=60\n"
                     "2510 file.open path=\"/srv/app/lib64/none.py\" result=3 bytes=60\n");
    use = use_join("/srv/app");
    assert_true(use->files[OTHER].stages[THAW_USE_OPENED]);
    assert_int_equal(use->recordings[0].not_found, 1);
}

static void hostile_paths_lead_nowhere(void **state)
{
    (void)state;
    use_record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/../../../../srv//app/./" SITE
                     "pk/__init__.py\""
                     " result=3 bytes=200\n"
                     "2510 file.open path=\"/..\" result=3\n"
                     "2520 file.open path=\"\" result=3\n"
                     "2530 file.open path=\"/\" result=3\n"
                     "2540 file.open path=\"/srv/app/" SITE "pk/\\xff\\n</script>\" result=3\n");
    assert_true(use_join("/srv/app")->files[PK].stages[THAW_USE_OPENED]);
    assert_int_equal(joined.use->recordings[0].not_found, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(files_go_as_far_as_they_were_seen, use_end),
        cmocka_unit_test_teardown(what_no_probe_told_is_not_known, use_end),
        cmocka_unit_test_teardown(what_was_not_seen_may_have_been_used, use_end),
        cmocka_unit_test_teardown(what_was_not_seen_may_have_been_mapped, use_end),
        cmocka_unit_test_teardown(any_name_of_an_inode_counts_where_its_bytes_do, use_end),
        cmocka_unit_test_teardown(imports_without_files_tell_of_no_use, use_end),
        cmocka_unit_test_teardown(a_recording_without_imports_tells_of_no_use, use_end),
        cmocka_unit_test_teardown(failed_openings_folders_and_writing_do_not_count, use_end),
        cmocka_unit_test_teardown(what_comes_after_the_first_reply_does_not_count, use_end),
        cmocka_unit_test_teardown(a_library_that_came_after_the_first_reply_was_not_loaded,
                                  use_end),
        cmocka_unit_test_teardown(metadata_and_path_files_are_read_of_everything, use_end),
        cmocka_unit_test_teardown(of_several_recordings_each_counts_once, use_end),
        cmocka_unit_test_teardown(libraries_outside_are_known_by_their_build, use_end),
        cmocka_unit_test_teardown(a_target_recorded_elsewhere_is_found_by_names, use_end),
        cmocka_unit_test_teardown(a_zip_has_no_folder_of_its_own, use_end),
        cmocka_unit_test_teardown(another_app_is_not_taken_for_the_target, use_end),
        cmocka_unit_test_teardown(a_target_of_several_folders_has_absolute_paths, use_end),
        cmocka_unit_test_teardown(links_of_the_target_are_followed, use_end),
        cmocka_unit_test_teardown(hostile_paths_lead_nowhere, use_end),
    };

    return cmocka_run_group_tests_name("use", tests, NULL, NULL);
}
