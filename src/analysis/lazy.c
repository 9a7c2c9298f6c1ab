/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lazy.h"
#include "analysis/memory.h"

#define NAME_MOST 1024       /* bytes of a module's name; longer ones name no module */
#define FIRST_CALLS_MOST 100 /* that are told of one suggestion */

const char *thaw_lazy_keep(struct thaw_lazy *lazy, const char *text)
{
    lazy->failed |= !text;
    return text ? text : "";
}

static void add_chain(struct thaw_lazy *lazy, uint32_t statement, uint32_t node)
{
    struct thaw_lazy_chain *chain = thaw_array_add(&lazy->chains);

    if (chain)
        *chain = (struct thaw_lazy_chain){.statement = statement, .node = node};
    lazy->failed |= !chain;
}

/* The modules on the way from a module along attributes: "request.urlopen" of urllib. */
static void add_chains(struct thaw_lazy *lazy, uint32_t statement, const char *module,
                       const char *attributes)
{
    char name[NAME_MOST];
    int length = snprintf(name, sizeof(name), "%s.%s", module, attributes);

    if (length < 0 || (size_t)length >= sizeof(name))
        return;
    for (char *dot = name + strlen(module); dot; dot = strchr(dot + 1, '.')) {
        char *end = strchr(dot + 1, '.');
        uint32_t node;

        if (end)
            *end = '\0';
        node = thaw_needs_find(lazy->needs, name);
        if (node != UINT32_MAX)
            add_chain(lazy, statement, node);
        if (end)
            *end = '.';
    }
}

/* Is the module of that name what the row's name is bound to? */
static bool is_bound(const struct thaw_inventory_statement *row, const char *module)
{
    size_t first = strcspn(row->module, ".");
    const char *dot = strrchr(module, '.');

    if (*row->name)
        return dot && strcmp(dot + 1, row->name) == 0;
    if (strncmp(row->bound, row->module, first) == 0 && row->bound[first] == '\0')
        return strcmp(module, row->bound) == 0;
    return strcmp(module, row->module) == 0; /* import a.b as c */
}

static void collect_chains(struct thaw_lazy *lazy)
{
    const struct thaw_graph *graph = &lazy->needs->graph;

    for (size_t i = 0; i < graph->edges.count && !lazy->failed; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];
        const struct thaw_inventory_statement *row;
        const char *module;

        if (edge->statement == THAW_GRAPH_NO_STATEMENT)
            continue;
        row = lazy->needs->statements.items[edge->statement];
        module = lazy->timeline->modules[edge->to].name;
        for (uint64_t n = 0; is_bound(row, module) && n < row->attributes.count; n++)
            add_chains(lazy, edge->statement, module, row->attributes.items[n]);
    }
}

/* By file and name; of equal ones the first recorded stands first. */
static int compare_definitions(const void *left, const void *right)
{
    const struct thaw_inventory_definition *a = *(
                                               const struct thaw_inventory_definition *const *)left,
                                           *b = *(const struct thaw_inventory_definition *const *)
                                                    right;
    int order = strcmp(a->file, b->file);

    order = order ? order : strcmp(a->name, b->name);
    return order ? order : (a > b) - (a < b);
}

static int compare_rows(const void *left, const void *right, void *statements)
{
    const struct thaw_inventory_statement *const *rows = statements;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = strcmp(rows[a]->file, rows[b]->file);

    return order ? order : (a > b) - (a < b);
}

static void index_rows(struct thaw_lazy *lazy)
{
    size_t count = lazy->needs->statements.count;

    for (size_t i = 0; i < count; i++)
        lazy->by_file[i] = (uint32_t)i;
    qsort_r(lazy->by_file, count, sizeof(*lazy->by_file), compare_rows,
            lazy->needs->statements.items);
}

size_t thaw_lazy_rows(const struct thaw_lazy *lazy, const char *file)
{
    const struct thaw_inventory_statement *const *rows = lazy->needs->statements.items;
    size_t low = 0, high = lazy->needs->statements.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(rows[lazy->by_file[middle]]->file, file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void collect_definitions(struct thaw_lazy *lazy)
{
    const struct thaw_recording *recording = lazy->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_definition **slot;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_DEFINITION)
            continue;
        slot = thaw_array_add(&lazy->definitions);
        if (slot)
            *slot = &recording->events[i].inventory_definition;
        lazy->failed |= !slot;
    }
    if (lazy->definitions.count)
        qsort(lazy->definitions.items, lazy->definitions.count, sizeof(*lazy->definitions.items),
              compare_definitions);
}

bool thaw_lazy_open(struct thaw_lazy *lazy, const struct thaw_timeline *timeline,
                    const struct thaw_track *track, const struct thaw_needs *needs,
                    struct thaw_arena *arena)
{
    size_t nodes = timeline->module_count + 2;

    *lazy = (struct thaw_lazy){
        .timeline = timeline,
        .track = track,
        .needs = needs,
        .arena = arena,
        .first_reply = thaw_first_reply_open(timeline, track),
        .by_file = calloc(needs->statements.count + 1, sizeof(*lazy->by_file)),
        .cut = calloc(needs->statements.count + 1, sizeof(*lazy->cut)),
        .lost = calloc(nodes, sizeof(*lazy->lost)),
        .from = calloc(nodes, sizeof(*lazy->from)),
        .more = calloc(nodes, sizeof(*lazy->more)),
    };
    lazy->failed = !lazy->first_reply || !lazy->by_file || !lazy->cut || !lazy->lost ||
                   !lazy->from || !lazy->more;
    if (!lazy->failed) {
        index_rows(lazy);
        collect_definitions(lazy);
        collect_chains(lazy);
    }
    return !lazy->failed;
}

void thaw_lazy_close(struct thaw_lazy *lazy)
{
    thaw_first_reply_close(lazy->first_reply);
    thaw_array_free(&lazy->definitions);
    thaw_array_free(&lazy->chains);
    thaw_array_free(&lazy->reasons);
    free(lazy->by_file);
    free(lazy->cut);
    free(lazy->lost);
    free(lazy->from);
    free(lazy->more);
}

void thaw_lazy_weigh(struct thaw_lazy *lazy)
{
    if (!thaw_saving_of(lazy->timeline, lazy->track, lazy->needs, lazy->cut, NULL, &lazy->saving,
                        lazy->lost))
        lazy->failed = true;
}

const struct thaw_inventory_definition *thaw_lazy_definition(const struct thaw_lazy *lazy,
                                                             const char *file, const char *name)
{
    size_t low = 0, high = lazy->definitions.count;
    const struct thaw_inventory_definition *found;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct thaw_inventory_definition *row = lazy->definitions.items[middle];
        int order = strcmp(row->file, file);

        if (order < 0 || (!order && strcmp(row->name, name) < 0))
            low = middle + 1;
        else
            high = middle;
    }
    found = low < lazy->definitions.count ? lazy->definitions.items[low] : NULL;
    return found && !strcmp(found->file, file) && !strcmp(found->name, name) ? found : NULL;
}

void thaw_lazy_mark_targets(struct thaw_lazy *lazy, size_t row)
{
    const struct thaw_graph *graph = &lazy->needs->graph;

    for (size_t i = 0; i < graph->edges.count; i++) {
        if (graph->edges.items[i].statement == row)
            lazy->from[graph->edges.items[i].to] = true;
    }
}

/* What the first call of a function pays: all that its rows among the cut ones bring. */
static void weigh_call(struct thaw_lazy *lazy, struct thaw_first_call *call)
{
    const struct thaw_needs *needs = lazy->needs;

    memset(lazy->from, 0, needs->graph.node_count * sizeof(*lazy->from));
    for (size_t i = 0; i < needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = needs->statements.items[i];

        if (lazy->cut[i] && strcmp(row->file, call->file) == 0 &&
            thaw_texts_hold(&row->functions, call->function))
            thaw_lazy_mark_targets(lazy, i);
    }
    if (!thaw_graph_beyond(&needs->graph, lazy->cut, lazy->from, &call->ns, lazy->more))
        lazy->failed = true;
    else
        call->modules = thaw_needs_count(needs, lazy->more);
}

static bool is_known(const struct thaw_first_call *calls, size_t count, const char *file,
                     const char *function)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(calls[i].function, function) == 0 && strcmp(calls[i].file, file) == 0)
            return true;
    }
    return false;
}

static int dearest_first(const void *left, const void *right)
{
    const struct thaw_first_call *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? -1 : 1;
    return a->line != b->line ? (a->line < b->line ? -1 : 1) : strcmp(a->function, b->function);
}

void thaw_lazy_first_calls(struct thaw_lazy *lazy, struct thaw_first_call **ret, size_t *ret_count)
{
    struct thaw_first_call *calls =
        thaw_arena_allocate(lazy->arena, FIRST_CALLS_MOST * sizeof(*calls));
    size_t count = 0;

    lazy->failed |= !calls;
    for (size_t i = 0; calls && i < lazy->needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = lazy->needs->statements.items[i];

        for (uint64_t n = 0; lazy->cut[i] && n < row->functions.count; n++) {
            const struct thaw_inventory_definition *definition;

            if (count == FIRST_CALLS_MOST ||
                is_known(calls, count, row->file, row->functions.items[n]))
                continue;
            definition = thaw_lazy_definition(lazy, row->file, row->functions.items[n]);
            calls[count] = (struct thaw_first_call){.function = row->functions.items[n],
                                                    .file = row->file,
                                                    .line = definition ? definition->line : 0};
            weigh_call(lazy, &calls[count]);
            count += calls[count].ns ? 1 : 0;
        }
    }
    if (count)
        qsort(calls, count, sizeof(*calls), dearest_first);
    *ret = calls;
    *ret_count = count;
}
