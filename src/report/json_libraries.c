/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/json_parts.h"
#include "report/keys.h"

/* The mapped object that answers to a DT_NEEDED name: by its SONAME, else by its file's name. */
static const char *resolve(const struct thaw_analysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->library_count; i++) {
        const struct thaw_library_cost *library = &analysis->libraries[i];

        if ((library->facts && strcmp(library->facts->soname, name) == 0) ||
            strcmp(thaw_key_last_part(library->path), name) == 0)
            return library->path;
    }
    return "";
}

static json_t *needed_array(struct thaw_values *values, const struct thaw_analysis *analysis,
                            const struct thaw_texts *needed)
{
    json_t *array = thaw_values_array(values);

    for (uint64_t i = 0; i < needed->count; i++) {
        json_t *object = thaw_values_object(values);
        const char *path = resolve(analysis, needed->items[i]);

        thaw_values_set_text(values, object, "name", needed->items[i]);
        thaw_values_set_name(values, object, "resolved", path);
        thaw_values_set_name(values, object, "reason", *path ? "mapped in the process" : "");
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *library_object(struct thaw_values *values, const struct thaw_analysis *analysis,
                              const struct thaw_library_cost *library)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "path", library->path);
    thaw_values_set_name(values, object, "distribution", library->distribution);
    if (library->facts) {
        thaw_values_set_name(values, object, "soname", library->facts->soname);
        thaw_values_set_name(values, object, "build_id", library->facts->build_id);
        thaw_values_set_number(values, object, "bytes", library->facts->bytes);
        thaw_values_set_number(values, object, "relocations", library->facts->relocations);
        thaw_values_set(values, object, "needed",
                        needed_array(values, analysis, &library->facts->needed));
    }
    thaw_values_set_boolean(values, object, "loaded", true);
    if (library->resident_bytes)
        thaw_values_set_number(values, object, "resident_bytes", library->resident_bytes);
    if (library->dlopen_ns)
        thaw_values_set_number(values, object, "dlopen_ns", library->dlopen_ns);
    return object;
}

json_t *thaw_json_libraries(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    json_t *array;

    if (!analysis->has_libraries)
        return json_null();
    array = thaw_values_array(values);
    for (size_t i = 0; i < analysis->library_count; i++)
        thaw_values_append(values, array,
                           library_object(values, analysis, &analysis->libraries[i]));
    return array;
}
