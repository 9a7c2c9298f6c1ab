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

int thaw_history_add(struct thaw_database *database, const struct thaw_history_entry *entry,
                     struct thaw_error *error);

struct thaw_history_question {
    const char *name;                          /* NULL: of anything */
    const char *branch;                        /* NULL: of any */
    const char *metric;                        /* NULL: all */
    const char *module, *distribution, *phase; /* NULL: as given "" */
    size_t most;                               /* the latest so many entries, 0: all */
};

struct thaw_history {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_history_entry) entries; /* by time, the earliest first */
};

/* Of a zeroed *ret, to be freed in either case. */
int thaw_history_read(struct thaw_database *database, const struct thaw_history_question *question,
                      struct thaw_history *ret, struct thaw_error *error);
void thaw_history_free(struct thaw_history *history);

#endif
