/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "packaging/marker.h"
#include "packaging/requirement.h"

static struct thaw_arena arena;

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

/* What a requirement is read as: "name|extra,extra|specifiers|url|marker"; "none". */
static const char *parsed(const char *text)
{
    struct thaw_dependency_specifier requirement;
    const char *extras = "";

    if (thaw_requirement_parse(text, strlen(text), &arena, &requirement) < 0)
        return "none";
    for (uint64_t i = 0; i < requirement.extras.count; i++)
        extras =
            thaw_arena_format(&arena, "%s%s%s", extras, i ? "," : "", requirement.extras.items[i]);
    return thaw_arena_format(&arena, "%s|%s|%s|%s|%s", requirement.name, extras,
                             requirement.specifiers, requirement.url, requirement.marker);
}

static void requirements_are_those_of_pep_508(void **state)
{
    (void)state;
    assert_string_equal(parsed("numpy"), "numpy||||");
    assert_string_equal(parsed(" A.B-C_d \n"), "A.B-C_d||||");
    assert_string_equal(parsed("numpy>=1.26,<3"), "numpy||>=1.26,<3||");
    assert_string_equal(parsed("numpy (>=1.26, <3)"), "numpy||>=1.26, <3||");
    assert_string_equal(parsed("numpy ()"), "numpy||||");
    assert_string_equal(parsed("numpy>=1,"), "numpy||>=1,||");
    assert_string_equal(parsed("requests [ socks , Use_chardet ] ~= 2.0"),
                        "requests|socks,Use_chardet|~= 2.0||");
    assert_string_equal(parsed("x[]"), "x||||");
    assert_string_equal(parsed("x; os_name == 'nt'"), "x||||os_name == 'nt'");
    assert_string_equal(parsed("x>=1;(extra=='a')"), "x||>=1||(extra=='a')");
    assert_string_equal(parsed("pip @ https://h/pip.zip#sha1=da39"),
                        "pip|||https://h/pip.zip#sha1=da39|");
    assert_string_equal(parsed("pip[a]@git+ssh://u@h/r;x ; extra == 'y'"),
                        "pip|a||git+ssh://u@h/r;x|extra == 'y'");
    assert_string_equal(parsed("x @ ./p "), "x|||./p|");
    assert_string_equal(parsed("foo_>=1"), "foo_||>=1||");
    assert_string_equal(parsed("x===any;os_name=='nt'"), "x||===any||os_name=='nt'");
}

static void what_is_no_requirement_is_refused(void **state)
{
    static const char *const none[] = {
        "",
        ">=1",
        "-x",
        "_x",
        "x y",
        "x-",
        "x.>=1",
        "x>=1 <2",
        "x>1.*",
        "x,>=1",
        "x>=1,,<2",
        "x (>=1",
        "x >=1)",
        "x[a",
        "x[a b]",
        "x[,]",
        "x[a,]",
        "x[a]]",
        "x @",
        "x @ u extra",
        "x;",
        "x; os_name",
        "x; y == 1",
        "x; os_name == 'a",
        "x\xc3\xa9",
        "x>=1; os_name == 'a' z",
        "x 1.0",
        "x==",
        "x;os_name=='a');",
        "./x",
        "-r x",
        "x>=1\n; os_name == 'a'and",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (strcmp(parsed(none[i]), "none") != 0)
            fail_msg("\"%s\" is read as %s", none[i], parsed(none[i]));
    }
}

static void requirements_are_cut(void **state)
{
    static char text[20000];
    struct thaw_dependency_specifier requirement;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(thaw_requirement_parse(text, sizeof(text) - 1, &arena, &requirement), 0);
    assert_int_equal(strlen(requirement.name), 4096);
    assert_int_equal(strlen(requirement.text), 4096);
    memset(text + 1, '[', 4000);
    assert_int_equal(thaw_requirement_parse(text, sizeof(text) - 1, &arena, &requirement), -EINVAL);
    assert_string_equal(requirement.name, "x");
    assert_int_equal(thaw_requirement_parse("x\0y", 3, &arena, &requirement), -EINVAL);
}

static const struct thaw_marker_environment *here(void)
{
    static struct thaw_marker_environment environment;

    environment = thaw_marker_environment_of("3.11", "3.11.7", "x86_64");
    return &environment;
}

struct hold {
    const char *marker;
    int expected;
};

static void check_holds(const struct hold *rows, size_t count, const struct thaw_texts *extras)
{
    for (size_t i = 0; i < count; i++) {
        int result = thaw_marker_holds(rows[i].marker, here(), extras);

        if (result != rows[i].expected)
            fail_msg("%s: %d", rows[i].marker, result);
    }
}

#define CHECK_HOLDS(rows, extras) check_holds(rows, sizeof(rows) / sizeof((rows)[0]), extras)

static void markers_are_asked_of_the_environment(void **state)
{
    static const struct hold rows[] = {
        {"", 1},
        {"  ", 1},
        {"python_version >= '3.9'", 1},
        {"python_version<\"3.10\"", 0}, /* by version: 3.11 is not below 3.10, nor 3.9 above it */
        {"'3.10' < python_version", 1},
        {"python_version ~= '3.8'", 1},
        {"python_version == '3.*'", 1},
        {"python_version in '3.9 3.11'", 1},
        {"python_version not in '3.9, 3.10'", 1},
        {"python_full_version < '3.11.8'", 1},
        {"python_full_version === '3.11.7'", 1},
        {"implementation_version >= '3.11.7'", 1},
        {"os_name == 'posix' and sys_platform == 'linux'", 1},
        {"os.name == 'posix'", 1},
        {"sys.platform != 'win32'", 1},
        {"platform.machine == 'x86_64'", 1},
        {"platform_machine not in 'arm64 aarch64'", 1},
        {"platform_system == 'Linux'", 1},
        {"python_implementation == 'CPython'", 1},
        {"platform.python_implementation == 'CPython'", 1},
        {"platform_python_implementation != 'PyPy'", 1},
        {"implementation_name == 'cpython'", 1},
        {"platform_version == ''", 1},
        {"platform_release >= '5'", 0}, /* not known: no version */
        {"'linux' in sys_platform", 1},
        {"sys_platform in 'linux2'", 1},
        {"sys_platform >= 'linux'", 1}, /* of texts only equality is an order */
        {"sys_platform > 'a'", 0},
        {"os_name == 'a' or os_name == 'posix' and platform_machine == 'x86_64'", 1},
        {"(os_name == 'a' or os_name == 'posix') and platform_machine == 'y'", 0},
        {"((os_name == 'posix'))", 1},
        {"os_name=='posix'and(sys_platform=='linux')", 1},
        {"os_name == 'po\\six'", 0},
        {"extra == ''", 1},
        {"extra == 'x'", 0},
    };

    (void)state;
    CHECK_HOLDS(rows, NULL);
}

static void what_is_no_marker_is_refused(void **state)
{
    static const struct hold rows[] = {
        {"os_name", -EINVAL},
        {"os_name ==", -EINVAL},
        {"os_name = 'a'", -EINVAL},
        {"os_name == posix", -EINVAL},
        {"os_name == 'a", -EINVAL},
        {"os_name == 'a\"", -EINVAL},
        {"os_name == 'a' and", -EINVAL},
        {"and os_name == 'a'", -EINVAL},
        {"os_name == 'a' os_name == 'b'", -EINVAL},
        {"(os_name == 'a'", -EINVAL},
        {"os_name == 'a')", -EINVAL},
        {"()", -EINVAL},
        {"os_name notin 'a'", -EINVAL},
        {"os_name not 'a'", -EINVAL},
        {"os_name == 'a'or_", -EINVAL},
        {"os_names == 'a'", -EINVAL},
        {"python_extra == 'x'", -EINVAL},
        {"os_name == 'a\nb'", -EINVAL},
        {"os_name == 'a\\'", -EINVAL},
        {"os_name == '\\x41'", -EINVAL},
        /* Well-formed, but with no answer, wherever it stands. */
        {"os_name ~= 'posix'", -EINVAL},
        {"os_name === 'posix'", -EINVAL},
        {"'a' == 'b'", -EINVAL},
        {"'a' in extras", -EINVAL},
        {"os_name == 'posix' or 'a' == 'b'", -EINVAL},
        {"python_version ~= 'x'", -EINVAL},
    };
    char deep[600] = "";

    (void)state;
    CHECK_HOLDS(rows, NULL);
    memset(deep, '(', 64);
    strcpy(deep + 64, "os_name == 'posix'");
    memset(deep + strlen(deep), ')', 64);
    assert_int_equal(thaw_marker_holds(deep, here(), NULL), 1);
    memmove(deep + 1, deep, sizeof(deep) - 1);
    strcat(deep, ")");
    assert_int_equal(thaw_marker_holds(deep, here(), NULL), -EINVAL);
}

static void markers_are_bounded(void **state)
{
    static char text[10000];

    (void)state;
    memset(text, ' ', sizeof(text) - 1);
    memcpy(text, "os_name=='", 10);
    memcpy(text + 4096 - 1, "'", 1);
    text[4096] = '\0';
    assert_int_equal(thaw_marker_holds(text, here(), NULL), 0);
    text[4095] = ' ';
    text[4096] = '\'';
    assert_int_equal(thaw_marker_holds(text, here(), NULL), -EINVAL);
}

static void extras_hold_when_one_is_asked_for(void **state)
{
    const char *names[] = {"Socks.Proxy", "test"};
    const struct thaw_texts extras = {names, 2};
    static const struct hold rows[] = {
        {"extra == 'socks-proxy'", 1},
        {"'SOCKS_PROXY' == extra", 1},
        {"extra == 'test'", 1},
        {"extra == 'docs'", 0},
        {"extra == 'socks_proxy' and extra == 'test'", 0}, /* asked one by one, as pip does */
        {"extra != 'test'", 1},
        {"extra in 'tests docs'", 1},
        {"extra == 'test' and python_version < '3'", 0},
        {"python_version >= '3'", 1},
    };

    (void)state;
    CHECK_HOLDS(rows, &extras);
}

static void an_unknown_full_version_is_the_first(void **state)
{
    struct thaw_marker_environment environment = thaw_marker_environment_of("3.11", "", "aarch64");

    (void)state;
    assert_int_equal(thaw_marker_holds("python_full_version == '3.11.0'", &environment, NULL), 1);
    assert_int_equal(thaw_marker_holds("implementation_version > '3.11'", &environment, NULL), 0);
    assert_int_equal(thaw_marker_holds("platform_machine == 'aarch64'", &environment, NULL), 1);
    environment = thaw_marker_environment_of("3.13", "3.13.0+", "x86_64");
    assert_int_equal(thaw_marker_holds("python_full_version > '3.13.0'", &environment, NULL), 0);
    assert_int_equal(thaw_marker_holds("python_full_version >= '3.13.0'", &environment, NULL), 1);
    environment = thaw_marker_environment_of("", "", "");
    assert_int_equal(thaw_marker_holds("python_version >= '3'", &environment, NULL), 0);
    environment.os_name = NULL;
    assert_int_equal(thaw_marker_holds("os_name == ''", &environment, NULL), 1);
}

/* What thaw_marker_needs_extra() says, and the extra it names. */
static const char *needed(const char *marker)
{
    char extra[8] = "before";
    int result = thaw_marker_needs_extra(marker, here(), extra, sizeof(extra));

    return thaw_arena_format(&arena, "%d %s", result == -EINVAL ? -1 : result, extra);
}

static void the_extra_that_asks_is_named(void **state)
{
    (void)state;
    assert_string_equal(needed(""), "0 ");
    assert_string_equal(needed("os_name == 'posix'"), "0 ");
    assert_string_equal(needed("os_name == 'nt'"), "0 ");
    assert_string_equal(needed("extra == 'test'"), "1 test");
    assert_string_equal(needed("'Test' == extra and python_version >= '3'"), "1 Test");
    assert_string_equal(needed("extra == 'test' and python_version < '3'"), "0 test");
    assert_string_equal(needed("extra == 'test' or os_name == 'posix'"), "0 test");
    assert_string_equal(needed("extra == 'a' and os_name == 'nt' or extra == 'b'"), "1 b");
    assert_string_equal(needed("extra != 'a'"), "0 a");
    assert_string_equal(needed("extra == 'much too long'"), "1 much to");
    assert_string_equal(needed("extra"), "-1 ");
    assert_string_equal(needed("os_name ~= 'x'"), "-1 ");
    assert_int_equal(thaw_marker_needs_extra("extra == 'a'", here(), NULL, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_those_of_pep_508),
        cmocka_unit_test(what_is_no_requirement_is_refused),
        cmocka_unit_test(requirements_are_cut),
        cmocka_unit_test(markers_are_asked_of_the_environment),
        cmocka_unit_test(what_is_no_marker_is_refused),
        cmocka_unit_test(markers_are_bounded),
        cmocka_unit_test(extras_hold_when_one_is_asked_for),
        cmocka_unit_test(an_unknown_full_version_is_the_first),
        cmocka_unit_test(the_extra_that_asks_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
