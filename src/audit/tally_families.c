/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "audit/tally_app.h"

static const char app_label[] = "app";

static int add(struct thaw_families *families, enum thaw_tally_row row,
               const struct thaw_label *labels, size_t label_count, double number)
{
    struct thaw_family *family = thaw_families_add(families, &thaw_tally_rows[row]);

    return family && thaw_family_add(families, family, labels, label_count, number) ? 0 : -ENOMEM;
}

static int add_of_app(struct thaw_families *families, enum thaw_tally_row row,
                      const struct tally_app *app, double number)
{
    struct thaw_label label = {app_label, app->name};

    return add(families, row, &label, 1, number);
}

/* A copy of what it is now. */
static const struct thaw_histogram *histogram_of(struct thaw_arena *arena,
                                                 const struct tally_counts *counts,
                                                 const double *bounds, size_t bound_count,
                                                 const struct thaw_exemplar *exemplars)
{
    struct thaw_histogram *histogram = thaw_arena_allocate(arena, sizeof(*histogram));
    uint64_t *copy = thaw_arena_bytes(arena, (bound_count + 1) * sizeof(*copy));
    struct thaw_exemplar *shown =
        exemplars ? thaw_arena_bytes(arena, (bound_count + 1) * sizeof(*shown)) : NULL;

    if (!histogram || !copy || (exemplars && !shown))
        return NULL;
    memcpy(copy, counts->counts, (bound_count + 1) * sizeof(*copy));
    if (shown)
        memcpy(shown, exemplars, (bound_count + 1) * sizeof(*shown));
    *histogram = (struct thaw_histogram){
        .bounds = bounds,
        .bound_count = bound_count,
        .counts = copy,
        .exemplars = shown,
        .sum = counts->sum,
        .count = counts->count,
    };
    return histogram;
}

static int add_histogram(struct thaw_families *families, enum thaw_tally_row row,
                         const struct thaw_label *labels, size_t label_count,
                         const struct thaw_histogram *histogram)
{
    struct thaw_family *family = thaw_families_add(families, &thaw_tally_rows[row]);
    struct thaw_point *point =
        family && histogram ? thaw_family_add(families, family, labels, label_count, 0) : NULL;

    if (!point)
        return -ENOMEM;
    point->histogram = histogram;
    return 0;
}

static int add_durations(struct thaw_families *families, const struct tally_app *app)
{
    struct thaw_label labels[] = {{app_label, app->name}, {"phase", ""}};
    int code;

    if (!app->durations.count)
        return 0;
    code = add_histogram(families, THAW_TALLY_DURATION, labels, 1,
                         histogram_of(&families->arena, &app->durations, thaw_tally_duration_bounds,
                                      THAW_TALLY_DURATION_BOUNDS, app->exemplars));
    for (size_t i = 0; !code && i < app->phases.count; i++) {
        labels[1].value = app->phases.items[i].name;
        code = add_histogram(families, THAW_TALLY_PHASE, labels, 2,
                             histogram_of(&families->arena, &app->phases.items[i].counts,
                                          thaw_tally_phase_bounds, THAW_TALLY_PHASE_BOUNDS, NULL));
    }
    return code;
}

static int add_platforms(struct thaw_families *families, const struct tally_app *app)
{
    int code = 0;

    for (size_t i = 0; !code && i < app->platforms.count; i++) {
        const struct tally_platform *platform = &app->platforms.items[i];
        struct thaw_label labels[] = {{app_label, app->name},
                                      {"platform", platform->name},
                                      {"answered", "true"}};

        code = add(families, THAW_TALLY_STARTS, labels, 3, (double)platform->answered);
        labels[2].value = "false";
        if (!code)
            code = add(families, THAW_TALLY_STARTS, labels, 3, (double)platform->unanswered);
    }
    return code;
}

static int add_imports(struct thaw_families *families, const struct tally_app *app)
{
    int code =
        add_of_app(families, THAW_TALLY_IMPORT_OTHER, app, (double)app->imports.other_ns / 1e9);

    for (size_t i = 0; !code && i < app->imports.shown.count; i++) {
        const struct tally_import *import = &app->imports.shown.items[i];
        struct thaw_label labels[] = {{app_label, app->name}, {"module", import->name}};

        code = add(families, THAW_TALLY_IMPORT, labels, 2, (double)import->ns / 1e9);
        if (!code)
            code = add(families, THAW_TALLY_IMPORT_STARTS, labels, 2, (double)import->starts);
    }
    return code;
}

static int add_deployment(struct thaw_families *families, const struct tally_app *app)
{
    int64_t latest = 0;

    for (size_t i = 0; i < app->deployments.count; i++)
        if (app->deployments.items[i].first_unix_ns > latest)
            latest = app->deployments.items[i].first_unix_ns;
    return latest ? add_of_app(families, THAW_TALLY_DEPLOYMENT, app, (double)latest / 1e9) : 0;
}

struct number {
    enum thaw_tally_row row;
    double value;
};

static int add_numbers(struct thaw_families *families, const struct tally_app *app,
                       const struct number *numbers, size_t count)
{
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        code = add_of_app(families, numbers[i].row, app, numbers[i].value);
    return code;
}

static int add_starts(struct thaw_families *families, const struct tally_app *app)
{
    const struct number numbers[] = {
        {THAW_TALLY_FURTHER, (double)app->further},
        {THAW_TALLY_INCOMPLETE, (double)app->incomplete},
        {THAW_TALLY_MODULES, (double)app->modules},
        {THAW_TALLY_MODULES_FAILED, (double)app->modules_failed},
        {THAW_TALLY_IMPORTS, (double)app->imports_ns / 1e9},
    };
    int code = app->starts ? add_platforms(families, app) : 0;

    if (!code && app->starts)
        code = add_numbers(families, app, numbers, sizeof(numbers) / sizeof(numbers[0]));
    if (!code && app->starts)
        code = add_imports(families, app);
    if (!code)
        code = add_durations(families, app);
    return code ? code : add_deployment(families, app);
}

static int add_requests(struct thaw_families *families, const struct tally_app *app)
{
    const struct number numbers[] = {
        {THAW_TALLY_REQUESTS, (double)app->requests},
        {THAW_TALLY_COLD, (double)app->cold},
        {THAW_TALLY_BUSY, (double)app->busy_ns / 1e9},
        {THAW_TALLY_NOT_MEASURED, (double)app->not_measured_ns / 1e9},
        {THAW_TALLY_WAITING, (double)app->at_limit},
        {THAW_TALLY_LIMIT_KNOWN, (double)app->limit_looks},
        {THAW_TALLY_IN_FLIGHT_MOST, (double)app->most_all},
        {THAW_TALLY_PROCESSES, (double)app->processes},
    };

    return app->arrived ? add_numbers(families, app, numbers, sizeof(numbers) / sizeof(numbers[0]))
                        : 0;
}

int thaw_tally_families(const struct thaw_tally *tally, struct thaw_families *families,
                        struct thaw_error *error)
{
    const struct tally_app *app, *next;
    int code = 0;

    families->begin_unix_ns = tally->begin_unix_ns;
    HASH_ITER(hh, tally->apps, app, next)
    {
        if (!code)
            code = add_starts(families, app);
        if (!code)
            code = add_requests(families, app);
    }
    return code ? thaw_error_memory(error) : 0;
}
