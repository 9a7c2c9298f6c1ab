/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "gate/gate_parts.h"

/*
 * A budget held against what was measured.
 *
 * Exact metrics: the least of head's runs, against the most of those before, so that a run in which
 * something odd happened never breaks a budget. Counted ones likewise, with a tolerance that is
 * learnt from the runs before. Either is broken or kept, never undecided.
 */

enum { learning_runs = 3 }; /* as few show how much a count varies */
#define ASSUMED_TOLERANCE 0.05

static bool is_increase(size_t kind)
{
    return kind == THAW_GATE_MAX_INCREASE || kind == THAW_GATE_WARN_INCREASE;
}

static void read_figures(struct thaw_gate_judge *judge, struct thaw_gate_side *side,
                         const struct thaw_gate_check *check, struct thaw_gate_figures *ret)
{
    struct thaw_interval interval;
    const double *values;
    int code = thaw_gate_side_samples(side, check->metric, &check->budget->part, &ret->samples);

    if (!code && ret->samples.count) {
        values = ret->samples.values;
        ret->least = ret->most = values[0];
        for (size_t i = 1; i < ret->samples.count; i++) {
            ret->least = values[i] < ret->least ? values[i] : ret->least;
            ret->most = values[i] > ret->most ? values[i] : ret->most;
        }
        code = thaw_statistics_median_interval(values, ret->samples.count, &interval);
        ret->median = code ? 0 : interval.middle;
    }
    if (!code && check->metric->class == THAW_GATE_TIMED &&
        ret->samples.count >= THAW_GATE_MEDIAN_RUNS_LEAST) {
        ret->has_interval = true;
        ret->low = interval.low;
        ret->high = interval.high;
    }
    if (code && code != -ENOMEM) { /* a value that is no number, or more than can be */
        ret->samples.count = 0;
        ret->samples.why = "what was measured can't be counted";
        code = 0;
    }
    judge->words.failed |= code != 0;
}

static const char *why_or(const struct thaw_gate_samples *samples, const char *otherwise)
{
    return samples->why && *samples->why ? samples->why : otherwise;
}

/* Why an increase can't be told, NULL: it can. */
static const char *why_no_increase(struct thaw_gate_judge *judge,
                                   const struct thaw_gate_check *check)
{
    if (!judge->has_before)
        return "there is nothing to compare with: make a baseline (thaw gate --update), or measure "
               "the merge base in the same job (--base)";
    if (!check->before.samples.count)
        return thaw_summary_format(&judge->words, "%s has no value of it%s%s",
                                   thaw_gate_shown(judge, judge->before.name),
                                   judge->same_job ? ": " : "",
                                   judge->same_job
                                       ? why_or(&check->before.samples, "it was not measured")
                                       : ": renew the baseline (thaw gate --update)");
    if (check->metric->class == THAW_GATE_TIMED)
        return judge->other_machine;
    if (!strcmp(check->metric->name, "threads"))
        return judge->other_cpus;
    return NULL;
}

/* What the values before are taken for. */
static double basis(const struct thaw_gate_check *check)
{
    return check->metric->class == THAW_GATE_EXACT ? check->before.most : check->before.median;
}

static double allowed_by(const struct thaw_gate_check *check, size_t kind)
{
    const struct thaw_budget_limit *limit = check->limits[kind].limit;

    if (!is_increase(kind))
        return limit->value;
    return limit->share ? basis(check) * (1 + limit->value) : basis(check) + limit->value;
}

/* How far the runs before are from their median; one odd run (Tukey's fences) teaches nothing, or
 * it would open the gate for good. */
static double largest_distance(struct thaw_gate_judge *judge,
                               const struct thaw_gate_figures *figures)
{
    const struct thaw_gate_samples *samples = &figures->samples;
    struct thaw_fences fences;
    double largest = 0;

    if (thaw_statistics_fences(samples->values, samples->count, &fences)) {
        judge->words.failed = true;
        return 0;
    }
    for (size_t i = 0; i < samples->count; i++)
        if (samples->values[i] >= fences.low && samples->values[i] <= fences.high)
            largest = fmax(largest, fabs(samples->values[i] - figures->median));
    return largest;
}

static void learn_tolerance(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_gate_figures *before = &check->before;

    if (before->samples.count >= learning_runs) {
        check->tolerance = fmax(2 * largest_distance(judge, before), 1);
        check->tolerance_from =
            thaw_summary_format(&judge->words, "%zu runs of %s", before->samples.count,
                                thaw_gate_shown(judge, judge->before.name));
        return;
    }
    check->tolerance =
        ceil(ASSUMED_TOLERANCE * (before->samples.count ? before->median : check->head.median));
    check->tolerance_from = "assumed";
}

static void hold_counts(struct thaw_gate_check *check, struct thaw_gate_held *held)
{
    double tolerance = check->metric->class == THAW_GATE_COUNTED ? check->tolerance : 0;

    held->answer =
        check->head.least > held->allowed + tolerance ? THAW_GATE_BROKEN : THAW_GATE_KEPT;
}

void thaw_gate_hold_budget(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_budget *budget = check->budget;
    const struct thaw_budget_limit *const limits[] = {
        [THAW_GATE_MAX] = &budget->max,
        [THAW_GATE_WARN_ABOVE] = &budget->warn,
        [THAW_GATE_MAX_INCREASE] = &budget->max_increase,
        [THAW_GATE_WARN_INCREASE] = &budget->warn_increase,
    };
    const char *no_increase;

    read_figures(judge, &judge->head, check, &check->head);
    if (judge->has_before)
        read_figures(judge, &judge->before, check, &check->before);
    no_increase = why_no_increase(judge, check);
    if (check->metric->class == THAW_GATE_COUNTED && check->head.samples.count)
        learn_tolerance(judge, check);
    for (size_t i = 0; i < THAW_GATE_LIMITS && !thaw_gate_failed(judge); i++) {
        struct thaw_gate_held *held = &check->limits[i];

        if (!limits[i]->given)
            continue;
        held->limit = limits[i];
        if (!check->head.samples.count)
            held->unmeasured = why_or(&check->head.samples, "it was not measured");
        else if (is_increase(i))
            held->unmeasured = no_increase;
        if (held->unmeasured)
            continue;
        held->allowed = allowed_by(check, i);
        if (check->metric->class != THAW_GATE_TIMED)
            hold_counts(check, held);
    }
    if (check->metric->class == THAW_GATE_TIMED && !thaw_gate_failed(judge))
        thaw_gate_hold_times(judge, check);
}

static enum thaw_gate_status status_of(const struct thaw_gate_held *held, bool warns)
{
    if (held->unmeasured)
        return THAW_GATE_STATUS_UNMEASURED;
    if (held->answer == THAW_GATE_KEPT)
        return THAW_GATE_STATUS_PASS;
    if (held->answer == THAW_GATE_UNDECIDED)
        return THAW_GATE_STATUS_INCONCLUSIVE;
    return warns ? THAW_GATE_STATUS_WARN : THAW_GATE_STATUS_FAIL;
}

/* A warning's limit that could not be held, or not told from noise, counts for nothing beside one
 * that may fail, or one that warns. */
void thaw_gate_set_status(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    bool has_max =
        check->limits[THAW_GATE_MAX].limit || check->limits[THAW_GATE_MAX_INCREASE].limit;
    bool undecided = false; /* whether there is something to warn of */

    check->status = THAW_GATE_STATUS_PASS;
    check->counts = true;
    for (size_t i = 0; i < THAW_GATE_LIMITS; i++) {
        bool warns = i == THAW_GATE_WARN_ABOVE || i == THAW_GATE_WARN_INCREASE;
        enum thaw_gate_status status;

        if (!check->limits[i].limit)
            continue;
        status = status_of(&check->limits[i], warns);
        if (status == THAW_GATE_STATUS_UNMEASURED && warns && has_max)
            continue;
        undecided |= status == THAW_GATE_STATUS_INCONCLUSIVE && warns;
        if (status == THAW_GATE_STATUS_INCONCLUSIVE && warns)
            continue;
        check->status = status > check->status ? status : check->status;
    }
    if (undecided && !has_max && check->status == THAW_GATE_STATUS_PASS)
        check->status = THAW_GATE_STATUS_INCONCLUSIVE;
    if (check->status == THAW_GATE_STATUS_INCONCLUSIVE)
        check->counts = has_max;
    if (check->status == THAW_GATE_STATUS_UNMEASURED)
        check->counts = has_max && !judge->question->budgets->settings.unmeasured_is_warning;
}
