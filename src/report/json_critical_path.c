/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static const char *waited_for_name(enum thaw_waited_for who)
{
    switch (who) {
    case THAW_WAITED_WORKER:
        return "worker";
    case THAW_WAITED_HOST:
        return "host";
    case THAW_WAITED_CHILD:
        return "child";
    case THAW_WAITED_OUTSIDE:
        return "outside";
    case THAW_WAITED_UNKNOWN:
        break;
    }
    return "unknown";
}

static json_t *step_object(struct thaw_values *values, const struct thaw_critical_step *step)
{
    json_t *object = thaw_values_object(values), *wait;

    thaw_values_set_number(values, object, "start_ns", step->start_ns);
    thaw_values_set_number(values, object, "end_ns", step->end_ns);
    thaw_values_set_text(values, object, "waited_for", waited_for_name(step->waited_for));
    thaw_values_set_known(values, object, "process", step->process);
    thaw_values_set_name(values, object, "phase", step->phase);
    thaw_values_set_text(values, object, "confidence", step->derived ? "derived" : "observed");
    if (!step->module)
        return object;
    thaw_values_set_known(values, object, "thread", step->tid);
    thaw_values_set_number(values, object, "module", step->module);
    thaw_values_set_number(values, object, "imports_ns", step->imports_ns);
    if (!step->waits_known)
        return object;
    wait = thaw_values_object(values);
    thaw_values_set_number(values, wait, "io_ns", step->io_ns);
    thaw_values_set_number(values, wait, "runqueue_ns", step->runqueue_ns);
    thaw_values_set_number(values, wait, "sleep_ns", step->sleep_ns);
    thaw_values_set(values, object, "wait", wait);
    return object;
}

json_t *thaw_json_critical_path(struct thaw_values *values, const struct thaw_track *track)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < track->critical_step_count; i++)
        thaw_values_append(values, array, step_object(values, &track->critical_path[i]));
    return array;
}

json_t *thaw_json_beside(struct thaw_values *values, const struct thaw_track *track)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < track->beside_count; i++) {
        const struct thaw_beside *beside = &track->beside[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_number(values, object, "process", beside->process);
        thaw_values_set_known(values, object, "thread", beside->tid);
        thaw_values_set_number(values, object, "start_ns", beside->start_ns);
        thaw_values_set_number(values, object, "end_ns", beside->end_ns);
        thaw_values_set_number(values, object, "ns", beside->ns);
        thaw_values_append(values, array, object);
    }
    return array;
}
