/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/reading.h"

static int reading_bytes(int fd, size_t limit, struct thaw_arena *arena, char **ret, size_t *length)
{
    struct stat status;
    size_t size, done = 0;
    char *bytes;

    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    size = (uint64_t)status.st_size < limit ? (size_t)status.st_size : limit;
    bytes = thaw_arena_allocate(arena, size + 1);
    if (!bytes)
        return -ENOMEM;
    while (done < size) {
        ssize_t got = read(fd, bytes + done, size - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *ret = bytes;
    *length = done;
    return 0;
}

int thaw_reading_file(int folder, const char *name, size_t limit, struct thaw_arena *arena,
                      char **ret, size_t *length)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    int result;

    if (fd < 0)
        return -errno;
    result = reading_bytes(fd, limit, arena, ret, length);
    close(fd);
    return result;
}

int thaw_reading_folder(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}
