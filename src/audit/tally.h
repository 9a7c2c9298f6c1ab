/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_TALLY_H
#define THAW_AUDIT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "export/families.h"
#include "thaw/error.h"
#include "thaw/start.h"

/*
 * Starts, requests and imports added up since thaw began, as metrics (tally_rows.c has their
 * names). Bounded: beyond the most apps, the rest is "other".
 *
 * An import's time is that from its begin to its end, so with what it was the first to import: one
 * second may be counted for several. Of an app those imports have series of their own that cost
 * most; one that costs twice as much takes the place of the one that costs least, whose time then
 * goes to the others': no counter ever goes down, and their sum does not either.
 */
struct thaw_tally;

struct thaw_tally_limits {
    size_t apps;    /* told apart */
    size_t imports; /* of an app, told apart */
};
extern const struct thaw_tally_limits thaw_tally_usual_limits;

int thaw_tally_open(const struct thaw_tally_limits *limits, int64_t begin_unix_ns,
                    struct thaw_tally **ret, struct thaw_error *error);

/* -ENOMEM, with the start counted in part. */
int thaw_tally_start(struct thaw_tally *tally, const struct thaw_start *start,
                     struct thaw_error *error);
int thaw_tally_arrivals(struct thaw_tally *tally, const struct thaw_arrivals *arrivals,
                        struct thaw_error *error);

/* Adds the families as they are now; thaw's own (self.h) are added by their owner. */
int thaw_tally_families(const struct thaw_tally *tally, struct thaw_families *families,
                        struct thaw_error *error);
void thaw_tally_free(struct thaw_tally *tally); /* NULL is fine */

#endif
