/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_FLEET_VIEW_H
#define THAW_TREND_FLEET_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/array.h"
#include "report/summary_parts.h"

/*
 * What all outputs but JSON and CSV show of the answers: a line on top, and sections of sentences
 * and a table each. Texts are safe for a terminal, and live as long as the page.
 */
struct thaw_fleet_column {
    const char *name;
    bool right; /* a figure */
    size_t fit; /* columns of a terminal at most, 0: as it is */
    bool wide;  /* left out where a terminal has less than 100 columns */
};

enum thaw_fleet_row_style { THAW_FLEET_PLAIN, THAW_FLEET_BAD, THAW_FLEET_GOOD, THAW_FLEET_FAINT };

struct thaw_fleet_row {
    const char *const *cells; /* as many as there are columns */
    enum thaw_fleet_row_style style;
};

struct thaw_fleet_sentence {
    const char *text;
    enum thaw_fleet_row_style style;
};

struct thaw_fleet_section {
    const char *title;
    const struct thaw_fleet_column *columns;
    size_t column_count;
    THAW_ARRAY(struct thaw_fleet_row) rows;
    THAW_ARRAY(struct thaw_fleet_sentence) sentences; /* below the table */
};

struct thaw_fleet_page {
    struct thaw_summary summary; /* first: markdown's sections are handed that alone */
    const json_t *fleet;
    size_t most;      /* rows of a table */
    const char *head; /* "12,345 cold starts of 20 apps, …" */
    THAW_ARRAY(struct thaw_fleet_sentence) notes;
    THAW_ARRAY(struct thaw_fleet_section) sections;
};

/* options NULL: of texts only, UTF-8 whatever the locale. */
void thaw_fleet_page_begin(struct thaw_fleet_page *page, const json_t *fleet,
                           const struct thaw_report_options *options, FILE *stream);
int thaw_fleet_page_end(struct thaw_fleet_page *page, struct thaw_error *error);

/* --- fleet_view.c: what sections are made of --- */

struct thaw_fleet_section *thaw_fleet_section_add(struct thaw_fleet_page *page, const char *title,
                                                  const struct thaw_fleet_column *columns,
                                                  size_t count);
void thaw_fleet_row_add(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                        enum thaw_fleet_row_style style, const char *const *cells);
void thaw_fleet_sentence_add(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                             enum thaw_fleet_row_style style, const char *text);

/* Cells: a duration or a count under key, "-" where it is null. */
const char *thaw_fleet_ns_cell(struct thaw_fleet_page *page, const json_t *object, const char *key);
const char *thaw_fleet_count_cell(struct thaw_fleet_page *page, const json_t *object,
                                  const char *key);

/* "590.0 ms", "12.9 min", "17.2 h", "29.8 d". */
const char *thaw_fleet_long_cell(struct thaw_fleet_page *page, const json_t *object,
                                 const char *key);

/* "2.4 %", "0.013 %"; with its interval, "unknown" of null: "2.4 % (1.1-4.9)", which
 * is left out where it is narrow. */
const char *thaw_fleet_percent(struct thaw_fleet_page *page, double share);
const char *thaw_fleet_share_cell(struct thaw_fleet_page *page, const json_t *proportion);

/* "2026-11-28 23:14" and "2026-11-28", of the local time zone. */
const char *thaw_fleet_minute(struct thaw_fleet_page *page, int64_t unix_ns);
const char *thaw_fleet_date(struct thaw_fleet_page *page, int64_t unix_ns);

/* The name of an app; "(none)" of "". */
const char *thaw_fleet_name(struct thaw_fleet_page *page, const json_t *object, const char *key);

double thaw_fleet_real(const json_t *object, const char *key);

/* "1 start", "2 starts". */
const char *thaw_fleet_counted(struct thaw_fleet_page *page, uint64_t count, const char *one,
                               const char *several);

/* --- sections, each nothing where it has nothing to say --- */

void thaw_fleet_show_deploys(struct thaw_fleet_page *page);                  /* fleet_show.c */
void thaw_fleet_show_apps(struct thaw_fleet_page *page);                     /* fleet_show.c */
void thaw_fleet_show_app(struct thaw_fleet_page *page, const json_t *app);   /* fleet_show_app.c */
void thaw_fleet_show_days(struct thaw_fleet_page *page, const json_t *from); /* fleet_show_app.c */
void thaw_fleet_show_modules(struct thaw_fleet_page *page, const json_t *from, bool fleet);
void thaw_fleet_show_warm(struct thaw_fleet_page *page);
void thaw_fleet_show_limits(struct thaw_fleet_page *page);

#endif
