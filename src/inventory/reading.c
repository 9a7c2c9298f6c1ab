/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "inventory/reading.h"

int thaw_reading_descriptor(int fd, size_t limit, struct thaw_arena *arena, char **ret,
                            size_t *length)
{
    struct stat status;
    size_t size;
    int result;

    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    size = (uint64_t)status.st_size < limit ? (size_t)status.st_size : limit;
    *ret = thaw_arena_bytes(arena, size + 1);
    result = *ret ? thaw_read_whole(fd, *ret, size, length) : -ENOMEM;
    if (result == 0)
        (*ret)[*length] = '\0';
    return result;
}

int thaw_reading_file(int folder, const char *name, size_t limit, struct thaw_arena *arena,
                      char **ret, size_t *length)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    int result;

    if (fd < 0)
        return -errno;
    result = thaw_reading_descriptor(fd, limit, arena, ret, length);
    close(fd);
    return result;
}

int thaw_reading_input(int fd, const char *name, size_t most, struct thaw_arena *arena, char **ret,
                       size_t *length, struct thaw_error *error)
{
    int code = thaw_reading_descriptor(fd, most + 1, arena, ret, length);

    close(fd);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return thaw_error_set(error, -EINVAL, "%s: it can't be read: %s", name,
                              code == -EINVAL ? "not a regular file" : strerror(abs(code)));
    if (*length > most)
        return thaw_error_set(error, -EINVAL, "%s: it is larger than %zu KiB", name, most >> 10);
    return 0;
}

int thaw_reading_folder(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}
