/* SPDX-License-Identifier: Apache-2.0 */
#include <utlist.h>

#include "audit/starts_private.h"

/* How far up hosts are looked for. */
#define ABOVE_MOST 16

static int add_process(struct thaw_starts *starts, struct thaw_start_tree *tree,
                       struct thaw_start_process *process, enum thaw_start_telling how,
                       struct thaw_error *error)
{
    int code = thaw_start_process_tell(process, how, &tree->events, error);

    thaw_starts_account(starts, tree);
    return code;
}

static void join(struct thaw_start_tree *tree, struct thaw_start_process *process)
{
    thaw_start_tree_join(tree, process);
    process->over = false;
    tree->has_worker |= process->worker || process->host;
    tree->has_python |= process->python;
    tree->has_program |= process->python && process->executed_ns;
    tree->has_server |= process->python && process->server;
}

/* Has it begun so lately that it may have been started for what is below it? */
static bool is_fresh(const struct thaw_starts *starts, const struct thaw_start_process *process,
                     uint64_t now_ns)
{
    return !process->over && !process->present &&
           process->begin_ns + starts->limits.patience_ns >= now_ns;
}

static bool may_host(const struct thaw_start_process *process)
{
    return process->python || process->host || process->worker || process->had_workers;
}

int thaw_starts_add_hosts(struct thaw_starts *starts, struct thaw_start_tree *tree,
                          const struct thaw_start_process *process, uint64_t now_ns,
                          struct thaw_error *error)
{
    enum thaw_start_telling ran =
        process->executed_ns ? THAW_START_TELL_HOST : THAW_START_TELL_PRESENT;
    uint32_t above = process->parent;
    int code = 0;

    for (size_t i = 0; !code && i < ABOVE_MOST; i++) {
        struct thaw_start_process *host = thaw_start_processes_find(&starts->processes, above);
        bool fresh = host && is_fresh(starts, host, now_ns);

        if (!host || host->tree || !(may_host(host) || (fresh && !i && process->worker)))
            break;
        code = add_process(starts, tree, host, fresh ? THAW_START_TELL_ALL : ran, error);
        if (!code && fresh)
            join(tree, host);
        if (!code && !fresh)
            code = thaw_start_tree_tell_not(tree, host->pid, now_ns, error);
        tree->further |= host->had_workers;
        if (!fresh)
            break;
        above = host->parent;
    }
    return code;
}

/* What its host has begun is its start, too. */
static struct thaw_start_tree *tree_above(const struct thaw_starts *starts,
                                          const struct thaw_start_process *process)
{
    const struct thaw_start_process *host =
        thaw_start_processes_find(&starts->processes, process->parent);

    if (!host || !host->tree)
        return NULL;
    return process->worker || thaw_start_tree_is_decided(host->tree) ? host->tree : NULL;
}

static int add_probes(struct thaw_starts *starts, struct thaw_start_tree *tree, uint64_t now_ns,
                      struct thaw_error *error)
{
    struct thaw_event_list list = {0};
    int code = thaw_kept_events_recall(&starts->probes, &list, error);

    for (size_t i = 0; !code && i < list.events.count; i++) {
        list.events.items[i].time_ns = now_ns;
        code = thaw_starts_keep(starts, tree, &list.events.items[i], error);
    }
    thaw_event_list_free(&list);
    return code;
}

int thaw_starts_begin(struct thaw_starts *starts, struct thaw_start_process *process,
                      uint64_t now_ns, struct thaw_error *error)
{
    struct thaw_start_tree *tree = tree_above(starts, process);
    bool ran = process->present || process->over;
    int code = 0;

    if (ran) /* what it becomes now has not answered yet */
        process->answered = process->started = false;
    if (!tree) {
        tree = thaw_start_tree_new(process->pid, now_ns);
        if (!tree)
            return thaw_error_memory(error);
        DL_APPEND(starts->trees, tree);
        starts->state.open++;
        starts->state.seen++;
        code = thaw_starts_add_hosts(starts, tree, process, now_ns, error);
        if (!code)
            code = add_probes(starts, tree, now_ns, error);
    }
    if (!code)
        code = add_process(starts, tree, process,
                           ran ? THAW_START_TELL_PRESENT : THAW_START_TELL_ALL, error);
    join(tree, process);
    return code;
}
