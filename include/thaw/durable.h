/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_DURABLE_H
#define THAW_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Durable Functions: orchestrators are invoked again and again, each time with the whole history of
 * their instance, and replay what they did up to then; activities do the work. Instances are told
 * by a number, in the order in which the session saw them. Instants and durations in ns.
 */

enum thaw_durable_role { THAW_ORCHESTRATOR, THAW_ACTIVITY, THAW_ENTITY };

/* A function that takes part. */
struct thaw_durable_function {
    const char *name; /* "" unknown */
    enum thaw_durable_role role;
    uint64_t invocations;
    uint64_t failed;     /* of these: answered with anything but success */
    uint64_t total_ns;   /* of those answered, from request to answer */
    uint64_t longest_ns; /* of one */
};

/*
 * Activities that one execution of an orchestrator scheduled together: of more than one it is a
 * fan-out. Which they are is derived: an instance's activities in the order of their requests, as
 * many for each batch as its history says were scheduled.
 */
struct thaw_durable_batch {
    uint64_t scheduled;      /* activities, by the next history */
    uint64_t scheduled_ns;   /* the orchestrator's answer */
    uint64_t seen;           /* of them: requests that were seen */
    uint64_t end_ns;         /* the last answer to one of them, 0 none */
    uint64_t most_in_flight; /* in flight at one time, as observed */
    uint64_t most_running;   /* derived, see concurrency.h; 0 not known */
    uint64_t running_ns;     /* derived: the times of all, added up; 0 not known */
    uint64_t busy_ns;        /* at least one was in flight */
    uint64_t cold; /* that waited for a worker which was not up when they were scheduled */
    uint64_t cold_longest_ns; /* how long one of them waited so: while its worker started */
};

struct thaw_durable_instance {
    uint64_t number;          /* as in the recording, from 1 */
    const char *orchestrator; /* name, "" unknown */
    uint64_t executions;      /* of the orchestrator */
    uint64_t replays;         /* of these: had something to replay */
    uint64_t executions_ns;   /* the times of all from request to answer, added up */
    uint64_t replays_ns;
    uint64_t request_bytes;   /* of all requests to the orchestrator */
    uint64_t history;         /* events of the longest history */
    uint64_t activities;      /* requests to its activities */
    uint64_t start_ns;        /* first request to the orchestrator */
    uint64_t end_ns;          /* last answer of the orchestrator, or what was seen last */
    uint64_t orchestrator_ns; /* of the time between: the orchestrator was in flight */
    uint64_t activities_ns;   /* not, but an activity was */
    uint64_t outside_ns;      /* neither: in storage and queues, or anything else outside */
    bool divided;             /* the three are known and add up; else all are 0 */
    struct thaw_durable_batch *batches; /* in order of time */
    size_t batch_count;
};

struct thaw_durable {
    struct thaw_durable_function *functions; /* in the order they were called first */
    size_t function_count;
    struct thaw_durable_instance *instances; /* by number */
    size_t instance_count;
    uint64_t unknown_executions; /* of orchestrators, whose instance is not known */
    uint64_t unknown_activities; /* likewise */
};

#endif
