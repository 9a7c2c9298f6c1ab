/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_GATE_H
#define THAW_GATE_GATE_H

#include <jansson.h>

#include "gate/metrics.h"
#include "thaw/budget.h"
#include "thaw/error.h"
#include "thaw/report.h"

#define THAW_GATE_SCHEMA "thaw-gate/1"
#define THAW_BASELINE_SCHEMA "thaw-baseline/1"
#define THAW_BASELINE_NAME "thaw-baseline.json"
#define THAW_BASELINE_BYTES_MAX ((size_t)16 << 20)

/* A recording of a trial. */
struct thaw_gate_run {
    const char *name; /* of its file */
    const json_t *report;
};

/* A side as it was measured. */
struct thaw_gate_input {
    const char *name;                 /* as the user gave it */
    const char *target_name;          /* likewise of the target, for thaw.json; "" none */
    const json_t *target;             /* the report of what is shipped, NULL: not looked at */
    const struct thaw_gate_run *runs; /* in the order in which they were made */
    size_t run_count;
    const double *instructions; /* of runs under callgrind */
    size_t instruction_count;
    const char *instructions_why; /* there are none: what went wrong; NULL or "" nobody tried */
    const char *lock_file;        /* "requirements.txt", "" none was found */
    const char *lock_digest;      /* XXH128 of its bytes, hexadecimal, "" none */
    const char *cpu_model;        /* "" not known */
    const char *commit;           /* of the checkout, "" not known */
    const char *today; /* when it was measured, "2026-11-29", for a baseline; "" not said */
};

/*
 * A baseline as it is kept in a repository: sorted JSON by
 * reports/schema/thaw-baseline-1.schema.json. It has an entry for each interpreter,
 * architecture and backend; values of all metrics and of those parts that budgets are about;
 * distributions with their sizes and modules, so that what came can be named.
 */

/*
 * Makes the entry of what was measured and puts it in the place of the old one of its interpreter,
 * architecture and backend, or adds it. One that says what the old one said leaves that as it is,
 * its commit and day as well. old: NULL none; it must have been read by this program. The caller
 * owns *ret. -ENODATA: nothing was measured; -ENOMEM.
 */
int thaw_gate_baseline_build(const struct thaw_gate_input *input,
                             const struct thaw_budgets *budgets, const json_t *old, json_t **ret,
                             struct thaw_error *error);

/* Reads one, which anybody may have written. -EINVAL with name:line:column of what is wrong, and
 * what to do; -ENOENT; -ENOMEM. */
int thaw_gate_baseline_read(const char *path, json_t **ret, struct thaw_error *error);
int thaw_gate_baseline_parse(const char *bytes, size_t length, const char *name, json_t **ret,
                             struct thaw_error *error);

/* Keys in order, one item a line, so that a change is a line of a diff. */
int thaw_gate_baseline_write(const json_t *baseline, FILE *stream, struct thaw_error *error);

/* What is asked. base or baseline may be there (of both, base counts); with neither an increase
 * can't be told, which is not measured, not kept. */
struct thaw_gate_question {
    struct thaw_gate_input head;
    const struct thaw_gate_input *base; /* measured in the same job */
    const json_t *baseline;             /* read from a file */
    const char *baseline_name;
    const struct thaw_budgets *budgets;
    const char *budgets_name; /* "thaw.json" */
    unsigned across;          /* parts of the key that may differ, beside the budgets' */
    const char *today;        /* "2026-11-29" */
    const char *directory;    /* where thaw was started: files below it are named from there; "" or
                               * NULL: from where each command was */
};

/*
 * Holds it all against the budgets: exact and counted metrics by check_budgets.c, times by
 * test_of_times.h, of which an increase is called broken only where runs of both sides were made in
 * turns. The result is JSON by reports/schema/thaw-gate-1.schema.json; the caller owns *ret.
 * -ENOMEM; -EXDEV and a line: the keys differ, and may not (the lock file may between both sides of
 * one job; the machine always, but then no times are compared); -ENODATA: the baseline has no entry
 * of this interpreter and architecture; -EINVAL: a budget is about no metric.
 */
int thaw_gate_build(const struct thaw_gate_question *question, json_t **ret,
                    struct thaw_error *error);

/* What comes of it, as "verdict" in JSON has it; the worst counts, in this order. */
enum thaw_gate_verdict {
    THAW_GATE_PASS,
    THAW_GATE_WARN,
    THAW_GATE_INCONCLUSIVE, /* times alone */
    THAW_GATE_UNMEASURED,   /* something that a budget is about, where that is an error */
    THAW_GATE_FAIL,
};
enum thaw_gate_verdict thaw_gate_verdict(const json_t *gate);
const char *thaw_gate_verdict_name(enum thaw_gate_verdict verdict);

/* The output formats, ended by a row whose name is NULL: json, summary, markdown, junit, sarif,
 * gitlab, github (annotations). */
const struct thaw_report_format *thaw_gate_formats(void);

/*
 * A first thaw.json from what was measured: budgets above it, in an order for people. Of
 * command (NULL none), and of target_name, what JSON can't say is left out. The caller owns *ret.
 * -ENODATA and a line: nothing was measured that a first budget is about; -ENOMEM.
 */
int thaw_gate_first_budgets(const struct thaw_gate_input *input, const char *const *command,
                            json_t **ret, struct thaw_error *error);

/* The schemas of verdicts and baselines, as thaw_report_schema() gives the report's. */
const char *thaw_gate_schema(size_t *length);
const char *thaw_baseline_schema(size_t *length);

#endif
