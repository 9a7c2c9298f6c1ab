/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "packaging/name.h"
#include "report/json_shipped.h"

/*
 * What a recording says of a target's distributions and libraries. Paths of a recording are
 * absolute; those of a target are relative to it, and it may have been recorded in another place:
 * as /var/task what is ./build here.
 */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* Is a recorded path that of the target's place? */
static bool is_place(const char *recorded, const char *place, const char *directory)
{
    size_t above = strlen(directory), length = strlen(recorded), tail = strlen(place);

    if (!strcmp(recorded, place))
        return true;
    if (above && !strncmp(recorded, directory, above)) {
        const char *rest = recorded + above;

        if (!*rest ? !tail : *rest == '/' && !strcmp(rest + 1, place))
            return true;
    }
    /* in another place: what is left must tell more than a file's name */
    return *place != '/' && strchr(place, '/') && length > tail &&
           recorded[length - tail - 1] == '/' && !strcmp(recorded + length - tail, place);
}

/* Facts only: figures and yes or no. Texts of a recording name the same things in another way. */
static void add_missing(struct thaw_values *values, json_t *object, const json_t *recorded)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)recorded, key, value)
    {
        if ((json_is_number(value) || json_is_boolean(value)) && !json_object_get(object, key))
            thaw_values_set(values, object, key, json_incref(value));
    }
}

static bool is_distribution(const json_t *recorded, const json_t *object, const char *directory)
{
    return thaw_name_is_same(text_of(recorded, "name"), text_of(object, "name")) &&
           is_place(text_of(recorded, "location"), text_of(object, "location"), directory);
}

void thaw_json_join_distributions(struct thaw_values *values, json_t *shipped,
                                  const json_t *recorded, const char *directory)
{
    json_t *object, *one;
    size_t i, j;

    if (!json_is_array(recorded))
        return;
    json_array_foreach(shipped, i, object)
    {
        json_array_foreach(recorded, j, one)
        {
            if (!is_distribution(one, object, directory))
                continue;
            add_missing(values, object, one);
            break;
        }
        if (!json_object_get(object, "used"))
            thaw_values_set_boolean(values, object, "used", false);
    }
}

static json_t *find_library(json_t *shipped, size_t count, const json_t *recorded,
                            const char *directory)
{
    const char *path = text_of(recorded, "path");

    for (size_t i = 0; i < count; i++) {
        json_t *object = json_array_get(shipped, i);

        if (is_place(path, text_of(object, "path"), directory))
            return object;
    }
    return NULL;
}

void thaw_json_join_libraries(struct thaw_values *values, json_t *shipped, const json_t *recorded,
                              const char *directory)
{
    size_t count = json_array_size(shipped), i;
    json_t *one, *object;

    if (!json_is_array(recorded))
        return;
    json_array_foreach(recorded, i, one)
    {
        object = find_library(shipped, count, one, directory);
        if (object) {
            add_missing(values, object, one);
            continue;
        }
        object = json_copy((json_t *)one);
        thaw_values_set_boolean(values, object, "outside", true);
        thaw_values_append(values, shipped, object);
    }
    json_array_foreach(shipped, i, object)
    {
        if (!json_object_get(object, "loaded"))
            thaw_values_set_boolean(values, object, "loaded", false);
    }
}
