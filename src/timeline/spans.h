/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_SPANS_H
#define THAW_TIMELINE_SPANS_H

#include <stddef.h>
#include <stdint.h>

/* How many of several kinds of things last at each time. */

enum { THAW_SPAN_KINDS = 3 };

/* One end of a span. */
struct thaw_span_edge {
    uint64_t time_ns;
    uint8_t kind; /* < THAW_SPAN_KINDS */
    uint8_t begins;
};

/* Of one kind. */
struct thaw_span_sum {
    uint64_t most;   /* at one time */
    uint64_t sum_ns; /* lengths of all, added up */
    uint64_t any_ns; /* at least one lasted */
    uint64_t own_ns; /* at least one, and none of the kinds before it */
};

/* Writes a span's two edges, unless it is empty; how many were written. */
size_t thaw_spans_add(struct thaw_span_edge *edges, unsigned kind, uint64_t start_ns,
                      uint64_t end_ns);

/* Sorts the edges and fills in the sums of all kinds. */
void thaw_spans_sum(struct thaw_span_edge *edges, size_t count,
                    struct thaw_span_sum ret[THAW_SPAN_KINDS]);

#endif
