/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/shown_text.h"

static const json_t *bytes_of(const json_t *object, const char *key)
{
    char name[64];

    snprintf(name, sizeof(name), "%s_bytes", key);
    return json_object_get(object, name);
}

static const char *raw_of(struct thaw_arena *arena, const json_t *text, const json_t *bytes)
{
    const char *raw = json_string_value(bytes);

    return raw                    ? thaw_text_unpercent(arena, raw)
           : json_is_string(text) ? json_string_value(text)
                                  : "";
}

static const char *shown(struct thaw_arena *arena, const json_t *text, const json_t *bytes)
{
    const char *raw = raw_of(arena, text, bytes);

    return raw ? thaw_text_for_terminal(arena, raw) : NULL;
}

const char *thaw_shown_text(struct thaw_arena *arena, const json_t *object, const char *key)
{
    return shown(arena, json_object_get(object, key), bytes_of(object, key));
}

const char *thaw_shown_item(struct thaw_arena *arena, const json_t *object, const char *key,
                            size_t index)
{
    return shown(arena, json_array_get(json_object_get(object, key), index),
                 json_array_get(bytes_of(object, key), index));
}

const char *thaw_shown_without(struct thaw_arena *arena, const char *text, const char *characters)
{
    static const size_t longest = sizeof("\\x7f") - 1;
    size_t used = 0, size = strlen(text) * longest + 1;
    char *out;

    if (!text[strcspn(text, characters)])
        return text;
    out = thaw_arena_allocate(arena, size);
    for (; out && *text; text++)
        used += (size_t)snprintf(out + used, size - used,
                                 strchr(characters, *text) ? "\\x%02x" : "%c", *text);
    return out;
}
