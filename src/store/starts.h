/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_STARTS_H
#define THAW_STORE_STARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "store/database.h"
#include "thaw/error.h"
#include "thaw/start.h"

/*
 * What `thaw audit` keeps: starts with their phases and imports, and when requests came. In the
 * same file as a history may be. Bounded: the oldest go, and are counted.
 */
struct thaw_starts_bounds {
    uint64_t starts;   /* at most, 0: 200,000 */
    uint64_t arrivals; /* rows at most, 0: 1,000,000 */
    uint64_t bytes;    /* of the file, with its WAL, at most; 0: 512 MiB */
};

/* Between thaw_database_begin() and _end(), several in one transaction. -ENOSPC, -EBUSY … */
int thaw_starts_add(struct thaw_database *database, const struct thaw_start *start,
                    struct thaw_error *error);
int thaw_arrivals_add(struct thaw_database *database, const struct thaw_arrivals *arrivals,
                      struct thaw_error *error);

/* Removes the oldest beyond the bounds, a bit at a time, and gives pages back. */
int thaw_starts_trim(struct thaw_database *database, const struct thaw_starts_bounds *bounds,
                     struct thaw_error *error);

struct thaw_starts_question {
    const char *app;       /* NULL any */
    int64_t since_unix_ns; /* by their end; 0: from the first */
    int64_t until_unix_ns; /* before it; 0: to the last */
    size_t most;           /* the latest so many; 0: 100,000 */
};

struct thaw_stored_starts {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_start) starts;      /* by end, the earliest first */
    THAW_ARRAY(struct thaw_arrivals) arrivals; /* by time */
    int64_t starts_removed;                    /* since the file was made, by the bounds */
    int64_t arrivals_removed;
};

/* Of a zeroed *ret, to be freed in either case. Bytes of the file are not trusted. */
int thaw_starts_read(struct thaw_database *database, const struct thaw_starts_question *question,
                     struct thaw_stored_starts *ret, struct thaw_error *error);
void thaw_stored_starts_free(struct thaw_stored_starts *stored);

#endif
