/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "project/settings/setting_parts.h"

bool thaw_value_begins(struct thaw_value value, const char *text)
{
    size_t length = strlen(text);

    return value.length >= length && !strncasecmp(value.at, text, length);
}

bool thaw_value_ends(struct thaw_value value, const char *text)
{
    size_t length = strlen(text);

    return value.length >= length && !strncasecmp(value.at + value.length - length, text, length);
}

bool thaw_value_is(struct thaw_value value, const char *text)
{
    return value.length == strlen(text) && thaw_value_begins(value, text);
}

size_t thaw_value_find(struct thaw_value value, const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i + length <= value.length; i++)
        if (!strncasecmp(value.at + i, text, length))
            return i;
    return SIZE_MAX;
}

struct thaw_value thaw_value_first(struct thaw_value value, size_t length)
{
    return (struct thaw_value){value.at, length < value.length ? length : value.length};
}

struct thaw_value thaw_value_behind(struct thaw_value value, size_t length)
{
    if (length > value.length)
        length = value.length;
    return (struct thaw_value){value.at + length, value.length - length};
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct thaw_value thaw_value_trim(struct thaw_value value)
{
    while (value.length && is_space(value.at[0]))
        value = thaw_value_behind(value, 1);
    while (value.length && is_space(value.at[value.length - 1]))
        value.length--;
    return value;
}

static bool is_alphanumeric(char byte)
{
    char lower = (char)(byte | 0x20);

    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

bool thaw_value_has_only(struct thaw_value value, const char *others)
{
    for (size_t i = 0; i < value.length; i++)
        if (!is_alphanumeric(value.at[i]) && (!value.at[i] || !strchr(others, value.at[i])))
            return false;
    return true;
}
