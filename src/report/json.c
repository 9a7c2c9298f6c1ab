/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "report/json_parts.h"
#include "thaw/report.h"

/* Coverage stands before the figures: what a report can't say belongs in front of what it says. */
static void report_fill(struct thaw_values *values, json_t *report,
                        const struct thaw_analysis *analysis,
                        const struct thaw_processes *processes, bool modules)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    thaw_values_set_text(values, report, "schema", THAW_REPORT_SCHEMA);
    thaw_values_set(values, report, "tool", thaw_json_tool(values, timeline));
    thaw_values_set_boolean(values, report, "complete", timeline->complete);
    thaw_values_set(values, report, "recording", thaw_json_recording(values, timeline));
    thaw_values_set(values, report, "losses", thaw_json_losses(values, timeline));
    thaw_values_set(values, report, "not_visible", thaw_json_not_visible(values, timeline));
    thaw_values_set(values, report, "probes", thaw_json_probes(values, timeline));
    thaw_values_set(values, report, "interpreters",
                    thaw_json_interpreters(values, timeline, processes));
    thaw_values_set(values, report, "failures", thaw_json_failures(values, timeline));
    thaw_values_set(values, report, "machine", thaw_json_machine(values, timeline));
    thaw_values_set(values, report, "run", thaw_json_run(values, timeline));
    thaw_values_set(values, report, "processes", thaw_json_processes(values, timeline));
    thaw_values_set(values, report, "tracks", thaw_json_tracks(values, timeline));
    if (timeline->virtual_machine_count)
        thaw_values_set(values, report, "virtual_machines",
                        thaw_json_virtual_machines(values, timeline));
    thaw_values_set(values, report, "modules",
                    modules ? thaw_json_modules(values, analysis) : thaw_values_array(values));
    if (timeline->folder_count)
        thaw_values_set(values, report, "search_folders",
                        thaw_json_search_folders(values, timeline));
    thaw_values_set(values, report, "distributions", thaw_json_distributions(values, timeline));
    thaw_values_set_null(values, report, "totals");
    thaw_values_set(values, report, "libraries", thaw_json_libraries(values, analysis));
    thaw_values_set(values, report, "native", thaw_json_native(values, timeline));
    thaw_values_set(values, report, "invocations", thaw_json_invocations(values, timeline));
    if (timeline->host_load_count)
        thaw_values_set(values, report, "concurrency", thaw_json_concurrency(values, timeline));
    if (timeline->durable.function_count)
        thaw_values_set(values, report, "durable", thaw_json_durable(values, timeline));
    thaw_values_set(values, report, "findings", thaw_json_findings(values, analysis));
    if (analysis->suppressed_count)
        thaw_values_set(values, report, "suppressed", thaw_json_suppressed(values, analysis));
    if (analysis->unsought_count)
        thaw_values_set(values, report, "not_looked_for",
                        thaw_json_not_looked_for(values, analysis));
}

static int build(const struct thaw_analysis *analysis, bool modules, json_t **ret,
                 struct thaw_error *error)
{
    struct thaw_values values = {0};
    struct thaw_processes processes;
    json_t *report;

    if (!thaw_processes_index(&processes, analysis->timeline))
        return thaw_error_memory(error);
    report = thaw_values_object(&values);
    report_fill(&values, report, analysis, &processes, modules);
    thaw_processes_release(&processes);
    if (values.failed) {
        json_decref(report);
        return thaw_error_memory(error);
    }
    *ret = report;
    return 0;
}

int thaw_report_json(const struct thaw_analysis *analysis, struct json_t **ret,
                     struct thaw_error *error)
{
    return build(analysis, true, ret, error);
}

int thaw_report_json_head(const struct thaw_analysis *analysis, struct json_t **ret,
                          struct thaw_error *error)
{
    return build(analysis, false, ret, error);
}
