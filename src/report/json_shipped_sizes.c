/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_shipped.h"

/* Folders below this part of the whole are in their parents' sizes only: 0.05 %. */
enum { parts_of_whole = 2000 };

json_t *thaw_json_amount(struct thaw_values *values, const struct thaw_amount *amount)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "files", amount->files);
    thaw_values_set_number(values, object, "bytes", amount->bytes);
    thaw_values_set_number(values, object, "disk_bytes", amount->disk_bytes);
    return object;
}

json_t *thaw_json_kinds(struct thaw_values *values, const struct thaw_amount *kinds)
{
    json_t *object = thaw_values_object(values);

    for (enum thaw_file_kind kind = 0; kind < THAW_FILE_KINDS; kind++)
        if (kinds[kind].files)
            thaw_values_set(values, object, thaw_file_kind_name(kind),
                            thaw_json_amount(values, &kinds[kind]));
    return object;
}

json_t *thaw_json_totals(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "bytes", shipped->total.bytes);
    thaw_values_set_number(values, object, "disk_bytes", shipped->total.disk_bytes);
    thaw_values_set_number(values, object, "files", shipped->total.files);
    thaw_values_set_number(values, object, "directories", shipped->directory_count);
    thaw_values_set_number(values, object, "links", shipped->link_count);
    thaw_values_set_number(values, object, "special", shipped->special_count);
    thaw_values_set(values, object, "kinds", thaw_json_kinds(values, shipped->kinds));
    thaw_values_set(values, object, "unowned", thaw_json_amount(values, &shipped->unowned));
    thaw_values_set(values, object, "app", thaw_json_amount(values, &shipped->app));
    return object;
}

json_t *thaw_json_folders(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);
    uint64_t least = shipped->total.disk_bytes / parts_of_whole;

    for (size_t i = 0; i < shipped->folder_count; i++) {
        const struct thaw_shipped_folder *folder = &shipped->folders[i];
        json_t *object;

        if (folder->whole.disk_bytes < least)
            continue;
        object = thaw_values_object(values);
        thaw_values_set_text(values, object, "path", folder->path);
        thaw_values_set_name(values, object, "distribution",
                             thaw_json_owner(shipped, folder->distribution));
        thaw_values_set_number(values, object, "files", folder->whole.files);
        thaw_values_set_number(values, object, "bytes", folder->whole.bytes);
        thaw_values_set_number(values, object, "disk_bytes", folder->whole.disk_bytes);
        thaw_values_append(values, array, object);
    }
    return array;
}
