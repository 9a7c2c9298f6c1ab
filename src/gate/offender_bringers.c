/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gate/offender_parts.h"
#include "report/keys.h"

/* Of what came, what came by itself. */

/* Number of the part that a module of the run is of, THAW_PATH_NONE: of none. */
static size_t part_of_module(struct thaw_gate_parts *parts, const json_t *module)
{
    struct thaw_arena *arena = thaw_gate_arena(parts->judge);
    const char *name = thaw_key_string(module, "distribution"), *key;
    size_t number = THAW_PATH_NONE;

    if (*name) {
        key = thaw_key_normalised(arena, name);
        number = key ? thaw_path_table_find(&parts->table, key, strlen(key)) : THAW_PATH_NONE;
    } else {
        name = thaw_key_string(module, "name");
        key = thaw_arena_format(arena, "%.*s:", (int)strcspn(name, "."), name);
        number = key ? thaw_path_table_find(&parts->table, key, strlen(key)) : THAW_PATH_NONE;
    }
    parts->failed |= !key;
    return number;
}

static bool came(const struct thaw_gate_part *part)
{
    return part->before < 0 && part->now >= 0;
}

/* Finds of each part the module that was imported first, of each such module's part. */
static void find_firsts(struct thaw_gate_parts *parts, size_t *nodes, size_t *firsts)
{
    const struct thaw_import_tree *tree = &parts->judge->tree;

    for (size_t i = 0; i < parts->list.count; i++)
        firsts[i] = THAW_IMPORT_NONE;
    for (size_t i = 0; i < tree->count && !parts->failed; i++) {
        size_t part = nodes[i] = part_of_module(parts, tree->nodes[i].module);

        if (part != THAW_PATH_NONE &&
            thaw_summary_is_counted(&parts->judge->run_summary, tree->nodes[i].module) &&
            (firsts[part] == THAW_IMPORT_NONE ||
             tree->nodes[i].start_ns < tree->nodes[firsts[part]].start_ns))
            firsts[part] = i;
    }
}

/* The part that came and brought another one, THAW_PATH_NONE: that came by itself. */
static size_t bringer(const struct thaw_gate_parts *parts, const size_t *nodes, size_t part,
                      size_t first)
{
    const struct thaw_import_tree *tree = &parts->judge->tree;
    size_t at = tree->nodes[first].parent;

    while (at != THAW_IMPORT_NONE && nodes[at] == part)
        at = tree->nodes[at].parent;
    if (at == THAW_IMPORT_NONE || nodes[at] == THAW_PATH_NONE ||
        tree->nodes[at].start_ns >= tree->nodes[first].start_ns ||
        !came(&parts->list.items[nodes[at]]))
        return THAW_PATH_NONE;
    return nodes[at];
}

struct brought {
    size_t part, first;
    uint64_t start_ns;
};

/* The last one first. */
static int by_start(const void *left, const void *right)
{
    const struct brought *a = left, *b = right;

    return (a->start_ns < b->start_ns) - (a->start_ns > b->start_ns);
}

void thaw_gate_add_to_bringers(struct thaw_gate_parts *parts)
{
    const struct thaw_import_tree *tree = &parts->judge->tree;
    size_t *nodes = malloc((tree->count + 1) * sizeof(*nodes));
    size_t *firsts = malloc((parts->list.count + 1) * sizeof(*firsts));
    struct brought *order = malloc((parts->list.count + 1) * sizeof(*order));
    size_t count = 0;

    parts->failed |= !nodes || !firsts || !order;
    if (!parts->failed)
        find_firsts(parts, nodes, firsts);
    for (size_t i = 0; i < parts->list.count && !parts->failed; i++) {
        if (firsts[i] != THAW_IMPORT_NONE && came(&parts->list.items[i]) &&
            !strcmp(parts->list.items[i].kind, "module"))
            order[count++] = (struct brought){i, firsts[i], tree->nodes[firsts[i]].start_ns};
    }
    if (count && !parts->failed)
        qsort(order, count, sizeof(*order), by_start);
    for (size_t i = 0; i < count && !parts->failed; i++) {
        struct thaw_gate_part *part = &parts->list.items[order[i].part];
        size_t by = bringer(parts, nodes, order[i].part, order[i].first);

        if (by == THAW_PATH_NONE)
            continue;
        parts->list.items[by].now += part->now;
        part->now = -1;
    }
    free(nodes);
    free(firsts);
    free(order);
}
