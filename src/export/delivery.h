/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_DELIVERY_H
#define THAW_EXPORT_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"
#include "thaw/error.h"

/*
 * Bodies (otlp.h) on their way to a Collector by HTTP (posting.h): kept in the store until they
 * were taken, so that an outage, or an end of thaw, loses none of those that were promised. In
 * order, in batches, one request at a time; retried as OTLP/HTTP says (429, 502, 503, 504 and what
 * fails before an answer; Retry-After), with a back-off that doubles; what is refused for good
 * (other 3xx and 4xx) is dropped and counted. Never waits: every step is bounded in time.
 *
 * What is promised: each body is delivered at least once, and twice only where its answer was lost
 * or thaw was ended before it was noted; its ids are the same then. Not those that the queue had no
 * room for, which are counted.
 */
struct thaw_delivery;

struct thaw_delivery_settings {
    const char *url;            /* "http://collector:4318": /v1/traces and /v1/metrics follow */
    const char *const *headers; /* "name: value", NULL-terminated, or NULL */
    const char *certificates;   /* a file of CAs, NULL the system's */
    size_t batch;               /* bodies in a request, at most */
    uint64_t linger_ns;         /* how long a body waits for others that go with it */
    uint64_t timeout_ns;        /* of a request */
    uint64_t backoff_least_ns, backoff_most_ns;
    size_t queue_bytes; /* at most in the store; the oldest go, counted */
};
extern const struct thaw_delivery_settings thaw_delivery_usual;

/* Takes copies of the settings. -ENOSYS: no libcurl; -EINVAL with what is wrong in the settings;
 * what the store fails with. Loads libraries: to be called before rights are dropped. */
int thaw_delivery_open(struct thaw_database *database,
                       const struct thaw_delivery_settings *settings, struct thaw_delivery **ret,
                       struct thaw_error *error);

/* Other settings from now on; nothing has changed where it fails. What was under way is sent anew.
 */
int thaw_delivery_change(struct thaw_delivery *delivery,
                         const struct thaw_delivery_settings *settings, struct thaw_error *error);

/* Takes a body of a trace into the queue: from here on, or from the end of the transaction that the
 * caller has begun, it is promised. One that is larger than any may be counts as dropped. */
int thaw_delivery_trace(struct thaw_delivery *delivery, const char *body, size_t length,
                        int64_t unix_ns, struct thaw_error *error);

/* The latest metrics: not queued, as cumulative ones lose nothing; replaces the one before. */
int thaw_delivery_metrics(struct thaw_delivery *delivery, const char *body, size_t length,
                          struct thaw_error *error);

/* Sends what is due and takes what has come, without waiting; not within a transaction. now_ns:
 * CLOCK_BOOTTIME, or a test's own. Only a store that can't be used, or short memory, fails: to be
 * called again later. */
int thaw_delivery_step(struct thaw_delivery *delivery, uint64_t now_ns, struct thaw_error *error);

/* Steps until all is delivered, or until_ns, of CLOCK_BOOTTIME; not longer than the Collector takes
 * it. */
int thaw_delivery_drain(struct thaw_delivery *delivery, uint64_t until_ns,
                        struct thaw_error *error);

struct thaw_delivery_state {
    uint64_t queued, queued_bytes; /* now */
    /* Since it was opened: bodies of traces that were taken; that the queue had no room for; that
     * were refused. */
    uint64_t delivered, dropped, refused;
    uint64_t metrics_delivered, metrics_refused; /* bodies of metrics */
    uint64_t rejected; /* spans and points that the Collector took a body without */
    uint64_t requests; /* all that were answered, or not */
    uint64_t retried;  /* those that failed for now */
    uint64_t sent_bytes;
    uint64_t failing_since_ns; /* 0: the last request was taken */
    bool busy;                 /* a request is under way */
    char last_error[160];      /* the latest reason, also of what was refused; "" none so far */
};
void thaw_delivery_state(const struct thaw_delivery *delivery, struct thaw_delivery_state *ret);

void thaw_delivery_close(struct thaw_delivery *delivery); /* NULL is fine */

#endif
