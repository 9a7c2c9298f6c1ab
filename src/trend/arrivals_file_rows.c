/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "trend/arrivals_file.h"

#define ROW_NS ((int64_t)THAW_ARRIVALS_NS)

/* Requests as they come and end, by time. */
struct sweep {
    struct thaw_arrivals_file_app *app;
    size_t *rows_left;
    THAW_ARRAY(int64_t) ends; /* by time, of those whose duration is known */
    size_t ended;
    int64_t now;
    uint64_t in_flight;
    int code;
};

static int compare_requests(const void *left, const void *right)
{
    const struct thaw_arrivals_file_request *a = left, *b = right;

    return (a->unix_ns > b->unix_ns) - (a->unix_ns < b->unix_ns);
}

static int compare_ends(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

/* NULL after a failure. */
static struct thaw_arrivals *row_at(struct sweep *sweep, int64_t unix_ns)
{
    thaw_arrivals_rows *rows = &sweep->app->rows;
    int64_t from = unix_ns - unix_ns % ROW_NS;
    struct thaw_arrivals *row;

    if (sweep->code)
        return NULL;
    if (rows->count && rows->items[rows->count - 1].from_unix_ns == from)
        return &rows->items[rows->count - 1];
    row = *sweep->rows_left ? thaw_array_add(rows) : NULL;
    if (!row) {
        sweep->code = *sweep->rows_left ? -ENOMEM : -E2BIG;
        return NULL;
    }
    (*sweep->rows_left)--;
    row->app = sweep->app->name;
    row->from_unix_ns = from;
    row->measured = true;
    return row;
}

static void note_in_flight(struct thaw_arrivals *row, uint64_t in_flight)
{
    if (row && in_flight > row->most_all)
        row->most_all = in_flight;
}

/* Nothing comes or ends meanwhile. */
static void pass(struct sweep *sweep, int64_t until)
{
    while (!sweep->code && sweep->in_flight && sweep->now < until) {
        int64_t end = sweep->now - sweep->now % ROW_NS + ROW_NS;
        struct thaw_arrivals *row = row_at(sweep, sweep->now);

        end = end < until ? end : until;
        note_in_flight(row, sweep->in_flight);
        if (row)
            row->busy_ns += sweep->in_flight * (uint64_t)(end - sweep->now);
        sweep->now = end;
    }
    sweep->now = until;
}

static void end_until(struct sweep *sweep, int64_t until)
{
    while (!sweep->code && sweep->ended < sweep->ends.count &&
           sweep->ends.items[sweep->ended] <= until) {
        pass(sweep, sweep->ends.items[sweep->ended++]);
        sweep->in_flight--;
    }
}

/* One that takes no time, or of which that is not known, is there for as long as it comes. */
static void come(struct sweep *sweep, const struct thaw_arrivals_file_request *request)
{
    struct thaw_arrivals *row;

    end_until(sweep, request->unix_ns);
    pass(sweep, request->unix_ns);
    row = row_at(sweep, request->unix_ns);
    if (!row)
        return;
    row->requests++;
    note_in_flight(row, sweep->in_flight + 1);
    sweep->in_flight += request->seconds_ns > 0;
}

static int make_ends(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->app->in_progress.count; i++) {
        const struct thaw_arrivals_file_request *request = &sweep->app->in_progress.items[i];
        int64_t *end = request->seconds_ns > 0 ? thaw_array_add(&sweep->ends) : NULL;

        if (request->seconds_ns <= 0)
            continue;
        if (!end)
            return -ENOMEM;
        *end = request->unix_ns + request->seconds_ns;
    }
    if (sweep->ends.count)
        qsort(sweep->ends.items, sweep->ends.count, sizeof(*sweep->ends.items), compare_ends);
    return 0;
}

int thaw_arrivals_file_rows(struct thaw_arrivals_file_app *app, size_t *rows_left)
{
    struct sweep sweep = {.app = app, .rows_left = rows_left};
    size_t count = app->in_progress.count;

    if (!count)
        return 0;
    qsort(app->in_progress.items, count, sizeof(*app->in_progress.items), compare_requests);
    app->first_unix_ns = app->in_progress.items[0].unix_ns;
    app->last_unix_ns = app->in_progress.items[count - 1].unix_ns;
    sweep.code = make_ends(&sweep);
    for (size_t i = 0; !sweep.code && i < count; i++)
        come(&sweep, &app->in_progress.items[i]);
    end_until(&sweep, INT64_MAX);
    thaw_array_free(&sweep.ends);
    thaw_array_free(&app->in_progress);
    return sweep.code;
}
