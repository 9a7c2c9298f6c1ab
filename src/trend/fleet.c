/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "thaw/version.h"
#include "trend/fleet_parts.h"

#define REASONS_MOST 20 /* for which starts are incomplete, or unanswered, of an app */

/* --- by app --- */

static struct thaw_fleet_app *find_app(struct thaw_fleet *fleet, const char *name)
{
    struct thaw_fleet_app *app = NULL, **added;

    HASH_FIND(hh, fleet->by_name, name, strlen(name), app);
    if (app)
        return app;
    app = thaw_arena_allocate(&fleet->arena, sizeof(*app));
    added = thaw_array_add(&fleet->apps);
    if (app && added) {
        app->name = name;
        *added = app;
        HASH_ADD_KEYPTR(hh, fleet->by_name, name, strlen(name), app);
    } else if (added) {
        fleet->apps.count--;
    }
    fleet->values.failed |= !app || !added || !app->hh.tbl;
    return fleet->values.failed ? NULL : app;
}

static void add_start(struct thaw_fleet *fleet, const struct thaw_start *start)
{
    struct thaw_fleet_app *app = find_app(fleet, start->identity.app);
    const struct thaw_start **added = app ? thaw_array_add(&app->starts) : NULL;

    fleet->values.failed |= !added;
    if (!added)
        return;
    *added = start;
    app->waited_us += start->total_ns / 1000; /* so that no sum is too large */
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* Two rows of the same 10 s: thaw ended and began between them. */
static void join_arrivals(struct thaw_arrivals *row, const struct thaw_arrivals *more)
{
    row->requests += more->requests;
    row->cold += more->cold;
    row->busy_ns += more->busy_ns;
    row->most_at_once = larger(row->most_at_once, more->most_at_once);
    row->most_all = larger(row->most_all, more->most_all);
    row->processes = larger(row->processes, more->processes);
    row->limit_looks += more->limit_looks;
    row->at_limit += more->at_limit;
    row->measured &= more->measured;
}

static void add_arrivals(struct thaw_fleet *fleet, const struct thaw_arrivals *row)
{
    struct thaw_fleet_app *app = find_app(fleet, row->app);
    struct thaw_arrivals *added;

    if (!app)
        return;
    if (app->arrivals.count &&
        app->arrivals.items[app->arrivals.count - 1].from_unix_ns == row->from_unix_ns) {
        join_arrivals(&app->arrivals.items[app->arrivals.count - 1], row);
        return;
    }
    added = thaw_array_add(&app->arrivals);
    if (added)
        *added = *row;
    fleet->values.failed |= !added;
}

static int compare_apps(const void *left, const void *right)
{
    const struct thaw_fleet_app *a = *(const struct thaw_fleet_app *const *)left,
                                *b = *(const struct thaw_fleet_app *const *)right;

    return a->waited_us > b->waited_us   ? -1
           : a->waited_us < b->waited_us ? 1
                                         : strcmp(a->name, b->name);
}

static void group(struct thaw_fleet *fleet)
{
    const struct thaw_stored_starts *stored = fleet->stored;

    for (size_t i = 0; !fleet->values.failed && i < stored->starts.count; i++)
        add_start(fleet, &stored->starts.items[i]);
    for (size_t i = 0; !fleet->values.failed && i < stored->arrivals.count; i++)
        add_arrivals(fleet, &stored->arrivals.items[i]);
    if (fleet->apps.count)
        qsort((void *)fleet->apps.items, fleet->apps.count, sizeof(*fleet->apps.items),
              compare_apps);
}

/* --- when it watched --- */

static int64_t latest_of(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* What was watched before what is kept says nothing: the bounds have taken it. */
static void cut_spans(struct thaw_fleet *fleet)
{
    const struct thaw_stored_starts *stored = fleet->stored;
    const struct thaw_fleet_rules *rules = fleet->rules;
    int64_t from = rules->since_unix_ns;

    if ((stored->starts_removed || stored->left_out) && stored->starts.count)
        from = latest_of(from, stored->starts.items[0].end_unix_ns);
    if (stored->arrivals_removed && stored->arrivals.count)
        fleet->requests_from_ns = stored->arrivals.items[0].from_unix_ns;
    for (size_t i = 0; !fleet->values.failed && i < stored->watched.count; i++) {
        struct thaw_watched span = stored->watched.items[i], *added;

        span.from_unix_ns = latest_of(span.from_unix_ns, from);
        if (rules->until_unix_ns && span.until_unix_ns > rules->until_unix_ns)
            span.until_unix_ns = rules->until_unix_ns;
        if (span.from_unix_ns >= span.until_unix_ns)
            continue;
        added = thaw_array_add(&fleet->spans);
        fleet->values.failed |= !added;
        if (added)
            *added = span;
    }
}

/* --- an app --- */

struct counts {
    uint64_t seen, answered, incomplete, further, timed;
};

static json_t *counts_object(struct thaw_fleet *fleet, const struct counts *counts)
{
    struct thaw_values *values = &fleet->values;
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "seen", counts->seen);
    thaw_values_set_number(values, object, "answered", counts->answered);
    thaw_values_set_number(values, object, "incomplete", counts->incomplete);
    thaw_values_set_number(values, object, "further", counts->further);
    thaw_values_set_number(values, object, "timed", counts->timed);
    return object;
}

static struct counts count_starts(const struct thaw_fleet_app *app)
{
    struct counts counts = {.seen = app->starts.count};

    for (size_t i = 0; i < app->starts.count; i++) {
        counts.answered += app->starts.items[i]->answered;
        counts.incomplete += !app->starts.items[i]->complete;
        counts.further += app->starts.items[i]->further;
        counts.timed += thaw_fleet_is_timed(app->starts.items[i]);
    }
    return counts;
}

/* Totals of the timed starts; of the further workers that were answered and are complete. */
static json_t *totals(struct thaw_fleet *fleet, const struct thaw_fleet_app *app, bool further)
{
    thaw_fleet_numbers numbers = {0};
    json_t *object;

    for (size_t i = 0; i < app->starts.count; i++) {
        const struct thaw_start *start = app->starts.items[i];

        if (start->answered && start->complete && start->further == further)
            thaw_fleet_add_number(fleet, &numbers, (double)start->total_ns);
    }
    object = thaw_fleet_quantiles(fleet, &numbers);
    thaw_array_free(&numbers);
    return object;
}

/* Numbers of processes differ where the reason is the same. */
static const char *without_process(struct thaw_fleet *fleet, const char *reason)
{
    static const char word[] = "process ";
    const char *found = strstr(reason, word), *rest, *text;

    if (!found)
        return reason;
    found += sizeof(word) - 1;
    rest = found + strspn(found, "0123456789");
    if (rest == found)
        return reason;
    text = thaw_arena_format(&fleet->arena, "%.*sN%s", (int)(found - reason), reason, rest);
    fleet->values.failed |= !text;
    return text ? text : reason;
}

/* NULL: it is whole. */
static const char *why_incomplete(const struct thaw_start *start)
{
    return start->complete ? NULL : start->incomplete;
}

static const char *why_unanswered(const struct thaw_start *start)
{
    return start->answered ? NULL : start->ended;
}

/* What of_start says of starts (NULL: nothing), and of how many. */
static json_t *reasons(struct thaw_fleet *fleet, const struct thaw_fleet_app *app,
                       const char *(*of_start)(const struct thaw_start *))
{
    json_t *object = thaw_values_object(&fleet->values);

    for (size_t i = 0; i < app->starts.count && !fleet->values.failed; i++) {
        const char *reason = of_start(app->starts.items[i]);
        const json_t *count;

        if (!reason)
            continue;
        reason = thaw_text_for_json(&fleet->arena, without_process(fleet, reason));
        fleet->values.failed |= !reason;
        count = reason ? json_object_get(object, reason) : NULL;
        if (reason && (count || json_object_size(object) < REASONS_MOST))
            thaw_values_set_signed(&fleet->values, object, reason, json_integer_value(count) + 1);
    }
    return object;
}

static json_t *app_object(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct thaw_values *values = &fleet->values;
    json_t *object = thaw_values_object(values);
    struct counts counts = count_starts(app);
    const struct thaw_start *last =
        app->starts.count ? app->starts.items[app->starts.count - 1] : NULL;

    thaw_values_set_text(values, object, "name", app->name);
    thaw_values_set_name(values, object, "platform", last ? last->identity.platform : "");
    thaw_values_set_name(values, object, "python", last ? last->identity.python : "");
    thaw_values_set(values, object, "starts", counts_object(fleet, &counts));
    thaw_values_set(values, object, "incomplete_reasons", reasons(fleet, app, why_incomplete));
    thaw_values_set(values, object, "unanswered_reasons", reasons(fleet, app, why_unanswered));
    thaw_values_set(values, object, "total", totals(fleet, app, false));
    thaw_values_set(values, object, "further_total", totals(fleet, app, true));
    thaw_values_set(values, object, "phases", thaw_fleet_phases(fleet, app));
    thaw_values_set(values, object, "functions", thaw_fleet_functions(fleet, app));
    thaw_values_set(values, object, "requests", thaw_fleet_requests(fleet, app));
    thaw_values_set(values, object, "limit", thaw_fleet_limit(fleet, app));
    thaw_values_set(values, object, "deploy", thaw_fleet_deploy(fleet, app));
    thaw_values_set(values, object, "modules", thaw_fleet_modules(fleet, app));
    thaw_values_set(values, object, "keep_warm", thaw_fleet_keep_warm(fleet, app));
    thaw_values_set(values, object, "days", thaw_fleet_days(fleet, app));
    return object;
}

/* --- all of it --- */

static void set_optional_time(struct thaw_fleet *fleet, json_t *object, const char *key, int64_t ns)
{
    if (ns)
        thaw_values_set_signed(&fleet->values, object, key, ns);
    else
        thaw_values_set_null(&fleet->values, object, key);
}

static json_t *asked_object(struct thaw_fleet *fleet)
{
    const struct thaw_fleet_rules *rules = fleet->rules;
    json_t *object = thaw_values_object(&fleet->values);

    if (rules->app)
        thaw_values_set_text(&fleet->values, object, "app", rules->app);
    else
        thaw_values_set_null(&fleet->values, object, "app");
    set_optional_time(fleet, object, "since_ns", rules->since_unix_ns);
    set_optional_time(fleet, object, "until_ns", rules->until_unix_ns);
    set_optional_time(fleet, object, "deploy_ns", rules->deploy_unix_ns);
    thaw_values_set_number(&fleet->values, object, "idle_ns",
                           rules->idle_ns ? rules->idle_ns : THAW_FLEET_IDLE_NS);
    return object;
}

/* From the first to the last that is known of. */
static void set_range(struct thaw_fleet *fleet, json_t *root)
{
    const struct thaw_stored_starts *stored = fleet->stored;
    int64_t first = INT64_MAX, last = 0;

    if (stored->starts.count) {
        first = stored->starts.items[0].end_unix_ns;
        last = stored->starts.items[stored->starts.count - 1].end_unix_ns;
    }
    if (stored->arrivals.count) {
        int64_t from = stored->arrivals.items[0].from_unix_ns,
                until = stored->arrivals.items[stored->arrivals.count - 1].from_unix_ns;

        first = from < first ? from : first;
        last = until > last ? until : last;
    }
    if (first != INT64_MAX) {
        thaw_fleet_set_time(fleet, root, "first", first);
        thaw_fleet_set_time(fleet, root, "last", last);
        return;
    }
    thaw_values_set_null(&fleet->values, root, "first_ns");
    thaw_values_set_null(&fleet->values, root, "first");
    thaw_values_set_null(&fleet->values, root, "last_ns");
    thaw_values_set_null(&fleet->values, root, "last");
}

static json_t *watched_object(struct thaw_fleet *fleet)
{
    json_t *object;
    uint64_t sum = 0, lost = 0;
    int64_t last = 0;

    if (!fleet->spans.count)
        return json_null();
    for (size_t i = 0; i < fleet->spans.count; i++) {
        const struct thaw_watched *span = &fleet->spans.items[i];

        last = latest_of(last, span->until_unix_ns);
        sum += (uint64_t)(span->until_unix_ns - span->from_unix_ns);
        lost += span->lost;
    }
    object = thaw_values_object(&fleet->values);
    thaw_values_set_number(&fleet->values, object, "ns", sum);
    thaw_values_set_number(&fleet->values, object, "of_ns",
                           (uint64_t)(last - fleet->spans.items[0].from_unix_ns));
    thaw_values_set_number(&fleet->values, object, "times", fleet->spans.count);
    thaw_values_set_number(&fleet->values, object, "events_lost", lost);
    return object;
}

static json_t *tests_object(struct thaw_fleet *fleet)
{
    json_t *object = thaw_values_object(&fleet->values);

    thaw_values_set_number(&fleet->values, object, "count", fleet->tests);
    thaw_values_set_text(&fleet->values, object, "test", "Mann-Whitney, two-sided");
    thaw_values_set_text(&fleet->values, object, "correction", "Holm");
    thaw_values_set(&fleet->values, object, "level", json_real(THAW_FLEET_LEVEL));
    thaw_values_set_number(&fleet->values, object, "least_starts", THAW_FLEET_LEAST);
    thaw_values_set_number(&fleet->values, object, "nearest_starts", THAW_FLEET_COMPARED_MAX);
    return object;
}

/* Of all apps together. */
static json_t *all_starts(struct thaw_fleet *fleet)
{
    struct counts all = {0};

    for (size_t i = 0; i < fleet->apps.count; i++) {
        struct counts counts = count_starts(fleet->apps.items[i]);

        all.seen += counts.seen;
        all.answered += counts.answered;
        all.incomplete += counts.incomplete;
        all.further += counts.further;
        all.timed += counts.timed;
    }
    return counts_object(fleet, &all);
}

static json_t *build(struct thaw_fleet *fleet)
{
    struct thaw_values *values = &fleet->values;
    const struct thaw_stored_starts *stored = fleet->stored;
    json_t *root = thaw_values_object(values), *tool = thaw_values_object(values);
    json_t *removed = thaw_values_object(values), *list = thaw_values_array(values);

    thaw_values_set_text(values, root, "schema", THAW_FLEET_SCHEMA);
    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_text(values, tool, "version", THAW_VERSION);
    thaw_values_set(values, root, "tool", tool);
    thaw_values_set_text(values, root, "file", fleet->rules->file);
    thaw_values_set(values, root, "asked", asked_object(fleet));
    set_range(fleet, root);
    thaw_values_set(values, root, "watched", watched_object(fleet));
    if (fleet->requests_from_ns)
        thaw_values_set_signed(values, root, "requests_from_ns", fleet->requests_from_ns);
    else
        thaw_values_set_null(values, root, "requests_from_ns");
    thaw_values_set(values, root, "arrivals_file", thaw_fleet_supplied(fleet));
    thaw_values_set_signed(values, removed, "starts", stored->starts_removed);
    thaw_values_set_signed(values, removed, "arrivals", stored->arrivals_removed);
    thaw_values_set(values, root, "removed", removed);
    thaw_values_set_signed(values, root, "left_out", stored->left_out);
    thaw_values_set(values, root, "starts", all_starts(fleet));
    thaw_values_set(values, root, "tests", tests_object(fleet));
    for (size_t i = 0; i < fleet->apps.count && !values->failed; i++)
        thaw_values_append(values, list, app_object(fleet, fleet->apps.items[i]));
    thaw_values_set(values, root, "apps", list);
    thaw_values_set(values, root, "modules", thaw_fleet_modules(fleet, NULL));
    thaw_values_set(values, root, "days", thaw_fleet_days(fleet, NULL));
    return root;
}

static void free_all(struct thaw_fleet *fleet)
{
    for (size_t i = 0; i < fleet->apps.count; i++) {
        thaw_array_free(&fleet->apps.items[i]->starts);
        thaw_array_free(&fleet->apps.items[i]->arrivals);
        thaw_array_free(&fleet->apps.items[i]->looked);
        thaw_array_free(&fleet->apps.items[i]->spans);
    }
    HASH_CLEAR(hh, fleet->by_name);
    thaw_array_free(&fleet->spans);
    thaw_array_free(&fleet->apps);
    thaw_array_free(&fleet->comparisons);
    thaw_array_free(&fleet->deploys);
    thaw_arena_free(&fleet->arena);
}

int thaw_fleet_build(const struct thaw_stored_starts *stored, const struct thaw_fleet_rules *rules,
                     json_t **ret, struct thaw_error *error)
{
    struct thaw_fleet fleet = {.stored = stored, .rules = rules};
    json_t *root = NULL;

    tzset(); /* localtime_r() need not */
    cut_spans(&fleet);
    group(&fleet);
    if (!fleet.values.failed)
        thaw_fleet_supply(&fleet);
    if (!fleet.values.failed)
        thaw_fleet_compare(&fleet);
    if (!fleet.values.failed)
        root = build(&fleet);
    free_all(&fleet);
    if (fleet.values.failed) {
        json_decref(root);
        return thaw_error_memory(error);
    }
    *ret = root;
    return 0;
}
