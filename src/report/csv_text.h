/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_CSV_TEXT_H
#define THAW_REPORT_CSV_TEXT_H

#include <stdio.h>

/*
 * A text as a cell of CSV by RFC 4180, quoted where it has to be. Spreadsheets take what begins
 * with one of "=+-@" for a formula: such a text has a ' before it, and so has one that begins with
 * a ', so that taking one away gives each text back.
 */
void thaw_csv_text(const char *text, FILE *stream);

#endif
