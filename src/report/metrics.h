/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_METRICS_H
#define THAW_REPORT_METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The metrics that thaw gives to monitoring, in one table, and how they are written: OpenMetrics
 * 1.0 text. Names are a promise to dashboards: they are added to, never changed.
 */
enum thaw_metric {
    THAW_METRIC_RECORDING,
    THAW_METRIC_RECORDED_TIMESTAMP,
    THAW_METRIC_COMPLETE,
    THAW_METRIC_EVENTS_LOST,
    THAW_METRIC_COLD_START,
    THAW_METRIC_ANSWERED,
    THAW_METRIC_UNATTRIBUTED,
    THAW_METRIC_PHASE,
    THAW_METRIC_MODULES,
    THAW_METRIC_IMPORT,
    THAW_METRIC_IMPORT_OTHER,
    THAW_METRIC_GARBAGE,
    THAW_METRIC_THROTTLED,
    THAW_METRIC_PROCESSES,
    THAW_METRIC_LIBRARIES,
    THAW_METRIC_FINDINGS,
    THAW_METRIC_OVERHEAD,
    THAW_METRICS,
};

struct thaw_metric_row {
    const char *name; /* of the family: a counter's sample ends in _total, an info's in _info */
    const char *type; /* "gauge", "counter", "info" */
    const char *unit; /* "seconds"; NULL: none */
    const char *help; /* one line of ASCII without '\\' and '"' */
};

extern const struct thaw_metric_row thaw_metric_rows[THAW_METRICS];

struct thaw_metric_label {
    const char *name;
    const char *value; /* one line of UTF-8 */
};

/* The lines that describe a family; its samples follow. */
void thaw_metric_family(FILE *stream, enum thaw_metric metric);

/* A sample with so many labels, of a count or of ns shown as seconds. */
void thaw_metric_sample(FILE *stream, enum thaw_metric metric,
                        const struct thaw_metric_label *labels, size_t count, uint64_t value);
void thaw_metric_seconds(FILE *stream, enum thaw_metric metric,
                         const struct thaw_metric_label *labels, size_t count, uint64_t ns);

/* A family with one sample without labels. */
void thaw_metric_one(FILE *stream, enum thaw_metric metric, uint64_t value);
void thaw_metric_one_seconds(FILE *stream, enum thaw_metric metric, uint64_t ns);

/* What ends the text. */
void thaw_metric_end(FILE *stream);

#endif
