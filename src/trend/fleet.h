/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_FLEET_H
#define THAW_TREND_FLEET_H

#include <jansson.h>

#include "store/starts.h"
#include "thaw/error.h"

/*
 * The answers to `thaw audit --top`: of what the store has, as JSON (`thaw schema audit`), by app
 * and day; formats in fleet_formats.c.
 */
struct thaw_fleet_rules {
    int64_t unix_ns;  /* now */
    size_t most;      /* rows of a list */
    uint64_t idle_ns; /* after which an instance is taken to be given up (keep-warm simulation) */
    int offset_s;     /* of the time zone that days are of */
};

int thaw_fleet_build(const struct thaw_stored_starts *stored, const struct thaw_fleet_rules *rules,
                     json_t **ret, struct thaw_error *error);

#endif
