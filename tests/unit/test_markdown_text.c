/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/markdown_text.h"

struct markdown_case {
    const char *text;
    const char *line;
    const char *cell; /* NULL: the same */
};

typedef const char *writer(struct thaw_arena *arena, const char *text,
                           enum thaw_markdown_place place);

static void check(writer *write, const struct markdown_case *cases, size_t count)
{
    struct thaw_arena arena = {0};

    for (size_t i = 0; i < count; i++) {
        const struct markdown_case *one = &cases[i];

        assert_string_equal(write(&arena, one->text, THAW_MARKDOWN_LINE), one->line);
        assert_string_equal(write(&arena, one->text, THAW_MARKDOWN_CELL),
                            one->cell ? one->cell : one->line);
    }
    thaw_arena_free(&arena);
}

#define CHECK(write, cases) check(write, cases, sizeof(cases) / sizeof((cases)[0]))

static void names_are_code_spans(void **state)
{
    static const struct markdown_case cases[] = {
        {"", "", NULL},
        {NULL, "", NULL},
        {"pandas.core", "`pandas.core`", NULL},
        {"a|b", "`a|b`", "`a\\|b`"},
        {"a\\|b", "`a\\|b`", "`a\\\\|b`"},
        {"a\\", "`a\\`", NULL},
        {"a`b", "``a`b``", NULL},
        {"`a", "`` `a ``", NULL},
        {"a``", "` a`` `", NULL},
        {"`", "`` ` ``", NULL},
        {"`` `", "``` `` ` ```", NULL},
        {" ", "` `", NULL},
        {" a", "` a`", NULL},
        {" a ", "`  a  `", NULL},
        {"two\nlines", "`two\\x0alines`", NULL},
        {"\xFF", "`\\xff`", NULL},
        {"\xE2\x80\xAE", "`\\u{202e}`", NULL},
        {"<!-- x -->", "`<!-- x -->`", NULL},
        {"@me #1", "`@me #1`", NULL},
    };

    (void)state;
    CHECK(thaw_markdown_code, cases);
}

static void sentences_stay_readable(void **state)
{
    static const struct markdown_case cases[] = {
        {"", "", NULL},
        {NULL, "", NULL},
        {"  it is   2.5 %, or \"so\" (function_app.py:4); a-b = c/d?  ",
         "it is 2.5 %, or \"so\" (function_app.py:4); a-b = c/d?", NULL},
        {"caf\xC3\xA9_x is a name", "caf\xC3\xA9_x is a name", NULL},
        {"__init__ of @me", "`__init__` of `@me`", NULL},
        {"see #12, GH-12 or gh-1", "see `#12`, `GH-12` or `gh-1`", NULL},
        {"at http://a.b and WWW.a.b", "at `http://a.b` and `WWW.a.b`", NULL},
        {"<b>x</b> &lt; **y** ~z~ [a](b)", "`<b>x</b>` `&lt`; `**y**` `~z~` `[a](b)`", NULL},
        {"a|b :smile: std::x", "`a|b` `:smile`: `std::x`", "`a\\|b` `:smile`: `std::x`"},
        {"$x$ and \\", "`$x$` and `\\`", NULL},
        {"plan (a/b.c:2: #3)", "plan (`a/b.c:2`: `#3`)", NULL},
        {"plan (a:b.c:27: SKU $1), or $(2), ($3) ($4): f($5)).",
         "plan (`a:b.c:27`: SKU `$1`), or `$(2)`, (`$3`) (`$4`): `f($5)`).", NULL},
        {"($) ( $)", "(`$`) ( `$`)", NULL},
        {"ready: [{name: 'http', count: 1}], or {} (see [1, 2]).",
         "ready: `[{name: 'http', count: 1}]`, or `{}` (see `[1, 2]`).", NULL},
        {"[a b, c", "`[a` b, c", NULL},
        {"a] b [c] d", "`a]` b `[c]` d", NULL},
        {"1. one", "`1`. one", NULL},
        {"12) one", "`12)` one", NULL},
        {"- one - two", "`-` one - two", NULL},
        {"===", "`===`", NULL},
        {"::", "`::`", NULL},
        {"> a > b", "`>` a > b", NULL},
        {">a", "`>a`", NULL},
        {"*: a*b.", "`*`: `a*b`.", NULL},
        {"12 ms", "12 ms", NULL},
        {"100% of %2 %", "100% of `%2` %", NULL},
        {"a\nb", "`a\\x0ab`", NULL},
    };

    (void)state;
    CHECK(thaw_markdown_prose, cases);
}

/* A text with rows of backticks of every length but one. */
static void fence_is_one_that_is_not_there(void **state)
{
    static const char text[] = "`x``x````x`````";
    struct thaw_arena arena = {0};

    (void)state;
    assert_string_equal(thaw_markdown_code(&arena, text, THAW_MARKDOWN_LINE),
                        "``` `x``x````x````` ```");
    thaw_arena_free(&arena);
}

static void escaping_again_changes_nothing(void **state)
{
    struct thaw_arena arena = {0};
    const char *once = thaw_markdown_code(&arena, "a\\x0ab", THAW_MARKDOWN_LINE);

    (void)state;
    assert_string_equal(thaw_markdown_code(&arena, "a\nb", THAW_MARKDOWN_LINE), once);
    thaw_arena_free(&arena);
}

static void lack_of_memory_is_told(void **state)
{
    static writer *const writers[] = {thaw_markdown_code, thaw_markdown_prose};

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < 2; i++) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_arena arena = {0};
            const char *text = writers[i](&arena, "a `b` c", THAW_MARKDOWN_LINE);

            chaos_malloc_pause();
            assert_int_equal(text == NULL, chaos_malloc_failed());
            thaw_arena_free(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_code_spans),
        cmocka_unit_test(sentences_stay_readable),
        cmocka_unit_test(fence_is_one_that_is_not_there),
        cmocka_unit_test(escaping_again_changes_nothing),
        cmocka_unit_test(lack_of_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
