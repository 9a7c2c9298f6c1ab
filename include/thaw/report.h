/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_H
#define THAW_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "thaw/analysis.h"
#include "thaw/error.h"

#define THAW_REPORT_SCHEMA "thaw-report/1"

/*
 * The JSON report is all that passes from analysis to the outside; every other output renders it.
 * json_t is jansson's; the caller owns *ret (json_decref).
 */
struct json_t;
int thaw_report_json(const struct thaw_analysis *analysis, struct json_t **ret,
                     struct thaw_error *error);

/*
 * The JSON Schema (2020-12) of the report, as reports/schema/thaw-report-1.schema.json has it:
 * constant UTF-8 text ended by a newline, then a NUL. *length (may be NULL) is without the NUL.
 */
const char *thaw_report_schema(size_t *length);

/* How an output is written. */
struct thaw_report_options {
    bool color; /* terminal escapes allowed */
    int width;  /* columns, 80..200 */
};

/* One output format: a row of the table in src/report/formats.c, one file each. */
struct thaw_report_format {
    const char *name;        /* "json", "summary" */
    const char *description; /* one line for `-f list` */
    int (*write)(const struct json_t *report, const struct thaw_report_options *options,
                 FILE *stream, struct thaw_error *error);
};

/* The table, ended by a row whose name is NULL. */
const struct thaw_report_format *thaw_report_formats(void);

/* What `--view` shows on a terminal: a row of the table in src/report/views.c, one file each. */
const struct thaw_report_format *thaw_report_views(void);

#endif
