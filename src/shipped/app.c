/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "platform/platform.h"
#include "shipped/app.h"
#include "shipped/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where a container's app lies, beside what the platforms' own images have. */
static const char *const container_folders[] = {
    "app",         /* the usual WORKDIR of Dockerfiles; Cloud Native Buildpacks: workspace */
    "usr/src/app", /* Docker's official python:onbuild image */
    "workspace",
};

/* Folders of an environment's own, beside which a user may still have put files. */
static const char *const environment_folders[] = {"bin",     "include", "lib", "lib64",
                                                  "Scripts", "share",   "etc", "conda-meta"};

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

static bool is_container_folder(const char *path)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++) {
        if (platforms[i]->app_folder && strcmp(path, platforms[i]->app_folder) == 0)
            return true;
    }
    return is_one_of(path, container_folders, COUNT(container_folders));
}

/* "lib/python3.11": the standard library. */
static bool is_standard_library(const char *path)
{
    const char *name = thaw_tree_name(path);
    size_t before = (size_t)(name - path);

    if (strncmp(name, "python", 6) != 0 || !isdigit((unsigned char)name[6]) || !strchr(name, '.'))
        return false;
    return (before >= 4 && memcmp(name - 4, "lib/", 4) == 0 && (before == 4 || name[-5] == '/')) ||
           (before >= 6 && memcmp(name - 6, "lib64/", 6) == 0 && (before == 6 || name[-7] == '/'));
}

static bool is_packages_folder(const char *path)
{
    const char *name = thaw_tree_name(path);

    return strcmp(name, "site-packages") == 0 || strcmp(name, "dist-packages") == 0;
}

/* A folder without one above it in the model. */
static enum thaw_app_place place_of_root(const struct thaw_shipped *shipped,
                                         const struct thaw_shipped_folder *folder)
{
    const char *path = *folder->path ? folder->path : shipped->target;

    if (strcmp(shipped->kind, "container-root") == 0 || is_packages_folder(path) ||
        is_standard_library(path))
        return THAW_APP_OUTSIDE;
    return THAW_APP_TOP;
}

/* What the places are told by. */
struct signs {
    struct thaw_arena arena;
    struct thaw_path_table sites;
    bool *is_environment; /* a folder that holds a pyvenv.cfg or a conda-meta */
};

static enum thaw_app_place place_of(const struct thaw_shipped *shipped, uint32_t folder,
                                    const enum thaw_app_place *places, const struct signs *signs)
{
    const struct thaw_shipped_folder *self = &shipped->folders[folder];
    bool is_container = strcmp(shipped->kind, "container-root") == 0;

    if (self->parent == THAW_SHIPPED_NONE)
        return place_of_root(shipped, self);
    if (places[self->parent] == THAW_APP_OUTSIDE)
        return is_container && is_container_folder(self->path) ? THAW_APP_TOP : THAW_APP_OUTSIDE;
    if (signs->is_environment[folder] || is_standard_library(self->path) ||
        thaw_path_table_find(&signs->sites, self->path, strlen(self->path)) != THAW_PATH_NONE)
        return THAW_APP_OUTSIDE;
    if (signs->is_environment[self->parent] &&
        is_one_of(thaw_tree_name(self->path), environment_folders, COUNT(environment_folders)))
        return THAW_APP_OUTSIDE;
    return THAW_APP_INSIDE;
}

static bool find_signs(const struct thaw_shipped *shipped, struct signs *signs)
{
    static const char mark[] = "pyvenv.cfg";

    signs->is_environment = calloc(shipped->folder_count + 1, sizeof(*signs->is_environment));
    if (!signs->is_environment)
        return false;
    for (uint32_t i = 0; i < shipped->folder_count; i++)
        signs->is_environment[i] =
            thaw_tree_find_file(shipped, i, mark, sizeof(mark) - 1, 0) != THAW_SHIPPED_NONE;
    for (size_t i = 0; i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];

        if (folder->parent != THAW_SHIPPED_NONE &&
            strcmp(thaw_tree_name(folder->path), "conda-meta") == 0)
            signs->is_environment[folder->parent] = true;
    }
    for (uint64_t i = 0; i < shipped->sites.count; i++) {
        const char *site = shipped->sites.items[i];

        if (thaw_path_table_add(&signs->sites, &signs->arena, site, strlen(site), i) < 0)
            return false;
    }
    return true;
}

enum thaw_app_place *thaw_app_places(const struct thaw_shipped *shipped)
{
    enum thaw_app_place *places = calloc(shipped->folder_count + 1, sizeof(*places));
    struct signs signs = {0};

    if (!places || !find_signs(shipped, &signs)) {
        free(places);
        places = NULL;
    }
    for (uint32_t i = 0; places && i < shipped->folder_count; i++)
        places[i] = place_of(shipped, i, places, &signs);
    free(signs.is_environment);
    thaw_path_table_clear(&signs.sites);
    thaw_arena_free(&signs.arena);
    return places;
}

bool thaw_app_owns(const struct thaw_shipped_file *file, const enum thaw_app_place *places)
{
    return places[file->folder] != THAW_APP_OUTSIDE && file->distribution == THAW_SHIPPED_NONE;
}
