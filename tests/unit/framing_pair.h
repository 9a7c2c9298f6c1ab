/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FRAMING_PAIR_H
#define TESTS_FRAMING_PAIR_H

/*
 * One connection decoded twice: from all of its bytes, and from what the kernel would have copied
 * of the same calls. Both must give the same messages. To be included like framing_replay.h.
 */
#include "framing_replay.h"

#include "platform/azure_functions.h"
#include "platform/wire.h"

enum { FRAMING_ROWS = 128 }; /* further messages are counted only */

/* What is known of a message also when most of it was not copied. */
struct framing_row {
    char type[24];
    bool outgoing;
    uint64_t bytes, first_byte_ns, last_byte_ns;
};

/* A decoder that notes its messages. */
struct framing_notes {
    struct thaw_wire_consumer consumer;
    struct thaw_wire_stream *stream;
    size_t count, ways[2];
    struct framing_row rows[FRAMING_ROWS];
};

struct framing_pair {
    struct framing_notes full, copied;
    struct framing_replay replay;
    uint64_t time_ns, unsure;
    uint64_t moved[2], told[2]; /* bytes by direction, by the calls and by the records */
    uint8_t *call;              /* the bytes of one */
    size_t call_most;
};

static int framing_note(struct thaw_wire_consumer *consumer,
                        const struct thaw_wire_message *message, struct thaw_error *error)
{
    struct framing_notes *notes = (struct framing_notes *)(void *)consumer;
    struct framing_row *row = &notes->rows[notes->count % FRAMING_ROWS];

    (void)error;
    *row = (struct framing_row){.outgoing = message->outgoing,
                                .bytes = message->bytes,
                                .first_byte_ns = message->first_byte_ns,
                                .last_byte_ns = message->last_byte_ns};
    strncpy(row->type, message->type, sizeof(row->type) - 1);
    notes->count++;
    notes->ways[message->outgoing]++;
    return 0;
}

static void framing_pair_take(void *context, const struct thaw_kernel_socket_data *record)
{
    struct framing_pair *pair = context;

    pair->unsure += record->unsure;
    pair->told[record->outgoing] += (uint64_t)record->untold + record->length;
    FRAMING_FEED(pair->copied.stream, record);
}

static struct framing_pair *framing_pair_open(bool from_start, bool generous)
{
    struct framing_pair *pair = calloc(1, sizeof(*pair));
    struct framing_notes *both[] = {&pair->full, &pair->copied};

    if (!pair)
        abort();
    for (int i = 0; i < 2; i++) {
        both[i]->consumer.message = framing_note;
        if (thaw_wire_open(&thaw_azure_functions, from_start, &both[i]->consumer, &both[i]->stream,
                           NULL))
            abort();
    }
    framing_replay_open(&pair->replay, from_start, pair, framing_pair_take);
    if (!generous)
        for (int i = 0; i < 2; i++)
            pair->replay.both.ways[i].generous = 0;
    return pair;
}

static void framing_pair_close(struct framing_pair *pair)
{
    thaw_wire_close(pair->full.stream);
    thaw_wire_close(pair->copied.stream);
    free(pair->call);
    free(pair);
}

/* One call of these buffers, not all of them empty. */
static void framing_pair_call(struct framing_pair *pair, bool outgoing,
                              const struct framing_buffer *buffers, size_t count)
{
    struct thaw_wire_chunk chunk = {.outgoing = outgoing};
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += buffers[i].length;
    if (length > pair->call_most) {
        free(pair->call);
        pair->call = malloc(length);
        pair->call_most = length;
        if (!pair->call)
            abort();
    }
    for (size_t i = 0, at = 0; i < count; at += buffers[i++].length)
        if (buffers[i].length)
            memcpy(pair->call + at, buffers[i].base, buffers[i].length);
    pair->time_ns += 10;
    pair->moved[outgoing] += length;
    chunk.enter_ns = outgoing ? pair->time_ns : 0;
    chunk.exit_ns = outgoing ? pair->time_ns + 1 : pair->time_ns;
    chunk.bytes = pair->call;
    chunk.captured = chunk.length = (uint32_t)length;
    if (thaw_wire_feed(pair->full.stream, &chunk, NULL))
        abort();
    framing_replay_call(&pair->replay, outgoing, pair->time_ns, buffers, count);
}

static void framing_pair_bytes(struct framing_pair *pair, bool outgoing, const void *bytes,
                               size_t length)
{
    struct framing_buffer buffer = {bytes, length};

    framing_pair_call(pair, outgoing, &buffer, 1);
}

/* The row at which the two differ; FRAMING_ROWS: nowhere. */
static size_t framing_pair_difference(const struct framing_pair *pair)
{
    size_t i, count = pair->full.count;

    if (count > FRAMING_ROWS)
        count = FRAMING_ROWS;
    for (i = 0; i < count; i++) {
        const struct framing_row *full = &pair->full.rows[i], *copied = &pair->copied.rows[i];

        if (i == pair->copied.count || full->outgoing != copied->outgoing ||
            full->bytes != copied->bytes || full->first_byte_ns != copied->first_byte_ns ||
            full->last_byte_ns != copied->last_byte_ns)
            return i;
        if (strcmp(full->type, copied->type) != 0 && strcmp(copied->type, "unknown") != 0)
            return i;
    }
    return pair->copied.count == pair->full.count ? FRAMING_ROWS : i;
}

#endif
