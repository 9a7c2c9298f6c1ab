/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/arena.h"
#include "base/array.h"
#include "capture/instances.h"
#include "capture/link.h"
#include "capture/loss.h"
#include "platform/platform.h"

/* Connections remembered at once, half as many as the kernel follows: further ones take the place
 * of idle ones. */
#define CONNECTIONS_MOST 4096

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
    bool whole;      /* all of its bytes are asked for */
    uint64_t unsure;
    uint64_t used; /* the link's clock at its last use */
    UT_hash_handle hh;
};

/* A connection that was there before the recording. */
struct expected {
    uint32_t pid;
    uint16_t port;
    const struct thaw_platform *platform;
};

struct thaw_link {
    struct thaw_recording_writer *writer;
    const struct thaw_platform *only; /* the one looked for, NULL any */
    struct thaw_link_control control;
    struct connection *connections;
    THAW_ARRAY(struct expected) expected;
    uint64_t next_id;
    uint64_t clock; /* records taken */
    uint64_t not_followed;
    uint64_t lost_sync;
    uint64_t lost_bytes;
    uint64_t unsure;
    uint64_t memory_short;
    uint64_t undecided;
    uint64_t unread_durable;
    struct thaw_instances instances; /* of orchestrations */
    bool answered;
};

int thaw_link_open(struct thaw_recording_writer *writer, const struct thaw_platform *only,
                   const struct thaw_link_control *control, struct thaw_link **ret,
                   struct thaw_error *error)
{
    struct thaw_link *link = calloc(1, sizeof(*link));

    if (!link)
        return thaw_error_memory(error);
    link->writer = writer;
    link->only = only;
    link->control = *control;
    *ret = link;
    return 0;
}

const struct thaw_platform *thaw_link_only(const struct thaw_link *link)
{
    return link->only;
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

/* Some functions' messages have what is needed anywhere. */
static void look_for_whole(struct connection *connection, const struct thaw_wire_function *function)
{
    const struct thaw_link_control *control = &connection->link->control;
    const char *trigger = connection->stream->platform->whole_trigger;

    if (connection->whole || !trigger || strcmp(function->trigger, trigger) != 0)
        return;
    connection->whole = true;
    control->copy_whole(control->context, connection->socket);
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

/* Takes leave of what the connection was: it ended, or its socket's address is used anew. */
static int connection_end(struct connection *connection, struct thaw_error *error)
{
    struct thaw_link *link = connection->link;
    int code = 0;

    if (connection->stream) {
        const struct thaw_wire_counters *counters = thaw_wire_counters(connection->stream);

        code = thaw_wire_finish(connection->stream, error);
        link->undecided += counters->undecided;
        if (thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_YES) {
            link->lost_sync += counters->lost_sync;
            link->lost_bytes += counters->skipped_bytes;
            link->memory_short += counters->memory_short;
            link->unsure += connection->from_start ? connection->unsure : 0;
        }
    }
    thaw_wire_close(connection->stream);
    connection->stream = NULL;
    connection->id = 0;
    connection->ignored = false;
    connection->whole = false;
    connection->unsure = 0;
    memset(&connection->connect, 0, sizeof(connection->connect));
    return code;
}

static bool is_platforms(const struct connection *connection)
{
    return connection->stream && thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_YES;
}

/*
 * Makes room: the connection that was idle longest is given up, a platform's only when there are no
 * others, and counted unless it was a stranger's.
 */
static int give_up_one(struct thaw_link *link, struct thaw_error *error)
{
    struct connection *idle = link->connections, *connection, *next;
    int code;

    HASH_ITER(hh, link->connections, connection, next)
    {
        if (is_platforms(connection) != is_platforms(idle) ? is_platforms(idle)
                                                           : connection->used < idle->used)
            idle = connection;
    }
    link->not_followed += !idle->ignored;
    code = connection_end(idle, error);
    HASH_DEL(link->connections, idle);
    link->control.forget(link->control.context, idle->socket);
    free(idle);
    return code;
}

/* The connection of a socket, made when it is new; *ret NULL: no memory (counted). */
static int connection_of(struct thaw_link *link, uint64_t socket, struct connection **ret,
                         struct thaw_error *error)
{
    struct connection *connection;
    int code = 0;

    HASH_FIND(hh, link->connections, &socket, sizeof(socket), connection);
    if (!connection) {
        if (HASH_COUNT(link->connections) >= CONNECTIONS_MOST)
            code = give_up_one(link, error);
        connection = calloc(1, sizeof(*connection));
        if (connection) {
            connection->consumer.message = consume;
            connection->link = link;
            connection->socket = socket;
            HASH_ADD(hh, link->connections, socket, sizeof(connection->socket), connection);
            if (!connection->hh.tbl) {
                free(connection);
                connection = NULL;
            }
        }
    }
    if (connection)
        connection->used = ++link->clock;
    else
        link->memory_short++;
    *ret = connection;
    return code;
}

int thaw_link_connect(struct thaw_link *link, const struct thaw_kernel_connect *record,
                      struct thaw_error *error)
{
    struct connection *connection;
    int code = connection_of(link, record->socket, &connection, error);

    if (!connection)
        return code;
    if (!code)
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

static const struct thaw_platform *platform_of(const struct thaw_link *link,
                                               const struct thaw_kernel_socket_data *record)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++) {
        if ((!link->only || platforms[i] == link->only) &&
            thaw_platform_opens_with(platforms[i], record->bytes, record->captured))
            return platforms[i];
    }
    return NULL;
}

static void connection_ignore(struct connection *connection)
{
    thaw_wire_close(connection->stream);
    connection->stream = NULL;
    connection->ignored = true;
    connection->link->control.ignore(connection->link->control.context, connection->socket);
}

static int connection_begin(struct connection *connection,
                            const struct thaw_kernel_socket_data *record, struct thaw_error *error)
{
    const struct thaw_platform *platform =
        record->outgoing ? platform_of(connection->link, record) : NULL;

    connection->from_start =
        platform && (!platform->signature_repeats || connection->connect.header.time_ns);
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

/* The ring had no room for what came before this part: a hole. */
static int feed_untold(struct connection *connection, const struct thaw_kernel_socket_data *record,
                       struct thaw_error *error)
{
    struct thaw_wire_chunk hole = {
        .enter_ns = record->enter_ns,
        .exit_ns = record->header.time_ns,
        .outgoing = record->outgoing,
        .length = record->untold,
    };

    return record->untold ? thaw_wire_feed(connection->stream, &hole, error) : 0;
}

static int connection_feed(struct connection *connection,
                           const struct thaw_kernel_socket_data *record, struct thaw_error *error)
{
    struct thaw_wire_chunk chunk = {
        .enter_ns = record->enter_ns,
        .exit_ns = record->header.time_ns,
        .outgoing = record->outgoing,
        .bytes = record->bytes,
        .captured = record->captured < record->length ? record->captured : record->length,
        .length = record->length,
    };
    int code = feed_untold(connection, record, error);

    connection->unsure += record->unsure;
    return code ? code : thaw_wire_feed(connection->stream, &chunk, error);
}

int thaw_link_data(struct thaw_link *link, const struct thaw_kernel_socket_data *record,
                   struct thaw_error *error)
{
    struct connection *connection;
    int code = connection_of(link, record->socket, &connection, error);

    if (code || !connection || connection->ignored)
        return code;
    if (!connection->stream)
        code = connection_begin(connection, record, error);
    if (!code && connection->stream)
        code = connection_feed(connection, record, error);
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
    const struct {
        const char *cause;
        uint64_t count;
        const char *what;
    } losses[] = {
        {"wire-sync-lost", link->lost_sync,
         "times the framing of the platform's link was lost; messages inside the gap are missing"},
        {"wire-unsure", link->unsure,
         "parts of the platform's link whose frames could not be told apart when they were copied; "
         "messages in them may be missing"},
        {"wire-undecided", link->undecided,
         "messages of connections that could not be told to be a platform's"},
        {"orchestrator-unread", link->unread_durable,
         "requests to orchestrators of which not enough was seen to tell their instance and its "
         "history"},
        {"instances-not-followed", link->instances.not_followed,
         "messages of orchestrations beyond the most that are told apart"},
        {"connections-not-followed", link->not_followed,
         "connections beyond the most that are followed at once"},
        {"memory-short", link->memory_short + link->instances.memory_short,
         "messages of the platform's link shortened for lack of memory"},
    };
    for (size_t i = 0; !code && i < sizeof(losses) / sizeof(losses[0]); i++)
        code =
            thaw_loss_store(link->writer, losses[i].cause, losses[i].count, losses[i].what, error);
    return code;
}

void thaw_link_free(struct thaw_link *link)
{
    struct connection *connection, *next;

    if (!link)
        return;
    thaw_instances_free(&link->instances);
    HASH_ITER(hh, link->connections, connection, next)
    {
        HASH_DEL(link->connections, connection);
        thaw_wire_close(connection->stream);
        free(connection);
    }
    thaw_array_free(&link->expected);
    free(link);
}
