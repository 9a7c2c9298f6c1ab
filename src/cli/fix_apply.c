/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts new contents in place of old ones. All new files are written beside the old ones first; then
 * each changes places with its old one, which so stays at hand: what was taken out is compared with
 * what the change was made for, and changed back with all the others if it differs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "cli/fix_files.h"

struct place {
    const struct thaw_fix_file *file;
    int folder;         /* descriptor, -1 none */
    const char *base;   /* name in it */
    char temporary[64]; /* name in it, "" none */
    bool is_in_place;   /* the new one; the temporary one is the old file, or its copy */
    bool is_copied;     /* the latter */
};

/*
 * Mode and owner of the old file, and the time of its copy. Bytecode is told from its source by
 * seconds and size: of the same size in the same second it would be taken for that of the new
 * content.
 */
static int adopt(int fd, const struct thaw_fix_file *file, bool is_copy)
{
    const struct stat *old = &file->status;
    struct stat made;

    if (fstat(fd, &made) < 0)
        return -errno;
    if ((made.st_uid != old->st_uid || made.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) < 0)
        return -errno;
    if (fchmod(fd, old->st_mode & 07777) < 0)
        return -errno;
    if (is_copy ||
        (made.st_mtim.tv_sec == old->st_mtim.tv_sec && file->result.length == file->length)) {
        const struct timespec later = {.tv_sec = old->st_mtim.tv_sec + 1};
        const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, is_copy ? old->st_mtim : later};

        if (futimens(fd, times) < 0)
            return -errno;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/* A new file beside the old one, with the old content or the new; its name is in temporary. */
static int write_beside(struct place *place, bool is_copy)
{
    const struct thaw_fix_file *file = place->file;
    int fd, result;

    snprintf(place->temporary, sizeof(place->temporary), ".thaw-fix-%ld-%llx%s", (long)getpid(),
             (unsigned long long)file->status.st_ino, is_copy ? "-old" : "");
    fd = openat(place->folder, place->temporary,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        result = -errno;
        place->temporary[0] = '\0'; /* whatever is there isn't ours */
        return result;
    }
    result = is_copy ? thaw_write_whole(fd, file->bytes, file->length)
                     : thaw_write_whole(fd, file->result.bytes, file->result.length);
    if (result == 0)
        result = adopt(fd, file, is_copy);
    if (close(fd) < 0 && result == 0)
        result = -errno;
    return result;
}

static int prepare(const struct thaw_fix *fix, struct place *place)
{
    const struct thaw_fix_file *file = place->file;
    const char *slash = strrchr(file->relative, '/');
    char *folder = strndup(file->relative, slash ? (size_t)(slash - file->relative) : 0);

    if (!folder)
        return -ENOMEM;
    place->base = slash ? slash + 1 : file->relative;
    place->folder = thaw_fix_open(fix->root_fd, *folder ? folder : ".", O_RDONLY | O_DIRECTORY);
    free(folder);
    if (place->folder < 0)
        return place->folder;
    return write_beside(place, false);
}

/* Is the file of that name what the change was made for? */
static int compare(const struct place *place, const char *name)
{
    const struct thaw_fix_file *file = place->file;
    int fd = openat(place->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *bytes = malloc(file->length + 1);
    size_t length = 0;
    int result = fd < 0 || !bytes ? -ESTALE : thaw_read_whole(fd, bytes, file->length + 1, &length);

    if (result == 0 && (length != file->length || memcmp(bytes, file->bytes, length)))
        result = -ESTALE;
    free(bytes);
    if (fd >= 0)
        close(fd);
    return result;
}

/* What somebody writes between the comparison and this is lost: only an exchange would keep it. */
static int replace(struct place *place)
{
    char made[sizeof(place->temporary)];
    int result;

    memcpy(made, place->temporary, sizeof(made));
    result = write_beside(place, true);
    if (result == 0 && renameat(place->folder, made, place->folder, place->base) < 0)
        result = -errno;
    if (result)
        unlinkat(place->folder, made, 0);
    place->is_in_place = place->is_copied = result == 0;
    return result;
}

static int exchange(struct place *place)
{
    int result = compare(place, place->base);

    if (result)
        return result;
    if (renameat2(place->folder, place->temporary, place->folder, place->base, RENAME_EXCHANGE) < 0)
        return errno == EINVAL ? replace(place) : -errno;
    place->is_in_place = true;
    return compare(place, place->temporary);
}

/* The old file, or its copy, is again where it was; the other one has the temporary name. */
static void put_back(struct place *place)
{
    if (!place->is_copied)
        renameat2(place->folder, place->temporary, place->folder, place->base, RENAME_EXCHANGE);
    else if (renameat(place->folder, place->temporary, place->folder, place->base) == 0)
        place->temporary[0] = '\0';
}

/* Back to what was, or away with what is no longer needed. */
static void finish(struct place *places, size_t count, bool keep)
{
    for (size_t i = 0; i < count; i++) {
        struct place *place = &places[i];

        if (place->is_in_place && !keep)
            put_back(place);
        if (place->temporary[0])
            unlinkat(place->folder, place->temporary, 0);
        if (keep && place->folder >= 0)
            fsync(place->folder);
        if (place->folder >= 0)
            close(place->folder);
    }
}

static int apply_all(const struct thaw_fix *fix, struct place *places, size_t count,
                     struct thaw_error *error)
{
    int result = 0;
    size_t at = 0;

    for (at = 0; at < count && !(result = prepare(fix, &places[at])); at++)
        ;
    if (result == 0)
        for (at = 0; at < count && !(result = exchange(&places[at])); at++)
            ;
    finish(places, count, result == 0);
    if (result == -ESTALE)
        return thaw_error_set(error, result,
                              "%s has just been changed by somebody else: nothing "
                              "was applied",
                              places[at].file->path);
    if (result)
        return thaw_error_system(error, result, "%s can't be replaced, nothing was applied",
                                 places[at].file->path);
    return 0;
}

int thaw_fix_apply(const struct thaw_fix *fix, struct thaw_error *error)
{
    struct place *places = calloc(fix->files.count + 1, sizeof(*places));
    size_t count = 0;
    int result;

    if (!places)
        return thaw_error_memory(error);
    for (size_t i = 0; i < fix->files.count; i++) {
        if (fix->files.items[i].result.bytes)
            places[count++] = (struct place){.file = &fix->files.items[i], .folder = -1};
    }
    result = apply_all(fix, places, count, error);
    free(places);
    return result;
}
