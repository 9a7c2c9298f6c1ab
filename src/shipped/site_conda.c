/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/name.h"
#include "packaging/version.h"
#include "shipped/environments.h"
#include "shipped/site_table.h"

#define FOLDER_NAME "conda-meta"
#define FILE_END ".json"
#define FILE_BYTES_MAX ((size_t)16 << 20)
#define ALL_BYTES_MAX ((uint64_t)256 << 20) /* of all packages together */
#define PACKAGES_MAX 20000
#define DEPENDS_MAX 1000 /* of one package */
#define TEXT_BYTES_MAX 512

/* The packages of all environments, while they are read. */
struct conda {
    struct thaw_shipped *shipped;
    struct thaw_arena arena;
    bool *is_environment;         /* of each folder */
    struct thaw_path_table names; /* "environment name" of Python's distributions there */
    uint64_t bytes;               /* of JSON, read so far */
    uint32_t known_environment;   /* whose interpreter's was asked for last, or NONE */
    uint32_t known_interpreter;
};

/* One of them, until it has its distribution. */
struct package {
    uint32_t file; /* its JSON */
    const json_t *root;
    const char *name;
    const char *version;
    struct thaw_site_package row;
};

static bool is_listed_file(const char *name)
{
    size_t length = strlen(name), end = sizeof(FILE_END) - 1;

    return name[0] != '.' && length > end && strcmp(name + length - end, FILE_END) == 0;
}

/* The environment that a folder lies in, or NONE. */
static uint32_t environment_of(const struct conda *conda, uint32_t folder)
{
    while (folder != THAW_SHIPPED_NONE && !conda->is_environment[folder])
        folder = conda->shipped->memory->folders.items[folder].parent;
    return folder;
}

/* Bounds what texts of a file may say; NULL: there is no such text. */
static const char *text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));

    return text && strlen(text) <= TEXT_BYTES_MAX ? text : NULL;
}

/* Old versions write "None" for what was not asked for. */
static bool is_requested(const json_t *root)
{
    const char *spec = json_string_value(json_object_get(root, "requested_spec"));

    return json_array_size(json_object_get(root, "requested_specs")) > 0 ||
           (spec && *spec && strcmp(spec, "None") != 0);
}

static int keep_depends(struct conda *conda, struct package *package)
{
    struct thaw_arena *arena = &conda->shipped->memory->arena;
    const json_t *list = json_object_get(package->root, "depends");
    struct thaw_texts *depends = &package->row.depends;
    size_t count = json_array_size(list);

    if (count > DEPENDS_MAX && thaw_shipped_fault(conda->shipped, package->row.path,
                                                  "more than %d entries in depends: the rest is "
                                                  "not read",
                                                  DEPENDS_MAX) < 0)
        return -ENOMEM;
    count = count > DEPENDS_MAX ? DEPENDS_MAX : count;
    depends->items = thaw_arena_allocate(arena, (count + 1) * sizeof(*depends->items));
    if (!depends->items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text || strlen(text) > TEXT_BYTES_MAX)
            text = ""; /* no requirement: said when it is evaluated */
        depends->items[depends->count] = thaw_arena_string(arena, text);
        if (!depends->items[depends->count++])
            return -ENOMEM;
    }
    return 0;
}

/* The distribution whose .dist-info or .egg-info is among the files; NONE: none, or several. */
static uint32_t listed_distribution(const struct conda *conda,
                                    const struct thaw_site_listed *listed)
{
    const struct thaw_shipped_memory *memory = conda->shipped->memory;
    uint32_t found = THAW_SHIPPED_NONE;

    for (size_t i = 0; i < listed->files.count; i++) {
        const struct thaw_shipped_file *file = &memory->files.items[listed->files.items[i]];
        const char *info;

        if (file->distribution >= memory->sites->first_package || file->distribution == found)
            continue; /* nobody's or another package's, too */
        info = memory->distributions.items[file->distribution].info;
        if (strcmp(memory->folders.items[file->folder].path, info) != 0 &&
            strcmp(file->path, info) != 0)
            continue;
        if (found != THAW_SHIPPED_NONE)
            return THAW_SHIPPED_NONE;
        found = file->distribution;
    }
    return found;
}

static const char *name_key(struct conda *conda, uint32_t environment, const char *name)
{
    const char *normalised = thaw_name_normalise(&conda->arena, name, strlen(name));

    return normalised ? thaw_arena_format(&conda->arena, "%u %s", environment, normalised) : NULL;
}

/* Which distribution of Python's the package is, or NONE. 0 or -ENOMEM. */
static int find_distribution(struct conda *conda, const struct package *package,
                             const struct thaw_site_listed *listed, uint32_t *ret)
{
    const char *key;
    size_t found;

    *ret = listed_distribution(conda, listed);
    if (*ret != THAW_SHIPPED_NONE)
        return 0;
    key = name_key(conda, package->row.environment, package->name);
    if (!key)
        return -ENOMEM;
    found = thaw_path_table_find(&conda->names, key, strlen(key));
    if (found != THAW_PATH_NONE &&
        thaw_version_compare(conda->shipped->memory->distributions.items[found].version,
                             package->version) == 0)
        *ret = (uint32_t)found;
    return 0;
}

/* The environment of an interpreter (sites.h) that a conda environment is: that of the Python
 * distributions in it, if there are any. 0 or -ENOMEM. */
static int interpreter_of(struct conda *conda, uint32_t environment, uint32_t *ret)
{
    const struct thaw_site_table *sites = conda->shipped->memory->sites;
    int64_t found = -1;

    if (conda->known_environment != environment) { /* packages of one come together */
        for (uint32_t i = 0; found < 0 && i < sites->first_package; i++) {
            if (sites->told.items[i].conda == environment)
                found = sites->told.items[i].environment;
        }
        if (found < 0)
            found = thaw_environment_of_site(conda->shipped, environment);
        if (found < 0)
            return -ENOMEM;
        conda->known_environment = environment;
        conda->known_interpreter = (uint32_t)found;
    }
    *ret = conda->known_interpreter;
    return 0;
}

static int add_distribution(struct conda *conda, const struct package *package, uint32_t *ret)
{
    struct thaw_shipped_memory *memory = conda->shipped->memory;
    struct thaw_site_told *told = thaw_array_add(&memory->sites->told);
    struct thaw_shipped_distribution *slot = told ? thaw_array_add(&memory->distributions) : NULL;
    uint32_t environment;

    if (!slot || interpreter_of(conda, package->row.environment, &environment) < 0)
        return -ENOMEM;
    *told = (struct thaw_site_told){.package = THAW_SHIPPED_NONE,
                                    .leftover_of = THAW_SHIPPED_NONE,
                                    .conda = package->row.environment,
                                    .environment = environment};
    *slot = (struct thaw_shipped_distribution){
        .name = thaw_arena_string(&memory->arena, package->name),
        .version = thaw_arena_string(&memory->arena, package->version),
        .location = memory->folders.items[package->row.environment].path,
        .info = package->row.path,
        .installer = "conda",
        .license = thaw_arena_string(&memory->arena, text_of(package->root, "license")),
        .editable = "",
        .misfit = "",
        .record = THAW_RECORD_UNREADABLE, /* until its list of files is there */
    };
    *ret = (uint32_t)(memory->distributions.count - 1);
    return slot->name && slot->version && slot->license ? 0 : -ENOMEM;
}

/* Files that are Python's distributions' stay theirs: of them RECORD says more. */
static int own_files(struct conda *conda, const struct thaw_site_listed *listed,
                     uint32_t distribution)
{
    struct thaw_shipped_memory *memory = conda->shipped->memory;
    int result = 0;

    for (size_t i = 0; result == 0 && i < listed->files.count; i++) {
        uint32_t now = memory->files.items[listed->files.items[i]].distribution;

        if (now != THAW_SHIPPED_NONE && now < memory->sites->first_package)
            continue;
        memory->sites->told.items[distribution].is_importable |=
            thaw_sites_holds(conda->shipped, memory->files.items[listed->files.items[i]].folder);
        result = thaw_site_owners_own(conda->shipped, listed->files.items[i], distribution);
    }
    return result;
}

/* Gives the package its distribution, and that one its files. */
static int settle(struct conda *conda, struct package *package,
                  const struct thaw_site_listed *listed)
{
    struct thaw_shipped_memory *memory = conda->shipped->memory;
    struct thaw_shipped_distribution *distribution;
    struct thaw_site_package *slot;
    uint32_t number;
    int result = find_distribution(conda, package, listed, &number);

    if (result == 0 && number == THAW_SHIPPED_NONE)
        result = add_distribution(conda, package, &number);
    if (result == 0)
        result = own_files(conda, listed, number);
    if (result == 0)
        result = thaw_site_owners_own(conda->shipped, package->file, number);
    if (result < 0)
        return result;
    distribution = &memory->distributions.items[number];
    if (distribution->record != THAW_RECORD_PRESENT &&
        json_is_array(json_object_get(package->root, "files"))) {
        distribution->record = THAW_RECORD_PRESENT;
        distribution->listed = listed->listed;
        distribution->absent = listed->absent;
        distribution->absent_paths = listed->absent_paths;
        distribution->outside = listed->outside;
    }
    slot = thaw_array_add(&memory->sites->packages);
    if (!slot)
        return -ENOMEM;
    *slot = package->row;
    slot->distribution = number;
    slot->next = memory->sites->told.items[number].package;
    memory->sites->told.items[number].package = (uint32_t)(memory->sites->packages.count - 1);
    return 0;
}

static int list_files(struct conda *conda, const struct package *package,
                      struct thaw_site_listed *listed)
{
    const json_t *list = json_object_get(package->root, "files"), *item;
    const char *base = conda->shipped->memory->folders.items[package->row.environment].path;
    size_t count = json_array_size(list), at;
    struct thaw_arena scratch = {0};
    struct thaw_texts paths = {thaw_arena_allocate(&scratch, (count + 1) * sizeof(*paths.items)),
                               0};
    int result = paths.items ? 0 : -ENOMEM;

    if (result == 0 && !json_is_array(list))
        result = thaw_shipped_fault(conda->shipped, package->row.path,
                                    "this conda package has no list of its files");
    json_array_foreach((json_t *)list, at, item)
    {
        const char *path = json_string_value(item);

        if (path && result == 0)
            paths.items[paths.count++] = path;
    }
    if (result == 0 && paths.count < count)
        result = thaw_shipped_fault(conda->shipped, package->row.path,
                                    "entries of files that are no paths: passed over");
    if (result == 0)
        result = thaw_site_owners_list(conda->shipped, base, &paths, listed);
    thaw_arena_free(&scratch);
    return result;
}

static int take_package(struct conda *conda, struct package *package)
{
    struct thaw_arena *arena = &conda->shipped->memory->arena;
    struct thaw_site_listed listed = {0};
    int result;

    package->name = text_of(package->root, "name");
    package->version = text_of(package->root, "version");
    if (!package->name || !*package->name || !package->version)
        return thaw_shipped_fault(conda->shipped, package->row.path,
                                  "no conda package: name or version are missing or too long");
    package->row.name = thaw_arena_string(arena, package->name);
    package->row.is_requested = is_requested(package->root);
    result = package->row.name ? keep_depends(conda, package) : -ENOMEM;
    if (result == 0)
        result = list_files(conda, package, &listed);
    if (result == 0)
        result = settle(conda, package, &listed);
    thaw_array_free(&listed.files);
    return result;
}

static int parse_package(struct conda *conda, struct package *package, const char *bytes,
                         size_t length)
{
    json_error_t error;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    int result;

    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (!root)
        return thaw_shipped_fault(conda->shipped, package->row.path,
                                  "no JSON: the files of this conda package are nobody's");
    package->root = root;
    result = take_package(conda, package);
    json_decref(root);
    return result;
}

static int read_package(struct conda *conda, uint32_t environment, uint32_t file)
{
    const char *path = conda->shipped->memory->files.items[file].path;
    struct package package = {.file = file, .row = {.environment = environment, .path = path}};
    uint64_t left = ALL_BYTES_MAX - conda->bytes;
    size_t limit = left < FILE_BYTES_MAX ? (size_t)left : FILE_BYTES_MAX, length;
    struct thaw_arena scratch = {0};
    char *bytes;
    int result = thaw_tree_read(conda->shipped, file, limit, &scratch, &bytes, &length);

    if (result == 0) {
        conda->bytes += length;
        result = length == limit
                     ? thaw_shipped_fault(conda->shipped, path,
                                          "longer than 16 MiB, or than 256 MiB with the others: "
                                          "not read")
                     : parse_package(conda, &package, bytes, length);
    } else if (result != -ENOMEM) {
        result = thaw_shipped_fault(conda->shipped, path, "%s", strerror(-result));
    }
    thaw_arena_free(&scratch);
    return result;
}

static int read_environment(struct conda *conda, uint32_t folder)
{
    const struct thaw_shipped_memory *memory = conda->shipped->memory;
    const struct thaw_tree_folder *extra = &memory->content->folders.items[folder];
    uint32_t environment = memory->folders.items[folder].parent;

    for (uint32_t i = extra->first_file; i < extra->first_file + extra->file_count; i++) {
        if (!is_listed_file(thaw_tree_file_name(&memory->files.items[i])) ||
            memory->files.items[i].distribution != THAW_SHIPPED_NONE)
            continue; /* somebody's own data */
        if (memory->sites->packages.count >= PACKAGES_MAX)
            return thaw_shipped_fault(conda->shipped, memory->folders.items[folder].path,
                                      "more than %d conda packages: the rest is not read",
                                      PACKAGES_MAX);
        if (read_package(conda, environment, i) < 0)
            return -ENOMEM;
    }
    return 0;
}

static bool is_meta(const struct thaw_shipped *shipped, uint32_t folder)
{
    const struct thaw_shipped_folder *row = &shipped->memory->folders.items[folder];

    return row->parent != THAW_SHIPPED_NONE && strcmp(thaw_tree_name(row->path), FOLDER_NAME) == 0;
}

/* Which folders are environments, and which distributions lie in them. 1; 0: there are none. */
static int find_environments(struct conda *conda)
{
    struct thaw_shipped_memory *memory = conda->shipped->memory;
    int any = 0;

    for (uint32_t i = 0; i < memory->folders.count; i++) {
        if (!is_meta(conda->shipped, i))
            continue;
        conda->is_environment[memory->folders.items[i].parent] = true;
        any = 1;
    }
    for (uint32_t i = 0; any && i < memory->distributions.count; i++) {
        const struct thaw_shipped_distribution *own = &memory->distributions.items[i];
        uint32_t folder =
            thaw_tree_find_folder(conda->shipped, own->location, strlen(own->location));
        uint32_t environment = environment_of(conda, folder);
        const char *key;

        memory->sites->told.items[i].conda = environment;
        if (environment == THAW_SHIPPED_NONE || !*own->name)
            continue;
        key = name_key(conda, environment, own->name);
        if (!key || thaw_path_table_add(&conda->names, &conda->arena, key, strlen(key), i) < 0)
            return -ENOMEM;
    }
    return any;
}

static int read_environments(struct conda *conda)
{
    struct thaw_shipped_memory *memory = conda->shipped->memory;
    int result = find_environments(conda);

    if (result <= 0)
        return result;
    result = 0;
    for (uint32_t i = 0; result == 0 && i < memory->folders.count; i++) {
        if (is_meta(conda->shipped, i))
            result = read_environment(conda, i);
    }
    for (uint32_t i = 0; result == 0 && memory->sites->packages.count && i < memory->folders.count;
         i++) {
        if (memory->folders.items[i].parent == THAW_SHIPPED_NONE)
            thaw_site_owners_bytecode(conda->shipped, i);
    }
    return result;
}

int thaw_site_conda_read(struct thaw_shipped *shipped)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct conda conda = {.shipped = shipped, .known_environment = THAW_SHIPPED_NONE};
    int result = -ENOMEM;

    memory->sites->first_package = (uint32_t)memory->distributions.count;
    conda.is_environment = calloc(memory->folders.count + 1, sizeof(*conda.is_environment));
    if (conda.is_environment)
        result = read_environments(&conda);
    free(conda.is_environment);
    thaw_path_table_clear(&conda.names);
    thaw_arena_free(&conda.arena);
    return result;
}
