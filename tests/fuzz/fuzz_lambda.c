/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/aws_lambda.h"
#include "wire_log.h"

/*
 * Bytes of a connection between a Lambda runtime and its server, as hostile as they come. The first
 * byte says how they are read: even as pieces of a connection seen from its start, odd as pieces of
 * one joined in the middle. make.py in tests/unit/data/wire explains the pieces.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static int consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error)
{
    (void)consumer;
    (void)error;
    require(thaw_platform_meaning(&thaw_aws_lambda, message->type) != THAW_WIRE_MEANING_NONE);
    require(message->first_byte_ns <= message->last_byte_ns);
    read_text(message->invocation_id);
    read_text(message->function_id);
    require(message->function_count <= 1);
    if (message->function_count)
        read_text(message->functions[0].name);
    require(strlen(message->exception_type) <= THAW_WIRE_WORD_BYTES);
    require(message->status == THAW_WIRE_STATUS_FAILURE || !message->exception_type[0]);
    for (const char *byte = message->exception_type; *byte; byte++)
        require(*byte > ' ' && *byte < 0x7f);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_wire_consumer consumer = {.message = consume};
    struct thaw_wire_stream *stream;
    struct wire_piece piece;
    size_t position = 1;
    uint64_t time_ns = 0;

    if (size < 3 || size > 1 << 20 ||
        thaw_wire_open(&thaw_aws_lambda, data[0] % 2 == 0, &consumer, &stream, NULL))
        return 0;
    while (wire_log_next(data, size, &position, &piece))
        require(wire_log_feed(stream, &piece, time_ns += 2) == 0);
    require(thaw_wire_finish(stream, NULL) == 0);
    require(thaw_wire_counters(stream)->chunks <= time_ns);
    thaw_wire_close(stream);
    return 0;
}
