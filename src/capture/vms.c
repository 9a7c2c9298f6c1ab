/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/loss.h"
#include "capture/session_probes.h"
#include "capture/vms.h"

#define PROBES_MOST 4

struct thaw_vms {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    struct thaw_error failures[PROBES_MOST]; /* of the rows of KVM's tracepoints, in their order */
    bool observed;                           /* all of them are attached */
    bool told;
    THAW_ARRAY(uint32_t) monitors; /* at most THAW_KERNEL_VMS at once */
};

/* The row of KVM's tracepoints with that number, NULL when there are no more. */
static const struct thaw_probe_row *row_of(size_t number)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);

    for (size_t i = 0; i < count && number < PROBES_MOST; i++) {
        if (rows[i].kind == THAW_PROBE_VM && number-- == 0)
            return &rows[i];
    }
    return NULL;
}

int thaw_vms_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                  struct thaw_vms **ret, struct thaw_error *error)
{
    struct thaw_vms *vms = calloc(1, sizeof(*vms));
    const struct thaw_probe_row *row;

    if (!vms)
        return thaw_error_memory(error);
    vms->programs = programs;
    vms->writer = writer;
    vms->observed = true;
    for (size_t i = 0; (row = row_of(i)); i++) {
        thaw_programs_attach_tracepoint(programs, row->program, 0, &vms->failures[i]);
        vms->observed &= !vms->failures[i].code;
    }
    *ret = vms;
    return 0;
}

static int tell_probes(struct thaw_vms *vms, struct thaw_error *error)
{
    const struct thaw_probe_row *row;
    int code = 0;

    for (size_t i = 0; !code && (row = row_of(i)); i++)
        code =
            thaw_probe_store(vms->writer, row, row->target, "tracepoint", &vms->failures[i], error);
    vms->told = true;
    return code;
}

int thaw_vms_seen(struct thaw_vms *vms, uint32_t process, struct thaw_error *error)
{
    uint32_t *slot;

    for (size_t i = 0; i < vms->monitors.count; i++) {
        if (vms->monitors.items[i] == process)
            return 0;
    }
    slot = thaw_array_add(&vms->monitors);
    if (!slot)
        return thaw_error_memory(error);
    *slot = process;
    return vms->told ? 0 : tell_probes(vms, error);
}

static int store_counts(struct thaw_vms *vms, uint32_t process, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_VM_COUNT,
        .time_ns = thaw_clock_now_ns(),
        .pid = process,
        .tid = process,
    };
    struct thaw_kernel_vm counts;
    int code;

    if (!thaw_programs_take_vm(vms->programs, process, &counts))
        return 0;
    event.vm_count = (struct thaw_vm_count){
        .ports = counts.ports,
        .marks = counts.marks,
        .exits = counts.exits,
        .ends = counts.ends,
        .memories = counts.memories,
        .observed = vms->observed,
    };
    code = thaw_recording_writer_append(vms->writer, &event, error);
    if (!code && counts.steps > THAW_KERNEL_VM_STEPS)
        code =
            thaw_loss_store(vms->writer, "too-many-vm-events", counts.steps - THAW_KERNEL_VM_STEPS,
                            "virtual machines and CPUs made by one monitor, beyond the most "
                            "that are recorded",
                            error);
    return code;
}

int thaw_vms_left(struct thaw_vms *vms, uint32_t process, struct thaw_error *error)
{
    for (size_t i = 0; i < vms->monitors.count; i++) {
        if (vms->monitors.items[i] != process)
            continue;
        vms->monitors.items[i] = vms->monitors.items[--vms->monitors.count];
        return store_counts(vms, process, error);
    }
    return 0;
}

int thaw_vms_finish(struct thaw_vms *vms, struct thaw_error *error)
{
    int code = 0;

    while (!code && vms->monitors.count)
        code = thaw_vms_left(vms, vms->monitors.items[0], error);
    return code;
}

void thaw_vms_free(struct thaw_vms *vms)
{
    if (!vms)
        return;
    thaw_array_free(&vms->monitors);
    free(vms);
}
