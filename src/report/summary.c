/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <string.h>

#include "report/summary.h"
#include "report/writers.h"

enum { narrowest = 80, widest = 200 };

const json_t *thaw_summary_process(const struct thaw_summary *summary, uint64_t id)
{
    const json_t *process;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "processes"), i,
                       process) if (id && thaw_summary_number(process, "id") == id) return process;
    return NULL;
}

bool thaw_summary_is_worker(const struct thaw_summary *summary, uint64_t id)
{
    const json_t *process = thaw_summary_process(summary, id);
    const char *role = json_string_value(json_object_get(process, "role"));

    return role && !strcmp(role, "worker");
}

bool thaw_summary_has_backend(const struct thaw_summary *summary, const char *backend)
{
    const json_t *run = json_object_get(summary->report, "run");
    const char *name = json_string_value(json_object_get(run, "backend"));

    return name && !strcmp(name, backend);
}

static const json_t *headline_track(const json_t *report)
{
    const json_t *tracks = thaw_summary_list(report, "tracks"), *track;
    size_t i;

    json_array_foreach(tracks, i, track) if (thaw_summary_is(track, "headline")) return track;
    return json_array_get(tracks, 0);
}

static size_t columns(const struct thaw_report_options *options)
{
    if (!options || options->width < narrowest)
        return narrowest;
    return options->width > widest ? widest : (size_t)options->width;
}

void thaw_summary_begin(struct thaw_summary *summary, const json_t *report,
                        const struct thaw_report_options *options, FILE *stream)
{
    *summary = (struct thaw_summary){
        .report = report,
        .track = headline_track(report),
        .stream = stream,
        .width = columns(options),
        .color = options && options->color,
        .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
    };
    if (options)
        summary->view = options->view;
}

int thaw_summary_end(struct thaw_summary *summary, struct thaw_error *error)
{
    thaw_arena_free(&summary->arena);
    return summary->failed ? thaw_error_memory(error) : thaw_write_finish(summary->stream, error);
}

int thaw_write_summary(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    thaw_summary_head(&summary);
    thaw_summary_phases(&summary);
    thaw_summary_cpu(&summary);
    thaw_summary_imports(&summary);
    thaw_summary_split(&summary);
    thaw_summary_workers(&summary);
    thaw_summary_concurrency(&summary);
    thaw_summary_durable(&summary);
    thaw_summary_machine(&summary);
    thaw_summary_machines(&summary);
    thaw_summary_coverage(&summary);
    thaw_summary_findings(&summary);
    return thaw_summary_end(&summary, error);
}
