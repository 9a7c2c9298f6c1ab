/* SPDX-License-Identifier: Apache-2.0 */
#include "trend/fleet_parts.h"

/* What an app was asked, and whether its threads or workers were too few for it. */

struct sums {
    uint64_t rows, unmeasured; /* of 10 s */
    uint64_t requests, cold, busy_ns;
    uint64_t most_at_once, most_all;
    uint64_t looks, at_limit;
};

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static struct sums sums_of(const thaw_arrivals_rows *rows)
{
    struct sums sums = {0};

    for (size_t i = 0; i < rows->count; i++) {
        const struct thaw_arrivals *row = &rows->items[i];

        sums.rows++;
        sums.looks += row->limit_looks;
        sums.at_limit += row->at_limit;
        sums.most_at_once = larger(sums.most_at_once, row->most_at_once);
        sums.most_all = larger(sums.most_all, row->most_all);
        if (!row->measured) {
            sums.unmeasured++;
            continue;
        }
        sums.requests += row->requests;
        sums.cold += row->cold;
        sums.busy_ns += row->busy_ns;
    }
    return sums;
}

json_t *thaw_fleet_requests(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct thaw_values *values = &fleet->values;
    json_t *object = thaw_values_object(values);
    struct sums sums = sums_of(&app->arrivals);
    bool any = sums.rows > sums.unmeasured;
    bool timed = !app->file || app->file->timed == app->file->requests;

    thaw_values_set_text(values, object, "source", app->file ? "file" : "store");

    thaw_values_set_text(values, object, "measured",
                         !any              ? "no"
                         : sums.unmeasured ? "partly"
                                           : "yes");
    thaw_values_set_number(values, object, "rows", sums.rows);
    thaw_values_set_number(values, object, "unmeasured_rows", sums.unmeasured);
    if (any) {
        thaw_values_set_number(values, object, "count", sums.requests);
        thaw_values_set_number(values, object, "cold", sums.cold);
    } else {
        thaw_values_set_null(values, object, "count");
        thaw_values_set_null(values, object, "cold");
    }
    if (any && timed)
        thaw_values_set_number(values, object, "busy_ns", sums.busy_ns);
    else
        thaw_values_set_null(values, object, "busy_ns");
    thaw_values_set(values, object, "cold_share",
                    any ? thaw_fleet_proportion(fleet, sums.cold, sums.requests) : json_null());
    return object;
}

/* Looks at threads are the store's in any case: no log has them. */
static const thaw_arrivals_rows *looked_at(const struct thaw_fleet_app *app)
{
    return app->file ? &app->looked : &app->arrivals;
}

/* The day on which requests waited at the most looks. */
static json_t *worst_day(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct {
        int day;
        uint64_t looks, at_limit;
    } now = {0}, worst = {0};
    const thaw_arrivals_rows *rows = looked_at(app);
    json_t *object;

    for (size_t i = 0; i < rows->count; i++) {
        const struct thaw_arrivals *row = &rows->items[i];
        int day = row->limit_looks ? thaw_fleet_day(row->from_unix_ns) : now.day;

        if (day != now.day) {
            now.day = day;
            now.looks = now.at_limit = 0;
        }
        now.looks += row->limit_looks;
        now.at_limit += row->at_limit;
        if (now.at_limit > worst.at_limit || now.day == worst.day)
            worst = now;
    }
    if (!worst.at_limit)
        return json_null();
    object = thaw_values_object(&fleet->values);
    thaw_fleet_set_day(fleet, object, "date", worst.day);
    thaw_values_set_number(&fleet->values, object, "looks", worst.looks);
    thaw_values_set_number(&fleet->values, object, "at_limit", worst.at_limit);
    return object;
}

json_t *thaw_fleet_limit(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct thaw_values *values = &fleet->values;
    json_t *object = thaw_values_object(values);
    struct sums sums = sums_of(looked_at(app));

    thaw_values_set_text(values, object, "verdict",
                         !sums.looks     ? "unknown"
                         : sums.at_limit ? "seen"
                                         : "never");
    thaw_values_set_number(values, object, "looks", sums.looks);
    thaw_values_set_number(values, object, "at_limit", sums.at_limit);
    thaw_values_set(values, object, "worst_day", worst_day(fleet, app));
    if (sums.rows) {
        thaw_values_set_number(values, object, "most_in_process", sums.most_at_once);
        thaw_values_set_number(values, object, "most_in_app", sums.most_all);
    } else {
        thaw_values_set_null(values, object, "most_in_process");
        thaw_values_set_null(values, object, "most_in_app");
    }
    return object;
}
