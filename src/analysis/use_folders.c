/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/use_folders.h"
#include "base/array.h"
#include "timeline/lookup.h"
#include "timeline/paths.h"

struct folders {
    const struct thaw_timeline *timeline;
    struct thaw_arena *arena;
    struct thaw_lookup known;     /* what is in the list */
    struct thaw_lookup elsewhere; /* numbers of processes with another root */
    THAW_ARRAY(const char *) list;
    bool saw_elsewhere;
};

/* The root itself is no folder of anybody's. */
static bool add(struct folders *folders, const char *path, size_t length)
{
    const char *text, **slot;

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length < 2 || *path != '/')
        return true;
    text = thaw_arena_text(folders->arena, path, length);
    if (!text)
        return false;
    if (thaw_lookup_text(&folders->known, text, 0))
        return true;
    slot = thaw_array_add(&folders->list);
    if (!slot)
        return false;
    *slot = text;
    return thaw_lookup_set_text(&folders->known, text, 1);
}

static bool is_elsewhere(struct folders *folders, uint32_t pid)
{
    bool elsewhere = pid && thaw_lookup_number(&folders->elsewhere, pid, 0);

    folders->saw_elsewhere |= elsewhere;
    return elsewhere;
}

/* A script's own folder is the user's, but not that of a platform's host or worker, nor that of an
 * installed program, which has nothing but programs. */
static bool add_script(struct folders *folders, const char *file)
{
    const char *base = thaw_path_base(file);
    size_t length = (size_t)(base - file);

    if (*folders->timeline->platform || !thaw_path_ends_with(file, ".py") ||
        thaw_path_packages(file) || (length > 5 && !memcmp(base - 5, "/bin/", 5)))
        return true;
    return add(folders, file, length);
}

static bool add_event(struct folders *folders, const struct thaw_event *event)
{
    const char *folder = "";

    switch (event->kind) {
    case THAW_EVENT_INVENTORY_DISTRIBUTION: /* of this root, or it would not be described */
        folder = event->inventory_distribution.location;
        break;
    case THAW_EVENT_PROCESS_ROLE:
        folder = event->process_role.application;
        break;
    case THAW_EVENT_MESSAGE:
        folder = event->message.directory;
        break;
    case THAW_EVENT_BODY_BEGIN:
        if (strcmp(event->body_begin.name, "__main__") || is_elsewhere(folders, event->pid))
            return true;
        return add_script(folders, event->body_begin.file);
    default:
        return true;
    }
    if (*folder != '/' || is_elsewhere(folders, event->pid))
        return true;
    return add(folders, folder, strlen(folder));
}

/* Where the user's own modules are found. */
static bool add_module(struct folders *folders, const struct thaw_module *module)
{
    const struct thaw_timeline *timeline = folders->timeline;
    uint32_t pid = module->process && module->process <= timeline->process_count
                       ? timeline->processes[module->process - 1].pid
                       : 0;

    if (strcmp(module->owner, "app") || *module->file != '/' ||
        strlen(module->short_file) > strlen(module->file) || is_elsewhere(folders, pid))
        return true;
    return add(folders, module->file, strlen(module->file) - strlen(module->short_file));
}

static bool find_elsewhere(struct folders *folders)
{
    const struct thaw_recording *recording = folders->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INTERPRETER && event->interpreter.other_root &&
            !thaw_lookup_set_number(&folders->elsewhere, event->pid, 1))
            return false;
    }
    return true;
}

static bool collect(struct folders *folders)
{
    const struct thaw_recording *recording = folders->timeline->recording;

    if (!find_elsewhere(folders))
        return false;
    for (size_t i = 0; i < recording->count; i++)
        if (!add_event(folders, &recording->events[i]))
            return false;
    for (size_t i = 0; i < folders->timeline->module_count; i++)
        if (!add_module(folders, &folders->timeline->modules[i]))
            return false;
    return true;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Is it inside of another one? "/a b" sorts between "/a" and "/a/c", so all above are asked for. */
static bool is_inside(const struct folders *folders, char *path)
{
    bool known = false;

    for (char *slash = strrchr(path, '/'); !known && slash > path; slash = strrchr(path, '/')) {
        *slash = '\0';
        known = thaw_lookup_text(&folders->known, path, 0) != 0;
    }
    return known;
}

static bool keep_outermost(struct folders *folders, struct thaw_texts *ret)
{
    const char **items =
        thaw_arena_allocate(folders->arena, (folders->list.count + 1) * sizeof(*items));

    if (!items)
        return false;
    *ret = (struct thaw_texts){items, 0};
    for (size_t i = 0; i < folders->list.count; i++) {
        char *copy = strdup(folders->list.items[i]);
        bool inside = copy && is_inside(folders, copy);

        free(copy);
        if (!copy)
            return false;
        if (!inside)
            items[ret->count++] = folders->list.items[i];
    }
    if (ret->count)
        qsort(items, ret->count, sizeof(*items), by_text);
    return true;
}

int thaw_use_folders(const struct thaw_timeline *timeline, struct thaw_arena *arena,
                     struct thaw_texts *ret, bool *ret_elsewhere, struct thaw_error *error)
{
    struct folders folders = {.timeline = timeline, .arena = arena};
    bool enough = collect(&folders) && keep_outermost(&folders, ret);

    *ret_elsewhere = folders.saw_elsewhere;
    thaw_lookup_free(&folders.known);
    thaw_lookup_free(&folders.elsewhere);
    thaw_array_free(&folders.list);
    return enough ? 0 : thaw_error_memory(error);
}
