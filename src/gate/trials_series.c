/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/trials_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* What a run has of each metric, taken as soon as it was made: its report is not kept. */

enum { most_phases = 64, most_levels = 4 };

static bool is_like(const struct thaw_trials_series *one, const struct thaw_trials_series *other,
                    size_t command)
{
    return one->command == command && one->counting == other->counting &&
           !strcmp(one->name, other->name) && !strcmp(one->phase, other->phase);
}

const struct thaw_trials_series *thaw_trials_find(const struct thaw_trials *trials,
                                                  const struct thaw_trials_series *like,
                                                  size_t command)
{
    for (size_t i = 0; i < trials->series.count; i++)
        if (is_like(&trials->series.items[i], like, command))
            return &trials->series.items[i];
    return NULL;
}

/* The series of that kind, which is made where there is none yet. */
static struct thaw_trials_series *series_of(struct thaw_trials *trials,
                                            const struct thaw_trials_series *like)
{
    const struct thaw_trials_series *found = thaw_trials_find(trials, like, like->command);
    struct thaw_trials_series *series = (struct thaw_trials_series *)(uintptr_t)found;

    if (series)
        return series;
    series = thaw_array_add(&trials->series);
    trials->failed |= !series;
    if (!series)
        return NULL;
    *series = *like;
    series->phase = thaw_arena_string(&trials->arena, like->phase);
    trials->failed |= !series->phase;
    if (!series->phase)
        series->phase = "";
    return series;
}

static void add_sample(struct thaw_trials *trials, const struct thaw_trials_series *like,
                       size_t run, double value)
{
    struct thaw_trials_series *series = series_of(trials, like);
    struct thaw_trials_sample *sample;

    if (!series ||
        (series->samples.count && series->samples.items[series->samples.count - 1].run == run))
        return; /* a phase may come again within a track */
    sample = thaw_array_add(&series->samples);
    trials->failed |= !sample;
    if (sample)
        *sample = (struct thaw_trials_sample){run, value};
}

static void add_missing(struct thaw_trials *trials, const struct thaw_trials_series *like,
                        const char *why)
{
    struct thaw_trials_series *series = series_of(trials, like);

    if (!series)
        return;
    if (!*series->why)
        series->why = thaw_arena_string(&trials->arena, why);
    trials->failed |= !series->why;
    if (!series->why)
        series->why = "";
}

static void take_metric(struct thaw_trials *trials, const struct thaw_trials_run *run,
                        const struct thaw_gate_metric *metric, const char *phase)
{
    const struct thaw_trials_series like = {.metric = metric,
                                            .name = metric->name,
                                            .title = metric->title,
                                            .phase = phase,
                                            .class = metric->class,
                                            .unit = metric->unit,
                                            .command = run->command,
                                            .counting = run->counting,
                                            .why = ""};
    const struct thaw_budget_part part = {.module = "", .distribution = "", .phase = phase};
    struct thaw_arena arena = {0};
    const struct thaw_gate_reading reading = {.report = run->report,
                                              .part = *phase ? &part : NULL,
                                              .arena = &arena};
    const char *why = "";
    double value;

    if (metric->read(&reading, &value, &why))
        add_sample(trials, &like, run->number, value);
    else if (why)
        add_missing(trials, &like, why);
    else
        trials->failed = true;
    thaw_arena_free(&arena);
}

static void take_phases(struct thaw_trials *trials, const struct thaw_trials_run *run,
                        const struct thaw_gate_metric *metric, const json_t *phases, int level)
{
    const json_t *phase;
    size_t i;

    json_array_foreach(phases, i, phase)
    {
        if (i == most_phases || level == most_levels)
            return;
        take_metric(trials, run, metric, thaw_key_string(phase, "name"));
        take_phases(trials, run, metric, json_object_get(phase, "children"), level + 1);
    }
}

/* Counts are those of the run in which they were counted, all else is not. */
static bool is_wanted(const struct thaw_trials_run *run, const struct thaw_gate_metric *metric)
{
    return metric->source == THAW_GATE_COUNTS ||
           (metric->source == THAW_GATE_COLD_START && !run->counting);
}

static void take_own(struct thaw_trials *trials, const struct thaw_trials_run *run)
{
    const struct {
        const char *name, *title;
        uint64_t value;
    } own[] = {{"run_wall_time", "whole run, with thaw", run->wall_ns},
               {"run_cpu_time", "CPU time of it, with thaw", run->cpu_ns}};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        add_sample(trials,
                   &(struct thaw_trials_series){.name = own[i].name,
                                                .title = own[i].title,
                                                .phase = "",
                                                .class = THAW_GATE_TIMED,
                                                .unit = THAW_GATE_NS,
                                                .command = run->command,
                                                .why = ""},
                   run->number, (double)own[i].value);
}

void thaw_trials_take(struct thaw_trials *trials, const struct thaw_trials_run *run)
{
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);
    struct thaw_summary summary;

    if (!run->counting)
        take_own(trials, run);
    if (!run->report)
        return;
    thaw_summary_begin(&summary, run->report, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(run, &metrics[i]))
            continue;
        if (metrics[i].parts & THAW_GATE_BY_PHASE)
            take_phases(trials, run, &metrics[i], json_object_get(summary.track, "phases"), 0);
        else
            take_metric(trials, run, &metrics[i], "");
    }
    trials->failed |= summary.failed;
}
