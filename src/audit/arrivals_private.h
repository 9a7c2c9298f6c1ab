/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_ARRIVALS_PRIVATE_H
#define THAW_AUDIT_ARRIVALS_PRIVATE_H

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "audit/arrivals.h"
#include "base/array.h"

#define NS_PER_S 1000000000

/* A request that a worker has not answered, and one that it has. */
struct arrivals_call {
    uint64_t invocation; /* hash of its id */
    uint64_t function;
    uint64_t begin_ns; /* on the recording's clock */
    uint64_t end_ns;
    int64_t unix_ns; /* when it came */
    uint32_t process;
};

struct arrivals_process {
    uint32_t pid;
    struct arrivals_app *app;
    THAW_ARRAY(struct arrivals_call) calls; /* of its messages, in flight */
    uint64_t in_flight;                     /* of them, or as last looked at */
    uint64_t most_this_second;
    int64_t second;             /* that this is of */
    uint64_t requests, busy_ns; /* as last looked at */
    bool counted;               /* by looks */
    bool answered;              /* a worker, for the first time */
    THAW_ARRAY(int64_t) early;  /* when requests came before that */
    UT_hash_handle hh;
};

/* Calls that the number of threads is derived from. */
#define CALLS_KEPT 256
#define CALLS_LEAST 32

struct arrivals_app {
    char *name;
    THAW_ARRAY(struct thaw_arrivals) windows; /* by time, those not yet taken */
    uint64_t in_flight;                       /* of all processes */
    uint64_t processes;
    struct arrivals_call calls[CALLS_KEPT]; /* the latest */
    size_t call_count, next_call;
    size_t calls_since; /* capacity was looked for */
    uint32_t capacity;  /* of one process, 0 unknown */
    bool by_messages;   /* its requests are seen on the platform\'s link */
    UT_hash_handle hh;
};

struct thaw_arrivals_book {
    struct arrivals_app *apps;
    struct arrivals_process *processes;
    int64_t flushed_unix_ns; /* windows up to here were taken */
    int64_t now_unix_ns;     /* the last time that was told */
};

/* Looks for the number of calls that the app's workers run at once, if there are enough new ones.
 * Memory that is short leaves it unknown. */
void thaw_arrivals_find_capacity(struct arrivals_app *app);

#endif
