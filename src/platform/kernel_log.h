/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_KERNEL_LOG_H
#define THAW_PLATFORM_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the kernel's own log tells of this machine's boot. Records are those of /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg): "priority,sequence,microseconds,flags;message". Their time
 * is the kernel's local clock: CLOCK_BOOTTIME but for time asleep and for what NTP has slewed.
 * Where the kernel finds its time stamp counter late, that clock has counted ticks of the timer
 * before and begins anew (a stock 6.1 under QEMU: from 44 ms back to 0.4 ms): times here are
 * without that step. Messages that programs wrote there are not believed.
 */
struct thaw_kernel_log {
    uint64_t records; /* taken */
    uint64_t malformed;
    uint64_t
        first_sequence; /* of the first one; more than 0: the kernel has dropped earlier ones */

    uint64_t last_ns;     /* time of the record before, as it stands there */
    uint64_t set_back_ns; /* by how much the clock began anew, to within a tick; added to times */

    bool executed_init; /* "Run … as init process": the last one, as the earlier ones failed */
    uint64_t init_ns;

    uint64_t resumes;    /* "crng reseeded due to virtual machine fork" */
    uint64_t resumed_ns; /* the last one */

    bool has_clock_offset; /* "kvm-clock: using sched offset of …", of ns, whatever it calls them */
    uint64_t clock_offset_ns;

    uint64_t tsc_khz; /* "tsc: Detected …" or, better, "tsc: Refined …"; 0 not told */
    bool tsc_refined;

    char acpi_oem[7];    /* of the ACPI tables, printable; "" not told */
    char hypervisor[32]; /* as the kernel calls it, printable; "" not told */
};

/* Takes one record of length bytes, not NUL-terminated, into *log (zeroed before the first one). */
void thaw_kernel_log_take(struct thaw_kernel_log *log, const char *record, size_t length);

#endif
