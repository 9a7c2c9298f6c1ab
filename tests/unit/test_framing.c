/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel copies of connections (bpf/framing.h) gives the same messages as all of their
 * bytes do, at the same times, however they are cut into calls and buffers.
 */
#include "framing_cases.h"

#define TIMEOUT_SECONDS 300

static const char *const logs[] = {"indexed", "large", "missing_module", "placeholder",
                                   "worker_1_1_9"};
enum { LOG_COUNT = sizeof(logs) / sizeof(logs[0]) };

static void sides_of(const char *name, struct wire_side sides[2])
{
    struct wire_bytes log;
    char file[64];

    snprintf(file, sizeof(file), "%s.wire", name);
    log = wire_load(file);
    for (int way = 0; way < 2; way++)
        sides[way] = wire_side_of(&log, way);
    wire_free(&log);
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct wire_side sides[2];
        size_t longest;

        sides_of(logs[i], sides);
        longest = sides[0].bytes.length > sides[1].bytes.length ? sides[0].bytes.length
                                                                : sides[1].bytes.length;
        for (size_t cut = 0; cut <= longest; cut += longest > 20000 ? 499 : 1) {
            struct framing_pair *pair = framing_pair_open(true, cut % 2);

            for (int way = 1; way >= 0; way--) {
                const struct wire_bytes *bytes = &sides[way].bytes;
                size_t first = cut < bytes->length ? cut : bytes->length;

                if (first)
                    framing_pair_bytes(pair, way, bytes->data, first);
                if (bytes->length - first)
                    framing_pair_bytes(pair, way, bytes->data + first, bytes->length - first);
            }
            assert_true(pair->full.count > 1);
            assert_same(pair);
            framing_pair_close(pair);
        }
        wire_side_free(&sides[0]);
        wire_side_free(&sides[1]);
    }
}

static void test_cut_at_random(void **state)
{
    static const uint32_t sizes[] = {2, 9, 40, 300, 5000, 20000, 200000};
    uint32_t random = 3;

    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct wire_side sides[2];

        sides_of(logs[i], sides);
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            for (int round = 0; round < 20; round++) {
                struct framing_pair *pair = framing_pair_open(true, round % 2);

                for (int way = 1; way >= 0; way--)
                    feed_at_random(pair, way, &sides[way].bytes, sizes[j], &random);
                assert_same(pair);
                framing_pair_close(pair);
            }
        }
        wire_side_free(&sides[0]);
        wire_side_free(&sides[1]);
    }
}

/* While there is little, nothing is left out: the facts in the messages are all there. */
static void test_first_messages_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_COUNT; i++) {
        struct framing_pair *pair = framing_pair_open(true, true);
        struct wire_side sides[2];
        __u64 length = 0;

        sides_of(logs[i], sides);
        for (int way = 1; way >= 0; way--) {
            framing_pair_bytes(pair, way, sides[way].bytes.data, sides[way].bytes.length);
            length += sides[way].bytes.length;
        }
        if (length < FRAMING_CALL_BYTES)
            assert_true(pair->replay.copied == length);
        assert_int_equal(thaw_wire_counters(pair->copied.stream)->truncated, 0);
        framing_pair_close(pair);
        wire_side_free(&sides[0]);
        wire_side_free(&sides[1]);
    }
}

/* Received 8 KiB at a time, sent in one call of 8 buffers; what is copied of it is little. */
static void test_a_megabyte_each_way(void **state)
{
    static const size_t frames[] = {100, 16384, 131072, MEGABYTE + 1000};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(frames) / sizeof(frames[0]); i++) {
        struct framing_pair *pair = hello(i % 2);
        size_t frame = frames[i / 2];
        struct wire_bytes bytes = {0};
        struct framing_buffer buffers[8];

        for (int j = 0; j < 3; j++)
            wire_put_message(&bytes, hostile_invocation("large", MEGABYTE), frame);
        wire_put_message(&bytes, hostile_invocation("small", 60), frame);
        for (size_t at = 0; at < bytes.length; at += 8192)
            framing_pair_bytes(pair, 0, bytes.data + at,
                               bytes.length - at < 8192 ? bytes.length - at : 8192);
        if (frame >= 16384) {
            for (size_t j = 0; j < 8; j++)
                buffers[j] = (struct framing_buffer){bytes.data + j * (bytes.length / 8),
                                                     j < 7 ? bytes.length / 8
                                                           : bytes.length - 7 * (bytes.length / 8)};
            framing_pair_call(pair, 1, buffers, 8);
            assert_int_equal(pair->copied.ways[1], 5);
        }
        assert_int_equal(pair->copied.ways[0], 4);
        assert_same(pair);
        if (frame >= 16384)
            assert_true(pair->replay.copied <
                        (i % 2 ? 2 * FRAMING_GENEROUS_BYTES + FRAMING_GENEROUS_HEAD_BYTES : 0) +
                            8 * (FRAMING_HEAD_BYTES + 9 * (MEGABYTE / 16384 + 2)) + 2000);
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

/* Nothing of a message is left out when it is asked for, up to a bound a call. */
static void test_whole_messages(void **state)
{
    struct framing_pair *pair = hello(false);
    struct wire_bytes bytes = {0};
    __u64 before;

    (void)state;
    pair->replay.whole = true;
    wire_put_message(&bytes, hostile_invocation("history", 40000), 16384);
    before = pair->replay.copied;
    framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    assert_int_equal(pair->replay.copied - before, bytes.length);
    assert_int_equal(thaw_wire_counters(pair->copied.stream)->truncated, 0);
    bytes.length = 0;
    wire_put_message(&bytes, hostile_invocation("history", MEGABYTE), 16384);
    before = pair->replay.copied;
    framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    assert_true(pair->replay.copied - before < FRAMING_WHOLE_CALL_BYTES + 70 * 14);
    assert_int_equal(pair->copied.ways[0], 2);
    assert_same(pair);
    wire_free(&bytes);
    framing_pair_close(pair);
}

/* Many messages in one call, more than is copied of one: each one's begin is. */
static void test_every_message_has_its_begin(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct framing_pair *pair = hello(i > 0);
        struct wire_bytes bytes = {0};

        pair->replay.whole = i > 1;
        for (int j = 0; j < 60; j++)
            wire_put_message(&bytes, hostile_invocation("one of many", 40000), 16384);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
        assert_int_equal(pair->copied.ways[0], 60);
        for (size_t j = 0; j < pair->copied.count; j++)
            assert_string_not_equal(pair->copied.rows[j].type, "unknown");
        assert_same(pair);
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

static void test_tiny_frames(void **state)
{
    uint32_t random = 5;

    (void)state;
    for (size_t frame = 1; frame < 40; frame += 1 + frame / 5) {
        struct framing_pair *pair = hello(frame % 2);
        struct wire_bytes bytes = {0};

        for (int j = 0; j < 5; j++)
            wire_put_message(&bytes, hostile_invocation("tiny", (size_t)j * 700), frame);
        feed_at_random(pair, 0, &bytes, 2000, &random);
        assert_int_equal(pair->copied.ways[0], 5);
        assert_same(pair);
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

/* Messages on several streams, the frames of which take turns. */
static void put_in_turns(struct wire_bytes *bytes, uint32_t streams, size_t body, size_t frame)
{
    struct wire_bytes data[12] = {{0}};
    bool left = true;

    for (uint32_t i = 0; i < streams; i++) {
        wire_put_frame(bytes, 1, 4, 3 + 2 * i, "headers", 7);
        for (int j = 0; j < 3; j++) {
            struct wire_bytes message = wire_invocation("in-turns", body + 31 * i);

            wire_put_grpc(&data[i], &message);
            wire_free(&message);
        }
    }
    for (size_t at = 0; left; at += frame) {
        left = false;
        for (uint32_t i = 0; i < streams; i++) {
            if (at >= data[i].length)
                continue;
            left = true;
            wire_put_frame(bytes, 0, 0, 3 + 2 * i, data[i].data + at,
                           data[i].length - at < frame ? data[i].length - at : frame);
        }
    }
    for (uint32_t i = 0; i < streams; i++)
        wire_free(&data[i]);
}

static void test_several_streams(void **state)
{
    uint32_t random = 9;

    (void)state;
    for (uint32_t streams = 1; streams <= FRAMING_MESSAGES; streams++) {
        for (int round = 0; round < 20; round++) {
            struct framing_pair *pair = hello(round % 2);
            struct wire_bytes bytes = {0};

            put_in_turns(&bytes, streams, 1 + wire_random(&random, 40000),
                         1 + wire_random(&random, 20000));
            feed_at_random(pair, 0, &bytes, 16384, &random);
            assert_int_equal(pair->copied.ways[0], 3 * streams);
            assert_same(pair);
            wire_free(&bytes);
            framing_pair_close(pair);
        }
    }
}

/* More at once than there are places: more is copied, and the frames at least are not lost. */
static void test_more_streams_than_places(void **state)
{
    uint32_t random = 9;

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct framing_pair *pair = hello(false);
        struct wire_bytes bytes = {0};

        put_in_turns(&bytes, 9, 20000, 16384);
        feed_at_random(pair, 0, &bytes, 8192, &random);
        assert_int_equal(pair->full.ways[0], 27);
        assert_int_equal(pair->unsure, 0);
        /* A message that begins amid a frame may be missed then, and that is counted. */
        assert_true(pair->copied.ways[0] >= 9);
        if (pair->copied.ways[0] < 27)
            assert_true(thaw_wire_counters(pair->copied.stream)->lost_sync > 0);
        bytes.length = 0;
        wire_put_message(&bytes, wire_invocation("after", 100), 16384);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
        assert_string_equal(pair->copied.rows[(pair->copied.count - 1) % FRAMING_ROWS].type,
                            "InvocationRequest");
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_cut_at_random),
        cmocka_unit_test(test_first_messages_are_whole),
        cmocka_unit_test(test_a_megabyte_each_way),
        cmocka_unit_test(test_whole_messages),
        cmocka_unit_test(test_every_message_has_its_begin),
        cmocka_unit_test(test_tiny_frames),
        cmocka_unit_test(test_several_streams),
        cmocka_unit_test(test_more_streams_than_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
