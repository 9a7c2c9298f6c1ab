/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/azure_functions.h"
#include "wire_log.h"

/* Connections made up here, for what no real worker sends. */

/* A StreamingMessage with the given content. */
static struct wire_bytes streaming(uint32_t field, struct wire_bytes *content)
{
    struct wire_bytes message = {0};

    wire_put_nested(&message, field, content);
    return message;
}

static struct wire_bytes start_stream(void)
{
    struct wire_bytes content = {0};

    wire_put_text(&content, 2, "worker-1");
    return streaming(20, &content);
}

/* An InvocationRequest with a body of so many bytes. */
static struct wire_bytes invocation(const char *id, size_t body)
{
    struct wire_bytes content = {0}, binding = {0};

    wire_put_text(&content, 1, id);
    wire_put_text(&content, 2, "function-1");
    wire_put_fill(&binding, 'x', body);
    wire_put_nested(&content, 3, &binding);
    return streaming(4, &content);
}

static void put_message(struct wire_bytes *bytes, struct wire_bytes message, size_t frame_length)
{
    struct wire_bytes data = {0};

    wire_put_grpc(&data, &message);
    wire_put_data(bytes, 1, &data, frame_length);
    wire_free(&data);
    wire_free(&message);
}

/* Opens a connection up to and including the StartStream. */
static void run_hello(struct wire_run *run)
{
    struct wire_bytes bytes = {0};

    wire_run_open(run, true);
    wire_put_opening(&bytes, true, 1);
    put_message(&bytes, start_stream(), 16384);
    wire_run_feed(run, true, bytes.data, bytes.length, bytes.length);
    wire_free(&bytes);
    wire_put_opening(&bytes, false, 1);
    wire_run_feed(run, false, bytes.data, bytes.length, bytes.length);
    wire_free(&bytes);
    assert_int_equal(thaw_wire_verdict(run->stream), THAW_WIRE_VERDICT_YES);
}

/* Feeds bytes in calls of so many bytes, and returns the time of the last one. */
static uint64_t feed_calls(struct wire_run *run, bool outgoing, const struct wire_bytes *bytes,
                           size_t call_length, size_t most)
{
    for (size_t position = 0; position < bytes->length; position += call_length) {
        size_t length = bytes->length - position;

        length = length < call_length ? length : call_length;
        wire_run_feed(run, outgoing, bytes->data + position, length < most ? length : most, length);
    }
    return run->time_ns - 1000;
}

static void test_a_message_of_a_megabyte(void **state)
{
    static const size_t frames[] = {16384, 131072, 1 << 20};

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        for (size_t most = 512; most <= 8192; most *= 2) {
            struct wire_bytes bytes = {0};
            uint64_t first_ns, last_ns;
            struct wire_run run;

            run_hello(&run);
            put_message(&bytes, invocation("large-1", 1 << 20), frames[i]);
            first_ns = run.time_ns;
            last_ns = feed_calls(&run, false, &bytes, 8192, most);
            assert_int_equal(run.collector.counts[0], 1);
            assert_string_equal(run.collector.last.type, "InvocationRequest");
            assert_true(run.collector.last.bytes > 1 << 20);
            assert_true(run.collector.last.truncated);
            assert_false(run.collector.last.unfinished);
            assert_int_equal(run.collector.last.first_byte_ns, first_ns);
            assert_int_equal(run.collector.last.last_byte_ns, last_ns);
            wire_free(&bytes);

            put_message(&bytes, invocation("small-2", 10), 16384);
            feed_calls(&run, false, &bytes, 8192, most);
            assert_int_equal(run.collector.counts[0], 2);
            assert_non_null(strstr(wire_collector_text(&run.collector, false), "small-2"));
            assert_false(run.collector.last.truncated);
            wire_free(&bytes);
            wire_run_close(&run);
        }
    }
}

/* A long message in one call, most of it not copied, and the next one in the same call. */
static void test_a_long_send_in_one_call(void **state)
{
    struct wire_bytes bytes = {0};
    struct wire_run run;

    (void)state;
    run_hello(&run);
    put_message(&bytes, invocation("large-1", 500000), 16384);
    wire_run_feed(&run, true, bytes.data, 4096, bytes.length);
    assert_string_equal(run.collector.last.type, "InvocationRequest");
    assert_true(run.collector.last.last_byte_estimated);
    assert_int_equal(run.collector.last.last_byte_ns, run.time_ns - 1000);
    assert_int_equal(wire_run_counters(&run)->lost_sync, 1);
    assert_int_equal(wire_run_counters(&run)->holes, 1);
    wire_free(&bytes);
    put_message(&bytes, invocation("small-2", 10), 16384);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_non_null(strstr(wire_collector_text(&run.collector, true), "small-2"));
    wire_free(&bytes);
    wire_run_close(&run);
}

static void test_times_are_those_of_the_calls(void **state)
{
    struct wire_bytes bytes = {0}, start = {0};
    struct thaw_wire_chunk chunk = {.outgoing = true};
    struct wire_run run;

    (void)state;
    wire_run_open(&run, true);
    wire_put_opening(&start, true, 1);
    wire_run_feed(&run, true, start.data, start.length, start.length);
    put_message(&bytes, start_stream(), 16384);
    for (size_t i = 0; i < bytes.length; i++) { /* a byte a call, times of the calls apart */
        chunk.enter_ns = 10000 + 10 * i;
        chunk.exit_ns = 10005 + 10 * i;
        chunk.bytes = bytes.data + i;
        chunk.captured = chunk.length = 1;
        assert_int_equal(thaw_wire_feed(run.stream, &chunk, NULL), 0);
    }
    assert_int_equal(run.collector.last.first_byte_ns, 10000 + 10 * 9);
    assert_int_equal(run.collector.last.last_byte_ns, 10000 + 10 * (bytes.length - 1));

    wire_free(&start);
    wire_put_opening(&start, false, 1);
    wire_run_feed(&run, false, start.data, start.length, start.length);
    chunk = (struct thaw_wire_chunk){.enter_ns = 50000,
                                     .exit_ns = 60000,
                                     .bytes = bytes.data,
                                     .captured = (uint32_t)bytes.length,
                                     .length = (uint32_t)bytes.length};
    assert_int_equal(thaw_wire_feed(run.stream, &chunk, NULL), 0);
    assert_false(run.collector.last.outgoing);
    assert_int_equal(run.collector.last.first_byte_ns, 60000);
    assert_int_equal(run.collector.last.last_byte_ns, 60000);
    wire_free(&bytes);
    wire_free(&start);
    wire_run_close(&run);
}

static void test_several_streams_at_once(void **state)
{
    enum { STREAMS = 5 };
    struct wire_bytes data[STREAMS] = {{0}}, bytes = {0};
    struct wire_run run;
    size_t longest;

    (void)state;
    run_hello(&run);
    for (uint32_t i = 0; i < STREAMS; i++) {
        char id[32];
        struct wire_bytes message;

        snprintf(id, sizeof(id), "interleaved-%u", i);
        message = invocation(id, 100 * i);
        wire_put_grpc(&data[i], &message);
        wire_free(&message);
        wire_put_frame(&bytes, 1, 4, 3 + 2 * i, "headers", 7);
    }
    longest = data[STREAMS - 1].length;
    for (size_t position = 0; position < longest; position += 7)
        for (uint32_t i = 0; i < STREAMS; i++)
            if (position < data[i].length)
                wire_put_frame(&bytes, 0, 0, 3 + 2 * i, data[i].data + position,
                               data[i].length - position < 7 ? data[i].length - position : 7);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_int_equal(run.collector.counts[1], 1 + STREAMS);
    for (uint32_t i = 0; i < STREAMS; i++) {
        char id[32];

        snprintf(id, sizeof(id), "=interleaved-%u\n", i);
        assert_non_null(strstr(wire_collector_text(&run.collector, true), id));
        wire_free(&data[i]);
    }
    wire_free(&bytes);
    wire_run_close(&run);
}

/* A message whose rest never comes, for each way in which that can happen. */
static void test_unfinished_messages(void **state)
{
    (void)state;
    for (int ending = 0; ending < 3; ending++) {
        struct wire_bytes whole = {0}, end = {0};
        struct wire_run run;

        run_hello(&run);
        put_message(&whole, invocation("cut-off", 3000), 1000);
        wire_run_feed(&run, false, whole.data, 1500, 1500);
        assert_int_equal(run.collector.counts[0], 0);
        if (ending == 0)
            assert_int_equal(thaw_wire_finish(run.stream, NULL), 0);
        else if (ending == 1)
            wire_put_frame(&end, 3, 0, 1, "\0\0\0\10", 4); /* RST_STREAM, from the other side */
        else
            wire_put_frame(&end, 1, 5, 1, "trailers", 8);
        wire_run_feed(&run, true, end.data, end.length, end.length);
        assert_int_equal(run.collector.counts[0], 1);
        assert_true(run.collector.last.unfinished);
        assert_true(run.collector.last.truncated);
        assert_non_null(strstr(wire_collector_text(&run.collector, false), "=cut-off"));
        assert_int_equal(wire_run_counters(&run)->unfinished, 1);
        wire_free(&whole);
        wire_free(&end);
        wire_run_close(&run);
    }
}

static void test_hostile_lengths(void **state)
{
    struct wire_bytes bytes = {0}, message = invocation("two-gigabytes", 200000);
    struct wire_run run;

    (void)state;
    run_hello(&run);
    wire_put_grpc(&bytes, &message);
    memcpy(bytes.data, "\0\x7f\xff\xff\xff", 5);
    wire_free(&message);
    message = bytes;
    bytes = (struct wire_bytes){0};
    wire_put_data(&bytes, 1, &message, 16384);
    wire_run_feed(&run, false, bytes.data, bytes.length, bytes.length);
    assert_int_equal(thaw_wire_finish(run.stream, NULL), 0);
    assert_int_equal(run.collector.last.bytes, INT32_MAX);
    assert_true(run.collector.last.unfinished);
    wire_run_close(&run);

    run_hello(&run); /* more than any implementation takes */
    bytes.data[9 + 1] = 0x80;
    wire_run_feed(&run, false, bytes.data, bytes.length, bytes.length);
    assert_int_equal(run.collector.counts[0], 0);
    assert_int_equal(wire_run_counters(&run)->malformed, 1);
    assert_int_equal(wire_run_counters(&run)->lost_sync, 1);
    wire_run_close(&run);
    wire_free(&bytes);
    wire_free(&message);
}

static void test_a_flood_of_streams(void **state)
{
    enum { STREAMS = 3000 };
    struct wire_run run;

    (void)state;
    run_hello(&run);
    for (uint32_t i = 0; i < STREAMS; i++) {
        struct wire_bytes bytes = {0}, data = {0};

        wire_put_frame(&bytes, 1, 4, 3 + 2 * i, "headers", 7);
        wire_put(&data, "\0\1\0\0\0", 5); /* 16 MiB announced */
        wire_put_fill(&data, 'x', 8000);
        wire_put_data(&bytes, 3 + 2 * i, &data, 16384);
        wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
        wire_free(&bytes);
        wire_free(&data);
    }
    assert_int_equal(wire_run_counters(&run)->evicted, STREAMS - 15);
    wire_run_close(&run);
}

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

/* Of the calls in the way the one idle longest goes; one used again and again stays. */
static void test_the_idle_call_makes_room(void **state)
{
    struct wire_bytes bytes = {0}, message = invocation("kept", 100), data = {0};
    struct wire_run run;

    (void)state;
    run_hello(&run);
    wire_put_grpc(&data, &message);
    for (size_t i = 0; i < data.length; i++) { /* a byte of ours for each stream opened */
        wire_put_frame(&bytes, 0, 0, 1, data.data + i, 1);
        wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
        bytes.length = 0;
        wire_put_frame(&bytes, 1, 4, (uint32_t)(3 + 2 * i), "headers", 7);
        wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
        bytes.length = 0;
    }
    assert_int_equal(wire_run_counters(&run)->evicted, data.length - 15);
    assert_non_null(strstr(wire_collector_text(&run.collector, true), "=kept"));
    wire_run_close(&run);
    wire_free(&bytes);
    wire_free(&message);
    wire_free(&data);
}

static void test_broken_messages(void **state)
{
    struct wire_bytes bytes = {0}, message = {0};
    struct wire_run run;

    (void)state;
    run_hello(&run);
    wire_put_text(&message, 1, "a request id and nothing else");
    put_message(&bytes, message, 16384);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_int_equal(wire_run_counters(&run)->malformed, 1);
    assert_int_equal(run.collector.counts[1], 1); /* the StartStream */
    wire_run_close(&run);
    wire_free(&bytes);
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
    struct wire_bytes bytes = {0}, message = start_stream(), data = {0};
    struct wire_run run;

    (void)state;
    wire_put_grpc(&data, &message);
    data.data[0] = 1;
    wire_put_opening(&bytes, true, 1); /* no worker begins like this */
    wire_put_data(&bytes, 1, &data, 16384);
    assert_int_equal(verdict_on(bytes.data, bytes.length), THAW_WIRE_VERDICT_NO);
    wire_free(&bytes);

    run_hello(&run);
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
    put_message(&bytes, start_stream(), 16384);
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
        cmocka_unit_test(test_a_message_of_a_megabyte),
        cmocka_unit_test(test_a_long_send_in_one_call),
        cmocka_unit_test(test_times_are_those_of_the_calls),
        cmocka_unit_test(test_several_streams_at_once),
        cmocka_unit_test(test_unfinished_messages),
        cmocka_unit_test(test_hostile_lengths),
        cmocka_unit_test(test_a_flood_of_streams),
        cmocka_unit_test(test_the_idle_call_makes_room),
        cmocka_unit_test(test_broken_messages),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_a_stranger_joined_in_the_middle),
        cmocka_unit_test(test_compressed_messages),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
