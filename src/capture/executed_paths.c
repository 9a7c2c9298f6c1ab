/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "capture/executed_paths.h"
#include "capture/known_files.h"
#include "capture/tree.h"

static const char *find(const struct thaw_executed_paths *paths,
                        const struct thaw_kernel_file *file)
{
    for (size_t i = 0; i < THAW_EXECUTED_PATHS; i++)
        if (*paths->items[i].path && !memcmp(&paths->items[i].file, file, sizeof(*file)))
            return paths->items[i].path;
    return NULL;
}

static void remember(struct thaw_executed_paths *paths, const struct thaw_kernel_file *file,
                     const char *path)
{
    size_t length = strlen(path);

    if (length >= THAW_EXECUTED_PATH_BYTES)
        return;
    paths->items[paths->next].file = *file;
    memcpy(paths->items[paths->next].path, path, length + 1);
    paths->next = (paths->next + 1) % THAW_EXECUTED_PATHS;
}

const char *thaw_executed_path(struct thaw_executed_paths *paths,
                               const struct thaw_kernel_exec *record, struct thaw_arena *arena)
{
    const char *path = NULL;
    char link[64];

    if (record->root != THAW_ROOT_SAME)
        paths = NULL;
    if (paths)
        path = find(paths, &record->file);
    if (path)
        return thaw_arena_string(arena, path);
    snprintf(link, sizeof(link), "/proc/%u/exe", record->header.tgid);
    if (thaw_known_file_is_at(&record->file, link))
        path = thaw_tree_link(arena, record->header.tgid, "exe");
    if (!path)
        return thaw_arena_text(arena, record->texts,
                               strnlen(record->texts, record->filename_bytes));
    if (paths)
        remember(paths, &record->file, path);
    return path;
}
