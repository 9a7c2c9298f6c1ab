/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

#include "read_target.h"
#include "scratch.h"
#include "shipped_tree.h"

/* Several that have one name, and what installers put elsewhere than they list it. */

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

#define SITE "lib/python3.11/site-packages/"

static void an_egg_info_beside_its_wheel_is_one_install(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, SITE "Big.egg-info/PKG-INFO", "Name: big\nVersion: 38.0.4\n");
    put_in_target(&scratch, SITE "big-38.0.4.dist-info/METADATA", "Name: big\nVersion: 38.0.4\n");
    put_in_target(&scratch, SITE "big-38.0.4.dist-info/RECORD", "big.py,,\n");
    put_in_target(&scratch, SITE "big.py", "1");
    put_in_target(&scratch, SITE "Also-1.dist-info/METADATA", "Name: Also\nVersion: 1\n");
    put_in_target(&scratch, SITE "other-1.egg-info/PKG-INFO", "Name: other\nVersion: 1\n");
    put_in_target(&scratch, SITE "other-2.dist-info/METADATA", "Name: other\nVersion: 2\n");
    put_in_target(&scratch, SITE "other-2.dist-info/RECORD", "");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 4);
    assert_string_equal(target_distribution(shipped, "big")->info, SITE "big-38.0.4.dist-info");
    assert_string_equal(target_owner(shipped, SITE "Big.egg-info/PKG-INFO"), "big");
    assert_string_equal(target_owner(shipped, SITE "big.py"), "big");
    assert_string_equal(target_owner(shipped, SITE "Also-1.dist-info/METADATA"), "Also");
    assert_int_equal(target_distribution(shipped, "big")->record, THAW_RECORD_PRESENT);
    assert_int_equal(shipped->conflict_count, 1); /* of other: two versions */
    assert_int_equal(shipped->conflicts[0].kind, THAW_CONFLICT_TWICE);
    assert_string_equal(shipped->conflicts[0].what, "other");
    thaw_shipped_free(shipped);
}

static void what_an_update_left_is_not_installed(void **state)
{
    const struct thaw_shipped_distribution *rows;
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, SITE "idna/core.py", "of 3.6");
    put_in_target(&scratch, SITE "idna/data.py", "of 3.6, too");
    put_in_target(&scratch, SITE "idna-3.4.dist-info/METADATA", "Name: idna\nVersion: 3.4\n");
    put_in_target(&scratch, SITE "idna-3.4.dist-info/RECORD",
                  "idna/core.py,,5\nidna/data.py,,5\nidna/gone.py,,1\n");
    put_in_target(&scratch, SITE "idna-3.6.dist-info/METADATA", "Name: idna\nVersion: 3.6\n");
    put_in_target(&scratch, SITE "idna-3.6.dist-info/RECORD",
                  "idna/core.py,,6\nidna/data.py,,11\n");
    put_in_target(&scratch, SITE "asks-1.dist-info/METADATA",
                  "Name: asks\nVersion: 1\nRequires-Dist: idna>=3.5\n");
    put_in_target(&scratch, SITE "asks-1.dist-info/RECORD", "");
    shipped = read_scratch_target(&scratch);
    rows = shipped->distributions;
    assert_int_equal(shipped->distribution_count, 3);
    assert_string_equal(rows[1].version, "3.4");
    assert_int_equal(rows[1].listed, 3);
    assert_int_equal(rows[1].absent, 1);
    assert_int_equal(rows[1].changed, 2);
    assert_int_equal(rows[1].amount.files, 2); /* its own information */
    assert_int_equal(rows[2].changed + rows[2].absent, 0);
    assert_int_equal(rows[2].amount.files, 4);
    assert_int_equal(rows[0].requires[0].distribution, 2);
    assert_true(rows[0].requires[0].satisfied);
    assert_int_equal(shipped->conflict_count, 1);
    assert_int_equal(shipped->conflicts[0].kind, THAW_CONFLICT_TWICE);
    assert_int_equal(shipped->conflicts[0].distribution, 2);
    assert_int_equal(shipped->conflicts[0].other, 1);
    thaw_shipped_free(shipped);
}

static void add_member(struct zip *archive, const char *name, const char *text)
{
    assert_true(zip_file_add(archive, name, zip_source_buffer(archive, text, strlen(text), 0), 0) >=
                0);
}

static void a_zipped_egg_says_what_it_requires(void **state)
{
    const struct thaw_shipped_distribution *eggy;
    struct thaw_shipped *shipped;
    struct zip *archive;

    (void)state;
    put_in_target(&scratch, SITE "broken-1.0-py3.11.egg", "PK");
    archive = zip_open(scratch_path(&scratch, "t/" SITE "eggy-2.0-py3.11.egg"), ZIP_CREATE, NULL);
    assert_non_null(archive);
    add_member(archive, "EGG-INFO/PKG-INFO", "Metadata-Version: 2.1\nName: Eggy\nVersion: 2.0\n");
    add_member(archive, "EGG-INFO/requires.txt", "click>=8\n");
    add_member(archive, "eggy.py", "1");
    assert_int_equal(zip_close(archive), 0);
    shipped = read_scratch_target(&scratch);
    eggy = target_distribution(shipped, "Eggy");
    assert_string_equal(eggy->version, "2.0");
    assert_int_equal(eggy->require_count, 1);
    assert_string_equal(eggy->requires[0].text, "click>=8");
    assert_int_equal(shipped->conflict_count, 1);
    assert_int_equal(shipped->conflicts[0].kind, THAW_CONFLICT_MISSING);
    assert_string_equal(target_distribution(shipped, "broken")->version, "1.0");
    assert_string_equal(shipped_fault_of(shipped, SITE "broken-1.0-py3.11.egg"),
                        "a zipped egg that can't be opened: its requirements are not read");
    assert_int_equal(shipped->fault_count, 1);
    thaw_shipped_free(shipped);
}

/* `pip install --target` lists "../../bin/tool" and puts it into the folder itself. */
static void scripts_lie_where_pip_moves_them(void **state)
{
    const struct thaw_shipped_distribution *tool;
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "tool.py", "1");
    put_in_target(&scratch, "bin/tool", "#!");
    put_in_target(&scratch, "tool-1.dist-info/METADATA", "Name: tool\nVersion: 1\n");
    put_in_target(&scratch, "tool-1.dist-info/RECORD",
                  "../../bin/tool,,2\n../../bin/left-out,,2\ntool.py,,1\n../../../bin/x,,\n");
    put_in_target(&scratch, "layer/" SITE "own.py", "1");
    put_in_target(&scratch, "layer/" SITE "own-1.dist-info/RECORD", "../../bin/own,,1\nown.py,,\n");
    shipped = read_scratch_target(&scratch);
    tool = target_distribution(shipped, "tool");
    assert_string_equal(target_owner(shipped, "bin/tool"), "tool");
    assert_int_equal(tool->listed, 4);
    assert_int_equal(tool->absent, 0);
    assert_int_equal(tool->changed, 0);
    assert_int_equal(tool->outside, 1); /* three up: not what --target lists */
    assert_int_equal(target_distribution(shipped, "own")->absent, 1); /* of a prefix */
    thaw_shipped_free(shipped);
}

static void the_interpreter_in_bin_is_before_folders_deep_inside(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        char name[128];

        snprintf(name, sizeof(name), "share/bundle/lib/python3.12/m%u.py", i);
        put_in_target(&scratch, name, "1");
    }
    put_in_target(&scratch, "lib/python3.9/a.py", "1");
    put_in_target(&scratch, "lib/python3.11/a.py", "1");
    put_in_target(&scratch, "lib/python3.11/b.py", "1");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(shipped->python.version, "3.12");
    thaw_shipped_free(shipped);
    put_in_target(&scratch, "bin/python3.9", "");
    put_in_target(&scratch, "bin/python3.11", "");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(shipped->python.version, "3.11");
    assert_string_equal(shipped->python.evidence, "the target's own bin/python3.N");
    thaw_shipped_free(shipped);
    scratch_link(&scratch, "t/local/bin/python3.10", "/nowhere");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(shipped->python.version, "3.10"); /* before it on every PATH */
    thaw_shipped_free(shipped);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(an_egg_info_beside_its_wheel_is_one_install),
        CASE(what_an_update_left_is_not_installed),
        CASE(a_zipped_egg_says_what_it_requires),
        CASE(scripts_lie_where_pip_moves_them),
        CASE(the_interpreter_in_bin_is_before_folders_deep_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
