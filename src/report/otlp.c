/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "report/keys.h"
#include "report/otlp.h"
#include "report/summary.h"
#include "report/writers.h"

/*
 * One ExportTraceServiceRequest in the JSON form of OTLP, as a Collector's receiver or its file
 * receiver takes it: a trace for each cold start, whose root is the cold start, with its phases,
 * imports and invocations below. Ids are hashes of the recording's own random id and what the span
 * is about, so that the same report gives the same spans.
 *
 * The report's clock is that of the machine's uptime; the recording also knows when it began in
 * UNIX time, to the millisecond. All instants are that one plus what the machine's clock says
 * passed: they may all be off by a millisecond together, their distances are exact.
 */

static uint64_t seed_of(struct thaw_trace *trace)
{
    const char *session = thaw_trace_text(trace, trace->run, "session");
    const char *input = thaw_trace_format(trace, "%s %s %" PRId64, session,
                                          thaw_trace_text(trace, trace->run, "started"),
                                          thaw_trace_signed(trace->run, "start_ns"));

    return XXH3_64bits(input, strlen(input));
}

/* The first call that a track answered, NULL: none. */
static const json_t *first_call(const struct thaw_otlp *made, const json_t *track)
{
    const json_t *call;
    size_t i;

    json_array_foreach(json_object_get(made->trace.report, "invocations"), i, call)
    {
        if (track && thaw_summary_number(call, "track") == thaw_summary_number(track, "id"))
            return call;
    }
    return NULL;
}

static void describe_process(struct thaw_otlp *made, json_t *resource, const json_t *process)
{
    struct thaw_values *values = &made->trace.values;
    const char *path = thaw_trace_text(&made->trace, process, "executable");

    /* What the specification asks for where nobody gave the service a name. */
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_SERVICE_NAME,
                   thaw_trace_format(&made->trace, "unknown_service:%s",
                                     *path ? thaw_key_last_part(path) : "python"));
    thaw_otlp_copy(made, resource, THAW_ATTRIBUTE_PROCESS_PID, process, "pid");
    thaw_otlp_program(values, resource, path, thaw_trace_text(&made->trace, process, "python"));
}

static json_t *resource_of(struct thaw_otlp *made, const struct thaw_otlp_trace *trace)
{
    struct thaw_values *values = &made->trace.values;
    json_t *resource = thaw_otlp_described(values);
    const json_t *process =
        thaw_trace_process(&made->trace, thaw_summary_number(trace->track, "process"));
    const json_t *tool = json_object_get(made->trace.report, "tool");
    const char *arch = thaw_attribute_arch(
        thaw_key_string(json_object_get(made->trace.report, "machine"), "arch"));

    describe_process(made, resource, process);
    thaw_otlp_sender(values, resource, thaw_trace_text(&made->trace, tool, "version"));
    thaw_otlp_text(&made->trace.values, resource, THAW_ATTRIBUTE_HOST_ARCH, arch);
    thaw_otlp_text(&made->trace.values, resource, THAW_ATTRIBUTE_OS_TYPE, "linux");
    thaw_otlp_copy(made, resource, THAW_ATTRIBUTE_FAAS_NAME, first_call(made, trace->track),
                   "function");
    thaw_otlp_copy(made, resource, THAW_ATTRIBUTE_SESSION, made->trace.run, "session");
    thaw_otlp_copy(made, resource, THAW_ATTRIBUTE_PLATFORM, made->trace.run, "platform");
    thaw_otlp_copy(made, resource, THAW_ATTRIBUTE_BACKEND, made->trace.run, "backend");
    return resource;
}

static void describe_root(struct thaw_otlp *made, struct thaw_otlp_trace *trace)
{
    if (trace->track)
        thaw_otlp_boolean(&made->trace.values, trace->root, THAW_ATTRIBUTE_FAAS_COLD_START, true);
    thaw_otlp_copy(made, trace->root, THAW_ATTRIBUTE_ANSWERED, trace->track, "answered");
    thaw_otlp_copy(made, trace->root, THAW_ATTRIBUTE_TOTAL, trace->track, "total_ns");
    thaw_otlp_copy(made, trace->root, THAW_ATTRIBUTE_UNATTRIBUTED, trace->track, "unattributed_ns");
    thaw_otlp_copy(made, trace->root, THAW_ATTRIBUTE_COMPLETE, made->trace.report, "complete");
    thaw_otlp_text(&made->trace.values, trace->root, THAW_ATTRIBUTE_INCOMPLETE,
                   thaw_trace_incomplete(&made->trace));
}

/* The root and all phases; a phase's parent is the one that it lies in by time. */
static void write_phases(struct thaw_otlp *made, struct thaw_otlp_trace *trace)
{
    for (size_t i = 0; i < trace->phases.count; i++) {
        const struct thaw_interval *times = &trace->phases.times[i];
        const json_t *phase = trace->phases.items[i];
        size_t above = times->above == THAW_NESTING_NONE ? 0 : times->above;
        const char *root_name = trace->track ? "cold start" : "run";
        json_t *span =
            thaw_otlp_span(made, trace, thaw_otlp_id_of(made, trace, THAW_OTLP_PHASE, i),
                           i ? thaw_otlp_id_of(made, trace, THAW_OTLP_PHASE, above) : NULL,
                           i ? thaw_trace_text(&made->trace, phase, "name") : root_name,
                           times->start_ns, times->end_ns);

        if (!i)
            trace->root = span;
        thaw_otlp_copy(made, span, THAW_ATTRIBUTE_COUNTED, phase, "counted");
        thaw_otlp_copy(made, span, THAW_ATTRIBUTE_CONFIDENCE, phase, "confidence");
    }
    describe_root(made, trace);
}

static void write_invocation(struct thaw_otlp *made, struct thaw_otlp_trace *trace,
                             const json_t *call, size_t number)
{
    const char *name = thaw_trace_text(&made->trace, call, "function");
    const char *status = thaw_key_string(call, "status");
    json_t *span =
        thaw_otlp_span(made, trace, thaw_otlp_id_of(made, trace, THAW_OTLP_INVOCATION, number),
                       thaw_otlp_id_of(made, trace, THAW_OTLP_PHASE, 0),
                       *name ? name : "invocation", thaw_trace_signed(call, "start_ns"),
                       thaw_trace_signed(call, "end_ns"));

    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_FAAS_INVOCATION, call, "invocation_id");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_FAAS_COLD_START, call, "cold");
    /* Of the words for triggers only this one is the conventions', too. */
    if (!strcmp(thaw_key_string(call, "kind"), "http"))
        thaw_otlp_text(&made->trace.values, span, THAW_ATTRIBUTE_FAAS_TRIGGER, "http");
    thaw_otlp_copy(made, span, THAW_ATTRIBUTE_INVOCATION_STATUS, call, "status");
    if (!strcmp(status, "failure"))
        thaw_otlp_fail(&made->trace.values, span, "the function failed");
}

/* Those that have an end, which a span must have. */
static void write_invocations(struct thaw_otlp *made, struct thaw_otlp_trace *trace)
{
    const json_t *call;
    size_t i;

    json_array_foreach(json_object_get(made->trace.report, "invocations"), i, call)
    {
        if (trace->track && json_is_integer(json_object_get(call, "end_ns")) &&
            thaw_summary_number(call, "track") == thaw_summary_number(trace->track, "id"))
            write_invocation(made, trace, call, i);
    }
}

/* Adds a trace to the list of resources; track NULL: one of the whole run. */
static int write_trace(struct thaw_otlp *made, json_t *resources, const json_t *track,
                       struct thaw_error *error)
{
    struct thaw_values *values = &made->trace.values;
    struct thaw_otlp_trace trace = {.track = track, .spans = thaw_values_array(values)};
    const json_t *tool = json_object_get(made->trace.report, "tool");
    int code = thaw_trace_phases_build(track ? track : made->trace.run, &trace.phases, error);

    thaw_otlp_set_trace_id(made, &trace);
    if (!code) {
        write_phases(made, &trace);
        code = thaw_otlp_imports(made, &trace, error);
        write_invocations(made, &trace);
    }
    thaw_values_append(values, resources,
                       thaw_otlp_of_resource(values, resource_of(made, &trace), "scopeSpans",
                                             "spans", trace.spans,
                                             thaw_trace_text(&made->trace, tool, "version")));
    thaw_trace_phases_free(&trace.phases);
    return code;
}

static int write_all(struct thaw_otlp *made, FILE *stream, struct thaw_error *error)
{
    struct thaw_values *values = &made->trace.values;
    const json_t *tracks = json_object_get(made->trace.report, "tracks"), *track;
    json_t *request = thaw_values_object(values), *resources = thaw_values_array(values);
    int code = 0;
    size_t i;

    made->seed = seed_of(&made->trace);
    json_array_foreach(tracks, i, track)
    {
        if (!code)
            code = write_trace(made, resources, track, error);
    }
    if (!code && !json_array_size(tracks))
        code = write_trace(made, resources, NULL, error);
    thaw_values_set(values, request, "resourceSpans", resources);
    if (!code)
        return thaw_trace_write(&made->trace, request, stream, error);
    json_decref(request);
    return code;
}

int thaw_write_otlp(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    struct thaw_otlp made = {0};
    int code = thaw_trace_begin(&made.trace, report, "otlp", error);

    (void)options;
    if (!code && !thaw_trace_unix_offset(&made.trace, &made.offset_ns))
        code = thaw_error_set(error, -ENODATA,
                              "-f otlp needs to know when the recording was made, which this one "
                              "does not say; record anew, or take -f chrome-trace");
    if (!code)
        code = write_all(&made, stream, error);
    thaw_trace_end(&made.trace);
    return code;
}
