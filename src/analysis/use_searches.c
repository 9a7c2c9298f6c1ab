/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/use_parts.h"
#include "timeline/paths.h"

/* More folders than that no import path has. */
#define MOST_FOLDERS 256

/* The searches of one recording. */
struct searching {
    struct thaw_use *use;
    const struct thaw_use_joined *joined;
    struct thaw_lookup by_path; /* index of rows, + 1 */
    THAW_ARRAY(struct thaw_use_search) rows;
    struct thaw_lookup last_event; /* of each thread: index of the event, + 1 */
    struct thaw_lookup folders;    /* id -> index of the timeline's, + 1 */
    uint32_t *passed_by;           /* [row]: module that last counted as passed there, id */
    size_t passed_capacity;
};

/* The row of the folder; NULL: memory is short. */
static struct thaw_use_search *row_of(struct searching *searching, const char *path, size_t length)
{
    const char *text = thaw_arena_text(&searching->use->memory->arena, path, length);
    uint32_t index = text ? thaw_lookup_text(&searching->by_path, text, 0) : 0;
    struct thaw_use_search *row;

    if (!text)
        return NULL;
    if (index)
        return &searching->rows.items[index - 1];
    row = thaw_array_add(&searching->rows);
    if (!row)
        return NULL;
    row->path = text;
    return thaw_lookup_set_text(&searching->by_path, text, (uint32_t)searching->rows.count) ? row
                                                                                            : NULL;
}

static bool names_code(const char *base)
{
    return thaw_path_ends_with(base, ".so") || thaw_path_ends_with(base, ".py") ||
           thaw_path_ends_with(base, ".pyc");
}

/*
 * How long the part of path is that was searched: "F/numpy/__init__.py" and "F/numpy.so" are looked
 * for in F; what has no name of a module's file is such a folder itself, that is not there. 0: it
 * was not looked for as a module's.
 */
static size_t searched_part(const char *path)
{
    const char *base = thaw_path_base(path);
    size_t length = (size_t)(base - path);

    if (strstr(path, "/__pycache__"))
        return 0; /* where bytecode is to be written */
    if (!names_code(base))
        return strlen(path);
    if (!strncmp(base, "__init__.", 9))
        for (length -= length != 0; length && path[length - 1] != '/'; length--)
            ;
    return length > 1 ? length - 1 : length;
}

/* Threads are told apart by their number: one process's at a time has it. */
static bool take_lookup(struct searching *searching, const struct thaw_event *event)
{
    const struct thaw_recording *recording = searching->joined->timeline->recording;
    uint32_t last = thaw_lookup_number(&searching->last_event, event->tid, 0);
    uint64_t before_ns = last ? recording->events[last - 1].time_ns : 0;
    size_t length = searched_part(event->file_lookup.path);
    struct thaw_use_search *row;

    if (!length)
        return true;
    row = row_of(searching, event->file_lookup.path, length);
    if (!row)
        return false;
    row->lookups_failed++;
    if (before_ns && before_ns < event->time_ns)
        row->ns += event->time_ns - before_ns;
    return true;
}

static bool take_lookups(struct searching *searching)
{
    const struct thaw_recording *recording = searching->joined->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (!event->tid || event->time_ns > searching->joined->end_ns)
            continue;
        if (event->kind == THAW_EVENT_FILE_LOOKUP && !take_lookup(searching, event))
            return false;
        if (!thaw_lookup_set_number(&searching->last_event, event->tid, (uint32_t)i + 1))
            return false;
    }
    return true;
}

/* Entries of sys.path may end with a slash. */
static size_t folder_length(const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

/* Each folder counts once for a module, though it may be looked at several times. */
static bool pass(struct searching *searching, const char *path, const struct thaw_module *module)
{
    struct thaw_use_search *row = row_of(searching, path, folder_length(path));
    size_t index;

    if (!row)
        return false;
    index = (size_t)(row - searching->rows.items);
    if (index >= searching->passed_capacity) {
        size_t wanted = searching->rows.count * 2;
        uint32_t *grown = reallocarray(searching->passed_by, wanted, sizeof(*grown));

        if (!grown)
            return false;
        memset(grown + searching->passed_capacity, 0,
               (wanted - searching->passed_capacity) * sizeof(*grown));
        searching->passed_by = grown;
        searching->passed_capacity = wanted;
    }
    row->modules_passed += searching->passed_by[index] != module->id;
    searching->passed_by[index] = module->id;
    return true;
}

/* Is the module there, in it or in a folder of its own? */
static bool holds(const char *folder, const struct thaw_module *module)
{
    size_t length = folder_length(folder);

    return length && !strncmp(module->file, folder, length) && module->file[length] == '/';
}

/* A module without a file may have been found anywhere, unless it was not found. */
static bool is_told(const struct thaw_module *module)
{
    return module->searched && (*module->file || module->status == THAW_MODULE_NOT_FOUND);
}

static bool take_module(struct searching *searching, const struct thaw_module *module)
{
    const struct thaw_timeline *timeline = searching->joined->timeline;
    uint32_t id = is_told(module) ? module->searched : 0;

    for (int i = 0; id && i < MOST_FOLDERS; i++) {
        uint32_t index = thaw_lookup_number(&searching->folders, id, 0);
        const struct thaw_search_folder *folder = index ? &timeline->folders[index - 1] : NULL;

        if (!folder)
            break;
        if (!holds(folder->path, module) && !pass(searching, folder->path, module))
            return false;
        id = folder->after;
    }
    return true;
}

static bool take_modules(struct searching *searching)
{
    const struct thaw_timeline *timeline = searching->joined->timeline;

    for (size_t i = 0; i < timeline->folder_count; i++)
        if (!thaw_lookup_set_number(&searching->folders, timeline->folders[i].id, (uint32_t)i + 1))
            return false;
    for (size_t i = 0; i < timeline->module_count; i++)
        if (thaw_use_counts(searching->joined, &timeline->modules[i]) &&
            !take_module(searching, &timeline->modules[i]))
            return false;
    return true;
}

/* Of several recordings the one in which a folder cost most. */
static bool is_more(const struct thaw_use_search *a, const struct thaw_use_search *b)
{
    if (a->ns != b->ns)
        return a->ns > b->ns;
    if (a->lookups_failed != b->lookups_failed)
        return a->lookups_failed > b->lookups_failed;
    return a->modules_passed > b->modules_passed;
}

static bool merge(struct searching *searching)
{
    struct thaw_use_memory *memory = searching->use->memory;

    for (size_t i = 0; i < searching->rows.count; i++) {
        const struct thaw_use_search *row = &searching->rows.items[i];
        uint32_t index = thaw_lookup_text(&memory->search_rows, row->path, 0);
        struct thaw_use_search *kept = index ? &memory->searches.items[index - 1] : NULL;

        if (!row->lookups_failed && !row->modules_passed)
            continue;
        if (kept) {
            if (is_more(row, kept))
                *kept = *row;
            continue;
        }
        kept = thaw_array_add(&memory->searches);
        if (!kept)
            return false;
        *kept = *row;
        if (!thaw_lookup_set_text(&memory->search_rows, row->path,
                                  (uint32_t)memory->searches.count))
            return false;
    }
    return true;
}

bool thaw_use_searches(struct thaw_use *use, const struct thaw_use_joined *joined)
{
    struct searching searching = {.use = use, .joined = joined};
    bool enough = take_lookups(&searching) && take_modules(&searching) && merge(&searching);

    thaw_lookup_free(&searching.by_path);
    thaw_lookup_free(&searching.last_event);
    thaw_lookup_free(&searching.folders);
    thaw_array_free(&searching.rows);
    free(searching.passed_by);
    return enough;
}
