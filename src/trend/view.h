/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_VIEW_H
#define THAW_TREND_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "report/summary_parts.h"

/*
 * What all outputs say of a history, in words that are safe for a terminal. It holds a summary,
 * whose rules its texts follow.
 */
struct thaw_trend_view {
    struct thaw_summary summary;
    struct thaw_trend_entry *entries; /* by id */
    size_t entry_count;
};

struct thaw_trend_entry {
    json_int_t id;
    const json_t *entry;
};

/* texts: as thaw_summary_begin_texts(); options is not looked at then. */
void thaw_trend_view_begin(struct thaw_trend_view *view, const json_t *trend, bool texts,
                           const struct thaw_report_options *options, FILE *stream);
int thaw_trend_view_end(struct thaw_trend_view *view, struct thaw_error *error);

/* The entry that is named by the id under "entry" of object. NULL: there is none. */
const json_t *thaw_trend_view_entry(const struct thaw_trend_view *view, const json_t *object);

/* "1a2b3c4d5e6f (2026-11-28, main)"; without a commit "entry 12 (2026-11-28)". */
const char *thaw_trend_view_where(struct thaw_trend_view *view, const json_t *entry);

/* "23 gates from 2026-10-01 to 2026-11-29; the latest: fail, 1a2b3c4 (…)"; "" of none. */
const char *thaw_trend_view_head(struct thaw_trend_view *view);

/* What else has to be said of all: several branches, what was removed; NULL-terminated. */
const char *const *thaw_trend_view_notes(struct thaw_trend_view *view);

/* "modules", "modules of pandas", "phase_time of import". */
const char *thaw_trend_view_title(struct thaw_trend_view *view, const json_t *series);

/* "app, 3.11, x86_64, ebpf", with the machine of what is timed: what series have in common. */
const char *thaw_trend_view_group(struct thaw_trend_view *view, const json_t *series);

/* Values: "891", "84.6 MB", "755.0 ms"; with a sign; a share with plus before it if it is positive:
 * "+30.2 %". */
const char *thaw_trend_view_value(struct thaw_trend_view *view, const json_t *series, double value);
const char *thaw_trend_view_signed(struct thaw_trend_view *view, const json_t *series,
                                   double change);
const char *thaw_trend_view_percent(struct thaw_trend_view *view, double share, const char *plus);

/* The latest value against the one before: of exact metrics the figure, else its share. */
const char *thaw_trend_view_change(struct thaw_trend_view *view, const json_t *series);

/* The number under key, whole or not; 0: there is none. */
double thaw_trend_view_number(const json_t *object, const char *key);

bool thaw_trend_view_is_exact(const json_t *series);
bool thaw_trend_view_is_bad(const json_t *series); /* since when is known */

/* Since when it is what it is: sentences of a series; NULL-terminated. */
const char *const *thaw_trend_view_sentences(struct thaw_trend_view *view, const json_t *series);

/* The same of all that no sentence is about: "No change can be told from noise: …". */
const char *const *thaw_trend_view_rest(struct thaw_trend_view *view);

/* The latest values as a line of bars between the least and the most of them: at most so many
 * columns; ASCII where the summary is. */
const char *thaw_trend_view_sparkline(struct thaw_trend_view *view, const json_t *series,
                                      size_t columns);

#endif
