/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/import_lanes.h"
#include "report/summary.h"

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* Nodes of a tree are in preorder, which the order of their addresses is. */
static int compare_imports(const void *left, const void *right)
{
    const struct thaw_import_node *a = ((const struct thaw_lane_import *)left)->node;
    const struct thaw_import_node *b = ((const struct thaw_lane_import *)right)->node;
    int order = compare_numbers(a->process, b->process);

    order = order ? order : compare_numbers(a->tid, b->tid);
    if (!order)
        order = compare_numbers(thaw_summary_number(a->module, "strand"),
                                thaw_summary_number(b->module, "strand"));
    return order ? order : a < b ? -1 : a > b;
}

static bool is_of_lane(const struct thaw_import_lane *lane, const struct thaw_import_node *node)
{
    return lane->process == node->process && lane->tid == node->tid &&
           lane->strand == thaw_summary_number(node->module, "strand");
}

/* Sets count and first of each lane, in order; items has room for as many as there are imports. */
static void divide(struct thaw_import_lanes *lanes)
{
    for (size_t i = 0; i < lanes->tree.count; i++) {
        const struct thaw_import_node *node = lanes->imports[i].node;
        struct thaw_import_lane *lane = lanes->count ? &lanes->items[lanes->count - 1] : NULL;

        if (!lane || !is_of_lane(lane, node)) {
            lane = &lanes->items[lanes->count++];
            *lane = (struct thaw_import_lane){
                .process = node->process,
                .tid = node->tid,
                .strand = thaw_summary_number(node->module, "strand"),
                .first = i,
            };
        }
        lane->count++;
    }
}

/* The nearest one above an import in its lane, of which all before it are joined. */
static size_t parent_in(const struct thaw_import_lanes *lanes, const struct thaw_import_lane *lane,
                        size_t place)
{
    size_t node = (size_t)(lanes->imports[place].node - lanes->tree.nodes);
    size_t above = place > lane->first ? place - 1 : THAW_IMPORT_NONE;

    while (above != THAW_IMPORT_NONE && lanes->imports[above].node->end <= node)
        above = lanes->imports[above].parent;
    return above;
}

static int64_t instant(uint64_t ns)
{
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/* Joins the imports of a lane; "behind" is told from the last one to the first. */
static void join(struct thaw_import_lanes *lanes, struct thaw_import_lane *lane)
{
    for (size_t i = lane->first; i < lane->first + lane->count; i++) {
        struct thaw_lane_import *import = &lanes->imports[i];
        const struct thaw_import_node *node = import->node;

        import->parent = parent_in(lanes, lane, i);
        import->depth = 0;
        if (import->parent == THAW_IMPORT_NONE)
            lane->total_ns += node->total_ns;
        else
            import->depth = lanes->imports[import->parent].depth + 1;
        lanes->times[i] = (struct thaw_interval){
            .start_ns = instant(node->start_ns),
            .end_ns = instant(node->start_ns + node->total_ns),
            .behind = i - lane->first + 1,
        };
    }
    for (size_t i = lane->first + lane->count; i-- > lane->first;) {
        size_t parent = lanes->imports[i].parent;

        if (parent != THAW_IMPORT_NONE && lanes->times[parent].behind < lanes->times[i].behind)
            lanes->times[parent].behind = lanes->times[i].behind;
    }
}

static bool allocate(struct thaw_import_lanes *lanes)
{
    size_t most = lanes->tree.count + 1;

    lanes->imports = calloc(most, sizeof(*lanes->imports));
    lanes->times = calloc(most, sizeof(*lanes->times));
    lanes->order = calloc(most, sizeof(*lanes->order));
    lanes->items = calloc(most, sizeof(*lanes->items));
    return lanes->imports && lanes->times && lanes->order && lanes->items;
}

static int build(struct thaw_import_lanes *lanes, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; i < lanes->tree.count; i++)
        lanes->imports[i].node = &lanes->tree.nodes[i];
    qsort(lanes->imports, lanes->tree.count, sizeof(*lanes->imports), compare_imports);
    divide(lanes);
    for (size_t i = 0; i < lanes->count && !code; i++) {
        struct thaw_import_lane *lane = &lanes->items[i];

        join(lanes, lane);
        code = thaw_nesting(&lanes->times[lane->first], lane->count, &lanes->order[lane->first],
                            error);
    }
    return code;
}

int thaw_import_lanes_build(const json_t *report, struct thaw_import_lanes *ret,
                            struct thaw_error *error)
{
    int code;

    *ret = (struct thaw_import_lanes){0};
    code = thaw_import_tree_build(report, &ret->tree, error);
    if (code)
        return code;
    return allocate(ret) ? build(ret, error) : thaw_error_memory(error);
}

void thaw_import_lanes_free(struct thaw_import_lanes *lanes)
{
    free(lanes->items);
    free(lanes->order);
    free(lanes->times);
    free(lanes->imports);
    thaw_import_tree_free(&lanes->tree);
    *lanes = (struct thaw_import_lanes){0};
}

void thaw_import_lane_postorder(const struct thaw_import_lanes *lanes,
                                const struct thaw_import_lane *lane, thaw_import_visit *visit,
                                void *context)
{
    size_t open = THAW_IMPORT_NONE; /* the innermost that was not visited */

    for (size_t i = lane->first; i < lane->first + lane->count; i++) {
        for (; open != lanes->imports[i].parent; open = lanes->imports[open].parent)
            visit(lanes, open, context);
        open = i;
    }
    for (; open != THAW_IMPORT_NONE; open = lanes->imports[open].parent)
        visit(lanes, open, context);
}
