/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/ignore_file.h"

static struct thaw_arena arena;

static int end(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

static struct thaw_ignore *read_text(const char *text)
{
    struct thaw_ignore *ignore;

    end(NULL);
    assert_int_equal(thaw_ignore_read(text, strlen(text), &arena, &ignore), 0);
    return ignore;
}

/* What `git check-ignore --no-index` of git 2.39.5 says of a repository with these files, asked
 * once for each row. A folder's name ends in "/". */
static const struct {
    const char *patterns;
    const char *covered[6], *others[6];
} git_rows[] = {
    {"*.pyc\n", {"x.pyc", "a/x.pyc", "a/b/c/x.pyc"}, {"README.md"}},
    {"/*.pyc\n", {"x.pyc"}, {"a/x.pyc"}},
    {"tests\n", {"tests/", "tests/t.py", "tests/unit/t.py", "src/tests"}, {"src/"}},
    {"tests/\n", {"tests/", "tests/t.py"}, {"src/tests"}},
    {"/tests\n", {"tests/t.py"}, {"src/tests"}},
    {"a/*.pyc\n", {"a/x.pyc"}, {"a/b/c/x.pyc", "x.pyc"}},
    {"a/**/x.pyc\n", {"a/x.pyc", "a/b/c/x.pyc"}, {"x.pyc"}},
    {"**/c\n", {"a/b/c/", "a/b/c/x.pyc"}, {"a/"}},
    {"***/c\n", {"a/b/c/", "a/b/c/x.pyc"}, {"a/"}},
    {"a/**\n", {"a/x.pyc", "a/b/c/x.pyc"}, {"a/"}},
    {"a\\/b\n", {"a/b/", "a/b/c/x.pyc"}, {"a/"}},
    {"a/b\n", {"a/b/", "a/b/c/x.pyc"}, {"a/"}},
    {"*.md\n!README.md\n", {"b.md"}, {"README.md", "a/README.md"}},
    {"*.md\n!/README.md\n", {"a/README.md"}, {"README.md"}},
    {"!README.md\n*.md\n", {"README.md"}, {"a"}},
    {"a/\n!a/x.pyc\n", {"a/x.pyc"}, {"x.pyc"}}, /* its folder is left out */
    {"a/*\n!a/x.pyc\n", {"a/b/c/x.pyc", "a/README.md"}, {"a/x.pyc"}},
    {"# comment\n\\#hash\n", {"#hash"}, {"# comment"}},
    {"\\!bang\n", {"!bang"}, {"bang"}},
    {"star\\*\n", {"star*"}, {"starx"}},
    {"trail \n", {"trail"}, {"trail "}},
    {"trail\\ \n", {"trail "}, {"trail"}},
    {"a[1-9]\n", {"a1", "a2"}, {"ab", "a"}},
    {"a[!1]\n", {"a2", "ab"}, {"a1"}},
    {"a[[:digit:]]\n", {"a1"}, {"ab"}},
    {"a?\n", {"a1", "ab"}, {"a", "a/x.pyc"}},
    {"README.md\r\n", {"README.md"}, {"a"}},
    {"\xEF\xBB\xBFREADME.md\n", {"README.md"}, {"a"}},
    {"*\n", {"a/", "README.md", "a/x.pyc"}, {NULL}},
    {"/*\n!/src\n", {"a/x.pyc"}, {"src/", "src/tests"}},
    {"a[\n", {NULL}, {"a1", "a["}},
    {"a\\\n", {NULL}, {"a", "a\\"}},
    {"\n\n \n", {NULL}, {"a", " "}},
};

static bool covers(struct thaw_ignore *ignore, const char *path)
{
    char name[100];
    size_t length = strlen(path);
    bool is_folder = length && path[length - 1] == '/';

    assert_true(length < sizeof(name));
    memcpy(name, path, length + 1);
    name[length - is_folder] = '\0';
    return thaw_ignore_covers(ignore, name, is_folder);
}

static void patterns_mean_what_they_mean_to_git(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(git_rows) / sizeof(git_rows[0]); i++) {
        struct thaw_ignore *ignore = read_text(git_rows[i].patterns);

        for (size_t k = 0; k < 6 && git_rows[i].covered[k]; k++)
            if (!covers(ignore, git_rows[i].covered[k]))
                fail_msg("%s does not cover %s", git_rows[i].patterns, git_rows[i].covered[k]);
        for (size_t k = 0; k < 6 && git_rows[i].others[k]; k++)
            if (covers(ignore, git_rows[i].others[k]))
                fail_msg("%s covers %s", git_rows[i].patterns, git_rows[i].others[k]);
    }
}

/* Worked out from the regular expressions that Core Tools make of the patterns
 * (src/Cli/func/Common/GitIgnoreParser.cs, read 2026-11-29), by those of another language. */
static const struct {
    const char *patterns;
    const char *covered[6], *others[6];
} tools_rows[] = {
    {"*.pyc\n", {"x.pyc"}, {"a/x.pyc", ".pyc"}},
    {"**/*.pyc\n", {"a/x.pyc", "a/b/x.pyc"}, {"x.pyc"}},
    {"__pycache__\n", {"__pycache__/m.pyc"}, {"a/__pycache__/m.pyc"}},
    {"tests/\n", {"tests/t.py"}, {"tests", "a/tests/t.py"}},
    {"test\n", {"test/t.py", "test-data/x", "test.py"}, {"tests/t.py", "test_a.py"}},
    {"/a\n", {"a", "a/b"}, {"b/a"}},
    {"a/*/c\n", {"a/b/c/x"}, {"a/c", "a/b/b/c"}},
    {"a/**/c\n", {"a/b/c", "a/b/b/c"}, {"a/c"}},
    {"**a*b\n", {"xa/ayb"}, {"xa/b"}},
    {"a\n!a/b\n", {"a/c"}, {"a/b", "a/b/x"}},
    {"!a/b\na\n", {"a/c"}, {"a/b"}}, /* whatever comes first */
    {"  a  \n#b\n\n", {"a"}, {"b", "#b"}},
    {"a?[b]\n", {NULL}, {"ab", "axb", "a?[b]"}}, /* a bracket ends no word */
    {"a?[b]c\n", {"a?[b]c"}, {"axbc"}},
};

static void core_tools_have_a_way_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tools_rows) / sizeof(tools_rows[0]); i++) {
        struct thaw_ignore *ignore = read_text(tools_rows[i].patterns);

        for (size_t k = 0; k < 6 && tools_rows[i].covered[k]; k++)
            if (!thaw_ignore_tools_cover(ignore, tools_rows[i].covered[k]))
                fail_msg("%s does not cover %s", tools_rows[i].patterns, tools_rows[i].covered[k]);
        for (size_t k = 0; k < 6 && tools_rows[i].others[k]; k++)
            if (thaw_ignore_tools_cover(ignore, tools_rows[i].others[k]))
                fail_msg("%s covers %s", tools_rows[i].patterns, tools_rows[i].others[k]);
    }
}

/* What was asked before does not matter. */
static void folders_are_told_apart(void **state)
{
    struct thaw_ignore *ignore = read_text("a/\n/b/c/\n");
    char *deep = malloc(3000);

    (void)state;
    assert_non_null(deep);
    assert_true(thaw_ignore_covers(ignore, "a/x", false));
    assert_false(thaw_ignore_covers(ignore, "b/x", false));
    assert_true(thaw_ignore_covers(ignore, "b/c/x", false));
    assert_true(thaw_ignore_covers(ignore, "a/x", false));
    assert_false(thaw_ignore_covers(ignore, "c/x", false));
    assert_true(thaw_ignore_covers(ignore, "c/a/x/y", false));
    memset(deep, 'd', 3000);
    memcpy(deep, "a/", 2);
    memcpy(deep + 2996, "/xy", 4);
    assert_true(thaw_ignore_covers(ignore, deep, false));
    deep[0] = 'e';
    assert_false(thaw_ignore_covers(ignore, deep, false));
    free(deep);
}

/* Names and patterns that take other matchers for ever. */
static void no_pattern_is_slow(void **state)
{
    char pattern[202], path[4001];
    struct thaw_ignore *ignore;

    (void)state;
    for (size_t i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 200, "b", 2);
    memset(path, 'a', 4000);
    path[4000] = '\0';
    ignore = read_text(pattern);
    assert_false(thaw_ignore_covers(ignore, path, false));
    assert_false(thaw_ignore_tools_cover(ignore, path));
    for (size_t i = 0; i + 6 <= 200; i += 6)
        memcpy(pattern + i, "**/a/*", 6);
    for (size_t i = 1; i < 4000; i += 2)
        path[i] = '/';
    ignore = read_text(pattern);
    assert_false(thaw_ignore_covers(ignore, path, false));
    assert_false(thaw_ignore_tools_cover(ignore, path));
}

static void it_has_bounds(void **state)
{
    size_t length = THAW_IGNORE_BYTES_MAX + 100;
    char *text = malloc(length);
    struct thaw_ignore *ignore;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', length);
    memcpy(text, "a\n", 2);
    memcpy(text + length - 3, "\nb\n", 3);
    assert_int_equal(thaw_ignore_read(text, length, &arena, &ignore), 0);
    assert_true(thaw_ignore_is_cut(ignore));
    assert_true(thaw_ignore_covers(ignore, "a", false));
    assert_false(thaw_ignore_covers(ignore, "b", false));
    for (size_t i = 0; i < length; i += 2)
        memcpy(text + i, "c\n", 2);
    assert_int_equal(thaw_ignore_read(text, 2 * THAW_IGNORE_PATTERNS_MAX + 2, &arena, &ignore), 0);
    assert_true(thaw_ignore_is_cut(ignore));
    free(text);
    ignore = read_text("");
    assert_false(thaw_ignore_is_cut(ignore));
    assert_false(thaw_ignore_covers(ignore, "a", false));
    assert_int_equal(thaw_ignore_read(NULL, 0, &arena, &ignore), 0);
    assert_false(thaw_ignore_tools_cover(ignore, "a"));
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_ignore *ignore;
        int code = thaw_ignore_read("a\nb\n", 4, &arena, &ignore);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        end(NULL);
    }
}

/* Both kinds of stars, and a path that is nothing but what they take. */
static void what_is_slow_comes_to_an_end(void **state)
{
    char path[4000], pattern[200];
    struct thaw_ignore *ignore;

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    for (size_t i = 0; i < sizeof(pattern) - 1; i++)
        pattern[i] = i < 2 || i % 2 ? '*' : 'a';
    pattern[sizeof(pattern) - 2] = 'b';
    pattern[sizeof(pattern) - 1] = '\0';
    ignore = read_text(pattern);
    assert_false(thaw_ignore_is_cut(ignore));
    for (int i = 0; i < 1000000 && !thaw_ignore_is_cut(ignore); i++)
        assert_false(thaw_ignore_tools_cover(ignore, path));
    assert_true(thaw_ignore_is_cut(ignore));
    ignore = read_text("*.pyc\n");
    assert_true(thaw_ignore_covers(ignore, "a.pyc", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(patterns_mean_what_they_mean_to_git, end),
        cmocka_unit_test_teardown(core_tools_have_a_way_of_their_own, end),
        cmocka_unit_test_teardown(folders_are_told_apart, end),
        cmocka_unit_test_teardown(no_pattern_is_slow, end),
        cmocka_unit_test_teardown(what_is_slow_comes_to_an_end, end),
        cmocka_unit_test_teardown(it_has_bounds, end),
        cmocka_unit_test_teardown(without_memory_it_says_so, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
