/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/function_rpc.h"
#include "wire_log.h"

/* A message and what was read out of it. */
struct decoded {
    struct wire_bytes bytes;
    struct thaw_function_rpc rpc;
    struct thaw_wire_message message;
    int result;
};

/* In place: a type without a name lies within. */
static void decode(struct decoded *ret, struct wire_bytes bytes)
{
    *ret = (struct decoded){.bytes = bytes};
    ret->result =
        thaw_function_rpc_decode(&ret->rpc, bytes.data, bytes.length, bytes.length, &ret->message);
}

static void decoded_free(struct decoded *decoded)
{
    thaw_function_rpc_free(&decoded->rpc);
    wire_free(&decoded->bytes);
}

static struct wire_bytes streaming(uint32_t field, struct wire_bytes *content)
{
    struct wire_bytes bytes = {0};

    wire_put_text(&bytes, 1, "request-1");
    wire_put_nested(&bytes, field, content);
    return bytes;
}

static void assert_text(struct thaw_wire_text text, const char *wanted)
{
    if (!wanted) {
        assert_null(text.bytes);
        return;
    }
    assert_int_equal(text.length, strlen(wanted));
    assert_memory_equal(text.bytes, wanted, text.length);
}

/* StreamingMessage.content of the newest descriptor, by hand. */
static void test_every_content_has_its_name(void **state)
{
    static const char *const names[40] = {
        [2] = "RpcLog",
        [4] = "InvocationRequest",
        [5] = "InvocationResponse",
        [6] = "FileChangeEventRequest",
        [7] = "WorkerActionResponse",
        [8] = "FunctionLoadRequest",
        [9] = "FunctionLoadResponse",
        [12] = "WorkerStatusRequest",
        [13] = "WorkerStatusResponse",
        [14] = "WorkerTerminate",
        [15] = "WorkerHeartbeat",
        [16] = "WorkerInitResponse",
        [17] = "WorkerInitRequest",
        [20] = "StartStream",
        [21] = "InvocationCancel",
        [25] = "FunctionEnvironmentReloadRequest",
        [26] = "FunctionEnvironmentReloadResponse",
        [27] = "CloseSharedMemoryResourcesRequest",
        [28] = "CloseSharedMemoryResourcesResponse",
        [29] = "FunctionsMetadataRequest",
        [30] = "FunctionMetadataResponse",
        [31] = "FunctionLoadRequestCollection",
        [32] = "FunctionLoadResponseCollection",
        [33] = "WorkerWarmupRequest",
        [34] = "WorkerWarmupResponse",
    };

    (void)state;
    for (uint32_t number = 2; number < 40; number++) {
        struct wire_bytes content = {0};
        struct decoded decoded;
        char unnamed[16];

        decode(&decoded, streaming(number, &content));
        snprintf(unnamed, sizeof(unnamed), "field-%u", number);
        assert_string_equal(decoded.message.type, names[number] ? names[number] : unnamed);
        assert_int_equal(decoded.result, 0);
        assert_text(decoded.message.request_id, "request-1");
        assert_int_equal(thaw_function_rpc_plausible(decoded.bytes.data,
                                                     (uint32_t)decoded.bytes.length,
                                                     (uint32_t)decoded.bytes.length),
                         names[number] != NULL);
        decoded_free(&decoded);
    }
}

static void test_texts_of_requests(void **state)
{
    static const struct {
        uint32_t content, field;
        size_t member;
    } rows[] = {
        {20, 2, offsetof(struct thaw_wire_message, worker_id)},
        {17, 5, offsetof(struct thaw_wire_message, directory)},
        {25, 2, offsetof(struct thaw_wire_message, directory)},
        {29, 1, offsetof(struct thaw_wire_message, directory)},
        {4, 1, offsetof(struct thaw_wire_message, invocation_id)},
        {4, 2, offsetof(struct thaw_wire_message, function_id)},
        {5, 1, offsetof(struct thaw_wire_message, invocation_id)},
        {21, 2, offsetof(struct thaw_wire_message, invocation_id)},
        {2, 1, offsetof(struct thaw_wire_message, invocation_id)},
        {8, 1, offsetof(struct thaw_wire_message, function_id)},
        {9, 1, offsetof(struct thaw_wire_message, function_id)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_bytes content = {0};
        struct decoded decoded;
        struct thaw_wire_text text;

        wire_put_text(&content, rows[i].field, "the text");
        decode(&decoded, streaming(rows[i].content, &content));
        assert_int_equal(decoded.result, 0);
        memcpy(&text, (char *)&decoded.message + rows[i].member, sizeof(text));
        assert_text(text, "the text");
        decoded_free(&decoded);
    }
}

/* A StatusResult; code < 0: none on the wire. */
static struct wire_bytes status(int code, const char *exception)
{
    struct wire_bytes result = {0}, nested = {0};

    if (exception) {
        wire_put_text(&nested, 2, exception);
        wire_put_nested(&result, 2, &nested);
    }
    if (code >= 0)
        wire_put_number(&result, 4, (uint64_t)code);
    return result;
}

static void test_status_of_every_response(void **state)
{
    static const struct {
        uint32_t content, field;
    } rows[] = {{16, 3}, {26, 3}, {30, 2}, {9, 2}, {5, 3}, {34, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* 0, Failure, is protobuf's default: an encoder leaves it out. */
        static const struct {
            int code;
            enum thaw_wire_status status;
        } codes[] = {{-1, THAW_WIRE_STATUS_FAILURE},
                     {0, THAW_WIRE_STATUS_FAILURE},
                     {1, THAW_WIRE_STATUS_SUCCESS},
                     {2, THAW_WIRE_STATUS_CANCELLED}};

        for (size_t j = 0; j < sizeof(codes) / sizeof(codes[0]); j++) {
            struct wire_bytes content = {0}, nested = status(codes[j].code, "NameError: x");
            struct decoded decoded;

            wire_put_nested(&content, rows[i].field, &nested);
            decode(&decoded, streaming(rows[i].content, &content));
            assert_int_equal(decoded.result, 0);
            assert_int_equal(decoded.message.status, codes[j].status);
            assert_string_equal(decoded.message.exception_type,
                                codes[j].status == THAW_WIRE_STATUS_FAILURE ? "NameError" : "");
            decoded_free(&decoded);
        }
    }
}

static void test_names_of_status(void **state)
{
    (void)state;
    assert_string_equal(thaw_wire_status_name(THAW_WIRE_STATUS_NONE), "");
    assert_string_equal(thaw_wire_status_name(THAW_WIRE_STATUS_SUCCESS), "success");
    assert_string_equal(thaw_wire_status_name(THAW_WIRE_STATUS_FAILURE), "failure");
    assert_string_equal(thaw_wire_status_name(THAW_WIRE_STATUS_CANCELLED), "cancelled");
}

static void test_status_is_unknown_without_one(void **state)
{
    struct wire_bytes content = {0}, nested;
    struct decoded decoded;

    (void)state;
    decode(&decoded, streaming(16, &content));
    assert_int_equal(decoded.message.status, THAW_WIRE_STATUS_NONE);
    decoded_free(&decoded);

    nested = status(9, NULL); /* not in the enumeration */
    wire_put_nested(&content, 3, &nested);
    decode(&decoded, streaming(16, &content));
    assert_int_equal(decoded.result, -EBADMSG);
    assert_int_equal(decoded.message.status, THAW_WIRE_STATUS_NONE);
    assert_string_equal(decoded.message.type, "WorkerInitResponse");
    decoded_free(&decoded);
}

static void put_binding(struct wire_bytes *metadata, const char *name, const char *type)
{
    struct wire_bytes entry = {0}, binding = {0};

    wire_put_text(&entry, 1, name);
    wire_put_text(&binding, 2, type);
    wire_put_nested(&entry, 2, &binding);
    wire_put_nested(metadata, 6, &entry);
}

static struct wire_bytes metadata(const char *name, const char *id, const char *trigger,
                                  const char *raw)
{
    struct wire_bytes bytes = {0};

    wire_put_text(&bytes, 1, "/srv/app");
    wire_put_text(&bytes, 2, "function_app.py");
    wire_put_text(&bytes, 4, name);
    put_binding(&bytes, "$return", "http");
    if (trigger)
        put_binding(&bytes, "req", trigger);
    if (raw)
        wire_put_text(&bytes, 10, raw);
    if (id)
        wire_put_text(&bytes, 13, id);
    return bytes;
}

static void test_functions_of_an_index(void **state)
{
    struct wire_bytes content = {0}, nested;
    struct decoded decoded;
    const struct thaw_wire_function *functions;

    (void)state;
    nested = metadata("hello", "id-1", "httpTrigger", "{\"type\": \"ignoredTrigger\"}");
    wire_put_nested(&content, 1, &nested);
    nested = metadata("chain", "id-2", NULL,
                      "{\"name\": \"c\", \"type\": \"orchestrationTrigger\", \"x\": [1, {}]}");
    wire_put_nested(&content, 1, &nested);
    nested = metadata("odd", "id-3", NULL, "{\"type\": \"no JSON");
    wire_put_nested(&content, 1, &nested);
    nested = status(1, NULL);
    wire_put_nested(&content, 2, &nested);
    wire_put_number(&content, 3, 1);
    decode(&decoded, streaming(30, &content));
    assert_int_equal(decoded.result, 0);
    assert_int_equal(decoded.message.function_count, 3);
    assert_true(decoded.message.default_indexing);
    assert_text(decoded.message.directory, "/srv/app");
    assert_text(decoded.message.function_id, NULL);
    functions = decoded.message.functions;
    assert_text(functions[0].name, "hello");
    assert_text(functions[0].script, "function_app.py");
    assert_text(functions[1].function_id, "id-2");
    assert_string_equal(functions[0].trigger, "httpTrigger");
    assert_string_equal(functions[1].trigger, "orchestrationTrigger");
    assert_string_equal(functions[2].trigger, "");
    decoded_free(&decoded);
}

/* The host's own load request has the id outside the metadata. */
static void test_a_load_request(void **state)
{
    struct wire_bytes content = {0}, nested = metadata("hello", NULL, "timerTrigger", NULL);
    struct decoded decoded;

    (void)state;
    wire_put_text(&content, 1, "id-1");
    wire_put_nested(&content, 2, &nested);
    decode(&decoded, streaming(8, &content));
    assert_int_equal(decoded.message.function_count, 1);
    assert_text(decoded.message.function_id, "id-1");
    assert_text(decoded.message.functions[0].function_id, "id-1");
    assert_text(decoded.message.functions[0].name, "hello");
    assert_text(decoded.message.directory, "/srv/app");
    assert_string_equal(decoded.message.functions[0].trigger, "timerTrigger");
    decoded_free(&decoded);
}

static void test_collections(void **state)
{
    struct wire_bytes content = {0}, request = {0}, nested = metadata("b", NULL, NULL, NULL);
    struct decoded decoded;

    (void)state;
    wire_put_text(&request, 1, "id-a");
    wire_put_nested(&content, 1, &request);
    wire_put_text(&request, 1, "id-b");
    wire_put_nested(&request, 2, &nested);
    wire_put_nested(&content, 1, &request);
    decode(&decoded, streaming(31, &content));
    assert_int_equal(decoded.message.function_count, 2);
    assert_text(decoded.message.functions[0].function_id, "id-a");
    assert_text(decoded.message.functions[1].name, "b");
    decoded_free(&decoded);

    for (int code = -1; code < 2; code++) { /* one failure, and a success after it */
        nested = status(code, "ImportError: y");
        wire_put_text(&request, 1, "id");
        wire_put_nested(&request, 2, &nested);
        wire_put_nested(&content, 1, &request);
    }
    decode(&decoded, streaming(32, &content));
    assert_int_equal(decoded.message.function_count, 0); /* none is described */
    assert_text(decoded.message.function_id, NULL);
    assert_int_equal(decoded.message.status, THAW_WIRE_STATUS_FAILURE);
    assert_string_equal(decoded.message.exception_type, "ImportError");
    decoded_free(&decoded);
}

static void test_more_functions_than_are_listed(void **state)
{
    struct wire_bytes content = {0};
    struct decoded decoded;

    (void)state;
    for (int i = 0; i < THAW_WIRE_FUNCTIONS + 10; i++)
        wire_put_field(&content, 1, "", 0);
    decode(&decoded, streaming(30, &content));
    assert_int_equal(decoded.result, 0);
    assert_int_equal(decoded.message.function_count, THAW_WIRE_FUNCTIONS);
    assert_true(decoded.message.truncated);
    decoded_free(&decoded);
}

/* Whatever is seen of a message, nothing in it is wrong: texts are whole or absent. */
static void test_every_prefix(void **state)
{
    struct wire_bytes content = {0}, nested, bytes;
    struct thaw_function_rpc rpc = {0};
    size_t with_exception;

    (void)state;
    nested = metadata("hello", "id-1", "httpTrigger", "{\"type\": \"httpTrigger\"}");
    wire_put_nested(&content, 1, &nested);
    nested = status(-1, "NameError: name 'secret' is not defined");
    wire_put_nested(&content, 2, &nested);
    bytes = streaming(30, &content);
    with_exception =
        (size_t)((uint8_t *)memmem(bytes.data, bytes.length, "NameError", 9) - bytes.data) -
        2; /* behind the tag and length around it */
    for (size_t cut = 0; cut < bytes.length; cut++) {
        struct thaw_wire_message message = {0};
        uint8_t *copy = malloc(cut ? cut : 1);

        assert_non_null(copy);
        memcpy(copy, bytes.data, cut);
        assert_int_equal(thaw_function_rpc_decode(&rpc, copy, cut, bytes.length, &message), 0);
        assert_true(message.truncated);
        /* Failure is the default, which is not there: the exception before it tells. */
        assert_int_equal(message.status,
                         cut < with_exception ? THAW_WIRE_STATUS_NONE : THAW_WIRE_STATUS_FAILURE);
        assert_true(!strcmp(message.type, "unknown") ||
                    !strcmp(message.type, "FunctionMetadataResponse"));
        assert_text(message.request_id, message.request_id.bytes ? "request-1" : NULL);
        if (message.function_count) {
            assert_text(message.functions[0].name,
                        message.functions[0].name.bytes ? "hello" : NULL);
            assert_true(!message.functions[0].trigger[0] ||
                        !strcmp(message.functions[0].trigger, "httpTrigger"));
        }
        free(copy);
    }
    thaw_function_rpc_free(&rpc);
    wire_free(&bytes);
}

static void test_long_texts_are_cut(void **state)
{
    struct wire_bytes content = {0}, text = {0};
    struct decoded decoded;

    (void)state;
    wire_put_fill(&text, 'w', 5000);
    wire_put_field(&content, 2, text.data, text.length);
    decode(&decoded, streaming(20, &content));
    assert_int_equal(decoded.message.worker_id.length, THAW_WIRE_TEXT_BYTES);
    decoded_free(&decoded);
    wire_free(&text);
}

static void test_broken_messages(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *type;
    } broken[] = {
        {"", 0, "unknown"},
        {"\x0a\1a", 3, "unknown"},                       /* a request id and nothing else */
        {"\xa2\1\0\xa2\1\0", 6, "StartStream"},          /* two contents */
        {"\xa0\1\5", 3, "unknown"},                      /* content that is a number */
        {"\xa2\1\2\x10\5", 5, "StartStream"},            /* worker_id that is a number */
        {"\x82\1\2\x18\1", 5, "WorkerInitResponse"},     /* result that is a number */
        {"\x82\1\3\x1a\1\x22", 6, "WorkerInitResponse"}, /* status without a value */
        {"\xff\xff\xff", 3, "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct wire_bytes bytes = {0};
        struct decoded decoded;

        wire_put(&bytes, broken[i].bytes, broken[i].length);
        decode(&decoded, bytes);
        assert_int_equal(decoded.result, -EBADMSG);
        assert_string_equal(decoded.message.type, broken[i].type);
        decoded_free(&decoded);
    }
}

/* RpcException.type, where a worker fills it in. */
static void test_exception_type_field(void **state)
{
    struct wire_bytes content = {0}, result = {0}, exception = {0};
    struct decoded decoded;

    (void)state;
    wire_put_text(&exception, 2, "the connection string is ...");
    wire_put_text(&exception, 5, "System.TimeoutException");
    wire_put_nested(&result, 2, &exception);
    wire_put_nested(&content, 3, &result);
    decode(&decoded, streaming(5, &content));
    assert_string_equal(decoded.message.exception_type, "System.TimeoutException");
    decoded_free(&decoded);
}

static void test_plausible(void **state)
{
    struct wire_bytes content = {0}, bytes;
    uint32_t length;

    (void)state;
    wire_put_fill(&content, 0, 1000);
    bytes = streaming(4, &content);
    length = (uint32_t)bytes.length;
    assert_true(thaw_function_rpc_plausible(bytes.data, length, length));
    assert_true(thaw_function_rpc_plausible(bytes.data, 20, length));
    assert_false(thaw_function_rpc_plausible(bytes.data, 10, length)); /* id only */
    assert_false(thaw_function_rpc_plausible(bytes.data, length, length + 1));
    assert_false(thaw_function_rpc_plausible(bytes.data, length - 1, length - 1));
    assert_false(thaw_function_rpc_plausible(bytes.data, 0, length));
    wire_free(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_content_has_its_name),
        cmocka_unit_test(test_texts_of_requests),
        cmocka_unit_test(test_status_of_every_response),
        cmocka_unit_test(test_names_of_status),
        cmocka_unit_test(test_status_is_unknown_without_one),
        cmocka_unit_test(test_functions_of_an_index),
        cmocka_unit_test(test_a_load_request),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_more_functions_than_are_listed),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_broken_messages),
        cmocka_unit_test(test_exception_type_field),
        cmocka_unit_test(test_plausible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
