/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static const char *role_name(enum thaw_durable_role role)
{
    switch (role) {
    case THAW_ORCHESTRATOR:
        return "orchestrator";
    case THAW_ACTIVITY:
        return "activity";
    case THAW_ENTITY:
        break;
    }
    return "entity";
}

static json_t *function_object(struct thaw_values *values,
                               const struct thaw_durable_function *function)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_name(values, object, "name", function->name);
    thaw_values_set_text(values, object, "role", role_name(function->role));
    thaw_values_set_number(values, object, "invocations", function->invocations);
    thaw_values_set_number(values, object, "failed", function->failed);
    thaw_values_set_number(values, object, "total_ns", function->total_ns);
    thaw_values_set_number(values, object, "longest_ns", function->longest_ns);
    return object;
}

static json_t *batch_object(struct thaw_values *values, const struct thaw_durable_batch *batch)
{
    json_t *object = thaw_values_object(values);
    double busy_ns = (double)batch->busy_ns;

    thaw_values_set_known(values, object, "scheduled", batch->scheduled);
    thaw_values_set_number(values, object, "scheduled_ns", batch->scheduled_ns);
    thaw_values_set_number(values, object, "seen", batch->seen);
    thaw_values_set_known(values, object, "end_ns", batch->end_ns);
    thaw_values_set_number(values, object, "most_in_flight", batch->most_in_flight);
    thaw_values_set_known(values, object, "most_running", batch->most_running);
    if (batch->running_ns && batch->busy_ns)
        thaw_values_set_real(values, object, "running_average",
                             (double)batch->running_ns / busy_ns);
    else
        thaw_values_set_null(values, object, "running_average");
    thaw_values_set_number(values, object, "cold", batch->cold);
    thaw_values_set_number(values, object, "cold_longest_ns", batch->cold_longest_ns);
    return object;
}

/* The time between is divided only where all of it is known. */
static json_t *divided_object(struct thaw_values *values,
                              const struct thaw_durable_instance *instance)
{
    json_t *object;

    if (!instance->divided)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "orchestrator_ns", instance->orchestrator_ns);
    thaw_values_set_number(values, object, "activities_ns", instance->activities_ns);
    thaw_values_set_number(values, object, "outside_ns", instance->outside_ns);
    return object;
}

static json_t *instance_object(struct thaw_values *values,
                               const struct thaw_durable_instance *instance)
{
    json_t *object = thaw_values_object(values), *batches = thaw_values_array(values);

    for (size_t i = 0; i < instance->batch_count; i++)
        thaw_values_append(values, batches, batch_object(values, &instance->batches[i]));
    thaw_values_set_number(values, object, "instance", instance->number);
    thaw_values_set_name(values, object, "orchestrator", instance->orchestrator);
    thaw_values_set_number(values, object, "executions", instance->executions);
    thaw_values_set_number(values, object, "replays", instance->replays);
    thaw_values_set_number(values, object, "executions_ns", instance->executions_ns);
    thaw_values_set_number(values, object, "replays_ns", instance->replays_ns);
    thaw_values_set_number(values, object, "request_bytes", instance->request_bytes);
    thaw_values_set_number(values, object, "history", instance->history);
    thaw_values_set_number(values, object, "activities", instance->activities);
    thaw_values_set_number(values, object, "start_ns", instance->start_ns);
    thaw_values_set_number(values, object, "end_ns", instance->end_ns);
    thaw_values_set(values, object, "divided", divided_object(values, instance));
    thaw_values_set(values, object, "batches", batches);
    return object;
}

json_t *thaw_json_durable(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    const struct thaw_durable *durable = &timeline->durable;
    json_t *object = thaw_values_object(values), *functions = thaw_values_array(values);
    json_t *instances = thaw_values_array(values);

    for (size_t i = 0; i < durable->function_count; i++)
        thaw_values_append(values, functions, function_object(values, &durable->functions[i]));
    for (size_t i = 0; i < durable->instance_count; i++)
        thaw_values_append(values, instances, instance_object(values, &durable->instances[i]));
    thaw_values_set(values, object, "functions", functions);
    thaw_values_set(values, object, "instances", instances);
    thaw_values_set_number(values, object, "unknown_executions", durable->unknown_executions);
    thaw_values_set_number(values, object, "unknown_activities", durable->unknown_activities);
    return object;
}
