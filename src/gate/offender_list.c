/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"

/* Offenders in order, each with how it came in. */

static int by_weight(const void *left, const void *right)
{
    const struct thaw_gate_offender *a = left, *b = right;

    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    if (a->node != b->node)
        return a->node > b->node ? 1 : -1;
    return strcmp(a->name, b->name);
}

static bool is_of(struct thaw_gate_judge *judge, const json_t *module,
                  const struct thaw_gate_offender *offender, const char *key)
{
    const char *own;

    if (!strcmp(offender->kind, "module"))
        return thaw_gate_module_matches(offender->name, thaw_key_string(module, "name"));
    own = thaw_key_string(module, "distribution");
    if (!*own || strcmp(offender->kind, "distribution") != 0)
        return false;
    if (!strcmp(own, offender->name))
        return true;
    own = thaw_key_normalised(thaw_gate_arena(judge), own);
    judge->words.failed |= !own;
    return own && !strcmp(own, key);
}

/* Its first module in the run. */
static size_t first_node(struct thaw_gate_judge *judge, const struct thaw_gate_offender *offender)
{
    const char *key = thaw_key_normalised(thaw_gate_arena(judge), offender->name);
    size_t first = THAW_IMPORT_NONE;

    judge->words.failed |= !key;
    for (size_t i = 0; key && i < judge->tree.count; i++) {
        if (first != THAW_IMPORT_NONE &&
            judge->tree.nodes[i].start_ns >= judge->tree.nodes[first].start_ns)
            continue;
        if (thaw_summary_is_counted(&judge->run_summary, judge->tree.nodes[i].module) &&
            is_of(judge, judge->tree.nodes[i].module, offender, key))
            first = i;
    }
    return first;
}

static json_t *offender_json(struct thaw_gate_judge *judge,
                             const struct thaw_gate_offender *offender)
{
    struct thaw_values *values = &judge->values;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "kind", offender->kind);
    thaw_values_set_text(values, object, "name", offender->name);
    thaw_values_set_name(values, object, "version", offender->version);
    if (offender->has_change)
        thaw_values_set_signed(values, object, "change", llround(offender->change));
    else
        thaw_values_set_null(values, object, "change");
    thaw_values_set_text(values, object, "what", offender->what);
    thaw_gate_set_chain(judge, object, offender);
    return object;
}

void thaw_gate_list_offenders(struct thaw_gate_judge *judge, struct thaw_gate_check *check,
                              struct thaw_gate_offender *offenders, size_t count)
{
    size_t shown = count > THAW_GATE_OFFENDERS ? THAW_GATE_OFFENDERS : count;

    if (count)
        qsort(offenders, count, sizeof(*offenders), by_weight);
    check->offenders = thaw_values_array(&judge->values);
    check->offenders_more = count - shown;
    for (size_t i = 0; i < shown && !thaw_gate_failed(judge); i++) {
        if (offenders[i].node == THAW_IMPORT_NONE)
            offenders[i].node = first_node(judge, &offenders[i]);
        thaw_values_append(&judge->values, check->offenders, offender_json(judge, &offenders[i]));
    }
}
