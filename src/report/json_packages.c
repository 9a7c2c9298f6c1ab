/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/json_parts.h"

/* What was used of a distribution. */
struct use {
    uint64_t modules;      /* how many were imported */
    uint64_t import_ns;    /* their own times */
    uint64_t loaded_bytes; /* sizes of the files behind them, and of mapped libraries */
};

/* The distributions of a recording by name, and what was used of each. */
struct packages {
    struct package {
        const struct thaw_inventory_distribution *distribution;
        size_t place; /* among the distributions */
    } * items;        /* sorted by name */
    struct use *uses; /* by place */
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    const struct package *a = left, *b = right;
    int order = strcmp(a->distribution->name, b->distribution->name);

    return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* Of a name's packages the first, or where it would be. */
static size_t first_of(const struct packages *packages, const char *name)
{
    size_t low = 0, high = packages->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(packages->items[middle].distribution->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_within(const char *file, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(file, folder, length) == 0 && file[length] == '/';
}

/* The one of that name that holds the file, NULL: none. It may be installed in several folders: the
 * file tells which one was used. */
static struct use *use_of(const struct packages *packages, const char *owner, const char *file)
{
    if (!owner || !file)
        return NULL;
    for (size_t i = first_of(packages, owner);
         i < packages->count && !strcmp(packages->items[i].distribution->name, owner); i++)
        if (is_within(file, packages->items[i].distribution->location))
            return &packages->uses[packages->items[i].place];
    return NULL;
}

static void add_up(const struct packages *packages, const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        struct use *use = use_of(packages, module->distribution, module->file);

        if (use) {
            use->modules++;
            use->import_ns += module->self_ns;
        }
    }
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_file *file = &recording->events[i].inventory_file;
        struct use *use = recording->events[i].kind == THAW_EVENT_INVENTORY_FILE
                              ? use_of(packages, file->distribution, file->path)
                              : NULL;

        if (use)
            use->loaded_bytes += file->bytes;
    }
}

static bool collect(struct packages *packages, const struct thaw_recording *recording)
{
    size_t count = 0;

    for (size_t i = 0; i < recording->count; i++)
        count += recording->events[i].kind == THAW_EVENT_INVENTORY_DISTRIBUTION;
    packages->items = calloc(count + 1, sizeof(*packages->items));
    packages->uses = calloc(count + 1, sizeof(*packages->uses));
    if (!packages->items || !packages->uses)
        return false;
    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_DISTRIBUTION) {
            packages->items[packages->count] =
                (struct package){&recording->events[i].inventory_distribution, packages->count};
            packages->count++;
        }
    qsort(packages->items, packages->count, sizeof(*packages->items), compare_names);
    return true;
}

static json_t *distribution_object(struct thaw_values *values,
                                   const struct thaw_inventory_distribution *distribution,
                                   const struct use *use)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", distribution->name);
    thaw_values_set_name(values, object, "version", distribution->version);
    thaw_values_set_name(values, object, "location", distribution->location);
    thaw_values_set_name(values, object, "installer", distribution->installer);
    thaw_values_set_number(values, object, "bytes", distribution->bytes);
    thaw_values_set_number(values, object, "disk_bytes", distribution->disk_bytes);
    thaw_values_set_number(values, object, "files", distribution->files);
    thaw_values_set_number(values, object, "modules", use->modules);
    thaw_values_set_number(values, object, "loaded_bytes", use->loaded_bytes);
    thaw_values_set_number(values, object, "import_ns", use->import_ns);
    thaw_values_set_texts(values, object, "requires", distribution->requires.items,
                          distribution->requires.count);
    thaw_values_set_boolean(values, object, "used", use->modules != 0);
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
    struct packages packages = {0};
    json_t *array;
    size_t place = 0;

    if (!has_inventory(recording))
        return json_null();
    array = thaw_values_array(values);
    values->failed |= !collect(&packages, recording);
    if (!values->failed)
        add_up(&packages, timeline);
    for (size_t i = 0; i < recording->count && !values->failed; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INVENTORY_DISTRIBUTION)
            thaw_values_append(values, array,
                               distribution_object(values, &event->inventory_distribution,
                                                   &packages.uses[place++]));
    }
    free(packages.uses);
    free(packages.items);
    return array;
}
