/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/record.h"
#include "shipped/site_table.h"

#define RECORD_BYTES_MAX ((uint64_t)64 << 20) /* of all distributions together */
#define LIST_BYTES_MAX ((size_t)256 << 10)
#define SHARED_MAX 10000
#define PATH_BYTES_MAX 8192

/*
 * A distribution whose list of files is read. Lists go from file to file of one folder, mostly in
 * the order of the walk: what was found last is kept.
 */
struct owner {
    struct thaw_shipped *shipped;
    uint32_t distribution;
    const char *base; /* the folder that listed paths are relative to */
    char path[PATH_BYTES_MAX];
    char listed[PATH_BYTES_MAX]; /* the part of the last path that named its folder */
    size_t listed_length;        /* SIZE_MAX: none yet */
    uint32_t folder;             /* that was meant, or NONE */
    uint32_t next;               /* the file behind the one that was found */
};

static struct thaw_shipped_distribution *owner_row(const struct owner *owner)
{
    return &owner->shipped->memory->distributions.items[owner->distribution];
}

static int own_file(const struct owner *owner, uint32_t file)
{
    struct thaw_shipped_memory *memory = owner->shipped->memory;
    uint32_t *now = &memory->files.items[file].distribution;
    struct thaw_shared_file *shared;

    if (*now == THAW_SHIPPED_NONE)
        *now = owner->distribution;
    if (*now == owner->distribution || memory->sites->shared.count >= SHARED_MAX)
        return 0;
    shared = thaw_array_add(&memory->sites->shared);
    if (!shared)
        return -ENOMEM;
    *shared = (struct thaw_shared_file){file, owner->distribution};
    return 0;
}

/* Is an absolute path in one of the folders that were walked? */
static bool is_walked(const struct thaw_content *content, const char *path)
{
    for (size_t i = 0; i < content->roots.count; i++) {
        size_t length = strlen(content->roots.items[i].path);

        if (strncmp(content->roots.items[i].path, path, length) == 0 &&
            (path[length] == '/' || length <= 1))
            return true;
    }
    return false;
}

/*
 * The listed path as the model has paths, in owner->path; its length, 0: it leads out of the
 * target.
 */
static size_t model_path(struct owner *owner, const char *listed, size_t length)
{
    size_t base = strlen(owner->base), at = base && owner->base[base - 1] != '/';
    bool is_absolute = owner->base[0] == '/';
    size_t size = base + at + length;
    size_t cut = is_absolute; /* the slash in front: what is normalised is relative */

    if (listed[0] == '/' || size >= sizeof(owner->path))
        return 0;
    memcpy(owner->path, owner->base, base);
    owner->path[base] = '/';
    memcpy(owner->path + base + at, listed, length);
    size -= cut;
    if (!thaw_record_normalise(owner->path + cut, &size))
        return 0;
    size += cut;
    owner->path[size] = '\0';
    if (is_absolute && !is_walked(owner->shipped->memory->content, owner->path))
        return 0;
    return size;
}

/* No empty, "." or ".." component: the path is what it says. */
static bool is_plain(const char *path, size_t length)
{
    const char *end = path + length, *slash = path;

    if (*path == '/' || *path == '.')
        return false;
    while ((slash = memchr(slash, '/', (size_t)(end - slash)))) {
        if (++slash == end || *slash == '/' || *slash == '.')
            return false;
    }
    return !memchr(path, '\0', length);
}

/* The file of owner->path, whose folder becomes the owner's; NONE: there is none. */
static uint32_t find_file(struct owner *owner, size_t length, const char **name)
{
    const char *slash = memrchr(owner->path, '/', length);
    /* Without the slash, but "/" itself is one. */
    size_t above = slash ? (size_t)(slash - owner->path) + (slash == owner->path) : 0;

    *name = slash ? slash + 1 : owner->path;
    owner->folder = thaw_tree_find_folder(owner->shipped, owner->path, above);
    if (owner->folder == THAW_SHIPPED_NONE)
        return THAW_SHIPPED_NONE;
    return thaw_tree_find_file(owner->shipped, owner->folder, *name,
                               length - (size_t)(*name - owner->path), owner->next);
}

/*
 * Looks for a listed path: 1 and *file; 0: it is not there, or no regular file (*is_link); -EXDEV:
 * it leads out of the target.
 */
static int look_up(struct owner *owner, const char *listed, size_t length, uint32_t *file,
                   bool *is_link)
{
    const char *slash = memrchr(listed, '/', length), *name;
    size_t above = slash ? (size_t)(slash - listed) : 0, size;
    bool plain = is_plain(listed, length);

    *is_link = false;
    if (plain && above == owner->listed_length && memcmp(listed, owner->listed, above) == 0) {
        name = slash ? slash + 1 : listed;
        size = length - (size_t)(name - listed);
        *file = owner->folder == THAW_SHIPPED_NONE
                    ? THAW_SHIPPED_NONE
                    : thaw_tree_find_file(owner->shipped, owner->folder, name, size, owner->next);
    } else {
        owner->listed_length = SIZE_MAX;
        size = model_path(owner, listed, length);
        if (!size)
            return -EXDEV;
        *file = find_file(owner, size, &name);
        size -= (size_t)(name - owner->path);
        if (plain) {
            memcpy(owner->listed, listed, above);
            owner->listed_length = above;
        }
    }
    if (*file != THAW_SHIPPED_NONE) {
        owner->next = *file + 1;
        return 1;
    }
    *is_link = owner->folder != THAW_SHIPPED_NONE &&
               thaw_tree_has_link(owner->shipped, owner->folder, name, size);
    return 0;
}

/* bytes: what the list says of its size, UINT64_MAX nothing. */
static int own_listed(struct owner *owner, const char *listed, size_t length, uint64_t bytes)
{
    struct thaw_shipped_distribution *row = owner_row(owner);
    const struct thaw_shipped_file *found;
    bool is_link;
    uint32_t file;
    int result = look_up(owner, listed, length, &file, &is_link);

    row->listed++;
    if (result <= 0) {
        row->outside += result < 0;
        row->absent += result == 0 && !is_link;
        return 0;
    }
    found = &owner->shipped->memory->files.items[file];
    row->changed += bytes != UINT64_MAX && !found->again && found->bytes != bytes;
    return own_file(owner, file);
}

/* 1: there is a RECORD; 0: none, or it can't be read; -ENOMEM. */
static int own_record(struct owner *owner, const struct thaw_info_source *source)
{
    struct thaw_site_table *sites = owner->shipped->memory->sites;
    struct thaw_shipped_distribution *row = owner_row(owner);
    struct thaw_record_reader reader = {0};
    char *bytes, *path;
    uint64_t listed;
    size_t length, limit = (size_t)(RECORD_BYTES_MAX - sites->record_bytes);
    int result = source->read(source->context, "RECORD", limit, &bytes, &length);

    if (result < 0 && result != -ENOMEM && result != -ENOENT) {
        row->record = THAW_RECORD_UNREADABLE;
        return thaw_shipped_fault(owner->shipped, row->info,
                                  "RECORD can't be read: %s; its files "
                                  "are told by its top-level names",
                                  strerror(-result));
    }
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    if (!length || length == limit) {
        row->record = THAW_RECORD_UNREADABLE;
        return thaw_shipped_fault(owner->shipped, row->info,
                                  "RECORD is empty, or longer than 64 MiB with the others: "
                                  "reinstall %s",
                                  row->name);
    }
    sites->record_bytes += length;
    reader.cursor = bytes;
    reader.end = bytes + length;
    while (thaw_record_next_sized(&reader, &path, &length, &listed)) {
        result = own_listed(owner, path, length, listed);
        if (result < 0)
            return result;
    }
    row->record = THAW_RECORD_PRESENT;
    return 1;
}

/* installed-files.txt of an egg: a path a line, relative to the .egg-info itself. */
static int own_installed_files(struct owner *owner, const struct thaw_info_source *source)
{
    char *bytes, *line, *rest;
    size_t length;
    int result =
        source->read(source->context, "installed-files.txt", LIST_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    owner->base = owner_row(owner)->info;
    if (length == LIST_BYTES_MAX &&
        thaw_shipped_fault(owner->shipped, owner->base,
                           "installed-files.txt is 256 kB or longer: the rest is not read") < 0)
        return -ENOMEM;
    for (line = strtok_r(bytes, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        result = own_listed(owner, line, strlen(line), UINT64_MAX);
        if (result < 0)
            return result;
    }
    owner_row(owner)->record = THAW_RECORD_PRESENT;
    return 1;
}

/* All files below a folder that are nobody's yet. */
static void own_below(const struct owner *owner, uint32_t folder)
{
    struct thaw_shipped_memory *memory = owner->shipped->memory;
    struct thaw_tree_folder *extra = &memory->content->folders.items[folder];

    if (extra->is_owned)
        return; /* names that are said again cost nothing */
    extra->is_owned = true;
    for (uint32_t i = extra->first_file; i < extra->file_end; i++) {
        if (memory->files.items[i].distribution == THAW_SHIPPED_NONE)
            memory->files.items[i].distribution = owner->distribution;
    }
}

/* A top-level name: a package's folder, a module NAME.py or an extension module NAME.….so. */
static int own_top(const struct owner *owner, uint32_t site, const char *name)
{
    struct thaw_shipped_memory *memory = owner->shipped->memory;
    const struct thaw_tree_folder *extra = &memory->content->folders.items[site];
    size_t length = strlen(name);
    const char *path = thaw_tree_join(owner->shipped, memory->folders.items[site].path, name);
    uint32_t folder =
        path ? thaw_tree_find_folder(owner->shipped, path, strlen(path)) : THAW_SHIPPED_NONE;

    if (!path)
        return -ENOMEM;
    if (folder != THAW_SHIPPED_NONE)
        own_below(owner, folder);
    for (uint32_t i = thaw_tree_first_file(owner->shipped, site, name);
         i < extra->first_file + extra->file_count; i++) {
        const char *own = thaw_tree_name(memory->files.items[i].path);

        if (strncmp(own, name, length) != 0)
            break;
        if (own[length] == '.' && memory->files.items[i].distribution == THAW_SHIPPED_NONE)
            memory->files.items[i].distribution = owner->distribution;
    }
    return 0;
}

static int read_tops(const struct owner *owner, const struct thaw_info_source *source,
                     struct thaw_site_reading *reading, struct thaw_texts *ret)
{
    const struct thaw_shipped_distribution *row = owner_row(owner);
    bool is_cut;
    int result = thaw_info_tops(source, row->name, reading->arena, ret, &is_cut);

    return result == 0 && is_cut
               ? thaw_shipped_fault(owner->shipped, row->info,
                                    "top_level.txt has more than 1,024 names, or is 64 kB or "
                                    "longer: the rest is not read")
               : result;
}

static int own_tops(const struct owner *owner, const struct thaw_info_source *source,
                    struct thaw_site_reading *reading)
{
    struct thaw_texts tops;
    int result = read_tops(owner, source, reading, &tops);

    for (uint64_t i = 0; result == 0 && i < tops.count; i++)
        result = own_top(owner, reading->entry->site, tops.items[i]);
    return result;
}

/* Of one that is developed elsewhere no file here tells what it can be imported as. */
static int keep_modules(const struct owner *owner, const struct thaw_info_source *source,
                        struct thaw_site_reading *reading)
{
    struct thaw_site_table *sites = owner->shipped->memory->sites;
    struct thaw_texts tops;
    int result = read_tops(owner, source, reading, &tops);

    for (uint64_t i = 0; result == 0 && i < tops.count; i++) {
        struct thaw_site_module *module = thaw_array_add(&sites->modules);

        if (!module)
            return -ENOMEM;
        module->name = thaw_arena_string(&owner->shipped->memory->arena, tops.items[i]);
        module->distribution = owner->distribution;
        result = module->name ? 0 : -ENOMEM;
    }
    return result;
}

static int own_files(struct owner *owner, struct thaw_site_reading *reading)
{
    const struct thaw_site_entry *entry = reading->entry;
    const struct thaw_info_source source = thaw_site_source(reading);
    int result = 0;

    owner_row(owner)->record = THAW_RECORD_MISSING;
    if (entry->kind == THAW_SITE_INFO)
        result = source.kind == THAW_INFO_WHEEL ? own_record(owner, &source)
                                                : own_installed_files(owner, &source);
    if (result < 0)
        return result;
    if (entry->folder != THAW_SHIPPED_NONE)
        own_below(owner, entry->kind == THAW_SITE_EGG_FOLDER
                             ? owner->shipped->memory->folders.items[entry->folder].parent
                             : entry->folder);
    if (entry->file != THAW_SHIPPED_NONE && own_file(owner, entry->file) < 0)
        return -ENOMEM;
    if (*owner_row(owner)->editable)
        return keep_modules(owner, &source, reading);
    return result == 0 && entry->kind == THAW_SITE_INFO ? own_tops(owner, &source, reading) : 0;
}

int thaw_site_owners_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                          uint32_t distribution)
{
    struct thaw_arena scratch = {0};
    struct thaw_site_reading reading = {shipped, entry, &scratch};
    struct owner owner = {.shipped = shipped,
                          .distribution = distribution,
                          .base = shipped->memory->folders.items[entry->site].path,
                          .listed_length = SIZE_MAX};
    int result = own_files(&owner, &reading);

    thaw_arena_free(&scratch);
    return result;
}

/* The source that bytecode was made from, or NONE. */
static uint32_t source_of(const struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    uint32_t parent = shipped->memory->folders.items[file->folder].parent;
    char source[PATH_BYTES_MAX];
    size_t length = thaw_ownership_source(file->path, strlen(file->path), source, sizeof(source));
    const char *name;

    if (!length || parent == THAW_SHIPPED_NONE)
        return THAW_SHIPPED_NONE;
    name = thaw_tree_name(source);
    return thaw_tree_find_file(shipped, parent, name, length - (size_t)(name - source), 0);
}

void thaw_site_owners_bytecode(struct thaw_shipped *shipped, uint32_t site)
{
    struct thaw_shipped_file *files = shipped->memory->files.items;
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[site];

    for (uint32_t i = extra->first_file; i < extra->file_end; i++) {
        uint32_t source;

        if (files[i].distribution != THAW_SHIPPED_NONE)
            continue;
        source = source_of(shipped, &files[i]);
        if (source != THAW_SHIPPED_NONE)
            files[i].distribution = files[source].distribution;
    }
}
