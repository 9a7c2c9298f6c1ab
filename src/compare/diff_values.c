/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compare/diff_parts.h"

void thaw_differ_copy(struct thaw_differ *differ, json_t *object, const json_t *from,
                      const char *key)
{
    json_t *value = json_object_get(from, key);
    char bytes[64];

    thaw_values_set(&differ->values, object, key, value ? json_incref(value) : json_null());
    snprintf(bytes, sizeof(bytes), "%s_bytes", key);
    value = json_object_get(from, bytes);
    /* "disk_bytes" is no text's bytes, and no text is called "disk" */
    if (value && !json_is_integer(value))
        thaw_values_set(&differ->values, object, bytes, json_incref(value));
}

int64_t thaw_differ_change(uint64_t before, uint64_t after)
{
    return (int64_t)after - (int64_t)before; /* neither is above INT64_MAX: JSON's integers */
}

uint64_t thaw_differ_weight(int64_t change)
{
    return change < 0 ? (uint64_t)-change : (uint64_t)change;
}

json_t *thaw_differ_numbers(struct thaw_differ *differ, const uint64_t *before,
                            const uint64_t *after)
{
    json_t *object = thaw_values_object(&differ->values);
    const uint64_t *numbers[2] = {before, after};
    static const char *const keys[2] = {"before", "after"};

    for (int side = 0; side < 2; side++) {
        if (numbers[side])
            thaw_values_set_number(&differ->values, object, keys[side], *numbers[side]);
        else
            thaw_values_set_null(&differ->values, object, keys[side]);
    }
    if (before && after)
        thaw_values_set_signed(&differ->values, object, "change",
                               thaw_differ_change(*before, *after));
    else
        thaw_values_set_null(&differ->values, object, "change");
    return object;
}

const char *thaw_differ_word(const json_t *before, const json_t *after, const char *both)
{
    if (!before)
        return "came";
    return after ? both : "went";
}
