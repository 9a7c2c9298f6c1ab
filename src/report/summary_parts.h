/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SUMMARY_PARTS_H
#define THAW_REPORT_SUMMARY_PARTS_H

#include "report/summary.h"

/*
 * What the summary says, for outputs that say it in another form: the words are the same in all.
 * Texts live as long as the summary, and are safe for a terminal.
 */

/* Begins a summary of which only the texts are wanted: UTF-8 whatever the locale, no colour. */
void thaw_summary_begin_texts(struct thaw_summary *summary, const json_t *report, FILE *stream);

/*
 * The lines that a part writes, each paragraph one line however long, ended by NULL. item is handed
 * to write. (summary_written.c)
 */
typedef void thaw_summary_part(struct thaw_summary *summary, const json_t *item);
const char *const *thaw_summary_written(struct thaw_summary *summary, thaw_summary_part *write,
                                        const json_t *item);

/* A line without its lead: "- ", "! ", "  ". */
const char *thaw_summary_unled(const char *line);

/* The bytes under key as they were outside, "" when there are none (summary_text.c). */
const char *thaw_summary_raw(struct thaw_summary *summary, const json_t *object, const char *key);

/* --- summary_head.c --- */

/* "755.0 ms from the host's start to the first reply (analyze, http)" */
const char *thaw_summary_headline(struct thaw_summary *summary);

/* Platform, Python, backend, kernel, time. */
void thaw_summary_context(struct thaw_summary *summary, const json_t *unused);

/* Behind "! ", what went wrong. */
void thaw_summary_problems(struct thaw_summary *summary, const json_t *unused);

/* --- summary_coverage.c --- */

/* As bullets, what was lost or not seen. */
void thaw_summary_not_seen(struct thaw_summary *summary, const json_t *unused);

/* "Complete: …", "INCOMPLETE: …, see WHERE"; where may be NULL. */
const char *thaw_summary_verdict(struct thaw_summary *summary, const char *where);

/* --- summary_findings.c --- */

/* All that is to be said of one: its title behind "- ", the rest behind "  ". */
void thaw_summary_finding(struct thaw_summary *summary, const json_t *finding);

/* --- summary_imports.c --- */

/*
 * The costliest imports, one for each package, dearest first: as many modules as there are, at most
 * most. Their number; *ret_all is that of all imports they were chosen from.
 */
size_t thaw_summary_costliest(struct thaw_summary *summary, const json_t **modules, size_t most,
                              size_t *ret_all);

/* --- summary_phases.c --- */

uint64_t thaw_summary_phase_ns(const json_t *phase);

#endif
