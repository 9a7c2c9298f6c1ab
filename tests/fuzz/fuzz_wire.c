/* SPDX-License-Identifier: Apache-2.0 */
#include "framing_pair.h"

#include "platform/function_rpc.h"
#include "platform/http2.h"
#include "wire_log.h"

/*
 * Bytes of a connection, as hostile as they come. The first byte says how they are read: 0 as
 * pieces of a connection seen from its start, 1 as pieces of one joined in the middle, 2 as one
 * FunctionRpc message (two bytes of missing length, then the bytes at hand). make.py in
 * tests/unit/data/wire explains the pieces. 3 and 4 are as 0 and 1, but the pieces are calls that
 * bpf/framing.h goes over (holes in them are left out, a second byte says how), and what it copies
 * is held against all of their bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONNECTION, JOINED, MESSAGE, CALLS, CALLS_JOINED, KINDS };

/* How calls are gone over. */
enum { SPARING = 1, WHOLE = 2, RING_IS_SHORT = 4, BUFFERS = 8 };

static uint64_t sum; /* of all that was handed over, so that every byte is read */

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void read_text(struct thaw_wire_text text)
{
    require(text.length <= THAW_WIRE_TEXT_BYTES);
    require(text.bytes || !text.length);
    for (uint32_t i = 0; i < text.length; i++)
        sum += (uint8_t)text.bytes[i];
}

static void read_word(const char *word)
{
    require(strlen(word) <= THAW_WIRE_WORD_BYTES);
    for (; *word; word++)
        require(*word > ' ' && *word < 0x7f);
}

static void read_message(const struct thaw_wire_message *message)
{
    require(strlen(message->type) > 0);
    require(message->first_byte_ns <= message->last_byte_ns);
    read_text(message->worker_id);
    read_text(message->request_id);
    read_text(message->function_id);
    read_text(message->invocation_id);
    read_text(message->directory);
    read_word(message->exception_type);
    require(message->status == THAW_WIRE_STATUS_FAILURE || !message->exception_type[0]);
    require(message->function_count <= THAW_WIRE_FUNCTIONS);
    for (size_t i = 0; i < message->function_count; i++) {
        read_text(message->functions[i].name);
        read_text(message->functions[i].function_id);
        read_text(message->functions[i].directory);
        read_text(message->functions[i].script);
        read_word(message->functions[i].trigger);
    }
}

static int consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error)
{
    (void)consumer;
    (void)error;
    require(message->bytes <= INT32_MAX);
    read_message(message);
    return 0;
}

static void read_connection(const uint8_t *log, size_t length, bool from_start)
{
    struct thaw_wire_consumer consumer = {.message = consume};
    struct thaw_wire_stream *stream;
    struct wire_piece piece;
    size_t position = 1;
    uint64_t time_ns = 0;

    if (thaw_wire_open(&thaw_azure_functions, from_start, &consumer, &stream, NULL))
        return;
    while (wire_log_next(log, length, &position, &piece))
        require(wire_log_feed(stream, &piece, ++time_ns) == 0);
    require(thaw_wire_finish(stream, NULL) == 0);
    require(thaw_wire_counters(stream)->chunks <= time_ns);
    thaw_wire_close(stream);
}

static void read_one_message(const uint8_t *bytes, size_t captured, uint64_t length)
{
    struct thaw_wire_message message = {0};
    struct thaw_function_rpc rpc = {0};

    thaw_function_rpc_decode(&rpc, bytes, captured, length, &message);
    read_message(&message);
    sum += thaw_function_rpc_plausible(bytes, (uint32_t)captured, (uint32_t)length);
    thaw_function_rpc_free(&rpc);
}

static uint32_t random_state;

static bool refuses(void *context)
{
    (void)context;
    return wire_random(&random_state, 4) == 0;
}

static void call(struct framing_pair *pair, const struct wire_piece *piece, bool in_buffers)
{
    struct framing_buffer buffers[4];
    size_t count = in_buffers ? 4 : 1, position = 0;
    __u64 before = pair->replay.steps;

    for (size_t i = 0; i < count; i++) {
        size_t left = piece->captured - position;
        size_t length = i + 1 < count ? wire_random(&random_state, (uint32_t)left + 1) : left;

        buffers[i] = (struct framing_buffer){piece->bytes + position, length};
        position += length;
    }
    framing_pair_call(pair, piece->outgoing, buffers, count);
    require(pair->replay.steps - before <= FRAMING_STEPS);
}

/*
 * Nothing is lost but what is counted, and where all bytes give messages without a fault, what is
 * copied gives the same.
 */
static void compare(const struct framing_pair *pair, uint8_t how)
{
    const struct thaw_wire_counters *full = thaw_wire_counters(pair->full.stream);
    const struct thaw_wire_counters *copied = thaw_wire_counters(pair->copied.stream);

    for (int way = 0; way < 2; way++)
        require(pair->told[way] + pair->replay.both.ways[way].untold == pair->moved[way]);
    if (how & RING_IS_SHORT || full->lost_sync || full->malformed || full->evicted ||
        pair->unsure || pair->replay.both.ways[0].crowded || pair->replay.both.ways[1].crowded)
        return;
    require(copied->lost_sync == 0);
    if (!(how & SPARING))
        require(framing_pair_difference(pair) == FRAMING_ROWS);
}

/* As bpf/wire.h asks. */
static bool opens(const struct wire_piece *piece)
{
    return piece->captured >= 15 && !memcmp(piece->bytes, THAW_HTTP2_PREFACE, 15);
}

static void read_calls(const uint8_t *log, size_t length, bool from_start)
{
    uint8_t how = log[1];
    struct framing_pair *pair = framing_pair_open(from_start, !(how & SPARING));
    struct wire_piece piece;
    size_t position = 2;

    random_state = how;
    pair->replay.whole = how & WHOLE;
    pair->replay.refuses = how & RING_IS_SHORT ? refuses : NULL;
    while (wire_log_next(log, length, &position, &piece)) {
        if (piece.outgoing && !pair->moved[1] && !opens(&piece))
            from_start = false; /* it would not be followed from its start */
        if (piece.captured)
            call(pair, &piece, how & BUFFERS);
    }
    require(thaw_wire_finish(pair->full.stream, NULL) == 0);
    require(thaw_wire_finish(pair->copied.stream, NULL) == 0);
    if (from_start)
        compare(pair, how);
    framing_pair_close(pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t kind;

    if (size < 3 || size > 1 << 20)
        return 0;
    kind = data[0] % KINDS;
    if (kind == MESSAGE)
        read_one_message(data + 3, size - 3, size - 3 + (data[1] | (uint64_t)data[2] << 8));
    else if (kind == CALLS || kind == CALLS_JOINED)
        read_calls(data, size, kind == CALLS);
    else
        read_connection(data, size, kind == CONNECTION);
    return 0;
}
