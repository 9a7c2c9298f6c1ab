/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/nesting.h"

static int compare_starts(const void *left, const void *right, void *intervals)
{
    const struct thaw_interval *all = intervals;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;

    if (all[a].start_ns != all[b].start_ns)
        return all[a].start_ns < all[b].start_ns ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* One of no length at the very end of another is in it only if the tree says so. */
static bool is_over(const struct thaw_interval *intervals, size_t top, size_t place)
{
    if (intervals[top].end_ns != intervals[place].start_ns)
        return intervals[top].end_ns < intervals[place].start_ns;
    return !(top < place && place < intervals[top].behind);
}

int thaw_nesting(struct thaw_interval *intervals, size_t count, size_t *order,
                 struct thaw_error *error)
{
    size_t *open = calloc(count + 1, sizeof(*open)), depth = 0;

    if (!open)
        return thaw_error_memory(error);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof(*order), compare_starts, intervals);
    for (size_t i = 0; i < count; i++) {
        struct thaw_interval *one = &intervals[order[i]];

        while (depth && is_over(intervals, open[depth - 1], order[i]))
            depth--;
        one->above = depth ? open[depth - 1] : THAW_NESTING_NONE;
        one->nests = one->start_ns <= one->end_ns &&
                     (!depth || one->end_ns <= intervals[open[depth - 1]].end_ns);
        if (one->nests)
            open[depth++] = order[i];
    }
    free(open);
    return 0;
}
