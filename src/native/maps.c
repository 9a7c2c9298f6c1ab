/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "native/maps.h"

#define MAPS_BYTES_MAX ((size_t)16 << 20)
#define DELETED " (deleted)"

static int digit_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return 16;
}

/* A number in the base, ended by the character; false when there is none or it is too large. */
static bool maps_number(const char **at, const char *end, int base, char ended_by, uint64_t *ret)
{
    const char *first = *at;

    *ret = 0;
    while (*at < end && digit_value(**at) < base) {
        if (__builtin_mul_overflow(*ret, (uint64_t)base, ret))
            return false;
        *ret += (uint64_t)digit_value(*(*at)++);
    }
    if (*at == first || *at == end || *(*at)++ != ended_by)
        return false;
    return true;
}

/* "55d0-55e0 r-xp 00001000 fe:00 1234   /usr/lib/libc.so.6", without the newline. */
static bool maps_line(const char *at, const char *end, struct thaw_mapping *ret)
{
    uint64_t number_major, number_minor;

    if (!maps_number(&at, end, 16, '-', &ret->start) || !maps_number(&at, end, 16, ' ', &ret->end))
        return false;
    if (end - at < 5 || at[4] != ' ')
        return false;
    ret->executable = at[2] == 'x';
    at += 5;
    if (!maps_number(&at, end, 16, ' ', &ret->offset) ||
        !maps_number(&at, end, 16, ':', &number_major) ||
        !maps_number(&at, end, 16, ' ', &number_minor) ||
        !maps_number(&at, end, 10, ' ', &ret->inode))
        return false;
    while (at < end && *at == ' ')
        at++;
    if (at == end || *at != '/' || !ret->inode)
        return false;
    ret->device = makedev((unsigned)number_major, (unsigned)number_minor);
    ret->path = at;
    ret->path_bytes = (size_t)(end - at);
    return true;
}

/* Does a mapping begin in the line, of a file or of none? */
static bool is_mapping(const char *at, const char *end)
{
    uint64_t address;

    return maps_number(&at, end, 16, '-', &address) && maps_number(&at, end, 16, ' ', &address);
}

/* "Rss:                  12 kB", without the newline: bytes, 0 of any other line. */
static uint64_t resident_line(const char *at, const char *end)
{
    static const char key[] = "Rss:";
    uint64_t kilobytes;

    if ((size_t)(end - at) < sizeof(key) || memcmp(at, key, sizeof(key) - 1) != 0)
        return 0;
    at += sizeof(key) - 1;
    while (at < end && *at == ' ')
        at++;
    if (!maps_number(&at, end, 10, ' ', &kilobytes) || kilobytes > UINT64_MAX / 1024)
        return 0;
    return kilobytes * 1024;
}

bool thaw_maps_next(const char **cursor, const char *end, struct thaw_mapping *ret)
{
    const char *line = *cursor, *stop;
    size_t suffix = sizeof(DELETED) - 1;

    if (line >= end)
        return false;
    stop = memchr(line, '\n', (size_t)(end - line));
    if (!stop)
        stop = end;
    *cursor = stop < end ? stop + 1 : end;
    *ret = (struct thaw_mapping){.path = ""};
    if (!maps_line(line, stop, ret)) {
        *ret = (struct thaw_mapping){.path = "",
                                     .anonymous = is_mapping(line, stop),
                                     .resident_bytes = resident_line(line, stop)};
        return true;
    }
    if (ret->path_bytes > suffix &&
        memcmp(ret->path + ret->path_bytes - suffix, DELETED, suffix) == 0) {
        ret->deleted = true;
        ret->path_bytes -= suffix;
    }
    return true;
}

static char *maps_drain(int fd, size_t *length)
{
    size_t capacity = (size_t)1 << 16;
    char *bytes = malloc(capacity);

    *length = 0;
    while (bytes) {
        ssize_t got = read(fd, bytes + *length, capacity - *length);
        char *grown;

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || (*length += (size_t)got) >= MAPS_BYTES_MAX)
            break;
        if (*length < capacity)
            continue;
        capacity *= 2;
        grown = realloc(bytes, capacity);
        if (!grown)
            free(bytes);
        bytes = grown;
    }
    return bytes;
}

static char *maps_read(int pid, const char *name, size_t *length)
{
    char path[64];
    char *bytes;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    bytes = maps_drain(fd, length);
    close(fd);
    return bytes;
}

char *thaw_maps_read(int pid, size_t *length)
{
    return maps_read(pid, "maps", length);
}

char *thaw_maps_read_resident(int pid, size_t *length)
{
    return maps_read(pid, "smaps", length);
}
