/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/rank_test.h"

struct ranked {
    double value;
    bool second;
};

static int compare_ranked(const void *left, const void *right)
{
    double a = ((const struct ranked *)left)->value, b = ((const struct ranked *)right)->value;

    return (a > b) - (a < b);
}

static bool add_all(struct ranked *pool, const double *values, size_t count, bool second)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
        pool[i] = (struct ranked){values[i], second};
    }
    return true;
}

/* u of the second series; *ret_ties: the sum of t³ - t over the groups of t equal values. */
static double count_pairs(const struct ranked *pool, size_t count, double *ret_ties)
{
    size_t first_below = 0, end;
    double u = 0, ties = 0;

    for (size_t i = 0; i < count; i = end) {
        size_t first = 0, size;

        for (end = i; end < count && pool[end].value == pool[i].value; end++)
            first += !pool[end].second;
        size = end - i;
        u += (double)(size - first) * ((double)first_below + 0.5 * (double)first);
        ties += (double)size * ((double)size * (double)size - 1);
        first_below += first;
    }
    *ret_ties = ties;
    return u;
}

/*
 * P(U >= u): ways[m][v] is in how many orders of n and m values U is v; the largest value is of one
 * series or of the other, so ways(n, m, v) = ways(n - 1, m, v - m) + ways(n, m - 1, v).
 */
static int counted(size_t n, size_t m, size_t u, double *ret)
{
    size_t width = n * m + 1;
    double *ways = calloc((m + 1) * width, sizeof(*ways));
    double all = 0, above = 0;

    if (!ways)
        return -ENOMEM;
    for (size_t j = 0; j <= m; j++)
        ways[j * width] = 1;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            double *row = ways + j * width;

            for (size_t v = i * j + 1; v-- > 0;)
                row[v] = (v >= j ? row[v - j] : 0) + row[v - width];
        }
    }
    for (size_t v = width; v-- > 0;) {
        all += ways[m * width + v];
        above += v >= u ? ways[m * width + v] : 0;
    }
    free(ways);
    *ret = above / all;
    return 0;
}

static double by_normal(double n, double m, double u, double ties)
{
    double all = n + m;
    double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));

    if (variance <= 0)
        return 1;
    return erfc((u - n * m / 2 - 0.5) / sqrt(2 * variance)) / 2;
}

int thaw_rank_test(const double *first, size_t first_count, const double *second,
                   size_t second_count, struct thaw_rank_test *ret)
{
    size_t count = first_count + second_count;
    struct thaw_rank_test test = {0};
    struct ranked *pool;
    double ties = 0;
    int result = 0;

    if (first_count == 0 || second_count == 0)
        return -EDOM;
    if (first_count > THAW_RANK_TEST_VALUES_MAX || second_count > THAW_RANK_TEST_VALUES_MAX)
        return -E2BIG;
    pool = calloc(count, sizeof(*pool));
    if (!pool)
        return -ENOMEM;
    if (add_all(pool, first, first_count, false) &&
        add_all(pool + first_count, second, second_count, true)) {
        qsort(pool, count, sizeof(*pool), compare_ranked);
        test.u = count_pairs(pool, count, &ties);
        test.exact = ties == 0 && first_count <= THAW_RANK_TEST_EXACT_MAX &&
                     second_count <= THAW_RANK_TEST_EXACT_MAX;
        if (test.exact)
            result = counted(first_count, second_count, (size_t)test.u, &test.probability);
        else
            test.probability = by_normal((double)first_count, (double)second_count, test.u, ties);
    } else {
        result = -EDOM;
    }
    free(pool);
    if (result == 0)
        *ret = test;
    return result;
}
