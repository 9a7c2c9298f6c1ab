/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CONCURRENCY_H
#define THAW_CONCURRENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How much a host's workers did at once. How many invocations are in flight is on the wire; how
 * many of them run is not, since requests queue inside the worker and no message says that a
 * handler began. So that is derived, from the order in which invocations come and are answered.
 * Instants and durations in ns.
 */

/* What is known of how many invocations one worker runs at once. */
enum thaw_capacity_status {
    THAW_CAPACITY_UNKNOWN,  /* reason says why */
    THAW_CAPACITY_AT_LEAST, /* nothing waited, so far as can be told: it may be more */
    THAW_CAPACITY_DERIVED,  /* further ones waited until one of so many was answered */
};

struct thaw_capacity {
    enum thaw_capacity_status status;
    uint32_t at_once;   /* 0 unknown */
    const char *reason; /* why it is unknown, "" else */
    uint64_t compared;  /* invocations whose times were compared */
    uint64_t waited;    /* of these: would have waited */
    double spread; /* by how much the times of one function differ, as a share of their median */
    double spread_unlimited; /* of those that waited, if they had not: 0.4 is 40 % */
};

/* Of one worker, or of all workers of a host together. What is running or waits is derived: all 0
 * where the capacity is unknown. */
struct thaw_load {
    uint64_t invocations;
    uint64_t unanswered; /* of these: in flight to the end of the recording, or of the worker */
    uint64_t most_in_flight;
    uint64_t busy_ns;      /* at least one was in flight */
    uint64_t in_flight_ns; /* the times of all, added up */
    uint64_t most_running;
    uint64_t running_ns; /* likewise */
    uint64_t waited;     /* invocations that waited for others of their worker */
    uint64_t waited_ns;  /* likewise */
    uint64_t waited_longest_ns;
    uint64_t saturated_ns; /* at least one waited */
};

/* What one worker's start cost. */
struct thaw_worker_load {
    uint32_t process;         /* id */
    uint32_t track;           /* id */
    bool further;             /* another worker of its host began to start before it */
    uint64_t cold_start_ns;   /* the track's total */
    uint64_t import_phase_ns; /* of that: the user's file and what it imports */
    uint64_t imports_ns;      /* all imports of the worker, its own ones included */
    uint64_t imports_cpu_ns;  /* of that: on the CPU */
    bool imports_known;       /* imports_ns was measured */
    bool imports_cpu_known;   /* and so was imports_cpu_ns */
    struct thaw_load load;
};

struct thaw_host_load {
    uint32_t host;                    /* its process's id, 0 not seen */
    struct thaw_capacity capacity;    /* of each of its workers */
    struct thaw_load load;            /* of all */
    struct thaw_worker_load *workers; /* by start */
    size_t worker_count;
    size_t serving;              /* workers that were given an invocation */
    uint64_t further_imports_ns; /* what further workers' imports took */
    uint64_t further_imports_cpu_ns;
    bool further_known; /* of all of them */
    bool further_cpu_known;
};

#endif
