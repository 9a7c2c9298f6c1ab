/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/record.h"
#include "shipped/environments.h"
#include "shipped/site_table.h"
#include "shipped/target.h"

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
    bool is_trial;               /* files are only counted */
};

static struct thaw_shipped_distribution *owner_row(const struct owner *owner)
{
    return &owner->shipped->memory->distributions.items[owner->distribution];
}

int thaw_site_owners_own(struct thaw_shipped *shipped, uint32_t file, uint32_t distribution)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    uint32_t *now = &memory->files.items[file].distribution;
    struct thaw_shared_file *shared;

    if (*now == THAW_SHIPPED_NONE)
        *now = distribution;
    if (*now == distribution || memory->sites->shared.count >= SHARED_MAX)
        return 0;
    shared = thaw_array_add(&memory->sites->shared);
    if (!shared)
        return -ENOMEM;
    *shared = (struct thaw_shared_file){file, distribution};
    return 0;
}

static int own_file(const struct owner *owner, uint32_t file)
{
    return owner->is_trial ? 0 : thaw_site_owners_own(owner->shipped, file, owner->distribution);
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
    if (is_absolute && !thaw_target_is_walked(owner->shipped, owner->path))
        return 0;
    return size;
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
    const char *slash = memrchr(listed, '/', length), *name = slash ? slash + 1 : listed;
    size_t above = slash ? (size_t)(slash - listed) : 0, size;
    bool same = above == owner->listed_length && memcmp(listed, owner->listed, above) == 0;
    const char *from = same ? name : listed; /* of the same folder, that is known */
    bool plain = thaw_record_is_plain(from, (size_t)(listed + length - from));

    *is_link = false;
    if (plain && same) {
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

/*
 * Where `pip install --target` has put what its RECORD lists as "../../bin/x": it moves the folders
 * that lie beside the temporary lib/python into the target.
 */
static uint32_t moved_file(struct owner *owner, const char *listed, size_t length)
{
    static const char up[] = "../../";
    size_t size = sizeof(up) - 1;
    bool is_link;
    uint32_t file;

    if (length <= size || memcmp(listed, up, size) != 0 ||
        look_up(owner, listed + size, length - size, &file, &is_link) <= 0)
        return THAW_SHIPPED_NONE;
    return file;
}

/* Not where pip says, when it was installed with --target and what is beside it was left out. */
static bool is_movable(const struct owner *owner, const char *listed, size_t length)
{
    static const char scripts[] = "../../bin/";

    return length >= sizeof(scripts) && memcmp(listed, scripts, sizeof(scripts) - 1) == 0 &&
           !thaw_environment_has_prefix(owner->base);
}

/* A listed path is not there: the first few are named. 0 or -ENOMEM. */
static int count_absent(struct owner *owner, uint64_t *count, struct thaw_texts *paths,
                        const char *listed, size_t length)
{
    size_t size = owner->is_trial ? 0 : model_path(owner, listed, length);

    ++*count;
    return size ? thaw_arena_add_text(&owner->shipped->memory->arena, paths, THAW_RECORD_PATHS_MAX,
                                      owner->path, size)
                : 0;
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
    if (result <= 0 && !is_link && (file = moved_file(owner, listed, length)) != THAW_SHIPPED_NONE)
        result = 1;
    if (result <= 0) {
        if (is_link || is_movable(owner, listed, length))
            return 0;
        row->outside += result < 0;
        return result < 0 ? 0
                          : count_absent(owner, &row->absent, &row->absent_paths, listed, length);
    }
    found = &owner->shipped->memory->files.items[file];
    if (bytes != UINT64_MAX && !found->again && found->bytes != bytes) {
        row->changed++;
        if (!owner->is_trial &&
            thaw_arena_add_text(&owner->shipped->memory->arena, &row->changed_paths,
                                THAW_RECORD_PATHS_MAX, found->path, strlen(found->path)) < 0)
            return -ENOMEM;
    }
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

    if (owner->is_trial && result < 0)
        return result == -ENOMEM ? result : 0;
    if (result < 0 && result != -ENOMEM && result != -ENOENT) {
        row->record = THAW_RECORD_UNREADABLE;
        return thaw_shipped_fault(owner->shipped, row->info,
                                  "RECORD can't be read: %s; its files "
                                  "are told by its top-level names",
                                  strerror(-result));
    }
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    sites->record_bytes += length; /* also of what is too long: it was read */
    if (owner->is_trial && (!length || length == limit))
        return 0;
    if (!length || length == limit) {
        row->record = THAW_RECORD_UNREADABLE;
        return thaw_shipped_fault(owner->shipped, row->info,
                                  "RECORD is empty, or longer than 64 MiB with the others: "
                                  "reinstall %s",
                                  row->name);
    }
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

/*
 * The files STEM… of a site, unless they were given away before: stem ends with a dot. 0 or
 * -ENOMEM.
 */
static int own_stem(const struct owner *owner, uint32_t site, const char *stem, size_t length,
                    const char *path, size_t size)
{
    struct thaw_shipped_memory *memory = owner->shipped->memory;
    const struct thaw_tree_folder *extra = &memory->content->folders.items[site];
    uint32_t first, i;
    const char *key;

    if (thaw_path_table_find(&memory->sites->stems, path, size) != THAW_PATH_NONE)
        return 0;
    first = i = thaw_tree_first_file(owner->shipped, site, stem);
    for (; i < extra->first_file + extra->file_count; i++) {
        struct thaw_shipped_file *file = &memory->files.items[i];

        if (strncmp(file->path + extra->name_at, stem, length) != 0)
            break;
        if (file->distribution == THAW_SHIPPED_NONE)
            file->distribution = owner->distribution;
    }
    if (i == first)
        return 0;
    key = thaw_arena_text(&memory->arena, path, size);
    return key ? thaw_path_table_add(&memory->sites->stems, &memory->arena, key, size, first)
               : -ENOMEM;
}

/* A top-level name: a package's folder, a module NAME.py or an extension module NAME.….so. */
static int own_top(struct owner *owner, uint32_t site, const char *name)
{
    const char *base = owner->shipped->memory->folders.items[site].path;
    size_t length = strlen(name), at = strlen(base);
    bool slash = at && base[at - 1] != '/';
    uint32_t folder;

    if (at + slash + length + 2 > sizeof(owner->path))
        return 0; /* longer than any path that was walked */
    memcpy(owner->path, base, at);
    if (slash)
        owner->path[at++] = '/';
    memcpy(owner->path + at, name, length);
    folder = thaw_tree_find_folder(owner->shipped, owner->path, at + length);
    if (folder != THAW_SHIPPED_NONE)
        own_below(owner, folder);
    memcpy(owner->path + at + length, ".", 2);
    return own_stem(owner, site, owner->path + at, length + 1, owner->path, at + length + 1) < 0
               ? -ENOMEM
               : 0;
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

static int own_tops(struct owner *owner, const struct thaw_info_source *source,
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

static void owner_begin(struct owner *owner, struct thaw_shipped *shipped,
                        const struct thaw_site_entry *entry, uint32_t distribution)
{
    owner->shipped = shipped;
    owner->distribution = distribution;
    owner->base = shipped->memory->folders.items[entry->site].path;
    owner->listed_length = SIZE_MAX;
    owner->next = 0;
    owner->is_trial = false;
}

int thaw_site_owners_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                          uint32_t distribution)
{
    struct thaw_arena scratch = {0};
    struct thaw_site_reading reading = {shipped, entry, &scratch, NULL};
    struct owner owner;
    int result;

    owner_begin(&owner, shipped, entry, distribution);
    result = own_files(&owner, &reading);
    thaw_arena_free(&scratch);
    return result;
}

int thaw_site_owners_list(struct thaw_shipped *shipped, const char *base,
                          const struct thaw_texts *paths, struct thaw_site_listed *ret)
{
    struct owner owner = {.shipped = shipped,
                          .distribution = THAW_SHIPPED_NONE,
                          .base = base,
                          .listed_length = SIZE_MAX};

    ret->listed += paths->count;
    for (uint64_t i = 0; i < paths->count; i++) {
        bool is_link;
        uint32_t file, *slot;
        int result = look_up(&owner, paths->items[i], strlen(paths->items[i]), &file, &is_link);

        ret->outside += result < 0;
        if (result == 0 && !is_link &&
            count_absent(&owner, &ret->absent, &ret->absent_paths, paths->items[i],
                         strlen(paths->items[i])) < 0)
            return -ENOMEM;
        if (result <= 0)
            continue;
        slot = thaw_array_add(&ret->files);
        if (!slot)
            return -ENOMEM;
        *slot = file;
    }
    return 0;
}

int thaw_site_owners_same(struct thaw_shipped *shipped, const struct thaw_site_entry *entry)
{
    struct owner owner;

    owner_begin(&owner, shipped, entry, entry->distribution);
    if (entry->folder != THAW_SHIPPED_NONE)
        own_below(&owner, entry->folder);
    return entry->file != THAW_SHIPPED_NONE ? own_file(&owner, entry->file) : 0;
}

int thaw_site_owners_misses(struct thaw_shipped *shipped, const struct thaw_site_entry *entry,
                            uint64_t *ret)
{
    struct thaw_arena scratch = {0};
    struct thaw_site_reading reading = {shipped, entry, &scratch, NULL};
    const struct thaw_info_source source = thaw_site_source(&reading);
    struct thaw_shipped_distribution *row;
    struct owner owner;
    int result;

    owner_begin(&owner, shipped, entry, entry->distribution);
    owner.is_trial = true;
    row = owner_row(&owner);
    result = source.kind == THAW_INFO_WHEEL ? own_record(&owner, &source)
                                            : own_installed_files(&owner, &source);
    *ret = result > 0 ? row->absent + row->changed + row->outside : UINT64_MAX;
    row->listed = row->absent = row->changed = row->outside = 0;
    thaw_arena_free(&scratch);
    return result < 0 ? result : 0;
}
