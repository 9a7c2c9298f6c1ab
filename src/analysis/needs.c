/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/needs.h"
#include "base/table.h"

#define NONE UINT32_MAX
#define MAIN "__main__"
#define NAME_MOST 1024 /* bytes of an absolute name; longer ones name no module */

/* A loaded module by name; of several (loaded again) the last one. */
struct thaw_needs_names {
    const char *name;
    uint32_t node;
    UT_hash_handle hh;
};

/* Modules by file: several may run the same one. */
struct file {
    const char *path;
    THAW_ARRAY(uint32_t) nodes;
    UT_hash_handle hh;
};

struct builder {
    struct thaw_needs *needs;
    struct file *files;
    uint32_t main_node;
    const char *main_file; /* "" none */
    uint64_t main_ns;      /* when its code began; what came before is loaded in any case */
    bool failed;
};

bool thaw_needs_known(const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_IMPORT)
            return true;
    }
    return false;
}

static const struct thaw_module *module_at(const struct thaw_needs *needs, uint32_t node)
{
    return &needs->timeline->modules[node];
}

uint32_t thaw_needs_find(const struct thaw_needs *needs, const char *name)
{
    struct thaw_needs_names *found;

    HASH_FIND_STR(needs->names, name, found);
    return found ? found->node : NONE;
}

static void add_name(struct builder *builder, uint32_t node)
{
    const char *name = module_at(builder->needs, node)->name;
    struct thaw_needs_names *entry;

    HASH_FIND_STR(builder->needs->names, name, entry);
    if (!entry) {
        entry = calloc(1, sizeof(*entry));
        if (!entry) {
            builder->failed = true;
            return;
        }
        entry->name = name;
        HASH_ADD_KEYPTR(hh, builder->needs->names, name, strlen(name), entry);
        if (!entry->hh.tbl) {
            free(entry);
            builder->failed = true;
            return;
        }
    }
    entry->node = node;
}

static void add_file(struct builder *builder, const char *path, uint32_t node)
{
    struct file *entry;
    uint32_t *slot;

    if (!*path)
        return;
    HASH_FIND_STR(builder->files, path, entry);
    if (!entry) {
        entry = calloc(1, sizeof(*entry));
        if (!entry) {
            builder->failed = true;
            return;
        }
        entry->path = path;
        HASH_ADD_KEYPTR(hh, builder->files, path, strlen(path), entry);
        if (!entry->hh.tbl) {
            free(entry);
            builder->failed = true;
            return;
        }
    }
    slot = thaw_array_add(&entry->nodes);
    if (slot)
        *slot = node;
    builder->failed |= !slot;
}

static void free_files(struct builder *builder)
{
    struct file *file, *next;

    HASH_ITER(hh, builder->files, file, next)
    {
        HASH_DEL(builder->files, file);
        thaw_array_free(&file->nodes);
        free(file);
    }
}

/* The program itself, the last one where a process executed several. */
static void find_main(struct builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;
    uint32_t pid = 0;

    builder->main_file = "";
    builder->main_node = (uint32_t)timeline->module_count;
    builder->needs->graph.roots[builder->main_node] = true;
    for (size_t i = 0; i < timeline->process_count; i++) {
        if (timeline->processes[i].id == builder->needs->process)
            pid = timeline->processes[i].pid;
    }
    for (size_t i = 0; i < timeline->recording->count; i++) {
        const struct thaw_event *event = &timeline->recording->events[i];

        if (event->kind != THAW_EVENT_BODY_BEGIN || event->pid != pid ||
            strcmp(event->body_begin.name, MAIN))
            continue;
        builder->main_file = event->body_begin.file;
        builder->main_ns = event->time_ns;
    }
}

static void connect(struct builder *builder, uint32_t from, uint32_t to, uint32_t statement)
{
    if (!thaw_graph_connect(&builder->needs->graph, from, to, statement))
        builder->failed = true;
}

/* Nodes, names and files of the process's modules. A module that was not loaded is no node's. */
static void add_modules(struct builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;

    for (uint32_t node = 0; node < timeline->module_count; node++) {
        const struct thaw_module *module = &timeline->modules[node];

        if (module->process != builder->needs->process)
            continue;
        builder->needs->graph.costs[node] = module->self_ns;
        if (module->status != THAW_MODULE_FAILED && module->status != THAW_MODULE_NOT_FOUND)
            add_name(builder, node);
        add_file(builder, module->file, node);
    }
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
typedef void (*take_target)(struct builder *builder, uint32_t from, uint32_t to, void *context);

static void take_named(struct builder *builder, uint32_t from, const char *name, take_target take,
                       void *context)
{
    uint32_t to = thaw_needs_find(builder->needs, name);

    if (to != NONE && to != from)
        take(builder, from, to, context);
}

/* An import asks for the module, the packages above it, and submodules among the names. */
static void for_targets(struct builder *builder, uint32_t from, uint64_t level, const char *asked,
                        const struct thaw_texts *names, take_target take, void *context)
{
    char name[NAME_MOST];
    size_t length;

    if (from == builder->main_node
            ? level || !copy_name(asked, name)
            : !absolute_name(module_at(builder->needs, from), level, asked, name))
        return;
    length = strlen(name);
    for (uint64_t i = 0; i < names->count; i++) {
        if ((size_t)snprintf(name + length, NAME_MOST - length, ".%s", names->items[i]) <
            NAME_MOST - length)
            take_named(builder, from, name, take, context);
        name[length] = '\0';
    }
    for (char *dot = name; dot; *dot = '\0') {
        take_named(builder, from, name, take, context);
        dot = strrchr(name, '.');
        if (!dot)
            return;
    }
}

static void connect_statement(struct builder *builder, uint32_t from, uint32_t to, void *context)
{
    connect(builder, from, to, *(uint32_t *)context);
}

/* Statements of the user's files: their edges can be cut. */
static void add_statements(struct builder *builder)
{
    const struct thaw_recording *recording = builder->needs->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;
        const char *names[1];
        struct thaw_texts texts = {.items = names};
        const struct thaw_inventory_statement **slot;
        uint32_t index = (uint32_t)builder->needs->statements.count;
        struct file *file;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_STATEMENT)
            continue;
        names[0] = row->name;
        texts.count = *row->name ? 1 : 0;
        HASH_FIND_STR(builder->files, row->file, file);
        if (!file)
            continue; /* not loaded in this process */
        slot = thaw_array_add(&builder->needs->statements);
        if (!slot) {
            builder->failed = true;
            return;
        }
        *slot = row;
        for (size_t n = 0; n < file->nodes.count; n++)
            for_targets(builder, file->nodes.items[n], row->level, row->module, &texts,
                        connect_statement, &index);
    }
}

/* Is the edge from a user's module already one of its statements'? Then it must not be doubled. */
static bool has_statement(const struct builder *builder, uint32_t from, uint32_t to)
{
    const struct thaw_graph *graph = &builder->needs->graph;

    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];

        if (edge->statement == THAW_GRAPH_NO_STATEMENT)
            return false; /* those of statements come first */
        if (edge->from == from && edge->to == to)
            return true;
    }
    return false;
}

static void connect_import(struct builder *builder, uint32_t from, uint32_t to, void *context)
{
    (void)context;
    if (!has_statement(builder, from, to))
        connect(builder, from, to, THAW_GRAPH_NO_STATEMENT);
}

static void add_scanned_imports(struct builder *builder)
{
    const struct thaw_recording *recording = builder->needs->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_import *row = &recording->events[i].inventory_import;
        struct file *file;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_IMPORT)
            continue;
        HASH_FIND_STR(builder->files, row->file, file);
        for (size_t n = 0; file && n < file->nodes.count; n++)
            for_targets(builder, file->nodes.items[n], row->level, row->module, &row->names,
                        connect_import, NULL);
    }
}

/* First importers as they were seen, and a submodule's packages; the rest are roots. */
static void add_tree(struct builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;

    for (uint32_t node = 0; node < timeline->module_count; node++) {
        const struct thaw_module *module = &timeline->modules[node];
        const char *dot = strrchr(module->name, '.');
        char above[NAME_MOST];

        if (module->process != builder->needs->process)
            continue;
        if (module->parent)
            connect_import(builder, module->parent - 1, node, NULL);
        else if (module->start_ns < builder->main_ns ||
                 !has_statement(builder, builder->main_node, node))
            builder->needs->graph.roots[node] = true;
        if (dot && (size_t)(dot - module->name) < sizeof(above)) {
            memcpy(above, module->name, (size_t)(dot - module->name));
            above[dot - module->name] = '\0';
            take_named(builder, node, above, connect_import, NULL);
        }
    }
}

bool thaw_needs_open(struct thaw_needs *needs, const struct thaw_timeline *timeline,
                     uint32_t process)
{
    struct builder builder = {.needs = needs};

    memset(needs, 0, sizeof(*needs));
    needs->timeline = timeline;
    needs->process = process;
    if (!thaw_graph_open(&needs->graph, timeline->module_count + 1))
        return false;
    find_main(&builder);
    add_modules(&builder);
    add_file(&builder, builder.main_file, builder.main_node);
    add_statements(&builder);
    add_scanned_imports(&builder);
    add_tree(&builder);
    free_files(&builder);
    if (builder.failed || !thaw_graph_index(&needs->graph)) {
        thaw_needs_close(needs);
        return false;
    }
    return true;
}

uint64_t thaw_needs_count(const struct thaw_needs *needs, const bool *nodes)
{
    const struct thaw_needs_names *entry, *next;
    uint64_t count = 0;

    HASH_ITER(hh, needs->names, entry, next)
    {
        count += nodes[entry->node] ? 1 : 0;
    }
    return count;
}

void thaw_needs_close(struct thaw_needs *needs)
{
    struct thaw_needs_names *entry, *next;

    HASH_ITER(hh, needs->names, entry, next)
    {
        HASH_DEL(needs->names, entry);
        free(entry);
    }
    thaw_graph_close(&needs->graph);
    thaw_array_free(&needs->statements);
}
