/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/lookup.h"
#include "timeline/servers.h"

/* A connection that was accepted. */
struct connection {
    uint32_t acceptor; /* id of the process */
    const struct thaw_event *accept;
    const struct thaw_event *asked;
    const struct thaw_event *reply;
};

struct connections {
    struct thaw_build *build;
    THAW_ARRAY(struct connection) all;
    struct thaw_lookup by_number; /* index, by acceptor and its number there */
    struct thaw_lookup by_pid;    /* id of the last process of each */
};

/* How far up a process is looked for: who goes on with a connection is near who accepted it. */
#define ABOVE_MOST 64

/* A recording may hold any number: two that share a key are taken for one, which harms no other
 * process. */
static uint64_t key_of(uint32_t acceptor, uint64_t connection)
{
    return (uint64_t)acceptor << 32 | (uint32_t)connection;
}

/* The process of that pid among this one and those above it, 0 none. */
static uint32_t find_above(const struct thaw_build *build, uint32_t process, uint64_t pid)
{
    for (size_t i = 0; process && i < ABOVE_MOST; i++) {
        if (thaw_build_process(build, process)->pid == pid)
            return process;
        process = thaw_build_process(build, process)->parent;
    }
    return 0;
}

static bool add_accept(struct connections *connections, const struct thaw_event *event,
                       uint32_t process)
{
    uint64_t key = key_of(process, event->accept.connection);
    uint32_t index = (uint32_t)connections->all.count;
    struct connection *connection = thaw_array_add(&connections->all);

    if (!connection)
        return false;
    *connection = (struct connection){.acceptor = process, .accept = event};
    return thaw_lookup_set_number(&connections->by_number, key, index);
}

static void add_bytes(struct connections *connections, const struct thaw_event *event,
                      uint32_t process)
{
    const struct thaw_first_bytes *bytes = &event->first_bytes;
    uint32_t acceptor = find_above(connections->build, process, bytes->acceptor);
    uint32_t index = thaw_lookup_number(&connections->by_number,
                                        key_of(acceptor, bytes->connection), UINT32_MAX);
    struct connection *connection;

    if (!acceptor || index == UINT32_MAX)
        return;
    connection = &connections->all.items[index];
    if (!bytes->outgoing && !connection->asked)
        connection->asked = event;
    else if (bytes->outgoing && connection->asked && !connection->reply)
        connection->reply = event;
}

static bool take_events(struct connections *connections)
{
    struct thaw_build *build = connections->build;

    for (size_t i = 0; i < build->recording->count; i++) {
        const struct thaw_event *event = &build->recording->events[i];
        uint32_t process = build->event_process[i];

        if (!process)
            continue;
        if (event->kind == THAW_EVENT_LISTEN && !thaw_build_facts(build, process)->listen)
            thaw_build_facts(build, process)->listen = event;
        else if (event->kind == THAW_EVENT_ACCEPT && !add_accept(connections, event, process))
            return false;
        else if (event->kind == THAW_EVENT_FIRST_BYTES)
            add_bytes(connections, event, process);
    }
    return true;
}

static bool is_above(const struct thaw_build *build, uint64_t pid, uint32_t process)
{
    return find_above(build, thaw_build_process(build, process)->parent, pid) != 0;
}

/* Does somebody else ask, whom the process serves? */
static bool is_client(const struct connections *connections, const struct connection *connection)
{
    const struct thaw_build *build = connections->build;
    const struct thaw_session_begin *session = build->timeline->session;
    uint64_t peer = connection->asked->first_bytes.peer;
    uint32_t acceptor = connection->acceptor, client;

    if (!peer)
        return true;
    if (peer == thaw_build_process(build, acceptor)->pid)
        return false;
    if (session && !strcmp(session->until, "first-reply"))
        return true;
    client = thaw_lookup_number(&connections->by_pid, peer, 0);
    return !is_above(build, peer, acceptor) &&
           !(client && is_above(build, thaw_build_process(build, acceptor)->pid, client));
}

/* A reply before none, then the earlier. */
static bool is_better(const struct connection *connection, const struct thaw_process_facts *facts)
{
    if (!facts->asked || (!facts->reply && connection->reply))
        return true;
    if (facts->reply)
        return connection->reply && connection->reply->time_ns < facts->reply->time_ns;
    return connection->asked->time_ns < facts->asked->time_ns;
}

static void choose_connections(const struct connections *connections)
{
    for (size_t i = 0; i < connections->all.count; i++) {
        const struct connection *connection = &connections->all.items[i];
        struct thaw_process_facts *facts =
            thaw_build_facts(connections->build, connection->acceptor);

        if (!connection->asked || !is_client(connections, connection) ||
            !is_better(connection, facts))
            continue;
        facts->accept = connection->accept;
        facts->asked = connection->asked;
        facts->reply = connection->reply;
    }
}

bool thaw_servers_is_python(const struct thaw_build *build, uint32_t process)
{
    const struct thaw_timeline_process *row = thaw_build_process(build, process);
    const struct thaw_process_facts *facts = thaw_build_facts(build, process);

    while (!facts->interpreter && !facts->module_count && !row->exec_count && row->parent) {
        facts = thaw_build_facts(build, row->parent);
        row = thaw_build_process(build, row->parent);
    }
    return facts->interpreter || facts->module_count;
}

static bool has_role(const struct thaw_build *build, uint32_t process, const char *role)
{
    return !strcmp(thaw_build_process(build, process)->role, role);
}

static void set_role(struct thaw_build *build, uint32_t process, const char *role)
{
    struct thaw_timeline_process *row = thaw_build_process(build, process);

    row->role = role;
    row->platform = THAW_SERVERS_PLATFORM;
}

/* Signs of the command line, which is that of whoever executed the program. */
static const struct thaw_texts *told_signs(const struct thaw_build *build, uint32_t process)
{
    const struct thaw_timeline_process *row = thaw_build_process(build, process);

    while (!row->signs.count && !row->exec_count && row->parent)
        row = thaw_build_process(build, row->parent);
    return &row->signs;
}

/* As many as a platform notes. */
#define SIGNS_MOST 12

/* Those, and what the process was seen doing. */
static bool add_signs(struct thaw_build *build, uint32_t process)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, process);
    const struct thaw_texts *told = told_signs(build, process);
    struct thaw_texts *signs = &thaw_build_process(build, process)->signs;
    struct thaw_arena *arena = &build->memory->arena;
    uint64_t count = told->count < SIGNS_MOST ? told->count : SIGNS_MOST, told_count = count;
    const char **items = thaw_arena_allocate(arena, (count + 2) * sizeof(*items));

    if (!items)
        return false;
    for (uint64_t i = 0; i < count; i++)
        items[i] = told->items[i];
    if (facts->listen)
        items[count++] =
            thaw_arena_format(arena, "listens on %u", (unsigned)facts->listen->listen.port);
    if (facts->asked)
        items[count++] =
            thaw_arena_format(arena, "accepts on %u", (unsigned)facts->accept->accept.port);
    *signs = (struct thaw_texts){.items = items, .count = count};
    return items[told_count] && items[count - 1];
}

/* Children first: they have what their parent was told by, not what it was seen doing. */
static bool tell_signs(struct thaw_build *build)
{
    for (uint32_t id = (uint32_t)build->facts_count; id; id--) {
        const struct thaw_process_facts *facts = thaw_build_facts(build, id);

        if ((facts->listen || facts->asked) && !add_signs(build, id))
            return false;
    }
    return true;
}

static void tell_roles(struct thaw_build *build)
{
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        const struct thaw_process_facts *facts = thaw_build_facts(build, id);

        if (facts->asked && !facts->was_running && thaw_servers_is_python(build, id)) {
            set_role(build, id, "worker");
            build->timeline->platform = THAW_SERVERS_PLATFORM;
        }
    }
}

static void tell_hosts(struct thaw_build *build)
{
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        uint32_t host = thaw_build_process(build, id)->parent;

        if (!has_role(build, id, "worker"))
            continue;
        while (host && !has_role(build, host, "worker") && thaw_servers_is_python(build, host)) {
            set_role(build, host, "host");
            if (!thaw_build_facts(build, host)->first_worker)
                thaw_build_facts(build, host)->first_worker = id;
            host = thaw_build_process(build, host)->parent;
        }
    }
}

uint32_t thaw_servers_host(const struct thaw_build *build, uint32_t worker)
{
    uint32_t host = 0, above = thaw_build_process(build, worker)->parent;

    while (above && has_role(build, above, "host")) {
        host = above;
        above = thaw_build_process(build, above)->parent;
    }
    return host;
}

/* Workers that connect to their host: when that took the connection, and since when it waited. */
static void find_host_accepts(const struct connections *connections)
{
    for (size_t i = 0; i < connections->all.count; i++) {
        const struct connection *connection = &connections->all.items[i];
        uint32_t peer =
            connection->asked
                ? thaw_lookup_number(&connections->by_pid, connection->asked->first_bytes.peer, 0)
                : 0;

        if (peer && has_role(connections->build, peer, "worker") &&
            thaw_build_process(connections->build, peer)->parent == connection->acceptor &&
            !thaw_build_facts(connections->build, peer)->host_accept)
            thaw_build_facts(connections->build, peer)->host_accept = connection->accept;
    }
}

static bool list_processes(struct connections *connections)
{
    for (uint32_t id = 1; id <= connections->build->facts_count; id++)
        if (!thaw_lookup_set_number(&connections->by_pid,
                                    thaw_build_process(connections->build, id)->pid, id))
            return false;
    return true;
}

bool thaw_servers_build(struct thaw_build *build)
{
    struct connections connections = {.build = build};
    bool enough = take_events(&connections) && list_processes(&connections);

    if (enough) {
        choose_connections(&connections);
        find_host_accepts(&connections);
    }
    if (enough && !*build->timeline->platform) {
        tell_roles(build);
        tell_hosts(build);
    }
    enough = enough && tell_signs(build);
    thaw_array_free(&connections.all);
    thaw_lookup_free(&connections.by_number);
    thaw_lookup_free(&connections.by_pid);
    return enough;
}
