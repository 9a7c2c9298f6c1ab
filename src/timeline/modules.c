/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/modules.h"
#include "timeline/by_time.h"

uint32_t thaw_modules_add(struct thaw_build *build, const struct thaw_event *event,
                          uint32_t process, const char *name)
{
    struct thaw_module *module = thaw_array_add(&build->memory->modules);

    if (!module || !thaw_array_add(&build->module_facts))
        return UINT32_MAX;
    *module = (struct thaw_module){
        .process = process,
        .tid = event->tid,
        .name = name,
        .kind = "",
        .via = "statement",
        .lazy_function = "",
        .lazy_file = "",
        .file = "",
        .short_file = "",
        .distribution = "",
        .owner = "",
        .start_ns = event->time_ns,
    };
    return (uint32_t)build->memory->modules.count - 1;
}

void thaw_modules_hang(struct thaw_build *build, uint32_t index, uint32_t parent, uint64_t strand,
                       bool inside_parent)
{
    struct thaw_module_facts *facts = &build->module_facts.items[index];

    build->memory->modules.items[index].timed = true;
    build->memory->modules.items[index].strand = strand;
    facts->parent_index = parent;
    facts->inside_parent = inside_parent;
}

bool thaw_modules_is_package_of(const char *package, const char *module)
{
    size_t length = strlen(package);

    return length && !strncmp(module, package, length) && module[length] == '.';
}

static void give_ids(struct thaw_build *build, const uint32_t *id_of)
{
    for (size_t i = 0; i < build->memory->modules.count; i++) {
        uint32_t parent = build->module_facts.items[i].parent_index;

        build->memory->modules.items[i].id = (uint32_t)i + 1;
        build->memory->modules.items[i].parent = parent ? id_of[parent - 1] : 0;
    }
    for (size_t i = 0; i < build->memory->effects.count; i++) {
        struct thaw_timeline_effect *effect = &build->memory->effects.items[i];

        effect->module = id_of[effect->module - 1];
    }
    for (size_t i = 0; i < build->sample_modules.count; i++)
        if (build->sample_modules.items[i])
            build->sample_modules.items[i] = id_of[build->sample_modules.items[i] - 1];
}

/* Parents are not always older: a module is known only after what it began with. */
static void measure_depths(struct thaw_build *build)
{
    struct thaw_module_facts *facts = build->module_facts.items;

    for (size_t i = 0; i < build->memory->modules.count; i++) {
        uint32_t above, depth = 0;

        for (above = (uint32_t)i + 1; above && !facts[above - 1].depth;
             above = facts[above - 1].parent_index)
            depth++;
        depth += above ? facts[above - 1].depth : 0;
        for (above = (uint32_t)i + 1; above && !facts[above - 1].depth;
             above = facts[above - 1].parent_index)
            facts[above - 1].depth = depth--;
    }
}

static bool sort_modules(struct thaw_build *build)
{
    size_t count = build->memory->modules.count;
    struct thaw_by_time *starts = calloc(count + 1, sizeof(*starts));
    uint32_t *id_of = calloc(count + 1, sizeof(*id_of));
    bool enough = starts && id_of;

    measure_depths(build);
    for (size_t i = 0; enough && i < count; i++)
        starts[i] = (struct thaw_by_time){build->memory->modules.items[i].start_ns,
                                          build->module_facts.items[i].depth, (uint32_t)i};
    if (enough) {
        thaw_by_time_sort(starts, count);
        enough = thaw_by_time_apply(starts, count, build->memory->modules.items,
                                    sizeof(struct thaw_module)) &&
                 thaw_by_time_apply(starts, count, build->module_facts.items,
                                    sizeof(struct thaw_module_facts));
    }
    for (size_t i = 0; enough && i < count; i++)
        id_of[starts[i].index] = (uint32_t)i + 1;
    if (enough)
        give_ids(build, id_of);
    free(starts);
    free(id_of);
    return enough;
}

/* A strand that was split off took along what had begun in its frames: parents come first. */
static void follow_strands(struct thaw_build *build)
{
    struct thaw_module *modules = build->memory->modules.items;

    for (size_t i = 0; i < build->memory->modules.count; i++)
        if (modules[i].parent && build->module_facts.items[i].inside_parent)
            modules[i].strand = modules[modules[i].parent - 1].strand;
}

static bool list_by_process(struct thaw_build *build)
{
    const struct thaw_module *modules = build->memory->modules.items;
    size_t count = build->memory->modules.count, next = 0;

    build->modules_by_process = calloc(count + 1, sizeof(*build->modules_by_process));
    if (!build->modules_by_process)
        return false;
    for (size_t i = 0; i < count; i++)
        thaw_build_facts(build, modules[i].process)->module_count++;
    for (size_t i = 0; i < build->facts_count; i++) {
        build->facts[i].first_module = next;
        next += build->facts[i].module_count;
        build->facts[i].module_count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct thaw_process_facts *facts = thaw_build_facts(build, modules[i].process);

        build->modules_by_process[facts->first_module + facts->module_count++] = (uint32_t)i;
    }
    return true;
}

bool thaw_modules_build(struct thaw_build *build)
{
    if (!sort_modules(build))
        return false;
    follow_strands(build);
    return list_by_process(build);
}
