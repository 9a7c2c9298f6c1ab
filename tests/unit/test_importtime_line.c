/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "python/importtime_line.h"

static struct thaw_importtime_line line;

static enum thaw_importtime_kind parse(const char *text)
{
    memset(&line, 0, sizeof(line));
    return thaw_importtime_parse(text, strlen(text), &line);
}

static void assert_import(const char *text, uint64_t self_us, uint64_t total_us, uint64_t depth,
                          const char *name)
{
    assert_int_equal(parse(text), THAW_IMPORTTIME_IMPORT);
    assert_int_equal(line.self_ns, self_us * 1000);
    assert_int_equal(line.total_ns, total_us * 1000);
    assert_int_equal(line.depth, depth);
    assert_int_equal(line.name_bytes, strlen(name));
    assert_memory_equal(line.name, name, strlen(name));
}

static void lines_of_the_report_are_read(void **state)
{
    (void)state;
    assert_import("import time:      1061 |       3999 | xml.dom.minidom", 1061, 3999, 0,
                  "xml.dom.minidom");
    assert_import("import time:       114 |        114 |     xml.dom.NodeFilter", 114, 114, 2,
                  "xml.dom.NodeFilter");
    assert_import("import time:1|2| a b", 1, 2, 0, "a b");
    assert_int_equal(parse("import time: self [us] | cumulative | imported package"),
                     THAW_IMPORTTIME_HEADER);
}

static void everything_else_is_the_programs_own(void **state)
{
    static const char *const others[] = {
        "",
        "import",
        " import time: 1 | 2 | name",
        "Traceback (most recent call last):",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(parse(others[i]), THAW_IMPORTTIME_OTHER);
}

static void what_does_not_go_on_as_it_began_is_broken(void **state)
{
    static const char *const broken[] = {
        "import time:",
        "import time: |",
        "import time: 1",
        "import time: 1 |",
        "import time: 1 | 2",
        "import time: 1 | 2 |",
        "import time: 1 | 2 |    ",
        "import time: 1 | 2 |name",
        "import time: 1 | -2 | name",
        "import time: - 1 | 2 | name",
        "import time: -- 1 | 2 | name",
        "import time: - | 2 | name",
        "import time: 99999999999999999999999 | 2 | name",
        "import time: cached    | cached     | ",
        "import time: cached",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(parse(broken[i]), THAW_IMPORTTIME_BROKEN);
}

/* As 3.14 writes it, within an import of two levels: the name stands to the right. */
static void modules_that_were_loaded_have_lines(void **state)
{
    (void)state;
    assert_int_equal(parse("import time: cached    | cached     | sys"), THAW_IMPORTTIME_CACHED);
    assert_int_equal(parse("import time: cached    | cached     |   re"), THAW_IMPORTTIME_CACHED);
}

static void time_of_its_own_may_be_negative(void **state)
{
    (void)state;
    assert_import("import time:     -1234 |       2000 | threaded", 0, 2000, 0, "threaded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_the_report_are_read),
        cmocka_unit_test(everything_else_is_the_programs_own),
        cmocka_unit_test(what_does_not_go_on_as_it_began_is_broken),
        cmocka_unit_test(modules_that_were_loaded_have_lines),
        cmocka_unit_test(time_of_its_own_may_be_negative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
