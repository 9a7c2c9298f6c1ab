/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "trial/sandbox_private.h"

#define BYTECODE_FOLDER "__pycache__"

/* Where a change is to be made: its folder in the original and in the tree that is written. */
struct place {
    int original; /* -1: there is no such folder */
    int written;
    const char *name; /* the last part of the path */
};

static void place_close(struct place *place)
{
    if (place->original >= 0)
        close(place->original);
    if (place->written >= 0)
        close(place->written);
}

static bool is_plain_part(const char *part, size_t length)
{
    return length > 0 && length <= NAME_MAX && !(length == 1 && part[0] == '.') &&
           !(length == 2 && part[0] == '.' && part[1] == '.');
}

int thaw_sandbox_check_change(const char *app, const struct thaw_sandbox_change *change,
                              struct thaw_error *error)
{
    char path[PATH_MAX];
    const char *part = change->path;
    struct stat status;

    if (snprintf(path, sizeof(path), "%s/%s", app, part) >= (int)sizeof(path))
        return thaw_error_set(error, -ENAMETOOLONG, "%.80s…: the path is too long", part);
    for (;;) {
        size_t length = strcspn(part, "/");
        bool last = part[length] == '\0';

        if (!is_plain_part(part, length))
            return thaw_error_set(error, -EINVAL, "%s: not the path of a file below the app",
                                  change->path);
        path[strlen(app) + 1 + (size_t)(part - change->path) + length] = '\0';
        if (lstat(path, &status) == 0 && (last ? S_ISDIR(status.st_mode) : S_ISLNK(status.st_mode)))
            return thaw_error_set(error, last ? -EISDIR : -ELOOP,
                                  last ? "%s: a folder, not a file"
                                       : "%s: a symbolic link; give the path it leads to",
                                  path);
        if (last)
            return 0;
        path[strlen(path)] = '/';
        part += length + 1;
    }
}

/* As the original is; a plain user can't give it away, and must be able to write there himself. */
static int make_folder(const struct place *place, const char *name,
                       const struct thaw_identity *identity)
{
    struct stat status = {.st_mode = 0755, .st_uid = identity->uid, .st_gid = identity->gid};

    if (mkdirat(place->written, name, 0700))
        return errno == EEXIST ? 0 : -errno;
    if (place->original >= 0)
        fstatat(place->original, name, &status, AT_SYMLINK_NOFOLLOW);
    if (geteuid() == 0 &&
        fchownat(place->written, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW))
        return -errno;
    status.st_mode |= geteuid() == 0 ? 0 : S_IRWXU;
    return fchmodat(place->written, name, status.st_mode & 07777, 0) ? -errno : 0;
}

static int go_down(struct place *place, const char *name, const struct thaw_identity *identity)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int code = make_folder(place, name, identity);
    struct place below = {.name = place->name};

    if (code)
        return code;
    below.original = place->original < 0 ? -1 : openat(place->original, name, flags);
    below.written = openat(place->written, name, flags);
    code = below.written < 0 ? -errno : 0;
    place_close(place);
    *place = below;
    return code;
}

/* The original's mode and owner, and its time plus a second. */
static int write_file(const struct place *place, const struct thaw_sandbox_change *change,
                      const struct thaw_identity *identity)
{
    struct stat status = {.st_mode = 0644, .st_uid = identity->uid, .st_gid = identity->gid};
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int descriptor, code;

    if (place->original >= 0 && fstatat(place->original, place->name, &status, 0) == 0) {
        times[1] = status.st_mtim;
        times[1].tv_sec++;
    }
    if (unlinkat(place->written, place->name, 0) && errno != ENOENT)
        return -errno;
    descriptor = openat(place->written, place->name,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return -errno;
    code = thaw_write_whole(descriptor, change->bytes, change->length);
    if (!code && geteuid() == 0 && fchown(descriptor, status.st_uid, status.st_gid))
        code = -errno;
    if (!code && (fchmod(descriptor, status.st_mode & 0777) || futimens(descriptor, times)))
        code = -errno;
    close(descriptor);
    return code;
}

/* Its own folder for bytecode belongs to who runs the command, whoever the app's belong to. */
static int make_bytecode_folder(const struct place *place, const struct thaw_identity *identity)
{
    const char *end = strrchr(place->name, '.');

    if (!end || strcmp(end, ".py") != 0)
        return 0;
    if (mkdirat(place->written, BYTECODE_FOLDER, 0755))
        return errno == EEXIST ? 0 : -errno;
    if (fchmodat(place->written, BYTECODE_FOLDER, 0755, 0) ||
        (geteuid() == 0 && fchownat(place->written, BYTECODE_FOLDER, identity->uid, identity->gid,
                                    AT_SYMLINK_NOFOLLOW)))
        return -errno;
    return 0;
}

/* Ends with the place open at the change's folder, whatever happens. */
static int make_change(struct place *place, const struct thaw_sandbox_change *change,
                       const struct thaw_identity *identity)
{
    char part[NAME_MAX + 1];
    int code = 0;

    place->name = change->path;
    for (size_t length; !code && place->name[length = strcspn(place->name, "/")];) {
        memcpy(part, place->name, length);
        part[length] = '\0';
        place->name += length + 1;
        code = go_down(place, part, identity);
    }
    if (!code && change->bytes)
        code = write_file(place, change, identity);
    return code ? code : make_bytecode_folder(place, identity);
}

int thaw_sandbox_write_changes(const struct thaw_sandbox *sandbox,
                               const struct thaw_sandbox_options *options, const char *below,
                               struct thaw_error *error)
{
    char path[PATH_MAX + 16];
    int code = 0;

    snprintf(path, sizeof(path), "%s/%s", sandbox->folder, below);
    for (size_t i = 0; i < options->change_count && !code; i++) {
        struct place place = {
            .original = open(sandbox->app, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
            .written = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        };

        code = place.written < 0 || place.original < 0
                   ? -errno
                   : make_change(&place, &options->changes[i], &sandbox->identity);
        place_close(&place);
        if (code)
            return thaw_error_system(error, code, "writing the changed %s below %s",
                                     options->changes[i].path, path);
    }
    return 0;
}

/* Those of one source: NAME.*.pyc, as PEP 3147 names them. */
static int drop_from(DIR *folder, const char *stem, size_t stem_length)
{
    struct dirent *entry;

    while ((errno = 0, entry = readdir(folder))) {
        const char *name = entry->d_name;
        size_t length = strlen(name);

        if (strncmp(name, stem, stem_length) == 0 && name[stem_length] == '.' && length > 4 &&
            strcmp(name + length - 4, ".pyc") == 0 && unlinkat(dirfd(folder), name, 0))
            return -errno;
    }
    return -errno;
}

static int drop_of(const char *app, const struct thaw_sandbox_change *change)
{
    const char *slash = strrchr(change->path, '/');
    const char *name = slash ? slash + 1 : change->path, *end = strrchr(name, '.');
    char path[PATH_MAX * 2];
    int descriptor, code;
    DIR *folder;

    snprintf(path, sizeof(path), "%s/%.*s" BYTECODE_FOLDER, app, (int)(name - change->path),
             change->path);
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOENT ? 0 : -errno;
    folder = fdopendir(descriptor);
    if (!folder) {
        code = -errno;
        close(descriptor);
        return code;
    }
    code = drop_from(folder, name, end ? (size_t)(end - name) : strlen(name));
    closedir(folder);
    return code;
}

int thaw_sandbox_drop_bytecode(const char *folder, const struct thaw_sandbox_options *options,
                               struct thaw_error *error)
{
    for (size_t i = 0; i < options->change_count; i++) {
        int code = options->changes[i].bytes ? drop_of(folder, &options->changes[i]) : 0;

        if (code)
            return thaw_error_system(error, code, "removing old bytecode of %s",
                                     options->changes[i].path);
    }
    return 0;
}

static int has_bytes(const char *path, const char *bytes, size_t length)
{
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), code;
    char piece[4096];
    size_t at = 0, got;

    if (descriptor < 0)
        return -errno;
    do {
        code = thaw_read_whole(descriptor, piece, sizeof(piece), &got);
        if (!code && (got > length - at || memcmp(piece, bytes + at, got) != 0))
            code = -ESTALE;
        at += code ? 0 : got;
    } while (!code && got == sizeof(piece));
    close(descriptor);
    return !code && at != length ? -ESTALE : code;
}

int thaw_sandbox_verify(const char *folder, const struct thaw_sandbox_options *options,
                        struct thaw_error *error)
{
    char path[PATH_MAX * 2];

    for (size_t i = 0; i < options->change_count; i++) {
        const struct thaw_sandbox_change *change = &options->changes[i];
        int code = 0;

        snprintf(path, sizeof(path), "%s/%s", folder, change->path);
        if (change->bytes)
            code = has_bytes(path, change->bytes, change->length);
        if (code)
            return thaw_error_system(error, code, "%s is not what is seen of the change", path);
    }
    return 0;
}
