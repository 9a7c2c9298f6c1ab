/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trend/fleet_parts.h"

#define MOST_MODULES 20

/*
 * Imports by name: each with what it was the first to import, as seen. It is not what a start would
 * save without it: what it brought, others may want, too.
 */
struct module {
    UT_hash_handle hh;
    const char *name;
    thaw_fleet_numbers total_ns; /* by start */
    double sum_ns, self_ns;
    uint64_t failed;
    const struct thaw_start *latest;
    const struct thaw_fleet_app *app, *worst; /* that is added, that it cost most */
    double app_ns, worst_ns;
    uint64_t apps;
    const char *parent; /* that imported it most often, by the vote of Boyer and Moore */
    uint64_t votes;
};

struct modules {
    struct thaw_fleet *fleet;
    struct module *table;
    double imports_ns; /* of all starts */
};

static struct module *find(struct modules *modules, const char *name)
{
    struct module *module = NULL;

    HASH_FIND(hh, modules->table, name, strlen(name), module);
    if (module)
        return module;
    module = thaw_arena_allocate(&modules->fleet->arena, sizeof(*module));
    if (module) {
        module->name = name;
        HASH_ADD_KEYPTR(hh, modules->table, name, strlen(name), module);
    }
    modules->fleet->values.failed |= !module || !module->hh.tbl;
    return modules->fleet->values.failed ? NULL : module;
}

static void vote(struct module *module, const char *parent)
{
    if (!module->votes)
        module->parent = parent;
    if (!strcmp(module->parent, parent))
        module->votes++;
    else
        module->votes--;
}

static void add(struct modules *modules, const struct thaw_fleet_app *app,
                const struct thaw_start *start, const struct thaw_start_import *import)
{
    struct module *module = find(modules, import->name);

    if (!module)
        return;
    if (module->app != app) {
        module->app = app;
        module->app_ns = 0;
        module->apps++;
    }
    module->sum_ns += (double)import->total_ns;
    module->self_ns += (double)import->self_ns;
    module->failed += import->failed;
    module->app_ns += (double)import->total_ns;
    if (module->app_ns > module->worst_ns) {
        module->worst = app;
        module->worst_ns = module->app_ns;
    }
    vote(module, import->parent ? start->imports[import->parent - 1].name : "");
    if (module->latest == start && module->total_ns.count)
        module->total_ns.items[module->total_ns.count - 1] += (double)import->total_ns;
    else
        thaw_fleet_add_number(modules->fleet, &module->total_ns, (double)import->total_ns);
    module->latest = start;
}

static void add_app(struct modules *modules, const struct thaw_fleet_app *app)
{
    for (size_t i = 0; i < app->starts.count; i++) {
        const struct thaw_start *start = app->starts.items[i];

        modules->imports_ns += (double)start->imports_ns;
        for (size_t j = 0; !modules->fleet->values.failed && j < start->import_count; j++)
            add(modules, app, start, &start->imports[j]);
    }
}

static int compare(const struct module *one, const struct module *other)
{
    return one->sum_ns > other->sum_ns   ? -1
           : one->sum_ns < other->sum_ns ? 1
                                         : strcmp(one->name, other->name);
}

static json_t *module_object(struct modules *modules, struct module *module, bool fleet)
{
    struct thaw_values *values = &modules->fleet->values;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", module->name);
    thaw_values_set_name(values, object, "imported_by", module->parent ? module->parent : "");
    if (fleet) {
        thaw_values_set_number(values, object, "apps", module->apps);
        thaw_values_set_text(values, object, "worst_app", module->worst ? module->worst->name : "");
    }
    thaw_fleet_set_ns(modules->fleet, object, "sum_ns", module->sum_ns);
    thaw_fleet_set_ns(modules->fleet, object, "self_sum_ns", module->self_ns);
    if (modules->imports_ns > 0)
        thaw_fleet_set_share(modules->fleet, object, "share", module->sum_ns / modules->imports_ns);
    else
        thaw_values_set_null(values, object, "share");
    thaw_values_set_number(values, object, "failed", module->failed);
    thaw_values_set(values, object, "total",
                    thaw_fleet_quantiles(modules->fleet, &module->total_ns));
    return object;
}

json_t *thaw_fleet_modules(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct modules modules = {.fleet = fleet};
    size_t most = fleet->rules->most ? fleet->rules->most : MOST_MODULES, written = 0;
    json_t *list = thaw_values_array(&fleet->values);
    struct module *module, *next;

    if (app)
        add_app(&modules, app);
    for (size_t i = 0; !app && i < fleet->apps.count; i++)
        add_app(&modules, fleet->apps.items[i]);
    HASH_SORT(modules.table, compare);
    HASH_ITER(hh, modules.table, module, next)
    {
        if (written++ < most && !fleet->values.failed)
            thaw_values_append(&fleet->values, list, module_object(&modules, module, !app));
        thaw_array_free(&module->total_ns);
    }
    HASH_CLEAR(hh, modules.table);
    return list;
}
