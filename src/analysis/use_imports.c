/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/use_parts.h"

/* Imports don't nest deeper than Python's own limit of calls. */
#define MOST_DEPTH 1000

/* A module of a distribution, as long as it took. */
struct span {
    uint32_t distribution;
    uint32_t module; /* index */
    uint64_t start_ns;
    uint64_t end_ns;
};

static const struct thaw_timeline_process *process_of(const struct thaw_timeline *timeline,
                                                      uint32_t id)
{
    return id && id <= timeline->process_count ? &timeline->processes[id - 1] : NULL;
}

/* Has the track's process what this one had loaded before it was forked? */
static bool is_inherited(const struct thaw_use_joined *joined, const struct thaw_module *module)
{
    const struct thaw_timeline_process *process = process_of(joined->timeline, joined->process);

    while (process && !process->exec_count && process->parent != process->id) {
        if (module->process == process->parent)
            return module->start_ns < process->start_ns;
        process = process_of(joined->timeline, process->parent);
    }
    return false;
}

bool thaw_use_counts(const struct thaw_use_joined *joined, const struct thaw_module *module)
{
    if (module->start_ns > joined->end_ns)
        return false;
    return !joined->process || module->process == joined->process || is_inherited(joined, module);
}

static uint32_t distribution_of(const struct thaw_use *use, const struct thaw_use_joined *joined,
                                const struct thaw_module *module)
{
    uint32_t file = *module->file ? thaw_use_file_of(joined, module->file) : THAW_SHIPPED_NONE;

    return file == THAW_SHIPPED_NONE ? file : use->shipped->files[file].distribution;
}

static int by_distribution(const void *left, const void *right)
{
    const struct span *a = left, *b = right;

    if (a->distribution != b->distribution)
        return a->distribution < b->distribution ? -1 : 1;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return 0;
}

/* Is a module above it of the same distribution, so that its time has this one's in it? */
static bool is_nested(const struct thaw_timeline *timeline, const uint32_t *owners, uint32_t index)
{
    uint32_t above = timeline->modules[index].parent;

    for (int depth = 0; above && depth < MOST_DEPTH; depth++) {
        if (owners[above - 1] == owners[index])
            return true;
        above = timeline->modules[above - 1].parent;
    }
    return above != 0;
}

/* Wall time: what overlaps counts once, whether nested or of several threads. */
static uint64_t sum_up(const struct thaw_timeline *timeline, const uint32_t *owners,
                       const struct span *spans, size_t count)
{
    uint64_t sum = 0, until_ns = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t from_ns = spans[i].start_ns > until_ns ? spans[i].start_ns : until_ns;

        if (!timeline->modules[spans[i].module].timed) {
            /* Their instants are derived, so only their totals are good. */
            if (!is_nested(timeline, owners, spans[i].module))
                sum += spans[i].end_ns - spans[i].start_ns;
            continue;
        }
        if (spans[i].end_ns <= from_ns)
            continue;
        sum += spans[i].end_ns - from_ns;
        until_ns = spans[i].end_ns;
    }
    return sum;
}

static void store(struct thaw_use *use, const struct thaw_timeline *timeline,
                  const uint32_t *owners, const struct span *spans, size_t count)
{
    uint32_t distribution = spans[0].distribution;
    struct thaw_use_distribution *row = &use->distributions[distribution];
    struct thaw_use_times *own = &use->memory->own, *total = &use->memory->total;
    size_t place = distribution * use->recording_count;
    uint64_t self_ns = 0;

    for (size_t i = 0; i < count; i++)
        self_ns += timeline->modules[spans[i].module].self_ns;
    if (count > row->modules)
        row->modules = count;
    own->values[place + own->counts[distribution]++] = self_ns;
    total->values[place + total->counts[distribution]++] = sum_up(timeline, owners, spans, count);
}

static void add_distributions(struct thaw_use *use, const struct thaw_use_joined *joined,
                              uint32_t *owners, struct span *spans)
{
    const struct thaw_timeline *timeline = joined->timeline;
    size_t count = 0;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        owners[i] = thaw_use_counts(joined, module) ? distribution_of(use, joined, module)
                                                    : THAW_SHIPPED_NONE;
        if (owners[i] != THAW_SHIPPED_NONE)
            spans[count++] = (struct span){owners[i], (uint32_t)i, module->start_ns,
                                           module->start_ns + module->total_ns};
    }
    qsort(spans, count, sizeof(*spans), by_distribution);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && spans[end].distribution == spans[i].distribution; end++)
            ;
        store(use, timeline, owners, spans + i, end - i);
    }
}

static void add_bytecode(struct thaw_use *use, const struct thaw_use_joined *joined)
{
    const struct thaw_timeline *timeline = joined->timeline;
    struct thaw_use_bytecode states[THAW_MODULE_BYTECODE_UNREADABLE + 1] = {0};

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        struct thaw_use_bytecode *state = &states[module->bytecode];

        if (!*module->file || !thaw_use_counts(joined, module) ||
            thaw_use_file_of(joined, module->file) == THAW_SHIPPED_NONE)
            continue;
        state->modules++;
        state->ns += module->parts[THAW_PART_READ].ns + module->parts[THAW_PART_COMPILE].ns +
                     module->parts[THAW_PART_WRITE].ns;
    }
    for (size_t i = THAW_MODULE_BYTECODE_MISSING; i <= THAW_MODULE_BYTECODE_UNREADABLE; i++)
        if (states[i].modules && states[i].ns >= use->memory->bytecode[i].ns) {
            use->memory->bytecode[i] = states[i];
            use->memory->bytecode[i].state = (enum thaw_module_bytecode)i;
        }
}

/* The importtime backend has modules without their files. */
static bool have_files(const struct thaw_timeline *timeline)
{
    for (size_t i = 0; i < timeline->module_count; i++)
        if (*timeline->modules[i].file)
            return true;
    return false;
}

bool thaw_use_imports(struct thaw_use *use, const struct thaw_use_joined *joined)
{
    size_t count = joined->timeline->module_count + 1;
    uint32_t *owners = calloc(count, sizeof(*owners));
    struct span *spans = calloc(count, sizeof(*spans));

    if (owners && spans) {
        add_distributions(use, joined, owners, spans);
        add_bytecode(use, joined);
        use->modules_known |= have_files(joined->timeline);
    }
    free(owners);
    free(spans);
    return owners && spans;
}
