/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections whose frames can't be told at first, or not at all, and a ring that is full: what is
 * copied of them (bpf/framing.h) stays bounded, nothing is made up of it, and losses are counted.
 */
#include "framing_cases.h"

/* Joined where a call begins: large messages after the first few are found, too. */
static void test_joined_in_the_middle(void **state)
{
    struct framing_pair *pair = framing_pair_open(false, false);
    struct wire_bytes bytes = {0};

    (void)state;
    for (int i = 0; i < FRAMING_TRUSTED + 1; i++) {
        bytes.length = 0;
        wire_put_message(&bytes, hostile_invocation("small", 100), 16384);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    }
    pair->unsure = 0;
    pair->replay.copied = 0;
    bytes.length = 0;
    wire_put_message(&bytes, hostile_invocation("large", MEGABYTE), 16384);
    wire_put_message(&bytes, hostile_invocation("next", 100), 16384);
    for (size_t at = 0; at < bytes.length; at += 8192)
        framing_pair_bytes(pair, 0, bytes.data + at,
                           bytes.length - at < 8192 ? bytes.length - at : 8192);
    assert_int_equal(pair->copied.ways[0], FRAMING_TRUSTED + 3);
    assert_same(pair);
    assert_true(pair->replay.copied < 4000);
    wire_free(&bytes);
    framing_pair_close(pair);
}

/* Joined within a large message: what is in it is not taken for frames. */
static void test_joined_within_a_message(void **state)
{
    uint32_t random = 21;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct framing_pair *pair = framing_pair_open(false, false);
        struct wire_bytes bytes = {0};
        size_t skipped, rest;

        wire_put_message(&bytes, wire_invocation("large", MEGABYTE / 4), 16384);
        for (size_t i = 0; i < bytes.length; i++) /* what could be prefixes, too */
            bytes.data[i] = bytes.data[i] == 'x' ? 1 : bytes.data[i];
        skipped = round % 2 ? 1 + wire_random(&random, (uint32_t)bytes.length - 1)
                            : (size_t)16393 * (1 + (size_t)round % 10); /* in front of a frame */
        for (size_t at = skipped; at < bytes.length; at += 8192)
            framing_pair_bytes(pair, 0, bytes.data + at,
                               bytes.length - at < 8192 ? bytes.length - at : 8192);
        assert_int_equal(pair->copied.ways[0], 0);
        rest = 3;
        for (size_t i = 0; i < rest; i++) {
            bytes.length = 0;
            wire_put_message(&bytes, wire_invocation("small", 300 + 100 * i), 16384);
            framing_pair_bytes(pair, 0, bytes.data, bytes.length);
        }
        assert_int_equal(pair->copied.ways[0], rest);
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

/* The rest of a message that was joined amid, and then a frame, in buffers of one call. */
static void test_a_frame_in_a_later_buffer(void **state)
{
    struct framing_pair *pair = framing_pair_open(false, false);
    struct wire_bytes rest = {0}, bytes = {0};
    struct framing_buffer buffers[2];

    (void)state;
    wire_put_fill(&rest, 'x', 3000);
    wire_put_message(&bytes, wire_invocation("small", 300), 16384);
    buffers[0] = (struct framing_buffer){rest.data, rest.length};
    buffers[1] = (struct framing_buffer){bytes.data, bytes.length};
    framing_pair_call(pair, 0, buffers, 2);
    assert_int_equal(pair->copied.ways[0], 1);
    wire_free(&rest);
    wire_free(&bytes);
    framing_pair_close(pair);
}

/* Padding, which gRPC has no use for: each frame's begin is copied, and a message may be there. */
static void test_padded_frames(void **state)
{
    struct framing_pair *pair = hello(false);
    struct wire_bytes bytes = {0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct wire_bytes data = {0}, message = wire_invocation("padded", 16000);

        wire_put(&data, "\7", 1);
        wire_put_grpc(&data, &message);
        wire_put(&data, "padding", 7);
        wire_put_frame(&bytes, 0, 8, 1, data.data, data.length);
        wire_free(&data);
        wire_free(&message);
    }
    framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    assert_int_equal(pair->copied.ways[0], 20);
    assert_same(pair);
    wire_free(&bytes);
    framing_pair_close(pair);
}

static void test_garbage(void **state)
{
    uint32_t random = 77;

    (void)state;
    for (int round = 0; round < 50; round++) {
        struct framing_pair *pair = hello(round % 2);
        uint8_t bytes[8192];
        __u64 before = pair->replay.copied;

        for (int i = 0; i < 30; i++) {
            for (size_t j = 0; j < sizeof(bytes); j++)
                bytes[j] = (uint8_t)wire_random(&random, 256);
            framing_pair_bytes(pair, i % 2, bytes, sizeof(bytes));
        }
        assert_true(pair->replay.copied - before <= 30 * sizeof(bytes));
        framing_pair_close(pair);
    }
}

/* 2 GiB announced: what isn't there is not waited for, and what is there is bounded. */
static void test_hostile_lengths(void **state)
{
    static const uint8_t prefixes[][5] = {{0, 0x7f, 0xff, 0xff, 0xff},
                                          {0, 0x80, 0, 0, 0},
                                          {0, 0xff, 0xff, 0xff, 0xff},
                                          {9, 0, 0, 0, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        struct framing_pair *pair = hello(false);
        struct wire_bytes data = {0}, bytes = {0};

        wire_put(&data, prefixes[i], 5);
        wire_put_fill(&data, 'x', 3000000);
        wire_put_data(&bytes, 1, &data, 0xffffff);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
        assert_true(pair->replay.copied < 10000);
        assert_int_equal(pair->unsure, 0);
        assert_int_equal(thaw_wire_counters(pair->copied.stream)->lost_sync, i > 0);
        wire_free(&bytes);
        wire_free(&data);
        framing_pair_close(pair);
    }
}

/* More frames in one call than are gone over: that is told, and the next call is followed again. */
static void test_a_flood_of_frames(void **state)
{
    struct framing_pair *pair = hello(true);
    struct wire_bytes bytes = {0};
    __u64 before;

    (void)state;
    for (int i = 0; i < 100000; i++)
        wire_put_frame(&bytes, 6, 0, 0, "12345678", 8);
    before = pair->replay.steps;
    framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    assert_int_equal(pair->replay.steps - before, FRAMING_STEPS);
    assert_int_equal(pair->unsure, 1);
    for (int i = 0; i < 3; i++) {
        bytes.length = 0;
        wire_put_message(&bytes, wire_invocation("after", 3000), 16384);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
    }
    assert_int_equal(pair->copied.ways[0], 3);
    wire_free(&bytes);
    framing_pair_close(pair);
}

struct full_ring {
    struct framing_pair *pair;
    uint32_t random;
};

static struct full_ring full_ring;

static bool refuses(void *context)
{
    (void)context;
    return wire_random(&full_ring.random, 8) == 0;
}

/* What the ring had no room for is a hole of known length: nothing is made up from what is left. */
static void test_a_full_ring(void **state)
{
    (void)state;
    full_ring.random = 4;
    for (int round = 0; round < 100; round++) {
        struct framing_pair *pair = hello(round % 2);
        struct wire_bytes bytes = {0};
        size_t next = 0;

        for (int i = 0; i < 40; i++)
            wire_put_message(&bytes, wire_invocation("numbered", 10 * (size_t)i), 16384);
        pair->replay.refuses = refuses;
        feed_at_random(pair, 0, &bytes, 3000, &full_ring.random);
        pair->replay.refuses = NULL;
        bytes.length = 0;
        wire_put_message(&bytes, wire_invocation("last", 5000), 16384);
        framing_pair_bytes(pair, 0, bytes.data, bytes.length);
        for (size_t i = 0; i < pair->copied.count; i++) { /* some of those sent, in their order */
            while (next < pair->full.count &&
                   pair->full.rows[next].bytes != pair->copied.rows[i].bytes)
                next++;
            assert_true(next++ < pair->full.count);
        }
        if (pair->copied.count < pair->full.count)
            assert_true(thaw_wire_counters(pair->copied.stream)->lost_sync > 0);
        assert_true(pair->copied.rows[pair->copied.count - 1].bytes > 5000);
        wire_free(&bytes);
        framing_pair_close(pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined_in_the_middle),
        cmocka_unit_test(test_joined_within_a_message),
        cmocka_unit_test(test_a_frame_in_a_later_buffer),
        cmocka_unit_test(test_padded_frames),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_hostile_lengths),
        cmocka_unit_test(test_a_flood_of_frames),
        cmocka_unit_test(test_a_full_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
