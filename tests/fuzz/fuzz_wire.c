/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/azure_functions.h"
#include "platform/function_rpc.h"
#include "wire_log.h"

/*
 * Bytes of a connection, as hostile as they come. The first byte says how they are read: 0 as
 * pieces of a connection seen from its start, 1 as pieces of one joined in the middle, anything
 * else as one FunctionRpc message (two bytes of missing length, then the bytes at hand).
 * make.py in tests/unit/data/wire explains the pieces.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE = 2 };

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

/* A piece in memory of its own, so that AddressSanitizer sees a read beyond it. */
static void feed_piece(struct thaw_wire_stream *stream, const struct wire_piece *piece,
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

    if (!copy)
        return;
    memcpy(copy, piece->bytes, piece->captured);
    require(thaw_wire_feed(stream, &chunk, NULL) == 0);
    free(copy);
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
        feed_piece(stream, &piece, ++time_ns);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || size > 1 << 20)
        return 0;
    if (data[0] >= MESSAGE)
        read_one_message(data + 3, size - 3, size - 3 + (data[1] | (uint64_t)data[2] << 8));
    else
        read_connection(data, size, data[0] == 0);
    return 0;
}
