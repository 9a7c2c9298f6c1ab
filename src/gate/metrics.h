/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_METRICS_H
#define THAW_GATE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "thaw/budget.h"

/*
 * What can be held against a budget: a row for each metric, with how its value is read from a JSON
 * report. A new metric is a new row.
 */

enum thaw_gate_class {
    THAW_GATE_EXACT,   /* the same in each run of the same code, to the digit */
    THAW_GATE_COUNTED, /* nearly: a tolerance is learnt from the baseline's own runs */
    THAW_GATE_TIMED,   /* noise: told by a test alone */
};

enum thaw_gate_unit { THAW_GATE_COUNT, THAW_GATE_BYTES, THAW_GATE_NS };

/* Where the value is. */
enum thaw_gate_source {
    THAW_GATE_TARGET,       /* the report of what is shipped */
    THAW_GATE_COLD_START,   /* the report of a recording */
    THAW_GATE_COUNTS,       /* likewise; its process's counts, which need eBPF or a counting run */
    THAW_GATE_INSTRUCTIONS, /* a run under callgrind */
};

/* What a budget may narrow it to, bits. */
enum {
    THAW_GATE_BY_MODULE = 1 << 0,
    THAW_GATE_BY_DISTRIBUTION = 1 << 1,
    THAW_GATE_BY_PHASE = 1 << 2, /* must: there is none without */
};

/* A report being asked. Texts that are returned are the arena's, or constant. */
struct thaw_gate_reading {
    const json_t *report;
    const struct thaw_budget_part *part; /* NULL: all */
    struct thaw_arena *arena;
};

struct thaw_gate_metric {
    const char *name;  /* "modules": in thaw.json, baselines, verdicts, the history */
    const char *title; /* "modules loaded": for people, lower case */
    enum thaw_gate_class class;
    enum thaw_gate_unit unit;
    enum thaw_gate_source source;
    unsigned parts; /* of THAW_GATE_BY_… */

    /* Its value in the report. False: the report does not tell, and *ret_why says why, as "the
     * importtime backend sees no files"; NULL: memory is short. Never 0 for what was not seen. */
    bool (*read)(const struct thaw_gate_reading *reading, double *ret, const char **ret_why);
};

/* The table, *ret_count rows, in the order in which they are shown. */
const struct thaw_gate_metric *thaw_gate_metrics(size_t *ret_count);
const struct thaw_gate_metric *thaw_gate_metric_find(const char *name); /* NULL: there is none */

/* "exact", "counted", "timed"; "count", "bytes", "ns": as in JSON. */
const char *thaw_gate_class_name(enum thaw_gate_class class);
const char *thaw_gate_unit_name(enum thaw_gate_unit unit);

/* Is a name what the pattern of a budget is about (budget.h)? */
bool thaw_gate_module_matches(const char *pattern, const char *name);

/* The name of a part of the key ("lock_file"), one bit of enum thaw_gate_key_part; 0: none. */
const char *thaw_gate_key_name(unsigned part);
unsigned thaw_gate_key_find(const char *name);
#define THAW_GATE_KEY_PARTS 6

#endif
