/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/distributions_private.h"

int thaw_distributions_open(struct thaw_distributions **ret, struct thaw_error *error)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : thaw_error_memory(error);
}

void thaw_distributions_close(struct thaw_distributions *distributions)
{
    if (!distributions)
        return;
    for (size_t i = 0; i < distributions->sites.count; i++)
        thaw_ownership_clear(&distributions->sites.items[i].ownership);
    thaw_inodes_clear(&distributions->inodes);
    thaw_array_free(&distributions->sites);
    thaw_array_free(&distributions->items);
    thaw_arena_free(&distributions->arena);
    free(distributions);
}

static bool is_known(const struct thaw_distributions *distributions, const struct stat *status)
{
    for (size_t i = 0; i < distributions->sites.count; i++) {
        if (distributions->sites.items[i].device == status->st_dev &&
            distributions->sites.items[i].inode == status->st_ino)
            return true;
    }
    return false;
}

static struct thaw_site *site_new(struct thaw_distributions *distributions, const char *path,
                                  const char *python_version, const struct stat *status)
{
    struct thaw_site *site = thaw_array_add(&distributions->sites);
    size_t length = strlen(path);
    char real[PATH_MAX];

    if (!site)
        return NULL;
    while (length > 1 && path[length - 1] == '/')
        length--;
    site->path = thaw_arena_text(&distributions->arena, path, length);
    site->real = realpath(path, real) ? thaw_arena_string(&distributions->arena, real) : site->path;
    site->python_version = thaw_arena_string(&distributions->arena, python_version);
    site->device = status->st_dev;
    site->inode = status->st_ino;
    return site->path && site->real && site->python_version ? site : NULL;
}

int thaw_distributions_add_site(struct thaw_distributions *distributions, const char *path,
                                const char *python_version, struct thaw_error *error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct thaw_site *site;
    struct stat status;
    int result = 0;

    if (folder < 0)
        return 0;
    if (fstat(folder, &status) == 0 && !is_known(distributions, &status)) {
        site = site_new(distributions, path, python_version, &status);
        result = site ? thaw_distribution_info_read(distributions, site, folder) : -ENOMEM;
        if (result == 0)
            result = thaw_distribution_walk(distributions, site, folder);
    }
    close(folder);
    return result < 0 ? thaw_error_memory(error) : 0;
}

size_t thaw_distributions_count(const struct thaw_distributions *distributions)
{
    return distributions->items.count;
}

const struct thaw_distribution *
thaw_distributions_get(const struct thaw_distributions *distributions, size_t index)
{
    return distributions->items.items[index];
}

/* How much of path names the folder, with the slash behind it; 0 when it lies elsewhere. */
static size_t inside(const char *folder, const char *path)
{
    size_t length = strlen(folder);

    return strncmp(folder, path, length) == 0 && path[length] == '/' ? length + 1 : 0;
}

/* The site that holds the path, the innermost of several; *at is where the rest begins. */
static const struct thaw_site *site_of(const struct thaw_distributions *distributions,
                                       const char *path, size_t *at)
{
    const struct thaw_site *found = NULL;

    *at = 0;
    for (size_t i = 0; i < distributions->sites.count; i++) {
        const struct thaw_site *site = &distributions->sites.items[i];
        size_t given = inside(site->path, path), real = inside(site->real, path);
        size_t length = given > real ? given : real;

        if (length > *at) {
            *at = length;
            found = site;
        }
    }
    return found;
}

/* The path with its folder's links resolved ("lib64" is one in many environments). */
static bool resolve_folder(const char *path, char resolved[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    size_t length;

    if (!slash || (size_t)(slash - path) >= sizeof(folder))
        return false;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    if (!realpath(*folder ? folder : "/", resolved))
        return false;
    length = strlen(resolved);
    if (length + strlen(slash) >= PATH_MAX)
        return false;
    strcpy(resolved + length, slash);
    return true;
}

const struct thaw_distribution *
thaw_distributions_owner(const struct thaw_distributions *distributions, const char *path)
{
    size_t at, owner;
    const struct thaw_site *site = site_of(distributions, path, &at);
    char resolved[PATH_MAX];

    if (!site && resolve_folder(path, resolved)) {
        path = resolved;
        site = site_of(distributions, path, &at);
    }
    if (!site)
        return NULL;
    owner = thaw_ownership_find(&site->ownership, path + at, strlen(path + at));
    return owner == THAW_OWNERSHIP_NONE ? NULL : distributions->items.items[owner];
}
