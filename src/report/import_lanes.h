/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_IMPORT_LANES_H
#define THAW_REPORT_IMPORT_LANES_H

#include "report/import_tree.h"
#include "report/nesting.h"

/*
 * The imports of a report by what ran them: a thread, or one of its stacks where a program switches
 * them. What a module's own code waited for on another thread is no part of its own time: in a lane
 * an import is below the nearest one above it that is of the same lane.
 */
struct thaw_lane_import {
    const struct thaw_import_node *node;
    size_t parent; /* place in imports, THAW_IMPORT_NONE: a root of its lane */
    size_t depth;
};

struct thaw_import_lane {
    uint64_t process, tid, strand; /* strand 0: the thread's own stack */
    size_t first, count;           /* of imports, in preorder */
    uint64_t total_ns;             /* of its roots together */
};

struct thaw_import_lanes {
    struct thaw_import_tree tree;
    struct thaw_lane_import *imports;
    struct thaw_interval *times; /* of each import; places in them count from the lane's first */
    size_t *order;               /* the same by time */
    struct thaw_import_lane *items;
    size_t count; /* sorted by process, tid, strand */
};

/* Of all modules of the report, whose nodes point into it. -ENOMEM; freed in either case by
 * thaw_import_lanes_free(). */
int thaw_import_lanes_build(const json_t *report, struct thaw_import_lanes *ret,
                            struct thaw_error *error);
void thaw_import_lanes_free(struct thaw_import_lanes *lanes);

/* The lane's imports, each one behind what it imported, as CPython reports them: calls visit with
 * the place of each. */
typedef void thaw_import_visit(const struct thaw_import_lanes *lanes, size_t place, void *context);
void thaw_import_lane_postorder(const struct thaw_import_lanes *lanes,
                                const struct thaw_import_lane *lane, thaw_import_visit *visit,
                                void *context);

#endif
