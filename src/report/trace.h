/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_TRACE_H
#define THAW_REPORT_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/arena.h"
#include "report/import_lanes.h"
#include "report/values.h"
#include "thaw/error.h"

/*
 * What the formats for tools that read traces, profiles and metrics have in common. Texts that are
 * returned live until thaw_trace_end(); when memory is short they are "" and values.failed is set,
 * which the writer looks at once, at the end.
 */
struct thaw_trace {
    const json_t *report;
    const json_t *run;
    const json_t *track; /* the headline's, NULL: there is none */
    struct thaw_values values;
    struct thaw_arena arena;
    struct thaw_import_lanes lanes;
    const json_t **processes; /* sorted by id */
    size_t process_count;
};

/*
 * Deeper than CPython's limit of recursion lets imports be. Forms that repeat on each line what is
 * above it count what is below for the last one, so that a report made to be deep does not make a
 * file of gigabytes.
 */
#define THAW_TRACE_DEEPEST 200

/*
 * -ENODATA with its line in *error: the report is of a target alone, of which there is nothing to
 * say in this format. -ENOMEM. thaw_trace_end() frees in either case.
 */
int thaw_trace_begin(struct thaw_trace *trace, const json_t *report, const char *format,
                     struct thaw_error *error);
void thaw_trace_end(struct thaw_trace *trace);

/* The text under key as thaw_shown_text() has it. */
const char *thaw_trace_text(struct thaw_trace *trace, const json_t *object, const char *key);

/* printf; "" when memory is short. */
const char *thaw_trace_format(struct thaw_trace *trace, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "thaw 0.1.0", the one that recorded. */
const char *thaw_trace_tool(struct thaw_trace *trace);

/* The process of that id, NULL: none. */
const json_t *thaw_trace_process(const struct thaw_trace *trace, uint64_t id);

/* "worker (python3.11)", with the number, such as " 4117" or "", behind the role. */
const char *thaw_trace_process_title(struct thaw_trace *trace, const json_t *process,
                                     const char *number);

/* "worker 4117 (python3.11)", "process 12" */
const char *thaw_trace_process_name(struct thaw_trace *trace, uint64_t id);

/* "main thread", "thread 4130", "thread 4130, stack 2" */
const char *thaw_trace_lane_name(struct thaw_trace *trace, const struct thaw_import_lane *lane);

/* The module's name; "(no-name)" where it has none. */
const char *thaw_trace_module_name(struct thaw_trace *trace, const json_t *module);

/* Its status where that is one to be shown with its name: "failed", "not-found", "unfinished"; else
 * "". */
const char *thaw_trace_module_mark(const json_t *module);

/* "pandas", "pandas (failed)" */
const char *thaw_trace_module_label(struct thaw_trace *trace, const json_t *module);

/* The lane with most time in imports: of the headline's process where that has any. NULL: there
 * is none. */
const struct thaw_import_lane *thaw_trace_main_lane(const struct thaw_trace *trace);

/* "", or what a reader of incomplete figures must know: "incomplete recording: 2 ×
 * name-not-resident".
 */
const char *thaw_trace_incomplete(struct thaw_trace *trace);

/* A text into an object. */
void thaw_trace_set(struct thaw_trace *trace, json_t *object, const char *key, const char *text);

/* A copy of what the report has under key, or each of keys (ended by NULL), texts as they are
 * shown; null and what isn't there are left out. */
void thaw_trace_copy(struct thaw_trace *trace, json_t *object, const json_t *from, const char *key);
void thaw_trace_copy_all(struct thaw_trace *trace, json_t *object, const json_t *from,
                         const char *const *keys);

/* A signed number under key, 0 when there is none. */
int64_t thaw_trace_signed(const json_t *object, const char *key);

/* ns after origin_ns, held at what an int64_t holds. */
int64_t thaw_trace_since(int64_t ns, int64_t origin_ns);

/* Instants of the run's clock as UNIX time: what is to be added, ns; the report has it to the ms.
 * False: it isn't known. */
bool thaw_trace_unix_offset(const struct thaw_trace *trace, int64_t *offset_ns);

/* Writes document, whose reference is taken, or tells that memory was short. */
int thaw_trace_write(struct thaw_trace *trace, json_t *document, FILE *stream,
                     struct thaw_error *error);

#endif
