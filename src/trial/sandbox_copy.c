/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trial/sandbox_private.h"

#define PIECE_BYTES ((size_t)1 << 24) /* of one sendfile */

struct copying {
    const char *app, *to;
    char path[PATH_MAX]; /* of what is being copied, in the original */
    char target[PATH_MAX];
    size_t entries, bytes;
};

/* One folder, in the original and in the copy. */
struct pair {
    int from, to;
    bool packages; /* files are linked */
    int depth;
};

static int copy_folder(struct copying *copying, const struct pair *parent, const char *name);

bool thaw_sandbox_is_package_folder(int parent, const char *name)
{
    static const char *const names[] = {".python_packages", "site-packages", "dist-packages",
                                        "node_modules", ".git"};
    char marker[NAME_MAX + 16];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    snprintf(marker, sizeof(marker), "%s/pyvenv.cfg", name); /* a virtual environment: PEP 405 */
    return faccessat(parent, marker, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* True when a relative link, from a folder that deep below the app, never leaves the app. */
static bool stays_inside(const char *target, int depth)
{
    while (*target) {
        size_t length = strcspn(target, "/");

        if (length == 2 && target[0] == '.' && target[1] == '.')
            depth--;
        else if (length > 0 && !(length == 1 && target[0] == '.'))
            depth++;
        if (depth < 0)
            return false;
        target += length + (target[length] == '/');
    }
    return true;
}

/* A link keeps its meaning: what leads into the app leads into the copy, the rest stays. */
static int copy_link(struct copying *copying, const struct pair *pair, const char *name)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(pair->from, name, target, sizeof(target) - 1);
    const char *meant = target;
    int needed = 0;

    if (length < 0)
        return -errno;
    target[length] = '\0';
    if (target[0] == '/' && thaw_sandbox_is_below(target, copying->app)) {
        needed = snprintf(copying->target, sizeof(copying->target), "%s%s", copying->to,
                          target + strlen(copying->app));
        meant = copying->target;
    } else if (target[0] != '/' && !stays_inside(target, pair->depth)) {
        needed =
            snprintf(copying->target, sizeof(copying->target), "%.*s/%s",
                     (int)(strrchr(copying->path, '/') - copying->path), copying->path, target);
        meant = copying->target;
    }
    if (needed >= (int)sizeof(copying->target))
        return -ENAMETOOLONG;
    return symlinkat(meant, pair->to, name) ? -errno : 0;
}

static int copy_bytes(int from, int to, size_t size)
{
    while (size > 0) {
        ssize_t sent = sendfile(to, from, NULL, size < PIECE_BYTES ? size : PIECE_BYTES);

        if (sent < 0 && errno != EINTR)
            return -errno;
        if (sent == 0)
            return 0; /* it has become shorter */
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

static int copy_file(struct copying *copying, const struct pair *pair, const char *name)
{
    int from = openat(pair->from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), to, code;
    struct timespec times[2];
    struct stat status;

    if (from < 0) /* what can't be read can't be read by the command, either */
        return errno == EACCES && symlinkat(copying->path, pair->to, name) == 0 ? 0 : -errno;
    to = openat(pair->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    code = to < 0 || fstat(from, &status) ? -errno : 0;
    if (!code) {
        copying->bytes += (size_t)status.st_size;
        code = copying->bytes > THAW_SANDBOX_BYTES_MAX
                   ? -EFBIG
                   : copy_bytes(from, to, (size_t)status.st_size);
    }
    if (!code) {
        times[0] = status.st_atim;
        times[1] = status.st_mtim; /* bytecode is valid for it */
        code = fchmod(to, status.st_mode & 0777) || futimens(to, times) ? -errno : 0;
    }
    close(from);
    if (to >= 0)
        close(to);
    return code;
}

static int copy_entry(struct copying *copying, const struct pair *pair, const char *name)
{
    size_t length = strlen(copying->path);
    struct stat status;
    int code = 0;

    if (++copying->entries > THAW_SANDBOX_ENTRIES_MAX)
        return -E2BIG;
    if (snprintf(copying->path + length, sizeof(copying->path) - length, "/%s", name) >=
        (int)(sizeof(copying->path) - length))
        return -ENAMETOOLONG;
    if (fstatat(pair->from, name, &status, AT_SYMLINK_NOFOLLOW))
        code = errno == ENOENT ? 0 : -errno; /* gone meanwhile */
    else if (S_ISDIR(status.st_mode))
        code = copy_folder(copying, pair, name);
    else if (S_ISLNK(status.st_mode))
        code = copy_link(copying, pair, name);
    else if (S_ISREG(status.st_mode) && pair->packages)
        code = symlinkat(copying->path, pair->to, name) ? -errno : 0;
    else if (S_ISREG(status.st_mode))
        code = copy_file(copying, pair, name);
    if (!code)
        copying->path[length] = '\0'; /* else it says where */
    return code;
}

static int copy_entries(struct copying *copying, const struct pair *pair)
{
    int again = openat(pair->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;
    DIR *folder = again < 0 ? NULL : fdopendir(again);
    struct dirent *entry;

    if (!folder) {
        code = -errno;
        if (again >= 0)
            close(again);
        return code;
    }
    while (!code && (errno = 0, entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            code = copy_entry(copying, pair, entry->d_name);
    }
    code = code ? code : -errno;
    closedir(folder);
    return code;
}

static int copy_folder(struct copying *copying, const struct pair *parent, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct pair pair = {.from = openat(parent->from, name, flags), .to = -1};
    struct stat status;
    int code;

    if (pair.from < 0)
        return errno == EACCES && symlinkat(copying->path, parent->to, name) == 0 ? 0 : -errno;
    pair.packages = parent->packages || thaw_sandbox_is_package_folder(parent->from, name);
    pair.depth = parent->depth + 1;
    if (pair.depth > THAW_SANDBOX_DEPTH_MAX)
        code = -ELOOP;
    else
        code = fstat(pair.from, &status) || mkdirat(parent->to, name, 0700) ? -errno : 0;
    if (!code) {
        pair.to = openat(parent->to, name, flags);
        code = pair.to < 0 ? -errno : copy_entries(copying, &pair);
    }
    if (!code && fchmod(pair.to, (status.st_mode & 0777) | S_IRWXU))
        code = -errno;
    close(pair.from);
    if (pair.to >= 0)
        close(pair.to);
    return code;
}

int thaw_sandbox_copy(const char *app, const char *to, struct thaw_error *error)
{
    struct copying copying = {.app = app, .to = to};
    struct pair top = {
        .from = open(app, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .to = open(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
    };
    int code = top.from < 0 || top.to < 0 ? -errno : 0;

    snprintf(copying.path, sizeof(copying.path), "%s", app);
    if (!code)
        code = copy_entries(&copying, &top);
    if (top.from >= 0)
        close(top.from);
    if (top.to >= 0)
        close(top.to);
    if (code == -E2BIG || code == -EFBIG)
        return thaw_error_set(error, code,
                              "%s has more than %d files or %zu MiB of its own: too much to copy; "
                              "where thaw may mount, it need not",
                              app, THAW_SANDBOX_ENTRIES_MAX, THAW_SANDBOX_BYTES_MAX >> 20);
    return code ? thaw_error_system(error, code, "copying %s", copying.path) : 0;
}
