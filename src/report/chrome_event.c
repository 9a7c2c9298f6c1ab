/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "report/chrome_trace.h"
#include "report/summary.h"

/* Events of the Trace Event Format, by its document's sections. */

/*
 * Microseconds after the origin, to the nearest 1/65536: a 60th of a nanosecond, which readers
 * round away. Readers add ts and dur as binary fractions, in which a thousandth has no end: two
 * that end at the same nanosecond would not, and one would stick out of the other. These add up
 * exactly.
 */
static double microseconds(const struct thaw_chrome *made, int64_t ns)
{
    int64_t since_ns = thaw_trace_since(ns, made->origin_ns);

    return (double)(since_ns / 1000) + nearbyint((double)(since_ns % 1000) * 65.536) / 65536;
}

static json_t *add(struct thaw_chrome *made, const char *kind, struct thaw_chrome_lane lane,
                   const char *name, const char *category)
{
    struct thaw_values *values = &made->trace.values;
    json_t *event = thaw_values_object(values);

    thaw_trace_set(&made->trace, event, "name", name);
    if (category)
        thaw_trace_set(&made->trace, event, "cat", category);
    thaw_trace_set(&made->trace, event, "ph", kind);
    thaw_values_set_number(values, event, "pid", lane.pid);
    thaw_values_set_number(values, event, "tid", lane.tid);
    thaw_values_append(values, made->events, event);
    return event;
}

static void set_instant(struct thaw_chrome *made, json_t *event, int64_t ns)
{
    thaw_values_set(&made->trace.values, event, "ts", json_real(microseconds(made, ns)));
}

static void set_args(struct thaw_chrome *made, json_t *event, json_t *args)
{
    if (args)
        thaw_values_set(&made->trace.values, event, "args", args);
}

/* Of its process: one of all processes is drawn apart from them. */
static void set_id(struct thaw_chrome *made, json_t *event, const char *id)
{
    json_t *scoped = thaw_values_object(&made->trace.values);

    thaw_trace_set(&made->trace, scoped, "local", id);
    thaw_values_set(&made->trace.values, event, "id2", scoped);
}

void thaw_chrome_async(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                       const char *category, int64_t start_ns, int64_t end_ns, json_t *args)
{
    /* Distinct within the document: no two begin at the same place in its list. */
    const char *id = thaw_trace_format(&made->trace, "0x%zx", json_array_size(made->events) + 1);
    json_t *event = add(made, "b", lane, name, category);

    set_id(made, event, id);
    set_instant(made, event, start_ns);
    set_args(made, event, args);
    if (end_ns < start_ns || end_ns == INT64_MIN)
        return;
    event = add(made, "e", lane, name, category);
    set_id(made, event, id);
    set_instant(made, event, end_ns);
}

void thaw_chrome_stretch(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                         const char *category, const struct thaw_interval *times, json_t *args)
{
    json_t *event;

    if (!times->nests) {
        thaw_chrome_async(made, lane, name, category, times->start_ns, times->end_ns, args);
        return;
    }
    event = add(made, "X", lane, name, category);
    set_instant(made, event, times->start_ns);
    thaw_values_set(&made->trace.values, event, "dur",
                    json_real(microseconds(made, times->end_ns) -
                              microseconds(made, times->start_ns)));
    set_args(made, event, args);
}

void thaw_chrome_instant(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                         const char *category, const char *scope, int64_t at_ns, json_t *args)
{
    json_t *event = add(made, "i", lane, name, category);

    set_instant(made, event, at_ns);
    thaw_trace_set(&made->trace, event, "s", scope);
    set_args(made, event, args);
}

static void describe(struct thaw_chrome *made, const char *what, struct thaw_chrome_lane lane,
                     const char *key, json_t *value)
{
    json_t *event = add(made, "M", lane, what, NULL);
    json_t *args = thaw_values_object(&made->trace.values);

    thaw_values_set(&made->trace.values, args, key, value);
    set_args(made, event, args);
}

void thaw_chrome_describe_process(struct thaw_chrome *made, uint64_t pid, const char *name,
                                  int64_t place)
{
    const struct thaw_chrome_lane lane = {pid, pid};

    describe(made, "process_name", lane, "name", json_string(name));
    describe(made, "process_sort_index", lane, "sort_index", json_integer(place));
}

void thaw_chrome_describe_lane(struct thaw_chrome *made, struct thaw_chrome_lane lane,
                               const char *name, int64_t place)
{
    describe(made, "thread_name", lane, "name", json_string(name));
    describe(made, "thread_sort_index", lane, "sort_index", json_integer(place));
}

struct thaw_chrome_lane thaw_chrome_new_lane(struct thaw_chrome *made, uint64_t pid)
{
    return (struct thaw_chrome_lane){pid, made->next_lane++};
}

uint64_t thaw_chrome_pid(const struct thaw_chrome *made, uint64_t process)
{
    const json_t *found = thaw_trace_process(&made->trace, process);

    return found ? thaw_summary_number(found, "pid") : process;
}
