/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include <utlist.h>

#include "audit/start_tree.h"
#include "recording/order.h"

/* Of events that are never left out there may be so many times as many: then it is a flood. */
#define FLOOD 4

struct thaw_start_tree *thaw_start_tree_new(uint32_t opener, uint64_t opened_ns)
{
    struct thaw_start_tree *tree = calloc(1, sizeof(*tree));

    if (!tree)
        return NULL;
    tree->opener = opener;
    tree->opened_ns = tree->active_ns = opened_ns;
    return tree;
}

void thaw_start_tree_free(struct thaw_start_tree *tree)
{
    if (!tree)
        return;
    thaw_kept_events_free(&tree->events);
    thaw_array_free(&tree->told);
    thaw_array_free(&tree->ended);
    free(tree);
}

void thaw_start_tree_join(struct thaw_start_tree *tree, struct thaw_start_process *process)
{
    process->tree = tree;
    DL_APPEND(tree->members, process);
}

void thaw_start_tree_leave(struct thaw_start_process *process)
{
    DL_DELETE(process->tree->members, process);
    process->tree = NULL;
}

int thaw_start_tree_tell_not(struct thaw_start_tree *tree, uint32_t pid, uint64_t until_ns,
                             struct thaw_error *error)
{
    struct thaw_start_told *told = thaw_array_add(&tree->told);

    if (!told)
        return thaw_error_memory(error);
    *told = (struct thaw_start_told){.process = pid, .until_ns = until_ns};
    return 0;
}

int thaw_start_tree_end(struct thaw_start_process *process, uint64_t time_ns,
                        struct thaw_error *error)
{
    struct thaw_start_tree *tree = process->tree;
    struct thaw_start_told *ended = thaw_array_add(&tree->ended);

    thaw_start_tree_leave(process);
    if (!ended)
        return thaw_error_memory(error);
    *ended = (struct thaw_start_told){.process = process->pid, .until_ns = time_ns};
    return 0;
}

int thaw_start_tree_tell_no_more(struct thaw_start_tree *tree, uint64_t now_ns,
                                 struct thaw_error *error)
{
    struct thaw_start_process *member;
    int code = 0;

    for (size_t i = 0; !code && i < tree->ended.count; i++)
        code = thaw_start_tree_tell_not(tree, tree->ended.items[i].process,
                                        tree->ended.items[i].until_ns, error);
    tree->ended.count = 0;
    DL_FOREACH(tree->members, member)
    {
        if (!code && member->answered)
            code = thaw_start_tree_tell_not(tree, member->pid, now_ns, error);
    }
    return code;
}

bool thaw_start_tree_is_decided(const struct thaw_start_tree *tree)
{
    return tree->has_worker || tree->has_server;
}

bool thaw_start_process_is_pending(const struct thaw_start_process *process)
{
    return process->worker && !process->answered;
}

bool thaw_start_process_is_idle(const struct thaw_start_process *process)
{
    return process->worker && process->linked && !process->answered && !process->waiting;
}

bool thaw_start_tree_is_import(const struct thaw_event *event)
{
    return (event->kind >= THAW_EVENT_IMPORT_BEGIN && event->kind <= THAW_EVENT_GC_END) ||
           (event->kind >= THAW_EVENT_STRAND_BEGIN && event->kind <= THAW_EVENT_STACK);
}

int thaw_start_tree_take(struct thaw_start_tree *tree, const struct thaw_event *event, size_t most,
                         struct thaw_error *error)
{
    size_t count = tree->events.encoder.records;
    int code;

    if (count >= most && thaw_start_tree_is_import(event)) {
        tree->left_out++;
        return 0;
    }
    if (count / FLOOD >= most)
        return -ENOSPC;
    code = thaw_kept_events_add(&tree->events, event, error);
    return code == -ENOMEM ? code : 0;
}

/* What goes before all others: its time is set when they are there. */
static int add_begin(struct thaw_event_list *list, struct thaw_error *error)
{
    struct thaw_event *begin = thaw_array_add(&list->events);

    if (!begin)
        return thaw_error_memory(error);
    *begin = (struct thaw_event){.kind = THAW_EVENT_SESSION_BEGIN,
                                 .session_begin = {.tool_version = "",
                                                   .backend = "ebpf",
                                                   .kernel = "",
                                                   .arch = "",
                                                   .directory = "",
                                                   .until = "first-reply",
                                                   .platform = "auto",
                                                   .session = "",
                                                   .cold = ""}};
    return 0;
}

static int add_end(struct thaw_event_list *list, const char *ended_by, struct thaw_error *error)
{
    uint64_t first_ns = UINT64_MAX, last_ns = 0;
    struct thaw_event *end;

    for (size_t i = 1; i < list->events.count; i++) {
        uint64_t time_ns = list->events.items[i].time_ns;

        first_ns = time_ns < first_ns ? time_ns : first_ns;
        last_ns = time_ns > last_ns ? time_ns : last_ns;
    }
    end = thaw_array_add(&list->events);
    if (!end)
        return thaw_error_memory(error);
    *end = (struct thaw_event){.kind = THAW_EVENT_SESSION_END,
                               .time_ns = last_ns,
                               .session_end = {.reason = ended_by, .exit_status = -1}};
    list->events.items[0].time_ns = first_ns;
    return 0;
}

static int add_left_out(const struct thaw_start_tree *tree, struct thaw_event_list *list,
                        struct thaw_error *error)
{
    struct thaw_event *loss;

    if (!tree->left_out)
        return 0;
    loss = thaw_array_add(&list->events);
    if (!loss)
        return thaw_error_memory(error);
    *loss = (struct thaw_event){.kind = THAW_EVENT_LOSS,
                                .time_ns = tree->opened_ns,
                                .loss = {.cause = "beyond-the-most",
                                         .count = tree->left_out,
                                         .what = "events of imports were left out, as there were "
                                                 "more than are kept of one start"}};
    return 0;
}

/* As every recording has at its end what it cost, and so until when it was made. */
static int add_watched(uint64_t watched_ns, struct thaw_event_list *list, struct thaw_error *error)
{
    struct thaw_event *cost = watched_ns ? thaw_array_add(&list->events) : NULL;

    if (!cost)
        return watched_ns ? thaw_error_memory(error) : 0;
    *cost = (struct thaw_event){.kind = THAW_EVENT_COST, .time_ns = watched_ns};
    return 0;
}

int thaw_start_tree_recall(const struct thaw_start_tree *tree, const char *ended_by,
                           uint64_t watched_ns, struct thaw_event_list *ret,
                           struct thaw_error *error)
{
    int code = add_begin(ret, error);

    if (!code)
        code = thaw_kept_events_recall(&tree->events, ret, error);
    if (!code)
        code = add_left_out(tree, ret, error);
    if (!code)
        code = add_watched(watched_ns, ret, error);
    if (!code)
        code = add_end(ret, ended_by, error);
    if (!code && thaw_order_events(ret->events.items, ret->events.count) < 0)
        code = thaw_error_memory(error);
    return code;
}

struct sieve {
    const struct thaw_start_tree *tree;
    bool all;
};

static bool is_told(const struct thaw_start_tree *tree, const struct thaw_event *event)
{
    for (size_t i = 0; i < tree->told.count; i++)
        if (tree->told.items[i].process == event->pid)
            return true;
    return false;
}

static bool stays(void *context, const struct thaw_event *event)
{
    const struct sieve *sieve = context;

    return !thaw_start_tree_is_import(event) || !(sieve->all || is_told(sieve->tree, event));
}

int thaw_start_tree_thin(struct thaw_start_tree *tree, bool all, struct thaw_error *error)
{
    struct sieve sieve = {.tree = tree, .all = all};
    size_t before = tree->events.encoder.records;
    int code = thaw_kept_events_sift(&tree->events, stays, &sieve, error);

    if (!code && all) {
        tree->left_out += before - tree->events.encoder.records;
        tree->thinned = true;
    }
    return code;
}

size_t thaw_start_tree_bytes(const struct thaw_start_tree *tree)
{
    return sizeof(*tree) + thaw_kept_events_bytes(&tree->events) +
           tree->told.capacity * sizeof(*tree->told.items) +
           tree->ended.capacity * sizeof(*tree->ended.items);
}
