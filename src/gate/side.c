/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gate/readers.h"
#include "gate/side_parts.h"
#include "report/keys.h"

void thaw_gate_side_free(struct thaw_gate_side *side)
{
    thaw_array_free(&side->contents);
    thaw_array_free(&side->imports);
    thaw_arena_free(&side->arena);
}

static bool is_answered(const struct thaw_summary *summary)
{
    return summary->track && thaw_summary_is(summary->track, "answered");
}

/*
 * Which runs have figures: one without a first reply ends anywhere, and is left out beside others
 * that have one; so is one without a worker.
 */
static int choose_runs(struct thaw_gate_side *side)
{
    const struct thaw_gate_input *input = side->input;
    bool any_answered = false, any_track = false;
    struct thaw_summary summary;

    side->left_out =
        thaw_arena_allocate(&side->arena, (input->run_count + 1) * sizeof(*side->left_out));
    if (!side->left_out)
        return -ENOMEM;
    for (size_t i = 0; i < input->run_count; i++) {
        thaw_summary_begin(&summary, input->runs[i].report, NULL, NULL);
        any_answered |= is_answered(&summary);
        any_track |= summary.track != NULL;
    }
    for (size_t i = 0; i < input->run_count; i++) {
        bool failed = false;

        thaw_summary_begin(&summary, input->runs[i].report, NULL, NULL);
        side->left_out[i] = thaw_gate_run_fault(&summary, &side->arena, &failed);
        if (failed)
            return -ENOMEM;
        if (!side->left_out[i] && any_track && !summary.track)
            side->left_out[i] = "it has no worker";
        if (!side->left_out[i] && any_answered && !is_answered(&summary))
            side->left_out[i] = "no first reply was seen";
    }
    return 0;
}

int thaw_gate_side_measured(const struct thaw_gate_input *input, struct thaw_gate_side *ret,
                            struct thaw_error *error)
{
    *ret = (struct thaw_gate_side){
        .input = input,
        .name = input->name ? input->name : "",
        .commit = input->commit ? input->commit : "",
    };
    ret->failed = choose_runs(ret) < 0 || thaw_gate_key_measured(ret) < 0 ||
                  thaw_gate_contents_measured(ret) < 0 || thaw_gate_imports_measured(ret) < 0;
    return ret->failed ? thaw_error_memory(error) : 0;
}

const json_t *thaw_gate_first_run(const struct thaw_gate_side *side)
{
    for (size_t i = 0; i < side->input->run_count; i++)
        if (!side->left_out[i])
            return side->input->runs[i].report;
    return NULL;
}

static bool is_counting(const struct thaw_gate_run *run)
{
    return thaw_summary_is(json_object_get(run->report, "run"), "counting");
}

/* Is a run not made for the metric? Where some count system calls they alone do, and have no
 * times. */
static bool is_of_others(const struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                         const struct thaw_gate_run *run)
{
    bool any_counting = false, any_other = false;

    for (size_t i = 0; i < side->input->run_count; i++) {
        bool counting = is_counting(&side->input->runs[i]);

        any_counting |= counting;
        any_other |= !counting;
    }
    if (!any_counting || !any_other)
        return false;
    if (metric->class == THAW_GATE_TIMED)
        return is_counting(run);
    return metric->source == THAW_GATE_COUNTS && !is_counting(run);
}

static int read_runs(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                     const struct thaw_budget_part *part, double *values,
                     struct thaw_gate_samples *ret)
{
    const struct thaw_gate_input *input = side->input;

    for (size_t i = 0; i < input->run_count; i++) {
        const struct thaw_gate_reading reading = {input->runs[i].report, part, &side->arena};
        const char *why = side->left_out[i];

        if (is_of_others(side, metric, &input->runs[i]))
            continue;
        if (!why && metric->read(&reading, &values[ret->count], &why)) {
            ret->count++;
            continue;
        }
        if (!why)
            return -ENOMEM;
        ret->missing++;
        if (!*ret->why)
            ret->why = why;
    }
    return 0;
}

static int read_target(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                       const struct thaw_budget_part *part, double *values,
                       struct thaw_gate_samples *ret)
{
    const struct thaw_gate_reading reading = {side->input->target, part, &side->arena};

    if (!side->input->target) {
        ret->why = "what is shipped was not looked at";
        return 0;
    }
    ret->count = metric->read(&reading, values, &ret->why);
    return ret->count || ret->why ? 0 : -ENOMEM;
}

static int measured(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                    const struct thaw_budget_part *part, struct thaw_gate_samples *ret)
{
    const struct thaw_gate_input *input = side->input;
    double *values;

    if (metric->source == THAW_GATE_INSTRUCTIONS) {
        ret->values = input->instructions;
        ret->count = input->instruction_count;
        ret->why = ret->count ? ""
                   : input->instructions_why && *input->instructions_why
                       ? input->instructions_why
                       : "no run was made under callgrind";
        return 0;
    }
    values = thaw_arena_allocate(&side->arena, (input->run_count + 1) * sizeof(*values));
    if (!values)
        return -ENOMEM;
    ret->values = values;
    if (metric->source == THAW_GATE_TARGET)
        return read_target(side, metric, part, values, ret);
    if (!input->run_count)
        ret->why = "no cold start was recorded";
    return read_runs(side, metric, part, values, ret);
}

int thaw_gate_side_samples(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                           const struct thaw_budget_part *part, struct thaw_gate_samples *ret)
{
    int result;

    *ret = (struct thaw_gate_samples){.why = ""};
    result = side->entry ? thaw_gate_entry_samples(side, metric, part, ret)
                         : measured(side, metric, part, ret);
    if (result < 0) {
        side->failed = true;
        return result;
    }
    if (ret->count)
        ret->why = "";
    else
        ret->missing = 0;
    for (size_t i = 1; metric->class == THAW_GATE_EXACT && i < ret->count; i++)
        ret->varies |= ret->values[i] != ret->values[0];
    return 0;
}
