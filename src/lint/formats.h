/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_FORMATS_H
#define THAW_LINT_FORMATS_H

#include <jansson.h>

#include "thaw/error.h"
#include "thaw/report.h"

/*
 * The outputs behind the table in formats.c, one file each (format_NAME.c), as those of reports
 * (report/writers.h).
 */

/* The rows of thaw_report_formats(), for a document of thaw_lint_check(). */
const struct thaw_report_format *thaw_lint_formats(void);

int thaw_lint_write_summary(const json_t *lint, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error);
int thaw_lint_write_markdown(const json_t *lint, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);
int thaw_lint_write_junit(const json_t *lint, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_lint_write_sarif(const json_t *lint, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_lint_write_gitlab(const json_t *lint, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);
int thaw_lint_write_github(const json_t *lint, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);

#endif
