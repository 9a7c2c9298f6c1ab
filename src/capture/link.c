/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/arena.h"
#include "base/array.h"
#include "capture/link.h"
#include "capture/loss.h"
#include "platform/platform.h"

/* Connections remembered at once; a flood of further ones is counted, not followed. */
#define CONNECTIONS_MOST 4096

/* Instances of orchestrations told apart in one session. */
#define INSTANCES_MOST 65536

struct connection {
    struct thaw_wire_consumer consumer; /* of the stream */
    struct thaw_link *link;
    struct thaw_wire_stream *stream; /* NULL: only its connect was seen, or a stranger's */
    uint64_t socket;
    uint64_t id; /* 0 until it is known to be a platform's */
    uint32_t pid;
    uint32_t tid;
    struct thaw_kernel_connect connect; /* header.time_ns 0: not seen */
    bool ignored;
    bool from_start; /* its first answer is the worker's first */
    UT_hash_handle hh;
};

/* A connection that was there before the recording. */
struct expected {
    uint32_t pid;
    uint16_t port;
    const struct thaw_platform *platform;
};

/* An instance of an orchestrator. The id is not stored: only the number goes to the recording. */
struct instance {
    uint64_t number;
    UT_hash_handle hh;
    char id[];
};

struct thaw_link {
    struct thaw_recording_writer *writer;
    thaw_link_ignore ignore;
    void *context;
    struct connection *connections;
    THAW_ARRAY(struct expected) expected;
    uint64_t next_id;
    uint64_t not_followed;
    uint64_t lost_sync;
    uint64_t lost_bytes;
    uint64_t memory_short;
    uint64_t undecided;
    uint64_t unread_durable;
    uint64_t instances_not_followed;
    struct instance *instances;
    bool answered;
};

int thaw_link_open(struct thaw_recording_writer *writer, thaw_link_ignore ignore, void *context,
                   struct thaw_link **ret, struct thaw_error *error)
{
    struct thaw_link *link = calloc(1, sizeof(*link));

    if (!link)
        return thaw_error_memory(error);
    link->writer = writer;
    link->ignore = ignore;
    link->context = context;
    *ret = link;
    return 0;
}

static const char *text(struct thaw_arena *arena, struct thaw_wire_text from)
{
    return thaw_arena_text(arena, from.bytes, from.length);
}

static int store(struct connection *connection, struct thaw_event *event, struct thaw_error *error)
{
    event->pid = connection->pid;
    event->tid = connection->tid;
    return thaw_recording_writer_append(connection->link->writer, event, error);
}

/* The first message makes the connection the platform's: now its connect is worth telling. */
static int store_connect(struct connection *connection, struct thaw_error *error)
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

/* The number of an instance, given when it is new; 0: none, no room (counted) or no memory. */
static uint64_t instance_number(struct thaw_link *link, struct thaw_wire_text id)
{
    struct instance *instance;

    if (!id.length)
        return 0;
    HASH_FIND(hh, link->instances, id.bytes, id.length, instance);
    if (instance)
        return instance->number;
    if (HASH_COUNT(link->instances) >= INSTANCES_MOST) {
        link->instances_not_followed++;
        return 0;
    }
    instance = calloc(1, sizeof(*instance) + id.length);
    if (!instance) {
        link->memory_short++;
        return 0;
    }
    memcpy(instance->id, id.bytes, id.length);
    instance->number = HASH_COUNT(link->instances) + 1;
    HASH_ADD_KEYPTR(hh, link->instances, instance->id, id.length, instance);
    return instance->number;
}

static void fill_durable(struct thaw_link *link, const struct thaw_wire_durable *durable,
                         struct thaw_message *stored)
{
    link->unread_durable += durable->unread;
    stored->instance = instance_number(link, durable->instance);
    stored->replaying = durable->replaying;
    stored->history = durable->events;
    stored->scheduled = durable->scheduled;
    stored->completed = durable->completed;
}

static int store_message(struct connection *connection, const struct thaw_wire_message *message,
                         struct thaw_arena *arena, struct thaw_error *error)
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
    stored->truncated = message->truncated || message->unfinished;
    fill_durable(connection->link, &message->durable, stored);
    if (!stored->worker_id || !stored->request_id || !stored->function_id ||
        !stored->invocation_id || !stored->directory)
        return thaw_error_memory(error);
    return store(connection, &event, error);
}

static int store_function(struct connection *connection, const struct thaw_wire_message *message,
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

static int consume(struct thaw_wire_consumer *consumer, const struct thaw_wire_message *message,
                   struct thaw_error *error)
{
    struct connection *connection = (struct connection *)consumer;
    const struct thaw_platform *platform = connection->stream->platform;
    struct thaw_arena arena = {0};
    int code = 0;

    if (!connection->id)
        code = store_connect(connection, error);
    if (!code)
        code = store_message(connection, message, &arena, error);
    for (size_t i = 0; !code && i < message->function_count; i++)
        code = store_function(connection, message, &message->functions[i], &arena, error);
    if (message->outgoing && !message->unfinished && connection->from_start &&
        thaw_platform_meaning(platform, message->type) == THAW_WIRE_MEANING_INVOCATION_END)
        connection->link->answered = true;
    thaw_arena_free(&arena);
    return code;
}

/* The connection of a socket, made when it is new; NULL: no room (counted) or no memory. */
static struct connection *connection_of(struct thaw_link *link, uint64_t socket)
{
    struct connection *connection;

    HASH_FIND(hh, link->connections, &socket, sizeof(socket), connection);
    if (connection)
        return connection;
    if (HASH_COUNT(link->connections) >= CONNECTIONS_MOST) {
        link->not_followed++;
        return NULL;
    }
    connection = calloc(1, sizeof(*connection));
    if (!connection) {
        link->memory_short++;
        return NULL;
    }
    connection->consumer.message = consume;
    connection->link = link;
    connection->socket = socket;
    HASH_ADD(hh, link->connections, socket, sizeof(connection->socket), connection);
    return connection;
}

/* Takes leave of what the connection was: it ended, or its socket's address is used anew. */
static int connection_end(struct connection *connection, struct thaw_error *error)
{
    struct thaw_link *link = connection->link;
    int code = 0;

    if (connection->stream) {
        const struct thaw_wire_counters *counters = thaw_wire_counters(connection->stream);

        link->undecided += counters->undecided;
        code = thaw_wire_finish(connection->stream, error);
        if (thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_YES) {
            link->lost_sync += counters->lost_sync;
            link->lost_bytes += counters->skipped_bytes;
            link->memory_short += counters->memory_short;
        }
    }
    thaw_wire_close(connection->stream);
    connection->stream = NULL;
    connection->id = 0;
    connection->ignored = false;
    memset(&connection->connect, 0, sizeof(connection->connect));
    return code;
}

int thaw_link_connect(struct thaw_link *link, const struct thaw_kernel_connect *record,
                      struct thaw_error *error)
{
    struct connection *connection = connection_of(link, record->socket);
    int code;

    if (!connection)
        return 0;
    code = connection_end(connection, error);
    connection->connect = *record;
    return code;
}

int thaw_link_expect(struct thaw_link *link, uint32_t pid, uint16_t port,
                     const struct thaw_platform *platform, struct thaw_error *error)
{
    struct expected *expected = thaw_array_add(&link->expected);

    if (!expected)
        return thaw_error_memory(error);
    *expected = (struct expected){.pid = pid, .port = port, .platform = platform};
    return 0;
}

static const struct thaw_platform *expected_platform(const struct thaw_link *link,
                                                     const struct thaw_kernel_socket_data *record)
{
    for (size_t i = 0; i < link->expected.count; i++) {
        if (link->expected.items[i].pid == record->header.tgid &&
            link->expected.items[i].port == record->port)
            return link->expected.items[i].platform;
    }
    return NULL;
}

static const struct thaw_platform *platform_of(const struct thaw_kernel_socket_data *record)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++) {
        if (thaw_platform_opens_with(platforms[i], record->bytes, record->captured))
            return platforms[i];
    }
    return NULL;
}

static void connection_ignore(struct connection *connection)
{
    thaw_wire_close(connection->stream);
    connection->stream = NULL;
    connection->ignored = true;
    connection->link->ignore(connection->link->context, connection->socket);
}

static int connection_begin(struct connection *connection,
                            const struct thaw_kernel_socket_data *record, struct thaw_error *error)
{
    const struct thaw_platform *platform = record->outgoing ? platform_of(record) : NULL;

    connection->from_start = platform != NULL;
    connection->pid = record->header.tgid;
    connection->tid = record->header.tid;
    if (!platform)
        platform = expected_platform(connection->link, record);
    if (!platform) {
        connection_ignore(connection);
        return 0;
    }
    return thaw_wire_open(platform, connection->from_start, &connection->consumer,
                          &connection->stream, error);
}

int thaw_link_data(struct thaw_link *link, const struct thaw_kernel_socket_data *record,
                   struct thaw_error *error)
{
    struct connection *connection = connection_of(link, record->socket);
    struct thaw_wire_chunk chunk = {
        .enter_ns = record->enter_ns,
        .exit_ns = record->header.time_ns,
        .outgoing = record->outgoing,
        .bytes = record->bytes,
        .captured = record->captured < record->length ? record->captured : record->length,
        .length = record->length,
    };
    int code = 0;

    if (!connection || connection->ignored)
        return 0;
    if (!connection->stream)
        code = connection_begin(connection, record, error);
    if (!code && connection->stream)
        code = thaw_wire_feed(connection->stream, &chunk, error);
    if (!code && connection->stream &&
        thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_NO)
        connection_ignore(connection);
    return code;
}

bool thaw_link_answered(const struct thaw_link *link)
{
    return link->answered;
}

int thaw_link_finish(struct thaw_link *link, struct thaw_error *error)
{
    struct connection *connection, *next;
    int code = 0;

    HASH_ITER(hh, link->connections, connection, next)
    {
        if (!code)
            code = connection_end(connection, error);
    }
    if (!code)
        code = thaw_loss_store(
            link->writer, "wire-sync-lost", link->lost_sync,
            "times the framing of the platform's link was lost; messages inside the "
            "gap are missing",
            error);
    if (!code)
        code = thaw_loss_store(link->writer, "wire-undecided", link->undecided,
                               "messages of connections that could not be told to be a platform's",
                               error);
    if (!code)
        code = thaw_loss_store(link->writer, "orchestrator-unread", link->unread_durable,
                               "requests to orchestrators of which not enough was seen to tell "
                               "their instance and its history",
                               error);
    if (!code)
        code = thaw_loss_store(link->writer, "instances-not-followed", link->instances_not_followed,
                               "messages of orchestrations beyond the most that are told apart",
                               error);
    if (!code)
        code = thaw_loss_store(link->writer, "connections-not-followed", link->not_followed,
                               "connections beyond the most that are followed at once", error);
    if (!code)
        code =
            thaw_loss_store(link->writer, "memory-short", link->memory_short,
                            "messages of the platform's link shortened for lack of memory", error);
    return code;
}

void thaw_link_free(struct thaw_link *link)
{
    struct connection *connection, *next;
    struct instance *instance, *next_instance;

    if (!link)
        return;
    HASH_ITER(hh, link->instances, instance, next_instance)
    {
        HASH_DEL(link->instances, instance);
        free(instance);
    }
    HASH_ITER(hh, link->connections, connection, next)
    {
        HASH_DEL(link->connections, connection);
        thaw_wire_close(connection->stream);
        free(connection);
    }
    thaw_array_free(&link->expected);
    free(link);
}
