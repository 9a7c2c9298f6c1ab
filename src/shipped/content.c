/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inventory/reading.h"
#include "shipped/content.h"
#include "shipped/tree.h"

#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

/* Where openat2(2) is missing or forbidden, or the path is too long for it: folder by folder. */
static int open_stepwise(int root, const char *path)
{
    char name[NAME_MAX + 1];
    int folder = root, fd = -ENAMETOOLONG;

    for (;;) {
        size_t length = strcspn(path, "/");
        bool is_last = path[length] == '\0';

        fd = -ENAMETOOLONG;
        if (length < sizeof(name)) {
            memcpy(name, path, length);
            name[length] = '\0';
            fd = openat(folder, name, is_last ? OPEN_FLAGS : OPEN_FLAGS | O_DIRECTORY);
            fd = fd < 0 ? -errno : fd;
        }
        if (folder != root)
            close(folder);
        if (fd < 0 || is_last)
            return fd;
        folder = fd;
        path += length + 1;
    }
}

static int open_beneath(int root, const char *path)
{
    struct open_how how = {.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

    if (fd >= 0)
        return fd;
    return errno == ENOSYS || errno == EPERM || errno == ENAMETOOLONG ? open_stepwise(root, path)
                                                                      : -errno;
}

const char *thaw_tree_path_below(const struct thaw_tree_root *root, const char *path)
{
    path += strlen(root->path);
    return path + strspn(path, "/");
}

int thaw_content_open_below(int folder, const char *path)
{
    struct stat status;
    int fd = open_beneath(folder, path);

    if (fd < 0)
        return fd;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    return -EINVAL;
}

int thaw_content_open(const struct thaw_shipped *shipped, uint32_t file)
{
    const struct thaw_content *content = shipped->memory->content;
    const struct thaw_shipped_file *entry = &shipped->memory->files.items[file];
    const struct thaw_tree_root *root;

    if (content->archive)
        return thaw_zip_open_member(shipped, file);
    root = &content->roots.items[content->folders.items[entry->folder].root];
    return thaw_content_open_below(root->fd, thaw_tree_path_below(root, entry->path));
}

int thaw_tree_read(const struct thaw_shipped *shipped, uint32_t file, size_t limit,
                   struct thaw_arena *arena, char **ret, size_t *length)
{
    int fd, result;

    if (shipped->memory->content->archive)
        return thaw_zip_read_member(shipped, file, limit, arena, ret, length);
    fd = thaw_content_open(shipped, file);
    if (fd < 0)
        return fd;
    result = thaw_reading_descriptor(fd, limit, arena, ret, length);
    close(fd);
    return result;
}

int thaw_content_read(const struct thaw_shipped *shipped, uint32_t file, size_t limit, char **ret,
                      size_t *length)
{
    return thaw_tree_read(shipped, file, limit, &shipped->memory->arena, ret, length);
}

uint32_t thaw_content_find(const struct thaw_shipped *shipped, const char *path)
{
    const char *name = thaw_tree_name(path);
    size_t length = (size_t)(name - path);
    uint32_t folder;

    if (length > 1)
        length--; /* the slash, but not of "/" itself */
    folder = thaw_tree_find_folder(shipped, path, length);
    return folder == THAW_SHIPPED_NONE
               ? THAW_SHIPPED_NONE
               : thaw_tree_find_file(shipped, folder, name, strlen(name), 0);
}

const uint32_t *thaw_content_executables(const struct thaw_shipped *shipped, size_t *count)
{
    *count = shipped->memory->content->executables.count;
    return shipped->memory->content->executables.items;
}
