/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TSC_H
#define THAW_CAPTURE_TSC_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/kernel_log.h"

/* How fast the time stamp counter runs, by the best source there is. */
struct thaw_tsc_frequency {
    double hertz;
    double uncertainty; /* of it, as a share */
    const char *source; /* "perf mmap page", "CPUID 0x15", "kernel log", "calibration" */
};

/* False: this machine has no counter to go by. log: NULL or what the kernel said. */
bool thaw_tsc_frequency_find(const struct thaw_kernel_log *log, struct thaw_tsc_frequency *ret);

/*
 * How long before CLOCK_MONOTONIC's zero (the kernel's own clock) the counter was 0, by that
 * frequency; with how far off that may be for the frequency alone.
 */
struct thaw_tsc_zero {
    int64_t before_ns;
    uint64_t uncertainty_ns;
};

struct thaw_tsc_zero thaw_tsc_zero(const struct thaw_tsc_frequency *frequency);

#endif
