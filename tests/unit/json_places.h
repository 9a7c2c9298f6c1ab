/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_JSON_PLACES_H
#define TESTS_JSON_PLACES_H

#include <jansson.h>

#include "base/json_position.h"

/* Is each key and item of what jansson has read found, at a place, and nothing else? For a test and
 * a fuzz target, which are linked differently. A key that stands twice is one of jansson's. */
static bool json_places_match(const struct thaw_json_positions *positions, uint32_t value,
                              json_t *read)
{
    const char first = positions->bytes[positions->values.items[value].at];
    const char *key;
    json_t *child;
    size_t index;
    uint32_t item;

    if (!thaw_json_positions_place(positions, value).line)
        return false;
    if (json_is_object(read)) {
        json_object_foreach(read, key, child)
        {
            item = thaw_json_positions_member(positions, value, key);
            if (item == THAW_JSON_NO_VALUE || !thaw_json_positions_key(positions, item).line ||
                !json_places_match(positions, item, child))
                return false;
        }
        return first == '{';
    }
    item = thaw_json_positions_first(positions, value);
    if (!json_is_array(read))
        return item == THAW_JSON_NO_VALUE && (first == '"') == json_is_string(read);
    json_array_foreach(read, index, child)
    {
        if (item == THAW_JSON_NO_VALUE || !json_places_match(positions, item, child))
            return false;
        item = thaw_json_positions_next(positions, item);
    }
    return first == '[' && item == THAW_JSON_NO_VALUE;
}

#endif
