/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_DEPENDENCY_GRAPH_H
#define THAW_SHIPPED_DEPENDENCY_GRAPH_H

#include "base/graph.h"
#include "thaw/shipped.h"

/*
 * Why each distribution is there: chains from what was asked for, and what would go with it. Nodes
 * of the graph are distributions, an edge goes from one to what it requires here.
 */

/* The shortest chains so far. */
struct thaw_chains {
    uint32_t *parents; /* of a distribution: the one before it, NONE: it begins a chain */
    uint32_t *depths;  /* how many come before it, NONE: it is not reached */
    uint32_t *begins;  /* which one begins its chain */
    uint32_t *queue;
    size_t count;    /* in the queue: all that are reached */
    size_t followed; /* of them, whose edges have been */
};

/* False: memory is short; thaw_chains_close() in any case. */
bool thaw_chains_open(struct thaw_chains *chains, size_t node_count);
void thaw_chains_close(struct thaw_chains *chains);

/* A distribution that begins a chain, unless it is reached already. */
void thaw_chains_root(struct thaw_chains *chains, uint32_t node);

/* Follows the edges from the roots since the last call: what earlier ones reach stays theirs. The
 * graph must be indexed. */
void thaw_chains_follow(struct thaw_chains *chains, const struct thaw_graph *graph);

/*
 * Sets exclusive of each distribution from their amounts: of what is reached from the graph's
 * roots only through it (its dominators' subtree), and itself. False: memory is short.
 */
bool thaw_dependency_exclusive(struct thaw_graph *graph,
                               struct thaw_shipped_distribution *distributions);

#endif
