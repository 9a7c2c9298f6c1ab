/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/graph.h"

#define NOWHERE UINT32_MAX

bool thaw_graph_open(struct thaw_graph *graph, size_t node_count)
{
    memset(graph, 0, sizeof(*graph));
    graph->node_count = node_count;
    graph->costs = calloc(node_count + 1, sizeof(*graph->costs));
    graph->roots = calloc(node_count + 1, sizeof(*graph->roots));
    graph->first = calloc(node_count + 2, sizeof(*graph->first));
    graph->reached = calloc(node_count + 1, sizeof(*graph->reached));
    if (graph->costs && graph->roots && graph->first && graph->reached)
        return true;
    thaw_graph_close(graph);
    return false;
}

bool thaw_graph_connect(struct thaw_graph *graph, uint32_t from, uint32_t to, uint32_t statement)
{
    struct thaw_graph_edge *edge;

    if (from == to)
        return true;
    edge = thaw_array_add(&graph->edges);
    if (!edge)
        return false;
    *edge = (struct thaw_graph_edge){.from = from, .to = to, .statement = statement};
    return true;
}

static int compare_edges(const void *left, const void *right)
{
    const struct thaw_graph_edge *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    return a->statement < b->statement ? -1 : a->statement > b->statement;
}

static bool is_cut(const struct thaw_graph_edge *edge, const bool *statements)
{
    return statements && edge->statement != THAW_GRAPH_NO_STATEMENT && statements[edge->statement];
}

/* A question about the graph: what is not there, and where to begin. */
struct walk {
    const bool *statements; /* their edges are cut; NULL none */
    const bool *from;       /* nodes where it begins besides the roots; NULL none */
};

/* Marks what is reached; work is room for node_count indexes. */
static void reach(const struct thaw_graph *graph, const struct walk *walk, bool *reached,
                  uint32_t *work)
{
    size_t waiting = 0;

    for (uint32_t node = 0; node < graph->node_count; node++) {
        reached[node] = graph->roots[node] || (walk->from && walk->from[node]);
        if (reached[node])
            work[waiting++] = node;
    }
    while (waiting) {
        uint32_t node = work[--waiting];

        for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++) {
            const struct thaw_graph_edge *edge = &graph->edges.items[i];

            if (reached[edge->to] || is_cut(edge, walk->statements))
                continue;
            reached[edge->to] = true;
            work[waiting++] = edge->to;
        }
    }
}

static bool reach_all(struct thaw_graph *graph)
{
    const struct walk whole = {0};
    uint32_t *work = calloc(graph->node_count + 1, sizeof(*work));
    bool enough = work != NULL;

    if (enough)
        reach(graph, &whole, graph->reached, work);
    free(work);
    return enough;
}

/* firsts[i] becomes where the places of key i begin in places, which get the edges by key. */
static void place_edges(const struct thaw_graph *graph, size_t keys, bool by_statement,
                        uint32_t *firsts, uint32_t *places)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = graph->edges.count; i-- > 0;) {
            const struct thaw_graph_edge *edge = &graph->edges.items[i];
            uint32_t key = by_statement ? edge->statement : edge->to;

            if (by_statement && key == THAW_GRAPH_NO_STATEMENT)
                continue;
            if (pass == 0)
                firsts[key]++;
            else
                places[--firsts[key]] = (uint32_t)i;
        }
        for (size_t i = 1; pass == 0 && i <= keys; i++)
            firsts[i] += firsts[i - 1];
    }
}

static bool index_askers(struct thaw_graph *graph)
{
    graph->asker_first = calloc(graph->node_count + 2, sizeof(*graph->asker_first));
    graph->askers = calloc(graph->edges.count + 1, sizeof(*graph->askers));
    if (!graph->asker_first || !graph->askers)
        return false;
    place_edges(graph, graph->node_count, false, graph->asker_first, graph->askers);
    return true;
}

static bool index_statements(struct thaw_graph *graph)
{
    for (size_t i = 0; i < graph->edges.count; i++) {
        uint32_t statement = graph->edges.items[i].statement;

        if (statement != THAW_GRAPH_NO_STATEMENT && statement >= graph->statement_count)
            graph->statement_count = statement + (size_t)1;
    }
    graph->asked_first = calloc(graph->statement_count + 2, sizeof(*graph->asked_first));
    graph->asked = calloc(graph->edges.count + 1, sizeof(*graph->asked));
    if (!graph->asked_first || !graph->asked)
        return false;
    place_edges(graph, graph->statement_count, true, graph->asked_first, graph->asked);
    return true;
}

bool thaw_graph_index(struct thaw_graph *graph)
{
    size_t kept = 0;

    if (graph->edges.count)
        qsort(graph->edges.items, graph->edges.count, sizeof(*graph->edges.items), compare_edges);
    for (size_t i = 0; i < graph->edges.count; i++) {
        if (!kept || compare_edges(&graph->edges.items[kept - 1], &graph->edges.items[i]))
            graph->edges.items[kept++] = graph->edges.items[i];
    }
    graph->edges.count = kept;
    memset(graph->first, 0, (graph->node_count + 2) * sizeof(*graph->first));
    for (size_t i = 0; i < kept; i++)
        graph->first[graph->edges.items[i].from + 1]++;
    for (size_t i = 0; i <= graph->node_count; i++)
        graph->first[i + 1] += graph->first[i];
    return reach_all(graph) && index_askers(graph) && index_statements(graph);
}

/* The cost of what is reached there, and not by the walk. */
static bool beyond(const struct thaw_graph *graph, const bool *reached, const struct walk *walk,
                   uint64_t *ret_cost, bool *nodes)
{
    bool *less = calloc(graph->node_count + 1, sizeof(*less));
    uint32_t *work = calloc(graph->node_count + 1, sizeof(*work));
    bool enough = less && work;

    *ret_cost = 0;
    if (enough)
        reach(graph, walk, less, work);
    for (size_t node = 0; enough && node < graph->node_count; node++) {
        bool differs = reached[node] && !less[node];

        if (nodes)
            nodes[node] = differs;
        if (differs)
            *ret_cost += graph->costs[node];
    }
    free(less);
    free(work);
    return enough;
}

bool thaw_graph_beyond(const struct thaw_graph *graph, const bool *statements, const bool *from,
                       uint64_t *ret_cost, bool *more)
{
    struct walk with = {.statements = statements, .from = from};
    struct walk without = {.statements = statements};
    bool *reached = calloc(graph->node_count + 1, sizeof(*reached));
    uint32_t *work = calloc(graph->node_count + 1, sizeof(*work));
    bool enough = reached && work;

    if (enough)
        reach(graph, &with, reached, work);
    enough = enough && beyond(graph, reached, &without, ret_cost, more);
    free(work);
    free(reached);
    return enough;
}

/*
 * Dominators by the method of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm",
 * 2001): nodes in reverse postorder from one common root above all roots.
 */
struct dominators {
    const struct thaw_graph *graph;
    uint32_t root;      /* node_count: the common root */
    uint32_t *order;    /* reverse postorder: nodes */
    uint32_t *position; /* of a node in it, NOWHERE unreached */
    uint32_t *above;    /* immediate dominator */
    uint32_t *next_edge;
    uint32_t *stack;
    size_t count;
};

static void close_dominators(struct dominators *dominators)
{
    free(dominators->order);
    free(dominators->position);
    free(dominators->above);
    free(dominators->next_edge);
    free(dominators->stack);
}

static bool open_dominators(struct dominators *dominators, const struct thaw_graph *graph)
{
    size_t count = graph->node_count + 1;

    memset(dominators, 0, sizeof(*dominators));
    dominators->graph = graph;
    dominators->root = (uint32_t)graph->node_count;
    dominators->order = calloc(count, sizeof(uint32_t));
    dominators->position = calloc(count, sizeof(uint32_t));
    dominators->above = calloc(count, sizeof(uint32_t));
    dominators->next_edge = calloc(count, sizeof(uint32_t));
    dominators->stack = calloc(count, sizeof(uint32_t));
    if (!dominators->order || !dominators->position || !dominators->above ||
        !dominators->next_edge || !dominators->stack)
        return false;
    for (size_t i = 0; i < count; i++)
        dominators->position[i] = dominators->above[i] = NOWHERE;
    return true;
}

/* Walks what is below one root, appending nodes in postorder; position marks those seen. */
static void walk_below(struct dominators *dominators, uint32_t root)
{
    const struct thaw_graph *graph = dominators->graph;
    size_t depth = 0;

    dominators->stack[depth++] = root;
    dominators->position[root] = 0;
    dominators->next_edge[root] = graph->first[root];
    while (depth) {
        uint32_t node = dominators->stack[depth - 1];

        if (dominators->next_edge[node] < graph->first[node + 1]) {
            uint32_t to = graph->edges.items[dominators->next_edge[node]++].to;

            if (dominators->position[to] != NOWHERE)
                continue;
            dominators->position[to] = 0;
            dominators->next_edge[to] = graph->first[to];
            dominators->stack[depth++] = to;
        } else {
            dominators->order[dominators->count++] = node;
            depth--;
        }
    }
}

static void order_nodes(struct dominators *dominators)
{
    for (uint32_t node = 0; node < dominators->graph->node_count; node++) {
        if (dominators->graph->roots[node] && dominators->position[node] == NOWHERE)
            walk_below(dominators, node);
    }
    dominators->order[dominators->count++] = dominators->root;
    for (size_t i = 0; i < dominators->count / 2; i++) {
        uint32_t swap = dominators->order[i];

        dominators->order[i] = dominators->order[dominators->count - 1 - i];
        dominators->order[dominators->count - 1 - i] = swap;
    }
    for (size_t i = 0; i < dominators->count; i++)
        dominators->position[dominators->order[i]] = (uint32_t)i;
}

static uint32_t common_dominator(const struct dominators *dominators, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (dominators->position[a] > dominators->position[b])
            a = dominators->above[a];
        while (dominators->position[b] > dominators->position[a])
            b = dominators->above[b];
    }
    return a;
}

/* Lets from's dominators bear on to; true when to's dominator changed. */
static bool relax(struct dominators *dominators, uint32_t from, uint32_t to)
{
    uint32_t above = dominators->above[to], common;

    if (dominators->above[from] == NOWHERE)
        return false; /* its own turn comes first */
    common = above == NOWHERE ? from : common_dominator(dominators, from, above);
    if (common == above)
        return false;
    dominators->above[to] = common;
    return true;
}

static void find_dominators(struct dominators *dominators)
{
    const struct thaw_graph *graph = dominators->graph;
    bool changed = true;

    dominators->above[dominators->root] = dominators->root;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < dominators->count; i++) {
            uint32_t node = dominators->order[i];

            if (node == dominators->root)
                continue;
            if (graph->roots[node])
                changed |= relax(dominators, dominators->root, node);
            for (uint32_t e = graph->first[node]; e < graph->first[node + 1]; e++)
                changed |= relax(dominators, node, graph->edges.items[e].to);
        }
    }
}

bool thaw_graph_retained(const struct thaw_graph *graph, uint64_t *retained)
{
    struct dominators dominators;
    bool enough = open_dominators(&dominators, graph);

    if (enough) {
        order_nodes(&dominators);
        find_dominators(&dominators);
        for (size_t i = 0; i < graph->node_count; i++)
            retained[i] = graph->costs[i];
        /* A dominator comes before what it dominates: add up from the end. */
        for (size_t i = dominators.count; i-- > 1;) {
            uint32_t node = dominators.order[i], above = dominators.above[node];

            if (node != dominators.root && above != NOWHERE && above != dominators.root)
                retained[above] += retained[node];
        }
    }
    close_dominators(&dominators);
    return enough;
}

void thaw_graph_close(struct thaw_graph *graph)
{
    free(graph->costs);
    free(graph->roots);
    free(graph->first);
    free(graph->reached);
    free(graph->askers);
    free(graph->asker_first);
    free(graph->asked);
    free(graph->asked_first);
    thaw_array_free(&graph->edges);
    memset(graph, 0, sizeof(*graph));
}
