/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/secret_file.h"
#include "base/read_whole.h"
#include "inventory/reading.h"

#define HEADERS_BYTES_MOST ((size_t)64 << 10)
#define HEADERS_MOST 32

/* The open file, or negative errno with its line. Links are followed: orchestrators put secrets
 * behind them. */
static int open_secret(const char *path, struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", path);
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        close(fd);
        return thaw_error_set(error, -EINVAL, "%s: it is no file", path);
    }
    if (status.st_mode & (S_IROTH | S_IWOTH)) {
        close(fd);
        return thaw_error_set(error, -EPERM,
                              "%s: everybody may read or write it, and it holds a secret: "
                              "chmod o-rw",
                              path);
    }
    return fd;
}

int thaw_secret_key_random(struct thaw_arena *arena, struct thaw_secret_key *ret,
                           struct thaw_error *error)
{
    unsigned char *bytes = thaw_arena_bytes(arena, THAW_SECRET_KEY_MADE);

    if (!bytes)
        return thaw_error_memory(error);
    if (getrandom(bytes, THAW_SECRET_KEY_MADE, 0) != THAW_SECRET_KEY_MADE)
        return thaw_error_system(error, -errno, "random numbers for a key");
    *ret = (struct thaw_secret_key){bytes, THAW_SECRET_KEY_MADE};
    return 0;
}

/* Made as a whole or not at all: where another thaw was quicker, its key is taken. */
static int make_key(const char *path, struct thaw_error *error)
{
    struct thaw_arena arena = {0};
    struct thaw_secret_key key;
    int code = thaw_secret_key_random(&arena, &key, error);
    int fd;

    if (code)
        return code;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno != EEXIST)
        code = thaw_error_system(error, -errno, "%s", path);
    if (fd >= 0) {
        code = thaw_write_whole(fd, (const char *)key.bytes, key.length);
        if (!code && fsync(fd))
            code = -errno;
        if (close(fd) && !code)
            code = -errno;
        if (code) {
            unlink(path);
            thaw_error_system(error, code, "%s", path);
        }
    }
    explicit_bzero((void *)key.bytes, key.length);
    thaw_arena_free(&arena);
    return code;
}

int thaw_secret_key_read(const char *path, bool make, struct thaw_arena *arena,
                         struct thaw_secret_key *ret, struct thaw_error *error)
{
    int fd = open_secret(path, error);
    char *bytes;
    size_t length;
    int code;

    if (fd == -ENOENT && make) {
        code = make_key(path, error);
        if (code)
            return code;
        fd = open_secret(path, error);
    }
    if (fd < 0)
        return fd;
    code = thaw_reading_input(fd, path, THAW_SECRET_KEY_MOST, arena, &bytes, &length, error);
    if (code)
        return code;
    if (length < THAW_SECRET_KEY_LEAST)
        return thaw_error_set(error, -EINVAL, "%s: a key has %d bytes at least", path,
                              THAW_SECRET_KEY_LEAST);
    *ret = (struct thaw_secret_key){(const unsigned char *)bytes, length};
    return 0;
}

/* RFC 9110, 5.1: a token, a colon; what is behind has no control characters. */
static bool is_header(const char *line)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    size_t name = 0;

    while (isalnum((unsigned char)line[name]) || (line[name] && strchr(marks, line[name])))
        name++;
    if (!name || line[name] != ':')
        return false;
    for (const char *byte = line + name; *byte; byte++)
        if ((unsigned char)*byte < 0x20 && *byte != '\t')
            return false;
    return true;
}

static int refuse_header(const char *path, size_t number, const char *what,
                         struct thaw_error *error)
{
    return thaw_error_set(error, -EINVAL, "%s:%zu: %s", path, number, what);
}

static int split(const char *path, char *text, size_t length, const char **list,
                 struct thaw_error *error)
{
    size_t count = 0, number = 1;

    for (char *line = text, *end; line < text + length; line = end + 1, number++) {
        end = memchr(line, '\n', (size_t)(text + length - line));
        if (!end)
            end = text + length;
        *end = '\0';
        if (strlen(line) != (size_t)(end - line))
            return refuse_header(path, number, "a NUL byte is no part of a header", error);
        if (end > line && end[-1] == '\r')
            end[-1] = '\0';
        if (!*line || *line == '#')
            continue;
        if (!is_header(line))
            return refuse_header(path, number, "a header is \"name: value\"", error);
        if (count == HEADERS_MOST)
            return refuse_header(path, number, "more than 32 headers", error);
        list[count++] = line;
    }
    list[count] = NULL;
    return 0;
}

int thaw_secret_headers(const char *path, struct thaw_arena *arena, const char *const **ret,
                        struct thaw_error *error)
{
    const char **list = thaw_arena_allocate(arena, (HEADERS_MOST + 1) * sizeof(*list));
    int fd = open_secret(path, error);
    size_t length;
    char *text;
    int code;

    if (fd < 0)
        return fd;
    code = thaw_reading_input(fd, path, HEADERS_BYTES_MOST, arena, &text, &length, error);
    if (!code && !list)
        code = thaw_error_memory(error);
    if (!code)
        code = split(path, text, length, list, error);
    if (!code)
        *ret = list;
    return code;
}
