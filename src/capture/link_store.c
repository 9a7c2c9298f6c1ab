/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "capture/link_parts.h"
#include "platform/trace_parent.h"

static const char *text(struct thaw_arena *arena, struct thaw_wire_text from)
{
    return thaw_arena_text(arena, from.bytes, from.length);
}

static int store(struct thaw_link_connection *connection, struct thaw_event *event,
                 struct thaw_error *error)
{
    event->pid = connection->pid;
    event->tid = connection->tid;
    return thaw_recording_writer_append(connection->link->writer, event, error);
}

/* The first message makes the connection the platform's: now its connect is worth telling. */
static int store_connect(struct thaw_link_connection *connection, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_CONNECT};

    connection->id = ++connection->link->next_id;
    if (!connection->connect.header.time_ns)
        return 0;
    event.time_ns = connection->connect.header.time_ns;
    event.connect.port = connection->connect.port;
    event.connect.result = connection->connect.result;
    event.connect.connection = connection->id;
    return store(connection, &event, error);
}

static void fill_durable(struct thaw_link *link, const struct thaw_wire_durable *durable,
                         struct thaw_message *stored)
{
    link->unread_durable += durable->unread;
    stored->instance = thaw_instances_number(&link->instances, durable->instance);
    stored->replaying = durable->replaying;
    stored->history = durable->events;
    stored->scheduled = durable->scheduled;
    stored->completed = durable->completed;
}

static const char *trace_parent(struct thaw_arena *arena, const struct thaw_wire_message *message)
{
    struct thaw_wire_text text = message->trace_parent;

    if (!text.bytes || !thaw_trace_parent_is(text.bytes, text.length))
        return "";
    return thaw_arena_text(arena, text.bytes, THAW_TRACE_PARENT_BYTES);
}

static int store_message(struct thaw_link_connection *connection,
                         const struct thaw_wire_message *message, struct thaw_arena *arena,
                         struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_MESSAGE, .time_ns = message->first_byte_ns};
    struct thaw_message *stored = &event.message;

    stored->type = message->type;
    stored->outgoing = message->outgoing;
    stored->last_ns = message->last_byte_ns;
    stored->bytes = message->bytes;
    stored->connection = connection->id;
    stored->worker_id = text(arena, message->worker_id);
    stored->request_id = text(arena, message->request_id);
    stored->function_id = text(arena, message->function_id);
    stored->invocation_id = text(arena, message->invocation_id);
    stored->directory = text(arena, message->directory);
    stored->status = thaw_wire_status_name(message->status);
    stored->failure = message->exception_type;
    stored->trace_parent = trace_parent(arena, message);
    stored->truncated = message->truncated || message->unfinished;
    fill_durable(connection->link, &message->durable, stored);
    if (!stored->worker_id || !stored->request_id || !stored->function_id ||
        !stored->invocation_id || !stored->directory || !stored->trace_parent)
        return thaw_error_memory(error);
    return store(connection, &event, error);
}

static int store_function(struct thaw_link_connection *connection,
                          const struct thaw_wire_message *message,
                          const struct thaw_wire_function *function, struct thaw_arena *arena,
                          struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_FUNCTION, .time_ns = message->last_byte_ns};

    event.function.function_id = text(arena, function->function_id);
    event.function.name = text(arena, function->name);
    event.function.trigger = function->trigger;
    event.function.directory = text(arena, function->directory);
    event.function.script = text(arena, function->script);
    if (!event.function.function_id || !event.function.name || !event.function.directory ||
        !event.function.script)
        return thaw_error_memory(error);
    return store(connection, &event, error);
}

/* Some platforms' first requests have what is needed anywhere. */
static void follow_first(struct thaw_link_connection *connection,
                         const struct thaw_wire_message *message)
{
    const struct thaw_platform *platform = connection->stream->platform;
    const struct thaw_link_control *control = &connection->link->control;
    enum thaw_wire_meaning meaning = thaw_platform_meaning(platform, message->type);

    if (!platform->tells_trace || connection->whole || !connection->from_start)
        return;
    if (meaning == THAW_WIRE_MEANING_HELLO && !connection->first_whole && !connection->asked) {
        connection->first_whole = true;
        control->copy_whole(control->context, connection->socket);
    } else if (meaning == THAW_WIRE_MEANING_INVOCATION_BEGIN && connection->first_whole) {
        connection->first_whole = false;
        connection->asked = true;
        control->copy_begins(control->context, connection->socket);
    }
}

/* Some functions' messages have what is needed anywhere. */
static void look_for_whole(struct thaw_link_connection *connection,
                           const struct thaw_wire_function *function)
{
    const struct thaw_link_control *control = &connection->link->control;
    const char *trigger = connection->stream->platform->whole_trigger;

    if (connection->whole || !trigger || strcmp(function->trigger, trigger) != 0)
        return;
    connection->whole = true;
    control->copy_whole(control->context, connection->socket);
}

int thaw_link_consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                      struct thaw_error *error)
{
    struct thaw_link_connection *connection = (struct thaw_link_connection *)consumer;
    const struct thaw_platform *platform = connection->stream->platform;
    struct thaw_arena arena = {0};
    int code = 0;

    connection->messages++;
    if (!connection->id)
        code = store_connect(connection, error);
    if (!code)
        code = store_message(connection, message, &arena, error);
    follow_first(connection, message);
    for (size_t i = 0; !code && i < message->function_count; i++) {
        look_for_whole(connection, &message->functions[i]);
        code = store_function(connection, message, &message->functions[i], &arena, error);
    }
    if (message->outgoing && !message->unfinished && connection->from_start &&
        thaw_platform_meaning(platform, message->type) == THAW_WIRE_MEANING_INVOCATION_END)
        connection->link->answered = true;
    thaw_arena_free(&arena);
    return code;
}
