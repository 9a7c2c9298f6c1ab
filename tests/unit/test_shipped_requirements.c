/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "shipped_tree.h"

#define SITE "site-packages/"
#define CYCLE 250
#define LONG_CHAIN 600 /* more than all chains together may have names for */

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

static void add(const char *name, const char *requires, bool is_requested)
{
    char files[128];

    snprintf(files, sizeof(files), "%s/__init__.py\n%s/data", name, name);
    shipped_write(&scratch,
                  &(struct shipped_wheel){SITE, name, "1.0", requires, files, NULL, is_requested});
}

/* pN of nothing but METADATA. */
static void add_small(int number, const char *requires)
{
    char path[64], text[256];

    snprintf(path, sizeof(path), SITE "p%d-1.dist-info/METADATA", number);
    snprintf(text, sizeof(text), "Name: p%d\nVersion: 1\n%s", number, requires);
    scratch_write_text(&scratch, path, text);
}

static void expect_why(const struct thaw_shipped *shipped, const char *name, const char *why,
                       const char *required_by)
{
    const struct thaw_shipped_distribution *found = shipped_find(shipped, name);

    assert_string_equal(shipped_joined(&found->why), why);
    assert_string_equal(shipped_joined(&found->required_by), required_by);
}

/* app -> a -> shared, app -> b -> shared -> deep; a -> own */
static void add_diamond(void)
{
    add("a", "Requires-Dist: shared\nRequires-Dist: own>=1\n", false);
    add("b", "Requires-Dist: shared\n", false);
    add("shared", "Requires-Dist: deep\n", false);
    add("deep", "", false);
    add("own", "", false);
}

static void chains_begin_with_lines_and_are_the_shortest(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add_diamond();
    scratch_write_text(&scratch, "requirements.txt", "# ours\nb\na\n");
    shipped = shipped_read(&scratch);
    expect_why(shipped, "a", "requirements.txt:3|a", "requirements.txt:3");
    expect_why(shipped, "b", "requirements.txt:2|b", "requirements.txt:2");
    expect_why(shipped, "own", "requirements.txt:3|a|own", "a");
    expect_why(shipped, "shared", "requirements.txt:2|b|shared", "a|b");
    expect_why(shipped, "deep", "requirements.txt:2|b|shared|deep", "shared");
    assert_true(shipped_find(shipped, "a")->is_direct);
    assert_false(shipped_find(shipped, "own")->is_direct);
    thaw_shipped_free(shipped);
}

static uint64_t whole(const struct thaw_shipped *shipped, const char *names)
{
    char copy[256], *rest;
    uint64_t bytes = 0;

    snprintf(copy, sizeof(copy), "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        assert_true(shipped_find(shipped, name)->amount.bytes > 2 * 100);
        bytes += shipped_find(shipped, name)->amount.bytes;
    }
    return bytes;
}

static void expect_exclusive(const struct thaw_shipped *shipped, const char *name,
                             const char *names)
{
    assert_int_equal(shipped_find(shipped, name)->exclusive.bytes, whole(shipped, names));
}

static void what_only_it_asks_for_goes_with_it(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add_diamond();
    scratch_write_text(&scratch, "requirements.txt", "a\nb\n");
    shipped = shipped_read(&scratch);
    expect_exclusive(shipped, "a", "a own");
    expect_exclusive(shipped, "b", "b");
    expect_exclusive(shipped, "shared", "shared deep");
    expect_exclusive(shipped, "deep", "deep");
    thaw_shipped_free(shipped);
    scratch_write_text(&scratch, "requirements.txt", "a\n");
    shipped = shipped_read(&scratch);
    expect_exclusive(shipped, "a", "a own"); /* b is there, and needs shared, whoever wanted it */
    expect_exclusive(shipped, "b", "b");
    expect_why(shipped, "b", "b", "");
    assert_false(shipped_find(shipped, "b")->is_direct);
    thaw_shipped_free(shipped);
}

static void without_lines_the_installer_was_asked(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "Requires-Dist: b\n", true);
    add("b", "", false);
    add("left-over", "Requires-Dist: kept\n", false);
    add("kept", "", true);
    shipped = shipped_read(&scratch);
    assert_true(shipped_find(shipped, "a")->is_direct);
    assert_true(shipped_find(shipped, "kept")->is_direct);
    assert_false(shipped_find(shipped, "b")->is_direct);
    assert_false(shipped_find(shipped, "left-over")->is_direct);
    expect_why(shipped, "b", "a|b", "a");
    expect_why(shipped, "kept", "kept", "left-over");
    expect_why(shipped, "left-over", "left-over", "");
    thaw_shipped_free(shipped);
}

static void without_any_word_it_is_those_that_nobody_requires(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "Requires-Dist: b\n", false);
    add("b", "", false);
    shipped = shipped_read(&scratch);
    assert_true(shipped_find(shipped, "a")->is_direct);
    assert_false(shipped_find(shipped, "b")->is_direct);
    expect_why(shipped, "b", "a|b", "a");
    thaw_shipped_free(shipped);
}

static void the_apps_imports_are_asked_for(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "Requires-Dist: b\n", false);
    add("b", "", false);
    add("c", "", false);
    scratch_write_text(&scratch, "main.py", "import b, c.data\n");
    scratch_write_text(&scratch, "requirements.txt", "a\n");
    shipped = shipped_read(&scratch);
    assert_true(shipped_find(shipped, "b")->is_direct && shipped_find(shipped, "c")->is_direct);
    expect_why(shipped, "b", "requirements.txt:1|a|b", "main.py|a");
    expect_why(shipped, "c", "main.py|c", "main.py");
    expect_exclusive(shipped, "a", "a"); /* the app needs b itself */
    thaw_shipped_free(shipped);
}

static void extras_apply_where_they_are_asked_for(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a",
        "Provides-Extra: fast\nProvides-Extra: all\nProvides-Extra: docs\n"
        "Requires-Dist: b ; extra == 'fast'\n"
        "Requires-Dist: a[Fast] ; extra == 'all'\n"
        "Requires-Dist: gone ; extra == 'docs'\n"
        "Requires-Dist: c[x] ; python_version >= '3.8' and extra == 'fast'\n"
        "Requires-Dist: d ; python_version < '3.8' and extra == 'fast'\n",
        false);
    add("b", "", false);
    add("c", "Provides-Extra: x\nRequires-Dist: d; extra == 'x'\n", false);
    add("d", "", false);
    scratch_write_text(&scratch, "requirements.txt", "a[all]\n");
    shipped = shipped_read(&scratch);
    expect_why(shipped, "b", "requirements.txt:1|a|b", "a");
    expect_why(shipped, "d", "requirements.txt:1|a|c|d", "c");
    expect_why(shipped, "a", "requirements.txt:1|a", "requirements.txt:1"); /* not itself */
    assert_string_equal(shipped_find(shipped, "a")->requires[2].extra, "docs");
    assert_false(shipped_find(shipped, "a")->requires[2].applies);
    assert_int_equal(shipped->conflict_count, 0);
    thaw_shipped_free(shipped);
    scratch_write_text(&scratch, "requirements.txt", "a\n");
    shipped = shipped_read(&scratch);
    expect_why(shipped, "b", "b", "");
    expect_why(shipped, "d", "d", "");
    thaw_shipped_free(shipped);
}

static void a_cycle_ends(void **state)
{
    char name[32], requires[64];
    const struct thaw_shipped_distribution *one;
    struct thaw_shipped *shipped;

    (void)state;
    for (int i = 0; i < CYCLE; i++) {
        snprintf(requires, sizeof(requires), "Provides-Extra: e\nRequires-Dist: p%d[e]\n",
                 (i + 1) % CYCLE);
        add_small(i, requires);
    }
    shipped = shipped_read(&scratch); /* nothing leads into it */
    one = shipped_find(shipped, "p7");
    expect_why(shipped, "p7", "", "p6");
    assert_int_equal(one->exclusive.bytes, one->amount.bytes);
    assert_false(one->is_direct);
    thaw_shipped_free(shipped);

    scratch_write_text(&scratch, "requirements.txt", "p0\n");
    shipped = shipped_read(&scratch);
    assert_int_equal(shipped_find(shipped, "p249")->why.count, CYCLE + 1);
    for (int i = 0; i < CYCLE; i++) { /* all behind it go with each */
        uint64_t bytes = 0;

        for (int k = i; k < CYCLE; k++) {
            snprintf(name, sizeof(name), "p%d", k);
            bytes += shipped_find(shipped, name)->amount.bytes;
        }
        snprintf(name, sizeof(name), "p%d", i);
        assert_int_equal(shipped_find(shipped, name)->exclusive.bytes, bytes);
    }
    thaw_shipped_free(shipped);
}

static void the_middle_of_a_very_long_chain_is_left_out(void **state)
{
    const struct thaw_shipped_distribution *last;
    struct thaw_shipped *shipped;
    char text[128];

    (void)state;
    for (int i = 0; i < LONG_CHAIN; i++) {
        snprintf(text, sizeof(text), "Requires-Dist: p%d\n", i + 1);
        add_small(i, text);
    }
    scratch_write_text(&scratch, "requirements.txt", "p0\n");
    shipped = shipped_read(&scratch);
    snprintf(text, sizeof(text), "p%d", LONG_CHAIN - 1);
    last = shipped_find(shipped, text);
    assert_in_range(last->why.count, 8, LONG_CHAIN);
    assert_string_equal(last->why.items[0], "requirements.txt:1");
    assert_string_equal(last->why.items[1], "p0");
    assert_string_equal(last->why.items[2], "…");
    assert_string_equal(last->why.items[last->why.count - 1], text);
    snprintf(text, sizeof(text), "p%d", LONG_CHAIN - 2);
    assert_string_equal(last->why.items[last->why.count - 2], text);
    assert_string_equal(shipped_joined(&shipped_find(shipped, "p2")->why),
                        "requirements.txt:1|p0|p1|p2");
    thaw_shipped_free(shipped);
}

/* Where nothing tells the version, what holds for some counts only if it is fine. */
static void an_unknown_interpreter_makes_nothing_a_conflict(void **state)
{
    const struct thaw_shipped_options options = {.target = scratch.path, .root = ""};
    struct thaw_error error = {0};
    struct thaw_shipped *shipped;

    (void)state;
    add("a",
        "Requires-Dist: b>=1; python_version >= '3.10'\n"
        "Requires-Dist: b>=7; python_version < '3.10'\n"
        "Requires-Dist: never; python_version < '3.10'\n"
        "Requires-Dist: always; python_version >= '3'\n"
        "Requires-Dist: c; python_version < '3.10' and extra == 'x'\nProvides-Extra: x\n",
        true);
    add("b", "Requires-Dist: a[x]\n", false);
    add("c", "", false);
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), 0);
    assert_string_equal(shipped->python.version, "");
    expect_why(shipped, "b", "a|b", "a");
    expect_why(shipped, "c", "a|c", "a");
    assert_int_equal(shipped->conflict_count, 1);
    assert_string_equal(shipped->conflicts[0].what, "always; python_version >= '3'");
    thaw_shipped_free(shipped);
}

static void the_first_of_two_is_meant(void **state)
{
    const struct thaw_shipped_distribution *first, *second;
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "Requires-Dist: B.b>=2\n", true);
    shipped_write(&scratch, &(struct shipped_wheel){SITE, "b_b", "1.0", "Requires-Dist: c\n",
                                                    "b.py", NULL, false});
    shipped_write(&scratch, &(struct shipped_wheel){SITE, "b_b", "2.0", "Requires-Dist: d\n",
                                                    "b2.py", NULL, false});
    add("c", "", false);
    add("d", "", false);
    shipped = shipped_read(&scratch);
    first = shipped_find(shipped, "b_b");
    second = first + 1;
    assert_string_equal(first->version, "1.0");
    assert_string_equal(shipped_joined(&first->why), "a|b_b");
    assert_int_equal(second->why.count + second->required_by.count, 0);
    assert_false(shipped_find(shipped, "a")->requires[0].satisfied);
    expect_why(shipped, "c", "a|b_b|c", "b_b");
    expect_why(shipped, "d", "d", ""); /* the second one asks for nothing */
    thaw_shipped_free(shipped);
}

static void what_is_no_requirement_is_told(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("a", "Requires-Dist: !!\nRequires-Dist: b\n", true);
    add("b", "", false);
    shipped = shipped_read(&scratch);
    assert_true(shipped_find(shipped, "a")->requires[0].unreadable);
    assert_non_null(strstr(shipped_fault_of(shipped, SITE "a-1.0.dist-info"), "!!"));
    expect_why(shipped, "b", "a|b", "a");
    assert_int_equal(shipped->conflict_count, 0);
    thaw_shipped_free(shipped);
}

static void reasons_can_be_left_out(void **state)
{
    struct thaw_shipped_options options = {.target = scratch.path,
                                           .root = "",
                                           .python_version = "3.11",
                                           .machine = "x86_64",
                                           .without_libraries = true};

    (void)state;
    scratch_write_text(&scratch, "requirements.txt", "a==2\n");
    scratch_write_text(&scratch, "main.py", "import a\n");
    scratch_write_text(&scratch, SITE "x.pth", "../more\n");
    add("a", "Requires-Dist: b\n", false);
    shipped_write(&scratch, &(struct shipped_wheel){SITE, "w", "2.0", "", "w/data",
                                                    "Tag: cp39-cp39-win_amd64\n", false});
    for (int without = 0; without < 2; without++) {
        struct thaw_shipped *shipped = NULL;

        options.without_reasons = without;
        assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
        assert_int_equal(shipped->distribution_count, 2);
        assert_true(shipped->total.bytes > 0 && shipped->limit_count > 0);
        assert_true(shipped->foreign_count > 0);
        assert_int_equal(shipped->request_count > 0, !without);
        assert_int_equal(shipped->conflict_count > 0, !without);
        assert_int_equal(shipped->path_file_count > 0, !without);
        thaw_shipped_free(shipped);
    }
}

static void a_failing_allocation_is_told(void **state)
{
    const struct thaw_shipped_options options = {.target = scratch.path,
                                                 .root = "",
                                                 .python_version = "3.11",
                                                 .machine = "x86_64",
                                                 .without_libraries = true};

    (void)state;
    add_diamond();
    add("e", "Requires-Dist: a[x]\nRequires-Dist: own>2\nRequires-Dist: !!\n", true);
    shipped_write(&scratch, &(struct shipped_wheel){SITE, "a", "2.0", "", "a/data",
                                                    "Tag: cp39-cp39"
                                                    "-win_amd64\n",
                                                    false});
    scratch_write_text(&scratch, "requirements.txt",
                       "a[x]==1\n-c c/constraints.txt\n-r gone.txt\n");
    scratch_write_text(&scratch, "c/constraints.txt", "own==1.0\n");
    scratch_write_text(&scratch, "main.py", "import a, b.c\nfrom deep import data\n");
    scratch_write_text(&scratch, SITE "x.cpython-310-x86_64-linux-gnu.so", "");
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_shipped *shipped = NULL;
        struct thaw_error error = {0};
        int result = thaw_shipped_read(&options, &shipped, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_shipped_free(shipped);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(chains_begin_with_lines_and_are_the_shortest),
        TEST(what_only_it_asks_for_goes_with_it),
        TEST(without_lines_the_installer_was_asked),
        TEST(without_any_word_it_is_those_that_nobody_requires),
        TEST(the_apps_imports_are_asked_for),
        TEST(extras_apply_where_they_are_asked_for),
        TEST(a_cycle_ends),
        TEST(the_middle_of_a_very_long_chain_is_left_out),
        TEST(an_unknown_interpreter_makes_nothing_a_conflict),
        TEST(the_first_of_two_is_meant),
        TEST(what_is_no_requirement_is_told),
        TEST(reasons_can_be_left_out),
        TEST(a_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
