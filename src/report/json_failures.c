/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static json_t *failure_object(struct thaw_values *values, const struct thaw_failure *failure)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_known(values, object, "process", failure->process);
    thaw_values_set_number(values, object, "time_ns", failure->time_ns);
    thaw_values_set_text(values, object, "message", failure->message);
    thaw_values_set_text(values, object, "status", failure->status);
    thaw_values_set_name(values, object, "failure", failure->exception);
    thaw_values_set_name(values, object, "function", failure->function);
    thaw_values_set_known(values, object, "module", failure->module);
    thaw_values_set_known(values, object, "waited_ns", failure->waited_ns);
    thaw_values_set_name(values, object, "meaning", failure->words);
    return object;
}

json_t *thaw_json_failures(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->failure_count; i++)
        thaw_values_append(values, array, failure_object(values, &timeline->failures[i]));
    return array;
}
