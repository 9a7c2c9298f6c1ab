/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_MACHINE_EVENTS_H
#define THAW_MACHINE_EVENTS_H

#include <stdint.h>

#include "thaw/texts.h"

/* Events about the machine, and what it gives to processes: part of recording_events.h. */

struct thaw_machine_event {
    uint64_t cpu_limit_millis;   /* thousandths of a CPU; 0 = no limit */
    uint64_t memory_limit_bytes; /* 0 = no limit */
    const char *hypervisor;      /* "kvm", "", … */
    struct thaw_texts signs;     /* how that was told: "cpuid:KVMKVMKVM", … */
    const char *container;       /* "yes", "no": whether thaw ran in one's namespaces; "" unknown */
    const char *kernel_log; /* "read", "overwritten" (in part), "not readable: …"; "" unknown */
    uint64_t suspended_ns;  /* that the machine slept since it booted */
    uint64_t boot;          /* 1: the user says that it was booted for what is recorded */
};

/*
 * An instant of the machine's boot, as one source has it: several may tell of the same. at_ns is
 * on CLOCK_BOOTTIME, so negative before the kernel's own clock began.
 */
struct thaw_machine_instant {
    const char *name; /* "created", "timekeeping", "init-forked", "init-executed",
                         "resumed" (from a snapshot, the last time) */
    int64_t at_ns;
    uint64_t uncertainty_ns; /* either way */
    const char *source;
};

/* What a process (pid), and the control group that limits it, had used of the CPUs by then. */
struct thaw_cpu_account {
    const char *control_group;  /* folder of the group with the lowest limit; "" unknown */
    uint64_t cpu_limit_millis;  /* thousandths of a CPU; 0 none */
    uint64_t counts_throttling; /* 1: the next three are the group's own counters */
    uint64_t periods;
    uint64_t throttled_periods;
    uint64_t throttled_ns;
    uint64_t has_waits; /* 1: the next two are of the process's first thread, since it began */
    uint64_t cpu_ns;
    uint64_t runqueue_ns;
    uint64_t pressure_ns;    /* PSI: in which some task of pressure_of waited for a CPU */
    const char *pressure_of; /* "control group", "machine" */
    uint64_t final;          /* 1: taken when the recording had ended */
    struct thaw_texts signs; /* "environment:K_SERVICE": the process has it, never its value */
};

#endif
