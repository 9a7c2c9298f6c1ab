/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/search_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "timeline/paths.h"

#define FOLDERS_MOST 256 /* of a path, and of one search along it */

struct paths {
    const struct thaw_search_paths_question *question;
    struct thaw_arena *arena;
    THAW_ARRAY(const char *) list;
};

/* Folders in the order in which they were looked through. */
struct chain {
    const char *folders[FOLDERS_MOST];
    size_t count;
};

static size_t find(const struct paths *paths, const char *folder)
{
    size_t i = 0;

    while (i < paths->list.count && strcmp(paths->list.items[i], folder))
        i++;
    return i;
}

/* true also when there is no more room, which only a hostile recording needs. */
static bool insert(struct paths *paths, size_t at, const char *folder)
{
    if (paths->list.count >= FOLDERS_MOST)
        return true;
    if (!thaw_array_add(&paths->list))
        return false;
    memmove(&paths->list.items[at + 1], &paths->list.items[at],
            (paths->list.count - 1 - at) * sizeof(*paths->list.items));
    paths->list.items[at] = folder;
    return true;
}

static bool append(struct paths *paths, const char *folder)
{
    return *folder != '/' || find(paths, folder) < paths->list.count ||
           insert(paths, paths->list.count, folder);
}

/* Is it a package's own folder beside the one it lies in, which a search for parts of it found? */
static bool is_package_s(const struct chain *chain, const char *folder, const char *name)
{
    const char *base = thaw_path_base(folder);
    size_t above = (size_t)(base - folder);

    for (size_t i = 0; strcmp(base, name) == 0 && i < chain->count; i++) {
        if (strlen(chain->folders[i]) + 1 == above &&
            strncmp(chain->folders[i], folder, above - 1) == 0)
            return true;
    }
    return false;
}

static void read_chain(const struct thaw_timeline *timeline, const struct thaw_module *module,
                       struct chain *ret)
{
    const char *backwards[FOLDERS_MOST];
    size_t count = 0;
    uint32_t id = module->searched;

    ret->count = 0;
    while (id && id <= timeline->folder_count && count < FOLDERS_MOST) {
        const struct thaw_search_folder *folder = &timeline->folders[id - 1];

        backwards[count++] = folder->path;
        id = folder->after < id ? folder->after : 0;
    }
    while (count) {
        const char *folder = backwards[--count];
        bool known = *folder != '/';

        for (size_t i = 0; !known && i < ret->count; i++)
            known = strcmp(ret->folders[i], folder) == 0;
        if (!known && !is_package_s(ret, folder, module->name))
            ret->folders[ret->count++] = folder;
    }
}

/* What is new comes behind the last known one before it. */
static bool join(struct paths *paths, const struct chain *chain)
{
    size_t at = 0;

    for (size_t i = 0; i < chain->count; i++) {
        size_t known = find(paths, chain->folders[i]);

        if (known < paths->list.count)
            at = known >= at ? known + 1 : at;
        else if (!insert(paths, at, chain->folders[i]))
            return false;
        else
            at = at < paths->list.count ? at + 1 : at;
    }
    return true;
}

static bool counts(const struct paths *paths, const struct thaw_module *module)
{
    return module->process == paths->question->process && !strchr(module->name, '.') &&
           (!module->timed || module->start_ns >= paths->question->begun_ns);
}

static bool join_lookups(struct paths *paths, size_t from, size_t to)
{
    const struct thaw_timeline *timeline = paths->question->timeline;

    for (size_t i = from; i < to; i++) {
        struct chain chain;

        if (!counts(paths, &timeline->modules[i]) || !timeline->modules[i].searched)
            continue;
        read_chain(timeline, &timeline->modules[i], &chain);
        if (!join(paths, &chain))
            return false;
    }
    return true;
}

/* The folder that the module's name is to be looked for in, NULL unknown or memory is short. */
static const char *root_of(struct thaw_arena *arena, const struct thaw_module *module)
{
    size_t file = strlen(module->file), inner = strlen(module->short_file);

    if (*module->file != '/' || !inner || inner + 1 >= file)
        return NULL;
    return thaw_arena_text(arena, module->file, file - inner - 1);
}

/* Where modules were found, and where distributions lie. */
static bool guess(struct paths *paths)
{
    const struct thaw_timeline *timeline = paths->question->timeline;
    const struct thaw_recording *recording = timeline->recording;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        const char *root = counts(paths, module) ? root_of(paths->arena, module) : NULL;

        if (root && !append(paths, root))
            return false;
    }
    for (size_t i = 0; i < recording->count; i++) {
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_DISTRIBUTION &&
            !append(paths, recording->events[i].inventory_distribution.location))
            return false;
    }
    return true;
}

static bool add_own(struct paths *paths)
{
    const char *script = paths->question->script, *folder;

    if (!script)
        return append(paths, paths->question->folder);
    folder = thaw_path_directory(paths->arena, script);
    return folder && (find(paths, folder) < paths->list.count || insert(paths, 0, folder));
}

const char *thaw_search_path_inside(struct thaw_arena *arena, const char *folder, const char *path)
{
    char real[PATH_MAX];
    const char *found = realpath(path, real) ? real : path; /* gone: its text alone tells */

    if (strcmp(found, folder) && !thaw_path_below(found, folder))
        return "";
    return thaw_arena_string(arena, found);
}

static int hand_over(struct paths *paths, const char *const **ret)
{
    const char **list = thaw_arena_allocate(paths->arena, (paths->list.count + 1) * sizeof(*list));

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < paths->list.count; i++) {
        const char *inside =
            thaw_search_path_inside(paths->arena, paths->question->folder, paths->list.items[i]);

        if (!inside)
            return -ENOMEM;
        list[i] = *inside ? inside : paths->list.items[i];
    }
    *ret = list;
    return 0;
}

int thaw_search_paths(const struct thaw_search_paths_question *question, struct thaw_arena *arena,
                      const char *const **ret_earlier, const char *const **ret_paths)
{
    struct paths earlier = {.question = question, .arena = arena}, paths = earlier;
    bool enough = join_lookups(&earlier, 0, question->first) &&
                  join_lookups(&paths, question->first, question->timeline->module_count);
    int code;

    if (enough && !paths.list.count)
        enough = join_lookups(&paths, 0, question->first);
    if (enough && !earlier.list.count)
        enough = guess(&earlier);
    if (enough && !paths.list.count)
        enough = guess(&paths);
    enough = enough && add_own(&paths);
    code = enough ? hand_over(&earlier, ret_earlier) : -ENOMEM;
    if (!code)
        code = hand_over(&paths, ret_paths);
    thaw_array_free(&earlier.list);
    thaw_array_free(&paths.list);
    return code;
}
