/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_TREND_H
#define THAW_TREND_TREND_H

#include <stdio.h>

#include <jansson.h>

#include "store/history.h"
#include "thaw/error.h"
#include "thaw/report.h"

#define THAW_HISTORY_SCHEMA "thaw-history/1"

/*
 * What a history says, as JSON by reports/schema/thaw-history-1.schema.json, which every other
 * output renders; the caller owns *ret. file: the store's path; question: what history is the
 * answer to. Fails only for lack of memory.
 */
int thaw_trend_build(const struct thaw_history *history, const char *file,
                     const struct thaw_history_question *question, json_t **ret,
                     struct thaw_error *error);

/* The output formats, ended by a row whose name is NULL. */
const struct thaw_report_format *thaw_trend_formats(void);

/* The schema, as thaw_report_schema() gives the report's. */
const char *thaw_trend_schema(size_t *length);

/* Writers (trend_summary.c …), as those of report/writers.h. */
int thaw_write_trend_summary(const json_t *trend, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);
int thaw_write_trend_csv(const json_t *trend, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error);
int thaw_write_trend_html(const json_t *trend, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_write_trend_markdown(const json_t *trend, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error);

#endif
