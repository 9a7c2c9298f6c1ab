/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trial/tail.h"

static void the_oldest_goes(void **state)
{
    char tail[4];
    size_t length = 0;

    (void)state;
    thaw_tail_keep(tail, sizeof(tail), &length, "ab", 2);
    assert_memory_equal(tail, "ab", length);
    thaw_tail_keep(tail, sizeof(tail), &length, "cde", 3);
    assert_int_equal(length, 4);
    assert_memory_equal(tail, "bcde", 4);
    thaw_tail_keep(tail, sizeof(tail), &length, "0123456", 7);
    assert_int_equal(length, 4);
    assert_memory_equal(tail, "3456", 4);
    thaw_tail_keep(tail, sizeof(tail), &length, "", 0);
    assert_memory_equal(tail, "3456", 4);
}

static void the_last_line_with_something_in_it(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"\n \n", ""},
                                          {"one\ntwo\n\n  \n", "two"},
                                          {"no end", "no end"},
                                          {"a\nb\033[1m\n", "b\\x1b[1m"}};
    char line[16];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        thaw_tail_line(rows[i][0], strlen(rows[i][0]), line, sizeof(line));
        assert_string_equal(line, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_goes),
        cmocka_unit_test(the_last_line_with_something_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
