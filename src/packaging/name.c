/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "packaging/name.h"

static bool is_separator(char byte)
{
    return byte == '-' || byte == '_' || byte == '.';
}

static size_t skip_separators(const char *text)
{
    size_t length = 0;

    while (is_separator(text[length]))
        length++;
    return length;
}

bool thaw_name_is_same(const char *one, const char *other)
{
    while (*one && *other) {
        bool separator = is_separator(*one);

        if (separator != is_separator(*other))
            return false;
        if (!separator && tolower((unsigned char)*one) != tolower((unsigned char)*other))
            return false;
        one += separator ? skip_separators(one) : 1;
        other += separator ? skip_separators(other) : 1;
    }
    return *one == *other;
}

const char *thaw_name_normalise(struct thaw_arena *arena, const char *name, size_t length)
{
    char *copy = length < SIZE_MAX ? thaw_arena_allocate(arena, length + 1) : NULL;
    char *end = copy;

    if (!copy)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (!is_separator(name[i]))
            *end++ = name[i] ? (char)tolower((unsigned char)name[i]) : '?';
        else if (i == 0 || !is_separator(name[i - 1]))
            *end++ = '-';
    }
    return copy;
}
