/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_position.h"
#include "base/read_whole.h"
#include "gate/baseline_shape.h"
#include "gate/gate.h"
#include "report/keys.h"

/*
 * A baseline is in a repository, where merges, editors and other versions get at it: what does not
 * fit is told with its place and what to do.
 */

/* `--update` keeps what a baseline has of others, and so reads it first. */
#define REMEDY "remove it, and write it anew with `thaw gate --update`"

struct reading {
    const char *name;
    struct thaw_json_positions positions;
    struct thaw_error *error;
};

/* A value being looked at, and where it stands; none: not known. */
struct place {
    const json_t *json;
    uint32_t at;
};

static int refuse(struct reading *reading, struct thaw_json_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct reading *reading, struct thaw_json_place place, const char *format, ...)
{
    char what[240];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return thaw_error_set(reading->error, -EINVAL, "%s:%u:%u: %s; " REMEDY, reading->name,
                          place.line, place.column, what);
}

static struct thaw_json_place of(const struct reading *reading, const struct place *place)
{
    return thaw_json_positions_place(&reading->positions, place->at);
}

static bool is_number(const json_t *value)
{
    double number = json_number_value(value);

    return json_is_number(value) && number >= 0 && number <= THAW_BASELINE_NUMBER_MAX;
}

static int check_object(struct reading *reading, enum thaw_baseline_shape shape,
                        const struct place *place);

/* The items of a list of numbers, or of objects. */
static int check_items(struct reading *reading, const struct thaw_baseline_member *member,
                       const struct place *list)
{
    struct place item = {.at = thaw_json_positions_first(&reading->positions, list->at)};
    size_t i;
    int code = 0;

    if (!json_is_array(list->json))
        return refuse(reading, of(reading, list), "\"%s\" must be a list", member->key);
    if (json_array_size(list->json) > member->most)
        return refuse(reading, of(reading, list), "\"%s\" has more than %zu items", member->key,
                      member->most);
    if (member->form == THAW_BASELINE_NUMBERS && !json_array_size(list->json))
        return refuse(reading, of(reading, list), "\"%s\" is empty", member->key);
    for (i = 0; !code && i < json_array_size(list->json); i++) {
        item.json = json_array_get(list->json, i);
        if (member->form == THAW_BASELINE_OBJECTS)
            code = check_object(reading, member->of, &item);
        else if (!is_number(item.json))
            code = refuse(reading, of(reading, &item), "\"%s\" takes numbers of 0 or more",
                          member->key);
        item.at = thaw_json_positions_next(&reading->positions, item.at);
    }
    return code;
}

static int check_value(struct reading *reading, const struct thaw_baseline_member *member,
                       const struct place *value)
{
    switch (member->form) {
    case THAW_BASELINE_TEXT:
        if (!json_is_string(value->json))
            return refuse(reading, of(reading, value), "\"%s\" must be a text", member->key);
        if (json_string_length(value->json) > THAW_BASELINE_TEXT_MAX)
            return refuse(reading, of(reading, value), "\"%s\" is longer than %d bytes",
                          member->key, THAW_BASELINE_TEXT_MAX);
        return 0;
    case THAW_BASELINE_NUMBER:
        return is_number(value->json) ? 0
                                      : refuse(reading, of(reading, value),
                                               "\"%s\" must be a number of 0 or more", member->key);
    case THAW_BASELINE_OBJECT:
        return check_object(reading, member->of, value);
    case THAW_BASELINE_OBJECTS:
    case THAW_BASELINE_NUMBERS:
        break;
    }
    return check_items(reading, member, value);
}

static const struct thaw_baseline_member *member_of(enum thaw_baseline_shape shape, const char *key)
{
    for (size_t i = 0; i < thaw_baseline_member_count; i++)
        if (thaw_baseline_members[i].in == shape && !strcmp(thaw_baseline_members[i].key, key))
            return &thaw_baseline_members[i];
    return NULL;
}

static int check_object(struct reading *reading, enum thaw_baseline_shape shape,
                        const struct place *place)
{
    const char *key;
    json_t *json;

    if (!json_is_object(place->json))
        return refuse(reading, of(reading, place), "%s must be an object",
                      thaw_baseline_shape_name(shape));
    json_object_foreach((json_t *)place->json, key, json)
    {
        struct place value = {
            .json = json,
            .at = thaw_json_positions_member(&reading->positions, place->at, key),
        };
        const struct thaw_baseline_member *member = member_of(shape, key);
        int code = member ? check_value(reading, member, &value)
                          : refuse(reading, thaw_json_positions_key(&reading->positions, value.at),
                                   "%s has no \"%.60s\"", thaw_baseline_shape_name(shape), key);

        if (code)
            return code;
    }
    for (size_t i = 0; i < thaw_baseline_member_count; i++)
        if (thaw_baseline_members[i].in == shape && thaw_baseline_members[i].required &&
            !json_object_get(place->json, thaw_baseline_members[i].key))
            return refuse(reading, of(reading, place), "\"%s\" is missing from %s",
                          thaw_baseline_members[i].key, thaw_baseline_shape_name(shape));
    return 0;
}

/* --- what the schema can't say ---------------------------------------------------------------- */

struct sortable {
    const json_t *json;
    size_t number;
};

static int by_value(const void *left, const void *right)
{
    const struct sortable *a = left, *b = right;
    int order = thaw_baseline_value_order(a->json, b->json);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int by_entry(const void *left, const void *right)
{
    const struct sortable *a = left, *b = right;
    int order = thaw_baseline_entry_order(a->json, b->json);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* No item of a list may be of the same as another one: which of both would count? */
static int check_unique(struct reading *reading, const struct place *list,
                        int (*order)(const json_t *, const json_t *),
                        int (*compare)(const void *, const void *), const char *what)
{
    size_t count = json_array_size(list->json), again = count;
    struct sortable *items = calloc(count + 1, sizeof(*items));
    struct place item;

    if (!items)
        return thaw_error_memory(reading->error);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct sortable){json_array_get(list->json, i), i};
    qsort(items, count, sizeof(*items), compare);
    for (size_t i = 1; i < count; i++)
        if (!order(items[i - 1].json, items[i].json) && items[i].number < again)
            again = items[i].number;
    free(items);
    if (again == count)
        return 0;
    item.at = thaw_json_positions_item(&reading->positions, list->at, again);
    return refuse(reading, of(reading, &item), "%s is there twice", what);
}

/* "runs" says how often a sample is meant that is written once. */
static int check_runs(struct reading *reading, const struct place *values)
{
    uint32_t at = thaw_json_positions_first(&reading->positions, values->at);
    const json_t *value;
    size_t i;

    json_array_foreach(values->json, i, value)
    {
        const json_t *runs = json_object_get(value, "runs");

        if (runs && (!json_is_integer(runs) || json_integer_value(runs) < 1 ||
                     json_integer_value(runs) > THAW_BASELINE_SAMPLES_MAX ||
                     json_array_size(json_object_get(value, "samples")) != 1))
            return refuse(reading,
                          thaw_json_positions_place(&reading->positions,
                                                    thaw_json_positions_member(&reading->positions,
                                                                               at, "runs")),
                          "\"runs\" takes 1 to %d, beside one sample", THAW_BASELINE_SAMPLES_MAX);
        at = thaw_json_positions_next(&reading->positions, at);
    }
    return 0;
}

static int check_entries(struct reading *reading, const json_t *baseline)
{
    struct place list = {
        .json = json_object_get(baseline, "entries"),
        .at = thaw_json_positions_member(&reading->positions, 0, "entries"),
    };
    uint32_t at = thaw_json_positions_first(&reading->positions, list.at);
    const json_t *entry;
    size_t i;
    int code = check_unique(reading, &list, thaw_baseline_entry_order, by_entry,
                            "an entry of this interpreter, architecture and backend");

    json_array_foreach(list.json, i, entry)
    {
        struct place values = {
            .json = json_object_get(entry, "values"),
            .at = thaw_json_positions_member(&reading->positions, at, "values"),
        };

        if (!code)
            code = check_unique(reading, &values, thaw_baseline_value_order, by_value,
                                "a value of this metric and part");
        if (!code)
            code = check_runs(reading, &values);
        at = thaw_json_positions_next(&reading->positions, at);
    }
    return code;
}

/* Told before anything else: what another version has is no defect. */
static int check_version(struct reading *reading, const json_t *baseline)
{
    struct place schema = {
        .json = json_object_get(baseline, "schema"),
        .at = thaw_json_positions_member(&reading->positions, 0, "schema"),
    };
    const char *name = json_string_value(schema.json);
    size_t length = strcspn(THAW_BASELINE_SCHEMA, "/") + 1;
    struct thaw_json_place place;

    if (!name)
        return refuse(reading, of(reading, &(struct place){.at = 0}),
                      "it is no baseline: it has no \"schema\"");
    if (!strcmp(name, THAW_BASELINE_SCHEMA))
        return 0;
    if (strncmp(name, THAW_BASELINE_SCHEMA, length) != 0)
        return refuse(reading, of(reading, &schema), "it is no baseline but of the form %.60s",
                      name);
    place = of(reading, &schema);
    return thaw_error_set(
        reading->error, -EINVAL,
        "%s:%u:%u: it is of the form %.60s, this thaw reads %s; use the thaw that "
        "wrote it, or " REMEDY,
        reading->name, place.line, place.column, name, THAW_BASELINE_SCHEMA);
}

static int check(struct reading *reading, const json_t *baseline)
{
    const struct place root = {baseline, 0};
    uint32_t again, before;
    int twice = thaw_json_positions_twice(&reading->positions, &again, &before), code;

    if (twice < 0)
        return thaw_error_memory(reading->error);
    if (twice)
        return refuse(reading, thaw_json_positions_key(&reading->positions, again),
                      "a key is there twice, first in line %u",
                      thaw_json_positions_key(&reading->positions, before).line);
    if (!json_is_object(baseline))
        return refuse(reading, of(reading, &root), "a baseline must be an object");
    code = check_version(reading, baseline);
    if (!code)
        code = check_object(reading, THAW_BASELINE_FILE, &root);
    return code ? code : check_entries(reading, baseline);
}

static int parse(struct reading *reading, const char *bytes, size_t length, json_t **ret)
{
    json_error_t wrong;
    json_t *baseline;
    int code = thaw_json_positions_scan(bytes, length, 0, &reading->positions);

    if (code == -ENOMEM)
        return thaw_error_memory(reading->error);
    if (code == -E2BIG)
        return refuse(reading, reading->positions.end, "it is too large for a baseline");
    if (!length)
        return refuse(reading, (struct thaw_json_place){1, 1}, "it is empty");
    baseline = json_loadb(bytes, length, 0, &wrong);
    if (!baseline && !*wrong.text) /* all that jansson says when it runs out of memory */
        return thaw_error_memory(reading->error);
    if (!baseline)
        return refuse(reading,
                      (struct thaw_json_place){(uint32_t)wrong.line, (uint32_t)wrong.column},
                      "it is no JSON: %.160s", wrong.text);
    code = check(reading, baseline);
    if (code)
        json_decref(baseline);
    else
        *ret = baseline;
    return code;
}

int thaw_gate_baseline_parse(const char *bytes, size_t length, const char *name, json_t **ret,
                             struct thaw_error *error)
{
    struct reading reading = {.name = name, .error = error};
    int code;

    if (length > THAW_BASELINE_BYTES_MAX)
        return thaw_error_set(error, -EINVAL,
                              "%s is too large for a baseline: %zu MiB are read at "
                              "most; " REMEDY,
                              name, THAW_BASELINE_BYTES_MAX >> 20);
    code = parse(&reading, bytes, length, ret);
    thaw_json_positions_free(&reading.positions);
    return code;
}

/* A FIFO would be waited for when it is opened. */
static int open_regular(const char *path, struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0 && errno == ENOENT)
        return thaw_error_set(error, -ENOENT,
                              "there is no baseline %s; `thaw gate --update` writes it", path);
    if (fd < 0)
        return thaw_error_system(error, -errno, "the baseline %s can't be read", path);
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    return thaw_error_set(error, -EINVAL, "the baseline %s is no regular file", path);
}

int thaw_gate_baseline_read(const char *path, json_t **ret, struct thaw_error *error)
{
    int fd = open_regular(path, error), code;
    char *bytes = NULL;
    size_t length = 0;

    if (fd < 0)
        return fd;
    code = thaw_read_at_most(fd, THAW_BASELINE_BYTES_MAX, &bytes, &length);
    close(fd);
    if (code)
        return code == -ENOMEM ? thaw_error_memory(error)
                               : thaw_error_system(error, code < 0 ? code : -code,
                                                   "the baseline %s can't be read", path);
    code = thaw_gate_baseline_parse(bytes, length, path, ret, error);
    free(bytes);
    return code;
}
