/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

/*
 * How long before CLOCK_MONOTONIC's zero the time stamp counter was 0, measured without any figure
 * of the kernel's: prints that, and how far off it may be, in ns.
 */

struct reading {
    double ticks;
    double ns;
    double width_ns;
};

static double clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static struct reading read_both(clockid_t clock)
{
    struct reading best = {0, 0, 1e18};

    for (int i = 0; i < 1000; i++) {
        double before = clock_ns(clock), ticks = (double)__rdtsc(), after = clock_ns(clock);

        if (after - before < best.width_ns)
            best = (struct reading){ticks, (before + after) / 2, after - before};
    }
    return best;
}

int main(void)
{
    struct reading first = read_both(CLOCK_MONOTONIC_RAW), last, now;
    struct timespec pause = {.tv_sec = 1};
    double hertz, share;

    nanosleep(&pause, NULL);
    last = read_both(CLOCK_MONOTONIC_RAW);
    now = read_both(CLOCK_MONOTONIC);
    hertz = (last.ticks - first.ticks) / (last.ns - first.ns) * 1e9;
    share = (first.width_ns + last.width_ns) / (last.ns - first.ns);
    printf("%.0f %.0f\n", now.ticks / hertz * 1e9 - now.ns,
           now.ticks / hertz * 1e9 * share + now.width_ns);
    return 0;
}
