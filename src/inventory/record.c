/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "inventory/record.h"

/* A quoted field, cursor behind the opening quote: "" is a quote; writes from target on. */
static char *record_unquote(struct thaw_record_reader *reader, char *target)
{
    while (reader->cursor < reader->end) {
        char byte = *reader->cursor++;

        if (byte == '"') {
            if (reader->cursor == reader->end || *reader->cursor != '"')
                break;
            reader->cursor++;
        }
        *target++ = byte;
    }
    return target;
}

/* The rest of the line: quotes may hold a newline there too. */
static void record_skip_line(struct thaw_record_reader *reader)
{
    bool quoted = false;

    while (reader->cursor < reader->end) {
        char byte = *reader->cursor++;

        if (byte == '"')
            quoted = !quoted;
        if (byte == '\n' && !quoted)
            return;
    }
}

/* The first field, in place. */
static void record_field(struct thaw_record_reader *reader, char **path, size_t *length)
{
    char *target = reader->cursor;

    *path = target;
    if (*reader->cursor == '"') {
        reader->cursor++;
        target = record_unquote(reader, target);
    } else {
        while (reader->cursor < reader->end && !strchr(",\r\n", *reader->cursor))
            reader->cursor++;
        target = reader->cursor;
    }
    *length = (size_t)(target - *path);
}

bool thaw_record_next(struct thaw_record_reader *reader, char **path, size_t *length)
{
    while (reader->cursor < reader->end) {
        record_field(reader, path, length);
        record_skip_line(reader);
        if (*length)
            return true;
    }
    return false;
}

bool thaw_record_normalise(char *path, size_t *length)
{
    size_t at = 0, out = 0;

    if (!*length || path[0] == '/' || memchr(path, '\0', *length))
        return false;
    while (at < *length) {
        const char *slash = memchr(path + at, '/', *length - at);
        size_t size = slash ? (size_t)(slash - path) - at : *length - at;

        if (size == 2 && path[at] == '.' && path[at + 1] == '.') {
            if (!out)
                return false;
            while (out && path[--out] != '/')
                ;
        } else if (size && !(size == 1 && path[at] == '.')) {
            if (out)
                path[out++] = '/';
            memmove(path + out, path + at, size);
            out += size;
        }
        at += size + (slash != NULL);
    }
    *length = out;
    return out > 0;
}
