/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/reading.h"
#include "shipped/target.h"
#include "shipped/tree.h"

#define BUFFER_BYTES ((size_t)32 << 10) /* for the entries of a folder; grows with it */

/* The entries of one folder as the kernel lists them, and in order. */
struct listing {
    char *bytes;
    size_t size;
    size_t room;
    THAW_ARRAY(const char *) names;
};

/* A folder below the one that is read: it is entered when that one's files are done. */
struct below {
    const char *name; /* in the listing */
    uint64_t disk_bytes;
};

struct level {
    uint32_t folder; /* of the model */
    uint32_t root;
    int fd;
    int depth;
    struct listing listing;
    THAW_ARRAY(struct below) below;
};

static int level_fault(struct thaw_shipped *shipped, const struct level *level, const char *name,
                       const char *what)
{
    const char *path =
        thaw_tree_join(shipped, shipped->memory->folders.items[level->folder].path, name);

    return path ? thaw_shipped_fault(shipped, path, "%s", what) : -ENOMEM;
}

/* getdents64 itself instead of readdir: a stream costs three more system calls a folder. */
static int listing_read(struct listing *listing, int fd)
{
    for (;;) {
        ssize_t got;

        if (listing->room - listing->size < BUFFER_BYTES) {
            size_t room = listing->room ? listing->room * 2 : BUFFER_BYTES;
            char *grown = realloc(listing->bytes, room);

            if (!grown)
                return -ENOMEM;
            listing->bytes = grown;
            listing->room = room;
            if (room - listing->size < BUFFER_BYTES)
                continue;
        }
        got = getdents64(fd, listing->bytes + listing->size, listing->room - listing->size);
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        listing->size += (size_t)got;
        if (listing->size > (size_t)THAW_TREE_ENTRIES_MAX * sizeof(struct dirent64))
            return 0; /* far more than may be walked */
    }
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* By name, so that no result depends on the file system's order. */
static int listing_sort(struct listing *listing)
{
    for (size_t at = 0; at < listing->size;) {
        const struct dirent64 *entry = (const struct dirent64 *)(listing->bytes + at);
        const char **slot;

        at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        slot = thaw_array_add(&listing->names);
        if (!slot)
            return -ENOMEM;
        *slot = entry->d_name;
    }
    if (listing->names.count)
        qsort(listing->names.items, listing->names.count, sizeof(*listing->names.items),
              compare_names);
    return 0;
}

static void level_free(struct level *level)
{
    if (level->fd >= 0)
        close(level->fd);
    thaw_array_free(&level->listing.names);
    thaw_array_free(&level->below);
    free(level->listing.bytes);
}

static int walk_file(struct thaw_shipped *shipped, struct level *level, const char *name,
                     const struct stat *status, bool is_new)
{
    struct thaw_content *content = shipped->memory->content;
    struct thaw_shipped_file *file = thaw_tree_file(shipped, level->folder, name);

    if (!file)
        return -ENOMEM;
    file->again = !is_new;
    if (is_new) {
        file->bytes = (uint64_t)status->st_size;
        file->disk_bytes = (uint64_t)status->st_blocks * THAW_TREE_BLOCK_BYTES;
    }
    file->mtime_ns = status->st_mtim.tv_sec < 0 ? 0
                                                : (uint64_t)status->st_mtim.tv_sec * 1000000000u +
                                                      (uint64_t)status->st_mtim.tv_nsec;
    if (status->st_mode & S_IXUSR) {
        uint32_t *slot = thaw_array_add(&content->executables);

        if (!slot)
            return -ENOMEM;
        *slot = (uint32_t)shipped->memory->files.count - 1;
    }
    return 0;
}

static int walk_entry(struct thaw_shipped *shipped, struct level *level, const char *name)
{
    struct thaw_content *content = shipped->memory->content;
    struct thaw_tree_folder *extra = &content->folders.items[level->folder];
    uint64_t disk_bytes;
    struct stat status;
    int is_new = 1;

    if (fstatat(level->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return level_fault(shipped, level, name,
                           errno == ENOENT ? "gone while the target was read: run thaw again"
                                           : strerror(errno));
    disk_bytes = (uint64_t)status.st_blocks * THAW_TREE_BLOCK_BYTES;
    if (S_ISDIR(status.st_mode)) {
        struct below *below = thaw_array_add(&level->below);

        if (!below)
            return -ENOMEM;
        *below = (struct below){name, disk_bytes};
        return 0;
    }
    if (status.st_nlink > 1)
        is_new = thaw_inodes_add(&content->inodes, &shipped->memory->arena, status.st_dev,
                                 status.st_ino);
    if (is_new < 0)
        return is_new;
    if (S_ISREG(status.st_mode))
        return walk_file(shipped, level, name, &status, is_new);
    extra->disk_bytes += is_new ? disk_bytes : 0;
    if (S_ISLNK(status.st_mode))
        return thaw_tree_add_link(shipped, level->folder, name);
    shipped->special_count++;
    return 0;
}

static int walk_folder(struct thaw_shipped *shipped, struct level *level);

/* Enters the folders below one whose files are done. */
static int walk_below(struct thaw_shipped *shipped, struct level *level)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < level->below.count; i++) {
        const struct below *below = &level->below.items[i];
        struct level next = {.root = level->root, .fd = -1, .depth = level->depth + 1};
        int64_t folder = thaw_tree_folder_begin(shipped, level->folder, level->root, below->name,
                                                below->disk_bytes);

        if (folder < 0)
            return (int)folder;
        next.folder = (uint32_t)folder;
        shipped->directory_count++;
        if (next.depth > THAW_TREE_DEPTH_MAX) {
            result = level_fault(shipped, level, below->name,
                                 "more than 64 folders deep: what is in it was not read");
        } else {
            next.fd = thaw_reading_folder(level->fd, below->name);
            result = next.fd < 0 ? level_fault(shipped, level, below->name, strerror(-next.fd))
                                 : walk_folder(shipped, &next);
        }
        thaw_tree_folder_end(shipped, next.folder);
        level_free(&next);
    }
    return result;
}

/* Reads the open folder of a level and all below it; the caller frees the level. */
static int walk_folder(struct thaw_shipped *shipped, struct level *level)
{
    struct thaw_content *content = shipped->memory->content;
    int result = listing_read(&level->listing, level->fd);

    if (result < 0 && result != -ENOMEM)
        result = thaw_shipped_fault(shipped, shipped->memory->folders.items[level->folder].path,
                                    "%s", strerror(-result));
    if (result == 0)
        result = listing_sort(&level->listing);
    for (size_t i = 0; result == 0 && i < level->listing.names.count; i++) {
        if (content->entries >= THAW_TREE_ENTRIES_MAX)
            return thaw_shipped_fault(shipped, shipped->memory->folders.items[level->folder].path,
                                      "the target has more than 2,000,000 entries: what follows "
                                      "was not read");
        content->entries++;
        result = walk_entry(shipped, level, level->listing.names.items[i]);
    }
    return result == 0 ? walk_below(shipped, level) : result;
}

static int walk_root(struct thaw_shipped *shipped, uint32_t number)
{
    const struct thaw_tree_root *root = &shipped->memory->content->roots.items[number];
    struct level level = {.root = number, .fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 0)};
    struct stat status;
    int64_t folder;
    int result;

    if (level.fd < 0 || fstat(root->fd, &status) < 0) {
        result = thaw_shipped_fault(shipped, root->path, "%s", strerror(errno));
        level_free(&level);
        return result;
    }
    folder = thaw_tree_folder_begin(shipped, THAW_SHIPPED_NONE, number, root->path,
                                    (uint64_t)status.st_blocks * THAW_TREE_BLOCK_BYTES);
    result = folder < 0 ? (int)folder : 0;
    if (result == 0) {
        level.folder = (uint32_t)folder;
        shipped->directory_count++;
        result = walk_folder(shipped, &level);
        thaw_tree_folder_end(shipped, level.folder);
    }
    level_free(&level);
    return result;
}

int thaw_shipped_walk(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct thaw_content *content = shipped->memory->content;
    int result = 0;

    if (content->archive)
        result = thaw_zip_walk(shipped);
    for (uint32_t i = 0; result == 0 && !content->archive && i < content->roots.count; i++)
        result = walk_root(shipped, i);
    if (result == 0)
        result = thaw_target_tell(shipped);
    return result < 0 ? thaw_error_memory(error) : 0;
}
