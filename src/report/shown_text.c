/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/keys.h"
#include "report/shown_text.h"

static const char *shown(struct thaw_arena *arena, const char *raw)
{
    return raw ? thaw_text_for_terminal(arena, raw) : NULL;
}

const char *thaw_shown_text(struct thaw_arena *arena, const json_t *object, const char *key)
{
    return shown(arena, thaw_key_raw(arena, object, key));
}

const char *thaw_shown_item(struct thaw_arena *arena, const json_t *object, const char *key,
                            size_t index)
{
    return shown(arena, thaw_key_raw_item(arena, object, key, index));
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
