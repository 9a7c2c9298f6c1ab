/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/azure_functions.h"
#include "wire_log.h"

/* Connections of strangers, and what a caller can do wrong. */

static enum thaw_wire_verdict verdict_on(const void *sent, size_t length)
{
    enum thaw_wire_verdict verdict;
    struct wire_run run;

    wire_run_open(&run, true);
    wire_run_feed(&run, true, sent, length, length);
    verdict = thaw_wire_verdict(run.stream);
    assert_int_equal(run.collector.counts[1], 0);
    wire_run_close(&run);
    return verdict;
}

static void test_strangers(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\n",
        "PUT /x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03",
        "PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n",
    };
    struct wire_bytes bytes = {0}, data = {0}, message = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(verdict_on(texts[i], strlen(texts[i])), THAW_WIRE_VERDICT_NO);

    wire_put_opening(&bytes, true, 1);
    assert_int_equal(verdict_on(bytes.data, bytes.length), THAW_WIRE_VERDICT_UNKNOWN);
    wire_put_frame(&bytes, 0, 0, 1, "{\"json\": true}", 14);
    assert_int_equal(verdict_on(bytes.data, bytes.length), THAW_WIRE_VERDICT_NO);
    wire_free(&bytes);

    wire_put_opening(&bytes, true, 1); /* another gRPC service; its fields could be ours */
    wire_put_text(&message, 1, "/registry/a");
    wire_put_text(&message, 2, "/registry/b");
    wire_put_grpc(&data, &message);
    wire_put_data(&bytes, 1, &data, 16384);
    assert_int_equal(verdict_on(bytes.data, bytes.length), THAW_WIRE_VERDICT_NO);
    wire_free(&bytes);
    wire_free(&data);
    wire_free(&message);
}

/* Joined in the middle of something else: given up after a while, and nothing comes of it. */
static void test_a_stranger_joined_in_the_middle(void **state)
{
    uint32_t random = 3;
    uint8_t bytes[4096];
    struct wire_run run;

    (void)state;
    wire_run_open(&run, false);
    for (int i = 0; i < 1200; i++) {
        for (size_t j = 0; j < sizeof(bytes); j++)
            bytes[j] = (uint8_t)wire_random(&random, 256);
        wire_run_feed(&run, i % 2, bytes, sizeof(bytes), sizeof(bytes));
    }
    assert_int_equal(thaw_wire_verdict(run.stream), THAW_WIRE_VERDICT_NO);
    assert_int_equal(wire_run_counters(&run)->messages, 0);
    assert_true(wire_run_counters(&run)->chunks < 1200); /* no longer looked at */
    wire_run_close(&run);
}

static void test_compressed_messages(void **state)
{
    struct wire_bytes bytes = {0}, message = wire_start_stream(), data = {0};
    struct wire_run run;

    (void)state;
    wire_put_grpc(&data, &message);
    data.data[0] = 1;
    wire_put_opening(&bytes, true, 1); /* no worker begins like this */
    wire_put_data(&bytes, 1, &data, 16384);
    assert_int_equal(verdict_on(bytes.data, bytes.length), THAW_WIRE_VERDICT_NO);
    wire_free(&bytes);

    wire_run_hello(&run);
    wire_put_data(&bytes, 1, &data, 16384);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_string_equal(run.collector.last.type, "compressed");
    assert_true(run.collector.last.truncated);
    wire_run_close(&run);
    wire_free(&bytes);
    wire_free(&message);
    wire_free(&data);
}

static int refuse(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                  struct thaw_error *error)
{
    (void)consumer;
    return thaw_error_set(error, -ENOSPC, "no room for a %s", message->type);
}

static void test_errors(void **state)
{
    struct thaw_wire_consumer consumer = {.message = refuse};
    struct thaw_wire_chunk chunk = {.captured = 2, .length = 1, .outgoing = true};
    struct thaw_wire_stream *stream;
    struct wire_bytes bytes = {0};
    struct thaw_error error;

    (void)state;
    assert_int_equal(thaw_wire_open(&thaw_azure_functions, true, &consumer, &stream, &error), 0);
    assert_int_equal(thaw_wire_feed(stream, &chunk, &error), -EINVAL);
    assert_string_equal(error.message, "azure_functions: 2 bytes copied of a call that moved 1");
    wire_put_opening(&bytes, true, 1);
    wire_put_message(&bytes, wire_start_stream(), 16384);
    chunk.bytes = bytes.data;
    chunk.captured = chunk.length = (uint32_t)bytes.length;
    assert_int_equal(thaw_wire_feed(stream, &chunk, &error), -ENOSPC);
    assert_string_equal(error.message, "no room for a StartStream");
    thaw_wire_close(stream);
    thaw_wire_close(NULL);
    wire_free(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_a_stranger_joined_in_the_middle),
        cmocka_unit_test(test_compressed_messages),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
