/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "native/root.h"
#include "native/search.h"
#include "python/interpreter.h"

/* In the order in which they are looked into: glibc's, where dlopen stood before 2.34, musl's. */
static const char *const libraries[] = {"libc.so.6", "libdl.so.2", "libc.musl-x86_64.so.1"};

#define OPENER "dlopen"

/* The library, if it is there and has dlopen, as a path to open it by. */
static const char *look_into(struct thaw_search *search, const struct thaw_search_loader *loader,
                             const char *root, const char *name, struct thaw_arena *arena)
{
    struct thaw_search_result found;
    struct thaw_object *library;
    const char *path = NULL;
    uint64_t offset, size;
    int fd;

    if (thaw_search_library(search, loader, name, arena, &found, NULL))
        return NULL;
    fd = thaw_root_open(root, found.path);
    if (fd < 0)
        return NULL;
    if (!thaw_object_open_descriptor(fd, found.path, &library, NULL)) {
        const char *resolved = thaw_root_path(root, fd, arena);

        if (!thaw_object_function(library, OPENER, &offset, &size, NULL))
            path = thaw_arena_format(arena, "%s%s", root, resolved ? resolved : found.path);
        thaw_object_close(library);
    }
    close(fd);
    return path;
}

const char *thaw_interpreter_loader(const struct thaw_interpreter_info *info,
                                    struct thaw_arena *arena)
{
    struct thaw_search_loader loader;
    struct thaw_object *object;
    struct thaw_search *search;
    const char *path = NULL;

    if (thaw_object_open(info->open_path, &object, NULL))
        return NULL;
    loader = thaw_search_loader_of(object, info->library);
    if (!thaw_search_open(info->root, "", &search, NULL)) {
        for (size_t i = 0; !path && i < sizeof(libraries) / sizeof(libraries[0]); i++)
            path = look_into(search, &loader, info->root, libraries[i], arena);
        thaw_search_close(search);
    }
    thaw_object_close(object);
    return path;
}
