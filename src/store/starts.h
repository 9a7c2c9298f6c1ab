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
 * What `thaw audit` keeps: starts with their phases and imports, when requests came, and when it
 * was there to see. In the same file as a history may be. Bounded: the oldest go, and are counted.
 *
 * Texts: names of apps and of what is in a start are cut at 1 KiB, others at 4 KiB, with "…" behind
 * (a longer one is nobody's name). Durations are at most INT64_MAX ns.
 */
struct thaw_starts_bounds {
    uint64_t starts;   /* at most, 0: 200,000 */
    uint64_t arrivals; /* rows at most, 0: 2,000,000 */
    uint64_t bytes;    /* of the file, with its WAL and what is queued in it, at most; 0: 512 MiB;
                          less than 1 MiB is taken as that */
};

/* Between thaw_database_begin() and _end(), several in one transaction. -ENOSPC, -EBUSY …: end with
 * that code, and go on when there is room again. -EINVAL: beyond what a row may be. */
int thaw_starts_add(struct thaw_database *database, const struct thaw_start *start,
                    struct thaw_error *error);
int thaw_arrivals_add(struct thaw_database *database, const struct thaw_arrivals *arrivals,
                      struct thaw_error *error);

/* Time in which starts were looked for; lost: events that were. */
struct thaw_watched {
    int64_t from_unix_ns, until_unix_ns;
    uint64_t lost;
};

/* Lengthens what was added last where this begins within THAW_ARRIVALS_NS of its end. */
int thaw_watched_add(struct thaw_database *database, const struct thaw_watched *watched,
                     struct thaw_error *error);

/*
 * Removes the oldest beyond the bounds, some thousand rows at a time, and gives pages back; to be
 * called about once a second, not between begin and end. -EBUSY: another program has been reading
 * for so long that the file would outgrow its bound; nothing is added (-ENOSPC) until a later call
 * finds it gone.
 */
int thaw_starts_trim(struct thaw_database *database, const struct thaw_starts_bounds *bounds,
                     struct thaw_error *error);

/* What it has now, without reading it. */
struct thaw_store_state {
    int64_t starts, arrivals;                 /* rows */
    int64_t starts_removed, arrivals_removed; /* since the file was made */
    int64_t bytes;                            /* of the file and its WAL */
};
int thaw_store_state(struct thaw_database *database, struct thaw_store_state *ret,
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
    THAW_ARRAY(struct thaw_arrivals) arrivals; /* by time; may be in two rows: thaw ended between */
    THAW_ARRAY(struct thaw_watched) watched;   /* by time */
    int64_t left_out;                          /* starts that were asked for, beyond the most */
    int64_t starts_removed;                    /* since the file was made, by the bounds */
    int64_t arrivals_removed;
};

#define THAW_STARTS_BYTES_MAX ((size_t)1 << 30) /* of what is read at once */
#define THAW_STARTS_ARRIVALS_MAX 4000000

/* Of a zeroed *ret, to be freed in either case. Bytes of the file are not trusted: -EINVAL it is
 * damaged, -E2BIG it is more than THAW_STARTS_BYTES_MAX, -ENOMEM. What was committed at one moment.
 */
int thaw_starts_read(struct thaw_database *database, const struct thaw_starts_question *question,
                     struct thaw_stored_starts *ret, struct thaw_error *error);
void thaw_stored_starts_free(struct thaw_stored_starts *stored);

#define THAW_STARTS_APPS_MAX 10000

/* Names of the apps that have starts, in the arena; those beyond the most are left out. */
int thaw_starts_apps(struct thaw_database *database, struct thaw_arena *arena,
                     struct thaw_texts *ret, struct thaw_error *error);

#endif
