/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "trend/fleet_parts.h"

#define LEAST_FOR_P95 20
#define LEAST_FOR_P99 100
#define NORMAL_95 1.959963984540054

void thaw_fleet_add_number(struct thaw_fleet *fleet, thaw_fleet_numbers *numbers, double number)
{
    double *added = fleet->values.failed ? NULL : thaw_array_add(numbers);

    if (added)
        *added = number;
    fleet->values.failed |= !added;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

void thaw_fleet_set_ns(struct thaw_fleet *fleet, json_t *object, const char *key, double ns)
{
    uint64_t whole = ns < (double)INT64_MAX ? (uint64_t)llround(ns) : INT64_MAX;

    thaw_values_set_number(&fleet->values, object, key, whole);
}

static void set_percentile(struct thaw_fleet *fleet, json_t *object, const char *key,
                           const thaw_fleet_numbers *numbers, double share, size_t least)
{
    if (numbers->count >= least)
        thaw_fleet_set_ns(fleet, object, key,
                          thaw_statistics_quantile(numbers->items, numbers->count, share));
    else
        thaw_values_set_null(&fleet->values, object, key);
}

json_t *thaw_fleet_quantiles(struct thaw_fleet *fleet, thaw_fleet_numbers *numbers)
{
    json_t *object = thaw_values_object(&fleet->values);

    if (numbers->count)
        qsort(numbers->items, numbers->count, sizeof(*numbers->items), compare_numbers);
    thaw_values_set_number(&fleet->values, object, "count", numbers->count);
    set_percentile(fleet, object, "p50_ns", numbers, 0.5, 1);
    set_percentile(fleet, object, "p95_ns", numbers, 0.95, LEAST_FOR_P95);
    set_percentile(fleet, object, "p99_ns", numbers, 0.99, LEAST_FOR_P99);
    set_percentile(fleet, object, "max_ns", numbers, 1, 1);
    return object;
}

void thaw_fleet_set_share(struct thaw_fleet *fleet, json_t *object, const char *key, double share)
{
    thaw_values_set(&fleet->values, object, key, json_real(round(share * 1e6) / 1e6));
}

void thaw_fleet_set_time(struct thaw_fleet *fleet, json_t *object, const char *key, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    char text[32] = "", name[32];

    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    snprintf(name, sizeof(name), "%s_ns", key);
    thaw_values_set_signed(&fleet->values, object, name, ns);
    thaw_values_set_text(&fleet->values, object, key, text);
}

json_t *thaw_fleet_proportion(struct thaw_fleet *fleet, uint64_t part, uint64_t whole)
{
    double n = (double)whole, z = NORMAL_95;
    double share = part < whole ? (double)part / n : 1; /* more than all: sums of what can't be */
    double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    json_t *object;

    if (!whole)
        return json_null();
    object = thaw_values_object(&fleet->values);
    thaw_fleet_set_share(fleet, object, "share", share);
    thaw_fleet_set_share(fleet, object, "low", fmax(0, middle - half));
    thaw_fleet_set_share(fleet, object, "high", fmin(1, middle + half));
    return object;
}
