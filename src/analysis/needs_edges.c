/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/needs_private.h"

#define NONE THAW_NEEDS_NONE
#define NAME_MOST 1024 /* bytes of an absolute name; longer ones name no module */
#define TAKEN_MOST 8   /* files that hand on a name that they import themselves */

static void connect(struct thaw_needs_builder *builder, uint32_t from, uint32_t to,
                    uint32_t statement)
{
    if (!thaw_graph_connect(&builder->needs->graph, from, to, statement))
        builder->failed = true;
}

static bool is_package(const struct thaw_module *module)
{
    const char *slash = strrchr(module->file, '/');

    return strncmp(slash ? slash + 1 : module->file, "__init__.", 9) == 0;
}

static bool copy_name(const char *from, char name[NAME_MOST])
{
    return (size_t)snprintf(name, NAME_MOST, "%s", from) < NAME_MOST;
}

/* The absolute name of what an import of this level and module means inside module. */
static bool absolute_name(const struct thaw_module *module, uint64_t level, const char *asked,
                          char name[NAME_MOST])
{
    size_t length = strlen(module->name);
    uint64_t up = level;

    if (level == 0)
        return copy_name(asked, name);
    if (length >= NAME_MOST)
        return false;
    memcpy(name, module->name, length + 1);
    up -= is_package(module) ? 1 : 0;
    for (; up; up--) {
        char *dot = strrchr(name, '.');

        if (!dot)
            return false; /* beyond the top: such an import raised */
        *dot = '\0';
    }
    length = strlen(name);
    return !*asked ||
           (size_t)snprintf(name + length, NAME_MOST - length, ".%s", asked) < NAME_MOST - length;
}

/* What takes the nodes that an import leads to. */
typedef void (*take_target)(struct thaw_needs_builder *builder, uint32_t from, uint32_t to,
                            void *context);

static void take_named(struct thaw_needs_builder *builder, uint32_t from, const char *name,
                       take_target take, void *context)
{
    uint32_t to = thaw_needs_find(builder->needs, name);

    if (to != NONE && to != from)
        take(builder, from, to, context);
}

static void take_names(struct thaw_needs_builder *builder, uint32_t from, const char *module,
                       const struct thaw_texts *names, take_target take, void *context);

/* An import asks for the module, the packages above it, and submodules among the names. */
static void for_targets(struct thaw_needs_builder *builder, uint32_t from, uint64_t level,
                        const char *asked, const struct thaw_texts *names, take_target take,
                        void *context)
{
    char name[NAME_MOST];

    if (from == builder->needs->main_node
            ? level || !copy_name(asked, name)
            : !absolute_name(thaw_needs_module(builder->needs, from), level, asked, name))
        return;
    take_names(builder, from, name, names, take, context);
    for (char *dot = name; dot; *dot = '\0') {
        take_named(builder, from, name, take, context);
        dot = strrchr(name, '.');
        if (!dot)
            return;
    }
}

/* A name that a user's file only hands on, having imported it: what that import asks for. */
static void take_handed_on(struct thaw_needs_builder *builder, uint32_t from, uint32_t module,
                           const char *name, take_target take, void *context)
{
    const struct thaw_needs *needs = builder->needs;
    const struct thaw_module *holder = thaw_needs_module(needs, module);

    if (strcmp(holder->owner, "app") || builder->taken_depth == TAKEN_MOST)
        return;
    builder->taken_depth++;
    for (size_t i = 0; i < needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = needs->statements.items[i];
        char asked[NAME_MOST];
        const char *names[1] = {row->name};
        const struct thaw_texts texts = {.items = names, .count = *row->name ? 1 : 0};

        if (strcmp(row->file, holder->file) || (strcmp(row->bound, name) && strcmp(name, "*")) ||
            !absolute_name(holder, row->level, row->module, asked))
            continue;
        take_names(builder, from, asked, &texts, take, context);
        take_named(builder, from, asked, take, context);
    }
    builder->taken_depth--;
}

/* A name that a package may load only when it is asked for: what it has loaded in that way. */
static void take_lazy(struct thaw_needs_builder *builder, uint32_t from, uint32_t package,
                      take_target take, void *context)
{
    const struct thaw_needs *needs = builder->needs;

    if (!builder->has_lazy[package] ||
        (from != builder->needs->main_node &&
         thaw_needs_is_below(thaw_needs_module(needs, from)->name,
                             thaw_needs_module(needs, package)->name)))
        return;
    for (uint32_t node = 0; node < needs->timeline->module_count; node++) {
        if (builder->lazy_of[node] == package)
            take(builder, from, node, context);
    }
}

/* Names that are taken from a module: its submodules, or what it has of others. */
static void take_names(struct thaw_needs_builder *builder, uint32_t from, const char *module,
                       const struct thaw_texts *names, take_target take, void *context)
{
    uint32_t holder = thaw_needs_find(builder->needs, module);
    char name[NAME_MOST];

    for (uint64_t i = 0; i < names->count; i++) {
        if ((size_t)snprintf(name, NAME_MOST, "%s.%s", module, names->items[i]) < NAME_MOST &&
            thaw_needs_find(builder->needs, name) != NONE) {
            take_named(builder, from, name, take, context);
        } else if (holder != NONE) {
            take_handed_on(builder, from, holder, names->items[i], take, context);
            take_lazy(builder, from, holder, take, context);
        }
    }
}

static void connect_statement(struct thaw_needs_builder *builder, uint32_t from, uint32_t to,
                              void *context)
{
    connect(builder, from, to, *(uint32_t *)context);
}

static struct thaw_needs_file *file_of(const struct thaw_needs_builder *builder, const char *path)
{
    struct thaw_needs_file *file;

    HASH_FIND_STR(builder->files, path, file);
    return file;
}

/* Statements of the user's files that were loaded in this process. */
static void list_statements(struct thaw_needs_builder *builder)
{
    const struct thaw_recording *recording = builder->needs->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;
        const struct thaw_inventory_statement **slot;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_STATEMENT ||
            !file_of(builder, row->file))
            continue;
        slot = thaw_array_add(&builder->needs->statements);
        if (slot)
            *slot = row;
        builder->failed |= !slot;
    }
}

/* Their edges can be cut. */
static void add_statements(struct thaw_needs_builder *builder)
{
    for (uint32_t i = 0; i < builder->needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = builder->needs->statements.items[i];
        const char *names[1] = {row->name};
        const struct thaw_texts texts = {.items = names, .count = *row->name ? 1 : 0};
        const struct thaw_needs_file *file = file_of(builder, row->file);

        for (size_t n = 0; n < file->nodes.count; n++)
            for_targets(builder, file->nodes.items[n], row->level, row->module, &texts,
                        connect_statement, &i);
    }
}

static uint64_t pair(uint32_t from, uint32_t to)
{
    return (uint64_t)from << 32 | to;
}

static int compare_pairs(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* The edges so far are those of statements. */
static void index_asked(struct thaw_needs_builder *builder)
{
    const struct thaw_graph *graph = &builder->needs->graph;

    builder->asked = calloc(graph->edges.count + 1, sizeof(*builder->asked));
    builder->failed |= !builder->asked;
    if (!builder->asked)
        return;
    for (size_t i = 0; i < graph->edges.count; i++)
        builder->asked[builder->asked_count++] =
            pair(graph->edges.items[i].from, graph->edges.items[i].to);
    qsort(builder->asked, builder->asked_count, sizeof(*builder->asked), compare_pairs);
}

/* Is the edge from a user's module already one of its statements'? Then it must not be doubled. */
static bool has_statement(const struct thaw_needs_builder *builder, uint32_t from, uint32_t to)
{
    uint64_t wanted = pair(from, to);

    return bsearch(&wanted, builder->asked, builder->asked_count, sizeof(wanted), compare_pairs);
}

static void connect_import(struct thaw_needs_builder *builder, uint32_t from, uint32_t to,
                           void *context)
{
    (void)context;
    if (!has_statement(builder, from, to))
        connect(builder, from, to, THAW_GRAPH_NO_STATEMENT);
}

static void add_scanned_imports(struct thaw_needs_builder *builder)
{
    const struct thaw_recording *recording = builder->needs->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_import *row = &recording->events[i].inventory_import;
        const struct thaw_needs_file *file;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_IMPORT)
            continue;
        file = file_of(builder, row->file);
        for (size_t n = 0; file && n < file->nodes.count; n++)
            for_targets(builder, file->nodes.items[n], row->level, row->module, &row->names,
                        connect_import, NULL);
    }
}

/*
 * The node that stands for a module's name. What its own package's code imported while it was
 * looked for was loaded there, and what was loaded again replaces what was there before.
 */
static uint32_t standing(const struct thaw_needs_builder *builder, uint32_t node)
{
    const struct thaw_module *module = thaw_needs_module(builder->needs, node);
    uint32_t last = thaw_needs_find(builder->needs, module->name);

    return last == NONE || module->inner || module->status == THAW_MODULE_FAILED ||
                   module->status == THAW_MODULE_NOT_FOUND
               ? node
               : last;
}

/* The package of a module's name that is loaded, or NONE. */
static uint32_t package_of(const struct thaw_needs_builder *builder, uint32_t node)
{
    const char *name = thaw_needs_module(builder->needs, node)->name;
    const char *dot = strrchr(name, '.');
    char above[NAME_MOST];

    if (!dot || (size_t)(dot - name) >= sizeof(above))
        return NONE;
    memcpy(above, name, (size_t)(dot - name));
    above[dot - name] = '\0';
    return thaw_needs_find(builder->needs, above);
}

/*
 * Packages whose names come to be loaded when they are asked for (PEP 562: pydantic): a submodule
 * was loaded by import_module while somebody else's code was executed.
 */
static void find_lazy_packages(struct thaw_needs_builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;

    for (uint32_t node = 0; node < timeline->module_count; node++) {
        const struct thaw_module *module = &timeline->modules[node];
        uint32_t package;

        builder->lazy_of[node] = NONE;
        if (module->process != builder->needs->process || !module->parent || module->inner ||
            strcmp(module->via, "import_module") || strcmp(module->owner, "stdlib") == 0)
            continue;
        package = package_of(builder, node);
        if (package == NONE ||
            thaw_needs_is_below(thaw_needs_module(builder->needs, module->parent - 1)->name,
                                thaw_needs_module(builder->needs, package)->name))
            continue;
        builder->lazy_of[node] = package;
        builder->has_lazy[package] = true;
    }
}

/* First importers as they were seen, and a submodule's packages; the rest are roots. */
static void add_tree(struct thaw_needs_builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;

    for (uint32_t node = 0; node < timeline->module_count; node++) {
        const struct thaw_module *module = &timeline->modules[node];
        uint32_t to = standing(builder, node), package = package_of(builder, node);

        if (module->process != builder->needs->process)
            continue;
        if (to != node)
            connect(builder, to, node, THAW_GRAPH_NO_STATEMENT);
        if (module->parent && standing(builder, module->parent - 1) != to)
            connect_import(builder, standing(builder, module->parent - 1), to, NULL);
        else if (!module->parent && (module->start_ns < builder->needs->main_ns ||
                                     !has_statement(builder, builder->needs->main_node, to)))
            builder->needs->graph.roots[to] = true;
        if (package != NONE && package != node)
            connect_import(builder, to, package, NULL);
    }
}

void thaw_needs_add_edges(struct thaw_needs_builder *builder)
{
    size_t count = builder->needs->timeline->module_count + 1;

    builder->lazy_of = calloc(count, sizeof(*builder->lazy_of));
    builder->has_lazy = calloc(count, sizeof(*builder->has_lazy));
    builder->failed |= !builder->lazy_of || !builder->has_lazy;
    if (!builder->failed) {
        find_lazy_packages(builder);
        list_statements(builder);
        add_statements(builder);
        index_asked(builder);
    }
    if (!builder->failed) {
        add_scanned_imports(builder);
        add_tree(builder);
    }
    free(builder->asked);
    free(builder->lazy_of);
    free(builder->has_lazy);
}
