/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "audit/starts_private.h"

/* Failed probes that are told with each start. */
#define PROBES_MOST 64

const struct thaw_starts_limits thaw_starts_usual_limits = {
    .events = 20000,
    .bytes = (size_t)16 << 20,
    .processes = 8192,
    .settle_ns = 2000000000,
    .patience_ns = 300000000000,
};

int thaw_starts_open(enum thaw_starts_of of, const struct thaw_starts_limits *limits,
                     const struct thaw_starts_calls *calls, struct thaw_starts **ret,
                     struct thaw_error *error)
{
    struct thaw_starts *starts = calloc(1, sizeof(*starts));

    if (!starts)
        return thaw_error_memory(error);
    starts->of = of;
    starts->limits = *limits;
    starts->calls = *calls;
    starts->processes.most = limits->processes ? limits->processes : 1;
    *ret = starts;
    return 0;
}

void thaw_starts_account(struct thaw_starts *starts, struct thaw_start_tree *tree)
{
    size_t bytes = thaw_start_tree_bytes(tree);

    starts->state.bytes += bytes - tree->counted;
    tree->counted = bytes;
}

int thaw_starts_keep(struct thaw_starts *starts, struct thaw_start_tree *tree,
                     const struct thaw_event *event, struct thaw_error *error)
{
    int code = thaw_start_tree_take(tree, event, starts->limits.events, error);

    thaw_starts_account(starts, tree);
    if (code == -ENOSPC)
        return thaw_starts_close(starts, tree, "more happened than is kept of one start", "",
                                 error);
    return code;
}

/* The process is gone, or its pid another's. */
static int end_process(struct thaw_starts *starts, struct thaw_start_process *process,
                       uint64_t time_ns, struct thaw_error *error)
{
    struct thaw_start_tree *tree = process->tree;
    int code = tree ? thaw_start_tree_end(process, time_ns, error) : 0;

    if (tree)
        thaw_starts_account(starts, tree);
    thaw_start_processes_remove(&starts->processes, process);
    if (tree && !code)
        code = thaw_starts_look(starts, tree, time_ns, error);
    return code;
}

static struct thaw_start_process *add(struct thaw_starts *starts, const struct thaw_event *event,
                                      struct thaw_error *error)
{
    struct thaw_start_process *process =
        thaw_start_processes_add(&starts->processes, event->pid, event->time_ns);

    if (!process)
        thaw_error_memory(error);
    return process;
}

static int take_fork(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error)
{
    struct thaw_start_process *process = thaw_start_processes_find(&starts->processes, event->pid);
    const struct thaw_start_process *parent;
    int code = process ? end_process(starts, process, event->time_ns, error) : 0;

    if (code)
        return code;
    process = add(starts, event, error);
    if (!process)
        return -ENOMEM;
    process->forked = true;
    process->parent = (uint32_t)event->process_fork.parent;
    parent = thaw_start_processes_find(&starts->processes, process->parent);
    if (!parent)
        return 0;
    process->python = parent->python;
    if (!parent->tree)
        return 0;
    thaw_start_tree_join(parent->tree, process);
    return thaw_starts_keep(starts, parent->tree, event, error);
}

static int take_exec(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error)
{
    struct thaw_start_process *process = thaw_start_processes_find(&starts->processes, event->pid);
    int code = 0;

    if (!process)
        process = add(starts, event, error);
    if (!process)
        return -ENOMEM;
    if (process->over) {
        thaw_start_process_renew(process);
        process->begin_ns = event->time_ns;
        process->forked = process->parent != 0;
    }
    process->python = false;
    process->executed_ns = event->time_ns;
    code = thaw_start_process_remember(process, event, error);
    if (!code && process->tree)
        code = thaw_starts_keep(starts, process->tree, event, error);
    return code;
}

static int take_exit(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error)
{
    struct thaw_start_process *process = thaw_start_processes_find(&starts->processes, event->pid);
    int code = 0;

    if (!process)
        return 0;
    if (process->tree)
        code = thaw_starts_keep(starts, process->tree, event, error);
    process = thaw_start_processes_find(&starts->processes, event->pid);
    if (!process)
        return code;
    return code ? code : end_process(starts, process, event->time_ns, error);
}

/* Its start is over, or is not seen any more, unless messages tell otherwise. */
static int take_present(struct thaw_starts *starts, const struct thaw_event *event,
                        struct thaw_error *error)
{
    const struct thaw_process_present *present = &event->process_present;
    struct thaw_event program = {.kind = THAW_EVENT_PROCESS_EXEC,
                                 .time_ns = present->start_ns,
                                 .pid = event->pid,
                                 .tid = event->tid,
                                 .process_exec = {.executable = present->executable, .folder = ""}};
    struct thaw_start_process *process = thaw_start_processes_find(&starts->processes, event->pid);

    if (process)
        return 0;
    process = add(starts, event, error);
    if (!process)
        return -ENOMEM;
    process->begin_ns = present->start_ns && present->start_ns < event->time_ns ? present->start_ns
                                                                                : event->time_ns;
    process->parent = (uint32_t)present->parent;
    process->present = process->over = true;
    return thaw_start_process_remember(process, &program, error);
}

/* Of nobody in particular: whatever is under way may lack something. */
static int take_loss(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error)
{
    struct thaw_start_process *process =
        event->pid ? thaw_start_processes_find(&starts->processes, event->pid) : NULL;
    struct thaw_start_tree *tree, *next;
    int code = 0;

    if (process && process->tree)
        return thaw_starts_keep(starts, process->tree, event, error);
    if (event->pid)
        return 0;
    DL_FOREACH_SAFE(starts->trees, tree, next)
    {
        int kept = thaw_starts_keep(starts, tree, event, error);

        code = code ? code : kept;
    }
    return code;
}

static int take_probe(struct thaw_starts *starts, const struct thaw_event *event,
                      struct thaw_error *error)
{
    int code = 0;

    if (!strcmp(event->probe.status, "failed") && starts->probes.encoder.records < PROBES_MOST)
        code = thaw_kept_events_add(&starts->probes, event, error);
    return code == -ENOMEM ? code : 0;
}

/* A Python program that another one starts, which serves nobody so far, is a tree of its own. */
static bool is_on_its_own(const struct thaw_start_process *process, const struct thaw_event *event)
{
    return event->kind == THAW_EVENT_INTERPRETER && process->executed_ns &&
           process->tree->opener != process->pid && !thaw_start_tree_is_decided(process->tree);
}

static bool is_noise(const struct thaw_start_process *process, const struct thaw_event *event)
{
    enum thaw_wire_meaning meaning;

    if (event->kind != THAW_EVENT_MESSAGE)
        return process->answered && thaw_start_tree_is_import(event);
    meaning = thaw_platform_meaning(process->platform, event->message.type);
    return meaning == THAW_WIRE_MEANING_LOG || meaning == THAW_WIRE_MEANING_HOUSEKEEPING;
}

static int take_in_tree(struct thaw_starts *starts, struct thaw_start_process *process,
                        const struct thaw_event *event, struct thaw_error *error)
{
    uint32_t pid = process->pid;
    int code;

    if (is_noise(process, event))
        return 0;
    code = thaw_starts_keep(starts, process->tree, event, error);
    process = thaw_start_processes_find(&starts->processes, pid);
    if (!code && process && process->tree && process->tree->replied_ns)
        code = thaw_starts_look(starts, process->tree, event->time_ns, error);
    return code;
}

/* What it is turns out by what it does; then it may begin a tree, or its host be part of it. */
static int take_signs(struct thaw_starts *starts, struct thaw_start_process *process,
                      const struct thaw_event *event, struct thaw_error *error)
{
    bool begins = !process->tree && thaw_start_signs_begin(process, event);
    bool was_worker = process->worker;

    thaw_start_signs_take(starts, process, event);
    if (begins)
        return thaw_starts_begin(starts, process, event->time_ns, error);
    if (process->tree && process->worker && !was_worker)
        return thaw_starts_add_hosts(starts, process->tree, process, event->time_ns, error);
    return 0;
}

/*
 * Where no system call is watched, nobody tells since when a server's thread waits for a
 * connection: it is taken to be ready as soon as it listens and the last import is over.
 */
static struct thaw_event with_wait(struct thaw_start_process *process,
                                   const struct thaw_event *event)
{
    struct thaw_event told = *event;
    uint64_t since_ns =
        process->active_ns > process->begin_ns ? process->active_ns : process->begin_ns;

    if (event->kind == THAW_EVENT_ACCEPT && !told.accept.idle_since_ns)
        told.accept.idle_since_ns = since_ns;
    if (event->kind == THAW_EVENT_LISTEN || thaw_start_tree_is_import(event))
        process->active_ns = event->time_ns;
    return told;
}

static int take_doing(struct thaw_starts *starts, const struct thaw_event *event,
                      struct thaw_error *error)
{
    struct thaw_start_process *process = thaw_start_processes_find(&starts->processes, event->pid);
    struct thaw_event told;
    int code = 0;

    if (!process && (event->kind == THAW_EVENT_INTERPRETER ||
                     event->kind == THAW_EVENT_PROCESS_ROLE || event->kind == THAW_EVENT_MESSAGE))
        process = add(starts, event, error);
    else if (!process)
        return 0;
    if (!process)
        return -ENOMEM;
    told = with_wait(process, event);
    if (process->tree && is_on_its_own(process, event))
        thaw_start_tree_leave(process);
    code = take_signs(starts, process, event, error);
    if (!code)
        code = thaw_start_process_remember(process, event, error);
    return code || !process->tree ? code : take_in_tree(starts, process, &told, error);
}

int thaw_starts_take(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error)
{
    int code = 0, room;

    if (event->time_ns > starts->now_ns)
        starts->now_ns = event->time_ns;
    if (event->kind == THAW_EVENT_LOSS)
        code = take_loss(starts, event, error);
    else if (event->kind == THAW_EVENT_PROBE)
        code = take_probe(starts, event, error);
    else if (!event->pid)
        return 0;
    else if (event->kind == THAW_EVENT_PROCESS_FORK)
        code = take_fork(starts, event, error);
    else if (event->kind == THAW_EVENT_PROCESS_EXEC)
        code = take_exec(starts, event, error);
    else if (event->kind == THAW_EVENT_PROCESS_EXIT)
        code = take_exit(starts, event, error);
    else if (event->kind == THAW_EVENT_PROCESS_PRESENT)
        code = take_present(starts, event, error);
    else
        code = take_doing(starts, event, error);
    room = thaw_starts_make_room(starts, error);
    return code ? code : room;
}

bool thaw_starts_was_there(const struct thaw_starts *starts, uint32_t process)
{
    const struct thaw_start_process *found = thaw_start_processes_find(&starts->processes, process);

    return found && found->present;
}

void thaw_starts_state(const struct thaw_starts *starts, struct thaw_starts_state *ret)
{
    *ret = starts->state;
}

void thaw_starts_free(struct thaw_starts *starts)
{
    struct thaw_start_tree *tree, *next;

    if (!starts)
        return;
    DL_FOREACH_SAFE(starts->trees, tree, next)
    {
        thaw_start_tree_free(tree);
    }
    thaw_start_processes_free(&starts->processes);
    thaw_kept_events_free(&starts->probes);
    free(starts);
}
