/* SPDX-License-Identifier: Apache-2.0 */
#include "report/import_tree.h"

#include <stdlib.h>

#include "report/summary.h"

/* The tree being made: nodes in their final order of brothers, joined by places. */
struct building {
    struct thaw_import_node *nodes; /* sorted by process, thread, start, id */
    size_t *by_id;                  /* places of nodes, sorted by id */
    size_t *first, *next;           /* of a node: below it, beside it */
    size_t *places;                 /* in the tree's order */
    size_t count;
};

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare_nodes(const void *left, const void *right)
{
    const struct thaw_import_node *a = left, *b = right;
    int order = compare_numbers(a->process, b->process);

    order = order ? order : compare_numbers(a->tid, b->tid);
    order = order ? order : compare_numbers(a->start_ns, b->start_ns);
    return order ? order : compare_numbers(a->id, b->id);
}

static int compare_ids(const void *left, const void *right, void *nodes)
{
    const struct thaw_import_node *all = nodes;

    return compare_numbers(all[*(const size_t *)left].id, all[*(const size_t *)right].id);
}

static struct thaw_import_node node_of(const json_t *module)
{
    return (struct thaw_import_node){
        .module = module,
        .parent = THAW_IMPORT_NONE,
        .id = thaw_summary_number(module, "id"),
        .process = thaw_summary_number(module, "process"),
        .tid = thaw_summary_number(module, "tid"),
        .start_ns = thaw_summary_number(module, "start_ns"),
        .total_ns = thaw_summary_number(module, "total_ns"),
        .self_ns = thaw_summary_number(module, "self_ns"),
        .timed = !json_is_false(json_object_get(module, "timed")),
    };
}

/* Place of the node with an id, THAW_IMPORT_NONE: there is none. */
static size_t find(const struct building *building, uint64_t id)
{
    size_t low = 0, high = building->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (building->nodes[building->by_id[middle]].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < building->count && building->nodes[building->by_id[low]].id == id
               ? building->by_id[low]
               : THAW_IMPORT_NONE;
}

/* A parent has the lower id, so that no module is above itself. */
static size_t parent_of(const struct building *building, const struct thaw_import_node *node)
{
    uint64_t id = thaw_summary_number(node->module, "parent");
    size_t place = id && id < node->id ? find(building, id) : THAW_IMPORT_NONE;

    return place != THAW_IMPORT_NONE && building->nodes[place].process == node->process
               ? place
               : THAW_IMPORT_NONE;
}

/* Joins them; the last one first, so that lists are in order. Returns the first root. */
static size_t join(struct building *building)
{
    size_t roots = THAW_IMPORT_NONE;

    for (size_t i = 0; i < building->count; i++)
        building->first[i] = THAW_IMPORT_NONE;
    for (size_t i = building->count; i-- > 0;) {
        size_t parent = parent_of(building, &building->nodes[i]);
        size_t *list = parent == THAW_IMPORT_NONE ? &roots : &building->first[parent];

        building->next[i] = *list;
        *list = i;
    }
    return roots;
}

/* Copies nodes in preorder. */
static void walk(const struct building *building, size_t place, struct thaw_import_tree *tree)
{
    size_t above = THAW_IMPORT_NONE; /* in the tree */

    while (place != THAW_IMPORT_NONE || above != THAW_IMPORT_NONE) {
        struct thaw_import_node *node = &tree->nodes[tree->count];

        if (place == THAW_IMPORT_NONE) { /* no more brothers: on beside the one above */
            tree->nodes[above].end = tree->count;
            place = building->next[building->places[above]];
            above = tree->nodes[above].parent;
            continue;
        }
        *node = building->nodes[place];
        node->parent = above;
        node->depth = above == THAW_IMPORT_NONE ? 0 : tree->nodes[above].depth + 1;
        building->places[tree->count] = place;
        above = tree->count++;
        place = building->first[place];
    }
}

static bool begin(struct building *building, const json_t *modules)
{
    size_t i, most = json_array_size(modules) + 1;
    const json_t *module;

    building->nodes = calloc(most, sizeof(*building->nodes));
    building->by_id = calloc(most, sizeof(*building->by_id));
    building->first = calloc(most, sizeof(*building->first));
    building->next = calloc(most, sizeof(*building->next));
    building->places = calloc(most, sizeof(*building->places));
    if (!building->nodes || !building->by_id || !building->first || !building->next ||
        !building->places)
        return false;
    json_array_foreach(modules, i, module)
    {
        building->nodes[building->count++] = node_of(module);
    }
    qsort(building->nodes, building->count, sizeof(*building->nodes), compare_nodes);
    for (i = 0; i < building->count; i++)
        building->by_id[i] = i;
    qsort_r(building->by_id, building->count, sizeof(*building->by_id), compare_ids,
            building->nodes);
    return true;
}

int thaw_import_tree_build(const json_t *report, struct thaw_import_tree *ret,
                           struct thaw_error *error)
{
    const json_t *modules = json_object_get(report, "modules");
    struct building building = {0};

    *ret = (struct thaw_import_tree){calloc(json_array_size(modules) + 1, sizeof(*ret->nodes)), 0};
    if (ret->nodes && begin(&building, modules))
        walk(&building, join(&building), ret);
    else
        thaw_import_tree_free(ret);
    free(building.places);
    free(building.next);
    free(building.first);
    free(building.by_id);
    free(building.nodes);
    return ret->nodes ? 0 : thaw_error_memory(error);
}

void thaw_import_tree_free(struct thaw_import_tree *tree)
{
    free(tree->nodes);
    *tree = (struct thaw_import_tree){0};
}
