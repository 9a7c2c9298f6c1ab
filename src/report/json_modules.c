/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static const char *status_name(enum thaw_module_status status)
{
    switch (status) {
    case THAW_MODULE_LOADED:
        return "loaded";
    case THAW_MODULE_FAILED:
        return "failed";
    case THAW_MODULE_NOT_FOUND:
        return "not-found";
    case THAW_MODULE_UNFINISHED:
        break;
    }
    return "unfinished";
}

/*
 * What self_ns went into. Only parts that were measured are there: dlopen and code need probes
 * (timed), code also needs its start to have been seen. The rest is unattributed, so that the
 * parts always sum to self_ns.
 */
static json_t *module_split(struct thaw_values *values, const struct thaw_module *module)
{
    json_t *split = thaw_values_object(values);
    uint64_t rest_ns = module->self_ns;

    if (module->timed && module->dlopen_ns <= rest_ns) {
        thaw_values_set_number(values, split, "dlopen_ns", module->dlopen_ns);
        rest_ns -= module->dlopen_ns;
    }
    if (module->timed && module->body_ns && module->execute_ns <= rest_ns) {
        thaw_values_set_number(values, split, "execute_ns", module->execute_ns);
        rest_ns -= module->execute_ns;
    }
    thaw_values_set_number(values, split, "unattributed_ns", rest_ns);
    return split;
}

/* Whose use made a lazy import come true. */
static void set_lazy(struct thaw_values *values, json_t *object, const struct thaw_module *module)
{
    json_t *user;

    if (!module->lazy_function || !*module->lazy_function)
        return;
    user = thaw_values_object(values);
    thaw_values_set_text(values, user, "function", module->lazy_function);
    thaw_values_set_text(values, user, "file", module->lazy_file);
    thaw_values_set(values, object, "lazy_by", user);
}

static void set_identity(struct thaw_values *values, json_t *object,
                         const struct thaw_module *module)
{
    bool has_short = module->short_file && *module->short_file;

    thaw_values_set_number(values, object, "id", module->id);
    thaw_values_set_known(values, object, "parent", module->parent);
    thaw_values_set_text(values, object, "name", module->name);
    thaw_values_set_name(values, object, "kind", module->kind);
    thaw_values_set_name(values, object, "via", module->via);
    thaw_values_set_name(values, object, "file", has_short ? module->short_file : module->file);
    thaw_values_set_name(values, object, "path", module->file);
    thaw_values_set_name(values, object, "distribution", module->distribution);
    thaw_values_set_name(values, object, "owner", module->owner);
    thaw_values_set_number(values, object, "process", module->process);
    thaw_values_set_number(values, object, "tid", module->tid);
    set_lazy(values, object, module);
    if (module->strand)
        thaw_values_set_number(values, object, "strand", module->strand);
}

static void set_importers(struct thaw_values *values, json_t *object,
                          const struct thaw_module_cost *cost)
{
    json_t *importers = thaw_values_array(values);

    for (size_t i = 0; i < cost->importer_count; i++)
        thaw_values_append_number(values, importers, cost->importers[i]);
    thaw_values_set(values, object, "importers", importers);
}

/* What a report can say of every module, or of none. */
struct known {
    bool collections;
    bool edges;
};

static json_t *module_object(struct thaw_values *values, const struct thaw_module *module,
                             const struct thaw_module_cost *cost, const struct known *known)
{
    json_t *object = thaw_values_object(values);

    set_identity(values, object, module);
    if (known->edges)
        set_importers(values, object, cost);
    thaw_values_set_boolean(values, object, "timed", module->timed);
    thaw_values_set_number(values, object, "start_ns", module->start_ns);
    thaw_values_set_known(values, object, "body_start_ns", module->body_ns);
    thaw_values_set_number(values, object, "total_ns", module->total_ns);
    thaw_values_set_number(values, object, "self_ns", module->self_ns);
    if (known->collections)
        thaw_values_set_number(values, object, "gc_ns", module->gc_ns);
    if (known->edges)
        thaw_values_set_number(values, object, "retained_ns", cost->retained_ns);
    thaw_values_set_text(values, object, "status", status_name(module->status));
    thaw_values_set_boolean(values, object, "end_inferred", module->end_inferred);
    thaw_values_set(values, object, "split", module_split(values, module));
    return object;
}

json_t *thaw_json_modules(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct known known = {
        .collections = thaw_json_saw_collections(timeline),
        .edges = analysis->has_edges,
    };
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->module_count; i++)
        thaw_values_append(values, array,
                           module_object(values, &timeline->modules[i],
                                         known.edges ? &analysis->modules[i] : NULL, &known));
    return array;
}
