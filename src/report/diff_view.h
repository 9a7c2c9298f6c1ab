/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_DIFF_VIEW_H
#define THAW_REPORT_DIFF_VIEW_H

#include "report/summary.h"

/* A comparison (summary->report) being shown; each part writes nothing when there is nothing. */
struct thaw_diff_view {
    struct thaw_summary *summary;
    size_t top; /* rows of a table */
};

/* "+12.3 MB", "-4.0 kB", "0 B"; of counts "+3". "" when the value under key is null. */
const char *thaw_diff_view_bytes(const struct thaw_diff_view *view, const json_t *object,
                                 const char *key);
const char *thaw_diff_view_count(const struct thaw_diff_view *view, const json_t *object,
                                 const char *key);

/* More is bad. */
enum thaw_style thaw_diff_view_style(const json_t *object, const char *key);

/* The style of "came" and "went" where what comes is bad. */
enum thaw_style thaw_diff_view_word_style(const json_t *object);

/* Says how many of the list are not shown. what: "libraries". */
void thaw_diff_view_rest(const struct thaw_diff_view *view, const json_t *list, const char *what);

void thaw_diff_view_totals(const struct thaw_diff_view *view);        /* diff_view_totals.c */
void thaw_diff_view_distributions(const struct thaw_diff_view *view); /* diff_view_packages.c */
void thaw_diff_view_libraries(const struct thaw_diff_view *view);     /* diff_view_libraries.c */
void thaw_diff_view_duplicates(const struct thaw_diff_view *view);    /* diff_view_libraries.c */
void thaw_diff_view_missing(const struct thaw_diff_view *view);       /* diff_view_libraries.c */
void thaw_diff_view_requirements(const struct thaw_diff_view *view);  /* diff_view_problems.c */
void thaw_diff_view_conflicts(const struct thaw_diff_view *view);     /* diff_view_problems.c */
void thaw_diff_view_foreign(const struct thaw_diff_view *view);       /* diff_view_problems.c */
void thaw_diff_view_folders(const struct thaw_diff_view *view);       /* diff_view_totals.c */

#endif
