/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/grpc.h"
#include "platform/http2.h"

enum {
    KEPT_FIRST_BYTES = 512,
    KEPT_IDLE_BYTES = 4096,      /* a larger buffer is given back after its message */
    FRAME_DEFAULT_BYTES = 16384, /* RFC 9113, SETTINGS_MAX_FRAME_SIZE */
};

struct thaw_grpc thaw_grpc_reader(thaw_grpc_plausible *plausible)
{
    return (struct thaw_grpc){.state = THAW_GRPC_LOST, .plausible = plausible};
}

void thaw_grpc_begin(struct thaw_grpc *reader)
{
    if (reader->state == THAW_GRPC_LOST && !reader->open)
        reader->state = THAW_GRPC_PREFIX;
}

static uint32_t smaller(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

/* Uses up the next length bytes of the slice, at hand or not; says how many were at hand. */
static uint32_t take(struct thaw_grpc_slice *slice, uint32_t length)
{
    uint32_t at_hand = smaller(length, slice->captured);

    if (at_hand)
        slice->bytes += at_hand;
    slice->captured -= at_hand;
    slice->length -= length;
    slice->frame_start = false;
    return at_hand;
}

static uint32_t prefix_length(const uint8_t *prefix)
{
    return (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 | (uint32_t)prefix[3] << 8 |
           prefix[4];
}

/* A flag byte of 0 or 1; 2 GiB is the most that any implementation can hold. */
static bool prefix_is_valid(const uint8_t *prefix)
{
    return prefix[0] <= 1 && prefix_length(prefix) <= INT32_MAX;
}

static bool grow(struct thaw_grpc *reader, uint32_t wanted)
{
    uint32_t capacity = reader->kept_capacity ? reader->kept_capacity : KEPT_FIRST_BYTES;
    uint8_t *grown;

    if (wanted <= reader->kept_capacity)
        return true;
    while (capacity < wanted)
        capacity *= 2;
    grown = realloc(reader->kept, capacity);
    if (!grown)
        return false;
    reader->kept = grown;
    reader->kept_capacity = capacity;
    return true;
}

/* Keeps the body's next bytes, as long as there is no gap before them and room for them. */
static void keep(struct thaw_grpc *reader, const uint8_t *bytes, uint32_t length)
{
    uint64_t seen = reader->message.length - reader->left;

    if (reader->kept_bytes != seen || reader->message.memory_short)
        return;
    length = smaller(length, THAW_GRPC_KEPT_BYTES - reader->kept_bytes);
    if (!length)
        return;
    if (!grow(reader, reader->kept_bytes + length)) {
        reader->message.memory_short = true;
        return;
    }
    memcpy(reader->kept + reader->kept_bytes, bytes, length);
    reader->kept_bytes += length;
}

static void open_message(struct thaw_grpc *reader)
{
    reader->message.compressed = reader->prefix[0] == 1;
    reader->message.length = prefix_length(reader->prefix);
    reader->left = reader->message.length;
    reader->open = true;
    reader->state = THAW_GRPC_BODY;
}

/* Hands the open message over and makes ready for the next one in the given state. */
static enum thaw_grpc_result close_message(struct thaw_grpc *reader, enum thaw_grpc_state next,
                                           struct thaw_grpc_message *ret_message)
{
    *ret_message = reader->message;
    ret_message->bytes = reader->kept;
    ret_message->captured = reader->kept_bytes;
    reader->open = false;
    reader->state = next;
    reader->have = 0;
    return THAW_GRPC_MESSAGE;
}

/* Forgets the last message, whose bytes the caller has now seen. */
static void start_message(struct thaw_grpc *reader, uint64_t time_ns)
{
    if (reader->kept_capacity > KEPT_IDLE_BYTES) {
        free(reader->kept);
        reader->kept = NULL;
        reader->kept_capacity = 0;
    }
    reader->kept_bytes = 0;
    reader->message = (struct thaw_grpc_message){.first_byte_ns = time_ns, .last_byte_ns = time_ns};
}

static enum thaw_grpc_result lose_in(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                     enum thaw_grpc_result why)
{
    take(slice, slice->length);
    reader->state = THAW_GRPC_LOST;
    reader->have = 0;
    return why;
}

static enum thaw_grpc_result read_prefix(struct thaw_grpc *reader, struct thaw_grpc_slice *slice)
{
    uint32_t wanted = smaller(THAW_GRPC_PREFIX_BYTES - reader->have, slice->captured);

    if (!wanted)
        return lose_in(reader, slice, THAW_GRPC_HOLE);
    if (reader->have == 0)
        start_message(reader, slice->time_ns);
    memcpy(reader->prefix + reader->have, slice->bytes, wanted);
    take(slice, wanted);
    reader->have = (uint8_t)(reader->have + wanted);
    reader->message.last_byte_ns = slice->time_ns;
    if (reader->have < THAW_GRPC_PREFIX_BYTES)
        return slice->length ? lose_in(reader, slice, THAW_GRPC_HOLE) : THAW_GRPC_MORE;
    if (!prefix_is_valid(reader->prefix))
        return lose_in(reader, slice, THAW_GRPC_BROKEN);
    open_message(reader);
    return THAW_GRPC_MORE;
}

static void read_body(struct thaw_grpc *reader, struct thaw_grpc_slice *slice)
{
    uint32_t length = smaller(reader->left, slice->length);

    keep(reader, slice->bytes, smaller(length, slice->captured));
    take(slice, length);
    reader->left -= length;
    reader->message.last_byte_ns = slice->time_ns;
}

/* Takes length bytes off what the open message is still waiting for; the last ones end it. */
static enum thaw_grpc_result count_down(struct thaw_grpc *reader, uint32_t length, uint64_t time_ns,
                                        struct thaw_grpc_message *ret_message)
{
    if (!reader->open || !length)
        return THAW_GRPC_MORE;
    reader->message.last_byte_estimated = true;
    reader->message.last_byte_ns = time_ns;
    reader->left -= smaller(reader->left, length);
    return reader->left ? THAW_GRPC_MORE : close_message(reader, THAW_GRPC_LOST, ret_message);
}

static enum thaw_grpc_result read_lost(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                       struct thaw_grpc_message *ret_message)
{
    uint32_t length = slice->length;

    if (slice->frame_start) {
        reader->state = THAW_GRPC_CANDIDATE;
        reader->head_bytes = 0;
        return THAW_GRPC_MORE;
    }
    take(slice, length);
    return count_down(reader, length, slice->time_ns, ret_message);
}

/* How long the head can get: not beyond the end of its message. */
static uint32_t head_most(const struct thaw_grpc *reader)
{
    if (reader->head_bytes < THAW_GRPC_PREFIX_BYTES)
        return THAW_GRPC_PREFIX_BYTES;
    return smaller((uint64_t)prefix_length(reader->head) + THAW_GRPC_PREFIX_BYTES,
                   THAW_GRPC_HEAD_BYTES);
}

/* Moves the head's next bytes out of the slice. False if there are none to be had. */
static bool gather_head(struct thaw_grpc *reader, struct thaw_grpc_slice *slice)
{
    uint32_t wanted = smaller(head_most(reader) - reader->head_bytes, slice->captured);

    if (!wanted || (slice->frame_start && reader->head_bytes))
        return false;
    if (!reader->head_bytes)
        reader->head_first_ns = slice->time_ns;
    reader->head_last_ns = slice->time_ns;
    memcpy(reader->head + reader->head_bytes, slice->bytes, wanted);
    reader->head_bytes = (uint8_t)(reader->head_bytes + wanted);
    take(slice, wanted);
    return true;
}

static bool head_is_plausible(const struct thaw_grpc *reader)
{
    return reader->head_bytes > THAW_GRPC_PREFIX_BYTES && prefix_is_valid(reader->head) &&
           reader->plausible(reader->head + THAW_GRPC_PREFIX_BYTES,
                             reader->head_bytes - (uint32_t)THAW_GRPC_PREFIX_BYTES,
                             prefix_length(reader->head));
}

/*
 * A prefix may be cut from what follows it (grpc-core sends the flag byte with the frame header,
 * the length and the message as buffers of their own), so the head is gathered before it is judged.
 */
static enum thaw_grpc_result read_candidate(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                            struct thaw_grpc_message *ret_message)
{
    if (!gather_head(reader, slice)) {
        reader->state = THAW_GRPC_LOST;
        if (!reader->head_bytes)
            slice->frame_start = false; /* a hole where the head should be: not to be tried again */
        return count_down(reader, reader->head_bytes, reader->head_last_ns, ret_message);
    }
    if (!head_is_plausible(reader))
        return THAW_GRPC_MORE;
    if (!reader->open) {
        reader->state = THAW_GRPC_FOUND;
        return THAW_GRPC_MORE;
    }
    reader->message.last_byte_estimated = true; /* it has ended before this one */
    return close_message(reader, THAW_GRPC_FOUND, ret_message);
}

/* Opens the message that the head belongs to. */
static void adopt_head(struct thaw_grpc *reader)
{
    uint32_t length = reader->head_bytes - (uint32_t)THAW_GRPC_PREFIX_BYTES;

    start_message(reader, reader->head_first_ns);
    memcpy(reader->prefix, reader->head, THAW_GRPC_PREFIX_BYTES);
    open_message(reader);
    keep(reader, reader->head + THAW_GRPC_PREFIX_BYTES, length);
    reader->left -= length;
    reader->message.last_byte_ns = reader->head_last_ns;
}

/* Is there something to do that needs no further byte? */
static bool needs_no_input(const struct thaw_grpc *reader)
{
    return reader->state == THAW_GRPC_FOUND || (reader->state == THAW_GRPC_BODY && !reader->left);
}

static enum thaw_grpc_result read_state(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                        struct thaw_grpc_message *ret_message)
{
    switch (reader->state) {
    case THAW_GRPC_PREFIX:
        return read_prefix(reader, slice);
    case THAW_GRPC_BODY:
        if (!reader->left)
            return close_message(reader, THAW_GRPC_PREFIX, ret_message);
        read_body(reader, slice);
        break;
    case THAW_GRPC_LOST:
        return read_lost(reader, slice, ret_message);
    case THAW_GRPC_CANDIDATE:
        return read_candidate(reader, slice, ret_message);
    case THAW_GRPC_FOUND:
        adopt_head(reader);
        break;
    }
    return THAW_GRPC_MORE;
}

enum thaw_grpc_result thaw_grpc_next(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                     struct thaw_grpc_message *ret_message)
{
    while (slice->length || needs_no_input(reader)) {
        enum thaw_grpc_result result = read_state(reader, slice, ret_message);

        if (result != THAW_GRPC_MORE)
            return result;
    }
    return THAW_GRPC_MORE;
}

void thaw_grpc_lose(struct thaw_grpc *reader, uint32_t frame_length)
{
    uint32_t size = frame_length ? frame_length : FRAME_DEFAULT_BYTES;

    /* A candidate's few bytes are left uncounted: the end is an estimate anyway. */
    if (reader->state == THAW_GRPC_BODY)
        reader->left += THAW_HTTP2_HEADER_BYTES * ((reader->left + size - 1) / size);
    reader->state = THAW_GRPC_LOST;
    reader->have = 0;
}

bool thaw_grpc_finish(struct thaw_grpc *reader, struct thaw_grpc_message *ret_message)
{
    if (!reader->open)
        return false;
    reader->message.unfinished = true;
    close_message(reader, THAW_GRPC_PREFIX, ret_message);
    return true;
}

void thaw_grpc_free(struct thaw_grpc *reader)
{
    free(reader->kept);
    reader->kept = NULL;
    reader->kept_capacity = 0;
    reader->kept_bytes = 0;
}
