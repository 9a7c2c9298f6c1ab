/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

/* How many modules each distribution gave: an object of counts by name, used as a map. */
static json_t *count_modules(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *counts = thaw_values_object(values);

    for (size_t i = 0; i < timeline->module_count; i++) {
        const char *name = timeline->modules[i].distribution;
        json_t *count;

        if (!name || !*name)
            continue;
        count = json_object_get(counts, name);
        if (count)
            json_integer_set(count, json_integer_value(count) + 1);
        else if (json_object_set_new_nocheck(counts, name, json_integer(1)) < 0)
            values->failed = true;
    }
    return counts;
}

static json_t *distribution_object(struct thaw_values *values,
                                   const struct thaw_inventory_distribution *distribution,
                                   const json_t *counts)
{
    json_t *object = thaw_values_object(values);
    json_t *count = json_object_get(counts, distribution->name);

    thaw_values_set_text(values, object, "name", distribution->name);
    thaw_values_set_name(values, object, "version", distribution->version);
    thaw_values_set_name(values, object, "location", distribution->location);
    thaw_values_set_name(values, object, "installer", distribution->installer);
    thaw_values_set_number(values, object, "bytes", distribution->bytes);
    thaw_values_set_number(values, object, "disk_bytes", distribution->disk_bytes);
    thaw_values_set_number(values, object, "files", distribution->files);
    thaw_values_set_number(values, object, "modules", (uint64_t)json_integer_value(count));
    thaw_values_set_texts(values, object, "requires", distribution->requires.items,
                          distribution->requires.count);
    thaw_values_set_boolean(values, object, "used", count != NULL);
    return object;
}

static bool has_inventory(const struct thaw_recording *recording)
{
    for (size_t i = 0; recording && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_INTERPRETER ||
            recording->events[i].kind == THAW_EVENT_INVENTORY_DISTRIBUTION)
            return true;
    return false;
}

json_t *thaw_json_distributions(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;
    json_t *array, *counts;

    if (!has_inventory(recording))
        return json_null();
    array = thaw_values_array(values);
    counts = count_modules(values, timeline);
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INVENTORY_DISTRIBUTION)
            thaw_values_append(values, array,
                               distribution_object(values, &event->inventory_distribution, counts));
    }
    json_decref(counts);
    return array;
}
