/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/statistics.h"
#include "base/table.h"
#include "trend/series.h"

const char *const thaw_trend_key_names[THAW_TREND_KEY_PARTS] = {
    [THAW_TREND_INTERPRETER] = "interpreter", [THAW_TREND_ARCHITECTURE] = "architecture",
    [THAW_TREND_BACKEND] = "backend",         [THAW_TREND_MACHINE] = "machine",
    [THAW_TREND_KERNEL] = "kernel",           [THAW_TREND_LOCK_FILE] = "lock_file",
};

/* --- keys of entries --- */

/* What is no JSON, or no text, is not known: the store is anybody's. */
static int read_key(struct thaw_trend *trend, size_t number)
{
    const char *text = trend->history->entries.items[number].key;
    json_t *object = *text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    int code = 0;

    for (size_t i = 0; i < THAW_TREND_KEY_PARTS; i++) {
        const char *part = json_string_value(json_object_get(object, thaw_trend_key_names[i]));

        trend->keys[number][i] = thaw_arena_string(&trend->arena, part);
        code = trend->keys[number][i] ? code : -ENOMEM;
    }
    json_decref(object);
    return code;
}

static int read_keys(struct thaw_trend *trend)
{
    size_t count = trend->history->entries.count;
    int code = 0;

    trend->keys = thaw_arena_allocate(&trend->arena, (count + 1) * sizeof(*trend->keys));
    if (!trend->keys)
        return -ENOMEM;
    for (size_t i = 0; !code && i < count; i++)
        code = read_key(trend, i);
    return code;
}

/* --- which values are of one series --- */

static bool is_of(const struct thaw_series *series, const char *class)
{
    return strcmp(series->class, class) == 0;
}

/* Words that this program does not know are taken for those that claim the least. */
static const char *known_class(const char *class)
{
    return !strcmp(class, "exact") ? "exact" : !strcmp(class, "counted") ? "counted" : "timed";
}

static const char *known_unit(const char *unit)
{
    return !strcmp(unit, "bytes") ? "bytes" : !strcmp(unit, "ns") ? "ns" : "count";
}

static struct thaw_series series_of(const struct thaw_trend *trend, size_t number,
                                    const struct thaw_history_value *value)
{
    struct thaw_series series = {
        .name = trend->history->entries.items[number].name,
        .metric = value->metric,
        .module = value->module,
        .distribution = value->distribution,
        .phase = value->phase,
        .class = known_class(value->class),
        .unit = known_unit(value->unit),
        .bad = THAW_TREND_NONE,
        .good = THAW_TREND_NONE,
    };
    size_t parts = is_of(&series, "timed") ? THAW_TREND_MACHINE + 1 : THAW_TREND_BACKEND + 1;

    for (size_t i = 0; i < parts; i++)
        series.key[i] = trend->keys[number][i];
    return series;
}

struct series_entry {
    size_t number;
    UT_hash_handle hh;
};

/* All that tells one series from another, each part with its length before it. */
static const char *identity_of(struct thaw_arena *arena, const struct thaw_series *series)
{
    const char *parts[] = {series->name,   series->metric, series->module, series->distribution,
                           series->phase,  series->class,  series->unit,   series->key[0],
                           series->key[1], series->key[2], series->key[3]};
    const char *text = "";

    for (size_t i = 0; text && i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *part = parts[i] ? parts[i] : "";

        text = thaw_arena_format(arena, "%s%zu:%s", text, strlen(part), part);
    }
    return text;
}

static int find_series(struct thaw_trend *trend, struct series_entry **table,
                       struct thaw_arena *scratch, const struct thaw_series *wanted, size_t *ret)
{
    const char *identity = identity_of(scratch, wanted), *kept;
    struct series_entry *entry;
    struct thaw_series *series;
    size_t length;

    if (!identity)
        return -ENOMEM;
    length = strlen(identity);
    HASH_FIND(hh, *table, identity, length, entry);
    if (entry) {
        *ret = entry->number;
        return 0;
    }
    entry = thaw_arena_allocate(&trend->arena, sizeof(*entry));
    kept = thaw_arena_string(&trend->arena, identity);
    series = entry && kept ? thaw_array_add(&trend->series) : NULL;
    if (!series)
        return -ENOMEM;
    *series = *wanted;
    *ret = entry->number = trend->series.count - 1;
    HASH_ADD_KEYPTR(hh, *table, kept, length, entry);
    return entry->hh.tbl ? 0 : -ENOMEM;
}

static int add_point(struct thaw_series *series, size_t number,
                     const struct thaw_history_value *value)
{
    struct thaw_point *point;
    int code;

    /* What an entry has twice counts once. */
    if (series->points.count && series->points.items[series->points.count - 1].entry == number)
        return 0;
    point = thaw_array_add(&series->points);
    if (!point)
        return -ENOMEM;
    *point = (struct thaw_point){number, 0, value->samples[0], value->samples[0], value->count};
    code = thaw_statistics_median(value->samples, value->count, &point->value);
    for (size_t i = 0; i < value->count; i++) {
        double sample = value->samples[i];

        point->least = sample < point->least ? sample : point->least;
        point->most = sample > point->most ? sample : point->most;
    }
    return code;
}

/* The latest entry first, so that its order is the series'. */
static int gather(struct thaw_trend *trend)
{
    struct series_entry *table = NULL;
    struct thaw_arena scratch = {0};
    int code = 0;

    for (size_t i = trend->history->entries.count; !code && i-- > 0;) {
        const struct thaw_history_entry *entry = &trend->history->entries.items[i];

        for (size_t j = 0; !code && j < entry->value_count; j++) {
            struct thaw_series wanted = series_of(trend, i, &entry->values[j]);
            size_t number;

            if (!entry->values[j].count)
                continue;
            code = find_series(trend, &table, &scratch, &wanted, &number);
            if (!code)
                code = add_point(&trend->series.items[number], i, &entry->values[j]);
            thaw_arena_free(&scratch);
        }
    }
    HASH_CLEAR(hh, table);
    return code;
}

static void turn_around(struct thaw_series *series)
{
    struct thaw_point *points = series->points.items;

    for (size_t i = 0, j = series->points.count; i + 1 < j; i++) {
        struct thaw_point point = points[i];

        points[i] = points[--j];
        points[j] = point;
    }
}

/* --- what the series says --- */

static bool is_green(const struct thaw_trend *trend, const struct thaw_point *point)
{
    const char *verdict = trend->history->entries.items[point->entry].verdict;

    return !strcmp(verdict, "pass") || !strcmp(verdict, "warn");
}

static int find_steps(struct thaw_series *series)
{
    for (size_t i = 1; i < series->points.count; i++) {
        size_t *step;

        if (series->points.items[i].value == series->points.items[i - 1].value)
            continue;
        step = thaw_array_add(&series->steps);
        if (!step)
            return -ENOMEM;
        *step = i;
    }
    return 0;
}

/* From the latest point back to the last that passed: all of them must be above it. */
static void find_bad_step(const struct thaw_trend *trend, struct thaw_series *series)
{
    const struct thaw_point *points = series->points.items;
    size_t count = series->points.count, good = count, bad;

    while (good > 0 && !is_green(trend, &points[good - 1]))
        good--;
    if (!good)
        return;
    bad = count;
    while (bad > good && points[bad - 1].value > points[good - 1].value)
        bad--;
    if (bad == count)
        return;
    series->bad = bad;
    series->good = good - 1;
}

static double rise_of(const struct thaw_change *change)
{
    /* From 0 there is no ratio, and nothing is larger. */
    return change->ratio.coverage > 0 ? change->ratio.middle : INFINITY;
}

/* Of the rises since it last fell the largest: a small one beside it may be chance. */
static void find_bad_change(struct thaw_series *series)
{
    const struct thaw_change *changes = series->changes.items, *worst = NULL;

    for (size_t i = series->changes.count; i > 0 && changes[i - 1].up; i--) {
        if (!worst || rise_of(&changes[i - 1]) >= rise_of(worst))
            worst = &changes[i - 1];
    }
    if (!worst)
        return;
    series->bad = worst->at;
    series->good = worst->at - 1;
}

static int find_changes(struct thaw_series *series)
{
    size_t count = series->points.count;
    double *values = malloc(count * sizeof(*values));
    int code;

    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        values[i] = series->points.items[i].value;
    code = thaw_changes_find(values, count, &series->changes);
    free(values);
    if (!code)
        find_bad_change(series);
    return code;
}

static int look_at(const struct thaw_trend *trend, struct thaw_series *series)
{
    int code;

    turn_around(series);
    if (!is_of(series, "exact"))
        return find_changes(series);
    code = find_steps(series);
    find_bad_step(trend, series);
    return code;
}

int thaw_trend_find(const struct thaw_history *history, struct thaw_trend *ret)
{
    int code;

    ret->history = history;
    code = read_keys(ret);
    if (!code)
        code = gather(ret);
    for (size_t i = 0; !code && i < ret->series.count; i++)
        code = look_at(ret, &ret->series.items[i]);
    return code;
}

void thaw_trend_free(struct thaw_trend *trend)
{
    for (size_t i = 0; i < trend->series.count; i++) {
        thaw_array_free(&trend->series.items[i].points);
        thaw_array_free(&trend->series.items[i].steps);
        thaw_array_free(&trend->series.items[i].changes);
    }
    thaw_array_free(&trend->series);
    thaw_arena_free(&trend->arena);
}
