/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>

#include "inventory/interpreter_facts.h"

#define TEXTS_MAX 4096

static const char *facts_text(const json_t *answer, const char *key, struct thaw_arena *arena)
{
    const json_t *value = json_object_get(answer, key);

    return json_is_string(value)
               ? thaw_arena_text(arena, json_string_value(value), json_string_length(value))
               : NULL;
}

static int facts_texts(const json_t *answer, const char *key, struct thaw_arena *arena,
                       struct thaw_texts *ret)
{
    const json_t *list = json_object_get(answer, key);
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count > TEXTS_MAX)
        return -EPROTO;
    ret->count = 0;
    ret->items = thaw_arena_allocate(arena, (count + 1) * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);

        if (!json_is_string(value))
            return -EPROTO;
        ret->items[i] = thaw_arena_text(arena, json_string_value(value), json_string_length(value));
        if (!ret->items[i])
            return -ENOMEM;
    }
    ret->count = count;
    return 0;
}

static int facts_read(const json_t *answer, struct thaw_arena *arena,
                      struct thaw_interpreter_facts *ret)
{
    int result;

    ret->version = facts_text(answer, "version", arena);
    ret->implementation = facts_text(answer, "implementation", arena);
    if (!ret->version || !ret->implementation)
        return -EPROTO;
    result = facts_texts(answer, "builtins", arena, &ret->builtins);
    if (result == 0)
        result = facts_texts(answer, "stdlib", arena, &ret->stdlib);
    if (result == 0)
        result = facts_texts(answer, "sites", arena, &ret->sites);
    return result;
}

int thaw_interpreter_facts_parse(const char *bytes, size_t length, struct thaw_arena *arena,
                                 struct thaw_interpreter_facts *ret)
{
    struct thaw_interpreter_facts facts = {0};
    json_t *answer = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    int result = answer ? facts_read(answer, arena, &facts) : -EPROTO;

    json_decref(answer);
    if (result == 0)
        *ret = facts;
    return result;
}
