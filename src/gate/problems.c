/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"
#include "report/shown_text.h"

/* What makes a verdict weaker than it looks. */

enum { most_runs = 5 };  /* of a side, that are told one by one */
#define WANTED_WIDTH 0.2 /* of the interval of a median */

static void tell_left_out(struct thaw_gate_judge *judge, const struct thaw_gate_side *side)
{
    size_t told = 0, more = 0;

    for (size_t i = 0; i < side->input->run_count; i++) {
        if (!side->left_out[i])
            continue;
        if (told == most_runs) {
            more++;
            continue;
        }
        told++;
        thaw_gate_problem(judge, "warning",
                          thaw_summary_format(&judge->words, "run %s of %s is left out: %s",
                                              thaw_gate_shown(judge, side->input->runs[i].name),
                                              thaw_gate_shown(judge, side->name),
                                              thaw_gate_shown(judge, side->left_out[i])));
    }
    if (more)
        thaw_gate_problem(judge, "warning",
                          thaw_summary_format(&judge->words, "%zu more runs of %s are left out",
                                              more, thaw_gate_shown(judge, side->name)));
}

/* What a recording lacks first, "" not known. */
static const char *lack_of(struct thaw_gate_judge *judge, const json_t *report)
{
    const json_t *recording = json_object_get(report, "recording");
    const json_t *loss = json_array_get(json_object_get(report, "losses"), 0);
    const char *text = thaw_shown_text(thaw_gate_arena(judge), loss, "what");

    if (text && !*text)
        text = thaw_shown_text(thaw_gate_arena(judge), recording, "defect");
    if (text && !*text)
        text = thaw_shown_text(thaw_gate_arena(judge), loss, "cause");
    judge->words.failed |= !text;
    return text ? text : "";
}

static void tell_incomplete(struct thaw_gate_judge *judge, const struct thaw_gate_side *side)
{
    const struct thaw_gate_run *first = NULL;
    size_t count = 0;
    const char *lack;

    for (size_t i = 0; i < side->input->run_count; i++) {
        const struct thaw_gate_run *run = &side->input->runs[i];

        if (side->left_out[i] || !json_is_false(json_object_get(run->report, "complete")))
            continue;
        first = count++ ? first : run;
    }
    if (!first)
        return;
    lack = lack_of(judge, first->report);
    thaw_gate_problem(judge, "warning",
                      thaw_summary_format(
                          &judge->words, "%zu of %zu recordings of %s are incomplete, first %s%s%s",
                          count, side->input->run_count, thaw_gate_shown(judge, side->name),
                          thaw_gate_shown(judge, first->name), *lack ? ": " : "", lack));
}

/* Runs of which it was told that they lack something. */
static size_t told_runs(const struct thaw_gate_side *side)
{
    size_t count = 0;

    for (size_t i = 0; side->input && i < side->input->run_count; i++)
        count += side->left_out[i] ||
                 json_is_false(json_object_get(side->input->runs[i].report, "complete"));
    return count;
}

static void tell_samples(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                         const struct thaw_gate_side *side, const struct thaw_gate_figures *figures,
                         const char *counts)
{
    enum thaw_gate_unit unit = check->metric->unit;

    if (figures->samples.varies)
        thaw_gate_problem(
            judge, "warning",
            thaw_summary_format(&judge->words,
                                "%s: not the same in all runs of %s (%s to %s); the %s counts",
                                check->title, thaw_gate_shown(judge, side->name),
                                thaw_gate_amount(judge, unit, figures->least),
                                thaw_gate_amount(judge, unit, figures->most), counts));
    if (figures->samples.missing > told_runs(side))
        thaw_gate_problem(judge, "note",
                          thaw_summary_format(&judge->words, "%s: %zu of %zu runs of %s don't tell",
                                              check->title, figures->samples.missing,
                                              figures->samples.missing + figures->samples.count,
                                              thaw_gate_shown(judge, side->name)));
}

static void tell_differences(struct thaw_gate_judge *judge)
{
    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++) {
        if (!(judge->differing & 1u << i))
            continue;
        thaw_gate_problem(judge, "note",
                          thaw_summary_format(&judge->words, "%s differs: %s here, %s in %s",
                                              thaw_gate_key_name(1u << i),
                                              thaw_gate_shown(judge, judge->head.key.parts[i]),
                                              thaw_gate_shown(judge, judge->before.key.parts[i]),
                                              thaw_gate_shown(judge, judge->before.name)));
    }
}

/* CPython's own report of imports does not say which of them failed, and has none that Python code
 * makes without the import statement. */
static void tell_importtime(struct thaw_gate_judge *judge)
{
    const char *backend = judge->head.key.parts[__builtin_ctz(THAW_GATE_KEY_BACKEND)];
    bool counts = false;

    for (size_t i = 0; i < judge->check_count; i++)
        counts |= judge->checks[i].forbidden || !strcmp(judge->checks[i].metric->name, "modules");
    if (counts && backend && !strcmp(backend, "importtime"))
        thaw_gate_problem(judge, "note",
                          "the importtime backend counts modules as loaded that were looked for "
                          "and not found, and does not see those that importlib.import_module() "
                          "loads by name: only what these import");
}

void thaw_gate_tell_problems(struct thaw_gate_judge *judge)
{
    const struct thaw_gate_side *const sides[] = {&judge->before, &judge->head};

    if (!judge->check_count)
        thaw_gate_problem(judge, "warning",
                          thaw_summary_format(&judge->words, "%s has no budgets",
                                              thaw_gate_shown(judge,
                                                              judge->question->budgets_name)));
    for (size_t i = 0; i < 2; i++) {
        if (!sides[i]->input)
            continue;
        tell_left_out(judge, sides[i]);
        tell_incomplete(judge, sides[i]);
    }
    for (size_t i = 0; i < judge->check_count; i++) {
        const struct thaw_gate_check *check = &judge->checks[i];

        if (!check->metric)
            continue;
        tell_samples(judge, check, &judge->head, &check->head, "least");
        tell_samples(judge, check, &judge->before, &check->before, "most");
    }
    tell_importtime(judge);
    tell_differences(judge);
    thaw_gate_tell_allowances(judge);
}

/* By the first of these that there is enough of. */
static const char *const noisy[] = {"total_time", "import_time"};

json_t *thaw_gate_noise(struct thaw_gate_judge *judge)
{
    for (size_t i = 0; i < sizeof(noisy) / sizeof(noisy[0]); i++) {
        struct thaw_gate_samples samples;
        struct thaw_noise noise;
        json_t *object;
        int code =
            thaw_gate_side_samples(&judge->head, thaw_gate_metric_find(noisy[i]), NULL, &samples);

        if (!code && samples.count < THAW_GATE_MEDIAN_RUNS_LEAST)
            continue;
        if (!code)
            code = thaw_statistics_noise_of_series(samples.values, samples.count, WANTED_WIDTH,
                                                   samples.count, &noise);
        judge->words.failed |= code == -ENOMEM;
        if (code)
            continue;
        object = thaw_values_object(&judge->values);
        thaw_values_set_text(&judge->values, object, "metric", noisy[i]);
        thaw_values_set_real(&judge->values, object, "spread", noise.spread);
        thaw_values_set_real(&judge->values, object, "width", noise.width);
        thaw_values_set_boolean(&judge->values, object, "too_noisy", noise.too_noisy);
        return object;
    }
    return json_null();
}
