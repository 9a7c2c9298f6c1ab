/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_TRACE_FIXTURE_H
#define THAW_TESTS_TRACE_FIXTURE_H

#include <jansson.h>

#include "report_fixture.h"

/* Formats for tools that read traces, profiles and metrics, over reports made for a test. */

/* "chrome-trace" … "csv"; ended by NULL. */
extern const char *const trace_fixture_formats[];

/* What a format makes of a report, which the caller frees; it must succeed. */
char *trace_fixture_write(const json_t *report, const char *format);

/* The same parsed as JSON; the caller owns it. */
json_t *trace_fixture_json(const json_t *report, const char *format);

/* What it fails with, 0: nothing; *text (may be NULL) is what it wrote, the caller's. */
int trace_fixture_code(const json_t *report, const char *format, struct thaw_error *error,
                       char **text);

/* The fixture's report; changes of modules and the like are made to the JSON. */
json_t *trace_fixture_report(void);

/* Module number index of a report, and a value (taken) under one of its keys. */
void trace_fixture_set(json_t *report, size_t index, const char *key, json_t *value);

/* The first object in a list whose key has that text; fails the test when there is none. */
const json_t *trace_fixture_find(const json_t *list, const char *key, const char *text);

/* How often a part is in a text. */
size_t trace_fixture_count(const char *text, const char *part);

#endif
