/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gate/side.h"
#include "report/keys.h"
#include "store/history.h"

struct keeping {
    struct thaw_gate_side side;
    THAW_ARRAY(struct thaw_history_value) values;
};

/* What the runs have of a metric; nothing where they have none. */
static int add_value(struct keeping *keeping, const struct thaw_gate_metric *metric,
                     const struct thaw_budget_part *part)
{
    struct thaw_gate_samples samples;
    struct thaw_history_value *value;
    int code = thaw_gate_side_samples(&keeping->side, metric, part, &samples);

    if (code || !samples.count)
        return code;
    value = thaw_array_add(&keeping->values);
    if (!value)
        return -ENOMEM;
    *value = (struct thaw_history_value){
        .metric = metric->name,
        .module = part ? part->module : "",
        .distribution = part ? part->distribution : "",
        .phase = part ? part->phase : "",
        .class = thaw_gate_class_name(metric->class),
        .unit = thaw_gate_unit_name(metric->unit),
        .samples = samples.values,
        .count = samples.count,
    };
    return 0;
}

static bool is_part(const struct thaw_budget_part *part)
{
    return *part->module || *part->distribution || *part->phase;
}

static bool is_same_part(const struct thaw_budget *one, const struct thaw_budget *other)
{
    return !strcmp(one->metric, other->metric) && !strcmp(one->part.module, other->part.module) &&
           !strcmp(one->part.distribution, other->part.distribution) &&
           !strcmp(one->part.phase, other->part.phase);
}

/* Of several budgets of the same, the first one tells. */
static bool is_told(const struct thaw_budgets *budgets, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_same_part(&budgets->budgets[i], &budgets->budgets[index]))
            return true;
    return false;
}

static int fill_values(const struct thaw_gate_history *history, struct keeping *keeping)
{
    const struct thaw_budgets *budgets = history->budgets;
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);
    int code = 0;

    for (size_t i = 0; i < count && !code; i++)
        if (!(metrics[i].parts & THAW_GATE_BY_PHASE))
            code = add_value(keeping, &metrics[i], NULL);
    for (size_t i = 0; i < budgets->budget_count && !code; i++) {
        const struct thaw_budget *budget = &budgets->budgets[i];
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(budget->metric);

        if (metric && is_part(&budget->part) && !is_told(budgets, i))
            code = add_value(keeping, metric, &budget->part);
    }
    return code;
}

static int store(const struct thaw_gate_history *history, const struct keeping *keeping,
                 struct thaw_error *error)
{
    const json_t *head = json_object_get(history->gate, "head");
    char *key = json_dumps(json_object_get(head, "key"), JSON_COMPACT | JSON_SORT_KEYS);
    const struct thaw_history_entry entry = {
        .time_ns = (int64_t)thaw_clock_realtime_ns(),
        .name = history->input->name,
        .commit = history->input->commit,
        .branch = history->branch,
        .key = key,
        .verdict = thaw_key_string(history->gate, "verdict"),
        .values = keeping->values.items,
        .value_count = keeping->values.count,
    };
    struct thaw_database *database = NULL;
    int code =
        key ? thaw_database_open(history->path, true, &database, error) : thaw_error_memory(error);

    if (!code) {
        code = thaw_history_add(database, &entry, error);
        thaw_database_close(database);
    }
    free(key);
    return code;
}

int thaw_gate_history_add(const struct thaw_gate_history *history, struct thaw_error *error)
{
    struct keeping keeping = {0};
    int code = thaw_gate_side_measured(history->input, &keeping.side, error);

    if (!code && fill_values(history, &keeping))
        code = thaw_error_memory(error);
    if (!code)
        code = store(history, &keeping, error);
    thaw_array_free(&keeping.values);
    thaw_gate_side_free(&keeping.side);
    return code;
}
