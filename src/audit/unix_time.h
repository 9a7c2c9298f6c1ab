/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_UNIX_TIME_H
#define THAW_AUDIT_UNIX_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * UNIX time of instants of CLOCK_BOOTTIME, by which all is measured. What the wall clock is ahead
 * of it is looked at once a second: it creeps (NTP), and jumps when somebody sets the clock.
 */
struct thaw_unix_time {
    int64_t (*difference_ns)(void *context); /* a test's own; NULL: of the clocks */
    void *context;
    int64_t offset_ns; /* UNIX time less CLOCK_BOOTTIME */
    int64_t step_ns;   /* of the last jump */
    uint64_t steps;
};
#define THAW_UNIX_TIME_STEP_NS 100000000 /* a jump; adjtimex(2) slews 0.5 ms a second at most */

/* First look; difference_ns and context are set before. */
void thaw_unix_time_begin(struct thaw_unix_time *time);

/* Looks again; true: it has jumped. */
bool thaw_unix_time_look(struct thaw_unix_time *time);

int64_t thaw_unix_time_of(const struct thaw_unix_time *time, uint64_t boot_ns);

#endif
