/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory/distributions_private.h"
#include "inventory/reading.h"
#include "inventory/requires.h"
#include "packaging/metadata.h"
#include "packaging/record.h"

#define ENTRIES_MAX 100000 /* of a site's own folder */
#define METADATA_BYTES_MAX ((size_t)256 << 10)
#define SMALL_BYTES_MAX ((size_t)64 << 10)
#define RECORD_BYTES_MAX ((size_t)64 << 20) /* of all sites together */
#define RECORD_PATHS_MAX ((size_t)1 << 20)

enum info_kind { INFO_WHEEL, INFO_EGG, INFO_NONE };

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
    int folder;              /* open, or -1: an .egg-info that is a file */
};

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);

    return length > end && strcmp(text + length - end, suffix) == 0;
}

static enum info_kind info_kind(const char *name)
{
    if (ends_with(name, ".dist-info"))
        return INFO_WHEEL;
    return ends_with(name, ".egg-info") ? INFO_EGG : INFO_NONE;
}

static int info_file(const struct info *info, const char *name, size_t limit, char **bytes,
                     size_t *length)
{
    if (info->folder < 0)
        return -ENOENT;
    return thaw_reading_file(info->folder, name, limit, &info->distributions->arena, bytes, length);
}

/* "pandas-2.2.0.dist-info", "foo-1.0-py3.11.egg-info": what the folder's name tells. */
static int info_from_name(struct info *info)
{
    struct thaw_arena *arena = &info->distributions->arena;
    const char *name = info->folder_name;
    size_t stem = (size_t)(strrchr(name, '.') - name);
    const char *dash = memchr(name, '-', stem);
    size_t name_length = dash ? (size_t)(dash - name) : stem;
    size_t rest = dash ? stem - name_length - 1 : 0;
    const char *next = dash ? memchr(dash + 1, '-', rest) : NULL;

    info->distribution->name = thaw_arena_text(arena, name, name_length);
    info->distribution->version =
        thaw_arena_text(arena, dash ? dash + 1 : "", next ? (size_t)(next - dash) - 1 : rest);
    return info->distribution->name && info->distribution->version ? 0 : -ENOMEM;
}

static int info_metadata(struct info *info, enum info_kind kind)
{
    struct thaw_arena *arena = &info->distributions->arena;
    struct thaw_metadata metadata;
    char *bytes;
    size_t length;
    int result;

    if (info->folder < 0)
        return 0;
    result = info_file(info, kind == INFO_WHEEL ? "METADATA" : "PKG-INFO", METADATA_BYTES_MAX,
                       &bytes, &length);
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    if (thaw_metadata_parse(bytes, length, arena, &metadata, NULL) < 0)
        return -ENOMEM;
    result = kind == INFO_EGG && !metadata.requires.count
                 ? info_file(info, "requires.txt", SMALL_BYTES_MAX, &bytes, &length)
                 : -ENOENT;
    if (result == -ENOMEM ||
        (result == 0 && thaw_metadata_parse_requires(bytes, length, arena, &metadata, NULL) < 0))
        return -ENOMEM;
    if (*metadata.name)
        info->distribution->name = metadata.name;
    if (*metadata.version)
        info->distribution->version = metadata.version;
    return thaw_requires_names(&metadata.requires, info->site->python_version, arena,
                               &info->distribution->requires);
}

static int info_installer(struct info *info)
{
    char *bytes;
    size_t length, from;
    int result = info_file(info, "INSTALLER", SMALL_BYTES_MAX, &bytes, &length);

    info->distribution->installer = "";
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    from = strspn(bytes, " \t\r\n");
    length = strcspn(bytes + from, " \t\r\n");
    info->distribution->installer =
        thaw_arena_text(&info->distributions->arena, bytes + from, length < 64 ? length : 64);
    return info->distribution->installer ? 0 : -ENOMEM;
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
    int result = info_file(info, "installed-files.txt", METADATA_BYTES_MAX, &bytes, &length);

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
static int info_tops(struct info *info)
{
    char *bytes, *name, *rest;
    size_t length;
    int result = info_file(info, "top_level.txt", SMALL_BYTES_MAX, &bytes, &length);

    info->distribution->record_missing = true;
    if (result == -ENOMEM || info_top(info, info->folder_name) < 0)
        return -ENOMEM;
    if (result < 0) {
        char *guess =
            thaw_arena_allocate(&info->distributions->arena, strlen(info->distribution->name) + 1);

        if (!guess)
            return -ENOMEM;
        strcpy(guess, info->distribution->name);
        for (char *at = guess; *at; at++)
            *at = *at == '-' ? '_' : *at;
        return *guess ? info_top(info, guess) : 0;
    }
    for (name = strtok_r(bytes, " \t\r\n", &rest); name; name = strtok_r(NULL, " \t\r\n", &rest)) {
        if (info_top(info, name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int info_files(struct info *info, enum info_kind kind)
{
    int result = kind == INFO_WHEEL ? info_record(info) : info_installed_files(info);

    return result == 0 ? info_tops(info) : result < 0 ? result : 0;
}

static int info_read(struct info *info, enum info_kind kind)
{
    struct thaw_distributions *distributions = info->distributions;
    struct thaw_distribution **slot, *distribution;
    int result;

    distribution = thaw_arena_allocate(&distributions->arena, sizeof(*distribution));
    slot = distribution ? thaw_array_add(&distributions->items) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = info->distribution = distribution;
    info->index = distributions->items.count - 1;
    distribution->location = info->site->path;
    result = info_from_name(info);
    if (result == 0)
        result = info_metadata(info, kind);
    if (result == 0)
        result = info_installer(info);
    return result == 0 ? info_files(info, kind) : result;
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

        if (info_kind(entry->d_name) == INFO_NONE)
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
                            .folder = thaw_reading_folder(folder, names.items[i])};

        result = info_read(&info, info_kind(names.items[i]));
        if (info.folder >= 0)
            close(info.folder);
    }
    thaw_array_free(&names);
    return result;
}
