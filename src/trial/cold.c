/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trial/cold.h"
#include "trial/cold_files.h"
#include "trial/resident.h"

/* A regular file, opened without what opening a device or a pipe would do; -1. */
static int open_file(const char *path, struct stat *ret)
{
    int name = open(path, O_PATH | O_CLOEXEC), file = -1;
    char link[32];

    if (name < 0)
        return -1;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", name);
    if (fstat(name, ret) == 0 && S_ISREG(ret->st_mode))
        file = open(link, O_RDONLY | O_CLOEXEC);
    close(name);
    return file;
}

static void note_left(struct thaw_repeat_cold *cold, const char *path,
                      const struct thaw_resident *left, uint64_t *largest)
{
    if (!left->bytes)
        return;
    cold->left_files++;
    cold->left_bytes += left->bytes;
    if (left->unevictable)
        cold->unevictable_bytes += left->bytes;
    if (left->bytes <= *largest)
        return;
    *largest = left->bytes;
    snprintf(cold->largest, sizeof(cold->largest), "%s", path);
}

static void evict(const char *path, struct thaw_repeat_cold *cold, uint64_t *largest)
{
    struct thaw_resident before, left;
    struct stat status;
    int file = open_file(path, &status);

    if (file < 0) /* gone since, or not ours to read: then a run of ours doesn't either */
        return;
    thaw_resident_of(file, path, &status, &before);
    if (!before.known || before.bytes) {
        fdatasync(file);
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    }
    if (!before.known) {
        cold->unknown_files++;
        cold->unknown_bytes += (uint64_t)status.st_size;
    } else if (before.bytes) {
        thaw_resident_of(file, path, &status, &left);
        cold->files++;
        cold->bytes += before.bytes;
        note_left(cold, path, &left, largest);
    }
    close(file);
}

int thaw_cold_evict(struct thaw_cold *cold, int list, struct thaw_repeat_cold *ret,
                    struct thaw_error *error)
{
    uint64_t largest = 0;
    int code = cold->collected ? 0 : thaw_cold_collect(cold, list, error);

    if (code)
        return code;
    *ret = (struct thaw_repeat_cold){.controlled = true, .cut = cold->cut};
    for (const struct thaw_cold_file *file = cold->files; file; file = file->hh.next)
        evict(file->path, ret, &largest);
    return 0;
}

void thaw_cold_free(struct thaw_cold *cold)
{
    thaw_cold_files_free(cold);
    thaw_array_free(&cold->mapped);
    thaw_arena_free(&cold->arena);
}
