/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static json_t *loss_object(struct thaw_values *values, const struct thaw_loss *loss)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "cause", loss->cause);
    thaw_values_set_number(values, object, "count", loss->count);
    thaw_values_set_name(values, object, "what", loss->what);
    thaw_values_set_known(values, object, "process", loss->process);
    return object;
}

json_t *thaw_json_losses(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->loss_count; i++)
        thaw_values_append(values, array, loss_object(values, &timeline->losses[i]));
    return array;
}

static json_t *not_visible_object(struct thaw_values *values, const struct thaw_not_visible *item)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "what", item->what);
    thaw_values_set_name(values, object, "why", item->why);
    thaw_values_set_known(values, object, "typical_ns", item->typical_ns);
    thaw_values_set_name(values, object, "source", item->source);
    return object;
}

json_t *thaw_json_not_visible(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->not_visible_count; i++)
        thaw_values_append(values, array, not_visible_object(values, &timeline->not_visible[i]));
    return array;
}

static json_t *probe_object(struct thaw_values *values, const struct thaw_probe *probe)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", probe->name);
    thaw_values_set_name(values, object, "target", probe->target);
    thaw_values_set_text(values, object, "status", probe->status);
    thaw_values_set_name(values, object, "how", probe->how);
    thaw_values_set_name(values, object, "reason", probe->reason);
    thaw_values_set_name(values, object, "without", probe->without);
    return object;
}

json_t *thaw_json_probes(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; recording && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_PROBE)
            thaw_values_append(values, array, probe_object(values, &recording->events[i].probe));
    return array;
}

static json_t *interpreter_object(struct thaw_values *values, const struct thaw_event *event,
                                  uint32_t process)
{
    const struct thaw_interpreter *interpreter = &event->interpreter;
    json_t *object = thaw_values_object(values);

    thaw_values_set_known(values, object, "process", process);
    thaw_values_set_number(values, object, "pid", event->pid);
    thaw_values_set_name(values, object, "executable", interpreter->executable);
    thaw_values_set_name(values, object, "library", interpreter->library);
    thaw_values_set_name(values, object, "version", interpreter->version);
    thaw_values_set_name(values, object, "coverage", interpreter->coverage);
    thaw_values_set_name(values, object, "reason", interpreter->reason);
    return object;
}

json_t *thaw_json_interpreters(struct thaw_values *values, const struct thaw_timeline *timeline,
                               const struct thaw_processes *processes)
{
    const struct thaw_recording *recording = timeline->recording;
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; recording && i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INTERPRETER)
            thaw_values_append(values, array,
                               interpreter_object(values, event,
                                                  thaw_processes_find(processes, event->pid,
                                                                      event->time_ns)));
    }
    return array;
}
