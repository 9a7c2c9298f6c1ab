/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/by_time.h"

static int compare(const void *left, const void *right)
{
    const struct thaw_by_time *a = left, *b = right;

    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool is_sorted(const struct thaw_by_time *starts, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&starts[i - 1], &starts[i]) > 0)
            return false;
    return true;
}

void thaw_by_time_sort(struct thaw_by_time *starts, size_t count)
{
    if (!is_sorted(starts, count))
        qsort(starts, count, sizeof(*starts), compare);
}

bool thaw_by_time_apply(const struct thaw_by_time *starts, size_t count, void *items,
                        size_t item_size)
{
    size_t placed = 0;
    char *copy;

    while (placed < count && starts[placed].index == placed)
        placed++;
    if (placed == count)
        return true;
    copy = reallocarray(NULL, count, item_size);
    if (!copy)
        return false;
    memcpy(copy, items, count * item_size);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)items + i * item_size, copy + starts[i].index * item_size, item_size);
    free(copy);
    return true;
}

bool thaw_by_time_order(void *items, size_t count, size_t item_size, size_t time_offset)
{
    struct thaw_by_time *starts = calloc(count + 1, sizeof(*starts));
    bool enough = starts != NULL;

    for (size_t i = 0; enough && i < count; i++) {
        starts[i].index = (uint32_t)i;
        memcpy(&starts[i].start_ns, (const char *)items + i * item_size + time_offset,
               sizeof(starts[i].start_ns));
    }
    if (enough) {
        thaw_by_time_sort(starts, count);
        enough = thaw_by_time_apply(starts, count, items, item_size);
    }
    free(starts);
    return enough;
}
