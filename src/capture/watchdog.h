/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_WATCHDOG_H
#define THAW_CAPTURE_WATCHDOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/programs.h"

/*
 * Sees processes that hit an interpreter's probes so often that it costs them: a loop of eval() or
 * exec() makes 130,000 hits a second, where an import-heavy start makes some 5,000 and a warm
 * server none (measured: facts on steady cost in native-and-cost.md). They may be strangers: a
 * probe is in a file, and so in every process that runs it.
 */
struct thaw_watchdog {
    const struct thaw_programs *programs;
    uint64_t looked_ns; /* 0 never */
};

/* Hits a second of one process that are too many: at 1 µs each 2 % of a CPU. */
#define THAW_WATCHDOG_HITS_MOST 20000

struct thaw_watchdog_finding {
    pid_t process;
    size_t interpreter; /* index */
    uint64_t hits_per_s;
};

/*
 * Looks, at most twice a second, and fills up to most findings; returns how many. Counting begins
 * anew with each look.
 */
size_t thaw_watchdog_look(struct thaw_watchdog *watchdog, struct thaw_watchdog_finding *ret,
                          size_t most);

#endif
