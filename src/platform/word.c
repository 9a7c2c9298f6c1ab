/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "platform/word.h"

/* Not those of <ctype.h>, which follow the locale. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_word_character(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool thaw_word_ends_with(const char *text, size_t length, const char *end)
{
    size_t end_length = strlen(end);

    return length >= end_length && !strncasecmp(text + length - end_length, end, end_length);
}

size_t thaw_word_length(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && is_word_character(text[i]))
        i++;
    return i;
}

/* Where the last part of a dotted name begins. */
static size_t last_part(const char *text, size_t length)
{
    while (length && text[length - 1] != '.')
        length--;
    return length;
}

static bool is_exception_name(const char *text, size_t length)
{
    static const char *const ends[] = {"error", "exception", "timeout", "exit"};
    size_t part;

    if (!length || length > THAW_WIRE_WORD_BYTES || !(is_letter(text[0]) || text[0] == '_'))
        return false;
    part = last_part(text, length);
    if (part < length && is_upper(text[part]))
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (thaw_word_ends_with(text, length, ends[i]))
            return true;
    return false;
}

void thaw_word_of_exception(const char *text, size_t length, char *word)
{
    if (thaw_word_length(text, length) == length && is_exception_name(text, length)) {
        memcpy(word, text, length);
        word[length] = '\0';
    }
}
