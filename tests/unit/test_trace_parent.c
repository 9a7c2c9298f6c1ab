/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/trace_parent.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define WHOLE "00-" TRACE "-" SPAN "-01"

/* In memory of its own, so that a read beyond it is seen. */
static bool is(const char *text)
{
    size_t length = strlen(text);
    char *bytes = malloc(length + !length);
    bool result;

    assert_non_null(bytes);
    memcpy(bytes, text, length);
    result = thaw_trace_parent_is(bytes, length);
    free(bytes);
    return result;
}

/* Trace Context, sections 3.2.2 and 4.3 (versions to come). */
static void values_are_checked(void **state)
{
    (void)state;
    assert_true(is(WHOLE));
    assert_true(is("01-" TRACE "-" SPAN "-01"));
    assert_true(is("cc-" TRACE "-" SPAN "-01-what-comes-then"));
    assert_false(is(""));
    assert_false(is("00-" TRACE "-" SPAN "-0"));
    assert_false(is(WHOLE "-what"));
    assert_false(is("cc-" TRACE "-" SPAN "-01.what"));
    assert_false(is("ff-" TRACE "-" SPAN "-01"));
    assert_false(is("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01"));
    assert_false(is("00-00000000000000000000000000000000-" SPAN "-01"));
    assert_false(is("00-" TRACE "-0000000000000000-01"));
    assert_false(is("00_" TRACE "-" SPAN "-01"));
    assert_false(is("00-" TRACE "-" SPAN "_01"));
    assert_false(is("0g-" TRACE "-" SPAN "-01"));
}

/* "" for none. */
static const char *in_head(const char *head)
{
    static char found[THAW_TRACE_PARENT_BYTES + 1];
    size_t length = strlen(head);
    char *bytes = malloc(length + !length);
    const char *at;

    assert_non_null(bytes);
    memcpy(bytes, head, length);
    at = thaw_trace_parent_in_head(bytes, length);
    found[0] = '\0';
    if (at) {
        assert_true(at + THAW_TRACE_PARENT_BYTES <= bytes + length);
        memcpy(found, at, THAW_TRACE_PARENT_BYTES);
    }
    free(bytes);
    return found;
}

static void heads_are_searched(void **state)
{
    (void)state;
    assert_string_equal(in_head("GET / HTTP/1.1\r\nTraceparent: " WHOLE "\r\n"), WHOLE);
    assert_string_equal(in_head("GET / HTTP/1.1\nHost: x\nTRACEPARENT:\t" WHOLE " \n\n"), WHOLE);
    assert_string_equal(in_head(""), "");
    assert_string_equal(in_head("traceparent: " WHOLE "\r\n"), ""); /* no start line */
    assert_string_equal(in_head("GET / HTTP/1.1\r\nx-traceparent: " WHOLE "\r\n"), "");
    assert_string_equal(in_head("GET / HTTP/1.1\r\ntraceparents: " WHOLE "\r\n"), "");
    assert_string_equal(in_head("GET / HTTP/1.1\r\ntraceparent: nonsense\r\n"), "");
    assert_string_equal(in_head("GET / HTTP/1.1\r\ntraceparent:\r\n"), "");
    /* Of a later version, cut: what was to come may have made it another. */
    assert_string_equal(in_head("GET / HTTP/1.1\r\ntraceparent: cc-" TRACE "-" SPAN "-01"), "");
    /* In a body. */
    assert_string_equal(in_head("POST / HTTP/1.1\r\nHost: x\r\n\r\ntraceparent: " WHOLE "\r\n"),
                        "");
}

static void two_of_them_are_none(void **state)
{
    (void)state;
    assert_string_equal(
        in_head("GET / HTTP/1.1\r\ntraceparent: " WHOLE "\r\nTraceparent: " WHOLE "\r\n"), "");
    assert_string_equal(in_head("GET / HTTP/1.1\r\ntraceparent: " WHOLE "\r\ntraceparent: x\r\n"),
                        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(heads_are_searched),
        cmocka_unit_test(two_of_them_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
