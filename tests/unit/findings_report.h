/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_FINDINGS_REPORT_H
#define THAW_TESTS_FINDINGS_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "thaw/error.h"

/* Reports with findings, and what the formats that are lists of findings make of them. */

/* A finding about the second module, without saving, fix or imports; file may be "". */
json_t *findings_report_finding(const char *id, const char *severity, const char *title,
                                const char *file, int line);

/* Recorded in /srv/app, of a module of the app and one of a package that a requirement is for.
 * findings are taken over. */
json_t *findings_report(json_t *findings);

/* Writes in a format of the table. */
int findings_report_write(const json_t *report, const char *format, FILE *stream,
                          struct thaw_error *error);

/* What a format writes for a report; fails the test when it can't. The caller frees it. */
char *findings_report_written(const json_t *report, const char *format);

/* The same, read as JSON. */
json_t *findings_report_json(const json_t *report, const char *format);

/* Assertions about a text: a part is in it, or is not. */
void findings_report_has(const char *text, const char *part);
void findings_report_lacks(const char *text, const char *part);

#endif
