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
