/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_SERIES_H
#define THAW_TREND_SERIES_H

#include <jansson.h>

#include "base/array.h"
#include "store/history.h"
#include "trend/change.h"

/*
 * A history by what was measured: a series for each metric of each thing. Only like is put beside
 * like: values of another interpreter, architecture or backend are another series, and times on
 * another machine, too.
 */

/* Parts of an entry's key, as "key" of a verdict has them. */
enum thaw_trend_key {
    THAW_TREND_INTERPRETER,
    THAW_TREND_ARCHITECTURE,
    THAW_TREND_BACKEND,
    THAW_TREND_MACHINE,
    THAW_TREND_KERNEL,
    THAW_TREND_LOCK_FILE,
};
#define THAW_TREND_KEY_PARTS 6
extern const char *const thaw_trend_key_names[THAW_TREND_KEY_PARTS];

struct thaw_point {
    size_t entry; /* index of the history's */
    double value; /* the median of its runs */
    double least, most;
    size_t runs;
};

struct thaw_series {
    const char *name, *metric, *module, *distribution, *phase; /* the history's */
    const char *class;                                         /* "exact", "counted", "timed" */
    const char *unit;                                          /* "count", "bytes", "ns" */
    const char *key[THAW_TREND_KEY_PARTS]; /* those that are the same all along, NULL the others */
    THAW_ARRAY(struct thaw_point) points;  /* one at least, the earliest first */

    /* Of exact metrics: the points at which the value is another than at the one before. */
    THAW_ARRAY(size_t) steps;

    /* Of the others: what a test says. */
    thaw_change_list changes;

    /* The point since which it is worse: of exact metrics the first that is above the last one that
     * a gate passed (good), and from which on all are; of the others the largest of the rises that
     * no fall follows, and good is the point before. THAW_TREND_NONE: there is none. */
    size_t bad, good;
};
#define THAW_TREND_NONE ((size_t)-1)

struct thaw_trend {
    const struct thaw_history *history;
    struct thaw_arena arena;
    /* For each entry its key's parts, "" not known. */
    const char *(*keys)[THAW_TREND_KEY_PARTS];
    THAW_ARRAY(struct thaw_series) series; /* in the order of the latest entry */
};

/* Of a zeroed *ret, to be freed in either case; history must outlive it. 0 or -ENOMEM. */
int thaw_trend_find(const struct thaw_history *history, struct thaw_trend *ret);
void thaw_trend_free(struct thaw_trend *trend);

#endif
