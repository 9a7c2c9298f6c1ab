/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/keys.h"
#include "report/metrics.h"
#include "report/summary.h"
#include "report/trace.h"
#include "report/writers.h"

/*
 * Metrics of one cold start. As many rows as any app has packages would be too many series for a
 * monitoring system: the costliest distributions have one each, all others one together. What the
 * report doesn't know has no sample.
 */
enum { most_distributions = 20 };

/* Own times together, of a distribution or of what else belongs to one owner. */
struct share {
    const char *distribution, *owner;
    uint64_t ns;
};

struct shares {
    THAW_ARRAY(struct share) items;
    json_t *places; /* of items, by owner and distribution */
    uint64_t garbage_ns;
    bool garbage_known;
};

/* What summaries count as part of the cold start. */
struct counting {
    struct thaw_trace trace;
    struct thaw_summary summary;
    FILE *stream;
};

static void write_recording(struct counting *counting)
{
    struct thaw_trace *trace = &counting->trace;
    const json_t *process = thaw_trace_process(trace, thaw_summary_number(trace->track, "process"));
    const struct thaw_metric_label labels[] = {
        {"version", thaw_trace_text(trace, json_object_get(trace->report, "tool"), "version")},
        {"backend", thaw_trace_text(trace, trace->run, "backend")},
        {"platform", thaw_trace_text(trace, trace->run, "platform")},
        {"python", thaw_trace_text(trace, process, "python")},
    };
    int64_t offset_ns, at_ns;

    thaw_metric_family(counting->stream, THAW_METRIC_RECORDING);
    thaw_metric_sample(counting->stream, THAW_METRIC_RECORDING, labels,
                       sizeof(labels) / sizeof(labels[0]), 1);
    if (thaw_trace_unix_offset(trace, &offset_ns) &&
        !__builtin_add_overflow(thaw_trace_signed(trace->run, "start_ns"), offset_ns, &at_ns) &&
        at_ns >= 0)
        thaw_metric_one_seconds(counting->stream, THAW_METRIC_RECORDED_TIMESTAMP, (uint64_t)at_ns);
}

/* Causes in the order of the report, each once. */
static void write_losses(struct counting *counting)
{
    struct thaw_trace *trace = &counting->trace;
    json_t *counts = thaw_values_object(&trace->values), *count;
    const json_t *loss;
    const char *key;
    size_t i;

    thaw_metric_one(counting->stream, THAW_METRIC_COMPLETE,
                    thaw_summary_is(trace->report, "complete"));
    json_array_foreach(json_object_get(trace->report, "losses"), i, loss)
    {
        const char *cause = thaw_trace_text(trace, loss, "cause");

        thaw_values_set_number(&trace->values, counts, cause,
                               thaw_summary_number(counts, cause) +
                                   thaw_summary_number(loss, "count"));
    }
    if (json_object_size(counts))
        thaw_metric_family(counting->stream, THAW_METRIC_EVENTS_LOST);
    json_object_foreach(counts, key, count)
    {
        const struct thaw_metric_label label = {"cause", key};

        thaw_metric_sample(counting->stream, THAW_METRIC_EVENTS_LOST, &label, 1,
                           (uint64_t)json_integer_value(count));
    }
    json_decref(counts);
}

static uint64_t length_of(const json_t *phase)
{
    int64_t ns =
        thaw_trace_since(thaw_trace_signed(phase, "end_ns"), thaw_trace_signed(phase, "start_ns"));

    return ns > 0 ? (uint64_t)ns : 0;
}

/* Phases of one name, as the pool before and behind a host, are one sample. */
static void write_phases(struct counting *counting, bool counted)
{
    struct thaw_trace *trace = &counting->trace;
    json_t *sums = thaw_values_object(&trace->values), *sum;
    const json_t *phase;
    const char *key;
    size_t i;

    json_array_foreach(json_object_get(trace->track, "phases"), i, phase)
    {
        const char *name = thaw_trace_text(trace, phase, "name");

        if (thaw_summary_is(phase, "counted") == counted)
            thaw_values_set_number(&trace->values, sums, name,
                                   thaw_summary_number(sums, name) + length_of(phase));
    }
    json_object_foreach(sums, key, sum)
    {
        const struct thaw_metric_label labels[] = {{"phase", key},
                                                   {"counted", counted ? "true" : "false"}};

        thaw_metric_seconds(counting->stream, THAW_METRIC_PHASE, labels, 2,
                            (uint64_t)json_integer_value(sum));
    }
    json_decref(sums);
}

static void write_track(struct counting *counting)
{
    const json_t *track = counting->trace.track;
    const json_t *throttled = json_object_get(json_object_get(track, "cpu"), "throttled_ns");

    if (!track)
        return;
    thaw_metric_one_seconds(counting->stream, THAW_METRIC_COLD_START,
                            thaw_summary_number(track, "total_ns"));
    thaw_metric_one(counting->stream, THAW_METRIC_ANSWERED, thaw_summary_is(track, "answered"));
    thaw_metric_one_seconds(counting->stream, THAW_METRIC_UNATTRIBUTED,
                            thaw_summary_number(track, "unattributed_ns"));
    if (json_array_size(json_object_get(track, "phases"))) {
        thaw_metric_family(counting->stream, THAW_METRIC_PHASE);
        write_phases(counting, true);
        write_phases(counting, false);
    }
    if (json_is_integer(throttled) && json_integer_value(throttled) >= 0)
        thaw_metric_one_seconds(counting->stream, THAW_METRIC_THROTTLED,
                                (uint64_t)json_integer_value(throttled));
}

static struct share *share_of(struct thaw_trace *trace, struct shares *shares, const json_t *module)
{
    const char *distribution = thaw_trace_text(trace, module, "distribution");
    const char *owner = thaw_trace_text(trace, module, "owner");
    const char *key = thaw_trace_format(trace, "%s\n%s", owner, distribution);
    const json_t *place = json_object_get(shares->places, key);
    struct share *share;

    if (place)
        return &shares->items.items[json_integer_value(place)];
    share = thaw_array_add(&shares->items);
    if (!share) {
        trace->values.failed = true;
        return NULL;
    }
    *share = (struct share){distribution, owner, 0};
    thaw_values_set_number(&trace->values, shares->places, key, shares->items.count - 1);
    return share;
}

static void add_module(struct thaw_trace *trace, struct shares *shares, const json_t *module)
{
    struct share *share = share_of(trace, shares, module);

    if (share)
        share->ns += thaw_summary_number(module, "self_ns");
    shares->garbage_known |= json_is_integer(json_object_get(module, "gc_ns"));
    shares->garbage_ns += thaw_summary_number(module, "gc_ns");
}

static int compare_shares(const void *left, const void *right)
{
    const struct share *a = left, *b = right;
    int order = (a->ns < b->ns) - (a->ns > b->ns);

    order = order ? order : strcmp(a->distribution, b->distribution);
    return order ? order : strcmp(a->owner, b->owner);
}

static void write_shares(struct counting *counting, struct shares *shares)
{
    uint64_t other_ns = 0;

    if (!shares->items.count)
        return;
    qsort(shares->items.items, shares->items.count, sizeof(*shares->items.items), compare_shares);
    thaw_metric_family(counting->stream, THAW_METRIC_IMPORT);
    for (size_t i = 0; i < shares->items.count; i++) {
        const struct share *share = &shares->items.items[i];
        const struct thaw_metric_label labels[] = {{"distribution", share->distribution},
                                                   {"owner", share->owner}};

        if (i < most_distributions)
            thaw_metric_seconds(counting->stream, THAW_METRIC_IMPORT, labels, 2, share->ns);
        else
            other_ns += share->ns;
    }
    thaw_metric_one_seconds(counting->stream, THAW_METRIC_IMPORT_OTHER, other_ns);
    if (shares->garbage_known)
        thaw_metric_one_seconds(counting->stream, THAW_METRIC_GARBAGE, shares->garbage_ns);
}

static void write_modules(struct counting *counting)
{
    static const char *const statuses[] = {"loaded", "failed", "not-found", "unfinished"};
    enum { count = sizeof(statuses) / sizeof(statuses[0]) };
    struct shares shares = {.places = thaw_values_object(&counting->trace.values)};
    uint64_t counts[count] = {0};
    const json_t *module;
    size_t i;

    json_array_foreach(json_object_get(counting->trace.report, "modules"), i, module)
    {
        if (!thaw_summary_is_counted(&counting->summary, module))
            continue;
        for (size_t status = 0; status < count; status++)
            counts[status] += !strcmp(thaw_key_string(module, "status"), statuses[status]);
        add_module(&counting->trace, &shares, module);
    }
    thaw_metric_family(counting->stream, THAW_METRIC_MODULES);
    for (i = 0; i < count; i++) {
        const struct thaw_metric_label label = {"status", statuses[i]};

        thaw_metric_sample(counting->stream, THAW_METRIC_MODULES, &label, 1, counts[i]);
    }
    write_shares(counting, &shares);
    thaw_array_free(&shares.items);
    json_decref(shares.places);
}

/* null: nobody looked. */
static void write_counts(struct counting *counting)
{
    static const struct {
        const char *key;
        enum thaw_metric metric;
    } lists[] = {
        {"processes", THAW_METRIC_PROCESSES},
        {"libraries", THAW_METRIC_LIBRARIES},
        {"findings", THAW_METRIC_FINDINGS},
    };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const json_t *list = json_object_get(counting->trace.report, lists[i].key);

        if (json_is_array(list))
            thaw_metric_one(counting->stream, lists[i].metric, json_array_size(list));
    }
}

static void write_overhead(struct counting *counting)
{
    static const struct {
        const char *key, *part;
    } parts[] = {{"bpf_ns", "bpf"},
                 {"traps_ns", "traps"},
                 {"calls_ns", "calls"},
                 {"reader_cpu_ns", "reader"},
                 {"closing_cpu_ns", "closing"}};
    const json_t *cost = json_object_get(counting->trace.run, "cost");

    if (!json_is_object(cost))
        return;
    thaw_metric_family(counting->stream, THAW_METRIC_OVERHEAD);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct thaw_metric_label label = {"part", parts[i].part};

        if (json_is_integer(json_object_get(cost, parts[i].key)))
            thaw_metric_seconds(counting->stream, THAW_METRIC_OVERHEAD, &label, 1,
                                thaw_summary_number(cost, parts[i].key));
    }
}

static int write_all(struct counting *counting, struct thaw_error *error)
{
    write_recording(counting);
    write_losses(counting);
    write_track(counting);
    write_modules(counting);
    write_counts(counting);
    write_overhead(counting);
    thaw_metric_end(counting->stream);
    return counting->trace.values.failed ? thaw_error_memory(error)
                                         : thaw_write_finish(counting->stream, error);
}

int thaw_write_openmetrics(const json_t *report, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct counting counting = {.stream = stream};
    int code = thaw_trace_begin(&counting.trace, report, "openmetrics", error);

    (void)options;
    counting.summary = (struct thaw_summary){.report = report, .track = counting.trace.track};
    if (!code)
        code = write_all(&counting, error);
    thaw_trace_end(&counting.trace);
    return code;
}
