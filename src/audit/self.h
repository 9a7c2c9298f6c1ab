/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_SELF_H
#define THAW_AUDIT_SELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/observation.h"
#include "audit/redaction.h"
#include "export/families.h"
#include "thaw/error.h"

/*
 * What thaw tells of itself: what it costs, what it lost, what it can't see. Exported like
 * everything else (self.c has the rows). Numbers of counters are since it began.
 */
struct thaw_self {
    /* what it costs */
    uint64_t cpu_ns, resident_bytes, bpf_ns, traps_ns;
    /* what it sees */
    uint64_t events, interpreters, processes;
    bool requests_counted;
    const struct thaw_observation_loss *losses; /* the observation's */
    size_t loss_count;
    const struct thaw_observation_probe *missing;
    size_t missing_count;
    const struct thaw_redaction_key *paths; /* of their files; NULL: they are shown */
    /* starts */
    uint64_t starts_open, starts_open_bytes, starts_seen, starts_incomplete, starts_given_up,
        starts_passed_by, events_left_out;
    /* the store */
    uint64_t store_starts, store_arrivals, store_dropped, store_trimmed, store_waiting,
        store_failures, store_bytes;
    bool store_failing;
    /* deliveries */
    uint64_t queued, queued_bytes, delivered, delivery_dropped, delivery_refused, delivery_retries,
        delivery_failing_ns;
    /* itself */
    uint64_t reloads, reload_failures, clock_steps, scrapes, calls_refused, lines_untold;
    const char *version;
};

/* What the kernel knows of this process: cpu_ns, resident_bytes. */
void thaw_self_look(struct thaw_self *self);

/* Adds the families. */
int thaw_self_families(const struct thaw_self *self, struct thaw_families *families,
                       struct thaw_error *error);

#endif
