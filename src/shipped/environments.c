/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "shipped/content.h"
#include "shipped/environments.h"
#include "shipped/site_table.h"

#define CONFIGURATION "pyvenv.cfg"
#define CONFIGURATION_BYTES_MAX ((size_t)64 << 10)
#define SYSTEM_SIGNS_MAX 8 /* environments that are named for including system packages */

size_t thaw_environment_setting(const char *line, size_t length, const char *key,
                                const char **value)
{
    size_t size = strlen(key);
    const char *at = line + size, *end = line + length;

    if (length <= size || strncasecmp(line, key, size) != 0)
        return 0;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == end || *at++ != '=')
        return 0;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *value = at;
    return (size_t)(end - at);
}

/* What lies in front of the last component; *name is that. */
static size_t path_above(const char *path, size_t length, const char **name)
{
    const char *slash = memrchr(path, '/', length);

    *name = slash ? slash + 1 : path;
    return slash ? (size_t)(slash - path) : 0;
}

static bool is_library_folder(const char *name, size_t length)
{
    return (length == 3 && memcmp(name, "lib", 3) == 0) ||
           (length == 5 && (memcmp(name, "lib64", 5) == 0 || memcmp(name, "lib32", 5) == 0));
}

/* The three last components of PREFIX/lib/python3.11/site-packages. */
struct layout {
    size_t prefix; /* length */
    const char *python;
    size_t python_length;
    const char *packages;
};

static bool layout_of(const char *site, struct layout *layout)
{
    size_t length = strlen(site), above = path_above(site, length, &layout->packages), library;
    const char *name;

    if (!above || strlen(layout->packages) < sizeof("x-packages") - 1 ||
        strcmp(site + length - strlen("-packages"), "-packages") != 0)
        return false;
    library = path_above(site, above, &layout->python);
    layout->python_length = (size_t)(site + above - layout->python);
    if (layout->python_length < strlen("python3") || memcmp(layout->python, "python3", 7) != 0)
        return false;
    layout->prefix = path_above(site, library, &name);
    return library && is_library_folder(name, (size_t)(site + library - name));
}

bool thaw_environment_has_prefix(const char *site)
{
    struct layout layout;

    return layout_of(site, &layout);
}

/*
 * Debian's Python sees dist-packages of /usr and /usr/local, of lib/python3 and lib/python3.11; a
 * python.org build in /usr/local sees its site-packages alone, Fedora's those of both prefixes.
 */
static const char *prefix_key(struct thaw_shipped *shipped, const char *site,
                              const struct layout *layout)
{
    bool is_debian = strcmp(layout->packages, "dist-packages") == 0;
    const char *name;
    size_t prefix = layout->prefix, above = path_above(site, prefix, &name);

    if ((size_t)(site + prefix - name) == strlen("local") && memcmp(name, "local", 5) == 0)
        prefix = above;
    return thaw_arena_format(&shipped->memory->arena, "prefix %.*s %.*s %s", (int)prefix, site,
                             is_debian ? 0 : (int)layout->python_length, layout->python,
                             layout->packages);
}

/* The folder of the virtual environment that a folder lies in, or NONE. */
static uint32_t virtual_environment_of(const struct thaw_shipped *shipped, uint32_t folder)
{
    while (folder != THAW_SHIPPED_NONE &&
           thaw_tree_find_file(shipped, folder, CONFIGURATION, sizeof(CONFIGURATION) - 1, 0) ==
               THAW_SHIPPED_NONE)
        folder = shipped->memory->folders.items[folder].parent;
    return folder;
}

static int add_sign(struct thaw_shipped *shipped, const char *file)
{
    struct thaw_texts *signs = &shipped->signs;
    const char **items =
        thaw_arena_allocate(&shipped->memory->arena, (signs->count + 1) * sizeof(*signs->items));
    const char *sign =
        thaw_arena_format(&shipped->memory->arena,
                          "%s includes the system's packages, which were not looked at", file);

    if (!items || !sign)
        return -ENOMEM;
    if (signs->count)
        memcpy(items, signs->items, signs->count * sizeof(*items));
    items[signs->count] = sign;
    signs->items = items;
    signs->count++;
    return 0;
}

/* PEP 405: include-system-site-packages. */
static int read_configuration(struct thaw_shipped *shipped, uint32_t folder,
                              struct thaw_environment *environment)
{
    uint32_t file =
        thaw_tree_find_file(shipped, folder, CONFIGURATION, sizeof(CONFIGURATION) - 1, 0);
    const char *path = shipped->memory->files.items[file].path, *value;
    struct thaw_site_table *sites = shipped->memory->sites;
    char *bytes;
    size_t length;
    int result = thaw_content_read(shipped, file, CONFIGURATION_BYTES_MAX, &bytes, &length);

    if (result < 0 && result != -ENOMEM &&
        shipped->memory->folders.items[folder].parent !=
            THAW_SHIPPED_NONE) /* else it is told later */
        return thaw_shipped_fault(shipped, path, "%s", strerror(-result));
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    for (const char *line = bytes, *end = bytes + length; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = next ? (size_t)(next - line) : (size_t)(end - line);

        if (thaw_environment_setting(line, size, "include-system-site-packages", &value) == 4)
            environment->sees_system = strncasecmp(value, "true", 4) == 0;
        line += size + 1;
    }
    if (!environment->sees_system || sites->system_signs++ >= SYSTEM_SIGNS_MAX)
        return 0;
    return add_sign(shipped, path);
}

/* Its key: what is equal for all folders of one environment. NULL: memory is short. */
static const char *environment_key(struct thaw_shipped *shipped, uint32_t site, uint32_t root,
                                   struct thaw_environment *environment)
{
    struct thaw_arena *arena = &shipped->memory->arena;
    const char *path = shipped->memory->folders.items[site].path;
    struct layout layout;
    const char *flat;

    if (shipped->memory->content->given.count)
        return "one path"; /* of one process: it imports from all of them */
    if (root != THAW_SHIPPED_NONE)
        return thaw_arena_format(arena, "virtual %s", shipped->memory->folders.items[root].path);
    environment->is_flat = true;
    if (!layout_of(path, &layout))
        return thaw_arena_format(arena, "flat %s", path);
    /* A layer's python and python/lib/python3.11/site-packages. */
    environment->is_flat = false;
    flat = thaw_arena_format(arena, "flat %.*s", (int)layout.prefix, path);
    if (!flat || thaw_path_table_find(&shipped->memory->sites->environment_keys, flat,
                                      strlen(flat)) != THAW_PATH_NONE)
        return flat;
    /* A user's own packages come beside those of an interpreter elsewhere. */
    environment->is_flat = layout.prefix >= 6 && memcmp(path + layout.prefix - 6, ".local", 6) == 0;
    return prefix_key(shipped, path, &layout);
}

int64_t thaw_environment_of_site(struct thaw_shipped *shipped, uint32_t site)
{
    struct thaw_site_table *sites = shipped->memory->sites;
    uint32_t root = virtual_environment_of(shipped, site);
    struct thaw_environment environment = {0}, *added;
    const char *key = environment_key(shipped, site, root, &environment);
    int result = key ? thaw_path_table_add(&sites->environment_keys, &shipped->memory->arena, key,
                                           strlen(key), sites->environments.count)
                     : -ENOMEM;

    if (result < 0)
        return result;
    if (result == 0) {
        size_t found = thaw_path_table_find(&sites->environment_keys, key, strlen(key));

        sites->environments.items[found].is_flat &= environment.is_flat;
        return (int64_t)found;
    }
    if (root != THAW_SHIPPED_NONE && read_configuration(shipped, root, &environment) < 0)
        return -ENOMEM;
    added = thaw_array_add(&sites->environments);
    if (!added)
        return -ENOMEM;
    *added = environment;
    return (int64_t)sites->environments.count - 1;
}

const struct thaw_environment *thaw_sites_environment(const struct thaw_shipped *shipped,
                                                      uint32_t distribution)
{
    const struct thaw_site_table *sites = shipped->memory->sites;

    return &sites->environments.items[sites->told.items[distribution].environment];
}

const struct thaw_environment *thaw_sites_environments(const struct thaw_shipped *shipped,
                                                       size_t *count)
{
    *count = shipped->memory->sites->environments.count;
    return shipped->memory->sites->environments.items;
}
