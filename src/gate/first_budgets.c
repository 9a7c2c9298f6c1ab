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
    NO_CEILING,
    ABOVE,     /* a tenth more than now, rounded up */
    NOT_ABOVE, /* what it is now: any more is a mistake */
    /* Times: far above, as another machine has others. Increases are told from noise only against
     * runs made in turns with these (--base), which a file does not say that there are. */
    FAR_ABOVE,
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
    {"bytecode_stale", NO_CEILING, 0, 0, true,
     1}, /* each edit makes a file's so until the next run */
    {"modules", ABOVE, 5, 1, true, 1},
    {"compiled_modules", NOT_ABOVE, 0, 0, false, 1},
    {"libraries_mapped", ABOVE, 10, 1, true, 1},
    {"files_opened", NO_CEILING, 10, 1, false, 1},
    {"failed_lookups", NO_CEILING, 10, 1, false, 1},
    {"system_calls", NO_CEILING, 20, 1, false, 1},
    {"total_time", FAR_ABOVE, 0, 0, false, 10},
    {"import_time", FAR_ABOVE, 0, 0, false, 10},
};

/* As the reader of thaw.json has them. */
#define RUNS_MAX 1000
#define ARGUMENTS_MAX 1000
#define LIMIT_MAX 9007199254740992.0

#define LEAST_NS 1e6 /* times below are the clock's */

/* Up to a number that is easily said: 981: 1000, 343: 350, 132: 140. */
static double rounded_up(double value)
{
    double power = 1, step;

    while (value / power >= 100)
        power *= 10;
    step = value / power >= 30 ? 5 * power : power;
    return value <= 10 ? ceil(value) : ceil(value / step) * step;
}

/* "350MB", "1.5s": of numbers that are rounded up, and are that large, few digits say all. */
static json_t *text_of(double value, enum thaw_gate_unit of)
{
    static const struct {
        enum thaw_gate_unit of;
        const char *name;
        double size;
    } units[] = {
        {THAW_GATE_BYTES, "GB", 1e9}, {THAW_GATE_BYTES, "MB", 1e6}, {THAW_GATE_BYTES, "kB", 1e3},
        {THAW_GATE_BYTES, "B", 1},    {THAW_GATE_NS, "s", 1e9},     {THAW_GATE_NS, "ms", 1e6},
        {THAW_GATE_NS, "us", 1e3},
    };
    char text[40];

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].of != of || value < units[i].size)
            continue;
        snprintf(text, sizeof(text), "%.15g%s", value / units[i].size, units[i].name);
        return json_string(text);
    }
    return json_integer((json_int_t)value);
}

static void set_limit(struct thaw_values *values, json_t *budget, const char *key, double limit,
                      const struct thaw_gate_metric *metric)
{
    if (limit <= LIMIT_MAX)
        thaw_values_set(values, budget, key, text_of(limit, metric->unit));
}

static void set_ceiling(struct thaw_values *values, json_t *budget, const struct first *first,
                        const struct thaw_gate_metric *metric, double value)
{
    switch (first->ceiling) {
    case ABOVE:
        set_limit(values, budget, "max", rounded_up(value + fmax(ceil(value / 10), first->least)),
                  metric);
        break;
    case NOT_ABOVE:
        set_limit(values, budget, "max", value, metric);
        break;
    case FAR_ABOVE:
        set_limit(values, budget, "max", rounded_up(fmax(value, LEAST_NS) * 3), metric);
        set_limit(values, budget, "warn", rounded_up(fmax(value, LEAST_NS) * 1.5), metric);
        break;
    case NO_CEILING:
        break;
    }
}

static void set_increase(struct thaw_values *values, json_t *budget, const struct first *first,
                         const struct thaw_gate_metric *metric, double value)
{
    char share[16];

    if (!first->percent)
        return;
    snprintf(share, sizeof(share), "%u%%", first->percent);
    if (value * first->percent / 100 < first->least)
        set_limit(values, budget, "max_increase", first->least, metric);
    else
        thaw_values_set_text(values, budget, "max_increase", share);
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
    /* Each of these budgets was measured just now. */
    thaw_values_set_text(values, settings, "unmeasured", "error");
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
