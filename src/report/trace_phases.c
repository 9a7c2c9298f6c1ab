/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/trace.h"
#include "report/trace_phases.h"

/* thaw's own have two levels below the track; what is below the last one is left out. */
enum { most_levels = 8 };

/* Of all phases in a list, with those below them. */
static size_t count_in(const json_t *list, int level)
{
    size_t i, count = 0;
    const json_t *phase;

    json_array_foreach(list, i, phase)
    {
        count++;
        if (level < most_levels)
            count += count_in(json_object_get(phase, "children"), level + 1);
    }
    return count;
}

static void add(struct thaw_trace_phases *phases, const json_t *object)
{
    phases->items[phases->count] = object;
    phases->times[phases->count] = (struct thaw_interval){
        .start_ns = thaw_trace_signed(object, "start_ns"),
        .end_ns = thaw_trace_signed(object, "end_ns"),
    };
    phases->count++;
}

static void add_list(struct thaw_trace_phases *phases, const json_t *list, int level)
{
    const json_t *phase;
    size_t i;

    json_array_foreach(list, i, phase)
    {
        size_t place = phases->count;

        if (thaw_trace_signed(phase, "end_ns") <= phases->times[0].start_ns &&
            thaw_trace_signed(phase, "start_ns") < phases->times[0].start_ns)
            continue;
        add(phases, phase);
        if (level < most_levels)
            add_list(phases, json_object_get(phase, "children"), level + 1);
        phases->times[place].behind = phases->count;
    }
}

int thaw_trace_phases_build(const json_t *track, struct thaw_trace_phases *ret,
                            struct thaw_error *error)
{
    const json_t *list = json_object_get(track, "phases");
    size_t most = 1 + count_in(list, 1);

    *ret = (struct thaw_trace_phases){
        .items = calloc(most, sizeof(*ret->items)),
        .times = calloc(most, sizeof(*ret->times)),
        .order = calloc(most, sizeof(*ret->order)),
    };
    if (!ret->items || !ret->times || !ret->order)
        return thaw_error_memory(error);
    add(ret, track);
    add_list(ret, list, 1);
    ret->times[0].behind = ret->count;
    return thaw_nesting(ret->times, ret->count, ret->order, error);
}

void thaw_trace_phases_free(struct thaw_trace_phases *phases)
{
    free(phases->order);
    free(phases->times);
    free(phases->items);
    *phases = (struct thaw_trace_phases){0};
}
