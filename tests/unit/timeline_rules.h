/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TIMELINE_RULES_H
#define TESTS_TIMELINE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "thaw/timeline.h"

/*
 * What must hold for every timeline, whatever the recording. A header of its own because fuzz
 * targets, which have no test framework, ask the same.
 */
#define RULE(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return #condition;                                                                     \
    } while (0)

static inline const char *broken_process_rule(const struct thaw_timeline *timeline)
{
    for (size_t i = 0; i < timeline->process_count; i++) {
        const struct thaw_timeline_process *process = &timeline->processes[i];

        RULE(process->id == i + 1);
        RULE(process->parent < process->id);
        RULE(i == 0 || process->start_ns >= process[-1].start_ns);
        RULE(process->role && process->platform && process->executable);
        RULE(process->python && process->coverage && process->directory);
        RULE(process->exit_code < 0 || (process->end_ns && !process->exit_signal));
        for (size_t j = 1; j < process->exec_count; j++)
            RULE(process->execs[j] >= process->execs[j - 1]);
    }
    return NULL;
}

/* Of all but collections. */
static inline uint64_t sum_of_parts(const struct thaw_module *module)
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < THAW_PARTS; i++)
        sum_ns += i == THAW_PART_GC ? 0 : module->parts[i].ns;
    return sum_ns;
}

static inline const char *broken_module_rule(const struct thaw_timeline *timeline, size_t index)
{
    const struct thaw_module *module = &timeline->modules[index];
    const struct thaw_module *parent =
        module->parent ? &timeline->modules[module->parent - 1] : NULL;

    RULE(module->id == index + 1);
    RULE(module->parent < module->id);
    RULE(module->process >= 1 && module->process <= timeline->process_count);
    RULE(index == 0 || module->start_ns >= module[-1].start_ns);
    RULE(module->name && module->kind && module->via && module->file);
    RULE(module->short_file && module->distribution && module->owner);
    RULE(module->self_ns <= module->total_ns);
    RULE(sum_of_parts(module) == module->self_ns);
    RULE(module->parts[THAW_PART_GC].ns == module->gc_ns);
    RULE(module->total.ns == module->total_ns);
    RULE(!module->body_ns || module->body_ns >= module->start_ns);
    RULE(!parent || module->process == parent->process);
    RULE(!parent || module->start_ns >= parent->start_ns);
    RULE(!parent || !module->timed || module->tid == parent->tid);
    RULE(!parent || !module->timed || module->strand != parent->strand ||
         module->start_ns + module->total_ns <= parent->start_ns + parent->total_ns);
    return NULL;
}

static inline bool is_on_its_parents_strand(const struct thaw_timeline *timeline,
                                            const struct thaw_module *module)
{
    return !module->parent || timeline->modules[module->parent - 1].strand == module->strand;
}

static inline const char *broken_effect_rule(const struct thaw_timeline *timeline)
{
    for (size_t i = 0; i < timeline->effect_count; i++) {
        const struct thaw_timeline_effect *effect = &timeline->effects[i];

        RULE(timeline->effects_observed);
        RULE(effect->module >= 1 && effect->module <= timeline->module_count);
        RULE(effect->process >= 1 && effect->process <= timeline->process_count);
        RULE(i == 0 || effect->module >= effect[-1].module);
        RULE(i == 0 || effect->module > effect[-1].module || effect->time_ns >= effect[-1].time_ns);
        RULE(effect->kind && effect->detail);
    }
    return NULL;
}

/* Of all parts; counters of threads may be anything, so sums may go around. */
static inline uint64_t faults_of_parts(const struct thaw_module *module)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < THAW_PARTS; i++)
        sum += module->parts[i].minor_faults;
    return sum;
}

/* What is used is in the parts, or in the children; below as in the next one. */
static inline const char *broken_usage_rule(const struct thaw_timeline *timeline, uint64_t *below)
{
    for (size_t i = 0; i <= timeline->module_count; i++)
        below[i] = 0;
    for (size_t i = 0; i < timeline->module_count; i++)
        if (is_on_its_parents_strand(timeline, &timeline->modules[i]))
            below[timeline->modules[i].parent] += timeline->modules[i].total.minor_faults;
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        RULE(!module->timed ||
             module->total.minor_faults == faults_of_parts(module) + below[module->id]);
    }
    return NULL;
}

/* below_ns: room for one number per module and one more, zeroed. */
static inline const char *broken_sum_rule(const struct thaw_timeline *timeline, uint64_t *below_ns)
{
    for (size_t i = 0; i < timeline->module_count; i++) {
        const char *broken = broken_module_rule(timeline, i);

        if (broken)
            return broken;
        if (is_on_its_parents_strand(timeline, &timeline->modules[i]))
            below_ns[timeline->modules[i].parent] += timeline->modules[i].total_ns;
    }
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        RULE(!module->timed ||
             module->total_ns == module->self_ns + module->gc_ns + below_ns[module->id]);
    }
    return broken_usage_rule(timeline, below_ns);
}

static inline const char *broken_phase_rule(const struct thaw_phase *phases, size_t count,
                                            uint64_t start_ns, uint64_t end_ns)
{
    for (size_t i = 0; i < count; i++) {
        const char *broken;

        RULE(phases[i].name && phases[i].within);
        RULE(phases[i].evidence[0] && phases[i].evidence[1]);
        RULE(phases[i].start_ns >= start_ns);
        RULE(phases[i].end_ns + phases[i].before_ns > phases[i].start_ns);
        RULE(!phases[i].before_ns || !phases[i].start_ns);
        RULE(phases[i].end_ns <= end_ns);
        broken = broken_phase_rule(phases[i].children, phases[i].child_count, phases[i].start_ns,
                                   phases[i].end_ns);
        if (broken)
            return broken;
        start_ns = phases[i].end_ns;
    }
    return NULL;
}

static inline const char *broken_path_rule(const struct thaw_timeline *timeline,
                                           const struct thaw_track *track)
{
    uint64_t end_ns = track->start_ns;

    for (size_t i = 0; i < track->critical_step_count; i++) {
        const struct thaw_critical_step *step = &track->critical_path[i];

        RULE(step->start_ns == end_ns);
        RULE(step->end_ns > step->start_ns);
        RULE(step->process <= timeline->process_count);
        RULE(step->module <= timeline->module_count);
        RULE(step->phase);
        end_ns = step->end_ns;
    }
    RULE(end_ns == track->end_ns);
    RULE(track->headline || !track->beside_count);
    for (size_t i = 0; i < track->beside_count; i++) {
        const struct thaw_beside *beside = &track->beside[i];

        RULE(beside->process >= 1 && beside->process <= timeline->process_count);
        RULE(i == 0 || beside->start_ns >= beside[-1].start_ns);
        RULE(beside->end_ns >= beside->start_ns);
    }
    return NULL;
}

static inline const char *broken_track_rule(const struct thaw_timeline *timeline, size_t index)
{
    const struct thaw_track *track = &timeline->tracks[index];
    const char *broken = broken_path_rule(timeline, track);
    uint64_t counted_ns = 0, uncounted_ns = 0;
    size_t boot = 0; /* phases of the machine's boot that lie before the track */

    if (broken)
        return broken;
    RULE(track->id == index + 1);
    RULE(track->process >= 1 && track->process <= timeline->process_count);
    RULE(track->end_ns >= track->start_ns);
    while (boot < track->phase_count && track->phases[boot].end_ns <= track->start_ns)
        RULE(!track->phases[boot++].counted);
    for (size_t i = boot; i < track->phase_count; i++)
        *(track->phases[i].counted ? &counted_ns : &uncounted_ns) +=
            track->phases[i].end_ns - track->phases[i].start_ns + track->phases[i].before_ns;
    RULE(track->total_ns == counted_ns + track->unattributed_ns);
    RULE(track->total_ns + uncounted_ns == track->end_ns - track->start_ns + track->before_ns);
    if (broken_phase_rule(track->phases, boot, 0, track->start_ns))
        return "a boot";
    return broken_phase_rule(track->phases + boot, track->phase_count - boot, track->start_ns,
                             track->end_ns);
}

static inline const char *broken_rest_rule(const struct thaw_timeline *timeline)
{
    const char *broken_effect = broken_effect_rule(timeline);
    size_t headlines = 0;

    if (broken_effect)
        return broken_effect;
    for (size_t i = 0; i < timeline->track_count; i++) {
        const char *broken = broken_track_rule(timeline, i);

        if (broken)
            return broken;
        headlines += timeline->tracks[i].headline;
    }
    RULE(headlines == (timeline->track_count != 0));
    for (size_t i = 0; i < timeline->invocation_count; i++) {
        const struct thaw_invocation *invocation = &timeline->invocations[i];

        RULE(invocation->track <= timeline->track_count);
        RULE(!invocation->end_ns || invocation->end_ns >= invocation->start_ns);
        RULE(i == 0 || invocation->start_ns >= invocation[-1].start_ns);
        RULE(invocation->function && invocation->kind && invocation->status);
    }
    for (size_t i = 0; i < timeline->loss_count; i++)
        RULE(timeline->losses[i].cause && timeline->losses[i].what);
    RULE(timeline->complete == (timeline->loss_count == 0));
    return NULL;
}

static inline const char *broken_native_rule(const struct thaw_native *native, size_t modules)
{
    uint64_t libraries = native->unattributed, functions = native->unattributed, in_kernel = 0;

    for (size_t i = 0; i < native->library_count; i++) {
        const struct thaw_native_library *library = &native->libraries[i];
        uint64_t shares = 0;

        RULE(library->path && library->kind && library->distribution);
        for (size_t j = 0; j < library->module_count; j++) {
            RULE(library->modules[j].of == i);
            RULE(library->modules[j].module >= 1 && library->modules[j].module <= modules);
            shares += library->modules[j].samples;
        }
        RULE(shares == library->samples);
        libraries += library->samples;
        in_kernel += library->kernel_samples;
    }
    for (size_t i = 0; i < native->function_count; i++) {
        RULE(native->functions[i].library < native->library_count);
        RULE(native->functions[i].name);
        functions += native->functions[i].samples;
    }
    RULE(native->samples == libraries && native->samples == functions);
    RULE(in_kernel <= native->kernel_samples && native->kernel_samples <= native->samples);
    for (size_t i = 0; i < native->path_count; i++) {
        uint64_t shares = 0;

        for (size_t j = 0; j < native->paths[i].module_count; j++) {
            RULE(native->paths[i].modules[j].of == i);
            RULE(native->paths[i].modules[j].module >= 1);
            RULE(native->paths[i].modules[j].module <= modules);
            shares += native->paths[i].modules[j].samples;
        }
        RULE(shares == native->paths[i].samples);
        for (size_t j = 0; j < native->paths[i].function_count; j++)
            RULE(native->paths[i].functions[j] < native->function_count);
    }
    return NULL;
}

/* The first rule that does not hold, as it stands above; NULL when all do. */
static inline const char *timeline_broken_rule(const struct thaw_timeline *timeline)
{
    uint64_t *below_ns = calloc(timeline->module_count + 1, sizeof(*below_ns));
    const char *broken = broken_process_rule(timeline);

    if (!below_ns)
        return "enough memory";
    if (!broken)
        broken = broken_sum_rule(timeline, below_ns);
    free(below_ns);
    if (!broken)
        broken = broken_native_rule(&timeline->native, timeline->module_count);
    return broken ? broken : broken_rest_rule(timeline);
}

#undef RULE

#endif
