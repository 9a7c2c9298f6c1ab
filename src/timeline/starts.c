/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/starts.h"

static int compare(const void *left, const void *right)
{
    const struct thaw_start *a = left, *b = right;

    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void thaw_starts_sort(struct thaw_start *starts, size_t count)
{
    if (count)
        qsort(starts, count, sizeof(*starts), compare);
}

bool thaw_starts_apply(const struct thaw_start *starts, size_t count, void *items, size_t item_size)
{
    char *copy;

    if (!count)
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

bool thaw_starts_order(void *items, size_t count, size_t item_size, size_t time_offset)
{
    struct thaw_start *starts = calloc(count + 1, sizeof(*starts));
    bool enough = starts != NULL;

    for (size_t i = 0; enough && i < count; i++) {
        starts[i].index = (uint32_t)i;
        memcpy(&starts[i].start_ns, (const char *)items + i * item_size + time_offset,
               sizeof(starts[i].start_ns));
    }
    if (enough) {
        thaw_starts_sort(starts, count);
        enough = thaw_starts_apply(starts, count, items, item_size);
    }
    free(starts);
    return enough;
}
