/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/observation_parts.h"
#include "capture/selection.h"
#include "capture/tree.h"

#define STATE_LISTENS 10 /* TCP_LISTEN, include/net/tcp_states.h */

/* A walk over the processes that are there. */
struct presence {
    struct thaw_observation *observation;
    THAW_ARRAY(uint64_t) networks; /* whose listening sockets are known */
    struct thaw_error *error;
};

/* The worker's connection is there already: its messages are found from the middle on. */
static int expect_link(struct thaw_observation *observation, uint32_t pid,
                       const struct thaw_tree_found *found, struct thaw_error *error)
{
    int code;

    if (!found->platform || !found->port)
        return 0;
    code = thaw_link_expect(observation->link, pid, found->port, found->platform, error);
    return code ? code : thaw_programs_follow_port(observation->programs, found->port, error);
}

/* Lines as "0: 0100007F:1F90 00000000:0000 0A …" (Documentation/networking/proc_net_tcp.rst). */
static void find_listeners(struct thaw_observation *observation, uint32_t pid, const char *name)
{
    unsigned port, state;
    char path[64], line[512];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%u/net/%s", pid, name);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &port, &state) == 2 &&
            state == STATE_LISTENS && port <= UINT16_MAX)
            thaw_programs_listens(observation->programs, (uint16_t)port);
    if (file)
        fclose(file);
}

/* Once for each network namespace: the tables are all of its sockets. */
static int know_listeners(struct presence *presence, uint32_t pid)
{
    unsigned long long network = 0;
    char path[64], link[64] = "";
    uint64_t *slot;

    snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
    if (readlink(path, link, sizeof(link) - 1) <= 0 || sscanf(link, "net:[%llu]", &network) != 1)
        return 0;
    for (size_t i = 0; i < presence->networks.count; i++)
        if (presence->networks.items[i] == network)
            return 0;
    slot = thaw_array_add(&presence->networks);
    if (!slot)
        return thaw_error_memory(presence->error);
    *slot = network;
    find_listeners(presence->observation, pid, "tcp");
    find_listeners(presence->observation, pid, "tcp6");
    return 0;
}

/* What it is; it stays traced when it is Python, or a platform's. */
static int look_closer(struct presence *presence, uint32_t pid, struct thaw_arena *arena)
{
    struct thaw_observation *observation = presence->observation;
    struct thaw_tree_found found = {0};
    int code = thaw_tree_found(pid, thaw_link_only(observation->link), observation->writer, arena,
                               &found, presence->error);

    if (!code)
        code = expect_link(observation, pid, &found, presence->error);
    if (!code)
        code = thaw_coverage_present(observation->coverage, pid, found.executable, presence->error);
    if (!code && (found.platform || thaw_coverage_is_python(observation->coverage, pid)))
        return know_listeners(presence, pid);
    if (!found.host)
        thaw_programs_untrace(observation->programs, pid);
    return code;
}

/*
 * Traced first: what it starts from then on is told by the kernel. One that is traced already was
 * started since, and its start is seen.
 */
static int look_at(struct presence *presence, uint32_t pid)
{
    struct thaw_programs *programs = presence->observation->programs;
    struct thaw_kernel_process traced;
    struct thaw_arena arena = {0};
    int code;

    if (thaw_programs_process(programs, pid, &traced))
        return 0;
    code = thaw_programs_trace(programs, (pid_t)pid, THAW_PROCESS_WARM | THAW_PROCESS_SERVED,
                               presence->error);
    if (!code)
        code = look_closer(presence, pid, &arena);
    thaw_arena_free(&arena);
    return code == -ESRCH ? 0 : code; /* gone meanwhile, or a kernel thread */
}

int thaw_observation_look_around(struct thaw_observation *observation, struct thaw_error *error)
{
    struct presence presence = {.observation = observation, .error = error};
    struct thaw_selection there = {0};
    int code = thaw_selection_all(&there, error);

    for (size_t i = 0; !code && i < there.count; i++)
        if (there.items[i] != getpid())
            code = look_at(&presence, (uint32_t)there.items[i]);
    thaw_array_free(&there);
    thaw_array_free(&presence.networks);
    return code;
}
