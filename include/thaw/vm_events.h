/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_VM_EVENTS_H
#define THAW_VM_EVENTS_H

#include <stdint.h>

/*
 * What a virtual machine monitor (the event's process) did with KVM, on the thread that did it.
 * time is when the call was over; of "run" it is when it began.
 *   open           /dev/kvm
 *   create         a virtual machine
 *   memory         a region of its memory was set: value is its slot, size its bytes (0: removed)
 *   vcpu           a virtual CPU: value is its id
 *   run            the guest was let go for the first time
 *   mark           the guest wrote value, of size bytes, to a port that only marks are written to
 *   halt, shutdown, failed-entry, internal-error, system-event
 *                  the guest stopped running, and why
 */
struct thaw_vm_event {
    const char *what;
    uint64_t value;
    uint64_t size;
    uint64_t port; /* of a mark */
};

/* Counted of one monitor until it ended, or the recording did: more than single events tell. */
struct thaw_vm_count {
    uint64_t ports;    /* accesses of the guest to ports */
    uint64_t marks;    /* of them, marks */
    uint64_t exits;    /* times the guest came back to its monitor */
    uint64_t ends;     /* of them, those that have an event of their own */
    uint64_t memories; /* regions that were set before the guest ran */
    uint64_t observed; /* 1: ports, marks, exits and ends were looked at */
};

/*
 * The recorder wrote a line to a console, to be found in a recording of the machine around it; time
 * is the instant that stands in the line, read before it was written.
 */
struct thaw_console_mark {
    const char *device;
    uint64_t drained_ns; /* when all of the line had left this machine, 0 unknown */
};

/*
 * A monitor (the event's process) wrote such a line out. time is when its first byte had been
 * written, last_ns when its end had been.
 */
struct thaw_guest_mark {
    const char *session; /* id of the guest's recording */
    uint64_t guest_ns;   /* the instant in the line, on the guest's clock */
    uint64_t last_ns;
};

#endif
