/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/azure_functions.h"
#include "wire_log.h"

/* Connections made up here, for what no real worker sends. */

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

            wire_run_hello(&run);
            wire_put_message(&bytes, wire_invocation("large-1", 1 << 20), frames[i]);
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

            wire_put_message(&bytes, wire_invocation("small-2", 10), 16384);
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
    wire_run_hello(&run);
    wire_put_message(&bytes, wire_invocation("large-1", 500000), 16384);
    wire_run_feed(&run, true, bytes.data, 4096, bytes.length);
    assert_string_equal(run.collector.last.type, "InvocationRequest");
    assert_true(run.collector.last.last_byte_estimated);
    assert_int_equal(run.collector.last.last_byte_ns, run.time_ns - 1000);
    assert_int_equal(wire_run_counters(&run)->lost_sync, 1);
    assert_int_equal(wire_run_counters(&run)->holes, 1);
    wire_free(&bytes);
    wire_put_message(&bytes, wire_invocation("small-2", 10), 16384);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_non_null(strstr(wire_collector_text(&run.collector, true), "small-2"));
    wire_free(&bytes);
    wire_run_close(&run);
}

/*
 * The buffers of grpc-core's sendmsg, each fed as a piece: frame header and flag byte, length,
 * message. Of a long one only the first buffers were looked at; the next message is found again.
 */
static void test_buffers_of_a_call(void **state)
{
    static const size_t buffers[] = {10, 4, 1000000};
    struct wire_run run;

    (void)state;
    wire_run_hello(&run);
    for (int i = 0; i < 3; i++) {
        struct wire_bytes bytes = {0};
        size_t position = 0;

        wire_put_message(&bytes, wire_invocation(i ? "small" : "large", i ? 60 : 100000), 16384);
        for (size_t j = 0; j < 3 && position < bytes.length; j++) {
            size_t length = bytes.length - position;

            length = length < buffers[j] ? length : buffers[j];
            wire_run_feed(&run, true, bytes.data + position, length < 4096 ? length : 4096, length);
            position += length;
        }
        assert_int_equal(run.collector.counts[1], 2 + i);
        wire_free(&bytes);
    }
    assert_int_equal(wire_run_counters(&run)->lost_sync, 1);
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
    wire_put_message(&bytes, wire_start_stream(), 16384);
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
    wire_run_hello(&run);
    for (uint32_t i = 0; i < STREAMS; i++) {
        char id[32];
        struct wire_bytes message;

        snprintf(id, sizeof(id), "interleaved-%u", i);
        message = wire_invocation(id, 100 * i);
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

        wire_run_hello(&run);
        wire_put_message(&whole, wire_invocation("cut-off", 3000), 1000);
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
    struct wire_bytes bytes = {0}, message = wire_invocation("two-gigabytes", 200000);
    struct wire_run run;

    (void)state;
    wire_run_hello(&run);
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

    wire_run_hello(&run); /* more than any implementation takes */
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
    wire_run_hello(&run);
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

/* Of the calls in the way the one idle longest goes; one used again and again stays. */
static void test_the_idle_call_makes_room(void **state)
{
    struct wire_bytes bytes = {0}, message = wire_invocation("kept", 100), data = {0};
    struct wire_run run;

    (void)state;
    wire_run_hello(&run);
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
    wire_run_hello(&run);
    wire_put_text(&message, 1, "a request id and nothing else");
    wire_put_message(&bytes, message, 16384);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_int_equal(wire_run_counters(&run)->malformed, 1);
    assert_int_equal(run.collector.counts[1], 1); /* the StartStream */
    bytes.length = 0;
    wire_put_frame(&bytes, 6, 0, 0, "a PING of 19 bytes.", 19);
    wire_run_feed(&run, true, bytes.data, bytes.length, bytes.length);
    assert_int_equal(wire_run_counters(&run)->malformed, 2);
    assert_int_equal(wire_run_counters(&run)->lost_sync, 1);
    wire_run_close(&run);
    wire_free(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_of_a_megabyte),
        cmocka_unit_test(test_a_long_send_in_one_call),
        cmocka_unit_test(test_buffers_of_a_call),
        cmocka_unit_test(test_times_are_those_of_the_calls),
        cmocka_unit_test(test_several_streams_at_once),
        cmocka_unit_test(test_unfinished_messages),
        cmocka_unit_test(test_hostile_lengths),
        cmocka_unit_test(test_a_flood_of_streams),
        cmocka_unit_test(test_the_idle_call_makes_room),
        cmocka_unit_test(test_broken_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
