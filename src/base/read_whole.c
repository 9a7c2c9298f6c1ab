/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/read_whole.h"

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
