/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/memory.h"

/* A dlopen that has begun and not yet ended, by thread. */
struct open_call {
    uint32_t tid;
    uint64_t stack;
    uint64_t start_ns;
    const char *path;
};

struct collector {
    struct thaw_analysis *analysis;
    THAW_ARRAY(struct open_call) calls;
    bool failed;
};

static struct thaw_library_cost *library_of(struct collector *collector, const char *path)
{
    struct thaw_analysis_memory *memory = collector->analysis->memory;

    for (size_t i = 0; i < memory->libraries.count; i++) {
        if (strcmp(memory->libraries.items[i].path, path) == 0)
            return &memory->libraries.items[i];
    }
    return NULL;
}

/* Its row; NULL when memory is short. It may be mapped in another process as well. */
static struct thaw_library_cost *row_of(struct collector *collector, const char *path)
{
    struct thaw_library_cost *library = library_of(collector, path);

    if (library)
        return library;
    library = thaw_array_add(&collector->analysis->memory->libraries);
    if (!library) {
        collector->failed = true;
        return NULL;
    }
    library->path = path;
    library->distribution = "";
    return library;
}

static void add_mapped(struct collector *collector, const struct thaw_library *mapped)
{
    struct thaw_library_cost *library = row_of(collector, mapped->path);

    collector->analysis->has_libraries = true;
    if (library && mapped->resident_bytes > library->resident_bytes)
        library->resident_bytes = mapped->resident_bytes;
}

static void begin_call(struct collector *collector, const struct thaw_event *event)
{
    struct open_call *call = thaw_array_add(&collector->calls);

    if (!call) {
        collector->failed = true;
        return;
    }
    *call = (struct open_call){
        .tid = event->tid,
        .stack = event->dlopen_begin.stack,
        .start_ns = event->time_ns,
        .path = event->dlopen_begin.path,
    };
}

static void end_call(struct collector *collector, const struct thaw_event *event)
{
    for (size_t i = collector->calls.count; i--;) {
        struct open_call call = collector->calls.items[i];
        struct thaw_library_cost *library;

        if (call.tid != event->tid || call.stack != event->dlopen_end.stack)
            continue;
        collector->calls.items[i] = collector->calls.items[--collector->calls.count];
        library = library_of(collector, call.path);
        if (library && event->time_ns > call.start_ns)
            library->dlopen_ns += event->time_ns - call.start_ns;
        return;
    }
}

static void add_facts(struct collector *collector, const struct thaw_inventory_library *facts)
{
    struct thaw_library_cost *library = library_of(collector, facts->path);

    if (library)
        library->facts = facts;
}

static void add_owner(struct collector *collector, const struct thaw_inventory_file *file)
{
    struct thaw_library_cost *library =
        *file->distribution ? library_of(collector, file->path) : NULL;

    if (library)
        library->distribution = file->distribution;
}

static void take(struct collector *collector, const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_DLOPEN_BEGIN:
        begin_call(collector, event);
        break;
    case THAW_EVENT_DLOPEN_END:
        end_call(collector, event);
        break;
    case THAW_EVENT_INVENTORY_LIBRARY:
        add_facts(collector, &event->inventory_library);
        break;
    case THAW_EVENT_INVENTORY_FILE:
        add_owner(collector, &event->inventory_file);
        break;
    }
}

static int by_path(const void *left, const void *right)
{
    const struct thaw_library_cost *a = left, *b = right;

    return strcmp(a->path, b->path);
}

bool thaw_libraries_analyse(struct thaw_analysis *analysis)
{
    const struct thaw_recording *recording = analysis->timeline->recording;
    struct thaw_analysis_memory *memory = analysis->memory;
    struct collector collector = {.analysis = analysis};

    /* What is mapped is told last, and is asked for by all the rest: two passes. */
    for (size_t i = 0; i < recording->count; i++) {
        if (recording->events[i].kind == THAW_EVENT_LIBRARY)
            add_mapped(&collector, &recording->events[i].library);
    }
    for (size_t i = 0; i < recording->count; i++)
        take(&collector, &recording->events[i]);
    thaw_array_free(&collector.calls);
    if (memory->libraries.count)
        qsort(memory->libraries.items, memory->libraries.count, sizeof(*memory->libraries.items),
              by_path);
    analysis->libraries = memory->libraries.items;
    analysis->library_count = memory->libraries.count;
    return !collector.failed;
}
