/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/json_parts.h"

/* What was used of a distribution. */
struct use {
    uint64_t modules;      /* how many were imported */
    uint64_t import_ns;    /* their own times */
    uint64_t loaded_bytes; /* sizes of the files behind them, and of mapped libraries */
};

/* The same distribution may be installed in several folders: the file tells which one was used. */
static bool is_its(const struct thaw_inventory_distribution *distribution, const char *owner,
                   const char *file)
{
    size_t length = strlen(distribution->location);

    return owner && file && strcmp(owner, distribution->name) == 0 &&
           strncmp(file, distribution->location, length) == 0 && file[length] == '/';
}

static void add_up(const struct thaw_timeline *timeline,
                   const struct thaw_inventory_distribution *distribution, struct use *ret)
{
    const struct thaw_recording *recording = timeline->recording;

    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (!is_its(distribution, module->distribution, module->file))
            continue;
        ret->modules++;
        ret->import_ns += module->self_ns;
    }
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_file *file = &recording->events[i].inventory_file;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_FILE &&
            is_its(distribution, file->distribution, file->path))
            ret->loaded_bytes += file->bytes;
    }
}

static json_t *distribution_object(struct thaw_values *values,
                                   const struct thaw_inventory_distribution *distribution,
                                   const struct thaw_timeline *timeline)
{
    json_t *object = thaw_values_object(values);
    struct use use;

    add_up(timeline, distribution, &use);
    thaw_values_set_text(values, object, "name", distribution->name);
    thaw_values_set_name(values, object, "version", distribution->version);
    thaw_values_set_name(values, object, "location", distribution->location);
    thaw_values_set_name(values, object, "installer", distribution->installer);
    thaw_values_set_number(values, object, "bytes", distribution->bytes);
    thaw_values_set_number(values, object, "disk_bytes", distribution->disk_bytes);
    thaw_values_set_number(values, object, "files", distribution->files);
    thaw_values_set_number(values, object, "modules", use.modules);
    thaw_values_set_number(values, object, "loaded_bytes", use.loaded_bytes);
    thaw_values_set_number(values, object, "import_ns", use.import_ns);
    thaw_values_set_texts(values, object, "requires", distribution->requires.items,
                          distribution->requires.count);
    thaw_values_set_boolean(values, object, "used", use.modules != 0);
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
    json_t *array;

    if (!has_inventory(recording))
        return json_null();
    array = thaw_values_array(values);
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INVENTORY_DISTRIBUTION)
            thaw_values_append(values, array,
                               distribution_object(values, &event->inventory_distribution,
                                                   timeline));
    }
    return array;
}
