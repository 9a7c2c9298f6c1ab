/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_HISTORY_H
#define THAW_STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/arena.h"
#include "store/database.h"

/*
 * What gates measured over time: an entry for each gate that was run, with the values of its
 * metrics. Kept in a SQLite file (database.h) that several programs may write to.
 */
struct thaw_history_value {
    const char *metric;                        /* "modules" */
    const char *module, *distribution, *phase; /* the part it is of, "" all */
    const char *class;                         /* "exact", "counted", "timed" */
    const char *unit;                          /* "count", "bytes", "ns" */
    const double *samples;                     /* of the runs, in their order */
    size_t count;
};

struct thaw_history_entry {
    int64_t id;                  /* the store's; 0 when added */
    int64_t time_ns;             /* UNIX time */
    const char *name;            /* of what was measured: the target's or command's */
    const char *commit, *branch; /* "" not known */
    const char *key;             /* interpreter, architecture, …: as JSON; "" not known */
    const char *verdict;         /* "pass" … */
    const struct thaw_history_value *values;
    size_t value_count;
};

/* Bounds of what is kept and of what is read: the file may be anybody's. */
#define THAW_HISTORY_ENTRIES_MAX 10000
#define THAW_HISTORY_VALUES_MAX 4096 /* of an entry */
#define THAW_HISTORY_SAMPLES_MAX 10000
#define THAW_HISTORY_TEXT_MAX ((size_t)64 << 10)
#define THAW_HISTORY_BYTES_MAX ((size_t)256 << 20) /* of what is read at once */
#define THAW_HISTORY_SAMPLE_MAX 9007199254740992.0 /* 2^53: whole up to there */
#define THAW_HISTORY_SAMPLE_LEAST 1e-9             /* above 0: of less a ratio may be infinite */

/*
 * Adds it, or nothing. The database must be open for writing. Of more than THAW_HISTORY_ENTRIES_MAX
 * the earliest go, and are counted. NULL texts are "". -EINVAL: it is beyond the bounds above, or
 * a sample is not from 0 to THAW_HISTORY_SAMPLE_MAX; or the file is damaged; -EBUSY; -ENOSPC; what
 * else writing fails with.
 */
int thaw_history_add(struct thaw_database *database, const struct thaw_history_entry *entry,
                     struct thaw_error *error);

/* The same with another bound, for tests. */
int thaw_history_add_bounded(struct thaw_database *database, const struct thaw_history_entry *entry,
                             size_t most, struct thaw_error *error);

struct thaw_history_question {
    const char *name;                          /* NULL: of anything */
    const char *branch;                        /* NULL: of any */
    const char *metric;                        /* NULL: all */
    const char *module, *distribution, *phase; /* NULL: of any part; "": of the whole */
    size_t most;                               /* the latest so many entries, 0: all */
};

struct thaw_history {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_history_entry) entries; /* by time, the earliest first */
    int64_t removed; /* how many went so far, as more than THAW_HISTORY_ENTRIES_MAX came */
};

/*
 * What was committed at one moment: entries with those of their values that were asked for, which
 * may be none. Of a zeroed *ret, to be freed in either case. -EINVAL: the file is damaged; -E2BIG:
 * it is more than THAW_HISTORY_BYTES_MAX; -ENOMEM.
 */
int thaw_history_read(struct thaw_database *database, const struct thaw_history_question *question,
                      struct thaw_history *ret, struct thaw_error *error);
void thaw_history_free(struct thaw_history *history);

#endif
