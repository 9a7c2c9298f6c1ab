/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory/distributions_private.h"
#include "inventory/info.h"
#include "inventory/reading.h"
#include "inventory/requires.h"
#include "packaging/record.h"

#define ENTRIES_MAX 100000 /* of a site's own folder */
#define LIST_BYTES_MAX ((size_t)256 << 10)
#define RECORD_BYTES_MAX ((size_t)64 << 20) /* of all sites together */
#define RECORD_PATHS_MAX ((size_t)1 << 20)

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

/* One distribution while it is read. */
struct info {
    struct thaw_distributions *distributions;
    struct thaw_site *site;
    struct thaw_distribution *distribution;
    size_t index;
    const char *folder_name; /* "pandas-2.2.0.dist-info" */
    int site_folder;         /* open */
    int folder;              /* open, or -1: an .egg-info that is a file */
};

/* struct thaw_info_source's read, of an open folder. */
static int info_file(void *context, const char *name, size_t limit, char **bytes, size_t *length)
{
    struct info *info = context;
    struct thaw_arena *arena = &info->distributions->arena;

    if (info->folder >= 0)
        return thaw_reading_file(info->folder, name, limit, arena, bytes, length);
    if (strcmp(name, "PKG-INFO") != 0)
        return -ENOENT;
    return thaw_reading_file(info->site_folder, info->folder_name, limit, arena, bytes, length);
}

static int info_record_path(struct info *info, char *path, size_t length)
{
    struct thaw_distributions *distributions = info->distributions;

    if (!thaw_record_normalise(path, &length)) {
        info->distribution->outside++;
        return 0;
    }
    if (distributions->record_paths++ >= RECORD_PATHS_MAX)
        return 0;
    return thaw_ownership_add_file(&info->site->ownership, &distributions->arena, path, length,
                                   info->index)
               ? 0
               : -ENOMEM;
}

/* 1: there is a RECORD and it is taken in, 0: none, -ENOMEM. */
static int info_record(struct info *info)
{
    struct thaw_distributions *distributions = info->distributions;
    struct thaw_record_reader reader;
    size_t length, left = RECORD_BYTES_MAX - distributions->record_bytes;
    char *bytes, *path;
    int result = info_file(info, "RECORD", left, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    distributions->record_bytes += length;
    reader = (struct thaw_record_reader){bytes, bytes + length};
    while (result == 0 && thaw_record_next(&reader, &path, &length))
        result = info_record_path(info, path, length);
    return result < 0 ? result : 1;
}

/* installed-files.txt of an egg: one path per line, relative to the .egg-info itself. */
static int info_installed_files(struct info *info)
{
    struct thaw_arena *arena = &info->distributions->arena;
    char *bytes, *line, *rest;
    size_t length;
    int result = info_file(info, "installed-files.txt", LIST_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    for (line = strtok_r(bytes, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        size_t size = strlen(info->folder_name) + strlen(line) + 1;
        char *path = thaw_arena_allocate(arena, size + 1);

        if (!path)
            return -ENOMEM;
        stpcpy(stpcpy(stpcpy(path, info->folder_name), "/"), line);
        if (*line != '/')
            result = info_record_path(info, path, size);
        else
            info->distribution->outside++;
        if (result < 0)
            return result;
    }
    return 1;
}

static int info_top(struct info *info, const char *name)
{
    return thaw_ownership_add_top(&info->site->ownership, &info->distributions->arena, name,
                                  strlen(name), info->index)
               ? 0
               : -ENOMEM;
}

/* Nobody wrote down the files: by top_level.txt, else by the distribution's own name. */
static int info_tops(struct info *info, const struct thaw_info_source *source)
{
    struct thaw_texts tops;
    bool is_cut; /* what the names do not tell stays nobody's */
    int result = thaw_info_tops(source, info->distribution->name, &info->distributions->arena,
                                &tops, &is_cut);

    info->distribution->record_missing = true;
    if (result < 0 || info_top(info, info->folder_name) < 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < tops.count; i++) {
        if (info_top(info, tops.items[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int info_files(struct info *info, const struct thaw_info_source *source)
{
    int result = source->kind == THAW_INFO_WHEEL ? info_record(info) : info_installed_files(info);

    return result == 0 ? info_tops(info, source) : result < 0 ? result : 0;
}

static int info_read(struct info *info)
{
    struct thaw_distributions *distributions = info->distributions;
    const struct thaw_info_source source = {.read = info_file,
                                            .context = info,
                                            .kind = thaw_info_kind(info->folder_name),
                                            .name = info->folder_name};
    struct thaw_distribution **slot, *distribution;
    struct thaw_info told;

    distribution = thaw_arena_allocate(&distributions->arena, sizeof(*distribution));
    slot = distribution ? thaw_array_add(&distributions->items) : NULL;
    if (!slot || thaw_info_read(&source, &distributions->arena, &told) < 0)
        return -ENOMEM;
    *slot = info->distribution = distribution;
    info->index = distributions->items.count - 1;
    distribution->location = info->site->path;
    distribution->info = info->folder_name;
    distribution->python_version = info->site->python_version;
    distribution->name = told.name;
    distribution->version = told.version;
    distribution->installer = told.installer;
    if (thaw_requires_names(&told.metadata.requires, info->site->python_version,
                            &distributions->arena, &distribution->requires,
                            &distribution->optional) < 0)
        return -ENOMEM;
    return info_files(info, &source);
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* The folder's .dist-info and .egg-info by name: the order must not depend on the file system. */
static int info_names(struct thaw_arena *arena, int folder, struct names *ret)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 3);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    int result = 0;

    if (!stream) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    rewinddir(stream);
    for (int i = 0; result == 0 && i < ENTRIES_MAX && (entry = readdir(stream)); i++) {
        const char **slot;

        if (thaw_info_kind(entry->d_name) == THAW_INFO_NONE)
            continue;
        slot = thaw_array_add(ret);
        if (slot)
            *slot = thaw_arena_string(arena, entry->d_name);
        result = slot && *slot ? 0 : -ENOMEM;
    }
    closedir(stream);
    if (ret->count)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
    return result;
}

int thaw_distribution_info_read(struct thaw_distributions *distributions, struct thaw_site *site,
                                int folder)
{
    struct names names = {0};
    int result = info_names(&distributions->arena, folder, &names);

    for (size_t i = 0; result == 0 && i < names.count; i++) {
        struct info info = {.distributions = distributions,
                            .site = site,
                            .folder_name = names.items[i],
                            .site_folder = folder,
                            .folder = thaw_reading_folder(folder, names.items[i])};

        result = info_read(&info);
        if (info.folder >= 0)
            close(info.folder);
    }
    thaw_array_free(&names);
    return result;
}
