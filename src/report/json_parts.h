/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_PARTS_H
#define THAW_REPORT_JSON_PARTS_H

#include "report/processes.h"
#include "report/values.h"
#include "thaw/analysis.h"
#include "thaw/timeline.h"

/*
 * The members of a report, one function each; what a key means and its unit stands in
 * reports/schema/thaw-report-1.schema.json. Each returns a new value (NULL is possible only with
 * values->failed set).
 */

/* json_phases.c */
json_t *thaw_json_phases(struct thaw_values *values, const struct thaw_phase *phases, size_t count);
json_t *thaw_json_tracks(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_invocations(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_concurrency.c: what each host's workers did at once; the timeline has workers. */
json_t *thaw_json_concurrency(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_durable.c: orchestrations; there was an invocation of a function that takes part. */
json_t *thaw_json_durable(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_critical_path.c: of one track. */
json_t *thaw_json_critical_path(struct thaw_values *values, const struct thaw_track *track);
json_t *thaw_json_beside(struct thaw_values *values, const struct thaw_track *track);
/* json_virtual_machines.c */
json_t *thaw_json_virtual_machines(struct thaw_values *values,
                                   const struct thaw_timeline *timeline);

/* What a report can say of every module, or of none; found out once, as it takes a while and is no
 * threads' doing. */
struct thaw_json_known {
    bool collections;
    bool edges;
    const char *app_folder;
};
struct thaw_json_known thaw_json_known(const struct thaw_analysis *analysis);

/* json_modules.c: the one at a place of the timeline's, which several threads may ask for; all */
json_t *thaw_json_module(struct thaw_values *values, const struct thaw_analysis *analysis,
                         const struct thaw_json_known *known, size_t place);
json_t *thaw_json_modules(struct thaw_values *values, const struct thaw_analysis *analysis);
json_t *thaw_json_search_folders(struct thaw_values *values, const struct thaw_timeline *timeline);
/* "stale"; not of THAW_MODULE_BYTECODE_UNKNOWN. */
const char *thaw_json_bytecode_status(enum thaw_module_bytecode status);

/* json_processes.c. Were garbage collections observed, so that none seen means there was none? */
bool thaw_json_saw_collections(const struct thaw_timeline *timeline);
json_t *thaw_json_processes(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_packages.c: null when the recording has no inventory. */
json_t *thaw_json_distributions(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_libraries.c: null when it was not looked which are mapped. */
json_t *thaw_json_libraries(struct thaw_values *values, const struct thaw_analysis *analysis);

/* json_native.c: null when nothing was sampled. */
json_t *thaw_json_native(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_findings.c: null when the recording does not hold what any of them needs. */
json_t *thaw_json_findings(struct thaw_values *values, const struct thaw_analysis *analysis);
json_t *thaw_json_suppressed(struct thaw_values *values, const struct thaw_analysis *analysis);
json_t *thaw_json_not_looked_for(struct thaw_values *values, const struct thaw_analysis *analysis);

/* json_coverage.c: what was seen, and what was not. */
json_t *thaw_json_losses(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_not_visible(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_probes(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_interpreters(struct thaw_values *values, const struct thaw_timeline *timeline,
                               const struct thaw_processes *processes);

/* json_failures.c: what a worker did not do, or answered with anything but success. */
json_t *thaw_json_failures(struct thaw_values *values, const struct thaw_timeline *timeline);

/* json_run.c */
json_t *thaw_json_tool(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_recording(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_machine(struct thaw_values *values, const struct thaw_timeline *timeline);
json_t *thaw_json_run(struct thaw_values *values, const struct thaw_timeline *timeline);
/* Sets "started", null for 0. */
void thaw_json_set_started(struct thaw_values *values, json_t *object, uint64_t realtime_ns);

#endif
