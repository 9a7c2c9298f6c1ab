/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "capture/small_file.h"

long thaw_small_file_read(const char *path, char *bytes, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t part;
    int code = descriptor < 0 ? -errno : 0;

    bytes[0] = '\0';
    if (code)
        return code;
    do {
        part = read(descriptor, bytes + length, size - 1 - length);
        if (part > 0)
            length += (size_t)part;
    } while (part > 0 || (part < 0 && errno == EINTR));
    code = part < 0 ? -errno : 0;
    close(descriptor);
    bytes[code ? 0 : length] = '\0';
    return code ? code : (long)length;
}

bool thaw_small_file_line(const char *path, char *line, size_t size)
{
    if (thaw_small_file_read(path, line, size) <= 0)
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}
