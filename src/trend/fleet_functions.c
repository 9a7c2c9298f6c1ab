/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trend/fleet_parts.h"

/* Starts by the function whose invocation came first. */
struct function {
    UT_hash_handle hh;
    const char *name;
    uint64_t starts;
    thaw_fleet_numbers total_ns; /* of timed ones */
};

static int compare(const struct function *one, const struct function *other)
{
    return one->starts > other->starts   ? -1
           : one->starts < other->starts ? 1
                                         : strcmp(one->name, other->name);
}

static void add(struct thaw_fleet *fleet, struct function **table, const struct thaw_start *start)
{
    const char *name = start->identity.function;
    struct function *function = NULL;

    HASH_FIND(hh, *table, name, strlen(name), function);
    if (!function) {
        function = thaw_arena_allocate(&fleet->arena, sizeof(*function));
        if (function) {
            function->name = name;
            HASH_ADD_KEYPTR(hh, *table, name, strlen(name), function);
        }
        fleet->values.failed |= !function || !function->hh.tbl;
        if (fleet->values.failed)
            return;
    }
    function->starts++;
    if (thaw_fleet_is_timed(start))
        thaw_fleet_add_number(fleet, &function->total_ns, (double)start->total_ns);
}

json_t *thaw_fleet_functions(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct thaw_values *values = &fleet->values;
    struct function *table = NULL, *function, *next;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < app->starts.count; i++) {
        if (*app->starts.items[i]->identity.function)
            add(fleet, &table, app->starts.items[i]);
    }
    HASH_SORT(table, compare);
    HASH_ITER(hh, table, function, next)
    {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "name", function->name);
        thaw_values_set_number(values, object, "starts", function->starts);
        thaw_values_set(values, object, "total", thaw_fleet_quantiles(fleet, &function->total_ns));
        thaw_values_append(values, list, object);
        thaw_array_free(&function->total_ns);
    }
    HASH_CLEAR(hh, table);
    return list;
}
