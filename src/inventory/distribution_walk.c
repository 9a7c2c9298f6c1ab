/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/distributions_private.h"
#include "inventory/reading.h"

#define DEPTH_MAX 64
#define ENTRIES_MAX 500000
#define BUFFER_BYTES ((size_t)32 << 10) /* for the entries of one folder; one per level */
#define BLOCK_BYTES 512                 /* unit of st_blocks, whatever the file system (stat(2)) */

struct walk {
    struct thaw_distributions *distributions;
    const struct thaw_site *site;
    size_t entries;
    char path[PATH_MAX]; /* relative to the site */
};

static int walk_file(struct walk *walk, int folder, const char *name, size_t length)
{
    struct thaw_distributions *distributions = walk->distributions;
    struct thaw_distribution *owner;
    struct stat status;
    size_t index;
    int is_new = 1;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
        return 0;
    index = thaw_ownership_find(&walk->site->ownership, walk->path, length);
    if (index == THAW_OWNERSHIP_NONE)
        return 0;
    if (status.st_nlink > 1)
        is_new = thaw_inodes_add(&distributions->inodes, &distributions->arena, status.st_dev,
                                 status.st_ino, NULL);
    if (is_new < 0)
        return is_new;
    owner = distributions->items.items[index];
    owner->files++;
    owner->bytes += is_new ? (uint64_t)status.st_size : 0;
    owner->disk_bytes += is_new ? (uint64_t)status.st_blocks * BLOCK_BYTES : 0;
    return 0;
}

static int walk_folder(struct walk *walk, int folder, size_t length, int depth);

static int walk_entry(struct walk *walk, int folder, const struct dirent64 *entry, size_t length,
                      int depth)
{
    size_t size = strlen(entry->d_name);
    struct stat status;
    unsigned char type = entry->d_type;
    int fd, result;

    if (size + length + 2 > sizeof(walk->path))
        return 0;
    memcpy(walk->path + length, entry->d_name, size + 1);
    if (type == DT_UNKNOWN && fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = IFTODT(status.st_mode);
    if (type == DT_REG)
        return walk_file(walk, folder, entry->d_name, length + size);
    if (type != DT_DIR || depth >= DEPTH_MAX)
        return 0;
    fd = thaw_reading_folder(folder, entry->d_name);
    if (fd < 0)
        return 0;
    walk->path[length + size] = '/';
    result = walk_folder(walk, fd, length + size + 1, depth + 1);
    close(fd);
    return result;
}

static int walk_entries(struct walk *walk, int folder, const char *buffer, size_t filled,
                        size_t length, int depth)
{
    int result = 0;

    for (size_t at = 0; result == 0 && at < filled && walk->entries < ENTRIES_MAX;) {
        const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);

        at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        walk->entries++;
        result = walk_entry(walk, folder, entry, length, depth);
    }
    return result;
}

/*
 * The path's first length bytes name the folder, with a slash. getdents64 itself instead of
 * readdir: a stream costs three more system calls for each of hundreds of small folders.
 */
static int walk_folder(struct walk *walk, int folder, size_t length, int depth)
{
    char *buffer = malloc(BUFFER_BYTES);
    int result = buffer ? 0 : -ENOMEM;

    while (result == 0 && walk->entries < ENTRIES_MAX) {
        ssize_t filled = getdents64(folder, buffer, BUFFER_BYTES);

        if (filled <= 0)
            break;
        result = walk_entries(walk, folder, buffer, (size_t)filled, length, depth);
    }
    free(buffer);
    return result;
}

int thaw_distribution_walk(struct thaw_distributions *distributions, const struct thaw_site *site,
                           int folder)
{
    struct walk walk = {.distributions = distributions, .site = site};

    if (lseek(folder, 0, SEEK_SET) < 0) /* its entries were read before */
        return 0;
    return walk_folder(&walk, folder, 0, 0);
}
