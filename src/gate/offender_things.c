/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/offender_parts.h"
#include "report/keys.h"

/* Of some metrics of what is shipped the report has the very things that are counted. */

/* The list's text, or its text under key; amount: the number under that key, NULL 1 each. */
struct things {
    const char *metric, *kind, *in, *list, *key, *amount;
};

static const struct things rows[] = {
    {"bytecode_stale", "file", "bytecode_health", "examples", NULL, NULL},
    {"bytecode_missing", "file", "bytecode_health", "examples", NULL, NULL},
    {"conflicts", "conflict", NULL, "conflicts", "what", NULL},
    {"duplicate_bytes", "library", NULL, "duplicates", "key", "waste_bytes"},
};

static const char *name_of(struct thaw_gate_parts *parts, const struct things *things,
                           const json_t *holder, size_t i)
{
    struct thaw_arena *arena = thaw_gate_arena(parts->judge);
    const json_t *item = json_array_get(json_object_get(holder, things->list), i);
    const char *name = things->key ? thaw_key_raw(arena, item, things->key)
                                   : thaw_key_raw_item(arena, holder, things->list, i);

    parts->failed |= !name;
    return name;
}

static void add(struct thaw_gate_parts *parts, const struct things *things, const json_t *report,
                bool is_before)
{
    const json_t *holder = things->in ? json_object_get(report, things->in) : report;
    const json_t *list = json_object_get(holder, things->list);

    parts->knows_before |= is_before && json_is_array(list);
    for (size_t i = 0; i < json_array_size(list) && !parts->failed; i++) {
        const char *name = name_of(parts, things, holder, i);
        struct thaw_gate_part *part = name ? thaw_gate_part_named(parts, name) : NULL;
        double *amount;

        if (!part)
            return;
        part->kind = things->kind;
        part->name = name;
        amount = is_before ? &part->before : &part->now;
        *amount = *amount < 0 ? 0 : *amount;
        *amount += things->amount
                       ? (double)thaw_summary_number(json_array_get(list, i), things->amount)
                       : 1;
    }
}

/* Examples of bytecode don't say in which of the states they are. */
static bool is_of_one_kind(const struct things *things, const json_t *report)
{
    const json_t *health = json_object_get(report, "bytecode_health"), *state;
    bool missing = !strcmp(things->metric, "bytecode_missing");
    const char *name;

    if (strcmp(things->list, "examples") != 0)
        return true;
    json_object_foreach((json_t *)json_object_get(health, "states"), name, state)
    {
        if (strcmp(name, "fresh") != 0 && !strcmp(name, "missing") != missing &&
            thaw_summary_number(state, "files"))
            return false;
    }
    return true;
}

bool thaw_gate_add_things(struct thaw_gate_parts *parts, const struct thaw_gate_check *check)
{
    const struct thaw_gate_judge *judge = parts->judge;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(check->metric->name, rows[i].metric) != 0)
            continue;
        if (is_of_one_kind(&rows[i], judge->head.input->target))
            add(parts, &rows[i], judge->head.input->target, false);
        if (judge->same_job && is_of_one_kind(&rows[i], judge->before.input->target))
            add(parts, &rows[i], judge->before.input->target, true);
        return true;
    }
    return false;
}
