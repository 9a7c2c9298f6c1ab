/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_GRAPH_H
#define THAW_BASE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

/*
 * Who needs whom (modules of a process, distributions of a target): nodes are indexes, each with a
 * cost. Roots are there in any case. An edge may belong to a statement of the user's files, so that
 * it can be cut.
 */
#define THAW_GRAPH_NO_STATEMENT UINT32_MAX

struct thaw_graph_edge {
    uint32_t from;
    uint32_t to;
    uint32_t statement; /* index of the caller's, or THAW_GRAPH_NO_STATEMENT */
};

struct thaw_graph {
    size_t node_count;
    uint64_t *costs;
    bool *roots;
    THAW_ARRAY(struct thaw_graph_edge) edges;
    uint32_t *first; /* after thaw_graph_index(): of node i, edges first[i] .. first[i + 1] */
    /* After it, too: what is reached from the roots with all edges; of node i, edges
     * askers[asker_first[i]] .. that lead to it; of statement i, edges asked[asked_first[i]] .. */
    bool *reached;
    uint32_t *askers, *asker_first;
    uint32_t *asked, *asked_first;
    size_t statement_count;
};

/* Room for so many nodes, costs 0, no root; false when memory is short. */
bool thaw_graph_open(struct thaw_graph *graph, size_t node_count);

bool thaw_graph_connect(struct thaw_graph *graph, uint32_t from, uint32_t to, uint32_t statement);

/* Sorts the edges and drops repeated ones; needed before the questions below. false when memory is
 * short. */
bool thaw_graph_index(struct thaw_graph *graph);

/*
 * The cost of what is no longer reached when the edges of the marked statements are cut. lost
 * (node_count, may be NULL) is set to which nodes. false when memory is short.
 */
bool thaw_graph_cut(const struct thaw_graph *graph, const bool *statements, uint64_t *ret_cost,
                    bool *lost);

/*
 * The same with nodes gone altogether as well (node_count, may be NULL): they are lost, and nothing
 * is reached through them.
 */
bool thaw_graph_remove(const struct thaw_graph *graph, const bool *statements, const bool *gone,
                       uint64_t *ret_cost, bool *lost);

/*
 * The cost of what is reached from the nodes in from (node_count), those included, and not from the
 * roots, when the edges of the marked statements are cut. more (node_count, may be NULL) is set to
 * which nodes. false when memory is short.
 */
bool thaw_graph_beyond(const struct thaw_graph *graph, const bool *statements, const bool *from,
                       uint64_t *ret_cost, bool *more);

/* For each node: its cost and that of all that is reached only through it. */
bool thaw_graph_retained(const struct thaw_graph *graph, uint64_t *retained);

void thaw_graph_close(struct thaw_graph *graph);

#endif
