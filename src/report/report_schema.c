/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_schema.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/schema_words.h"
#include "thaw/report.h"

#define REFERENCE "#/$defs/"

/* A value on the way down to it, for the place that an error names. */
struct place {
    const struct place *above; /* NULL: the report itself */
    const char *key;           /* NULL: an item of a list */
    size_t index;
};

struct check {
    const char *name;
    const json_t *definitions; /* the schema's $defs */
    struct thaw_error *error;
};

/* "modules[3].total_ns", as much of it as fits. */
static void write_place(const struct place *place, char *ret, size_t size)
{
    char part[64], longer[200];

    ret[0] = '\0';
    for (; place->above; place = place->above) {
        if (place->key)
            snprintf(part, sizeof(part), "%s%.40s", place->above->above ? "." : "", place->key);
        else
            snprintf(part, sizeof(part), "[%zu]", place->index);
        snprintf(longer, sizeof(longer), "%s%.100s", part, ret);
        snprintf(ret, size, "%.*s", (int)size - 1, longer);
    }
}

static int wrong(const struct check *check, const struct place *place, const char *what)
{
    char text[200];

    write_place(place, text, sizeof(text));
    return thaw_error_set(check->error, -EINVAL,
                          "%s can't be shown as a report: %s%s%s; `thaw schema` prints what each "
                          "value has to be",
                          check->name, text, *text ? " " : "it ", what);
}

static int check_value(const struct check *check, const struct place *place, const json_t *schema,
                       const json_t *value);

static int check_required(const struct check *check, const struct place *place,
                          const json_t *schema, const json_t *value)
{
    const json_t *required = json_object_get(schema, "required"), *key;
    size_t i;

    json_array_foreach(required, i, key)
    {
        char what[100];

        if (json_object_get(value, json_string_value(key)))
            continue;
        snprintf(what, sizeof(what), "has no \"%s\"", json_string_value(key));
        return wrong(check, place, what);
    }
    return 0;
}

static int check_object(const struct check *check, const struct place *place, const json_t *schema,
                        const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *patterns = json_object_get(schema, "patternProperties");
    int code = check_required(check, place, schema, value);
    const char *key;
    json_t *item;

    json_object_foreach((json_t *)value, key, item)
    {
        const struct place here = {.above = place, .key = key};
        const json_t *of_key = json_object_get(properties, key);

        if (!of_key)
            of_key = thaw_schema_of_bytes(patterns, key);
        if (!code && of_key)
            code = check_value(check, &here, of_key, item);
        if (code)
            return code;
    }
    return code;
}

static int check_items(const struct check *check, const struct place *place, const json_t *schema,
                       const json_t *value)
{
    const json_t *items = json_object_get(schema, "items"), *item;
    size_t i;

    json_array_foreach(value, i, item)
    {
        const struct place here = {.above = place, .index = i};
        int code = items ? check_value(check, &here, items, item) : 0;

        if (code)
            return code;
    }
    return 0;
}

/* One alternative that is no null, or null: the schema's tests hold it to that. */
static int check_alternatives(const struct check *check, const struct place *place,
                              const json_t *alternatives, const json_t *value)
{
    const json_t *schema;
    size_t i;

    if (json_is_null(value))
        return 0;
    json_array_foreach(alternatives, i, schema)
    {
        const char *type = json_string_value(json_object_get(schema, "type"));

        if (!type || strcmp(type, "null") != 0)
            return check_value(check, place, schema, value);
    }
    return 0;
}

static int check_value(const struct check *check, const struct place *place, const json_t *schema,
                       const json_t *value)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    const json_t *alternatives = json_object_get(schema, "oneOf");
    char what[160];

    if (reference)
        return check_value(check, place,
                           json_object_get(check->definitions, reference + strlen(REFERENCE)),
                           value);
    if (alternatives)
        return check_alternatives(check, place, alternatives, value);
    if (!thaw_schema_allows(schema, value, what, sizeof(what)))
        return wrong(check, place, what);
    if (json_is_object(value))
        return check_object(check, place, schema, value);
    return json_is_array(value) ? check_items(check, place, schema, value) : 0;
}

/* Ids ascend, and whatever a parent is stands before it. */
static int check_parents(const struct check *check, const struct place *top, const json_t *report,
                         const char *key)
{
    const struct place list = {.above = top, .key = key};
    const json_t *item;
    json_int_t last = 0;
    size_t i;

    json_array_foreach(json_object_get(report, key), i, item)
    {
        const struct place here = {.above = &list, .index = i};
        json_int_t id = json_integer_value(json_object_get(item, "id"));
        json_int_t parent = json_integer_value(json_object_get(item, "parent"));

        if (id <= last)
            return wrong(check, &here, "has an id that does not follow the one before");
        if (parent >= id)
            return wrong(check, &here, "has a parent that is not before it");
        last = id;
    }
    return 0;
}

int thaw_report_check_by(const json_t *schema, const char *name, const json_t *report,
                         struct thaw_error *error)
{
    static const char *const lists[] = {"processes", "modules", "tracks"};
    const struct check check = {.name = name,
                                .definitions = json_object_get(schema, "$defs"),
                                .error = error};
    const struct place top = {0};
    int code = check_value(&check, &top, schema, report);

    for (size_t i = 0; !code && i < sizeof(lists) / sizeof(lists[0]); i++)
        code = check_parents(&check, &top, report, lists[i]);
    return code;
}

int thaw_report_check_schema(const char *name, const json_t *report, struct thaw_error *error)
{
    size_t length;
    const char *text = thaw_report_schema(&length);
    json_t *schema = json_loadb(text, length, 0, NULL);
    int code =
        schema ? thaw_report_check_by(schema, name, report, error) : thaw_error_memory(error);

    json_decref(schema);
    return code;
}
