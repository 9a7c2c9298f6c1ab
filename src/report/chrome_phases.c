/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/chrome_trace.h"
#include "report/summary.h"
#include "report/trace_phases.h"

/* Above a process's threads. */
enum { phases_place = -2, path_place = -1 };

static json_t *phase_args(struct thaw_chrome *made, const json_t *phase)
{
    static const char *const keys[] = {"counted",  "within",   "evidence", "confidence",
                                       "headline", "answered", "total_ns", "unattributed_ns",
                                       "words",    NULL};
    json_t *args = thaw_values_object(&made->trace.values);

    thaw_trace_copy_all(&made->trace, args, phase, keys);
    return args;
}

/* A lane with the phases of a track, or of anything else that has some, called name. */
static int write_phases(struct thaw_chrome *made, const json_t *track, uint64_t pid,
                        const char *name, struct thaw_error *error)
{
    struct thaw_chrome_lane lane = thaw_chrome_new_lane(made, pid);
    struct thaw_trace_phases phases;
    int code = thaw_trace_phases_build(track, &phases, error);

    thaw_chrome_describe_lane(made, lane, thaw_trace_format(&made->trace, "%s: phases", name),
                              phases_place);
    for (size_t i = 0; i < phases.count && !code; i++) {
        size_t place = phases.order[i];
        const char *phase = thaw_trace_text(&made->trace, phases.items[place], "name");

        thaw_chrome_stretch(made, lane, place ? phase : name, "phase", &phases.times[place],
                            phase_args(made, phases.items[place]));
    }
    thaw_trace_phases_free(&phases);
    return code;
}

/* What the first reply waited for, as intervals of a lane. */
static json_t *step_args(struct thaw_chrome *made, const json_t *step)
{
    static const char *const keys[] = {"phase",      "process", "thread",     "module",
                                       "imports_ns", "wait",    "confidence", NULL};
    json_t *args = thaw_values_object(&made->trace.values);

    thaw_trace_copy_all(&made->trace, args, step, keys);
    return args;
}

static int write_critical_path(struct thaw_chrome *made, const json_t *track, uint64_t pid,
                               struct thaw_error *error)
{
    const json_t *steps = json_object_get(track, "critical_path"), *step;
    size_t count = json_array_size(steps), i;
    struct thaw_interval *times = calloc(count + 1, sizeof(*times));
    size_t *order = calloc(count + 1, sizeof(*order));
    int code = times && order ? 0 : thaw_error_memory(error);
    struct thaw_chrome_lane lane;

    for (i = 0; i < count && !code; i++) {
        step = json_array_get(steps, i);
        times[i] = (struct thaw_interval){
            .start_ns = thaw_trace_signed(step, "start_ns"),
            .end_ns = thaw_trace_signed(step, "end_ns"),
            .behind = i + 1,
        };
    }
    if (!code)
        code = thaw_nesting(times, count, order, error);
    if (!code && count) {
        lane = thaw_chrome_new_lane(made, pid);
        thaw_chrome_describe_lane(made, lane, "the first reply waited for", path_place);
    }
    for (i = 0; i < count && !code; i++) {
        step = json_array_get(steps, order[i]);
        thaw_chrome_stretch(made, lane, thaw_trace_text(&made->trace, step, "waited_for"),
                            "critical path", &times[order[i]], step_args(made, step));
    }
    free(order);
    free(times);
    return code;
}

static int write_track(struct thaw_chrome *made, const json_t *track, struct thaw_error *error)
{
    uint64_t pid = thaw_chrome_pid(made, thaw_summary_number(track, "process"));
    const struct thaw_chrome_lane lane = {pid, pid};
    int code = write_phases(made, track, pid, "cold start", error);

    if (thaw_summary_is(track, "answered"))
        thaw_chrome_instant(made, lane, "first reply", "phase", "p",
                            thaw_trace_signed(track, "end_ns"), NULL);
    return code ? code : write_critical_path(made, track, pid, error);
}

/* Of a virtual machine, and of what was recorded in it, which is on the same clock. */
static int write_machine(struct thaw_chrome *made, const json_t *machine, struct thaw_error *error)
{
    uint64_t pid = thaw_chrome_pid(made, thaw_summary_number(machine, "process"));
    const json_t *tracks = json_object_get(json_object_get(machine, "guest"), "tracks"), *track;
    int code = write_phases(made, machine, pid, "virtual machine", error);
    size_t i;

    json_array_foreach(tracks, i, track)
    {
        if (!code)
            code = write_phases(made, track, pid, "cold start in the virtual machine", error);
    }
    return code;
}

int thaw_chrome_phases(struct thaw_chrome *made, struct thaw_error *error)
{
    const json_t *one;
    size_t i;
    int code = 0;

    json_array_foreach(json_object_get(made->trace.report, "tracks"), i, one)
    {
        if (!code)
            code = write_track(made, one, error);
    }
    json_array_foreach(json_object_get(made->trace.report, "virtual_machines"), i, one)
    {
        if (!code)
            code = write_machine(made, one, error);
    }
    return code;
}

static void hold_earliest(int64_t start_ns, int64_t *earliest_ns)
{
    if (start_ns < *earliest_ns)
        *earliest_ns = start_ns;
}

/* Of the phases of one thing, and of what its first reply waited for. */
static int earliest_of(const json_t *part, int64_t *earliest_ns, struct thaw_error *error)
{
    struct thaw_trace_phases phases;
    const json_t *step;
    size_t i;
    int code = thaw_trace_phases_build(part, &phases, error);

    for (i = 0; i < phases.count && !code; i++)
        hold_earliest(phases.times[i].start_ns, earliest_ns);
    thaw_trace_phases_free(&phases);
    json_array_foreach(json_object_get(part, "critical_path"), i, step)
    {
        hold_earliest(thaw_trace_signed(step, "start_ns"), earliest_ns);
    }
    return code;
}

static int earliest_in(const json_t *list, int64_t *earliest_ns, struct thaw_error *error)
{
    const json_t *part;
    size_t i;
    int code = 0;

    json_array_foreach(list, i, part)
    {
        if (!code)
            code = earliest_of(part, earliest_ns, error);
    }
    return code;
}

int thaw_chrome_earliest_phase(const json_t *report, int64_t *earliest_ns, struct thaw_error *error)
{
    const json_t *machines = json_object_get(report, "virtual_machines"), *machine;
    int code = earliest_in(json_object_get(report, "tracks"), earliest_ns, error);
    size_t i;

    if (!code)
        code = earliest_in(machines, earliest_ns, error);
    json_array_foreach(machines, i, machine)
    {
        if (!code)
            code = earliest_in(json_object_get(json_object_get(machine, "guest"), "tracks"),
                               earliest_ns, error);
    }
    return code;
}
