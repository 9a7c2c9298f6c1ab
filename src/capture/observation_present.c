/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "capture/observation_parts.h"
#include "capture/selection.h"
#include "capture/tree.h"

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

/* Followed first: what it starts from then on is told by the kernel. */
static int look_at(struct thaw_observation *observation, uint32_t pid, struct thaw_error *error)
{
    struct thaw_arena arena = {0};
    struct thaw_tree_found found;
    /* Whatever it serves, it may have served before: it counts with what it forks from now on. */
    int code = thaw_programs_trace(observation->programs, (pid_t)pid,
                                   THAW_PROCESS_LISTENS | THAW_PROCESS_SERVED, error);

    if (!code)
        code = thaw_tree_found(pid, thaw_link_only(observation->link), observation->writer, &arena,
                               &found, error);
    if (!code)
        code = expect_link(observation, pid, &found, error);
    if (!code)
        code = thaw_coverage_present(observation->coverage, pid, found.executable, error);
    thaw_arena_free(&arena);
    return code == -ESRCH ? 0 : code; /* gone meanwhile, or a kernel thread */
}

int thaw_observation_look_around(struct thaw_observation *observation, struct thaw_error *error)
{
    struct thaw_selection there = {0};
    int code = thaw_selection_all(&there, error);

    for (size_t i = 0; !code && i < there.count; i++)
        if (there.items[i] != getpid())
            code = look_at(observation, (uint32_t)there.items[i], error);
    thaw_array_free(&there);
    return code;
}
