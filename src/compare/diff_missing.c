/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* Libraries that something needs and the dynamic loader would not find. */

/* Name -> the first library that wants it, of a side. */
static json_t *missing_of(struct thaw_differ *differ, const json_t *libraries)
{
    json_t *missing = thaw_values_object(&differ->values);
    const json_t *library, *needed;
    size_t i, j;

    json_array_foreach(libraries, i, library)
    {
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *name =
                thaw_differ_keep(differ, thaw_key_text(&differ->arena, needed, "name"));
            json_t *pair;

            if (differ->values.failed)
                return missing;
            if (!thaw_key_is_missing(needed) || json_object_get(missing, name))
                continue;
            pair = thaw_values_object(&differ->values);
            thaw_differ_copy(differ, pair, needed, "name");
            thaw_values_set(&differ->values, pair, "wanted_by",
                            json_incref(json_object_get(library, "path")));
            if (json_object_get(library, "path_bytes"))
                thaw_values_set(&differ->values, pair, "wanted_by_bytes",
                                json_incref(json_object_get(library, "path_bytes")));
            thaw_values_set(&differ->values, missing, name, pair);
        }
    }
    return missing;
}

void thaw_diff_missing(struct thaw_differ *differ, json_t *diff)
{
    const json_t *lists[2] = {thaw_differ_list(differ, 0, "libraries"),
                              thaw_differ_list(differ, 1, "libraries")};
    struct thaw_diff_changes changes = {0};
    json_t *missing[2], *pair;
    const char *name;

    if (!lists[0] || !lists[1]) {
        thaw_values_set_null(&differ->values, diff, "missing");
        return;
    }
    for (int side = 0; side < 2; side++)
        missing[side] = missing_of(differ, lists[side]);
    for (int side = 1; side >= 0; side--)
        json_object_foreach(missing[side], name, pair)
        {
            json_t *object;

            if (json_object_get(missing[!side], name) || differ->values.failed)
                continue;
            object = thaw_values_object(&differ->values);
            thaw_values_set_text(&differ->values, object, "change", side ? "came" : "went");
            thaw_differ_copy(differ, object, pair, "name");
            thaw_differ_copy(differ, object, pair, "wanted_by");
            thaw_differ_add(differ, &changes, object, (uint64_t)side,
                            thaw_differ_keep(differ, thaw_arena_string(&differ->arena, name)));
        }
    json_decref(missing[0]);
    json_decref(missing[1]);
    thaw_values_set(&differ->values, diff, "missing", thaw_differ_sorted(differ, &changes));
}
