/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/holm.h"
#include "base/rank_test.h"
#include "trend/fleet_parts.h"

/*
 * Is a start slower since the files of its app are others? Timed starts of the latest deployment
 * are put beside those of the one before by the test of Mann and Whitney, the total and each
 * counted phase; all tests of all apps are corrected together. It compares two times: what else
 * changed between them is in it, too.
 */

/* --- which starts --- */

/* Starts of one side, by end; the nearest to the deploy are taken. */
typedef THAW_ARRAY(const struct thaw_start *) start_list;

struct sides {
    const char *before_name, *after_name; /* NULL: by date */
    start_list before, after;
};

static void keep(struct thaw_fleet *fleet, start_list *list, const struct thaw_start *start)
{
    const struct thaw_start **added = fleet->values.failed ? NULL : thaw_array_add(list);

    if (added)
        *added = start;
    fleet->values.failed |= !added;
}

static bool has_deployment(const struct thaw_start *start)
{
    return thaw_fleet_is_timed(start) && *start->identity.deployment;
}

/* The deployment of the latest start that has one which is not NAME; NULL: there is none. */
static const char *latest_but(const struct thaw_fleet_app *app, const char *name)
{
    for (size_t i = app->starts.count; i-- > 0;) {
        const struct thaw_start *start = app->starts.items[i];

        if (has_deployment(start) && strcmp(start->identity.deployment, name) != 0)
            return start->identity.deployment;
    }
    return NULL;
}

/*
 * Starts of the latest deployment that ended after half of those of the one before had: while a
 * deploy is rolled out both come, and where one is rolled back its older ones are another time's.
 */
static void sides_by_deployment(struct thaw_fleet *fleet, const struct thaw_fleet_app *app,
                                struct sides *sides)
{
    int64_t middle;

    sides->after_name = latest_but(app, "");
    sides->before_name = sides->after_name ? latest_but(app, sides->after_name) : NULL;
    if (!sides->before_name)
        return;
    for (size_t i = 0; i < app->starts.count; i++) {
        if (has_deployment(app->starts.items[i]) &&
            !strcmp(app->starts.items[i]->identity.deployment, sides->before_name))
            keep(fleet, &sides->before, app->starts.items[i]);
    }
    if (!sides->before.count)
        return;
    middle = sides->before.items[sides->before.count / 2]->end_unix_ns;
    for (size_t i = 0; i < app->starts.count; i++) {
        if (app->starts.items[i]->end_unix_ns >= middle && has_deployment(app->starts.items[i]) &&
            !strcmp(app->starts.items[i]->identity.deployment, sides->after_name))
            keep(fleet, &sides->after, app->starts.items[i]);
    }
}

static void sides_by_date(struct thaw_fleet *fleet, const struct thaw_fleet_app *app,
                          struct sides *sides)
{
    for (size_t i = 0; i < app->starts.count; i++) {
        const struct thaw_start *start = app->starts.items[i];

        if (thaw_fleet_is_timed(start))
            keep(fleet,
                 start->begin_unix_ns < fleet->rules->deploy_unix_ns ? &sides->before
                                                                     : &sides->after,
                 start);
    }
}

/* --- one figure --- */

/* What of a start: NULL its total, or a counted phase; below 0: it has no such phase. */
static double figure_of(const struct thaw_start *start, const char *phase)
{
    double ns = 0;
    bool has = false;

    if (!phase)
        return (double)start->total_ns;
    for (size_t i = 0; i < start->phase_count; i++) {
        if (start->phases[i].counted && !strcmp(start->phases[i].name, phase)) {
            ns += (double)start->phases[i].ns;
            has = true;
        }
    }
    return has ? ns : -1;
}

static void collect(struct thaw_fleet *fleet, const start_list *list, bool latest,
                    const char *phase, thaw_fleet_numbers *ret)
{
    for (size_t i = 0; i < list->count && ret->count < THAW_FLEET_COMPARED_MAX; i++) {
        double ns = figure_of(list->items[latest ? list->count - 1 - i : i], phase);

        if (ns >= 0)
            thaw_fleet_add_number(fleet, ret, ns);
    }
}

static bool all_positive(const thaw_fleet_numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++) {
        if (numbers->items[i] <= 0)
            return false;
    }
    return true;
}

/* In both directions: twice the smaller probability. */
static int test(const thaw_fleet_numbers *before, const thaw_fleet_numbers *after, double *ret)
{
    struct thaw_rank_test up, down;
    int code = thaw_rank_test(before->items, before->count, after->items, after->count, &up);

    if (!code)
        code = thaw_rank_test(after->items, after->count, before->items, before->count, &down);
    if (code)
        return code;
    *ret = 2 * (up.probability < down.probability ? up.probability : down.probability);
    *ret = *ret > 1 ? 1 : *ret;
    return 0;
}

static int measure(struct thaw_fleet_comparison *comparison, const thaw_fleet_numbers *before,
                   const thaw_fleet_numbers *after)
{
    int code = 0;

    comparison->before_count = before->count;
    comparison->after_count = after->count;
    if (before->count)
        code = thaw_statistics_median(before->items, before->count, &comparison->before);
    if (!code && after->count)
        code = thaw_statistics_median(after->items, after->count, &comparison->after);
    comparison->tested = before->count >= THAW_FLEET_LEAST && after->count >= THAW_FLEET_LEAST;
    if (code || !comparison->tested)
        return code;
    code = test(before, after, &comparison->probability);
    if (!code && all_positive(before) && all_positive(after))
        code = thaw_statistics_median_ratio(before->items, before->count, after->items,
                                            after->count, &comparison->ratio);
    return code;
}

static void compare_figure(struct thaw_fleet *fleet, const struct sides *sides, const char *phase)
{
    struct thaw_fleet_comparison *comparison = thaw_array_add(&fleet->comparisons);
    thaw_fleet_numbers before = {0}, after = {0};

    fleet->values.failed |= !comparison;
    if (!comparison)
        return;
    comparison->phase = phase;
    collect(fleet, &sides->before, true, phase, &before);
    collect(fleet, &sides->after, false, phase, &after);
    if (!fleet->values.failed && measure(comparison, &before, &after) != 0)
        fleet->values.failed = true;
    comparison->adjusted = comparison->probability;
    thaw_array_free(&before);
    thaw_array_free(&after);
}

/* Each name once, in the order of the latest start that has them. */
static void compare_phases(struct thaw_fleet *fleet, const struct sides *sides)
{
    const struct thaw_start *start = sides->after.items[sides->after.count - 1];

    for (size_t i = 0; i < start->phase_count; i++) {
        bool again = false;

        for (size_t j = 0; j < i; j++)
            again |=
                start->phases[j].counted && !strcmp(start->phases[j].name, start->phases[i].name);
        if (start->phases[i].counted && !again)
            compare_figure(fleet, sides, start->phases[i].name);
    }
}

static void compare_app(struct thaw_fleet *fleet, struct thaw_fleet_app *app)
{
    struct sides sides = {0};
    struct thaw_fleet_deploy *deploy;

    if (fleet->rules->deploy_unix_ns)
        sides_by_date(fleet, app, &sides);
    else
        sides_by_deployment(fleet, app, &sides);
    if (sides.before.count && sides.after.count && !fleet->values.failed) {
        deploy = thaw_array_add(&fleet->deploys);
        fleet->values.failed |= !deploy;
        if (deploy)
            *deploy = (struct thaw_fleet_deploy){
                .before = sides.before_name,
                .after = sides.after_name,
                .unix_ns = sides.after.items[0]->begin_unix_ns,
                .before_starts = sides.before.count,
                .after_starts = sides.after.count,
                .first = fleet->comparisons.count,
            };
        compare_figure(fleet, &sides, NULL);
        compare_phases(fleet, &sides);
        if (deploy) {
            deploy->count = fleet->comparisons.count - deploy->first;
            app->deploy = fleet->deploys.count;
        }
    }
    thaw_array_free(&sides.before);
    thaw_array_free(&sides.after);
}

void thaw_fleet_compare(struct thaw_fleet *fleet)
{
    double **probabilities;

    for (size_t i = 0; !fleet->values.failed && i < fleet->apps.count; i++)
        compare_app(fleet, fleet->apps.items[i]);
    probabilities = calloc(fleet->comparisons.count + 1, sizeof(*probabilities));
    fleet->values.failed |= !probabilities;
    for (size_t i = 0; !fleet->values.failed && i < fleet->comparisons.count; i++) {
        if (fleet->comparisons.items[i].tested)
            probabilities[fleet->tests++] = &fleet->comparisons.items[i].adjusted;
    }
    if (probabilities)
        thaw_holm_adjust(probabilities, fleet->tests);
    free((void *)probabilities);
}

/* --- as JSON --- */

static const char *verdict_of(const struct thaw_fleet_comparison *comparison)
{
    if (!comparison->tested)
        return "too_few";
    if (comparison->adjusted >= THAW_FLEET_LEVEL)
        return "no_difference_shown";
    return comparison->after > comparison->before ? "slower" : "faster";
}

static json_t *side_object(struct thaw_fleet *fleet, size_t count, double median)
{
    json_t *object = thaw_values_object(&fleet->values);

    thaw_values_set_number(&fleet->values, object, "count", count);
    if (count)
        thaw_fleet_set_ns(fleet, object, "median_ns", median);
    else
        thaw_values_set_null(&fleet->values, object, "median_ns");
    return object;
}

static json_t *ratio_object(struct thaw_fleet *fleet, const struct thaw_interval *ratio)
{
    json_t *object;

    if (ratio->coverage == 0)
        return json_null();
    object = thaw_values_object(&fleet->values);
    thaw_fleet_set_share(fleet, object, "low", ratio->low);
    thaw_fleet_set_share(fleet, object, "middle", ratio->middle);
    thaw_fleet_set_share(fleet, object, "high", ratio->high);
    return object;
}

static json_t *comparison_object(struct thaw_fleet *fleet,
                                 const struct thaw_fleet_comparison *comparison)
{
    struct thaw_values *values = &fleet->values;
    json_t *object = thaw_values_object(values);

    if (comparison->phase)
        thaw_values_set_text(values, object, "phase", comparison->phase);
    else
        thaw_values_set_null(values, object, "phase");
    thaw_values_set_text(values, object, "verdict", verdict_of(comparison));
    thaw_values_set(values, object, "before",
                    side_object(fleet, comparison->before_count, comparison->before));
    thaw_values_set(values, object, "after",
                    side_object(fleet, comparison->after_count, comparison->after));
    thaw_values_set(values, object, "ratio", ratio_object(fleet, &comparison->ratio));
    if (comparison->tested) {
        thaw_values_set(values, object, "probability", json_real(comparison->probability));
        thaw_values_set(values, object, "corrected_probability", json_real(comparison->adjusted));
    } else {
        thaw_values_set_null(values, object, "probability");
        thaw_values_set_null(values, object, "corrected_probability");
    }
    return object;
}

static void set_deployment(struct thaw_fleet *fleet, json_t *object, const char *key,
                           const char *name)
{
    if (name)
        thaw_values_set_text(&fleet->values, object, key, name);
    else
        thaw_values_set_null(&fleet->values, object, key);
}

json_t *thaw_fleet_deploy(struct thaw_fleet *fleet, const struct thaw_fleet_app *app)
{
    struct thaw_values *values = &fleet->values;
    const struct thaw_fleet_deploy *deploy;
    json_t *object, *list;

    if (!app->deploy)
        return json_null();
    deploy = &fleet->deploys.items[app->deploy - 1];
    object = thaw_values_object(values);
    list = thaw_values_array(values);
    thaw_values_set_text(values, object, "by", deploy->after ? "files" : "date");
    thaw_fleet_set_time(fleet, object, "first_start", deploy->unix_ns);
    set_deployment(fleet, object, "before", deploy->before);
    set_deployment(fleet, object, "after", deploy->after);
    thaw_values_set_number(values, object, "starts_before", deploy->before_starts);
    thaw_values_set_number(values, object, "starts_after", deploy->after_starts);
    for (size_t i = 0; i < deploy->count; i++)
        thaw_values_append(values, list,
                           comparison_object(fleet, &fleet->comparisons.items[deploy->first + i]));
    thaw_values_set(values, object, "comparisons", list);
    return object;
}
