/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/lookup.h"
#include "timeline/process_tree.h"
#include "timeline/by_time.h"

/* While events are gone through: rows in the order of their first event, parents by index + 1. */
struct process_tree {
    struct thaw_build *build;
    THAW_ARRAY(struct thaw_process_facts) facts;
    struct thaw_lookup by_pid;  /* the last process of each pid */
    struct thaw_lookup present; /* those that ran when the session began */
};

static uint32_t find_process(const struct process_tree *tree, uint64_t pid)
{
    return thaw_lookup_number(&tree->by_pid, pid, UINT32_MAX);
}

static struct thaw_timeline_process *row(const struct process_tree *tree, uint32_t index)
{
    return &tree->build->memory->processes.items[index];
}

static bool has_ended(const struct process_tree *tree, uint32_t index)
{
    return row(tree, index)->end_ns != 0;
}

static uint32_t add_process(struct process_tree *tree, const struct thaw_event *event,
                            enum thaw_process_start start)
{
    struct thaw_timeline_process *process = thaw_array_add(&tree->build->memory->processes);
    struct thaw_process_facts *facts = process ? thaw_array_add(&tree->facts) : NULL;
    uint32_t index = (uint32_t)tree->facts.count - 1;

    if (!facts || !thaw_lookup_set_number(&tree->by_pid, event->pid, index))
        return UINT32_MAX;
    *process = (struct thaw_timeline_process){
        .pid = event->pid,
        .role = "process",
        .platform = "",
        .executable = "",
        .python = "",
        .coverage = "",
        .directory = "",
        .start_ns = event->time_ns,
        .exit_code = -1,
    };
    facts->start = start;
    facts->main_file = "";
    facts->application = "";
    return index;
}

static bool take_fork(struct process_tree *tree, const struct thaw_event *event, uint32_t *index)
{
    uint32_t parent = find_process(tree, event->process_fork.parent);

    *index = add_process(tree, event, THAW_START_FORK);
    if (*index != UINT32_MAX && parent != UINT32_MAX)
        tree->facts.items[*index].parent_index = parent + 1;
    return *index != UINT32_MAX;
}

/* A look at a process that is known already tells little: its start is known better. */
static bool take_present(struct process_tree *tree, const struct thaw_event *event, uint32_t *index)
{
    const struct thaw_process_present *present = &event->process_present;
    struct thaw_process_facts *facts;

    if (*index == UINT32_MAX || has_ended(tree, *index))
        *index = add_process(tree, event, THAW_START_SEEN);
    if (*index == UINT32_MAX || !thaw_lookup_set_number(&tree->present, event->pid, *index))
        return false;
    facts = &tree->facts.items[*index];
    if (!*row(tree, *index)->executable)
        row(tree, *index)->executable = present->executable;
    if (facts->start != THAW_START_SEEN)
        return true;
    facts->start = THAW_START_PRESENT;
    facts->parent_pid = (uint32_t)present->parent;
    if (present->start_ns && present->start_ns < event->time_ns)
        row(tree, *index)->start_ns = present->start_ns;
    return true;
}

static bool take_exec(struct process_tree *tree, const struct thaw_event *event, uint32_t *index)
{
    if (*index == UINT32_MAX || has_ended(tree, *index))
        *index = add_process(tree, event, THAW_START_EXEC);
    if (*index == UINT32_MAX)
        return false;
    row(tree, *index)->executable = event->process_exec.executable;
    row(tree, *index)->exec_count++;
    return true;
}

static void take_exit(struct thaw_timeline_process *process, const struct thaw_event *event)
{
    if (process->end_ns || !event->time_ns) /* 0 would mean that it still runs */
        return;
    process->end_ns = event->time_ns;
    process->exit_signal = (uint32_t)event->process_exit.signal;
    if (!process->exit_signal)
        process->exit_code = (int64_t)(event->process_exit.code & 0xff);
}

static void take_role(struct thaw_timeline_process *process, struct thaw_process_facts *facts,
                      const struct thaw_process_role *role)
{
    process->signs = role->signs;
    if (!*role->role)
        return;
    facts->role_told = true;
    process->role = role->role;
    if (*role->platform)
        process->platform = role->platform;
    if (*role->directory)
        process->directory = role->directory;
    if (*role->application)
        facts->application = role->application;
}

static void take_interpreter(struct thaw_timeline_process *process,
                             struct thaw_process_facts *facts,
                             const struct thaw_interpreter *interpreter)
{
    facts->interpreter = interpreter;
    process->python = interpreter->version;
    process->coverage = interpreter->coverage;
    if (!*process->executable)
        process->executable = interpreter->executable;
}

static bool is_a_workers(enum thaw_wire_meaning meaning)
{
    return meaning == THAW_WIRE_MEANING_HELLO || meaning == THAW_WIRE_MEANING_READY ||
           meaning == THAW_WIRE_MEANING_INIT_FAILED;
}

/* Whatever its command line looks like, only a worker opens the platform's link: that is a sign. */
static bool take_message(const struct process_tree *tree, struct thaw_timeline_process *process,
                         const struct thaw_process_facts *facts, const struct thaw_message *message)
{
    const struct thaw_platform *platform;
    const char **sign;

    if (facts->role_told || !message->outgoing || *process->platform)
        return true;
    platform = thaw_platforms_of_message("", message->type);
    if (!is_a_workers(thaw_platform_meaning(platform, message->type)))
        return true;
    process->role = "worker";
    process->platform = platform->name;
    sign = thaw_arena_allocate(&tree->build->memory->arena, sizeof(*sign));
    if (!sign)
        return false;
    *sign = message->type;
    process->signs = (struct thaw_texts){.items = sign, .count = 1};
    return true;
}

static bool take_facts(const struct process_tree *tree, const struct thaw_event *event,
                       uint32_t index)
{
    struct thaw_process_facts *facts = &tree->facts.items[index];
    struct thaw_timeline_process *process = row(tree, index);
    uint64_t last_ns = event->time_ns;
    bool enough = true;

    if (event->kind == THAW_EVENT_PROCESS_EXIT)
        take_exit(process, event);
    else if (event->kind == THAW_EVENT_PROCESS_ROLE)
        take_role(process, facts, &event->process_role);
    else if (event->kind == THAW_EVENT_INTERPRETER)
        take_interpreter(process, facts, &event->interpreter);
    else if (event->kind == THAW_EVENT_PROCESS_COUNTS)
        process->counts = &event->process_counts;
    else if (event->kind == THAW_EVENT_BODY_BEGIN)
        facts->bodies_seen = true;
    else if (event->kind == THAW_EVENT_MESSAGE) {
        enough = take_message(tree, process, facts, &event->message);
        if (event->message.last_ns > last_ns)
            last_ns = event->message.last_ns;
    }
    if (!thaw_build_is_closing(event->kind) && last_ns > facts->last_ns)
        facts->last_ns = last_ns;
    return enough;
}

/* Events whose process gets a row when there is none yet. */
static bool shows_process(uint16_t kind)
{
    return ((kind >= THAW_EVENT_PROCESS_PRESENT && kind <= THAW_EVENT_MESSAGE) ||
            (kind >= THAW_EVENT_LISTEN && kind <= THAW_EVENT_HOST_FILE) ||
            (kind >= THAW_EVENT_STRAND_BEGIN && kind <= THAW_EVENT_LAZY_BEGIN)) &&
           !thaw_build_is_closing(kind);
}

static bool take_event(struct process_tree *tree, const struct thaw_event *event, uint32_t *index)
{
    bool enough = true;

    *index = find_process(tree, event->pid);
    if (event->kind == THAW_EVENT_PROCESS_FORK)
        enough = take_fork(tree, event, index);
    else if (event->kind == THAW_EVENT_PROCESS_PRESENT)
        enough = take_present(tree, event, index);
    else if (event->kind == THAW_EVENT_PROCESS_EXEC)
        enough = take_exec(tree, event, index);
    else if (*index == UINT32_MAX && shows_process(event->kind)) {
        *index = add_process(tree, event, THAW_START_SEEN);
        enough = *index != UINT32_MAX;
    }
    if (enough && *index != UINT32_MAX)
        enough = take_facts(tree, event, *index);
    return enough;
}

static bool take_events(struct process_tree *tree)
{
    const struct thaw_recording *recording = tree->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        uint32_t index;

        if (!recording->events[i].pid)
            continue;
        if (!take_event(tree, &recording->events[i], &index))
            return false;
        tree->build->event_process[i] = index == UINT32_MAX ? 0 : index + 1;
    }
    return true;
}

static void find_present_parents(struct process_tree *tree)
{
    for (size_t i = 0; i < tree->facts.count; i++) {
        struct thaw_process_facts *facts = &tree->facts.items[i];
        uint32_t parent;

        if (facts->start != THAW_START_PRESENT)
            continue;
        parent = thaw_lookup_number(&tree->present, facts->parent_pid, UINT32_MAX);
        if (parent != UINT32_MAX)
            facts->parent_index = parent + 1;
    }
}

/* Turns indexes into ids. A parent is older than its child: another order is a fault of the data,
 * and following it could lead in circles. */
static void give_ids(struct thaw_build *build, const uint32_t *id_of)
{
    for (size_t i = 0; i < build->facts_count; i++) {
        struct thaw_timeline_process *process = &build->memory->processes.items[i];
        uint32_t parent = build->facts[i].parent_index;

        process->id = (uint32_t)i + 1;
        process->parent = parent && id_of[parent - 1] < process->id ? id_of[parent - 1] : 0;
    }
    for (size_t i = 0; i < build->recording->count; i++)
        if (build->event_process[i])
            build->event_process[i] = id_of[build->event_process[i] - 1];
}

/* Where /proc gives parent and child the same 10 ms, the lower pid is the parent's. */
static bool sort_processes(struct process_tree *tree)
{
    struct thaw_build *build = tree->build;
    size_t count = tree->facts.count;
    struct thaw_by_time *starts = calloc(count + 1, sizeof(*starts));
    uint32_t *id_of = calloc(count + 1, sizeof(*id_of));
    bool enough = starts && id_of;

    for (size_t i = 0; enough && i < count; i++)
        starts[i] = (struct thaw_by_time){row(tree, (uint32_t)i)->start_ns,
                                          row(tree, (uint32_t)i)->pid, (uint32_t)i};
    if (enough) {
        thaw_by_time_sort(starts, count);
        enough =
            thaw_by_time_apply(starts, count, build->memory->processes.items,
                               sizeof(struct thaw_timeline_process)) &&
            thaw_by_time_apply(starts, count, tree->facts.items, sizeof(struct thaw_process_facts));
    }
    build->facts = tree->facts.items;
    build->facts_count = enough ? count : 0;
    for (size_t i = 0; enough && i < count; i++)
        id_of[starts[i].index] = (uint32_t)i + 1;
    if (enough)
        give_ids(build, id_of);
    free(starts);
    free(id_of);
    return enough;
}

static bool collect_execs(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        struct thaw_timeline_process *process;

        if (recording->events[i].kind != THAW_EVENT_PROCESS_EXEC || !build->event_process[i])
            continue;
        process = thaw_build_process(build, build->event_process[i]);
        if (!process->execs) {
            process->execs =
                thaw_arena_allocate(&build->memory->arena, process->exec_count * sizeof(uint64_t));
            if (!process->execs)
                return false;
            process->exec_count = 0;
        }
        process->execs[process->exec_count++] = recording->events[i].time_ns;
    }
    return true;
}

static void find_hosts(struct thaw_build *build)
{
    for (size_t i = 0; i < build->facts_count; i++) {
        const struct thaw_timeline_process *worker = &build->memory->processes.items[i];
        struct thaw_timeline_process *host;
        struct thaw_process_facts *facts;

        if (strcmp(worker->role, "worker") != 0 || !worker->parent)
            continue;
        host = thaw_build_process(build, worker->parent);
        facts = thaw_build_facts(build, worker->parent);
        if (!facts->role_told && strcmp(host->role, "worker") != 0) {
            host->role = "host";
            host->platform = worker->platform;
        }
        if (!facts->first_worker)
            facts->first_worker = worker->id;
    }
}

bool thaw_process_tree_build(struct thaw_build *build)
{
    struct process_tree tree = {.build = build};
    bool enough;

    build->event_process = calloc(build->recording->count + 1, sizeof(*build->event_process));
    enough = build->event_process && take_events(&tree);
    if (enough)
        find_present_parents(&tree);
    enough = enough && sort_processes(&tree);
    if (!enough)
        thaw_array_free(&tree.facts);
    thaw_lookup_free(&tree.by_pid);
    thaw_lookup_free(&tree.present);
    if (!enough) {
        build->facts = NULL;
        return false;
    }
    find_hosts(build);
    return collect_execs(build);
}

void thaw_process_tree_release(struct thaw_build *build)
{
    for (size_t i = 0; i < build->facts_count; i++)
        thaw_array_free(&build->facts[i].roots);
    free(build->facts);
    free(build->event_process);
    build->facts = NULL;
    build->event_process = NULL;
    build->facts_count = 0;
}
