/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_FORMATS_H
#define THAW_GATE_FORMATS_H

#include <jansson.h>

#include "thaw/error.h"
#include "thaw/report.h"

/*
 * The outputs behind the table in formats.c, one file each (format_NAME.c), as those of reports
 * (report/writers.h).
 */

int thaw_gate_write_summary(const json_t *gate, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error);
int thaw_gate_write_markdown(const json_t *gate, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);
int thaw_gate_write_junit(const json_t *gate, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_gate_write_sarif(const json_t *gate, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);
int thaw_gate_write_gitlab(const json_t *gate, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);

/* Workflow commands of GitHub: what a job prints, its pull request shows at a line. */
int thaw_gate_write_github(const json_t *gate, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);

#endif
