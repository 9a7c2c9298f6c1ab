/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>

#include "base/rank_test.h"
#include "trend/change.h"

/* How far u of the values since a split is from what chance gives, in standard deviations. */
static double deviation(double u, size_t before, size_t since)
{
    double n = (double)before, m = (double)since;

    return (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12);
}

/* Of a pair: 1 the second is larger, ½ they are the same. */
static double larger(double first, double second)
{
    return second > first ? 1 : second < first ? 0 : 0.5;
}

/* The split whose parts are the least alike: the value moves from one part to the other, and with
 * it the pairs it is in. 0: there is none. */
static size_t best_split(const double *values, size_t count)
{
    double u = 0, most = 0;
    size_t best = 0;

    for (size_t at = 0; at + THAW_CHANGE_LEAST_PART < count; at++) {
        for (size_t i = 0; i < count; i++)
            u += i < at   ? -larger(values[i], values[at])
                 : i > at ? larger(values[at], values[i])
                          : 0;
        if (at + 1 < THAW_CHANGE_LEAST_PART)
            continue;
        double far = fabs(deviation(u, at + 1, count - at - 1));

        if (far > most) {
            most = far;
            best = at + 1;
        }
    }
    return best;
}

static int measure(const double *values, struct thaw_change *change)
{
    const double *before = values + change->begin, *since = values + change->at;
    size_t before_count = change->at - change->begin, since_count = change->end - change->at;
    int code = thaw_statistics_median(before, before_count, &change->before);

    change->ratio = (struct thaw_interval){0};
    if (!code)
        code = thaw_statistics_median(since, since_count, &change->after);
    if (!code)
        code =
            thaw_statistics_median_ratio(before, before_count, since, since_count, &change->ratio);
    return code == -EDOM ? 0 : code; /* a value is 0: there is no ratio */
}

/* What the test says of a split, corrected; *ret_up: which way. */
static int test_split(const double *values, size_t split, size_t count, double *ret, bool *ret_up)
{
    double ways = 2 * (double)(count - 2 * THAW_CHANGE_LEAST_PART + 1);
    struct thaw_rank_test up, down;
    int code = thaw_rank_test(values, split, values + split, count - split, &up);

    if (!code)
        code = thaw_rank_test(values + split, count - split, values, split, &down);
    if (code)
        return code;
    *ret = fmin(up.probability, down.probability) * ways;
    *ret_up = up.probability < down.probability;
    return 0;
}

/* Ranks tell that there is a change better than where it is: a split nearer to the middle is easier
 * to tell. It is where the values are the nearest to the medians of the two parts. */
static int move_split(const double *values, size_t count, size_t *split)
{
    double before, since, cost = 0, least = 0;
    size_t best = 0;
    int code = thaw_statistics_median(values, *split, &before);

    if (!code)
        code = thaw_statistics_median(values + *split, count - *split, &since);
    if (code)
        return code;
    for (size_t i = 0; i + THAW_CHANGE_LEAST_PART < count; i++) {
        cost += fabs(values[i] - before) - fabs(values[i] - since);
        if (i + 1 >= THAW_CHANGE_LEAST_PART && (!best || cost < least)) {
            least = cost;
            best = i + 1;
        }
    }
    *split = best;
    return 0;
}

/* The change among the values from begin to end. *ret_found false: none can be told from noise. */
static int find_one(const double *values, size_t begin, size_t end, struct thaw_change *ret,
                    bool *ret_found)
{
    size_t count = end - begin, split, moved;
    double probability, moved_probability;
    bool up, moved_up;
    int code;

    *ret_found = false;
    if (count < 2 * THAW_CHANGE_LEAST_PART)
        return 0;
    moved = split = best_split(values + begin, count);
    if (!split)
        return 0;
    code = test_split(values + begin, split, count, &probability, &up);
    if (code || probability >= THAW_CHANGE_LEVEL)
        return code;
    code = move_split(values + begin, count, &moved);
    if (!code)
        code = test_split(values + begin, moved, count, &moved_probability, &moved_up);
    if (code)
        return code;
    if (moved_probability < THAW_CHANGE_LEVEL && moved_up == up) {
        split = moved;
        probability = moved_probability;
    }
    *ret = (struct thaw_change){
        .at = begin + split, .begin = begin, .end = end, .up = up, .probability = probability};
    *ret_found = true;
    return 0;
}

/* Is the middle on the side that the ranks say, and the whole interval of the ratio, too? */
static bool is_sure(const struct thaw_change *change)
{
    if (change->ratio.coverage > 0)
        return change->up ? change->ratio.low > 1 : change->ratio.high < 1;
    return change->up ? change->after > change->before : change->after < change->before;
}

/* Splits the values from begin to end, and the parts in their turn. */
static int split_up(const double *values, size_t begin, size_t end, thaw_change_list *list)
{
    struct thaw_change change, *kept;
    bool found;
    int code = find_one(values, begin, end, &change, &found);

    if (code || !found)
        return code;
    code = split_up(values, begin, change.at, list);
    if (code)
        return code;
    kept = thaw_array_add(list);
    if (!kept)
        return -ENOMEM;
    *kept = change;
    return split_up(values, change.at, end, list);
}

/* A split that was found first was found among all values, beside changes not yet known: between
 * its neighbours it may fit better elsewhere, or be none. */
static int settle(const double *values, size_t begin, size_t end, thaw_change_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        size_t first = kept ? list->items[kept - 1].at : begin;
        size_t last = i + 1 < list->count ? list->items[i + 1].at : end;
        struct thaw_change change;
        bool found;
        int code = find_one(values, first, last, &change, &found);

        if (!code && found)
            code = measure(values, &change);
        if (code)
            return code;
        if (found && is_sure(&change))
            list->items[kept++] = change;
    }
    list->count = kept;
    /* What was moved or left out gives its neighbours another begin or end. */
    for (size_t i = 0; i < kept; i++) {
        struct thaw_change *change = &list->items[i];
        int code;

        change->begin = i ? list->items[i - 1].at : begin;
        change->end = i + 1 < kept ? list->items[i + 1].at : end;
        code = measure(values, change);
        if (code)
            return code;
    }
    return 0;
}

int thaw_changes_find(const double *values, size_t count, thaw_change_list *ret)
{
    size_t begin = count > THAW_CHANGE_VALUES_MAX ? count - THAW_CHANGE_VALUES_MAX : 0;
    int code;

    if (count < THAW_CHANGE_LEAST_VALUES)
        return 0;
    code = split_up(values, begin, count, ret);
    return code ? code : settle(values, begin, count, ret);
}
