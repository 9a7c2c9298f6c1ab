/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_METRIC_TEXT_H
#define THAW_REPORT_METRIC_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * What the texts of metrics are made of, those of a report (metrics.h) and those of the daemon
 * (export/openmetrics.h). Failures to write are found on the stream afterwards.
 */

/*
 * name="value", where value may be any bytes: it becomes one line of plain UTF-8 first, as for a
 * terminal (base/text.h), which tells values apart that are different; then it is escaped.
 */
void thaw_metric_text_label(FILE *stream, const char *name, const char *value);

enum { THAW_METRIC_NUMBER_BYTES = 32 };

/*
 * The shortest decimal number that is read back as the same double; whole numbers up to 2^53 as
 * such. "+Inf", "-Inf", "NaN". The locale has no say. Returns buffer.
 */
const char *thaw_metric_text_number(char buffer[THAW_METRIC_NUMBER_BYTES], double number);

/* The same as OpenMetrics wants a bucket's bound: "1.0", "0.25", "1e+06". */
const char *thaw_metric_text_bound(char buffer[THAW_METRIC_NUMBER_BYTES], double bound);

#endif
