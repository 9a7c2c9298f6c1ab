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

static bool starts_message(const struct thaw_grpc *reader, const struct thaw_grpc_slice *slice)
{
    return slice->frame_start && slice->captured > THAW_GRPC_PREFIX_BYTES &&
           prefix_is_valid(slice->bytes) &&
           reader->plausible(slice->bytes + THAW_GRPC_PREFIX_BYTES,
                             slice->captured - THAW_GRPC_PREFIX_BYTES, prefix_length(slice->bytes));
}

/* Counts the open message down, or finds the start of the next one, which ends it as well. */
static enum thaw_grpc_result read_lost(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                       struct thaw_grpc_message *ret_message)
{
    bool found = starts_message(reader, slice);

    reader->message.last_byte_estimated = true;
    if (found && reader->open)
        return close_message(reader, THAW_GRPC_PREFIX, ret_message);
    if (found) {
        reader->state = THAW_GRPC_PREFIX;
        reader->have = 0;
        return THAW_GRPC_MORE;
    }
    if (reader->open) {
        uint32_t length = smaller(reader->left, slice->length);

        reader->left -= length;
        reader->message.last_byte_ns = slice->time_ns;
        take(slice, slice->length);
        if (reader->left == 0)
            return close_message(reader, THAW_GRPC_LOST, ret_message);
    }
    take(slice, slice->length);
    return THAW_GRPC_MORE;
}

enum thaw_grpc_result thaw_grpc_next(struct thaw_grpc *reader, struct thaw_grpc_slice *slice,
                                     struct thaw_grpc_message *ret_message)
{
    while (slice->length || (reader->state == THAW_GRPC_BODY && !reader->left)) {
        enum thaw_grpc_result result = THAW_GRPC_MORE;

        if (reader->state == THAW_GRPC_PREFIX)
            result = read_prefix(reader, slice);
        else if (reader->state == THAW_GRPC_LOST)
            result = read_lost(reader, slice, ret_message);
        else if (reader->left)
            read_body(reader, slice);
        else
            return close_message(reader, THAW_GRPC_PREFIX, ret_message);
        if (result != THAW_GRPC_MORE)
            return result;
    }
    return THAW_GRPC_MORE;
}

void thaw_grpc_lose(struct thaw_grpc *reader, uint32_t frame_length)
{
    uint32_t size = frame_length ? frame_length : FRAME_DEFAULT_BYTES;

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
