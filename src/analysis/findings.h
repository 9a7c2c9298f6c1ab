/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_FINDINGS_H
#define THAW_ANALYSIS_FINDINGS_H

#include "analysis/memory.h"

/*
 * A kind of finding and what finds it. Its file defines the row, finding_table.c lists it; a
 * recording that lacks what it needs is not searched, and the report says so.
 */
struct thaw_finding_row {
    struct thaw_finding_kind kind;
    bool (*can_find)(const struct thaw_analysis *analysis); /* is what it needs there? */
    thaw_finder find;                                       /* NULL: another row's finds it too */
};

/* All rows, by id. */
const struct thaw_finding_row *const *thaw_finding_rows(size_t *ret_count);

/* Looks for all that can be looked for, and orders it; false when memory is short. */
bool thaw_findings_find(struct thaw_analysis *analysis);

/* --- what finders are made of; where memory is short they set memory->short_of_memory --- */

/* A new finding of the kind, without a place or saving; NULL when memory is short. Adding another
 * one moves it. */
struct thaw_finding *thaw_finding_add(struct thaw_analysis *analysis,
                                      const struct thaw_finding_kind *kind);

/* printf into the analysis's memory; "" when memory is short. */
const char *thaw_finding_text(struct thaw_analysis *analysis, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a line of evidence; beyond the eighth they are left out. */
void thaw_finding_evidence(struct thaw_analysis *analysis, struct thaw_finding *finding,
                           const char *text);

/* Adds a reason why it needs a look; at most 8. */
void thaw_finding_reason(struct thaw_analysis *analysis, struct thaw_finding *finding,
                         const char *text);

/* Adds a module; of several, by ascending id. */
void thaw_finding_about(struct thaw_analysis *analysis, struct thaw_finding *finding,
                        const struct thaw_module *module);

/* The saving, as a share of the headline's track. */
void thaw_finding_saves(const struct thaw_analysis *analysis, struct thaw_finding *finding,
                        uint64_t ns, uint64_t low_ns, uint64_t high_ns);

/* Milliseconds for a text: printf("%.1f ms"). */
double thaw_finding_ms(uint64_t ns);

/* Is it at least so much, and such a share of the headline's track? */
bool thaw_finding_matters(const struct thaw_analysis *analysis, uint64_t ns, uint64_t least_ns,
                          double least_share);

/* Was the probe of that name attached, whatever to? */
bool thaw_finding_probed(const struct thaw_analysis *analysis, const char *probe);

/* Does the module belong to the start that the headline tells: its process, before its end? */
bool thaw_finding_counts(const struct thaw_analysis *analysis, const struct thaw_module *module);

/* The first of the user's own modules in that start, NULL none. */
const struct thaw_module *thaw_finding_first_of_app(const struct thaw_analysis *analysis);

/*
 * Is it there because of the user's code? The nearest of the app's own modules above it, itself
 * included; NULL: it is not, or *ret_by_function: code asked for it that was in no import, that of
 * __main__ or of a function.
 */
const struct thaw_module *thaw_finding_asker(const struct thaw_analysis *analysis,
                                             const struct thaw_module *module,
                                             bool *ret_by_function);

/* The same, whoever of the user's code it is. */
bool thaw_finding_is_apps(const struct thaw_analysis *analysis, const struct thaw_module *module);

/* The rows. */
extern const struct thaw_finding_row thaw_finding_compiled_at_start;
extern const struct thaw_finding_row thaw_finding_costly_relocation;
extern const struct thaw_finding_row thaw_finding_cpu_starved;
extern const struct thaw_finding_row thaw_finding_duplicate_library;
extern const struct thaw_finding_row thaw_finding_executed_twice;
extern const struct thaw_finding_row thaw_finding_import_garbage;
extern const struct thaw_finding_row thaw_finding_import_in_first_call;
extern const struct thaw_finding_row thaw_finding_init_near_limit;
extern const struct thaw_finding_row thaw_finding_lazy_import;
extern const struct thaw_finding_row thaw_finding_lighter_alternative;
extern const struct thaw_finding_row thaw_finding_network_at_import;
extern const struct thaw_finding_row thaw_finding_process_at_import;
extern const struct thaw_finding_row thaw_finding_sdk_instead_of_binding;
extern const struct thaw_finding_row thaw_finding_slow_constructors;
extern const struct thaw_finding_row thaw_finding_tracing_agent;
extern const struct thaw_finding_row thaw_finding_lazy_import_set;
extern const struct thaw_finding_row thaw_finding_unstripped_library;
extern const struct thaw_finding_row thaw_finding_unused_import;
extern const struct thaw_finding_row thaw_finding_unused_requirement;
extern const struct thaw_finding_row thaw_finding_worker_dominates;

#endif
