/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "trend/fleet_parts.h"
#include "trend/fleet_warm.h"

#define TRIED_CONCURRENCY 32  /* at most */
#define READY_MOST 8          /* instances, at most */
#define LEAST_MEASURED 0.95   /* of the rows */
#define FIT_LEAST (2.0 / 3.0) /* modelled starts to those seen */
#define FIT_MOST (3.0 / 2.0)

/* --- the model --- */

static uint64_t needed(const struct thaw_arrivals *row, uint64_t concurrency)
{
    double load = (double)row->busy_ns / (double)THAW_ARRIVALS_NS, instances;

    if (!row->requests && !row->most_all)
        return 0;
    load = fmax(load, (double)row->most_all);
    instances = ceil(load / (double)concurrency);
    return instances < 1                         ? 1
           : instances < THAW_WARM_INSTANCES_MAX ? (uint64_t)instances
                                                 : THAW_WARM_INSTANCES_MAX;
}

static struct thaw_watched cut(const struct thaw_warm_question *question, struct thaw_watched span)
{
    if (span.from_unix_ns < question->from_ns)
        span.from_unix_ns = question->from_ns;
    if (span.until_unix_ns < span.from_unix_ns)
        span.until_unix_ns = span.from_unix_ns;
    return span;
}

/* The time watched that has it or comes before it; where none is told it is one, from the first row
 * to the last. */
static struct thaw_watched span_at(const struct thaw_warm_question *question, int64_t at)
{
    const struct thaw_arrivals *rows = question->rows;
    size_t low = 0, high = question->span_count;

    if (!high)
        return (struct thaw_watched){
            rows[0].from_unix_ns,
            rows[question->count - 1].from_unix_ns + (int64_t)THAW_ARRIVALS_NS, 0};
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (question->spans[middle].from_unix_ns <= at)
            low = middle;
        else
            high = middle;
    }
    return cut(question, question->spans[low]);
}

/* Of a row: it may begin up to 10 s before thaw watched. */
static struct thaw_watched span_of(const struct thaw_warm_question *question, size_t row)
{
    return span_at(question, question->rows[row].from_unix_ns + (int64_t)THAW_ARRIVALS_NS - 1);
}

static bool counts(const struct thaw_warm_question *question, const struct thaw_watched *span,
                   int64_t at)
{
    return at >= span->from_unix_ns && at < span->until_unix_ns &&
           (uint64_t)(at - span->from_unix_ns) >= question->idle_ns;
}

int thaw_warm_counts(const struct thaw_warm_question *question, int64_t unix_ns)
{
    struct thaw_watched span;

    if (!question->count)
        return 0;
    span = span_at(question, unix_ns);
    return counts(question, &span, unix_ns);
}

/* Instances, those used last first. */
struct pool {
    int64_t *used; /* when each was */
    uint64_t alive, ready;
};

static void let_go(struct pool *pool, int64_t now, uint64_t idle_ns)
{
    while (pool->alive > pool->ready && (uint64_t)(now - pool->used[pool->alive - 1]) > idle_ns)
        pool->alive--;
}

/* How many start for it. */
static uint64_t use(struct pool *pool, uint64_t instances, int64_t now)
{
    uint64_t starts = instances > pool->alive ? instances - pool->alive : 0;

    pool->alive += starts;
    for (uint64_t i = 0; i < instances; i++)
        pool->used[i] = now;
    return starts;
}

static uint64_t counted_time(const struct thaw_warm_question *question)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < (question->span_count ? question->span_count : 1); i++) {
        struct thaw_watched span =
            question->span_count ? cut(question, question->spans[i]) : span_of(question, 0);
        uint64_t length = (uint64_t)(span.until_unix_ns - span.from_unix_ns);

        sum += length > question->idle_ns ? length - question->idle_ns : 0;
    }
    return sum;
}

int thaw_warm_replay(const struct thaw_warm_question *question, struct thaw_warm_answer *ret)
{
    struct pool pool = {.ready = question->ready, .alive = question->ready};
    struct thaw_warm_answer answer = {0};
    int64_t begun = -1;

    if (!question->count) {
        *ret = answer;
        return 0;
    }
    pool.used = calloc(THAW_WARM_INSTANCES_MAX + question->ready, sizeof(*pool.used));
    if (!pool.used)
        return -ENOMEM;
    for (size_t i = 0; i < question->count; i++) {
        int64_t now = question->rows[i].from_unix_ns;
        struct thaw_watched span = span_of(question, i);
        uint64_t instances = needed(&question->rows[i], question->concurrency), starts;

        if (span.from_unix_ns != begun) { /* what was there before is not known */
            begun = span.from_unix_ns;
            pool.alive = pool.ready;
        }
        let_go(&pool, now, question->idle_ns);
        starts = use(&pool, instances, now);
        answer.starts += counts(question, &span, now) ? starts : 0;
        answer.most_needed = instances > answer.most_needed ? instances : answer.most_needed;
    }
    answer.counted_ns = counted_time(question);
    free(pool.used);
    *ret = answer;
    return 0;
}

/* --- of an app --- */

struct warming {
    struct thaw_fleet *fleet;
    const struct thaw_fleet_app *app;
    struct thaw_warm_question question;
    uint64_t seen;   /* starts, in the time that counts */
    double start_ns; /* mean of its timed ones */
    uint64_t most_at_once;
    struct thaw_warm_answer without; /* any that is always ready */
};

static const char *hindrance(const struct thaw_fleet_app *app, double start_ns)
{
    size_t measured = 0;

    if (app->file && !app->arrivals.count)
        return "the file has no request in the time that was watched";
    for (size_t i = 0; i < app->arrivals.count; i++)
        measured += app->arrivals.items[i].measured;
    if (!measured)
        return "requests were not measured";
    if ((double)measured < LEAST_MEASURED * (double)app->arrivals.count)
        return "requests were measured for a part of the time only";
    return start_ns > 0 ? NULL : "no start was timed";
}

static void replay(struct warming *warming, struct thaw_warm_answer *ret)
{
    if (!warming->fleet->values.failed && thaw_warm_replay(&warming->question, ret) != 0)
        warming->fleet->values.failed = true;
}

static uint64_t difference(uint64_t one, uint64_t other)
{
    return one > other ? one - other : other - one;
}

/* How many requests an instance takes is not known: so many that the model comes nearest to what
 * was seen, and no more than one process was seen to have. */
static void fit(struct warming *warming)
{
    uint64_t most = warming->most_at_once < 1 ? 1 : warming->most_at_once, best = 1;

    most = most < TRIED_CONCURRENCY ? most : TRIED_CONCURRENCY;
    for (uint64_t i = 1; i <= most; i++) {
        struct thaw_warm_answer answer = {0};

        warming->question.concurrency = i;
        replay(warming, &answer);
        if (i == 1 || difference(answer.starts, warming->seen) <
                          difference(warming->without.starts, warming->seen)) {
            warming->without = answer;
            best = i;
        }
    }
    warming->question.concurrency = best;
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* A file does not tell it: where the store does not, either, it can't be more than were in flight
 * in all of the app. */
static uint64_t most_in_process(const struct thaw_fleet_app *app)
{
    uint64_t in_process = 0, in_all = 0;

    for (size_t i = 0; i < app->arrivals.count; i++) {
        in_process = larger(in_process, app->arrivals.items[i].most_at_once);
        in_all = larger(in_all, app->arrivals.items[i].most_all);
    }
    for (size_t i = 0; i < app->looked.count; i++)
        in_process = larger(in_process, app->looked.items[i].most_at_once);
    return app->file && !in_process ? in_all : in_process;
}

static void look_at(struct warming *warming)
{
    const struct thaw_fleet_app *app = warming->app;
    uint64_t timed = 0;
    double sum = 0;

    for (size_t i = 0; i < app->starts.count; i++) {
        const struct thaw_start *start = app->starts.items[i];

        if (thaw_fleet_is_timed(start)) {
            sum += (double)start->total_ns;
            timed++;
        }
        warming->seen +=
            !start->further && thaw_warm_counts(&warming->question, start->begin_unix_ns);
    }
    warming->start_ns = timed ? sum / (double)timed : 0;
    warming->most_at_once = most_in_process(app);
}

static bool fits(const struct warming *warming)
{
    double seen = (double)warming->seen, modelled = (double)warming->without.starts;

    return seen > 0 && modelled >= seen * FIT_LEAST && modelled <= seen * FIT_MOST;
}

static json_t *ready_object(struct warming *warming, uint64_t ready, uint64_t *ret_left)
{
    struct thaw_values *values = &warming->fleet->values;
    json_t *object = thaw_values_object(values);
    struct thaw_warm_answer answer = {0};
    uint64_t avoided;

    warming->question.ready = ready;
    replay(warming, &answer);
    avoided = warming->without.starts > answer.starts ? warming->without.starts - answer.starts : 0;
    thaw_values_set_number(values, object, "instances", ready);
    thaw_values_set_number(values, object, "starts", answer.starts);
    thaw_values_set_number(values, object, "avoided", avoided);
    if (warming->without.starts)
        thaw_fleet_set_share(warming->fleet, object, "avoided_share",
                             (double)avoided / (double)warming->without.starts);
    else
        thaw_values_set_null(values, object, "avoided_share");
    thaw_fleet_set_ns(warming->fleet, object, "waiting_avoided_ns",
                      (double)avoided * warming->start_ns);
    thaw_values_set_number(values, object, "ready_ns", ready * answer.counted_ns);
    *ret_left = answer.starts;
    return object;
}

static json_t *ready_list(struct warming *warming)
{
    json_t *list = thaw_values_array(&warming->fleet->values);
    uint64_t left = warming->without.starts;

    for (uint64_t ready = 1; left && ready <= READY_MOST && !warming->fleet->values.failed; ready++)
        thaw_values_append(&warming->fleet->values, list, ready_object(warming, ready, &left));
    return list;
}

static void set_model(struct warming *warming, json_t *object)
{
    struct thaw_values *values = &warming->fleet->values;

    fit(warming);
    thaw_values_set_null(values, object, "why_not");
    thaw_values_set_number(values, object, "idle_ns", warming->question.idle_ns);
    thaw_values_set_number(values, object, "concurrency", warming->question.concurrency);
    thaw_values_set_number(values, object, "counted_ns", warming->without.counted_ns);
    thaw_values_set_number(values, object, "most_needed", warming->without.most_needed);
    thaw_values_set_number(values, object, "seen", warming->seen);
    thaw_values_set_number(values, object, "modelled", warming->without.starts);
    thaw_values_set_boolean(values, object, "fits", fits(warming));
    thaw_fleet_set_ns(warming->fleet, object, "start_ns", warming->start_ns);
    thaw_values_set(values, object, "ready", ready_list(warming));
}

json_t *thaw_fleet_keep_warm(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct warming warming = {
        .fleet = fleet,
        .app = app,
        .question = {.rows = app->arrivals.items,
                     .count = app->arrivals.count,
                     .spans = fleet->spans.items,
                     .span_count = fleet->spans.count,
                     .from_ns = fleet->requests_from_ns,
                     .idle_ns = fleet->rules->idle_ns ? fleet->rules->idle_ns : THAW_FLEET_IDLE_NS,
                     .concurrency = 1},
    };
    json_t *object = thaw_values_object(&fleet->values);
    const char *why;

    if (app->file) {
        warming.question.spans = app->spans.items;
        warming.question.span_count = app->spans.count;
        warming.question.from_ns = 0; /* the store's bounds have not taken the file's */
    }
    look_at(&warming);
    why = hindrance(app, warming.start_ns);
    thaw_values_set_boolean(&fleet->values, object, "simulated", !why);
    if (why)
        thaw_values_set_text(&fleet->values, object, "why_not", why);
    else
        set_model(&warming, object);
    return object;
}
