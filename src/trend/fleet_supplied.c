/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trend/fleet_parts.h"

/* Requests of a file (arrivals_file.h) instead of the store's. */

#define ROW_NS ((int64_t)THAW_ARRIVALS_NS)
#define UNKNOWN_SHOWN 20 /* apps */

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static int64_t row_of(int64_t unix_ns)
{
    return unix_ns - unix_ns % ROW_NS;
}

/* --- the time in which both are known --- */

static void add_span(struct thaw_fleet *fleet, struct thaw_fleet_app *app,
                     struct thaw_watched covered, struct thaw_watched span)
{
    struct thaw_watched *added;

    span.from_unix_ns = later(span.from_unix_ns, covered.from_unix_ns);
    span.until_unix_ns = earlier(span.until_unix_ns, covered.until_unix_ns);
    if (fleet->values.failed || span.from_unix_ns >= span.until_unix_ns)
        return;
    added = thaw_array_add(&app->spans);
    fleet->values.failed |= !added;
    if (added)
        *added = span;
}

/* What came before the first request of a file, or after its last, it does not tell. */
static void cover(struct thaw_fleet *fleet, struct thaw_fleet_app *app)
{
    const struct thaw_fleet_rules *rules = fleet->rules;
    struct thaw_watched covered = {row_of(app->file->first_unix_ns),
                                   row_of(app->file->last_unix_ns) + ROW_NS, 0};

    covered.from_unix_ns = later(covered.from_unix_ns, rules->since_unix_ns);
    if (rules->until_unix_ns)
        covered.until_unix_ns = earlier(covered.until_unix_ns, rules->until_unix_ns);
    for (size_t i = 0; i < fleet->spans.count; i++)
        add_span(fleet, app, covered, fleet->spans.items[i]);
    if (!fleet->stored->watched.count)
        add_span(fleet, app, covered, covered);
}

/* --- rows --- */

/* The first span of *at or behind that ends after this time; NULL: there is none. Times come in
 * their order. */
static const struct thaw_watched *span_after(const struct thaw_fleet_app *app, size_t *at,
                                             int64_t unix_ns)
{
    while (*at < app->spans.count && app->spans.items[*at].until_unix_ns <= unix_ns)
        (*at)++;
    return *at < app->spans.count ? &app->spans.items[*at] : NULL;
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

typedef THAW_ARRAY(int64_t) times;

/* When requests that waited for a start came, by time. */
static void find_cold(struct thaw_fleet *fleet, const struct thaw_fleet_app *app, times *ret)
{
    for (size_t i = 0; i < app->starts.count && !fleet->values.failed; i++) {
        const struct thaw_start *start = app->starts.items[i];
        int64_t *added = start->answered ? thaw_array_add(ret) : NULL;

        fleet->values.failed |= start->answered && !added;
        if (added)
            *added = thaw_start_asked_unix_ns(start);
    }
    if (ret->count)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_times);
}

/* That of a time no earlier than the last one's; NULL: memory is short. */
static struct thaw_arrivals *row_at(struct thaw_fleet *fleet, struct thaw_fleet_app *app,
                                    int64_t from)
{
    thaw_arrivals_rows *rows = &app->arrivals;
    struct thaw_arrivals *row = rows->count ? &rows->items[rows->count - 1] : NULL;

    if (row && row->from_unix_ns == from)
        return row;
    row = thaw_array_add(rows);
    fleet->values.failed |= !row;
    if (row)
        *row = (struct thaw_arrivals){.app = app->name, .from_unix_ns = from, .measured = true};
    return row;
}

/* A row of 10 s may begin before thaw watched. */
static void take_row(struct thaw_fleet *fleet, struct thaw_fleet_app *app, size_t *span_at,
                     const struct thaw_arrivals *given)
{
    const struct thaw_watched *span = span_after(app, span_at, given->from_unix_ns);
    struct thaw_arrivals *row;

    if (!span || span->from_unix_ns >= given->from_unix_ns + ROW_NS) {
        app->left_out += given->requests;
        return;
    }
    row = row_at(fleet, app, given->from_unix_ns);
    if (!row)
        return;
    *row = *given;
    row->app = app->name;
}

static void take_cold(struct thaw_fleet *fleet, struct thaw_fleet_app *app, size_t *span_at,
                      int64_t unix_ns)
{
    const struct thaw_watched *span = span_after(app, span_at, unix_ns);
    struct thaw_arrivals *row;

    if (!span || span->from_unix_ns > unix_ns)
        return;
    row = row_at(fleet, app, row_of(unix_ns));
    if (row)
        row->cold++;
}

static void take_rows(struct thaw_fleet *fleet, struct thaw_fleet_app *app)
{
    const thaw_arrivals_rows *given = &app->file->rows;
    size_t i = 0, j = 0, row_span = 0, cold_span = 0;
    times cold = {0};

    find_cold(fleet, app, &cold);
    while (!fleet->values.failed && (i < given->count || j < cold.count)) {
        if (j == cold.count ||
            (i < given->count && given->items[i].from_unix_ns <= row_of(cold.items[j])))
            take_row(fleet, app, &row_span, &given->items[i++]);
        else
            take_cold(fleet, app, &cold_span, cold.items[j++]);
    }
    thaw_array_free(&cold);
}

void thaw_fleet_supply(struct thaw_fleet *fleet)
{
    const struct thaw_arrivals_file *file = fleet->rules->arrivals;

    for (size_t i = 0; file && i < fleet->apps.count && !fleet->values.failed; i++) {
        struct thaw_fleet_app *app = fleet->apps.items[i];

        app->file = thaw_arrivals_file_find(file, app->name);
        if (!app->file)
            continue;
        app->looked = app->arrivals;
        app->arrivals = (thaw_arrivals_rows){0};
        cover(fleet, app);
        take_rows(fleet, app);
    }
}

/* --- what was taken --- */

/* Apps of the file that the store has nothing of, in the time and of the name asked for. */
static void set_unknown(struct thaw_fleet *fleet, json_t *object)
{
    const struct thaw_arrivals_file *file = fleet->rules->arrivals;
    const char *asked = fleet->rules->app, *names[UNKNOWN_SHOWN];
    const struct thaw_arrivals_file_app *given;
    uint64_t count = 0;

    for (given = file->apps; given; given = given->hh.next) {
        struct thaw_fleet_app *app = NULL;

        HASH_FIND(hh, fleet->by_name, given->name, strlen(given->name), app);
        if (app || (asked && strcmp(asked, given->name) != 0))
            continue;
        if (count < UNKNOWN_SHOWN)
            names[count] = given->name;
        count++;
    }
    thaw_values_set_number(&fleet->values, object, "unknown_apps", count);
    thaw_values_set_texts(&fleet->values, object, "unknown", names,
                          count < UNKNOWN_SHOWN ? count : UNKNOWN_SHOWN);
}

static void set_range(struct thaw_fleet *fleet, json_t *object)
{
    const struct thaw_arrivals_file_app *app = fleet->rules->arrivals->apps;
    int64_t first = app ? app->first_unix_ns : 0, last = app ? app->last_unix_ns : 0;

    if (!app) {
        thaw_values_set_null(&fleet->values, object, "first_ns");
        thaw_values_set_null(&fleet->values, object, "first");
        thaw_values_set_null(&fleet->values, object, "last_ns");
        thaw_values_set_null(&fleet->values, object, "last");
        return;
    }
    for (; app; app = app->hh.next) {
        first = earlier(first, app->first_unix_ns);
        last = later(last, app->last_unix_ns);
    }
    thaw_fleet_set_time(fleet, object, "first", first);
    thaw_fleet_set_time(fleet, object, "last", last);
}

json_t *thaw_fleet_supplied(struct thaw_fleet *fleet)
{
    const struct thaw_arrivals_file *file = fleet->rules->arrivals;
    uint64_t apps = 0, requests = 0, left_out = 0;
    json_t *object;

    if (!file)
        return json_null();
    for (size_t i = 0; i < fleet->apps.count; i++) {
        const struct thaw_fleet_app *app = fleet->apps.items[i];

        apps += app->file != NULL;
        requests += app->file ? app->file->requests - app->left_out : 0;
        left_out += app->left_out;
    }
    object = thaw_values_object(&fleet->values);
    thaw_values_set_text(&fleet->values, object, "file", file->name);
    thaw_values_set_number(&fleet->values, object, "requests", file->requests);
    set_range(fleet, object);
    thaw_values_set_number(&fleet->values, object, "apps_taken", apps);
    thaw_values_set_number(&fleet->values, object, "requests_taken", requests);
    thaw_values_set_number(&fleet->values, object, "requests_left_out", left_out);
    set_unknown(fleet, object);
    return object;
}
