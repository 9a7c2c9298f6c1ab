/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "project/setting_parts.h"

bool thaw_span_begins(struct thaw_span span, const char *text)
{
    size_t length = strlen(text);

    return span.length >= length && !strncasecmp(span.at, text, length);
}

bool thaw_span_ends(struct thaw_span span, const char *text)
{
    size_t length = strlen(text);

    return span.length >= length && !strncasecmp(span.at + span.length - length, text, length);
}

bool thaw_span_is(struct thaw_span span, const char *text)
{
    return span.length == strlen(text) && thaw_span_begins(span, text);
}

size_t thaw_span_find(struct thaw_span span, const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i + length <= span.length; i++)
        if (!strncasecmp(span.at + i, text, length))
            return i;
    return SIZE_MAX;
}

struct thaw_span thaw_span_first(struct thaw_span span, size_t length)
{
    return (struct thaw_span){span.at, length < span.length ? length : span.length};
}

struct thaw_span thaw_span_behind(struct thaw_span span, size_t length)
{
    if (length > span.length)
        length = span.length;
    return (struct thaw_span){span.at + length, span.length - length};
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct thaw_span thaw_span_bare(struct thaw_span span)
{
    while (span.length && is_space(span.at[0]))
        span = thaw_span_behind(span, 1);
    while (span.length && is_space(span.at[span.length - 1]))
        span.length--;
    return span;
}

static bool is_alphanumeric(char byte)
{
    char lower = (char)(byte | 0x20);

    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

bool thaw_span_has_only(struct thaw_span span, const char *others)
{
    for (size_t i = 0; i < span.length; i++)
        if (!is_alphanumeric(span.at[i]) && (!span.at[i] || !strchr(others, span.at[i])))
            return false;
    return true;
}
