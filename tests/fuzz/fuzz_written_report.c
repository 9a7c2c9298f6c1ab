/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/read_report.h"
#include "report/report_schema.h"
#include "thaw/report.h"

/*
 * Reports of any content. What can be read is shown in each form and view there is, and nothing of
 * it reaches a terminal as it is. Mutations are of the report's values, so that most can be read.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
/* libFuzzer's; without it, when a corpus is replayed, nothing is mutated. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));

static void check_terminal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\n') || text[i] == 0x7F)
            abort();
}

/* A form that has no place for such a report may say so. */
static void write_rows(const struct thaw_report_format *row, const json_t *report, bool terminal)
{
    const struct thaw_report_options options = {.width = 80, .view = {.top = 7, .name = "numpy"}};

    for (; row->name; row++) {
        struct thaw_error error = {0};
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);

        if (!stream)
            return;
        if (row->write(report, &options, stream, &error) != 0 && !*error.message)
            abort();
        fclose(stream);
        if (terminal)
            check_terminal(text, length);
        free(text);
    }
}

static bool is_shown(const json_t *report)
{
    static json_t *schema; /* parsing it takes longer than all else */

    if (!schema)
        schema = json_loads(thaw_report_schema(NULL), 0, NULL);
    return thaw_report_check_by(schema, "report", report, NULL) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *report = NULL;

    if (thaw_report_read("report", (const char *)data, size, &report, NULL) != 0)
        return 0;
    if (is_shown(report)) {
        write_rows(thaw_report_formats(), report, false);
        write_rows(thaw_report_views(), report, true);
        write_rows(thaw_report_target_views(), report, true);
    }
    json_decref(report);
    return 0;
}

/* --- mutations --- */

/* Where a value stands. */
struct slot {
    json_t *container;
    const char *key; /* NULL: an item of a list */
    size_t index;
};

struct mutation {
    uint64_t state;
    THAW_ARRAY(struct slot) slots;
};

static size_t next(struct mutation *mutation, size_t below)
{
    mutation->state ^= mutation->state << 13;
    mutation->state ^= mutation->state >> 7;
    mutation->state ^= mutation->state << 17;
    return (size_t)(mutation->state % below);
}

static void collect(struct mutation *mutation, json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    json_object_foreach(value, key, item)
    {
        struct slot *slot = thaw_array_add(&mutation->slots);

        if (slot)
            *slot = (struct slot){.container = value, .key = key};
        collect(mutation, item);
    }
    json_array_foreach(value, i, item)
    {
        struct slot *slot = thaw_array_add(&mutation->slots);

        if (slot)
            *slot = (struct slot){.container = value, .index = i};
        collect(mutation, item);
    }
}

static json_t *value_of(const struct slot *slot)
{
    return slot->key ? json_object_get(slot->container, slot->key)
                     : json_array_get(slot->container, slot->index);
}

static json_t *other_number(struct mutation *mutation)
{
    static const json_int_t numbers[] = {0, 1, 2, 3, 4, 7, 99, 1000000, INT32_MAX, INT64_MAX};

    return json_integer(numbers[next(mutation, sizeof(numbers) / sizeof(*numbers))]);
}

static json_t *other_text(struct mutation *mutation)
{
    static const char *const texts[] = {
        "",
        "numpy",
        "/",
        "a/b",
        "pkg:x",
        "</script>",
        "\x1B[31mred\n",
        "\u202Ebidi",
        "%s%n",
        "..",
        "a.b.c.d",
        "2026-11-28T21:00:00.000Z",
        "app",
        "import",
        "loaded",
        "failed",
    };
    size_t chosen = next(mutation, sizeof(texts) / sizeof(*texts) + 1);
    char longest[300];

    if (chosen < sizeof(texts) / sizeof(*texts))
        return json_string(texts[chosen]);
    memset(longest, 'x', sizeof(longest));
    return json_stringn(longest, sizeof(longest));
}

static json_t *other_value(struct mutation *mutation, const json_t *value)
{
    const struct slot *other = &mutation->slots.items[next(mutation, mutation->slots.count)];

    if (next(mutation, 20) == 0)
        return json_null();
    if (next(mutation, 20) == 0)
        return json_deep_copy(value_of(other));
    switch (json_typeof(value)) {
    case JSON_INTEGER:
        return other_number(mutation);
    case JSON_STRING:
        return other_text(mutation);
    case JSON_REAL:
        return json_real(next(mutation, 2) ? 0 : 1e300);
    case JSON_TRUE:
    case JSON_FALSE:
        return json_boolean(next(mutation, 2));
    case JSON_ARRAY:
        return json_array();
    case JSON_OBJECT:
        return json_null();
    case JSON_NULL:
        return next(mutation, 2) ? other_number(mutation) : other_text(mutation);
    }
    return NULL;
}

static void mutate_once(struct mutation *mutation, json_t *report)
{
    const struct slot *slot;
    json_t *value;

    mutation->slots.count = 0;
    collect(mutation, report);
    if (!mutation->slots.count)
        return;
    slot = &mutation->slots.items[next(mutation, mutation->slots.count)];
    value = value_of(slot);
    if (slot->key && next(mutation, 20) == 0)
        json_object_del(slot->container, slot->key);
    else if (slot->key)
        json_object_set_new(slot->container, slot->key, other_value(mutation, value));
    else if (next(mutation, 3) == 0)
        json_array_append_new(slot->container, json_deep_copy(value));
    else if (next(mutation, 3) == 0)
        json_array_remove(slot->container, slot->index);
    else
        json_array_set_new(slot->container, slot->index, other_value(mutation, value));
}

/* One that is still shown, mostly: what is refused ends in the same few lines. */
static json_t *mutate(struct mutation *mutation, json_t *report)
{
    enum { tries = 12 };

    for (size_t i = 0; i < tries; i++) {
        json_t *copy = json_deep_copy(report);

        mutate_once(mutation, copy);
        if (is_shown(copy) || next(mutation, 200) == 0) {
            json_decref(report);
            return copy;
        }
        json_decref(copy);
    }
    return report;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    struct mutation mutation = {.state = UINT64_C(0x9E3779B97F4A7C15) ^ seed};
    json_t *report = json_loadb((const char *)data, size, 0, NULL);
    size_t length;

    if (!report || next(&mutation, 100) == 0) {
        json_decref(report);
        return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, most) : size;
    }
    for (size_t i = 1 + next(&mutation, 4); i; i--)
        report = mutate(&mutation, report);
    length = json_dumpb(report, (char *)data, most, JSON_COMPACT);
    thaw_array_free(&mutation.slots);
    json_decref(report);
    return length <= most ? length : 0;
}
