/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_ARRAY_H
#define THAW_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Growable arrays: `THAW_ARRAY(struct span) spans = {0};` holds items, count and capacity.
 * The items move when the array grows: keep indexes, not pointers, while adding.
 */
#define THAW_ARRAY(type)                                                                           \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/*
 * Makes room for one more item and returns its (zeroed) address, or NULL when memory is short
 * or the size would overflow; the array is unchanged then.
 */
#define thaw_array_add(array)                                                                      \
    ((__typeof__((array)->items))thaw_array_grow((void **)&(array)->items, &(array)->count,        \
                                                 &(array)->capacity, sizeof(*(array)->items)))

/* Makes room for count items in all; false when memory is short, the array is unchanged then. */
#define thaw_array_reserve(array, wanted)                                                          \
    thaw_array_make_room((void **)&(array)->items, &(array)->capacity, sizeof(*(array)->items),    \
                         wanted)

/* Frees the items; the array is empty and usable afterwards. */
#define thaw_array_free(array)                                                                     \
    thaw_array_release((void **)&(array)->items, &(array)->count, &(array)->capacity)

void *thaw_array_grow(void **items, size_t *count, size_t *capacity, size_t item_size);
bool thaw_array_make_room(void **items, size_t *capacity, size_t item_size, size_t wanted);
void thaw_array_release(void **items, size_t *count, size_t *capacity);

#endif
