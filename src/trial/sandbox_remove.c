/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trial/sandbox_private.h"

/* Deeper than a copy can be; a command may make deeper ones, which are then said to stay. */
#define DEPTH_MAX 200

static int remove_at(int parent, const char *name, int depth);

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int empty_folder(DIR *folder, int depth)
{
    struct dirent *entry;
    int code = 0;

    while (!code && (errno = 0, entry = readdir(folder))) {
        if (!is_dots(entry->d_name))
            code = remove_at(dirfd(folder), entry->d_name, depth + 1);
    }
    return code ? code : -errno;
}

/* Overlay's own folder has mode 0, and a command may have taken rights away; root is not refused
 * by either, so that the chmod by name is a plain user's only. */
static int open_folder(int parent, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int descriptor = openat(parent, name, flags);
    struct stat status;

    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && (status.st_mode & 0300) != 0300)
        fchmod(descriptor, 0700);
    if (descriptor >= 0 || errno != EACCES || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) ||
        !S_ISDIR(status.st_mode) || fchmodat(parent, name, 0700, 0))
        return descriptor;
    return openat(parent, name, flags);
}

/* By descriptors and without following links: a command left running may put some in the way. */
static int remove_at(int parent, const char *name, int depth)
{
    int descriptor, code;
    DIR *folder;

    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return 0;
    if (depth >= DEPTH_MAX)
        return -ELOOP;
    descriptor = open_folder(parent, name);
    if (descriptor < 0)
        return -errno;
    folder = fdopendir(descriptor);
    if (!folder) {
        code = -errno;
        close(descriptor);
        return code;
    }
    code = empty_folder(folder, depth);
    closedir(folder);
    if (!code && unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT)
        code = -errno;
    return code;
}

int thaw_sandbox_remove(const char *folder, struct thaw_error *error)
{
    int code = remove_at(AT_FDCWD, folder, 0);

    return code ? thaw_error_system(error, code, "%s stays; remove it by hand", folder) : 0;
}
