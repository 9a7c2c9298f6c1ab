/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "gate/readers.h"
#include "gate/side_parts.h"
#include "report/keys.h"

/* A side as a baseline's entry has it. */

static const char *text_of(const char *text)
{
    return text ? text : "";
}

int thaw_gate_part_is(struct thaw_arena *arena, const struct thaw_budget_part *part,
                      const char *module, const char *distribution, const char *phase)
{
    static const struct thaw_budget_part all = {"", "", ""};
    const char *name, *other;

    if (!part)
        part = &all;
    if (strcmp(text_of(part->module), module) != 0 || strcmp(text_of(part->phase), phase) != 0)
        return 0;
    if (!strcmp(text_of(part->distribution), distribution))
        return 1;
    name = thaw_key_normalised(arena, text_of(part->distribution));
    other = thaw_key_normalised(arena, distribution);
    return !name || !other ? -ENOMEM : strcmp(name, other) == 0;
}

/* The value's samples; those of which one was written for all are each of them. */
static int expand(struct thaw_gate_side *side, const json_t *value, struct thaw_gate_samples *ret)
{
    const json_t *samples = json_object_get(value, "samples");
    size_t written = json_array_size(samples), count = written;
    double *values;

    if (written == 1 && thaw_summary_number(value, "runs"))
        count = thaw_summary_number(value, "runs");
    values = thaw_arena_allocate(&side->arena, (count + 1) * sizeof(*values));
    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        values[i] = json_number_value(json_array_get(samples, written == 1 ? 0 : i));
    ret->values = values;
    ret->count = count;
    return 0;
}

int thaw_gate_entry_samples(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                            const struct thaw_budget_part *part, struct thaw_gate_samples *ret)
{
    const json_t *value;
    size_t i;

    json_array_foreach(json_object_get(side->entry, "values"), i, value)
    {
        int is;

        if (strcmp(thaw_key_string(value, "metric"), metric->name) != 0)
            continue;
        is = thaw_gate_part_is(&side->arena, part, thaw_key_string(value, "module"),
                               thaw_key_string(value, "distribution"),
                               thaw_key_string(value, "phase"));
        if (is)
            return is < 0 ? is : expand(side, value, ret);
    }
    return 0;
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : -1;
}

static bool add_content(struct thaw_gate_side *side, const json_t *content)
{
    const char *name = thaw_key_string(content, "name");
    const char *key = thaw_key_normalised(&side->arena, name);
    struct thaw_gate_content *row = key ? thaw_array_add(&side->contents) : NULL;

    if (row)
        *row = (struct thaw_gate_content){
            .name = name,
            .key = key,
            .version = thaw_key_string(content, "version"),
            .disk_bytes = number_of(content, "disk_bytes"),
            .modules = number_of(content, "modules"),
        };
    return row != NULL;
}

static bool add_import(struct thaw_gate_side *side, const json_t *import)
{
    struct thaw_gate_import *row = thaw_array_add(&side->imports);

    if (row)
        *row = (struct thaw_gate_import){
            .name = thaw_key_string(import, "name"),
            .modules = number_of(import, "modules"),
        };
    return row != NULL;
}

int thaw_gate_side_of_entry(const json_t *entry, const char *name, struct thaw_gate_side *ret,
                            struct thaw_error *error)
{
    const json_t *key = json_object_get(entry, "key"), *content, *import;
    size_t i;

    *ret = (struct thaw_gate_side){
        .entry = entry,
        .name = name,
        .commit = thaw_key_string(entry, "commit"),
        .key.cpus = thaw_summary_number(key, "cpus"),
    };
    for (i = 0; i < THAW_GATE_KEY_PARTS; i++)
        ret->key.parts[i] = thaw_key_string(key, thaw_gate_key_name(1u << i));
    json_array_foreach(json_object_get(entry, "contents"), i, content)
    {
        ret->failed |= !add_content(ret, content);
    }
    json_array_foreach(json_object_get(entry, "imports"), i, import)
    {
        ret->failed |= !add_import(ret, import);
    }
    if (ret->failed)
        return thaw_error_memory(error);
    thaw_gate_contents_sort(ret);
    thaw_gate_imports_sort(ret);
    return 0;
}
