/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_WIRE_LOG_H
#define THAW_TESTS_WIRE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/wire.h"

/*
 * Byte logs of connections (their form: tests/unit/data/wire/make.py), what came out of them in
 * words, and builders for bytes that no real peer sends.
 */

/* One piece of a log. */
struct wire_piece {
    bool outgoing;
    const uint8_t *bytes;
    uint32_t captured;
    uint32_t length;
};

/* The next piece from *position on; false at the end. A last piece cut short is given as it is. */
static inline bool wire_log_next(const uint8_t *log, size_t length, size_t *position,
                                 struct wire_piece *ret_piece)
{
    const uint8_t *head = log + *position;
    size_t left = length - *position;
    uint32_t hole, captured;

    if (left < 5)
        return false;
    hole = (uint32_t)(head[1] | head[2] << 8) << (head[0] & 2 ? 8 : 0);
    captured = (uint32_t)(head[3] | head[4] << 8);
    if (captured > left - 5)
        captured = (uint32_t)(left - 5);
    *ret_piece = (struct wire_piece){head[0] & 1, head + 5, captured, captured + hole};
    *position += 5 + captured;
    return true;
}

/* Growing bytes; zero it, free it. */
struct wire_bytes {
    uint8_t *data;
    size_t length;
    size_t capacity;
};

void wire_put(struct wire_bytes *bytes, const void *data, size_t length);
void wire_put_fill(struct wire_bytes *bytes, uint8_t value, size_t length);
void wire_put_varint(struct wire_bytes *bytes, uint64_t value);
void wire_put_number(struct wire_bytes *bytes, uint32_t field, uint64_t value);
void wire_put_field(struct wire_bytes *bytes, uint32_t field, const void *data, size_t length);
void wire_put_text(struct wire_bytes *bytes, uint32_t field, const char *text);
void wire_put_nested(struct wire_bytes *bytes, uint32_t field, struct wire_bytes *nested);
void wire_put_grpc(struct wire_bytes *bytes, const struct wire_bytes *message);
void wire_put_frame(struct wire_bytes *bytes, uint8_t type, uint8_t flags, uint32_t stream_id,
                    const void *payload, size_t length);
/* The data as DATA frames of at most frame_length bytes. */
void wire_put_data(struct wire_bytes *bytes, uint32_t stream_id, const struct wire_bytes *data,
                   size_t frame_length);
/* A client's (preface, SETTINGS) or server's (SETTINGS) opening, with HEADERS on the stream. */
void wire_put_opening(struct wire_bytes *bytes, bool client, uint32_t stream_id);
void wire_free(struct wire_bytes *bytes);

/* A file of tests/unit/data/wire; fails the test if it isn't there. */
struct wire_bytes wire_load(const char *name);

/* The bytes one side sent, and where its pieces begin. */
struct wire_side {
    struct wire_bytes bytes;
    size_t *starts;
    size_t count;
};

struct wire_side wire_side_of(const struct wire_bytes *log, bool outgoing);
void wire_side_free(struct wire_side *side);

/* Collects messages in words, each side's on its own: [0] received, [1] sent. */
struct wire_collector {
    struct thaw_wire_consumer consumer;
    FILE *streams[2];
    char *texts[2];
    size_t sizes[2];
    size_t counts[2];
    bool with_times;
    const char *last_type;
    struct thaw_wire_message last; /* texts and lists are gone */
};

void wire_collector_open(struct wire_collector *collector);
/* The words of one side so far; the collector's, good until the next message. */
const char *wire_collector_text(struct wire_collector *collector, bool outgoing);
void wire_collector_close(struct wire_collector *collector);

/* The lines of a .txt file that belong to one side; to be freed. */
char *wire_expected(const char *name, bool outgoing);

/* One connection being decoded; every call has a time 1000 ns after the one before. */
struct wire_run {
    struct wire_collector collector;
    struct thaw_wire_stream *stream;
    uint64_t time_ns;
};

void wire_run_open(struct wire_run *run, bool from_start);
void wire_run_close(struct wire_run *run);
void wire_run_feed(struct wire_run *run, bool outgoing, const uint8_t *bytes, size_t captured,
                   size_t length);
const struct thaw_wire_counters *wire_run_counters(const struct wire_run *run);

/* An encoded StartStream. */
struct wire_bytes wire_start_stream(void);
/* An encoded InvocationRequest with a body of so many bytes. */
struct wire_bytes wire_invocation(const char *id, size_t body);
/* The message as DATA frames on stream 1; frees it. */
void wire_put_message(struct wire_bytes *bytes, struct wire_bytes message, size_t frame_length);
/* Opens a connection, up to and including the StartStream. */
void wire_run_hello(struct wire_run *run);

/* A generator of the same numbers in every run. */
static inline uint32_t wire_random(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(*state >> 8) * below >> 24);
}

/*
 * Feeds a piece that was sent and received at time_ns, in memory of its own, so that a read beyond
 * it is seen by AddressSanitizer. What thaw_wire_feed() returns; 0 when memory is short.
 */
static inline int wire_log_feed(struct thaw_wire_stream *stream, const struct wire_piece *piece,
                                uint64_t time_ns)
{
    uint8_t *copy = malloc(piece->captured ? piece->captured : 1);
    struct thaw_wire_chunk chunk = {
        .enter_ns = time_ns,
        .exit_ns = time_ns + 1,
        .outgoing = piece->outgoing,
        .bytes = copy,
        .captured = piece->captured,
        .length = piece->length,
    };
    int code;

    if (!copy)
        return 0;
    memcpy(copy, piece->bytes, piece->captured);
    code = thaw_wire_feed(stream, &chunk, NULL);
    free(copy);
    return code;
}

#endif
