/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_LOG_CLOCK_H
#define THAW_CAPTURE_LOG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * By how much the clock of the kernel's log is ahead of CLOCK_BOOTTIME now, ns, to within
 * *ret_width_ns. Both count the same thing, but where the CPU's counter can't be relied upon
 * (emulators) by two counters, which then differ by milliseconds. The log's clock is local_clock(),
 * which also stamps perf's records (perf_event_open(2), clockid). False: perf events are refused.
 */
bool thaw_log_clock_lead(int64_t *ret_ns, uint64_t *ret_width_ns);

#endif
