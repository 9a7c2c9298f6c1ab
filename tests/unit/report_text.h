/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_REPORT_TEXT_H
#define THAW_TESTS_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "report_fixture.h"

/* Assertions about texts for a terminal; widths are those of the current LC_CTYPE. */

/* The fixture's summary at 80 columns without colour; the caller frees it. */
char *report_text_summary(const struct report_fixture *fixture);

/* Every line fits and holds nothing that a terminal would act on; only ASCII where asked. */
void report_text_presentable(const char *text, size_t width, bool ascii);

void report_text_has(const char *text, const char *part);
void report_text_lacks(const char *text, const char *part);

/* The whole line that holds a part, to be freed; and that a line is there as a whole. */
char *report_text_find(const char *text, const char *part);
void report_text_line(const char *text, const char *expected);

#endif
