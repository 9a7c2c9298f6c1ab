/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "trial/probe.h"

#define FUNCTION_PARTS 3 /* name, bindings, hints */

struct reading {
    struct thaw_arena *arena;
    const char *broken; /* the key that isn't as expected, NULL none */
    bool memory;        /* it was short */
};

static uint64_t number_of(struct reading *reading, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        reading->broken = key;
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

/* "" where it is missing. */
static const char *text_of(struct reading *reading, const json_t *value, const char *key)
{
    const char *kept = "";

    if (value && (!json_is_string(value) || json_string_length(value) > THAW_PROBE_TEXT_MAX))
        reading->broken = key;
    else if (value)
        kept = thaw_arena_text(reading->arena, json_string_value(value), json_string_length(value));
    reading->memory |= !kept;
    return kept ? kept : "";
}

/* The items of a list, at most so many; NULL, and nothing to read, when it is none. */
static size_t length_of(struct reading *reading, const json_t *list, const char *key)
{
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > THAW_PROBE_LIST_MAX) {
        reading->broken = key;
        return 0;
    }
    return json_array_size(list);
}

static struct thaw_texts texts_of(struct reading *reading, const json_t *list, const char *key)
{
    size_t count = length_of(reading, list, key);
    struct thaw_texts texts = {0};

    texts.items = thaw_arena_allocate(reading->arena, (count + 1) * sizeof(*texts.items));
    reading->memory |= !texts.items;
    for (size_t i = 0; texts.items && i < count; i++)
        texts.items[texts.count++] = text_of(reading, json_array_get(list, i), key);
    return texts;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct thaw_texts sorted_texts(struct reading *reading, const json_t *object,
                                      const char *key)
{
    struct thaw_texts texts = texts_of(reading, json_object_get(object, key), key);

    if (texts.count)
        qsort(texts.items, texts.count, sizeof(*texts.items), by_text);
    return texts;
}

bool thaw_probe_has(const struct thaw_texts *sorted, const char *name)
{
    return sorted->count &&
           bsearch(&name, sorted->items, sorted->count, sizeof(*sorted->items), by_text) != NULL;
}

static void read_functions(struct reading *reading, const json_t *object,
                           struct thaw_probe_report *ret)
{
    static const char key[] = "functions";
    const json_t *list = json_object_get(object, key);
    size_t count = length_of(reading, list, key);

    ret->functions = thaw_arena_allocate(reading->arena, (count + 1) * sizeof(*ret->functions));
    reading->memory |= !ret->functions;
    for (size_t i = 0; ret->functions && i < count; i++) {
        const json_t *row = json_array_get(list, i);

        if (!json_is_array(row) || json_array_size(row) != FUNCTION_PARTS) {
            reading->broken = key;
            return;
        }
        ret->functions[ret->function_count++] = (struct thaw_probe_function){
            .name = text_of(reading, json_array_get(row, 0), key),
            .bindings = texts_of(reading, json_array_get(row, 1), key),
            .hints = text_of(reading, json_array_get(row, 2), key),
        };
    }
}

static void read_object(struct reading *reading, const json_t *object,
                        struct thaw_probe_report *ret)
{
    *ret = (struct thaw_probe_report){
        .cpu_ns = number_of(reading, object, "cpu_ns"),
        .wall_ns = number_of(reading, object, "wall_ns"),
        .modules = sorted_texts(reading, object, "modules"),
        .module_files = number_of(reading, object, "module_files"),
        .files = sorted_texts(reading, object, "files"),
        .missing = texts_of(reading, json_object_get(object, "missing"), "missing"),
        .described = text_of(reading, json_object_get(object, "described"), "described"),
        .failed = text_of(reading, json_object_get(object, "failed"), "failed"),
        .call_cpu_ns = number_of(reading, object, "call_cpu_ns"),
        .call_modules = sorted_texts(reading, object, "call_modules"),
    };
    read_functions(reading, object, ret);
    if (!ret->cpu_ns || !ret->wall_ns)
        reading->broken = "cpu_ns";
}

int thaw_probe_report_read(const char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_probe_report *ret, struct thaw_error *error)
{
    struct reading reading = {.arena = arena};
    struct thaw_probe_report report;
    json_error_t where;
    json_t *object = json_loadb(bytes ? bytes : "", length, JSON_REJECT_DUPLICATES, &where);

    if (!object && json_error_code(&where) == json_error_out_of_memory)
        return thaw_error_memory(error);
    if (!json_is_object(object)) {
        json_decref(object);
        return thaw_error_set(error, -EPROTO, "the app's run gave no report of its import");
    }
    read_object(&reading, object, &report);
    json_decref(object);
    if (reading.memory)
        return thaw_error_memory(error);
    if (reading.broken)
        return thaw_error_set(error, -EPROTO, "the app's run gave a report with a bad \"%s\"",
                              reading.broken);
    *ret = report;
    return 0;
}
