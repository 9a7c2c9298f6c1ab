/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/metric_text.h"
#include "report/metrics.h"

const struct thaw_metric_row thaw_metric_rows[THAW_METRICS] = {
    [THAW_METRIC_RECORDING] = {"thaw_recording", "info", NULL,
                               "What was recorded, and by what version of thaw."},
    [THAW_METRIC_RECORDED_TIMESTAMP] = {"thaw_recorded_timestamp_seconds", "gauge", "seconds",
                                        "When the recording began, UNIX time."},
    [THAW_METRIC_COMPLETE] = {"thaw_complete", "gauge", NULL,
                              "1 where nothing of the recording is known to be missing, else 0."},
    [THAW_METRIC_EVENTS_LOST] = {"thaw_events_lost", "counter", NULL,
                                 "What happened and was not recorded, by its cause."},
    [THAW_METRIC_COLD_START] = {"thaw_cold_start_seconds", "gauge", "seconds",
                                "The cold start, from the host's start to the first reply, "
                                "without idle waiting."},
    [THAW_METRIC_ANSWERED] = {"thaw_cold_start_answered", "gauge", NULL,
                              "1 where the first reply was seen, else 0: then the cold start "
                              "took at least the time given."},
    [THAW_METRIC_UNATTRIBUTED] = {"thaw_cold_start_unattributed_seconds", "gauge", "seconds",
                                  "Time of the cold start that is in none of its phases."},
    [THAW_METRIC_PHASE] = {"thaw_phase_seconds", "gauge", "seconds",
                           "Phases of the cold start; those that are counted and what is "
                           "unattributed are the whole."},
    [THAW_METRIC_MODULES] = {"thaw_modules", "gauge", NULL,
                             "Modules that were imported in the cold start, by how that ended."},
    [THAW_METRIC_IMPORT] = {"thaw_import_seconds", "gauge", "seconds",
                            "Own time of imports in the cold start by distribution and owner, of "
                            "the costliest only."},
    [THAW_METRIC_IMPORT_OTHER] = {"thaw_import_other_seconds", "gauge", "seconds",
                                  "Own time of all other imports in the cold start."},
    [THAW_METRIC_GARBAGE] = {"thaw_garbage_collection_seconds", "gauge", "seconds",
                             "Garbage collections that fell into imports in the cold start."},
    [THAW_METRIC_THROTTLED] = {"thaw_cpu_throttled_seconds", "gauge", "seconds",
                               "Time in which a CPU limit stopped the worker's control group."},
    [THAW_METRIC_PROCESSES] = {"thaw_processes", "gauge", NULL, "Processes that were recorded."},
    [THAW_METRIC_LIBRARIES] = {"thaw_libraries", "gauge", NULL,
                               "Shared objects of the app, its packages and the system's for "
                               "them that were mapped."},
    [THAW_METRIC_FINDINGS] = {"thaw_findings", "gauge", NULL,
                              "What thaw suggests to change, without what is suppressed."},
    [THAW_METRIC_OVERHEAD] = {"thaw_overhead_seconds", "gauge", "seconds",
                              "What recording cost in the recorded processes and in thaw's own, "
                              "CPU time."},
};

void thaw_metric_family(FILE *stream, enum thaw_metric metric)
{
    const struct thaw_metric_row *row = &thaw_metric_rows[metric];

    fprintf(stream, "# TYPE %s %s\n", row->name, row->type);
    if (row->unit)
        fprintf(stream, "# UNIT %s %s\n", row->name, row->unit);
    fprintf(stream, "# HELP %s %s\n", row->name, row->help);
}

static void write_name(FILE *stream, enum thaw_metric metric,
                       const struct thaw_metric_label *labels, size_t count)
{
    const struct thaw_metric_row *row = &thaw_metric_rows[metric];

    fputs(row->name, stream);
    if (!strcmp(row->type, "counter"))
        fputs("_total", stream);
    else if (!strcmp(row->type, "info"))
        fputs("_info", stream);
    for (size_t i = 0; i < count; i++) {
        fputc(i ? ',' : '{', stream);
        thaw_metric_text_label(stream, labels[i].name, labels[i].value);
    }
    if (count)
        fputc('}', stream);
}

void thaw_metric_sample(FILE *stream, enum thaw_metric metric,
                        const struct thaw_metric_label *labels, size_t count, uint64_t value)
{
    write_name(stream, metric, labels, count);
    fprintf(stream, " %" PRIu64 "\n", value);
}

void thaw_metric_seconds(FILE *stream, enum thaw_metric metric,
                         const struct thaw_metric_label *labels, size_t count, uint64_t ns)
{
    static const uint64_t second = 1000000000;

    write_name(stream, metric, labels, count);
    fprintf(stream, " %" PRIu64 ".%09" PRIu64 "\n", ns / second, ns % second);
}

void thaw_metric_one(FILE *stream, enum thaw_metric metric, uint64_t value)
{
    thaw_metric_family(stream, metric);
    thaw_metric_sample(stream, metric, NULL, 0, value);
}

void thaw_metric_one_seconds(FILE *stream, enum thaw_metric metric, uint64_t ns)
{
    thaw_metric_family(stream, metric);
    thaw_metric_seconds(stream, metric, NULL, 0, ns);
}

void thaw_metric_end(FILE *stream)
{
    fputs("# EOF\n", stream);
}
