/* SPDX-License-Identifier: Apache-2.0 */
#include "thaw/what_if.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import_share.h"
#include "analysis/lazy.h"
#include "analysis/memory.h"
#include "inventory/statements.h"
#include "packaging/name.h"

#define MAIN "__main__"

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

struct thaw_what_if_memory {
    struct thaw_arena arena;
    struct thaw_needs needs;
    struct thaw_lazy lazy;
    bool *gone; /* nodes */
    struct names dropped;
    struct names vanished;
    struct names offered;
    THAW_ARRAY(struct thaw_what_if_needer) needers;
};

static const struct thaw_module *module_at(const struct thaw_what_if_memory *memory, size_t node)
{
    return &memory->needs.timeline->modules[node];
}

/* --- names --- */

static bool mark_lazy(struct thaw_what_if_memory *memory, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < memory->needs.statements.count; i++) {
        if (thaw_statement_answers_to(memory->needs.statements.items[i], name))
            memory->lazy.cut[i] = found = true;
    }
    return found;
}

static bool mark_gone(struct thaw_what_if_memory *memory, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < memory->needs.timeline->module_count; i++) {
        const struct thaw_module *module = module_at(memory, i);

        if (module->process == memory->needs.process &&
            (thaw_needs_is_below(module->name, name) ||
             (*module->distribution && thaw_name_is_same(module->distribution, name))))
            memory->gone[i] = found = true;
    }
    return found;
}

static bool add_name(struct names *names, const char *name)
{
    const char **slot = thaw_array_add(names);

    if (slot)
        *slot = name;
    return slot != NULL;
}

/* What might have been meant by a name that is unknown. */
static bool offer(struct thaw_what_if_memory *memory, bool drop)
{
    bool enough = true;

    for (size_t i = 0; !drop && enough && i < memory->needs.statements.count; i++) {
        const struct thaw_inventory_statement *row = memory->needs.statements.items[i];

        if (row->level == 0)
            enough = add_name(&memory->offered, row->module);
    }
    for (size_t i = 0; drop && enough && i < memory->needs.timeline->module_count; i++) {
        const struct thaw_module *module = module_at(memory, i);

        if (module->process != memory->needs.process)
            continue;
        if (!strchr(module->name, '.'))
            enough = add_name(&memory->offered, module->name);
        if (enough && *module->distribution)
            enough = add_name(&memory->offered, module->distribution);
    }
    return enough;
}

static int mark_all(struct thaw_what_if_memory *memory, const struct thaw_what_if *question,
                    struct thaw_what_if_answer *ret, struct thaw_error *error)
{
    bool drop = false;

    for (size_t i = 0; i < question->lazy_count && !ret->unknown; i++) {
        if (!mark_lazy(memory, question->lazy[i]))
            ret->unknown = question->lazy[i];
    }
    for (size_t i = 0; i < question->drop_count && !ret->unknown; i++) {
        drop = true;
        if (!mark_gone(memory, question->drop[i]))
            ret->unknown = question->drop[i];
    }
    if (!ret->unknown)
        return 0;
    if (!offer(memory, drop))
        return thaw_error_memory(error);
    ret->offered = memory->offered.items;
    ret->offered_count = memory->offered.count;
    return thaw_error_set(error, -ENOENT,
                          drop ? "nothing of %s was imported in the recording"
                               : "no import of %s at the top of the recorded app's own files",
                          ret->unknown);
}

/* --- who would break --- */

/* The line on which a file imports a module by an absolute name, 0 unknown. */
static uint64_t line_of(const struct thaw_what_if_memory *memory, const char *file,
                        const char *module)
{
    const struct thaw_recording *recording = memory->needs.timeline->recording;
    uint64_t line = 0;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_import *row = &recording->events[i].inventory_import;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_IMPORT || row->level ||
            strcmp(row->file, file) ||
            !(thaw_needs_is_below(row->module, module) || thaw_needs_is_below(module, row->module)))
            continue;
        if (!line || row->line < line)
            line = row->line;
    }
    return line;
}

static struct thaw_what_if_needer *find_needer(struct thaw_what_if_memory *memory,
                                               const char *module, uint64_t line)
{
    for (size_t i = 0; i < memory->needers.count; i++) {
        if (memory->needers.items[i].line == line &&
            strcmp(memory->needers.items[i].module, module) == 0)
            return &memory->needers.items[i];
    }
    return NULL;
}

static bool add_needer(struct thaw_what_if_memory *memory, const struct thaw_graph_edge *edge)
{
    const struct thaw_inventory_statement *row = NULL;
    struct thaw_what_if_needer needer = {.module = MAIN, .distribution = "", .file = ""};
    struct thaw_what_if_needer *slot;

    needer.needs = module_at(memory, edge->to)->name;
    if (edge->from < memory->needs.timeline->module_count) {
        const struct thaw_module *from = module_at(memory, edge->from);

        needer.module = from->name;
        needer.distribution = from->distribution;
        needer.file = from->file;
        needer.own = strcmp(from->owner, "app") == 0;
    }
    if (edge->statement != THAW_GRAPH_NO_STATEMENT) {
        row = memory->needs.statements.items[edge->statement];
        needer.file = row->file;
        needer.own = true;
    }
    needer.line = row ? row->line : line_of(memory, needer.file, needer.needs);
    if (find_needer(memory, needer.module, needer.line))
        return true;
    slot = thaw_array_add(&memory->needers);
    if (slot)
        *slot = needer;
    return slot != NULL;
}

static int own_first(const void *left, const void *right)
{
    const struct thaw_what_if_needer *a = left, *b = right;
    int order;

    if (a->own != b->own)
        return a->own ? -1 : 1;
    order = strcmp(a->module, b->module);
    return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

/* Who is there all the same and imports what is gone; what is deferred does so later. */
static bool find_needers(struct thaw_what_if_memory *memory)
{
    const struct thaw_graph *graph = &memory->needs.graph;

    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];

        if (!memory->gone[edge->to] || memory->gone[edge->from] || memory->lazy.lost[edge->from])
            continue;
        if (!add_needer(memory, edge))
            return false;
    }
    if (memory->needers.count)
        qsort(memory->needers.items, memory->needers.count, sizeof(*memory->needers.items),
              own_first);
    return true;
}

static bool name_modules(struct thaw_what_if_memory *memory)
{
    for (size_t i = 0; i < memory->needs.timeline->module_count; i++) {
        const char *name = module_at(memory, i)->name;
        bool loaded = thaw_needs_find(&memory->needs, name) == i;

        if ((memory->gone[i] && !add_name(&memory->dropped, name)) ||
            (memory->lazy.lost[i] && loaded && !add_name(&memory->vanished, name)))
            return false;
    }
    return true;
}

/* --- the answer --- */

/* Does the first reply need one of the deferred statements' names? */
static bool needed_early(const struct thaw_what_if_memory *memory)
{
    for (size_t i = 0; memory->lazy.track->answered && i < memory->needs.statements.count; i++) {
        const struct thaw_inventory_statement *row = memory->needs.statements.items[i];

        if (memory->lazy.cut[i] &&
            (strcmp(row->use, "functions") ||
             thaw_first_reply_needs(memory->lazy.first_reply, row->file, &row->functions)))
            return true;
    }
    return false;
}

static uint64_t imports_ns(const struct thaw_timeline *timeline, uint32_t process)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < timeline->module_count; i++)
        sum += timeline->modules[i].process == process ? timeline->modules[i].self_ns : 0;
    return sum;
}

static bool answer(struct thaw_what_if_memory *memory, struct thaw_what_if_answer *ret)
{
    struct thaw_lazy *lazy = &memory->lazy;

    if (!thaw_saving_of(lazy->timeline, lazy->track, lazy->needs, lazy->cut, memory->gone,
                        &ret->saving, lazy->lost) ||
        !find_needers(memory) || !name_modules(memory))
        return false;
    ret->imports_ns = imports_ns(lazy->timeline, memory->needs.process);
    ret->import_share = thaw_import_share_of(lazy->needs, lazy->lost, &ret->import_cpu_ns);
    ret->needed = needed_early(memory);
    thaw_lazy_first_calls(lazy, &ret->first_calls, &ret->first_call_count);
    ret->vanished = memory->vanished.items;
    ret->vanished_count = memory->vanished.count;
    ret->dropped = memory->dropped.items;
    ret->dropped_count = memory->dropped.count;
    ret->needers = memory->needers.items;
    ret->needer_count = memory->needers.count;
    return !lazy->failed;
}

int thaw_analysis_what_if(const struct thaw_timeline *timeline, const struct thaw_what_if *question,
                          struct thaw_what_if_answer *ret, struct thaw_error *error)
{
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    struct thaw_what_if_memory *memory;
    int code;

    *ret = (struct thaw_what_if_answer){0};
    if (!track || !thaw_needs_known(timeline))
        return thaw_error_set(error, -ENODATA,
                              "the recording doesn't hold which module imports "
                              "which; record again with eBPF");
    memory = ret->memory = calloc(1, sizeof(*memory));
    if (!memory || !thaw_needs_open(&memory->needs, timeline, track->process))
        return thaw_error_memory(error);
    memory->gone = calloc(timeline->module_count + 2, sizeof(*memory->gone));
    if (!memory->gone ||
        !thaw_lazy_open(&memory->lazy, timeline, track, &memory->needs, &memory->arena))
        return thaw_error_memory(error);
    code = mark_all(memory, question, ret, error);
    if (!code && !answer(memory, ret))
        code = thaw_error_memory(error);
    return code;
}

void thaw_what_if_answer_free(struct thaw_what_if_answer *answer)
{
    struct thaw_what_if_memory *memory = answer->memory;

    if (memory) {
        thaw_lazy_close(&memory->lazy);
        thaw_needs_close(&memory->needs);
        thaw_array_free(&memory->dropped);
        thaw_array_free(&memory->vanished);
        thaw_array_free(&memory->offered);
        thaw_array_free(&memory->needers);
        thaw_arena_free(&memory->arena);
        free(memory->gone);
        free(memory);
    }
    *answer = (struct thaw_what_if_answer){0};
}
