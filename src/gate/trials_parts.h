/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_TRIALS_PARTS_H
#define THAW_GATE_TRIALS_PARTS_H

#include "base/arena.h"
#include "base/array.h"
#include "gate/metrics.h"
#include "gate/trials.h"
#include "report/values.h"

/* What one run has of something. */
struct thaw_trials_sample {
    size_t run; /* its number */
    double value;
};

/* A metric, or a phase's time, of the runs of one command; or of its runs that count. */
struct thaw_trials_series {
    const struct thaw_gate_metric *metric; /* NULL: a run's own time, by its name */
    const char *name, *title, *phase;      /* phase "" none */
    enum thaw_gate_class class;
    enum thaw_gate_unit unit;
    size_t command;
    bool counting;
    THAW_ARRAY(struct thaw_trials_sample) samples;
    const char *why; /* the first run that does not tell it doesn't, "" */
};

struct thaw_trials {
    struct thaw_arena arena;
    struct thaw_trials_plan plan;
    THAW_ARRAY(struct thaw_trials_run) runs; /* reports are not kept */
    THAW_ARRAY(struct thaw_trials_series) series;
    bool failed; /* memory was short */
};

/* Takes what a run has of all metrics; sets failed. */
void thaw_trials_take(struct thaw_trials *trials, const struct thaw_trials_run *run);

/* The series of it; NULL: there is none. */
const struct thaw_trials_series *thaw_trials_find(const struct thaw_trials *trials,
                                                  const struct thaw_trials_series *like,
                                                  size_t command);

/* What comes of the series, and of two of them; NULL sets values->failed. */
json_t *thaw_trials_metrics(struct thaw_values *values, const struct thaw_trials *trials,
                            size_t command);
json_t *thaw_trials_comparison(struct thaw_values *values, const struct thaw_trials *trials);

/* A number as it is: whole ones as integers, not known (below 0, where it can't be) as null. */
void thaw_trials_set_value(struct thaw_values *values, json_t *object, const char *key,
                           double value);

/* The writers behind the table of formats. */
int thaw_trials_write_csv(const json_t *trials, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_trials_write_markdown(const json_t *trials, const struct thaw_report_options *options,
                               FILE *stream, struct thaw_error *error);
int thaw_trials_write_summary(const json_t *trials, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error);

#endif
