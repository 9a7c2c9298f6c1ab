/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cli/prove_environment.h"

/* The settings an app gets: read whole or refused, and never shown. */

#define LINE_OF_KEY "QUFBQUFBQUFBQUFBQUFB"

static const char settings[] = "{\"Values\": {\"KEY\": \"0123456789abcdef\", \"SHORT\": \"abc\","
                               " \"PEM\": \"-----BEGIN KEY-----\\n" LINE_OF_KEY "\\r\\n\","
                               " \"BELL\": \"ring\\u0007ring\"}}";

struct filled {
    struct thaw_arena arena;
    struct thaw_prove_environment environment;
};

static int set_up(void **state)
{
    static struct filled filled;
    struct thaw_error error = {0};

    filled = (struct filled){0};
    *state = &filled;
    return thaw_prove_environment_parse(settings, strlen(settings), "s.json", "Values",
                                        &filled.arena, &filled.environment, &error);
}

static int tear_down(void **state)
{
    struct filled *filled = *state;

    thaw_prove_environment_free(&filled->environment);
    thaw_arena_free(&filled->arena);
    return 0;
}

static void assert_masked(void **state, const char *text, const char *masked)
{
    struct filled *filled = *state;

    assert_string_equal(thaw_prove_environment_mask(&filled->environment, text, &filled->arena),
                        masked);
}

static void test_values(void **state)
{
    assert_masked(state, "", "");
    assert_masked(state, "key 0123456789abcdef, twice 0123456789abcdef.", "key ***, twice ***.");
    assert_masked(state, "abc is too short to tell", "abc is too short to tell");
    assert_masked(state, "cut: 0123456789", "cut: ***");
    assert_masked(state, "cut: 0123456", "cut: 0123456");
}

static void test_lines_of_a_value(void **state)
{
    assert_masked(state, "it printed last: " LINE_OF_KEY, "it printed last: ***");
    assert_masked(state, "it printed last: QUFBQUFB", "it printed last: ***");
}

static void test_escaped_values(void **state)
{
    assert_masked(state, "ring\aring", "***");
    assert_masked(state, "ring\\x07ring", "***");
}

static void test_line_of_error(void **state)
{
    static const char broken[] = "{\"Values\": {\"KEY\": \"0123456789abcdef\n\"}}";
    struct filled *filled = *state;
    struct thaw_error error = {0};

    assert_int_equal(thaw_prove_environment_parse(broken, strlen(broken), "s\n.json", "Values",
                                                  &filled->arena, &filled->environment, &error),
                     -EINVAL);
    assert_ptr_equal(strstr(error.message, "s\\x0a.json:1:"), error.message);
    assert_null(strstr(error.message, "0123456789abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_of_a_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_escaped_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_line_of_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
