/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "recording/kinds.h"

/* Finding kinds and their fields in the table of kinds.c. */

const struct thaw_kind *thaw_kinds_by_number(uint64_t number)
{
    size_t low = 0, high;
    const struct thaw_kind *kinds = thaw_kinds_all(&high);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (kinds[middle].number == number)
            return &kinds[middle];
        if (kinds[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool name_equals(const char *name, const char *bytes, size_t length)
{
    return strlen(name) == length && memcmp(name, bytes, length) == 0;
}

const struct thaw_kind *thaw_kinds_by_name(const char *name, size_t length)
{
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    for (size_t i = 0; i < count; i++)
        if (name_equals(kinds[i].name, name, length))
            return &kinds[i];
    return NULL;
}

const struct thaw_field *thaw_kinds_field(const struct thaw_kind *kind, const char *name,
                                          size_t length)
{
    for (size_t i = 0; i < kind->count; i++)
        if (name_equals(kind->fields[i].name, name, length))
            return &kind->fields[i];
    return NULL;
}

size_t thaw_kinds_field_size(const struct thaw_field *field)
{
    static const size_t sizes[] = {
        [THAW_FIELD_U64] = sizeof(uint64_t),
        [THAW_FIELD_I64] = sizeof(int64_t),
        [THAW_FIELD_TEXT] = sizeof(const char *),
        [THAW_FIELD_TEXTS] = sizeof(struct thaw_texts),
    };

    return sizes[field->type];
}

bool thaw_kinds_field_is_empty(const struct thaw_field *field, const void *record)
{
    const char *text;

    switch (field->type) {
    case THAW_FIELD_U64:
        return *thaw_field_u64(field, record) == 0;
    case THAW_FIELD_I64:
        return *thaw_field_i64(field, record) == 0;
    case THAW_FIELD_TEXT:
        text = *thaw_field_text(field, record);
        return !text || !*text;
    case THAW_FIELD_TEXTS:
        return thaw_field_texts(field, record)->count == 0;
    }
    return true;
}

void thaw_kinds_clear(const struct thaw_kind *kind, void *record)
{
    for (size_t i = 0; i < kind->count; i++) {
        const struct thaw_field *field = &kind->fields[i];

        memset((char *)record + field->offset, 0, thaw_kinds_field_size(field));
        if (field->type == THAW_FIELD_TEXT)
            *thaw_field_text(field, record) = "";
    }
}
