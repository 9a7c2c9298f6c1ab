/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_VIRTUAL_MACHINE_H
#define THAW_VIRTUAL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/vm_events.h"

/*
 * Virtual machines from the outside: what their monitors did, and what was recorded inside of one.
 * A monitor is told by what it does: it works with KVM, or writes out marks of a guest.
 */

struct thaw_phase;
struct thaw_timeline;

/* Something the monitor or its guest did, as in struct thaw_vm_event. */
struct thaw_vm_step {
    const char *what;
    uint64_t time_ns;
    uint32_t tid;
    uint64_t value;
    uint64_t size;
    uint64_t port;
};

/* A mark of a guest's recording, as in struct thaw_guest_mark; first_ns is the event's time. */
struct thaw_vm_mark {
    const char *session;
    uint64_t guest_ns;
    uint64_t first_ns;
    uint64_t last_ns;
};

/* A recording of the guest, on the host's clock. */
struct thaw_guest {
    const struct thaw_timeline *timeline; /* of which processes and tracks are on that clock */
    int64_t offset_ns;       /* the host's clock less the guest's (both CLOCK_BOOTTIME) */
    uint64_t uncertainty_ns; /* it is at most so far off; no meaning unless bounded */
    bool bounded;            /* false: offset_ns is only the most it can be */
    uint32_t marks;          /* that agree with each other, or would if the clocks did not drift */
    uint32_t contradicting;  /* marks that were seen to be over before they were */
    bool drift_known;        /* the two below are */
    double drift_ppm;        /* by which the guest's clock is slow */
    double drift_uncertainty_ppm;
    bool drifts; /* by more than can be explained by uncertainty, which then covers it */
};

/*
 * total_ns is from the monitor's exec to its end, or to the recording's: the sum of its phases and
 * unattributed_ns, exactly. Phases: "start" (to /dev/kvm), "create" (to the first KVM_RUN), "guest"
 * (runs), "exit". Without KVM there are none until a guest's recording tells when its clock began.
 */
struct thaw_virtual_machine {
    uint32_t id;
    uint32_t process; /* id of the monitor */
    bool kvm;
    uint64_t start_ns;
    uint64_t end_ns;
    bool running; /* it still did at end_ns */
    uint64_t total_ns;
    uint64_t unattributed_ns;
    uint64_t vcpus;
    uint64_t memory_bytes;              /* when the guest began to run, 0 unknown */
    const struct thaw_vm_count *counts; /* NULL unknown */
    struct thaw_vm_step *steps;         /* in order */
    size_t step_count;
    struct thaw_vm_mark *marks;
    size_t mark_count;
    struct thaw_phase *phases;
    size_t phase_count;
    struct thaw_guest *guest; /* NULL none */
};

#endif
