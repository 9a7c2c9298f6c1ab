/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_WATCHING_H
#define THAW_AUDIT_WATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/arrivals.h"
#include "audit/keeping.h"
#include "audit/log.h"
#include "audit/naming.h"
#include "audit/reduce.h"
#include "audit/self.h"
#include "audit/served.h"
#include "audit/settings.h"
#include "audit/starts.h"
#include "audit/tally.h"
#include "audit/unix_time.h"
#include "base/array.h"
#include "capture/observation.h"
#include "export/delivery.h"
#include "thaw/error.h"

/*
 * The way of an event through the daemon: observation → starts → reduction → naming, and each
 * second from there to the tally, the store and the queue of deliveries. No loop, no signals: those
 * are daemon.c's.
 */

/* Time in which events were lost: starts that overlap it are incomplete. */
struct thaw_watching_gap {
    int64_t from_unix_ns, until_unix_ns;
};
#define THAW_WATCHING_GAPS 64

struct thaw_watching {
    const struct thaw_audit_settings *settings; /* the daemon's, changed by reloads */
    struct thaw_log *log;
    struct thaw_kernel_support support;
    struct thaw_unix_time time;
    struct thaw_observation *observation;
    struct thaw_starts *starts;
    struct thaw_naming *naming;
    struct thaw_arrivals_book *book;
    struct thaw_tally *tally;
    struct thaw_keeping keeping;
    struct thaw_delivery *delivery; /* NULL none */
    struct thaw_served served;
    struct thaw_served told; /* workers whose requests their platform's messages tell */
    bool requests_counted;   /* those of others can be, on this kernel */
    THAW_ARRAY(struct thaw_reduction) fresh; /* of the last second */
    struct thaw_watching_gap gaps[THAW_WATCHING_GAPS];
    size_t gap_count; /* so far; the latest are kept */
    uint64_t lost;    /* events, at the last look */
    int64_t looked_unix_ns;
    int64_t begin_unix_ns;
    uint64_t incomplete;            /* starts */
    bool store_told, delivery_told; /* that they fail */
    uint64_t refused_told;
    uint64_t split_until_ns, split_next_ns;
    uint64_t metrics_next_ns;
    struct thaw_self self;
};

/* Opens all parts; support is set, and others are zero. */
int thaw_watching_open(struct thaw_watching *watching, const struct thaw_audit_settings *settings,
                       struct thaw_log *log, struct thaw_error *error);

/* Some times a second: takes events, closes starts, sends a bit. */
int thaw_watching_step(struct thaw_watching *watching, uint64_t now_ns, struct thaw_error *error);

/* Once a second: all the rest. *ret_lost: events since the last one. */
int thaw_watching_second(struct thaw_watching *watching, uint64_t now_ns, uint64_t *ret_lost,
                         struct thaw_error *error);

/* All metrics of now. */
int thaw_watching_families(struct thaw_watching *watching, struct thaw_families *ret,
                           struct thaw_error *error);

/* Settings have changed. */
int thaw_watching_change(struct thaw_watching *watching, struct thaw_error *error);

/* Closes what is under way, keeps all, sends for a moment what can be sent. */
void thaw_watching_end(struct thaw_watching *watching);

void thaw_watching_close(struct thaw_watching *watching);

#endif
