/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_COMPARE_DIFF_VIEW_H
#define THAW_COMPARE_DIFF_VIEW_H

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

/* --- two cold starts: sections --- */

void thaw_diff_view_phases(const struct thaw_diff_view *view);          /* diff_view_phases.c */
void thaw_diff_view_counts(const struct thaw_diff_view *view);          /* diff_view_phases.c */
void thaw_diff_view_modules(const struct thaw_diff_view *view);         /* diff_view_modules.c */
void thaw_diff_view_import_packages(const struct thaw_diff_view *view); /* diff_view_modules.c */
void thaw_diff_view_branches(const struct thaw_diff_view *view);        /* diff_view_branches.c */

/* --- words about them, for the terminal and for Markdown --- */

/* The member "cold_start", NULL: there are no two. */
const json_t *thaw_diff_view_cold(const struct thaw_summary *summary);

/* diff_view_cold.c: the answer in a line; what stands against it; how it was told, or "". */
const char *thaw_diff_view_headline(struct thaw_summary *summary);
void thaw_diff_view_notes(struct thaw_summary *summary);
const char *thaw_diff_view_method(struct thaw_summary *summary);

/* "12.3 ms" or "-"; of a measure (schema: measure) "+3.2 ms", "-12.5 %", "slower", its style. */
const char *thaw_diff_view_time(struct thaw_summary *summary, const json_t *object,
                                const char *key);
const char *thaw_diff_view_change(struct thaw_summary *summary, const json_t *measure);
const char *thaw_diff_view_percent(struct thaw_summary *summary, const json_t *measure);
const char *thaw_diff_view_verdict(const json_t *measure);
enum thaw_style thaw_diff_view_verdict_style(const json_t *measure);

/* diff_view.c: what one side is. */
const char *thaw_diff_view_side(struct thaw_summary *summary, const json_t *side);

/* diff_view_phases.c: is a phase worth a row? What is a count called, and one side of it. */
bool thaw_diff_view_shows_phase(const struct thaw_summary *summary, const json_t *phase);
const char *thaw_diff_view_count_name(const char *key);
const char *thaw_diff_view_number(struct thaw_summary *summary, const char *name,
                                  const json_t *numbers, const char *key);

/* diff_view_modules.c: is a module worth a row? Its name and what is below it; what changed of it;
 * how it comes in; a title with how many there are. Of a package its name, versions and modules. */
bool thaw_diff_view_shows_module(const json_t *module);
const char *thaw_diff_view_module(struct thaw_summary *summary, const json_t *module);
const char *thaw_diff_view_what(struct thaw_summary *summary, const json_t *module);
const char *thaw_diff_view_chain(struct thaw_summary *summary, const json_t *change);
const char *thaw_diff_view_modules_title(struct thaw_summary *summary);
const char *thaw_diff_view_package(struct thaw_summary *summary, const json_t *package);
const char *thaw_diff_view_versions(struct thaw_summary *summary, const json_t *package);
const char *thaw_diff_view_both(struct thaw_summary *summary, const json_t *numbers);

#endif
