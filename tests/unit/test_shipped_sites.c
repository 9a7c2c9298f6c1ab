/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "read_target.h"
#include "scratch.h"
#include "shipped/sites.h"

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

static void a_wheel_is_what_its_files_say(void **state)
{
    const struct thaw_shipped_distribution *alpha;
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, SITE "alpha/__init__.py", "12345");
    put_in_target(&scratch, SITE "alpha/sub.py", "1234567");
    put_in_target(&scratch, SITE "alpha/__pycache__/sub.cpython-311.pyc", "123");
    put_in_target(&scratch, SITE "alpha/unlisted.py", "no one's");
    put_in_target(&scratch, SITE "alpha/__pycache__/unlisted.cpython-311.pyc", "123");
    put_in_target(
        &scratch, SITE "alpha-1.2.dist-info/METADATA",
        "Metadata-Version: 2.4\nName: Alpha\nVersion: 1.2\nLicense-Expression: MIT\n"
        "Requires-Dist: beta>=1; python_version < '4'\nProvides-Extra: more\n\nName: not this\n");
    put_in_target(
        &scratch, SITE "alpha-1.2.dist-info/WHEEL",
        "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\nTag:py3-none-any\r\n");
    put_in_target(&scratch, SITE "alpha-1.2.dist-info/INSTALLER", "pip\n");
    put_in_target(&scratch, SITE "alpha-1.2.dist-info/RECORD",
                  "alpha/__init__.py,sha256=x,5\nalpha/sub.py,,8\n../../../bin/tool,,7\n"
                  "/etc/passwd,,1\n../../../../outside,,\nalpha/gone.py,,\n"
                  "alpha-1.2.dist-info/METADATA,,\nalpha-1.2.dist-info/RECORD,,\n");
    put_in_target(&scratch, "bin/tool", "script!");
    put_in_target(&scratch, "bin/own", "x");
    scratch_write_text(&scratch, "outside", "not of the target");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->sites.count, 1);
    assert_string_equal(shipped->sites.items[0], "lib/python3.11/site-packages");
    assert_int_equal(shipped->distribution_count, 1);
    alpha = target_distribution(shipped, "Alpha");
    assert_string_equal(alpha->version, "1.2");
    assert_string_equal(alpha->installer, "pip");
    assert_string_equal(alpha->license, "MIT");
    assert_string_equal(alpha->editable, "");
    assert_string_equal(alpha->info, SITE "alpha-1.2.dist-info");
    assert_string_equal(alpha->location, "lib/python3.11/site-packages");
    assert_int_equal(alpha->tags.count, 2);
    assert_string_equal(alpha->tags.items[0], "cp311-cp311-manylinux_2_17_x86_64");
    assert_string_equal(alpha->tags.items[1], "py3-none-any");
    assert_int_equal(thaw_sites_requires(shipped, 0)->count, 1);
    assert_string_equal(thaw_sites_requires(shipped, 0)->items[0], "beta>=1; python_version < '4'");
    assert_int_equal(alpha->record, THAW_RECORD_PRESENT);
    assert_int_equal(alpha->listed, 8);
    assert_int_equal(alpha->absent, 1);
    assert_int_equal(alpha->changed, 1);
    assert_int_equal(alpha->outside, 2);
    assert_string_equal(target_owner(shipped, "bin/tool"), "Alpha");
    assert_string_equal(target_owner(shipped, "bin/own"), "");
    assert_string_equal(target_owner(shipped, SITE "alpha/__pycache__/sub.cpython-311.pyc"),
                        "Alpha");
    assert_string_equal(target_owner(shipped, SITE "alpha-1.2.dist-info/WHEEL"), "Alpha");
    assert_string_equal(target_owner(shipped, SITE "alpha/unlisted.py"), "");
    assert_string_equal(target_owner(shipped, SITE "alpha/__pycache__/unlisted.cpython-311.pyc"),
                        "");
    assert_int_equal(alpha->amount.files, 8);
    assert_int_equal(alpha->kinds[THAW_FILE_PYTHON].bytes, 12);
    assert_int_equal(alpha->kinds[THAW_FILE_BYTECODE].files, 1);
    assert_int_equal(alpha->kinds[THAW_FILE_METADATA].files, 4);
    assert_int_equal(shipped->unowned.files, 2);
    assert_int_equal(shipped->app.files, 1);
    assert_int_equal(target_folder(shipped, SITE "alpha-1.2.dist-info")->distribution, 0);
    assert_int_equal(target_folder(shipped, "bin")->distribution, 0);
    thaw_shipped_free(shipped);
}

static void records_that_lie_own_what_is_there(void **state)
{
    const struct thaw_shipped_distribution *liar;
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/a.py", "1");
    put_in_target(&scratch, "s/sub/b.py", "1");
    put_in_target(&scratch, "s/new\nline.py", "1");
    put_in_target(&scratch, "s/c,d.py", "1");
    scratch_link(&scratch, "t/s/l.py", "a.py");
    put_in_target(
        &scratch, "s/liar-1.dist-info/RECORD",
        "a.py,,1\na.py,,1\n./sub//b.py,,\nsub/../a.py,,\n\"new\nline.py\",,1\n\"c,d.py\",,\n"
        "l.py,,\nsub,,\n..,,\n,,\nsub/b.py/x,,\n../../../../../../../etc/passwd,,\na.py/,,x\n");
    shipped = read_scratch_target(&scratch);
    liar = target_distribution(shipped, "liar");
    assert_string_equal(liar->version, "1");
    assert_int_equal(liar->listed, 12);
    assert_int_equal(liar->absent, 2); /* a folder, and one below a file */
    assert_int_equal(liar->outside, 2);
    assert_int_equal(liar->changed, 0);
    assert_string_equal(target_owner(shipped, "s/sub/b.py"), "liar");
    assert_string_equal(target_owner(shipped, "s/new\nline.py"), "liar");
    assert_string_equal(target_owner(shipped, "s/c,d.py"), "liar");
    assert_int_equal(liar->amount.files, 5);
    thaw_shipped_free(shipped);
}

static void without_a_record_names_tell(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/one_two/a.py", "1");
    put_in_target(&scratch, "s/one_two_three.py", "1");
    put_in_target(&scratch, "s/One_Two-1.0.dist-info/METADATA", "Name: one-two\nVersion: 1.0\n");
    put_in_target(&scratch, "s/yaml/a.py", "1");
    put_in_target(&scratch, "s/_yaml.cpython-311-x86_64-linux-gnu.so", "1");
    put_in_target(&scratch, "s/yamlish.py", "1");
    put_in_target(&scratch, "s/PyYAML-6.egg-info/PKG-INFO", "Name: PyYAML\nVersion: 6.0.1\n");
    put_in_target(&scratch, "s/PyYAML-6.egg-info/top_level.txt", "_yaml\nyaml\n../../etc\n");
    put_in_target(&scratch, "s/six.py", "1");
    put_in_target(&scratch, "s/six-1.16.0.egg-info", "Name: six\nVersion: 1.16.0\n");
    put_in_target(&scratch, "s/files/x.py", "1");
    put_in_target(&scratch, "s/listed-1.egg-info/installed-files.txt",
                  "../files/x.py\n/etc/passwd\nPKG-INFO\n");
    put_in_target(&scratch, "s/listed-1.egg-info/PKG-INFO", "Name: listed\nVersion: 1\n");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 4);
    assert_string_equal(target_owner(shipped, "s/one_two/a.py"), "one-two");
    assert_string_equal(target_owner(shipped, "s/one_two_three.py"), "");
    assert_int_equal(target_distribution(shipped, "one-two")->record, THAW_RECORD_MISSING);
    assert_string_equal(target_distribution(shipped, "PyYAML")->version, "6.0.1");
    assert_string_equal(target_owner(shipped, "s/yaml/a.py"), "PyYAML");
    assert_string_equal(target_owner(shipped, "s/_yaml.cpython-311-x86_64-linux-gnu.so"), "PyYAML");
    assert_string_equal(target_owner(shipped, "s/yamlish.py"), "");
    assert_string_equal(target_owner(shipped, "s/six.py"), "six");
    assert_string_equal(target_owner(shipped, "s/six-1.16.0.egg-info"), "six");
    assert_string_equal(target_distribution(shipped, "six")->info, "s/six-1.16.0.egg-info");
    assert_string_equal(target_owner(shipped, "s/files/x.py"), "listed");
    assert_int_equal(target_distribution(shipped, "listed")->outside, 1);
    assert_int_equal(target_distribution(shipped, "listed")->record, THAW_RECORD_PRESENT);
    thaw_shipped_free(shipped);
}

static void eggs_and_what_is_developed_elsewhere(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/zipped-2.0-py3.11.egg", "PK");
    put_in_target(&scratch, "s/folder-3-py3.11.egg/EGG-INFO/PKG-INFO",
                  "Name: folder\nVersion: 3\n");
    put_in_target(&scratch, "s/folder-3-py3.11.egg/inside/m.py", "1");
    put_in_target(&scratch, "s/linked.egg-link", "/srv/linked\n.\n");
    put_in_target(&scratch, "s/edit-1.dist-info/METADATA", "Name: edit\nVersion: 1\n");
    put_in_target(&scratch, "s/edit-1.dist-info/RECORD", "__editable__.edit-1.pth,,\n");
    put_in_target(&scratch, "s/edit-1.dist-info/top_level.txt", "edited_module\n");
    put_in_target(&scratch, "s/edit-1.dist-info/direct_url.json",
                  "{\"url\": \"file:///srv/edit\", \"dir_info\": {\"editable\": true}}");
    put_in_target(&scratch, "s/__editable__.edit-1.pth", "/srv/edit/src\nimport x\n# no\n\n");
    put_in_target(&scratch, "s/direct-1.dist-info/direct_url.json",
                  "{\"url\": \"https://x/y\", \"dir_info\": {}}");
    put_in_target(&scratch, "s/broken-1.dist-info/direct_url.json", "{\"url\": ");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 6);
    assert_string_equal(target_distribution(shipped, "zipped")->version, "2.0");
    assert_string_equal(target_owner(shipped, "s/folder-3-py3.11.egg/inside/m.py"), "folder");
    assert_string_equal(target_distribution(shipped, "folder")->location, "s");
    assert_string_equal(target_distribution(shipped, "linked")->editable, "/srv/linked");
    assert_string_equal(target_distribution(shipped, "edit")->editable, "/srv/edit");
    assert_string_equal(target_distribution(shipped, "direct")->editable, "");
    assert_true(target_has_fault(shipped, "s/broken-1.dist-info", "direct_url.json"));
    assert_ptr_equal(&shipped->distributions[thaw_sites_of_module(shipped, "edited_module")],
                     target_distribution(shipped, "edit"));
    assert_ptr_equal(&shipped->distributions[thaw_sites_of_module(shipped, "inside")],
                     target_distribution(shipped, "folder"));
    assert_int_equal(shipped->path_file_count, 1);
    assert_int_equal(shipped->path_files[0].folders, 1);
    assert_int_equal(shipped->path_files[0].code, 1);
    assert_string_equal(shipped->distributions[shipped->path_files[0].distribution].name, "edit");
    thaw_shipped_free(shipped);
}

/* Vendored copies are their carrier's, as importlib.metadata sees them; a folder inside another one
 * of the import path that is nobody's is one itself. */
static void copies_inside_a_distribution_are_none(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "carrier/_vendor/inner.py", "1");
    put_in_target(&scratch, "carrier/_vendor/inner-1.dist-info/METADATA",
                  "Name: inner\nVersion: 1\n");
    put_in_target(&scratch, "carrier-9.dist-info/RECORD",
                  "carrier/_vendor/inner.py,,\ncarrier/_vendor/inner-1.dist-info/METADATA,,\n");
    put_in_target(&scratch, ".python_packages/lib/site-packages/own-1.dist-info/METADATA",
                  "Name: own\nVersion: 1\n");
    put_in_target(&scratch, ".python_packages/lib/site-packages/own-1.dist-info/RECORD", "");
    put_in_target(&scratch, ".python_packages/lib/site-packages/own-2.dist-info/METADATA",
                  "Name: own\nVersion: 2\n");
    put_in_target(&scratch, "host.json", "{}");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(shipped->kind, "app");
    assert_int_equal(shipped->distribution_count, 3);
    assert_string_equal(shipped->distributions[0].name, "carrier");
    assert_string_equal(shipped->distributions[1].version, "1");
    assert_string_equal(shipped->distributions[2].version, "2");
    assert_int_equal(shipped->distributions[1].record, THAW_RECORD_UNREADABLE);
    assert_int_equal(shipped->sites.count, 2);
    assert_string_equal(shipped->sites.items[0], "");
    assert_true(thaw_sites_holds(shipped, shipped->files[0].folder));
    thaw_shipped_free(shipped);
}

static void modules_have_the_distribution_of_their_files(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/google/cloud/storage/a.py", "1");
    put_in_target(&scratch, "s/google/auth/a.py", "1");
    put_in_target(&scratch, "s/single.py", "1");
    put_in_target(&scratch, "s/ext.cpython-311-x86_64-linux-gnu.so", "1");
    put_in_target(&scratch, "s/storage-1.dist-info/RECORD",
                  "google/cloud/storage/a.py,,\nsingle.py,,\n");
    put_in_target(&scratch, "s/auth-1.dist-info/RECORD",
                  "google/auth/a.py,,\next.cpython-311-x86_64-linux-gnu.so,,\nsingle.py,,\n");
    shipped = read_scratch_target(&scratch);
#define OF(module) (thaw_sites_of_module(shipped, module))
    assert_string_equal(shipped->distributions[0].name, "auth");
    assert_int_equal(OF("google.cloud"), 1);
    assert_int_equal(OF("google.cloud.storage"), 1);
    assert_int_equal(OF("google.auth"), 0);
    assert_int_equal(OF("google"), 0);
    assert_int_equal(OF("ext"), 0);
    assert_int_equal(OF("single"), 0);
    assert_int_equal(OF("singl"), THAW_SHIPPED_NONE);
    assert_int_equal(OF("google.nothing"), THAW_SHIPPED_NONE);
    assert_int_equal(OF(""), THAW_SHIPPED_NONE);
    assert_int_equal(OF("../../etc"), THAW_SHIPPED_NONE);
#undef OF
    {
        size_t count;
        const struct thaw_shared_file *shared = thaw_sites_shared(shipped, &count);

        assert_int_equal(count, 1);
        assert_string_equal(shipped->files[shared[0].file].path, "s/single.py");
        assert_int_equal(shared[0].distribution, 1);
    }
    thaw_shipped_free(shipped);
}

/* As much of it as memory has is not as much as there is. */
static void a_record_that_does_not_end_is_unreadable(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/huge.py", "1");
    put_in_target(&scratch, "s/huge-1.dist-info/RECORD", "huge.py,,\n");
    assert_int_equal(
        truncate(scratch_path(&scratch, "t/s/huge-1.dist-info/RECORD"), (off_t)64 << 30), 0);
    shipped = read_scratch_target(&scratch);
    assert_int_equal(target_distribution(shipped, "huge")->record, THAW_RECORD_UNREADABLE);
    assert_true(target_has_fault(shipped, "s/huge-1.dist-info", "64 MiB"));
    assert_string_equal(target_owner(shipped, "s/huge.py"), "huge");
    thaw_shipped_free(shipped);
}

/* Names and METADATA that no one should be able to read anything else by. */
/* Of what is longer than thaw reads, each says so; of what is read whole, none does. */
static void a_list_that_is_cut_says_so(void **state)
{
    static char line[] = "# x\n", text[300 << 10];
    const struct {
        const char *path, *fault;
        size_t bytes;
        bool is_cut;
    } rows[] = {
        {SITE "a-1.dist-info/METADATA", SITE "a-1.dist-info", sizeof(text) - 1, true},
        {SITE "b-1.egg-info/requires.txt", SITE "b-1.egg-info", 70 << 10, true},
        {SITE "c-1.egg-info/top_level.txt", SITE "c-1.egg-info", 70 << 10, true},
        {SITE "d-1.egg-info/installed-files.txt", SITE "d-1.egg-info", sizeof(text) - 1, true},
        {SITE "e.pth", SITE "e.pth", sizeof(text) - 1, true},
        {SITE "f-1.egg-info/top_level.txt", SITE "f-1.egg-info", 60, false},
        {SITE "g.pth", SITE "g.pth", 2000, false},
    };
    struct thaw_shipped *shipped;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t at = 0; at < rows[i].bytes; at++)
            text[at] = line[at % (sizeof(line) - 1)];
        text[rows[i].bytes] = '\0';
        put_in_target(&scratch, rows[i].path, text);
    }
    put_in_target(&scratch, SITE "b-1.egg-info/PKG-INFO", "Name: b\nVersion: 1\n\n");
    shipped = read_scratch_target(&scratch);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_cut = target_has_fault(shipped, rows[i].fault, "the rest is not read");

        if (is_cut != rows[i].is_cut)
            fail_msg("%s: %s", rows[i].path, is_cut ? "cut" : "no fault");
    }
    thaw_shipped_free(shipped);
}

static void hostile_information_ends_in_finite_time(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_folder(&scratch, "t/s/pipe-1.dist-info");
    assert_int_equal(mkfifo(scratch_path(&scratch, "t/s/pipe-1.dist-info/METADATA"), 0600), 0);
    scratch_link(&scratch, "t/s/pipe-1.dist-info/RECORD", "/etc/passwd");
    scratch_link(&scratch, "t/s/elsewhere-1.dist-info", "/etc");
    put_in_target(&scratch, "s/.dist-info/x", "");
    put_in_target(&scratch, "s/-.dist-info/x", "");
    put_in_target(&scratch, "s/</script>-1.dist-info/METADATA", "Name: </script>\n");
    put_in_target(&scratch, "s/\xff-1.dist-info/METADATA", "Name: \xff\nVersion: \xfe\n");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(target_distribution(shipped, "pipe")->record, THAW_RECORD_MISSING);
    assert_int_equal(target_distribution(shipped, "pipe")->amount.files, 0);
    assert_string_equal(target_distribution(shipped, "\xff")->version, "\xfe");
    for (size_t i = 0; i < shipped->distribution_count; i++)
        assert_string_not_equal(shipped->distributions[i].name, "elsewhere");
    thaw_shipped_free(shipped);
}

/* What one distribution has been given by a name stays its own when others claim the name, too. */
static void names_that_are_said_again_give_nothing(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "s/mod.py", "1");
    put_in_target(&scratch, "s/mod.cpython-311-x86_64-linux-gnu.so", "1");
    put_in_target(&scratch, "s/mod2.py", "1");
    put_in_target(&scratch, "s/mod/a.py", "1");
    put_in_target(&scratch, "s/a-1.egg-info/PKG-INFO", "Name: a\nVersion: 1\n");
    put_in_target(&scratch, "s/a-1.egg-info/top_level.txt", "none mod mod mod none");
    put_in_target(&scratch, "s/b-1.egg-info/PKG-INFO", "Name: b\nVersion: 1\n");
    put_in_target(&scratch, "s/b-1.egg-info/top_level.txt", "mod mod2 mod");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(target_owner(shipped, "s/mod.py"), "a");
    assert_string_equal(target_owner(shipped, "s/mod.cpython-311-x86_64-linux-gnu.so"), "a");
    assert_string_equal(target_owner(shipped, "s/mod/a.py"), "a");
    assert_string_equal(target_owner(shipped, "s/mod2.py"), "b");
    assert_int_equal(thaw_sites_of_module(shipped, "mod"), 0);
    assert_int_equal(thaw_sites_of_module(shipped, "mod2"), 1);
    assert_int_equal(thaw_sites_of_module(shipped, "mo"), THAW_SHIPPED_NONE);
    thaw_shipped_free(shipped);
}

/* Requirements of all distributions together: what is left out is told once. */
static void requirements_have_a_bound_together(void **state)
{
    enum { LINES = 8192, COUNT = 27 };
    char *text = malloc(32 * LINES), *at = text, name[64];
    struct thaw_shipped *shipped;
    size_t full = 0;

    (void)state;
    assert_non_null(text);
    at += sprintf(at, "Name: n\nVersion: 2\n");
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "Requires-Dist: p%d\n", i);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof(name), "s/n%02d-2.dist-info/METADATA", i);
        put_in_target(&scratch, name, text);
    }
    free(text);
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        full += thaw_sites_requires(shipped, i)->count == LINES;
        assert_string_equal(shipped->distributions[i].version, "2");
    }
    assert_int_equal(full, 200000 / LINES + 1);
    assert_int_equal(thaw_sites_requires(shipped, COUNT - 1)->count, 0);
    assert_int_equal(shipped->fault_count, 1);
    assert_true(target_has_fault(shipped, "n24-2.dist-info", "more than 200,000 requirements"));
    thaw_shipped_free(shipped);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(a_wheel_is_what_its_files_say),
        CASE(records_that_lie_own_what_is_there),
        CASE(without_a_record_names_tell),
        CASE(eggs_and_what_is_developed_elsewhere),
        CASE(copies_inside_a_distribution_are_none),
        CASE(modules_have_the_distribution_of_their_files),
        CASE(a_record_that_does_not_end_is_unreadable),
        CASE(names_that_are_said_again_give_nothing),
        CASE(requirements_have_a_bound_together),
        CASE(a_list_that_is_cut_says_so),
        CASE(hostile_information_ends_in_finite_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
