/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native/cpu_level.h"
#include "native/root.h"
#include "native/search_private.h"

const char *thaw_search_reason_name(enum thaw_search_reason reason)
{
    static const char *const names[] = {
        [THAW_SEARCH_DIRECT] = "path",
        [THAW_SEARCH_RPATH] = "rpath",
        [THAW_SEARCH_LIBRARY_PATH] = "LD_LIBRARY_PATH",
        [THAW_SEARCH_RUNPATH] = "runpath",
        [THAW_SEARCH_CACHE] = "ld.so.cache",
        [THAW_SEARCH_DEFAULT] = "default folder",
        [THAW_SEARCH_LOADED] = "already loaded",
    };

    return (size_t)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "";
}

/* Opens the file and looks. */
static int opened_fits(void *context, const struct thaw_search_loader *loader, const char *path,
                       enum thaw_search_reason reason)
{
    const struct thaw_search *search = context;
    struct thaw_object *object;
    int fd = thaw_root_open(search->root, path);
    bool fits;

    (void)reason;
    if (fd < 0 || thaw_object_take_descriptor(fd, path, &object, NULL) < 0)
        return 0;
    fits = thaw_object_abi_equal(thaw_object_abi(object), loader->abi);
    thaw_object_close(object);
    return fits ? 1 : -ENOEXEC;
}

static bool opened_folder(void *context, const char *path, enum thaw_search_reason reason)
{
    const struct thaw_search *search = context;

    (void)reason;
    return thaw_root_is_folder(search->root, path);
}

int thaw_search_open(const char *root, const char *library_path, struct thaw_search **ret,
                     struct thaw_error *error)
{
    struct thaw_search *search = calloc(1, sizeof(*search));
    int result;

    if (!search)
        return thaw_error_memory(error);
    search->cpu_level = thaw_cpu_level();
    search->files = (struct thaw_search_files){opened_fits, opened_folder, search};
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
    thaw_search_forget_subfolders(search);
    thaw_loader_cache_free(search->cache);
    thaw_arena_free(&search->arena);
    free(search);
}

void thaw_search_use(struct thaw_search *search, const struct thaw_search_files *files)
{
    search->files = *files;
    thaw_search_forget_subfolders(search);
}

struct thaw_search_loader thaw_search_loader_of(const struct thaw_object *object, const char *path)
{
    return (struct thaw_search_loader){.path = path,
                                       .rpath = thaw_object_rpath(object),
                                       .runpath = thaw_object_runpath(object),
                                       .abi = thaw_object_abi(object)};
}

int thaw_search_set_program(struct thaw_search *search, const char *path, struct thaw_error *error)
{
    search->program = thaw_arena_string(&search->arena, path);
    return search->program ? 0 : thaw_error_memory(error);
}

int thaw_search_try(const struct thaw_search_query *query, const char *path,
                    enum thaw_search_reason reason, const struct thaw_search_loader *owner)
{
    const struct thaw_search_files *files = &query->search->files;
    int fits = files->fits(files->context, query->loader, path, reason);

    if (fits <= 0)
        return fits < 0 ? fits : -ENOENT;
    query->ret->path = thaw_arena_string(query->arena, path);
    query->ret->owner = thaw_arena_string(query->arena, owner ? owner->path : "");
    query->ret->by = owner;
    query->ret->reason = reason;
    return query->ret->path && query->ret->owner ? 0 : -ENOMEM;
}

/* What could not be loaded is passed over. */
static int query_try(const struct thaw_search_query *query, const char *path,
                     enum thaw_search_reason reason, const struct thaw_search_loader *owner)
{
    int result = thaw_search_try(query, path, reason, owner);

    return result == -ENOEXEC ? -ENOENT : result;
}

/* The file of that name in a folder; first in those of its subfolders that are for this CPU. */
static int query_folder(const struct thaw_search_query *query, const char *folder,
                        enum thaw_search_reason reason, const struct thaw_search_loader *owner)
{
    bool is_own = query->loader->abi.machine == EM_X86_64 && query->loader->abi.is_64bit;
    int result = is_own ? thaw_search_has_subfolder(query->search, folder, reason) : 0;
    char path[PATH_MAX];

    if (result < 0)
        return result;
    for (unsigned level = result ? query->search->cpu_level : 0; level > 1; level--) {
        if ((size_t)snprintf(path, sizeof(path), "%s/glibc-hwcaps/x86-64-v%u/%s", folder, level,
                             query->name) >= sizeof(path))
            continue;
        result = query_try(query, path, reason, owner);
        if (result != -ENOENT)
            return result;
    }
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, query->name) >= sizeof(path))
        return -ENOENT;
    return query_try(query, path, reason, owner);
}

/* A colon-separated list (LD_LIBRARY_PATH: semicolons too); empty entries mean the working folder
 * of a process that is not known here and are passed over. */
static int query_folders(const struct thaw_search_query *query, const char *list,
                         const struct thaw_search_loader *owner, enum thaw_search_reason reason)
{
    const char *separators = reason == THAW_SEARCH_LIBRARY_PATH ? ":;" : ":";
    char folder[PATH_MAX];

    while (*list) {
        size_t length = strcspn(list, separators);
        int result = -ENOENT;

        if (thaw_search_expand(query->search, owner, list, length, folder) && *folder == '/')
            result = query_folder(query, folder, reason,
                                  reason == THAW_SEARCH_LIBRARY_PATH ? NULL : owner);
        if (result != -ENOENT)
            return result;
        list += length + (list[length] != '\0');
    }
    return -ENOENT;
}

static int query_rpath(const struct thaw_search_query *query)
{
    const struct thaw_search_loader *loader = query->loader;

    if (*loader->runpath)
        return -ENOENT;
    for (int depth = 0; loader && depth < THAW_SEARCH_LOADERS_MAX;
         depth++, loader = loader->parent) {
        int result = -ENOENT;

        if (!*loader->runpath)
            result = query_folders(query, loader->rpath, loader, THAW_SEARCH_RPATH);
        if (result != -ENOENT)
            return result;
    }
    return -ENOENT;
}

static int query_cache(const struct thaw_search_query *query)
{
    const char *path = thaw_loader_cache_find(query->search->cache, query->name, query->loader->abi,
                                              query->search->cpu_level);

    return path ? query_try(query, path, THAW_SEARCH_CACHE, NULL) : -ENOENT;
}

/* Built into the loader: Debian's folders named for the machine, those of Fedora and SUSE, all's.
 */
static int query_defaults(const struct thaw_search_query *query)
{
    const struct thaw_search_machine *machine = thaw_search_machine(query->loader->abi.machine);
    const char *const folders[] = {machine ? machine->multiarch : "lib",
                                   query->loader->abi.is_64bit ? "lib64" : "lib", "lib"};
    int result = -ENOENT;

    for (size_t i = 0; result == -ENOENT && i < 2 * sizeof(folders) / sizeof(*folders); i++) {
        char folder[64];

        snprintf(folder, sizeof(folder), "%s/%s", i % 2 ? "/usr" : "", folders[i / 2]);
        result = query_folder(query, folder, THAW_SEARCH_DEFAULT, NULL);
    }
    return result;
}

/* The tokens of LD_LIBRARY_PATH are the program's, of whatever asks. */
static int query_library_path(const struct thaw_search_query *query)
{
    const struct thaw_search_loader program = {.path = query->search->program,
                                               .abi = query->loader->abi};

    return query_folders(query, query->search->library_path, &program, THAW_SEARCH_LIBRARY_PATH);
}

/* A name with a slash: relative ones lead from a working folder that is not known here. */
static int query_path(const struct thaw_search_query *query)
{
    char path[PATH_MAX];

    if (!thaw_search_expand(query->search, query->loader, query->name, strlen(query->name), path) ||
        *path != '/')
        return -ENOENT;
    return query_try(query, path, THAW_SEARCH_DIRECT, NULL);
}

static int query_run(const struct thaw_search_query *query)
{
    const struct thaw_search_loader *loader = query->loader;
    int result;

    if (strchr(query->name, '/'))
        return query_path(query);
    result = query_rpath(query);
    if (result == -ENOENT)
        result = query_library_path(query);
    if (result == -ENOENT)
        result = query_folders(query, loader->runpath, loader, THAW_SEARCH_RUNPATH);
    if (result == -ENOENT)
        result = query_cache(query);
    if (result == -ENOENT)
        result = query_defaults(query);
    return result;
}

int thaw_search_library(struct thaw_search *search, const struct thaw_search_loader *loader,
                        const char *name, struct thaw_arena *arena, struct thaw_search_result *ret,
                        struct thaw_error *error)
{
    struct thaw_search_query query = {search, loader, name, arena, ret};
    int result = -ENOENT;

    if (*name)
        result = search->musl ? thaw_search_with_musl(&query) : query_run(&query);
    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (result < 0)
        return thaw_error_set(error, -ENOENT, "%s: needs %s, which the dynamic loader cannot find",
                              loader->path, name);
    return 0;
}
