/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "packaging/record.h"

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

/* A decimal number grows by a digit; UINT64_MAX what can't be one, and stays. */
static uint64_t add_digit(uint64_t number, char digit)
{
    if (digit < '0' || digit > '9' || number > (UINT64_MAX - 10) / 10)
        return UINT64_MAX;
    return number * 10 + (uint64_t)(digit - '0');
}

/* The size in the rest of a line that has no quotes: behind the second comma. */
static uint64_t plain_size(const char *rest, const char *end)
{
    uint64_t size = 0;

    for (int commas = 0; commas < 2; commas++) {
        rest = memchr(rest, ',', (size_t)(end - rest));
        if (!rest)
            return UINT64_MAX;
        rest++;
    }
    if (rest == end || *rest == ',' || *rest == '\r')
        return UINT64_MAX;
    for (; rest < end && *rest != ','; rest++)
        size = *rest == '\r' ? size : add_digit(size, *rest);
    return size;
}

/* The rest of the line, of which the second field is the size: quotes may hold a newline there,
 * too. */
static uint64_t record_quoted_rest(struct thaw_record_reader *reader)
{
    uint64_t size = 0;
    size_t digits = 0;
    bool quoted = false;
    int field = 0;

    while (reader->cursor < reader->end) {
        char byte = *reader->cursor++;

        if (byte == '"')
            quoted = !quoted;
        else if (byte == '\n' && !quoted)
            break;
        else if (byte == ',' && !quoted)
            field++;
        else if (field == 2 && (byte != '\r' || quoted)) {
            size = add_digit(size, byte);
            digits++;
        }
    }
    return digits ? size : UINT64_MAX;
}

static bool is_field_end(char byte)
{
    return byte == ',' || byte == '\n' || byte == '\r' || byte == '\0';
}

/* A line with quotes: its first field, in place, and its size. */
static uint64_t record_quoted(struct thaw_record_reader *reader, char **path, size_t *length)
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
    return record_quoted_rest(reader);
}

/* Where the first of two bytes is, else the end. */
static char *first_of(char *text, char *end, char one, char other)
{
    char *found = memchr(text, one, (size_t)(end - text));
    char *before;

    if (found)
        end = found;
    before = memchr(text, other, (size_t)(end - text));
    return before ? before : end;
}

/* Hardly any line has quotes: then it is not read byte by byte. */
static uint64_t record_line(struct thaw_record_reader *reader, char **path, size_t *length)
{
    char *end = memchr(reader->cursor, '\n', (size_t)(reader->end - reader->cursor)), *field;

    if (!end)
        end = reader->end;
    if (memchr(reader->cursor, '"', (size_t)(end - reader->cursor)))
        return record_quoted(reader, path, length);
    *path = reader->cursor;
    field = first_of(*path, end, ',', '\r');
    field = first_of(*path, field, '\0', '\0');
    *length = (size_t)(field - *path);
    reader->cursor = end + (end < reader->end);
    return plain_size(field, end);
}

bool thaw_record_next_sized(struct thaw_record_reader *reader, char **path, size_t *length,
                            uint64_t *size)
{
    while (reader->cursor < reader->end) {
        *size = record_line(reader, path, length);
        if (*length)
            return true;
    }
    return false;
}

bool thaw_record_next(struct thaw_record_reader *reader, char **path, size_t *length)
{
    uint64_t size;

    return thaw_record_next_sized(reader, path, length, &size);
}

bool thaw_record_is_plain(const char *path, size_t length)
{
    const char *end = path + length, *slash = path;

    if (!length || *path == '/' || *path == '.')
        return false;
    while ((slash = memchr(slash, '/', (size_t)(end - slash)))) {
        if (++slash == end || *slash == '/' || *slash == '.')
            return false;
    }
    return !memchr(path, '\0', length);
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
