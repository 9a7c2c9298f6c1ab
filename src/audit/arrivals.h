/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_ARRIVALS_H
#define THAW_AUDIT_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/recording_events.h"
#include "thaw/start.h"

/*
 * When requests came, per app and THAW_ARRIVALS_NS: of a platform's workers by their messages, of
 * other servers by what the kernel counted, looked at once a second (never both of one app: what a
 * host was asked comes to its workers).
 *
 * Requests that waited for a start (cold): of a worker's, those that came before it had answered
 * for the first time; of a server, whose requests are only counted, the one that was answered
 * first.
 *
 * Whether requests wait for a thread of their worker is known for workers alone, and only once
 * enough calls came at the same time to tell how many it runs at once (timeline/worker_queue.h).
 * Until then limit_looks is 0; a look is a second in which the worker had something to do.
 *
 * Bounded: further apps are "other", and what is more than fits is not measured.
 */
struct thaw_arrivals_book;

int thaw_arrivals_open(struct thaw_arrivals_book **ret, struct thaw_error *error);

/* A message of a platform's link: those that are no invocation's begin or end are passed by.
 * -ENOMEM, and it is not counted. */
int thaw_arrivals_message(struct thaw_arrivals_book *book, const char *app,
                          const struct thaw_event *event, int64_t unix_ns,
                          struct thaw_error *error);

/* What one process was asked, as the kernel counts it: requests and busy_ns add up from its begin,
 * most_in_flight is since the last look. */
struct thaw_arrivals_look {
    uint32_t process;
    uint64_t requests, busy_ns, in_flight, most_in_flight;
};
int thaw_arrivals_looked(struct thaw_arrivals_book *book, const char *app,
                         const struct thaw_arrivals_look *look, int64_t unix_ns,
                         struct thaw_error *error);

/* A start as it was reduced and named: what waited for it is cold. */
int thaw_arrivals_cold(struct thaw_arrivals_book *book, const struct thaw_start *start,
                       struct thaw_error *error);

/* A process is gone, what it had in flight with it. */
void thaw_arrivals_left(struct thaw_arrivals_book *book, uint32_t process);

/* Something could not be counted for that app just now ("" for all). */
void thaw_arrivals_lost(struct thaw_arrivals_book *book, const char *app);

/*
 * Calls take for all that is complete by unix_ns (some seconds after its end, as starts are told
 * late), and forgets it. Stops at the first failure, with nothing forgotten that was not taken.
 */
int thaw_arrivals_flush(struct thaw_arrivals_book *book, int64_t unix_ns,
                        int (*take)(void *context, const struct thaw_arrivals *arrivals,
                                    struct thaw_error *error),
                        void *context, struct thaw_error *error);

void thaw_arrivals_free(struct thaw_arrivals_book *book); /* NULL is fine */

#endif
