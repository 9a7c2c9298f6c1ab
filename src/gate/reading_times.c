/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gate/readers.h"
#include "report/import_tree.h"
#include "report/keys.h"

/* Times of the cold start. */

THAW_GATE_READER(thaw_gate_read_total_time)
{
    struct thaw_summary summary;

    if (!thaw_gate_read_timed(reading, &summary, ret_why))
        return false;
    *ret = (double)thaw_summary_number(summary.track, "total_ns");
    return true;
}

enum { most_levels = 16 }; /* of phases within phases; thaw makes two */

static bool add_phases(const json_t *phases, const char *name, unsigned level, uint64_t *sum)
{
    const json_t *phase;
    bool is_there = false;
    size_t i;

    json_array_foreach(phases, i, phase)
    {
        uint64_t start_ns = thaw_summary_number(phase, "start_ns");
        uint64_t end_ns = thaw_summary_number(phase, "end_ns");

        if (!strcmp(thaw_key_string(phase, "name"), name)) {
            *sum += end_ns > start_ns ? end_ns - start_ns : 0;
            is_there = true;
        } else if (level < most_levels) {
            is_there |= add_phases(json_object_get(phase, "children"), name, level + 1, sum);
        }
    }
    return is_there;
}

THAW_GATE_READER(thaw_gate_read_phase_time)
{
    const char *name = reading->part && reading->part->phase ? reading->part->phase : "";
    struct thaw_summary summary;
    uint64_t sum = 0;

    if (!thaw_gate_read_timed(reading, &summary, ret_why))
        return false;
    if (!add_phases(json_object_get(summary.track, "phases"), name, 0, &sum)) {
        return thaw_gate_untold(ret_why, thaw_arena_format(reading->arena,
                                                           "it has no phase \"%s\" here", name));
    }
    *ret = (double)sum;
    return true;
}

struct stretch {
    uint64_t start_ns, end_ns;
};

static int by_start(const void *left, const void *right)
{
    const struct stretch *a = left, *b = right;

    return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* The time in which at least one of them was going on. */
static uint64_t covered(struct stretch *stretches, size_t count)
{
    uint64_t sum = 0, until_ns = 0;

    if (count)
        qsort(stretches, count, sizeof(*stretches), by_start);
    for (size_t i = 0; i < count; i++) {
        uint64_t from_ns = stretches[i].start_ns > until_ns ? stretches[i].start_ns : until_ns;

        if (stretches[i].end_ns <= from_ns)
            continue;
        sum += stretches[i].end_ns - from_ns;
        until_ns = stretches[i].end_ns;
    }
    return sum;
}

/*
 * Imports that match and are below no other that does, with all that they imported. What several
 * threads imported at once counts once; where instants were only concluded, the durations are
 * summed.
 */
static bool add_imports(const struct thaw_gate_reading *reading, const struct thaw_summary *summary,
                        const struct thaw_import_tree *tree, struct stretch *stretches,
                        uint64_t *ret)
{
    struct thaw_gate_matcher matcher;
    bool timed = true;
    size_t count = 0, i = 0;
    uint64_t sum = 0;

    thaw_gate_matcher_begin(&matcher, reading->part);
    while (i < tree->count) {
        const struct thaw_import_node *node = &tree->nodes[i];

        if (!thaw_summary_is_counted(summary, node->module) ||
            !thaw_gate_matches_module(&matcher, node->module)) {
            i++;
            continue;
        }
        timed &= node->timed;
        sum += node->total_ns;
        stretches[count].start_ns = node->start_ns;
        if (__builtin_add_overflow(node->start_ns, node->total_ns, &stretches[count].end_ns))
            stretches[count].end_ns = UINT64_MAX;
        count++;
        i = node->end;
    }
    *ret = timed ? covered(stretches, count) : sum;
    return thaw_gate_matcher_end(&matcher);
}

THAW_GATE_READER(thaw_gate_read_import_time)
{
    struct thaw_summary summary;
    struct thaw_import_tree tree = {0};
    struct stretch *stretches = NULL;
    uint64_t sum = 0;
    bool is_good;

    if (!thaw_gate_read_timed(reading, &summary, ret_why) ||
        !thaw_gate_knows_part(reading, &summary, ret_why))
        return false;
    is_good = thaw_import_tree_build(reading->report, &tree, NULL) == 0;
    if (is_good)
        stretches = calloc(tree.count + 1, sizeof(*stretches));
    is_good = stretches && add_imports(reading, &summary, &tree, stretches, &sum);
    free(stretches);
    thaw_import_tree_free(&tree);
    *ret = (double)sum;
    return is_good || thaw_gate_untold(ret_why, NULL);
}
