/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_IMPORT_TREE_H
#define THAW_REPORT_IMPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "thaw/error.h"

/*
 * The modules of a report as the tree of who asked for whom, in an array that is walked without
 * recursion: preorder, so that what a module imported stands behind it, up to its end. Roots are
 * sorted by process, thread and start, what is below them by start.
 */
#define THAW_IMPORT_NONE SIZE_MAX

struct thaw_import_node {
    const json_t *module; /* of the report */
    size_t parent;        /* place of the one that asked for it, THAW_IMPORT_NONE: a root */
    size_t end;           /* place behind all that is below it */
    size_t depth;         /* 0: a root */
    uint64_t id;
    uint64_t process; /* the report's id, 0: not known */
    uint64_t tid;
    uint64_t start_ns; /* on the report's clock; derived where the module isn't timed */
    uint64_t total_ns; /* 0: not known, as of one that did not finish */
    uint64_t self_ns;
    bool timed;
};

struct thaw_import_tree {
    struct thaw_import_node *nodes;
    size_t count;
};

/*
 * Of a report's "modules"; none where it has none. A module is a root when its parent isn't in the
 * report, is in another process or has no lower id (what thaw writes has). The nodes point into the
 * report. -ENOMEM; freed by thaw_import_tree_free() in either case.
 */
int thaw_import_tree_build(const json_t *report, struct thaw_import_tree *ret,
                           struct thaw_error *error);
void thaw_import_tree_free(struct thaw_import_tree *tree);

#endif
