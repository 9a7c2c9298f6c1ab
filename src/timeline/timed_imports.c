/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/lookup.h"
#include "timeline/modules.h"
#include "timeline/timed_imports.h"

#define ROUNDING_NS 1000

/* A module whose importer's line has not come yet. */
struct waiting {
    uint32_t module; /* index */
    uint64_t depth;
};

/* Python counts the depth per interpreter, so one list per process. */
struct report {
    THAW_ARRAY(struct waiting) waiting;
};

struct timed_imports {
    struct thaw_build *build;
    THAW_ARRAY(struct report) reports;
    struct thaw_lookup by_process;
};

static struct report *report_of(struct timed_imports *timed, uint32_t process)
{
    uint32_t index = thaw_lookup_number(&timed->by_process, process, UINT32_MAX);

    if (index == UINT32_MAX) {
        index = (uint32_t)timed->reports.count;
        if (!thaw_array_add(&timed->reports) ||
            !thaw_lookup_set_number(&timed->by_process, process, index))
            return NULL;
    }
    return &timed->reports.items[index];
}

/* A process that was seen by nothing else; they stay in the order of their starts. */
static void begin_no_later(const struct thaw_build *build, struct thaw_timeline_process *process,
                           uint64_t start_ns)
{
    uint64_t before_ns = process->id > 1 ? thaw_build_process(build, process->id - 1)->start_ns : 0;

    if (start_ns < before_ns)
        start_ns = before_ns;
    if (start_ns < process->start_ns)
        process->start_ns = start_ns;
}

static void fill_module(const struct thaw_build *build, struct thaw_module *module,
                        const struct thaw_event *event)
{
    struct thaw_timeline_process *process = thaw_build_process(build, module->process);
    bool seen = thaw_build_facts(build, module->process)->start == THAW_START_SEEN;
    uint64_t total_ns = event->import_timed.total_ns;
    uint64_t earliest_ns = seen ? 0 : process->start_ns;

    module->total_ns = total_ns < event->time_ns ? total_ns : event->time_ns;
    module->start_ns = event->time_ns - module->total_ns;
    if (module->start_ns < earliest_ns)
        module->start_ns = earliest_ns;
    if (seen)
        begin_no_later(build, process, module->start_ns);
}

static bool take_line(struct timed_imports *timed, const struct thaw_event *event, uint32_t process)
{
    struct thaw_build *build = timed->build;
    struct report *report = report_of(timed, process);
    uint32_t index = thaw_modules_add(build, event, process, event->import_timed.name);
    struct waiting *waiting;

    if (!report || index == UINT32_MAX)
        return false;
    fill_module(build, &build->memory->modules.items[index], event);
    build->module_facts.items[index].told_self_ns = event->import_timed.self_ns;
    while (report->waiting.count) {
        waiting = &report->waiting.items[report->waiting.count - 1];
        if (waiting->depth <= event->import_timed.depth)
            break;
        build->module_facts.items[waiting->module].parent_index = index + 1;
        build->module_facts.items[index].lines_missing |=
            waiting->depth > event->import_timed.depth + 1;
        report->waiting.count--;
    }
    waiting = thaw_array_add(&report->waiting);
    if (!waiting)
        return false;
    *waiting = (struct waiting){index, event->import_timed.depth};
    return true;
}

/* Moves the start into the parent's time, as far as the totals allow. */
static void fit_start(struct thaw_module *module, const struct thaw_module *parent)
{
    uint64_t latest_ns = parent->start_ns + thaw_build_less(parent->total_ns, module->total_ns);

    if (module->start_ns < parent->start_ns)
        module->start_ns = parent->start_ns;
    else if (module->start_ns > latest_ns)
        module->start_ns = latest_ns;
}

/*
 * A line is read some time after it was written, and its module's end is taken for that. What was
 * imported from outside of any module ended before the next such one began: where that was read so
 * late that it seems otherwise, it is moved to before it, if there is room.
 */
static void end_before_next(struct thaw_build *build, struct thaw_module *module)
{
    const struct thaw_timeline_process *process = thaw_build_process(build, module->process);
    struct thaw_process_facts *facts = thaw_build_facts(build, module->process);
    uint64_t latest_ns = thaw_build_less(facts->next_root_ns, module->total_ns);
    uint64_t earliest_ns =
        process->exec_count ? process->execs[process->exec_count - 1] : process->start_ns;

    if (facts->has_next_root && module->start_ns > latest_ns && latest_ns >= earliest_ns)
        module->start_ns = latest_ns;
    facts->has_next_root = true;
    facts->next_root_ns = module->start_ns;
}

/* Parents come after their children, so going backwards meets each parent first. */
static void join_parents(struct thaw_build *build, size_t first)
{
    struct thaw_module *modules = build->memory->modules.items;
    struct thaw_module_facts *facts = build->module_facts.items;

    for (size_t i = build->memory->modules.count; i > first; i--) {
        uint32_t parent = facts[i - 1].parent_index;

        if (!parent) {
            end_before_next(build, &modules[i - 1]);
            continue;
        }
        fit_start(&modules[i - 1], &modules[parent - 1]);
        facts[parent - 1].below++;
        if (__builtin_add_overflow(facts[parent - 1].below_ns, modules[i - 1].total_ns,
                                   &facts[parent - 1].below_ns))
            facts[parent - 1].below_ns = UINT64_MAX;
        /* A package that is imported from its own submodule was not there before. */
        if (thaw_modules_is_package_of(modules[i - 1].name, modules[parent - 1].name))
            modules[i - 1].via = "implicit parent";
    }
}

/*
 * A line's total is its own time and the totals of the lines below it, each rounded up. Where it
 * isn't, threads or processes imported at the same time, or lines are missing: then less is its own
 * than what is left, and nobody knows whose the rest is.
 */
static uint64_t self_of(struct thaw_process_facts *process, const struct thaw_module *module,
                        const struct thaw_module_facts *facts)
{
    uint64_t left_ns = thaw_build_less(module->total_ns, facts->below_ns);
    uint64_t rounding_ns = ROUNDING_NS * (facts->below + 1);

    if (thaw_build_less(facts->below_ns, module->total_ns) > ROUNDING_NS * facts->below) {
        process->clock_faults++;
        return 0;
    }
    if (!facts->lines_missing && thaw_build_less(facts->told_self_ns, left_ns) <= rounding_ns &&
        thaw_build_less(left_ns, facts->told_self_ns) <= rounding_ns)
        return left_ns;
    process->sum_faults++;
    process->unexplained_ns += thaw_build_less(left_ns, facts->told_self_ns);
    return left_ns < facts->told_self_ns ? left_ns : facts->told_self_ns;
}

static void take_children_out(struct thaw_build *build, size_t first)
{
    for (size_t i = first; i < build->memory->modules.count; i++) {
        struct thaw_module *module = &build->memory->modules.items[i];

        module->self_ns = self_of(thaw_build_facts(build, module->process), module,
                                  &build->module_facts.items[i]);
        module->parts[THAW_PART_UNKNOWN].ns = module->self_ns;
        module->total.ns = module->total_ns;
    }
}

/* What still waits below the top was imported by something that had not come to its end. */
static void count_lost_importers(struct thaw_build *build, const struct report *report)
{
    for (size_t i = 0; i < report->waiting.count; i++) {
        const struct waiting *waiting = &report->waiting.items[i];
        uint32_t process = build->memory->modules.items[waiting->module].process;

        if (waiting->depth)
            thaw_build_facts(build, process)->lost_importers++;
    }
}

bool thaw_timed_imports_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    struct timed_imports timed = {.build = build};
    size_t first = build->memory->modules.count;
    bool enough = true;

    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_IMPORT_TIMED && build->event_process[i])
            enough = take_line(&timed, &recording->events[i], build->event_process[i]);
    if (enough) {
        join_parents(build, first);
        take_children_out(build, first);
    }
    for (size_t i = 0; i < timed.reports.count; i++) {
        count_lost_importers(build, &timed.reports.items[i]);
        thaw_array_free(&timed.reports.items[i].waiting);
    }
    thaw_array_free(&timed.reports);
    thaw_lookup_free(&timed.by_process);
    return enough;
}
