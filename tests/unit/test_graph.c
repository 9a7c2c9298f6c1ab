/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/graph.h"

enum { MOST_NODES = 24, ROUNDS = 400 };

/* 0 (root) needs 1 and 2 by statements 0 and 1; both need 3; 2 needs 4. */
static void open_diamond(struct thaw_graph *graph)
{
    assert_true(thaw_graph_open(graph, 5));
    for (int i = 0; i < 5; i++)
        graph->costs[i] = 1u << i;
    graph->roots[0] = true;
    assert_true(thaw_graph_connect(graph, 0, 1, 0));
    assert_true(thaw_graph_connect(graph, 0, 2, 1));
    assert_true(thaw_graph_connect(graph, 1, 3, THAW_GRAPH_NO_STATEMENT));
    assert_true(thaw_graph_connect(graph, 2, 3, THAW_GRAPH_NO_STATEMENT));
    assert_true(thaw_graph_connect(graph, 2, 4, THAW_GRAPH_NO_STATEMENT));
    assert_true(thaw_graph_connect(graph, 2, 4, THAW_GRAPH_NO_STATEMENT));
    assert_true(thaw_graph_index(graph));
}

static uint64_t cut(const struct thaw_graph *graph, bool first, bool second)
{
    bool statements[2] = {first, second};
    uint64_t cost;

    assert_true(thaw_graph_cut(graph, statements, &cost, NULL));
    return cost;
}

static void savings_do_not_add_up(void **state)
{
    struct thaw_graph graph;

    (void)state;
    open_diamond(&graph);
    assert_int_equal(graph.edges.count, 5); /* the repeated one is gone */
    assert_int_equal(cut(&graph, false, false), 0);
    assert_int_equal(cut(&graph, true, false), 2);
    assert_int_equal(cut(&graph, false, true), 4 + 16);
    assert_int_equal(cut(&graph, true, true), 2 + 4 + 8 + 16);
    thaw_graph_close(&graph);
}

static void nodes_that_are_gone(void **state)
{
    struct thaw_graph graph;
    bool gone[5] = {[3] = true}, statements[2] = {false, true}, lost[5];
    uint64_t cost;

    (void)state;
    open_diamond(&graph);
    assert_true(thaw_graph_remove(&graph, NULL, gone, &cost, lost));
    assert_int_equal(cost, 8);
    assert_true(lost[3] && !lost[4]);
    gone[2] = true;
    assert_true(thaw_graph_remove(&graph, NULL, gone, &cost, NULL));
    assert_int_equal(cost, 4 + 8 + 16);
    gone[2] = false;
    assert_true(thaw_graph_remove(&graph, statements, gone, &cost, NULL));
    assert_int_equal(cost, 4 + 8 + 16);
    thaw_graph_close(&graph);
}

/* What would be reached as well if it began at some nodes, too. */
static void what_a_call_brings(void **state)
{
    struct thaw_graph graph;
    bool statements[2] = {true, true}, from[5] = {[1] = true}, more[5];
    uint64_t cost;

    (void)state;
    open_diamond(&graph);
    assert_true(thaw_graph_beyond(&graph, statements, from, &cost, more));
    assert_int_equal(cost, 2 + 8);
    assert_true(more[1] && more[3] && !more[0] && !more[2]);
    statements[1] = false; /* 3 is there by 2 */
    assert_true(thaw_graph_beyond(&graph, statements, from, &cost, NULL));
    assert_int_equal(cost, 2);
    assert_true(thaw_graph_beyond(&graph, NULL, from, &cost, NULL));
    assert_int_equal(cost, 0);
    thaw_graph_close(&graph);
}

static void retained_counts_what_only_it_brings(void **state)
{
    static const uint64_t expected[] = {1 + 2 + 4 + 8 + 16, 2, 4 + 16, 8, 16};
    struct thaw_graph graph;
    uint64_t retained[5];

    (void)state;
    open_diamond(&graph);
    assert_true(thaw_graph_retained(&graph, retained));
    assert_memory_equal(retained, expected, sizeof(expected));
    thaw_graph_close(&graph);
}

/* The definition, without cleverness: what is reached less what is reached without the node. */
static uint64_t retained_by_removal(const struct thaw_graph *graph, uint32_t removed)
{
    bool reached[2][MOST_NODES] = {0};
    uint64_t cost = 0;

    for (int without = 0; without < 2; without++) {
        bool changed = true;

        for (uint32_t i = 0; i < graph->node_count; i++)
            reached[without][i] = graph->roots[i] && !(without && i == removed);
        while (changed) {
            changed = false;
            for (size_t i = 0; i < graph->edges.count; i++) {
                const struct thaw_graph_edge *edge = &graph->edges.items[i];

                if (!reached[without][edge->from] || reached[without][edge->to] ||
                    (without && edge->to == removed))
                    continue;
                reached[without][edge->to] = changed = true;
            }
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i++)
        cost += reached[0][i] && !reached[1][i] ? graph->costs[i] : 0;
    return cost;
}

/* The same for a set of statements and nodes. */
static void reach_plainly(const struct thaw_graph *graph, const bool *statements, const bool *gone,
                          bool *reached)
{
    bool changed = true;

    for (uint32_t i = 0; i < graph->node_count; i++)
        reached[i] = graph->roots[i] && !gone[i];
    while (changed) {
        changed = false;
        for (size_t i = 0; i < graph->edges.count; i++) {
            const struct thaw_graph_edge *edge = &graph->edges.items[i];

            if (!reached[edge->from] || reached[edge->to] || gone[edge->to] ||
                (edge->statement != THAW_GRAPH_NO_STATEMENT && statements[edge->statement]))
                continue;
            reached[edge->to] = changed = true;
        }
    }
}

static void losses_are_what_is_not_reached_any_more(void **state)
{
    enum { statements_most = 12 };
    unsigned seed = 20261128;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t nodes = 2 + (uint32_t)rand_r(&seed) % (MOST_NODES - 2);
        bool statements[statements_most] = {0}, gone[MOST_NODES] = {0}, none[MOST_NODES] = {0};
        bool before[MOST_NODES], after[MOST_NODES], lost[MOST_NODES];
        uint64_t cost, expected = 0;
        struct thaw_graph graph;

        assert_true(thaw_graph_open(&graph, nodes));
        for (uint32_t i = 0; i < nodes; i++) {
            graph.costs[i] = (uint64_t)1 << i;
            graph.roots[i] = rand_r(&seed) % 6 == 0;
            gone[i] = round % 2 && rand_r(&seed) % 8 == 0;
        }
        for (uint32_t i = 0; i < 2 * nodes; i++)
            assert_true(thaw_graph_connect(&graph, (uint32_t)rand_r(&seed) % nodes,
                                           (uint32_t)rand_r(&seed) % nodes,
                                           rand_r(&seed) % 2
                                               ? (uint32_t)rand_r(&seed) % statements_most
                                               : THAW_GRAPH_NO_STATEMENT));
        for (size_t i = 0; i < statements_most; i++)
            statements[i] = rand_r(&seed) % 3 == 0;
        assert_true(thaw_graph_index(&graph));
        reach_plainly(&graph, (bool[statements_most]){0}, none, before);
        reach_plainly(&graph, statements, gone, after);
        assert_true(thaw_graph_remove(&graph, statements, gone, &cost, lost));
        for (uint32_t i = 0; i < nodes; i++) {
            assert_int_equal(lost[i], before[i] && !after[i]);
            expected += lost[i] ? graph.costs[i] : 0;
        }
        assert_int_equal(cost, expected);
        thaw_graph_close(&graph);
    }
}

static void retained_equals_removal_on_random_graphs(void **state)
{
    unsigned seed = 20261123;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t nodes = 2 + (uint32_t)rand_r(&seed) % (MOST_NODES - 2);
        uint64_t retained[MOST_NODES];
        struct thaw_graph graph;

        assert_true(thaw_graph_open(&graph, nodes));
        for (uint32_t i = 0; i < nodes; i++) {
            graph.costs[i] = 1 + (uint64_t)rand_r(&seed) % 1000;
            graph.roots[i] = i == 0 || rand_r(&seed) % 8 == 0;
        }
        for (uint32_t i = 0; i < nodes * 2; i++)
            assert_true(thaw_graph_connect(&graph, (uint32_t)rand_r(&seed) % nodes,
                                           (uint32_t)rand_r(&seed) % nodes,
                                           THAW_GRAPH_NO_STATEMENT));
        assert_true(thaw_graph_index(&graph));
        assert_true(thaw_graph_retained(&graph, retained));
        for (uint32_t i = 0; i < nodes; i++) {
            uint64_t expected = retained_by_removal(&graph, i);

            if (expected) /* an unreached node keeps its own cost */
                assert_int_equal(retained[i], expected);
        }
        thaw_graph_close(&graph);
    }
}

static void an_empty_graph_has_nothing(void **state)
{
    struct thaw_graph graph;
    uint64_t cost, retained[1];

    (void)state;
    assert_true(thaw_graph_open(&graph, 0));
    assert_true(thaw_graph_index(&graph));
    assert_true(thaw_graph_cut(&graph, NULL, &cost, NULL));
    assert_int_equal(cost, 0);
    assert_true(thaw_graph_retained(&graph, retained));
    thaw_graph_close(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(savings_do_not_add_up),
        cmocka_unit_test(nodes_that_are_gone),
        cmocka_unit_test(what_a_call_brings),
        cmocka_unit_test(retained_counts_what_only_it_brings),
        cmocka_unit_test(losses_are_what_is_not_reached_any_more),
        cmocka_unit_test(retained_equals_removal_on_random_graphs),
        cmocka_unit_test(an_empty_graph_has_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
