/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FRAMING_CASES_H
#define TESTS_FRAMING_CASES_H

/* Connections for the tests of bpf/framing.h. To be included like framing_replay.h. */
#include "framing_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire_log.h"

enum { BUFFERS = 12, MEGABYTE = 1 << 20 };

static void assert_same(struct framing_pair *pair)
{
    size_t at = framing_pair_difference(pair);

    if (at < FRAMING_ROWS)
        fail_msg("message %zu of %zu is another; there are %zu (%s, %s)", at, pair->full.count,
                 pair->copied.count, pair->full.rows[at].type, pair->copied.rows[at].type);
    assert_int_equal(thaw_wire_counters(pair->copied.stream)->lost_sync, 0);
    assert_int_equal(pair->unsure, 0);
}

/* Cuts bytes into calls of up to most bytes and up to BUFFERS buffers. */
static void feed_at_random(struct framing_pair *pair, bool outgoing, const struct wire_bytes *bytes,
                           uint32_t most, uint32_t *random)
{
    struct framing_buffer buffers[BUFFERS];
    size_t position = 0;

    while (position < bytes->length) {
        size_t count = 1 + wire_random(random, BUFFERS), call = 0;

        for (size_t i = 0; i < count; i++) {
            size_t length = wire_random(random, 1 + most / (uint32_t)count);

            if (length > bytes->length - position)
                length = bytes->length - position;
            buffers[i] = (struct framing_buffer){bytes->data + position, length};
            position += length;
            call += length;
        }
        if (call)
            framing_pair_call(pair, outgoing, buffers, count);
    }
}

/* A body that reads as frames, prefixes and messages, were one to look into it. */
static struct wire_bytes hostile_invocation(const char *id, size_t body)
{
    struct wire_bytes content = {0}, binding = {0}, message = {0};

    wire_put_text(&content, 1, id);
    wire_put_text(&content, 2, "function-1");
    while (binding.length < body) {
        struct wire_bytes bait = wire_invocation("never-sent", 40);

        wire_put_message(&binding, bait, 16384);
    }
    wire_put_nested(&content, 3, &binding);
    wire_put_nested(&message, 4, &content);
    return message;
}

static struct framing_pair *hello(bool generous)
{
    struct framing_pair *pair = framing_pair_open(true, generous);

    for (int way = 1; way >= 0; way--) {
        struct wire_bytes bytes = {0};

        wire_put_opening(&bytes, way, 1);
        if (way)
            wire_put_message(&bytes, wire_start_stream(), 16384);
        framing_pair_bytes(pair, way, bytes.data, bytes.length);
        wire_free(&bytes);
    }
    return pair;
}

#endif
