/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "platform/function_rpc_words.h"

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

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t end_length = strlen(end);

    return length >= end_length && !strncasecmp(text + length - end_length, end, end_length);
}

static void set_word(const char *text, size_t length, char *word)
{
    memcpy(word, text, length);
    word[length] = '\0';
}

static size_t word_length(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && is_word_character(text[i]))
        i++;
    return i;
}

void thaw_function_rpc_trigger(const char *text, size_t length, char *word)
{
    if (length <= THAW_WIRE_WORD_BYTES && word_length(text, length) == length &&
        ends_with(text, length, "trigger"))
        set_word(text, length, word);
}

void thaw_function_rpc_trigger_in_json(const char *text, size_t length, char *word)
{
    json_t *binding = json_loadb(text, length, 0, NULL);
    const json_t *type = json_object_get(binding, "type");

    if (json_is_string(type))
        thaw_function_rpc_trigger(json_string_value(type), json_string_length(type), word);
    json_decref(binding);
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

    if (!length || length > THAW_WIRE_WORD_BYTES || !(is_letter(text[0]) || text[0] == '_'))
        return false;
    if (is_upper(text[last_part(text, length)]))
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(text, length, ends[i]))
            return true;
    return false;
}

void thaw_function_rpc_exception_type(const char *text, size_t length, char *word)
{
    if (word_length(text, length) == length && is_exception_name(text, length))
        set_word(text, length, word);
}

void thaw_function_rpc_exception_in_message(const char *text, size_t length, char *word)
{
    size_t end = word_length(text, length);

    if (end + 1 < length && text[end] == ':' && text[end + 1] == ' ')
        thaw_function_rpc_exception_type(text, end, word);
}
