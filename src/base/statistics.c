/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/statistics.h"

#define TUKEY_DISTANCE 1.5
#define QUARTILES_OF_NORMAL 1.3489795003921634 /* their distance in standard deviations */
#define ERROR_OF_MEDIAN 1.2533141373155003     /* √(π/2): of the mean's */
#define NORMAL_95 1.959963984540054
#define LEAST_SURE_COUNT 6 /* 1 - 2 × 0.5^6 is the first above 0.95 */

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* A sorted copy, freed by the caller. */
static int sorted_copy(const double *values, size_t count, double **ret)
{
    double *sorted;

    if (count == 0)
        return -EDOM;
    if (count > THAW_STATISTICS_VALUES_MAX)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return -EDOM;
    }
    sorted = malloc(count * sizeof(*sorted));
    if (!sorted)
        return -ENOMEM;
    memcpy(sorted, values, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    *ret = sorted;
    return 0;
}

double thaw_statistics_quantile(const double *sorted, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;

    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double middle_of(const double *sorted, size_t count)
{
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static struct thaw_quartiles quartiles_of(const double *sorted, size_t count)
{
    return (struct thaw_quartiles){thaw_statistics_quantile(sorted, count, 0.25),
                                   middle_of(sorted, count),
                                   thaw_statistics_quantile(sorted, count, 0.75)};
}

int thaw_statistics_quartiles(const double *values, size_t count, struct thaw_quartiles *ret)
{
    double *sorted;
    int result = sorted_copy(values, count, &sorted);

    if (result < 0)
        return result;
    *ret = quartiles_of(sorted, count);
    free(sorted);
    return 0;
}

int thaw_statistics_median(const double *values, size_t count, double *ret)
{
    struct thaw_quartiles quartiles;
    int result = thaw_statistics_quartiles(values, count, &quartiles);

    if (result == 0)
        *ret = quartiles.median;
    return result;
}

int thaw_statistics_fences(const double *values, size_t count, struct thaw_fences *ret)
{
    struct thaw_quartiles quartiles;
    int result = thaw_statistics_quartiles(values, count, &quartiles);
    double distance;

    if (result < 0)
        return result;
    distance = TUKEY_DISTANCE * (quartiles.high - quartiles.low);
    *ret = (struct thaw_fences){quartiles.low - distance, quartiles.high + distance};
    return 0;
}

int thaw_statistics_outliers(const double *values, size_t count, size_t *ret)
{
    struct thaw_fences fences;
    int result = thaw_statistics_fences(values, count, &fences);

    if (result < 0)
        return result;
    *ret = 0;
    for (size_t i = 0; i < count; i++)
        *ret += values[i] < fences.low || values[i] > fences.high;
    return 0;
}

/* The most values that can be left out at each end, and what the rest covers. */
static size_t left_out(size_t count, double *ret_coverage)
{
    double allowed = (1 - THAW_STATISTICS_COVERAGE) / 2;
    double logarithm = (double)count * log(0.5); /* of P(exactly out of count are below) */
    double below = 0;                            /* P(less than out are) */
    size_t out = 0;

    while (below + exp(logarithm) <= allowed) {
        below += exp(logarithm);
        logarithm += log((double)(count - out) / (double)(out + 1));
        out++;
    }
    *ret_coverage = 1 - 2 * below;
    return out;
}

int thaw_statistics_median_interval(const double *values, size_t count, struct thaw_interval *ret)
{
    double *sorted, coverage;
    size_t out = 0;
    int result = sorted_copy(values, count, &sorted);

    if (result < 0)
        return result;
    if (count < LEAST_SURE_COUNT)
        coverage = 1 - pow(0.5, (double)count - 1); /* all on one side of it: the ends don't hold */
    else
        out = left_out(count, &coverage) - 1;
    *ret = (struct thaw_interval){sorted[out], middle_of(sorted, count), sorted[count - 1 - out],
                                  coverage};
    free(sorted);
    return 0;
}

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* 0 to count - 1 by the upper half of a product (Lemire 2019), whose bias of count / 2^64 no
 * number of resamples would show. */
static size_t random_index(uint64_t *state, size_t count)
{
    return (size_t)(((unsigned __int128)next_random(state) * count) >> 64);
}

/* The median of count values drawn from the sorted ones; times: room for count counters. */
static double resampled_median(const double *sorted, size_t count, uint32_t *times, uint64_t *state)
{
    size_t upper = count / 2, lower = (count - 1) / 2, passed = 0, i = 0;
    double low;

    memset(times, 0, count * sizeof(*times));
    for (size_t drawn = 0; drawn < count; drawn++)
        times[random_index(state, count)]++;
    while (passed + times[i] <= lower)
        passed += times[i++];
    low = sorted[i];
    while (passed + times[i] <= upper)
        passed += times[i++];
    return lower == upper ? low : (low + sorted[i]) / 2;
}

/* THAW_STATISTICS_RESAMPLES medians, in the order they were drawn; freed by the caller. */
static int resampled_medians(const double *sorted, size_t count, uint64_t *state, double **ret)
{
    double *medians = malloc(THAW_STATISTICS_RESAMPLES * sizeof(*medians));
    uint32_t *times = calloc(count, sizeof(*times));

    for (size_t i = 0; medians && times && i < THAW_STATISTICS_RESAMPLES; i++)
        medians[i] = resampled_median(sorted, count, times, state);
    if (!times) {
        free(medians);
        medians = NULL;
    }
    free(times);
    *ret = medians;
    return medians ? 0 : -ENOMEM;
}

/* Percentiles of what resampling gave, which it sorts. */
static struct thaw_interval interval_of(double *resampled, double middle)
{
    double tail = (1 - THAW_STATISTICS_COVERAGE) / 2;

    qsort(resampled, THAW_STATISTICS_RESAMPLES, sizeof(*resampled), compare_doubles);
    return (struct thaw_interval){
        thaw_statistics_quantile(resampled, THAW_STATISTICS_RESAMPLES, tail), middle,
        thaw_statistics_quantile(resampled, THAW_STATISTICS_RESAMPLES, 1 - tail),
        THAW_STATISTICS_COVERAGE};
}

int thaw_statistics_bootstrap(const double *values, size_t count, struct thaw_interval *ret)
{
    double *sorted = NULL, *medians = NULL;
    uint64_t state = THAW_STATISTICS_SEED;
    int result = sorted_copy(values, count, &sorted);

    if (result < 0)
        return result;
    result = resampled_medians(sorted, count, &state, &medians);
    if (result == 0)
        *ret = interval_of(medians, middle_of(sorted, count));
    free(medians);
    free(sorted);
    return result;
}

int thaw_statistics_median_ratio(const double *before, size_t before_count, const double *after,
                                 size_t after_count, struct thaw_interval *ret)
{
    double *sorted[2] = {NULL}, *medians[2] = {NULL};
    uint64_t state = THAW_STATISTICS_SEED;
    int result = sorted_copy(before, before_count, &sorted[0]);

    if (result == 0)
        result = sorted_copy(after, after_count, &sorted[1]);
    if (result == 0 && (sorted[0][0] <= 0 || sorted[1][0] <= 0))
        result = -EDOM;
    if (result == 0)
        result = resampled_medians(sorted[0], before_count, &state, &medians[0]);
    if (result == 0)
        result = resampled_medians(sorted[1], after_count, &state, &medians[1]);
    if (result == 0) {
        for (size_t i = 0; i < THAW_STATISTICS_RESAMPLES; i++)
            medians[1][i] /= medians[0][i];
        *ret = interval_of(medians[1],
                           middle_of(sorted[1], after_count) / middle_of(sorted[0], before_count));
    }
    for (int side = 0; side < 2; side++) {
        free(medians[side]);
        free(sorted[side]);
    }
    return result;
}

/* changed[i] / original[i], freed by the caller. */
static int ratios_of(const double *original, const double *changed, size_t count, double **ret)
{
    double *ratios;

    if (count == 0)
        return -EDOM;
    if (count > THAW_STATISTICS_VALUES_MAX)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(original[i]) || !isfinite(changed[i]) || original[i] <= 0 || changed[i] <= 0)
            return -EDOM;
    }
    ratios = malloc(count * sizeof(*ratios));
    if (!ratios)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        ratios[i] = changed[i] / original[i];
    *ret = ratios;
    return 0;
}

int thaw_statistics_pair_ratios(const double *original, const double *changed, size_t count,
                                struct thaw_interval *ret)
{
    double *ratios;
    int result = ratios_of(original, changed, count, &ratios);

    if (result < 0)
        return result;
    result = thaw_statistics_bootstrap(ratios, count, ret);
    free(ratios);
    return result;
}

int thaw_statistics_noise(const double *ratios, size_t count, double wanted_width,
                          size_t most_pairs, struct thaw_noise *ret)
{
    struct thaw_quartiles quartiles = {0};
    struct thaw_interval interval;
    int result = thaw_statistics_median_interval(ratios, count, &interval);

    if (result == 0)
        result = thaw_statistics_quartiles(ratios, count, &quartiles);
    if (result < 0)
        return result;
    ret->spread = (quartiles.high - quartiles.low) / QUARTILES_OF_NORMAL;
    ret->width = 2 * NORMAL_95 * ERROR_OF_MEDIAN * ret->spread / sqrt((double)most_pairs);
    ret->too_noisy = ret->width > wanted_width;
    ret->biased =
        interval.coverage >= THAW_STATISTICS_COVERAGE && (interval.low > 1 || interval.high < 1);
    return 0;
}

int thaw_statistics_noise_of_series(const double *values, size_t count, double wanted_width,
                                    size_t most_pairs, struct thaw_noise *ret)
{
    double *ratios;
    int result;

    if (count < 2)
        return -EDOM;
    result = ratios_of(values, values + 1, count - 1, &ratios);
    if (result < 0)
        return result;
    result = thaw_statistics_noise(ratios, count - 1, wanted_width, most_pairs, ret);
    free(ratios);
    return result;
}
