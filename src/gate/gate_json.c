/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"
#include "thaw/version.h"

/* The verdict as JSON. */

const char *thaw_gate_status_name(enum thaw_gate_status status)
{
    static const char *const names[] = {
        [THAW_GATE_STATUS_PASS] = "pass",
        [THAW_GATE_STATUS_ALLOWED] = "allowed",
        [THAW_GATE_STATUS_WARN] = "warn",
        [THAW_GATE_STATUS_INCONCLUSIVE] = "inconclusive",
        [THAW_GATE_STATUS_UNMEASURED] = "unmeasured",
        [THAW_GATE_STATUS_FAIL] = "fail",
    };

    return names[status];
}

/* Whole where the value is; times always are. */
static json_t *number(enum thaw_gate_unit unit, double value)
{
    if (unit == THAW_GATE_NS || value == floor(value))
        return json_integer(llround(fmin(fmax(value, -9e18), 9e18)));
    return json_real(round(value * 1000) / 1000);
}

/* Six decimals: a probability of few runs needs more than three. */
static json_t *fine(double value)
{
    return json_real(round(fmin(value, 1e9) * 1e6) / 1e6);
}

static void set(struct thaw_gate_judge *judge, json_t *object, const char *key, json_t *value)
{
    thaw_values_set(&judge->values, object, key, value);
}

static json_t *figures_json(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                            const struct thaw_gate_figures *figures)
{
    json_t *object;
    enum thaw_gate_unit unit;

    if (!figures->samples.count)
        return json_null();
    unit = check->metric->unit;
    object = thaw_values_object(&judge->values);
    set(judge, object, "median", number(unit, figures->median));
    set(judge, object, "least", number(unit, figures->least));
    set(judge, object, "most", number(unit, figures->most));
    thaw_values_set_number(&judge->values, object, "runs", figures->samples.count);
    set(judge, object, "low", figures->has_interval ? number(unit, figures->low) : json_null());
    set(judge, object, "high", figures->has_interval ? number(unit, figures->high) : json_null());
    return object;
}

static json_t *test_json(struct thaw_gate_judge *judge, const struct thaw_gate_time_test *test)
{
    json_t *object = thaw_values_object(&judge->values), *ratio = json_null();

    thaw_values_set_text(&judge->values, object, "method",
                         test->pairs && test->has_ratio ? "Mann-Whitney and Wilcoxon"
                                                        : "Mann-Whitney");
    set(judge, object, "probability", fine(test->adjusted));
    if (test->has_ratio) {
        ratio = thaw_values_object(&judge->values);
        set(judge, ratio, "low", fine(test->ratio.low));
        set(judge, ratio, "middle", fine(test->ratio.middle));
        set(judge, ratio, "high", fine(test->ratio.high));
    }
    set(judge, object, "ratio", ratio);
    thaw_values_set_boolean(&judge->values, object, "in_turns", test->in_turns);
    return object;
}

static json_t *limits_json(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    static const char *const kinds[] = {"max", "warn", "max_increase", "warn_increase"};
    json_t *list = thaw_values_array(&judge->values);

    for (size_t i = 0; i < THAW_GATE_LIMITS; i++) {
        const struct thaw_gate_held *held = &check->limits[i];
        json_t *object;

        if (!held->limit)
            continue;
        object = thaw_values_object(&judge->values);
        thaw_values_set_text(&judge->values, object, "kind", kinds[i]);
        set(judge, object, "value",
            held->limit->share ? json_null() : number(check->metric->unit, held->limit->value));
        set(judge, object, "share", held->limit->share ? fine(held->limit->value) : json_null());
        set(judge, object, "allowed",
            held->unmeasured ? json_null() : number(check->metric->unit, held->allowed));
        thaw_values_set_boolean(&judge->values, object, "broken",
                                !held->unmeasured && held->answer == THAW_GATE_BROKEN);
        set(judge, object, "test", held->tested ? test_json(judge, &held->test) : json_null());
        thaw_values_append(&judge->values, list, object);
    }
    return list;
}

static void set_change(struct thaw_gate_judge *judge, json_t *object,
                       const struct thaw_gate_check *check)
{
    double before = check->before.median, change = check->head.median - before;

    if (!check->head.samples.count || !check->before.samples.count) {
        thaw_values_set_null(&judge->values, object, "change");
        thaw_values_set_null(&judge->values, object, "share");
        return;
    }
    set(judge, object, "change", number(check->metric->unit, change));
    set(judge, object, "share", before > 0 ? fine(change / before) : json_null());
}

static const char *id_of(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    const struct thaw_budget_part *part;
    const char *text;

    if (check->forbidden)
        return thaw_summary_format(&judge->words, "forbidden:%s",
                                   *check->forbidden->module ? check->forbidden->module
                                                             : check->forbidden->distribution);
    part = &check->budget->part;
    text = thaw_summary_format(&judge->words, "budget:%s", check->budget->metric);
    if (*part->module)
        text = thaw_summary_format(&judge->words, "%s:module=%s", text, part->module);
    if (*part->distribution)
        text = thaw_summary_format(&judge->words, "%s:distribution=%s", text, part->distribution);
    if (*part->phase)
        text = thaw_summary_format(&judge->words, "%s:phase=%s", text, part->phase);
    return text;
}

static json_t *part_json(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    const struct thaw_budget_part forbidden = {check->forbidden ? check->forbidden->module : "",
                                               check->forbidden ? check->forbidden->distribution
                                                                : "",
                                               ""};
    const struct thaw_budget_part *part = check->budget ? &check->budget->part : &forbidden;
    json_t *object = thaw_values_object(&judge->values);

    thaw_values_set_name(&judge->values, object, "module", part->module);
    thaw_values_set_name(&judge->values, object, "distribution", part->distribution);
    thaw_values_set_name(&judge->values, object, "phase", part->phase);
    return object;
}

static json_t *allowed_json(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    json_t *object;

    if (!check->allowance)
        return json_null();
    object = thaw_values_object(&judge->values);
    thaw_values_set_text(&judge->values, object, "reason", check->allowance->reason);
    thaw_values_set_name(&judge->values, object, "until", check->allowance->until);
    thaw_values_set_boolean(&judge->values, object, "expired",
                            thaw_gate_is_expired(judge, check->allowance));
    return object;
}

static json_t *location_json(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    const struct thaw_budget_place *place =
        check->budget ? &check->budget->place : &check->forbidden->place;
    json_t *object = thaw_values_object(&judge->values);

    thaw_values_set_name(&judge->values, object, "file", judge->question->budgets_name);
    thaw_values_set_known(&judge->values, object, "line", place->line);
    thaw_values_set_known(&judge->values, object, "column", place->column);
    return object;
}

static json_t *check_json(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_gate_metric *metric = check->metric;
    struct thaw_values *values = &judge->values;
    json_t *object = thaw_values_object(values), *tolerance = json_null();

    thaw_values_set_text(values, object, "id", id_of(judge, check));
    thaw_values_set_text(values, object, "kind", check->budget ? "budget" : "forbidden");
    thaw_values_set_text(values, object, "status", thaw_gate_status_name(check->status));
    thaw_values_set_boolean(values, object, "counts", check->counts);
    thaw_values_set_name(values, object, "metric", metric ? metric->name : "");
    thaw_values_set_text(values, object, "title", check->title);
    thaw_values_set_name(values, object, "class",
                         metric ? thaw_gate_class_name(metric->class) : "");
    thaw_values_set_name(values, object, "unit", metric ? thaw_gate_unit_name(metric->unit) : "");
    set(judge, object, "part", part_json(judge, check));
    set(judge, object, "value", figures_json(judge, check, &check->head));
    set(judge, object, "before", figures_json(judge, check, &check->before));
    set_change(judge, object, check);
    set(judge, object, "limits", limits_json(judge, check));
    if (check->tolerance_from) {
        tolerance = thaw_values_object(values);
        set(judge, tolerance, "value", number(metric->unit, check->tolerance));
        thaw_values_set_text(values, tolerance, "from", check->tolerance_from);
    }
    set(judge, object, "tolerance", tolerance);
    thaw_values_set_text(values, object, "reason", check->reason);
    set(judge, object, "offenders",
        check->offenders ? json_incref(check->offenders) : thaw_values_array(values));
    thaw_values_set_number(values, object, "offenders_more", check->offenders_more);
    set(judge, object, "allowed", allowed_json(judge, check));
    set(judge, object, "location", location_json(judge, check));
    return object;
}

static bool is_counting(const struct thaw_gate_run *run)
{
    return thaw_summary_is(json_object_get(run->report, "run"), "counting");
}

static void set_measured(struct thaw_gate_judge *judge, json_t *object,
                         const struct thaw_gate_side *side)
{
    size_t counting = 0, failed = 0;

    for (size_t i = 0; i < side->input->run_count; i++) {
        counting += is_counting(&side->input->runs[i]);
        failed += side->left_out[i] != NULL;
    }
    thaw_values_set_boolean(&judge->values, object, "target", side->input->target != NULL);
    thaw_values_set_number(&judge->values, object, "runs", side->input->run_count - counting);
    thaw_values_set_number(&judge->values, object, "counting_runs", counting);
    thaw_values_set_number(&judge->values, object, "instruction_runs",
                           side->input->instruction_count);
    thaw_values_set_number(&judge->values, object, "failed_runs", failed);
}

/* The most runs of a value are those that there were; but of times where there are any, as counts
 * are from the counting run, too. */
static void set_entry(struct thaw_gate_judge *judge, json_t *object,
                      const struct thaw_gate_side *side)
{
    const json_t *value;
    uint64_t runs = 0, timed = 0, instructions = 0;
    bool target = false;
    size_t i;

    json_array_foreach(json_object_get(side->entry, "values"), i, value)
    {
        const struct thaw_gate_metric *metric =
            thaw_gate_metric_find(thaw_key_string(value, "metric"));
        uint64_t samples = json_array_size(json_object_get(value, "samples"));
        uint64_t said = thaw_summary_number(value, "runs");

        samples = said > samples ? said : samples;
        if (metric && metric->source == THAW_GATE_TARGET)
            target = true;
        else if (metric && metric->source == THAW_GATE_INSTRUCTIONS)
            instructions = samples;
        else if (metric && metric->class == THAW_GATE_TIMED)
            timed = samples > timed ? samples : timed;
        else
            runs = samples > runs ? samples : runs;
    }
    thaw_values_set_boolean(&judge->values, object, "target", target);
    thaw_values_set_number(&judge->values, object, "runs", timed ? timed : runs);
    thaw_values_set_number(&judge->values, object, "counting_runs", 0);
    thaw_values_set_number(&judge->values, object, "instruction_runs", instructions);
    thaw_values_set_number(&judge->values, object, "failed_runs", 0);
}

static json_t *side_json(struct thaw_gate_judge *judge, const struct thaw_gate_side *side)
{
    struct thaw_values *values = &judge->values;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", side->name);
    thaw_values_set_name(values, object, "commit", side->commit);
    thaw_values_set_name(values, object, "baseline", side->entry ? side->name : "");
    if (side->entry)
        set_entry(judge, object, side);
    else
        set_measured(judge, object, side);
    set(judge, object, "key", thaw_gate_key_json(judge, side));
    return object;
}

static bool has_failed_runs(const struct thaw_gate_side *side)
{
    for (size_t i = 0; side->input && i < side->input->run_count; i++)
        if (side->left_out[i] && !is_counting(&side->input->runs[i]))
            return true;
    return false;
}

/* Where runs failed, what the others had is no verdict but a failure. */
static enum thaw_gate_verdict verdict_of(const struct thaw_gate_judge *judge)
{
    static const enum thaw_gate_verdict verdicts[] = {
        [THAW_GATE_STATUS_PASS] = THAW_GATE_PASS,
        [THAW_GATE_STATUS_ALLOWED] = THAW_GATE_PASS,
        [THAW_GATE_STATUS_WARN] = THAW_GATE_WARN,
        [THAW_GATE_STATUS_INCONCLUSIVE] = THAW_GATE_INCONCLUSIVE,
        [THAW_GATE_STATUS_UNMEASURED] = THAW_GATE_UNMEASURED,
        [THAW_GATE_STATUS_FAIL] = THAW_GATE_FAIL,
    };
    enum thaw_gate_verdict worst = THAW_GATE_PASS;

    for (size_t i = 0; i < judge->check_count; i++) {
        const struct thaw_gate_check *check = &judge->checks[i];
        enum thaw_gate_verdict verdict = verdicts[check->status];

        if ((check->status == THAW_GATE_STATUS_UNMEASURED ||
             check->status == THAW_GATE_STATUS_INCONCLUSIVE) &&
            !check->counts)
            verdict = THAW_GATE_WARN; /* never a pass */
        worst = verdict > worst ? verdict : worst;
    }
    if (worst < THAW_GATE_UNMEASURED &&
        (has_failed_runs(&judge->head) || has_failed_runs(&judge->before)))
        worst = THAW_GATE_UNMEASURED;
    return worst;
}

static void set_differing(struct thaw_gate_judge *judge, json_t *object)
{
    const char *names[THAW_GATE_KEY_PARTS];
    size_t count = 0;

    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        if (judge->differing & 1u << i)
            names[count++] = thaw_gate_key_name(1u << i);
    thaw_values_set_texts(&judge->values, object, "differing_keys", names, count);
}

json_t *thaw_gate_json(struct thaw_gate_judge *judge)
{
    static const int exits[] = {
        [THAW_GATE_PASS] = 0,       [THAW_GATE_WARN] = 0, [THAW_GATE_INCONCLUSIVE] = 4,
        [THAW_GATE_UNMEASURED] = 3, [THAW_GATE_FAIL] = 1,
    };
    struct thaw_values *values = &judge->values;
    json_t *object = thaw_values_object(values), *list = thaw_values_array(values);
    json_t *tool = thaw_values_object(values), *noise = thaw_gate_noise(judge);
    enum thaw_gate_verdict verdict = verdict_of(judge);
    size_t unmeasured = 0;

    thaw_values_set_text(values, object, "schema", THAW_GATE_SCHEMA);
    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_text(values, tool, "version", THAW_VERSION);
    set(judge, object, "tool", tool);
    thaw_values_set_text(values, object, "verdict", thaw_gate_verdict_name(verdict));
    thaw_values_set_number(values, object, "exit_code", (uint64_t)exits[verdict]);
    set(judge, object, "head", side_json(judge, &judge->head));
    set(judge, object, "base", judge->has_before ? side_json(judge, &judge->before) : json_null());
    set_differing(judge, object);
    for (size_t i = 0; i < judge->check_count; i++) {
        thaw_values_append(values, list, check_json(judge, &judge->checks[i]));
        unmeasured += judge->checks[i].status == THAW_GATE_STATUS_UNMEASURED;
    }
    set(judge, object, "checks", list);
    thaw_values_set_number(values, object, "unmeasured", unmeasured);
    set(judge, object, "problems", json_incref(judge->problems));
    set(judge, object, "noise", noise);
    if (!thaw_gate_failed(judge) && !judge->head.failed && !judge->before.failed)
        return object;
    json_decref(object);
    return NULL;
}
