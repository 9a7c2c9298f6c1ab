/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_ALTERNATIVES_H
#define THAW_ANALYSIS_ALTERNATIVES_H

#include <stddef.h>
#include <stdint.h>

/* A package of which so little may be used that something lighter does. */
struct thaw_alternative {
    const char *package;
    const char *const *uses;   /* no more than these of its names, NULL-terminated */
    const char *const *beyond; /* code that refers to one of these needs it, NULL: no such names */
    const char *instead;       /* module of the standard library that does these */
    unsigned minor;            /* from Python 3.minor on */
    const char *differs;       /* what the other does not do, one clause */
    const char *source;        /* that it does */
    const char *dated;         /* when that was read */
};

/* All rows, by package. */
const struct thaw_alternative *thaw_alternatives(size_t *ret_count);

/* A recording made later than this (CLOCK_REALTIME) is not judged by the table: libraries change.
 * Who renews the table reads every source again. */
extern const uint64_t thaw_alternatives_until_ns;
#define THAW_ALTERNATIVES_UNTIL "2028-11-28"

#endif
