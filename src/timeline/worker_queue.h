/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_WORKER_QUEUE_H
#define THAW_TIMELINE_WORKER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/concurrency.h"

/*
 * How many calls a worker runs at once, from when they came and were answered: the model is a queue
 * in front of so many servers, first come, first served, as Python's ThreadPoolExecutor is.
 *
 * For each number of servers follows when each call began, and so how long its handler took. Too
 * few servers leave next to no time for some; too many make those longer that came last. The number
 * taken is the smallest for which calls of one function took similar times, whether they waited or
 * not; and it counts as derived only where no limit at all would make the times of those that
 * waited differ far more. Where handlers themselves take very different times, or too few calls
 * waited, nothing is derived.
 */
struct thaw_queued {
    uint32_t worker;   /* number that tells workers apart; calls of one stand together, by start */
    uint32_t function; /* likewise, in any order */
    bool cold;         /* first of its worker: it may have done more than the others */
    uint64_t start_ns; /* in flight from then on */
    uint64_t end_ns;   /* UINT64_MAX: not answered */
    uint64_t running_ns; /* result: when its handler began, by the capacity found */
};

/*
 * Finds the capacity that the workers have in common and sets each call's running_ns: start_ns
 * where it is unknown, UINT64_MAX for one that never began. False when memory is short.
 */
bool thaw_worker_queue_find(struct thaw_queued *calls, size_t count, struct thaw_capacity *ret);

#endif
