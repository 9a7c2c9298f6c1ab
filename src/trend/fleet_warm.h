/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_FLEET_WARM_H
#define THAW_TREND_FLEET_WARM_H

#include <stddef.h>
#include <stdint.h>

#include "store/starts.h"

/*
 * What would have started cold, had so many instances always been ready: the arrivals are replayed
 * 10 s by 10 s. A model:
 *
 * - So many instances are needed as requests were in flight, by `concurrency` to an instance: the
 *   most at any look of those 10 s, or the mean where that is more.
 * - Those used last are used again first; one that was not needed for idle_ns is gone. Instances
 *   beyond those that are there start cold; all of them at once.
 * - What came before thaw watched is not known: in the first idle_ns of each time that it watched,
 *   and only then, no start is counted.
 */
struct thaw_warm_question {
    const struct thaw_arrivals *rows; /* of one app, by time */
    size_t count;
    const struct thaw_watched *spans; /* by time; none: from the first row to the last */
    size_t span_count;
    int64_t from_ns; /* spans before it are not known: rows were removed */
    uint64_t idle_ns;
    uint64_t concurrency; /* from 1 */
    uint64_t ready;       /* instances that never go */
};

#define THAW_WARM_INSTANCES_MAX 1000

struct thaw_warm_answer {
    uint64_t starts;
    uint64_t most_needed;
    uint64_t counted_ns; /* time in which starts are counted */
};

/* 0 or -ENOMEM. */
int thaw_warm_replay(const struct thaw_warm_question *question, struct thaw_warm_answer *ret);

/* Is a time in that in which starts are counted? */
int thaw_warm_counts(const struct thaw_warm_question *question, int64_t unix_ns);

#endif
