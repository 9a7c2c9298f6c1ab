/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "audit/unix_time.h"
#include "base/clock.h"

#define LOOKS 5

/* Of some readings the one between the closest two of the other clock: nothing came between. */
static int64_t of_clocks(void)
{
    uint64_t closest = UINT64_MAX;
    int64_t offset = 0;

    for (int i = 0; i < LOOKS; i++) {
        uint64_t before = thaw_clock_now_ns(), wall = thaw_clock_realtime_ns();
        uint64_t apart = thaw_clock_now_ns() - before;

        if (apart >= closest)
            continue;
        closest = apart;
        offset = (int64_t)(wall - before - apart / 2);
    }
    return offset;
}

static int64_t difference(const struct thaw_unix_time *time)
{
    return time->difference_ns ? time->difference_ns(time->context) : of_clocks();
}

void thaw_unix_time_begin(struct thaw_unix_time *time)
{
    time->offset_ns = difference(time);
}

bool thaw_unix_time_look(struct thaw_unix_time *time)
{
    int64_t offset = difference(time), moved = offset - time->offset_ns;

    time->offset_ns = offset;
    if (llabs(moved) < THAW_UNIX_TIME_STEP_NS)
        return false;
    time->step_ns = moved;
    time->steps++;
    return true;
}

int64_t thaw_unix_time_of(const struct thaw_unix_time *time, uint64_t boot_ns)
{
    return time->offset_ns + (int64_t)boot_ns;
}
