/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "native/root.h"

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

static bool root_is_own(const char *root)
{
    return !*root || strcmp(root, "/") == 0;
}

static int open_with(const char *root, const char *path, int flags)
{
    struct open_how how = {.flags = (unsigned)flags,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int folder, fd, code;

    if (root_is_own(root)) {
        fd = open(path, flags);
        return fd < 0 ? -errno : fd;
    }
    folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
    code = -errno;
    close(folder);
    return fd < 0 ? code : fd;
}

int thaw_root_open(const char *root, const char *path)
{
    return open_with(root, path, OPEN_FLAGS);
}

int thaw_root_open_folder(const char *root, const char *path)
{
    return open_with(root, path, OPEN_FLAGS | O_DIRECTORY);
}

int thaw_root_locate(const char *root, const char *path)
{
    return open_with(root, path, O_PATH | O_CLOEXEC);
}

static int read_regular(int fd, size_t bytes_max, char **ret, size_t *length)
{
    struct stat status;
    char *bytes;
    int result;

    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    if ((uint64_t)status.st_size > bytes_max)
        return -EFBIG;
    bytes = malloc((size_t)status.st_size + 1);
    if (!bytes)
        return -ENOMEM;
    result = thaw_read_whole(fd, bytes, (size_t)status.st_size, length);
    if (result < 0)
        free(bytes);
    else
        *ret = bytes;
    return result;
}

int thaw_root_read(const char *root, const char *path, size_t bytes_max, char **ret, size_t *length)
{
    int fd = thaw_root_open(root, path), result;

    if (fd < 0)
        return fd;
    result = read_regular(fd, bytes_max, ret, length);
    close(fd);
    return result;
}

bool thaw_root_is_folder(const char *root, const char *path)
{
    int fd = open_with(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* What the kernel calls the file, NULL when it is gone or has no path here. */
static const char *descriptor_path(int fd, char buffer[PATH_MAX])
{
    char link[64];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, buffer, PATH_MAX - 1);
    if (length <= 0 || buffer[0] != '/')
        return NULL;
    buffer[length] = '\0';
    return buffer;
}

const char *thaw_root_path(const char *root, int fd, struct thaw_arena *arena)
{
    char file[PATH_MAX], folder[PATH_MAX];
    const char *inside = descriptor_path(fd, file);
    size_t length;
    int root_fd;

    if (!inside || root_is_own(root))
        return inside ? thaw_arena_string(arena, inside) : NULL;
    root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return NULL;
    if (!descriptor_path(root_fd, folder))
        folder[0] = '\0';
    close(root_fd);
    /* Another mount namespace shows its files as paths from its own root already. */
    length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(inside, folder, length) == 0 && inside[length] == '/')
        inside += length;
    return thaw_arena_string(arena, inside);
}

/* Are the two one file? 1 or 0, or a negative errno. */
static int is_same(const char *own, const char *other)
{
    struct stat one, two;

    if (stat(own, &one) < 0 || stat(other, &two) < 0)
        return -errno;
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

int thaw_root_is_other(pid_t process)
{
    char root[64], space[64];
    int same;

    snprintf(root, sizeof(root), "/proc/%d/root", (int)process);
    snprintf(space, sizeof(space), "/proc/%d/ns/mnt", (int)process);
    same = is_same("/proc/self/ns/mnt", space);
    if (same >= 0 && same)
        same = is_same("/", root);
    return same < 0 ? same : !same;
}
