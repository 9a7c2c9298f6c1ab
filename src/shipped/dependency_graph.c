/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "shipped/dependency_graph.h"

bool thaw_chains_open(struct thaw_chains *chains, size_t node_count)
{
    *chains = (struct thaw_chains){
        .parents = calloc(node_count + 1, sizeof(*chains->parents)),
        .depths = calloc(node_count + 1, sizeof(*chains->depths)),
        .begins = calloc(node_count + 1, sizeof(*chains->begins)),
        .queue = calloc(node_count + 1, sizeof(*chains->queue)),
    };
    if (!chains->parents || !chains->depths || !chains->begins || !chains->queue)
        return false;
    for (size_t i = 0; i < node_count; i++)
        chains->parents[i] = chains->depths[i] = THAW_SHIPPED_NONE;
    return true;
}

void thaw_chains_close(struct thaw_chains *chains)
{
    free(chains->parents);
    free(chains->depths);
    free(chains->begins);
    free(chains->queue);
}

static void chains_reach(struct thaw_chains *chains, uint32_t node, uint32_t parent)
{
    if (chains->depths[node] != THAW_SHIPPED_NONE)
        return;
    chains->parents[node] = parent;
    chains->depths[node] = parent == THAW_SHIPPED_NONE ? 0 : chains->depths[parent] + 1;
    chains->begins[node] = parent == THAW_SHIPPED_NONE ? node : chains->begins[parent];
    chains->queue[chains->count++] = node;
}

void thaw_chains_root(struct thaw_chains *chains, uint32_t node)
{
    chains_reach(chains, node, THAW_SHIPPED_NONE);
}

void thaw_chains_follow(struct thaw_chains *chains, const struct thaw_graph *graph)
{
    size_t next = chains->followed;

    for (; next < chains->count; next++) {
        uint32_t node = chains->queue[next];

        for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++)
            chains_reach(chains, graph->edges.items[i].to, node);
    }
    chains->followed = next;
}

static void set_costs(struct thaw_graph *graph,
                      const struct thaw_shipped_distribution *distributions, size_t offset)
{
    for (size_t i = 0; i < graph->node_count; i++)
        memcpy(&graph->costs[i], (const char *)&distributions[i].amount + offset,
               sizeof(graph->costs[i]));
}

bool thaw_dependency_exclusive(struct thaw_graph *graph,
                               struct thaw_shipped_distribution *distributions)
{
    static const size_t offsets[] = {
        offsetof(struct thaw_amount, files),
        offsetof(struct thaw_amount, bytes),
        offsetof(struct thaw_amount, disk_bytes),
    };
    uint64_t *retained = calloc(graph->node_count + 1, sizeof(*retained));
    bool enough = retained != NULL;

    for (size_t part = 0; enough && part < sizeof(offsets) / sizeof(offsets[0]); part++) {
        set_costs(graph, distributions, offsets[part]);
        enough = thaw_graph_retained(graph, retained);
        for (size_t i = 0; enough && i < graph->node_count; i++)
            memcpy((char *)&distributions[i].exclusive + offsets[part], &retained[i],
                   sizeof(retained[i]));
    }
    free(retained);
    return enough;
}
