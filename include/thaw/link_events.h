/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINK_EVENTS_H
#define THAW_LINK_EVENTS_H

#include <stdint.h>

/* Events of a recording that the platform's link gives: connections, messages, functions. */

/* connect(2) of a worker towards its host; time is the call's start. */
struct thaw_connect {
    uint64_t port;
    int64_t result;      /* 0 or negative errno (-EINPROGRESS is usual) */
    uint64_t connection; /* session-wide id of the connection */
};

/* A message on the platform's link; time_ns is its first byte's time. */
struct thaw_message {
    const char *type;  /* "WorkerInitRequest" */
    uint64_t outgoing; /* 1: from the worker, 0: to it */
    uint64_t last_ns;  /* last byte's time */
    uint64_t bytes;
    uint64_t connection;
    const char *worker_id;
    const char *request_id;
    const char *function_id;
    const char *invocation_id;
    const char *directory; /* function app directory, where the message names it */
    const char *status;    /* "success", "failure", "cancelled" or "" */
    const char *failure;   /* type of the exception ("NameError"), never its text */
    uint64_t truncated;    /* 1: some of it was not seen, fields may be missing */
    /*
     * Of a request to an orchestrator of Durable Functions, or to an activity: the number of its
     * instance, in the order in which the session saw them first; 0 unknown, or no such request.
     */
    uint64_t instance;
    uint64_t replaying; /* 1: the host says that the orchestrator replays; orchestrators only: */
    uint64_t history;   /* events of the history that it was given */
    uint64_t scheduled; /* of these: activities scheduled */
    uint64_t completed; /* and completed or failed */
    const char *trace_parent; /* of a request, where it was seen: its caller's trace and span
                                 (platform/trace_parent.h), else "" */
};

/* A function the worker announced or was told to load. */
struct thaw_function {
    const char *function_id;
    const char *name;
    const char *trigger; /* "httpTrigger" */
    const char *directory;
    const char *script; /* script file, "" unknown */
};

#endif
