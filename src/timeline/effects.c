/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/effects.h"
#include "timeline/loading.h"
#include "timeline/paths.h"

/* A file of bytecode while it is written: "x.cpython-311.pyc.140123". */
static bool is_unfinished_bytecode(const char *path, size_t length)
{
    size_t digits = 0;

    while (digits < length && path[length - 1 - digits] >= '0' && path[length - 1 - digits] <= '9')
        digits++;
    return digits && length - digits >= 5 && !memcmp(path + length - digits - 5, ".pyc.", 5);
}

/* The import machinery's own writing (importlib._bootstrap_external._write_atomic). */
static bool is_bytecode(const struct thaw_effect_seen *effect)
{
    const char *arrow = strstr(effect->detail, " -> ");

    if (!strcmp(effect->what, "mkdir"))
        return !strcmp(thaw_path_base(effect->detail), "__pycache__");
    if (!strcmp(effect->what, "rename"))
        return arrow && is_unfinished_bytecode(effect->detail, (size_t)(arrow - effect->detail));
    if (!strcmp(effect->what, "write") || !strcmp(effect->what, "remove"))
        return is_unfinished_bytecode(effect->detail, strlen(effect->detail));
    return false;
}

static uint32_t module_of(const struct thaw_import_stack *stack,
                          const struct thaw_effect_seen *effect)
{
    uint32_t module = thaw_import_stack_module(stack);

    return module || !effect->inherited ? module : stack->creator;
}

static struct thaw_timeline_effect *add_effect(struct thaw_build *build, uint32_t module,
                                               uint32_t process, const struct thaw_event *event)
{
    struct thaw_timeline_effect *effect = thaw_array_add(&build->memory->effects);

    if (effect)
        *effect = (struct thaw_timeline_effect){
            .module = module,
            .process = process,
            .tid = event->tid,
            .time_ns = event->time_ns,
            .kind = "",
            .detail = "",
        };
    return effect;
}

/* Whom the effect started acts for the module (index + 1) from now on; 0: for none. */
static bool inherit(struct thaw_build *build, struct thaw_import_stacks *stacks, uint32_t process,
                    const struct thaw_effect_seen *seen, uint32_t module)
{
    uint32_t started = (uint32_t)seen->started;
    bool is_process = !strcmp(seen->what, "process");
    struct thaw_import_stack *stack;

    if (is_process)
        process = thaw_lookup_number(&stacks->forked, started, 0);
    if (!started || !process)
        return true;
    stack = thaw_import_stacks_get(stacks, process, started, 0);
    if (!stack)
        return false;
    stack->creator = module;
    stack->started_by = is_process && module ? (uint32_t)build->memory->effects.count : 0;
    return true;
}

/* From 512 on they are the kernel's own words for calls that go on (linux/errno.h). */
static uint32_t error_of(const struct thaw_effect_seen *seen)
{
    return seen->result < 0 && seen->result > -512 ? (uint32_t)-seen->result : 0;
}

bool thaw_effects_take(struct thaw_build *build, struct thaw_import_stacks *stacks,
                       struct thaw_import_stack *stack, const struct thaw_event *event)
{
    const struct thaw_effect_seen *seen = &event->effect;
    struct thaw_timeline_effect *effect;
    uint32_t module;

    if (seen->stack)
        thaw_import_stack_prune(stack, build, seen->stack, event->time_ns);
    if (is_bytecode(seen) && !strcmp(seen->what, "rename") && !seen->result)
        thaw_loading_written(build, stack);
    module = module_of(stack, seen);
    if (module && !is_bytecode(seen)) {
        effect = add_effect(build, module, stack->process, event);
        if (!effect)
            return false;
        effect->kind = seen->what;
        effect->detail = seen->detail;
        effect->duration_ns = seen->duration_ns;
        effect->error = error_of(seen);
        effect->more = seen->last != 0;
    }
    return inherit(build, stacks, stack->process, seen, module);
}

/* The program is told with what started its process; a further one is an effect of its own. */
static bool execute(struct thaw_build *build, struct thaw_import_stack *stack,
                    const struct thaw_event *event)
{
    struct thaw_timeline_effect *effect;

    if (stack->started_by) {
        effect = &build->memory->effects.items[stack->started_by - 1];
        stack->started_by = 0;
    } else {
        effect = add_effect(build, stack->creator, stack->process, event);
        if (!effect)
            return false;
        effect->kind = "program";
    }
    effect->detail = event->process_exec.executable;
    return true;
}

bool thaw_effects_of_process(struct thaw_build *build, struct thaw_import_stacks *stacks,
                             uint32_t process, const struct thaw_event *event)
{
    struct thaw_import_stack *stack;

    if (event->kind == THAW_EVENT_PROCESS_FORK)
        return thaw_lookup_set_number(&stacks->forked, event->pid, process);
    if (event->kind != THAW_EVENT_PROCESS_EXEC)
        return true;
    stack = thaw_import_stacks_find(stacks, process, event->pid, 0);
    return !stack || !stack->creator || execute(build, stack, event);
}

static bool were_observed(const struct thaw_recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_PROBE && !strcmp(event->probe.name, THAW_PROBE_EFFECTS) &&
            !strcmp(event->probe.status, "attached"))
            return true;
    }
    return false;
}

/* Effects stand in order of time: among those of one module the array's own order decides. */
static int compare_effects(const void *left, const void *right)
{
    const struct thaw_timeline_effect *a = left, *b = right;

    if (a->module != b->module)
        return a->module < b->module ? -1 : 1;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

bool thaw_effects_build(struct thaw_build *build)
{
    struct thaw_timeline_memory *memory = build->memory;

    build->timeline->effects_observed = were_observed(build->recording);
    if (!build->timeline->effects_observed)
        memory->effects.count = 0;
    for (size_t i = 0; i < memory->effects.count; i++)
        memory->effects.items[i].order = (uint32_t)i;
    if (memory->effects.count)
        qsort(memory->effects.items, memory->effects.count, sizeof(*memory->effects.items),
              compare_effects);
    return true;
}

/* Index of the first effect of a module with that id or a higher one. */
static size_t first_from(const struct thaw_timeline *timeline, uint32_t module)
{
    size_t low = 0, high = timeline->effect_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (timeline->effects[middle].module < module)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct thaw_timeline_effect *
thaw_timeline_module_effects(const struct thaw_timeline *timeline, uint32_t module,
                             size_t *ret_count)
{
    size_t first = first_from(timeline, module);

    *ret_count = first_from(timeline, module + 1) - first;
    return *ret_count ? &timeline->effects[first] : NULL;
}
