/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "inventory/sites.h"

#define LEVELS_MAX 8
#define ENTRIES_MAX 20000

static bool list_has(const char *const *items, size_t count, const char *folder)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], folder) == 0)
            return true;
    }
    return false;
}

static bool is_inside(const char *folder, const char *path)
{
    size_t length = strlen(folder);

    return strncmp(folder, path, length) == 0 && path[length] == '/';
}

int thaw_sites_add(struct thaw_sites *sites, const char *folder)
{
    const char **slot, *copy;

    if (list_has(sites->items.items, sites->items.count, folder))
        return 0;
    copy = thaw_arena_string(sites->arena, folder);
    slot = copy ? thaw_array_add(&sites->items) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = copy;
    return 0;
}

/* Bytes of path that name its innermost site-packages or dist-packages, 0 none. */
static size_t named_site(const char *path)
{
    static const char *const names[] = {"/site-packages/", "/dist-packages/"};
    size_t length = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *at = path;

        while ((at = strstr(at, names[i]))) {
            size_t end = (size_t)(at - path) + strlen(names[i]) - 1;

            length = end > length ? end : length;
            at++;
        }
    }
    return length;
}

static bool is_information(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && (strcmp(dot, ".dist-info") == 0 || strcmp(dot, ".egg-info") == 0);
}

static bool holds_distributions(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool found = false;

    for (int i = 0; folder && !found && i < ENTRIES_MAX && (entry = readdir(folder)); i++)
        found = is_information(entry->d_name);
    if (folder)
        closedir(folder);
    return found;
}

/* 1: it is a site, 0: it is none, -ENOMEM. Each folder is read once. */
static int judge(struct thaw_sites *sites, const char *folder)
{
    const char **slot, *copy;

    if (list_has(sites->judged.items, sites->judged.count, folder))
        return 0;
    if (holds_distributions(folder))
        return 1;
    copy = thaw_arena_string(sites->arena, folder);
    slot = copy ? thaw_array_add(&sites->judged) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = copy;
    return 0;
}

static bool is_excluded(const char *file, const struct thaw_texts *excluded, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (uint64_t j = 0; j < excluded[i].count; j++) {
            if (is_inside(excluded[i].items[j], file))
                return true;
        }
    }
    return false;
}

static bool is_in_known(const struct thaw_sites *sites, const char *file)
{
    for (size_t i = 0; i < sites->items.count; i++) {
        if (is_inside(sites->items.items[i], file))
            return true;
    }
    return false;
}

static int climb(struct thaw_sites *sites, char *folder)
{
    for (int level = 0; level < LEVELS_MAX; level++) {
        char *slash = strrchr(folder, '/');
        int result;

        if (!slash || slash == folder)
            return 0;
        *slash = '\0';
        result = judge(sites, folder);
        if (result < 0)
            return result;
        if (result)
            return thaw_sites_add(sites, folder);
    }
    return 0;
}

int thaw_sites_add_for_file(struct thaw_sites *sites, const char *file,
                            const struct thaw_texts *excluded, size_t excluded_count)
{
    size_t length = named_site(file);
    char folder[PATH_MAX];

    if (*file != '/' || strlen(file) >= sizeof(folder))
        return 0;
    strcpy(folder, file);
    if (length) {
        folder[length] = '\0';
        return thaw_sites_add(sites, folder);
    }
    if (is_excluded(file, excluded, excluded_count) || is_in_known(sites, file))
        return 0;
    return climb(sites, folder);
}

void thaw_sites_free(struct thaw_sites *sites)
{
    thaw_array_free(&sites->items);
    thaw_array_free(&sites->judged);
}
