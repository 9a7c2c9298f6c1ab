/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"

/* The importers of a process's modules, from the edges sorted by importer. */
static bool store_importers(struct thaw_analysis *analysis, const struct thaw_graph *graph)
{
    size_t module_count = analysis->timeline->module_count;

    for (size_t i = 0; i < graph->edges.count; i++)
        analysis->modules[graph->edges.items[i].to].importer_count++;
    for (size_t node = 0; node < graph->node_count; node++) {
        struct thaw_module_cost *cost = &analysis->modules[node];

        if (!cost->importer_count || cost->importers)
            continue;
        cost->importers = thaw_arena_allocate(&analysis->memory->arena,
                                              cost->importer_count * sizeof(*cost->importers));
        if (!cost->importers)
            return false;
        cost->importer_count = 0;
    }
    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];
        struct thaw_module_cost *cost = &analysis->modules[edge->to];
        uint32_t importer;

        if (edge->from == module_count)
            continue; /* the program itself */
        importer = analysis->timeline->modules[edge->from].id;
        if (!cost->importer_count || cost->importers[cost->importer_count - 1] != importer)
            cost->importers[cost->importer_count++] = importer;
    }
    return true;
}

/* Which statement of its parent's file brought each module. */
static void store_statements(struct thaw_analysis *analysis, const struct thaw_needs *needs)
{
    for (size_t i = 0; i < needs->graph.edges.count; i++) {
        const struct thaw_graph_edge *edge = &needs->graph.edges.items[i];
        struct thaw_module_cost *cost = &analysis->modules[edge->to];
        const struct thaw_inventory_statement *row;
        uint32_t parent;

        if (edge->statement == THAW_GRAPH_NO_STATEMENT || edge->to == needs->main_node)
            continue;
        parent = analysis->timeline->modules[edge->to].parent;
        row = needs->statements.items[edge->statement];
        if (edge->from == (parent ? parent - 1 : needs->main_node) &&
            (!cost->statement || row->line < cost->statement->line))
            cost->statement = row;
    }
}

static bool analyse_process(struct thaw_analysis *analysis, uint32_t process)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    uint64_t *retained = calloc(timeline->module_count + 2, sizeof(*retained));
    struct thaw_needs needs;
    bool enough = retained && thaw_needs_open(&needs, timeline, process);

    if (!enough) {
        free(retained);
        return false;
    }
    enough = thaw_graph_retained(&needs.graph, retained) && store_importers(analysis, &needs.graph);
    if (enough)
        store_statements(analysis, &needs);
    for (size_t i = 0; enough && i < timeline->module_count; i++) {
        if (timeline->modules[i].process == process)
            analysis->modules[i].retained_ns = retained[i];
    }
    free(retained);
    if (enough && analysis->memory->track && analysis->memory->track->process == process)
        analysis->memory->needs = needs; /* the findings work on it */
    else
        thaw_needs_close(&needs);
    return enough;
}

static bool analyse_edges(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    if (!thaw_needs_known(timeline))
        return true;
    analysis->has_edges = true;
    for (size_t i = 0; i < timeline->process_count; i++) {
        if (*timeline->processes[i].python && !analyse_process(analysis, timeline->processes[i].id))
            return false;
    }
    return true;
}

int thaw_analysis_build(const struct thaw_timeline *timeline, struct thaw_analysis **ret,
                        struct thaw_error *error)
{
    struct thaw_analysis *analysis = calloc(1, sizeof(*analysis));

    if (!analysis)
        return thaw_error_memory(error);
    analysis->timeline = timeline;
    analysis->memory = calloc(1, sizeof(*analysis->memory));
    analysis->modules = calloc(timeline->module_count + 2, sizeof(*analysis->modules));
    if (analysis->memory)
        analysis->memory->track = thaw_timeline_headline(timeline);
    if (!analysis->memory || !analysis->modules || !analyse_edges(analysis) ||
        !thaw_libraries_analyse(analysis) || !thaw_findings_find(analysis)) {
        thaw_analysis_free(analysis);
        return thaw_error_memory(error);
    }
    *ret = analysis;
    return 0;
}

void thaw_analysis_free(struct thaw_analysis *analysis)
{
    if (!analysis)
        return;
    if (analysis->memory) {
        thaw_needs_close(&analysis->memory->needs);
        thaw_array_free(&analysis->memory->findings);
        thaw_array_free(&analysis->memory->suppressed);
        thaw_array_free(&analysis->memory->unsought);
        thaw_array_free(&analysis->memory->libraries);
        thaw_arena_free(&analysis->memory->arena);
    }
    free(analysis->memory);
    free(analysis->modules);
    free(analysis);
}
