/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_DELIVERY_H
#define THAW_EXPORT_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"
#include "thaw/error.h"

/*
 * Bodies on their way to a Collector by HTTP (libcurl): kept in the store until they were taken,
 * so that an outage, or an end of thaw, loses none of those that were promised. In order, in
 * batches, one request at a time; retried as OTLP/HTTP says (429, 502, 503, 504 and what fails
 * before an answer; Retry-After), with a back-off that doubles; what is refused for good (other
 * 4xx) is dropped and counted. Never waits: every step is bounded in time.
 */
struct thaw_delivery;

struct thaw_delivery_settings {
    const char *url;            /* "http://collector:4318": /v1/traces and /v1/metrics follow */
    const char *const *headers; /* "name: value", NULL-terminated, or NULL */
    const char *certificates;   /* a file of CAs, NULL the system's */
    size_t batch;               /* bodies in a request, at most */
    uint64_t timeout_ns;        /* of a request */
    uint64_t backoff_least_ns, backoff_most_ns;
    size_t queue_bytes; /* at most in the store; the oldest go, counted */
};
extern const struct thaw_delivery_settings thaw_delivery_usual;

int thaw_delivery_open(struct thaw_database *database,
                       const struct thaw_delivery_settings *settings, struct thaw_delivery **ret,
                       struct thaw_error *error);

/* Takes a body (JSON) of a trace into the queue: from here on it is promised. */
int thaw_delivery_trace(struct thaw_delivery *delivery, const char *body, size_t length,
                        int64_t unix_ns, struct thaw_error *error);

/* The latest metrics: not queued, as cumulative ones lose nothing; replaces the one before. */
int thaw_delivery_metrics(struct thaw_delivery *delivery, const char *body, size_t length,
                          struct thaw_error *error);

/* Sends what is due and takes what has come, without waiting. now_ns: CLOCK_BOOTTIME, or a test's
 * own. Only a store that can't be used fails. */
int thaw_delivery_step(struct thaw_delivery *delivery, uint64_t now_ns, struct thaw_error *error);

/* Steps until all is delivered, or until_ns. */
int thaw_delivery_drain(struct thaw_delivery *delivery, uint64_t until_ns,
                        struct thaw_error *error);

struct thaw_delivery_state {
    uint64_t queued, queued_bytes;                 /* now */
    uint64_t delivered, dropped, refused, retried; /* bodies; requests */
    uint64_t failing_since_ns;                     /* 0: the last request was taken */
    char last_error[160];                          /* "" none */
};
void thaw_delivery_state(const struct thaw_delivery *delivery, struct thaw_delivery_state *ret);

void thaw_delivery_close(struct thaw_delivery *delivery); /* NULL is fine */

#endif
