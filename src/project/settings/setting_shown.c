/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "project/settings/setting_parts.h"

/* No secret that is told by its form is shorter, if it has letters, digits, "_" and "." only. */
#define WORD_LEAST 20

static bool is_in_part(const struct thaw_value *value, size_t at, const char *others)
{
    struct thaw_value byte = {value->at + at, 1};
    bool is_doubled = at + 1 < value->length && value->at[at] == '_' && value->at[at + 1] == '_';

    return thaw_value_has_only(byte, others) && !is_doubled;
}

/* Is one of the parts, which all but letters, digits and others separate, a secret by its form? */
static bool has_secret_part(struct thaw_value value, const char *others)
{
    for (size_t begin = 0, end; begin < value.length; begin = end + 1) {
        struct thaw_value part = thaw_value_behind(value, begin);

        for (end = begin; end < value.length && is_in_part(&value, end, others);)
            end++;
        part.length = end - begin;
        if (part.length >= WORD_LEAST && thaw_setting_secret_form(part) != THAW_SHAPE_UNKNOWN)
            return true;
    }
    return false;
}

bool thaw_setting_name_is_secret(struct thaw_value name)
{
    if (name.length < WORD_LEAST && thaw_value_has_only(name, "_."))
        return false; /* most names: they are asked about by the thousand */
    return thaw_setting_secret_form(name) != THAW_SHAPE_UNKNOWN ||
           thaw_value_find(name, "InstrumentationKey=") != SIZE_MAX ||
           has_secret_part(name, "_.-") || has_secret_part(name, "_-");
}

const char *thaw_setting_name_shown(const char *name)
{
    return name && thaw_setting_name_is_secret((struct thaw_value){name, strlen(name)})
               ? THAW_SETTING_SECRET_NAME
               : name;
}
