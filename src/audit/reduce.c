/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/reduce.h"
#include "platform/trace_parent.h"
#include "thaw/timeline.h"

/* How far up hosts are looked for. */
#define ABOVE_MOST 64

struct reducer {
    const struct thaw_start_events *tree;
    const struct thaw_reduction_rules *rules;
    const struct thaw_timeline *timeline;
    struct thaw_reduction *result;
    struct thaw_arena *arena;
    THAW_ARRAY(uint32_t) chosen; /* indexes of modules */
};

static const struct thaw_timeline_process *process_of(const struct reducer *reducer, uint32_t id)
{
    return &reducer->timeline->processes[id - 1];
}

static bool is_told(const struct reducer *reducer, uint32_t id)
{
    const struct thaw_timeline_process *process = process_of(reducer, id);

    for (size_t i = 0; i < reducer->tree->told_count; i++)
        if (reducer->tree->told[i].process == process->pid &&
            process->start_ns < reducer->tree->told[i].until_ns)
            return true;
    return false;
}

static const char *copy(struct reducer *reducer, const char *text)
{
    return text && *text ? thaw_arena_string(reducer->arena, text) : "";
}

/* --- phases --- */

static int copy_phases(struct reducer *reducer, const struct thaw_track *track,
                       struct thaw_start *start, uint64_t *ret_begin_ns)
{
    size_t first = 0;
    struct thaw_start_phase *phases;

    while (first < track->phase_count && !track->phases[first].counted)
        first++;
    *ret_begin_ns = first < track->phase_count ? track->phases[first].start_ns : track->start_ns;
    if (first == track->phase_count)
        return 0;
    phases = thaw_arena_allocate(reducer->arena, (track->phase_count - first) * sizeof(*phases));
    if (!phases)
        return -ENOMEM;
    for (size_t i = first; i < track->phase_count; i++) {
        const struct thaw_phase *phase = &track->phases[i];

        phases[i - first] = (struct thaw_start_phase){
            .name = copy(reducer, phase->name),
            .begin_ns = phase->start_ns - *ret_begin_ns,
            .ns = phase->end_ns - phase->start_ns,
            .counted = phase->counted,
        };
        if (!phases[i - first].name)
            return -ENOMEM;
    }
    start->phases = phases;
    start->phase_count = track->phase_count - first;
    return 0;
}

/* --- imports --- */

/* Its own, and those of the hosts that it was forked from: they are in its memory. */
static bool is_of_track(const struct reducer *reducer, const struct thaw_track *track, uint32_t id)
{
    uint32_t above = track->process;

    for (size_t i = 0; above && i < ABOVE_MOST; i++) {
        const struct thaw_timeline_process *process = process_of(reducer, above);

        if (above == id)
            return true;
        above = process->exec_count ? 0 : process->parent;
    }
    return false;
}

struct window {
    const struct thaw_track *track;
    uint64_t begin_ns;
};

static bool is_counted(const struct reducer *reducer, const struct window *window,
                       const struct thaw_module *module)
{
    return module->start_ns >= window->begin_ns && module->start_ns <= window->track->end_ns &&
           is_of_track(reducer, window->track, module->process);
}

static bool is_outermost(const struct reducer *reducer, const struct window *window,
                         const struct thaw_module *module)
{
    return !module->parent ||
           !is_counted(reducer, window, &reducer->timeline->modules[module->parent - 1]);
}

static int compare_totals(const void *left, const void *right, void *context)
{
    const struct thaw_module *modules = context;
    const struct thaw_module *a = &modules[*(const uint32_t *)left];
    const struct thaw_module *b = &modules[*(const uint32_t *)right];

    if (a->total_ns != b->total_ns)
        return a->total_ns > b->total_ns ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_indexes(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return a < b ? -1 : a > b;
}

static int count_imports(struct reducer *reducer, const struct window *window,
                         struct thaw_start *start)
{
    const struct thaw_timeline *timeline = reducer->timeline;

    reducer->chosen.count = 0;
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        uint32_t *index;

        if (!is_counted(reducer, window, module))
            continue;
        start->modules++;
        start->modules_failed +=
            module->status == THAW_MODULE_FAILED || module->status == THAW_MODULE_NOT_FOUND;
        if (is_outermost(reducer, window, module))
            start->imports_ns += module->total_ns;
        if (module->total_ns < reducer->rules->import_least_ns)
            continue;
        index = thaw_array_add(&reducer->chosen);
        if (!index)
            return -ENOMEM;
        *index = (uint32_t)i;
    }
    return 0;
}

/* The index + 1 in the list of the nearest module above it that is there, 0 none. */
static uint32_t parent_in_list(const struct reducer *reducer, const struct thaw_module *module)
{
    uint32_t above = module->parent;

    while (above) {
        uint32_t index = above - 1;
        const uint32_t *found = bsearch(&index, reducer->chosen.items, reducer->chosen.count,
                                        sizeof(index), compare_indexes);

        if (found)
            return (uint32_t)(found - reducer->chosen.items) + 1;
        above = reducer->timeline->modules[index].parent;
    }
    return 0;
}

static int copy_imports(struct reducer *reducer, const struct window *window,
                        struct thaw_start *start)
{
    const struct thaw_module *modules = reducer->timeline->modules;
    size_t count = reducer->chosen.count;
    struct thaw_start_import *imports =
        thaw_arena_allocate(reducer->arena, (count + 1) * sizeof(*imports));
    uint64_t listed_ns = 0;

    if (!imports)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct thaw_module *module = &modules[reducer->chosen.items[i]];

        imports[i] = (struct thaw_start_import){
            .name = copy(reducer, module->name),
            .begin_ns = module->start_ns - window->begin_ns,
            .total_ns = module->total_ns,
            .self_ns = module->self_ns,
            .parent = parent_in_list(reducer, module),
            .failed =
                module->status == THAW_MODULE_FAILED || module->status == THAW_MODULE_NOT_FOUND,
        };
        if (!imports[i].name)
            return -ENOMEM;
        if (is_outermost(reducer, window, module))
            listed_ns += module->total_ns;
    }
    start->imports = imports;
    start->import_count = count;
    start->other_imports_ns = start->imports_ns - listed_ns;
    return 0;
}

static int take_imports(struct reducer *reducer, const struct window *window,
                        struct thaw_start *start)
{
    int code = count_imports(reducer, window, start);

    if (code)
        return code;
    if (reducer->chosen.count)
        qsort_r(reducer->chosen.items, reducer->chosen.count, sizeof(*reducer->chosen.items),
                compare_totals, reducer->timeline->modules);
    if (reducer->chosen.count > reducer->rules->imports)
        reducer->chosen.count = reducer->rules->imports;
    if (reducer->chosen.count)
        qsort(reducer->chosen.items, reducer->chosen.count, sizeof(*reducer->chosen.items),
              compare_indexes);
    return copy_imports(reducer, window, start);
}

/* --- identity --- */

/* A process that executed nothing runs what its parent runs. */
static const struct thaw_timeline_process *program_of(const struct reducer *reducer, uint32_t id)
{
    const struct thaw_timeline_process *process = process_of(reducer, id);

    for (size_t i = 0; i < ABOVE_MOST; i++) {
        if (*process->python || process->exec_count || !process->parent)
            break;
        process = process_of(reducer, process->parent);
    }
    return process;
}

/* As its command line or its messages have it, the first one told. */
static const char *worker_of(const struct reducer *reducer, uint32_t pid)
{
    for (size_t i = 0; i < reducer->tree->count; i++) {
        const struct thaw_event *event = &reducer->tree->events[i];

        if (event->pid != pid)
            continue;
        if (event->kind == THAW_EVENT_PROCESS_ROLE && *event->process_role.worker_id)
            return event->process_role.worker_id;
        if (event->kind == THAW_EVENT_MESSAGE && *event->message.worker_id)
            return event->message.worker_id;
    }
    return "";
}

/* The invocation that the start was for. */
static const struct thaw_invocation *first_invocation(const struct reducer *reducer,
                                                      const struct thaw_track *track)
{
    for (size_t i = 0; i < reducer->timeline->invocation_count; i++) {
        const struct thaw_invocation *invocation = &reducer->timeline->invocations[i];

        if (invocation->track == track->id && invocation->cold)
            return invocation;
    }
    return NULL;
}

static int take_identity(struct reducer *reducer, const struct thaw_track *track,
                         struct thaw_start *start)
{
    const struct thaw_timeline_process *process = process_of(reducer, track->process);
    const struct thaw_timeline_process *program = program_of(reducer, track->process);
    const struct thaw_invocation *invocation = first_invocation(reducer, track);
    struct thaw_start_identity *identity = &start->identity;

    *identity = (struct thaw_start_identity){
        .app = "",
        .function = copy(reducer, invocation ? invocation->function : ""),
        .platform = copy(reducer, process->platform),
        .worker = copy(reducer, worker_of(reducer, process->pid)),
        .python = copy(reducer, program->python),
        .program = copy(reducer, program->executable),
        .control_group = "",
        .container = "",
        .pod = "",
        .unit = "",
        .host_name = "",
        .deployment = "",
    };
    return identity->function && identity->platform && identity->worker && identity->python &&
                   identity->program
               ? 0
               : -ENOMEM;
}

/* Of a server: what the connection began with that got the first reply. */
static const char *trace_of_server(const struct reducer *reducer, const struct thaw_track *track)
{
    uint32_t pid = process_of(reducer, track->process)->pid;
    const struct thaw_first_bytes *reply = NULL;
    const char *parent = "";

    for (size_t i = reducer->tree->count; i-- > 0;) {
        const struct thaw_event *event = &reducer->tree->events[i];
        const struct thaw_first_bytes *bytes = &event->first_bytes;

        if (event->kind != THAW_EVENT_FIRST_BYTES || bytes->acceptor != pid)
            continue;
        if (bytes->outgoing && event->time_ns == track->end_ns)
            reply = bytes;
        else if (!bytes->outgoing && reply && bytes->connection == reply->connection)
            parent = bytes->trace_parent;
    }
    return parent;
}

/* The caller's trace of the request that came first. */
static void take_trace(const struct reducer *reducer, const struct thaw_track *track,
                       struct thaw_start *start)
{
    const struct thaw_invocation *invocation = first_invocation(reducer, track);
    const char *parent =
        invocation ? invocation->request->trace_parent : trace_of_server(reducer, track);

    if (!thaw_trace_parent_is(parent, strlen(parent)))
        return;
    memcpy(start->trace, parent + THAW_TRACE_PARENT_TRACE, sizeof(start->trace) - 1);
    memcpy(start->span, parent + THAW_TRACE_PARENT_SPAN, sizeof(start->span) - 1);
}

/* --- what is missing --- */

static bool is_about(const struct reducer *reducer, const struct thaw_track *track,
                     const struct thaw_loss *loss)
{
    uint32_t above = track->process;

    if (!loss->process)
        return true;
    if (loss->process == track->process)
        return true;
    if (is_told(reducer, loss->process))
        return false;
    for (size_t i = 0; above && i < ABOVE_MOST; i++) {
        if (above == loss->process)
            return true;
        above = process_of(reducer, above)->parent;
    }
    return false;
}

static const char *what_is_missing(const struct reducer *reducer, const struct thaw_track *track)
{
    if (*reducer->tree->given_up)
        return reducer->tree->given_up;
    for (size_t i = 0; i < reducer->timeline->loss_count; i++)
        if (is_about(reducer, track, &reducer->timeline->losses[i]))
            return reducer->timeline->losses[i].what;
    return "";
}

/* Why it did not answer: as the timeline has it, else as whoever watched it. */
static const char *words_of_end(struct reducer *reducer, const struct thaw_track *track)
{
    const struct thaw_timeline_process *process = process_of(reducer, track->process);

    if (track->answered)
        return "";
    if (process->end_ns && process->exit_signal)
        return thaw_arena_format(reducer->arena, "was ended by signal %u before its first reply",
                                 process->exit_signal);
    if (track->words && *track->words)
        return copy(reducer, track->words);
    if (process->end_ns)
        return thaw_arena_format(reducer->arena, "exited with status %d without a first reply",
                                 (int)process->exit_code);
    return copy(reducer, reducer->tree->ended);
}

/* --- all of it --- */

static bool has_earlier_sibling(const struct reducer *reducer, uint32_t id)
{
    const struct thaw_timeline_process *process = process_of(reducer, id);

    for (uint32_t earlier = 1; process->parent && earlier < id; earlier++) {
        const struct thaw_timeline_process *other = process_of(reducer, earlier);

        if (other->parent == process->parent && !strcmp(other->role, "worker"))
            return true;
    }
    return false;
}

static int reduce_track(struct reducer *reducer, const struct thaw_track *track)
{
    struct thaw_start *start = thaw_array_add(&reducer->result->starts);
    struct window window = {.track = track};
    int code = start ? copy_phases(reducer, track, start, &window.begin_ns) : -ENOMEM;

    if (!code)
        code = take_identity(reducer, track, start);
    if (!code)
        code = take_imports(reducer, &window, start);
    if (code)
        return code;
    take_trace(reducer, track, start);
    start->process = process_of(reducer, track->process)->pid;
    start->begin_unix_ns = (int64_t)window.begin_ns + reducer->rules->unix_offset_ns;
    start->end_unix_ns = (int64_t)track->end_ns + reducer->rules->unix_offset_ns;
    start->total_ns = track->total_ns;
    start->unattributed_ns = track->unattributed_ns;
    start->answered = track->answered;
    start->further = reducer->tree->further || has_earlier_sibling(reducer, track->process);
    start->incomplete = copy(reducer, what_is_missing(reducer, track));
    start->ended = words_of_end(reducer, track);
    start->complete = start->incomplete && !*start->incomplete;
    return start->incomplete && start->ended ? 0 : -ENOMEM;
}

static int reduce_all(struct reducer *reducer)
{
    int code = 0;

    for (size_t i = 0; !code && i < reducer->timeline->track_count; i++)
        if (!is_told(reducer, reducer->timeline->tracks[i].process))
            code = reduce_track(reducer, &reducer->timeline->tracks[i]);
    return code;
}

int thaw_reduce(const struct thaw_start_events *tree, const struct thaw_reduction_rules *rules,
                struct thaw_reduction *ret, struct thaw_error *error)
{
    struct thaw_event *events = (struct thaw_event *)(uintptr_t)tree->events;
    struct thaw_recording recording = {.events = events, .count = tree->count, .finished = true};
    struct thaw_timeline *timeline = NULL;
    struct reducer reducer = {.tree = tree, .rules = rules, .result = ret, .arena = &ret->arena};
    int code;

    *ret = (struct thaw_reduction){0};
    code = thaw_timeline_build_starts(&recording, &timeline, error);
    if (code)
        return code;
    reducer.timeline = timeline;
    code = reduce_all(&reducer);
    thaw_array_free(&reducer.chosen);
    thaw_timeline_free(timeline);
    return code ? thaw_error_memory(error) : 0;
}

void thaw_reduction_free(struct thaw_reduction *reduction)
{
    thaw_array_free(&reduction->starts);
    thaw_arena_free(&reduction->arena);
}
