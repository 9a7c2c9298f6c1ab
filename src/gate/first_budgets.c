/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/statistics.h"
#include "base/text.h"
#include "gate/gate.h"
#include "gate/side.h"
#include "report/summary.h"
#include "report/values.h"

/* A first thaw.json: somebody is to edit it, and until then it fails for what is plainly more. */

enum ceiling {
    NO_CEILING, /* times: another machine has others */
    ABOVE,      /* a tenth more than now, rounded up */
    NOT_ABOVE,  /* what it is now: any more is a mistake */
};

/* In the order in which they are written. What was not measured gets no budget. */
static const struct first {
    const char *metric;
    enum ceiling ceiling;
    unsigned percent; /* max_increase, 0 none */
    double least;     /* of what may be more: so much is nothing to tell of */
    bool warns;       /* of any increase */
    size_t runs;      /* as many are needed */
} firsts[] = {
    {"shipped_disk_bytes", ABOVE, 5, 1e6, false, 1},
    {"distributions", ABOVE, 0, 1, true, 1},
    {"conflicts", NOT_ABOVE, 0, 0, false, 1},
    {"bytecode_stale", NOT_ABOVE, 0, 0, false, 1},
    {"modules", ABOVE, 5, 1, true, 1},
    {"compiled_modules", NOT_ABOVE, 0, 0, false, 1},
    {"libraries_mapped", ABOVE, 10, 1, true, 1},
    {"files_opened", NO_CEILING, 10, 1, false, 1},
    {"failed_lookups", NO_CEILING, 10, 1, false, 1},
    {"system_calls", NO_CEILING, 20, 1, false, 1},
    {"total_time", NO_CEILING, 10, 0, false, 10},
    {"import_time", NO_CEILING, 10, 0, false, 10},
};

/* As the reader of thaw.json has them. */
#define RUNS_MAX 1000
#define ARGUMENTS_MAX 1000
#define LIMIT_MAX 9007199254740992.0

/* A tenth more, least at least, up to a number that is easily said: 891: 1000, 311: 350. */
static double above(double value, double least)
{
    double wanted = value + fmax(ceil(value / 10), least), power = 1, step;

    while (wanted / power >= 100)
        power *= 10;
    step = wanted / power >= 30 ? 5 * power : power;
    return wanted <= 10 ? wanted : ceil(wanted / step) * step;
}

/* "350MB": of numbers that above() makes and that are that large, two or three digits say all. */
static json_t *size_text(double bytes)
{
    static const struct {
        const char *unit;
        double size;
    } units[] = {{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}};
    char text[40];

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (bytes < units[i].size)
            continue;
        snprintf(text, sizeof(text), "%.15g%s", bytes / units[i].size, units[i].unit);
        return json_string(text);
    }
    return json_integer((json_int_t)bytes);
}

static json_t *limit_of(const struct thaw_gate_metric *metric, double limit)
{
    return metric->unit == THAW_GATE_BYTES ? size_text(limit) : json_integer((json_int_t)limit);
}

static void set_ceiling(struct thaw_values *values, json_t *budget, const struct first *first,
                        const struct thaw_gate_metric *metric, double value)
{
    double limit = first->ceiling == ABOVE ? above(value, first->least) : value;

    if (first->ceiling == NO_CEILING || limit > LIMIT_MAX)
        return;
    thaw_values_set(values, budget, "max", limit_of(metric, limit));
}

static void set_increase(struct thaw_values *values, json_t *budget, const struct first *first,
                         const struct thaw_gate_metric *metric, double value)
{
    char share[16];

    if (!first->percent)
        return;
    snprintf(share, sizeof(share), "%u%%", first->percent);
    thaw_values_set(values, budget, "max_increase",
                    value * first->percent / 100 < first->least ? limit_of(metric, first->least)
                                                                : json_string(share));
}

static json_t *budget_of(struct thaw_values *values, const struct first *first,
                         const struct thaw_gate_metric *metric, double value)
{
    json_t *budget = thaw_values_object(values);

    thaw_values_set_text(values, budget, "metric", first->metric);
    set_ceiling(values, budget, first, metric, value);
    set_increase(values, budget, first, metric, value);
    if (first->warns)
        thaw_values_set_number(values, budget, "warn_increase", 0);
    return budget;
}

static json_t *budgets_of(struct thaw_values *values, struct thaw_gate_side *side)
{
    json_t *budgets = thaw_values_array(values);
    bool timed = false;

    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(firsts[i].metric);
        struct thaw_gate_samples samples = {0};
        double median = 0;

        if (thaw_gate_side_samples(side, metric, NULL, &samples))
            values->failed = true;
        /* One time is enough: the import's is most of the cold start's. */
        if (samples.count < firsts[i].runs || (metric->class == THAW_GATE_TIMED && timed))
            continue;
        timed |= metric->class == THAW_GATE_TIMED;
        if (thaw_statistics_median(samples.values, samples.count, &median))
            values->failed = true;
        thaw_values_append(values, budgets, budget_of(values, &firsts[i], metric, ceil(median)));
    }
    return budgets;
}

/* Can thaw.json say it? */
static bool is_sayable(const char *text)
{
    return text && text[strspn(text, " \t\r\n")] && thaw_text_is_utf8(text, strlen(text));
}

static size_t sayable_arguments(const char *const *command)
{
    size_t count = 0;

    if (!command || !is_sayable(command[0]))
        return 0;
    while (command[count] && count <= ARGUMENTS_MAX &&
           thaw_text_is_utf8(command[count], strlen(command[count])))
        count++;
    return command[count] ? 0 : count;
}

/* How often it was started; what was started to count is no run of thaw.json's. */
static size_t runs_of(const struct thaw_gate_input *input)
{
    size_t runs = 0;

    for (size_t i = 0; i < input->run_count; i++)
        runs += !thaw_summary_is(json_object_get(input->runs[i].report, "run"), "counting");
    return runs < RUNS_MAX ? runs : RUNS_MAX;
}

static json_t *settings_of(struct thaw_values *values, const struct thaw_gate_input *input,
                           const char *const *command)
{
    static const char *const across[] = {"lock_file", "kernel"};
    json_t *settings = thaw_values_object(values);
    size_t arguments = sayable_arguments(command), runs = runs_of(input);

    if (is_sayable(input->target_name))
        thaw_values_set_text(values, settings, "target", input->target_name);
    if (arguments) {
        thaw_values_set_texts(values, settings, "command", command, arguments);
        if (runs)
            thaw_values_set_number(values, settings, "runs", runs);
        thaw_values_set_number(values, settings, "warmup", 1);
    }
    thaw_values_set_text(values, settings, "baseline", THAW_BASELINE_NAME);
    thaw_values_set_text(values, settings, "unmeasured", "warning");
    thaw_values_set_texts(values, settings, "across", across, 2);
    return settings;
}

int thaw_gate_first_budgets(const struct thaw_gate_input *input, const char *const *command,
                            json_t **ret, struct thaw_error *error)
{
    struct thaw_values values = {0};
    struct thaw_gate_side side;
    int code = thaw_gate_side_measured(input, &side, error);
    json_t *root = NULL, *budgets;

    if (code)
        goto end;
    root = thaw_values_object(&values);
    thaw_values_set_text(&values, root, "$schema", "urn:thaw:schema:configuration:1");
    thaw_values_set(&values, root, "gate", settings_of(&values, input, command));
    budgets = budgets_of(&values, &side);
    thaw_values_set(&values, root, "budgets", budgets);
    if (values.failed || side.failed)
        code = thaw_error_memory(error);
    else if (!json_array_size(budgets))
        code = thaw_error_set(error, -ENODATA, "%s has nothing that a first budget could be about",
                              input->name);
    if (!code)
        *ret = json_incref(root);
end:
    json_decref(root);
    thaw_gate_side_free(&side);
    return code;
}
