/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

/* More is not read by anybody; the rest is summed. */
enum { modules_most = 5, functions_most = 300, paths_most = 50 };

static void set_time(struct thaw_values *values, json_t *object, const struct thaw_native *native,
                     uint64_t samples)
{
    thaw_values_set_number(values, object, "samples", samples);
    thaw_values_set_number(values, object, "time_ns", samples * native->period_ns);
}

static json_t *modules_array(struct thaw_values *values, const struct thaw_native *native,
                             const struct thaw_native_share *modules, size_t count)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < count && i < modules_most; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_number(values, object, "module", modules[i].module);
        set_time(values, object, native, modules[i].samples);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *libraries_array(struct thaw_values *values, const struct thaw_native *native)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < native->library_count; i++) {
        const struct thaw_native_library *library = &native->libraries[native->library_order[i]];
        json_t *object;

        if (!library->samples)
            break;
        object = thaw_values_object(values);
        thaw_values_set_text(values, object, "path", library->path);
        thaw_values_set_text(values, object, "kind", library->kind);
        thaw_values_set_name(values, object, "distribution", library->distribution);
        set_time(values, object, native, library->samples);
        thaw_values_set_number(values, object, "kernel_samples", library->kernel_samples);
        thaw_values_set(values, object, "modules",
                        modules_array(values, native, library->modules, library->module_count));
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *function_object(struct thaw_values *values, const struct thaw_native *native,
                               const struct thaw_native_function *function)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "library", native->libraries[function->library].path);
    thaw_values_set_name(values, object, "name", function->name);
    thaw_values_set_number(values, object, "offset", function->offset);
    thaw_values_set_boolean(values, object, "whole", function->whole);
    return object;
}

/* *rest: samples of the functions that are left out. */
static json_t *functions_array(struct thaw_values *values, const struct thaw_native *native,
                               uint64_t *rest)
{
    json_t *array = thaw_values_array(values);

    *rest = 0;
    for (size_t i = 0; i < native->function_count; i++) {
        const struct thaw_native_function *function = &native->functions[native->function_order[i]];
        json_t *object;

        if (i >= functions_most) {
            *rest += function->samples;
            continue;
        }
        if (!function->samples)
            break;
        object = function_object(values, native, function);
        set_time(values, object, native, function->samples);
        thaw_values_set_number(values, object, "kernel_samples", function->kernel_samples);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *path_object(struct thaw_values *values, const struct thaw_native *native,
                           const struct thaw_native_path *path)
{
    json_t *object = thaw_values_object(values), *frames = thaw_values_array(values);

    set_time(values, object, native, path->samples);
    for (size_t i = 0; i < path->function_count; i++)
        thaw_values_append(values, frames,
                           function_object(values, native, &native->functions[path->functions[i]]));
    thaw_values_set(values, object, "frames", frames);
    thaw_values_set(values, object, "modules",
                    modules_array(values, native, path->modules, path->module_count));
    return object;
}

static json_t *stacks_object(struct thaw_values *values, const struct thaw_native *native)
{
    json_t *object, *paths;

    if (!native->has_stacks)
        return json_null();
    object = thaw_values_object(values);
    paths = thaw_values_array(values);
    thaw_values_set_number(values, object, "complete", native->complete);
    thaw_values_set_number(values, object, "truncated", native->truncated);
    thaw_values_set_number(values, object, "probed", native->probed);
    thaw_values_set_number(values, object, "broken", native->broken);
    for (size_t i = 0; i < native->path_count && i < paths_most; i++)
        thaw_values_append(values, paths,
                           path_object(values, native, &native->paths[native->path_order[i]]));
    thaw_values_set(values, object, "paths", paths);
    return object;
}

json_t *thaw_json_native(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_native *native = &timeline->native;
    uint64_t rest;
    json_t *object;

    if (!native->period_ns)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "period_ns", native->period_ns);
    set_time(values, object, native, native->samples);
    thaw_values_set_number(values, object, "kernel_samples", native->kernel_samples);
    thaw_values_set_number(values, object, "unattributed_samples", native->unattributed);
    thaw_values_set_number(values, object, "outside_samples", native->outside);
    thaw_values_set(values, object, "libraries", libraries_array(values, native));
    thaw_values_set(values, object, "functions", functions_array(values, native, &rest));
    thaw_values_set_number(values, object, "other_functions_samples", rest);
    thaw_values_set(values, object, "stacks", stacks_object(values, native));
    return object;
}
