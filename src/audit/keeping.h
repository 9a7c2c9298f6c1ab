/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_KEEPING_H
#define THAW_AUDIT_KEEPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/reduce.h"
#include "base/array.h"
#include "store/database.h"
#include "store/starts.h"
#include "thaw/error.h"
#include "thaw/start.h"

/*
 * What goes into the store, once a second as one transaction. A store that can't be written (a full
 * disk, somebody who holds it) is tried again, first after a second, then ever more seldom; what
 * waits meanwhile is bounded: the oldest goes, and is counted.
 */
#define THAW_KEEPING_TREES_MOST 1000
#define THAW_KEEPING_ARRIVALS_MOST 20000
#define THAW_KEEPING_WATCHED_NS 10000000000ull /* without starts: so seldom is the disk written */
#define THAW_KEEPING_RETRY_LEAST_NS 1000000000ull
#define THAW_KEEPING_RETRY_MOST_NS 10000000000ull

struct thaw_keeping_counts {
    uint64_t starts, arrivals;                 /* kept so far */
    uint64_t starts_dropped, arrivals_dropped; /* for lack of room here, or refused */
    uint64_t failures;                         /* of transactions */
};

/* Something more that goes with each start in the same transaction; may be NULL. */
struct thaw_keeping_calls {
    void *context;
    int (*also)(void *context, const struct thaw_start *start, struct thaw_error *error);
};

struct thaw_keeping {
    struct thaw_database *database; /* NULL: nothing is kept */
    struct thaw_starts_bounds bounds;
    struct thaw_keeping_calls calls;
    THAW_ARRAY(struct thaw_reduction) trees;
    THAW_ARRAY(struct thaw_arrivals) arrivals; /* apps are its own */
    struct thaw_watched watched;               /* not yet said to the store */
    struct thaw_keeping_counts counts;
    uint64_t wait_ns;          /* between tries, 0: the last went well */
    uint64_t retry_at_ns;      /* CLOCK_BOOTTIME */
    struct thaw_error trouble; /* of the last try; its message is "" where that went well */
};

/* Opens the file and holds it. path NULL: nothing is kept. -ENOENT: its folder is not there. */
int thaw_keeping_open(struct thaw_keeping *keeping, const char *path,
                      const struct thaw_starts_bounds *bounds,
                      const struct thaw_keeping_calls *calls, struct thaw_error *error);

/* The reduction is taken over, also where this fails (-ENOMEM), and is empty then. */
int thaw_keeping_starts(struct thaw_keeping *keeping, struct thaw_reduction *reduction);

/* Is copied. */
int thaw_keeping_arrivals(struct thaw_keeping *keeping, const struct thaw_arrivals *arrivals);

/* Time that was watched; lost: events, within it. */
void thaw_keeping_watched(struct thaw_keeping *keeping, int64_t from_unix_ns, int64_t until_unix_ns,
                          uint64_t lost);

/*
 * Commits what waits, unless it is too early for another try. Returns 0 also when the store could
 * not be written (trouble says why), or -ENOMEM.
 */
int thaw_keeping_commit(struct thaw_keeping *keeping, uint64_t now_ns);

/* Starts that are not kept yet. */
uint64_t thaw_keeping_waiting(const struct thaw_keeping *keeping);

/* A last try, whenever the next was due. What can't be kept is counted as dropped. */
void thaw_keeping_close(struct thaw_keeping *keeping);

#endif
