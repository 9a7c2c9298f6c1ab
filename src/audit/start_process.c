/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/start_process.h"

/* Of one process: enough for all that a worker's host is known by. */
#define MEMORY_MOST_BYTES ((size_t)16384)
/* How many are looked at to find one that is of no use. */
#define LOOKS_MOST 1024

struct thaw_start_process *thaw_start_processes_find(const struct thaw_start_processes *processes,
                                                     uint32_t pid)
{
    struct thaw_start_process *process;

    HASH_FIND(hh, processes->table, &pid, sizeof(pid), process);
    return process;
}

bool thaw_start_process_is_followed(const struct thaw_start_process *process)
{
    return process->python || process->worker || process->host || process->had_workers ||
           !process->executed_ns;
}

static bool is_of_use(const struct thaw_start_process *process)
{
    return process->tree || process->python || process->worker || process->host ||
           process->had_workers;
}

/* Makes room: among the oldest one that nothing is known of; else the oldest that is in no tree. */
static void remove_one(struct thaw_start_processes *processes)
{
    struct thaw_start_process *process, *next, *oldest = NULL;
    size_t looked = 0;

    HASH_ITER(hh, processes->table, process, next)
    {
        if (!process->tree && !oldest)
            oldest = process;
        if (!is_of_use(process) || ++looked > LOOKS_MOST)
            break;
    }
    if (process && !is_of_use(process))
        oldest = process;
    if (oldest)
        thaw_start_processes_remove(processes, oldest);
}

struct thaw_start_process *thaw_start_processes_add(struct thaw_start_processes *processes,
                                                    uint32_t pid, uint64_t begin_ns)
{
    struct thaw_start_process *process = calloc(1, sizeof(*process));

    if (!process)
        return NULL;
    if (HASH_COUNT(processes->table) >= processes->most)
        remove_one(processes);
    process->pid = pid;
    process->begin_ns = begin_ns;
    HASH_ADD(hh, processes->table, pid, sizeof(process->pid), process);
    if (!process->hh.tbl) {
        free(process);
        return NULL;
    }
    return process;
}

void thaw_start_processes_remove(struct thaw_start_processes *processes,
                                 struct thaw_start_process *process)
{
    HASH_DEL(processes->table, process);
    thaw_kept_events_free(&process->memory);
    free(process);
}

static bool is_first_of_link(const struct thaw_start_process *process,
                             const struct thaw_event *event)
{
    enum thaw_wire_meaning meaning = thaw_platform_meaning(process->platform, event->message.type);

    return meaning == THAW_WIRE_MEANING_HELLO;
}

static bool is_worth_remembering(const struct thaw_start_process *process,
                                 const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_PROCESS_EXEC:
    case THAW_EVENT_PROCESS_ROLE:
    case THAW_EVENT_INTERPRETER:
    case THAW_EVENT_CONNECT:
    case THAW_EVENT_FUNCTION:
    case THAW_EVENT_LISTEN:
    case THAW_EVENT_HOST_FILE:
        return true;
    case THAW_EVENT_MESSAGE:
        return is_first_of_link(process, event);
    default:
        return false;
    }
}

int thaw_start_process_remember(struct thaw_start_process *process, const struct thaw_event *event,
                                struct thaw_error *error)
{
    int code;

    if (!is_worth_remembering(process, event) ||
        process->memory.encoder.length >= MEMORY_MOST_BYTES)
        return 0;
    code = thaw_kept_events_add(&process->memory, event, error);
    return code == -ENOMEM ? code : 0;
}

void thaw_start_process_renew(struct thaw_start_process *process)
{
    struct thaw_start_process kept = *process;

    thaw_kept_events_free(&process->memory);
    *process = (struct thaw_start_process){
        .pid = kept.pid,
        .parent = kept.parent,
        .begin_ns = kept.begin_ns,
        .forked = kept.forked,
        .tree = kept.tree,
        .prev = kept.prev,
        .next = kept.next,
        .hh = kept.hh,
    };
}

static const char *last_program(const struct thaw_event_list *list)
{
    const char *executable = "";

    for (size_t i = 0; i < list->events.count; i++)
        if (list->events.items[i].kind == THAW_EVENT_PROCESS_EXEC)
            executable = list->events.items[i].process_exec.executable;
    return executable;
}

static int tell_begin(const struct thaw_start_process *process, struct thaw_kept_events *kept,
                      struct thaw_error *error)
{
    struct thaw_event fork = {.kind = THAW_EVENT_PROCESS_FORK,
                              .time_ns = process->begin_ns,
                              .pid = process->pid,
                              .tid = process->pid,
                              .process_fork = {.parent = process->parent}};

    return process->forked ? thaw_kept_events_add(kept, &fork, error) : 0;
}

/* One that ran before began before it was looked at. */
static int tell_present(const struct thaw_start_process *process,
                        const struct thaw_event_list *list, struct thaw_kept_events *kept,
                        struct thaw_error *error)
{
    struct thaw_event present = {.kind = THAW_EVENT_PROCESS_PRESENT,
                                 .time_ns = process->begin_ns + 1,
                                 .pid = process->pid,
                                 .tid = process->pid,
                                 .process_present = {.parent = process->parent,
                                                     .start_ns = process->begin_ns,
                                                     .executable = last_program(list)}};

    return thaw_kept_events_add(kept, &present, error);
}

/* Of one that ran before, its programs' beginnings are no part of what begins now; and where that
 * is another program, its interpreter is not either. */
static bool is_told(const struct thaw_event *event, enum thaw_start_telling how)
{
    return how == THAW_START_TELL_ALL ||
           (event->kind != THAW_EVENT_PROCESS_EXEC &&
            (how == THAW_START_TELL_PRESENT || event->kind != THAW_EVENT_INTERPRETER));
}

int thaw_start_process_tell(const struct thaw_start_process *process, enum thaw_start_telling how,
                            struct thaw_kept_events *kept, struct thaw_error *error)
{
    struct thaw_event_list list = {0};
    int code = thaw_kept_events_recall(&process->memory, &list, error);

    if (!code)
        code = how == THAW_START_TELL_ALL ? tell_begin(process, kept, error)
                                          : tell_present(process, &list, kept, error);
    for (size_t i = 0; !code && i < list.events.count; i++)
        if (is_told(&list.events.items[i], how))
            code = thaw_kept_events_add(kept, &list.events.items[i], error);
    thaw_event_list_free(&list);
    return code;
}

void thaw_start_processes_free(struct thaw_start_processes *processes)
{
    struct thaw_start_process *process, *next;

    HASH_ITER(hh, processes->table, process, next)
    {
        thaw_start_processes_remove(processes, process);
    }
}
