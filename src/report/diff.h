/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_DIFF_H
#define THAW_REPORT_DIFF_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "thaw/error.h"
#include "thaw/report.h"

#define THAW_DIFF_SCHEMA "thaw-diff/1"

/*
 * What changed from one report to another, as JSON: reports/schema/thaw-diff-1.schema.json says
 * what is in it. Both reports are either this program's own or were read by read_report.h.
 */
struct thaw_diff_side {
    const char *name; /* as the user gave it */
    const json_t *report;
};

/* The caller owns *ret (json_decref); -ENOMEM. */
int thaw_diff_build(const struct thaw_diff_side *before, const struct thaw_diff_side *after,
                    json_t **ret, struct thaw_error *error);

/* For a terminal: 15 rows of each list, or options->view.top, dearest first. */
int thaw_write_diff(const json_t *diff, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error);

/* Its schema, as thaw_report_schema() gives the report's. */
const char *thaw_diff_schema(size_t *length);

#endif
