/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SUMMARY_H
#define THAW_REPORT_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/report.h"

/*
 * A summary being written. Whatever its functions return lives until the summary is done; when
 * memory is short they return "" and set failed, which the caller looks at once, at the end.
 */
struct thaw_summary {
    const json_t *report;
    const json_t *track; /* the headline's, NULL when there is none */
    FILE *stream;
    size_t width; /* columns */
    bool color;
    bool utf8;
    bool whole_words; /* none is broken, however long it is: names and addresses are copied */
    bool lists_all;   /* what others only count, so that no other form need be named for it */
    bool failed;
    struct thaw_view_options view;
    struct thaw_arena arena;
};

enum thaw_style {
    THAW_STYLE_PLAIN,
    THAW_STYLE_STRONG,
    THAW_STYLE_FAINT,
    THAW_STYLE_GOOD,
    THAW_STYLE_BAD,
    THAW_STYLE_BAR,
};

/* --- summary.c: every view of the report begins and ends so --- */

void thaw_summary_begin(struct thaw_summary *summary, const json_t *report,
                        const struct thaw_report_options *options, FILE *stream);

/* Frees what was returned so far; 0, or a negative errno with its line in *error. */
int thaw_summary_end(struct thaw_summary *summary, struct thaw_error *error);

/* --- summary_text.c: reading the report, making texts --- */

/* The escape that begins a style, "" when colours are off. */
const char *thaw_summary_style(const struct thaw_summary *summary, enum thaw_style style);

/*
 * The text under key, safe for the terminal ("" when there is none). Bytes that are not UTF-8
 * show as \xNN, and so does, as \u{NNNN}, what the locale can't show.
 */
const char *thaw_summary_text(struct thaw_summary *summary, const json_t *object, const char *key);

/* The same for item number index of the list under key. */
const char *thaw_summary_item(struct thaw_summary *summary, const json_t *object, const char *key,
                              size_t index);

/* "a, b and 4 more" of the list of texts under key, "" of none. */
const char *thaw_summary_joined(struct thaw_summary *summary, const json_t *object, const char *key,
                                size_t most);

/* The number, or 0; the truth value, or false; the array, or NULL. */
uint64_t thaw_summary_number(const json_t *object, const char *key);
bool thaw_summary_is(const json_t *object, const char *key);
const json_t *thaw_summary_list(const json_t *object, const char *key);

/* printf; arguments must be safe for the terminal already. */
const char *thaw_summary_format(struct thaw_summary *summary, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "755.0 ms", "12.35 s", "1.5 d", 10 columns at most; "<0.1 ms" for what would round to 0. */
const char *thaw_summary_duration(struct thaw_summary *summary, uint64_t ns);

/* "84.6 MB", 1 MB being 1,000,000 bytes; "7,180". */
const char *thaw_summary_size(struct thaw_summary *summary, uint64_t bytes);
const char *thaw_summary_count(struct thaw_summary *summary, uint64_t count);

/* "34.7 %"; "" when whole_ns is 0. */
const char *thaw_summary_share(struct thaw_summary *summary, uint64_t ns, uint64_t whole_ns);

/*
 * The character at the start of text, length > 0: returns its bytes (at least 1), sets its columns.
 * What the locale does not know counts as one column.
 */
size_t thaw_summary_step(const char *text, size_t length, size_t *columns);

/* Columns a text takes on the terminal. */
size_t thaw_summary_columns(const char *text);

/* The text, cut to columns with an ellipsis: at its end, or at its start (for paths). */
const char *thaw_summary_fit(struct thaw_summary *summary, const char *text, size_t columns);
const char *thaw_summary_fit_end(struct thaw_summary *summary, const char *text, size_t columns);

/* --- summary_lines.c: writing --- */

/* A section's title, with an empty line before it. */
void thaw_summary_title(struct thaw_summary *summary, const char *title);

/*
 * A paragraph broken at spaces to the width: lead stands before its first line, as many spaces
 * before the others. Words longer than a line are broken anywhere.
 */
void thaw_summary_paragraph(struct thaw_summary *summary, enum thaw_style style, const char *lead,
                            const char *text);

/* A paragraph behind "- ". */
void thaw_summary_bullet(struct thaw_summary *summary, enum thaw_style style, const char *text);

/* --- summary_table.c: tables, by libsmartcols --- */

struct libscols_table;

/* A table as wide as the summary; every text put in must be safe for the terminal. NULL: failed. */
struct libscols_table *thaw_summary_table(struct thaw_summary *summary, bool headings);

void thaw_summary_column(struct thaw_summary *summary, struct libscols_table *table,
                         const char *name, bool right);

/* A row of so many cells in a style, but for the last one, which has a style of its own. */
void thaw_summary_row(struct thaw_summary *summary, struct libscols_table *table,
                      enum thaw_style style, enum thaw_style last_style, const char *const *cells,
                      size_t count);

/* Writes the table and frees it. */
void thaw_summary_print(struct thaw_summary *summary, struct libscols_table *table);

/* --- summary_coverage.c --- */

/* "INCOMPLETE: …" below an empty line, with why; where: what tells more ("above"). Nothing where
 * the recording is complete. */
void thaw_summary_incomplete(struct thaw_summary *summary, const char *where);

/* --- summary_phases.c --- */

/* The phases of a track, or of anything else that has some, as a table with bars. */
void thaw_summary_track(struct thaw_summary *summary, const json_t *track);

/* --- one file per section; each writes nothing when it has nothing to say --- */

void thaw_summary_head(struct thaw_summary *summary);        /* summary_head.c */
void thaw_summary_phases(struct thaw_summary *summary);      /* summary_phases.c */
void thaw_summary_cpu(struct thaw_summary *summary);         /* summary_machine.c */
void thaw_summary_machine(struct thaw_summary *summary);     /* summary_machine.c */
void thaw_summary_workers(struct thaw_summary *summary);     /* summary_phases.c */
void thaw_summary_machines(struct thaw_summary *summary);    /* summary_machines.c */
void thaw_summary_concurrency(struct thaw_summary *summary); /* summary_concurrency.c */
void thaw_summary_durable(struct thaw_summary *summary);     /* summary_durable.c */
void thaw_summary_imports(struct thaw_summary *summary);     /* summary_imports.c */
void thaw_summary_split(struct thaw_summary *summary);       /* summary_split.c */
void thaw_summary_probes(struct thaw_summary *summary);      /* summary_probes.c */
void thaw_summary_coverage(struct thaw_summary *summary);    /* summary_coverage.c */
void thaw_summary_findings(struct thaw_summary *summary);    /* summary_findings.c */

/* What a trial showed of a finding, nothing where there was none (summary_proof.c). */
void thaw_summary_proof(struct thaw_summary *summary, const json_t *finding);

/* Parts of the split section: its table, and what stands out below it. */
struct thaw_split_sums;
void thaw_summary_split_table(struct thaw_summary *summary, const struct thaw_split_sums *sums);
void thaw_summary_split_notes(struct thaw_summary *summary, const struct thaw_split_sums *sums);

/* Is a module of the process that the summary is about (or was it loaded for a server by a host of
 * it), and in the time that its total counts? Without a track all are. */
bool thaw_summary_is_counted(const struct thaw_summary *summary, const json_t *module);

/* Whether the process with an id is a platform's worker. */
bool thaw_summary_is_worker(const struct thaw_summary *summary, uint64_t id);

/* Whether that is what the report's recording was made with. */
bool thaw_summary_has_backend(const struct thaw_summary *summary, const char *backend);

/* The process with an id, or NULL. */
const json_t *thaw_summary_process(const struct thaw_summary *summary, uint64_t id);

#endif
