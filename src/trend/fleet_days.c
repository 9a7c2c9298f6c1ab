/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "trend/fleet_parts.h"

#define WATCHED_PIECES_MAX 50000 /* days of spans, added up: more would be nobody's record */

struct day {
    UT_hash_handle hh;
    int date;
    uint64_t starts, answered, incomplete, further;
    thaw_fleet_numbers total_ns; /* of timed ones */
    uint64_t rows, unmeasured, requests, cold;
    int64_t watched_ns;
};

struct days {
    struct thaw_fleet *fleet;
    struct day *table;
    struct day *last; /* most come in order */
};

int thaw_fleet_day(int64_t unix_ns)
{
    time_t seconds = (time_t)(unix_ns / 1000000000);
    struct tm parts;

    if (!localtime_r(&seconds, &parts))
        return 0;
    return (parts.tm_year + 1900) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday;
}

void thaw_fleet_set_day(struct thaw_fleet *fleet, json_t *object, const char *key, int day)
{
    char text[32];

    snprintf(text, sizeof(text), "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
    thaw_values_set_text(&fleet->values, object, key, text);
}

static struct day *day_of(struct days *days, int64_t unix_ns)
{
    int date = thaw_fleet_day(unix_ns);
    struct day *day = days->last;

    if (day && day->date == date)
        return day;
    HASH_FIND(hh, days->table, &date, sizeof(date), day);
    if (!day) {
        day = thaw_arena_allocate(&days->fleet->arena, sizeof(*day));
        if (day) {
            day->date = date;
            HASH_ADD(hh, days->table, date, sizeof(date), day);
        }
        if (!day || !day->hh.tbl) {
            days->fleet->values.failed = true;
            return NULL;
        }
    }
    days->last = day;
    return day;
}

static void add_start(struct days *days, const struct thaw_start *start)
{
    struct day *day = day_of(days, start->end_unix_ns);

    if (!day)
        return;
    day->starts++;
    day->answered += start->answered;
    day->incomplete += !start->complete;
    day->further += start->further;
    if (thaw_fleet_is_timed(start))
        thaw_fleet_add_number(days->fleet, &day->total_ns, (double)start->total_ns);
}

static void add_arrivals(struct days *days, const struct thaw_arrivals *row)
{
    struct day *day = day_of(days, row->from_unix_ns);

    if (!day)
        return;
    day->rows++;
    day->unmeasured += !row->measured;
    if (row->measured) {
        day->requests += row->requests;
        day->cold += row->cold;
    }
}

static void add_app(struct days *days, const struct thaw_fleet_app *app)
{
    for (size_t i = 0; !days->fleet->values.failed && i < app->starts.count; i++)
        add_start(days, app->starts.items[i]);
    for (size_t i = 0; !days->fleet->values.failed && i < app->arrivals.count; i++)
        add_arrivals(days, &app->arrivals.items[i]);
}

/* When the local day that has this time is over. */
static int64_t end_of_day(int64_t unix_ns)
{
    time_t seconds = (time_t)(unix_ns / 1000000000), next;
    struct tm parts;

    if (!localtime_r(&seconds, &parts))
        return INT64_MAX;
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    parts.tm_mday++;
    parts.tm_isdst = -1;
    next = mktime(&parts);
    return next > seconds && next < INT64_MAX / 1000000000 ? (int64_t)next * 1000000000 : INT64_MAX;
}

/* Only days on which something is known are in the table: all on which thaw watched. */
static void add_watched(struct days *days)
{
    size_t pieces = 0;

    for (size_t i = 0; i < days->fleet->spans.count; i++) {
        int64_t at = days->fleet->spans.items[i].from_unix_ns;
        int64_t until = days->fleet->spans.items[i].until_unix_ns;

        while (at < until && pieces++ < WATCHED_PIECES_MAX && !days->fleet->values.failed) {
            int64_t end = end_of_day(at);
            struct day *day = day_of(days, at);

            end = end < until ? end : until;
            if (day)
                day->watched_ns += end - at;
            at = end;
        }
    }
}

static int compare(const struct day *one, const struct day *other)
{
    return (one->date > other->date) - (one->date < other->date);
}

static json_t *day_object(struct days *days, struct day *day, bool all)
{
    struct thaw_values *values = &days->fleet->values;
    json_t *object = thaw_values_object(values);
    bool any = day->rows > day->unmeasured;

    thaw_fleet_set_day(days->fleet, object, "date", day->date);
    if (all && days->fleet->spans.count)
        thaw_values_set_signed(values, object, "watched_ns", day->watched_ns);
    else if (all)
        thaw_values_set_null(values, object, "watched_ns");
    thaw_values_set_number(values, object, "starts", day->starts);
    thaw_values_set_number(values, object, "answered", day->answered);
    thaw_values_set_number(values, object, "incomplete", day->incomplete);
    thaw_values_set_number(values, object, "further", day->further);
    thaw_values_set(values, object, "total", thaw_fleet_quantiles(days->fleet, &day->total_ns));
    if (any) {
        thaw_values_set_number(values, object, "requests", day->requests);
        thaw_values_set_number(values, object, "cold", day->cold);
    } else {
        thaw_values_set_null(values, object, "requests");
        thaw_values_set_null(values, object, "cold");
    }
    thaw_values_set(values, object, "cold_share",
                    any ? thaw_fleet_proportion(days->fleet, day->cold, day->requests)
                        : json_null());
    return object;
}

json_t *thaw_fleet_days(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct days days = {.fleet = fleet};
    json_t *list = thaw_values_array(&fleet->values);
    struct day *day, *next;

    if (app) {
        add_app(&days, app);
    } else {
        for (size_t i = 0; i < fleet->apps.count; i++)
            add_app(&days, fleet->apps.items[i]);
        add_watched(&days);
    }
    HASH_SORT(days.table, compare);
    HASH_ITER(hh, days.table, day, next)
    {
        thaw_values_append(&fleet->values, list, day_object(&days, day, !app));
        thaw_array_free(&day->total_ns);
    }
    HASH_CLEAR(hh, days.table);
    return list;
}
