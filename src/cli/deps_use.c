/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/deps_use.h"

static int load(const char *path, struct thaw_deps_use *use, struct thaw_error *error)
{
    struct thaw_rendering *loaded = thaw_array_add(&use->loaded);
    struct thaw_use_source *source = thaw_array_add(&use->sources);
    int code;

    if (!loaded || !source)
        return thaw_error_memory(error);
    code = thaw_recording_load(path, &loaded->recording, error);
    if (!code)
        code = thaw_timeline_build(loaded->recording, &loaded->timeline, error);
    if (!code)
        code = thaw_analysis_build(loaded->timeline, &loaded->analysis, error);
    *source = (struct thaw_use_source){path, loaded->analysis};
    return code;
}

/* Of each folder once: most files of a recording are in few. Links are read, nothing is opened. */
static const char *real_folder(struct thaw_deps_use *use, const char *path, size_t length)
{
    size_t known = thaw_path_table_find(&use->folders, path, length);
    const char *copy, **slot;
    char *real;

    if (known != THAW_PATH_NONE)
        return use->real.items[known];
    copy = thaw_arena_text(&use->arena, path, length);
    slot = copy ? thaw_array_add(&use->real) : NULL;
    if (!slot ||
        thaw_path_table_add(&use->folders, &use->arena, copy, length, use->real.count - 1) < 0)
        return NULL;
    real = realpath(copy, NULL);
    *slot = real ? thaw_arena_string(&use->arena, real) : NULL;
    free(real);
    return *slot;
}

static const char *follow(void *context, const char *path)
{
    struct thaw_deps_use *use = context;
    const char *slash = strrchr(path, '/');
    const char *folder;

    if (!slash || slash == path)
        return NULL;
    folder = real_folder(use, path, (size_t)(slash - path));
    return folder ? thaw_arena_format(&use->arena, "%s%s", strcmp(folder, "/") ? folder : "", slash)
                  : NULL;
}

static void complain(const char *command, const struct thaw_use *use)
{
    for (size_t i = 0; i < use->recording_count; i++)
        if (use->recordings[i].match == THAW_USE_MATCH_NONE)
            thaw_complain(command, "%s: hardly any of its files is in %s: nothing of it counts",
                          use->recordings[i].path, use->shipped->target);
}

int thaw_deps_use(const char *command, const struct thaw_shipped *shipped, const char *directory,
                  const char *const *recordings, struct thaw_deps_use *ret,
                  struct thaw_error *error)
{
    const struct thaw_use_place place = {directory, follow, ret};
    int code = 0;

    for (; !code && recordings && *recordings; recordings++)
        code = load(*recordings, ret, error);
    if (code || !ret->sources.count)
        return code;
    code =
        thaw_use_build(shipped, &place, ret->sources.items, ret->sources.count, &ret->use, error);
    if (!code)
        complain(command, ret->use);
    return code;
}

void thaw_deps_use_free(struct thaw_deps_use *use)
{
    thaw_use_free(use->use);
    for (size_t i = 0; i < use->loaded.count; i++)
        thaw_rendering_free(&use->loaded.items[i]);
    thaw_array_free(&use->loaded);
    thaw_array_free(&use->sources);
    thaw_array_free(&use->real);
    thaw_path_table_clear(&use->folders);
    thaw_arena_free(&use->arena);
}
