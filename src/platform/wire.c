/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "platform/platform.h"
#include "platform/wire.h"

int thaw_wire_open(const struct thaw_platform *platform, bool from_start,
                   struct thaw_wire_consumer *consumer, struct thaw_wire_stream **ret_stream,
                   struct thaw_error *error)
{
    struct thaw_wire_stream *stream;

    if (!platform->open)
        return thaw_error_set(error, -ENOTSUP, "%s: this platform's connections are not decoded",
                              platform->name);
    stream = platform->open(from_start);
    if (!stream)
        return thaw_error_memory(error);
    stream->platform = platform;
    stream->consumer = consumer;
    *ret_stream = stream;
    return 0;
}

int thaw_wire_feed(struct thaw_wire_stream *stream, const struct thaw_wire_chunk *chunk,
                   struct thaw_error *error)
{
    if (chunk->captured > chunk->length)
        return thaw_error_set(error, -EINVAL, "%s: %u bytes copied of a call that moved %u",
                              stream->platform->name, chunk->captured, chunk->length);
    if (stream->verdict == THAW_WIRE_VERDICT_NO)
        return 0;
    stream->counters.chunks++;
    stream->counters.bytes += chunk->length;
    if (chunk->captured < chunk->length)
        stream->counters.holes++;
    return stream->platform->feed(stream, chunk, error);
}

int thaw_wire_finish(struct thaw_wire_stream *stream, struct thaw_error *error)
{
    return stream->platform->finish(stream, error);
}

void thaw_wire_close(struct thaw_wire_stream *stream)
{
    if (stream)
        stream->platform->close(stream);
}

enum thaw_wire_verdict thaw_wire_verdict(const struct thaw_wire_stream *stream)
{
    return stream->verdict;
}

const struct thaw_wire_counters *thaw_wire_counters(const struct thaw_wire_stream *stream)
{
    return &stream->counters;
}

const char *thaw_wire_status_name(enum thaw_wire_status status)
{
    switch (status) {
    case THAW_WIRE_STATUS_SUCCESS:
        return "success";
    case THAW_WIRE_STATUS_FAILURE:
        return "failure";
    case THAW_WIRE_STATUS_CANCELLED:
        return "cancelled";
    case THAW_WIRE_STATUS_NONE:
        break;
    }
    return "";
}
