/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_HTML_FILL_H
#define THAW_REPORT_HTML_FILL_H

#include <stdio.h>

#include <jansson.h>

#include "report/module_lines.h"
#include "thaw/error.h"

/*
 * Writes a page of reports/dist that is built into the program (from page to page_end) with content
 * in its place for data; modules as for thaw_json_sink(). As the writers of writers.h.
 */
int thaw_html_fill(const char *page, const char *page_end, const json_t *content,
                   const struct thaw_module_lines *modules, FILE *stream, struct thaw_error *error);

#endif
