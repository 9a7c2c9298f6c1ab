/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "packaging/name.h"
#include "report/keys.h"

static const json_t *bytes_of(const json_t *object, const char *key)
{
    char name[64];

    snprintf(name, sizeof(name), "%s_bytes", key);
    return json_object_get(object, name);
}

/* A NUL can't be in a text of a report, nor in bytes: "%:" begins no bytes in the %XX form. */
static const char *key_of(struct thaw_arena *arena, const json_t *text, const json_t *bytes)
{
    if (json_is_string(bytes))
        return thaw_arena_format(arena, "%%:%s", json_string_value(bytes));
    return json_is_string(text) ? json_string_value(text) : "";
}

const char *thaw_key_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

const char *thaw_key_text(struct thaw_arena *arena, const json_t *object, const char *key)
{
    return key_of(arena, json_object_get(object, key), bytes_of(object, key));
}

static const char *raw_of(struct thaw_arena *arena, const json_t *text, const json_t *bytes)
{
    const char *raw = json_string_value(bytes), *plain = json_string_value(text);

    return raw ? thaw_text_unpercent(arena, raw) : plain ? plain : "";
}

const char *thaw_key_raw(struct thaw_arena *arena, const json_t *object, const char *key)
{
    return raw_of(arena, json_object_get(object, key), bytes_of(object, key));
}

const char *thaw_key_raw_item(struct thaw_arena *arena, const json_t *object, const char *key,
                              size_t index)
{
    return raw_of(arena, json_array_get(json_object_get(object, key), index),
                  json_array_get(bytes_of(object, key), index));
}

const char *thaw_key_item(struct thaw_arena *arena, const json_t *object, const char *key,
                          size_t index)
{
    return key_of(arena, json_array_get(json_object_get(object, key), index),
                  json_array_get(bytes_of(object, key), index));
}

const char *thaw_key_normalised(struct thaw_arena *arena, const char *name)
{
    return name ? thaw_name_normalise(arena, name, strlen(name)) : NULL;
}

const char *thaw_key_name(struct thaw_arena *arena, const json_t *object, const char *key)
{
    return thaw_key_normalised(arena, thaw_key_text(arena, object, key));
}

const char *thaw_key_item_name(struct thaw_arena *arena, const json_t *object, const char *key,
                               size_t index)
{
    return thaw_key_normalised(arena, thaw_key_item(arena, object, key, index));
}

const char *thaw_key_last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

const char *thaw_key_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    if (!length)
        return path;
    return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

bool thaw_key_is_missing(const json_t *needed)
{
    return (json_is_null(json_object_get(needed, "resolved")) &&
            json_is_null(json_object_get(needed, "reason"))) ||
           json_is_string(json_object_get(needed, "missing_by"));
}

size_t thaw_key_unread(const json_t *report)
{
    json_int_t more = json_integer_value(json_object_get(report, "faults_more"));
    size_t count = more > 0 ? (size_t)more : 0, i;
    const json_t *fault;

    json_array_foreach(json_object_get(report, "faults"), i, fault)
    {
        count += json_is_true(json_object_get(fault, "unread"));
    }
    return count;
}
