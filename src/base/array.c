/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

bool thaw_array_make_room(void **items, size_t *capacity, size_t item_size, size_t wanted)
{
    size_t room = *capacity ? *capacity : 8;
    void *grown;

    if (wanted <= *capacity)
        return true;
    while (room < wanted)
        if (__builtin_mul_overflow(room, (size_t)2, &room))
            return false;
    grown = reallocarray(*items, room, item_size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = room;
    return true;
}

void *thaw_array_grow(void **items, size_t *count, size_t *capacity, size_t item_size)
{
    char *slot;

    if (*count == *capacity && !thaw_array_make_room(items, capacity, item_size, *count + 1))
        return NULL;
    slot = (char *)*items + *count * item_size;
    memset(slot, 0, item_size);
    (*count)++;
    return slot;
}

void thaw_array_release(void **items, size_t *count, size_t *capacity)
{
    free(*items);
    *items = NULL;
    *count = 0;
    *capacity = 0;
}
