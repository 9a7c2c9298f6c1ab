/* SPDX-License-Identifier: Apache-2.0 */
#include "report/chrome_trace.h"
#include "report/keys.h"
#include "report/summary.h"
#include "report/writers.h"

/*
 * The Trace Event Format in its object form, which Perfetto, chrome://tracing and speedscope read:
 * phases of each track and imports of each thread as complete events that nest, invocations as
 * async ones (they overlap), the first reply, failures, effects and losses as instants.
 */

/* Numbers of lanes that are no threads: beyond the largest pid that Linux gives (2^22). */
enum { first_lane = 1 << 30 };

static int find_origin(struct thaw_chrome *made, struct thaw_error *error)
{
    made->origin_ns = thaw_trace_signed(made->trace.run, "start_ns");
    for (size_t i = 0; i < made->trace.lanes.tree.count; i++)
        if (made->trace.lanes.times[i].start_ns < made->origin_ns)
            made->origin_ns = made->trace.lanes.times[i].start_ns;
    return thaw_chrome_earliest_phase(made->trace.report, &made->origin_ns, error);
}

/* The headline's process stands first. */
static void describe_processes(struct thaw_chrome *made)
{
    uint64_t headline = thaw_summary_number(made->trace.track, "process");

    for (size_t i = 0; i < made->trace.process_count; i++) {
        const json_t *process = made->trace.processes[i];
        uint64_t id = thaw_summary_number(process, "id");

        thaw_chrome_describe_process(made, thaw_summary_number(process, "pid"),
                                     thaw_trace_process_title(&made->trace, process, ""),
                                     id == headline ? 0 : (int64_t)i + 1);
    }
}

/* The lane of the process that a track of this id has, the first process's where there is none. */
static struct thaw_chrome_lane lane_of_track(const struct thaw_chrome *made, uint64_t id)
{
    const json_t *tracks = json_object_get(made->trace.report, "tracks");
    const json_t *track = json_array_get(tracks, id ? id - 1 : 0);
    uint64_t pid = 0;

    if (thaw_summary_number(track, "id") == id)
        pid = thaw_chrome_pid(made, thaw_summary_number(track, "process"));
    else if (made->trace.process_count)
        pid = thaw_summary_number(made->trace.processes[0], "pid");
    return (struct thaw_chrome_lane){pid, pid};
}

static void write_invocations(struct thaw_chrome *made)
{
    static const char *const keys[] = {"kind",     "status", "invocation_id", "cold", "waited_ns",
                                       "instance", NULL};
    const json_t *call;
    size_t i;

    json_array_foreach(json_object_get(made->trace.report, "invocations"), i, call)
    {
        const char *name = thaw_trace_text(&made->trace, call, "function");
        const json_t *end = json_object_get(call, "end_ns");
        json_t *args = thaw_values_object(&made->trace.values);

        thaw_trace_copy_all(&made->trace, args, call, keys);
        thaw_chrome_async(made, lane_of_track(made, thaw_summary_number(call, "track")),
                          *name ? name : "invocation", "invocation",
                          thaw_trace_signed(call, "start_ns"),
                          json_is_integer(end) ? json_integer_value(end) : INT64_MIN, args);
    }
}

static void write_failures(struct thaw_chrome *made)
{
    static const char *const keys[] = {"status",    "failure", "function", "meaning",
                                       "waited_ns", "module",  NULL};
    const json_t *failure;
    size_t i;

    json_array_foreach(json_object_get(made->trace.report, "failures"), i, failure)
    {
        uint64_t pid = thaw_chrome_pid(made, thaw_summary_number(failure, "process"));
        const struct thaw_chrome_lane lane = {pid, pid};
        const char *message = thaw_trace_text(&made->trace, failure, "message");
        json_t *args = thaw_values_object(&made->trace.values);

        thaw_trace_copy_all(&made->trace, args, failure, keys);
        thaw_chrome_instant(made, lane, thaw_trace_format(&made->trace, "failure: %s", message),
                            "failure", "p", thaw_trace_signed(failure, "time_ns"), args);
    }
}

/* When something was lost is not known: all of it is told at the end of the run. */
static void write_losses(struct thaw_chrome *made)
{
    static const char *const keys[] = {"count", "what", "process", NULL};
    const struct thaw_chrome_lane lane = lane_of_track(made, 0);
    const json_t *loss;
    size_t i;

    json_array_foreach(json_object_get(made->trace.report, "losses"), i, loss)
    {
        const char *cause = thaw_trace_text(&made->trace, loss, "cause");
        json_t *args = thaw_values_object(&made->trace.values);

        thaw_trace_copy_all(&made->trace, args, loss, keys);
        thaw_chrome_instant(made, lane,
                            thaw_trace_format(&made->trace, "lost (when is not known): %s", cause),
                            "loss", "g", thaw_trace_signed(made->trace.run, "end_ns"), args);
    }
}

static json_t *other_data(struct thaw_chrome *made)
{
    static const char *const keys[] = {"started", "backend", "platform", NULL};
    struct thaw_trace *trace = &made->trace;
    json_t *data = thaw_values_object(&trace->values);
    const char *incomplete = thaw_trace_incomplete(trace);

    thaw_trace_set(trace, data, "tool", thaw_trace_tool(trace));
    thaw_trace_copy(trace, data, trace->report, "complete");
    if (*incomplete)
        thaw_trace_set(trace, data, "incomplete", incomplete);
    thaw_trace_copy_all(trace, data, trace->run, keys);
    thaw_values_set_signed(&trace->values, data, "origin_ns", made->origin_ns);
    return data;
}

static json_t *document(struct thaw_chrome *made)
{
    struct thaw_values *values = &made->trace.values;
    json_t *object = thaw_values_object(values);

    thaw_values_set(values, object, "displayTimeUnit", json_string("ms"));
    thaw_values_set(values, object, "otherData", other_data(made));
    thaw_values_set(values, object, "traceEvents", json_incref(made->events));
    return object;
}

static int write_all(struct thaw_chrome *made, FILE *stream, struct thaw_error *error)
{
    int code = find_origin(made, error);

    if (code)
        return code;
    describe_processes(made);
    code = thaw_chrome_phases(made, error);
    if (code)
        return code;
    thaw_chrome_imports(made);
    write_invocations(made);
    write_failures(made);
    write_losses(made);
    return thaw_trace_write(&made->trace, document(made), stream, error);
}

int thaw_write_chrome_trace(const json_t *report, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error)
{
    struct thaw_chrome made = {.next_lane = first_lane};
    int code = thaw_trace_begin(&made.trace, report, "chrome-trace", error);

    (void)options;
    made.events = thaw_values_array(&made.trace.values);
    if (!code)
        code = write_all(&made, stream, error);
    json_decref(made.events);
    thaw_trace_end(&made.trace);
    return code;
}
