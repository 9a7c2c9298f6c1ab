/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gate/baseline_shape.h"
#include "gate/side.h"
#include "gate/side_parts.h"
#include "report/keys.h"
#include "report/values.h"
#include "thaw/version.h"

/* A baseline of what was measured. */

enum { ns_of_step = 1000 }; /* of times: a µs is more than anybody measures */

struct building {
    struct thaw_gate_side side;
    struct thaw_values values;
    json_t *list; /* values of the entry */
};

static double rounded(const struct thaw_gate_metric *metric, double value)
{
    return metric->unit == THAW_GATE_NS ? round(value / ns_of_step) * ns_of_step : value;
}

static bool are_all_equal(const struct thaw_gate_samples *samples)
{
    for (size_t i = 1; i < samples->count; i++)
        if (samples->values[i] != samples->values[0])
            return false;
    return true;
}

/* What is the same in all runs is written once. */
static void set_samples(struct building *it, json_t *value, const struct thaw_gate_metric *metric,
                        const struct thaw_gate_samples *samples)
{
    bool once = metric->class == THAW_GATE_EXACT && are_all_equal(samples);
    size_t count =
        samples->count < THAW_BASELINE_SAMPLES_MAX ? samples->count : THAW_BASELINE_SAMPLES_MAX;
    json_t *list = thaw_values_array(&it->values);

    for (size_t i = 0; i < (once ? 1 : count); i++)
        thaw_values_append_number(&it->values, list, (uint64_t)rounded(metric, samples->values[i]));
    thaw_values_set(&it->values, value, "samples", list);
    if (once && count > 1)
        thaw_values_set_number(&it->values, value, "runs", count);
}

/* What no reader would take is not written. */
static void set_given(struct building *it, json_t *object, const char *key, const char *text)
{
    if (text && *text && strlen(text) <= THAW_BASELINE_TEXT_MAX)
        thaw_values_set_text(&it->values, object, key, text);
}

/* Is the value of it in the list already? */
static bool is_there(struct building *it, const struct thaw_gate_metric *metric,
                     const struct thaw_budget_part *part)
{
    const json_t *value;
    size_t i;

    json_array_foreach(it->list, i, value)
    {
        int is;

        if (strcmp(thaw_key_string(value, "metric"), metric->name) != 0)
            continue;
        is = thaw_gate_part_is(&it->side.arena, part, thaw_key_string(value, "module"),
                               thaw_key_string(value, "distribution"),
                               thaw_key_string(value, "phase"));
        it->values.failed |= is < 0;
        if (is)
            return true;
    }
    return false;
}

static void add_value(struct building *it, const struct thaw_gate_metric *metric,
                      const struct thaw_budget_part *part)
{
    struct thaw_gate_samples samples;
    json_t *value;

    if (it->values.failed || is_there(it, metric, part))
        return;
    if (thaw_gate_side_samples(&it->side, metric, part, &samples) < 0)
        it->values.failed = true;
    if (it->values.failed || !samples.count)
        return;
    value = thaw_values_object(&it->values);
    thaw_values_set_text(&it->values, value, "metric", metric->name);
    if (part) {
        set_given(it, value, "distribution", part->distribution);
        set_given(it, value, "module", part->module);
        set_given(it, value, "phase", part->phase);
    }
    set_samples(it, value, metric, &samples);
    thaw_values_append(&it->values, it->list, value);
}

typedef int order_function(const json_t *left, const json_t *right);

/* json_t *const[], by an order. */
static int compare(const void *left, const void *right, void *order)
{
    return (*(order_function **)order)(*(json_t *const *)left, *(json_t *const *)right);
}

/* The list in order; takes its reference. */
static json_t *sorted(struct thaw_values *values, json_t *list, order_function *order)
{
    size_t count = json_array_size(list);
    json_t **items = calloc(count + 1, sizeof(json_t *)), *ret = thaw_values_array(values);

    values->failed |= !items;
    for (size_t i = 0; items && i < count; i++)
        items[i] = json_array_get(list, i);
    if (items && count)
        qsort_r(items, count, sizeof(json_t *), compare, &order);
    for (size_t i = 0; items && i < count; i++)
        thaw_values_append(values, ret, json_incref(items[i]));
    free(items);
    json_decref(list);
    return ret;
}

static json_t *values_of(struct building *it, const struct thaw_budgets *budgets)
{
    const struct thaw_gate_metric *metrics;
    size_t count;

    it->list = thaw_values_array(&it->values);
    metrics = thaw_gate_metrics(&count);
    for (size_t i = 0; i < count; i++)
        if (!(metrics[i].parts & THAW_GATE_BY_PHASE))
            add_value(it, &metrics[i], NULL);
    for (size_t i = 0; budgets && i < budgets->budget_count; i++) {
        const struct thaw_budget *budget = &budgets->budgets[i];
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(budget->metric);

        if (metric)
            add_value(it, metric, &budget->part);
    }
    return sorted(&it->values, it->list, thaw_baseline_value_order);
}

static json_t *contents_of(struct building *it)
{
    json_t *list = thaw_values_array(&it->values);

    for (size_t i = 0; i < it->side.contents.count; i++) {
        const struct thaw_gate_content *content = &it->side.contents.items[i];
        json_t *object;

        if (strlen(content->name) > THAW_BASELINE_TEXT_MAX)
            continue;
        object = thaw_values_object(&it->values);
        thaw_values_set_text(&it->values, object, "name", content->name);
        set_given(it, object, "version", content->version);
        if (content->disk_bytes >= 0)
            thaw_values_set_number(&it->values, object, "disk_bytes",
                                   (uint64_t)content->disk_bytes);
        if (content->modules >= 0)
            thaw_values_set_number(&it->values, object, "modules", (uint64_t)content->modules);
        thaw_values_append(&it->values, list, object);
    }
    return list;
}

static json_t *imports_of(struct building *it)
{
    json_t *list = thaw_values_array(&it->values);

    for (size_t i = 0; i < it->side.imports.count; i++) {
        const struct thaw_gate_import *import = &it->side.imports.items[i];
        json_t *object;

        if (strlen(import->name) > THAW_BASELINE_TEXT_MAX)
            continue;
        object = thaw_values_object(&it->values);
        thaw_values_set_text(&it->values, object, "name", import->name);
        thaw_values_set_number(&it->values, object, "modules", (uint64_t)import->modules);
        thaw_values_append(&it->values, list, object);
    }
    return list;
}

static json_t *key_of(struct building *it)
{
    json_t *object = thaw_values_object(&it->values);

    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        set_given(it, object, thaw_gate_key_name(1u << i), it->side.key.parts[i]);
    if (it->side.key.cpus)
        thaw_values_set_number(&it->values, object, "cpus", it->side.key.cpus);
    return object;
}

static json_t *entry_of(struct building *it, const struct thaw_budgets *budgets)
{
    json_t *entry = thaw_values_object(&it->values);

    thaw_values_set(&it->values, entry, "key", key_of(it));
    set_given(it, entry, "commit", it->side.commit);
    set_given(it, entry, "made", it->side.input->today);
    thaw_values_set(&it->values, entry, "values", values_of(it, budgets));
    thaw_values_set(&it->values, entry, "contents", contents_of(it));
    if (it->side.imports.count)
        thaw_values_set(&it->values, entry, "imports", imports_of(it));
    return entry;
}

static bool is_equal(const json_t *left, const json_t *right)
{
    return left && right ? json_equal(left, right) : left == right;
}

/* Do both say the same, whenever they were made? */
static bool says_the_same(const json_t *left, const json_t *right)
{
    static const char *const keys[] = {"key", "values", "contents", "imports"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!is_equal(json_object_get(left, keys[i]), json_object_get(right, keys[i])))
            return false;
    return true;
}

/* The old entries with the new one among them, whose reference is taken. */
static json_t *entries_of(struct thaw_values *values, const json_t *old, json_t *entry)
{
    json_t *list = thaw_values_array(values), *other;
    size_t i;

    json_array_foreach(json_object_get(old, "entries"), i, other)
    {
        if (thaw_baseline_entry_order(other, entry) != 0) {
            thaw_values_append(values, list, json_incref(other));
        } else if (says_the_same(other, entry)) {
            json_decref(entry);
            entry = json_incref(other);
        }
    }
    thaw_values_append(values, list, entry);
    return sorted(values, list, thaw_baseline_entry_order);
}

static json_t *baseline_of(struct thaw_values *values, const json_t *old, json_t *entry)
{
    json_t *baseline = thaw_values_object(values), *tool = thaw_values_object(values);

    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_text(values, tool, "version", THAW_VERSION);
    thaw_values_set_text(values, baseline, "schema", THAW_BASELINE_SCHEMA);
    thaw_values_set(values, baseline, "tool", tool);
    thaw_values_set(values, baseline, "entries", entries_of(values, old, entry));
    return baseline;
}

int thaw_gate_baseline_build(const struct thaw_gate_input *input,
                             const struct thaw_budgets *budgets, const json_t *old, json_t **ret,
                             struct thaw_error *error)
{
    struct building it = {0};
    int code = thaw_gate_side_measured(input, &it.side, error);
    json_t *baseline = NULL, *entry;

    if (!code) {
        entry = entry_of(&it, budgets);
        if (!it.values.failed && !json_array_size(json_object_get(entry, "values")))
            code = thaw_error_set(error, -ENODATA,
                                  "nothing was measured of %s that a baseline could keep",
                                  it.side.name);
        if (code || it.values.failed)
            json_decref(entry);
        else
            baseline = baseline_of(&it.values, old, entry);
        if (it.values.failed)
            code = thaw_error_memory(error);
    }
    thaw_gate_side_free(&it.side);
    if (code)
        json_decref(baseline);
    else
        *ret = baseline;
    return code;
}
