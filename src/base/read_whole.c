/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/read_whole.h"

static int grow(char **bytes, size_t size)
{
    char *larger = realloc(*bytes, size);

    if (!larger)
        return -ENOMEM;
    *bytes = larger;
    return 0;
}

int thaw_read_whole(int fd, char *bytes, size_t size, size_t *length)
{
    for (*length = 0; *length < size;) {
        size_t left = size - *length;
        ssize_t got = read(fd, bytes + *length, left < THAW_READ_BYTES ? left : THAW_READ_BYTES);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        *length += (size_t)got;
    }
    return 0;
}

int thaw_read_at_most(int fd, size_t most, char **ret, size_t *ret_length)
{
    size_t size = THAW_READ_BYTES < most ? THAW_READ_BYTES : most + 1, length = 0;
    char *bytes = malloc(size);
    int code = bytes ? 0 : -ENOMEM;

    while (!code) {
        size_t room = size - length, got;

        code = thaw_read_whole(fd, bytes + length, room, &got);
        length += code ? 0 : got;
        if (code || got < room || size > most)
            break;
        size = size * 2 <= most ? size * 2 : most + 1;
        code = grow(&bytes, size);
    }
    if (code) {
        free(bytes);
        return code;
    }
    *ret = bytes;
    *ret_length = length;
    return 0;
}

int thaw_write_whole(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno != EINTR)
            return -errno;
        bytes += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}
