/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "inventory/distributions.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_distributions *distributions;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return thaw_distributions_open(&distributions, NULL);
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_distributions_close(distributions);
    return 0;
}

static void add(const char *name)
{
    assert_int_equal(
        thaw_distributions_add_site(distributions, scratch_path(&scratch, name), "3.11", NULL), 0);
}

static const struct thaw_distribution *find(const char *name)
{
    for (size_t i = 0; i < thaw_distributions_count(distributions); i++) {
        if (strcmp(thaw_distributions_get(distributions, i)->name, name) == 0)
            return thaw_distributions_get(distributions, i);
    }
    return NULL;
}

/* A path below the scratch folder; the name of its owner, "" nobody. */
static const char *owner_of(const char *name)
{
    const struct thaw_distribution *owner =
        thaw_distributions_owner(distributions, scratch_path(&scratch, name));

    return owner ? owner->name : "";
}

/* A wheel "alpha" of 2 modules, bytecode of one of them, a script outside. */
static void write_alpha(void)
{
    scratch_write_text(&scratch, "site/alpha/__init__.py", "12345");
    scratch_write_text(&scratch, "site/alpha/sub.py", "1234567");
    scratch_write_text(&scratch, "site/alpha/__pycache__/sub.cpython-311.pyc", "123");
    scratch_write_text(&scratch, "site/alpha/unlisted.py", "no one's");
    scratch_write_text(&scratch, "site/alpha-1.2.dist-info/METADATA",
                       "Name: Alpha\nVersion: 1.2\nRequires-Dist: beta\n");
    scratch_write_text(&scratch, "site/alpha-1.2.dist-info/INSTALLER", "pip\n");
    scratch_write_text(&scratch, "site/alpha-1.2.dist-info/RECORD",
                       "alpha/__init__.py,,\nalpha/sub.py,,\n../bin/tool,,\n/etc/passwd,,\n"
                       "alpha/gone.py,,\nalpha-1.2.dist-info/METADATA,,\n");
    scratch_write_text(&scratch, "bin/tool", "outside");
}

static void wheels_are_told_by_metadata_and_record(void **state)
{
    const struct thaw_distribution *alpha;

    (void)state;
    write_alpha();
    add("site");
    assert_int_equal(thaw_distributions_count(distributions), 1);
    alpha = find("Alpha");
    assert_non_null(alpha);
    assert_string_equal(alpha->version, "1.2");
    assert_string_equal(alpha->installer, "pip");
    assert_string_equal(alpha->location, scratch_path(&scratch, "site"));
    assert_int_equal(alpha->requires.count, 1);
    assert_string_equal(alpha->requires.items[0], "beta");
    assert_int_equal(alpha->files, 4); /* two modules, METADATA, bytecode */
    assert_int_equal(alpha->bytes, 5 + 7 + 3 +
                                       strlen("Name: Alpha\nVersion: 1.2\n"
                                              "Requires-Dist: beta\n"));
    assert_int_equal(alpha->outside, 2);
    assert_false(alpha->record_missing);
}

/* What a distribution of these requirements requires, each name with "|" behind it. */
static const char *names_required(const char *requirements, const char *version)
{
    static char joined[256];
    const struct thaw_distribution *distribution;

    scratch_write_text(&scratch, "site/needy-1.dist-info/METADATA", requirements);
    assert_int_equal(thaw_distributions_add_site(distributions, scratch_path(&scratch, "site"),
                                                 version, NULL),
                     0);
    distribution = find("needy");
    joined[0] = '\0';
    for (uint64_t i = 0; i < distribution->requires.count; i++)
        strcat(strcat(joined, distribution->requires.items[i]), "|");
    return joined;
}

#define REQUIREMENTS                                                                               \
    "Name: needy\nVersion: 1\nProvides-Extra: x\n"                                                 \
    "Requires-Dist: old; python_version < '3.8'\n"                                                 \
    "Requires-Dist: Numpy>=1.23.2; python_version == \"3.11\"\n"                                   \
    "Requires-Dist: numpy<2; python_version < \"3.11\"\n"                                          \
    "Requires-Dist: micro; python_full_version >= '3.11.5'\n"                                      \
    "Requires-Dist: windows; sys_platform == 'win32'\n"                                            \
    "Requires-Dist: url @ https://h/p?a;b\n"                                                       \
    "Requires-Dist: no1; extra == 'x'\n"                                                           \
    "Requires-Dist: no2 ; os_name=='posix' and 'x' == extra\n"                                     \
    "Requires-Dist: legacy >dev\n"                                                                 \
    "Requires-Dist: either; extra == 'x' or python_version >= '3'\n"                               \
    "Requires-Dist: >=1\n"

static void markers_are_asked_about_the_version(void **state)
{
    (void)state;
    assert_string_equal(names_required(REQUIREMENTS, "3.11.7"), "Numpy|micro|url|legacy|either|");
}

static void a_full_version_may_be_unknown(void **state)
{
    (void)state;
    assert_string_equal(names_required(REQUIREMENTS, "3.11"), "Numpy|url|legacy|either|");
}

static void without_a_version_only_extras_are_left_out(void **state)
{
    (void)state;
    assert_string_equal(names_required(REQUIREMENTS, ""), "old|Numpy|micro|windows|url|legacy|");
}

static void files_have_the_owner_that_record_names(void **state)
{
    (void)state;
    write_alpha();
    scratch_link(&scratch, "site64", "site");
    add("site");
    assert_string_equal(owner_of("site/alpha/sub.py"), "Alpha");
    assert_string_equal(owner_of("site/alpha/__pycache__/sub.cpython-311.pyc"), "Alpha");
    assert_string_equal(owner_of("site/alpha/__pycache__/sub.cpython-38.opt-1.pyc"), "Alpha");
    assert_string_equal(owner_of("site64/alpha/sub.py"), "Alpha");
    assert_string_equal(owner_of("site/alpha/unlisted.py"), "");
    assert_string_equal(owner_of("site/alpha/__pycache__/unlisted.cpython-311.pyc"), "");
    assert_string_equal(owner_of("site/x__pycache__/sub.cpython-311.pyc"), "");
    assert_string_equal(owner_of("bin/tool"), "");
    assert_string_equal(owner_of("site"), "");
    assert_null(thaw_distributions_owner(distributions, "relative.py"));
    assert_null(thaw_distributions_owner(distributions, ""));
}

static void sites_are_read_once_and_missing_ones_not(void **state)
{
    (void)state;
    write_alpha();
    scratch_link(&scratch, "again", "site");
    add("site");
    add("site");
    add("again");
    add("nothing");
    add("bin/tool");
    assert_int_equal(thaw_distributions_count(distributions), 1);
    assert_int_equal(find("Alpha")->files, 4);
}

static void disk_bytes_are_those_of_du(void **state)
{
    static char data[300000] = "x";
    char *text;

    (void)state;
    scratch_write(&scratch, "site/big/data.bin", data, sizeof(data));
    scratch_write_text(&scratch, "site/big-1.dist-info/RECORD", "big/data.bin,,\n");
    add("site");
    text = scratch_output("du -B1 '%s' | cut -f1", scratch_path(&scratch, "site/big/data.bin"));
    assert_non_null(text);
    assert_int_equal(find("big")->disk_bytes, strtoull(text, NULL, 10));
    assert_int_equal(find("big")->bytes, sizeof(data));
    free(text);
}

static void each_inode_counts_once(void **state)
{
    const char *copy;

    (void)state;
    write_alpha();
    copy = scratch_path(&scratch, "site/alpha/linked.py");
    assert_int_equal(link(scratch_path(&scratch, "site/alpha/sub.py"), copy), 0);
    scratch_write_text(&scratch, "site/beta-2.dist-info/RECORD", "alpha/linked.py,,\n");
    add("site");
    assert_int_equal(find("Alpha")->files + find("beta")->files, 5);
    assert_int_equal(find("Alpha")->bytes + find("beta")->bytes, 15 + 45);
}

static void without_record_top_level_names_tell(void **state)
{
    (void)state;
    scratch_write_text(&scratch, "site/gamma/__init__.py", "123");
    scratch_write_text(&scratch, "site/gamma_tool.py", "1");
    scratch_write_text(&scratch, "site/__pycache__/gamma_tool.cpython-311.pyc", "12");
    scratch_write_text(&scratch, "site/other.py", "x");
    scratch_write_text(&scratch, "site/Gamma-3.dist-info/top_level.txt", "gamma\ngamma_tool\n");
    scratch_write_text(&scratch, "site/my_pkg/x.py", "1");
    scratch_write_text(&scratch, "site/my_pkg-0.1.egg-info/PKG-INFO",
                       "Name: my-pkg\nVersion: 0.1\n");
    add("site");
    assert_true(find("Gamma")->record_missing);
    assert_string_equal(find("Gamma")->version, "3");
    assert_int_equal(find("Gamma")->files, 4);
    assert_string_equal(owner_of("site/gamma/__init__.py"), "Gamma");
    assert_string_equal(owner_of("site/gamma_tool.py"), "Gamma");
    assert_string_equal(owner_of("site/other.py"), "");
    assert_string_equal(owner_of("site/my_pkg/x.py"), "my-pkg");
}

static void eggs_are_told_by_their_installed_files(void **state)
{
    const struct thaw_distribution *egg;

    (void)state;
    scratch_write_text(&scratch, "site/pack/a.py", "1");
    scratch_write_text(&scratch, "site/pack/b.py", "1");
    scratch_write_text(&scratch, "site/Pack-1.0-py3.11.egg-info/PKG-INFO", "Version: 1.0\n");
    scratch_write_text(&scratch, "site/Pack-1.0-py3.11.egg-info/installed-files.txt",
                       "../pack/a.py\nPKG-INFO\n../../bin/x\n/etc/passwd\n");
    scratch_write_text(&scratch, "site/Pack-1.0-py3.11.egg-info/requires.txt", "six\n[x]\ny\n");
    scratch_write_text(&scratch, "site/Flat-2.0-py3.11.egg-info", "Name: Flat\n");
    add("site");
    egg = find("Pack");
    assert_non_null(egg);
    assert_string_equal(egg->version, "1.0");
    assert_int_equal(egg->files, 2);
    assert_int_equal(egg->outside, 2);
    assert_int_equal(egg->requires.count, 1);
    assert_string_equal(owner_of("site/pack/a.py"), "Pack");
    assert_string_equal(owner_of("site/pack/b.py"), "");
    assert_string_equal(find("Flat")->version, "2.0");
}

/* Nothing below may hang, be followed out of the site, or be opened. */
static void hostile_trees_are_survived(void **state)
{
    char deep[700] = "site", *end = deep + 4;

    (void)state;
    write_alpha();
    scratch_link(&scratch, "site/alpha/loop", "..");
    scratch_link(&scratch, "site/alpha/self.py", "self.py");
    scratch_link(&scratch, "site/alpha/outside", "/");
    scratch_link(&scratch, "site/linked-1.dist-info", "alpha-1.2.dist-info");
    scratch_write_text(&scratch, "secret", "Name: secret\n");
    scratch_link(&scratch, "site/pipe-1.dist-info/METADATA", "../../secret");
    assert_int_equal(mkfifo(scratch_path(&scratch, "site/pipe-1.dist-info/RECORD"), 0600), 0);
    assert_int_equal(mkfifo(scratch_path(&scratch, "site/alpha/pipe.so"), 0600), 0);
    scratch_folder(&scratch, "site/dir-1.dist-info/RECORD");
    scratch_write_text(&scratch, "site/.dist-info/METADATA", "Name: x\n");
    scratch_write_text(&scratch, "site/new\nline-1.dist-info/RECORD", "\xff\xfe,,\n");
    scratch_write_text(&scratch, "site/\xff\xfe", "1");
    for (int i = 0; i < 120; i++)
        end += sprintf(end, "/d");
    scratch_write_text(&scratch, strcat(deep, "/x.py"), "deep");
    assert_int_equal(truncate(scratch_write_text(&scratch, "site/huge-1.dist-info/METADATA", ""),
                              (off_t)64 << 30),
                     0);
    add("site");
    assert_int_equal(find("Alpha")->files, 4);
    assert_non_null(find("pipe"));
    assert_null(find("secret"));
    assert_true(find("pipe")->record_missing);
    assert_true(find("dir")->record_missing);
    assert_int_equal(find("new\nline")->files, 1);
    assert_string_equal(find("linked")->version, "1");
    assert_int_equal(find("linked")->files, 0);
}

static void order_is_that_of_the_names(void **state)
{
    (void)state;
    for (int i = 9; i >= 0; i--) {
        char name[64];

        snprintf(name, sizeof(name), "site/p%d-1.dist-info/RECORD", i);
        scratch_write_text(&scratch, name, "shared.py,,\n");
    }
    scratch_write_text(&scratch, "site/shared.py", "1");
    add("site");
    assert_int_equal(thaw_distributions_count(distributions), 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(thaw_distributions_get(distributions, i)->name[1], '0' + (int)i);
    assert_string_equal(owner_of("site/shared.py"), "p0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(wheels_are_told_by_metadata_and_record),
        TEST(markers_are_asked_about_the_version),
        TEST(a_full_version_may_be_unknown),
        TEST(without_a_version_only_extras_are_left_out),
        TEST(files_have_the_owner_that_record_names),
        TEST(sites_are_read_once_and_missing_ones_not),
        TEST(disk_bytes_are_those_of_du),
        TEST(each_inode_counts_once),
        TEST(without_record_top_level_names_tell),
        TEST(eggs_are_told_by_their_installed_files),
        TEST(hostile_trees_are_survived),
        TEST(order_is_that_of_the_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
