/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_TEMPLATE_TREE_NAMES_H
#define THAW_PROJECT_TEMPLATE_TREE_NAMES_H

#include "base/table.h"
#include "project/templates/template_tree.h"

/* A name that references are looked up by: "SCOPE/PREFIXname". The tree's own. */
struct thaw_tree_name {
    const struct thaw_tree_node *value; /* NULL: not known */
    bool is_parameter;
    UT_hash_handle hh;
};

const struct thaw_tree_name *thaw_tree_find_name(struct thaw_tree *tree, uint32_t scope,
                                                 const char *name);

/* The text of a JOIN whose children are followed already; hole NULL: an unknown part's own name in
 * braces. NULL: it is too long, or memory is short. */
const char *thaw_tree_joined(struct thaw_tree *tree, const struct thaw_tree_node *node,
                             const char *hole);

/* Counts in steps what was passed in looking for something. */
void thaw_tree_pass(struct thaw_tree *tree, size_t passed);

/* thaw_tree_written(), counted in steps, so that large objects asked for often hit the bound. */
const struct thaw_tree_node *thaw_tree_seek(struct thaw_tree *tree,
                                            const struct thaw_tree_node *object, const char *key);

#endif
