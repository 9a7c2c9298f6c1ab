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

struct thaw_import_chain {
    /* "function_app.py:9 > function_app > pandas": from the user's own module that is furthest
     * above, and its statement; without one, from the root. Shown text. */
    const char *text;
    const json_t *place; /* with the "file" of the user's nearest to it; NULL: none is above it */
    uint64_t line;       /* there, 0 not known */
};

/* Of a node of the tree; texts are the arena's. -ENOMEM. */
int thaw_import_chain(struct thaw_arena *arena, const struct thaw_import_tree *tree, size_t node,
                      struct thaw_import_chain *ret);

#endif
