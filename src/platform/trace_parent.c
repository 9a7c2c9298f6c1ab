/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "platform/trace_parent.h"

static const char HEADER[] = "traceparent";

static bool is_digit(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

/* Whether count digits stand there and then a hyphen, or (last) nothing that matters. */
static bool is_field(const char *bytes, size_t count, bool last)
{
    for (size_t i = 0; i < count; i++)
        if (!is_digit(bytes[i]))
            return false;
    return last || bytes[count] == '-';
}

static bool is_zero(const char *bytes, size_t count)
{
    return strspn(bytes, "0") >= count;
}

bool thaw_trace_parent_is(const char *bytes, size_t length)
{
    if (length < THAW_TRACE_PARENT_BYTES || !is_field(bytes, 2, false) ||
        !is_field(bytes + THAW_TRACE_PARENT_TRACE, 32, false) ||
        !is_field(bytes + THAW_TRACE_PARENT_SPAN, 16, false) ||
        !is_field(bytes + THAW_TRACE_PARENT_BYTES - 2, 2, true))
        return false;
    if (!memcmp(bytes, "ff", 2) || is_zero(bytes + THAW_TRACE_PARENT_TRACE, 32) ||
        is_zero(bytes + THAW_TRACE_PARENT_SPAN, 16))
        return false;
    return length == THAW_TRACE_PARENT_BYTES ||
           (memcmp(bytes, "00", 2) != 0 && bytes[THAW_TRACE_PARENT_BYTES] == '-');
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The header's value in a line, without the spaces around it; NULL: it is another header's. */
static const char *value_of(const char *line, size_t length, size_t *ret_length)
{
    const size_t name = sizeof(HEADER) - 1;

    if (length <= name || line[name] != ':' || strncasecmp(line, HEADER, name) != 0)
        return NULL;
    line += name + 1;
    length -= name + 1;
    while (length && is_space(*line)) {
        line++;
        length--;
    }
    while (length && is_space(line[length - 1]))
        length--;
    *ret_length = length;
    return line;
}

/* Lines whose end was not seen are none: a value that was cut may pass for a whole one. */
const char *thaw_trace_parent_in_head(const char *bytes, size_t length)
{
    const char *line = memchr(bytes, '\n', length), *end, *found = NULL;

    while (line) {
        size_t left, size, value_length;
        const char *value;

        line++;
        left = (size_t)(bytes + length - line);
        end = memchr(line, '\n', left);
        if (!end)
            break;
        size = (size_t)(end - line);
        size -= size && line[size - 1] == '\r';
        if (!size)
            break; /* the body follows */
        value = value_of(line, size, &value_length);
        if (value && (found || !thaw_trace_parent_is(value, value_length)))
            return NULL; /* several of them are to be taken for none (section 3.2.1) */
        found = value ? value : found;
        line = end;
    }
    return found;
}
