/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_FAMILIES_H
#define THAW_EXPORT_FAMILIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "thaw/error.h"
#include "thaw/start.h"

/*
 * Metrics at one moment, whatever they are written as (openmetrics.h, otlp_metrics.h). Names are a
 * promise to dashboards: they are added to, never changed.
 */
enum thaw_family_type {
    THAW_FAMILY_GAUGE,
    THAW_FAMILY_COUNTER,
    THAW_FAMILY_HISTOGRAM,
    THAW_FAMILY_INFO
};

struct thaw_family_row {
    const char
        *name; /* "thaw_cold_starts"; a counter's sample ends in _total, an info's in _info */
    enum thaw_family_type type;
    const char *unit; /* "seconds", "bytes"; "" none */
    const char *help; /* one line of ASCII without '\\' and '"' */
};

struct thaw_label {
    const char *name;
    const char *value; /* any bytes: escaped when written */
};

/* The latest request whose start fell into a bucket. */
struct thaw_exemplar {
    char trace[THAW_START_TRACE_BYTES]; /* "" none */
    char span[THAW_START_SPAN_BYTES];
    double value;
    int64_t unix_ns;
};

/* Bounds are upper ones, in the unit; counts (not added up) and exemplars have one more. */
struct thaw_histogram {
    const double *bounds;
    size_t bound_count;
    const uint64_t *counts;
    const struct thaw_exemplar *exemplars; /* NULL none */
    double sum;
    uint64_t count;
};

struct thaw_point {
    const struct thaw_label *labels;
    size_t label_count;
    double number;                          /* gauge, counter; an info's is 1 */
    const struct thaw_histogram *histogram; /* of a histogram */
};

struct thaw_family {
    const struct thaw_family_row *row;
    THAW_ARRAY(struct thaw_point) points;
};

struct thaw_families {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_family) items;
    int64_t unix_ns;       /* of the moment */
    int64_t begin_unix_ns; /* since when counters count */
};

/* The family of that row (by its address), added where there is none; good until the next one is
 * added. NULL: memory is short. */
struct thaw_family *thaw_families_add(struct thaw_families *families,
                                      const struct thaw_family_row *row);

/* Adds a point with copies of its labels' values, their names are to last; good until the next
 * point is added to that family. A histogram is set by its owner, and has to last as long as
 * families. NULL: memory is short. */
struct thaw_point *thaw_family_add(struct thaw_families *families, struct thaw_family *family,
                                   const struct thaw_label *labels, size_t label_count,
                                   double number);

void thaw_families_free(struct thaw_families *families);

#endif
