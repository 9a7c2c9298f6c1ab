/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/clock.h"

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now); /* can't fail for these clocks */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t thaw_clock_now_ns(void)
{
    return clock_ns(CLOCK_BOOTTIME);
}

uint64_t thaw_clock_realtime_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

uint64_t thaw_clock_own_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}
