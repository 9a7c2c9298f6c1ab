/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/cyclonedx.h"
#include "report/keys.h"
#include "report/summary.h"

static const char *kept(struct thaw_bom *bom, const char *text)
{
    bom->values.failed |= !text;
    return text ? text : "";
}

/* The text, or with "#2", "#3" … behind it: no two components share one. */
static const char *unique(struct thaw_bom *bom, const char *text)
{
    json_int_t times = json_integer_value(json_object_get(bom->taken, text)) + 1;
    const char *reference = text;

    while (json_object_get(bom->taken, reference) && !bom->values.failed)
        reference = kept(bom, thaw_arena_format(&bom->arena, "%s#%lld", text, (long long)++times));
    thaw_values_set(&bom->values, bom->taken, reference, json_integer(0));
    thaw_values_set(&bom->values, bom->taken, text, json_integer(times - 1));
    return reference;
}

static const char *distribution_reference(struct thaw_bom *bom, const json_t *distribution,
                                          const char *name)
{
    const char *version = json_string_value(json_object_get(distribution, "version"));

    return unique(bom, kept(bom, thaw_arena_format(&bom->arena, "distribution:%s%s%s", name,
                                                   version ? "@" : "", version ? version : "")));
}

static void refer_to_distributions(struct thaw_bom *bom)
{
    const json_t *distribution;
    size_t i;

    json_array_foreach(bom->distributions, i, distribution)
    {
        const char *name = kept(bom, thaw_key_name(&bom->arena, distribution, "name"));
        json_t *numbers = json_object_get(bom->by_name, name);

        if (!numbers) {
            numbers = thaw_values_array(&bom->values);
            thaw_values_set(&bom->values, bom->by_name, name, numbers);
        }
        thaw_values_append_number(&bom->values, numbers, i);
        bom->distribution_refs[i] = distribution_reference(bom, distribution, name);
        if (bom->values.failed)
            return;
    }
}

/* Libraries outside of the target are not shipped. */
static void refer_to_libraries(struct thaw_bom *bom)
{
    const json_t *library;
    size_t i;

    json_array_foreach(bom->libraries, i, library)
    {
        const char *path = kept(bom, thaw_key_text(&bom->arena, library, "path"));

        if (thaw_summary_is(library, "outside"))
            continue;
        bom->library_refs[i] =
            unique(bom, kept(bom, thaw_arena_format(&bom->arena, "library:%s", path)));
        if (!json_object_get(bom->by_path, path))
            thaw_values_set(&bom->values, bom->by_path, path, json_integer((json_int_t)i));
        if (bom->values.failed)
            return;
    }
}

bool thaw_bom_refer(struct thaw_bom *bom)
{
    size_t distributions = json_array_size(bom->distributions);
    size_t libraries = json_array_size(bom->libraries);

    bom->distribution_refs =
        thaw_arena_allocate(&bom->arena, (distributions + 1) * sizeof(*bom->distribution_refs));
    bom->library_refs =
        thaw_arena_allocate(&bom->arena, (libraries + 1) * sizeof(*bom->library_refs));
    bom->values.failed = !bom->distribution_refs || !bom->library_refs || !bom->taken ||
                         !bom->by_name || !bom->by_path;
    if (!bom->values.failed) {
        thaw_values_set(&bom->values, bom->taken, thaw_bom_target_ref, json_integer(1));
        refer_to_distributions(bom);
    }
    if (!bom->values.failed)
        refer_to_libraries(bom);
    return !bom->values.failed;
}

const json_t *thaw_bom_named(const struct thaw_bom *bom, const char *name)
{
    return json_object_get(bom->by_name, name);
}

static bool is_version(struct thaw_bom *bom, const json_t *library, size_t number)
{
    const json_t *distribution = json_array_get(bom->distributions, number);

    return !json_object_get(library, "distribution_version") ||
           !strcmp(kept(bom, thaw_key_text(&bom->arena, library, "distribution_version")),
                   kept(bom, thaw_key_text(&bom->arena, distribution, "version")));
}

/* Of several versions of the name the one that it says, or whose folder the library lies in. */
size_t thaw_bom_owner(struct thaw_bom *bom, const json_t *library)
{
    const char *path = kept(bom, thaw_key_text(&bom->arena, library, "path"));
    const json_t *numbers =
        thaw_bom_named(bom, kept(bom, thaw_key_name(&bom->arena, library, "distribution")));
    const json_t *number;
    size_t longest = 0, found = SIZE_MAX, i;

    json_array_foreach(numbers, i, number)
    {
        size_t one = (size_t)json_integer_value(number);
        const char *folder =
            kept(bom,
                 thaw_key_text(&bom->arena, json_array_get(bom->distributions, one), "location"));

        if (!is_version(bom, library, one))
            continue;
        if (found != SIZE_MAX && (strlen(folder) < longest || !thaw_key_within(path, folder)))
            continue;
        if (thaw_key_within(path, folder))
            longest = strlen(folder) + 1;
        found = one;
    }
    return found;
}
