/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/critical_threads.h"

/* A module that no other module of its thread was being imported for, within a step. */
struct outermost {
    const struct thaw_module *module;
    uint64_t end_ns; /* at most the step's */
};

/* The modules of a process, of which the earlier ones began before the step at hand. */
struct cursor {
    uint32_t process; /* id, 0 none */
    size_t next;
};

struct threads {
    struct thaw_build *build;
    struct thaw_track *track;
    struct cursor worker;
    struct cursor host;
    const struct thaw_process_facts *facts; /* of the process of the step at hand */
    THAW_ARRAY(struct outermost) outermost;
    THAW_ARRAY(struct thaw_critical_step) pieces; /* of the step at hand, the last one first */
    THAW_ARRAY(struct thaw_critical_step) steps;  /* all that will be told */
    THAW_ARRAY(struct thaw_beside) beside;
};

static uint64_t module_end(const struct thaw_module *module)
{
    return module->start_ns + module->total_ns;
}

/* The last outermost module of the thread, NULL none. */
static const struct outermost *last_of_thread(const struct threads *threads, uint32_t tid)
{
    for (size_t i = threads->outermost.count; i > 0; i--)
        if (threads->outermost.items[i - 1].module->tid == tid)
            return &threads->outermost.items[i - 1];
    return NULL;
}

static bool collect_outermost(struct threads *threads, size_t first, size_t end,
                              const struct thaw_critical_step *step)
{
    threads->outermost.count = 0;
    for (size_t i = first; i < end; i++) {
        const struct thaw_module *module = thaw_build_module(threads->build, threads->facts, i);
        const struct outermost *last = last_of_thread(threads, module->tid);
        struct outermost *outermost;

        if (!module->timed || (last && module->start_ns < module_end(last->module)))
            continue;
        outermost = thaw_array_add(&threads->outermost);
        if (!outermost)
            return false;
        *outermost =
            (struct outermost){module, module_end(module) < step->end_ns ? module_end(module)
                                                                         : step->end_ns};
    }
    return true;
}

/* Of those that were still there at the end, the one that began first: it may have started the
 * thread of the others. */
static int latest_first(const void *left, const void *right)
{
    const struct outermost *a = left, *b = right;

    if (a->end_ns != b->end_ns)
        return a->end_ns > b->end_ns ? -1 : 1;
    return a->module->id < b->module->id ? -1 : a->module->id > b->module->id;
}

/*
 * From the end of a step backwards: it waited for the imports that ended last, and they, before
 * they began, for those that had ended last by then.
 */
static bool cut_step(struct threads *threads, const struct thaw_critical_step *step)
{
    uint64_t until_ns = step->end_ns;

    threads->pieces.count = 0;
    if (threads->outermost.count)
        qsort(threads->outermost.items, threads->outermost.count, sizeof(*threads->outermost.items),
              latest_first);
    for (size_t i = 0; i < threads->outermost.count; i++) {
        const struct thaw_module *module = threads->outermost.items[i].module;
        size_t count = threads->pieces.count;
        struct thaw_critical_step *piece = count ? &threads->pieces.items[count - 1] : NULL;

        if (module->start_ns >= until_ns)
            continue;
        if (!piece || piece->tid != module->tid) {
            piece = thaw_array_add(&threads->pieces);
            if (!piece)
                return false;
            *piece = *step;
            piece->end_ns = until_ns;
            piece->tid = module->tid;
        }
        piece->start_ns = until_ns = module->start_ns;
    }
    if (threads->pieces.count)
        threads->pieces.items[threads->pieces.count - 1].start_ns = step->start_ns;
    return true;
}

/* What the piece's thread imported in it. */
static void add_import(struct thaw_critical_step *piece, const struct thaw_module *module,
                       uint64_t *costliest_ns)
{
    if (!piece->module || module->total_ns > *costliest_ns) {
        piece->module = module->id;
        *costliest_ns = module->total_ns;
    }
    piece->imports_ns += module->self_ns + module->gc_ns;
    piece->waits_known &= module->usage_known;
    for (size_t i = 0; i < THAW_PARTS; i++) {
        piece->io_ns += module->parts[i].io_ns;
        piece->runqueue_ns += module->parts[i].runqueue_ns;
        piece->sleep_ns += module->parts[i].sleep_ns;
    }
}

static bool put_beside(struct threads *threads, uint32_t process, const struct thaw_module *module)
{
    struct thaw_beside *beside = NULL;

    for (size_t i = 0; i < threads->beside.count && !beside; i++)
        if (threads->beside.items[i].process == process &&
            threads->beside.items[i].tid == module->tid)
            beside = &threads->beside.items[i];
    if (!beside) {
        beside = thaw_array_add(&threads->beside);
        if (!beside)
            return false;
        *beside = (struct thaw_beside){.process = process,
                                       .tid = module->tid,
                                       .start_ns = module->start_ns};
    }
    beside->ns += module->self_ns + module->gc_ns;
    if (module_end(module) > beside->end_ns)
        beside->end_ns = module_end(module);
    return true;
}

static bool add_imports(struct threads *threads, uint32_t process, size_t first, size_t end)
{
    size_t at = threads->pieces.count;
    uint64_t costliest_ns = 0;

    for (size_t i = first; i < end && at; i++) {
        const struct thaw_module *module = thaw_build_module(threads->build, threads->facts, i);

        if (!module->timed)
            continue;
        for (; module->start_ns >= threads->pieces.items[at - 1].end_ns; costliest_ns = 0)
            at--;
        if (module->tid == threads->pieces.items[at - 1].tid)
            add_import(&threads->pieces.items[at - 1], module, &costliest_ns);
        else if (threads->track->headline && !put_beside(threads, process, module))
            return false;
    }
    return true;
}

/* The modules that began in the step: those from *ret_first on, before cursor->next. */
static void pass_modules(const struct threads *threads, struct cursor *cursor,
                         const struct thaw_critical_step *step, size_t *ret_first)
{
    const struct thaw_process_facts *facts = threads->facts;

    while (cursor->next < facts->module_count &&
           thaw_build_module(threads->build, facts, cursor->next)->start_ns < step->start_ns)
        cursor->next++;
    *ret_first = cursor->next;
    while (cursor->next < facts->module_count &&
           thaw_build_module(threads->build, facts, cursor->next)->start_ns < step->end_ns)
        cursor->next++;
}

/* Whose imports a step may go through, NULL nobody's. */
static struct cursor *cursor_of(struct threads *threads, const struct thaw_critical_step *step)
{
    if (step->process && step->process == threads->worker.process)
        return &threads->worker;
    if (step->waited_for != THAW_WAITED_HOST || !step->process)
        return NULL;
    threads->host.process = step->process;
    return &threads->host;
}

static bool cut_by_imports(struct threads *threads, struct cursor *cursor,
                           const struct thaw_critical_step *step)
{
    size_t first;

    threads->facts = thaw_build_facts(threads->build, cursor->process);
    pass_modules(threads, cursor, step, &first);
    if (!collect_outermost(threads, first, cursor->next, step) || !cut_step(threads, step))
        return false;
    for (size_t i = 0; i < threads->pieces.count; i++)
        threads->pieces.items[i].waits_known =
            thaw_build_process(threads->build, step->process)->saw_waits;
    return add_imports(threads, cursor->process, first, cursor->next);
}

static bool take_step(struct threads *threads, const struct thaw_critical_step *step)
{
    struct cursor *cursor = cursor_of(threads, step);
    struct thaw_critical_step *kept;

    threads->pieces.count = 0;
    if (cursor && !cut_by_imports(threads, cursor, step))
        return false;
    for (size_t i = threads->pieces.count; i > 0; i--) {
        kept = thaw_array_add(&threads->steps);
        if (!kept)
            return false;
        *kept = threads->pieces.items[i - 1];
    }
    if (threads->pieces.count)
        return true;
    kept = thaw_array_add(&threads->steps);
    if (kept)
        *kept = *step;
    return kept != NULL;
}

static bool is_on_path(const struct thaw_track *track, uint32_t process)
{
    if (process == track->process)
        return true;
    for (size_t i = 0; i < track->critical_step_count; i++)
        if (track->critical_path[i].process == process)
            return true;
    return false;
}

/* Below whom does a process stand: 1 below the track's worker or its host, 2 below a child that is
 * on the path, and so told already. Parents have smaller ids. */
static uint8_t *find_kin(const struct threads *threads)
{
    const struct thaw_build *build = threads->build;
    uint8_t *kin = calloc(build->facts_count + 1, sizeof(*kin));
    uint32_t worker = threads->track->process;

    if (!kin)
        return NULL;
    kin[worker] = kin[thaw_build_process(build, worker)->parent] = 1;
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        uint32_t parent = thaw_build_process(build, id)->parent;

        if (parent && parent < id && kin[parent] && !kin[id])
            kin[id] = kin[parent];
        if (kin[id] && id != worker && thaw_build_process(build, id)->parent == worker &&
            is_on_path(threads->track, id))
            kin[id] = 2;
    }
    kin[0] = 0;
    return kin;
}

static bool add_process(struct threads *threads, uint32_t id)
{
    const struct thaw_timeline_process *process = thaw_build_process(threads->build, id);
    const struct thaw_track *track = threads->track;
    uint64_t end_ns =
        process->end_ns && process->end_ns < track->end_ns ? process->end_ns : track->end_ns;
    uint64_t start_ns = process->start_ns > track->start_ns ? process->start_ns : track->start_ns;
    struct thaw_beside *beside;

    if (end_ns <= start_ns)
        return true;
    beside = thaw_array_add(&threads->beside);
    if (beside)
        *beside = (struct thaw_beside){
            .process = id, .start_ns = start_ns, .end_ns = end_ns, .ns = end_ns - start_ns};
    return beside != NULL;
}

static bool add_processes(struct threads *threads)
{
    uint8_t *kin = find_kin(threads);
    bool enough = kin != NULL;

    for (uint32_t id = 1; enough && id <= threads->build->facts_count; id++)
        if (kin[id] == 1 && !is_on_path(threads->track, id))
            enough = add_process(threads, id);
    free(kin);
    return enough;
}

static int earliest_first(const void *left, const void *right)
{
    const struct thaw_beside *a = left, *b = right;

    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->tid < b->tid ? -1 : a->tid > b->tid;
}

static bool publish_steps(struct threads *threads)
{
    size_t bytes = threads->steps.count * sizeof(*threads->steps.items);

    if (!bytes)
        return true;
    threads->track->critical_path = thaw_arena_allocate(&threads->build->memory->arena, bytes);
    if (!threads->track->critical_path)
        return false;
    memcpy(threads->track->critical_path, threads->steps.items, bytes);
    threads->track->critical_step_count = threads->steps.count;
    return true;
}

static bool publish_beside(struct threads *threads)
{
    size_t bytes = threads->beside.count * sizeof(*threads->beside.items);

    if (!bytes)
        return true;
    qsort(threads->beside.items, threads->beside.count, sizeof(*threads->beside.items),
          earliest_first);
    threads->track->beside = thaw_arena_allocate(&threads->build->memory->arena, bytes);
    if (!threads->track->beside)
        return false;
    memcpy(threads->track->beside, threads->beside.items, bytes);
    threads->track->beside_count = threads->beside.count;
    return true;
}

bool thaw_critical_threads_build(struct thaw_build *build, struct thaw_track *track,
                                 const struct thaw_critical_step *steps, size_t count)
{
    struct threads threads = {
        .build = build,
        .track = track,
        .worker = {.process = track->process},
    };
    bool enough = true;

    for (size_t i = 0; enough && i < count; i++)
        enough = take_step(&threads, &steps[i]);
    enough = enough && publish_steps(&threads);
    if (enough && track->headline)
        enough = add_processes(&threads) && publish_beside(&threads);
    thaw_array_free(&threads.outermost);
    thaw_array_free(&threads.pieces);
    thaw_array_free(&threads.steps);
    thaw_array_free(&threads.beside);
    return enough;
}
