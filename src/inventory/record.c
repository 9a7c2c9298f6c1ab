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

/* The rest of the line, with the size behind its second comma: quotes may hold a newline there. */
static void record_rest(struct thaw_record_reader *reader)
{
    unsigned commas = 0, digits = 0, others = 0;
    bool quoted = false;

    reader->bytes = 0;
    while (reader->cursor < reader->end) {
        char byte = *reader->cursor++;

        if (byte == '"')
            quoted = !quoted;
        else if (byte == '\n' && !quoted)
            break;
        else if (byte == ',' && !quoted)
            commas++;
        else if (commas == 2 && byte >= '0' && byte <= '9' && digits++ < 18)
            reader->bytes = reader->bytes * 10 + (uint64_t)(byte - '0');
        else if (commas == 2 && byte != '\r')
            others++;
    }
    reader->has_bytes = digits && digits <= 18 && !others;
}

static bool is_field_end(char byte)
{
    return byte == ',' || byte == '\n' || byte == '\r' || byte == '\0';
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
        while (reader->cursor < reader->end && !is_field_end(*reader->cursor))
            reader->cursor++;
        target = reader->cursor;
    }
    *length = (size_t)(target - *path);
}

bool thaw_record_next(struct thaw_record_reader *reader, char **path, size_t *length)
{
    while (reader->cursor < reader->end) {
        record_field(reader, path, length);
        record_rest(reader);
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
