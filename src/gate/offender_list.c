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

/* Of no pattern, but a name. */
static bool is_or_is_below(const char *name, const char *above)
{
    size_t length = strlen(above);

    return !strncmp(name, above, length) && (!name[length] || name[length] == '.');
}

static bool is_of(struct thaw_gate_judge *judge, const json_t *module,
                  const struct thaw_gate_offender *offender, const char *key)
{
    const char *own = thaw_key_string(module, "distribution");
    const char *owner = thaw_key_string(module, "owner");

    if (!strcmp(offender->kind, "module"))
        return is_or_is_below(thaw_key_string(module, "name"), offender->name);
    if (strcmp(offender->kind, "distribution") != 0)
        return !*own &&
               !strcmp(owner, !strcmp(offender->kind, "python") ? "stdlib" : offender->kind);
    if (!*own)
        return false;
    if (!strcmp(own, offender->name))
        return true;
    own = thaw_key_normalised(thaw_gate_arena(judge), own);
    judge->words.failed |= !own;
    return own && !strcmp(own, key);
}

/* Is the node at place a better one to show how it came in than best? Of what came, the first of
 * its modules; of what was there before, the new one that brought most, if it is known what is new.
 */
static bool is_better(const struct thaw_gate_judge *judge,
                      const struct thaw_gate_offender *offender, size_t place, size_t best)
{
    const struct thaw_import_node *node = &judge->tree.nodes[place];
    bool was_there = !strcmp(offender->what, "grew") || !strcmp(offender->what, "other version");
    bool is_owner = strcmp(offender->kind, "distribution") && strcmp(offender->kind, "module");

    if (was_there && judge->old_modules) {
        if (json_object_get(judge->old_modules, thaw_key_string(node->module, "name")))
            return false;
        return best == THAW_IMPORT_NONE || node->end - place > judge->tree.nodes[best].end - best;
    }
    /* the first of all modules of Python, or of what was there, says nothing of those that came */
    if (is_owner || (!offender->shipped && !strcmp(offender->what, "grew")))
        return false;
    return best == THAW_IMPORT_NONE || node->start_ns < judge->tree.nodes[best].start_ns;
}

static size_t find_node(struct thaw_gate_judge *judge, const struct thaw_gate_offender *offender)
{
    const char *key = thaw_key_normalised(thaw_gate_arena(judge), offender->name);
    size_t best = THAW_IMPORT_NONE;

    judge->words.failed |= !key;
    for (size_t i = 0; key && i < judge->tree.count; i++) {
        if (thaw_summary_is_counted(&judge->run_summary, judge->tree.nodes[i].module) &&
            is_of(judge, judge->tree.nodes[i].module, offender, key) &&
            is_better(judge, offender, i, best))
            best = i;
    }
    return best;
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
            offenders[i].node = find_node(judge, &offenders[i]);
        thaw_values_append(&judge->values, check->offenders, offender_json(judge, &offenders[i]));
    }
}
