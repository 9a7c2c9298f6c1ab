/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pair_test.h"

static int compare_sizes(const void *left, const void *right)
{
    double a = fabs(*(const double *)left), b = fabs(*(const double *)right);

    return (a > b) - (a < b);
}

/* Twice the rank of each of the sorted differences, which is whole with ties, too. */
static void rank(const double *sorted, size_t count, size_t *ret)
{
    size_t end;

    for (size_t i = 0; i < count; i = end) {
        for (end = i; end < count && fabs(sorted[end]) == fabs(sorted[i]); end++)
            ;
        for (size_t at = i; at < end; at++)
            ret[at] = i + end + 1;
    }
}

/* P(S >= sum): each rank is in the sum or not, one as likely as the other. */
static int counted(const size_t *ranks, size_t count, size_t sum, double *ret)
{
    size_t most = count * (count + 1);
    double *shares = calloc(most + 1, sizeof(*shares));

    if (!shares)
        return -ENOMEM;
    shares[0] = 1;
    for (size_t i = 0; i < count; i++)
        for (size_t at = most + 1; at-- > 0;)
            shares[at] = (shares[at] + (at >= ranks[i] ? shares[at - ranks[i]] : 0)) / 2;
    *ret = 0;
    for (size_t at = most + 1; at-- > sum;)
        *ret += shares[at];
    free(shares);
    return 0;
}

/* ranks and sum are doubled: so is the step of continuity. */
static double by_normal(const size_t *ranks, size_t count, size_t sum)
{
    double middle = 0, variance = 0;

    for (size_t i = 0; i < count; i++) {
        middle += (double)ranks[i] / 2;
        variance += (double)ranks[i] * (double)ranks[i] / 4;
    }
    return erfc(((double)sum - middle - 1) / sqrt(2 * variance)) / 2;
}

static int test(const double *sorted, size_t count, size_t *ranks, struct thaw_pair_test *ret)
{
    size_t sum = 0;

    rank(sorted, count, ranks);
    for (size_t i = 0; i < count; i++)
        sum += sorted[i] > 0 ? ranks[i] : 0;
    *ret =
        (struct thaw_pair_test){.sum = (double)sum / 2, .exact = count <= THAW_PAIR_TEST_EXACT_MAX};
    if (ret->exact)
        return counted(ranks, count, sum, &ret->probability);
    ret->probability = by_normal(ranks, count, sum);
    return 0;
}

int thaw_pair_test(const double *differences, size_t count, struct thaw_pair_test *ret)
{
    struct thaw_pair_test made = {.probability = 1, .exact = true};
    double *sorted;
    size_t *ranks, used = 0;
    int code = 0;

    if (!count)
        return -EDOM;
    if (count > THAW_PAIR_TEST_PAIRS_MAX)
        return -E2BIG;
    sorted = malloc(count * sizeof(*sorted));
    ranks = malloc(count * sizeof(*ranks));
    if (!sorted || !ranks)
        code = -ENOMEM;
    for (size_t i = 0; !code && i < count; i++) {
        if (!isfinite(differences[i]))
            code = -EDOM;
        else if (differences[i] != 0)
            sorted[used++] = differences[i];
    }
    if (!code && used) {
        qsort(sorted, used, sizeof(*sorted), compare_sizes);
        code = test(sorted, used, ranks, &made);
    }
    free(sorted);
    free(ranks);
    if (!code)
        *ret = made;
    return code;
}
