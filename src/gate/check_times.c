/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/holm.h"
#include "gate/gate_parts.h"

/* Budgets of times (test_of_times.h): first every limit is tested, then all probabilities are
 * corrected together, then there are answers. */

static const char *more_runs(struct thaw_gate_judge *judge, size_t runs)
{
    return thaw_summary_format(&judge->words, "make more runs (--runs %zu)", runs);
}

static void hold_median(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                        struct thaw_gate_held *held)
{
    const struct thaw_gate_samples *samples = &check->head.samples;

    held->answer = THAW_GATE_UNDECIDED;
    if (!check->head.has_interval) {
        if (check->head.most <= held->allowed / THAW_GATE_FAR_BELOW)
            held->answer = THAW_GATE_KEPT;
        else
            held->advice = more_runs(judge, 15);
        return;
    }
    held->signs = true;
    held->probability = thaw_gate_sign_probability(samples->values, samples->count, held->allowed);
}

static void hold_increase(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                          struct thaw_gate_held *held)
{
    const struct thaw_gate_samples *before = &check->before.samples, *head = &check->head.samples;
    const struct thaw_gate_times times = {
        .before = before->values,
        .after = head->values,
        .before_count = before->count,
        .after_count = head->count,
        .in_turns = judge->in_turns,
        .pairs = judge->pairs && before->count == head->count && !before->missing && !head->missing,
    };
    int code;

    if (check->before.median > 0)
        held->allowed =
            check->before.median * thaw_gate_time_limit(held->allowed, check->before.median);
    held->answer = THAW_GATE_UNDECIDED;
    if (before->count < THAW_GATE_RUNS_LEAST || head->count < THAW_GATE_RUNS_LEAST) {
        held->advice = more_runs(judge, 15);
        return;
    }
    code = thaw_gate_time_test(&times, held->allowed, &held->test);
    judge->words.failed |= code == -ENOMEM;
    held->tested = !code;
    if (code)
        held->unmeasured = "more runs than can be compared";
}

void thaw_gate_hold_times(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    for (size_t i = 0; i < THAW_GATE_LIMITS; i++) {
        struct thaw_gate_held *held = &check->limits[i];

        if (!held->limit || held->unmeasured)
            continue;
        if (i == THAW_GATE_MAX || i == THAW_GATE_WARN_ABOVE)
            hold_median(judge, check, held);
        else
            hold_increase(judge, check, held);
    }
}

static void answer_median(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                          struct thaw_gate_held *held)
{
    if (check->head.high <= held->allowed)
        held->answer = THAW_GATE_KEPT;
    else if (check->head.low > held->allowed && held->probability <= THAW_GATE_MEDIAN)
        held->answer = THAW_GATE_BROKEN;
    else
        held->advice = more_runs(judge, 2 * check->head.samples.count);
}

static void answer_increase(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                            struct thaw_gate_held *held)
{
    held->answer = thaw_gate_time_answer(&held->test);
    if (held->answer != THAW_GATE_UNDECIDED)
        return;
    if (held->test.in_turns && !strcmp(check->metric->name, "cpu_time"))
        held->advice = more_runs(judge, 2 * check->head.samples.count);
    else if (held->test.in_turns)
        held->advice = thaw_summary_format(
            &judge->words, "%s, or limit cpu_time, which other work of the machine disturbs less",
            more_runs(judge, 2 * check->head.samples.count));
    else
        held->advice = judge->same_job
                           ? "have the runs of both sides made in turns (thaw gate --base)"
                           : "measure the merge base in the same job (--base)";
}

/* Corrects the probabilities of one kind of limit, and answers all of it. */
static void answer_kind(struct thaw_gate_judge *judge, size_t kind, double **probabilities)
{
    size_t count = 0;

    for (size_t i = 0; i < judge->check_count; i++) {
        struct thaw_gate_held *held = &judge->checks[i].limits[kind];

        if (held->signs)
            probabilities[count++] = &held->probability;
        else if (held->tested)
            probabilities[count++] = &held->test.adjusted;
    }
    thaw_holm_adjust(probabilities, count);
    for (size_t i = 0; i < judge->check_count; i++) {
        struct thaw_gate_check *check = &judge->checks[i];

        if (check->limits[kind].signs)
            answer_median(judge, check, &check->limits[kind]);
        else if (check->limits[kind].tested)
            answer_increase(judge, check, &check->limits[kind]);
    }
}

void thaw_gate_answer_times(struct thaw_gate_judge *judge)
{
    double **probabilities = calloc(judge->check_count + 1, sizeof(*probabilities));

    judge->words.failed |= !probabilities;
    for (size_t kind = 0; probabilities && kind < THAW_GATE_LIMITS; kind++)
        answer_kind(judge, kind, probabilities);
    free((void *)probabilities);
}
