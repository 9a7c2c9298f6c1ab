/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_SIDE_H
#define THAW_GATE_SIDE_H

#include "base/array.h"
#include "gate/gate.h"

/*
 * One side, from reports or from a baseline's entry: what its runs have of a metric, what it was
 * measured on, and what it is made of. Nothing behind this header cares which of both it was.
 */

/* What the runs have of one metric, in their order. */
struct thaw_gate_samples {
    const double *values; /* the side's arena's */
    size_t count;
    const char *why; /* count is 0: why, "" where nobody looked */
    bool varies;     /* of an exact metric: not all are the same */
    /* Runs of which it could not be told though others have it; said, not counted. */
    size_t missing;
};

/* A distribution, or "python" (the standard library), "app" (the user's own). */
struct thaw_gate_content {
    const char *name;    /* as its metadata has it */
    const char *key;     /* equal names have equal ones (PEP 503) */
    const char *version; /* "" not known */
    double disk_bytes;   /* -1 not known */
    double modules;      /* loaded at cold start, -1 not known */
};

/* Modules that a cold start loads, by the first part of their names: "xml". */
struct thaw_gate_import {
    const char *name;
    double modules;
};

struct thaw_gate_key {
    const char *parts[THAW_GATE_KEY_PARTS]; /* by the bit's number, "" not known */
    uint64_t cpus;                          /* 0 not known */
};

struct thaw_gate_side {
    struct thaw_arena arena;
    const char *name;
    const char *commit; /* "" not known */
    struct thaw_gate_key key;
    const struct thaw_gate_input *input;           /* measured; NULL: from a baseline */
    const json_t *entry;                           /* of a baseline; NULL: measured */
    THAW_ARRAY(struct thaw_gate_content) contents; /* by key */
    THAW_ARRAY(struct thaw_gate_import) imports;   /* by name; none: no cold start is known */
    const char **left_out; /* measured: of each run why it is not looked at, NULL: it is */
    bool failed;           /* memory was short */
};

/* *ret is to be freed in either case; what it was made of must outlive it. -ENOMEM. */
int thaw_gate_side_measured(const struct thaw_gate_input *input, struct thaw_gate_side *ret,
                            struct thaw_error *error);
int thaw_gate_side_of_entry(const json_t *entry, const char *name, struct thaw_gate_side *ret,
                            struct thaw_error *error);
void thaw_gate_side_free(struct thaw_gate_side *side);

/* part NULL: all of it. Where nothing is known, count is 0. -ENOMEM. */
int thaw_gate_side_samples(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                           const struct thaw_budget_part *part, struct thaw_gate_samples *ret);

#endif
