/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static const char *confidence_name(enum thaw_confidence confidence)
{
    switch (confidence) {
    case THAW_OBSERVED:
        return "observed";
    case THAW_DERIVED:
        return "derived";
    case THAW_ASSUMED:
        break;
    }
    return "assumed";
}

/* What began before the kernel's clock did is negative on it. */
static void set_start(struct thaw_values *values, json_t *object, uint64_t start_ns,
                      uint64_t before_ns)
{
    if (before_ns && before_ns <= INT64_MAX)
        thaw_values_set_signed(values, object, "start_ns", -(int64_t)before_ns);
    else
        thaw_values_set_number(values, object, "start_ns", start_ns);
}

static void set_evidence(struct thaw_values *values, json_t *object, const struct thaw_phase *phase)
{
    size_t most = sizeof(phase->evidence) / sizeof(phase->evidence[0]);
    size_t count = 0;

    while (count < most && phase->evidence[count])
        count++;
    thaw_values_set_texts(values, object, "evidence", phase->evidence, count);
}

static json_t *phase_object(struct thaw_values *values, const struct thaw_phase *phase)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", phase->name);
    set_start(values, object, phase->start_ns, phase->before_ns);
    thaw_values_set_number(values, object, "end_ns", phase->end_ns);
    thaw_values_set_boolean(values, object, "counted", phase->counted);
    thaw_values_set_name(values, object, "within", phase->within);
    set_evidence(values, object, phase);
    thaw_values_set_text(values, object, "confidence", confidence_name(phase->confidence));
    thaw_values_set(values, object, "children",
                    thaw_json_phases(values, phase->children, phase->child_count));
    return object;
}

/* As deep as the timeline nests phases: two levels, by its table of rules. */
json_t *thaw_json_phases(struct thaw_values *values, const struct thaw_phase *phases, size_t count)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < count; i++)
        thaw_values_append(values, array, phase_object(values, &phases[i]));
    return array;
}

static void set_counter(struct thaw_values *values, json_t *object, const char *key,
                        const char *unknown, uint64_t value)
{
    if (unknown)
        thaw_values_set_null(values, object, key);
    else
        thaw_values_set_number(values, object, key, value);
}

static json_t *cpu_object(struct thaw_values *values, const struct thaw_track_cpu *cpu)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set(values, object, "limit",
                    cpu->limit_millis ? json_real((double)cpu->limit_millis / 1000) : json_null());
    thaw_values_set_name(values, object, "control_group", cpu->control_group);
    thaw_values_set_known(values, object, "from_ns", cpu->from_ns);
    thaw_values_set_known(values, object, "until_ns", cpu->until_ns);
    set_counter(values, object, "periods", cpu->throttling_unknown, cpu->periods);
    set_counter(values, object, "throttled_periods", cpu->throttling_unknown,
                cpu->throttled_periods);
    set_counter(values, object, "throttled_ns", cpu->throttling_unknown, cpu->throttled_ns);
    thaw_values_set_name(values, object, "throttling_unknown", cpu->throttling_unknown);
    set_counter(values, object, "waits_over_ns", cpu->waits_unknown, cpu->waits_over_ns);
    set_counter(values, object, "cpu_ns", cpu->waits_unknown, cpu->cpu_ns);
    set_counter(values, object, "cpu_wait_ns", cpu->waits_unknown, cpu->wait_ns);
    thaw_values_set_name(values, object, "waits_unknown", cpu->waits_unknown);
    set_counter(values, object, "pressure_ns", *cpu->pressure_of ? NULL : "", cpu->pressure_ns);
    thaw_values_set_name(values, object, "pressure_of", cpu->pressure_of);
    thaw_values_set_texts(values, object, "signs", cpu->signs.items, cpu->signs.count);
    return object;
}

static json_t *track_object(struct thaw_values *values, const struct thaw_track *track)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "id", track->id);
    thaw_values_set_number(values, object, "process", track->process);
    thaw_values_set_boolean(values, object, "headline", track->headline);
    thaw_values_set_boolean(values, object, "answered", track->answered);
    if (track->retry_of)
        thaw_values_set_number(values, object, "retry_of", track->retry_of);
    if (track->words && *track->words)
        thaw_values_set_text(values, object, "words", track->words);
    set_start(values, object, track->start_ns, track->before_ns);
    thaw_values_set_number(values, object, "end_ns", track->end_ns);
    thaw_values_set_number(values, object, "total_ns", track->total_ns);
    thaw_values_set_number(values, object, "unattributed_ns", track->unattributed_ns);
    thaw_values_set(values, object, "phases",
                    thaw_json_phases(values, track->phases, track->phase_count));
    thaw_values_set(values, object, "critical_path", thaw_json_critical_path(values, track));
    if (track->headline)
        thaw_values_set(values, object, "beside", thaw_json_beside(values, track));
    if (track->cpu)
        thaw_values_set(values, object, "cpu", cpu_object(values, track->cpu));
    return object;
}

json_t *thaw_json_tracks(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->track_count; i++)
        thaw_values_append(values, array, track_object(values, &timeline->tracks[i]));
    return array;
}

static json_t *invocation_object(struct thaw_values *values,
                                 const struct thaw_invocation *invocation)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_known(values, object, "track", invocation->track);
    thaw_values_set_name(values, object, "function", invocation->function);
    thaw_values_set_name(values, object, "kind", invocation->kind);
    thaw_values_set_name(values, object, "invocation_id", invocation->invocation_id);
    if (invocation->request && invocation->request->instance)
        thaw_values_set_number(values, object, "instance", invocation->request->instance);
    thaw_values_set_number(values, object, "start_ns", invocation->start_ns);
    thaw_values_set_known(values, object, "end_ns", invocation->end_ns);
    if (invocation->running_ns)
        thaw_values_set_number(values, object, "waited_ns",
                               invocation->running_ns - invocation->start_ns);
    thaw_values_set_name(values, object, "status", invocation->status);
    thaw_values_set_boolean(values, object, "cold", invocation->cold);
    return object;
}

json_t *thaw_json_invocations(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->invocation_count; i++)
        thaw_values_append(values, array, invocation_object(values, &timeline->invocations[i]));
    return array;
}
