/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_STATISTICS_H
#define THAW_BASE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What repeated runs say: pure functions on arrays of doubles, which they leave as they are. The
 * unit is the caller's and is that of the results, too.
 *
 * Those that return int return 0, -EDOM when there is no value, one is not finite or (where ratios
 * are made) not positive, -E2BIG above THAW_STATISTICS_VALUES_MAX, or -ENOMEM; *ret is untouched
 * then. There is no other way to fail, so they take no error to fill.
 */
#define THAW_STATISTICS_VALUES_MAX ((size_t)1 << 16)

/* Resamples of a bootstrap, the probability that its interval is meant to cover, its seed. */
#define THAW_STATISTICS_RESAMPLES 10000
#define THAW_STATISTICS_COVERAGE 0.95
#define THAW_STATISTICS_SEED 20261128

/*
 * Between two values by a straight line (Hyndman and Fan 1996, their type 7: what numpy does, and
 * Python's statistics.quantiles with method="inclusive").
 */
struct thaw_quartiles {
    double low, median, high;
};

int thaw_statistics_quartiles(const double *values, size_t count, struct thaw_quartiles *ret);
int thaw_statistics_median(const double *values, size_t count, double *ret);

/* The same of a share between 0 and 1 of values that are sorted and at least one: 0.95 is the 95th
 * percentile. */
double thaw_statistics_quantile(const double *sorted, size_t count, double share);

/* How many are further than 1.5 times the distance of the quartiles from the nearer one (Tukey
 * 1977). They are counted, and stay: a median bears them, and what happened happened. */
int thaw_statistics_outliers(const double *values, size_t count, size_t *ret);

/* Beyond which a value is one of them. */
struct thaw_fences {
    double low, high;
};
int thaw_statistics_fences(const double *values, size_t count, struct thaw_fences *ret);

struct thaw_interval {
    double low, middle, high;
    double coverage; /* the probability that the true middle is in it, as far as that is known */
};

/*
 * The median and an interval of it between two of the values, which holds for every distribution
 * (sign test turned around; Conover, Practical Nonparametric Statistics, 3.2). The narrowest that
 * covers at least THAW_STATISTICS_COVERAGE; from less than 6 values there is none, then it is all
 * of them. coverage is what it really covers.
 */
int thaw_statistics_median_interval(const double *values, size_t count, struct thaw_interval *ret);

/*
 * The median and its interval by the bootstrap (percentiles of the medians of resamples, Efron and
 * Tibshirani 1993, chapter 13). Same values, same interval: the generator is splitmix64 (Steele,
 * Lea and Flood 2014) from a fixed seed. coverage is what is meant; from few values it is less.
 */
int thaw_statistics_bootstrap(const double *values, size_t count, struct thaw_interval *ret);

/*
 * The median of the ratios changed[i] / original[i], by the bootstrap. Runs of one pair were made
 * one after the other, so what disturbs both cancels out; a ratio of the medians does not have
 * that.
 */
int thaw_statistics_pair_ratios(const double *original, const double *changed, size_t count,
                                struct thaw_interval *ret);

/*
 * The median of after divided by that of before, by the bootstrap: both are resampled, each by
 * itself. For runs that were not made in pairs.
 */
int thaw_statistics_median_ratio(const double *before, size_t before_count, const double *after,
                                 size_t after_count, struct thaw_interval *ret);

/*
 * Is the machine quiet enough? From the ratios of pairs in which both did the same (A/A), and so
 * should be 1.
 *
 * too_noisy: with the spread of these pairs (a standard deviation by the quartiles) most_pairs
 * would not bring the interval down to the width that is wanted: the median of
 * n normal values has a standard error of 1.2533 × spread / √n. biased: the interval of their
 * median is wholly above or below 1, though nothing was changed (1 in 20 is so by chance).
 */
struct thaw_noise {
    double spread;
    double width; /* of the interval, that most pairs would bring */
    bool too_noisy;
    bool biased;
};

int thaw_statistics_noise(const double *ratios, size_t count, double wanted_width,
                          size_t most_pairs, struct thaw_noise *ret);

/* The same from one series of runs, each with the one before as a pair: √2 times the spread. */
int thaw_statistics_noise_of_series(const double *values, size_t count, double wanted_width,
                                    size_t most_pairs, struct thaw_noise *ret);

#endif
