/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/function_rpc_words.h"

static void test_trigger_words(void **state)
{
    static const char *const refused[] = {"http",         "",           "trigger ",
                                          "http Trigger", "a\nTrigger", "<b>Trigger"};
    char word[THAW_WIRE_WORD_BYTES + 1] = "";
    char longest[THAW_WIRE_WORD_BYTES + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        thaw_function_rpc_trigger(refused[i], strlen(refused[i]), word);
        assert_string_equal(word, "");
    }
    memset(longest, 'x', sizeof(longest));
    memcpy(longest + THAW_WIRE_WORD_BYTES + 1 - 7, "Trigger", 7);
    thaw_function_rpc_trigger(longest, THAW_WIRE_WORD_BYTES + 1, word);
    assert_string_equal(word, "");
    thaw_function_rpc_trigger(longest + 1, THAW_WIRE_WORD_BYTES, word);
    assert_int_equal(strlen(word), THAW_WIRE_WORD_BYTES);
    thaw_function_rpc_trigger_in_json("[\"type\"]", 8, word);
    thaw_function_rpc_trigger_in_json("{\"type\": 5}", 11, word);
    assert_int_equal(strlen(word), THAW_WIRE_WORD_BYTES); /* left alone */
}

/* Only the type leaves the message, and only when it is one. */
static void test_exception_words(void **state)
{
    static const struct {
        const char *message, *word;
    } rows[] = {
        {"NameError: name 'pd' is not defined", "NameError"},
        {"KeyError: ", "KeyError"},
        {"requests.exceptions.SSLError: x", "requests.exceptions.SSLError"},
        {"socket.timeout: timed out", "socket.timeout"},
        {"binascii.error: x", "binascii.error"},
        {"_Private: x", ""},
        {"password: hunter2", ""},
        {"Unhandled exception in function. Could not serialize it: x", ""},
        {"SecretWithoutColon", ""},
        {"Server=db;Password=p: x", ""},
        {"DefaultEndpointsProtocol=https: x", ""},
        {"7Error: x", ""},
        {": x", ""},
        {"NameError:x", ""},
        {"NameError:", ""},
        {"NameError", ""},
        {"A12345678901234567890123456789012345678901234567890123456789Error: too long", ""},
        {"A1234567890123456789012345678901234567890123456789012345678Error: 64 bytes",
         "A1234567890123456789012345678901234567890123456789012345678Error"},
        {"Error59: x", "Error59"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char word[THAW_WIRE_WORD_BYTES + 1] = "";

        size_t length = strlen(rows[i].message);
        char *message = malloc(length ? length : 1); /* exact, so that a read beyond it is seen */

        assert_non_null(message);
        memcpy(message, rows[i].message, length);
        thaw_function_rpc_exception_in_message(message, length, word);
        assert_string_equal(word, rows[i].word);
        free(message);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trigger_words),
        cmocka_unit_test(test_exception_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
