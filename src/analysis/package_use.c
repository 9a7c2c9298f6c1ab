/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/package_use.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MOST 1024
#define FUNCTIONS_MOST 4
#define NAMES_TOLD 3

/* What comes behind the package in a dotted name: "" the package itself, NULL: it lies elsewhere.
 */
static const char *behind(const char *name, const char *package)
{
    size_t length = strlen(package);

    if (strncmp(name, package, length))
        return NULL;
    return name[length] == '.' ? name + length + 1 : name[length] ? NULL : "";
}

/* The first component of a name, if there is one. */
static bool add_name(struct thaw_package_use *use, struct thaw_arena *arena, const char *name)
{
    size_t length = strcspn(name, ".");
    const char **slot;

    for (size_t i = 0; i < use->names.count; i++)
        if (!strncmp(use->names.items[i], name, length) && !use->names.items[i][length])
            return true;
    slot = thaw_array_add(&use->names);
    if (slot)
        *slot = thaw_arena_text(arena, name, length);
    return slot && *slot;
}

static bool add_dotted(struct thaw_package_use *use, struct thaw_arena *arena, const char *base,
                       const char *rest)
{
    const char *full = thaw_arena_format(arena, "%s.%s", base, rest);
    const char *name = full ? behind(full, use->package) : NULL;

    return full && (!name || !*name || add_name(use, arena, name));
}

static bool add_functions(struct thaw_package_use *use, struct thaw_arena *arena,
                          const struct thaw_texts *functions)
{
    for (uint64_t i = 0; i < functions->count; i++)
        if (!thaw_texts_hold(&use->functions, functions->items[i]) &&
            thaw_arena_add_text(arena, &use->functions, FUNCTIONS_MOST, functions->items[i],
                                strlen(functions->items[i])))
            return false;
    return true;
}

/* Of `import a.b` the name is a, else it is what was asked for. */
static const char *base_of(const struct thaw_inventory_statement *row)
{
    size_t first = strcspn(row->module, ".");

    return !strncmp(row->bound, row->module, first) && !row->bound[first] ? row->bound
                                                                          : row->module;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(word, *list))
            return true;
    return false;
}

/* The row imports the package, or something of it. */
static bool take_row(struct thaw_package_use *use, struct thaw_arena *arena,
                     const struct thaw_inventory_statement *row)
{
    static const char *const unclear[] = {"star", "global", "dynamic", "exported", NULL};
    const char *rest = behind(row->module, use->package);
    size_t before = use->names.count;
    bool enough = true;

    use->is_unclear |= is_one_of(row->use, unclear) || !strcmp(row->name, "*");
    if (*row->name)
        return add_dotted(use, arena, row->module, row->name) &&
               add_functions(use, arena, &row->functions);
    if (rest && *rest) /* import a.b: b is used, whatever else is */
        enough = add_name(use, arena, rest);
    for (uint64_t i = 0; enough && i < row->attributes.count; i++)
        enough = add_dotted(use, arena, base_of(row), row->attributes.items[i]);
    /* The module itself is handed on: nobody knows what is read of it. */
    use->is_unclear |=
        before == use->names.count && !row->attributes.count && strcmp(row->use, "none");
    return enough && add_functions(use, arena, &row->functions);
}

/* Does the statement load the package, or something below it? */
static bool is_about(const struct thaw_inventory_statement *row, const char *package,
                     struct thaw_arena *arena)
{
    const char *full;

    if (row->level || !strcmp(row->use, "type-checking"))
        return false;
    if (behind(row->module, package))
        return true;
    full = *row->name ? thaw_arena_format(arena, "%s.%s", row->module, row->name) : NULL;
    return full && behind(full, package);
}

/* A function's own import is seen among its references, where no module-level name is meant. */
static bool is_imported_in_function(const struct thaw_package_use *use,
                                    const struct thaw_recording *recording,
                                    const struct thaw_inventory_definition *definition)
{
    const char *dot = strrchr(use->package, '.');
    const char *word = dot ? dot + 1 : use->package;

    if (!strcmp(definition->kind, "module") || !thaw_texts_hold(&definition->references, word))
        return false;
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_STATEMENT &&
            !strcmp(row->file, definition->file) && !strcmp(row->bound, word))
            return false;
    }
    return true;
}

bool thaw_package_use_open(struct thaw_package_use *use, struct thaw_analysis *analysis,
                           const char *package)
{
    const struct thaw_recording *recording = analysis->timeline->recording;
    struct thaw_arena *arena = &analysis->memory->arena;
    bool enough = true;

    *use = (struct thaw_package_use){.package = package};
    for (size_t i = 0; enough && i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_STATEMENT ||
            !is_about(row, package, arena))
            continue;
        if (!use->first)
            use->first = row;
        enough = take_row(use, arena, row);
    }
    for (size_t i = 0; enough && use->first && !use->is_unclear && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_DEFINITION)
            use->is_unclear =
                is_imported_in_function(use, recording, &recording->events[i].inventory_definition);
    return enough;
}

void thaw_package_use_close(struct thaw_package_use *use)
{
    thaw_array_free(&use->names);
}

bool thaw_package_use_within(const struct thaw_package_use *use, const char *const *list)
{
    for (size_t i = 0; i < use->names.count; i++)
        if (!is_one_of(use->names.items[i], list))
            return false;
    return use->names.count > 0;
}

const char *thaw_package_use_reference(const struct thaw_analysis *analysis,
                                       const char *const *list)
{
    const struct thaw_recording *recording = analysis->timeline->recording;

    for (; *list; list++)
        for (size_t i = 0; i < recording->count; i++)
            if (recording->events[i].kind == THAW_EVENT_INVENTORY_DEFINITION &&
                thaw_texts_hold(&recording->events[i].inventory_definition.references, *list))
                return *list;
    return NULL;
}

const char *thaw_package_use_text(const struct thaw_package_use *use,
                                  struct thaw_analysis *analysis)
{
    const char *text = "";
    size_t count = use->names.count, told = count > NAMES_TOLD + 1 ? NAMES_TOLD : count;

    for (size_t i = 0; i < told; i++)
        text = thaw_finding_text(analysis, "%s%s%s", text,
                                 !i                                ? ""
                                 : i + 1 == count && told == count ? " and "
                                                                   : ", ",
                                 use->names.items[i]);
    return told == count ? text
                         : thaw_finding_text(analysis, "%s and %zu more", text, count - told);
}

/* --- without it --- */

static bool mark(const struct thaw_analysis *analysis, const char *package, bool *gone)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    bool found = false;

    for (size_t i = 0; i < timeline->module_count; i++)
        if (timeline->modules[i].process == analysis->memory->needs.process &&
            behind(timeline->modules[i].name, package))
            gone[i] = found = true;
    return found;
}

/* Does something that stays import what is gone, beside the user's own files? */
static bool is_needed(const struct thaw_analysis *analysis, const bool *gone, const bool *lost)
{
    const struct thaw_graph *graph = &analysis->memory->needs.graph;

    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];

        if (gone[edge->to] && !gone[edge->from] && !lost[edge->from] &&
            edge->from < analysis->timeline->module_count &&
            strcmp(analysis->timeline->modules[edge->from].owner, "app"))
            return true;
    }
    return false;
}

int thaw_package_drop(struct thaw_analysis *analysis, const char *package, const char *instead,
                      struct thaw_saving *ret, bool *ret_known)
{
    struct thaw_analysis_memory *memory = analysis->memory;
    struct thaw_needs *needs = &memory->needs;
    bool *gone = calloc(analysis->timeline->module_count + 2, sizeof(*gone));
    bool *lost = calloc(analysis->timeline->module_count + 2, sizeof(*lost));
    uint32_t node = instead && gone ? thaw_needs_find(needs, instead) : UINT32_MAX;
    bool was_root = false;
    int result = gone && lost ? 1 : -1;

    *ret_known = !instead || node != UINT32_MAX;
    if (result > 0 && !mark(analysis, package, gone))
        result = 0;
    if (node != UINT32_MAX) { /* what it needs stays, as if the program itself asked for it */
        was_root = needs->graph.roots[node];
        needs->graph.roots[node] = true;
    }
    if (result > 0 &&
        !thaw_saving_of(analysis->timeline, memory->track, needs, NULL, gone, ret, lost))
        result = -1;
    if (node != UINT32_MAX)
        needs->graph.roots[node] = was_root;
    if (result > 0 && is_needed(analysis, gone, lost))
        result = 0;
    free(gone);
    free(lost);
    return result;
}
