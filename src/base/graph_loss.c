/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is lost without some edges or nodes, by looking only at what lies behind them: a question
 * for each of ten thousand statements must not walk the whole graph each time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/graph.h"

enum mark {
    UNKNOWN, /* as it was */
    SUSPECT, /* reached through something that isn't there any more, as far as is known */
    STAYS,
};

struct loss {
    const struct thaw_graph *graph;
    const bool *statements; /* NULL none */
    const bool *gone;       /* NULL none */
    unsigned char *marks;
    uint32_t *suspects; /* nodes */
    uint32_t *work;
    size_t count;
};

static bool is_gone(const struct loss *loss, uint32_t node)
{
    return loss->gone && loss->gone[node];
}

static bool is_cut(const struct loss *loss, const struct thaw_graph_edge *edge)
{
    return loss->statements && edge->statement != THAW_GRAPH_NO_STATEMENT &&
           loss->statements[edge->statement];
}

static void suspect(struct loss *loss, uint32_t node)
{
    if (loss->marks[node] != UNKNOWN || !loss->graph->reached[node])
        return;
    loss->marks[node] = SUSPECT;
    loss->suspects[loss->count++] = node;
}

/* What the cut statements ask for, what is gone, and all behind it. */
static void suspect_all(struct loss *loss)
{
    const struct thaw_graph *graph = loss->graph;
    const bool *begin = loss->statements, *end = begin ? begin + graph->statement_count : NULL;

    for (const bool *at = begin; at && at < end; at++) {
        at = memchr(at, true, (size_t)(end - at));
        if (!at)
            break;
        for (uint32_t i = graph->asked_first[at - begin]; i < graph->asked_first[at - begin + 1];
             i++)
            suspect(loss, graph->edges.items[graph->asked[i]].to);
    }
    for (uint32_t node = 0; loss->gone && node < graph->node_count; node++)
        if (loss->gone[node])
            suspect(loss, node);
    for (size_t i = 0; i < loss->count; i++) {
        uint32_t node = loss->suspects[i];

        for (uint32_t n = graph->first[node]; n < graph->first[node + 1]; n++)
            suspect(loss, graph->edges.items[n].to);
    }
}

/* Is it a root, or does something ask for it that isn't suspected itself? */
static bool has_other_asker(const struct loss *loss, uint32_t node)
{
    const struct thaw_graph *graph = loss->graph;

    if (is_gone(loss, node))
        return false;
    if (graph->roots[node])
        return true;
    for (uint32_t i = graph->asker_first[node]; i < graph->asker_first[node + 1]; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[graph->askers[i]];

        if (loss->marks[edge->from] == UNKNOWN && graph->reached[edge->from] && !is_cut(loss, edge))
            return true;
    }
    return false;
}

static void clear_from(struct loss *loss, uint32_t node)
{
    const struct thaw_graph *graph = loss->graph;
    size_t waiting = 0;

    loss->marks[node] = STAYS;
    loss->work[waiting++] = node;
    while (waiting) {
        node = loss->work[--waiting];
        for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++) {
            const struct thaw_graph_edge *edge = &graph->edges.items[i];

            if (loss->marks[edge->to] != SUSPECT || is_cut(loss, edge) || is_gone(loss, edge->to))
                continue;
            loss->marks[edge->to] = STAYS;
            loss->work[waiting++] = edge->to;
        }
    }
}

static void tell(const struct loss *loss, uint64_t *ret_cost, bool *lost)
{
    for (size_t i = 0; i < loss->count; i++) {
        uint32_t node = loss->suspects[i];

        if (loss->marks[node] != SUSPECT)
            continue;
        *ret_cost += loss->graph->costs[node];
        if (lost)
            lost[node] = true;
    }
}

bool thaw_graph_cut(const struct thaw_graph *graph, const bool *statements, uint64_t *ret_cost,
                    bool *lost)
{
    return thaw_graph_remove(graph, statements, NULL, ret_cost, lost);
}

bool thaw_graph_remove(const struct thaw_graph *graph, const bool *statements, const bool *gone,
                       uint64_t *ret_cost, bool *lost)
{
    size_t nodes = graph->node_count + 1;
    struct loss loss = {.graph = graph,
                        .statements = statements,
                        .gone = gone,
                        .marks = calloc(nodes, sizeof(*loss.marks)),
                        .suspects = calloc(nodes, sizeof(*loss.suspects)),
                        .work = calloc(nodes, sizeof(*loss.work))};
    bool enough = loss.marks && loss.suspects && loss.work;

    *ret_cost = 0;
    if (lost)
        memset(lost, 0, graph->node_count * sizeof(*lost));
    if (enough) {
        suspect_all(&loss);
        for (size_t i = 0; i < loss.count; i++)
            if (loss.marks[loss.suspects[i]] == SUSPECT && has_other_asker(&loss, loss.suspects[i]))
                clear_from(&loss, loss.suspects[i]);
        tell(&loss, ret_cost, lost);
    }
    free(loss.work);
    free(loss.suspects);
    free(loss.marks);
    return enough;
}
