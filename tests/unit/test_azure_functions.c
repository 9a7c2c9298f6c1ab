/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/azure_functions.h"
#include "platform/function_rpc_schema.h"

enum { ARGUMENTS_MOST = 24 };

/* Recognises a process by its arguments, up to a NULL. */
static bool recognise(const char *executable, const char *const *arguments,
                      struct thaw_platform_match *match)
{
    struct thaw_process_view process = {.executable = executable, .arguments = arguments};

    while (process.argument_count < ARGUMENTS_MOST && arguments[process.argument_count])
        process.argument_count++;
    memset(match, 0, sizeof(*match));
    return thaw_azure_functions_recognise(&process, match);
}

static bool has_sign(const struct thaw_platform_match *match, const char *sign)
{
    for (size_t i = 0; i < match->sign_count; i++)
        if (!strcmp(match->signs[i], sign))
            return true;
    return false;
}

/* As host 4.1037 starts a worker, with both spellings of each argument. */
static void test_the_host_s_command_line(void **state)
{
    static const char *const arguments[ARGUMENTS_MOST] = {
        "/usr/bin/python3.11",
        "/srv/workers/python/3.11/LINUX/X64/worker.py",
        "--host",
        "127.0.0.1",
        "--port",
        "40123",
        "--workerId",
        "11111111-2222-4333-8444-555555555555",
        "--requestId",
        "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "--grpcMaxMessageLength",
        "2147483647",
        "--functions-uri",
        "http://127.0.0.1:40123/",
        "--functions-worker-id",
        "11111111-2222-4333-8444-555555555555",
        "--functions-request-id",
        "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "--functions-grpc-max-message-length",
        "2147483647",
    };
    struct thaw_platform_match match;

    (void)state;
    assert_true(recognise("/usr/bin/python3.11", arguments, &match));
    assert_int_equal(match.port, 40123);
    assert_string_equal(match.worker_id, "11111111-2222-4333-8444-555555555555");
    assert_true(has_sign(&match, "--workerId"));
    assert_true(has_sign(&match, "--functions-worker-id"));
    assert_true(has_sign(&match, "--grpcMaxMessageLength"));
    assert_true(has_sign(&match, "--functions-grpc-max-message-length"));
    assert_true(has_sign(&match, "--functions-uri"));
    assert_true(has_sign(&match, "worker.py"));
    assert_true(has_sign(&match, "python executable"));
}

/* After the worker's own exec, an embedder that isn't called python, and NAME=VALUE. */
static void test_other_shapes(void **state)
{
    static const char *const old_names[ARGUMENTS_MOST] = {
        "python",     "-m", "azure_functions_worker", "--host",    "127.0.0.1", "--port", "1",
        "--workerId", "w",  "--grpcMaxMessageLength", "2147483647"};
    static const char *const new_names[ARGUMENTS_MOST] = {"worker",
                                                          "--functions-uri=http://[::1]:65535/",
                                                          "--functions-worker-id=w",
                                                          "--functions-grpc-max-message-length=5"};
    static const char *const twice[ARGUMENTS_MOST] = {"worker",       "--port=1",
                                                      "--port=2",     "--workerId=a",
                                                      "--workerId=b", "--grpcMaxMessageLength=5"};
    struct thaw_platform_match match;

    (void)state;
    assert_true(recognise(NULL, old_names, &match));
    assert_int_equal(match.port, 1);
    assert_true(has_sign(&match, "azure_functions_worker"));
    assert_false(has_sign(&match, "python executable"));
    assert_true(recognise("/opt/worker", new_names, &match));
    assert_int_equal(match.port, 65535);
    assert_string_equal(match.worker_id, "w");
    assert_true(recognise("/opt/worker", twice, &match)); /* the first one counts */
    assert_int_equal(match.port, 1);
    assert_string_equal(match.worker_id, "a");
}

static void test_other_processes(void **state)
{
    static const char *const lines[][ARGUMENTS_MOST] = {
        {"python3", "function_app.py"},
        {"python3", "worker.py", "--port", "80"},
        {"python3", "worker.py", "--workerId", "w", "--port", "80"},
        {"python3", "worker.py", "--grpcMaxMessageLength", "1"},
        {"grep", "--workerId"},
        {"grep", "--workerId", "--grpcMaxMessageLength"}, /* one is the other's value */
        {"python3", "--workerIdentity", "w", "--grpcMaxMessageLengths", "1"},
        {NULL},
    };
    struct thaw_platform_match match;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_false(recognise("/usr/bin/python3", lines[i], &match));
}

static void test_hostile_arguments(void **state)
{
    char long_id[5000];
    const char *arguments[ARGUMENTS_MOST + 1] = {"python", "--grpcMaxMessageLength", "1",
                                                 "--workerId", long_id};
    static const char *const ports[] = {"65536", "99999999999999999999", "-1", "", "80x", "0"};
    static const char *const addresses[] = {"http://[::1", "http://",       "://:x",
                                            "127.0.0.1",   "http://[::1]/", ":"};
    struct thaw_platform_match match;

    (void)state;
    memset(long_id, 'i', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    assert_true(recognise("python", arguments, &match));
    assert_int_equal(strlen(match.worker_id), THAW_PLATFORM_WORKER_ID_BYTES);
    arguments[5] = "--port";
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        arguments[6] = ports[i];
        assert_true(recognise("python", arguments, &match));
        assert_int_equal(match.port, 0);
    }
    arguments[5] = "--functions-uri";
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        arguments[6] = addresses[i];
        recognise("python", arguments, &match);
        assert_int_equal(match.port, 0);
    }
    for (int i = 5; i < ARGUMENTS_MOST; i++) /* more signs than there is room for */
        arguments[i] = "--port=1";
    assert_true(recognise("python", arguments, &match));
    assert_int_equal(match.sign_count, THAW_PLATFORM_SIGNS);
}

static void test_the_table_of_platforms(void **state)
{
    static const char *const arguments[] = {"python", "--workerId", "w", "--grpcMaxMessageLength",
                                            "1"};
    struct thaw_process_view process = {"/usr/bin/python3", arguments, 5};
    struct thaw_platform_match match;
    size_t count;
    const struct thaw_platform *const *all = thaw_platforms_all(&count);

    (void)state;
    assert_true(count >= 1);
    assert_ptr_equal(thaw_platforms_find("azure_functions"), &thaw_azure_functions);
    assert_null(thaw_platforms_find("no such platform"));
    assert_ptr_equal(thaw_platforms_recognise(NULL, &process, &match), &thaw_azure_functions);
    assert_ptr_equal(match.platform, &thaw_azure_functions);
    process.argument_count = 1;
    assert_null(thaw_platforms_recognise(NULL, &process, &match));
    assert_int_equal(match.sign_count, 0);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(thaw_platforms_find(all[i]->name), all[i]);
}

static bool opens(const char *bytes)
{
    return thaw_platform_opens_with(&thaw_azure_functions, (const uint8_t *)bytes, strlen(bytes));
}

static void test_signature(void **state)
{
    (void)state;
    assert_true(opens("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n and more"));
    assert_true(opens("PRI * HT"));
    assert_true(opens(""));
    assert_false(opens("PRI * HTTP/1.1"));
    assert_false(opens("GET / HTTP/1.1"));
}

/* In every platform's table of exchanges stand only messages that its other table knows. */
static void test_exchanges(void **state)
{
    size_t count;
    const struct thaw_platform *const *all = thaw_platforms_all(&count);
    bool is_response;

    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < all[i]->exchange_count; j++) {
            const struct thaw_platform_exchange *exchange = &all[i]->exchanges[j];

            assert_int_not_equal(thaw_platform_meaning(all[i], exchange->request),
                                 THAW_WIRE_MEANING_NONE);
            assert_int_not_equal(thaw_platform_meaning(all[i], exchange->response),
                                 THAW_WIRE_MEANING_NONE);
            assert_ptr_equal(thaw_platform_exchange(all[i], exchange->response, &is_response),
                             exchange);
            assert_true(is_response);
            assert_ptr_equal(thaw_platforms_of_message("", exchange->request), all[i]);
        }
    assert_null(thaw_platform_exchange(&thaw_azure_functions, "StartStream", &is_response));
    assert_null(thaw_platform_exchange(NULL, "WorkerInitRequest", &is_response));
    assert_ptr_equal(thaw_platforms_of_message("azure_functions", "GET /"), &thaw_azure_functions);
    assert_null(thaw_platforms_of_message("", "no such message"));
}

/* Every named message of the protocol has a meaning, and the pairs agree. */
static void test_meanings(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 100; number++) {
        const struct thaw_function_rpc_content *content = thaw_function_rpc_find_content(number);

        if (content &&
            thaw_platform_meaning(&thaw_azure_functions, content->name) == THAW_WIRE_MEANING_NONE)
            fail_msg("%s means nothing", content->name);
    }
    assert_int_equal(thaw_platform_meaning(&thaw_azure_functions, "StartStream"),
                     THAW_WIRE_MEANING_HELLO);
    assert_int_equal(thaw_platform_meaning(&thaw_azure_functions, "FunctionMetadataResponse"),
                     THAW_WIRE_MEANING_INDEX_END);
    assert_int_equal(thaw_platform_meaning(&thaw_azure_functions, "field-99"),
                     THAW_WIRE_MEANING_NONE);
}

static void test_a_platform_without_a_wire(void **state)
{
    static const struct thaw_platform silent = {.name = "silent"};
    struct thaw_wire_stream *stream;
    struct thaw_error error;

    (void)state;
    assert_int_equal(thaw_wire_open(&silent, true, NULL, &stream, &error), -ENOTSUP);
    assert_string_equal(error.message, "silent: this platform's connections are not decoded");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_host_s_command_line),
        cmocka_unit_test(test_other_shapes),
        cmocka_unit_test(test_other_processes),
        cmocka_unit_test(test_hostile_arguments),
        cmocka_unit_test(test_the_table_of_platforms),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_exchanges),
        cmocka_unit_test(test_meanings),
        cmocka_unit_test(test_a_platform_without_a_wire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
