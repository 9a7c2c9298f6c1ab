/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_PAIR_TEST_H
#define THAW_BASE_PAIR_TEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Wilcoxon's one-sided signed-rank test (1945): do the differences of pairs lean above 0? It is to
 * pairs what the test of Mann and Whitney (rank_test.h) is to separate series: what both halves of
 * a pair were disturbed by alike is not in it. It assumes that a difference is as likely to be d as
 * -d where nothing was changed, as is so when both halves are of the same code.
 */
struct thaw_pair_test {
    double sum;         /* of the ranks of differences above 0 */
    double probability; /* of such a sum or a larger one, did nothing lean */
    bool exact;         /* counted; else by the normal distribution */
};

/* Up to so many pairs the probability is counted. */
#define THAW_PAIR_TEST_EXACT_MAX 200
#define THAW_PAIR_TEST_PAIRS_MAX 10000

/*
 * Differences of 0 are left out (as Wilcoxon did), equal ones share their ranks, also where it is
 * counted. All 0: probability 1. 0, -EDOM (none, one that is not finite), -E2BIG or -ENOMEM; *ret
 * is untouched then.
 */
int thaw_pair_test(const double *differences, size_t count, struct thaw_pair_test *ret);

#endif
