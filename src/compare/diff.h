/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_COMPARE_DIFF_H
#define THAW_COMPARE_DIFF_H

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
struct thaw_diff_run {
    const char *name; /* of its file */
    const json_t *report;
};
struct thaw_diff_side {
    const char *name;                 /* as the user gave it */
    const json_t *report;             /* of several runs the first one's */
    const struct thaw_diff_run *runs; /* several recordings of the same thing, else NULL */
    size_t run_count;
};

/* Why a run's times are left out: it ends before its time. */
#define THAW_COLD_CUT_OFF "its recording was cut off"

/* The caller owns *ret (json_decref); -ENOMEM. */
int thaw_diff_build(const struct thaw_diff_side *before, const struct thaw_diff_side *after,
                    json_t **ret, struct thaw_error *error);

/* Is a report one of a recording (with or without a target), or of a target alone? */
bool thaw_diff_is_recording(const json_t *report);

/* For a terminal: 15 rows of each list, or options->view.top, dearest first. */
int thaw_write_diff(const json_t *diff, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error);

/* diff_html.c: one offline page, as thaw_write_html() of a report. */
int thaw_write_diff_html(const json_t *diff, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error);

/* diff_markdown.c: for a comment, at most 65,536 characters; options->view.top rows of each list.
 */
int thaw_write_diff_markdown(const json_t *diff, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);

/* diff_formats.c: the output formats, ended by a row whose name is NULL. */
const struct thaw_report_format *thaw_diff_formats(void);

/* Its schema, as thaw_report_schema() gives the report's. */
const char *thaw_diff_schema(size_t *length);

#endif
