/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packaging/name.h"
#include "packaging/version.h"
#include "packaging/version_parts.h"

static bool is_version(const char *text)
{
    struct thaw_version_parts parts;

    return thaw_version_read((struct thaw_span){text, strnlen(text, THAW_VERSION_BYTES_MAX)},
                             &parts);
}

static void names_are_compared_as_pep_503_says(void **state)
{
    (void)state;
    assert_true(thaw_name_is_same("Foo.Bar_baz", "foo-bar-baz"));
    assert_true(thaw_name_is_same("a--_.b", "A.B"));
    assert_false(thaw_name_is_same("foo", "foo-bar"));
    assert_false(thaw_name_is_same("foo-", "foo"));
    assert_false(thaw_name_is_same("foobar", "foo-bar"));
    assert_true(thaw_name_is_same("", ""));
    assert_true(thaw_name_is_same("\xc3\xa9", "\xc3\xa9"));
}

static void a_normal_form_is_shared_by_equal_names(void **state)
{
    struct thaw_arena arena = {0};

    (void)state;
    assert_string_equal(thaw_name_normalise(&arena, "Foo__Bar.baz", 12), "foo-bar-baz");
    assert_string_equal(thaw_name_normalise(&arena, "Foo__Bar.baz", 4), "foo-");
    assert_string_equal(thaw_name_normalise(&arena, "._-", 3), "-");
    assert_string_equal(thaw_name_normalise(&arena, "", 0), "");
    assert_string_equal(thaw_name_normalise(&arena, "a\0b", 3), "a?b");
    thaw_arena_free(&arena);
}

static void versions_are_told_from_other_texts(void **state)
{
    static const char *const valid[] = {
        "1",     "1.0",         " 1.0\n",      "v1.0",         "V2",
        "1!2.0", "1.0a1",       "1.0.ALPHA-1", "1.0preview",   "1.0-rc_2",
        "1.0c.", "1.0-1",       "1.0post",     "1.0.rev3.dev", "1.0.dev-4",
        "00.01", "1.0+abc.1_B", "1.0r1+0",     "1a-.post",
    };
    static const char *const invalid[] = {
        "",        "dev",      "2004d", "1..2",  "1.", ".1",    "1.0-", "1.0+",
        "1.0+a+b", "1.0+a..b", "1 .0",  "1!!0",  "!1", "1!",    "-1",   "a1",
        "1.0+.",   "1.0dev1a", "1.x",   "1.0.*", "v",  "1.0/2", "1,0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        if (!is_version(valid[i]))
            fail_msg("\"%s\" is a version", valid[i]);
    }
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        if (is_version(invalid[i]))
            fail_msg("\"%s\" is no version", invalid[i]);
    }
}

/* PEP 440, "Summary of permitted suffixes and relative ordering", and more of the kind. */
static void versions_have_an_order(void **state)
{
    static const char *const sorted[] = {
        "0",
        "1.dev0",
        "1.0.dev456",
        "1.0a1.dev1",
        "1.0a1",
        "1.0a1.post1.dev2",
        "1.0a1.post1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+abc.7.0",
        "1.0+5",
        "1.0+10",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1.2",
        "1.10",
        "2004",
        "18446744073709551616",
        "18446744073709551617",
        "100000000000000000000000000000000000000000",
        "1!0.1.dev1",
        "1!1",
    };
    const size_t count = sizeof(sorted) / sizeof(sorted[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = thaw_version_compare(sorted[i], sorted[j]);

            if ((order > 0) - (order < 0) != (i > j) - (i < j))
                fail_msg("%s and %s: %d", sorted[i], sorted[j], order);
        }
    }
}

static void spellings_are_equal(void **state)
{
    static const char *const equal[][2] = {
        {"1", "1.0.0"},        {"1.0alpha1", "1.0a1"},     {"1.0.beta", "1.0b0"},
        {"1.0pre3", "1.0rc3"}, {"1.0-PREVIEW_3", "1.0c3"}, {"1.0-4", "1.0.post4"},
        {"1.0.r4", "1.0rev4"}, {"1.0dev", "1.0.dev0"},     {"v1.0", "1.0"},
        {"0!1", "1"},          {"01.002", "1.2"},          {"1.0+A_b-01", "1.0+a.B.1"},
        {" 1.0 ", "1.0"},      {"1.0a001", "1.0a1"},       {"1.0.post", "1.0-0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
        if (thaw_version_compare(equal[i][0], equal[i][1]) != 0)
            fail_msg("%s is %s", equal[i][0], equal[i][1]);
    }
}

static int fits(const char *version, const char *specifiers)
{
    return thaw_version_fits(version, specifiers, strlen(specifiers));
}

struct fit {
    const char *version;
    const char *specifiers;
    int expected;
};

static void check_fits(const struct fit *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int result = fits(rows[i].version, rows[i].specifiers);

        if (result != rows[i].expected)
            fail_msg("%s in \"%s\": %d", rows[i].version, rows[i].specifiers, result);
    }
}

#define CHECK_FITS(rows) check_fits(rows, sizeof(rows) / sizeof((rows)[0]))

static void specifiers_are_those_of_pep_440(void **state)
{
    static const struct fit rows[] = {
        {"1.0", "", 1},
        {"2004d", "", 1},
        {"1.26.4", ">=1.26,<3", 1},
        {"3.0rc1", ">=1.26,<3", 0}, /* a pre-release of what is left out */
        {"3.0rc1", "<3.0rc2", 1},
        {"2.9.post1", "<3", 1},
        {"3.post1.dev1", "<3.post1", 0},
        {"3.0", "<3.post1", 1},
        {"1.0.post1", ">1.0", 0}, /* a post-release of what is left out */
        {"1.0.post2", ">1.0.post1", 1},
        {"1.0a1.post1", ">1.0a1", 0},
        {"1.0a2.dev0", ">1.0a1", 1},
        {"1.0", ">1.0a1", 1},
        {"1.0.dev2", ">1.0.dev1", 1},
        {"1.0.dev1+x", ">1.0.dev1", 0},
        {"1.0+x", ">1.0", 0},
        {"1.0.1", ">1.0", 1},
        {"1.0+x", "<=1.0", 1},
        {"1.0+x", ">=1.0", 1},
        {"1.0+x", "==1.0", 1},
        {"1.0+x", "!=1.0", 0},
        {"1.0+x", "==1.0+X", 1},
        {"1.0", "==1.0+x", 0},
        {"1.0+y", "!=1.0+x", 1},
        {"1", "==1.0.0", 1},
        {"1.4.5", "==1.4.*", 1},
        {"1.4a1", "==1.4.*", 1},
        {"1.4.dev0+x", "==1.4.*", 1},
        {"1", "==1.0.*", 1},
        {"1.40", "==1.4.*", 0},
        {"1!1.4", "==1.4.*", 0},
        {"1!1.4", "==1!1.*", 1},
        {"1.5", "!=1.4.*", 1},
        {"1.4.0", "!=1.4.*", 0},
        {"2.2.5", "~=2.2", 1},
        {"2.1", "~=2.2", 0},
        {"3.0", "~=2.2", 0},
        {"3.0.dev1", "~=2.2", 0},
        {"2.2.9", "~=2.2.0", 1},
        {"2.3", "~=2.2.0", 0},
        {"2.2.post3", "~=2.2.post3", 1},
        {"2.9", "~=2.2.post3", 1},
        {"2.2a1", "~=2.2", 0},
        {"1!2.2", "~=2.2", 0},
    };

    (void)state;
    CHECK_FITS(rows);
}

static void any_text_may_be_asked_for(void **state)
{
    static const struct fit rows[] = {
        {"2004d", "===2004d", 1}, {"2004D", "=== 2004d ", 1}, {"1.0", "===1", 0},
        {"2004d", ">=1", 0},      {"2004d", "!=1", 0},        {"1.0", "===1.0,>=1", 1},
        {"1.0+x", "===1.0", 0},
    };

    (void)state;
    CHECK_FITS(rows);
}

static void lists_have_white_space_and_no_more(void **state)
{
    static const struct fit rows[] = {
        {"1.0", " >= 0.9 ,\t< 2 ", 1},
        {"1.0", ",", 1},
        {"1.0", ">=1,,<2,", 1},
        {"1.0", ">=", -EINVAL},
        {"1.0", "1.0", -EINVAL},
        {"1.0", "=1.0", -EINVAL},
        {"1.0", ">=1 <2", -EINVAL},
        {"1.0", ">=1.*", -EINVAL},
        {"1.0", "~=1", -EINVAL},
        {"1.0", "~=1.0+x", -EINVAL},
        {"1.0", ">=1.0+x", -EINVAL},
        {"1.0", "==1.0a1.*", -EINVAL},
        {"1.0", "==1.*.*", -EINVAL},
        {"1.0", "==1.0+x.*", -EINVAL},
        {"1.0", "===", -EINVAL},
        {"1.0", "===a b", -EINVAL},
        {"1.0", "<>1", -EINVAL},
        {"1.0", "<2,x", -EINVAL},
        {"1.0", "!=2,==1.5,=!", -EINVAL},
        {"1.0", "== v1", 1},
        {"1.0", "====1.0", 0},
    };

    (void)state;
    CHECK_FITS(rows);
    assert_int_equal(thaw_version_fits("1.0", "<1.0x", 4), 0); /* length bytes and no more */
}

static bool is_pinned(const char *specifiers)
{
    return thaw_version_is_pinned(specifiers, strlen(specifiers));
}

static void one_version_alone_is_pinned(void **state)
{
    (void)state;
    assert_true(is_pinned("==1.0"));
    assert_true(is_pinned(" == 1.0 , >= 0.5"));
    assert_true(is_pinned("===dev"));
    assert_false(is_pinned(""));
    assert_false(is_pinned("==1.*"));
    assert_false(is_pinned("~=1.0"));
    assert_false(is_pinned(">=1,<=1"));
    assert_false(is_pinned("!=1"));
    assert_false(is_pinned("==1.0,oops"));
}

/* Texts of any length end in finite time, and nothing behind the bound is read. */
static void hostile_texts_are_cut(void **state)
{
    static char text[100000];

    (void)state;
    memset(text, '1', sizeof(text) - 1);
    assert_true(is_version(text));
    assert_int_equal(thaw_version_compare(text, text), 0);
    assert_true(thaw_version_compare(text, "2") > 0);
    assert_int_equal(thaw_version_fits(text, text, sizeof(text) - 1), -EINVAL);
    memset(text, ',', sizeof(text) - 1);
    assert_int_equal(thaw_version_fits("1", text, sizeof(text) - 1), 1);
    memset(text, '.', sizeof(text) - 1);
    assert_false(is_version(text));
    assert_false(is_version("1.0\xc3\xa9"));
    assert_false(is_version("\xd9\xa1.0")); /* an Arabic digit */
}

static void pre_releases_are_told(void **state)
{
    static const char *const pre[] = {"1.0a1", "2.0.0b3", "1.1rc1", "1.0.dev4", "1.0.post1.dev2"};
    static const char *const no[] = {"1.0", "1.0.post1", "1!2.0", "1.0+beta", "", "beta"};

    (void)state;
    for (size_t i = 0; i < sizeof(pre) / sizeof(pre[0]); i++)
        assert_true(thaw_version_is_pre_release(pre[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(thaw_version_is_pre_release(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_compared_as_pep_503_says),
        cmocka_unit_test(a_normal_form_is_shared_by_equal_names),
        cmocka_unit_test(versions_are_told_from_other_texts),
        cmocka_unit_test(versions_have_an_order),
        cmocka_unit_test(spellings_are_equal),
        cmocka_unit_test(specifiers_are_those_of_pep_440),
        cmocka_unit_test(any_text_may_be_asked_for),
        cmocka_unit_test(lists_have_white_space_and_no_more),
        cmocka_unit_test(one_version_alone_is_pinned),
        cmocka_unit_test(hostile_texts_are_cut),
        cmocka_unit_test(pre_releases_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
