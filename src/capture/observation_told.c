/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/clock.h"
#include "capture/observation_told.h"
#include "capture/tree.h"

/* Different causes of loss, and missing probes, that are kept: a machine with thousands of
 * interpreters that can't be probed says the same of each. */
#define LOSSES_MOST 128
#define MISSING_MOST 256
#define TEND_EVERY_NS UINT64_C(30000000000)

struct thaw_told_process {
    uint32_t pid;
    enum thaw_told_part part;
    UT_hash_handle hh;
};

static struct thaw_told_process *find(const struct thaw_told *told, uint32_t pid)
{
    struct thaw_told_process *process;

    HASH_FIND(hh, told->processes, &pid, sizeof(pid), process);
    return process;
}

static void forget(struct thaw_told *told, struct thaw_told_process *process)
{
    HASH_DEL(told->processes, process);
    free(process);
}

void thaw_told_limit(struct thaw_told *told, uint32_t pid, enum thaw_told_part part)
{
    struct thaw_told_process *process = find(told, pid);

    if (process && part == THAW_TOLD_ALL) {
        forget(told, process);
    } else if (process) {
        process->part = part;
    } else if (part != THAW_TOLD_ALL) {
        process = calloc(1, sizeof(*process));
        if (!process)
            return;
        *process = (struct thaw_told_process){.pid = pid, .part = part};
        HASH_ADD(hh, told->processes, pid, sizeof(process->pid), process);
        if (!process->hh.tbl)
            free(process);
    }
}

void thaw_told_tend(struct thaw_told *told)
{
    struct thaw_told_process *process, *next;
    uint64_t now = thaw_clock_now_ns();

    if (now - told->tended_ns < TEND_EVERY_NS)
        return;
    told->tended_ns = now;
    HASH_ITER(hh, told->processes, process, next)
    {
        if (thaw_tree_is_gone(process->pid))
            forget(told, process);
    }
}

bool thaw_told_misses(const struct thaw_told *told, const char *name)
{
    for (size_t i = 0; i < told->missing.count; i++)
        if (!strncmp(told->missing.items[i].name, name, strlen(name)))
            return true;
    return false;
}

static bool equal_or_full(size_t count, size_t most, const char *left, const char *right)
{
    return count == most || !strcmp(left, right);
}

/* The row of a cause, made when it is new; the last one is for all that there is no room for. */
static struct thaw_observation_loss *loss_of(struct thaw_told *told, const char *cause,
                                             const char *what)
{
    struct thaw_observation_loss *loss;

    for (size_t i = 0; i < told->losses.count; i++) {
        loss = &told->losses.items[i];
        if (equal_or_full(i + 1, LOSSES_MOST, loss->cause, cause))
            return loss;
    }
    cause = thaw_arena_string(&told->arena, cause);
    what = thaw_arena_string(&told->arena, what);
    loss = cause && what ? thaw_array_add(&told->losses) : NULL;
    if (loss)
        *loss = (struct thaw_observation_loss){.cause = cause, .what = what};
    else
        told->memory_short++;
    return loss;
}

void thaw_told_count(struct thaw_told *told, const char *cause, const char *what, uint64_t count,
                     bool of_events)
{
    struct thaw_observation_loss *loss = loss_of(told, cause, what);

    if (loss) {
        loss->count = count;
        loss->of_events = of_events;
    }
}

static void add_loss(struct thaw_told *told, const struct thaw_loss_event *event)
{
    struct thaw_observation_loss *loss = loss_of(told, event->cause, event->what);

    if (loss)
        loss->count += event->count;
}

static void add_missing(struct thaw_told *told, const struct thaw_probe *event)
{
    struct thaw_observation_probe *probe;

    if (!strcmp(event->status, "attached") || told->missing.count == MISSING_MOST)
        return;
    for (size_t i = 0; i < told->missing.count; i++) {
        probe = &told->missing.items[i];
        if (!strcmp(probe->name, event->name) && !strcmp(probe->target, event->target))
            return;
    }
    probe = thaw_array_add(&told->missing);
    if (!probe) {
        told->memory_short++;
        return;
    }
    *probe = (struct thaw_observation_probe){
        .name = thaw_arena_string(&told->arena, event->name),
        .target = thaw_arena_string(&told->arena, event->target),
        .reason = thaw_arena_string(&told->arena, event->reason),
        .without = thaw_arena_string(&told->arena, event->without),
    };
    if (!probe->name || !probe->target || !probe->reason || !probe->without) {
        told->missing.count--;
        told->memory_short++;
    }
}

static bool is_passed_on(enum thaw_told_part part, uint16_t kind)
{
    switch (kind) {
    case THAW_EVENT_PROCESS_FORK:
    case THAW_EVENT_PROCESS_EXEC:
    case THAW_EVENT_PROCESS_EXIT:
    case THAW_EVENT_LOSS:
        return true;
    case THAW_EVENT_CONNECT:
    case THAW_EVENT_MESSAGE:
    case THAW_EVENT_FUNCTION:
        return part == THAW_TOLD_MESSAGES;
    default:
        return false;
    }
}

/* A process that begins anew, or ends, is told of as a whole again: its number may come back. */
static bool begins_or_ends(uint16_t kind)
{
    return kind == THAW_EVENT_PROCESS_FORK || kind == THAW_EVENT_PROCESS_EXEC ||
           kind == THAW_EVENT_PROCESS_EXIT;
}

int thaw_told_event(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct thaw_told *told = context;
    struct thaw_told_process *process = find(told, event->pid);
    int code;

    if (process && !is_passed_on(process->part, event->kind))
        return 0;
    if (process && begins_or_ends(event->kind))
        forget(told, process);
    if (event->kind == THAW_EVENT_LOSS)
        add_loss(told, &event->loss);
    else if (event->kind == THAW_EVENT_PROBE)
        add_missing(told, &event->probe);
    code = told->sink.event(told->sink.context, event);
    return code < 0 ? thaw_error_set(error, code, "an event was not taken") : 0;
}

void thaw_told_free(struct thaw_told *told)
{
    struct thaw_told_process *process, *next;

    HASH_ITER(hh, told->processes, process, next)
    {
        forget(told, process);
    }
    thaw_array_free(&told->losses);
    thaw_array_free(&told->missing);
    thaw_arena_free(&told->arena);
}
