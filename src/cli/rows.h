/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_ROWS_H
#define THAW_CLI_ROWS_H

#include "cli/offer.h"
#include "thaw/report.h"

/* Formats and views as options name them: rows of a table that ends with one without a name. */

/* Without the one that ends them. */
size_t thaw_rows_count(const struct thaw_report_format *rows);

/* Name and description of row number index, for a struct thaw_offer; false: there are no more. */
bool thaw_rows_word(const struct thaw_report_format *rows, size_t index, struct thaw_word *ret);

/* The same for what can be sorted by. */
bool thaw_sorts_word(const struct thaw_report_sort *sorts, size_t index, struct thaw_word *ret);

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
