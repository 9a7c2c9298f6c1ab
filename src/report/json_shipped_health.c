/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_shipped.h"

static json_t *states_object(struct thaw_values *values,
                             const struct thaw_shipped_bytecode *bytecode)
{
    json_t *object = thaw_values_object(values);

    for (enum thaw_bytecode_state state = 0; state < THAW_BYTECODE_STATES; state++) {
        json_t *one = thaw_values_object(values);

        thaw_values_set_number(values, one, "files", bytecode->states[state]);
        thaw_values_set_number(values, one, "source_bytes", bytecode->source_bytes[state]);
        thaw_values_set(values, object, thaw_bytecode_state_name(state), one);
    }
    return object;
}

json_t *thaw_json_bytecode_health(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    const struct thaw_shipped_bytecode *bytecode = &shipped->bytecode;
    json_t *object = thaw_values_object(values);

    thaw_values_set(values, object, "states", states_object(values, bytecode));
    thaw_values_set_number(values, object, "checked", bytecode->checked);
    thaw_values_set_number(values, object, "by_time", bytecode->by_time);
    thaw_values_set_number(values, object, "by_hash", bytecode->by_hash);
    thaw_values_set_number(values, object, "unwritable", bytecode->unwritable);
    thaw_values_set_texts(values, object, "examples", bytecode->examples.items,
                          bytecode->examples.count);
    return object;
}

json_t *thaw_json_path_files(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->path_file_count; i++) {
        const struct thaw_shipped_path_file *file = &shipped->path_files[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "path", file->path);
        thaw_values_set_name(values, object, "distribution",
                             thaw_json_owner(shipped, file->distribution));
        thaw_values_set_number(values, object, "folders", file->folders);
        thaw_values_set_number(values, object, "code", file->code);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_faults(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->fault_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "path", shipped->faults[i].path);
        thaw_values_set_text(values, object, "what", shipped->faults[i].what);
        thaw_values_set_boolean(values, object, "unread", shipped->faults[i].is_unread);
        thaw_values_set_boolean(values, object, "folder", shipped->faults[i].is_folder);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_limits(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->limit_count; i++) {
        const struct thaw_shipped_limit *limit = &shipped->limits[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "id", limit->id);
        thaw_values_set_text(values, object, "platform", limit->platform);
        thaw_values_set_text(values, object, "what", limit->what);
        thaw_values_set_number(values, object, "limit_bytes", limit->limit_bytes);
        thaw_values_set_number(values, object, "bytes", limit->bytes);
        thaw_values_set_boolean(values, object, "exceeded", limit->is_exceeded);
        thaw_values_set_boolean(values, object, "hard", limit->is_hard);
        thaw_values_set_text(values, object, "source", limit->source);
        thaw_values_set_text(values, object, "dated", limit->dated);
        thaw_values_append(values, array, object);
    }
    return array;
}
