/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "report/chrome_trace.h"
#include "report/summary.h"

/* Events of the Trace Event Format, by its document's sections. */

static double microseconds(int64_t ns)
{
    return (double)ns / 1000;
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

static void set_time(struct thaw_chrome *made, json_t *event, const char *key, int64_t ns)
{
    thaw_values_set(&made->trace.values, event, key, json_real(microseconds(ns)));
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
    set_time(made, event, "ts", thaw_trace_since(start_ns, made->origin_ns));
    set_args(made, event, args);
    if (end_ns == INT64_MIN)
        return;
    event = add(made, "e", lane, name, category);
    set_id(made, event, id);
    set_time(made, event, "ts", thaw_trace_since(end_ns, made->origin_ns));
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
    set_time(made, event, "ts", thaw_trace_since(times->start_ns, made->origin_ns));
    set_time(made, event, "dur", thaw_trace_since(times->end_ns, times->start_ns));
    set_args(made, event, args);
}

void thaw_chrome_instant(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                         const char *category, const char *scope, int64_t at_ns, json_t *args)
{
    json_t *event = add(made, "i", lane, name, category);

    set_time(made, event, "ts", thaw_trace_since(at_ns, made->origin_ns));
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
