/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "report/json_shipped.h"

const char *thaw_json_owner(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return distribution < shipped->distribution_count ? shipped->distributions[distribution].name
                                                      : "";
}

static void set_texts(struct thaw_values *values, json_t *object, const char *key,
                      const struct thaw_texts *texts)
{
    thaw_values_set_texts(values, object, key, texts->items, texts->count);
}

static json_t *record_object(struct thaw_values *values,
                             const struct thaw_shipped_distribution *distribution)
{
    static const char *const states[] = {
        [THAW_RECORD_PRESENT] = "present",
        [THAW_RECORD_MISSING] = "missing",
        [THAW_RECORD_UNREADABLE] = "unreadable",
    };
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "state", states[distribution->record]);
    thaw_values_set_number(values, object, "listed", distribution->listed);
    thaw_values_set_number(values, object, "absent", distribution->absent);
    thaw_values_set_number(values, object, "changed", distribution->changed);
    thaw_values_set_number(values, object, "outside", distribution->outside);
    set_texts(values, object, "absent_paths", &distribution->absent_paths);
    set_texts(values, object, "changed_paths", &distribution->changed_paths);
    return object;
}

/* Names of what it requires here, each once. */
static void set_requires(struct thaw_values *values, json_t *object,
                         const struct thaw_shipped_distribution *distribution)
{
    size_t count = distribution->require_count, used = 0;
    const char **names = calloc(count + 1, sizeof(*names));
    struct thaw_path_table seen = {0};
    struct thaw_arena arena = {0};

    values->failed |= !names;
    for (size_t i = 0; names && i < count; i++) {
        const struct thaw_shipped_requirement *requirement = &distribution->requires[i];
        int added;

        if (!requirement->applies || requirement->unreadable)
            continue;
        added = thaw_path_table_add(&seen, &arena, requirement->name, strlen(requirement->name), i);
        values->failed |= added < 0;
        if (added > 0)
            names[used++] = requirement->name;
    }
    if (names)
        thaw_values_set_texts(values, object, "requires", names, used);
    thaw_path_table_clear(&seen);
    thaw_arena_free(&arena);
    free(names);
}

static void set_sizes(struct thaw_values *values, json_t *object,
                      const struct thaw_shipped_distribution *distribution)
{
    thaw_values_set_number(values, object, "bytes", distribution->amount.bytes);
    thaw_values_set_number(values, object, "disk_bytes", distribution->amount.disk_bytes);
    thaw_values_set_number(values, object, "exclusive_bytes", distribution->exclusive.bytes);
    thaw_values_set_number(values, object, "exclusive_disk_bytes",
                           distribution->exclusive.disk_bytes);
    thaw_values_set_number(values, object, "files", distribution->amount.files);
    thaw_values_set(values, object, "kinds", thaw_json_kinds(values, distribution->kinds));
}

static json_t *distribution_object(struct thaw_values *values, const struct thaw_shipped *shipped,
                                   const struct thaw_shipped_distribution *distribution)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", distribution->name);
    thaw_values_set_name(values, object, "version", distribution->version);
    thaw_values_set_text(values, object, "location", distribution->location);
    thaw_values_set_name(values, object, "installer", distribution->installer);
    set_sizes(values, object, distribution);
    set_texts(values, object, "required_by", &distribution->required_by);
    set_requires(values, object, distribution);
    thaw_values_set_name(values, object, "info", distribution->info);
    thaw_values_set_name(values, object, "license", distribution->license);
    thaw_values_set_name(values, object, "editable", distribution->editable);
    thaw_values_set_boolean(values, object, "editable_outside", distribution->is_editable_outside);
    set_texts(values, object, "tags", &distribution->tags);
    thaw_values_set_name(values, object, "misfit", distribution->misfit);
    thaw_values_set_boolean(values, object, "direct", distribution->is_direct);
    thaw_values_set_boolean(values, object, "imported_by_app", distribution->is_imported_by_app);
    set_texts(values, object, "why", &distribution->why);
    thaw_values_set(values, object, "requirements",
                    thaw_json_requirements(values, shipped, distribution));
    thaw_values_set(values, object, "record", record_object(values, distribution));
    return object;
}

json_t *thaw_json_shipped_distributions(struct thaw_values *values,
                                        const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->distribution_count; i++)
        thaw_values_append(values, array,
                           distribution_object(values, shipped, &shipped->distributions[i]));
    return array;
}
