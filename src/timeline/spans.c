/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/spans.h"

size_t thaw_spans_add(struct thaw_span_edge *edges, unsigned kind, uint64_t start_ns,
                      uint64_t end_ns)
{
    if (end_ns <= start_ns)
        return 0;
    edges[0] = (struct thaw_span_edge){start_ns, (uint8_t)kind, 1};
    edges[1] = (struct thaw_span_edge){end_ns, (uint8_t)kind, 0};
    return 2;
}

static int compare(const void *left, const void *right)
{
    const struct thaw_span_edge *a = left, *b = right;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->begins - b->begins; /* what ends, ends first */
}

void thaw_spans_sum(struct thaw_span_edge *edges, size_t count,
                    struct thaw_span_sum ret[THAW_SPAN_KINDS])
{
    uint64_t now[THAW_SPAN_KINDS] = {0};

    memset(ret, 0, THAW_SPAN_KINDS * sizeof(*ret));
    qsort(edges, count, sizeof(*edges), compare);
    for (size_t i = 0; i < count; i++) {
        uint64_t ns = i ? edges[i].time_ns - edges[i - 1].time_ns : 0;
        uint64_t *changed = &now[edges[i].kind], before = 0;

        for (size_t kind = 0; kind < THAW_SPAN_KINDS; kind++) {
            ret[kind].sum_ns += now[kind] * ns;
            ret[kind].any_ns += now[kind] ? ns : 0;
            ret[kind].own_ns += now[kind] && !before ? ns : 0;
            before += now[kind];
        }
        *changed += edges[i].begins ? 1 : (uint64_t)-1;
        if (*changed > ret[edges[i].kind].most)
            ret[edges[i].kind].most = *changed;
    }
}
