/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native/loader_cache.h"
#include "native/root.h"
#include "native/search.h"

/* Deeper chains of loaders than any program has: a guard against a caller's cycle. */
#define LOADERS_MAX 256

/* Built into the loader: Debian's multiarch folders, then those of Fedora and SUSE, then all. */
static const char *const default_folders[] = {
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
};

struct thaw_search {
    struct thaw_arena arena;
    const char *root;
    const char *library_path;
    struct thaw_loader_cache *cache;
};

/* One question: who asks for what, and where the answer goes. */
struct query {
    const struct thaw_search *search;
    const struct thaw_search_loader *loader;
    const char *name;
    struct thaw_arena *arena;
    struct thaw_search_result *ret;
};

const char *thaw_search_reason_name(enum thaw_search_reason reason)
{
    static const char *const names[] = {
        [THAW_SEARCH_DIRECT] = "path",
        [THAW_SEARCH_RPATH] = "rpath",
        [THAW_SEARCH_LIBRARY_PATH] = "LD_LIBRARY_PATH",
        [THAW_SEARCH_RUNPATH] = "runpath",
        [THAW_SEARCH_CACHE] = "ld.so.cache",
        [THAW_SEARCH_DEFAULT] = "default folder",
    };

    return (size_t)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "";
}

int thaw_search_open(const char *root, const char *library_path, struct thaw_search **ret,
                     struct thaw_error *error)
{
    struct thaw_search *search = calloc(1, sizeof(*search));
    int result;

    if (!search)
        return thaw_error_memory(error);
    search->root = thaw_arena_string(&search->arena, root);
    search->library_path = thaw_arena_string(&search->arena, library_path);
    result = search->root && search->library_path ? 0 : thaw_error_memory(error);
    if (result == 0)
        result = thaw_loader_cache_open(root, &search->cache, error);
    if (result < 0) {
        thaw_search_close(search);
        return result;
    }
    *ret = search;
    return 0;
}

void thaw_search_close(struct thaw_search *search)
{
    if (!search)
        return;
    thaw_loader_cache_free(search->cache);
    thaw_arena_free(&search->arena);
    free(search);
}

/* True when the file there is one this loader could load: same class and machine. */
static bool query_fits(const struct query *query, const char *path)
{
    const struct thaw_object *wanting = query->loader->object;
    struct thaw_object *object;
    bool fits;
    int fd = thaw_root_open(query->search->root, path);

    if (fd < 0)
        return false;
    fits = thaw_object_open_descriptor(fd, path, &object, NULL) == 0;
    close(fd);
    if (!fits)
        return false;
    fits = thaw_object_machine(object) == thaw_object_machine(wanting) &&
           thaw_object_is_64bit(object) == thaw_object_is_64bit(wanting);
    thaw_object_close(object);
    return fits;
}

/* 0 found, -ENOENT not there, -ENOMEM. path is the arena's or outlives it; NULL: memory short. */
static int query_try(const struct query *query, const char *path, enum thaw_search_reason reason,
                     const char *owner)
{
    if (!path)
        return -ENOMEM;
    if (!query_fits(query, path))
        return -ENOENT;
    query->ret->path = thaw_arena_string(query->arena, path);
    query->ret->owner = thaw_arena_string(query->arena, owner);
    query->ret->reason = reason;
    return query->ret->path && query->ret->owner ? 0 : -ENOMEM;
}

/* How many bytes at text spell $ORIGIN or ${ORIGIN}; 0 none. */
static size_t origin_length(const char *text)
{
    if (strncmp(text, "${ORIGIN}", 9) == 0)
        return 9;
    if (strncmp(text, "$ORIGIN", 7) == 0 && (text[7] == '/' || text[7] == '\0'))
        return 7;
    return 0;
}

static const char *folder_of(struct thaw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? thaw_arena_text(arena, path, (size_t)(slash - path)) : ".";
}

/* One folder of a search path, $ORIGIN (only at its start) expanded; "" when it is passed over. */
static const char *folder_expand(struct thaw_arena *arena, const char *entry, const char *loader)
{
    size_t length = origin_length(entry);
    const char *folder;

    if (!length)
        return strchr(entry, '$') ? "" : entry;
    folder = folder_of(arena, loader);
    if (!folder || strchr(entry + length, '$'))
        return folder ? "" : NULL;
    return thaw_arena_format(arena, "%s%s", folder, entry + length);
}

/* A colon-separated list (LD_LIBRARY_PATH: semicolons too); empty entries mean the working folder
 * of a process that is not known here and are passed over. */
static int query_folders(const struct query *query, const char *list, const char *owner,
                         enum thaw_search_reason reason)
{
    const char *separators = reason == THAW_SEARCH_LIBRARY_PATH ? ":;" : ":";

    while (*list) {
        size_t length = strcspn(list, separators);
        const char *entry = thaw_arena_text(query->arena, list, length);
        const char *folder = entry ? folder_expand(query->arena, entry, owner) : NULL;
        int result = -ENOENT;

        if (!folder)
            return -ENOMEM;
        if (*folder == '/')
            result = query_try(query, thaw_arena_format(query->arena, "%s/%s", folder, query->name),
                               reason, reason == THAW_SEARCH_LIBRARY_PATH ? "" : owner);
        if (result != -ENOENT)
            return result;
        list += length + (list[length] != '\0');
    }
    return -ENOENT;
}

static int query_rpath(const struct query *query)
{
    const struct thaw_search_loader *loader = query->loader;

    if (*thaw_object_runpath(loader->object))
        return -ENOENT;
    for (int depth = 0; loader && depth < LOADERS_MAX; depth++, loader = loader->parent) {
        int result = -ENOENT;

        if (!*thaw_object_runpath(loader->object))
            result = query_folders(query, thaw_object_rpath(loader->object), loader->path,
                                   THAW_SEARCH_RPATH);
        if (result != -ENOENT)
            return result;
    }
    return -ENOENT;
}

static int query_cache(const struct query *query)
{
    const char *path = thaw_loader_cache_find(query->search->cache, query->name);

    return path ? query_try(query, path, THAW_SEARCH_CACHE, "") : -ENOENT;
}

static int query_defaults(const struct query *query)
{
    int result = -ENOENT;

    for (size_t i = 0; result == -ENOENT && i < sizeof(default_folders) / sizeof(char *); i++)
        result =
            query_try(query,
                      thaw_arena_format(query->arena, "%s/%s", default_folders[i], query->name),
                      THAW_SEARCH_DEFAULT, "");
    return result;
}

static int query_run(const struct query *query)
{
    int result;

    if (strchr(query->name, '/')) {
        const char *path = folder_expand(query->arena, query->name, query->loader->path);

        if (path && *path != '/') /* relative to a working folder that is not known here */
            return -ENOENT;
        return query_try(query, path, THAW_SEARCH_DIRECT, "");
    }
    result = query_rpath(query);
    if (result == -ENOENT)
        result = query_folders(query, query->search->library_path, query->loader->path,
                               THAW_SEARCH_LIBRARY_PATH);
    if (result == -ENOENT)
        result = query_folders(query, thaw_object_runpath(query->loader->object),
                               query->loader->path, THAW_SEARCH_RUNPATH);
    if (result == -ENOENT)
        result = query_cache(query);
    if (result == -ENOENT)
        result = query_defaults(query);
    return result;
}

int thaw_search_library(const struct thaw_search *search, const struct thaw_search_loader *loader,
                        const char *name, struct thaw_arena *arena, struct thaw_search_result *ret,
                        struct thaw_error *error)
{
    struct query query = {search, loader, name, arena, ret};
    int result = *name ? query_run(&query) : -ENOENT;

    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (result < 0)
        return thaw_error_set(error, result, "%s: needs %s, which the dynamic loader cannot find",
                              loader->path, name);
    return 0;
}
