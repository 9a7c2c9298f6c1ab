/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_IMPORT_CHAIN_H
#define THAW_REPORT_IMPORT_CHAIN_H

#include "base/arena.h"
#include "report/import_tree.h"

/* How a module comes in: who asked for whom, and where in the user's own files. */

/* What has the "file" of the user's that asked for a module, itself or by a statement: of the
 * report's module and the one above it (NULL: none). NULL: it was not the user's. *ret_line (may be
 * NULL) is the line there, 0 not known. */
const json_t *thaw_import_place(const json_t *module, const json_t *above, uint64_t *ret_line);

/* The middle of longer ones is left out. */
#define THAW_IMPORT_CHAIN_LINKS 12

/* A place in a file of the user's. */
struct thaw_import_from {
    const json_t *place;  /* has its "file"; NULL: there is none */
    const json_t *module; /* whose file that is: has its "path" */
    uint64_t line;        /* 0 not known */
};

struct thaw_import_chain {
    /* "function_app > plots > matplotlib": from the user's own module that is furthest above;
     * without one, from the root. Shown text. */
    const char *names;
    struct thaw_import_from first;   /* where that asks for the next */
    struct thaw_import_from nearest; /* the user's nearest to the module */
};

/* Of a node of the tree; texts are the arena's. -ENOMEM. */
int thaw_import_chain(struct thaw_arena *arena, const struct thaw_import_tree *tree, size_t node,
                      struct thaw_import_chain *ret);

#endif
