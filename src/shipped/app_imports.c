/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/path_table.h"
#include "base/read_whole.h"
#include "inventory/reading.h"
#include "python/import_names.h"
#include "shipped/app.h"
#include "shipped/build.h"
#include "shipped/content.h"
#include "shipped/sites.h"
#include "shipped/tree.h"

#define FILES_MAX 2000
#define FILE_BYTES_MAX ((size_t)4 << 20)
#define ALL_BYTES_MAX ((size_t)64 << 20)
#define NAMES_MAX 100000    /* different ones */
#define LOOKUPS_MAX 1000000 /* a name in a place */

/* A file of the app imports a module of a distribution. */
struct import {
    uint32_t distribution;
    uint32_t file;
};

struct scan {
    struct thaw_shipped *shipped;
    enum thaw_app_place *places;
    struct thaw_arena arena;
    struct thaw_path_table modules; /* asked about before -> distribution */
    size_t module_count;
    uint64_t lookups;
    THAW_ARRAY(uint32_t) tops; /* folders that the app's own modules are imported from */
    THAW_ARRAY(struct import) imports;
    uint32_t *last_file; /* of each distribution: that imports it, so that a file counts once */
    char *bytes;
    size_t all_bytes;
    uint32_t file;
    char pending[THAW_IMPORT_NAME_MAX + 1]; /* x.y of `from x.y import z`, "" none */
};

/* A file of the app's own, not of a distribution that lies in the same folder. */
static bool has_own_file(const struct thaw_shipped *shipped, uint32_t folder, const char *name)
{
    uint32_t file = thaw_tree_find_file(shipped, folder, name, strlen(name), 0);

    return file != THAW_SHIPPED_NONE && shipped->files[file].distribution == THAW_SHIPPED_NONE;
}

/* Is it a module of the app itself? That comes first on the import path. */
static bool is_own_module(const struct scan *scan, const char *name)
{
    const struct thaw_shipped *shipped = scan->shipped;
    int length = (int)strcspn(name, ".");
    char path[PATH_MAX];

    for (size_t i = 0; i < scan->tops.count; i++) {
        const char *top = shipped->folders[scan->tops.items[i]].path;
        uint32_t folder;

        snprintf(path, sizeof(path), "%.*s.py", length, name);
        if (has_own_file(shipped, scan->tops.items[i], path))
            return true;
        if (snprintf(path, sizeof(path), "%s%s%.*s", top, *top ? "/" : "", length, name) >=
            (int)sizeof(path))
            continue;
        folder = thaw_tree_find_folder(shipped, path, strlen(path));
        if (folder != THAW_SHIPPED_NONE && has_own_file(shipped, folder, "__init__.py"))
            return true;
    }
    return false;
}

/* A folder without __init__ is a namespace: what lies in it may be of many distributions. */
static bool is_folder(const struct thaw_shipped *shipped, const char *module)
{
    char path[PATH_MAX];

    for (uint64_t i = 0; i < shipped->sites.count; i++) {
        const char *site = shipped->sites.items[i];
        int base = snprintf(path, sizeof(path), "%s%s", site, *site ? "/" : "");
        int length = snprintf(path, sizeof(path), "%s%s%s", site, *site ? "/" : "", module);

        if (length >= (int)sizeof(path))
            continue;
        for (char *at = path + base; *at; at++)
            *at = *at == '.' ? '/' : *at;
        if (thaw_tree_find_folder(shipped, path, strlen(path)) != THAW_SHIPPED_NONE)
            return true;
    }
    return false;
}

/* Whose the module itself is, not only something within it. */
static uint32_t owner_of(const struct thaw_shipped *shipped, const char *module)
{
    char package[THAW_IMPORT_NAME_MAX + sizeof(".__init__")];
    uint32_t owner;

    snprintf(package, sizeof(package), "%s.__init__", module);
    owner = thaw_sites_of_module(shipped, package);
    if (owner != THAW_SHIPPED_NONE || is_folder(shipped, module))
        return owner;
    return thaw_sites_of_module(shipped, module);
}

/*
 * The distribution a name is of; with shorter, what is not there is taken for a name within the
 * module above it. 0, -ENOMEM, -E2BIG: too many names.
 */
static int resolve(struct scan *scan, const char *name, bool shorter, uint32_t *ret)
{
    size_t length = strlen(name);
    size_t known = thaw_path_table_find(&scan->modules, name, length);
    char module[THAW_IMPORT_NAME_MAX + 1], *dot;
    const char *key;

    if (known != THAW_PATH_NONE) {
        *ret = (uint32_t)known;
    } else {
        scan->lookups += scan->tops.count + scan->shipped->sites.count;
        if (scan->module_count++ == NAMES_MAX || scan->lookups > LOOKUPS_MAX)
            return -E2BIG;
        *ret = is_own_module(scan, name) ? THAW_SHIPPED_NONE : owner_of(scan->shipped, name);
        key = thaw_arena_text(&scan->arena, name, length);
        if (!key || thaw_path_table_add(&scan->modules, &scan->arena, key, length, *ret) < 0)
            return -ENOMEM;
    }
    if (!shorter || *ret != THAW_SHIPPED_NONE)
        return 0;
    memcpy(module, name, length + 1);
    while (*ret == THAW_SHIPPED_NONE && (dot = strrchr(module, '.'))) {
        int result;

        *dot = '\0';
        result = resolve(scan, module, false, ret);
        if (result < 0)
            return result;
    }
    return 0;
}

static int add_import(struct scan *scan, uint32_t distribution)
{
    struct import *import;

    if (distribution == THAW_SHIPPED_NONE || scan->last_file[distribution] == scan->file)
        return 0;
    import = thaw_array_add(&scan->imports);
    if (!import)
        return -ENOMEM;
    *import = (struct import){distribution, scan->file};
    scan->last_file[distribution] = scan->file;
    return 0;
}

/* x.y, when none of what is taken from it is a module. */
static int add_pending(struct scan *scan)
{
    uint32_t owner = THAW_SHIPPED_NONE;
    int result = *scan->pending ? resolve(scan, scan->pending, true, &owner) : 0;

    scan->pending[0] = '\0';
    return result < 0 ? result : add_import(scan, owner);
}

static int take_name(void *context, const struct thaw_import_name *name)
{
    struct scan *scan = context;
    uint32_t owner;
    int result;

    if (!name->may_be_value) {
        result = add_pending(scan);
        strcpy(scan->pending, name->name);
        return result;
    }
    result = resolve(scan, name->name, false, &owner);
    if (result < 0 || owner == THAW_SHIPPED_NONE)
        return result;
    scan->pending[0] = '\0';
    return add_import(scan, owner);
}

static int scan_file(struct scan *scan)
{
    const char *path = scan->shipped->files[scan->file].path;
    int fd = thaw_content_open(scan->shipped, scan->file), result = fd;
    size_t length = 0;

    if (fd >= 0) {
        result = thaw_read_whole(fd, scan->bytes, FILE_BYTES_MAX, &length);
        close(fd);
    }
    if (result < 0)
        return result == -ENOMEM ? -ENOMEM
                                 : thaw_shipped_fault(scan->shipped, path,
                                                      "%s: its imports are not "
                                                      "known",
                                                      strerror(-result));
    scan->all_bytes += length;
    result = thaw_import_names(scan->bytes, length, take_name, scan);
    return result < 0 ? result : add_pending(scan);
}

static bool is_source(const struct thaw_shipped_file *file)
{
    size_t length = strlen(file->path);

    return file->kind == THAW_FILE_PYTHON && length > 3 &&
           strcmp(file->path + length - 3, ".py") == 0;
}

static int scan_files(struct scan *scan)
{
    struct thaw_shipped *shipped = scan->shipped;
    size_t count = 0;
    int result = 0;

    for (uint32_t i = 0; i < shipped->file_count && result == 0; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];

        if (!thaw_app_owns(file, scan->places) || !is_source(file))
            continue;
        if (count == FILES_MAX || scan->all_bytes >= ALL_BYTES_MAX)
            result = -E2BIG;
        if (file->bytes > FILE_BYTES_MAX) {
            if (thaw_shipped_fault(shipped, file->path,
                                   "longer than 4 MiB: its imports are not known") < 0)
                return -ENOMEM;
            continue;
        }
        if (result == 0) {
            scan->file = i;
            result = scan_file(scan);
            count++;
        }
    }
    if (result != -E2BIG)
        return result;
    return thaw_shipped_fault(shipped, "",
                              "the app has more than %d Python files, 64 MiB, %d imported names or "
                              "%d places to look for them: imports of the rest are not known",
                              FILES_MAX, NAMES_MAX, LOOKUPS_MAX);
}

/* required_by begins with the files that import it; the step requirements adds to it. */
static int keep_imports(struct scan *scan)
{
    struct thaw_shipped *shipped = scan->shipped;

    for (size_t i = 0; i < scan->imports.count; i++)
        shipped->distributions[scan->imports.items[i].distribution].required_by.count++;
    for (size_t i = 0; i < shipped->distribution_count; i++) {
        struct thaw_texts *files = &shipped->distributions[i].required_by;

        if (!files->count)
            continue;
        files->items =
            thaw_arena_allocate(&shipped->memory->arena, files->count * sizeof(*files->items));
        files->count = 0;
        if (!files->items)
            return -ENOMEM;
        shipped->distributions[i].is_imported_by_app = true;
    }
    for (size_t i = 0; i < scan->imports.count; i++) {
        const struct import *import = &scan->imports.items[i];
        struct thaw_texts *files = &shipped->distributions[import->distribution].required_by;

        files->items[files->count++] = shipped->files[import->file].path;
    }
    return 0;
}

static int scan_begin(struct scan *scan)
{
    struct thaw_shipped *shipped = scan->shipped;

    scan->places = thaw_app_places(shipped);
    scan->bytes = malloc(FILE_BYTES_MAX);
    scan->last_file = calloc(shipped->distribution_count, sizeof(*scan->last_file));
    if (!scan->places || !scan->bytes || !scan->last_file)
        return -ENOMEM;
    for (size_t i = 0; i < shipped->distribution_count; i++)
        scan->last_file[i] = THAW_SHIPPED_NONE;
    for (uint32_t i = 0; i < shipped->folder_count; i++) {
        uint32_t *top;

        if (scan->places[i] != THAW_APP_TOP)
            continue;
        top = thaw_array_add(&scan->tops);
        if (!top)
            return -ENOMEM;
        *top = i;
    }
    return 0;
}

int thaw_shipped_app_imports(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct scan scan = {.shipped = shipped};
    int result;

    if (!shipped->distribution_count)
        return 0; /* whatever is imported, nothing is asked for */
    result = scan_begin(&scan);
    if (result == 0)
        result = scan_files(&scan);
    if (result == 0)
        result = keep_imports(&scan);
    free(scan.places);
    free(scan.bytes);
    free(scan.last_file);
    thaw_array_free(&scan.tops);
    thaw_array_free(&scan.imports);
    thaw_path_table_clear(&scan.modules);
    thaw_arena_free(&scan.arena);
    return result < 0 ? thaw_error_memory(error) : 0;
}
