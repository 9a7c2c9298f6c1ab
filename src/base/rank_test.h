/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_RANK_TEST_H
#define THAW_BASE_RANK_TEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The one-sided test of Mann and Whitney (1947): are values of the second series larger than those
 * of the first, as a gate asks of timings before and after? It compares two series that were not
 * made in pairs, and assumes nothing of their distribution.
 */
struct thaw_rank_test {
    double u;           /* pairs in which the second is larger, those that tie count half */
    double probability; /* of such an u or a larger one, were both series alike */
    bool exact;         /* counted; else by the normal distribution */
};

/* Up to so many values on each side, without ties, the probability is counted. */
#define THAW_RANK_TEST_EXACT_MAX 50
#define THAW_RANK_TEST_VALUES_MAX 10000

/*
 * Counted by the recurrence of Mann and Whitney where both series are short and no two values tie,
 * else by the normal distribution with the variance corrected for ties and half a pair for
 * continuity (as R's wilcox.test and scipy's mannwhitneyu do). All values the same: probability 1.
 * 0, -EDOM (an empty series, a value that is not finite), -E2BIG or -ENOMEM; *ret is untouched
 * then.
 */
int thaw_rank_test(const double *first, size_t first_count, const double *second,
                   size_t second_count, struct thaw_rank_test *ret);

#endif
