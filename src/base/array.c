/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void *thaw_array_grow(void **items, size_t *count, size_t *capacity, size_t item_size)
{
    char *slot;

    if (*count == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : 8;
        void *grown;

        if (wanted < *capacity)
            return NULL;
        grown = reallocarray(*items, wanted, item_size);
        if (!grown)
            return NULL;
        *items = grown;
        *capacity = wanted;
    }
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
