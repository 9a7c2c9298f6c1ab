/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_ROWS_H
#define THAW_CLI_ROWS_H

#include "thaw/report.h"

/* Formats and views as options name them: rows of a table that ends with one without a name. */

/* "NAME  DESCRIPTION", a line each, but for the row called except (NULL: all). */
void thaw_rows_list(const struct thaw_report_format *rows, const char *except);

/* The row of that name, or NULL. */
const struct thaw_report_format *thaw_rows_find(const struct thaw_report_format *rows,
                                                const char *name);

/*
 * Complains that there is no such row, naming the one that was perhaps meant. more: another name
 * that would have been right, NULL none; what: "format"; option: the one that takes it.
 */
void thaw_rows_complain(const char *command, const struct thaw_report_format *rows,
                        const char *more, const char *name, const char *what, const char *option);

#endif
