/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/critical_path.h"
#include "timeline/critical_threads.h"
#include "timeline/exchanges.h"

struct path {
    struct thaw_build *build;
    struct thaw_track *track;
    const struct thaw_process_facts *facts; /* of the track's process */
    uint32_t host;                          /* id, 0: not seen */
    THAW_ARRAY(struct thaw_critical_step) steps;
    THAW_ARRAY(const struct thaw_timeline_process *) children; /* of the worker, ended */
    size_t phase;                                              /* earlier ones are over */
    size_t part;                                               /* of that phase, likewise */
    size_t exchange;
    uint64_t owed_until_ns; /* latest answer of the exchanges passed */
};

/* The part of a phase at an instant, else the phase, NULL in none. Instants must not go back. */
static const struct thaw_phase *phase_at(struct path *path, uint64_t time_ns)
{
    const struct thaw_phase *phase;

    while (path->phase < path->track->phase_count &&
           path->track->phases[path->phase].end_ns <= time_ns) {
        path->phase++;
        path->part = 0;
    }
    if (path->phase == path->track->phase_count)
        return NULL;
    phase = &path->track->phases[path->phase];
    if (phase->start_ns > time_ns)
        return NULL;
    while (path->part < phase->child_count && phase->children[path->part].end_ns <= time_ns)
        path->part++;
    if (path->part < phase->child_count && phase->children[path->part].start_ns <= time_ns)
        return &phase->children[path->part];
    return phase;
}

/* The next instant at which another phase begins, or this one ends. */
static uint64_t phase_limit(const struct path *path, uint64_t time_ns, uint64_t limit_ns)
{
    const struct thaw_track *track = path->track;

    for (size_t i = path->phase; i < track->phase_count && i < path->phase + 2; i++) {
        const struct thaw_phase *phase = &track->phases[i];
        size_t first = i == path->phase ? path->part : 0;

        if (phase->start_ns > time_ns && phase->start_ns < limit_ns)
            limit_ns = phase->start_ns;
        if (phase->end_ns > time_ns && phase->end_ns < limit_ns)
            limit_ns = phase->end_ns;
        for (size_t k = first; k < phase->child_count && k < first + 2; k++) {
            if (phase->children[k].start_ns > time_ns && phase->children[k].start_ns < limit_ns)
                limit_ns = phase->children[k].start_ns;
            if (phase->children[k].end_ns > time_ns && phase->children[k].end_ns < limit_ns)
                limit_ns = phase->children[k].end_ns;
        }
    }
    return limit_ns;
}

/* Does the worker owe an answer at the instant? *limit_ns is lowered to where that changes. */
static bool owes_answer(struct path *path, uint64_t time_ns, uint64_t *limit_ns)
{
    const struct thaw_exchange *exchanges =
        &path->build->exchanges.items[path->facts->first_exchange];

    while (path->exchange < path->facts->exchange_count &&
           exchanges[path->exchange].request->time_ns <= time_ns) {
        const struct thaw_exchange *exchange = &exchanges[path->exchange++];
        uint64_t answered_ns =
            exchange->response ? thaw_exchange_answered_ns(exchange) : UINT64_MAX;

        if (answered_ns > path->owed_until_ns)
            path->owed_until_ns = answered_ns;
    }
    if (path->exchange < path->facts->exchange_count &&
        exchanges[path->exchange].request->time_ns < *limit_ns)
        *limit_ns = exchanges[path->exchange].request->time_ns;
    if (path->owed_until_ns <= time_ns)
        return false;
    if (path->owed_until_ns < *limit_ns)
        *limit_ns = path->owed_until_ns;
    return true;
}

static bool is_named(const struct thaw_phase *phase, const char *start, const char *end)
{
    size_t length = phase ? strlen(phase->name) : 0, end_length = strlen(end);

    return phase && length >= end_length && !strncmp(phase->name, start, strlen(start)) &&
           !strcmp(phase->name + length - end_length, end);
}

static enum thaw_waited_for not_the_worker(const struct path *path)
{
    return path->host ? THAW_WAITED_HOST : THAW_WAITED_UNKNOWN;
}

/* Who is waited for at an instant; *limit_ns is lowered to where the answer may change. */
static enum thaw_waited_for waited_for(struct path *path, const struct thaw_phase *phase,
                                       uint64_t time_ns, uint64_t *limit_ns)
{
    const struct thaw_event *hello = path->facts->hello;
    bool owes = owes_answer(path, time_ns, limit_ns);

    if (hello && hello->time_ns > time_ns && hello->time_ns < *limit_ns)
        *limit_ns = hello->time_ns;
    if (is_named(phase, "pool", "") || is_named(phase, "vm", "") || is_named(phase, "", ".wait"))
        return THAW_WAITED_OUTSIDE;
    if (is_named(phase, "host", ""))
        return not_the_worker(path);
    if (!hello || time_ns < hello->time_ns || owes)
        return THAW_WAITED_WORKER;
    return not_the_worker(path);
}

static uint32_t process_of(const struct path *path, const struct thaw_phase *phase,
                           enum thaw_waited_for who)
{
    if (is_named(phase, "failed-start", ""))
        return path->facts->retry_of;
    if (who == THAW_WAITED_WORKER)
        return path->track->process;
    return who == THAW_WAITED_HOST ? path->host : 0;
}

static bool add_step(struct path *path, uint64_t start_ns, uint64_t end_ns,
                     const struct thaw_phase *phase, enum thaw_waited_for who)
{
    const char *name = phase ? phase->name : "";
    size_t count = path->steps.count;
    struct thaw_critical_step *step = count ? &path->steps.items[count - 1] : NULL;

    if (step && step->waited_for == who && !strcmp(step->phase, name)) {
        step->end_ns = end_ns;
        return true;
    }
    step = thaw_array_add(&path->steps);
    if (!step)
        return false;
    *step = (struct thaw_critical_step){
        .start_ns = start_ns,
        .end_ns = end_ns,
        .waited_for = who,
        .process = process_of(path, phase, who),
        .phase = name,
        .derived = !phase || phase->confidence != THAW_OBSERVED || who == THAW_WAITED_OUTSIDE,
    };
    return true;
}

static bool add_steps(struct path *path)
{
    uint64_t time_ns = path->track->start_ns, end_ns = path->track->end_ns;

    while (time_ns < end_ns) {
        const struct thaw_phase *phase = phase_at(path, time_ns);
        uint64_t limit_ns = phase_limit(path, time_ns, end_ns);
        enum thaw_waited_for who = waited_for(path, phase, time_ns, &limit_ns);

        if (!add_step(path, time_ns, limit_ns, phase, who))
            return false;
        time_ns = limit_ns;
    }
    return true;
}

static uint64_t slept_ns(const struct thaw_module *module)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < THAW_PARTS; i++)
        ns += module->parts[i].sleep_ns;
    return ns;
}

/* The innermost module that was there all the child's life, NULL none. */
static const struct thaw_module *module_over(const struct path *path,
                                             const struct thaw_timeline_process *child)
{
    const struct thaw_module *found = NULL;

    for (size_t i = 0; i < path->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(path->build, path->facts, i);

        if (module->start_ns > child->start_ns)
            break;
        if (module->usage_known && module->start_ns + module->total_ns >= child->end_ns)
            found = module;
    }
    return found;
}

/* Cuts the child's life out of the worker's step that holds it. */
static bool cut_out(struct path *path, const struct thaw_timeline_process *child,
                    const struct thaw_module *module)
{
    struct thaw_critical_step *step;
    size_t at = 0;

    while (at < path->steps.count && path->steps.items[at].end_ns < child->end_ns)
        at++;
    if (at == path->steps.count || path->steps.items[at].waited_for != THAW_WAITED_WORKER ||
        path->steps.items[at].start_ns > child->start_ns)
        return true;
    if (!thaw_array_add(&path->steps) || !thaw_array_add(&path->steps))
        return false;
    step = &path->steps.items[at];
    memmove(step + 3, step + 1, (path->steps.count - at - 3) * sizeof(*step));
    step[1] = step[2] = step[0];
    step[0].end_ns = step[1].start_ns = child->start_ns;
    step[1].end_ns = step[2].start_ns = child->end_ns;
    step[1].waited_for = THAW_WAITED_CHILD;
    step[1].process = child->id;
    step[1].module = module->id;
    step[1].derived = true;
    return true;
}

static int latest_first(const void *left, const void *right)
{
    const struct thaw_timeline_process *a = *(const struct thaw_timeline_process *const *)left;
    const struct thaw_timeline_process *b = *(const struct thaw_timeline_process *const *)right;

    if (a->end_ns != b->end_ns)
        return a->end_ns > b->end_ns ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

static bool collect_children(struct path *path)
{
    const struct thaw_track *track = path->track;

    for (uint32_t id = track->process + 1; id <= path->build->facts_count; id++) {
        const struct thaw_timeline_process *child = thaw_build_process(path->build, id);
        const struct thaw_timeline_process **place;

        if (child->start_ns >= track->end_ns)
            break;
        if (child->parent != track->process || child->end_ns <= child->start_ns)
            continue;
        place = thaw_array_add(&path->children);
        if (!place)
            return false;
        *place = child;
    }
    if (path->children.count)
        qsort(path->children.items, path->children.count, sizeof(*path->children.items),
              latest_first);
    return true;
}

/*
 * Of children that lived at once, the one that ended last was waited for, if any: a module must
 * have slept for four fifths of its life, beside what it slept for those already taken.
 */
static bool add_children(struct path *path)
{
    const struct thaw_module *module, *last = NULL;
    uint64_t until_ns = UINT64_MAX, left_ns = 0;

    if (!collect_children(path))
        return false;
    for (size_t i = 0; i < path->children.count; i++) {
        const struct thaw_timeline_process *child = path->children.items[i];
        uint64_t life_ns = child->end_ns - child->start_ns;

        module = child->end_ns <= until_ns ? module_over(path, child) : NULL;
        if (!module)
            continue;
        if (module != last)
            left_ns = slept_ns(module);
        last = module;
        if (left_ns < life_ns - life_ns / 5)
            continue;
        left_ns = thaw_build_less(left_ns, life_ns);
        until_ns = child->start_ns;
        if (!cut_out(path, child, module))
            return false;
    }
    return true;
}

/* Cutting may leave steps of no time. */
static void drop_empty(struct path *path)
{
    size_t kept = 0;

    for (size_t i = 0; i < path->steps.count; i++)
        if (path->steps.items[i].end_ns > path->steps.items[i].start_ns)
            path->steps.items[kept++] = path->steps.items[i];
    path->steps.count = kept;
}

static bool build_track(struct thaw_build *build, struct thaw_track *track)
{
    struct path path = {.build = build,
                        .track = track,
                        .facts = thaw_build_facts(build, track->process)};
    uint32_t parent = thaw_build_process(build, track->process)->parent;
    bool enough;

    if (parent && !strcmp(thaw_build_process(build, parent)->role, "host"))
        path.host = parent;
    enough = add_steps(&path) && add_children(&path);
    drop_empty(&path);
    enough =
        enough && thaw_critical_threads_build(build, track, path.steps.items, path.steps.count);
    thaw_array_free(&path.steps);
    thaw_array_free(&path.children);
    return enough;
}

bool thaw_critical_path_build(struct thaw_build *build)
{
    for (size_t i = 0; i < build->memory->tracks.count; i++)
        if (!build_track(build, &build->memory->tracks.items[i]))
            return false;
    return true;
}
