/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/json_parts.h"

/* Names of functions by their ids: an object used as a map, ids and names as raw bytes. */
static json_t *function_names(struct thaw_values *values, const struct thaw_recording *recording)
{
    json_t *names = thaw_values_object(values);

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_FUNCTION &&
            json_object_set_new_nocheck(names, event->function.function_id,
                                        json_string_nocheck(event->function.name)) < 0)
            values->failed = true;
    }
    return names;
}

static json_t *failure_object(struct thaw_values *values, const struct thaw_event *event,
                              uint32_t process, const char *function)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_known(values, object, "process", process);
    thaw_values_set_number(values, object, "time_ns", event->time_ns);
    thaw_values_set_text(values, object, "message", event->message.type);
    thaw_values_set_text(values, object, "status", event->message.status);
    thaw_values_set_name(values, object, "failure", event->message.failure);
    thaw_values_set_name(values, object, "function", function);
    return object;
}

static bool is_failure(const struct thaw_event *event)
{
    return event->kind == THAW_EVENT_MESSAGE && event->message.outgoing && *event->message.status &&
           strcmp(event->message.status, "success") != 0;
}

json_t *thaw_json_failures(struct thaw_values *values, const struct thaw_timeline *timeline,
                           const struct thaw_processes *processes)
{
    const struct thaw_recording *recording = timeline->recording;
    json_t *array = thaw_values_array(values), *names;

    if (!recording)
        return array;
    names = function_names(values, recording);
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        const char *name;

        if (!is_failure(event))
            continue;
        name = json_string_value(json_object_get(names, event->message.function_id));
        thaw_values_append(
            values, array,
            failure_object(values, event,
                           thaw_processes_find(processes, event->pid, event->time_ns), name));
    }
    json_decref(names);
    return array;
}
