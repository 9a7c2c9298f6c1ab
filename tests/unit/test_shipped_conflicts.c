/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shipped_tree.h"

#define SITE "site-packages/"

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

static void add(const char *name, const char *version, const char *requires, const char *files)
{
    shipped_write(&scratch,
                  &(struct shipped_wheel){SITE, name, version, requires, files, NULL, true});
}

static void add_to(const char *site, const char *name, const char *version, const char *requires,
                   const char *files)
{
    shipped_write(&scratch,
                  &(struct shipped_wheel){site, name, version, requires, files, NULL, true});
}

/* A line each: "kind distribution other what where". */
static const char *conflicts_of(const struct thaw_shipped *shipped)
{
    static char text[4096];

    text[0] = '\0';
    for (size_t i = 0; i < shipped->conflict_count; i++) {
        const struct thaw_shipped_conflict *one = &shipped->conflicts[i];
        const struct thaw_shipped_distribution *all = shipped->distributions;
        size_t length = strlen(text);

        snprintf(text + length, sizeof(text) - length, "%s %s %s%s%s (%s) %s\n",
                 thaw_conflict_kind_name(one->kind),
                 one->distribution == THAW_SHIPPED_NONE ? "-" : all[one->distribution].name,
                 one->other == THAW_SHIPPED_NONE ? "-" : all[one->other].name,
                 one->other == THAW_SHIPPED_NONE ? "" : "=",
                 one->other == THAW_SHIPPED_NONE ? "" : all[one->other].version, one->what,
                 one->where);
    }
    return text;
}

static void each_kind_is_told(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "1.0",
        "Requires-Dist: gone\nRequires-Dist: b>=2,<3\nRequires-Dist: c>=1\n"
        "Requires-Dist: never; python_version < '3'\nRequires-Dist: extra; extra == 'x'\n",
        "shared/data\na/__init__.py");
    add("b", "1.5", "", "shared/data\nb.py");
    add("c", "1.0", "Requires-Dist: not-asked\n", "c.py");
    add("C", "2.0", "Requires-Dist: not-there\n", "c.py");
    scratch_write_text(&scratch, "requirements.txt",
                       "a==2\nmissing\nnot-here; sys_platform == 'win32'\n-c constraints.txt\n");
    scratch_write_text(&scratch, "constraints.txt", "b==1.5\nc<1\nabsent<3\n");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "version - a=1.0 (a==2) requirements.txt:1\n"
                                               "missing - - (missing) requirements.txt:2\n"
                                               "version - C=2.0 (c<1) constraints.txt:2\n"
                                               "missing C - (not-there) \n"
                                               "missing a - (gone) \n"
                                               "version a b=1.5 (b>=2,<3) \n"
                                               "twice C c=1.0 (c) \n"
                                               "file a b=1.5 (site-packages/shared/data) \n");
    thaw_shipped_free(shipped);
}

static void extras_count_where_they_are_asked_for(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "1.0", "Requires-Dist: b[x]\n", "a.py");
    add("b", "1.0", "Provides-Extra: x\nRequires-Dist: gone; extra == 'x'\n", "b.py");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "missing b - (gone; extra == 'x') \n");
    thaw_shipped_free(shipped);
}

static void what_goes_together_is_silent(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "1.0.post1", "Requires-Dist: b~=1.4\nRequires-Dist: c @ https://h/c.whl\n", "a.py");
    add("b", "1.5rc1", "", "b.py");
    add("c", "0", "Requires-Dist: a!=1.0\n", "c.py");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "");
    thaw_shipped_free(shipped);
}

#define SYSTEM "usr/lib/python3/dist-packages/"
#define LOCAL "usr/local/lib/python3.11/dist-packages/"
#define VIRTUAL "opt/venv/lib/python3.11/site-packages/"

/* A container's root: what one interpreter does not see is no answer for it. */
static void each_environment_is_held_against_itself(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "opt/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    add_to(SYSTEM, "xlib", "1.0", "", "xlib.py");
    add_to(SYSTEM, "ylib", "1.0", "Requires-Dist: xlib<2\n", "ylib.py");
    add_to(LOCAL, "wlib", "1.0", "Requires-Dist: xlib<2\nRequires-Dist: zlib2\n", "wlib.py");
    add_to(VIRTUAL, "xlib", "2.0", "", "xlib.py");
    add_to(VIRTUAL, "zlib2", "1.0", "Requires-Dist: xlib>=2\nRequires-Dist: ylib\n", "zlib2.py");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "missing zlib2 - (ylib) \n"
                                               "missing wlib - (zlib2) \n");
    thaw_shipped_free(shipped);
}

static void a_single_folder_falls_back_to_the_only_environment(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add_to(".python_packages/lib/site-packages/", "own", "1.0",
           "Requires-Dist: xlib>=2\nRequires-Dist: ylib\n", "own.py");
    add_to(SYSTEM, "xlib", "1.0", "", "xlib.py");
    add_to(SYSTEM, "ylib", "1.0", "Requires-Dist: own\n", "ylib.py");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "version own xlib=1.0 (xlib>=2) \n"
                                               "missing ylib - (own) \n");
    thaw_shipped_free(shipped);
    add_to(VIRTUAL, "ylib", "3.0", "", "ylib.py");
    shipped = shipped_read(&scratch); /* two interpreters: none is taken for it */
    assert_string_equal(conflicts_of(shipped), "missing own - (xlib>=2) \n"
                                               "missing own - (ylib) \n"
                                               "missing ylib - (own) \n");
    thaw_shipped_free(shipped);
}

static void only_different_versions_are_twice(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add_to(SYSTEM, "pip", "23.0.1", "", "pip.py");
    add_to(LOCAL, "pip", "23.0.1", "", "pip.py");
    add_to(SYSTEM, "six", "1.16", "", "six.py");
    add_to(LOCAL, "six", "1.17", "", "six.py");
    add_to(VIRTUAL, "six", "1.15", "", "six.py"); /* another prefix */
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "twice six six=1.17 (six) \n");
    assert_int_equal(shipped->distribution_count, 5);
    thaw_shipped_free(shipped);
}

static void packages_of_the_system_may_be_what_lacks(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "pyvenv.cfg",
                       "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.11.2\n");
    add_to("lib/python3.11/site-packages/", "a", "1", "Requires-Dist: b\nRequires-Dist: c>2\n",
           "a.py");
    add_to("lib/python3.11/site-packages/", "c", "1", "", "c.py");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "version a c=1 (c>2) \n");
    assert_string_equal(
        shipped_joined(&shipped->signs),
        "pyvenv.cfg|pyvenv.cfg includes the system's packages, which were not looked at");
    thaw_shipped_free(shipped);
    scratch_write_text(&scratch, "pyvenv.cfg",
                       "home = /usr/bin\ninclude-system-site-packages = false\n");
    shipped = shipped_read(&scratch);
    assert_string_equal(conflicts_of(shipped), "missing a - (b) \nversion a c=1 (c>2) \n");
    assert_string_equal(shipped_joined(&shipped->signs), "pyvenv.cfg");
    thaw_shipped_free(shipped);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(each_kind_is_told),
        TEST(extras_count_where_they_are_asked_for),
        TEST(what_goes_together_is_silent),
        TEST(each_environment_is_held_against_itself),
        TEST(a_single_folder_falls_back_to_the_only_environment),
        TEST(only_different_versions_are_twice),
        TEST(packages_of_the_system_may_be_what_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
