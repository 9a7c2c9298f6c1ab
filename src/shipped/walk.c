/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/reading.h"
#include "shipped/library_object.h"
#include "shipped/library_reading.h"
#include "shipped/target.h"
#include "shipped/tree.h"

#define BUFFER_BYTES ((size_t)32 << 10) /* for the entries of a folder; grows with it */
#define LISTING_BYTES_MAX ((size_t)64 << 20)
#define KEPT_BYTES_MAX ((size_t)1 << 20) /* of a listing, while the folders in it are read */

/* A folder below the one that is read: it is entered when that one's files are done. */
struct below {
    const char *name; /* in the level's bytes */
    uint64_t disk_bytes;
};

/* One folder on the way down: its entries as the kernel lists them, and in order. */
struct level {
    uint32_t folder; /* of the model */
    int fd;
    char *bytes;
    size_t size;
    size_t room;
    THAW_ARRAY(const char *) names;
    THAW_ARRAY(struct below) below;
};

/* A level's memory serves all folders of its depth, one after the other. */
struct walk {
    struct thaw_shipped *shipped;
    uint32_t root;
    int depth;
    struct level levels[THAW_TREE_DEPTH_MAX + 1];
};

/* NULL: no memory. name "": the level's folder itself. */
static const char *level_path(struct walk *walk, const struct level *level, const char *name)
{
    const char *folder = walk->shipped->memory->folders.items[level->folder].path;

    return *name ? thaw_tree_join(walk->shipped, folder, name) : folder;
}

static int level_fault(struct walk *walk, const struct level *level, const char *name,
                       const char *what)
{
    const char *path = level_path(walk, level, name);

    return path ? thaw_shipped_folder_fault(walk->shipped, path, what) : -ENOMEM;
}

static int entry_fault(struct walk *walk, const struct level *level, const char *name, int code)
{
    const char *path = level_path(walk, level, name);

    if (!path)
        return -ENOMEM;
    return thaw_shipped_fault(walk->shipped, path, "%s",
                              code == ENOENT ? "gone while the target was read: run thaw again"
                                             : strerror(code));
}

/* A FIFO, a device …: there is nothing in it that could be read. */
static int special_remark(struct walk *walk, const struct level *level, const char *name)
{
    const char *path = level_path(walk, level, name);

    if (!path)
        return -ENOMEM;
    return thaw_shipped_remark(walk->shipped, path,
                               "named as a shared object, but no regular file: not opened");
}

/* 1: there is more than is read. getdents64 itself instead of readdir: a stream costs three more
 * system calls a folder. */
static int level_read(struct level *level)
{
    level->size = level->names.count = level->below.count = 0;
    for (;;) {
        ssize_t got;

        if (level->room - level->size < BUFFER_BYTES) {
            size_t room = level->room + (level->room > BUFFER_BYTES ? level->room : BUFFER_BYTES);
            char *grown = realloc(level->bytes, room);

            if (!grown)
                return -ENOMEM;
            level->bytes = grown;
            level->room = room;
        }
        got = getdents64(level->fd, level->bytes + level->size, level->room - level->size);
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        level->size += (size_t)got;
        if (level->size > LISTING_BYTES_MAX)
            return 1;
    }
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* By name, so that no result depends on the file system's order. */
static int level_sort(struct level *level)
{
    for (size_t at = 0; at < level->size;) {
        const struct dirent64 *entry = (const struct dirent64 *)(level->bytes + at);
        const char **slot;

        at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        slot = thaw_array_add(&level->names);
        if (!slot)
            return -ENOMEM;
        *slot = entry->d_name;
    }
    if (level->names.count)
        qsort(level->names.items, level->names.count, sizeof(*level->names.items), compare_names);
    return 0;
}

/* Has the last file read by the other thread. */
static int read_ahead(struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    const struct thaw_content *content = shipped->memory->content;
    const struct thaw_tree_root *root =
        &content->roots.items[content->folders.items[file->folder].root];

    return thaw_library_readers_add(shipped->memory->readers,
                                    (uint32_t)shipped->memory->files.count - 1, root->fd,
                                    thaw_tree_path_below(root, file->path));
}

static int walk_file(struct thaw_shipped *shipped, struct level *level, const char *name,
                     const struct stat *status, uint32_t first)
{
    struct thaw_content *content = shipped->memory->content;
    struct thaw_shipped_file *file = thaw_tree_file(shipped, level->folder, name);

    if (!file)
        return -ENOMEM;
    file->first = first;
    file->again = first != THAW_SHIPPED_NONE;
    if (!file->again) {
        file->bytes = (uint64_t)status->st_size;
        file->disk_bytes = (uint64_t)status->st_blocks * THAW_TREE_BLOCK_BYTES;
    }
    file->mtime_ns = status->st_mtim.tv_sec < 0 ? 0
                                                : (uint64_t)status->st_mtim.tv_sec * 1000000000u +
                                                      (uint64_t)status->st_mtim.tv_nsec;
    if (shipped->memory->readers && thaw_library_may_be(file) && read_ahead(shipped, file) < 0)
        return -ENOMEM;
    if (status->st_mode & S_IXUSR) {
        uint32_t *slot = thaw_array_add(&content->executables);

        if (!slot)
            return -ENOMEM;
        *slot = (uint32_t)shipped->memory->files.count - 1;
    }
    return 0;
}

/* What a version control system keeps in the target's own folder: nothing deploys it, and it grows
 * with each commit. git's is a file in a second work tree. */
static bool is_history(const struct walk *walk, const char *name)
{
    return walk->depth == 0 &&
           (!strcmp(name, ".git") || !strcmp(name, ".hg") || !strcmp(name, ".svn"));
}

static int leave_out(struct walk *walk, const struct level *level, const char *name)
{
    const char *path = level_path(walk, level, name);

    if (!path)
        return -ENOMEM;
    return thaw_shipped_remark(walk->shipped, path,
                               "the history of a checkout: left out of all figures, as nothing "
                               "deploys it");
}

static int walk_entry(struct walk *walk, struct level *level, const char *name)
{
    struct thaw_shipped *shipped = walk->shipped;
    struct thaw_content *content = shipped->memory->content;
    struct thaw_tree_folder *extra = &content->folders.items[level->folder];
    uint32_t first = (uint32_t)shipped->memory->files.count; /* this one, if it is a file */
    uint64_t disk_bytes;
    struct stat status;
    int is_new = 1;

    if (is_history(walk, name))
        return leave_out(walk, level, name);
    if (fstatat(level->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return entry_fault(walk, level, name, errno);
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
                                 status.st_ino, &first);
    if (is_new < 0)
        return is_new;
    if (S_ISREG(status.st_mode))
        return walk_file(shipped, level, name, &status, is_new ? THAW_SHIPPED_NONE : first);
    extra->disk_bytes += is_new ? disk_bytes : 0;
    if (S_ISLNK(status.st_mode))
        return thaw_tree_add_link(shipped, level->folder, name);
    shipped->special_count++;
    return thaw_library_is_name(name) ? special_remark(walk, level, name) : 0;
}

static int walk_folder(struct walk *walk);

/* Enters a folder below the current one. */
static int walk_below(struct walk *walk, const struct below *below)
{
    const struct level *above = &walk->levels[walk->depth];
    struct level *level = walk->depth < THAW_TREE_DEPTH_MAX ? &walk->levels[walk->depth + 1] : NULL;
    int64_t folder = thaw_tree_folder_begin(walk->shipped, above->folder, walk->root, below->name,
                                            below->disk_bytes);
    int result;

    if (folder < 0)
        return (int)folder;
    walk->shipped->directory_count++;
    if (!level) {
        result = level_fault(walk, above, below->name,
                             "more than 64 folders deep: what is in it was not read");
    } else {
        level->folder = (uint32_t)folder;
        level->fd = thaw_reading_folder(above->fd, below->name);
        if (level->fd < 0) {
            result = level_fault(walk, above, below->name, strerror(-level->fd));
        } else {
            walk->depth++;
            result = walk_folder(walk);
            walk->depth--;
            close(level->fd);
        }
    }
    thaw_tree_folder_end(walk->shipped, (uint32_t)folder);
    return result;
}

/* Of a long listing only the names of folders stay: there may be one such for each depth. */
static int level_shrink(struct level *level)
{
    size_t size = 0, at = 0;
    char *bytes;

    if (level->room <= KEPT_BYTES_MAX)
        return 0;
    thaw_array_free(&level->names);
    for (size_t i = 0; i < level->below.count; i++)
        size += strlen(level->below.items[i].name) + 1;
    bytes = malloc(size + 1);
    if (!bytes)
        return -ENOMEM;
    for (size_t i = 0; i < level->below.count; i++) {
        const char *name = level->below.items[i].name;

        level->below.items[i].name = strcpy(bytes + at, name);
        at += strlen(name) + 1;
    }
    free(level->bytes);
    level->bytes = bytes;
    level->room = size + 1;
    return 0;
}

/* What is in the open folder of the current level. */
static int walk_entries(struct walk *walk, struct level *level)
{
    int result = level_read(level);

    if (result == 1)
        result = level_fault(walk, level, "",
                             "the folder has more than 64 MiB of names: what follows was not read");
    else if (result < 0 && result != -ENOMEM)
        result = level_fault(walk, level, "", strerror(-result));
    if (result == 0)
        result = level_sort(level);
    for (size_t i = 0; result == 0 && i < level->names.count; i++) {
        const char *name = level->names.items[i];

        result = thaw_tree_admit(walk->shipped, level->folder, strlen(name));
        if (result <= 0)
            break;
        result = walk_entry(walk, level, name);
    }
    return result == 0 ? level_shrink(level) : result;
}

/* Reads the open folder of the current level and all below it. */
static int walk_folder(struct walk *walk)
{
    const struct thaw_content *content = walk->shipped->memory->content;
    struct level *level = &walk->levels[walk->depth];
    int result = walk_entries(walk, level);

    for (size_t i = 0; result == 0 && i < level->below.count && !content->is_full; i++)
        result = walk_below(walk, &level->below.items[i]);
    return result;
}

static int walk_root(struct walk *walk)
{
    const struct thaw_tree_root *root = &walk->shipped->memory->content->roots.items[walk->root];
    struct stat status;
    int64_t folder;
    int result;

    if (fstat(root->fd, &status) < 0)
        return thaw_shipped_folder_fault(walk->shipped, root->path, strerror(errno));
    folder = thaw_tree_folder_begin(walk->shipped, THAW_SHIPPED_NONE, walk->root, root->path,
                                    (uint64_t)status.st_blocks * THAW_TREE_BLOCK_BYTES);
    if (folder < 0)
        return (int)folder;
    walk->shipped->directory_count++;
    walk->levels[0].folder = (uint32_t)folder;
    walk->levels[0].fd = root->fd;
    result = walk_folder(walk);
    thaw_tree_folder_end(walk->shipped, (uint32_t)folder);
    return result;
}

static int walk_roots(struct thaw_shipped *shipped)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    int result = 0;

    if (!walk)
        return -ENOMEM;
    walk->shipped = shipped;
    if (shipped->memory->options->read_ahead && !shipped->memory->options->without_libraries) {
        shipped->memory->readers = thaw_library_readers_start();
        result = shipped->memory->readers ? 0 : -ENOMEM;
    }
    for (; result == 0 && walk->root < shipped->memory->content->roots.count; walk->root++)
        result = walk_root(walk);
    for (size_t i = 0; i < sizeof(walk->levels) / sizeof(walk->levels[0]); i++) {
        thaw_array_free(&walk->levels[i].names);
        thaw_array_free(&walk->levels[i].below);
        free(walk->levels[i].bytes);
    }
    free(walk);
    return result;
}

int thaw_shipped_walk(struct thaw_shipped *shipped, struct thaw_error *error)
{
    int result = shipped->memory->content->archive ? thaw_zip_walk(shipped) : walk_roots(shipped);

    if (result == 0)
        result = thaw_target_tell(shipped);
    return result < 0 ? thaw_error_memory(error) : 0;
}
