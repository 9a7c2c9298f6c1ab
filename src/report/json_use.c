/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"
#include "report/json_use.h"

static json_t *recording_object(struct thaw_values *values,
                                const struct thaw_use_recording *recording)
{
    static const char *const matches[] = {
        [THAW_USE_MATCH_NONE] = "none",
        [THAW_USE_MATCH_PATH] = "path",
        [THAW_USE_MATCH_NAME] = "name",
    };
    const struct thaw_timeline *timeline = recording->timeline;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "path", recording->path);
    thaw_json_set_started(values, object, timeline->session ? timeline->session->realtime_ns : 0);
    thaw_values_set_name(values, object, "platform", timeline->platform);
    thaw_values_set_boolean(values, object, "complete", timeline->complete);
    thaw_values_set_boolean(values, object, "replied", recording->replied);
    thaw_values_set_boolean(values, object, "whole", recording->whole);
    thaw_values_set_text(values, object, "match", matches[recording->match]);
    thaw_values_set_name(values, object, "root", recording->root);
    thaw_values_set_number(values, object, "files", recording->files);
    thaw_values_set_number(values, object, "not_found", recording->not_found);
    thaw_values_set_number(values, object, "other_size", recording->other_size);
    thaw_values_set_number(values, object, "other_time", recording->other_time);
    thaw_values_set_number(values, object, "relative", recording->relative);
    return object;
}

static json_t *recordings_array(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < use->recording_count; i++)
        thaw_values_append(values, array, recording_object(values, &use->recordings[i]));
    return array;
}

static void set_if(struct thaw_values *values, json_t *object, const char *key, bool known,
                   uint64_t value)
{
    if (known)
        thaw_values_set_number(values, object, key, value);
    else
        thaw_values_set_null(values, object, key);
}

static json_t *stages_array(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *array = thaw_values_array(values);

    for (int i = 0; i < THAW_USE_STAGES; i++) {
        const struct thaw_use_amount *amount = &use->stages[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "stage", thaw_use_stage_name((enum thaw_use_stage)i));
        set_if(values, object, "files", amount->known, amount->files);
        set_if(values, object, "bytes", amount->known, amount->bytes);
        set_if(values, object, "library_files", amount->known, amount->library_files);
        set_if(values, object, "library_bytes", amount->known, amount->library_bytes);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *bytecode_array(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < use->bytecode_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "state",
                             thaw_json_bytecode_status(use->bytecode[i].state));
        thaw_values_set_number(values, object, "modules", use->bytecode[i].modules);
        thaw_values_set_number(values, object, "ns", use->bytecode[i].ns);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *searches_array(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < use->search_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "path", use->searches[i].path);
        thaw_values_set_number(values, object, "lookups_failed", use->searches[i].lookups_failed);
        thaw_values_set_number(values, object, "ns", use->searches[i].ns);
        thaw_values_set_number(values, object, "modules_passed", use->searches[i].modules_passed);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *path_files_array(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < use->path_file_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "path", use->path_files[i].path);
        thaw_values_set_known(values, object, "ns", use->path_files[i].ns);
        thaw_values_set_number(values, object, "openings", use->path_files[i].openings);
        thaw_values_set_number(values, object, "modules", use->path_files[i].modules);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *small_object(struct thaw_values *values, const struct thaw_use_small *small)
{
    json_t *object;

    if (!small->known)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "files", small->files);
    thaw_values_set_number(values, object, "bytes", small->bytes);
    thaw_values_set_number(values, object, "open_ns", small->open_ns);
    thaw_values_set_number(values, object, "read_ns", small->read_ns);
    set_if(values, object, "disk_wait_ns", small->disk_known, small->disk_wait_ns);
    return object;
}

json_t *thaw_json_use(struct thaw_values *values, const struct thaw_use *use)
{
    json_t *object = thaw_values_object(values);
    bool told = use->lookups_known;

    thaw_values_set(values, object, "recordings", recordings_array(values, use));
    thaw_values_set(values, object, "stages", stages_array(values, use));
    thaw_values_set(values, object, "bytecode", told ? bytecode_array(values, use) : json_null());
    thaw_values_set(values, object, "search_folders",
                    told ? searches_array(values, use) : json_null());
    thaw_values_set_number(values, object, "search_folders_more", use->searches_more);
    thaw_values_set(values, object, "path_files",
                    told ? path_files_array(values, use) : json_null());
    thaw_values_set(values, object, "small_files", small_object(values, &use->small));
    return object;
}

/* A key is absent where no recording can tell. */
static void set_known(struct thaw_values *values, json_t *object, const struct thaw_use *use,
                      const char *key, enum thaw_use_stage stage, uint64_t bytes)
{
    if (use->stages[stage].known)
        thaw_values_set_number(values, object, key, bytes);
}

void thaw_json_use_distribution(struct thaw_values *values, json_t *object,
                                const struct thaw_use *use, size_t index)
{
    const struct thaw_use_distribution *row = &use->distributions[index];

    set_known(values, object, use, "opened_bytes", THAW_USE_OPENED, row->bytes[THAW_USE_OPENED]);
    set_known(values, object, use, "mapped_bytes", THAW_USE_MAPPED, row->bytes[THAW_USE_MAPPED]);
    set_known(values, object, use, "resident_bytes", THAW_USE_RESIDENT,
              row->bytes[THAW_USE_RESIDENT]);
    set_known(values, object, use, "used_bytes", THAW_USE_USED, row->bytes[THAW_USE_USED]);
    if (!use->modules_known || (!row->touched_in && !use->untouched_known))
        return;
    thaw_values_set_number(values, object, "used_in", row->touched_in);
    thaw_values_set_boolean(values, object, "used", row->is_used);
    thaw_values_set_number(values, object, "modules", row->modules);
    thaw_values_set_number(values, object, "import_ns", row->import_ns);
    thaw_values_set_number(values, object, "import_total_ns", row->import_total_ns);
}

void thaw_json_use_library(struct thaw_values *values, json_t *object, const struct thaw_use *use,
                           size_t index)
{
    const struct thaw_use_library *row = &use->libraries[index];

    if (!row->known)
        return;
    thaw_values_set_boolean(values, object, "loaded", row->loaded_in != 0);
    thaw_values_set_number(values, object, "loaded_in", row->loaded_in);
    if (row->resident_known)
        thaw_values_set_number(values, object, "resident_bytes", row->resident_bytes);
    if (row->dlopen_ns)
        thaw_values_set_number(values, object, "dlopen_ns", row->dlopen_ns);
}
