/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/needs_private.h"

#define NONE THAW_NEEDS_NONE
#define MAIN "__main__"

/* A loaded module by name; of several (loaded again) the last one. */
struct thaw_needs_names {
    const char *name;
    uint32_t node;
    UT_hash_handle hh;
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

uint32_t thaw_needs_find(const struct thaw_needs *needs, const char *name)
{
    struct thaw_needs_names *found;

    HASH_FIND_STR(needs->names, name, found);
    return found ? found->node : NONE;
}

bool thaw_needs_is_below(const char *module, const char *name)
{
    size_t length = strlen(name);

    return strncmp(module, name, length) == 0 && (module[length] == '\0' || module[length] == '.');
}

static void add_name(struct thaw_needs_builder *builder, uint32_t node)
{
    const char *name = thaw_needs_module(builder->needs, node)->name;
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

static void add_file(struct thaw_needs_builder *builder, const char *path, uint32_t node)
{
    struct thaw_needs_file *entry;
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

static void free_files(struct thaw_needs_builder *builder)
{
    struct thaw_needs_file *file, *next;

    HASH_ITER(hh, builder->files, file, next)
    {
        HASH_DEL(builder->files, file);
        thaw_array_free(&file->nodes);
        free(file);
    }
}

/* The program itself, the last one where a process executed several. */
static void find_main(struct thaw_needs_builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;
    uint32_t pid = 0;

    builder->main_file = "";
    builder->needs->main_node = (uint32_t)timeline->module_count;
    builder->needs->graph.roots[builder->needs->main_node] = true;
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
        builder->needs->main_ns = event->time_ns;
    }
}

/* Nodes, names and files of the process's modules. A module that was not loaded is no node's. */
static void add_modules(struct thaw_needs_builder *builder)
{
    const struct thaw_timeline *timeline = builder->needs->timeline;

    for (uint32_t node = 0; node < timeline->module_count; node++) {
        const struct thaw_module *module = &timeline->modules[node];

        if (module->process != builder->needs->process)
            continue;
        builder->needs->graph.costs[node] = module->self_ns;
        if (module->status != THAW_MODULE_FAILED && module->status != THAW_MODULE_NOT_FOUND &&
            !module->inner)
            add_name(builder, node);
        add_file(builder, module->file, node);
    }
}

static void mark_named(struct thaw_needs_builder *builder)
{
    const struct thaw_needs_names *entry, *next;

    HASH_ITER(hh, builder->needs->names, entry, next)
    {
        if (!builder->failed)
            builder->needs->named[entry->node] = true;
    }
}

bool thaw_needs_open(struct thaw_needs *needs, const struct thaw_timeline *timeline,
                     uint32_t process)
{
    struct thaw_needs_builder builder = {.needs = needs};

    memset(needs, 0, sizeof(*needs));
    needs->timeline = timeline;
    needs->process = process;
    if (!thaw_graph_open(&needs->graph, timeline->module_count + 1))
        return false;
    needs->named = calloc(timeline->module_count + 1, sizeof(*needs->named));
    builder.failed = !needs->named;
    find_main(&builder);
    add_modules(&builder);
    mark_named(&builder);
    add_file(&builder, builder.main_file, needs->main_node);
    thaw_needs_add_edges(&builder);
    free_files(&builder);
    if (builder.failed || !thaw_graph_index(&needs->graph)) {
        thaw_needs_close(needs);
        return false;
    }
    return true;
}

uint64_t thaw_needs_count(const struct thaw_needs *needs, const bool *nodes)
{
    uint64_t count = 0;

    for (size_t node = 0; node < needs->graph.node_count; node++)
        count += (uint64_t)(nodes[node] & needs->named[node]);
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
    free(needs->named);
    needs->named = NULL;
    thaw_graph_close(&needs->graph);
    thaw_array_free(&needs->statements);
}
