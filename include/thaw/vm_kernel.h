/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_VM_KERNEL_H
#define THAW_VM_KERNEL_H

/* The part of event.h that is about virtual machines; included by it alone. */

/* What a virtual machine monitor did with KVM: the end of a call, but for RUN its begin. */
enum thaw_kernel_vm_what {
    THAW_KERNEL_VM_OPEN = 1,   /* /dev/kvm */
    THAW_KERNEL_VM_CREATE = 2, /* KVM_CREATE_VM */
    THAW_KERNEL_VM_MEMORY = 3, /* a region; value: its slot, size: its bytes */
    THAW_KERNEL_VM_VCPU = 4,   /* value: its id */
    THAW_KERNEL_VM_RUN = 5,    /* the first KVM_RUN */
    THAW_KERNEL_VM_MARK = 6,   /* the guest wrote value (of size bytes) to a port for marks */
    THAW_KERNEL_VM_EXIT = 7,   /* value: why KVM gave up running it (KVM_EXIT_…) */
};

struct thaw_kernel_vm_event {
    struct thaw_kernel_header header;
    thaw_u64 value;
    thaw_u64 size;
    thaw_u32 what; /* enum thaw_kernel_vm_what */
    thaw_u32 port;
};

/* Of each kind that is bounded so many are told of one process, the others only counted. */
#define THAW_KERNEL_VM_STEPS 1024 /* opened, created, virtual CPUs */
#define THAW_KERNEL_VM_MEMORIES 64
#define THAW_KERNEL_VM_MARKS 32
#define THAW_KERNEL_VM_EXITS 16
/* Monitors that are followed at once. */
#define THAW_KERNEL_VMS 256

/* A process that works with KVM: value of the map `vms`. */
struct thaw_kernel_vm {
    thaw_u64 ports;    /* accesses of the guest to ports that KVM saw */
    thaw_u64 marks;    /* writes to ports for marks among them */
    thaw_u64 exits;    /* times that running the guest led back to the monitor */
    thaw_u64 ends;     /* times that it did so for a reason that is told */
    thaw_u64 memories; /* regions that were set before the first run */
    thaw_u64 steps;
    thaw_u32 ran;
    thaw_u32 reserved;
};

/*
 * What a traced process wrote behind THAW_CONSOLE_MARK, in one line: the console of a guest that
 * is recorded, too. header.time_ns: when its first byte had been written. Nothing else of what
 * processes write leaves the kernel.
 */
#define THAW_CONSOLE_MARK "thaw-mark "
#define THAW_KERNEL_LINE_BYTES 64

struct thaw_kernel_console_line {
    struct thaw_kernel_header header;
    thaw_u64 last_ns; /* when its end had been */
    thaw_u32 text_bytes;
    thaw_u32 reserved;
    char text[THAW_KERNEL_LINE_BYTES];
};

_Static_assert(sizeof(struct thaw_kernel_vm_event) == 48, "vm event has no padding");
_Static_assert(sizeof(struct thaw_kernel_vm) == 56, "vm has no padding");
_Static_assert(sizeof(struct thaw_kernel_console_line) == 40 + 64, "line has no padding");

#endif
