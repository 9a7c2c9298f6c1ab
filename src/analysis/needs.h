/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_NEEDS_H
#define THAW_ANALYSIS_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/graph.h"
#include "thaw/timeline.h"

/*
 * Who needs whom among the modules of one process, from the import tree (first importers) and from
 * the scan of the loaded bytecode (all others). Nodes are indexes into timeline->modules; one more
 * stands for the program itself (`__main__`), which is no module but imports like one.
 */
struct thaw_needs {
    const struct thaw_timeline *timeline;
    uint32_t process; /* id */
    struct thaw_graph graph;
    /* The import statements of the user's files that ask for a loaded module: the graph's. */
    THAW_ARRAY(const struct thaw_inventory_statement *) statements;
    struct thaw_needs_names *names; /* of the loaded modules */
    bool *named;                    /* of each node: does it stand for one of these? */
    uint32_t main_node;             /* the program's own */
    uint64_t main_ns;               /* when its code began, 0 not seen */
};

/* Does the recording hold the scan at all? Without it nothing may be concluded. */
bool thaw_needs_known(const struct thaw_timeline *timeline);

/* false when memory is short; else to be closed. */
bool thaw_needs_open(struct thaw_needs *needs, const struct thaw_timeline *timeline,
                     uint32_t process);

/* The loaded module of that name: its node, or UINT32_MAX. */
uint32_t thaw_needs_find(const struct thaw_needs *needs, const char *name);

/* Is it that module, or one below it? */
bool thaw_needs_is_below(const char *module, const char *name);

/* How many entries of sys.modules the marked nodes are: failed ones and repeated ones are none. */
uint64_t thaw_needs_count(const struct thaw_needs *needs, const bool *nodes);

void thaw_needs_close(struct thaw_needs *needs);

#endif
