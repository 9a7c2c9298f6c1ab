/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_NEEDS_PRIVATE_H
#define THAW_ANALYSIS_NEEDS_PRIVATE_H

#include "analysis/needs.h"
#include "base/table.h"

/* What is needed while the graph is made. */
#define THAW_NEEDS_NONE UINT32_MAX

/* Modules by file: several may run the same one. */
struct thaw_needs_file {
    const char *path;
    THAW_ARRAY(uint32_t) nodes;
    UT_hash_handle hh;
};

struct thaw_needs_builder {
    struct thaw_needs *needs;
    struct thaw_needs_file *files;
    const char *main_file; /* of the program itself, "" none */
    uint32_t *lazy_of;     /* of each node: the package that loads it for others, NONE */
    bool *has_lazy;        /* of each node: is it such a package? */
    uint64_t *asked;       /* edges of statements, sorted: the node from, then the node to */
    size_t asked_count;
    uint32_t taken_depth;
    bool failed;
};

static inline const struct thaw_module *thaw_needs_module(const struct thaw_needs *needs,
                                                          uint32_t node)
{
    return &needs->timeline->modules[node];
}

/* Adds all edges, once modules, names and files are there. */
void thaw_needs_add_edges(struct thaw_needs_builder *builder);

#endif
