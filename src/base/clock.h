/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_CLOCK_H
#define THAW_BASE_CLOCK_H

#include <stdint.h>

/* The one clock of every recording: CLOCK_BOOTTIME in ns. */
uint64_t thaw_clock_now_ns(void);

/* CLOCK_REALTIME in ns, to date a recording. */
uint64_t thaw_clock_realtime_ns(void);

/* CPU time of this process, all threads, in ns. */
uint64_t thaw_clock_own_cpu_ns(void);

#endif
