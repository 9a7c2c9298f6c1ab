/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/json_parts.h"

/* What a step has to say besides when it was. */
static json_t *step_object(struct thaw_values *values, const struct thaw_vm_step *step)
{
    json_t *object = thaw_values_object(values);
    bool mark = !strcmp(step->what, "mark"), memory = !strcmp(step->what, "memory");

    thaw_values_set_text(values, object, "what", step->what);
    thaw_values_set_number(values, object, "time_ns", step->time_ns);
    thaw_values_set_number(values, object, "tid", step->tid);
    if (mark || memory || !strcmp(step->what, "vcpu"))
        thaw_values_set_number(values, object, "value", step->value);
    if (mark || memory)
        thaw_values_set_number(values, object, "bytes", step->size);
    if (mark)
        thaw_values_set_number(values, object, "port", step->port);
    return object;
}

static json_t *steps_array(struct thaw_values *values, const struct thaw_virtual_machine *machine)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < machine->step_count; i++)
        thaw_values_append(values, array, step_object(values, &machine->steps[i]));
    return array;
}

static void set_real(struct thaw_values *values, json_t *object, const char *key, double value,
                     bool known)
{
    thaw_values_set(values, object, key, known ? json_real(value) : json_null());
}

static json_t *guest_object(struct thaw_values *values, const struct thaw_guest *guest)
{
    json_t *object;

    if (!guest)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_text(values, object, "session", guest->timeline->session->session);
    thaw_values_set_texts(values, object, "command", guest->timeline->session->command.items,
                          guest->timeline->session->command.count);
    thaw_values_set_signed(values, object, "offset_ns", guest->offset_ns);
    if (guest->bounded)
        thaw_values_set_number(values, object, "uncertainty_ns", guest->uncertainty_ns);
    else
        thaw_values_set_null(values, object, "uncertainty_ns");
    thaw_values_set_number(values, object, "marks", guest->marks);
    thaw_values_set_number(values, object, "contradicting_marks", guest->contradicting);
    set_real(values, object, "drift_ppm", guest->drift_ppm, guest->drift_known);
    set_real(values, object, "drift_uncertainty_ppm", guest->drift_uncertainty_ppm,
             guest->drift_known);
    thaw_values_set_boolean(values, object, "drifts", guest->drifts);
    thaw_values_set_boolean(values, object, "complete", guest->timeline->complete);
    thaw_values_set(values, object, "machine", thaw_json_machine(values, guest->timeline));
    thaw_values_set(values, object, "processes", thaw_json_processes(values, guest->timeline));
    thaw_values_set(values, object, "tracks", thaw_json_tracks(values, guest->timeline));
    return object;
}

/* Where it was not looked at, null; that is not none. */
static void set_counts(struct thaw_values *values, json_t *object,
                       const struct thaw_vm_count *counts)
{
    if (!counts || !counts->observed) {
        thaw_values_set_null(values, object, "port_accesses");
        thaw_values_set_null(values, object, "port_marks");
        thaw_values_set_null(values, object, "exits");
        return;
    }
    thaw_values_set_number(values, object, "port_accesses", counts->ports);
    thaw_values_set_number(values, object, "port_marks", counts->marks);
    thaw_values_set_number(values, object, "exits", counts->exits);
}

static json_t *machine_object(struct thaw_values *values,
                              const struct thaw_virtual_machine *machine)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "id", machine->id);
    thaw_values_set_number(values, object, "process", machine->process);
    thaw_values_set_boolean(values, object, "kvm", machine->kvm);
    thaw_values_set_known(values, object, "processors", machine->vcpus);
    thaw_values_set_known(values, object, "memory_bytes", machine->memory_bytes);
    set_counts(values, object, machine->counts);
    thaw_values_set_number(values, object, "start_ns", machine->start_ns);
    thaw_values_set_number(values, object, "end_ns", machine->end_ns);
    thaw_values_set_boolean(values, object, "running", machine->running);
    thaw_values_set_number(values, object, "total_ns", machine->total_ns);
    thaw_values_set_number(values, object, "unattributed_ns", machine->unattributed_ns);
    thaw_values_set(values, object, "phases",
                    thaw_json_phases(values, machine->phases, machine->phase_count));
    thaw_values_set(values, object, "steps", steps_array(values, machine));
    thaw_values_set(values, object, "guest", guest_object(values, machine->guest));
    return object;
}

json_t *thaw_json_virtual_machines(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < timeline->virtual_machine_count; i++)
        thaw_values_append(values, array, machine_object(values, &timeline->virtual_machines[i]));
    return array;
}
