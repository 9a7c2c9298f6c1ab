/* SPDX-License-Identifier: Apache-2.0 */
#include "report/schema_words.h"

#include <stdio.h>
#include <string.h>

#define BEFORE_BYTES "^("
#define BEHIND_BYTES ")_bytes$"
#define BYTES "_bytes"

static bool is_type(const char *type, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return !strcmp(type, "object");
    case JSON_ARRAY:
        return !strcmp(type, "array");
    case JSON_STRING:
        return !strcmp(type, "string");
    case JSON_INTEGER:
        return !strcmp(type, "integer") || !strcmp(type, "number");
    case JSON_REAL:
        return !strcmp(type, "number");
    case JSON_TRUE:
    case JSON_FALSE:
        return !strcmp(type, "boolean");
    case JSON_NULL:
        return !strcmp(type, "null");
    }
    return false;
}

/* One type, or a list of them; none allows any. */
static bool has_type(const json_t *types, const json_t *value)
{
    const json_t *type;
    size_t i;

    if (!types)
        return true;
    if (json_is_string(types))
        return is_type(json_string_value(types), value);
    json_array_foreach(types, i, type)
    {
        if (is_type(json_string_value(type), value))
            return true;
    }
    return false;
}

static const char *type_words(const json_t *types, char *ret, size_t size)
{
    const json_t *type;
    size_t i;

    if (json_is_string(types))
        return json_string_value(types);
    ret[0] = '\0';
    json_array_foreach(types, i, type)
    {
        size_t used = strlen(ret);

        snprintf(ret + used, size - used, "%s%s", i ? " or " : "", json_string_value(type));
    }
    return ret;
}

/* A word that is not known yet is a word. */
static bool is_like_one(const json_t *words, const json_t *value)
{
    const json_t *word;
    size_t i;

    json_array_foreach(words, i, word)
    {
        if (json_typeof(word) == json_typeof(value))
            return true;
    }
    return !json_array_size(words);
}

static bool is_within(const json_t *schema, const json_t *value)
{
    const json_t *least = json_object_get(schema, "minimum");
    const json_t *most = json_object_get(schema, "maximum");
    const json_t *above = json_object_get(schema, "exclusiveMinimum");
    double number = json_number_value(value);

    return !json_is_number(value) || ((!least || number >= json_number_value(least)) &&
                                      (!most || number <= json_number_value(most)) &&
                                      (!above || number > json_number_value(above)));
}

bool thaw_schema_allows(const json_t *schema, const json_t *value, char *what, size_t size)
{
    const json_t *types = json_object_get(schema, "type");
    const json_t *constant = json_object_get(schema, "const");
    char words[80];

    if (!has_type(types, value))
        snprintf(what, size, "is not of type %s", type_words(types, words, sizeof(words)));
    else if (constant && !json_equal(constant, value))
        snprintf(what, size, "is not what it is in every report");
    else if (!is_like_one(json_object_get(schema, "enum"), value))
        snprintf(what, size, "is no such word");
    else if (!is_within(schema, value))
        snprintf(what, size, "is too small or too large");
    else
        return true;
    return false;
}

/* "name|path" has "path". */
static bool has_word(const char *words, size_t length, const char *word, size_t word_length)
{
    for (const char *end = words + length; words < end;) {
        size_t this_length = 0;

        while (words + this_length < end && words[this_length] != '|')
            this_length++;
        if (this_length == word_length && !memcmp(words, word, word_length))
            return true;
        words += this_length + 1;
    }
    return false;
}

const json_t *thaw_schema_of_bytes(const json_t *patterns, const char *key)
{
    size_t length = strlen(key), around = strlen(BEFORE_BYTES) + strlen(BEHIND_BYTES);
    const char *pattern;
    json_t *schema;

    if (length <= strlen(BYTES) || strcmp(key + length - strlen(BYTES), BYTES) != 0)
        return NULL;
    json_object_foreach((json_t *)patterns, pattern, schema)
    {
        if (strlen(pattern) > around &&
            has_word(pattern + strlen(BEFORE_BYTES), strlen(pattern) - around, key,
                     length - strlen(BYTES)))
            return schema;
    }
    return NULL;
}
