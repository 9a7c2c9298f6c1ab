/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_CHANGE_H
#define THAW_TREND_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"
#include "base/statistics.h"

/*
 * Since when are values larger, or smaller, than those before? A series is split where Mann and
 * Whitney's test finds its two parts the least alike; the probability is multiplied by the number
 * of splits that could have been taken and by two for the directions (Bonferroni), and must be
 * below THAW_CHANGE_LEVEL: noise alone shows a change in at most one of a hundred series. Each part
 * is split in its turn, then each split is moved to where it fits best between its neighbours.
 *
 * A value is a whole gate's, not a run's: what disturbs one gate's runs disturbs all of them, so
 * that runs of one gate are no independent witnesses against those of another.
 */
#define THAW_CHANGE_LEVEL 0.01

/* With fewer values no change could be told from noise: of 13 in two parts of 6 and 7 there are
 * 1,716 orders, and 16 ways to split. */
#define THAW_CHANGE_LEAST_VALUES 13

/* Values of a part at least. */
#define THAW_CHANGE_LEAST_PART 3

/* Changes are sought among the latest so many values: the time it takes grows by the square. */
#define THAW_CHANGE_VALUES_MAX 1000

struct thaw_change {
    size_t at;    /* the first value that is different */
    size_t begin; /* of the values before, that it was told from */
    size_t end;   /* of those since */
    bool up;
    double probability;   /* corrected */
    double before, after; /* medians */
    /* after / before, by the bootstrap; coverage 0: none, as a value is 0. */
    struct thaw_interval ratio;
};

typedef THAW_ARRAY(struct thaw_change) thaw_change_list;

/* In their order, into a zeroed list, which is to be freed in either case. Values are finite and
 * not negative. 0 or -ENOMEM. */
int thaw_changes_find(const double *values, size_t count, thaw_change_list *ret);

#endif
