/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/cold_files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/tree.h"
#include "native/maps.h"

#define LIST_BYTES_MAX ((off_t)64 << 20)

static struct thaw_cold_file *find(const struct thaw_cold *cold, const struct stat *status)
{
    struct thaw_cold_file *file, key = {.key = {status->st_dev, status->st_ino}};

    HASH_FIND(hh, cold->files, &key.key, sizeof(key.key), file);
    return file;
}

static void add(struct thaw_cold *cold, const char *path, const struct stat *status)
{
    struct thaw_cold_file *file;
    size_t length;

    if (!S_ISREG(status->st_mode) || !status->st_size || find(cold, status))
        return;
    if (cold->count == THAW_COLD_FILES_MAX) {
        cold->cut = true;
        return;
    }
    length = strlen(path) + 1;
    file = calloc(1, sizeof(*file) + length);
    if (!file) {
        cold->failed = true;
        return;
    }
    file->key.device = status->st_dev;
    file->key.inode = status->st_ino;
    memcpy(file->path, path, length);
    HASH_ADD(hh, cold->files, key, sizeof(file->key), file);
    if (file->refused) {
        cold->failed = true;
        free(file);
        return;
    }
    cold->count++;
}

static void add_path(struct thaw_cold *cold, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0)
        add(cold, path, &status);
}

static void add_entry(struct thaw_cold *cold, const FTSENT *entry)
{
    if (entry->fts_info == FTS_F)
        add(cold, entry->fts_path, entry->fts_statp);
    else if (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE)
        add_path(cold, entry->fts_path); /* what it leads to; of a folder, not what is below */
}

static bool is_walked(struct thaw_cold *cold, const char *listed)
{
    const char **slot;

    for (size_t i = 0; i < cold->walked.count; i++)
        if (!strcmp(cold->walked.items[i], listed))
            return true;
    slot = thaw_array_add(&cold->walked);
    if (slot)
        *slot = listed;
    cold->failed |= !slot;
    return false;
}

/* Only bytecode lies further down than what is in the folder itself. */
static bool is_beyond(const FTSENT *entry, enum thaw_cold_kind kind)
{
    return kind == THAW_COLD_FOLDER && entry->fts_info == FTS_D && entry->fts_level > 0 &&
           strcmp(entry->fts_name, "__pycache__") != 0;
}

static void walk(struct thaw_cold *cold, char *path, enum thaw_cold_kind kind)
{
    char *const paths[] = {path, NULL};
    const int how = FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_XDEV;
    FTS *walk = cold->failed ? NULL : fts_open(paths, how, NULL); /* unread, glibc leaks it */
    size_t seen = 0;
    FTSENT *entry;

    while (walk && !cold->failed && (entry = fts_read(walk))) {
        if (++seen > THAW_COLD_FOLDER_MAX) {
            cold->cut = true;
            break;
        }
        if (is_beyond(entry, kind))
            fts_set(walk, entry, FTS_SKIP);
        else
            add_entry(cold, entry);
    }
    if (walk)
        fts_close(walk);
}

static void add_listed(struct thaw_cold *cold, char *listed)
{
    if (*listed == THAW_COLD_FILE)
        add_path(cold, listed + 1);
    else if (!is_walked(cold, listed))
        walk(cold, listed + 1, *listed == THAW_COLD_TREE ? THAW_COLD_TREE : THAW_COLD_FOLDER);
}

static int add_list(struct thaw_cold *cold, int list)
{
    struct stat status;
    char *bytes, *path;

    if (fstat(list, &status))
        return -errno;
    if (!status.st_size)
        return 0;
    if (status.st_size > LIST_BYTES_MAX)
        return -EFBIG;
    bytes = malloc((size_t)status.st_size + 1);
    if (!bytes)
        return -ENOMEM;
    if (pread(list, bytes, (size_t)status.st_size, 0) != status.st_size) {
        free(bytes);
        return -EIO;
    }
    bytes[status.st_size] = '\0';
    for (path = bytes; path < bytes + status.st_size; path += strlen(path) + 1)
        if (*path)
            add_listed(cold, path);
    thaw_array_free(&cold->walked);
    free(bytes);
    return 0;
}

int thaw_cold_collect(struct thaw_cold *cold, int list, struct thaw_error *error)
{
    int code = add_list(cold, list);

    for (size_t i = 0; i < cold->mapped.count; i++)
        add_path(cold, cold->mapped.items[i]);
    if (cold->failed || code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return thaw_error_system(error, code, "reading which files are to be put out of memory");
    cold->collected = true;
    return 0;
}

void thaw_cold_files_free(struct thaw_cold *cold)
{
    struct thaw_cold_file *file, *next;

    HASH_ITER(hh, cold->files, file, next)
    {
        HASH_DEL(cold->files, file);
        free(file);
    }
    cold->count = 0;
}

/* --- what processes map --- */

static bool is_noted(const struct thaw_cold *cold, const struct thaw_mapping *mapping)
{
    for (size_t i = cold->mapped.count; i > 0; i--)
        if (strncmp(cold->mapped.items[i - 1], mapping->path, mapping->path_bytes) == 0 &&
            !cold->mapped.items[i - 1][mapping->path_bytes])
            return true;
    return false;
}

static void note(struct thaw_cold *cold, const struct thaw_mapping *mapping)
{
    const char **slot;

    if (cold->mapped.count >= THAW_COLD_MAPPED_MAX || is_noted(cold, mapping))
        return;
    slot = thaw_array_add(&cold->mapped);
    if (slot)
        *slot = thaw_arena_text(&cold->arena, mapping->path, mapping->path_bytes);
    if (!slot || !*slot) {
        cold->mapped.count -= slot ? 1 : 0;
        cold->failed = true;
    }
}

/* The process that records, or a copy of it that is not the command yet. */
static bool is_own(uint32_t pid)
{
    struct stat own, other;
    char path[32];

    snprintf(path, sizeof(path), "/proc/%u/exe", pid);
    return stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
           own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

static int look(void *context, uint32_t pid)
{
    struct thaw_cold *cold = context;
    struct thaw_mapping mapping;
    const char *cursor;
    size_t length;
    char *text = is_own(pid) ? NULL : thaw_maps_read((int)pid, &length);

    if (!text)
        return 0; /* gone, or not ours to see, or thaw */
    cursor = text;
    while (thaw_maps_next(&cursor, text + length, &mapping))
        if (mapping.inode && !mapping.deleted && *mapping.path == '/')
            note(cold, &mapping);
    free(text);
    return 0;
}

void thaw_cold_look(struct thaw_cold *cold, pid_t process)
{
    thaw_tree_walk((uint32_t)process, look, cold);
}
