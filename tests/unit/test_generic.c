/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "platform/generic.h"

static size_t signs_of(const char *const *arguments, size_t count,
                       struct thaw_platform_match *match)
{
    const struct thaw_process_view process = {.arguments = arguments, .argument_count = count};

    memset(match, 0, sizeof(*match));
    thaw_generic_signs(&process, match);
    return match->sign_count;
}

static void servers_are_named_by_their_command_line(void **state)
{
    static const char *const script[] = {"/v/bin/python", "/v/bin/gunicorn", "-w", "4", "app:app"};
    static const char *const module[] = {"python3", "-m", "http.server", "8000"};
    static const char *const framework[] = {"python3", "manage.py", "runserver"};
    struct thaw_platform_match match;

    (void)state;
    assert_int_equal(signs_of(script, 5, &match), 1);
    assert_string_equal(match.signs[0], "gunicorn in argv");
    assert_int_equal(signs_of(module, 4, &match), 1);
    assert_string_equal(match.signs[0], "http.server in argv");
    assert_int_equal(signs_of(framework, 3, &match), 1);
}

/* A word far behind, or part of another one, is no sign; and none of them makes a worker. */
static void other_words_are_no_signs(void **state)
{
    static const char *const other[] = {"python3", "-c", "import gunicorn", "my-gunicorn",
                                        "",        "/",  "gunicorn"};
    static const char *const server[] = {"gunicorn"};
    const struct thaw_process_view process = {.arguments = server, .argument_count = 1};
    struct thaw_platform_match match;

    (void)state;
    assert_int_equal(signs_of(other, 7, &match), 0);
    assert_int_equal(signs_of(other, 0, &match), 0);
    assert_null(thaw_platforms_recognise(NULL, &process, &match));
    assert_ptr_equal(thaw_platforms_find("generic"), &thaw_generic);
    assert_false(thaw_platform_opens_with(&thaw_generic, (const uint8_t *)"GET", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_named_by_their_command_line),
        cmocka_unit_test(other_words_are_no_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
