/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "capture/link_parts.h"
#include "capture/loss.h"
#include "capture/tree.h"

#define NS_PER_S UINT64_C(1000000000)
#define CLEAR_EVERY_NS (30 * NS_PER_S)

void thaw_link_live_long(struct thaw_link *link)
{
    link->instances.forgets = true;
}

static int give_up(struct thaw_link_connection *connection, uint64_t a_second,
                   struct thaw_error *error)
{
    struct thaw_link *link = connection->link;
    char what[256];
    int code;

    snprintf(what, sizeof(what),
             "the platform's link of process %u carries %llu messages a second: it is not decoded "
             "any more, and its requests are not counted",
             connection->pid, (unsigned long long)a_second);
    code = thaw_link_end(connection, error);
    thaw_link_ignore(connection);
    return code ? code
                : thaw_loss_store_process(link->writer, connection->pid, "link-too-busy", what,
                                          error);
}

static int look(struct thaw_link *link, uint64_t passed_ns, struct thaw_error *error)
{
    struct thaw_link_connection *connection, *next;
    int code = 0;

    HASH_ITER(hh, link->connections, connection, next)
    {
        uint64_t a_second = connection->messages * NS_PER_S / passed_ns;

        connection->messages = 0;
        if (!code && a_second > THAW_LINK_MESSAGES_MOST && connection->stream)
            code = give_up(connection, a_second, error);
    }
    return code;
}

/* The kernel tells of no connection's end. */
static int clear(struct thaw_link *link, struct thaw_error *error)
{
    struct thaw_link_connection *connection, *next;
    size_t kept = 0;
    int code = 0;

    HASH_ITER(hh, link->connections, connection, next)
    {
        uint32_t pid = connection->pid ? connection->pid : connection->connect.header.tgid;

        if (code || !thaw_tree_is_gone(pid))
            continue;
        code = thaw_link_end(connection, error);
        HASH_DEL(link->connections, connection);
        link->control.forget(link->control.context, connection->socket);
        free(connection);
    }
    for (size_t i = 0; i < link->expected.count; i++)
        if (!thaw_tree_is_gone(link->expected.items[i].pid))
            link->expected.items[kept++] = link->expected.items[i];
    link->expected.count = kept;
    return code;
}

int thaw_link_tend(struct thaw_link *link, struct thaw_error *error)
{
    uint64_t now = thaw_clock_now_ns(), passed_ns = now - link->looked_ns;
    int code = 0;

    if (passed_ns < NS_PER_S / 2)
        return 0;
    link->looked_ns = now;
    code = look(link, passed_ns, error);
    if (code || now - link->cleared_ns < CLEAR_EVERY_NS)
        return code;
    link->cleared_ns = now;
    return clear(link, error);
}
