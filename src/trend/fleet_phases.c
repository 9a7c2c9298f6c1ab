/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trend/fleet_parts.h"

/* A phase of an app's timed starts. Of those that come twice in a start the times are added. */
struct phase {
    UT_hash_handle hh;
    const char *key; /* "+NAME" counted, "-NAME" not */
    thaw_fleet_numbers ns;
    double sum_ns, begin_ns; /* of all */
    const struct thaw_start *latest;
};

struct phases {
    struct thaw_fleet *fleet;
    struct phase *table;
    double total_ns; /* of the starts */
};

static struct phase *find(struct phases *phases, bool counted, const char *name)
{
    struct thaw_fleet *fleet = phases->fleet;
    const char *key = thaw_arena_format(&fleet->arena, "%c%s", counted ? '+' : '-', name);
    struct phase *phase = NULL;

    fleet->values.failed |= !key;
    if (!key)
        return NULL;
    HASH_FIND(hh, phases->table, key, strlen(key), phase);
    if (phase)
        return phase;
    phase = thaw_arena_allocate(&fleet->arena, sizeof(*phase));
    if (phase) {
        phase->key = key;
        HASH_ADD_KEYPTR(hh, phases->table, key, strlen(key), phase);
    }
    fleet->values.failed |= !phase || !phase->hh.tbl;
    return fleet->values.failed ? NULL : phase;
}

static void add(struct phases *phases, const struct thaw_start *start,
                const struct thaw_start_phase *part)
{
    struct phase *phase = find(phases, part->counted, part->name);

    if (!phase)
        return;
    phase->sum_ns += (double)part->ns;
    if (phase->latest == start) {
        phase->ns.items[phase->ns.count - 1] += (double)part->ns;
        return;
    }
    phase->latest = start;
    phase->begin_ns += (double)part->begin_ns;
    thaw_fleet_add_number(phases->fleet, &phase->ns, (double)part->ns);
}

/* As they follow one another in most starts. */
static int compare(const struct phase *one, const struct phase *other)
{
    double a = one->begin_ns / (double)(one->ns.count ? one->ns.count : 1);
    double b = other->begin_ns / (double)(other->ns.count ? other->ns.count : 1);

    return a < b ? -1 : a > b ? 1 : strcmp(one->key, other->key);
}

static json_t *phase_object(struct phases *phases, struct phase *phase)
{
    struct thaw_values *values = &phases->fleet->values;
    json_t *object = thaw_values_object(values);
    bool counted = *phase->key == '+';

    thaw_values_set_text(values, object, "name", phase->key + 1);
    thaw_values_set_boolean(values, object, "counted", counted);
    thaw_values_set(values, object, "time", thaw_fleet_quantiles(phases->fleet, &phase->ns));
    if (counted && phases->total_ns > 0)
        thaw_fleet_set_share(phases->fleet, object, "share", phase->sum_ns / phases->total_ns);
    else
        thaw_values_set_null(values, object, "share");
    return object;
}

json_t *thaw_fleet_phases(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct phases phases = {.fleet = fleet};
    json_t *list = thaw_values_array(&fleet->values);
    struct phase *phase, *next;

    for (size_t i = 0; i < app->starts.count; i++) {
        const struct thaw_start *start = app->starts.items[i];
        struct thaw_start_phase rest = {.name = "unattributed",
                                        .begin_ns = INT64_MAX,
                                        .ns = start->unattributed_ns};

        if (!thaw_fleet_is_timed(start))
            continue;
        rest.counted = true;
        phases.total_ns += (double)start->total_ns;
        for (size_t j = 0; j < start->phase_count; j++)
            add(&phases, start, &start->phases[j]);
        add(&phases, start, &rest);
    }
    HASH_SORT(phases.table, compare);
    HASH_ITER(hh, phases.table, phase, next)
    {
        thaw_values_append(&fleet->values, list, phase_object(&phases, phase));
        thaw_array_free(&phase->ns);
    }
    HASH_CLEAR(hh, phases.table);
    return list;
}
