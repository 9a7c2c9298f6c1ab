/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "platform/azure_stream.h"
#include "platform/durable.h"
#include "platform/function_rpc.h"
#include "platform/grpc.h"
#include "platform/http2.h"

enum {
    INCOMING,
    OUTGOING,
    DIRECTIONS,
};

enum {
    DURABLE_ID_BYTES = 64, /* longest id of a durable function; hosts make GUIDs of 36 */
    DURABLE_FUNCTIONS = 1024,
};

/* Bytes after which a connection without a single message of ours is taken for a stranger's. */
static const uint64_t PATIENCE_FROM_START_BYTES = 65536;
static const uint64_t PATIENCE_MIDDLE_BYTES = 4 << 20; /* one may join amid a large message */

/* One HTTP/2 stream: one gRPC call. */
struct call {
    uint32_t stream_id; /* 0: free */
    uint64_t used;      /* the chunk that touched it last */
    struct thaw_grpc readers[DIRECTIONS];
};

struct direction {
    struct thaw_http2 http2;
    uint32_t data_stream_id; /* stream and length of the last DATA frame */
    uint32_t data_frame_length;
};

/* A function that takes part in orchestrations, as this connection was told. */
struct durable_function {
    char id[DURABLE_ID_BYTES + 1];
    bool orchestrator; /* else an activity */
};

struct azure_stream {
    struct thaw_wire_stream base;
    bool complete; /* every byte since the connection's first one has been understood */
    struct direction directions[DIRECTIONS];
    struct call calls[THAW_AZURE_STREAM_CALLS];
    struct thaw_function_rpc rpc;
    struct thaw_durable_text durable_text; /* of the message at hand */
    THAW_ARRAY(struct durable_function) durable;
};

static struct azure_stream *azure_stream(struct thaw_wire_stream *stream)
{
    return (struct azure_stream *)(void *)((char *)stream - offsetof(struct azure_stream, base));
}

struct thaw_wire_stream *thaw_azure_stream_open(bool from_start)
{
    struct azure_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->complete = from_start;
    for (int i = 0; i < DIRECTIONS; i++)
        stream->directions[i].http2 = thaw_http2_reader(from_start);
    return &stream->base;
}

static void free_call(struct call *call)
{
    for (int i = 0; i < DIRECTIONS; i++)
        thaw_grpc_free(&call->readers[i]);
    call->stream_id = 0;
}

void thaw_azure_stream_close(struct thaw_wire_stream *base)
{
    struct azure_stream *stream = azure_stream(base);

    for (int i = 0; i < THAW_AZURE_STREAM_CALLS; i++)
        free_call(&stream->calls[i]);
    thaw_function_rpc_free(&stream->rpc);
    thaw_array_free(&stream->durable);
    free(stream);
}

static struct call *find_call(struct azure_stream *stream, uint32_t stream_id)
{
    for (int i = 0; i < THAW_AZURE_STREAM_CALLS; i++)
        if (stream_id && stream->calls[i].stream_id == stream_id)
            return &stream->calls[i];
    return NULL;
}

static const struct durable_function *find_durable(const struct azure_stream *stream,
                                                   struct thaw_wire_text id)
{
    for (size_t i = 0; i < stream->durable.count; i++) {
        const struct durable_function *function = &stream->durable.items[i];

        if (strlen(function->id) == id.length && !memcmp(function->id, id.bytes, id.length))
            return function;
    }
    return NULL;
}

/* An id that is too long, or one function too many: its messages are then as any other's. */
static bool note_durable(struct azure_stream *stream, const struct thaw_wire_function *told)
{
    bool orchestrator = !strcasecmp(told->trigger, "orchestrationTrigger");
    struct thaw_wire_text id = told->function_id;
    struct durable_function *function;

    if ((!orchestrator && strcasecmp(told->trigger, "activityTrigger") != 0) || !id.length ||
        id.length > DURABLE_ID_BYTES || memchr(id.bytes, '\0', id.length) ||
        find_durable(stream, id) || stream->durable.count >= DURABLE_FUNCTIONS)
        return true;
    function = thaw_array_add(&stream->durable);
    if (!function)
        return false;
    memcpy(function->id, id.bytes, id.length);
    function->orchestrator = orchestrator;
    return true;
}

/* Which instance an invocation's request belongs to. */
static void read_durable(struct azure_stream *stream, struct thaw_wire_message *message)
{
    const struct durable_function *function = NULL;
    struct thaw_wire_text parameter = stream->rpc.parameter;

    for (size_t i = 0; i < message->function_count; i++)
        if (!note_durable(stream, &message->functions[i]))
            stream->base.counters.memory_short++;
    if (!strcmp(message->type, "InvocationRequest") && message->function_id.length)
        function = find_durable(stream, message->function_id);
    if (!function)
        return;
    if (!function->orchestrator) {
        message->durable.instance = thaw_durable_instance(stream->rpc.instance);
        return;
    }
    if (!parameter.bytes || thaw_durable_read(&stream->durable_text, parameter.bytes,
                                              parameter.length, &message->durable))
        message->durable.unread = true;
}

static void judge(struct azure_stream *stream, const struct thaw_wire_message *message,
                  const struct thaw_grpc_message *grpc)
{
    if (stream->base.verdict != THAW_WIRE_VERDICT_UNKNOWN)
        return;
    if (!grpc->compressed &&
        thaw_function_rpc_plausible(grpc->bytes, grpc->captured, (uint32_t)grpc->length) &&
        (!stream->complete || !strcmp(message->type, "StartStream")))
        stream->base.verdict = THAW_WIRE_VERDICT_YES;
    else if (stream->complete && (grpc->compressed || !message->truncated))
        stream->base.verdict = THAW_WIRE_VERDICT_NO;
    else
        stream->complete = false;
}

static int hand_over(struct azure_stream *stream, const struct thaw_wire_message *message,
                     struct thaw_error *error)
{
    struct thaw_wire_counters *counters = &stream->base.counters;

    if (stream->base.verdict != THAW_WIRE_VERDICT_YES) {
        counters->undecided++;
        return 0;
    }
    counters->messages++;
    counters->truncated += message->truncated;
    counters->unfinished += message->unfinished;
    return stream->base.consumer->message(stream->base.consumer, message, error);
}

/* Reads the content of a gRPC message and, if it is one of ours, hands it over. */
static int read_message(struct azure_stream *stream, const struct call *call, int way,
                        const struct thaw_grpc_message *grpc, struct thaw_error *error)
{
    struct thaw_wire_message message = {
        .outgoing = way == OUTGOING,
        .stream_id = call->stream_id,
        .unfinished = grpc->unfinished,
        .last_byte_estimated = grpc->last_byte_estimated,
        .first_byte_ns = grpc->first_byte_ns,
        .last_byte_ns = grpc->last_byte_ns,
        .bytes = grpc->length,
    };
    int result = 0;

    if (grpc->compressed) {
        message.type = "compressed";
        message.truncated = true;
    } else {
        result = thaw_function_rpc_decode(&stream->rpc, grpc->bytes, grpc->captured, grpc->length,
                                          &message);
    }
    stream->base.counters.malformed += result == -EBADMSG;
    stream->base.counters.memory_short += result == -ENOMEM || grpc->memory_short;
    read_durable(stream, &message);
    judge(stream, &message, grpc);
    if (result == -EBADMSG && !strcmp(message.type, "unknown"))
        return 0;
    return hand_over(stream, &message, error);
}

/* The call is over: what it left unfinished is handed over, and its place is free. */
static int end_call(struct azure_stream *stream, struct call *call, struct thaw_error *error)
{
    int result = 0;

    for (int way = 0; way < DIRECTIONS && !result; way++) {
        struct thaw_grpc_message grpc;

        if (thaw_grpc_finish(&call->readers[way], &grpc))
            result = read_message(stream, call, way, &grpc, error);
    }
    free_call(call);
    return result;
}

/* The call's place, making one if needed. */
static int place_call(struct azure_stream *stream, uint32_t stream_id, struct call **ret_call,
                      struct thaw_error *error)
{
    struct call *call = find_call(stream, stream_id);
    int result = 0;

    if (!call) {
        call = &stream->calls[0];
        for (int i = 1; i < THAW_AZURE_STREAM_CALLS && call->stream_id; i++)
            if (!stream->calls[i].stream_id || stream->calls[i].used < call->used)
                call = &stream->calls[i];
        if (call->stream_id) {
            stream->base.counters.evicted++;
            result = end_call(stream, call, error);
        }
        call->stream_id = stream_id;
        for (int i = 0; i < DIRECTIONS; i++)
            call->readers[i] = thaw_grpc_reader(thaw_function_rpc_plausible);
    }
    call->used = stream->base.counters.chunks;
    *ret_call = call;
    return result;
}

static int on_open(struct azure_stream *stream, int way, const struct thaw_http2_event *event,
                   struct thaw_error *error)
{
    struct call *call = find_call(stream, event->stream_id);
    int result;

    if (event->end_stream)
        return call ? end_call(stream, call, error) : 0;
    result = place_call(stream, event->stream_id, &call, error);
    thaw_grpc_begin(&call->readers[way]);
    return result;
}

static void lose_sync(struct azure_stream *stream)
{
    stream->base.counters.lost_sync++;
    stream->complete = false;
}

/* Gives one call's reader its bytes (or the knowledge of bytes passed over). */
static int read_slice(struct azure_stream *stream, struct call *call, int way,
                      struct thaw_grpc_slice slice, struct thaw_error *error)
{
    struct thaw_grpc_message message;
    enum thaw_grpc_result found;
    int result = 0;

    while (!result && (found = thaw_grpc_next(&call->readers[way], &slice, &message))) {
        if (found == THAW_GRPC_MESSAGE) {
            result = read_message(stream, call, way, &message, error);
            continue;
        }
        stream->base.counters.malformed += found == THAW_GRPC_BROKEN;
        if (found == THAW_GRPC_BROKEN && stream->complete &&
            stream->base.verdict == THAW_WIRE_VERDICT_UNKNOWN)
            stream->base.verdict = THAW_WIRE_VERDICT_NO;
        lose_sync(stream);
    }
    return result;
}

static int on_data(struct azure_stream *stream, int way, const struct thaw_http2_event *event,
                   uint64_t time_ns, struct thaw_error *error)
{
    struct direction *direction = &stream->directions[way];
    struct thaw_grpc_slice slice = {event->bytes, event->captured, event->length,
                                    event->frame_start, time_ns};
    struct call *call;
    int result = place_call(stream, event->stream_id, &call, error);

    direction->data_stream_id = event->stream_id;
    direction->data_frame_length = event->frame_length;
    if (!result)
        result = read_slice(stream, call, way, slice, error);
    return result;
}

/* Bytes no frame of which is known: most likely the rest of what was being sent last. */
static int on_skipped(struct azure_stream *stream, int way, const struct thaw_http2_event *event,
                      uint64_t time_ns, struct thaw_error *error)
{
    struct call *call = find_call(stream, stream->directions[way].data_stream_id);
    struct thaw_grpc_slice slice = {.length = event->length, .time_ns = time_ns};

    stream->base.counters.skipped_bytes += event->length;
    return call ? read_slice(stream, call, way, slice, error) : 0;
}

static int on_lost(struct azure_stream *stream, int way, const struct thaw_http2_event *event,
                   uint64_t time_ns, struct thaw_error *error)
{
    lose_sync(stream);
    stream->base.counters.malformed += event->malformed;
    for (int i = 0; i < THAW_AZURE_STREAM_CALLS; i++)
        thaw_grpc_lose(&stream->calls[i].readers[way], stream->directions[way].data_frame_length);
    return on_skipped(stream, way, event, time_ns, error);
}

static int on_event(struct azure_stream *stream, int way, const struct thaw_http2_event *event,
                    uint64_t time_ns, struct thaw_error *error)
{
    struct call *call = find_call(stream, event->stream_id);

    switch (event->kind) {
    case THAW_HTTP2_EVENT_OPEN:
        return on_open(stream, way, event, error);
    case THAW_HTTP2_EVENT_DATA:
        return on_data(stream, way, event, time_ns, error);
    case THAW_HTTP2_EVENT_RESET:
        return call ? end_call(stream, call, error) : 0;
    case THAW_HTTP2_EVENT_LOST:
        return on_lost(stream, way, event, time_ns, error);
    case THAW_HTTP2_EVENT_SKIPPED:
        return on_skipped(stream, way, event, time_ns, error);
    case THAW_HTTP2_EVENT_FOREIGN:
        stream->base.verdict = THAW_WIRE_VERDICT_NO;
        break;
    }
    return 0;
}

int thaw_azure_stream_feed(struct thaw_wire_stream *base, const struct thaw_wire_chunk *chunk,
                           struct thaw_error *error)
{
    struct azure_stream *stream = azure_stream(base);
    struct thaw_http2_input input = thaw_http2_input(chunk->bytes, chunk->captured, chunk->length);
    struct thaw_http2_event event;
    uint64_t time_ns = chunk->outgoing ? chunk->enter_ns : chunk->exit_ns;
    int way = chunk->outgoing ? OUTGOING : INCOMING;
    int result = 0;

    while (!result && base->verdict != THAW_WIRE_VERDICT_NO &&
           thaw_http2_next(&stream->directions[way].http2, &input, &event))
        result = on_event(stream, way, &event, time_ns, error);
    if (base->verdict == THAW_WIRE_VERDICT_UNKNOWN &&
        base->counters.bytes >
            (stream->complete ? PATIENCE_FROM_START_BYTES : PATIENCE_MIDDLE_BYTES))
        base->verdict = THAW_WIRE_VERDICT_NO;
    return result;
}

int thaw_azure_stream_finish(struct thaw_wire_stream *base, struct thaw_error *error)
{
    struct azure_stream *stream = azure_stream(base);
    int result = 0;

    for (int i = 0; i < THAW_AZURE_STREAM_CALLS && !result; i++)
        if (stream->calls[i].stream_id)
            result = end_call(stream, &stream->calls[i], error);
    return result;
}
