/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analysis/memory.h"

/*
 * Predictions were within 5 points of the imports' whole cost for all sets that were proved
 * (facts: advice.md, table of savings); a full collection may vanish as well, or not.
 */
#define POINTS_OFF 5

static uint64_t imports_ns(const struct thaw_needs *needs)
{
    uint64_t sum = 0;

    for (size_t node = 0; node < needs->graph.node_count; node++)
        sum += needs->graph.costs[node];
    return sum;
}

static uint64_t longest_gc_ns(const struct thaw_timeline *timeline, uint32_t process)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < timeline->process_count; i++) {
        if (timeline->processes[i].id == process)
            longest = timeline->processes[i].gc_longest_ns;
    }
    return longest;
}

bool thaw_saving_of(const struct thaw_timeline *timeline, const struct thaw_track *track,
                    const struct thaw_needs *needs, const bool *statements, const bool *gone,
                    struct thaw_saving *ret, bool *lost)
{
    uint64_t off;

    memset(ret, 0, sizeof(*ret));
    ret->proof = "predicted";
    if (!thaw_graph_remove(&needs->graph, statements, gone, &ret->ns, lost))
        return false;
    if (memchr(lost, true, needs->graph.node_count))
        ret->modules = thaw_needs_count(needs, lost);
    if (!ret->ns)
        return true;
    off = imports_ns(needs) / 100 * POINTS_OFF;
    ret->low_ns = ret->ns > off ? ret->ns - off : 0;
    ret->gc_ns = longest_gc_ns(timeline, needs->process);
    ret->high_ns = ret->ns + off + ret->gc_ns;
    if (track && track->total_ns)
        ret->share = (double)ret->ns / (double)track->total_ns;
    return true;
}
