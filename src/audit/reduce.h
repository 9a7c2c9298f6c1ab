/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_REDUCE_H
#define THAW_AUDIT_REDUCE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/start_events.h"
#include "base/arena.h"
#include "base/array.h"
#include "thaw/error.h"
#include "thaw/start.h"

/* The starts that a tree's events tell of, one for each of the timeline's tracks. */
struct thaw_reduction {
    struct thaw_arena arena; /* of all texts and lists */
    THAW_ARRAY(struct thaw_start) starts;
};

struct thaw_reduction_rules {
    size_t imports;           /* at most so many of a start, the longest */
    uint64_t import_least_ns; /* none shorter */
    int64_t unix_offset_ns;   /* UNIX time less CLOCK_BOOTTIME, now */
};

/*
 * Builds the timeline of the events and reduces what of it is to be told. Identities have what
 * events tell (function, platform, worker, python, program); the rest is for naming.h. Only lack of
 * memory fails. *ret is zeroed before, and to be freed in either case.
 */
int thaw_reduce(const struct thaw_start_events *tree, const struct thaw_reduction_rules *rules,
                struct thaw_reduction *ret, struct thaw_error *error);
void thaw_reduction_free(struct thaw_reduction *reduction);

#endif
