/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipped/environments.h"
#include "shipped/file_kinds.h"
#include "shipped/site_table.h"
#include "shipped/target.h"

#define MODULE_BYTES_MAX 1024

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);

    return length > end && memcmp(text + length - end, suffix, end) == 0;
}

/* The folder that was given for a site: itself, or the first that it lies in. */
static size_t rank_of(const struct thaw_shipped *shipped, uint32_t site)
{
    const struct thaw_content *content = shipped->memory->content;
    const char *path = shipped->folders[site].path;
    size_t rank = SIZE_MAX;

    for (size_t i = 0; i < content->given.count; i++) {
        if (strcmp(content->given.items[i], path) == 0)
            return i;
        if (rank == SIZE_MAX && thaw_target_is_inside(content->given.items[i], path))
            rank = i;
    }
    return rank;
}

static int entry_add(struct thaw_shipped *shipped, enum thaw_site_entry_kind kind, uint32_t site,
                     uint32_t folder, uint32_t file, const char *name)
{
    struct thaw_site_entry *entry = thaw_array_add(&shipped->memory->sites->entries);

    if (!entry)
        return -ENOMEM;
    *entry = (struct thaw_site_entry){.kind = kind,
                                      .rank = rank_of(shipped, site),
                                      .site = site,
                                      .folder = folder,
                                      .file = file,
                                      .name = name,
                                      .distribution = THAW_SHIPPED_NONE,
                                      .leftover_of = THAW_SHIPPED_NONE};
    return 0;
}

static int find_in_folders(struct thaw_shipped *shipped)
{
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];
        const char *name = thaw_tree_name(folder->path);
        uint32_t parent = folder->parent;

        if (parent == THAW_SHIPPED_NONE)
            continue;
        if (thaw_info_kind(name) != THAW_INFO_NONE)
            result = entry_add(shipped, THAW_SITE_INFO, parent, i, THAW_SHIPPED_NONE, name);
        else if (strcmp(name, "EGG-INFO") == 0 &&
                 shipped->folders[parent].parent != THAW_SHIPPED_NONE &&
                 ends_with(shipped->folders[parent].path, ".egg"))
            result = entry_add(shipped, THAW_SITE_EGG_FOLDER, shipped->folders[parent].parent, i,
                               THAW_SHIPPED_NONE, thaw_tree_name(shipped->folders[parent].path));
    }
    return result;
}

static int find_in_files(struct thaw_shipped *shipped)
{
    static const struct {
        const char *suffix;
        enum thaw_site_entry_kind kind;
    } rows[] = {
        {".egg-info", THAW_SITE_INFO},
        {".egg-link", THAW_SITE_EGG_LINK},
        {".egg", THAW_SITE_EGG_ZIP},
    };

    for (uint32_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        const char *name = thaw_tree_file_name(file);
        bool may_be = file->kind != THAW_FILE_NATIVE && !thaw_file_kinds_is_source(file->kind);

        for (size_t row = 0; may_be && row < sizeof(rows) / sizeof(rows[0]); row++) {
            if (ends_with(name, rows[row].suffix) &&
                entry_add(shipped, rows[row].kind, file->folder, THAW_SHIPPED_NONE, i, name) < 0)
                return -ENOMEM;
        }
    }
    return 0;
}

/* By site in the import path's order, else the walk's, so that a site comes before those inside it;
 * then by name. */
static int compare_entries(const void *one, const void *other)
{
    const struct thaw_site_entry *left = one, *right = other;

    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    if (left->site != right->site)
        return left->site < right->site ? -1 : 1;
    return strcmp(left->name, right->name);
}

/*
 * A copy that a distribution carries within itself (setuptools/_vendor): its files have an owner
 * already, and the import path does not lead there.
 */
static bool is_vendored(const struct thaw_shipped *shipped, const struct thaw_site_entry *entry)
{
    const struct thaw_shipped_memory *memory = shipped->memory;
    uint32_t file = entry->file;

    if (entry->folder != THAW_SHIPPED_NONE) {
        const struct thaw_tree_folder *extra = &memory->content->folders.items[entry->folder];

        if (extra->first_file == extra->file_end)
            return false;
        file = extra->first_file;
    }
    return memory->content->folders.items[entry->site].is_in_site &&
           memory->files.items[file].distribution != THAW_SHIPPED_NONE;
}

static int place_add(struct thaw_shipped *shipped, uint32_t folder)
{
    uint32_t *slot = thaw_array_add(&shipped->memory->sites->places);

    if (!slot)
        return -ENOMEM;
    *slot = folder;
    return 0;
}

/* What the distributions of one site say of themselves. 1; 0: there is none; -ENOMEM. */
static int read_infos(struct thaw_shipped *shipped, struct thaw_site_entry *entries, size_t count)
{
    bool is_site = false;

    for (size_t i = 0; i < count; i++) {
        int64_t distribution;

        if (is_vendored(shipped, &entries[i]))
            continue;
        if (!is_site && place_add(shipped, entries[0].site) < 0)
            return -ENOMEM;
        is_site = true;
        distribution = thaw_site_info_read(shipped, &entries[i]);
        if (distribution < 0)
            return (int)distribution;
        entries[i].distribution = (uint32_t)distribution;
        if (entries[i].kind == THAW_SITE_EGG_FOLDER &&
            place_add(shipped, shipped->memory->folders.items[entries[i].folder].parent) < 0)
            return -ENOMEM;
    }
    return is_site;
}

/* Gives the site's files away: leftovers of what is installed get what it does not list. */
static int read_owners(struct thaw_shipped *shipped, const struct thaw_site_entry *entries,
                       size_t count, bool leftovers)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++) {
        if (entries[i].distribution == THAW_SHIPPED_NONE ||
            (entries[i].leftover_of != THAW_SHIPPED_NONE) != leftovers)
            continue;
        result = entries[i].is_same
                     ? thaw_site_owners_same(shipped, &entries[i])
                     : thaw_site_owners_read(shipped, &entries[i], entries[i].distribution);
    }
    return result;
}

/* The distributions of one site: entries are all of one folder. 0 or -ENOMEM. */
static int read_site(struct thaw_shipped *shipped, struct thaw_site_entry *entries, size_t count)
{
    struct thaw_content *content = shipped->memory->content;
    struct thaw_site_table *sites = shipped->memory->sites;
    size_t first = shipped->memory->distributions.count;
    uint32_t site = entries[0].site;
    int result = read_infos(shipped, entries, count);
    int64_t environment;

    if (result <= 0)
        return result;
    environment = thaw_environment_of_site(shipped, site);
    if (environment < 0 || thaw_site_copies_settle(shipped, entries, count) < 0)
        return -ENOMEM;
    for (size_t i = first; i < sites->told.count; i++)
        sites->told.items[i].environment = (uint32_t)environment;
    result = read_owners(shipped, entries, count, false);
    if (result == 0)
        result = read_owners(shipped, entries, count, true);
    if (result < 0)
        return result;
    thaw_site_owners_bytecode(shipped, site);
    for (uint32_t i = site; i < content->folders.items[site].folder_end; i++)
        content->folders.items[i].is_in_site = true;
    return 0;
}

/*
 * A folder that an interpreter has for packages is one of the import path also where no package has
 * a .dist-info left: those who make layers small remove them.
 */
static int add_bare_sites(struct thaw_shipped *shipped)
{
    static const char *const patterns[] = {"lib/python3.*/site-packages",
                                           "lib64/python3.*/site-packages"};
    struct thaw_tree_folder *extras = shipped->memory->content->folders.items;

    for (uint32_t i = 0; i < shipped->folder_count; i++) {
        const char *path = shipped->folders[i].path, *tail = path + strlen(path);
        bool is_site = false;

        if (extras[i].is_in_site || extras[i].first_file == extras[i].file_end ||
            !ends_with(path, "/site-packages"))
            continue;
        for (int slashes = 0; tail > path && (tail[-1] != '/' || ++slashes < 3); tail--)
            ;
        for (size_t j = 0; j < sizeof(patterns) / sizeof(patterns[0]); j++)
            is_site |= fnmatch(patterns[j], tail, FNM_PATHNAME) == 0;
        if (!is_site)
            continue;
        if (place_add(shipped, i) < 0)
            return -ENOMEM;
        for (uint32_t below = i; below < extras[i].folder_end; below++)
            extras[below].is_in_site = true;
    }
    return 0;
}

static int name_sites(struct thaw_shipped *shipped)
{
    const struct thaw_site_table *sites = shipped->memory->sites;
    struct thaw_texts *names = &shipped->sites;

    names->items = thaw_arena_allocate(&shipped->memory->arena,
                                       (sites->places.count + 1) * sizeof(*names->items));
    if (!names->items)
        return -ENOMEM;
    for (size_t i = 0; i < sites->places.count; i++)
        names->items[names->count++] = shipped->memory->folders.items[sites->places.items[i]].path;
    return 0;
}

static int read_sites(struct thaw_shipped *shipped)
{
    struct thaw_site_table *sites = shipped->memory->sites;
    int result = find_in_folders(shipped);

    if (result == 0)
        result = find_in_files(shipped);
    if (sites->entries.count)
        qsort(sites->entries.items, sites->entries.count, sizeof(*sites->entries.items),
              compare_entries);
    for (size_t i = 0, next; result == 0 && i < sites->entries.count; i = next) {
        for (next = i; next < sites->entries.count &&
                       sites->entries.items[next].site == sites->entries.items[i].site;
             next++)
            ;
        result = read_site(shipped, &sites->entries.items[i], next - i);
    }
    if (result == 0)
        result = add_bare_sites(shipped);
    if (result == 0)
        result = thaw_site_conda_read(shipped);
    return result == 0 ? name_sites(shipped) : result;
}

int thaw_shipped_sites(struct thaw_shipped *shipped, struct thaw_error *error)
{
    shipped->memory->sites = calloc(1, sizeof(*shipped->memory->sites));
    if (!shipped->memory->sites || read_sites(shipped) < 0)
        return thaw_error_memory(error);
    return 0;
}

void thaw_site_table_free(struct thaw_site_table *sites)
{
    if (!sites)
        return;
    thaw_array_free(&sites->entries);
    thaw_array_free(&sites->places);
    thaw_array_free(&sites->told);
    thaw_array_free(&sites->modules);
    thaw_array_free(&sites->shared);
    thaw_array_free(&sites->packages);
    thaw_path_table_clear(&sites->stems);
    thaw_array_free(&sites->environments);
    thaw_path_table_clear(&sites->environment_keys);
    free(sites);
}

const struct thaw_texts *thaw_sites_requires(const struct thaw_shipped *shipped,
                                             uint32_t distribution)
{
    return &shipped->memory->sites->told.items[distribution].requires;
}

const struct thaw_shared_file *thaw_sites_shared(const struct thaw_shipped *shipped, size_t *count)
{
    *count = shipped->memory->sites->shared.count;
    return shipped->memory->sites->shared.items;
}

const struct thaw_site_package *thaw_sites_packages(const struct thaw_shipped *shipped,
                                                    size_t *count)
{
    *count = shipped->memory->sites->packages.count;
    return shipped->memory->sites->packages.items;
}

static const struct thaw_site_package *package_at(const struct thaw_shipped *shipped,
                                                  uint32_t number)
{
    return number == THAW_SHIPPED_NONE ? NULL : &shipped->memory->sites->packages.items[number];
}

const struct thaw_site_package *thaw_sites_package(const struct thaw_shipped *shipped,
                                                   uint32_t distribution)
{
    return package_at(shipped, shipped->memory->sites->told.items[distribution].package);
}

const struct thaw_site_package *thaw_sites_next_package(const struct thaw_shipped *shipped,
                                                        const struct thaw_site_package *package)
{
    return package_at(shipped, package->next);
}

bool thaw_sites_is_conda_only(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return distribution >= shipped->memory->sites->first_package;
}

bool thaw_sites_is_importable(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return !thaw_sites_is_conda_only(shipped, distribution) ||
           shipped->memory->sites->told.items[distribution].is_importable;
}

uint32_t thaw_sites_conda(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return shipped->memory->sites->told.items[distribution].conda;
}

uint32_t thaw_sites_leftover_of(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return shipped->memory->sites->told.items[distribution].leftover_of;
}

bool thaw_sites_holds(const struct thaw_shipped *shipped, uint32_t folder)
{
    return shipped->memory->content->folders.items[folder].is_in_site;
}

/* The first distribution that owns a file below the folder. */
static uint32_t owner_below(const struct thaw_shipped *shipped, uint32_t folder)
{
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];

    for (uint32_t i = extra->first_file; i < extra->file_end; i++) {
        if (shipped->memory->files.items[i].distribution != THAW_SHIPPED_NONE)
            return shipped->memory->files.items[i].distribution;
    }
    return THAW_SHIPPED_NONE;
}

/* Of a file that is the module NAME: NAME.py, NAME.….so; NAME.pth is none. */
static uint32_t owner_of_file(const struct thaw_shipped *shipped, uint32_t folder, const char *name)
{
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];
    size_t length = strlen(name);
    char stem[MODULE_BYTES_MAX + 2];

    snprintf(stem, sizeof(stem), "%s.", name);
    for (uint32_t i = thaw_tree_first_file(shipped, folder, stem);
         i < extra->first_file + extra->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->memory->files.items[i];
        const char *own = file->path + extra->name_at;

        if (strncmp(own, stem, length + 1) != 0)
            break;
        if (strcmp(own + length, ".py") == 0 || strcmp(own + length, ".pyc") == 0 ||
            ends_with(own, ".so"))
            return file->distribution;
    }
    return THAW_SHIPPED_NONE;
}

static uint32_t owner_in_place(const struct thaw_shipped *shipped, uint32_t place,
                               const char *module)
{
    const char *base = shipped->memory->folders.items[place].path;
    size_t length = strlen(base), size = strlen(module);
    char path[PATH_MAX + MODULE_BYTES_MAX];
    uint32_t folder = THAW_SHIPPED_NONE, owner;
    char *name;

    if (length + size + 2 > sizeof(path))
        return THAW_SHIPPED_NONE;
    memcpy(path, base, length);
    if (length && path[length - 1] != '/')
        path[length++] = '/';
    memcpy(path + length, module, size + 1);
    for (char *at = path + length; *at; at++)
        *at = *at == '.' ? '/' : *at;
    folder = thaw_tree_find_folder(shipped, path, strlen(path));
    owner = folder == THAW_SHIPPED_NONE ? THAW_SHIPPED_NONE : owner_below(shipped, folder);
    if (owner != THAW_SHIPPED_NONE)
        return owner;
    name = strrchr(path + length, '/');
    if (!name)
        return owner_of_file(shipped, place, path + length);
    *name++ = '\0';
    folder = thaw_tree_find_folder(shipped, path, strlen(path));
    return folder == THAW_SHIPPED_NONE ? THAW_SHIPPED_NONE : owner_of_file(shipped, folder, name);
}

uint32_t thaw_sites_of_module(const struct thaw_shipped *shipped, const char *module)
{
    const struct thaw_site_table *sites = shipped->memory->sites;
    uint32_t owner = THAW_SHIPPED_NONE;

    if (!*module || strlen(module) > MODULE_BYTES_MAX || strchr(module, '/'))
        return THAW_SHIPPED_NONE;
    for (size_t i = 0; i < sites->places.count && owner == THAW_SHIPPED_NONE; i++)
        owner = owner_in_place(shipped, sites->places.items[i], module);
    for (size_t i = 0; i < sites->modules.count && owner == THAW_SHIPPED_NONE; i++) {
        if (strcmp(sites->modules.items[i].name, module) == 0)
            owner = sites->modules.items[i].distribution;
    }
    return owner;
}
