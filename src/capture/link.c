/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "capture/link_parts.h"
#include "capture/loss.h"

/* Connections remembered at once, half as many as the kernel follows: further ones take the place
 * of idle ones. */
#define CONNECTIONS_MOST 4096

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

/* Takes leave of what the connection was: it ended, or its socket's address is used anew. */
int thaw_link_end(struct thaw_link_connection *connection, struct thaw_error *error)
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
    connection->first_whole = false;
    connection->asked = false;
    connection->unsure = 0;
    memset(&connection->connect, 0, sizeof(connection->connect));
    return code;
}

static bool is_platforms(const struct thaw_link_connection *connection)
{
    return connection->stream && thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_YES;
}

/*
 * Makes room: the connection that was idle longest is given up, a platform's only when there are no
 * others, and counted unless it was a stranger's.
 */
static int give_up_one(struct thaw_link *link, struct thaw_error *error)
{
    struct thaw_link_connection *idle = link->connections, *connection, *next;
    int code;

    HASH_ITER(hh, link->connections, connection, next)
    {
        if (is_platforms(connection) != is_platforms(idle) ? is_platforms(idle)
                                                           : connection->used < idle->used)
            idle = connection;
    }
    link->not_followed += !idle->ignored;
    code = thaw_link_end(idle, error);
    HASH_DEL(link->connections, idle);
    link->control.forget(link->control.context, idle->socket);
    free(idle);
    return code;
}

/* The connection of a socket, made when it is new; *ret NULL: no memory (counted). */
static int connection_of(struct thaw_link *link, uint64_t socket, struct thaw_link_connection **ret,
                         struct thaw_error *error)
{
    struct thaw_link_connection *connection;
    int code = 0;

    HASH_FIND(hh, link->connections, &socket, sizeof(socket), connection);
    if (!connection) {
        if (HASH_COUNT(link->connections) >= CONNECTIONS_MOST)
            code = give_up_one(link, error);
        connection = calloc(1, sizeof(*connection));
        if (connection) {
            connection->consumer.message = thaw_link_consume;
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
    struct thaw_link_connection *connection;
    int code = connection_of(link, record->socket, &connection, error);

    if (!connection)
        return code;
    if (!code)
        code = thaw_link_end(connection, error);
    connection->connect = *record;
    return code;
}

int thaw_link_expect(struct thaw_link *link, uint32_t pid, uint16_t port,
                     const struct thaw_platform *platform, struct thaw_error *error)
{
    struct thaw_link_expected *expected = thaw_array_add(&link->expected);

    if (!expected)
        return thaw_error_memory(error);
    *expected = (struct thaw_link_expected){.pid = pid, .port = port, .platform = platform};
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

void thaw_link_ignore(struct thaw_link_connection *connection)
{
    thaw_wire_close(connection->stream);
    connection->stream = NULL;
    connection->ignored = true;
    connection->link->control.ignore(connection->link->control.context, connection->socket);
}

static int connection_begin(struct thaw_link_connection *connection,
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
        thaw_link_ignore(connection);
        return 0;
    }
    return thaw_wire_open(platform, connection->from_start, &connection->consumer,
                          &connection->stream, error);
}

/* The ring had no room for what came before this part: a hole. */
static int feed_untold(struct thaw_link_connection *connection,
                       const struct thaw_kernel_socket_data *record, struct thaw_error *error)
{
    struct thaw_wire_chunk hole = {
        .enter_ns = record->enter_ns,
        .exit_ns = record->header.time_ns,
        .outgoing = record->outgoing,
        .length = record->untold,
    };

    return record->untold ? thaw_wire_feed(connection->stream, &hole, error) : 0;
}

static int connection_feed(struct thaw_link_connection *connection,
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
    struct thaw_link_connection *connection;
    int code = connection_of(link, record->socket, &connection, error);

    if (code || !connection || connection->ignored)
        return code;
    if (!connection->stream)
        code = connection_begin(connection, record, error);
    if (!code && connection->stream)
        code = connection_feed(connection, record, error);
    if (!code && connection->stream &&
        thaw_wire_verdict(connection->stream) == THAW_WIRE_VERDICT_NO)
        thaw_link_ignore(connection);
    return code;
}

bool thaw_link_answered(const struct thaw_link *link)
{
    return link->answered;
}

int thaw_link_finish(struct thaw_link *link, struct thaw_error *error)
{
    struct thaw_link_connection *connection, *next;
    int code = 0;

    HASH_ITER(hh, link->connections, connection, next)
    {
        if (!code)
            code = thaw_link_end(connection, error);
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
    struct thaw_link_connection *connection, *next;

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
