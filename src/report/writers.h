/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_WRITERS_H
#define THAW_REPORT_WRITERS_H

#include <jansson.h>

#include "thaw/report.h"

/*
 * The outputs behind the table in formats.c, one file each. Each writes all of report to stream
 * and flushes it; a failed write is a negative errno with its line in *error. options may be
 * NULL: no colour, 80 columns.
 */

/* write_json.c: pure ASCII, keys in the order of the report. */
int thaw_write_json(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error);

/* The same without spaces, for documents that programs read. */
int thaw_write_compact_json(const json_t *value, FILE *stream, struct thaw_error *error);

/* html.c: one offline page; what is in the report can't become markup or script. */
int thaw_write_html(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error);

/* cyclonedx.c: a software bill of materials of the distributions and libraries in the report. */
int thaw_write_cyclonedx(const json_t *report, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error);

/* sarif.c: what the report complains of, with what it was measured without. */
int thaw_write_sarif(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error);

/* markdown.c: GitHub's Markdown, no longer than a comment may be. */
int thaw_write_markdown(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error);

/* junit.c, gitlab.c: the same as cases of a test, and as issues of code quality. */
int thaw_write_junit(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error);
int thaw_write_gitlab(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error);

/* summary.c: what someone reads on a terminal in ten seconds. LC_CTYPE decides about UTF-8. */
int thaw_write_summary(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error);

/*
 * For tools that read traces, profiles and metrics. -ENODATA: the report is of a target alone, of
 * which there is nothing to be said in them. chrome_trace.c: the Trace Event Format.
 */
int thaw_write_chrome_trace(const json_t *report, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error);

/* importtime.c: as `python -X importtime` tells it, of one process. */
int thaw_write_importtime(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);

/* speedscope.c: a profile for each thread that imported something. */
int thaw_write_speedscope(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);

/* folded.c: a line for each import, with what is above it. */
int thaw_write_folded(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error);

/* otlp.c: spans, a trace for each cold start. */
int thaw_write_otlp(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error);

/* openmetrics.c: what one cold start was, as gauges. */
int thaw_write_openmetrics(const json_t *report, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);

/* csv.c: a row for each module. */
int thaw_write_csv(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                   struct thaw_error *error);

/* view_critical_path.c: what the first reply waited for. */
int thaw_write_critical_path(const json_t *report, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error);

/* view_imports.c: the tree of imports. */
int thaw_write_import_tree(const json_t *report, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error);

/* view_blame.c: modules and distributions, the costliest first. */
int thaw_write_blame(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error);

/* view_split.c: what each module's own time went into. */
int thaw_write_split(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error);

/* view_effects.c: what modules did while they were executed, on a terminal likewise. */
int thaw_write_effects(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error);

/* view_native.c: the CPU time of imports by shared object and function. */
int thaw_write_native(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error);

/* Views of a target (target_views.c). target_packages.c: all distributions. */
int thaw_write_packages(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error);

/* view_tree.c: distributions below what requires them. */
int thaw_write_requirement_tree(const json_t *report, const struct thaw_report_options *options,
                                FILE *stream, struct thaw_error *error);

/* view_why.c: who asks for options->view.name. -ESRCH: nothing is called so. */
int thaw_write_why(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                   struct thaw_error *error);

/* view_reverse.c: the same as a tree. */
int thaw_write_reverse(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error);

/* view_folders.c: folders by the space they take. */
int thaw_write_folders(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error);

/* view_closures.c: what each shared object needs. */
int thaw_write_closures(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error);

/* view_objects.c: shared objects and their sections; those that are there several times. */
int thaw_write_objects(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error);
int thaw_write_duplicates(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error);

/* Flushes stream; 0, or a negative errno when anything written to it since it was opened failed. */
int thaw_write_finish(FILE *stream, struct thaw_error *error);

#endif
